package ui

import (
	"errors"
	"io"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

// key routes a key: text entry first, then the actions.
func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	m.toast = ""
	early := m.o.Now().Before(m.grace) && k.Type != tea.KeyCtrlC
	if early && m.mode == modePrompt {
		return nil // typed for what was on the screen before the question opened by itself
	}
	switch m.mode {
	case modeFilter:
		return m.filterKey(k)
	case modePrompt:
		return m.promptKey(k)
	case modeChoose:
		return m.chooseKey(k)
	}
	if early {
		return nil // typed for what was on the screen before the page opened by itself
	}
	// Keys that arrive in one read come as one message: each rune is a key of its own.
	if k.Type == tea.KeyRunes && len(k.Runes) > 1 && !k.Paste {
		var cmds []tea.Cmd
		for i, r := range k.Runes {
			cmds = append(cmds, m.oneKey(string(r)))
			rest := k.Runes[i+1:]
			if m.mode == modeKeys || len(rest) == 0 {
				continue
			}
			// A search or a name may be typed fast; the answer to a question that was not seen yet may not.
			if m.mode != modePrompt {
				cmds = append(cmds, m.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: rest}))
			}
			break
		}
		return tea.Batch(cmds...)
	}
	if k.Paste {
		m.say(false, "pasted text is ignored here; ! takes a secret")
		return nil
	}
	return m.oneKey(k.String())
}

func (m *Model) oneKey(key string) tea.Cmd {
	if len(key) == 1 && key[0] >= '1' && key[0] <= '9' && m.actionFor(key) == nil {
		if i := int(key[0] - '1'); i < len(m.names) {
			return m.goTo(m.names[i])
		}
	}
	if a := m.actionFor(key); a != nil {
		return m.run(a)
	}
	switch key {
	case "tab":
		return m.cycle(1)
	case "shift+tab":
		return m.cycle(-1)
	}
	return nil
}

func (m *Model) cycle(n int) tea.Cmd {
	for i, name := range m.names {
		if name == m.current {
			return m.goTo(m.names[((i+n)%len(m.names)+len(m.names))%len(m.names)])
		}
	}
	return nil
}

// goTo brings a view to the front.
func (m *Model) goTo(name string) tea.Cmd {
	v, ok := m.views[name]
	if !ok {
		m.say(false, "no view %q; ? lists them", name)
		return nil
	}
	if name != m.current {
		m.before, m.current = m.current, name
	}
	m.stack = nil
	m.page = v
	if load := m.loadExtras(name); load != nil {
		return load // shows it, once the newest is read: the cursor begins on that
	}
	return v.Show(m.snap)
}

// lastView goes to the page before this one.
func (m *Model) lastView() tea.Cmd {
	if len(m.stack) > 0 { // a page that was opened over the view
		return m.back()
	}
	if m.before == "" {
		m.say(false, "no view before this one")
		return nil
	}
	return m.goTo(m.before)
}

// push opens a page over the one in front.
func (m *Model) push(p View) tea.Cmd {
	if d, ok := p.(*detail); ok && d.tab == "" {
		d.tab = m.tab
	}
	m.stack = append(m.stack, m.page)
	m.page = p
	return m.showPage()
}

func (m *Model) back() tea.Cmd {
	if k, ok := m.page.(marker); ok && k.Unmark() {
		return nil
	}
	if f, ok := m.page.(filterer); ok && f.FilterText() != "" {
		return f.SetFilter("")
	}
	if n := len(m.stack); n > 0 {
		m.page = m.stack[n-1]
		m.stack = m.stack[:n-1]
		return m.showPage()
	}
	if m.current != "overview" {
		return m.goTo("overview")
	}
	return nil
}

