package ui

import (
	"fmt"
	"strings"
	"time"

	"nhitop/inventory/revoke"
	"nhitop/ui/theme"
)

// more is what a step does and leaves, beside its exact change.
func (p *planPage) more(b *pageLines, s revoke.Step, w int) {
	if !p.diffs {
		return
	}
	if s.Effect != "" {
		b.add(paragraphAt(6, "does: "+s.Effect, w)...)
	}
	if stays := p.plan.Survives(s); len(stays) > 0 {
		b.add(paragraphAt(6, "stays: "+strings.Join(stays, revoke.Also), w)...)
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

// tookWords says how long a run took: since the paste where there was one, and since it was detected and first seen, as far
// as that is known.
func tookWords(r revoke.Run) string {
	s, ok := r.Spans()
	switch {
	case !ok && r.Since.IsZero():
		return "took " + clock(r.Ended.Sub(r.Started))
	case !ok:
		return "took " + clock(r.Ended.Sub(r.Since)) + " since paste; not all of it is proven"
	}
	text := "took " + clock(r.Ended.Sub(r.Started))
	if s.Hand > 0 {
		text = "27 days is the field's mean. This one, from paste to proof: " + s.Hand.Round(time.Second).String()
	}
	for _, x := range []struct {
		from string
		d    time.Duration
	}{{"detection", s.Detected}, {"first sight", s.Seen}} {
		if x.d > 0 {
			text += "; from " + x.from + " " + span(x.d)
		}
	}
	return text + "."
}

func paragraphPlain(text string, w int) []styledLine {
	var out []styledLine
	for _, l := range wrap(text, w-2) {
		out = append(out, line(theme.Plain, " "+l))
	}
	return out
}
