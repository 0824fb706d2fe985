package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// unended reports whether a run is not at its end and not carried out from here.
func (x *extras) unended(r *revoke.Run) bool {
	return r.State == revoke.StateRunning && r.ID != x.live
}

// open are those runs, newest first.
func (x *extras) open() []revoke.Run {
	var out []revoke.Run
	for i := range x.runs {
		if x.unended(&x.runs[i]) {
			out = append(out, x.runs[i])
		}
	}
	return out
}

// cutOff counts the runs that wait for somebody to go on with them.
func (x *extras) cutOff() int {
	n := 0
	for _, r := range x.open() {
		if r.CutOff() {
			n++
		}
	}
	return n
}

// state is how a run stands, in one word.
func (x *extras) state(r *revoke.Run) table.Cell {
	if !x.unended(r) {
		return runCell(r)
	}
	return openState(r)
}

func openState(r *revoke.Run) table.Cell {
	if r.UnderWay {
		return table.Cell{Text: "elsewhere", Style: theme.Warn}
	}
	return table.Cell{Text: "OPEN", Style: theme.Alarm}
}

// openStep is a step of a run that is not at its end.
func openStep(state string) table.Cell {
	switch state {
	case revoke.StateRunning:
		return table.Cell{Text: "begun", Style: theme.Warn}
	case revoke.StatePlanned:
		return table.Cell{Text: "not begun"}
	}
	return stateCell(state)
}

// openCounts says how far a run came.
func openCounts(r *revoke.Run) string {
	ended, begun, not := 0, 0, 0
	for _, s := range r.Steps {
		switch s.State {
		case revoke.StateRunning:
			begun++
		case revoke.StatePlanned:
			not++
		default:
			ended++
		}
	}
	return fmt.Sprintf("%d of %s ended, %d begun, %d not begun", ended, plural(len(r.Steps), "step"), begun, not)
}

// wantSecrets are the numbers of the steps that are still to be done with the secret itself.
func wantSecrets(r *revoke.Run) []int {
	var out []int
	for i, s := range r.Steps {
		if s.Held && (s.State == revoke.StatePlanned || s.State == revoke.StateRunning || s.State == revoke.StateDone && s.Proof.Grade == "") {
			out = append(out, i+1)
		}
	}
	return out
}

func numbersOf(ns []int) string {
	var parts []string
	for _, n := range ns {
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, ", ")
}

// standing says what it means that a run is not at its end, and what can be done.
func (x *extras) standing(r *revoke.Run, w int) []styledLine {
	if r.UnderWay {
		return paragraphAs(theme.Warn, "UNDER WAY ELSEWHERE: another nhitop is carrying it out now; "+openCounts(r)+".", w)
	}
	out := paragraphAs(theme.Alarm, "CUT OFF before its end: "+openCounts(r)+".", w)
	out = append(out, paragraphAs(theme.Plain, "Nothing goes on by itself. x goes on with it, from where it stands.", w)...)
	switch ns := wantSecrets(r); len(ns) {
	case 0:
	case 1:
		out = append(out, paragraphAs(theme.Plain, fmt.Sprintf("Step %d needs the secret itself; where it stands nowhere, you are asked for it.", ns[0]), w)...)
	default:
		out = append(out, paragraphAs(theme.Plain, "Steps "+numbersOf(ns)+" need their secrets; where one stands nowhere, you are asked for it.", w)...)
	}
	return out
}

func paragraphAs(style theme.Style, text string, w int) []styledLine {
	out := paragraph(text, w)
	for i := range out {
		out[i][0].Style = style
	}
	return out
}

func runsCutOff(n int) string { return strings.ToUpper(plural(n, "run")) + " CUT OFF" }

const mostOpen = 2 // runs that are not at their end, on the overview

func (o *overview) openShown() []revoke.Run {
	if o.open == nil {
		return nil
	}
	runs := o.open()
	return runs[:min(len(runs), mostOpen)]
}

func (o *overview) isOpen(r revoke.Run) bool {
	return o.open != nil && slices.ContainsFunc(o.open(), func(x revoke.Run) bool { return x.ID == r.ID })
}

// unended says first of all which runs are not at their end.
func (o *overview) unended(b *pageLines, w int) {
	runs := o.openShown()
	o.clamp()
	if len(runs) == 0 {
		return
	}
	all := o.open()
	cut := 0
	for i := range all {
		if all[i].CutOff() {
			cut++
		}
	}
	var parts []string
	if cut > 0 {
		parts = append(parts, runsCutOff(cut))
	}
	if n := len(all) - cut; n > 0 {
		parts = append(parts, strings.ToUpper(plural(n, "run"))+" UNDER WAY ELSEWHERE")
	}
	style, how := theme.Warn, "   enter shows it"
	if cut > 0 {
		style, how = theme.Alarm, "   nothing goes on by itself: enter shows it, x goes on with it"
	}
	b.add(styledLine{{Text: " " + strings.Join(parts, ", "), Style: style}, {Text: how, Style: theme.Dim}})
	for i := range runs {
		r := &runs[i]
		sign := "  "
		if i-len(runs) == o.cursor {
			sign = "> "
		}
		c := openState(r)
		c.Text = table.Fit(c.Text, 10, false, false)
		head := sign + r.Started.Local().Format("01-02 15:04") + " "
		b.add(styledLine{{Text: head, Style: theme.Bold}, c, {Text: table.Fit(openCounts(r)+" · "+r.Reason, max(10, w-table.Width(head)-11), false, false)}})
	}
	if n := len(all) - len(runs); n > 0 {
		b.add(linef(theme.Dim, "  and %d more: see :revocations", n))
	}
	b.add(nil)
}

func (m *Model) openRun(id string) tea.Cmd {
	for i := range m.x.runs {
		if r := &m.x.runs[i]; r.ID == id {
			return m.push(&runPage{run: *r, th: m.th, now: m.o.Now, done: r.ID != m.x.live, x: &m.x})
		}
	}
	return nil
}

// takeRuns takes what the journal says now, also to a page of a run that another process carries out.
func (m *Model) takeRuns(runs []revoke.Run) tea.Cmd {
	m.x.runs = runs
	for _, p := range m.runPages(func(p *runPage) bool { return p.done && p.run.State == revoke.StateRunning }) {
		for i := range runs {
			if runs[i].ID == p.run.ID {
				p.run = runs[i]
			}
		}
	}
	if m.current == "revocations" {
		return m.refreshExtras()
	}
	return nil
}

const watchEvery = 5 // seconds between two looks at a run that another process carries out

// watch looks how such a run is.
func (m *Model) watch() tea.Cmd {
	if m.o.Now().Second()%watchEvery != 0 || !slices.ContainsFunc(m.x.open(), func(r revoke.Run) bool { return r.UnderWay }) {
		return nil
	}
	return m.loadRuns()
}
