package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/review"
)

// Reviewer is an [Engine] that keeps ownership reviews.
type Reviewer interface {
	Reviews(ctx context.Context) ([]review.State, error)
	ReviewRecords(ctx context.Context, id string) (review.State, []review.Record, error)
	OpenReview(ctx context.Context, scope review.Scope, due time.Time) (review.State, error)
	DecideReview(ctx context.Context, id string, ds []review.Decision) error
	UndoReviewDecision(ctx context.Context, id string, item inventory.ID) error
	CloseReview(ctx context.Context, id string, silent bool) (review.State, error)
	ReviewEffects(x *review.Item) []review.Effect
	ExportReview(ctx context.Context, id, dir, exporter string) ([]review.File, error)
}

func (m *Model) reviewer() Reviewer {
	r, _ := m.e.(Reviewer)
	return r
}

// reviewing is the review in front: the newest that is open, else the newest.
type reviewing struct {
	state   *review.State
	became  map[inventory.ID]review.Record // of the decisions that stand
	effects map[inventory.ID][]review.Effect
	asked   inventory.ID // whose effects are being worked out
}

type (
	reviewMsg struct {
		state   *review.State
		records []review.Record
		say     string
		err     error
	}
	effectsMsg struct {
		id      inventory.ID
		effects []review.Effect
	}
)

// loadReview reads the review in front. say is told when it is there.
func (m *Model) loadReview(say string) tea.Cmd {
	r := m.reviewer()
	if r == nil {
		return nil
	}
	return func() tea.Msg {
		all, err := r.Reviews(m.ctx)
		if err != nil || len(all) == 0 {
			return reviewMsg{say: say, err: err}
		}
		at := max(0, slices.IndexFunc(all, func(st review.State) bool { return st.Review.Closed.IsZero() }))
		st, recs, err := r.ReviewRecords(m.ctx, all[at].Review.ID)
		return reviewMsg{state: &st, records: recs, say: say, err: err}
	}
}

func (m *Model) takeReviewing(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case reviewMsg:
		return m.takeReview(msg)
	case effectsMsg:
		m.x.review.effects[msg.id] = msg.effects
		m.x.review.asked = ""
	}
	return m.wantEffects()
}

func (m *Model) takeReview(msg reviewMsg) tea.Cmd {
	if msg.err != nil {
		m.say(true, "review: %v", msg.err)
		return nil
	}
	v := &m.x.review
	if v.state == nil || msg.state == nil || v.state.Review.ID != msg.state.Review.ID || len(v.state.Decisions) == len(msg.state.Decisions) {
		v.effects, v.asked = map[inventory.ID][]review.Effect{}, ""
	}
	v.state, v.became = msg.state, map[inventory.ID]review.Record{}
	for _, r := range msg.records {
		if msg.state.Standing[r.Item].ID == r.ID {
			v.became[r.Item] = r
		}
	}
	if msg.say != "" {
		m.say(false, "%s", msg.say)
	}
	return tea.Batch(m.refreshExtras(), m.wantEffects())
}

// wantEffects has the effects of the item under the cursor worked out, where they are not known.
func (m *Model) wantEffects() tea.Cmd {
	v := &m.x.review
	if m.current != "review" || v.state == nil || m.reviewer() == nil {
		return nil
	}
	id := m.picked()
	x := v.state.Review.Item(id)
	if x == nil || v.effects[id] != nil || v.asked == id {
		return nil
	}
	v.asked = id
	r := m.reviewer()
	return func() tea.Msg { return effectsMsg{id, r.ReviewEffects(x)} }
}

func reviewActions() []action {
	out := []action{
		{id: "review-open", keys: []string{"O"}, short: "open one", help: "open an ownership review of what is known now", do: (*Model).openReview, why: needsReviewer},
		{id: "review-close", keys: []string{"Z"}, help: "end the review in front", do: (*Model).closeReview, why: needsReview},
		{id: "review-export", keys: []string{"E"}, short: "export", help: "write the evidence of the review into a new folder", do: (*Model).exportReview, why: func(m *Model) string {
			if m.x.review.state == nil {
				return "no review is there"
			}
			return ""
		}},
		{id: "review-undo", keys: []string{"U"}, help: "take back what was decided about the item", do: (*Model).undoReview, why: needsReview},
	}
	for i, kind := range review.Kinds() {
		out = append(out, action{id: "review-" + kind, keys: []string{fmt.Sprint(i + 1)}, short: kind, help: "decide in the review: " + kind,
			do: func(m *Model) tea.Cmd { return m.decideReview(kind) }, why: needsReview})
	}
	return out
}

func needsReviewer(m *Model) string {
	switch {
	case m.reviewer() == nil:
		return "reviews are not kept here"
	case m.e.ReadOnly():
		return "started read-only"
	case m.snap == nil:
		return "nothing collected yet"
	}
	return ""
}

func needsReview(m *Model) string {
	if why := needsReviewer(m); why != "" {
		return why
	}
	st := m.x.review.state
	switch {
	case st == nil:
		return "no review is open: O opens one"
	case !st.Review.Closed.IsZero():
		return "that review is closed: O opens another"
	case st.Review.Item(m.picked()) == nil:
		return "nothing under the cursor"
	}
	return ""
}

