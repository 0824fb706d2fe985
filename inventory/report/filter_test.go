package report

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func TestFilterChoosesFindings(t *testing.T) {
	r := company().Records()
	r.Findings = append(r.Findings, inventory.Finding{ID: "find-cccccccccccccccc", Rule: "MCP-01", Title: "Not pinned", Subject: "tool-aaaaaaaaaaaaaaaa", Score: 30, Decision: inventory.Track, State: "accepted", FirstSeen: noon.AddDate(0, 0, -40)})
	s := inventory.NewSnapshot(noon, r, false)
	for text, want := range map[string]string{
		"risk=act-now": "SEC-01", "risk>=attend": "AUT-01 SEC-01", "risk=accepted": "MCP-01", "score<50": "MCP-01", "!rule:sec": "AUT-01 MCP-01", "owner=alice": "AUT-01 SEC-01",
		"assistant:claude": "SEC-01", "path:.claude.json": "SEC-01", "control=nhi2:2025": "SEC-01", "@local": "SEC-01", "due<7d": "SEC-01", "age>30d": "MCP-01", "state=open pinned": "",
		`"in a repository"`: "SEC-01", "id:find-c": "MCP-01", "subject:github": "MCP-01 SEC-01", "detail:holds": "SEC-01", "title:nobody": "AUT-01",
	} {
		q, err := ParseFilter(text, s.At())
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		part, n := Filter(s, q)
		var got []string
		for _, f := range part.Records().Findings {
			got = append(got, f.Rule)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want || n.Shown != len(got) || n.Of != 3 {
			t.Errorf("%s: %v of %d, want %s", text, got, n.Of, want)
		}
	}
	if n := len(s.Records().Findings); n != 3 {
		t.Errorf("the whole has %d findings left", n)
	}
}

// What a finding is about comes with it, all names in it are known, and what else there is does not.
func TestFilterKeepsWhatFindingsAreAbout(t *testing.T) {
	s := company()
	q, err := ParseFilter("rule=SEC-01", s.At())
	if err != nil {
		t.Fatal(err)
	}
	part, n := Filter(s, q)
	r := part.Records()
	if len(r.Assistants) != 1 || len(r.Secrets) != 1 || len(r.Owners) != 1 || len(r.Tools) != 0 || len(r.Issues) != 1 || len(r.Sources) != 2 || len(r.Findings) != 1 {
		t.Errorf("%d assistants, %d secrets, %d owners, %d tools, %d issues, %d sources", len(r.Assistants), len(r.Secrets), len(r.Owners), len(r.Tools), len(r.Issues), len(r.Sources))
	}
	o := Options{Filter: n}
	for _, format := range FilterFormats() {
		got := render(t, func(b *bytes.Buffer) error { return Scan(b, format, part, o) })
		if strings.Contains(got, "AUT-01") || !strings.Contains(got, "SEC-01") && format != "table" && format != "markdown" {
			t.Errorf("%s: not that part: %s", format, got)
		}
		if format != "csv" && format != "sarif" && !strings.Contains(got, "1 finding of 2") {
			t.Errorf("%s does not say that it is a part: %s", format, got)
		}
	}
	run := holdsSARIF(t, render(t, func(b *bytes.Buffer) error { return Scan(b, "sarif", part, o) })).Runs[0]
	if run.AutomationDetails.ID != "nhitop/filter/rule=SEC-01/" {
		t.Errorf("a part is of the category %q", run.AutomationDetails.ID)
	}
	holdsHTML(t, render(t, func(b *bytes.Buffer) error { return Scan(b, "html", part, o) }))
	for _, format := range []string{"json", "jsonl"} {
		if err := Scan(&bytes.Buffer{}, format, part, o); !errors.Is(err, ErrFormat) {
			t.Errorf("%s of a part: %v", format, err)
		}
	}
}

// The filter is repeated in what is printed, and may have been copied from anywhere.
func TestFilterIsRepeatedWithoutHarm(t *testing.T) {
	s := company()
	for _, text := range hostileTexts {
		q, err := ParseFilter(`title:"`+strings.ReplaceAll(text, `"`, "")+`" x`, s.At())
		if err != nil {
			continue // one that is longer than a filter may be
		}
		part, n := Filter(s, q)
		holdsHTML(t, render(t, func(b *bytes.Buffer) error { return Scan(b, "html", part, Options{Filter: n}) }))
		holdsSARIF(t, render(t, func(b *bytes.Buffer) error { return Scan(b, "sarif", part, Options{Filter: n}) }))
		if got := render(t, func(b *bytes.Buffer) error { return Scan(b, "table", part, Options{Filter: n}) }); strings.ContainsAny(got, "\x1b\u202e\x00") {
			t.Errorf("%q comes back as it is: %q", text, got)
		}
	}
}

func TestFilterSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"": "nothing is asked for", "  ": "nothing is asked for", "ownr=alice": "did you mean owner", "title>3": "no order", "risk>=urgent": "act-now",
		"rule:SEC owner=": "owner= is not finished", "owner= rule:SEC": "owner= is not finished", strings.Repeat("x ", 80): "not finished",
	} {
		if _, err := ParseFilter(text, noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
