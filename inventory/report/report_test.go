package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/metrics"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

var update = flag.Bool("update", false, "write the golden files")

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// company is a small inventory with something of each noun.
func company() *inventory.Snapshot {
	ev := []inventory.Evidence{{Path: "~/.claude.json", Pointer: "/mcpServers/github", Line: 12, Source: "local", ObservedAt: noon, Note: "tool server"}}
	return inventory.NewSnapshot(noon, inventory.Records{
		Sources: []inventory.SourceStatus{
			{Name: "local", Kind: "local", Status: inventory.SourceOK, StartedAt: noon, DurationMS: 7, Counts: map[string]int{"assistants": 2, "secrets": 2, "tools": 1},
				Ledger:   []inventory.Looked{{Path: "~/.claude.json", State: inventory.LookedRead}, {Path: "~/.cursor/state.vscdb", State: inventory.LookedNotOpened, Assistant: "cursor", Reason: "a database"}},
				Warnings: []inventory.Warning{{Path: "~/.codex/config.toml", Line: 3, Text: "not TOML"}}},
			{Name: "forge", Kind: "forge", Status: inventory.SourceStale, Reason: "401; shown with its facts of 2026-11-22T12:00:00Z"},
		},
		Assistants: []inventory.Assistant{
			{ID: "ast-aaaaaaaaaaaaaaaa", Kind: "claude-code", Name: "Claude Code", Vendor: "Anthropic", Version: "2.1", Scope: "user", Class: inventory.ClassNHI, ClassReason: "it edits files",
				Autonomy: inventory.AutonomyUnattended, AutonomyReason: "bypassPermissions", Sandbox: inventory.SandboxNone, Host: "laptop", Path: "~", Owners: []inventory.ID{"own-aaaaaaaaaaaaaaaa"},
				Secrets: []inventory.ID{"sec-aaaaaaaaaaaaaaaa", "sec-bbbbbbbbbbbbbbbb"}, Tools: []inventory.ID{"tool-aaaaaaaaaaaaaaaa"},
				Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Yes, inventory.WriteSource: inventory.Asks, inventory.DeployProd: inventory.No}, Evidence: ev,
				Settings: []inventory.Setting{{Kind: "mode", Name: "permissions.defaultMode", Value: "bypassPermissions", Scope: "user", Effective: true, Path: "~/.claude/settings.json", Line: 4}}},
			{ID: "ast-bbbbbbbbbbbbbbbb", Kind: "codex", Name: "Codex", Scope: "ci", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyAuto, Sandbox: inventory.SandboxContainer,
				Job: &inventory.Job{System: "github-actions", Workflow: ".github/workflows/triage.yml", Name: "triage", Outsiders: inventory.Yes, Permissions: map[string]string{"contents": "write"}}},
		},
		Owners: []inventory.Owner{{ID: "own-aaaaaaaaaaaaaaaa", Kind: "person", Name: "Alice", Email: "alice@example.com"}},
		Secrets: []inventory.Secret{
			{ID: "sec-aaaaaaaaaaaaaaaa", Kind: "github-pat-classic", Hint: "5wsT", Issuer: "github", Assistants: []inventory.ID{"ast-aaaaaaaaaaaaaaaa"}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted,
				Locations: []inventory.Location{{Path: "~/.claude.json", Pointer: "/mcpServers/github/env/TOKEN", Line: 14, Scope: "user", Mode: "0600"}, {Path: "~/web/.mcp.json", Line: 3, Scope: "repo", Committed: inventory.Yes}}},
			{ID: "sec-bbbbbbbbbbbbbbbb", Kind: "aws-secret-key", Ambient: true, Assistants: []inventory.ID{"ast-aaaaaaaaaaaaaaaa"}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal,
				Locations: []inventory.Location{{Path: "~/.aws/credentials", Line: 2, Scope: "user"}}},
		},
		Tools: []inventory.Tool{{ID: "tool-aaaaaaaaaaaaaaaa", Assistant: "ast-aaaaaaaaaaaaaaaa", Name: "github", Transport: "stdio", Command: "npx", Args: []string{"-y", "@acme/server"}, Pinned: inventory.No, Enabled: true, Secrets: []inventory.ID{"sec-aaaaaaaaaaaaaaaa"}, Evidence: ev}},
		Entitlements: []inventory.Entitlement{{ID: "ent-aaaaaaaaaaaaaaaa", Assistant: "ast-aaaaaaaaaaaaaaaa", Via: "sec-aaaaaaaaaaaaaaaa", Capability: inventory.WriteSource, Resource: "res-aaaaaaaaaaaaaaaa", Gate: inventory.GateAsks,
			Path: []string{"github-pat-classic …5wsT", "contents:write", "acme/web"}, Evidence: ev}},
		Resources:  []inventory.Resource{{ID: "res-aaaaaaaaaaaaaaaa", Kind: "repository", Name: "acme/web"}},
		References: []inventory.Reference{{ID: "ref-aaaaaaaaaaaaaaaa", Assistant: "ast-aaaaaaaaaaaaaaaa", Kind: "env", Text: "${API_KEY}", Path: "~/.claude.json", Line: 20}},
		Findings: []inventory.Finding{
			{ID: "find-aaaaaaaaaaaaaaaa", Rule: "SEC-01", Title: "Secret in a repository", Subject: "sec-aaaaaaaaaaaaaaaa", Assistants: []inventory.ID{"ast-aaaaaaaaaaaaaaaa"}, Score: 90, Decision: inventory.ActNow,
				DecisionWhy: "it is committed", Due: noon.Add(24 * time.Hour), State: "open", Detail: "~/web/.mcp.json holds it", Fix: "Revoke it.", Why: "Everybody with the history has it.", Evidence: ev,
				ScoreParts: []inventory.ScorePart{{Code: "base", Points: 70, Reason: "rule"}, {Code: "broad", Points: 20, Reason: "classic"}}, Controls: []inventory.Control{{Framework: "OWASP NHI", ID: "NHI2:2025"}}, FirstSeen: noon},
			{ID: "find-bbbbbbbbbbbbbbbb", Rule: "AUT-01", Title: "Nobody is asked", Subject: "ast-aaaaaaaaaaaaaaaa", Score: 60, Decision: inventory.Attend, State: "open"},
		},
		Issues: []inventory.Issue{{ID: "iss-aaaaaaaaaaaaaaaa", Title: "revoke github-pat-classic …5wsT", Change: "Revoke it at github, then take it out of both files.", Subject: "sec-aaaaaaaaaaaaaaaa",
			Closes: []inventory.ID{"find-aaaaaaaaaaaaaaaa"}, Decision: inventory.ActNow, Why: "It is in a repository."}},
	}, false)
}

