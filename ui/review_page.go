package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/inventory/review"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// reviewItems are the items of the review in front, undecided ones first.
func reviewItems(v *reviewing) []review.Item {
	if v.state == nil {
		return nil
	}
	out := v.state.Open()
	for _, x := range v.state.Review.Items {
		if _, ok := v.state.Standing[x.ID]; ok {
			out = append(out, x)
		}
	}
	return out
}

func reviewList(v *reviewing, now func() time.Time) listSpec[review.Item] {
	type r = review.Item
	acts := []string{"review-keep", "review-reduce", "review-rotate", "review-transfer", "review-suspend", "review-revoke", "review-exception", "review-undo", "review-open", "review-close", "review-export", "open", "filter", "mark"}
	return listSpec[r]{
		name: "review", noun: "item", acts: acts, sort: table.Sort{Column: -1}, footRows: 10,
		rows: func(*snap) []r { return reviewItems(v) },
		id:   func(x *r) inventory.ID { return x.ID },
		foot: func(_ *snap, x *r, w int) []styledLine { return reviewFoot(v, x, w) },
		note: func() string { return reviewNote(v, now()) },
		empty: func(*snap) string {
			return "No ownership review is there. O opens one: of everybody's assistants, of one owner's, or of a team's. What is known then is frozen; each item is kept, reduced, rotated, transferred, suspended, revoked or excepted, and E exports the evidence."
		},
		cols: []column[r]{
			{table.Column{Key: "risk", Title: "RISK", Min: 7, Max: 8, Priority: 1, Ranks: decisionRanks, Desc: true}, func(_ *snap, x *r) table.Cell { return decisionCell(x.Decision) }},
			{table.Column{Key: "name", Title: "ASSISTANT", Min: 12, Max: 30, Good: 18, Priority: 1}, func(_ *snap, x *r) table.Cell { return text(x.Name) }},
			{table.Column{Key: "where", Title: "WHERE", Min: 12, Max: 50, Good: 18, Priority: 3, Tail: true, Grow: true}, func(_ *snap, x *r) table.Cell { return text(x.Where) }},
			{table.Column{Key: "tier", Title: "TIER", Min: 4, Max: 4, Priority: 5, Right: true}, func(_ *snap, x *r) table.Cell { return num(x.Tier) }},
			{table.Column{Key: "owner", Title: "ASKED", Min: 8, Max: 24, Good: 12, Priority: 4}, func(_ *snap, x *r) table.Cell { return text(x.Responsible()) }},
			{table.Column{Key: "due", Title: "DUE SINCE", Min: 9, Max: 10, Priority: 6, Kind: query.Time}, func(_ *snap, x *r) table.Cell {
				if x.DueSince.IsZero() {
					return text("")
				}
				return table.Cell{Text: x.DueSince.Format(time.DateOnly), Style: theme.Warn}
			}},
			{table.Column{Key: "unused", Title: "UNUSED", Min: 6, Max: 8, Priority: 3, Right: true, Desc: true, Kind: query.Number}, func(_ *snap, x *r) table.Cell { return num(x.Unused) }},
			{table.Column{Key: "changed", Title: "CHANGED", Min: 7, Max: 40, Priority: 5}, func(_ *snap, x *r) table.Cell { return text(strings.Join(x.Changed, "; ")) }},
			{table.Column{Key: "decided", Title: "DECIDED", Min: 11, Max: 12, Priority: 1}, func(_ *snap, x *r) table.Cell { return decidedCell(v, x) }},
			{table.Column{Key: "became", Title: "WHAT BECAME", Min: 12, Max: 40, Priority: 2}, func(_ *snap, x *r) table.Cell { return becameCell(v, x) }},
		},
	}
}

func decidedCell(v *reviewing, x *review.Item) table.Cell {
	if d, ok := v.state.Standing[x.ID]; ok {
		return table.Cell{Text: d.Kind, Style: theme.Bold}
	}
	kind, _ := x.Suggest()
	return dim("? " + kind)
}

func becameCell(v *reviewing, x *review.Item) table.Cell {
	r, ok := v.became[x.ID]
	switch {
	case !ok:
		return text("")
	case r.Outcome.Done:
		return table.Cell{Text: "done: " + r.Outcome.Words, Style: theme.Good}
	}
	return table.Cell{Text: r.Outcome.Words, Style: theme.Warn}
}

// reviewNote says how far it is and who is late.
func reviewNote(v *reviewing, now time.Time) string {
	if v.state == nil {
		return ""
	}
	p := v.state.Progress(now)
	t := fmt.Sprintf("%d/%d decided, due %s", p.Decided, p.Items, v.state.Review.Due.Format("01-02"))
	if p.Late > 0 {
		t = fmt.Sprintf("%d/%d decided, LATE: %s %d", p.Decided, p.Items, p.People[0].Who, p.People[0].Late)
	} else if p.Stage == "closed" {
		t = fmt.Sprintf("closed, %d/%d decided", p.Decided, p.Items)
	}
	return t + "  "
}

// reviewFoot is what a reviewer needs to decide: who, why offered, and what each decision would come to.
func reviewFoot(v *reviewing, x *review.Item, w int) []styledLine {
	kind, why := x.Suggest()
	head := styledLine{{Text: x.Name, Style: theme.Bold}, {Text: fmt.Sprintf(" · tier %d (%s) · %s of %s unused", x.Tier, x.TierWhy, fmt.Sprint(x.Unused), plural(len(x.Grants), "grant"))}}
	lines := []styledLine{head}
	switch d, ok := v.state.Standing[x.ID]; {
	case ok:
		lines = append(lines, line(theme.Note, fmt.Sprintf("%s by %s until %s: %s", d.Kind, d.By, d.Until.Format(time.DateOnly), cmp.Or(d.Reason, "no reason needed"))))
	case len(x.Changed) > 0:
		lines = append(lines, most(1, paragraph("changed: "+strings.Join(x.Changed, "; "), w), w)...)
	default:
		lines = append(lines, most(1, paragraph(fmt.Sprintf("offered: %s, for %s", kind, why), w), w)...)
	}
	effects := v.effects[x.ID]
	for i, k := range review.Kinds() {
		words := "..."
		if i < len(effects) {
			words = effects[i].Words
		}
		style := theme.Plain
		if k == kind {
			style = theme.Bold
		}
		lines = append(lines, styledLine{{Text: fmt.Sprintf("%d %-10s", i+1, k), Style: style}, {Text: table.Fit(words, max(1, w-12), false, false)}})
	}
	return lines
}
