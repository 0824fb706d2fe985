package risk

import (
	"slices"
	"strconv"

	"nhitop/inventory"
)

// asked is a rule that is asked in one judgement, with what is needed of it for every finding looked up once.
type asked struct {
	*Rule
	no       int // its place among the rules
	of       int // the place of its noun among the nouns
	weight   inventory.ScorePart
	checks   []check // those that raise, then those that lower
	gathered bool    // some combination gathers it
	fleet    int     // where among the checks the one stands that counts the whole fleet, or -1
}

// check is a modifier of a rule.
type check struct {
	code   string
	points int
	reason string
	proves func(*scene) string // the fact, or ""
}

const fleetCode = "fleet"

// askable are the rules that are not switched off, in their order.
func (w *world) askable() []*asked {
	var all []*asked
	rules := w.p.rules()
	for i := range rules {
		r := &rules[i]
		if _, off := w.p.Off[r.ID]; off {
			continue
		}
		all = append(all, w.asked(r, i))
	}
	for _, r := range all {
		for _, x := range all {
			x.gathered = x.gathered || slices.Contains(r.Parts, x.ID)
		}
	}
	return all
}

func (w *world) asked(r *Rule, no int) *asked {
	a := &asked{Rule: r, no: no, of: slices.Index(nouns[:], r.Of), fleet: -1}
	if n := w.p.Weights[r.ID]; n != 0 {
		a.weight = inventory.ScorePart{Code: "weight", Points: n, Reason: "set in the policy" + because(w.p.Because[r.ID])}
	}
	for _, codes := range [][]string{r.Mods, r.Reduce} {
		for _, code := range codes {
			m := shipped().modifiers[code]
			if code == fleetCode {
				a.fleet = len(a.checks)
			}
			a.checks = append(a.checks, check{code, m.Points, m.Reason, modifierChecks[code]})
		}
	}
	return a
}

// manyHave is the fact behind the modifier that counts the fleet, or "".
func (w *world) manyHave(n int) string {
	return when(n >= w.p.Fleet, "it holds for "+strconv.Itoa(n)+" assistants")
}