// hostile is an inventory whose every name tries something.
func hostile() *inventory.Snapshot {
	s := company()
	r := s.Records()
	bad := "=HYPERLINK(\"http://x\")|`a`<script>@root #1 [x](http://y) \u0007*b*"
	r.Assistants[0].Name, r.Tools[0].Name, r.Owners[0].Name, r.Findings[0].Title, r.Findings[0].Detail = bad, bad, bad, bad, bad
	r.Findings[0].Fix, r.Issues[0].Title, r.Sources[1].Reason = "+1+cmd|' /C calc'!A0", bad, bad
	r.Secrets[0].Locations[0].Path = "-2+3"
	return inventory.NewSnapshot(noon, r, false)
}

func render(t *testing.T, f func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./inventory/report -update writes it):\n%s", name, got)
	}
}

func TestGolden(t *testing.T) {
	s := company()
	for name, f := range map[string]func(*bytes.Buffer) error{
		"scan.txt":         func(b *bytes.Buffer) error { return Scan(b, "table", s, Options{}) },
		"scan-80.txt":      func(b *bytes.Buffer) error { return Scan(b, "table", s, Options{Width: 80}) },
		"scan.md":          func(b *bytes.Buffer) error { return Scan(b, "markdown", s, Options{}) },
		"scan.csv":         func(b *bytes.Buffer) error { return Scan(b, "csv", s, Options{}) },
		"scan.json":        func(b *bytes.Buffer) error { return Scan(b, "json", s, Options{}) },
		"scan.sarif":       func(b *bytes.Buffer) error { return Scan(b, "sarif", s, Options{Version: "1.0"}) },
		"scan.html":        func(b *bytes.Buffer) error { return Scan(b, "html", s, Options{Version: "1.0"}) },
		"assistant.html":   func(b *bytes.Buffer) error { return Show(b, "html", s, "ast-aaaaaaaaaaaaaaaa", Options{}) },
		"scan.jsonl":       func(b *bytes.Buffer) error { return Scan(b, "jsonl", s, Options{}) },
		"assistant.txt":    func(b *bytes.Buffer) error { return Show(b, "table", s, "ast-aaaaaaaaaaaaaaaa", Options{Width: 100}) },
		"ci-assistant.txt": func(b *bytes.Buffer) error { return Show(b, "table", s, "ast-bbbbbbbbbbbbbbbb", Options{Width: 100}) },
		"secret.md":        func(b *bytes.Buffer) error { return Show(b, "markdown", s, "sec-aaaaaaaaaaaaaaaa", Options{}) },
		"finding.txt":      func(b *bytes.Buffer) error { return Show(b, "table", s, "find-aaaaaaaaaaaaaaaa", Options{Width: 100}) },
		"plan.txt":         func(b *bytes.Buffer) error { return Plan(b, "table", plan(), nil, Options{Width: 100}) },
		"plan.json":        func(b *bytes.Buffer) error { r := run(); return Plan(b, "json", plan(), &r, Options{}) },
		"run.txt":          func(b *bytes.Buffer) error { return Run(b, "table", run(), nil, Options{Width: 100}) },
		"run.md":           func(b *bytes.Buffer) error { return Run(b, "markdown", inHandRun(), company(), Options{}) },
		"runs.txt":         func(b *bytes.Buffer) error { return Runs(b, "table", []revoke.Run{run(), run()}, Options{}) },
		"runs.json":        func(b *bytes.Buffer) error { return Runs(b, "json", []revoke.Run{run()}, Options{}) },
		"measured.txt":     func(b *bytes.Buffer) error { return Scan(b, "table", measuredCompany(), Options{Width: 100}) },
		"measured.md":      func(b *bytes.Buffer) error { return Scan(b, "markdown", measuredCompany(), Options{}) },
		"measured.json":    func(b *bytes.Buffer) error { return Scan(b, "json", measuredCompany(), Options{}) },
		"rules.txt":        func(b *bytes.Buffer) error { return Rules(b, "table", ruleStates(s), Options{Width: 120}) },
		"rules-80.txt":     func(b *bytes.Buffer) error { return Rules(b, "table", ruleStates(s), Options{Width: 80}) },
		"rules.md":         func(b *bytes.Buffer) error { return Rules(b, "markdown", ruleStates(s), Options{}) },
		"rules.json":       func(b *bytes.Buffer) error { return Rules(b, "json", ruleStates(s), Options{}) },
		"sources.txt":      func(b *bytes.Buffer) error { return Sources(b, "table", infos(s), Options{Width: 100}) },
		"audit.txt": func(b *bytes.Buffer) error {
			return Audit(b, "table", []audit.Entry{{Seq: 1, At: noon, By: "alice", Action: "arm", Detail: "until"}}, Options{})
		},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, render(t, f)) })
	}
}

