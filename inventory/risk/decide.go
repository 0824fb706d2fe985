package risk

import (
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// answers are those to the four questions, each 0 (mild) to 2 (bad).
type answers struct{ evidence, reach, power, gate uint8 }

var (
	evidenceWords = []string{"none", "known", "active"}
	reachWords    = []string{"contained", "internal", "production"}
	powerNames    = []string{"read", "write", "control"}
	gateWords     = []string{"gated", "partial", "open"}
)

func parseAnswers(row []string) (answers, bool) {
	if len(row) != 5 {
		return answers{}, false
	}
	e, r := slices.Index(evidenceWords, row[0]), slices.Index(reachWords, row[1])
	p, g := slices.Index(powerNames, row[2]), slices.Index(gateWords, row[3])
	return answers{uint8(e), uint8(r), uint8(p), uint8(g)}, e >= 0 && r >= 0 && p >= 0 && g >= 0
}

// reasons are the answers in words.
type reasons struct{ evidence, reach, power, gate string }

// answer asks the four questions. What is not known takes the worst answer for the gate and the middle one for the reach.
func (c *scene) answer() (answers, reasons) {
	var a answers
	var y reasons
	a.evidence, y.evidence = c.evidence()
	if c.subject.Source != nil || c.subject.Owner != nil {
		a.reach, a.power, a.gate = 1, powerRead, 2
		y.reach, y.power, y.gate = "it bears on all numbers shown", "by itself it changes nothing", "nobody is asked before it counts"
		return a, y
	}
	a.reach, y.reach = c.reach()
	a.power, y.power = c.power()
	a.gate, y.gate = c.gate()
	return a, y
}

func (c *scene) evidence() (uint8, string) {
	for _, f := range c.what {
		leaked := f.leaked()
		if leaked != "" && f.x.State == inventory.StateLive && (c.aboutSecret() || len(c.rule.Parts) > 0) {
			return 2, "the secret is " + leaked + " and still accepted"
		}
		if leaked != "" && c.aboutSecret() {
			return 1, "the secret is " + leaked + ", and nobody has shown that it is dead"
		}
	}
	if c.hit.Known != "" {
		return 1, "this is how " + c.hit.Known + " worked"
	}
	return 0, ""
}

func (c *scene) reach() (uint8, string) {
	for _, f := range c.what {
		if f.prod != "" {
			return 2, "it reaches production (" + f.prod + ")"
		}
	}
	if p := c.self(); p != nil {
		switch {
		case p.prod != "":
			return 2, "it reaches production (" + p.prod + ")"
		case p.nonprod != "":
			return 0, p.nonprod
		case p.isolated() && (p.a.Network == "none" || p.a.Network == "allowlist") && len(p.held) == 0:
			return 0, "it is isolated and holds nothing"
		}
	}
	if why := c.all(func(f *secretFacts) string { return f.nonprod }, func(p *profile) string { return p.nonprod }); why != "" {
		return 0, why
	}
	return 1, "how far it reaches is not known, so inside the company is assumed"
}

func (c *scene) power() (uint8, string) {
	var g strongest
	if p := c.self(); p != nil && p.power.set {
		g.put(p.power.grade, p.power.why)
	}
	for _, vague := range []bool{false, true} {
		for _, f := range c.what {
			if f.vague == vague {
				g.put(f.power.grade, f.power.why)
			}
		}
	}
	if !g.set {
		return powerWrite, "what it may do is not known"
	}
	return g.grade, g.why
}

func (c *scene) gate() (uint8, string) {
	p := c.self()
	if p == nil {
		return c.secretGate()
	}
	if c.subject.Tool != nil && c.subject.Tool.AutoApproved && !p.isolated() {
		return 2, "its tools run without asking"
	}
	return p.gate()
}

// secretGate is what stands between a secret and its use: nothing where others can take it, else the mode of those that
// hold it. A bearer of it is never asked, so it is partial at best.
func (c *scene) secretGate() (uint8, string) {
	short := len(c.what) > 0
	for _, f := range c.what {
		short = short && f.shortLived(c.w.now, c.w.p.ShortLived)
	}
	if short {
		return 1, "it ends within a day"
	}
	for _, f := range c.what {
		if f.leaked() != "" || slices.ContainsFunc(f.x.Locations, func(l inventory.Location) bool { return here(l) && worldReadable(l.Mode) }) {
			return 2, "whoever reads it can use it, nobody is asked"
		}
	}
	for _, p := range c.who {
		if g, why := p.gate(); g == 2 {
			return 2, p.name + " can use it: " + why
		}
	}
	if len(c.who) == 0 {
		return 2, "who uses it is not known, so the worst is assumed"
	}
	return 1, "only its own user can read it, and what can use it asks or is confined"
}

func (p *profile) gate() (uint8, string) {
	if j := p.a.Job; j != nil && j.Outsiders == inventory.Yes {
		return 2, "no person stands between an outsider and the job"
	}
	switch p.a.Autonomy {
	case inventory.AutonomySuggest:
		return 0, "it only proposes"
	case inventory.AutonomyAsk:
		if p.isolated() || p.a.Sandbox == inventory.SandboxWorkspace {
			return 0, "a person approves each act and a sandbox confines it"
		}
		return 1, "a person approves each act, but nothing confines it"
	case inventory.AutonomyAutoEdit:
		if p.may(inventory.ExecLocal) != inventory.Yes {
			return 1, "it edits without asking, and asks for the rest"
		}
	case inventory.AutonomyAuto, inventory.AutonomyUnattended:
		if p.isolated() {
			return 1, "it runs without asking, isolated"
		}
		if p.a.Sandbox == inventory.SandboxWorkspace && p.a.Autonomy == inventory.AutonomyAuto {
			return 1, "it runs without asking, confined to its work tree"
		}
	default:
		return 2, "how far it goes alone is not known, so the worst is assumed"
	}
	return 2, "it acts without asking"
}

// milder are the answers in words that would give a milder decision: for an assistant, for a secret.
var milder = struct {
	gate, power, reach, evidence [2][2]string // [value][about a secret]
}{
	gate: [2][2]string{
		{"a person approves each act and a sandbox confines it", "its use needs a person's approval"},
		{"a person approves each act, or a container or VM isolates it", "it ends within a day, or only a user whose assistants ask can read it"},
	},
	power:    [2][2]string{{"it can only read", "it can only read"}, {"it can write at most, not administer, merge, deploy or hand out access", "it can write at most, not administer, merge, deploy or hand out access"}},
	reach:    [2][2]string{{"it reaches nothing of value", "it opens nothing of value"}, {"it no longer reaches production", "it does not open production"}},
	evidence: [2][2]string{{"the pattern no longer fits", "it is proven dead"}, {"it is revoked", "it is revoked"}},
}

// change looks for the nearest change of a single answer that gives a milder decision.
func (c *scene) change(a answers, d inventory.Decision) string {
	about := 0
	if c.aboutSecret() {
		about = 1
	}
	table := shipped().table
	for step := uint8(1); step <= 2; step++ {
		for _, q := range []struct {
			of    *uint8
			words [2][2]string
		}{{&a.gate, milder.gate}, {&a.power, milder.power}, {&a.reach, milder.reach}, {&a.evidence, milder.evidence}} {
			if *q.of < step {
				continue
			}
			*q.of -= step
			next, now := c.decision(table[a], a), *q.of
			*q.of += step
			if next.Rank() > d.Rank() {
				return label(next) + " when " + q.words[now][about]
			}
		}
	}
	return ""
}

// decision raises the table's answer for a combination: at least ATTEND, and ACT NOW in production or with a live leak.
func (c *scene) decision(d inventory.Decision, a answers) inventory.Decision {
	switch {
	case len(c.rule.Parts) == 0:
		return d
	case a.reach == 2 || a.evidence == 2:
		return inventory.ActNow
	case d == inventory.Track:
		return inventory.Attend
	}
	return d
}

// decide returns the decision, and appends the reason for it in one line to a text.
func (c *scene) decide(line []byte) (inventory.Decision, []byte) {
	a, y := c.answer()
	d := c.decision(shipped().table[a], a)
	told := [4]string{y.evidence, y.reach, y.power, y.gate}
	if a.reach < 2 { // what is assumed comes after what is known
		told = [4]string{y.evidence, y.power, y.gate, y.reach}
	}
	line = append(append(line, label(d)...), " because: "...)
	first := true
	for _, s := range told {
		if s == "" {
			continue
		}
		if !first {
			line = append(line, "; "...)
		}
		line, first = append(line, s...), false
	}
	line = append(line, '.')
	if next := c.change(a, d); next != "" {
		line = append(append(append(line, becomes...), next...), '.')
	}
	return d, line
}

func label(d inventory.Decision) string {
	switch d {
	case inventory.ActNow:
		return "ACT NOW"
	case inventory.Attend:
		return "ATTEND"
	case inventory.Track:
		return "TRACK"
	}
	return strings.ToUpper(strings.ReplaceAll(string(d), "-", " "))
}

// Due is until when a finding of that decision must be dealt with. An unknown first sight gives an unknown end.
func (p Policy) Due(d inventory.Decision, firstSeen time.Time) time.Time {
	if firstSeen.IsZero() {
		return time.Time{}
	}
	switch d {
	case inventory.ActNow:
		return firstSeen.Add(p.ActNowWithin)
	case inventory.Attend:
		return firstSeen.Add(p.AttendWithin)
	}
	return firstSeen.Add(p.TrackWithin)
}
