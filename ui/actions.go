package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// action is one thing that a key does. The table of actions feeds dispatch, footer, help and palette alike.
type action struct {
	id     string
	keys   []string
	short  string // footer
	help   string
	danger bool // leads to a change outside the dashboard
	do     func(*Model) tea.Cmd
	why    func(*Model) string // why it is not possible now; "" when it is
}

func actionTable() []action {
	return slices.Concat(movingActions(), coreActions(), killActions(), triageActions(), tabActions(), columnActions(), savedActions(), reviewActions())
}

// movingActions are those that only move.
func movingActions() []action {
	return []action{
		{id: "open", keys: []string{"enter", "l", "right"}, short: "open", help: "open what is under the cursor", do: (*Model).open, why: needsPick},
		{id: "back", keys: []string{"esc", "h", "left"}, short: "back", help: "go back: filter, marks, then the page before", do: (*Model).back},
		{id: "down", keys: []string{"j", "down"}, help: "down", do: move(1)},
		{id: "up", keys: []string{"k", "up"}, help: "up", do: move(-1)},
		{id: "page-down", keys: []string{"ctrl+f", "pgdown"}, help: "a page down", do: page(1)},
		{id: "page-up", keys: []string{"ctrl+b", "pgup"}, help: "a page up", do: page(-1)},
		{id: "top", keys: []string{"g", "home"}, help: "first row", do: func(m *Model) tea.Cmd { return onPage(m, scroller.Home) }},
		{id: "bottom", keys: []string{"G", "end"}, help: "last row", do: func(m *Model) tea.Cmd { return onPage(m, scroller.End) }},
	}
}

func coreActions() []action {
	return []action{
		{id: "palette", keys: []string{":"}, short: "go", help: "go to a view, an action or an identity by name", do: (*Model).startPalette},
		{id: "filter", keys: []string{"/"}, short: "filter", help: "filter: words, !not, owner=alice, risk>=attend", do: (*Model).startFilter, why: needs[filterer]("this page cannot be filtered")},
		{id: "help", keys: []string{"?"}, short: "help", help: "every key; type to search, enter runs", do: (*Model).startHelp},
		{id: "mark", keys: []string{" "}, short: "mark", help: "mark or unmark the row", do: func(m *Model) tea.Cmd { return onPage(m, marker.Toggle) }, why: needs[marker]("nothing to mark here")},
		{id: "range", keys: []string{"v"}, help: "start a range of marks, and end it", do: func(m *Model) tea.Cmd { return onPage(m, marker.Range) }, why: needs[marker]("nothing to mark here")},
		{id: "mark-all", keys: []string{"*"}, help: "mark all rows shown, or none", do: func(m *Model) tea.Cmd { return onPage(m, marker.MarkAll) }, why: needs[marker]("nothing to mark here")},
		{id: "sort-prev", keys: []string{"<"}, help: "sort by the column before", do: sortBy(-1, false), why: needs[sorter]("this page has no columns")},
		{id: "sort-next", keys: []string{">"}, short: "sort", help: "sort by the next column", do: sortBy(1, false), why: needs[sorter]("this page has no columns")},
		{id: "sort-flip", keys: []string{"S"}, help: "turn the order round", do: sortBy(0, true), why: needs[sorter]("this page has no columns")},
		{id: "owner", keys: []string{"J"}, short: "owner", help: "go to the owner", do: (*Model).toOwner, why: needsOwner},
		{id: "last", keys: []string{"-"}, help: "the view before this one", do: (*Model).lastView},
		{id: "collect", keys: []string{"ctrl+r"}, short: "collect", help: "collect again", do: (*Model).collect, why: func(m *Model) string {
			if m.collecting {
				return "already collecting; ctrl-x stops it"
			}
			return ""
		}},
		{id: "cancel", keys: []string{"ctrl+x"}, help: "stop the run or the collection that is under way", do: (*Model).cancel, why: func(m *Model) string {
			if !m.collecting && m.stopRun == nil {
				return "nothing is running"
			}
			return ""
		}},
		{id: "copy", keys: []string{"y"}, short: "copy", help: "copy the id, or the text of the page (OSC 52); never a secret", do: (*Model).copy},
		{id: "sources", keys: []string{"s"}, short: "sources", help: "what was read, and what was not", do: func(m *Model) tea.Cmd { return m.goTo("sources") }},
		{id: "suspend", keys: []string{"ctrl+z"}, help: "to the shell and back with fg", do: (*Model).suspend},
		{id: "quit", keys: []string{"q", "ctrl+c"}, short: "quit", help: "quit", do: (*Model).quit},
	}
}