func step(reversible bool) revoke.Step {
	return revoke.Step{ID: "s1", Source: "local", Action: revoke.ActionRemoveSecret, Layer: revoke.LayerCopy, Target: "sec-aaaaaaaaaaaaaaaa", TargetName: "github-pat-classic …5wsT",
		Summary: "take it out of ~/.claude.json", Request: "--- a\n+++ b\n-  \"TOKEN\": \"[redacted]\"\n", Effect: "the file no longer holds it", Reversible: reversible,
		Residual: "the token itself, at github", Promises: revoke.Proven}
}

func plan() *revoke.Plan {
	p := revoke.NewPlan(noon, 0, []revoke.Target{{ID: "sec-aaaaaaaaaaaaaaaa"}}, []string{"github-pat-classic …5wsT"}, []revoke.Step{step(true)}, "a copy in the history")
	p.ID = "plan1" // derived from the clock elsewhere
	return p
}

func run() revoke.Run {
	return revoke.Run{ID: "run1", Plan: "plan1", State: revoke.StatePartial, Reason: "leaked", By: "alice", Started: noon, Ended: noon.Add(1500 * time.Millisecond), Steps: []revoke.StepRun{
		{Step: step(true), State: revoke.StateDone, Proof: revoke.Proof{Grade: revoke.Proven, Detail: "read again: gone", At: noon}},
		{Step: step(false), State: revoke.StateFailed, Error: "the file has changed"},
	}}
}

