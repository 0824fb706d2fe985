package risk

import (
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

var (
	now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

	astID  = inventory.NewID(inventory.NounAssistant, "laptop", "claude-code")
	ownID  = inventory.NewID(inventory.NounOwner, "dana")
	secID  = inventory.NewID(inventory.NounSecret, "one")
	toolID = inventory.NewID(inventory.NounTool, "server")
	resID  = inventory.NewID(inventory.NounResource, "thing")
)

// scenario is an inventory that nothing is wrong with until a test changes it.
type scenario struct {
	inventory.Records
	policy Policy
}

func calm() *scenario {
	s := &scenario{policy: DefaultPolicy()}
	s.policy.Catalogue = &catalogue.Catalogue{Servers: []catalogue.Server{
		{ID: "web", Untrusted: true}, {ID: "files", Private: true}, {ID: "mail", Egress: true},
	}}
	s.Assistants = []inventory.Assistant{{
		ID: astID, Kind: "claude-code", Name: "Claude Code", Scope: "user", Host: "laptop", Path: "~", Class: inventory.ClassNHI, Account: "dana@example.com",
		Autonomy: inventory.AutonomyAsk, Sandbox: inventory.SandboxWorkspace, Network: "none", Owners: []inventory.ID{ownID},
		Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Asks, inventory.WriteSource: inventory.Asks, inventory.ReadSource: inventory.Yes},
		Evidence:     []inventory.Evidence{{Path: "~/.claude.json", Line: 1}},
	}}
	s.Owners = []inventory.Owner{{ID: ownID, Kind: "person", Name: "dana", Status: "active"}}
	return s
}

func (s *scenario) a() *inventory.Assistant { return &s.Assistants[0] }

// job turns the assistant into one that runs in a pipeline.
func (s *scenario) job() *inventory.Job {
	a := s.a()
	a.Scope, a.Path, a.Autonomy, a.Sandbox, a.Network = "ci", "/repo", inventory.AutonomyAsk, inventory.SandboxVM, "open"
	a.Job = &inventory.Job{System: "github-actions", Workflow: ".github/workflows/triage.yml", Name: "triage", Triggers: []string{"issues"},
		Outsiders: inventory.No, SelfHosted: inventory.No, PermissionsSet: "job", Permissions: map[string]string{"contents": "read"}}
	return a.Job
}

// secret adds one that the assistant holds in its configuration, in good order.
func (s *scenario) secret() *inventory.Secret {
	id := secID
	if len(s.Secrets) > 0 {
		id = inventory.NewID(inventory.NounSecret, "another", string(rune('a'+len(s.Secrets))))
	}
	s.Secrets = append(s.Secrets, inventory.Secret{
		ID: id, Kind: "opaque-bearer", Issuer: "example", Hint: "fa4e", Storage: inventory.StorageKeyring, Exposure: inventory.ExposureLocal,
		State: inventory.StateUnknown, Assistants: []inventory.ID{astID}, Owners: []inventory.ID{ownID}, LongLived: inventory.No,
		Expires:   now.Add(30 * day),
		Locations: []inventory.Location{{Path: "~/.claude.json", Pointer: "/mcpServers/x/env/TOKEN", Line: 9, Scope: inventory.ScopeUser, Mode: "0600"}},
	})
	a := s.a()
	a.Secrets = append(a.Secrets, id)
	return &s.Secrets[len(s.Secrets)-1]
}

// ambient adds one that it inherits from the account.
func (s *scenario) ambient() *inventory.Secret {
	x := s.secret()
	x.Ambient, x.Kind, x.Storage = true, "aws-secret-key", inventory.StoragePlaintext
	x.Locations = []inventory.Location{{Path: "~/.aws/credentials", Pointer: "/default/aws_secret_access_key", Line: 3, Scope: inventory.ScopeUser, Mode: "0600"}}
	return x
}

func (s *scenario) tool() *inventory.Tool {
	s.Tools = append(s.Tools, inventory.Tool{
		ID: toolID, Assistant: astID, Name: "server", Transport: "stdio", Command: "npx", Args: []string{"-y", "pkg@1.2.3"}, Pinned: inventory.Yes, Enabled: true,
		Scope: "user", Evidence: []inventory.Evidence{{Path: "~/.claude.json", Pointer: "/mcpServers/server", Line: 5}},
	})
	a := s.a()
	a.Tools = append(a.Tools, toolID)
	return &s.Tools[len(s.Tools)-1]
}

func (s *scenario) setting(kind, scope, name, value string) *inventory.Setting {
	path := "~/.claude/settings.json"
	if scope == "project" {
		path = "/repo/.claude/settings.json"
	}
	a := s.a()
	a.Settings = append(a.Settings, inventory.Setting{Kind: kind, Scope: scope, Name: name, Value: value, Effective: true, Path: path, Pointer: "/" + name, Line: 2})
	return &a.Settings[len(a.Settings)-1]
}

func (s *scenario) grant(c inventory.Capability, x *inventory.Secret) *inventory.Entitlement {
	v := inventory.ViaDelegated
	if x != nil {
		v = string(x.ID)
	}
	s.Resources = []inventory.Resource{{ID: resID, Kind: "cloud-account", Name: "acme"}}
	s.Entitlements = append(s.Entitlements, inventory.Entitlement{
		ID: inventory.NewID(inventory.NounEntitlement, string(c), v), Assistant: astID, Via: v, Capability: c, Resource: resID, Origin: inventory.OriginDirect,
		Gate: inventory.GateOpen, Certain: true, Evidence: []inventory.Evidence{{Path: "~/.aws/credentials", Line: 3}},
	})
	return &s.Entitlements[len(s.Entitlements)-1]
}

// bare takes the brakes away: no sandbox, no questions, open network.
func (s *scenario) bare() {
	a := s.a()
	a.Autonomy, a.Sandbox, a.Network = inventory.AutonomyUnattended, inventory.SandboxNone, "open"
	a.Capabilities[inventory.ExecLocal], a.Capabilities[inventory.WriteSource] = inventory.Yes, inventory.Yes
}

// second adds another product that holds the same secrets.
func (s *scenario) second() *inventory.Assistant {
	b := *s.a()
	b.ID, b.Kind, b.Name = inventory.NewID(inventory.NounAssistant, "laptop", "codex"), "codex", "Codex"
	s.Assistants = append(s.Assistants, b)
	for i := range s.Secrets {
		s.Secrets[i].Assistants = append(s.Secrets[i].Assistants, b.ID)
	}
	return &s.Assistants[1]
}

func (s *scenario) judge() ([]inventory.Finding, []inventory.Issue) {
	return Judge(inventory.NewSnapshot(now, s.Records, false), s.policy, now)
}

func (s *scenario) of(rule string) *inventory.Finding {
	fs, _ := s.judge()
	for i := range fs {
		if fs[i].Rule == rule {
			return &fs[i]
		}
	}
	return nil
}
