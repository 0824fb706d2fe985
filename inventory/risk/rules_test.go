package risk

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// cases show each rule firing, and the one difference that keeps it quiet.
var cases = []struct {
	rule  string
	fires func(*scenario)
	but   func(*scenario)
}{
	{"SEC-03", func(s *scenario) { s.secret().Storage = inventory.StoragePlaintext }, func(s *scenario) { s.Secrets[0].Storage = inventory.StorageKeyring }},
	{"SEC-04", func(s *scenario) { s.ambient(); s.a().Sandbox = inventory.SandboxNone }, func(s *scenario) { s.a().Sandbox = inventory.SandboxContainer }},
	{"SEC-05", func(s *scenario) { x := s.secret(); x.LongLived, x.Expires = inventory.Yes, time.Time{} }, func(s *scenario) { s.Secrets[0].LongLived = inventory.Unknown }},
	{"SEC-06", func(s *scenario) { s.secret().Created = now.Add(-91 * day) }, func(s *scenario) { s.Secrets[0].Rotated = now.Add(-day) }},
	{"SEC-07", func(s *scenario) { s.secret().Created = now.Add(-89 * day) }, func(s *scenario) { s.Secrets[0].Expires = now.Add(time.Hour) }},
	{"SEC-09", func(s *scenario) {
		x := s.secret()
		x.Locations = append(x.Locations, inventory.Location{Path: "~/.codex/config.toml", Pointer: "/k", Scope: inventory.ScopeUser})
	}, func(s *scenario) { s.Secrets[0].Locations[1].Backup = true }},
	{"SEC-10", func(s *scenario) { s.job().Secrets = []string{"AWS_SECRET_ACCESS_KEY"} }, func(s *scenario) { s.a().Job.Secrets = []string{"SLACK_URL"} }},
	{"SEC-11", func(s *scenario) { s.secret().Broad = true }, func(s *scenario) { s.Secrets[0].Broad = false }},
	{"SEC-13", func(s *scenario) { s.secret().Locations[0].Pointer = "/permissions/allow/3" }, func(s *scenario) { s.Secrets[0].Locations[0].Pointer = "/env/X" }},
	{"SEC-14", func(s *scenario) { s.secret().Owners = nil; s.a().Owners = nil }, func(s *scenario) { s.a().Owners = []inventory.ID{ownID} }},
	{"SEC-16", func(s *scenario) { s.secret().Locations[0].Form = "url-query" }, func(s *scenario) { s.Secrets[0].Locations[0].Form = "header" }},
	{"SEC-17", func(s *scenario) { s.secret().Locations[0].Committed = inventory.Yes }, func(s *scenario) { s.Secrets[0].Locations[0].Committed = inventory.Unknown }},
	{"SEC-18", func(s *scenario) { s.secret().Locations[0].Mode = "0644" }, func(s *scenario) { s.Secrets[0].Locations[0].Mode = "0640" }},
	{"SEC-19", func(s *scenario) { s.secret().Locations[0].Backup = true }, func(s *scenario) { s.Secrets[0].State = inventory.StateRevoked }},
	{"SEC-20", func(s *scenario) {
		x := s.secret()
		x.Kind, x.Storage = "encrypted-keychain-file", inventory.StoragePlaintext
	}, func(s *scenario) { s.Secrets[0].Storage = inventory.StorageEncrypted }},

	{"OWN-01", func(s *scenario) { s.a().Owners = nil }, func(s *scenario) { a := s.a(); a.Class, a.Capabilities = inventory.ClassTextOnly, nil }},
	{"OWN-03", func(s *scenario) { s.Owners[0].Kind = "team" }, func(s *scenario) { s.Owners[0].Kind = "person" }},
	{"OWN-05", func(s *scenario) {
		x := s.ambient()
		s.grant(inventory.CloudWrite, x)
		s.a().Sandbox = inventory.SandboxNone
	}, func(s *scenario) { s.Entitlements[0].Capability = inventory.ExecLocal }},

	{"CLS-01", func(s *scenario) { s.a().Class = inventory.ClassUnknown }, func(s *scenario) { s.a().Class = inventory.ClassNHI }},
	{"CLS-02", func(s *scenario) { s.a().Capabilities = nil }, func(s *scenario) {
		s.a().Capabilities = map[inventory.Capability]inventory.Answer{inventory.ReadSource: inventory.No}
	}},
	{"CLS-05", func(s *scenario) { s.secret().Kind = "github-pat-classic" }, func(s *scenario) { s.Secrets[0].Kind = "github-app-installation" }},

	{"AUT-01", func(s *scenario) { s.bare() }, func(s *scenario) { s.a().Sandbox = inventory.SandboxVM }},
	{"AUT-05", func(s *scenario) { a := s.a(); a.Sandbox, a.Network = inventory.SandboxNone, "" }, func(s *scenario) { s.a().Network = "allowlist" }},
	{"AUT-07", func(s *scenario) {
		s.setting(inventory.SettingAllow, "user", "permissions.allow", `["Bash(curl:*)","Bash(ls)"]`)
	},
		func(s *scenario) { s.a().Settings[0].Value = `["Bash(ls)"]` }},
	{"AUT-08", func(s *scenario) { s.tool().Known = "web"; s.a().Autonomy = inventory.AutonomyAuto }, func(s *scenario) { s.a().Autonomy = inventory.AutonomyAsk }},
	{"AUT-11", func(s *scenario) { s.a().Headless = inventory.AutonomyUnattended }, func(s *scenario) { s.a().Headless = inventory.AutonomySuggest }},

	{"ENT-01", func(s *scenario) { s.grant(inventory.CloudAdmin, nil) }, func(s *scenario) { s.Entitlements[0].Certain = false }},
	{"ENT-02", func(s *scenario) { s.secret().Scopes = []string{"read", "admin:org"} }, func(s *scenario) { s.Secrets[0].Scopes = []string{"read"} }},
	{"ENT-06", func(s *scenario) {
		s.a().Capabilities[inventory.OpenPR], s.a().Capabilities[inventory.MergeProtected] = inventory.Yes, inventory.Yes
	}, func(s *scenario) { s.a().Capabilities[inventory.MergeProtected] = inventory.Asks }},
	{"ENT-07", func(s *scenario) { s.bare(); s.setting(inventory.SettingMode, "project", "mode", "auto") },
		func(s *scenario) { s.setting(inventory.SettingManaged, "managed", "ceiling", "ask") }},
	{"ENT-08", func(s *scenario) { s.grant(inventory.ReadSecrets, nil) }, func(s *scenario) { s.Entitlements[0].Gate = inventory.GateBlocked }},
	{"ENT-12", func(s *scenario) { s.a().Capabilities[inventory.MintIdentity] = inventory.Yes }, func(s *scenario) { s.a().Capabilities[inventory.MintIdentity] = inventory.Unknown }},

	{"ENV-02", func(s *scenario) { s.ambient().Locations[0].Pointer = "/prod/aws_secret_access_key" }, func(s *scenario) { s.Secrets[0].Locations[0].Pointer = "/non-prod/key" }},
	{"ENV-03", func(s *scenario) { s.grant(inventory.DataRead, nil).Environment = "production" }, func(s *scenario) { s.Entitlements[0].Environment = "staging" }},
	{"ENV-04", func(s *scenario) { s.ambient(); s.a().Sandbox = inventory.SandboxNone }, func(s *scenario) { s.Secrets[0].Kind = "opaque-bearer" }},
	{"ENV-06", func(s *scenario) { s.secret(); s.a().Network = "open" }, func(s *scenario) { s.a().Network = "allowlist" }},

	{"MCP-01", func(s *scenario) { s.tool(); s.policy.ApprovedServers = []string{"other"} }, func(s *scenario) { s.policy.ApprovedServers = []string{"pkg"} }},
	{"MCP-02", func(s *scenario) { s.tool().Pinned = inventory.No }, func(s *scenario) { s.Tools[0].Enabled = false }},
	{"MCP-04", func(s *scenario) { t := s.tool(); t.Transport, t.URL = "http", "http://mcp.example.com/x" }, func(s *scenario) { s.Tools[0].URL = "http://127.0.0.1:80/x" }},
	{"MCP-05", func(s *scenario) { s.tool().Scope = "project" }, func(s *scenario) { s.Tools[0].Approval = "pending" }},
	{"MCP-06", func(s *scenario) { s.secret().Broad = true; s.tool().Secrets = []inventory.ID{secID} }, func(s *scenario) { s.Secrets[0].Broad = false }},
	{"MCP-07", func(s *scenario) { s.tool().ApprovedTools = []string{"*"} }, func(s *scenario) { s.Tools[0].ApprovedTools = []string{"read"} }},
	{"MCP-11", func(s *scenario) {
		s.setting(inventory.SettingEndpoint, "project", "env.ANTHROPIC_BASE_URL", "https://evil.example.net/v1")
	},
		func(s *scenario) { s.policy.ModelHosts = []string{"*.example.net"} }},
	{"MCP-12", func(s *scenario) { s.setting(inventory.SettingHelper, "project", "apiKeyHelper", "./key.sh") }, func(s *scenario) { s.a().Settings[0].Scope = "user" }},

	{"CIC-01", func(s *scenario) { j := s.job(); j.Outsiders, j.Secrets = inventory.Yes, []string{"KEY"} }, func(s *scenario) { s.a().Job.Outsiders = inventory.No }},
	{"CIC-02", func(s *scenario) { s.job().PromptInputs = []string{"github.event.issue.title"} }, func(s *scenario) { s.a().Job.PromptInputs = nil }},
	{"CIC-03", func(s *scenario) { s.job().PermissionsSet = "unset" }, func(s *scenario) { s.a().Job.System = "gitlab-ci" }},
	{"CIC-04", func(s *scenario) { s.job().Uses = []inventory.Uses{{Ref: "a/b@v1", Line: 7}} }, func(s *scenario) { s.a().Job.Uses[0].Pinned = true }},
	{"CIC-05", func(s *scenario) { s.job().Publishes = true }, func(s *scenario) { s.a().Job.Environment = "production" }},
	{"CIC-06", func(s *scenario) { s.job().Secrets = []string{"NPM_TOKEN"} }, func(s *scenario) { s.a().Job.Secrets = []string{"ANTHROPIC_API_KEY"} }},
	{"CIC-07", func(s *scenario) { s.job().SelfHosted = inventory.Yes }, func(s *scenario) { s.a().Job.SelfHosted = inventory.Unknown }},
	{"CIC-09", func(s *scenario) { s.a().Capabilities[inventory.EditWorkflow] = inventory.Yes }, func(s *scenario) { s.a().Capabilities[inventory.EditWorkflow] = inventory.Asks }},
	{"CIC-10", func(s *scenario) { j := s.job(); j.Outsiders, j.UsesCache = inventory.Yes, true }, func(s *scenario) { s.a().Job.UsesCache = false }},
	{"CIC-11", func(s *scenario) { s.job().PersistToken = true }, func(s *scenario) { s.a().Job.PersistToken = false }},

	{"REU-01", func(s *scenario) { s.secret(); s.second() }, func(s *scenario) { s.Secrets[0].Ambient = true }},
	{"REU-03", func(s *scenario) { s.secret().Kind = "gitlab-pat" }, func(s *scenario) { s.Secrets[0].Kind = "gitlab-runner-token" }},
	{"LIF-01", func(s *scenario) { s.secret(); s.a().LastUsed = now.Add(-91 * day) }, func(s *scenario) { s.a().LastUsed = now.Add(-89 * day) }},
	{"AUD-08", func(s *scenario) {
		s.Sources = []inventory.SourceStatus{{Name: "local", Status: inventory.SourceOK, StartedAt: now, Ledger: []inventory.Looked{{Path: "~/.codex", State: inventory.LookedDenied}}}}
	}, func(s *scenario) { s.Sources[0].Ledger[0].State = inventory.LookedAbsent }},

	{"TOX-01", func(s *scenario) { s.secret(); s.tool().Known = "web"; s.a().Network = "open" }, func(s *scenario) { s.a().Network = "none" }},
	{"TOX-02", func(s *scenario) { s.secret(); s.tool().Known = "web"; s.bare() }, func(s *scenario) { s.a().Autonomy = inventory.AutonomyAsk }},
	{"TOX-05", func(s *scenario) { s.ambient(); s.bare() }, func(s *scenario) { s.a().Network = "allowlist" }},
	{"TOX-06", func(s *scenario) { j := s.job(); j.Outsiders, j.Secrets = inventory.Yes, []string{"NPM_TOKEN"} }, func(s *scenario) { s.a().Job.Secrets = []string{"KEY"} }},
	{"TOX-08", func(s *scenario) {
		s.secret().Broad = true
		t := s.tool()
		t.Secrets, t.Pinned = []inventory.ID{secID}, inventory.No
	}, func(s *scenario) { s.Tools[0].Pinned = inventory.Yes }},
	{"TOX-09", func(s *scenario) {
		x := s.secret()
		x.LongLived, x.Expires, x.Owners, s.a().Owners = inventory.Yes, time.Time{}, nil, nil
		s.second()
	}, func(s *scenario) { s.Secrets[0].Owners = []inventory.ID{ownID} }},
	{"TOX-12", func(s *scenario) {
		s.bare()
		t := s.tool()
		t.Known, t.Scope = "web", "project"
		s.setting(inventory.SettingMode, "project", "mode", "auto")
	}, func(s *scenario) { s.Tools[0].Known = "" }},
	{"TOX-13", func(s *scenario) { s.bare(); s.a().Capabilities[inventory.MintIdentity] = inventory.Yes }, func(s *scenario) { s.a().Sandbox = inventory.SandboxVM }},
	{"TOX-14", func(s *scenario) { s.ambient().Locations[0].Pointer = "/prod/key"; s.bare() }, func(s *scenario) { s.Secrets[0].Locations[0].Pointer = "/dev/key" }},
}

