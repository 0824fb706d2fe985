package ui

import (
	"fmt"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/change"
	"nhitop/inventory/posture"
	"nhitop/inventory/query"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

func findingList(policy func() risk.Policy) listSpec[inventory.Finding] {
	type f = inventory.Finding
	return listSpec[f]{
		name: "findings", noun: "finding", acts: triageActs, sort: table.Sort{Column: -1}, foot: findingFoot, brief: findingBrief, note: rulesNote(policy),
		rows:  func(s *snap) []f { return s.Records().Findings },
		id:    func(x *f) inventory.ID { return x.ID },
		empty: func(*snap) string { return "no finding in what was read; :sources shows what was not" },
		cols: []column[f]{
			{table.Column{Key: "risk", Title: "DECISION", Min: 7, Max: 8, Priority: 1, Ranks: decisionRanks, Desc: true},
				func(_ *snap, x *f) table.Cell { return queueCell(x) }},
			{table.Column{Key: "score", Title: "SCORE", Min: 3, Max: 5, Priority: 2, Right: true, Desc: true},
				func(_ *snap, x *f) table.Cell { return num(x.Score) }},
			{table.Column{Key: "rule", Title: "RULE", Min: 7, Max: 12, Priority: 4},
				func(_ *snap, x *f) table.Cell { return dim(x.Rule) }},
			{table.Column{Key: "title", Title: "FINDING", Min: 26, Max: 70, Good: 36, Priority: 1, Grow: true},
				func(_ *snap, x *f) table.Cell { return text(x.Title) }},
			{table.Column{Key: "subject", Title: "ABOUT", Min: 16, Max: 50, Good: 24, Priority: 2},
				func(s *snap, x *f) table.Cell { return text(nameOf(s, x.Subject)) }},
			{table.Column{Key: "state", Title: "STATE", Min: 4, Max: 8, Priority: 5},
				func(_ *snap, x *f) table.Cell { return dim(x.State) }},
			{table.Column{Key: "due", Title: "DUE", Min: 10, Max: 10, Priority: 5, Kind: query.Time, Ahead: true},
				func(_ *snap, x *f) table.Cell {
					if x.Due.IsZero() {
						return text("")
					}
					return text(x.Due.Format("2006-01-02"))
				}},
			ownedColumn(6, func(x *f) inventory.ID { return x.ID }),
			ageColumn("age", "AGE", func(x *f) time.Time { return x.FirstSeen }),
		},
	}
}

func sourceList() listSpec[inventory.SourceStatus] {
	type s = inventory.SourceStatus
	return listSpec[s]{
		name: "sources", noun: "source", acts: []string{"open", "collect", "filter"}, sort: table.Sort{Column: -1}, foot: sourceFoot,
		rows: func(x *snap) []s { return x.Records().Sources },
		id:   func(x *s) inventory.ID { return sourceID(x.Name) },
		cols: []column[s]{
			{table.Column{Key: "name", Title: "SOURCE", Min: 8, Max: 24, Priority: 1},
				func(_ *snap, x *s) table.Cell { return text(x.Name) }},
			{table.Column{Key: "status", Title: "STATUS", Min: 7, Max: 8, Priority: 1},
				func(_ *snap, x *s) table.Cell { return sourceState(x.Status) }},
			{table.Column{Key: "read", Title: "READ", Min: 4, Max: 7, Priority: 2, Right: true, Desc: true},
				func(_ *snap, x *s) table.Cell { return num(looked(x, inventory.LookedRead)) }},
			{table.Column{Key: "unread", Title: "NOT READ", Min: 4, Max: 8, Priority: 2, Right: true, Desc: true},
				func(_ *snap, x *s) table.Cell {
					n := notLooked(x)
					if n > 0 {
						return table.Cell{Text: fmt.Sprint(n), Style: theme.Warn}
					}
					return num(n)
				}},
			{table.Column{Key: "warnings", Title: "WARNINGS", Min: 4, Max: 8, Priority: 4, Right: true, Desc: true},
				func(_ *snap, x *s) table.Cell { return num(len(x.Warnings)) }},
			{table.Column{Key: "started", Title: "STARTED", Min: 16, Max: 20, Priority: 5, Kind: query.Time},
				func(_ *snap, x *s) table.Cell { return text(stamp(x.StartedAt)) }},
			{table.Column{Key: "took", Title: "TOOK", Min: 6, Max: 9, Priority: 5, Right: true, Kind: query.Time},
				func(_ *snap, x *s) table.Cell { return text(fmt.Sprintf("%d ms", x.DurationMS)) }},
			{table.Column{Key: "reason", Title: "WHY", Min: 10, Max: 80, Priority: 3, Grow: true},
				func(_ *snap, x *s) table.Cell { return text(x.Reason) }},
		},
	}
}

const sourcePrefix = "source:"

func sourceID(name string) inventory.ID { return inventory.ID(sourcePrefix + name) }

func sourceState(s string) table.Cell {
	switch s {
	case inventory.SourceOK:
		return table.Cell{Text: "ok", Style: theme.Good}
	case inventory.SourceFailed:
		return table.Cell{Text: "FAILED", Style: theme.Alarm}
	case inventory.SourceStale:
		return table.Cell{Text: "STALE", Style: theme.Warn}
	case inventory.SourcePartial:
		return table.Cell{Text: "in part", Style: theme.Warn}
	case inventory.SourceNever:
		return table.Cell{Text: "never", Style: theme.Dim}
	}
	return text(s)
}

func looked(x *inventory.SourceStatus, state string) int {
	n := 0
	for i := range x.Ledger {
		if x.Ledger[i].State == state {
			n++
		}
	}
	return n
}

func notLooked(x *inventory.SourceStatus) int {
	return len(x.Ledger) - looked(x, inventory.LookedRead) - looked(x, inventory.LookedAbsent)
}

// ledgerRow is a line of a source's ledger or one of its warnings.
type ledgerRow struct {
	source string
	n      int
	inventory.Looked
}

func ledgerList() listSpec[ledgerRow] {
	return listSpec[ledgerRow]{
		name: "ledger", noun: "place", acts: []string{"filter", "sort-next", "copy"}, sort: table.Sort{Column: -1},
		rows: ledgerRows, foot: ledgerFoot,
		id: func(x *ledgerRow) inventory.ID { return inventory.ID(fmt.Sprintf("ledger:%s:%d", x.source, x.n)) },
		cols: []column[ledgerRow]{
			{table.Column{Key: "state", Title: "STATE", Min: 8, Max: 11, Priority: 1},
				func(_ *snap, x *ledgerRow) table.Cell { return ledgerCell(x.State) }},
			{table.Column{Key: "path", Title: "PLACE", Min: 20, Max: 70, Good: 40, Priority: 1, Tail: true, Grow: true},
				func(_ *snap, x *ledgerRow) table.Cell { return text(place(x.Path, x.Line)) }},
			{table.Column{Key: "for", Title: "FOR", Min: 8, Max: 16, Priority: 3},
				func(_ *snap, x *ledgerRow) table.Cell { return dim(x.Assistant) }},
			{table.Column{Key: "why", Title: "WHY", Min: 12, Max: 60, Good: 26, Priority: 2},
				func(_ *snap, x *ledgerRow) table.Cell { return text(x.Reason) }},
		},
	}
}

func issueList() listSpec[inventory.Issue] {
	type i = inventory.Issue
	return listSpec[i]{
		name: "fixes", noun: "fix", acts: killActs, sort: table.Sort{Column: -1}, foot: issueFoot,
		rows: func(s *snap) []i { return s.Records().Issues },
		id:   func(x *i) inventory.ID { return x.ID },
		open: func(x *i) inventory.ID {
			if x.Subject != "" {
				return x.Subject
			}
			return x.ID
		},
		cols: []column[i]{
			{table.Column{Key: "risk", Title: "DECISION", Min: 7, Max: 8, Priority: 1, Ranks: decisionRanks, Desc: true},
				func(_ *snap, x *i) table.Cell { return decisionCell(x.Decision) }},
			{table.Column{Key: "closes", Title: "CLOSES", Min: 3, Max: 6, Priority: 2, Right: true, Desc: true},
				func(_ *snap, x *i) table.Cell { return num(len(x.Closes)) }},
			{table.Column{Key: "title", Title: "FIX", Min: 24, Max: 70, Good: 38, Priority: 1, Grow: true},
				func(_ *snap, x *i) table.Cell { return text(x.Title) }},
			{table.Column{Key: "where", Title: "WHERE", Min: 14, Max: 50, Good: 20, Priority: 2, Tail: true},
				func(s *snap, x *i) table.Cell { return text(placeOf(s, x.Subject)) }},
			{table.Column{Key: "why", Title: "WHY", Min: 16, Max: 80, Good: 40, Priority: 3},
				func(_ *snap, x *i) table.Cell { return text(x.Why) }},
			ownedColumn(4, func(x *i) inventory.ID { return x.Subject }),
		},
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// extras are what the lists of runs, audit entries and messages show; they are not part of a snapshot.
type extras struct {
	runs     []revoke.Run
	audit    []audit.Entry
	messages []message
	changes  []change.Change
	waiting  []posture.Waiting
	live     string // the run that is carried out from here
	review   reviewing
}

func runList(x *extras) listSpec[revoke.Run] {
	type r = revoke.Run
	return listSpec[r]{
		name: "revocations", noun: "run", acts: []string{"open", "resume", "undo", "filter"}, sort: table.Sort{Column: -1}, foot: runFoot(x),
		rows: func(*snap) []r { return x.runs }, live: true,
		id:    func(v *r) inventory.ID { return inventory.ID(runPrefix + v.ID) },
		empty: func(*snap) string { return "nothing was revoked from here yet" },
		cols: []column[r]{
			{table.Column{Key: "run", Title: "RUN", Min: 8, Max: 12, Priority: 1}, func(_ *snap, v *r) table.Cell { return text(v.ID) }},
			{table.Column{Key: "state", Title: "STATE", Min: 7, Max: 9, Priority: 1}, func(_ *snap, v *r) table.Cell { return x.state(v) }},
			{table.Column{Key: "proof", Title: "PROOF", Min: 8, Max: 22, Priority: 2}, func(_ *snap, v *r) table.Cell { return text(proofSummary(v)) }},
			{table.Column{Key: "what", Title: "WHAT", Min: 20, Max: 60, Good: 28, Priority: 2, Grow: true}, func(_ *snap, v *r) table.Cell { return text(runWhat(v)) }},
			{table.Column{Key: "started", Title: "STARTED", Min: 19, Max: 19, Priority: 3, Kind: query.Time}, func(_ *snap, v *r) table.Cell { return text(stamp(v.Started)) }},
			{table.Column{Key: "by", Title: "BY", Min: 4, Max: 16, Priority: 4}, func(_ *snap, v *r) table.Cell { return text(v.By) }},
			{table.Column{Key: "reason", Title: "REASON", Min: 8, Max: 40, Priority: 4}, func(_ *snap, v *r) table.Cell { return text(v.Reason) }},
		},
	}
}

const runPrefix = "run:"

func runWhat(r *revoke.Run) string {
	var parts []string
	for _, s := range r.Steps {
		parts = append(parts, s.Summary)
	}
	what := strings.Join(parts, "; ")
	if r.Undoes != "" {
		return "undo " + r.Undoes + ": " + what
	}
	return what
}

func proofSummary(r *revoke.Run) string {
	n := map[revoke.Grade]int{}
	for _, s := range r.Steps {
		if s.Proof.Grade != "" {
			n[s.Proof.Grade]++
		}
	}
	var parts []string
	for _, g := range append([]revoke.Grade{revoke.Alive}, revoke.Grades()[:len(revoke.Grades())-1]...) { // the worst must not be cut off
		if n[g] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[g], gradeWord(g)))
		}
	}
	return strings.Join(parts, ", ")
}