// killActions lead to a change outside the dashboard, or show what it would be.
func killActions() []action {
	return []action{
		{id: "arm", keys: []string{"W"}, short: "arm", help: "allow changes for some minutes, or forbid them again", danger: true, do: (*Model).arm, why: func(m *Model) string {
			if m.e.ReadOnly() {
				return "started read-only: start without --read-only and read_only in the config to change anything"
			}
			return ""
		}},
		{id: "revoke", keys: []string{"R"}, short: "revoke", help: "plan to take away what is marked or under the cursor", danger: true, do: func(m *Model) tea.Cmd { return m.startPlan("") }, why: canRevoke},
		{id: "disable", keys: []string{"D"}, help: "plan to switch a tool server off, its entry kept", danger: true, do: func(m *Model) tea.Cmd { return m.startPlan(revoke.ActionDisableServer) }, why: func(m *Model) string {
			if id := m.picked(); id.Noun() != inventory.NounTool {
				return "only a tool server can be switched off"
			}
			return canRevoke(m)
		}},
		{id: "revoke-all", keys: []string{"A"}, short: "revoke all", help: "plan to take away all that an assistant or an owner holds", danger: true, do: func(m *Model) tea.Cmd { return m.startPlan(revoke.ActionAll) }, why: canRevokeAll},
		{id: "rotate", keys: []string{"T"}, help: "plan to make a new credential in the place of this one, and hand it to a file or a command", danger: true, do: (*Model).startRotate, why: canRotate},
		{id: "incident", keys: []string{"!"}, short: "incident", help: "a secret in hand: paste it, or give an id, a name or its last characters", do: (*Model).startIncident, why: canRespond},
		{id: "ask-issuer", keys: []string{"a"}, short: "ask issuer", help: "show the secret in hand to its issuer, by a call that changes nothing: is it alive, and whose", do: (*Model).askIssuer, why: onlyIncident},
		{id: "go", keys: []string{"x", "enter"}, short: "go", help: "carry the plan out, after its confirmation", danger: true, do: (*Model).confirm, why: canGo},
		{id: "second", keys: []string{"c"}, short: "confirm", help: "confirm the plan of another operator, who alone can carry it out then", danger: true, do: (*Model).confirmSecond, why: canSecond},
		{id: "cell-left", keys: []string{"left", "h"}, short: "left", help: "the capability to the left", do: func(m *Model) tea.Cmd { return onPage(m, func(x sider) { x.Side(-1) }) }, why: needs[sider]("only in the matrix")},
		{id: "cell-right", keys: []string{"right", "l"}, short: "right", help: "the capability to the right", do: func(m *Model) tea.Cmd { return onPage(m, func(x sider) { x.Side(1) }) }, why: needs[sider]("only in the matrix")},
		{id: "proof", keys: []string{"enter"}, short: "proof", help: "what proves the cell", do: (*Model).openProof, why: needsPick},
		{id: "diff", keys: []string{"d"}, short: "diff", help: "show the exact changes of the plan", do: (*Model).toggleDiff, why: onlyPlan},
		{id: "look", keys: []string{"enter"}, short: "look again", help: "look again at what is not proven, or say that a step of yours is done", do: (*Model).lookAgain, why: canLook},
		{id: "resume", keys: []string{"x"}, short: "go on", help: "go on with a run that was cut off; the secret that it needs is asked for", danger: true, do: (*Model).startResume, why: canResume},
		{id: "undo", keys: []string{"u"}, short: "undo", help: "plan to take a run back", danger: true, do: (*Model).startUndo, why: canUndo},
	}
}

// contextual are the actions whose key means something else elsewhere; they count only on pages that name them.
var contextual = map[string]bool{"column-toggle": true, "column-earlier": true, "column-later": true, "column-sort": true, "column-reset": true, "go": true, "second": true, "diff": true, "look": true, "ask-issuer": true, "resume": true, "undo": true, "cell-left": true, "cell-right": true, "proof": true,
	"tab-next": true, "tab-prev": true, "next": true, "prev": true, "unfold": true, "fold": true,
	"review-open": true, "review-close": true, "review-export": true, "review-undo": true, "review-keep": true, "review-reduce": true, "review-rotate": true, "review-transfer": true, "review-suspend": true, "review-revoke": true, "review-exception": true}

func (m *Model) actionFor(key string) *action {
	for i := range m.actions {
		a := &m.actions[i]
		if contextual[a.id] && slices.Contains(a.keys, key) && slices.Contains(m.page.Actions(), a.id) {
			return a
		}
	}
	for i := range m.actions {
		a := &m.actions[i]
		if !contextual[a.id] && slices.Contains(a.keys, key) {
			return a
		}
	}
	return nil
}

func (m *Model) action(id string) *action {
	for i := range m.actions {
		if m.actions[i].id == id {
			return &m.actions[i]
		}
	}
	return nil
}

