package risk

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"nhitop/inventory"
)

const (
	maxListed   = 3   // names in one sentence
	maxQuoted   = 60  // characters of a rule or setting in a sentence
	maxReason   = 160 // characters of a reason that a source gave
	maxEvidence = 20  // places of one finding
	maxSentence = 600 // characters of a detail
)

// name says which assistant, with its place where it is not the user's own.
func name(a *inventory.Assistant) string {
	n := a.Kind
	if n == "" || n == "custom" {
		n = cmp.Or(a.Name, "assistant")
	}
	switch {
	case a.Job != nil:
		return fmt.Sprintf("%s in job %s of %s", n, a.Job.Name, cmp.Or(a.Job.Workflow, a.Path))
	case a.Scope == "org" && a.Path != "":
		if a.Name != "" && a.Name != n {
			n = a.Name
		}
		return n + " in " + a.Path
	case a.Scope == "project" && a.Path != "":
		return n + " in " + a.Path
	case a.Scope == "user" && a.Path != "" && !strings.HasPrefix(a.Path, "~"): // several homes
		return n + " of " + a.Path
	}
	return n
}

// called says which secret, by kind and what may be shown of it. A secret of a CI is known by its name there.
func called(x *inventory.Secret) string {
	n := cmp.Or(x.Kind, "secret")
	switch {
	case x.Storage == inventory.StorageCI && x.Hint == "" && ciName.MatchString(x.Note):
		return n + " " + quote(x.Note)
	case x.Hint != "":
		return n + " …" + x.Hint
	case x.Account != "":
		return n + " of " + quote(x.Account)
	}
	return n
}

// ciName is what a forge takes as the name of a secret or variable; * stands for all that a job is handed on.
var ciName = regexp.MustCompile(`^(?:[A-Za-z_][A-Za-z0-9_]*|\*)$`)

// placed is called with the first place of the secret.
func placed(x *inventory.Secret) string {
	if ps := pathsOf(x, everywhere); len(ps) > 0 {
		return called(x) + " in " + ps[0]
	}
	return called(x)
}

func everywhere(inventory.Location) bool { return true }

// quote cuts a text for a sentence.
func quote(s string) string { return short(s, maxQuoted) }

func short(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// list names the first few of several and counts the others.
func list(xs []string) string {
	if len(xs) <= maxListed {
		return strings.Join(xs, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(xs[:maxListed], ", "), len(xs)-maxListed)
}

// count puts a number before a noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func callNames(xs []*inventory.Secret) []string {
	names := make([]string, 0, len(xs))
	for _, x := range xs {
		names = append(names, called(x))
	}
	slices.Sort(names)
	return names
}

func secretNames(xs []*inventory.Secret) []string {
	names := make([]string, 0, len(xs))
	for _, x := range xs {
		names = append(names, placed(x))
	}
	slices.Sort(names)
	return names
}

// settingEvidence points at settings.
func settingEvidence(ss ...*inventory.Setting) []inventory.Evidence {
	var es []inventory.Evidence
	for _, s := range ss {
		if s == nil || s.Path == "" {
			continue
		}
		note := s.Name
		if s.Value != "" {
			note += " = " + quote(s.Value)
		}
		es = append(es, inventory.Evidence{Path: s.Path, Pointer: s.Pointer, Line: s.Line, Note: note})
	}
	return es
}

// placeEvidence points at the places of a secret that are wanted.
func placeEvidence(x *inventory.Secret, want func(inventory.Location) bool) []inventory.Evidence {
	var es []inventory.Evidence
	for _, l := range x.Locations {
		if l.Path != "" && want(l) {
			es = append(es, inventory.Evidence{Path: l.Path, Pointer: l.Pointer, Line: l.Line, Note: x.Kind})
		}
	}
	return es
}

// tidy sorts evidence by place, drops doubles and keeps it short. A list that is in order already is returned as it is: it
// may be a record's own, and nobody may append to it in place.
func tidy(es []inventory.Evidence) []inventory.Evidence {
	ok := len(es) <= maxEvidence
	for i := 1; ok && i < len(es); i++ {
		ok = compareEvidence(es[i-1], es[i]) <= 0 && !samePlace(es[i-1], es[i])
	}
	if ok {
		return slices.Clip(es)
	}
	es = slices.Clone(es)
	slices.SortFunc(es, compareEvidence)
	es = slices.CompactFunc(es, samePlace)
	return slices.Clip(es[:min(len(es), maxEvidence)])
}

func compareEvidence(a, b inventory.Evidence) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Pointer, b.Pointer),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Note, b.Note), a.ObservedAt.Compare(b.ObservedAt))
}

func samePlace(a, b inventory.Evidence) bool {
	return a.Path == b.Path && a.Pointer == b.Pointer && a.Line == b.Line
}

func sentence(s string) string { return short(s, maxSentence) }
