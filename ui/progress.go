package ui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/revoke"
)

func stepSign(s string) string {
	switch s {
	case revoke.StateDone:
		return "✓"
	case revoke.StateFailed, revoke.StateUnknown:
		return "✗"
	case revoke.StateRunning, revoke.StateWaiting:
		return "▸"
	case revoke.StateUndone:
		return "↶"
	}
	return "·"
}

// left is how long the effect of a step may still take until it can be seen; 0 where nothing is waited for.
func left(s revoke.StepRun, now time.Time) time.Duration {
	if s.State != revoke.StateDone || s.Receipt.At.IsZero() || s.Proof.Grade.Reaches(s.Promises) {
		return 0
	}
	return max(0, s.Receipt.At.Add(s.Horizon).Sub(now))
}

// progress is a step as it goes on: its sign, how long it took or takes, and what is still waited for.
func (p *runPage) progress(s revoke.StepRun) (sign, took, note string) {
	now := p.now()
	sign = stepSign(s.State)
	switch {
	case s.Alive() && p.run.Undoes == "":
		sign = "✗"
	case p.looked(s):
		sign = "▸"
	}
	switch {
	case s.State == revoke.StateRunning && !p.done:
		sign, took = [...]string{"|", "/", "-", "\\"}[now.Second()%4], clock(now.Sub(s.Started))
	case !s.Ended.IsZero() && !s.Started.IsZero(): // what waits for a person was not begun
		took = clock(s.Ended.Sub(s.Started))
	}
	if d := left(s, now); d > 0 {
		note = "not seen yet, and may take " + clock(d) + " more"
		if until := s.LookedUntil(); !p.done && until.After(now) {
			note = "looking until " + until.UTC().Format("15:04") + " UTC whether it took effect, for " + clock(until.Sub(now)) + " more"
		}
	}
	return sign, took, note
}

// stays draws what survives a step: what ends by itself on lines of its own, which count down while the run goes on too.
func (p *runPage) stays(b *pageLines, s revoke.StepRun, w int, often map[string][]int) {
	if s.State != revoke.StateDone || p.run.Undoes != "" {
		return
	}
	now := p.now()
	var rest []string
	for _, l := range p.run.Left(s) {
		if !l.Ends {
			if len(often[l.What]) == 0 {
				rest = append(rest, l.What)
			}
			continue
		}
		b.add(paragraphAt(16, "stays: "+l.At(now), w)...)
		if n := l.Next(now); !n.IsZero() && (p.next.IsZero() || n.Before(p.next)) {
			p.next = n
		}
	}
	if len(rest) > 0 && p.done {
		b.add(paragraphAt(16, "stays: "+strings.Join(rest, revoke.Also), w)...)
	}
}

// counting reports whether the page of a run that has ended says something else by now.
func (p *runPage) counting() bool {
	now := p.now()
	return !p.next.IsZero() && !now.Before(p.next) || slices.ContainsFunc(p.run.Steps, func(s revoke.StepRun) bool { return left(s, now) > 0 })
}

// cancel stops what is under way: a run before a collection.
func (m *Model) cancel() tea.Cmd {
	if m.stopRun == nil {
		return m.cancelCollect()
	}
	m.cancelRun()
	m.say(false, "stopping the run: what is begun is finished and looked at once more, the rest is skipped")
	return nil
}

func (m *Model) cancelRun() {
	if m.stopRun != nil {
		m.stopRun()
	}
}

// askLeave asks before a run that is under way is stopped, for the rest of its steps is not done then.
func (m *Model) askLeave() tea.Cmd {
	return m.ask(prompt{
		text:  []string{"A run is under way. What is begun is finished and looked at once more; the rest is skipped, and lives on."},
		label: "Stop the run and quit?", yes: true, danger: true,
		done: func(m *Model, _ string) tea.Cmd {
			if m.stopRun == nil { // it has ended meanwhile
				return m.quit()
			}
			m.leaving = true
			m.cancelRun()
			m.say(true, "stopping the run, then nhitop quits; q again quits now and leaves the run to revoke --resume")
			return nil
		},
	})
}