// inHandRun is the run of an incident with every kind of ending.
func inHandRun() revoke.Run {
	s := func(i int) time.Time { return noon.Add(time.Duration(i) * time.Second) }
	kill, copied, hand := step(false), step(true), step(false)
	kill.ID, kill.Layer, kill.Action, kill.Summary, kill.Residual, kill.Promises = "k", revoke.LayerCredential, revoke.ActionRevoke, "end github-pat-classic …5wsT at GitHub, by itself", "", revoke.Proven
	kill.Request = `curl -X POST https://api.github.com/credentials/revoke -d "$SECRET"`
	hand.ID, hand.Action, hand.Summary, hand.Request = "h", revoke.ActionManual, "suspend the app in the organisation's settings", ""
	late := kill
	late.ID, late.Summary = "l", "end the session"
	return revoke.Run{ID: "run2", Plan: "plan2", Digest: "abc", State: revoke.StatePartial, Reason: "posted in a channel", By: "alice", Since: noon, Started: s(9), Ended: s(14), Steps: []revoke.StepRun{
		{Step: kill, State: revoke.StateDone, Started: s(9), Ended: s(10), Receipt: revoke.Receipt{Detail: "POST /credentials/revoke: 202"}, Proof: revoke.Proof{Grade: revoke.Proven, Detail: "GET /user with it: 401; the control GET /meta without it: 200", At: s(12)}},
		{Step: copied, State: revoke.StateDone, Started: s(12), Ended: s(12), Proof: revoke.Proof{Grade: revoke.Proven, Detail: "read again: gone", At: s(13)}},
		{Step: late, State: revoke.StateDone, Started: s(13), Ended: s(13), Proof: revoke.Proof{Grade: revoke.Alive, Detail: "200 with it", At: s(14)}},
		{Step: hand, State: revoke.StateWaiting},
		{Step: copied, State: revoke.StateSkipped, Error: "cancelled"},
	}}
}

func infos(s *inventory.Snapshot) []SourceInfo {
	return []SourceInfo{
		{Name: "local", Kind: "local", Reads: []string{"homes"}, Revokes: []string{"a secret in a file"}, MayRevoke: true, Status: inventory.SourceOK, Last: s.Records().Sources[1]},
		{Name: "forge", Kind: "forge", Reads: []string{"repositories"}, Needs: []string{"a token"}, Status: inventory.SourceNever},
	}
}

// measuredCompany is the company with what is measured of it.
func measuredCompany() *inventory.Snapshot {
	s := company()
	g := inventory.Gauge{Metrics: metrics.Of(s, risk.DefaultPolicy(), noon), TimeToRevoke: metrics.Revocations([]inventory.Exposure{
		{Since: noon.AddDate(0, 0, -9), Until: noon.AddDate(0, 0, -9).Add(3 * time.Hour), How: inventory.ExposureDead}, {Since: noon.AddDate(0, 0, -6)}}, noon),
		RulesOff: []inventory.RuleNote{{Rule: "SEC-05", Reason: "keys here are rotated every week"}}, RulesWeighted: []inventory.RuleNote{{Rule: "AUT-07", Points: -10}}, RulesYours: []string{"ACME-01"}}
	g.Trend = []inventory.TrendPoint{{Collection: 1, At: noon.AddDate(0, -1, 0), Values: map[string]float64{metrics.OwnerKnown: 0.25, metrics.Copies: 2}}, {At: noon, Values: metrics.Values(&g)}}
	return s.Measured(g)
}

