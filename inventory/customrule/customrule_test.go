package customrule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

var (
	now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	day = 24 * time.Hour
)

// company has something of each noun.
func company() inventory.Records {
	return inventory.Records{
		Sources: []inventory.SourceStatus{{Name: "local", Kind: "local", Status: inventory.SourceOK, StartedAt: now, Ledger: []inventory.Looked{{Path: "~/.codex", State: inventory.LookedDenied}}}},
		Assistants: []inventory.Assistant{
			{ID: "ast-1", Kind: "claude-code", Name: "Claude Code", Path: "~/work/shop", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyUnattended, Sandbox: inventory.SandboxNone, Network: "open",
				Owners: []inventory.ID{"own-1"}, Secrets: []inventory.ID{"sec-1", "sec-2"}, Tools: []inventory.ID{"tool-1"}, LastUsed: now.Add(-100 * day),
				Capabilities: map[inventory.Capability]inventory.Answer{inventory.DeployProd: inventory.Yes, inventory.ExecLocal: inventory.Yes}, Evidence: []inventory.Evidence{{Path: "~/.claude.json"}}},
			{ID: "ast-2", Kind: "codex", Name: "Codex", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyAsk, Sandbox: inventory.SandboxVM, Network: "none", Evidence: []inventory.Evidence{{Path: "~/.codex"}},
				Job: &inventory.Job{System: "github-actions", Triggers: []string{"issues", "push"}, Outsiders: inventory.Yes}},
		},
		Owners: []inventory.Owner{{ID: "own-1", Kind: "person", Name: "dana", Email: "dana@example.com", Status: "active"}},
		Secrets: []inventory.Secret{
			{ID: "sec-1", Kind: "github-pat-classic", Issuer: "github", Hint: "fa4e", Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted, State: inventory.StateLive, Created: now.Add(-200 * day),
				Scopes: []string{"repo", "admin:org"}, Assistants: []inventory.ID{"ast-1"}, Locations: []inventory.Location{{Path: "~/.mcp.json", Committed: inventory.Yes, Mode: "0644"}}},
			{ID: "sec-2", Kind: "aws-secret-key", Account: "acme-prod", Storage: inventory.StorageKeyring, Exposure: inventory.ExposureLocal, State: inventory.StateUnknown, Ambient: true, Expires: now.Add(10 * day),
				Locations: []inventory.Location{{Path: "~/.aws/credentials"}}},
		},
		Tools: []inventory.Tool{{ID: "tool-1", Assistant: "ast-1", Name: "jira", Transport: "http", URL: "https://mcp.example.com", Enabled: true, Pinned: inventory.No, Secrets: []inventory.ID{"sec-1"}, Evidence: []inventory.Evidence{{Path: "~/.mcp.json"}}}},
		Entitlements: []inventory.Entitlement{{ID: "ent-1", Assistant: "ast-1", Via: "sec-1", Capability: inventory.DeployProd, Resource: "res-1", Environment: "production", Gate: inventory.GateOpen, Certain: true,
			Evidence: []inventory.Evidence{{Path: "~/.mcp.json"}}}},
		Resources: []inventory.Resource{{ID: "res-1", Kind: "cloud-account", Name: "acme", Environment: "production", Sensitivity: "restricted", Guardrails: map[string]string{"visibility": "private"}}},
	}
}

func table(of, when string) Table {
	return Table{ID: "ACME-01", Title: "As it should not be", Why: "We said so.", Fix: "Change it.", Of: of, When: when}
}

func place(i int) inventory.Evidence {
	return inventory.Evidence{Path: "config.toml", Line: 10 * (i + 1)}
}

// judge asks rules about the company and returns the findings that are not of built-in rules, and those of RUL-01.
func judge(t *testing.T, r inventory.Records, tables ...Table) []inventory.Finding {
	t.Helper()
	rules, bad := New(tables, place)
	for _, b := range bad {
		t.Fatalf("rule %d, %s: %s", b.Table, b.Key, b.Text)
	}
	p := risk.DefaultPolicy()
	p.Custom = rules
	fs, _ := risk.Judge(inventory.NewSnapshot(now, r, false), p, now)
	return slices.DeleteFunc(fs, func(f inventory.Finding) bool {
		return f.Rule != "RUL-01" && !slices.ContainsFunc(tables, func(t Table) bool { return t.ID == f.Rule })
	})
}

