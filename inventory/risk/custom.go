package risk

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/strict"
)

// Custom is a rule of the user's own. What it says is judged by the same machinery as every other rule: its base and
// modifiers make the score, the facts of whom it holds for answer the four questions.
type Custom struct {
	ID, Title, Why, Fix string
	Of                  string // a noun of [CustomNouns]
	Base                int    // 0 to 100
	Modifiers           []string
	Controls            []string
	Known               string // the published incident or flaw that this is the pattern of
	Text                string // of the condition, as written
	Place               inventory.Evidence

	// When says whether it holds. Say, where it is not nil, is the sentence that says what made it hold. An error ends
	// nothing: it becomes a finding of RUL-01 about the configuration.
	When func(*Matter) (bool, error)
	Say  func(*Matter) (string, error)
}

// Matter is what a rule of the user's own is asked about: a subject, and for some nouns one thing of it.
type Matter struct {
	Subject
	Entitlement *inventory.Entitlement // of Assistant
	Resource    *inventory.Resource    // that Assistant reaches
}

// Lamps are the three legs of the assistant.
func (m *Matter) Lamps() LampSet { return m.profile().lampSet() }

// Production reports whether a name holds a word that means production.
func (m *Matter) Production(name string) bool { return m.w.p.production(name) != "" }

// CustomNouns lists what a rule of the user's own can be about.
func CustomNouns() []string {
	return []string{"assistant", "secret", "tool", "owner", "entitlement", "resource", "source"}
}

// nounOf is the noun of the subject of a finding; a right or a resource is told of the assistant that has or reaches it.
var nounOf = map[string]inventory.Noun{"assistant": inventory.NounAssistant, "secret": inventory.NounSecret, "tool": inventory.NounTool,
	"owner": inventory.NounOwner, "entitlement": inventory.NounAssistant, "resource": inventory.NounAssistant, "source": NounSource}

// Problem is something wrong with one key of a rule of the user's own.
type Problem struct{ Key, Text string }

