package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// prompt is a question in the footer of the page: a word to type, a text, or y/N.
type prompt struct {
	text   []string // above the line
	label  string
	yes    bool // y/N: one key, nothing typed
	danger bool
	paste  *paste // not nil: the text is a secret and is collected here, not in the input
	preset string // what stands in the input already
	done   func(m *Model, text string) tea.Cmd
}

func (p prompt) lines(w int) []styledLine {
	var out []styledLine
	for _, t := range p.text {
		for _, l := range wrap(t, w-2) {
			out = append(out, line(theme.Plain, " "+l))
		}
	}
	return out
}

func (m *Model) ask(p prompt) tea.Cmd {
	m.mode, m.prompt = modePrompt, p
	m.input.SetValue(p.preset)
	m.input.CursorEnd()
	return m.input.Focus()
}

func (m *Model) promptKey(k tea.KeyMsg) tea.Cmd {
	leave := func() {
		if p := m.prompt.paste; p != nil {
			p.wipe()
		}
		m.mode = modeKeys
		m.input.SetValue("")
		m.input.Blur()
	}
	switch {
	case k.Type == tea.KeyEsc || k.Type == tea.KeyCtrlC:
		leave()
		m.say(false, "left as it is")
		return nil
	case m.prompt.yes:
		switch k.String() {
		case "y":
			leave()
			return m.prompt.done(m, "y")
		case "n", "N", "enter":
			leave()
			m.say(false, "left as it is")
		}
		return nil // what else is typed is no answer, and no key of the page below
	case k.Type == tea.KeyEnter:
		text := strings.TrimSpace(m.input.Value())
		if p := m.prompt.paste; p != nil {
			text = p.take()
		} else if holdsSecret(text) {
			return m.refuseSecret()
		}
		leave()
		return m.prompt.done(m, text)
	}
	if p := m.prompt.paste; p != nil {
		p.key(k)
		return nil
	}
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(k)
	if holdsSecret(m.input.Value()) {
		return m.refuseSecret()
	}
	return cmd
}

// promptLine is drawn instead of the footer while a question is open.
func (m *Model) promptLine() string {
	style := theme.Bold
	if m.prompt.danger {
		style = theme.Alarm
	}
	if m.o.Now().Before(m.grace) { // it opened by itself, and takes no keys yet
		style = theme.Dim
	}
	label := " " + m.prompt.label + " "
	if m.prompt.yes {
		return m.th.Paint(style, table.Fit(label+"[y/N]", m.w, false, false))
	}
	return m.th.Paint(style, label) + m.inputLine(m.w-table.Width(label)-1)
}

// changer is an Engine that knows where a confirmed plan may change something.
type changer interface{ MayChange() []string }

const localSource = "local" // its steps change files of this machine

// armWords say what arming allows, and where.
func armWords(e Engine) []string {
	var at []string
	ends, files := "", ""
	if c, ok := e.(changer); ok {
		for _, name := range c.MayChange() {
			if name == localSource {
				files = "change files of this machine"
			} else {
				at = append(at, name)
			}
		}
	}
	if len(at) > 0 {
		ends = "end credentials and rights at " + strings.Join(at, ", ")
	}
	may := joined(", and ", ends, files)
	if may == "" {
		return []string{"While armed, a confirmed plan is carried out. It ends by itself."}
	}
	return []string{"While armed, a confirmed plan may " + may + ". It ends by itself."}
}

func (m *Model) arm() tea.Cmd {
	if _, ok := m.e.Armed(); ok {
		m.e.Disarm()
		m.say(false, "disarmed: nothing can be changed")
		return nil
	}
	return m.ask(prompt{
		text:   armWords(m.e),
		label:  "Type arm to allow it:",
		danger: true,
		done: func(m *Model, text string) tea.Cmd {
			if err := m.e.Arm(text); err != nil {
				m.say(true, "%v", err)
				return nil
			}
			until, _ := m.e.Armed()
			m.say(false, "armed for %s", span(until.Sub(m.o.Now())+time.Second))
			return nil
		},
	})
}

type (
	planMsg struct {
		plan *revoke.Plan
		undo string
		in   *posture.Incident // of a plan for a credential in hand
		err  error
	}
	runMsg     revoke.Event
	runDoneMsg struct {
		run     revoke.Run
		err     error
		page    *planPage // that it was begun from; nil: it went on
		resumed string    // the run that went on
		consent revoke.Consent
	}
	lookedMsg struct {
		run revoke.Run
		err error
	}
	sayMsg struct {
		text string
		bad  bool
	}
)

func (m *Model) startPlan(act string) tea.Cmd {
	if p, ok := m.page.(*incidentPage); ok {
		return m.planIncident(p, act == revoke.ActionAll)
	}
	ts := m.targets(act)
	m.busy = "planning"
	return func() tea.Msg {
		p, err := m.e.Plan(m.ctx, ts)
		return planMsg{plan: p, err: err}
	}
}

