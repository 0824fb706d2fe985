package ui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// runPage shows a run while it goes on, and its result, which stays.
type runPage struct {
	run  revoke.Run
	th   *theme.Theme
	now  func() time.Time
	done bool
	err  error
	next time.Time // when what is drawn of the ends of what survives is no longer true; zero: it stays true
	x    *extras   // what else is known of runs
	pager
}

// open reports whether the run is not at its end and not carried out from here.
func (p *runPage) open() bool { return p.done && p.x.unended(&p.run) }

func (p *runPage) Title() string                    { return "run " + p.run.ID }
func (p *runPage) Show(*inventory.Snapshot) tea.Cmd { return nil }
func (p *runPage) Update(tea.Msg) tea.Cmd           { return nil }
func (p *runPage) Actions() []string {
	if p.open() {
		return []string{"resume", "back"}
	}
	return []string{"look", "undo", "back"}
}

func (p *runPage) Crumb() (left, right string) {
	end := p.run.Ended
	if end.IsZero() {
		end = p.now()
	}
	if p.open() {
		return "run " + p.run.ID + " by " + p.run.By, "begun " + age(p.now(), p.run.Started) + " ago"
	}
	if !p.run.Since.IsZero() {
		return "run " + p.run.ID + " by " + p.run.By, clock(end.Sub(p.run.Since)) + " since paste"
	}
	return "run " + p.run.ID + " by " + p.run.By, clock(end.Sub(p.run.Started))
}

// Rights are the time that the run takes or took, and where in the page one is.
func (p *runPage) Rights() []string {
	_, right := p.Crumb()
	return append([]string{right}, p.position()...)
}

func stateCell(s string) table.Cell {
	switch s {
	case revoke.StateDone:
		return table.Cell{Text: "done", Style: theme.Good}
	case revoke.StateFailed, revoke.StateUnknown:
		return table.Cell{Text: strings.ToUpper(s), Style: theme.Alarm}
	case revoke.StatePartial:
		return table.Cell{Text: "PARTIAL", Style: theme.Warn}
	}
	return table.Cell{Text: s}
}

// runCell is the state of a run that is at its end. What it was to end and still works comes before all else.
func runCell(r *revoke.Run) table.Cell {
	if r.Alive() {
		return table.Cell{Text: "ALIVE", Style: theme.Alarm}
	}
	return stateCell(r.State)
}

func (p *runPage) View(w, h int) string {
	var b pageLines
	p.next = time.Time{}
	p.head(&b, w)
	often := p.often()
	if alive := p.run.LivesOn(); len(alive) > 0 { // before all that went well
		for _, text := range alive {
			for _, l := range wrap("STAYS ALIVE: "+text, w-2) {
				b.add(line(theme.Alarm, " "+l))
			}
		}
		b.add(nil)
	}
	for i, s := range p.run.Steps {
		p.step(&b, i, s, w, often)
	}
	for _, what := range inventory.SortedKeys(often) {
		b.add(paragraphHead("", "stays, of steps "+ranges(often[what])+": "+what, w)...)
	}
	return strings.Join(drawStyled(p.th, p.cut(b, h), w, h), "\n")
}

// step is one step with what became of it.
func (p *runPage) step(b *pageLines, i int, s revoke.StepRun, w int, often map[string][]int) {
	grade, gs := gradeWord(s.Proof.Grade), theme.Plain
	switch s.Proof.Grade {
	case revoke.Proven, revoke.Attested:
		gs = theme.Good
	case revoke.Unproven:
		gs = theme.Warn
	case revoke.Alive:
		gs = theme.Alarm
	}
	const wide = 9 // of the state
	sign, took, note := p.progress(s)
	sc, problem, room := p.stateOf(s), s.Error, max(10, w-32-wide)
	if p.open() && strings.Contains(problem, revoke.ErrNotHeld.Error()) {
		problem = "waits for its secret"
	}
	if s.State == revoke.StateWaiting { // what was not seen yet is no outcome
		grade, took = "", ""
	}
	behind := styledLine{{Text: " " + table.Fit(grade, 11, false, false), Style: gs}, {Text: " " + took}}
	if grade == "" && took == "" {
		behind, room = nil, max(10, w-8-wide)
	}
	sc.Text = table.Fit(sc.Text, wide, false, false)
	for j, text := range wrap(s.Summary, room) {
		if j > 0 {
			b.add(line(theme.Plain, strings.Repeat(" ", 7+wide)+text))
			continue
		}
		b.add(append(styledLine{{Text: fmt.Sprintf("%2d  %s ", i+1, sign)}, sc, {Text: " " + table.Fit(text, room, false, false)}}, behind...))
	}
	for _, t := range []string{problem, s.Proof.Detail, note} {
		if t != "" {
			b.add(paragraphAt(16, t, w)...)
		}
	}
	if s.State == revoke.StateWaiting && !p.open() {
		b.add(line(theme.Warn, strings.Repeat(" ", 16)+"yours: do it, then enter: I look again"))
	}
	p.stays(b, s, w, often)
}