var customID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{1,39}$`)

// NewRule checks a rule of the user's own. With problems it is not fit for use.
func NewRule(c Custom) (Rule, []Problem) {
	r := Rule{ID: c.ID, Title: inventory.Clean(c.Title), Why: inventory.Clean(c.Why), Fix: inventory.Clean(c.Fix), Base: c.Base, Of: nounOf[c.Of],
		Custom: &c}
	var bad []Problem
	put := func(key, text string) { bad = append(bad, Problem{key, text}) }
	switch {
	case !customID.MatchString(c.ID):
		put("id", "must be a letter, then letters, digits, dots and dashes, 40 at most: ACME-01")
	case slices.ContainsFunc(shipped().rules, func(x Rule) bool { return strings.EqualFold(x.ID, c.ID) }):
		put("id", "is that of a built-in rule; take another one, and switch that rule off under [policy.off] where yours replaces it")
	}
	for _, f := range []struct{ key, v, say string }{{"title", c.Title, "say in a few words what is wrong"}, {"why", c.Why, "say why it matters"},
		{"fix", c.Fix, "say what to do"}} {
		if strings.TrimSpace(f.v) == "" {
			put(f.key, "is missing; "+f.say)
		}
	}
	if r.Of == "" {
		put("of", "must be a noun; "+strict.Advise(c.Of, CustomNouns()))
	}
	if c.Base < 0 || c.Base > 100 {
		put("base", "must be from 0 to 100")
	}
	r.Mods, r.Reduce, bad = splitModifiers(c.Modifiers, bad)
	r.Controls, bad = findControls(c.Controls, bad)
	r.Check = func(s Subject, _ Policy) []Hit { return c.check(s) }
	return r, bad
}

func splitModifiers(codes []string, bad []Problem) (raise, lower []string, _ []Problem) {
	reg := shipped()
	var known []string
	for code := range reg.modifiers {
		if modifierChecks[code] != nil && !strings.HasPrefix(code, "tox-") {
			known = append(known, code)
		}
	}
	slices.Sort(known)
	for i, code := range codes {
		switch {
		case !slices.Contains(known, code):
			bad = append(bad, Problem{"modifiers", fmt.Sprintf("entry %d is no modifier; %s", i+1, strict.Advise(code, known))})
		case slices.Contains(codes[:i], code):
			bad = append(bad, Problem{"modifiers", fmt.Sprintf("entry %d, %s, stands twice; take one out", i+1, code)})
		case reg.modifiers[code].Points < 0:
			lower = append(lower, code)
		default:
			raise = append(raise, code)
		}
	}
	return raise, lower, bad
}

func findControls(ids []string, bad []Problem) ([]inventory.Control, []Problem) {
	var out []inventory.Control
	for i, id := range ids {
		at := slices.IndexFunc(shipped().frameworks, func(f Framework) bool {
			return strings.EqualFold(f.ID, id) || f.Alias != "" && strings.EqualFold(f.Alias, id)
		})
		if at < 0 {
			var known []string
			for _, f := range shipped().frameworks {
				known = append(known, f.ID)
			}
			text := fmt.Sprintf("entry %d is no control of a known framework; nhitop controls lists them", i+1)
			if near := strict.Nearest(id, known); near != "" {
				text = fmt.Sprintf("entry %d is no control of a known framework; did you mean %q?", i+1, near)
			}
			bad = append(bad, Problem{"controls", text})
			continue
		}
		f := shipped().frameworks[at]
		out = append(out, inventory.Control{Framework: f.Framework, ID: f.ID, Alias: f.Alias})
	}
	return out, bad
}

// check asks the condition about a subject, or about each right or resource of it.
func (c *Custom) check(s Subject) []Hit {
	var hits []Hit
	for _, m := range c.matters(s) {
		ok, err := c.When(m)
		if err == nil && !ok {
			continue
		}
		h := c.hit(m)
		if err == nil && c.Say != nil {
			h.Detail, err = c.Say(m)
		}
		if err != nil {
			h = Hit{fault: fmt.Sprintf("%s: %v", m.named(), err)}
		}
		h.Detail = inventory.Clean(h.Detail)
		hits = append(hits, h)
	}
	return hits
}

func (c *Custom) matters(s Subject) []*Matter {
	var ms []*Matter
	switch c.Of {
	case "entitlement":
		for _, e := range s.profile().grants {
			if e.Assistant == s.Assistant.ID {
				ms = append(ms, &Matter{Subject: s, Entitlement: e})
			}
		}
	case "resource":
		seen := map[inventory.ID]bool{}
		for _, e := range s.profile().grants {
			if x := s.w.resource(e.Resource); x != nil && !seen[x.ID] {
				seen[x.ID] = true
				ms = append(ms, &Matter{Subject: s, Resource: x})
			}
		}
	default:
		ms = append(ms, &Matter{Subject: s})
	}
	return ms
}

// named names what a condition was asked about.
func (m *Matter) named() string {
	switch {
	case m.Entitlement != nil:
		return fmt.Sprintf("the right of %s to %s", m.label(), doing(m.Entitlement.Capability))
	case m.Resource != nil:
		return fmt.Sprintf("%s %s, reached by %s", m.Resource.Kind, quote(m.Resource.Name), m.label())
	case m.Secret != nil:
		return placed(m.Secret)
	}
	return m.label()
}

// hit is where a rule holds. What ends the thing itself closes the finding too, so that it is told with the others about it.
func (c *Custom) hit(m *Matter) Hit {
	do := c.Fix
	own := Change{Kind: "own", Key: c.ID + "|" + string(m.ID()), Subject: m.ID(), Title: short(firstSentence(c.Fix), maxQuoted) + ": " + m.named(), Do: do}
	h := Hit{Detail: fmt.Sprintf("%s is as your rule says: %s.", m.named(), short(strings.Join(strings.Fields(c.Text), " "), maxReason)),
		Known: inventory.Clean(c.Known), Changes: []Change{own}}
	switch {
	case m.Entitlement != nil:
		h.Key, h.Evidence = string(m.Entitlement.ID), m.Entitlement.Evidence
		h.Secrets = viaSecrets([]*inventory.Entitlement{m.Entitlement})
	case m.Resource != nil:
		h.Key, h.Evidence = string(m.Resource.ID), m.Resource.Evidence
	case m.Secret != nil:
		h.Evidence = placeEvidence(m.Secret, everywhere)
		h.Changes = append(h.Changes, revoke(m.Secret, do))
	case m.Tool != nil:
		h.Evidence, h.Changes = m.Tool.Evidence, []Change{fixServer(m.Subject, do)}
	case m.Assistant != nil:
		h.Evidence = m.Assistant.Evidence
	case m.Owner != nil:
		h.Evidence = m.Owner.Evidence
	}
	if h.Key != "" {
		h.Changes[0].Key += "|" + h.Key
	}
	if len(h.Evidence) == 0 && m.Assistant != nil {
		h.Evidence = m.Assistant.Evidence
	}
	return h
}

func firstSentence(s string) string {
	s, _, _ = strings.Cut(s, ". ")
	return strings.TrimSuffix(s, ".")
}

// configuration stands for the configuration as the subject of a finding.
var configuration = &inventory.SourceStatus{Name: "configuration"}

// ConfigurationID is the subject of findings about the configuration itself.
func ConfigurationID() inventory.ID { return SourceID(configuration.Name) }

// metaRules are about the rules themselves: pen.fault makes their findings.
var metaRules = []row{{faultRule, NounSource, func(Subject, Policy) []Hit { return nil }}}

const faultRule = "RUL-01"

// fault makes one finding of all that a rule of the user's own stumbled over: the first in words, and how many more.
func (p *pen) fault(r *Rule, first string, others int) {
	at := slices.IndexFunc(shipped().rules, func(x Rule) bool { return x.ID == faultRule })
	if _, off := p.w.p.Off[faultRule]; off || at < 0 {
		return
	}
	more := ""
	if others > 0 {
		more = fmt.Sprintf(" The same or another error for %d more.", others)
	}
	h := &Hit{Key: r.ID, Detail: fmt.Sprintf("Your rule %s could not be asked about %s.%s", r.ID, inventory.Clean(first), more),
		Changes: []Change{{Kind: "own-rule", Key: r.ID, Subject: ConfigurationID(), Title: "mend your rule " + r.ID, Do: "Mend its condition, or switch it off under [policy.off]."}}}
	if r.Custom != nil && cmp.Or(r.Custom.Place.Path, "") != "" {
		h.Evidence = []inventory.Evidence{r.Custom.Place}
	}
	p.make(p.w.asked(&shipped().rules[at], at), Subject{Source: configuration, w: p.w}, h)
}