// Each wish is one line. The first expression holds for something of the company, the second for nothing.
func TestWishes(t *testing.T) {
	for _, c := range []struct{ of, fires, quiet string }{
		{"assistant", `autonomy == "unattended" and sandbox == "none"`, `autonomy == "unattended" and sandbox == "vm"`},
		{"assistant", `any(secrets, .exposure == "committed")`, `any(secrets, .exposure == "leaked")`},
		{"assistant", `capabilities["deploy-prod"] == "yes"`, `capabilities["publish-package"] == "yes"`},
		{"assistant", `kind == "codex" and capabilities["publish-package"] == "unknown"`, `capabilities["deploy-prod"] == "asks"`},
		{"assistant", `days_since(last_used) > 90`, `days_since(last_used) > 200`},
		{"assistant", `kind in ["codex", "amp"] and len(owners) == 0`, `kind in ["amp"] and len(owners) == 0`},
		{"assistant", `any(owners, .status == "active")`, `any(owners, .status == "departed")`},
		{"assistant", `path startsWith "~/work/" and network == "open"`, `path startsWith "~/play/" and network == "open"`},
		{"assistant", `job.outsiders == "yes" and "issues" in job.triggers`, `job.outsiders == "yes" and "fork" in job.triggers`},
		{"assistant", `private_data == "yes" and way_out == "yes"`, `way_out == "yes" and network == "none"`},
		{"assistant", `any(tools, .url contains "example.com" and .pinned != "yes")`, `any(tools, .url contains "example.org")`},
		{"assistant", `any(entitlements, .environment == "production" and .gate == "open")`, `any(entitlements, .gate == "blocked")`},
		{"assistant", `count(secrets, .ambient) == 1 and len(tools) == 1`, `count(secrets, .ambient) == 2`},
		{"assistant", `any(secrets, any(.locations, .committed == "yes"))`, `any(secrets, any(.locations, .mode == "0600"))`},
		{"assistant", `any(secrets, production(.account))`, `production(name)`},
		{"secret", `kind == "github-pat-classic"`, `kind == "gitlab-pat"`},
		{"secret", `days_since(created) > 180 and not is_known(rotated)`, `days_since(created) > 300`},
		{"secret", `days_until(expires) < 30`, `days_until(expires) < 9`},
		{"secret", `not ambient and any(assistants, .autonomy == "unattended")`, `any(assistants, .kind == "codex")`},
		{"secret", `any(scopes, # startsWith "admin:")`, `any(scopes, # == "*")`},
		{"secret", `any(locations, .mode matches "^06[4-7]")`, `any(locations, .mode matches "^07")`},
		{"secret", `len(tools) > 0 and any(entitlements, .capability == "deploy-prod")`, `len(tools) > 1`},
		{"tool", `transport == "http" and assistant.kind == "claude-code"`, `transport == "stdio"`},
		{"tool", `any(secrets, .state == "live")`, `none(secrets, .state == "live")`},
		{"owner", `email endsWith "@example.com" and len(assistants) > 0`, `email endsWith "@example.org"`},
		{"entitlement", `capability == "deploy-prod" and resource.sensitivity == "restricted" and secret.kind == "github-pat-classic"`, `secret.storage == "keyring"`},
		{"entitlement", `assistant.sandbox == "none" and not is_known(expires)`, `is_known(expires)`},
		{"resource", `sensitivity == "restricted" and assistant.autonomy == "unattended"`, `guardrails["visibility"] == "public"`},
		{"resource", `any(entitlements, .certain) and guardrails.visibility == "private"`, `none(entitlements, .certain)`},
		{"source", `any(ledger, .state == "denied")`, `any(ledger, .state == "too-large")`},
	} {
		for want, when := range map[int]string{1: c.fires, 0: c.quiet} {
			fs := judge(t, company(), table(c.of, when))
			if len(fs) != want || want == 1 && fs[0].Rule != "ACME-01" {
				t.Errorf("%s: %s: %d findings, want %d: %+v", c.of, when, len(fs), want, fs)
			}
		}
	}
}

// What is not known makes nothing hold, whichever way it is asked.
func TestUnknownTimes(t *testing.T) {
	r := company()
	r.Secrets[0].Created = time.Time{}
	for _, when := range []string{`days_since(created) > 1`, `days_since(created) < 1`, `days_since(created) == 1`, `days_since(created) >= 0`, `days_until(created) <= 0`, `is_known(created)`} {
		if fs := judge(t, r, table("secret", "kind == 'github-pat-classic' and "+when)); len(fs) != 0 {
			t.Errorf("%s: %+v", when, fs)
		}
	}
}