func (m *Model) open() tea.Cmd {
	id := m.picked()
	switch {
	case strings.HasPrefix(string(id), sourcePrefix):
		return m.goTo("ledger")
	case strings.HasPrefix(string(id), controlPrefix):
		return m.openControl(id)
	case strings.HasPrefix(string(id), metricPrefix):
		return m.openMetric(id)
	case strings.HasPrefix(string(id), rulePrefix):
		return m.openRule(id)
	case strings.HasPrefix(string(id), waitingPrefix):
		return m.openWaiting(strings.TrimPrefix(string(id), waitingPrefix))
	case strings.HasPrefix(string(id), runPrefix):
		return m.openRun(strings.TrimPrefix(string(id), runPrefix))
	}
	if d, ok := m.page.(*detail); ok && d.id == id {
		m.say(false, "nothing more to open on this line")
		return nil
	}
	if id.Noun() == "" || m.snap == nil || strings.Contains(string(id), ":") {
		m.say(false, "nothing to open here")
		return nil
	}
	next := newDetail(id, m.th)
	if d := m.detailInFront(); d != nil && d.front() == tabRelations {
		next.tab = tabRelations // the walk goes on
	}
	return m.push(next)
}

// openProof opens everything that gives the capability under the cursor.
func (m *Model) openProof() tea.Cmd {
	x := m.page.(*matrix)
	d := newDetail(x.Picked(), m.th)
	d.only = x.capability()
	return m.push(d)
}

func (m *Model) toOwner() tea.Cmd { return m.push(newDetail(ownerOf(m.snap, m.picked()), m.th)) }

// copy puts what the page offers into the clipboard of the terminal, over SSH too.
func (m *Model) copy() tea.Cmd {
	text := string(m.picked())
	if c, ok := m.page.(copier); ok {
		text = c.Copy()
	}
	if text == "" {
		m.say(false, "nothing to copy")
		return nil
	}
	m.say(false, "copied")
	return m.copied(text)
}

func (m *Model) takeExtras(x extrasMsg) tea.Cmd {
	if x.err != nil {
		m.say(true, "%v", x.err)
	}
	m.x.runs, m.x.audit, m.x.waiting = x.runs, x.audit, x.waiting
	if a, ok := m.e.(auditor); ok && m.current == "audit" && a.AuditTrouble() != "" {
		m.say(true, "%s", a.AuditTrouble())
	}
	return m.refreshExtras()
}

func (m *Model) refreshExtras() tea.Cmd {
	if r, ok := m.views[m.current].(interface {
		Reload(*inventory.Snapshot) tea.Cmd
	}); ok && isExtra(m.current) {
		return r.Reload(m.snap)
	}
	return nil
}

func isExtra(view string) bool {
	return view == "revocations" || view == "waiting" || view == "audit" || view == "messages" || view == "review" || view == "changes"
}

// loadExtras reads what is not in a snapshot when its view comes to the front.
func (m *Model) loadExtras(view string) tea.Cmd {
	switch view {
	case "messages":
		return m.refreshExtras()
	case "review":
		return m.loadReview("")
	case "changes":
		return m.loadChanges()
	case "revocations", "audit", "waiting":
		return func() tea.Msg {
			runs, err := m.e.Runs() // those that can be read are there beside the error
			entries, auditErr := m.e.Audit()
			var ws []posture.Waiting
			var waitErr error
			if s, ok := m.e.(Seconder); ok {
				ws, waitErr = s.Waiting()
			}
			return extrasMsg{extras{runs: runs, audit: entries, waiting: ws}, errors.Join(err, auditErr, waitErr)}
		}
	}
	return nil
}

type runsMsg []revoke.Run

// loadRuns reads what was revoked so far, for the overview. What cannot be read is told by the view of the runs.
func (m *Model) loadRuns() tea.Cmd {
	return func() tea.Msg {
		runs, err := m.e.Runs()
		if err != nil && len(runs) == 0 {
			return nil
		}
		return runsMsg(runs)
	}
}

// osc52 writes the terminal's own copy sequence, in one write, between two frames.
func osc52(out io.Writer) func(string) tea.Cmd {
	return func(text string) tea.Cmd {
		return func() tea.Msg {
			_, _ = io.WriteString(out, ansi.SetSystemClipboard(text))
			return nil
		}
	}
}
