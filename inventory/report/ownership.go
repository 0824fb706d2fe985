package report

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/ownership"
)

// answersBy says why the first owner is the one who answers, and how sure that is.
func answersBy(a *inventory.Assistant) string {
	if a.Ownership == nil {
		return ""
	}
	return a.Ownership.Why + "; confidence " + a.Ownership.Confidence
}

// alsoNamed lists whom else signs name, in the order in which they would answer, and by what. Who contradicts is marked.
func alsoNamed(s *inventory.Snapshot, a *inventory.Assistant) cell {
	if a.Ownership == nil || len(a.Ownership.Others) == 0 {
		return t("")
	}
	var names []string
	style := plainText
	for _, x := range a.Ownership.Others {
		text := Name(s, x.Owner) + " (" + ownership.Words(x.Signs)
		if slices.Contains(a.Ownership.Conflicts, x.Owner) {
			text, style = text+"; contradicts", warn
		}
		names = append(names, text+")")
	}
	return cell{inventory.Clean(strings.Join(names, ", ")), style}
}

// onCall names who is on call for a team; nothing for others.
func onCall(s *inventory.Snapshot, o *inventory.Owner) cell {
	if len(o.OnCall) == 0 {
		return t("")
	}
	return ownersCell(s, o.OnCall)
}
