package ui

import (
	"fmt"
	"strings"

	"nhitop/inventory/revoke"
)

// more is what a step does and leaves, beside its exact change.
func (p *planPage) more(b *pageLines, s revoke.Step, w int) {
	if !p.diffs {
		return
	}
	if s.Effect != "" {
		b.add(paragraphAt(6, "does: "+s.Effect, w)...)
	}
	if s.Residual != "" {
		b.add(paragraphAt(6, "stays: "+s.Residual, w)...)
	}
	if s.Horizon > 0 {
		b.add(paragraphAt(6, "may take: up to "+s.Horizon.String(), w)...)
	}
}

// undoWords says which steps of a run can be taken back, by their numbers.
func undoWords(r revoke.Run) string {
	var can []string
	for i, s := range r.Steps {
		if s.State == revoke.StateDone && len(s.Receipt.Undo) > 0 {
			can = append(can, fmt.Sprint(i+1))
		}
	}
	if len(can) == 0 || r.Undoes != "" {
		return ""
	}
	return "u undo " + strings.Join(can, ", ")
}
