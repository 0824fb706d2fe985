package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/inventory/triage"
)

func (h *hypertext) assistants(p *page) {
	as := h.r.Assistants
	p.say(t("The most urgent first. What it may do is what it has been seen to be allowed, by its configuration and by what its secrets open."))
	p.blocks = append(p.blocks, table{Heads: []string{"Assistant", "Decision", "Who answers", "Autonomy", "Sandbox", "What it may do", "Holds", "Id"}, Rows: func(yield func([][]cell) bool) {
		for i, d := range urgent(h.s, len(as), func(i int) inventory.ID { return as[i].ID }) {
			a := &as[i]
			name := []cell{{inventory.Clean(a.Name), strong}}
			if w := where(a); w != "" {
				name = append(name, c(w))
			}
			if a.Class != inventory.ClassNHI {
				name = append(name, t("class: "+known(string(a.Class)).text))
			}
			row := [][]cell{name, one(concluded(d)), h.owners(a.ID), one(autonomyWord(a)), one(known(string(a.Sandbox))),
				may(a), {t(plural(len(a.Secrets), "secret")), t(plural(len(a.Tools), "tool server"))}, one(faint(h.ids[a.ID]))}
			if !yield(row) {
				return
			}
		}
	}})
}

func autonomyWord(a *inventory.Assistant) cell {
	if c := autonomy(a); c.style != plainText {
		return c
	}
	return known(string(a.Autonomy))
}

// may says in a line each what an assistant does unasked, what it asks for, and how much nobody can tell.
func may(a *inventory.Assistant) []cell {
	var does, asks []string
	unknown := 0
	for _, k := range inventory.Capabilities() {
		switch a.Capabilities[k] {
		case inventory.Yes:
			does = append(does, string(k))
		case inventory.Asks:
			asks = append(asks, string(k))
		case inventory.No:
		default:
			unknown++
		}
	}
	var out []cell
	if len(does) > 0 {
		out = append(out, t("without asking: "+strings.Join(does, ", ")))
	}
	if len(asks) > 0 {
		out = append(out, t("after asking a person: "+strings.Join(asks, ", ")))
	}
	if unknown > 0 {
		out = append(out, cell{fmt.Sprintf("not known: %d of %d", unknown, len(inventory.Capabilities())), warn})
	}
	if len(out) == 0 {
		out = []cell{t("nothing of what is looked for")}
	}
	return out
}

// cases are the findings of one rule and one decision: what the rule says is the same for all of them.
type cases struct {
	first *inventory.Finding
	at    []int
}

// stages are the decisions by rank.
var stages = []struct {
	id, name, means string
}{
	{"act-now", "ACT NOW", "To be done now: the deadline stands with each."},
	{"attend", "ATTEND", "To be planned: each has its deadline."},
	{"track", "TRACK", "To be watched: it becomes urgent when what it hangs on changes."},
	{"undecided", "No decision", "Nothing says how urgent these are."},
}

func (h *hypertext) findings(p *page) {
	fs := h.r.Findings
	for rank, stage := range stages {
		var list []*cases
		byRule := map[string]*cases{}
		n := 0
		for i := range fs {
			f := &fs[i]
			if f.Decision.Rank() != rank || closed(f) {
				continue
			}
			key := strings.Join([]string{f.Rule, f.Title, f.Why, f.Fix}, "\x00")
			if byRule[key] == nil {
				byRule[key] = &cases{first: f}
				list = append(list, byRule[key])
			}
			byRule[key].at = append(byRule[key].at, i)
			n++
		}
		if n == 0 {
			continue
		}
		p.blocks = append(p.blocks, title{3, stage.id, fmt.Sprintf("%s (%d)", stage.name, n)})
		p.say(t(stage.means))
		for _, x := range list {
			h.rule(p, x)
		}
	}
	accepted := 0
	for i := range fs {
		if fs[i].State == triage.StateAccepted {
			accepted++
		}
	}
	if accepted > 0 {
		h.accepted(p, accepted)
	}
}

func (h *hypertext) rule(p *page, x *cases) {
	f := x.first
	p.blocks = append(p.blocks, title{Level: 4, Text: inventory.Clean(fmt.Sprintf("%s %s (%d)", f.Rule, f.Title, len(x.at)))})
	own := ""
	if f.Yours {
		own = "a rule of your own"
	}
	p.facts(kv("Why", t(f.Why)), kv("Fix", t(f.Fix)), kv("Controls", t(byFramework(f.Controls))), kv("Rule", t(own)))
	p.blocks = append(p.blocks, table{Heads: []string{"About", "What was found", "Who answers", "Due", "Seen in", "Id"}, Rows: func(yield func([][]cell) bool) {
		for _, i := range x.at {
			f := &h.r.Findings[i]
			what := said([]cell{t(f.Detail), t(f.DecisionWhy), faint("score " + risk.Sum(f))})
			if f.State == "flagged" {
				what = append(what, cell{inventory.Clean(strings.TrimSuffix("flagged: "+f.Note, ": ")), warn})
			} else if f.Note != "" {
				what = append(what, t("note: "+f.Note))
			}
			if !yield([][]cell{one(c(Name(h.s, f.Subject))), what, h.answerable(f), one(due(f, h.s.At())), seen(f.Evidence), one(faint(h.ids[f.ID]))}) {
				return
			}
		}
	}})
}

