package ui

import (
	"fmt"
	"strconv"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

var listActs = []string{"open", "filter", "sort-next", "mark", "copy"}
var triageActs = []string{"open", "flag", "accept", "revoke", "filter", "mark"}
var killActs = []string{"open", "revoke", "filter", "sort-next", "mark", "copy"}

func text(s string) table.Cell { return table.Cell{Text: s} }
func dim(s string) table.Cell  { return table.Cell{Text: s, Style: theme.Dim} }
func num(n int) table.Cell     { return table.Cell{Text: strconv.Itoa(n)} }

type snap = inventory.Snapshot

func assistantList() listSpec[inventory.Assistant] {
	type a = inventory.Assistant
	return listSpec[a]{
		name: "assistants", noun: "assistant", acts: killActs,
		sort: table.Sort{Column: 0, Desc: true},
		rows: func(s *snap) []a { return s.Records().Assistants },
		id:   func(x *a) inventory.ID { return x.ID },
		foot: assistantFoot, brief: assistantBrief,
		cols: []column[a]{
			{table.Column{Key: "risk", Title: "DECISION", Min: 7, Max: 8, Priority: 1, Ranks: decisionRanks, Desc: true},
				func(s *snap, x *a) table.Cell { return decisionCell(worst(s.FindingsOf(x.ID))) }},
			{table.Column{Key: "name", Title: "ASSISTANT", Min: 12, Max: 30, Good: 22, Priority: 1},
				func(_ *snap, x *a) table.Cell { return text(short(x)) }},
			{table.Column{Key: "where", Title: "WHERE", Min: 14, Max: 60, Good: 20, Priority: 2, Tail: true, Grow: true},
				func(_ *snap, x *a) table.Cell { return text(where(x)) }},
			{table.Column{Key: "owner", Title: "OWNER", Min: 10, Max: 28, Good: 18, Priority: 3},
				func(s *snap, x *a) table.Cell { return ownerCell(s, x) }},
			{table.Column{Key: "may", Title: "MAY", Min: 12, Max: 20, Good: 14, Priority: 4},
				func(_ *snap, x *a) table.Cell { return may(x) }},
			{table.Column{Key: "autonomy", Title: "AUTONOMY", Min: 10, Max: 10, Priority: 2, Ranks: autonomyRanks, Desc: true},
				func(_ *snap, x *a) table.Cell { return autonomyCell(x.Autonomy) }},
			{table.Column{Key: "sandbox", Title: "SANDBOX", Min: 7, Max: 9, Priority: 5},
				func(_ *snap, x *a) table.Cell { return sandboxCell(x.Sandbox) }},
			{table.Column{Key: "secrets", Title: "SECRETS", Min: 3, Max: 7, Priority: 6, Right: true, Desc: true},
				func(_ *snap, x *a) table.Cell { return num(len(x.Secrets)) }},
			{table.Column{Key: "tools", Title: "TOOLS", Min: 3, Max: 5, Priority: 7, Right: true, Desc: true},
				func(_ *snap, x *a) table.Cell { return num(len(x.Tools)) }},
			{table.Column{Key: "host", Title: "HOST", Min: 5, Max: 24, Good: 14, Priority: 6},
				func(_ *snap, x *a) table.Cell { return text(x.Host) }},
			{table.Column{Key: "class", Title: "CLASS", Min: 3, Max: 9, Priority: 8},
				func(_ *snap, x *a) table.Cell { return text(string(x.Class)) }},
			{table.Column{Key: "scope", Title: "SCOPE", Min: 4, Max: 8, Priority: 9},
				func(_ *snap, x *a) table.Cell { return dim(x.Scope) }},
			{table.Column{Key: "version", Title: "VERSION", Min: 5, Max: 12, Priority: 9},
				func(_ *snap, x *a) table.Cell { return dim(x.Version) }},
			{table.Column{Key: "can", Title: "CAN", Min: 12, Max: 60, Good: 20, Priority: 9, Off: true, List: true},
				func(_ *snap, x *a) table.Cell { return text(answersText(x, inventory.Yes)) }},
			{table.Column{Key: "asks", Title: "ASKS FOR", Min: 12, Max: 60, Good: 20, Priority: 9, Off: true, List: true},
				func(_ *snap, x *a) table.Cell { return text(answersText(x, inventory.Asks)) }},
			{table.Column{Key: "drift", Title: "DRIFT", Min: 8, Max: 40, Good: 16, Priority: 9, Off: true, List: true},
				func(_ *snap, x *a) table.Cell { return table.Cell{Text: driftText(x), Style: theme.Warn} }},
			sourcesColumn(func(x *a) []string { return x.Sources }),
			ageColumn("age", "AGE", func(x *a) time.Time { return x.FirstSeen }),
			ageColumn("used", "USED", func(x *a) time.Time { return x.LastUsed }),
		},
	}
}

func ownerList() listSpec[inventory.Owner] {
	type o = inventory.Owner
	return listSpec[o]{
		name: "owners", noun: "owner", acts: killActs, sort: table.Sort{Column: 0, Desc: true}, foot: ownerFoot,
		rows: func(s *snap) []o { return s.Records().Owners },
		id:   func(x *o) inventory.ID { return x.ID },
		cols: []column[o]{
			{table.Column{Key: "risk", Title: "DECISION", Min: 7, Max: 8, Priority: 1, Ranks: decisionRanks, Desc: true},
				func(s *snap, x *o) table.Cell { return decisionCell(ownerWorst(s, x.ID)) }},
			{table.Column{Key: "name", Title: "OWNER", Min: 12, Max: 32, Good: 24, Priority: 1, Grow: true},
				func(_ *snap, x *o) table.Cell { return text(x.Name) }},
			{table.Column{Key: "kind", Title: "KIND", Min: 6, Max: 8, Priority: 3},
				func(_ *snap, x *o) table.Cell { return text(x.Kind) }},
			{table.Column{Key: "email", Title: "EMAIL", Min: 12, Max: 36, Good: 22, Priority: 4},
				func(_ *snap, x *o) table.Cell { return text(x.Email) }},
			{table.Column{Key: "status", Title: "STATUS", Min: 7, Max: 9, Priority: 2},
				func(_ *snap, x *o) table.Cell {
					if x.Status == "departed" {
						return table.Cell{Text: "departed", Style: theme.Alarm}
					}
					return dim(x.Status)
				}},
			{table.Column{Key: "assistants", Title: "ASSISTANTS", Min: 4, Max: 10, Priority: 2, Right: true, Desc: true},
				func(s *snap, x *o) table.Cell { return num(len(s.AssistantsOf(x.ID))) }},
			{table.Column{Key: "known-by", Title: "KNOWN BY", Min: 8, Max: 40, Good: 16, Priority: 5},
				func(_ *snap, x *o) table.Cell { return dim(evidenceNotes(x.Evidence)) }},
		},
	}
}

func ownerWorst(s *snap, id inventory.ID) inventory.Decision {
	d := worst(s.FindingsOf(id))
	for _, a := range s.AssistantsOf(id) {
		if w := worst(s.FindingsOf(a.ID)); w.Rank() < d.Rank() {
			d = w
		}
	}
	return d
}

func secretList() listSpec[inventory.Secret] {
	type x = inventory.Secret
	return listSpec[x]{
		name: "secrets", noun: "secret", acts: killActs, sort: table.Sort{Column: 0, Desc: true}, foot: secretFoot, brief: secretBrief,
		rows: func(s *snap) []x { return s.Records().Secrets },
		id:   func(v *x) inventory.ID { return v.ID },
		cols: []column[x]{
			{table.Column{Key: "risk", Title: "DECISION", Min: 7, Max: 8, Priority: 1, Ranks: decisionRanks, Desc: true},
				func(s *snap, v *x) table.Cell { return decisionCell(worst(s.FindingsOf(v.ID))) }},
			{table.Column{Key: "kind", Title: "SECRET", Min: 20, Max: 40, Good: 26, Priority: 1},
				func(_ *snap, v *x) table.Cell { return text(secretCell(v)) }},
			{table.Column{Key: "where", Title: "WHERE", Min: 14, Max: 60, Good: 22, Priority: 2, Tail: true, Grow: true},
				func(_ *snap, v *x) table.Cell { return text(secretWhere(v)) }},
			{table.Column{Key: "held", Title: "HELD BY", Min: 10, Max: 36, Good: 14, Priority: 4, List: true},
				func(s *snap, v *x) table.Cell { return text(summary(s, v.Assistants)) }},
			{table.Column{Key: "storage", Title: "STORED", Min: 9, Max: 15, Priority: 4},
				func(_ *snap, v *x) table.Cell { return text(v.Storage) }},
			{table.Column{Key: "exposure", Title: "EXPOSURE", Min: 8, Max: 9, Priority: 3},
				func(_ *snap, v *x) table.Cell {
					switch v.Exposure {
					case inventory.ExposureCommitted, inventory.ExposureLeaked:
						return table.Cell{Text: v.Exposure, Style: theme.Alarm}
					case inventory.ExposureShared:
						return table.Cell{Text: v.Exposure, Style: theme.Warn}
					}
					return text(v.Exposure)
				}},
			{table.Column{Key: "ambient", Title: "INHERITED", Min: 3, Max: 9, Priority: 5},
				func(_ *snap, v *x) table.Cell { return text(yesNo(v.Ambient)) }},
			{table.Column{Key: "state", Title: "STATE", Min: 5, Max: 8, Priority: 6},
				func(_ *snap, v *x) table.Cell { return dim(v.State) }},
			{table.Column{Key: "expires", Title: "EXPIRES", Min: 10, Max: 10, Priority: 5, Kind: query.Time, Ahead: true},
				func(_ *snap, v *x) table.Cell { return text(day(v.Expires, v.LongLived)) }},
			{table.Column{Key: "account", Title: "ACCOUNT", Min: 8, Max: 30, Good: 16, Priority: 7},
				func(_ *snap, v *x) table.Cell { return text(v.Account) }},
			{table.Column{Key: "issuer", Title: "ISSUER", Min: 6, Max: 12, Priority: 8},
				func(_ *snap, v *x) table.Cell { return text(v.Issuer) }},
			ownedColumn(5, func(v *x) inventory.ID { return v.ID }),
			sourcesColumn(func(v *x) []string { return v.Sources }),
			ageColumn("age", "AGE", func(v *x) time.Time { return v.Created }),
			ageColumn("used", "USED", func(v *x) time.Time { return v.LastUsed }),
			ageColumn("rotated", "ROTATED", func(v *x) time.Time { return v.Rotated }),
		},
	}
}

func day(t time.Time, longLived inventory.Answer) string {
	switch {
	case !t.IsZero():
		return t.Format("2006-01-02")
	case longLived == inventory.Yes:
		return "never"
	}
	return "?"
}

func viaName(s *snap, via string) string {
	if x := s.Secret(inventory.ID(via)); x != nil {
		return secretName(x)
	}
	return via
}

func toolList() listSpec[inventory.Tool] {
	type t = inventory.Tool
	return listSpec[t]{
		name: "tools", noun: "tool server", acts: killActs, sort: table.Sort{Column: -1}, foot: toolFoot,
		rows: func(s *snap) []t { return s.Records().Tools },
		id:   func(x *t) inventory.ID { return x.ID },
		cols: []column[t]{
			{table.Column{Key: "name", Title: "SERVER", Min: 8, Max: 24, Good: 18, Priority: 1},
				func(_ *snap, x *t) table.Cell { return text(x.Name) }},
			{table.Column{Key: "assistant", Title: "ASSISTANT", Min: 12, Max: 40, Good: 24, Priority: 2},
				func(s *snap, x *t) table.Cell { return text(nameOf(s, x.Assistant)) }},
			{table.Column{Key: "transport", Title: "TRANSPORT", Min: 5, Max: 9, Priority: 5},
				func(_ *snap, x *t) table.Cell { return text(x.Transport) }},
			{table.Column{Key: "what", Title: "RUNS", Min: 16, Max: 60, Good: 20, Priority: 3, Grow: true},
				func(_ *snap, x *t) table.Cell { return text(toolRuns(x)) }},
			{table.Column{Key: "on", Title: "ON", Min: 3, Max: 4, Priority: 2},
				func(_ *snap, x *t) table.Cell { return text(yesNo(x.Enabled)) }},
			{table.Column{Key: "pinned", Title: "PINNED", Min: 4, Max: 6, Priority: 3},
				func(_ *snap, x *t) table.Cell { return answerCell(x.Pinned, false) }},
			{table.Column{Key: "auto", Title: "ASKS", Min: 4, Max: 8, Priority: 3},
				func(_ *snap, x *t) table.Cell {
					switch {
					case x.AutoApproved:
						return table.Cell{Text: "NEVER", Style: theme.Alarm}
					case len(x.ApprovedTools) > 0:
						return text(fmt.Sprintf("not %d", len(x.ApprovedTools)))
					}
					return text("yes")
				}},
			{table.Column{Key: "secrets", Title: "SECRETS", Min: 3, Max: 7, Priority: 6, Right: true, Desc: true},
				func(_ *snap, x *t) table.Cell { return num(len(x.Secrets)) }},
			{table.Column{Key: "scope", Title: "SCOPE", Min: 5, Max: 8, Priority: 7},
				func(_ *snap, x *t) table.Cell { return dim(x.Scope) }},
			ownedColumn(8, func(x *t) inventory.ID { return x.ID }),
		},
	}
}

func toolRuns(t *inventory.Tool) string {
	if t.URL != "" {
		return t.URL
	}
	s := t.Command
	for _, a := range t.Args {
		s += " " + a
	}
	return s
}
