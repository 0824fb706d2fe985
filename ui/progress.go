package ui

import (
	"slices"
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
	case s.State == revoke.StateRunning && !p.done:
		sign, took = [...]string{"|", "/", "-", "\\"}[now.Second()%4], clock(now.Sub(s.Started))
	case !s.Ended.IsZero() && !s.Started.IsZero(): // what waits for a person was not begun
		took = clock(s.Ended.Sub(s.Started))
	}
	if d := left(s, now); d > 0 {
		note = "not seen yet, and may take " + clock(d) + " more"
		if !p.done {
			note = "looking whether it took effect, for " + clock(d) + " more"
		}
	}
	return sign, took, note
}

// counting reports whether the page of a run that has ended counts down.
func (p *runPage) counting() bool {
	now := p.now()
	return slices.ContainsFunc(p.run.Steps, func(s revoke.StepRun) bool { return left(s, now) > 0 })
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
