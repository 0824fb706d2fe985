package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"nhitop/inventory"
)

// sarifRead is what a reader of SARIF takes from a file, apart from how it is written.
type sarifRead struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name, Version string
				Rules         []struct {
					ID                                      string
					ShortDescription, FullDescription, Help sarifText
					DefaultConfiguration                    sarifDefault
					Relationships                           []sarifRelationship
					Properties                              map[string]any
				}
				Notifications       []struct{ ID string }
				SupportedTaxonomies []sarifComponent
			}
		}
		AutomationDetails  struct{ ID string }
		OriginalURIBaseIDs map[string]sarifArtifact `json:"originalUriBaseIds"`
		Taxonomies         []sarifTaxonomy
		Invocations        []struct {
			ExecutionSuccessful            bool
			ToolConfigurationNotifications []sarifNotification
			ToolExecutionNotifications     []sarifNotification
		}
		Results []sarifResult
	}
}

func readSARIF(t testing.TB, text string) sarifRead {
	t.Helper()
	var log sarifRead
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return log
}

func sarifOf(t testing.TB, s *inventory.Snapshot, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Scan(&b, "sarif", s, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	severity = regexp.MustCompile(`^(10|[0-9])\.[0-9]$`)
	marker   = regexp.MustCompile(`\{\{|\}\}`)
)

// holdsSARIF checks what the standard and GitHub's code scanning demand of a file.
func holdsSARIF(t testing.TB, text string) sarifRead {
	t.Helper()
	if bytes.Contains([]byte(text), []byte("null")) && strings.Contains(text, ":null") {
		t.Errorf("a null in %s", text)
	}
	log := readSARIF(t, text)
	if log.Version != "2.1.0" || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name != "nhitop" || len(log.Runs[0].Invocations) != 1 {
		t.Fatalf("not one run of nhitop in SARIF 2.1.0: %.300s", text)
	}
	run := log.Runs[0]
	ids := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || ids[r.ID] || r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || r.DefaultConfiguration.Level == "" {
			t.Errorf("rule %+v lacks something, or is there twice", r)
		}
		ids[r.ID] = true
		if tags, _ := r.Properties["tags"].([]any); len(tags) == 0 || len(tags) > sarifTags {
			t.Errorf("%s: tags %v", r.ID, r.Properties["tags"])
		}
		if s, _ := r.Properties["security-severity"].(string); !severity.MatchString(s) {
			t.Errorf("%s: security-severity %v", r.ID, r.Properties["security-severity"])
		}
		for _, x := range r.Relationships {
			c := x.Target.Component
			if c.Index >= len(run.Taxonomies) || run.Taxonomies[c.Index].Name != c.Name || x.Target.Index >= len(run.Taxonomies[c.Index].Taxa) || run.Taxonomies[c.Index].Taxa[x.Target.Index].ID != x.Target.ID {
				t.Errorf("%s: %+v points at no taxon", r.ID, x)
			}
		}
	}
	used := map[string]bool{}
	for _, r := range run.Results {
		used[r.RuleID] = true
		if r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s: ruleIndex %d is another rule", r.RuleID, r.RuleIndex)
		}
		if !slices.Contains([]string{"none", "note", "warning", "error"}, r.Level) || (r.Level == "none") != (r.Kind == "pass") || r.Rank < 0 || r.Rank > 100 {
			t.Errorf("%s: kind %s, level %s, rank %d", r.RuleID, r.Kind, r.Level, r.Rank)
		}
		if len(r.Locations) == 0 || len(r.Locations) > sarifLocations || r.Suppressions == nil || len(r.Fingerprints) != 2 {
			t.Errorf("%s: %d locations, suppressions %v, fingerprints %v", r.RuleID, len(r.Locations), r.Suppressions, r.Fingerprints)
		}
		holdsMessage(t, r.Message.Text)
		holdsPlaces(t, run.OriginalURIBaseIDs, r.Locations)
	}
	if len(used) != len(ids) {
		t.Errorf("%d rules, and %d have a result", len(ids), len(used))
	}
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		holdsMessage(t, n.Message.Text)
		holdsPlaces(t, run.OriginalURIBaseIDs, n.Locations)
		if run.Tool.Driver.Notifications[n.Descriptor.Index].ID != n.Descriptor.ID {
			t.Errorf("%+v points at no kind", n.Descriptor)
		}
	}
	return log
}