func (m *Model) openReview() tea.Cmd {
	return m.ask(prompt{
		text:  []string{"mine; an owner's name or address; team:NAME for a team, a department or a manager's people; nothing for everybody."},
		label: "Review whose assistants:",
		done: func(m *Model, text string) tea.Cmd {
			var scope review.Scope
			if team, ok := strings.CutPrefix(strings.TrimSpace(text), "team:"); ok {
				scope.Team = strings.TrimSpace(team)
			} else if scope.Owner = strings.TrimSpace(text); scope.Owner == "mine" {
				scope.Owner, _, _ = strings.Cut(m.o.Operator, "@")
			}
			r := m.reviewer()
			return m.thenReview(func() (string, error) {
				st, err := r.OpenReview(m.ctx, scope, time.Time{})
				return fmt.Sprintf("%s is open: %s, due %s", st.Review.ID, plural(len(st.Review.Items), "item"), st.Review.Due.Format(time.DateOnly)), err
			})
		},
	})
}

// thenReview does something to a review and shows what it came to.
func (m *Model) thenReview(do func() (string, error)) tea.Cmd {
	return func() tea.Msg {
		say, err := do()
		if err != nil {
			return sayMsg{err.Error(), true}
		}
		return m.loadReview(say)()
	}
}

func (m *Model) decideReview(kind string) tea.Cmd {
	st := m.x.review.state
	var ids []inventory.ID
	asks := false
	for _, id := range m.chosen() {
		if x := st.Review.Item(id); x != nil {
			ids = append(ids, id)
			asks = asks || x.NeedsReason(kind)
		}
	}
	what := review.Decision{Kind: kind}
	if !asks {
		return m.keepReview(ids, what)
	}
	name := st.Review.Item(ids[0]).Name
	if len(ids) > 1 {
		name = plural(len(ids), "item")
	}
	why := func(m *Model) tea.Cmd {
		return m.ask(prompt{label: fmt.Sprintf("%s %s. Why:", kind, name), done: func(m *Model, reason string) tea.Cmd {
			what.Reason = reason
			return m.keepReview(ids, what)
		}})
	}
	switch kind {
	case review.Transfer:
		return m.ask(prompt{label: fmt.Sprintf("Transfer %s to whom (name or address):", name), done: func(m *Model, owner string) tea.Cmd {
			what.Owner = owner
			return why(m)
		}})
	case review.Exception:
		return m.ask(prompt{label: fmt.Sprintf("Exception for how many days, or until which date [%d]:", defaultAcceptDays), done: func(m *Model, text string) tea.Cmd {
			until, err := parseUntil(m.o.Now(), text)
			if err != nil {
				m.say(true, "%v", err)
				return nil
			}
			what.Until = until
			return why(m)
		}})
	}
	return why(m)
}

// keepReview sends the decision, and lets the next item come under the cursor.
func (m *Model) keepReview(ids []inventory.ID, d review.Decision) tea.Cmd {
	r, id := m.reviewer(), m.x.review.state.Review.ID
	ds := make([]review.Decision, len(ids))
	for i, item := range ids {
		ds[i] = d
		ds[i].Item, ds[i].By = item, m.o.Operator
	}
	if p, ok := m.page.(marker); !ok || !p.Unmark() {
		onPage(m, func(s scroller) { s.Move(1) })
	}
	say := fmt.Sprintf("%s: %s; U takes it back", d.Kind, plural(len(ids), "item"))
	switch d.Kind {
	case review.Reduce, review.Suspend, review.Revoke, review.Rotate:
		say = fmt.Sprintf("%s: decided; it is done when a source says so: R on the item plans it", d.Kind)
	}
	return m.thenReview(func() (string, error) { return say, r.DecideReview(m.ctx, id, ds) })
}

func (m *Model) undoReview() tea.Cmd {
	r, id, item := m.reviewer(), m.x.review.state.Review.ID, m.picked()
	return m.thenReview(func() (string, error) { return "taken back", r.UndoReviewDecision(m.ctx, id, item) })
}

func (m *Model) closeReview() tea.Cmd {
	st := m.x.review.state
	open := len(st.Open())
	text := []string{"Nothing can be decided in it any more."}
	if open > 0 {
		text = append(text, fmt.Sprintf("%d of %s nobody has decided: they stay on record as silent, and silence is no consent.", open, plural(len(st.Review.Items), "item")))
	}
	return m.ask(prompt{text: text, label: "Type close to end it:", done: func(m *Model, word string) tea.Cmd {
		if word != "close" {
			m.say(false, "left open")
			return nil
		}
		r := m.reviewer()
		return m.thenReview(func() (string, error) {
			_, err := r.CloseReview(m.ctx, st.Review.ID, true)
			return st.Review.ID + " is closed", err
		})
	}})
}

func (m *Model) exportReview() tea.Cmd {
	id := m.x.review.state.Review.ID
	return m.ask(prompt{label: fmt.Sprintf("Evidence into which new folder [%s]:", "nhitop-"+id), done: func(m *Model, dir string) tea.Cmd {
		r, dir := m.reviewer(), cmp.Or(strings.TrimSpace(dir), "nhitop-"+id)
		return func() tea.Msg {
			files, err := r.ExportReview(m.ctx, id, dir, m.o.Program)
			if err != nil {
				return sayMsg{err.Error(), true}
			}
			return sayMsg{fmt.Sprintf("%s in %s", plural(len(files), "file"), dir), false}
		}
	}})
}