func (m *Model) startUndo() tea.Cmd {
	id := m.runInFront().ID
	m.busy = "planning"
	return func() tea.Msg {
		p, err := m.e.UndoPlan(m.ctx, id)
		return planMsg{plan: p, undo: id, err: err}
	}
}

// runInFront is the run of the page, or the one under the cursor of the list of runs.
func (m *Model) runInFront() *revoke.Run {
	if p, ok := m.page.(*runPage); ok {
		return &p.run
	}
	if id, ok := strings.CutPrefix(string(m.picked()), runPrefix); ok {
		for i := range m.x.runs {
			if m.x.runs[i].ID == id {
				return &m.x.runs[i]
			}
		}
	}
	return nil
}

func (m *Model) toggleDiff() tea.Cmd {
	p := m.page.(*planPage)
	p.diffs = !p.diffs
	return nil
}

const graceTime = 400 * time.Millisecond

func (m *Model) revocation(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case planMsg:
		m.busy = ""
		if msg.err != nil {
			m.say(true, "%v", msg.err)
			return nil
		}
		m.grace = m.o.Now().Add(graceTime)
		m.mode = modeKeys
		return tea.Batch(m.push(&planPage{plan: msg.plan, undo: msg.undo, in: msg.in, th: m.th, now: m.o.Now}), m.wake(graceTime))
	case runMsg:
		return m.follow(msg.Run)
	case lookedMsg:
		return m.takeLooked(msg)
	case secondMsg:
		return m.takeSecond(msg)
	case heldMsg:
		return m.takeHeld(msg)
	case runDoneMsg:
		return m.takeDone(msg)
	}
	return nil
}

// confirm asks for the reason and then for the word, or for a y where every step can be taken back.
func (m *Model) confirm() tea.Cmd {
	p := m.page.(*planPage)
	return m.ask(prompt{
		label: "Reason (goes into the journal):", preset: presetReason(p),
		done: func(m *Model, reason string) tea.Cmd {
			if reason == "" {
				m.say(true, "%v", revoke.ErrNoReason)
				return nil
			}
			return m.askWord(p, reason)
		},
	})
}

// presetReason saves a responder the typing: of a pasted secret the reason is known.
func presetReason(p *planPage) string {
	if p.in == nil {
		return ""
	}
	text := "incident: " + p.plan.Names[0]
	if more := len(p.plan.Names) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + " came into hand"
}

func (m *Model) askWord(p *planPage, reason string) tea.Cmd {
	word := p.plan.Word()
	if word == "" {
		return m.ask(prompt{
			text: []string{doing(p.plan) + "."}, label: "Go?",
			yes: true, danger: true,
			done: func(m *Model, _ string) tea.Cmd {
				return m.execute(p, revoke.Consent{By: m.o.Operator, Reason: reason, Yes: true})
			},
		})
	}
	return m.ask(prompt{
		text:   []string{doing(p.plan) + "."},
		label:  fmt.Sprintf("Type %s to go:", word),
		danger: true,
		done: func(m *Model, typed string) tea.Cmd {
			if typed != word {
				m.say(true, "that is not %q; nothing was done", word)
				return nil
			}
			return m.execute(p, revoke.Consent{By: m.o.Operator, Reason: reason, Word: typed, Yes: true})
		},
	})
}

func (m *Model) execute(p *planPage, c revoke.Consent) tea.Cmd {
	page := &runPage{th: m.th, now: m.o.Now, x: &m.x, run: revoke.Run{Started: m.o.Now(), By: c.By, Reason: c.Reason, State: revoke.StateRunning}}
	m.page = page // the plan was used: going back must not lead to it
	m.busy = "working"
	if p.in != nil {
		page.run.Since = p.in.At
		m.stack = slices.DeleteFunc(m.stack, func(v View) bool { _, ok := v.(*incidentPage); return ok }) // the credential goes with its page
	}
	plan, undo, in, send := p.plan, p.undo, p.in, m.send
	ctx, stop := context.WithCancel(m.ctx)
	m.stopRun, m.leaving = stop, false
	return func() tea.Msg {
		defer stop()
		on := func(ev revoke.Event) { send(runMsg(ev)) }
		var run revoke.Run
		var err error
		r, can := m.e.(Responder)
		switch {
		case undo != "":
			run, err = m.e.Undo(ctx, undo, c, on)
		case in != nil && can:
			run, err = r.ExecuteIncident(ctx, in, plan, c, on)
		default:
			run, err = m.e.Execute(ctx, plan, c, on)
		}
		if err != nil && run.ID == "" {
			err = fmt.Errorf("nothing was done: %w", err)
		}
		return runDoneMsg{run: run, err: err, page: p, consent: c}
	}
}