// holdsMessage refuses what a reader of a message would take for a placeholder or a link.
func holdsMessage(t testing.TB, text string) {
	t.Helper()
	if left := marker.ReplaceAllString(text, ""); text == "" || strings.ContainsAny(left, "{}") || strings.Contains(text, "](") {
		t.Errorf("the message %q is empty, has a placeholder or a link", text)
	}
}

func holdsPlaces(t testing.TB, bases map[string]sarifArtifact, ls []sarifLocation) {
	t.Helper()
	for _, l := range ls {
		a := l.Physical.Artifact
		u, err := url.Parse(a.URI)
		if err != nil || u.IsAbs() || a.URI == "" || strings.HasPrefix(a.URI, "/") || u.RawQuery != "" || u.Fragment != "" || slices.Contains(strings.Split(u.Path, "/"), "..") {
			t.Errorf("%q is no address below its base: %v", a.URI, err)
		}
		if _, known := bases[a.Base]; a.Base != "" && !known {
			t.Errorf("the base %s is not told", a.Base)
		}
		if l.Physical.Region != nil && l.Physical.Region.Start < 1 {
			t.Errorf("line %d of %s", l.Physical.Region.Start, a.URI)
		}
	}
}

// holdsSchema holds a file against the published schema, which is not part of this module.
func holdsSchema(t *testing.T, text string) {
	t.Helper()
	path := os.Getenv("NHITOP_TEST_SARIF_SCHEMA")
	if path == "" {
		t.Skip("NHITOP_TEST_SARIF_SCHEMA names no copy of OASIS's sarif-schema-2.1.0.json; .ci/run fetches it")
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = schema.Validate(doc)
	}
	if err != nil {
		t.Errorf("%.3000v", err)
	}
}

func TestSARIFKeepsThePublishedSchema(t *testing.T) {
	for name, text := range map[string]string{
		"company": sarifOf(t, measuredCompany(), Options{Version: "1.0", Home: "/home/alice", Roots: []string{"/home/alice/web"}}),
		"hostile": sarifOf(t, hostile(), Options{}), "empty": sarifOf(t, inventory.NewSnapshot(noon, inventory.Records{}, false), Options{}),
	} {
		t.Run(name, func(t *testing.T) { holdsSchema(t, text) })
	}
}

