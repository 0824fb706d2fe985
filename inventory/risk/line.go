package risk

import (
	"fmt"
	"strings"

	"nhitop/inventory"
)

// Sum is the score of a finding as one line of arithmetic: "60 base + 12 admin - 8 readonly = 64".
func Sum(f *inventory.Finding) string {
	var b strings.Builder
	for i, p := range f.ScoreParts {
		switch {
		case i == 0:
			fmt.Fprintf(&b, "%d %s", p.Points, p.Code)
		case p.Points < 0:
			fmt.Fprintf(&b, " - %d %s", -p.Points, p.Code)
		default:
			fmt.Fprintf(&b, " + %d %s", p.Points, p.Code)
		}
	}
	if b.Len() == 0 {
		return fmt.Sprint(f.Score)
	}
	fmt.Fprintf(&b, " = %d", f.Score)
	return b.String()
}

const becomes = " It becomes "

// Because is the decision of a finding and the reason for it, without what would change it: "ACT NOW because: ...".
func Because(f *inventory.Finding) string {
	why, _, _ := strings.Cut(f.DecisionWhy, becomes)
	return why
}

// WouldChange is the nearest single change that gives a milder decision, from the table: "ATTEND when it is revoked."; ""
// where no single change does.
func WouldChange(f *inventory.Finding) string {
	_, next, _ := strings.Cut(f.DecisionWhy, becomes)
	return next
}
