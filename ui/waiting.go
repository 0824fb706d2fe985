package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

const waitingPrefix = "waiting:"

// waitingList are the plans that another operator must confirm.
func waitingList(x *extras) listSpec[posture.Waiting] {
	type w = posture.Waiting
	return listSpec[w]{
		name: "waiting", noun: "plan", acts: []string{"open", "filter"}, sort: table.Sort{Column: -1},
		rows: func(*snap) []w { return x.waiting }, live: true,
		id:    func(v *w) inventory.ID { return inventory.ID(waitingPrefix + v.Plan.ID) },
		empty: func(*snap) string { return "no plan waits for a second person" },
		cols: []column[w]{
			{table.Column{Key: "plan", Title: "PLAN", Min: 8, Max: 12, Priority: 1}, func(_ *snap, v *w) table.Cell { return text(v.Plan.ID) }},
			{table.Column{Key: "state", Title: "STATE", Min: 9, Max: 9, Priority: 1}, func(_ *snap, v *w) table.Cell {
				if v.ConfirmedBy != "" {
					return table.Cell{Text: "confirmed", Style: theme.Good}
				}
				return table.Cell{Text: "waits", Style: theme.Warn}
			}},
			{table.Column{Key: "what", Title: "WHAT", Min: 20, Max: 60, Priority: 2, Grow: true}, func(_ *snap, v *w) table.Cell { return text(strings.Join(v.Plan.Names, ", ")) }},
			{table.Column{Key: "by", Title: "BY", Min: 4, Max: 16, Priority: 2}, func(_ *snap, v *w) table.Cell { return text(v.By) }},
			{table.Column{Key: "reason", Title: "REASON", Min: 8, Max: 40, Priority: 3}, func(_ *snap, v *w) table.Cell { return text(v.Reason) }},
			{table.Column{Key: "until", Title: "UNTIL", Min: 19, Max: 19, Priority: 4}, func(_ *snap, v *w) table.Cell { return text(stamp(v.Until)) }},
		},
	}
}

func (m *Model) openWaiting(id string) tea.Cmd {
	i := slices.IndexFunc(m.x.waiting, func(w posture.Waiting) bool { return w.Plan.ID == id })
	if i < 0 {
		return nil
	}
	w := m.x.waiting[i]
	return m.push(&planPage{plan: w.Plan, undo: w.Undoes, wait: &w, th: m.th, now: m.o.Now})
}

// second says that another operator must confirm the plan, and how far that is.
func (p *planPage) second(b *pageLines, w int) {
	if p.plan.Second == "" {
		return
	}
	text := "another operator must confirm it: " + p.plan.Second
	if x := p.wait; x != nil {
		text = fmt.Sprintf("%s asks (%s): %s; it waits until %s", x.By, p.plan.Second, x.Reason, stamp(x.Until))
		if x.Confirmed(p.now()) {
			text = fmt.Sprintf("confirmed by %s until %s; asked for by %s: %s", x.ConfirmedBy, stamp(x.ConfirmedUntil), x.By, x.Reason)
		}
	}
	b.add(paragraphHead("SECOND", text, w)...)
	b.add(nil)
}

type secondMsg struct {
	w   posture.Waiting
	err error
}

func canSecond(m *Model) string {
	p, ok := m.page.(*planPage)
	_, can := m.e.(Seconder)
	switch {
	case !ok || !can || p.wait == nil:
		return "only on a plan that waits for another operator"
	case m.e.ReadOnly():
		return "started read-only"
	}
	return ""
}

// confirmSecond is the yes of the other operator: by the same word that the one who asks had to type.
func (m *Model) confirmSecond() tea.Cmd {
	p, ok := m.page.(*planPage)
	s, can := m.e.(Seconder)
	if !ok || !can || p.wait == nil {
		return nil
	}
	id, word := p.plan.ID, p.plan.Word()
	q := prompt{text: []string{doing(p.plan) + ".", p.wait.By + " may carry it out then, once, within fifteen minutes."}, label: "Confirm it?", yes: true, danger: true}
	if word != "" {
		q.label, q.yes = fmt.Sprintf("Type %s to confirm:", word), false
	}
	q.done = func(m *Model, typed string) tea.Cmd {
		if word == "" {
			typed = ""
		}
		m.busy = "confirming"
		return func() tea.Msg {
			w, err := s.Confirm(m.ctx, id, typed)
			return secondMsg{w, err}
		}
	}
	return m.ask(q)
}

func (m *Model) takeSecond(msg secondMsg) tea.Cmd {
	m.busy = ""
	if msg.err != nil {
		m.say(true, "%v", msg.err)
		return nil
	}
	if p, ok := m.page.(*planPage); ok && p.plan.ID == msg.w.Plan.ID {
		p.wait = &msg.w
	}
	m.say(false, "confirmed until %s", stamp(msg.w.ConfirmedUntil))
	return m.loadExtras("waiting")
}

// heldMsg is what was pasted for a plan that waits.
type heldMsg struct {
	in      *posture.Incident
	err     error
	page    *planPage
	consent revoke.Consent
}

// planWants puts a plan back on the screen that cannot be carried out without its secret, and asks for that. Its confirmation is not
// used up.
func (m *Model) planWants(msg runDoneMsg) tea.Cmd {
	msg.page.in = nil // what was pasted is let go
	cmd := m.refused(msg)
	if p, ok := m.page.(*planPage); !ok || p != msg.page {
		return cmd
	}
	why := ""
	if !errors.Is(msg.err, revoke.ErrNotHeld) {
		why = notTaken(msg.err)
	}
	return tea.Batch(m.askPlanHeld(msg.page, msg.consent, why), cmd)
}

func (m *Model) askPlanHeld(p *planPage, c revoke.Consent, why string) tea.Cmd {
	var text []string
	if why != "" {
		text = append(text, why)
	}
	r, ok := m.e.(Responder)
	if !ok {
		return nil
	}
	return m.ask(prompt{
		text: append(text, "The secret itself is needed, and it stands nowhere: "+strings.Join(p.plan.Names, ", ")+". The confirmation is not used up.",
			"Paste it: it is not shown, not kept, and goes to its issuer alone; the plan is carried out then."),
		label: "Its secret:", paste: &paste{},
		done: func(m *Model, text string) tea.Cmd {
			if text == "" {
				m.say(false, "left as it is")
				return nil
			}
			v := inventory.NewValue(text)
			return func() tea.Msg {
				in, err := r.Identify(v)
				return heldMsg{in, err, p, c}
			}
		},
	})
}

func notTaken(err error) string {
	return "Nothing was done with what you pasted: " + strings.ReplaceAll(err.Error(), "\n", "; ") + "."
}

// takeHeld goes on with a plan that waited for its secret. The clock runs since it was asked for: then the secret was in hand.
func (m *Model) takeHeld(msg heldMsg) tea.Cmd {
	if p, ok := m.page.(*planPage); !ok || p != msg.page || m.mode != modeKeys {
		return nil
	}
	if msg.err != nil {
		return m.askPlanHeld(msg.page, msg.consent, notTaken(msg.err))
	}
	in := *msg.in
	in.At = msg.page.wait.At
	msg.page.in = &in
	return m.execute(msg.page, msg.consent)
}