// byFramework names each framework once, with the controls of it.
func byFramework(cs []inventory.Control) string {
	var names []string
	ids := map[string][]string{}
	for _, c := range cs {
		if ids[c.Framework] == nil {
			names = append(names, c.Framework)
		}
		ids[c.Framework] = append(ids[c.Framework], c.ID)
	}
	for i, n := range names {
		names[i] = n + ": " + strings.Join(ids[n], ", ")
	}
	return strings.Join(names, "; ")
}

// due is the day by which a finding is to be dealt with, and whether it is over.
func due(f *inventory.Finding, now time.Time) cell {
	switch {
	case f.Due.IsZero():
		return faint("no deadline")
	case f.Due.Before(now):
		return cell{date(f.Due) + ", overdue", bad}
	}
	return t(date(f.Due))
}

func seen(es []inventory.Evidence) []cell {
	if len(es) == 0 {
		return []cell{faint("no place is noted")}
	}
	var out []cell
	for _, e := range es[:min(mostPlaces, len(es))] {
		out = append(out, c(place(e.Path, e.Line)))
	}
	return more(out, len(es))
}

func more(shown []cell, all int) []cell {
	if n := all - len(shown); n > 0 {
		shown = append(shown, faint(fmt.Sprintf("and %d more", n)))
	}
	return shown
}

func (h *hypertext) accepted(p *page, n int) {
	p.blocks = append(p.blocks, title{3, "accepted", fmt.Sprintf("Accepted (%d)", n)})
	p.say(t("Somebody decided to live with these, until a day and as long as the facts stay the same."))
	p.blocks = append(p.blocks, table{Heads: []string{"About", "What was found", "Decision", "Why it is accepted", "By", "Until", "Id"}, Rows: func(yield func([][]cell) bool) {
		for i := range h.r.Findings {
			f := &h.r.Findings[i]
			if f.State != triage.StateAccepted {
				continue
			}
			if !yield([][]cell{one(c(Name(h.s, f.Subject))), said([]cell{t(f.Rule + " " + f.Title), t(f.Detail)}), one(decision(f.Decision)),
				one(t(cmp.Or(f.Note, "no reason is given"))), one(known(f.AcceptedBy)), one(known(date(f.AcceptedUntil))), one(faint(h.ids[f.ID]))}) {
				return
			}
		}
	}})
}

func (h *hypertext) secrets(p *page) {
	xs := h.r.Secrets
	p.say(t("The most urgent first. A secret is named by its kind and at most its last four characters. Inherited: nobody gave it to the assistant; it is in reach of the account that the assistant runs as."))
	p.blocks = append(p.blocks, table{Heads: []string{"Secret", "Decision", "Who answers", "Exposure", "Still works", "Stored", "Where", "Held by", "Expires", "Last used", "Id"}, Rows: func(yield func([][]cell) bool) {
		for i, d := range urgent(h.s, len(xs), func(i int) inventory.ID { return xs[i].ID }) {
			x := &xs[i]
			name := said([]cell{c(secretName(x)), c(x.Account)})
			if x.Ambient {
				name = append(name, t("inherited"))
			}
			row := [][]cell{name, one(concluded(d)), h.owners(x.ID), exposure(x), one(works(x)), one(known(x.Storage)),
				places(x.Locations), holders(h.s, x), one(known(date(x.Expires))), one(known(lastUse(x))), one(faint(h.ids[x.ID]))}
			if !yield(row) {
				return
			}
		}
	}})
}

func exposure(x *inventory.Secret) []cell {
	out := []cell{known(x.Exposure)}
	if x.Exposure == inventory.ExposureLeaked || x.Exposure == inventory.ExposureCommitted || x.Exposure == inventory.ExposureShared {
		out[0].style = bad
	}
	if !x.Leaked.IsZero() {
		out = append(out, t("since "+date(x.Leaked)))
	}
	return out
}

var stateWords = map[string]string{inventory.StateLive: "yes", inventory.StateDisabled: "no: disabled", inventory.StateRevoked: "no: revoked", inventory.StateExpired: "no: expired"}

func works(x *inventory.Secret) cell { return known(stateWords[x.State]) }

func places(ls []inventory.Location) []cell {
	var out []cell
	for _, l := range ls[:min(mostPlaces, len(ls))] {
		out = append(out, c(location(l)))
	}
	return more(out, len(ls))
}

func holders(s *inventory.Snapshot, x *inventory.Secret) []cell {
	var names []string
	for _, id := range x.Assistants {
		if n := Name(s, id); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return []cell{faint("no assistant that is known")}
	}
	var out []cell
	for _, n := range names[:min(mostPlaces, len(names))] {
		out = append(out, c(n))
	}
	return more(out, len(names))
}

// words says what a reader must know who has never opened the dashboard.
func words(p *page) {
	p.facts(
		kv("ACT NOW", t("evidence, reach, power and the missing gate together make it urgent; the reason and what would change it stand with each finding")),
		kv("ATTEND", t("to be planned, with a deadline")),
		kv("TRACK", t("nothing to be done yet; it is watched")),
		kv("score", t("a visible sum from 0 to 100: the rule's base and what the facts add or take; it orders findings of one decision")),
		kv("not known", t("no source that was read says it; it is judged as the policy says, and is never taken for good")),
		kv("autonomy", t("how far an assistant goes without a person: suggest, ask, auto-edit, auto, unattended")),
		kv("sandbox", t("what confines its commands: none, workspace, container, vm")),
		kv("id", t("the beginning of the record's id: nhitop show ID tells everything about it")),
	)
}
