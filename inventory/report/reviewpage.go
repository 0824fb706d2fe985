package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/review"
)

// ReviewFormats are the names that [Reviews] and [Review] know.
func ReviewFormats() []string { return []string{"table", "json", "markdown"} }

// Reviews writes the reviews that there are, newest first, each with its progress.
func Reviews(w io.Writer, format string, all []review.State, now time.Time, o Options) error {
	if format == "json" {
		type one struct {
			review.Review
			Items    int             `json:"items"` // in place of the items themselves, which show has
			Progress review.Progress `json:"progress"`
		}
		list := []one{}
		for i := range all {
			list = append(list, one{all[i].Review, len(all[i].Review.Items), all[i].Progress(now)})
		}
		return writeJSON(w, struct {
			Schema  string `json:"schema"`
			Reviews []one  `json:"reviews"`
		}{inventory.Schema, list})
	}
	p := &page{}
	p.title("Ownership reviews")
	if len(all) == 0 {
		p.say(t("None yet. nhitop review open --team TEAM opens one."))
	}
	g := grid{heads: []string{"REVIEW", "STATE", "OF", "DECIDED", "LATE", "DUE", "OPENED BY"}, give: []int{2}, drop: []int{6}}
	for i := range all {
		st := &all[i]
		pr := st.Progress(now)
		g.rows = append(g.rows, []cell{t(st.Review.ID), stageCell(pr.Stage), c(st.Review.Scope.Words()), t(fmt.Sprintf("%d of %d", pr.Decided, pr.Items)), t(fmt.Sprint(pr.Late)), t(st.Review.Due.Format(time.DateOnly)), c(st.Review.By)})
	}
	if len(all) > 0 {
		p.table(g)
	}
	return reviewOut(w, format, p, o)
}

func reviewOut(w io.Writer, format string, p *page, o Options) error {
	switch format {
	case "markdown":
		return p.markdown(w)
	case "table":
		return p.text(w, o)
	}
	return unknownFormat(format, ReviewFormats()...)
}

func stageCell(stage string) cell {
	switch stage {
	case "late", "silent":
		return cell{stage, bad}
	case "half", "due soon":
		return cell{stage, warn}
	}
	return cell{stage, plainText}
}

// Review writes one review: how far it is and who is late, then each item with what is offered or decided, and what became
// of it.
func Review(w io.Writer, format string, st review.State, recs []review.Record, now time.Time, o Options) error {
	if format == "json" {
		return writeJSON(w, struct {
			Schema    string          `json:"schema"`
			Review    review.Review   `json:"review"`
			Progress  review.Progress `json:"progress"`
			Decisions []review.Record `json:"decisions"`
		}{inventory.Schema, st.Review, st.Progress(now), filled(recs)})
	}
	p := &page{}
	pr := st.Progress(now)
	p.title("Review " + st.Review.ID)
	p.say(c(st.Review.Scope.Words()+":"), t(fmt.Sprintf("%d of %d decided, due %s, opened by %s.", pr.Decided, pr.Items, st.Review.Due.Format(time.DateOnly), st.Review.By)))
	if words := review.StageWords(pr.Stage); words != "" {
		p.say(cell{words, stageCell(pr.Stage).style})
	}
	pop := st.Review.Population
	p.say(t(fmt.Sprintf("Facts of %s: %d of %d assistants; %d have a charter, %d nobody who answers for them; %s not read to the end.", st.Review.Facts.Format("2006-01-02 15:04 UTC"), pop.InScope, pop.Known, pop.Matched, pop.Orphans, plural(pop.NotRead, "source"))))
	p.head("Who is asked")
	who := grid{heads: []string{"WHO", "DECIDED", "LATE"}, give: []int{0}}
	for _, s := range pr.People {
		who.rows = append(who.rows, []cell{c(s.Who), t(fmt.Sprintf("%d of %d", s.Decided, s.Items)), t(fmt.Sprint(s.Late))})
	}
	p.table(who)
	p.head("Items")
	g := grid{heads: []string{"ITEM", "RISK", "TIER", "ASSISTANT", "WHERE", "ASKED", "UNUSED", "CHANGED", "DECISION", "WHAT BECAME OF IT"}, give: []int{9, 4, 3, 5}, drop: []int{7, 6, 5}}
	became := map[inventory.ID]review.Record{}
	for _, r := range recs {
		if st.Standing[r.Item].ID == r.ID {
			became[r.Item] = r
		}
	}
	for i := range st.Review.Items {
		g.rows = append(g.rows, reviewRow(&st.Review.Items[i], became))
	}
	p.table(g)
	return reviewOut(w, format, p, o)
}

func reviewRow(x *review.Item, became map[inventory.ID]review.Record) []cell {
	what, then := cell{}, cell{}
	if r, ok := became[x.ID]; ok {
		what, then = cell{r.Kind, strong}, c(r.Outcome.Words)
		if r.Outcome.Done {
			then.style = good
		}
	} else {
		kind, why := x.Suggest()
		what, then = faint("? "+kind), faint("offered: "+why)
	}
	return []cell{t(string(x.ID)), t(cmp.Or(string(x.Decision), "-")), t(fmt.Sprint(x.Tier)), c(x.Name), c(x.Where), c(x.Responsible()), t(fmt.Sprintf("%d of %d", x.Unused, len(x.Grants))), c(strings.Join(x.Changed, "; ")), what, then}
}
