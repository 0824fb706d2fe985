package report

import (
	"cmp"
	"fmt"
	"io"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// RuleFormats are the names that [Rules] knows.
func RuleFormats() []string { return []string{"table", "json", "markdown"} }

// Rules writes every rule as it is in use.
func Rules(w io.Writer, format string, states []risk.RuleState, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, struct {
			Schema string           `json:"schema"`
			Rules  []risk.RuleState `json:"rules"`
		}{inventory.Schema, filled(states)})
	case "markdown":
		return rulesPage(states).markdown(w)
	case "table":
		return rulesPage(states).text(w, o)
	}
	return unknownFormat(format, RuleFormats()...)
}

func rulesPage(states []risk.RuleState) *page {
	p := &page{}
	n := map[string]int{}
	yours := 0
	for i := range states {
		n[states[i].State]++
		if states[i].Yours {
			yours++
		}
	}
	p.title("Rules")
	p.say(t(fmt.Sprintf("%s: %d on, %d weighted, %d switched off; %d of them yours.", plural(len(states), "rule"), n[risk.RuleOn], n[risk.RuleWeighted], n[risk.RuleOff], yours)))
	g := grid{heads: []string{"STATE", "RULE", "TITLE", "OF", "BASE", "FINDINGS", "ACCEPTED", "WHY SO"}, give: []int{7, 2}, drop: []int{6, 3, 4, 7}}
	for i := range states {
		x := &states[i]
		g.rows = append(g.rows, []cell{ruleState(x), t(x.ID), c(x.Title), t(x.Of), t(base(x)), t(fmt.Sprint(x.Findings)), t(fmt.Sprint(x.Accepted)), t(whySo(x))})
	}
	p.table(g)
	return p
}

func ruleState(x *risk.RuleState) cell {
	text := x.State
	if x.Yours {
		text += ", yours"
	}
	switch x.State {
	case risk.RuleOff:
		return cell{text, warn}
	case risk.RuleWeighted:
		return cell{text, strong}
	}
	return cell{text, plainText}
}

func base(x *risk.RuleState) string {
	if x.Points != 0 {
		return fmt.Sprintf("%d%+d", x.Base, x.Points)
	}
	return fmt.Sprint(x.Base)
}

func whySo(x *risk.RuleState) string {
	if x.State == risk.RuleOn {
		if x.Silent != "" {
			return "cannot tell: " + x.Silent
		}
		return ""
	}
	return cmp.Or(x.Reason, "no reason is given")
}