func TestShowTellsTheCharter(t *testing.T) {
	r := company().Records()
	a := &r.Assistants[slices.IndexFunc(r.Assistants, func(a inventory.Assistant) bool { return a.Kind == "claude-code" })]
	a.Charter, a.Purpose, a.OwnersAsserted = "kind claude-code", "pairing", []inventory.ID{"own-aaaaaaaaaaaaaaaa"}
	a.Standing = &inventory.Standing{Owner: "alice@example.com", Drift: []inventory.Capability{inventory.ExecLocal}, Environments: []string{"production"}, Expires: noon.AddDate(0, 0, -1), Expired: true, Overdue: true}
	r.Resources[0].Environment, r.Resources[0].EnvironmentAssumed = "production", true
	s := inventory.NewSnapshot(noon, r, false)
	got := render(t, func(b *bytes.Buffer) error { return Show(b, "table", s, a.ID, Options{}) })
	for _, want := range []string{"Charter", "kind claude-code", "pairing", "exec-local", "production", "2026-11-22, over", "none was ever noted", "Alice (asserted)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if got := render(t, func(b *bytes.Buffer) error { return Show(b, "table", s, "res-aaaaaaaaaaaaaaaa", Options{}) }); !strings.Contains(got, "production (assumed") {
		t.Errorf("assumed, and shown as known:\n%s", got)
	}
}

// ruleStates are a few rules in each state.
func ruleStates(s *inventory.Snapshot) []risk.RuleState {
	p := risk.DefaultPolicy()
	p.Off = map[string]string{"SEC-05": "keys here are rotated every week"}
	p.Weights, p.Because = map[string]int{"SEC-11": 5, "AUT-07": -10}, map[string]string{"SEC-11": "seen in two incidents"}
	p.Custom = []risk.Rule{{ID: "ACME-01", Title: "Not on customers' code", Base: 60, Of: inventory.NounAssistant,
		Custom: &risk.Custom{Of: "assistant", Text: `kind == "codex"`, Place: inventory.Evidence{Path: "config.toml", Line: 3}}}}
	return slices.DeleteFunc(risk.RuleStates(s, p), func(x risk.RuleState) bool {
		return !slices.Contains([]string{"SEC-01", "SEC-05", "SEC-11", "AUT-01", "AUT-07", "ACME-01", "TOX-01"}, x.ID)
	})
}

func TestJSONHasNoNull(t *testing.T) {
	empty := inventory.NewSnapshot(noon, inventory.Records{}, false)
	for name, got := range map[string]string{
		"scan":    render(t, func(b *bytes.Buffer) error { return Scan(b, "json", empty, Options{}) }),
		"show":    render(t, func(b *bytes.Buffer) error { return Show(b, "json", company(), "ast-bbbbbbbbbbbbbbbb", Options{}) }),
		"runs":    render(t, func(b *bytes.Buffer) error { return Runs(b, "json", nil, Options{}) }),
		"run":     render(t, func(b *bytes.Buffer) error { return Runs(b, "json", []revoke.Run{{ID: "x"}}, Options{}) }),
		"rules":   render(t, func(b *bytes.Buffer) error { return Rules(b, "json", nil, Options{}) }),
		"sources": render(t, func(b *bytes.Buffer) error { return Sources(b, "json", []SourceInfo{{Name: "x"}}, Options{}) }),
		"audit":   render(t, func(b *bytes.Buffer) error { return Audit(b, "json", nil, Options{}) }),
	} {
		if !json.Valid([]byte(got)) || strings.Contains(got, "null") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestLinesEndWithDone(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(render(t, func(b *bytes.Buffer) error { return Scan(b, "jsonl", company(), Options{}) })), "\n")
	counts := map[string]int{}
	for i, l := range lines {
		var x struct {
			Type     string         `json:"type"`
			ID       string         `json:"id"`
			Complete *bool          `json:"complete"`
			Counts   map[string]int `json:"counts"`
		}
		if err := json.Unmarshal([]byte(l), &x); err != nil || x.Type == "" {
			t.Fatalf("line %d: %v in %s", i, err, l)
		}
		if (x.Type == "done") != (i == len(lines)-1) {
			t.Errorf("done is line %d of %d", i, len(lines))
		}
		if x.Type == "done" && (x.Complete == nil || *x.Complete || x.Counts["assistant"] != 2) {
			t.Errorf("a source is stale, and it ends with %s", l)
		}
		counts[x.Type]++
	}
	for _, kind := range strings.Fields("source assistant owner secret entitlement tool resource reference finding issue done") {
		if counts[kind] == 0 {
			t.Errorf("no line of type %s", kind)
		}
	}
}

func TestCSVIsInert(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(render(t, func(b *bytes.Buffer) error { return Scan(b, "csv", hostile(), Options{}) }))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	quoted := 0
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r|", rune(strings.TrimLeft(cell, " ")[0])) {
				t.Errorf("a spreadsheet would run %q", cell)
			}
			if strings.HasPrefix(cell, "'") {
				quoted++
			}
		}
	}
	if quoted < 3 {
		t.Errorf("only %d cells were dangerous: the test shows nothing", quoted)
	}
}

