package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

// RunFormats are the formats of one run: markdown is the record of the incident, for a ticket.
func RunFormats() []string { return []string{"table", "json", "markdown"} }

// moment is one line of a timeline.
type moment struct {
	at   time.Time
	what string
}

// incidentPage is the record of an incident: who, why, when, the exact requests, what was proven, what stays, what was in
// reach, what is left to do. s, which may be nil, tells what the targets opened, where it still knows them.
func incidentPage(r revoke.Run, s *inventory.Snapshot) *page {
	g := &page{}
	g.title("Incident record: run " + r.ID + ", " + runState(r).text)
	facts := [][2]cell{kv("by", c(r.By)), kv("second", c(r.Second)), kv("reason", c(r.Reason)), kv("undoes", c(r.Undoes)), kv("in hand since", t(day(r.Since))), kv("started", t(day(r.Started))),
		kv("ended", t(day(r.Ended))), kv("plan digest", c(r.Digest))}
	g.facts(append(facts, timesToProof(r)...)...)
	timeline(g, r)
	steps(g, r)
	reached(g, r, s)
	bullets(g, "Stays alive", residuals(r))
	bullets(g, "Left to do", leftToDo(r))
	return g
}

// timesToProof say how long it took to the proof of everything.
func timesToProof(r revoke.Run) [][2]cell {
	x, ok := r.Spans()
	if !ok {
		return [][2]cell{kv("time to proof", cell{"not all of it is proven", bad})}
	}
	var out [][2]cell
	for _, s := range []struct {
		from string
		d    time.Duration
	}{{"first seen", x.Seen}, {"detection", x.Detected}, {"hand", x.Hand}, {"start", x.Begun}} {
		if s.d > 0 {
			out = append(out, kv("from "+s.from+" to proof", t(s.d.Round(time.Millisecond).String())))
		}
	}
	return out
}

func timeline(g *page, r revoke.Run) {
	ms := []moment{{r.Known.FirstSeen, "first seen by a collection"}, {r.Known.Detected, "known to be leaked or urgent"}, {r.Since, "the secret came into hand"}, {r.Started, "the plan was confirmed by " + r.By}}
	for i, s := range r.Steps {
		n := fmt.Sprintf("step %d ", i+1)
		ms = append(ms, moment{s.Started, n + "begun: " + s.Summary})
		if s.State != revoke.StateWaiting && s.State != revoke.StatePlanned {
			what := n + s.State
			if s.Receipt.Already {
				what += ", it was so already"
			}
			ms = append(ms, moment{s.Ended, what})
		}
		if s.Proof.Grade != "" {
			ms = append(ms, moment{s.Proof.At, n + "looked at: " + grade(s.Proof.Grade)})
		}
	}
	ms = append(ms, moment{r.Ended, "the run ended: " + runState(r).text})
	ms = slices.DeleteFunc(ms, func(m moment) bool { return m.at.IsZero() })
	slices.SortStableFunc(ms, func(a, b moment) int { return a.at.Compare(b.at) })
	g.head("Timeline")
	list := grid{heads: []string{"AT (UTC)", "WHAT"}, give: []int{1}}
	for _, m := range ms {
		list.rows = append(list.rows, []cell{t(m.at.UTC().Format("2006-01-02 15:04:05")), t(m.what)})
	}
	g.table(list)
}

// steps lists what was done, with the exact request and the proof.
func steps(g *page, r revoke.Run) {
	g.head("Steps")
	var is items
	for i, s := range r.Steps {
		undo := cell{"can be undone", good}
		if !s.Reversible {
			undo = cell{"cannot be undone", bad}
		}
		it := item{number: i + 1, head: []cell{stepOutcome(r, s), t("[" + string(s.Layer) + "]"), {inventory.Clean(s.Summary), strong}, undo, faint("proof: " + grade(s.Proof.Grade))}}
		it.under = append(it.under, t(s.Effect), t(s.Receipt.Detail), t(s.Proof.Detail))
		if s.Error != "" {
			it.under = append(it.under, cell{inventory.Clean(s.Error), bad})
		}
		for line := range strings.Lines(s.Request) {
			it.under = append(it.under, cell{inventory.Clean(strings.TrimRight(line, "\n")), verbatim})
		}
		is = append(is, it)
	}
	g.list(is)
}

// reached says what the targets opened, worst first: as the run kept it, or as it is known now.
func reached(g *page, r revoke.Run, s *inventory.Snapshot) {
	head, lines := "Was in reach when the run began", slices.Clone(r.Reach)
	if len(lines) == 0 && s != nil {
		head, lines = "Was in reach, by what is known now", risk.ReachLines(s, r.TargetOf())
	}
	if more := len(lines) - mostReach; more > 0 {
		lines = append(lines[:mostReach], fmt.Sprintf("and %d more", more))
	}
	bullets(g, head, lines)
}

func residuals(r revoke.Run) []string {
	stays := r.LivesOn()
	for _, s := range r.Steps {
		if s.State == revoke.StateDone && r.Undoes == "" {
			for _, l := range r.Left(s) {
				stays = append(stays, l.String())
			}
		}
	}
	return distinct(stays)
}

// leftToDo lists what somebody has to do yet.
func leftToDo(r revoke.Run) []string {
	var out []string
	for i, s := range r.Steps {
		n := fmt.Sprintf("Step %d: ", i+1)
		switch {
		case s.State == revoke.StateWaiting:
			out = append(out, n+strings.TrimSuffix(s.Summary, ".")+fmt.Sprintf(". Then: nhitop runs %s --done %d", r.ID, i+1))
		case s.State == revoke.StateDone && s.Proof.Grade == revoke.Alive:
			out = append(out, n+"it STILL WORKS. Look again (nhitop runs "+r.ID+" --look; with --stdin if it was pasted), and end it at its issuer.")
		case s.State == revoke.StateDone && !s.Proof.Grade.Reaches(s.Promises):
			out = append(out, n+"not proven yet. Look again: nhitop runs "+r.ID+" --look")
		case s.State == revoke.StateFailed:
			out = append(out, n+"failed: "+s.Error+". Plan it again.")
		case s.State == revoke.StateSkipped:
			out = append(out, n+"was not tried: "+s.Error)
		case s.State == revoke.StateUnknown, s.State == revoke.StateRunning:
			out = append(out, n+"it cannot be told whether it took effect; look at its issuer")
		}
	}
	return out
}
