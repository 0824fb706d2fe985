package query

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)

var fields = []Field{
	{Key: "owner"}, {Key: "risk", Kind: Rank, Ranks: []string{"track|low", "attend|medium", "act-now|high"}}, {Key: "count", Kind: Number},
	{Key: "age", Kind: Time}, {Key: "expires", Kind: Time, Ahead: true}, {Key: "source"}, {Key: "autonomy", Kind: Rank, Ranks: []string{"ask", "auto-edit", "auto"}},
}

// holds asks a parsed filter of a row as whoever has the rows does.
func holds(q Query, row []string) bool {
	return q.Holds(len(row), func(i int) string { return row[i] })
}

func TestTerms(t *testing.T) {
	row := []string{"Alice Nguyen, bob@example.com", "ACT NOW", "1,204", "41 d", "2026-03-15", "github:acme", "auto-edit"}
	for text, want := range map[string]bool{
		"": true, "alice": true, "ALICE": true, "nobody": false, "!nobody": true, "!alice": false, "alice act": true, "alice nobody": false,
		"owner=alice": true, "owner=bob": true, "owner=example": false, "owner=ali": false, "owner:ali": true, "owner!=carol": true, "owner!=alice": false,
		"!owner=alice": false, `owner="alice nguyen"`: true, "owner=alice-nguyen": true, `"nguyen, bob"`: true, "owner=": true, "!owner=": true, `owner=""`: false, `!owner=""`: true,
		"risk=act-now": true, `risk="act now"`: true, "risk>=high": true, "risk>=attend": true, "risk>high": false, "risk<high": false, "risk<=act-now": true,
		"autonomy=auto": false, "autonomy=auto-edit": true, "autonomy<auto": true, "auto=auto-edit": true,
		"count>1000": true, "count<=1204": true, "count>1,300": false, "count=1,204": true,
		"age>30d": true, "age>6w": false, "age<2mo": true, "age<2026-03-01": true, "age>2026-03-01": false,
		"expires<30d": true, "expires<7d": false, "expires>2026-03-10": true, "expires<=2026-03-15": true, "expires>2026-03": true,
		"@github": true, "@gitlab": false, "!@gitlab": true, "@example": true, "source:acme": true,
		"https://x": false, "~/a=b": false, "=": false, "12:30": false, "owner:": true, "risk>=": true, `"`: true, `owner="`: true, "!": true,
	} {
		q, err := Parse(text, fields, now)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := holds(q, row); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	for text, cell := range map[string]string{"expires<30d": "never", "age>30d": "?", "count>1": "", "risk>=low": "unknown"} {
		q, err := Parse(text, fields, now)
		if err != nil || len(q.Terms) != 1 || q.Terms[0].Holds(q.Terms[0].Field, cell) {
			t.Errorf("%q holds for %q, which has no order (%v)", text, cell, err)
		}
	}
	q, err := Parse("zoë", fields, now)
	if err != nil || !holds(q, []string{"ZOË Ä"}) || holds(q, []string{"ZOE"}) {
		t.Error("letters beyond ASCII are not folded")
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ text, part, says string }{
		{"alice ownr=bob", "ownr=bob", "did you mean owner?"},
		{"colour=red", "colour=red", "there are owner, risk"},
		{"risk>=huge alice", "risk>=huge", `write one of track, attend, act-now`},
		{"count>many", "count>many", "a number"},
		{"!age>soon", "!age>soon", "an age (30d, 12h) or a date"},
		{"owner>bob", "owner>bob", "owner:part or owner=word"},
	} {
		q, err := Parse(c.text, fields, now)
		var m *Mistake
		if !errors.As(err, &m) || c.text[m.From:m.To] != c.part || !strings.Contains(m.What, c.says) {
			t.Errorf("%q: %+v", c.text, err)
		}
		if n := len(strings.Fields(c.text)) - 1; len(q.Terms) != n {
			t.Errorf("%q: %d terms are left, want %d", c.text, len(q.Terms), n)
		}
	}
}

func TestRefines(t *testing.T) {
	for _, c := range []struct {
		old, new string
		want     bool
	}{
		{"", "a", true}, {"al", "ali", true}, {"al", "xal", true}, {"ali", "al", false}, {"!al", "!ali", false}, {"!al", "!al x", true},
		{"owner=alice", "owner=alice risk=act-now", true}, {"owner:al", "owner:ali", true}, {"owner=al", "owner=ali", false}, {"risk>=low", "risk>=high", false}, {"a b", "b a", true},
	} {
		old, _ := Parse(c.old, fields, now)
		q, _ := Parse(c.new, fields, now)
		if got := q.Refines(old); got != c.want {
			t.Errorf("%q refines %q: %v", c.new, c.old, got)
		}
	}
}

func TestComplete(t *testing.T) {
	values := func(i int) []Value {
		return map[string][]Value{
			"owner": {{"bob@example.com", 1}, {"Alice Nguyen", 3}, {"acme-data team", 2}, {"", 9}},
			"risk":  {{"TRACK", 90}, {"ACT NOW", 2}, {"ATTEND", 30}},
		}[fields[i].Key]
	}
	for _, c := range []struct {
		text string
		want string
	}{
		{"", "owner=,risk>=,count>,age>,expires>,source=,autonomy>="},
		{"a", "age>,autonomy>="}, {"free a", "free age>,free autonomy>="}, {"!ri", "!risk>="}, {"zzz", ""},
		{"owner=", `owner=Alice-Nguyen,owner="acme-data team",owner=bob@example.com`}, {"owner=al", "owner=Alice-Nguyen"}, {"owner=ngu", "owner=Alice-Nguyen"}, {"owner!=bo", "owner!=bob@example.com"},
		{"risk>=", "risk>=ACT-NOW,risk>=ATTEND,risk>=TRACK"}, {"owner=Alice-Nguyen", ""}, {"ow:al", "ow:Alice-Nguyen"}, {"@gi", ""}, {"ris=x ", "ris=x owner=,ris=x risk>=,ris=x count>,ris=x age>,ris=x expires>,ris=x source=,ris=x autonomy>="},
	} {
		var got []string
		for _, s := range Complete(c.text, len(c.text), fields, values) {
			text, at := s.Apply(c.text)
			if at != len(text) {
				t.Errorf("%q: the cursor is at %d of %q", c.text, at, text)
			}
			got = append(got, text)
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%q: %s, want %s", c.text, strings.Join(got, ","), c.want)
		}
	}
	if s := Complete("ow=x risk>", 2, fields, values); len(s) != 1 || s[0].Text != "owner=" {
		t.Errorf("in the middle: %v", s)
	}
}

func TestHoldsAllocatesNothing(t *testing.T) {
	q, _ := Parse("nguyen owner=alice count>12 risk>=high", fields, now)
	row := []string{"Alice Nguyen", "ACT NOW", "1204", "41 d"}
	if n := testing.AllocsPerRun(100, func() {
		for i := range 2 {
			for f, text := range row {
				q.Terms[i].Holds(f, text)
			}
		}
		q.Terms[2].Holds(2, "1204")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"owner=alice risk>=high autonomy=unattended !github free words", `!"a b" x:"c`, "age>30d expires<2026-03-01", "@github !@x", "!=", `owner!="`, "日本 zoë", "count>1e999", "a:b:c <> ::"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		q, err := Parse(text, fields, now)
		var m *Mistake
		if errors.As(err, &m) && (m.From < 0 || m.From >= m.To || m.To > len(text)) {
			t.Fatalf("the mistake in %q is at %d to %d", text, m.From, m.To)
		}
		for i := range q.Terms {
			term := &q.Terms[i]
			if term.From >= term.To || term.To > len(text) {
				t.Fatalf("a term of %q is at %d to %d", text, term.From, term.To)
			}
			for f, cell := range []string{text, "ACT NOW", "41 d", "2026-03-01", "日本 Zoë"} {
				term.Holds(f, cell)
			}
		}
		if !q.Refines(q) {
			t.Fatalf("%q does not refine itself", text)
		}
		for _, s := range Complete(text, at, fields, func(int) []Value { return []Value{{"ACT NOW", 1}, {text, 2}} }) {
			if s.From < 0 || s.From > s.To || s.To > len(text) {
				t.Fatalf("a suggestion for %q replaces %d to %d", text, s.From, s.To)
			}
			if after, at := s.Apply(text); at > len(after) {
				t.Fatalf("the cursor is at %d of %q", at, after)
			}
		}
	})
}
