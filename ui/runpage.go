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

func stateCell(s string) table.Cell {
	switch s {
	case revoke.StateDone:
		return table.Cell{Text: "done", Style: theme.Good}
	case revoke.StateFailed, revoke.StateUnknown:
		return table.Cell{Text: strings.ToUpper(s), Style: theme.Alarm}
	case revoke.StatePartial:
		return table.Cell{Text: "IN PART", Style: theme.Warn}
	}
	return table.Cell{Text: s}
}

func (p *runPage) View(w, h int) string {
	var b pageLines
	p.next = time.Time{}
	state := stateCell(p.run.State)
	if p.open() {
		state = openState(&p.run)
	}
	b.add(styledLine{{Text: " " + p.run.ID + " ", Style: theme.Bold}, state, {Text: "  " + p.run.Reason}}, nil)
	if p.open() {
		for _, l := range p.x.standing(&p.run, w-2) {
			b.add(append(styledLine{{Text: " "}}, l...))
		}
		b.add(nil)
	}
	for i, s := range p.run.Steps {
		p.step(&b, i, s, w)
	}
	if p.done {
		b.add(nil)
		if !p.run.Ended.IsZero() {
			b.add(paragraphPlain(tookWords(p.run), w)...)
		}
		if text := undoWords(p.run); text != "" {
			b.add(line(theme.Plain, " "+text))
		}
	}
	if p.err != nil {
		b.add(nil)
		for _, l := range wrap(p.err.Error(), w-2) {
			b.add(line(theme.Alarm, " "+l))
		}
	}
	return strings.Join(drawStyled(p.th, p.cut(b, h), w, h), "\n")
}

// step is one step with what became of it.
func (p *runPage) step(b *pageLines, i int, s revoke.StepRun, w int) {
	grade, gs := gradeWord(s.Proof.Grade), theme.Plain
	switch s.Proof.Grade {
	case revoke.Proven, revoke.Attested:
		gs = theme.Good
	case revoke.Unproven:
		gs = theme.Warn
	case revoke.Alive:
		gs = theme.Alarm
	}
	sign, took, note := p.progress(s)
	sc, wide, problem := stateCell(s.State), 8, s.Error
	if p.open() {
		sc, wide = openStep(s.State), 9
		if strings.Contains(problem, revoke.ErrNotHeld.Error()) {
			problem = "waits for its secret"
		}
	}
	sc.Text = table.Fit(sc.Text, wide, false, false)
	l := styledLine{{Text: fmt.Sprintf("%2d  %s ", i+1, sign)}, sc}
	if p.open() && grade == "" && took == "" {
		b.add(append(l, table.Cell{Text: " " + table.Fit(s.Summary, max(10, w-8-wide), false, false)}))
	} else {
		b.add(append(l, table.Cell{Text: " " + table.Fit(s.Summary, max(10, w-32-wide), false, false)},
			table.Cell{Text: " " + table.Fit(grade, 11, false, false), Style: gs}, table.Cell{Text: " " + took}))
	}
	for _, t := range []string{problem, s.Proof.Detail, note} {
		if t != "" {
			b.add(paragraphAt(16, t, w)...)
		}
	}
	p.stays(b, s, w)
}