func TestMarkdownIsInert(t *testing.T) {
	for _, format := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return Scan(b, "markdown", hostile(), Options{}) },
		func(b *bytes.Buffer) error { return Show(b, "markdown", hostile(), "ast-aaaaaaaaaaaaaaaa", Options{}) },
	} {
		got := render(t, format)
		heads := 0
		for line := range strings.Lines(got) {
			outside := spans(line)
			for _, active := range []string{"<script", "](http", "@root", "#1", "*b*"} {
				if strings.Contains(outside, active) {
					t.Errorf("%q is live in %q", active, line)
				}
			}
			if strings.HasPrefix(line, "| ") {
				if n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); heads == 0 {
					heads = n
				} else if n != heads {
					t.Errorf("the table has %d bars and then %d: %s", heads, n, line)
				}
			} else if !strings.HasPrefix(line, "|") {
				heads = 0
			}
		}
		if !strings.Contains(got, "script") {
			t.Error("the hostile name is not in it: the test shows nothing")
		}
	}
}

// spans returns a line without its code spans and with escapes taken out.
func spans(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] == '\\' && i+1 < len(line) {
			i += 2
			b.WriteByte('?')
			continue
		}
		if line[i] != '`' {
			b.WriteByte(line[i])
			i++
			continue
		}
		n := 0
		for i+n < len(line) && line[i+n] == '`' {
			n++
		}
		end := strings.Index(line[i+n:], line[i:i+n])
		if end < 0 {
			b.WriteString(line[i:])
			break
		}
		i += n + end + n
	}
	return b.String()
}

func TestTextKeepsToTheWidth(t *testing.T) {
	for _, w := range []int{60, 80, 120, 200} {
		for _, s := range []*inventory.Snapshot{company(), hostile()} {
			for _, f := range []func(*bytes.Buffer) error{
				func(b *bytes.Buffer) error { return Scan(b, "table", s, Options{Width: w}) },
				func(b *bytes.Buffer) error { return Show(b, "table", s, "sec-aaaaaaaaaaaaaaaa", Options{Width: w}) },
			} {
				for line := range strings.Lines(render(t, f)) {
					line = strings.TrimSuffix(line, "\n")
					if n := runewidth.StringWidth(line); n > w && w >= 80 {
						t.Errorf("%d columns of %d: %s", n, w, line)
					}
					if strings.ContainsAny(line, "\x1b\a") {
						t.Errorf("a control in %q", line)
					}
				}
			}
		}
	}
}

func TestColourIsOnlyAsked(t *testing.T) {
	with := render(t, func(b *bytes.Buffer) error { return Scan(b, "table", company(), Options{Color: true, Width: 100}) })
	without := render(t, func(b *bytes.Buffer) error { return Scan(b, "table", company(), Options{Width: 100}) })
	if !strings.Contains(with, "\x1b[1;31mACT NOW\x1b[0m") || strings.Contains(without, "\x1b") {
		t.Error("colour is wrong")
	}
	plain := strings.NewReplacer("\x1b[1;31m", "", "\x1b[33m", "", "\x1b[32m", "", "\x1b[2m", "", "\x1b[1m", "", "\x1b[0m", "").Replace(with)
	if plain != without {
		t.Error("colour carries something that words do not")
	}
}