func TestWords(t *testing.T) {
	base := 90
	c := table("secret", `state == "live"`)
	c.Detail, c.Base, c.Modifiers, c.Controls = `kind + " of " + issuer + " is kept in " + first(locations).path + "."`, &base, []string{"live", "leaked"}, []string{"NHI2:2025"}
	fs := judge(t, company(), c)
	if len(fs) != 1 || fs[0].Detail != "github-pat-classic of github is kept in ~/.mcp.json." || fs[0].ScoreParts[0].Points != 90 || len(fs[0].ScoreParts) < 3 || len(fs[0].Controls) != 1 {
		t.Errorf("%+v", fs)
	}
	plain := judge(t, company(), table("secret", "state == \"live\"\n  and true"))
	if len(plain) != 1 || !strings.Contains(plain[0].Detail, `is as your rule says: state == "live" and true.`) || plain[0].ScoreParts[0].Points != DefaultBase {
		t.Errorf("%+v", plain)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for when, want := range map[string]string{
		``:                                   "is empty",
		`autonomy = "ask"`:                   "column ",
		`autonmy == "ask"`:                   `column 1: unknown name "autonmy"; did you mean "autonomy"?`,
		`any(secrets, .expsure == "leaked")`: `column 15: unknown field "expsure"; did you mean "exposure"?`,
		"true and\n  any(secrets, .kin == \"x\")":       `line 2, column 17: unknown field "kin"; did you mean "kind"?`,
		`Autonomy == "ask"`:                             `did you mean "autonomy"?`,
		`len(secrets)`:                                  "must come to true or false; but got int",
		`name`:                                          "must come to true or false; but got string",
		`secrets == "x"`:                                "mismatched types []record and string",
		`last_used < first_seen`:                        "days_since(...)",
		`last_used == ""`:                               "days_since(...)",
		`autonomy == "unatended"`:                       `column 13: autonomy is never "unatended"; did you mean "unattended"?`,
		`"unatended" != autonomy`:                       `never "unatended"`,
		`autonomy in ["auto", "unatended"]`:             `never "unatended"`,
		`autonomy > "ask"`:                              "texts have no order here",
		`capabilities["deploy"] == "yes"`:               `no capability is called "deploy"`,
		`capabilities["deploy-prod"] == "maybe"`:        `answer is never "maybe"`,
		`any(entitlements, .gate == "opn")`:             `gate is never "opn"; did you mean "open"?`,
		`any(1..1000000, true)`:                         "ranges are not there",
		`let x = name; x == "y"`:                        "variables are not there",
		`name == "a"; true`:                             "one expression",
		`$env["name"] == "x"`:                           "$env is not there",
		`name matches kind`:                             "pattern in quotes",
		`name matches "("`:                              "column ",
		`reduce(secrets, #acc + .id, "") == ""`:         `unknown name "reduce"`,
		`now() == last_used`:                            `unknown name "now"`,
		`repeat(name, 100000) == ""`:                    `unknown name "repeat"`,
		strings.Repeat("true and ", 150) + "true":       "exceeds maximum",
		strings.Repeat(" ", maxLength+1) + "true":       "longer than",
		`name + 1 == "x"`:                               "column 6: ",
		`any(secrets, .assistants == "ast-1")`:          "mismatched",
		`owners.name == "dana"`:                         "ask any(list",
		"any(secrets, .locations[0].mod == \"0600\")\n": `did you mean "mode"?`,
		`step__()`:                                      `must come to`,
	} {
		_, bad := New([]Table{table("assistant", when)}, place)
		if when == `step__()` && len(bad) == 0 {
			continue // it counts a step and is true: of no use, and no harm
		}
		if len(bad) != 1 || bad[0].Key != "when" || !strings.Contains(bad[0].Text, want) || strings.Contains(bad[0].Text, "struct {") || strings.Contains(bad[0].Text, "\n") {
			t.Errorf("%s: %+v, want %s", when, bad, want)
		}
	}
	bad := table("secret", `state == "live"`)
	bad.Detail = `len(kind)`
	if _, p := New([]Table{bad}, place); len(p) != 1 || p[0].Key != "detail" || !strings.Contains(p[0].Text, "a text") {
		t.Errorf("%+v", p)
	}
	_, p := New([]Table{table("secret", "true"), table("secret", "true"), {}}, place)
	var keys []string
	for _, x := range p {
		keys = append(keys, fmt.Sprintf("%d %s", x.Table, x.Key))
	}
	if got := strings.Join(keys, ", "); got != "1 id, 2 id, 2 title, 2 why, 2 fix, 2 of" {
		t.Errorf("%s", got)
	}
}

// An evaluation that goes wrong, or on and on, is a finding about the configuration; the other rules and records go on.
func TestFaultsEndNothing(t *testing.T) {
	r := company()
	for i := range 300 {
		r.Assistants[0].Settings = append(r.Assistants[0].Settings, inventory.Setting{Kind: "allow", Name: fmt.Sprint("a", i)})
	}
	long := table("assistant", `any(settings, any(settings, any(settings, .name == "none")))`)
	wrong := table("assistant", `secrets[7].kind == "x"`)
	wrong.ID = "ACME-02"
	fine := table("assistant", `kind == "claude-code"`)
	fine.ID = "ACME-03"
	got := map[string]string{}
	for _, f := range judge(t, r, long, wrong, fine) {
		got[f.Rule+" "+f.Detail] = string(f.Subject)
	}
	for _, want := range []string{"Your rule ACME-01 could not be asked about claude-code", "takes more than 20000 steps", "Your rule ACME-02 could not be asked about", "out of range", "ACME-03"} {
		if !strings.Contains(fmt.Sprint(got), want) {
			t.Errorf("%q is missing: %v", want, got)
		}
	}
	if len(got) != 3 {
		t.Errorf("%v", got)
	}
}

// Every field of the interface can be named, with the type that a person expects of it.
func TestEveryFieldHasItsName(t *testing.T) {
	for of, e := range envs() {
		for i := range e.typ.NumField() {
			name := e.typ.Field(i).Tag.Get("expr")
			if i >= e.funcs {
				continue
			}
			if _, err := compile("is_known("+name+")", of, 1); err != nil {
				t.Errorf("%s: %s: %v", of, name, err)
			}
		}
		for _, f := range fieldsOf(e.record) {
			if !slices.Contains(e.known(), f.name) {
				t.Errorf("%s: %s is not there", of, f.name)
			}
		}
	}
}

func TestTheSameForTheSame(t *testing.T) {
	tables := []Table{table("assistant", `len(secrets) > 0`), table("secret", `true`)}
	tables[1].ID = "ACME-02"
	first := fmt.Sprintf("%+v", judge(t, company(), tables...))
	for range 5 {
		r := company()
		slices.Reverse(r.Assistants)
		slices.Reverse(r.Secrets)
		if got := fmt.Sprintf("%+v", judge(t, r, tables...)); got != first {
			t.Errorf("%s\n%s", got, first)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`autonomy == "ask"`, `any(secrets, .exposure == "leaked")`, `days_since(last_used) > 90`, `a..b`, "let x = 1; x", `{"a": 1}.a == 1`, `capabilities["x"]`, "(", `any(secrets, any(#.locations, .path matches "x"))`, `"\u0000"`} {
		f.Add(s)
	}
	r := company()
	f.Fuzz(func(t *testing.T, when string) {
		rules, bad := New([]Table{table("assistant", when)}, place)
		for _, b := range bad {
			if b.Key != "when" || strings.ContainsAny(b.Text, "\n\x1b") {
				t.Errorf("%q: %+v", when, b)
			}
		}
		if len(bad) > 0 {
			return
		}
		p := risk.DefaultPolicy()
		p.Custom = rules
		risk.Judge(inventory.NewSnapshot(now, r, false), p, now)
	})
}

func BenchmarkRule(b *testing.B) {
	rules, bad := New([]Table{table("assistant", `autonomy == "unattended" and any(secrets, .exposure == "leaked")`)}, place)
	if len(bad) > 0 {
		b.Fatal(bad)
	}
	r := company()
	for i := range 1000 {
		a := r.Assistants[0]
		a.ID = inventory.ID(fmt.Sprint("ast-x", i))
		r.Assistants = append(r.Assistants, a)
	}
	snap := inventory.NewSnapshot(now, r, false)
	p := risk.DefaultPolicy()
	p.Off = map[string]string{}
	for _, x := range risk.Rules() {
		p.Off[x.ID] = "only yours are measured"
	}
	for name, custom := range map[string][]risk.Rule{"without": nil, "with": rules} {
		p.Custom = custom
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				risk.Judge(snap, p, now)
			}
		})
	}
}