func TestRules(t *testing.T) {
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			s := calm()
			if f := s.of(c.rule); f != nil {
				t.Fatalf("holds for an inventory with nothing wrong: %s", f.Detail)
			}
			c.fires(s)
			f := s.of(c.rule)
			if f == nil {
				t.Fatal("does not hold where it should")
			}
			checkText(t, f)
			c.but(s)
			if f := s.of(c.rule); f != nil {
				t.Errorf("still holds: %s", f.Detail)
			}
		})
	}
}

// checkText asks that a person can read what a finding says, and go and look.
func checkText(t *testing.T, f *inventory.Finding) {
	t.Helper()
	if len(f.Detail) < 15 || !strings.HasSuffix(f.Detail, ".") || strings.Contains(f.Detail, "  ") || strings.Contains(f.Detail, "%!") {
		t.Errorf("detail is no sentence: %q", f.Detail)
	}
	if f.Title == "" || f.Why == "" || f.Fix == "" || len(f.Controls) == 0 {
		t.Errorf("text is missing: %+v", f)
	}
	if len(f.Evidence) == 0 && f.Rule != "AUD-08" {
		t.Error("points at no fact")
	}
	if !strings.HasPrefix(f.DecisionWhy, label(f.Decision)+" because: ") {
		t.Errorf("decision %s, reason %q", f.Decision, f.DecisionWhy)
	}
	sum := 0
	for _, p := range f.ScoreParts {
		sum += p.Points
	}
	if sum != f.Score {
		t.Errorf("parts add up to %d, score is %d: %+v", sum, f.Score, f.ScoreParts)
	}
	if f.Due.IsZero() || f.State != "open" || !f.FirstSeen.Equal(now) {
		t.Errorf("due %v, state %q, first seen %v", f.Due, f.State, f.FirstSeen)
	}
}

func TestEveryRuleHasItsCase(t *testing.T) {
	seen := map[string]int{}
	for _, c := range cases {
		seen[c.rule]++
	}
	for _, r := range Rules() {
		if seen[r.ID] == 0 {
			t.Errorf("%s has no case in which it fires and one in which it does not", r.ID)
		}
		delete(seen, r.ID)
	}
	for id := range seen {
		t.Errorf("%s has a case and no rule", id)
	}
}

func TestNothingWrongIsQuiet(t *testing.T) {
	if fs, is := calm().judge(); len(fs)+len(is) != 0 {
		t.Errorf("findings %+v, issues %+v", fs, is)
	}
}
