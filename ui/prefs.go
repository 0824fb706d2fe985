package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/ui/table"
)

// Keeper keeps what the operator chose for the screen from one run to the next. Its methods may take time; they are not
// called at the same time.
type Keeper interface {
	Load() ([]byte, error) // nil when nothing was kept yet
	Save([]byte) error
}

// prefs are what is kept: the columns and the order of each list, and the filters that have a name.
type prefs struct {
	Schema  string               `json:"schema"`
	Views   map[string]viewPrefs `json:"views,omitempty"`
	Filters []savedFilter        `json:"filters,omitempty"`
}

const prefsSchema = "nhitop-screen/v1"

// viewPrefs are those of one list, by the keys of its columns. Keys that the list does not have are passed over.
type viewPrefs struct {
	Columns []string `json:"columns,omitempty"` // in their order; none: the list's own choice
	Sort    string   `json:"sort,omitempty"`
	Desc    bool     `json:"desc,omitempty"`
}

func readPrefs(data []byte) (prefs, error) {
	p := prefs{Schema: prefsSchema}
	if len(data) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("the columns and filters that were kept cannot be read: %w", err)
	}
	if p.Schema != prefsSchema {
		return p, fmt.Errorf("the columns and filters that were kept are of another version, %q", p.Schema)
	}
	return p, nil
}

type prefsMsg struct {
	prefs
	err error
}

type keptMsg struct{ err error }

// keeping writes changes one after the other, each upon what stands there by then: another dashboard may have written too.
type keeping struct {
	busy    bool
	pending []func(*prefs)
}

func (m *Model) loadPrefs() tea.Cmd {
	k := m.o.Keep
	if k == nil {
		return nil
	}
	return func() tea.Msg {
		data, err := k.Load()
		if err != nil {
			return prefsMsg{err: err}
		}
		p, err := readPrefs(data)
		return prefsMsg{p, err}
	}
}

// takePrefs brings every list into the shape that it had.
func (m *Model) takePrefs(msg prefsMsg) tea.Cmd {
	if msg.err != nil {
		m.say(true, "%v", msg.err)
		return nil
	}
	m.prefs = msg.prefs
	var cmds []tea.Cmd
	for _, name := range m.names {
		if v, ok := m.views[name].(columned); ok {
			if p, ok := m.prefs.Views[name]; ok {
				cmds = append(cmds, restore(v, p))
			}
		}
	}
	return tea.Batch(cmds...)
}

func restore(v columned, p viewPrefs) tea.Cmd {
	cols := v.Columns()
	at := func(key string) int {
		return slices.IndexFunc(cols, func(c table.Column) bool { return c.Key == key })
	}
	var order []int
	for _, key := range p.Columns {
		if i := at(key); i >= 0 && !slices.Contains(order, i) {
			order = append(order, i)
		}
	}
	v.Choose(order)
	if i := at(p.Sort); i >= 0 {
		return v.Order(table.Sort{Column: i, Desc: p.Desc})
	}
	return nil
}

// keepView keeps the columns and the order of a list as they are now.
func (m *Model) keepView(name string) tea.Cmd {
	v, ok := m.views[name].(columned)
	if !ok {
		return nil
	}
	var p viewPrefs
	cols := v.Columns()
	if order, chosen := v.Chosen(); chosen {
		for _, c := range order {
			p.Columns = append(p.Columns, cols[c].Key)
		}
	}
	if s := v.Sorted(); s.Column >= 0 {
		p.Sort, p.Desc = cols[s.Column].Key, s.Desc
	}
	return m.keep(func(all *prefs) {
		if all.Views == nil {
			all.Views = map[string]viewPrefs{}
		}
		all.Views[name] = p
	})
}

// keep makes a change here and in what is kept.
func (m *Model) keep(change func(*prefs)) tea.Cmd {
	change(&m.prefs)
	if m.o.Keep == nil {
		return nil
	}
	m.keeping.pending = append(m.keeping.pending, change)
	return m.write()
}

func (m *Model) write() tea.Cmd {
	if m.keeping.busy || len(m.keeping.pending) == 0 {
		return nil
	}
	k, changes := m.o.Keep, m.keeping.pending
	m.keeping = keeping{busy: true}
	return func() tea.Msg {
		data, err := k.Load()
		if err != nil {
			return keptMsg{err}
		}
		p, err := readPrefs(data)
		if err != nil {
			return keptMsg{err}
		}
		for _, change := range changes {
			change(&p)
		}
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false) // a person may read it
		enc.SetIndent("", "\t")
		if err := enc.Encode(p); err != nil {
			return keptMsg{err}
		}
		return keptMsg{k.Save(out.Bytes())}
	}
}

func (m *Model) takeKept(msg keptMsg) tea.Cmd {
	m.keeping.busy = false
	if msg.err != nil {
		m.say(true, "not kept for the next run: %v", msg.err)
	}
	return m.write()
}
