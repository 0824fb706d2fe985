package report

import (
	"fmt"
	"io"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// ControlFormats are the names that [Controls] knows.
func ControlFormats() []string { return []string{"table", "json", "markdown"} }

// Controls writes how the controls of published frameworks stand. The states must be those of the snapshot.
func Controls(w io.Writer, format string, s *inventory.Snapshot, states []risk.ControlState, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, struct {
			Schema      string              `json:"schema"`
			CollectedAt string              `json:"collected_at"`
			Aliases     []risk.Alias        `json:"aliases"`
			Controls    []risk.ControlState `json:"controls"`
		}{inventory.Schema, day(s.At()), risk.Aliases(), filled(states)})
	case "markdown":
		return controlsPage(s, states).markdown(w)
	case "table":
		return controlsPage(s, states).text(w, o)
	}
	return unknownFormat(format, ControlFormats()...)
}

func controlsPage(s *inventory.Snapshot, states []risk.ControlState) *page {
	p := &page{}
	p.title("Controls, " + day(s.At()))
	total := map[string]int{}
	for _, c := range states {
		total[c.State]++
	}
	p.say(t(fmt.Sprintf("%d broken, %d met, %d cannot be told.", total[risk.ControlBroken], total[risk.ControlMet], total[risk.ControlUnknown])),
		t("Met says no more than that every rule that bears on it was asked, the facts could answer, and none holds."))
	for i := 0; i < len(states); {
		n := i
		for n < len(states) && states[n].Framework == states[i].Framework {
			n++
		}
		p.head(states[i].Framework)
		g := grid{heads: []string{"state", "control", "title", "why", "by"}, give: []int{3, 4, 2}, drop: []int{4}}
		for _, c := range states[i:n] {
			g.rows = append(g.rows, []cell{controlState(c.State), t(aliased(c)), t(c.Title), faint(c.Why), t(byWhom(s, c))})
		}
		p.table(g)
		p.say(faint(states[i].URL))
		i = n
	}
	p.head("Labels")
	for _, a := range risk.Aliases() {
		p.say(t(fmt.Sprintf("%s is %s (%s).", a.Label, strings.Join(a.Controls, ", "), a.Confidence)))
	}
	return p
}

func controlState(state string) cell {
	switch state {
	case risk.ControlBroken:
		return cell{state, bad}
	case risk.ControlMet:
		return cell{state, good}
	}
	return cell{state, warn}
}

func aliased(c risk.ControlState) string {
	if c.Alias != "" {
		return c.ID + " (" + c.Alias + ")"
	}
	return c.ID
}

const maxNamed = 3 // subjects of one row

func byWhom(s *inventory.Snapshot, c risk.ControlState) string {
	var names []string
	for _, id := range c.Subjects {
		if len(names) == maxNamed {
			names = append(names, fmt.Sprintf("%d more", len(c.Subjects)-maxNamed))
			break
		}
		names = append(names, Name(s, id))
	}
	return strings.Join(names, ", ")
}
