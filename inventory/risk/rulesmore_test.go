package risk

import (
	"testing"
	"time"

	"nhitop/inventory"
)

func (s *scenario) leave() { s.Owners[0].Status = "departed" }

// in puts the grant into production.
func in(e *inventory.Entitlement) *inventory.Entitlement { e.Environment = "production"; return e }

var moreCases = []struct {
	rule  string
	fires func(*scenario)
	but   func(*scenario)
}{
	{"OWN-02", func(s *scenario) { s.leave() }, func(s *scenario) { s.Owners[0].Status = "unknown" }},
	{"OWN-08", func(s *scenario) {
		s.Owners[0].Status, s.Owners[0].Sources = "unknown", []string{"forge"}
		s.Owners[0].Evidence = []inventory.Evidence{{Path: "audit.jsonl", Source: "asserted"}}
		s.a().OwnersAsserted = []inventory.ID{ownID}
	}, func(s *scenario) { s.Owners[0].Status = "active" }},
	{"OWN-07", func(s *scenario) {
		s.Owners[0].Evidence = []inventory.Evidence{{Path: "CODEOWNERS"}}
		for i := range 26 {
			a := *s.a()
			a.ID, a.Kind, a.Evidence = inventory.NewID(inventory.NounAssistant, "owned", string(rune('a'+i))), "product-"+string(rune('a'+i)), nil
			s.Assistants = append(s.Assistants, a)
		}
	}, func(s *scenario) {
		for i := range s.Assistants { // one product in many projects is one identity
			s.Assistants[i].Kind = "claude-code"
		}
	}},
	{"RUL-01", func(s *scenario) {
		s.policy.Custom = []Rule{{ID: "ACME-01", Of: inventory.NounAssistant, Custom: &Custom{ID: "ACME-01", Place: inventory.Evidence{Path: "config.toml", Line: 3}},
			Check: func(Subject, Policy) []Hit { return []Hit{{fault: "claude-code: it divides by zero"}} }}}
	}, func(s *scenario) { s.policy.Custom = nil }},
	{"SEC-01", func(s *scenario) {
		x := s.secret()
		x.Exposure, x.State = inventory.ExposureLeaked, inventory.StateLive
	}, func(s *scenario) { s.Secrets[0].State = inventory.StateUnknown }},
	{"SEC-08", func(s *scenario) { s.secret().Storage = inventory.StorageEnv }, func(s *scenario) { s.Secrets[0].Storage = inventory.StorageManager }},
	{"SEC-12", func(s *scenario) { s.secret().LastUsed = now.Add(-91 * day) }, func(s *scenario) { s.Secrets[0].LastUsed = time.Time{} }},
	{"LIF-02", func(s *scenario) { s.secret(); s.a().Status = "retired" }, func(s *scenario) { s.Secrets[0].Ambient = true }},
	{"LIF-03", func(s *scenario) { s.secret(); s.leave() }, func(s *scenario) { s.Secrets[0].State = inventory.StateRevoked }},
	{"LIF-04", func(s *scenario) { s.grant(inventory.CloudRead, nil).Expires = now.Add(-day) }, func(s *scenario) { s.Entitlements[0].Expires = now.Add(day) }},
	{"ENT-03", func(s *scenario) {
		s.grant(inventory.CloudRead, nil).LastUsed = now.Add(-day)
		s.grant(inventory.CloudWrite, nil).LastUsed = now.Add(-91 * day)
	}, func(s *scenario) { s.Entitlements[1].LastUsed = time.Time{} }},
	{"ENT-04", func(s *scenario) { s.grant(inventory.CloudWrite, nil).LastUsed = now.Add(-91 * day) }, func(s *scenario) { s.Entitlements[0].LastUsed = time.Time{} }},
	{"ENT-05", func(s *scenario) { in(s.grant(inventory.CloudWrite, nil)) }, func(s *scenario) { s.Entitlements[0].Expires = now.Add(time.Hour) }},
	{"ENT-10", func(s *scenario) { s.grant(inventory.CloudWrite, nil).Origin = "group" }, func(s *scenario) { s.Entitlements[0].Origin = inventory.OriginDirect }},
	{"ENT-11", func(s *scenario) {
		x := s.secret()
		s.grant(inventory.ReadSource, x)
		s.grant(inventory.OpenPR, x).Resource = "res-two"
		s.Resources[0] = inventory.Resource{ID: resID, Kind: "repository", Name: "acme/private", Sensitivity: "restricted"}
		s.Resources = append(s.Resources, inventory.Resource{ID: "res-two", Kind: "repository", Name: "acme/site", Sensitivity: "public"})
	}, func(s *scenario) { s.Resources[1].Sensitivity = "restricted" }},
	{"SEC-02", func(s *scenario) { s.secret().Leaked = now.Add(-2 * day) }, func(s *scenario) { s.Secrets[0].Leaked = now.Add(-time.Hour) }},
	{"ENT-14", func(s *scenario) { s.app() }, func(s *scenario) { s.Secrets[0].Scopes = []string{"contents:write"} }},
	{"CIC-08", func(s *scenario) { s.job().OIDC, s.a().Job.Subject = true, []string{"repository_owner"} }, func(s *scenario) { s.a().Job.Subject = []string{"repo", "context"} }},
	{"AUT-03", func(s *scenario) { s.grant(inventory.PublishPackage, nil) }, func(s *scenario) { s.Entitlements[0].Gate = inventory.GateAsks }},
	{"AUT-04", func(s *scenario) {
		s.setting(inventory.SettingAllow, "user", "permissions.allow", `["Bash(terraform destroy:*)"]`)
	}, func(s *scenario) { s.setting(inventory.SettingAsk, "user", "permissions.ask", `["Bash(terraform:*)"]`) }},
	{"AUD-01", func(s *scenario) { s.setting(inventory.SettingLog, "user", "history.persistence", "none") },
		func(s *scenario) {
			s.setting(inventory.SettingLog, "user", "otel.exporter.otlp", "https://log.example.com")
		}},
	{"AUD-04", func(s *scenario) { s.setting(inventory.SettingLog, "user", "cleanupPeriodDays", "7") }, func(s *scenario) { s.a().Settings[0].Value = "365" }},
	{"MCP-10", func(s *scenario) { s.setting(inventory.SettingUpdate, "user", "autoUpdates", "true") }, func(s *scenario) { s.a().Settings[0].Value = "false" }},
	{"MCP-08", func(s *scenario) { s.tool().Args = []string{"-y", "postmark-mcp"} }, func(s *scenario) { s.Tools[0].Args = []string{"-y", "mcp-remote@0.1.16"} }},
	{"CLS-06", func(s *scenario) { s.a().Version = "1.0.110" }, func(s *scenario) { s.a().Version = "2.1.128" }},
	{"ENV-01", func(s *scenario) {
		x := s.secret()
		s.grant(inventory.DataRead, x).Environment = "production"
		s.grant(inventory.DataWrite, x).Environment = "staging"
	}, func(s *scenario) { s.Entitlements[1].Environment = "unknown" }},
	{"REU-04", func(s *scenario) {
		x := s.secret()
		for _, r := range []string{"a", "b", "c", "d"} {
			x.Locations = append(x.Locations, inventory.Location{Path: "~/src/" + r + "/.env", Pointer: "/T", Scope: inventory.ScopeRepo})
		}
	}, func(s *scenario) { s.Secrets[0].Locations = s.Secrets[0].Locations[:4] }},
	{"TOX-03", func(s *scenario) {
		x := s.secret()
		x.Exposure, x.State = inventory.ExposureLeaked, inventory.StateLive
		s.grant(inventory.CloudAdmin, x)
	}, func(s *scenario) { s.Entitlements[0].Capability = inventory.CloudRead }},
	{"TOX-04", func(s *scenario) { in(s.grant(inventory.CloudWrite, nil)); s.leave() }, func(s *scenario) { s.Owners[0].Status = "active" }},
	{"TOX-07", func(s *scenario) {
		s.job().Publishes = true
		s.a().Capabilities[inventory.OpenPR], s.a().Capabilities[inventory.MergeProtected] = inventory.Yes, inventory.Yes
	}, func(s *scenario) { s.a().Job.Environment = "release" }},
	{"TOX-10", func(s *scenario) {
		s.secret()
		s.grant(inventory.CloudAdmin, nil)
		s.a().LastUsed = now.Add(-91 * day)
	}, func(s *scenario) { s.a().LastUsed = now }},
	{"TOX-11", func(s *scenario) {
		s.bare()
		in(s.grant(inventory.DataWrite, nil))
		s.setting(inventory.SettingLog, "user", "cleanupPeriodDays", "0")
	}, func(s *scenario) { s.a().Settings[0].Value = "30" }},
}

func init() { cases = append(cases, moreCases...) }

func TestVersions(t *testing.T) {
	a := advisory{Below: "1.10.2", Exact: []string{"2.3.0"}}
	for v, want := range map[string]bool{"1.9.9": true, "1.10.2": false, "v1.10.1": true, "1.10.10": false, "2.3.0": true, "2.3.1": false, "": false, "latest": false,
		"1.9.9-rc.1": true} {
		if a.hits(v) != want {
			t.Errorf("version %q: %v", v, !want)
		}
	}
	for i := range flaws().Components {
		if a := flaws().Components[i]; a.Name == "" || a.ID == "" || a.What == "" || a.URL == "" || a.Below == "" && len(a.Exact) == 0 && !a.All {
			t.Errorf("%+v", a)
		}
	}
}

func TestToolsThatDestroy(t *testing.T) {
	for n, want := range map[string]bool{"delete_repository": true, "drop": true, "dropdown_read": false, "list_deleted": false, "Remove-item": true} {
		if destroys(n) != want {
			t.Errorf("%s: %v", n, !want)
		}
	}
}
