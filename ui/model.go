package ui

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
	"nhitop/ui/theme"
)

// Model is the root: a router. Everything in it belongs to the goroutine of the program.
type Model struct {
	e    Engine
	o    Options
	th   *theme.Theme
	send func(tea.Msg) // from other goroutines
	ctx  context.Context

	w, h       int
	snap       *inventory.Snapshot
	stale      bool // snap is what the last run left
	collecting bool
	stop       context.CancelFunc
	stopRun    context.CancelFunc // of the run that is under way; nil: none is
	leaving    bool               // q was pressed while one was
	progress   map[string]string

	views   map[string]View
	names   []string // of the views, in order
	page    View
	current string // view below the page stack
	before  string // view for "-"
	stack   []View
	tab     string // of the records that are opened next
	actions []action

	mode   mode
	input  textinput.Model
	hints  hints // for the filter that is typed
	prompt prompt
	picker chooser
	grace  time.Time // keys before this are not for the dialog that opened by itself

	prefs   prefs
	keeping keeping

	x      extras
	toast  string
	bad    bool
	busy   string // what is being worked on, for the footer
	frame  string
	dirty  bool
	copied func(string) tea.Cmd
	tick   func() tea.Cmd
	wake   func(time.Duration) tea.Cmd // draws again after a while
}

// mode says who gets the keys first.
type mode int

const (
	modeKeys mode = iota
	modeFilter
	modePrompt
	modeChoose
)

type message struct {
	n    int
	at   time.Time
	text string
	bad  bool
}

// Messages of the program.
type (
	engineMsg   posture.Event
	previousMsg struct {
		snap *inventory.Snapshot
		err  error
	}
	collectedMsg struct{ err error }
	tickMsg      time.Time
	wakeMsg      struct{}
	extrasMsg    struct {
		extras
		err error
	}
)

// NewModel returns the root model. send delivers messages from other goroutines; in tests it may queue them.
func NewModel(ctx context.Context, e Engine, o Options, th *theme.Theme, send func(tea.Msg)) *Model {
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Model{e: e, o: o, th: th, send: send, ctx: ctx, w: 80, h: 24, dirty: true, actions: rebind(actionTable(), o.Keys)}
	if o.Stdout == nil {
		o.Stdout = io.Discard
	}
	m.copied = osc52(o.Stdout)
	m.input = textinput.New()
	m.input.Prompt = ""
	m.input.Cursor.SetMode(cursor.CursorStatic)
	m.tick = func() tea.Cmd { return tea.Tick(time.Second, func(t time.Time) tea.Msg { return tickMsg(t) }) }
	m.wake = func(d time.Duration) tea.Cmd { return tea.Tick(d, func(time.Time) tea.Msg { return wakeMsg{} }) }
	m.buildViews()
	m.page, m.current = m.views["overview"], "overview"
	return m
}

// buildViews lists the views: one more is one line here.
func (m *Model) buildViews() {
	m.views = map[string]View{}
	add := func(name string, v View) {
		m.views[name] = v
		m.names = append(m.names, name)
	}
	add("overview", &overview{th: m.th, state: func() collecting { return collecting{on: m.collecting, progress: m.progress} }, recent: func() []change.Change { return m.x.changes }, ended: func() []revoke.Run { return m.x.runs }, open: m.x.open})
	add("assistants", newList(assistantList(), m.th))
	add("owners", newList(ownerList(), m.th))
	add("secrets", newList(secretList(), m.th))
	add("entitlements", newList(entitlementList(), m.th))
	add("tools", newList(toolList(), m.th))
	add("findings", newList(findingList(policyOf(m.e)), m.th))
	add("fixes", newList(issueList(), m.th))
	add("sources", newList(sourceList(), m.th))
	add("matrix", newMatrix(m.th))
	add("ledger", newList(ledgerList(), m.th))
	add("controls", newList(controlList(policyOf(m.e)), m.th))
	add("metrics", newList(metricList(m.th), m.th))
	add("rules", newList(ruleList(policyOf(m.e)), m.th))
	add("changes", newList(changeList(&m.x), m.th))
	add("revocations", newList(runList(&m.x), m.th))
	add("waiting", newList(waitingList(&m.x), m.th))
	add("triage", newList(triageList(m.o.Now), m.th))
	add("review", newList(reviewList(&m.x.review, m.o.Now), m.th))
	add("audit", newList(auditList(&m.x), m.th))
	add("messages", newList(messageList(&m.x), m.th))
}

// Init draws at once and starts everything that takes time in commands.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(
		func() tea.Msg { s, err := m.e.Previous(); return previousMsg{s, err} },
		m.loadPrefs(),
		m.loadRuns(), // that one was cut off is said first of all
		m.collect(),
		m.tick(),
	)
}

