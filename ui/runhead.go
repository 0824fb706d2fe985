package ui

import (
	"fmt"
	"strings"

	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// head is what is read first: how the run stands or ended, in numbers, and which key comes next.
func (p *runPage) head(b *pageLines, w int) {
	state := runCell(&p.run)
	if p.open() {
		state = openState(&p.run)
	}
	b.add(styledLine{{Text: " " + p.run.ID + " ", Style: theme.Bold}, state, {Text: "  " + p.run.Reason}})
	if p.err != nil {
		for _, l := range wrap(errorWords(p.err), w-2) {
			b.add(line(theme.Alarm, " "+l))
		}
	}
	if p.open() {
		b.add(nil)
		for _, l := range p.x.standing(&p.run, w-2) {
			b.add(append(styledLine{{Text: " "}}, l...))
		}
		b.add(nil)
		return
	}
	if l := resultLine(&p.run); l != nil {
		for _, l := range wrapAll([]styledLine{l}, w-2) {
			b.add(append(styledLine{{Text: " "}}, l...))
		}
	}
	if p.done {
		if !p.run.Ended.IsZero() {
			b.add(paragraphPlain(tookWords(p.run), w)...)
		}
		if text := joined(" · ", enterWords(&p.run), undoWords(p.run)); text != "" {
			b.add(paragraphPlain(text, w)...)
		}
	}
	b.add(nil)
}

// resultLine counts what became of the steps, the worst first.
func resultLine(r *revoke.Run) styledLine {
	at := map[string][]int{}
	for i, s := range r.Steps {
		k := s.State
		if s.State == revoke.StateDone {
			k = string(s.Proof.Grade)
		}
		at[k] = append(at[k], i+1)
	}
	var out styledLine
	for _, x := range []struct {
		key, word string
		style     theme.Style
		number    bool // of the steps: they are to be found
	}{
		{string(revoke.Alive), "STILL ALIVE", theme.Alarm, true}, {revoke.StateFailed, "failed", theme.Alarm, true},
		{revoke.StateUnknown, "unknown", theme.Alarm, true}, // a proof of that grade too
		{string(revoke.Proven), "proven", theme.Good, false}, {string(revoke.Attested), "attested", theme.Good, false},
		{string(revoke.Accepted), "accepted, not proven", theme.Warn, false}, {"", "accepted, looked at now", theme.Plain, false}, {revoke.StateSkipped, "skipped", theme.Warn, true},
		{revoke.StateUndone, "taken back", theme.Plain, false}, {revoke.StateRunning, "under way", theme.Plain, false}, {revoke.StatePlanned, "to come", theme.Plain, false},
		{revoke.StateWaiting, "yours", theme.Warn, true},
	} {
		if len(at[x.key]) == 0 {
			continue
		}
		text := fmt.Sprintf("%d %s", len(at[x.key]), x.word)
		if x.number {
			text += " (" + ranges(at[x.key]) + ")"
		}
		if len(out) > 0 {
			out = append(out, table.Cell{Text: " · "})
		}
		out = append(out, table.Cell{Text: text, Style: x.style})
	}
	return out
}

// enterWords say what enter does on a run that is at its end.
func enterWords(r *revoke.Run) string {
	var look []int
	for i, s := range r.Steps {
		if s.State == revoke.StateWaiting {
			return fmt.Sprintf("enter: say that step %d is done", i+1)
		}
		if s.Unsettled() {
			look = append(look, i+1)
		}
	}
	if len(look) == 0 {
		return ""
	}
	return "enter: look again at " + ranges(look)
}

// ranges writes ascending numbers briefly: 1, 3-5.
func ranges(ns []int) string {
	var parts []string
	for i := 0; i < len(ns); {
		k := i
		for k+1 < len(ns) && ns[k+1] == ns[k]+1 {
			k++
		}
		switch k - i {
		case 0:
			parts = append(parts, fmt.Sprint(ns[i]))
		case 1:
			parts = append(parts, fmt.Sprint(ns[i]), fmt.Sprint(ns[k]))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", ns[i], ns[k]))
		}
		i = k + 1
	}
	return strings.Join(parts, ", ")
}

// errorWords is an error on one line.
func errorWords(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// stateOf is the state of a step. What its source took is not done while it is still looked whether it took effect, and never
// where it was seen not to.
func (p *runPage) stateOf(s revoke.StepRun) table.Cell {
	switch {
	case p.open():
		return openStep(s.State)
	case s.Alive() && p.run.Undoes == "":
		return table.Cell{Text: "NO EFFECT", Style: theme.Alarm}
	case p.looked(s):
		return table.Cell{Text: "accepted", Style: theme.Warn}
	case s.State == revoke.StateWaiting:
		return table.Cell{Text: "yours", Style: theme.Warn}
	}
	return stateCell(s.State)
}

// looked reports whether it may still be seen that a step took effect.
func (p *runPage) looked(s revoke.StepRun) bool {
	return s.State == revoke.StateDone && (!p.done && s.Proof.Grade == "" || left(s, p.now()) > 0)
}

// often are the things that survive several steps, with the numbers of those: said once.
func (p *runPage) often() map[string][]int {
	all := map[string][]int{}
	if !p.done || p.run.Undoes != "" {
		return all
	}
	for i, s := range p.run.Steps {
		if s.State != revoke.StateDone {
			continue
		}
		for _, l := range p.run.Left(s) {
			if !l.Ends {
				all[l.What] = append(all[l.What], i+1)
			}
		}
	}
	for k, ns := range all {
		if len(ns) < 2 {
			delete(all, k)
		}
	}
	return all
}
