package report

import (
	"fmt"
	"io"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/triage"
)

// Span is the two stored collections that changes lie between.
type Span struct {
	From   time.Time `json:"from"`
	FromID int64     `json:"from_collection"`
	To     time.Time `json:"to"`
	ToID   int64     `json:"to_collection"`
}

// Changes writes what is different between two stored collections, in one of [ActFormats].
func Changes(w io.Writer, format string, s Span, cs []change.Change, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, struct {
			Schema string `json:"schema"`
			Span
			Changes []change.Change `json:"changes"`
		}{inventory.Schema, s, filled(cs)})
	case "table":
		return changesPage(s, cs).text(w, o)
	}
	return unknownFormat(format, ActFormats()...)
}

func changesPage(s Span, cs []change.Change) *page {
	g := &page{}
	g.title(fmt.Sprintf("Changes from collection %d (%s) to %d (%s)", s.FromID, day(s.From), s.ToID, day(s.To)))
	switch {
	case s.FromID == s.ToID:
		g.say(t("There is no earlier collection to compare with."))
		return g
	case len(cs) == 0:
		g.say(t("Nothing changed."))
		return g
	}
	list := grid{heads: []string{"AT", "CHANGE", "NOUN", "NAME", "WHAT", "BY", "ID"}, give: []int{4, 3}, drop: []int{5, 0}}
	for _, x := range cs {
		list.rows = append(list.rows, []cell{t(day(x.At)), changeKind(x.Kind), t(x.Noun), c(x.Name), c(x.What), c(x.By), c(string(x.ID))})
	}
	g.table(list)
	return g
}

func changeKind(kind string) cell {
	switch kind {
	case change.New, change.Grown:
		return cell{kind, warn}
	case change.Reopened:
		return cell{kind, bad}
	case change.Fixed, change.Shrunk:
		return cell{kind, good}
	}
	return cell{kind, plainText}
}

// Decisions writes decisions, in one of [ActFormats].
func Decisions(w io.Writer, format string, s *inventory.Snapshot, ds []triage.Decision, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, struct {
			Schema    string            `json:"schema"`
			Decisions []triage.Decision `json:"decisions"`
		}{inventory.Schema, filled(ds)})
	case "table":
		g := &page{}
		list := grid{heads: []string{"AT", "DECISION", "ABOUT", "UNTIL", "OWNER", "REASON", "BY", "TARGET", "ID"}, give: []int{5, 2}, drop: []int{8, 6, 0}}
		for _, d := range ds {
			kind := d.Kind
			if d.Undone {
				kind += " undone"
			}
			list.rows = append(list.rows, []cell{t(day(d.At)), t(kind), c(Name(s, d.Target)), t(date(d.Until)), c(d.Owner), c(d.Reason), c(d.By), c(string(d.Target)), c(d.ID)})
		}
		g.table(list)
		return g.text(w, o)
	}
	return unknownFormat(format, ActFormats()...)
}

// decided says, behind a finding's title, what people decided about it.
func decided(f *inventory.Finding) string {
	switch f.State {
	case triage.StateAccepted:
		return " (accepted until " + date(f.AcceptedUntil) + ")"
	case triage.StateFlagged:
		return " (flagged)"
	}
	return ""
}

func acceptance(f *inventory.Finding) string {
	if f.AcceptedUntil.IsZero() {
		return ""
	}
	return "by " + f.AcceptedBy + " until " + date(f.AcceptedUntil)
}
