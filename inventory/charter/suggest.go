package charter

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
)

// Suggest writes a first charter for each of these assistants as TOML for the configuration: what is certain, less what
// is known not to be used. What is not known is a comment. unused is as in [Set]. An id that is no assistant's is left out.
func Suggest(s *inventory.Snapshot, ids []inventory.ID, unused time.Duration) string {
	r := s.Records()
	f := newFacts(&r, unused, s.At())
	var parts []string
	for _, id := range ids {
		if a := s.Assistant(id); a != nil {
			parts = append(parts, f.suggest(s, a))
		}
	}
	return strings.Join(parts, "\n")
}

func (f *facts) suggest(s *inventory.Snapshot, a *inventory.Assistant) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	what := cmp.Or(a.Kind, "assistant")
	if a.Job != nil {
		what += " in job " + a.Job.Name + " of " + a.Job.Workflow
	}
	if a.Path != "" {
		what += " in " + a.Path
	}
	line("# %s", comment(what))
	line("[[charter]]")
	line("id = %s", quote(string(a.ID)))
	if a.Purpose != "" {
		line("purpose = %s", quote(a.Purpose))
	} else {
		line("purpose = \"\" # unknown: one sentence, what it is for")
	}
	f.ownersLine(s, a, line)
	f.reachLines(a, line)
	f.capabilityLines(a, line)
	line("expires = %s # a first end, half a year from now", quote(f.now.AddDate(0, 6, 0).Format(time.DateOnly)))
	line("review = \"90d\"")
	line("# reviewed = %s # the day on which the owner has agreed to this", quote(f.now.Format(time.DateOnly)))
	line("# tier = 2 # 1 critical, 2, 3")
	return b.String()
}

func (f *facts) ownersLine(s *inventory.Snapshot, a *inventory.Assistant, line func(string, ...any)) {
	var people, others []string
	for _, id := range a.Owners {
		o := s.Owner(id)
		if o == nil || o.Status == "departed" {
			continue
		}
		word := cmp.Or(o.Email, o.Name)
		if o.Kind == "person" {
			people = append(people, word)
		} else {
			others = append(others, word)
		}
	}
	slices.Sort(people)
	slices.Sort(others)
	all := append(people, others...)
	if len(all) == 0 {
		line("owner = \"\" # unknown: who answers for it")
		return
	}
	line("owner = %s # by the evidence that was found; check it", quote(all[0]))
	if len(all) > 1 {
		line("# deputy = %s", quote(all[1]))
	}
}

// reachLines tell repositories and environments that are certain.
func (f *facts) reachLines(a *inventory.Assistant, line func(string, ...any)) {
	var repos, envs []string
	assumed := false
	for _, e := range f.entitlements[a.ID] {
		x := f.resources[e.Resource]
		if !e.Certain || e.Gate == inventory.GateBlocked || x != nil && x.Kind == "machine" {
			continue
		}
		env := e.Environment
		if x != nil {
			if x.Kind == "repository" && x.Name != "" {
				repos = append(repos, x.Name)
			}
			assumed = assumed || env == "" && x.EnvironmentAssumed
			env = cmp.Or(env, x.Environment)
		}
		if env != "" && env != "unknown" {
			envs = append(envs, env)
		}
	}
	put := func(key string, xs []string, note string) {
		slices.Sort(xs)
		if xs = slices.Compact(xs); len(xs) == 0 {
			line("# %s = [] # unknown: none was seen", key)
			return
		}
		line("%s = [%s]%s", key, quoted(xs), note)
	}
	put("repositories", repos, "")
	note := ""
	if assumed {
		note = " # some by a name only"
	}
	put("environments", envs, note)
}

func (f *facts) capabilityLines(a *inventory.Assistant, line func(string, ...any)) {
	seen, excess := f.observed(a), f.excess(a)
	possible := map[inventory.Capability]bool{}
	for _, e := range f.entitlements[a.ID] {
		if !e.Certain && e.Gate != inventory.GateBlocked {
			possible[e.Capability] = true
		}
	}
	var certain, idle, maybe, unknown []string
	for _, c := range inventory.Capabilities() {
		switch v := seen[c]; {
		case v != "" && slices.Contains(excess, c):
			idle = append(idle, string(c))
		case v == inventory.Asks:
			certain = append(certain, asks+string(c))
		case v == inventory.Yes:
			certain = append(certain, string(c))
		case possible[c]:
			maybe = append(maybe, string(c))
		case a.Capabilities[c] != inventory.No:
			unknown = append(unknown, string(c))
		}
	}
	line("capabilities = [%s]", quoted(certain))
	for _, left := range []struct {
		xs  []string
		why string
	}{{idle, "left out, for it was not used for " + strconv.Itoa(int(f.unused/day)) + " days"}, {maybe, "left out, for it is possible and not certain"}, {unknown, "unknown"}} {
		if len(left.xs) > 0 {
			line("# %s: %s", left.why, strings.Join(left.xs, " "))
		}
	}
}

func quoted(xs []string) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = quote(x)
	}
	return strings.Join(out, ", ")
}

// quote writes a TOML basic string (TOML 1.0).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, "\\u%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// comment keeps a text on its line.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
