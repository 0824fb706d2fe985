package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
)

// Resumer is an Engine that can go on with a run that was cut off, with the secret that it needs where that is in hand.
type Resumer interface {
	ResumeRun(ctx context.Context, run string, held inventory.Value, on func(revoke.Event)) (revoke.Run, error)
}

func canResume(m *Model) string {
	r := m.runInFront()
	_, can := m.e.(Resumer)
	_, armed := m.e.Armed()
	switch {
	case r == nil:
		return "only on a run"
	case r.State != revoke.StateRunning:
		return "the run is at its end"
	case !can:
		return "not possible here"
	case r.ID == m.x.live || m.stopRun != nil:
		return "a run is under way"
	case r.UnderWay:
		return "another nhitop is carrying it out now"
	case m.e.ReadOnly():
		return "started read-only"
	case !armed:
		return "not armed: press W first"
	}
	return ""
}

// startResume asks whether a run is to go on. The consent to its steps was given when it began.
func (m *Model) startResume() tea.Cmd {
	run := *m.runInFront()
	return m.ask(prompt{
		text:  []string{"Run " + run.ID + " of " + run.By + ": " + openCounts(&run) + ".", "It was confirmed when it began (" + run.Reason + "). Each step is done once, or it is said that this cannot be known."},
		label: "Go on with it?", yes: true, danger: true,
		done: func(m *Model, _ string) tea.Cmd { return m.resume(run, inventory.Value{}, false) },
	})
}

// resume goes on with a run and shows it like a new one. without ends it though nobody has its secret any more.
func (m *Model) resume(run revoke.Run, held inventory.Value, without bool) tea.Cmd {
	e, ok := m.e.(Resumer)
	if !ok {
		return nil
	}
	page, shown := m.page.(*runPage)
	var cmd tea.Cmd
	if !shown || page.run.ID != run.ID {
		page = &runPage{th: m.th, now: m.o.Now, x: &m.x}
		cmd = m.push(page)
	}
	page.run, page.done, page.err = run, false, nil
	m.busy, m.x.live = "working", run.ID
	ctx, stop := context.WithCancel(m.ctx)
	m.stopRun, m.leaving = stop, false
	send, id := m.send, run.ID
	return tea.Batch(cmd, func() tea.Msg {
		defer stop()
		ctx := ctx
		if without {
			ctx = revoke.WithoutHeld(ctx)
		}
		run, err := e.ResumeRun(ctx, id, held, func(ev revoke.Event) { send(runMsg(ev)) })
		return runDoneMsg{run: run, err: err, resumed: id}
	})
}

// needsPaste reports whether a run or a plan goes on when its secret is pasted, or pasted rightly.
func needsPaste(err error) bool {
	return errors.Is(err, revoke.ErrNotHeld) || errors.Is(err, revoke.ErrNotOfRun) || errors.Is(err, revoke.ErrNotOfPlan) || errors.Is(err, credential.ErrPasted)
}

// wants asks for the secret of a run that cannot go on without it.
func (m *Model) wants(msg runDoneMsg) tea.Cmd {
	load := m.loadExtras("revocations")
	p, ok := m.page.(*runPage)
	if !ok || p.run.ID != msg.resumed {
		m.say(true, "run %s waits for its secret: x on it in :revocations", msg.resumed)
		return load
	}
	p.done = true
	if msg.run.ID != "" {
		p.run = msg.run
	}
	why := ""
	if !errors.Is(msg.err, revoke.ErrNotHeld) {
		why = notTaken(msg.err)
	}
	m.grace = m.o.Now().Add(graceTime)
	return tea.Batch(m.askHeld(p.run, why), load, m.wake(graceTime))
}

func (m *Model) askHeld(run revoke.Run, why string) tea.Cmd {
	text := []string{"The run waits for its secret, and copies of it are kept meanwhile."}
	if ns := wantSecrets(&run); len(ns) > 0 {
		s := &run.Steps[ns[0]-1]
		of := ""
		if s.TargetName != "" && !strings.Contains(s.Summary, s.TargetName) {
			of = ", " + s.TargetName
		}
		text[0] = fmt.Sprintf("Step %d waits for its secret%s: %s. Copies of it are kept meanwhile.", ns[0], of, s.Summary)
	}
	if why != "" {
		text = append([]string{why}, text...)
	}
	return m.ask(prompt{
		text:  append(text, "Paste it: it is not shown, not kept, and goes to its issuer alone. You do not have it any more? Enter, with nothing pasted."),
		label: "Its secret:", paste: &paste{},
		done: func(m *Model, text string) tea.Cmd {
			if text == "" {
				return m.askWithout(run)
			}
			return m.resume(run, inventory.NewValue(text), false)
		},
	})
}

const withoutWord = "without"

// askWithout ends a run whose secret nobody has any more, by a typed word.
func (m *Model) askWithout(run revoke.Run) tea.Cmd {
	return m.ask(prompt{
		text:   []string{"Without its secret the steps that need it fail, or stay unknown; the secret may live on, and its copies are kept."},
		label:  "Type " + withoutWord + " to end the run so:",
		danger: true,
		done: func(m *Model, typed string) tea.Cmd {
			if typed != withoutWord {
				m.say(true, "that is not %q; the run stays open", withoutWord)
				return nil
			}
			return m.resume(run, inventory.Value{}, true)
		},
	})
}