func TestFind(t *testing.T) {
	s := company()
	for word, want := range map[string][]inventory.ID{
		"ast-aaaaaaaaaaaaaaaa":     {"ast-aaaaaaaaaaaaaaaa"},
		"ast-a":                    {"ast-aaaaaaaaaaaaaaaa"},
		"ast-":                     nil,
		"ast":                      nil,
		"sec-":                     nil,
		"":                         nil,
		"claude-code":              {"ast-aaaaaaaaaaaaaaaa"},
		"CODEX":                    {"ast-bbbbbbbbbbbbbbbb"},
		"5wsT":                     {"sec-aaaaaaaaaaaaaaaa"},
		"…5wsT":                    {"sec-aaaaaaaaaaaaaaaa"},
		"…":                        nil,
		"github-pat-classic …5wsT": {"sec-aaaaaaaaaaaaaaaa"},
		"github":                   {"tool-aaaaaaaaaaaaaaaa"},
		"alice@example.com":        {"own-aaaaaaaaaaaaaaaa"},
		"acme/web":                 {"res-aaaaaaaaaaaaaaaa"},
		"find-a":                   {"find-aaaaaaaaaaaaaaaa"},
		"iss-a":                    {"iss-aaaaaaaaaaaaaaaa"},
		"nobody":                   nil,
	} {
		if got := Find(s, word); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}

func TestShortIDsAreOnes(t *testing.T) {
	ids := []inventory.ID{"sec-abcdefgh", "sec-abcdefgi", "sec-zzzzzzzz", "tool-zzzzzzz", "x"}
	short := shorten(ids)
	for _, id := range ids {
		n := 0
		for _, other := range ids {
			if strings.HasPrefix(string(other), short[id]) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s -> %s means %d", id, short[id], n)
		}
	}
	if short["sec-zzzzzzzz"] != "sec-zzzzzz" {
		t.Errorf("%v", short)
	}
}

func TestProofReached(t *testing.T) {
	ok := run()
	ok.Steps = ok.Steps[:1]
	if !ProofReached(ok) {
		t.Error("done and proven is not enough")
	}
	for name, change := range map[string]func(*revoke.StepRun){
		"failed":        func(s *revoke.StepRun) { s.State = revoke.StateFailed },
		"waits":         func(s *revoke.StepRun) { s.State = revoke.StateWaiting },
		"only accepted": func(s *revoke.StepRun) { s.Proof.Grade = revoke.Accepted },
		"unknown":       func(s *revoke.StepRun) { s.Proof.Grade = revoke.Unproven },
		"no proof":      func(s *revoke.StepRun) { s.Proof.Grade = "" },
	} {
		r := run()
		r.Steps = r.Steps[:1]
		change(&r.Steps[0])
		if ProofReached(r) {
			t.Errorf("%s is taken for the proof", name)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	var b bytes.Buffer
	for name, err := range map[string]error{
		"scan": Scan(&b, "pdf", company(), Options{}), "show": Show(&b, "pdf", company(), "ast-aaaaaaaaaaaaaaaa", Options{}), "plan": Plan(&b, "csv", plan(), nil, Options{}),
		"runs": Runs(&b, "csv", nil, Options{}), "sources": Sources(&b, "csv", nil, Options{}), "audit": Audit(&b, "csv", nil, Options{}),
	} {
		if err == nil || b.Len() > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A plan's text says which steps wait for which, and of an undo what it leaves and why.
func TestPlanTellsWhatWaitsAndWhatIsKept(t *testing.T) {
	p := &revoke.Plan{ID: "p1", Kept: []string{"2 end the token: ends for good"}, Steps: []revoke.Step{
		{ID: "a", Summary: "suspend the app", Reversible: true}, {ID: "b", Summary: "end the token", After: []string{"a"}}, {ID: "c", Summary: "take the copy out", Behind: []string{"b", "gone"}, After: []string{"a"}}}}
	text := render(t, func(b *bytes.Buffer) error { return Plan(b, "table", p, nil, Options{}) })
	for _, want := range []string{"after step 1, and only if that is done\n", "after step 1, and only if that is done; after step 2\n", "Cannot be taken back", "2 end the token: ends for good"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}

// The exported lines are those of the log, byte for byte.
func TestAuditLinesAreThoseOfTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	l := audit.Open(path, nil)
	for _, detail := range []string{"a <b> & \u2028 \"c\"", ""} {
		if _, err := l.Append("ana", "note", "sec-1", detail); err != nil {
			t.Fatal(err)
		}
	}
	es, err := l.List()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(path)
	if got := render(t, func(b *bytes.Buffer) error { return Audit(b, "jsonl", es, Options{}) }); err != nil || got != string(want) {
		t.Errorf("%v\n%s, want\n%s", err, got, want)
	}
}