// run does an action, or says why it is not possible.
func (m *Model) run(a *action) tea.Cmd {
	if a.why != nil {
		if why := a.why(m); why != "" {
			m.say(false, "%s: %s", a.id, why)
			return nil
		}
	}
	return a.do(m)
}

func move(n int) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return onPage(m, func(s scroller) { s.Move(n) }) }
}

func page(n int) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return onPage(m, func(s scroller) { s.Page(n) }) }
}

func sortBy(step int, flip bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		return tea.Batch(m.page.(sorter).SortBy(step, flip), m.keepView(m.current))
	}
}

func onPage[T any](m *Model, f func(T)) tea.Cmd {
	if p, ok := m.page.(T); ok {
		f(p)
	}
	return nil
}

func needs[T any](why string) func(*Model) string {
	return func(m *Model) string {
		if _, ok := m.page.(T); !ok {
			return why
		}
		return ""
	}
}

func (m *Model) picked() inventory.ID {
	if p, ok := m.page.(picker); ok {
		return p.Picked()
	}
	return ""
}

func needsPick(m *Model) string {
	if m.picked() == "" {
		return "nothing under the cursor"
	}
	return ""
}

func needsOwner(m *Model) string {
	if m.snap == nil {
		return "nothing collected yet"
	}
	if ownerOf(m.snap, m.picked()) == "" {
		return "no owner is known"
	}
	return ""
}

func ownerOf(s *snap, id inventory.ID) inventory.ID {
	if id.Noun() == inventory.NounOwner {
		return id
	}
	var as []inventory.ID
	switch id.Noun() {
	case inventory.NounAssistant:
		as = []inventory.ID{id}
	case inventory.NounSecret:
		if x := s.Secret(id); x != nil {
			if len(x.Owners) > 0 {
				return x.Owners[0]
			}
			as = x.Assistants
		}
	case inventory.NounTool:
		if t := s.Tool(id); t != nil {
			as = []inventory.ID{t.Assistant}
		}
	case inventory.NounFinding:
		if f := s.Finding(id); f != nil {
			as = append([]inventory.ID{f.Subject}, f.Assistants...)
		}
	case inventory.NounEntitlement:
		if e := s.Entitlement(id); e != nil {
			as = []inventory.ID{e.Assistant}
		}
	}
	for _, x := range as {
		if a := s.Assistant(x); a != nil && len(a.Owners) > 0 {
			return a.Owners[0]
		}
	}
	return ""
}

// targets are the records that R is about: the marked ones, else the one under the cursor; a finding stands for its
// subject, and an owner for all that the owner holds, whichever key it is.
func (m *Model) targets(act string) []revoke.Target {
	ids := []inventory.ID{}
	if k, ok := m.page.(marker); ok {
		ids = k.Marked()
	}
	if len(ids) == 0 {
		if id := m.picked(); id != "" {
			ids = append(ids, id)
		}
	}
	var out []revoke.Target
	seen := map[inventory.ID]bool{}
	for _, id := range ids {
		if f := m.finding(id); f != nil {
			id = f.Subject
		}
		if !seen[id] {
			seen[id] = true
			t := revoke.Target{ID: id, Action: act}
			if act == revoke.ActionAll && id.Noun() == inventory.NounOwner {
				t.Action = ""
			}
			out = append(out, t)
		}
	}
	return out
}

func (m *Model) finding(id inventory.ID) *inventory.Finding {
	if m.snap == nil {
		return nil
	}
	return m.snap.Finding(id)
}

func canRevoke(m *Model) string {
	if _, ok := m.page.(*incidentPage); ok {
		if m.e.ReadOnly() {
			return "read-only"
		}
		return ""
	}
	if m.snap == nil {
		return "nothing collected yet"
	}
	ts := m.targets("")
	if len(ts) == 0 {
		return "nothing under the cursor"
	}
	var reasons []string
	for _, t := range ts {
		ok, why := m.e.MayRevoke(t.ID)
		if ok {
			return ""
		}
		reasons = append(reasons, why)
	}
	return strings.Join(slices.Compact(reasons), "; ")
}

func canLook(m *Model) string {
	r := m.runInFront()
	switch {
	case r == nil:
		return "only on a run"
	case r.State == revoke.StateRunning:
		return "the run is still going"
	case !slices.ContainsFunc(r.Steps, revoke.StepRun.Unsettled):
		return "every step has the proof that it promised, or was not done"
	}
	return ""
}

func canUndo(m *Model) string {
	r := m.runInFront()
	switch {
	case r == nil:
		return "only on a run"
	case r.State == revoke.StateRunning:
		return "the run is still going"
	case r.Undoes != "":
		return fmt.Sprintf("it took %s back itself", r.Undoes)
	}
	return ""
}
