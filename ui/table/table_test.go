package table

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"nhitop/inventory"
	"nhitop/ui/theme"
)

type lines [][]string

func (r lines) Len() int              { return len(r) }
func (r lines) ID(i int) inventory.ID { return inventory.ID(r[i][0]) }
func (r lines) Cell(i, c int) Cell    { return Cell{Text: r[i][c+1]} }

var cols = []Column{
	{Key: "name", Title: "NAME", Min: 6, Priority: 1},
	{Key: "risk", Title: "RISK", Min: 6, Max: 8, Priority: 2, Ranks: []string{"low", "mid", "high"}, Desc: true},
	{Key: "n", Title: "N", Min: 3, Priority: 3, Right: true},
	{Key: "where", Title: "WHERE", Min: 8, Priority: 4, Tail: true, Grow: true},
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var people = lines{
	{"1", "alice", "high", "10", "~/src/web"},
	{"2", "bob", "low", "9", "~/src/a/very/long/path/to/the/service"},
	{"3", "日本語の名前", "mid", "", "https://mcp.example/sse"},
	{"4", "Zoë", "high", "100", ""},
}

func shown(t *testing.T, d Data, s Sort) *Table {
	t.Helper()
	tb := New(cols, theme.New(theme.Mono))
	tb.Show(Prepare(d, cols, s, nil), nil)
	return tb
}

func ids(tb *Table) string {
	var out []string
	for _, i := range tb.index {
		out = append(out, string(tb.p.data.ID(int(i))))
	}
	return strings.Join(out, "")
}

func TestSort(t *testing.T) {
	for _, c := range []struct {
		sort Sort
		want string
	}{
		{Sort{Column: -1}, "1234"},
		{Sort{Column: 0}, "1243"},
		{Sort{Column: 1}, "2314"},
		{Sort{Column: 1, Desc: true}, "1432"},
		{Sort{Column: 2}, "2143"},             // by number, not by text; what has none comes last
		{Sort{Column: 2, Desc: true}, "4123"}, // either way
	} {
		if got := ids(shown(t, people, c.sort)); got != c.want {
			t.Errorf("%+v: %s, want %s", c.sort, got, c.want)
		}
	}
}

func TestFilter(t *testing.T) {
	tb := shown(t, people, Sort{Column: -1})
	for text, want := range map[string]string{
		"":                  "1234",
		"alice":             "1",
		"ALICE":             "1",
		"!alice":            "234",
		"src !bob":          "1",
		"risk=high":         "14",
		"risk>=mid":         "134",
		"risk<high":         "23",
		"n>9":               "14",
		"n<=10":             "12",
		"name:o":            "24",
		"where:src":         "12",
		"https://mcp":       "3",
		"日本":                "3",
		"!risk=high risk:l": "2",
		`where=""`:          "4",
		"risk:":             "1234",
	} {
		f, err := tb.Parse(text, noon)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		tb.SetFilter(f)
		if got := ids(tb); got != want {
			t.Errorf("%q shows %s, want %s", text, got, want)
		}
	}
}

func TestLinesFitEveryWidth(t *testing.T) {
	tb := shown(t, people, Sort{Column: 0})
	for w := 1; w < 140; w++ {
		for i, l := range tb.Lines(w, 6) {
			if n := ansi.StringWidth(l); n > max(w, lead+1) {
				t.Fatalf("width %d: line %d takes %d: %q", w, i, n, l)
			}
		}
	}
}

func TestNarrowScreensKeepWhatMatters(t *testing.T) {
	tb := shown(t, people, Sort{Column: -1})
	wide, narrow := tb.Lines(100, 5)[0], tb.Lines(18, 5)[0]
	if !strings.Contains(wide, "WHERE") || strings.Contains(narrow, "WHERE") || !strings.Contains(narrow, "NAME") {
		t.Errorf("wide %q, narrow %q", wide, narrow)
	}
}

// TestImportantColumnsAreWholeBeforeOthersAreShown holds what a narrow screen shows: less, but legible.
func TestImportantColumnsAreWholeBeforeOthersAreShown(t *testing.T) {
	cs := []Column{{Key: "risk", Title: "RISK", Min: 4, Priority: 1}, {Key: "name", Title: "NAME", Min: 6, Good: 18, Max: 30, Priority: 1},
		{Key: "where", Title: "WHERE", Min: 8, Good: 12, Max: 40, Priority: 2, Tail: true, Grow: true}, {Key: "more", Title: "MORE", Min: 4, Priority: 3}, {Key: "off", Title: "OFF", Min: 4, Priority: 3, Off: true}}
	d := lines{{"1", "high", "copilot-agent", "~/src/a/very/long/path", "yes", "no"}, {"2", "low", "x", "", "", ""}}
	tb := New(cs, theme.New(theme.Mono))
	tb.Show(Prepare(d, cs, Sort{Column: -1}, nil), nil)
	for _, c := range []struct {
		w    int
		want string
	}{
		{80, "RISK NAME WHERE MORE"}, {44, "RISK NAME WHERE MORE"}, {36, "RISK NAME WHERE"}, {24, "RISK NAME"}, {12, "RISK NAME"}, {7, "RISK"},
	} {
		lines := tb.Lines(c.w, 4)
		if got := strings.Join(strings.Fields(lines[0]), " "); got != c.want {
			t.Errorf("at %d cells: %s, want %s", c.w, got, c.want)
		}
		if c.w >= 24 && !strings.Contains(lines[1], "copilot-agent") {
			t.Errorf("at %d cells the name is cut: %q", c.w, lines[1])
		}
	}
	tb.Choose([]int{4, 1})
	if got := strings.Fields(tb.Lines(80, 4)[0]); strings.Join(got, " ") != "OFF NAME" {
		t.Errorf("chosen: %v", got)
	}
	tb.Choose(nil)
	if got := strings.Fields(tb.Lines(80, 4)[0]); len(got) != 4 {
		t.Errorf("not chosen any more: %v", got)
	}
}

// TestWidthsSettle holds that columns do not move when shorter texts come in.
func TestWidthsSettle(t *testing.T) {
	tb := shown(t, people, Sort{Column: -1})
	before := tb.Lines(100, 5)[0]
	tb.Show(Prepare(lines{{"1", "x", "", "", ""}}, cols, Sort{Column: -1}, nil), nil)
	if after := tb.Lines(100, 5)[0]; after != before {
		t.Errorf("the columns moved from %q to %q", before, after)
	}
	tb.Lines(99, 5)
	if after := tb.Lines(100, 5)[0]; after == before {
		t.Error("another width of the screen does not begin anew")
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		in    string
		w     int
		tail  bool
		right bool
		want  string
	}{
		{"abc", 5, false, false, "abc  "}, {"abc", 5, false, true, "  abc"}, {"abcdef", 4, false, false, "abc…"},
		{"abcdef", 4, true, false, "…def"}, {"日本語", 4, false, false, "日… "}, {"日本語", 4, true, false, "…語 "}, {"日本語", 6, false, false, "日本語"},
		{"abc", 1, false, false, "…"}, {"abc", 0, false, false, ""}, {"e\u0301abc", 3, false, false, "e\u0301a…"},
	} {
		if got := Fit(c.in, c.w, c.tail, c.right); got != c.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

func TestCursorAndMarksByID(t *testing.T) {
	tb := shown(t, people, Sort{Column: -1})
	tb.Lines(80, 4)
	tb.Move(1)
	tb.Toggle()
	if tb.Cursor() != "3" || fmt.Sprint(tb.Marked()) != "[2]" {
		t.Fatalf("cursor %s, marked %v", tb.Cursor(), tb.Marked())
	}
	tb.Show(Prepare(lines{people[3], people[2], people[1]}, cols, Sort{Column: -1}, nil), nil)
	if tb.Cursor() != "3" || fmt.Sprint(tb.Marked()) != "[2]" {
		t.Errorf("after new data: cursor %s, marked %v", tb.Cursor(), tb.Marked())
	}
	tb.Show(Prepare(lines{people[0]}, cols, Sort{Column: -1}, nil), nil)
	if tb.Cursor() != "1" || len(tb.Marked()) != 0 {
		t.Errorf("after both are gone: cursor %s, marked %v", tb.Cursor(), tb.Marked())
	}
	tb.Show(Prepare(people, cols, Sort{Column: -1}, nil), nil)
	tb.Home()
	tb.Range()
	tb.Move(2)
	tb.Range()
	if len(tb.Marked()) != 3 {
		t.Errorf("the range marked %v", tb.Marked())
	}
	tb.MarkAll()
	if len(tb.Marked()) != 4 {
		t.Errorf("all marked %v", tb.Marked())
	}
	tb.MarkAll()
	if len(tb.Marked()) != 0 {
		t.Errorf("none marked %v", tb.Marked())
	}
}

func TestEmptyTable(t *testing.T) {
	tb := New(cols, theme.New(theme.Mono))
	tb.Move(3)
	tb.Toggle()
	tb.Range()
	if tb.Cursor() != "" || tb.Row() != -1 || len(tb.Lines(10, 3)) != 3 {
		t.Error("an empty table has a row")
	}
	tb.Show(Prepare(lines{}, cols, Sort{Column: 0}, nil), nil)
	tb.End()
	if tb.Cursor() != "" || len(tb.Lines(10, 3)) != 3 {
		t.Error("a table without rows has a row")
	}
}

func FuzzFit(f *testing.F) {
	f.Add("plain", 4, false)
	f.Add("日本語", 3, true)
	f.Add("👩\u200d👩\u200d👧 family", 5, true)
	f.Fuzz(func(t *testing.T, s string, w int, tail bool) {
		w = w & 0xff
		s = inventory.Clean(s)
		if n := Width(Fit(s, w, tail, false)); n != w {
			t.Errorf("Fit(%q, %d, %v) takes %d", s, w, tail, n)
		}
	})
}