func TestSARIFTells(t *testing.T) {
	r := company().Records()
	at := func(rule string) *inventory.Finding {
		return &r.Findings[slices.IndexFunc(r.Findings, func(f inventory.Finding) bool { return f.Rule == rule })]
	}
	f := at("AUT-01")
	f.State, f.Note, f.AcceptedBy, f.AcceptedUntil, f.Detail = "accepted", "a throw-away machine", "bob", noon.AddDate(0, 1, 0), "it runs {0}, see [this](http://x)"
	f = at("SEC-01")
	f.Evidence = append([]inventory.Evidence{{Path: "https://api.example/orgs/acme?x=1"}}, f.Evidence...)
	f.Evidence = append(f.Evidence, inventory.Evidence{Path: "/home/alice/web/a b/%2e#1.env", Line: 7}, inventory.Evidence{Path: "~/web/.mcp.json", Line: 3}, inventory.Evidence{Path: `C:\dev\x.env`}, inventory.Evidence{Path: "/etc/../etc/passwd"})
	log := holdsSARIF(t, sarifOf(t, inventory.NewSnapshot(noon, r, false), Options{Version: "1.2", Home: "/home/alice", Roots: []string{"/home/alice/web"}}))
	run := log.Runs[0]
	if run.Tool.Driver.Version != "1.2" || run.AutomationDetails.ID != "" || run.Invocations[0].ExecutionSuccessful {
		t.Errorf("version, category or success: %+v", run.Invocations)
	}
	var told []string
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		told = append(told, n.Descriptor.ID+" "+n.Level+" "+n.Message.Text)
	}
	if want := []string{"source warning source forge: stale: 401; shown with its facts of 2026-11-22T12:00:00Z", "not-read warning source local did not look at ~/.cursor/state.vscdb: not-opened: a database", "warning warning source local: not TOML"}; !slices.Equal(told, want) {
		t.Errorf("what was not read: %q", told)
	}
	if r := run.Results[0]; r.Level != "error" || r.Rank != 90 || len(r.Suppressions) != 0 || r.Fingerprints["nhitopFinding/v1"] != "find-aaaaaaaaaaaaaaaa" || r.Properties.Owners[0] != "Alice" && len(r.Properties.Owners) > 0 {
		t.Errorf("an open one: %+v", r)
	}
	var places []string
	for _, l := range run.Results[0].Locations {
		line := ""
		if l.Physical.Region != nil {
			line = ":" + strconv.Itoa(l.Physical.Region.Start)
		}
		places = append(places, l.Physical.Artifact.Base+" "+l.Physical.Artifact.URI+line)
	}
	if want := []string{"HOME .claude.json:12", "SRCROOT a%20b/%252e%231.env:7", "SRCROOT .mcp.json:3", "ROOT C%3A/dev/x.env", "ROOT etc/passwd", "PROVIDER api.example/orgs/acme%3Fx=1"}; !slices.Equal(places, want) {
		t.Errorf("places %q", places)
	}
	if b := run.OriginalURIBaseIDs; b["HOME"].URI != "file:///home/alice/" || b["SRCROOT"].URI != "file:///home/alice/web/" {
		t.Errorf("bases %+v", b)
	}
	a := run.Results[1]
	if a.Level != "warning" || len(a.Suppressions) != 1 || a.Suppressions[0].Justification != "a throw-away machine" || a.Suppressions[0].Status != "accepted" || a.Suppressions[0].Properties.By != "bob" {
		t.Errorf("an accepted one: %+v", a)
	}
	if want := "Claude Code on ~: it runs {{0}}, see [this] (http://x)"; a.Message.Text != want {
		t.Errorf("the message %q", a.Message.Text)
	}
	for i, want := range []string{"warning 6", "error 9"} { // AUT-01, SEC-01
		r := run.Tool.Driver.Rules[i]
		s := r.Properties["security-severity"].(string)
		if level, band, _ := strings.Cut(want, " "); r.DefaultConfiguration.Level != level || s[:1] != band {
			t.Errorf("%s: %s %s, want %s", r.ID, r.DefaultConfiguration.Level, s, want)
		}
	}
}

// A decision that says now comes before any other, whatever the scores, and within one the score orders.
func TestSARIFSeverityFollowsTheDecision(t *testing.T) {
	last := 0.0
	for _, d := range []inventory.Decision{inventory.Track, inventory.Attend, inventory.ActNow} {
		for _, score := range []int{-5, 0, 50, 100, 300} {
			s, err := strconv.ParseFloat(sarifSeverity(d, score), 64)
			if err != nil || s < last || s <= 0 || s > 10 {
				t.Errorf("%s %d: %v after %v, %v", d, score, s, last, err)
			}
			last = s
		}
	}
}

func TestSARIFOfOneRecord(t *testing.T) {
	var b bytes.Buffer
	if err := Show(&b, "sarif", company(), "sec-aaaaaaaaaaaaaaaa", Options{}); err != nil {
		t.Fatal(err)
	}
	run := holdsSARIF(t, b.String()).Runs[0]
	if len(run.Results) != 1 || len(run.Tool.Driver.Rules) != 1 || run.AutomationDetails.ID != "nhitop/show/sec-aaaaaaaaaaaaaaaa/" {
		t.Errorf("%d results, category %q", len(run.Results), run.AutomationDetails.ID)
	}
}

// A result is shown by GitHub only where it has a place, and of each a hundred are kept.
func TestSARIFHasAPlaceForEach(t *testing.T) {
	r := company().Records()
	r.Findings[0].Evidence = slices.Repeat(r.Findings[0].Evidence, 130)
	r.Findings = append(r.Findings, inventory.Finding{ID: "find-cccccccccccccccc", Rule: "SRC-01", Title: "T", Subject: "src-aaaaaaaaaaaaaaaa", Decision: inventory.Track, Score: 1})
	run := holdsSARIF(t, sarifOf(t, inventory.NewSnapshot(noon, r, false), Options{})).Runs[0]
	left, nowhere := 0, 0
	for _, x := range run.Results {
		left += x.Properties.LeftOut
		if x.Locations[0].Physical.Artifact.Base == baseInventory {
			nowhere++
		}
	}
	if left != 30 || nowhere != 1 {
		t.Errorf("%d left out, %d without a file", left, nowhere)
	}
}