// Update routes one message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	was := m.dirty
	m.dirty = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		return m, nil
	case tea.KeyMsg:
		return m, tea.Batch(m.key(msg), m.wantEffects())
	case engineMsg:
		return m, m.engine(posture.Event(msg))
	case previousMsg:
		return m, m.takePrevious(msg)
	case collectedMsg:
		m.collecting, m.stop, m.progress = false, nil, nil
		if msg.err != nil {
			m.say(true, "collecting: %v", msg.err)
		}
		return m, nil
	case preparedMsg:
		cmd := m.listMsg(msg.view, msg)
		return m, tea.Batch(cmd, m.wantEffects()) // a row is under the cursor by now
	case foundMsg:
		return m, m.listMsg(msg.view, msg)
	case matrixMsg:
		return m, m.views["matrix"].Update(msg)
	case planMsg, runMsg, runDoneMsg, lookedMsg, secondMsg, heldMsg:
		return m, m.revocation(msg)
	case incidentMsg, answersMsg:
		return m, m.takeIncident(msg)
	case prefsMsg:
		return m, m.takePrefs(msg)
	case keptMsg:
		return m, m.takeKept(msg)
	case reviewMsg, effectsMsg:
		return m, m.takeReviewing(msg)
	case changesMsg:
		return m, m.takeChanges(msg)
	case extrasMsg:
		return m, m.takeExtras(msg)
	case excerptsMsg, historyMsg, runsMsg:
		return m, m.takeAside(msg)
	case sayMsg:
		m.say(msg.bad, "%s", msg.text)
		return m, nil
	case tickMsg:
		m.dirty = m.ticking()
		return m, tea.Batch(m.tick(), m.watch())
	case sleepMsg:
		return m, m.suspend()
	case tea.MouseMsg:
		return m, m.mouse(msg)
	case wakeMsg, tea.ResumeMsg:
		return m, nil
	}
	m.dirty = was
	return m, nil
}

// takePrevious shows what the last run left, until there is something of this one.
func (m *Model) takePrevious(msg previousMsg) tea.Cmd {
	if msg.err != nil {
		m.say(true, "the last snapshot: %v", msg.err)
	}
	if m.snap != nil || msg.snap == nil {
		return nil
	}
	m.stale = true
	return m.show(msg.snap)
}

// ticking reports whether something on the screen changes with the clock alone.
func (m *Model) ticking() bool {
	if _, armed := m.e.Armed(); armed || m.collecting {
		return true
	}
	if r, ok := m.page.(*runPage); ok && (!r.done || r.counting()) {
		return true
	}
	if _, ok := m.page.(*incidentPage); ok { // the seconds since the paste
		return true
	}
	if p, ok := m.page.(*planPage); ok && p.in != nil || m.stopRun != nil {
		return true
	}
	return m.snap != nil && m.o.Now().Second() == 0 // the age of the data, once a minute
}

func (m *Model) engine(ev posture.Event) tea.Cmd {
	if ev.Progress != nil {
		m.progress = ev.Progress
	}
	if ev.Err != nil {
		m.say(true, "%v", ev.Err)
	}
	if ev.Snapshot == nil || ev.Snapshot == m.snap {
		return nil
	}
	// While the first collection runs, the complete facts of last time are worth more than a part of the new ones.
	if m.stale && ev.Snapshot.Partial() {
		return nil
	}
	m.stale = false
	return m.show(ev.Snapshot)
}

// show gives new data to the page in front and what lies under it; other views take it when they come to the front.
func (m *Model) show(s *inventory.Snapshot) tea.Cmd {
	m.snap = s
	cmds := []tea.Cmd{m.showPage()}
	if !s.Partial() {
		cmds = append(cmds, m.loadChanges(), m.loadRuns()) // the overview says what the last week brought
	}
	if v := m.views[m.current]; v != m.page {
		cmds = append(cmds, v.Show(s))
	}
	return tea.Batch(cmds...)
}

// showPage gives the page in front the newest data.
func (m *Model) showPage() tea.Cmd {
	cmd := m.page.Show(m.snap)
	if d, ok := m.page.(*detail); ok {
		cmd = tea.Batch(cmd, m.loadTab(d))
	}
	return cmd
}

// say puts a message into the footer, where it stays until the next one or a key, and into the list of messages.
func (m *Model) say(bad bool, format string, args ...any) {
	m.toast, m.bad = inventory.Clean(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")), bad
	m.x.messages = append(m.x.messages, message{len(m.x.messages), m.o.Now(), m.toast, bad})
	const most = 1000
	if len(m.x.messages) > most {
		m.x.messages = m.x.messages[len(m.x.messages)-most:]
	}
}

func (m *Model) collect() tea.Cmd {
	if m.collecting {
		return nil
	}
	ctx, stop := context.WithCancel(m.ctx)
	m.collecting, m.stop = true, stop
	return func() tea.Msg {
		defer stop()
		_, err := m.e.Collect(ctx)
		if ctx.Err() != nil && m.ctx.Err() == nil {
			return collectedMsg{fmt.Errorf("stopped; what is shown is from before")}
		}
		return collectedMsg{err}
	}
}

func (m *Model) cancelCollect() tea.Cmd {
	if m.stop != nil {
		m.stop()
	}
	return nil
}

func (m *Model) quit() tea.Cmd {
	if m.stopRun != nil && !m.leaving {
		return m.askLeave()
	}
	if m.stop != nil {
		m.stop()
	}
	return tea.Quit
}