// gradeWord is a grade as it is shown: that something still works must not be read past.
func gradeWord(g revoke.Grade) string {
	if g == revoke.Alive {
		return "STILL ALIVE"
	}
	return string(g)
}

func auditList(x *extras) listSpec[audit.Entry] {
	type e = audit.Entry
	return listSpec[e]{
		name: "audit", noun: "entry", acts: []string{"filter", "sort-next", "copy"}, sort: table.Sort{Column: 0, Desc: true}, foot: auditFoot,
		rows: func(*snap) []e { return x.audit }, live: true,
		id:    func(v *e) inventory.ID { return inventory.ID(fmt.Sprintf("audit:%d", v.Seq)) },
		empty: func(*snap) string { return "the audit log is empty" },
		cols: []column[e]{
			{table.Column{Key: "seq", Title: "NO", Min: 3, Max: 6, Priority: 2, Right: true, Desc: true}, func(_ *snap, v *e) table.Cell { return num(int(v.Seq)) }},
			{table.Column{Key: "at", Title: "AT", Min: 19, Max: 19, Priority: 1, Kind: query.Time}, func(_ *snap, v *e) table.Cell { return text(stamp(v.At)) }},
			{table.Column{Key: "by", Title: "BY", Min: 4, Max: 16, Good: 10, Priority: 2}, func(_ *snap, v *e) table.Cell { return text(v.By) }},
			{table.Column{Key: "action", Title: "ACTION", Min: 8, Max: 24, Priority: 1}, func(_ *snap, v *e) table.Cell { return text(v.Action) }},
			{table.Column{Key: "subject", Title: "ABOUT", Min: 10, Max: 30, Good: 16, Priority: 2}, func(_ *snap, v *e) table.Cell { return text(v.Subject) }},
			{table.Column{Key: "detail", Title: "DETAIL", Min: 10, Max: 80, Good: 14, Priority: 3, Grow: true}, func(_ *snap, v *e) table.Cell { return text(v.Detail) }},
		},
	}
}

func messageList(x *extras) listSpec[message] {
	return listSpec[message]{
		name: "messages", noun: "message", acts: []string{"filter", "copy"}, sort: table.Sort{Column: -1}, foot: messageFoot,
		rows: func(*snap) []message { return x.messages }, live: true,
		id:    func(v *message) inventory.ID { return inventory.ID(fmt.Sprintf("message:%d", v.n)) },
		empty: func(*snap) string { return "no messages" },
		cols: []column[message]{
			{table.Column{Key: "at", Title: "AT", Min: 8, Max: 8, Priority: 1}, func(_ *snap, v *message) table.Cell { return text(v.at.Format("15:04:05")) }},
			{table.Column{Key: "text", Title: "MESSAGE", Min: 20, Priority: 1, Grow: true}, func(_ *snap, v *message) table.Cell {
				if v.bad {
					return table.Cell{Text: v.text, Style: theme.Alarm}
				}
				return text(v.text)
			}},
		},
	}
}