func TestSARIFTellsTheRulesThatAreOff(t *testing.T) {
	var told []string
	for _, n := range holdsSARIF(t, sarifOf(t, measuredCompany(), Options{})).Runs[0].Invocations[0].ToolConfigurationNotifications {
		told = append(told, n.Message.Text)
	}
	if want := []string{"rule SEC-05 is switched off: keys here are rotated every week", "rule AUT-07 is weighted -10: no reason is given"}; !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

// full takes some bytes and then no more.
type full struct{ left int }

var errFull = errors.New("the disk is full")

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestFormatsSayWhatTheyCouldNotWrite(t *testing.T) {
	for _, format := range Formats() {
		for _, room := range []int{0, 300} {
			if err := Scan(&full{room}, format, hostile(), Options{}); !errors.Is(err, errFull) {
				t.Errorf("%s, after %d bytes: %v", format, room, err)
			}
			if err := Show(&full{room / 9}, format, hostile(), "ast-aaaaaaaaaaaaaaaa", Options{}); !errors.Is(err, errFull) {
				t.Errorf("show %s, after %d bytes: %v", format, room/9, err)
			}
		}
	}
}

// enclosed is an inventory whose every text is what somebody chose.
func enclosed(text string) *inventory.Snapshot {
	r := measuredCompany().Records()
	for i := range r.Assistants {
		a := &r.Assistants[i]
		a.Name, a.Path, a.Host, a.Kind, a.Evidence = text, text, text, "custom", []inventory.Evidence{{Path: text, Pointer: text, Line: i, Note: text}}
		a.Settings = []inventory.Setting{{Name: text, Value: text, Path: text, Why: text}}
	}
	for i := range r.Secrets {
		r.Secrets[i].Kind, r.Secrets[i].Issuer, r.Secrets[i].Locations = text, text, []inventory.Location{{Path: text, Pointer: text, Note: text}}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Title, f.Detail, f.Why, f.Fix, f.DecisionWhy, f.Note, f.AcceptedBy = text, text, text, text, text, text, text
		f.Controls = []inventory.Control{{Framework: text, ID: text}, {Framework: "OWASP NHI", ID: text}}
		f.Evidence = []inventory.Evidence{{Path: text, Pointer: text, Line: -i, Note: text}, {Path: "~/" + text}, {Path: "https://" + text}}
	}
	for i := range r.Sources {
		src := &r.Sources[i]
		src.Name, src.Reason, src.Ledger, src.Warnings = text, text, []inventory.Looked{{Path: text, State: "denied", Reason: text}}, []inventory.Warning{{Path: text, Text: text}}
	}
	r.Tools[0].Name, r.Tools[0].Command, r.Owners[0].Name, r.Issues[0].Title, r.Issues[0].Change, r.Issues[0].Why = text, text, text, text, text, text
	r.Findings[0].State = "accepted"
	return inventory.NewSnapshot(noon, r, false)
}

var hostileTexts = []string{"", "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "\"'`=<>&", "{0} {{1}} [x](http://y) }", "../../etc/passwd", "a:b", "file:///x", "//host/x", "?q#f", "%zz",
	"\u202egnp.exe", "\u200b\u2066", "\x00\x1b[31m\xff", "\x1b", "{{.}}{{template \"x\"}}", "javascript:alert(1)", strings.Repeat("x", 5000), "-->", "]]>", "a\nb\r\nc", "C:\\x\\..\\y", `\\host\share`, "~/", "\u05d0\u05d1"}

func FuzzSARIF(f *testing.F) {
	for _, text := range hostileTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := enclosed(text)
		got := sarifOf(t, s, Options{Home: "/home/" + text, Roots: []string{"/home/x", text}})
		holdsSARIF(t, got)
		if got != sarifOf(t, s, Options{Home: "/home/" + text, Roots: []string{"/home/x", text}}) {
			t.Error("twice the same, and two files")
		}
	})
}
