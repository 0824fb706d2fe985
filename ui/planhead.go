package ui

import (
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// who says what is taken away, where it stands and what it reaches: in full for one thing, in a line each for several, for the
// steps are what the page is about.
func (p *planPage) who(b *pageLines, w int) {
	if p.snap == nil {
		return
	}
	if len(p.plan.Targets) == 1 {
		p.whole(b, p.plan.Targets[0].ID, w)
		b.add(nil)
		return
	}
	const most = 5
	seen, n := map[inventory.ID]bool{}, 0
	for _, t := range p.plan.Targets {
		text := p.brief(t.ID)
		if text == "" || seen[t.ID] {
			continue
		}
		seen[t.ID] = true
		if n++; n <= most {
			b.add(styledLine{{Text: " " + map[bool]string{true: "WHO  ", false: "     "}[n == 1] + " ", Style: theme.Bold}, {Text: table.Fit(text, max(10, w-8), false, false)}})
		}
	}
	if n > most {
		b.add(linef(theme.Dim, "       and %d more", n-most))
	}
	b.add(nil)
}

// whole is all of one target.
func (p *planPage) whole(b *pageLines, id inventory.ID, w int) {
	switch id.Noun() {
	case inventory.NounSecret:
		if x := p.snap.Secret(id); x != nil {
			b.add(paragraphHead("WHO  ", "held or reached by "+orNobody(summary(p.snap, x.Assistants)), w)...)
			b.add(paragraphHead("WHERE", placesOf(x, 3), w)...)
			p.reach(b, id, w)
		}
	case inventory.NounAssistant:
		if a := p.snap.Assistant(id); a != nil {
			b.add(paragraphHead("WHO  ", short(a)+" · "+ownerWords(p.snap, a), w)...)
			b.add(paragraphHead("WHERE", where(a), w)...)
			p.reach(b, a.ID, w)
		}
	case inventory.NounTool:
		if x := p.snap.Tool(id); x != nil {
			b.add(paragraphHead("WHAT ", "server "+x.Name+" of "+nameOf(p.snap, x.Assistant), w)...)
		}
	}
}

// brief is a target in one line, its name first.
func (p *planPage) brief(id inventory.ID) string {
	switch id.Noun() {
	case inventory.NounSecret:
		if x := p.snap.Secret(id); x != nil {
			reach := ""
			if ways := waysOf(p.snap, p.snap.EntitlementsOf(id)); len(ways) > 0 {
				reach = "reaches " + ways[0].name
				if n := len(ways) - 1; n > 0 {
					reach += fmt.Sprintf(" and %d more", n)
				}
			}
			return joined(" · ", secretName(x), placesOf(x, 1), summary(p.snap, x.Assistants), reach)
		}
	case inventory.NounAssistant:
		if a := p.snap.Assistant(id); a != nil {
			return joined(" · ", short(a), where(a), ownerWords(p.snap, a))
		}
	case inventory.NounTool:
		if x := p.snap.Tool(id); x != nil {
			return joined(" · ", "server "+x.Name, "of "+nameOf(p.snap, x.Assistant))
		}
	}
	return ""
}

// placesOf names the first places of a secret, and counts the others.
func placesOf(x *inventory.Secret, most int) string {
	var places []string
	for _, l := range x.Locations[:min(len(x.Locations), most)] {
		places = append(places, place(l.Path, l.Line))
	}
	text := strings.Join(places, " · ")
	if n := len(x.Locations) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

func orNobody(s string) string {
	if s == "" {
		return "nothing known"
	}
	return s
}

// reach draws what a credential opens, worst first.
func (p *planPage) reach(b *pageLines, id inventory.ID, w int) {
	ways := waysOf(p.snap, p.snap.EntitlementsOf(id))
	if len(ways) == 0 {
		b.add(paragraphHead("REACH", "nothing known", w)...)
		return
	}
	const most = 4 // the steps are what the page is about
	b.add(reachLines("REACH", ways, w, most)...)
}

// below announces what does not stand on the first screen.
func (p *planPage) below() string {
	var parts []string
	for _, x := range []struct {
		word string
		n    int
	}{{"BREAKS", len(p.plan.Breaks)}, {"STAYS ALIVE", len(p.plan.Residual)}, {"STAYS DONE", len(p.plan.Kept)}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", x.word, x.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ": below the steps"
}

// doing says in numbers what a plan does, and with that what its word counts.
func doing(p *revoke.Plan) string {
	back, oneWay, yours := 0, 0, 0
	for _, s := range p.Steps {
		switch {
		case s.Action == revoke.ActionManual:
			yours++
		case s.Reversible:
			back++
		default:
			oneWay++
		}
	}
	var text string
	switch n := back + oneWay; {
	case n == 0:
		return "nhitop does nothing by itself: " + plural(yours, "step") + " of yours"
	case oneWay == 0 && n == 1:
		text = "nhitop does 1 step, which can be undone"
	case oneWay == 0:
		text = fmt.Sprintf("nhitop does %d steps; each can be undone", n)
	case back == 0:
		text = "nhitop does " + plural(n, "step") + ", for good"
	default:
		text = fmt.Sprintf("nhitop does %d steps: %d for good, %d can be undone", n, oneWay, back)
	}
	if yours > 0 {
		text += fmt.Sprintf("; %d more of yours", yours)
	}
	return text
}

func onlyPlan(m *Model) string {
	if _, ok := m.page.(*planPage); !ok {
		return "only on a plan"
	}
	return ""
}

func canGo(m *Model) string {
	if w := onlyPlan(m); w != "" {
		return w
	}
	if m.e.ReadOnly() {
		return "started read-only"
	}
	if p := m.page.(*planPage); p.expired() {
		return "the plan has expired; esc, and make a new one"
	}
	if m.stopRun != nil {
		return "a run is under way"
	}
	if _, ok := m.e.Armed(); !ok {
		return "not armed: press W first"
	}
	return ""
}
