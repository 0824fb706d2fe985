package ui

import (
	"fmt"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/metrics"
	"nhitop/inventory/risk"
)

// company is a small inventory with everything that the screen has to show.
func company() inventory.Records {
	id := inventory.NewID
	alice, team := id(inventory.NounOwner, "alice"), id(inventory.NounOwner, "team")
	claude, codex, cursor, chat := id(inventory.NounAssistant, "claude"), id(inventory.NounAssistant, "codex"), id(inventory.NounAssistant, "cursor"), id(inventory.NounAssistant, "chat")
	token, aws := id(inventory.NounSecret, "token"), id(inventory.NounSecret, "aws")
	gh, pg := id(inventory.NounTool, "github"), id(inventory.NounTool, "pg")
	repo := id(inventory.NounResource, "repo")
	f1, f2, f3 := id(inventory.NounFinding, "1"), id(inventory.NounFinding, "2"), id(inventory.NounFinding, "3")
	ev := func(path, pointer string, line int, note string) []inventory.Evidence {
		return []inventory.Evidence{{Path: path, Pointer: pointer, Line: line, Source: "local", ObservedAt: at, Note: note}}
	}
	return inventory.Records{
		Sources: []inventory.SourceStatus{{Name: "local", Kind: "local", Status: inventory.SourcePartial, Reason: "1 place could not be read", StartedAt: at, DurationMS: 41,
			Counts:   map[string]int{"assistants": 4, "secrets": 2},
			Ledger:   []inventory.Looked{{Path: "~/.claude.json", State: inventory.LookedRead, Assistant: "claude-code"}, {Path: "~/.config/Cursor/User/globalStorage/state.vscdb", State: inventory.LookedNotOpened, Assistant: "cursor", Reason: "a SQLite database"}, {Path: "~/.codex/auth.json", State: inventory.LookedAbsent}},
			Warnings: []inventory.Warning{{Path: "~/src/api/.mcp.json", Line: 12, Text: "not JSON from here on"}}}},
		Owners: []inventory.Owner{{ID: alice, Kind: "person", Name: "alice@example.com", Email: "alice@example.com", Status: "active", Evidence: ev("~/.claude.json", "/oauthAccount/emailAddress", 4, "account in the config")},
			{ID: team, Kind: "team", Name: "@acme/web", Status: "unknown", Evidence: ev("~/src/web/CODEOWNERS", "", 1, "CODEOWNERS")}},
		Assistants: []inventory.Assistant{
			{ID: claude, Kind: "claude-code", Name: "claude-code", Vendor: "Anthropic", Version: "2.1.197", Scope: "project", Class: inventory.ClassNHI, ClassReason: "it runs commands without asking", Autonomy: inventory.AutonomyUnattended, AutonomyReason: "permissions.defaultMode is bypassPermissions in ~/src/web/.claude/settings.json", Sandbox: inventory.SandboxNone, Path: "~/src/web", Host: "laptop-7", Owners: []inventory.ID{alice}, Secrets: []inventory.ID{token, aws}, Tools: []inventory.ID{gh, pg}, Network: "open",
				Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Yes, inventory.WriteSource: inventory.Yes, inventory.OpenPR: inventory.Unknown},
				Settings:     []inventory.Setting{{Kind: inventory.SettingMode, Name: "permissions.defaultMode", Value: "bypassPermissions", Effective: true, Path: "~/src/web/.claude/settings.json", Pointer: "/permissions/defaultMode", Line: 8}}, Evidence: ev("~/src/web/.claude/settings.json", "", 1, "project settings")},
			{ID: codex, Kind: "codex", Name: "codex", Vendor: "OpenAI", Scope: "ci", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyAuto, Sandbox: inventory.SandboxWorkspace, Path: "~/src/api", Job: &inventory.Job{Name: "triage", Workflow: ".github/workflows/ai.yml", Triggers: []string{"issue_comment"}, Outsiders: inventory.Yes, Secrets: []string{"OPENAI_API_KEY"}, Uses: []inventory.Uses{{Ref: "openai/codex-action@v1"}}}},
			{ID: cursor, Kind: "cursor", Name: "cursor", Vendor: "Anysphere", Scope: "user", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyAsk, Sandbox: inventory.SandboxUnknown, Path: "~", Owners: []inventory.ID{team}},
			{ID: chat, Kind: "tabnine", Name: "tabnine", Scope: "user", Class: inventory.ClassTextOnly, Autonomy: inventory.AutonomySuggest, Sandbox: inventory.SandboxUnknown, Path: "~", Owners: []inventory.ID{alice}},
		},
		Secrets: []inventory.Secret{
			{ID: token, Kind: "github-pat-classic", Issuer: "github", Fingerprint: "0badc0de", Hint: "5wsT", Assistants: []inventory.ID{claude}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted, State: inventory.StateUnknown, Broad: true, LongLived: inventory.Yes, Locations: []inventory.Location{{Path: "~/src/web/.mcp.json", Pointer: "/mcpServers/github/env/GITHUB_PERSONAL_ACCESS_TOKEN", Line: 14, Scope: inventory.ScopeRepo, Mode: "0644", Committed: inventory.Yes}, {Path: "~/.claude.json", Pointer: "/env/GH_TOKEN", Line: 9, Scope: inventory.ScopeUser, Mode: "0600"}}},
			{ID: aws, Kind: "aws-secret-key", Issuer: "aws", Account: "052310077262", Ambient: true, Assistants: []inventory.ID{claude}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal, State: inventory.StateUnknown, Locations: []inventory.Location{{Path: "~/.aws/credentials", Pointer: "/default/aws_secret_access_key", Line: 3, Scope: inventory.ScopeUser}}},
		},
		Tools: []inventory.Tool{
			{ID: gh, Assistant: claude, Name: "github", Known: "github", Transport: "stdio", Command: "npx", Args: []string{"-y", "@modelcontextprotocol/server-github"}, Pinned: inventory.No, PinReason: "npx takes the newest version", Enabled: true, Approval: "approved", Secrets: []inventory.ID{token}, Evidence: ev("~/src/web/.mcp.json", "/mcpServers/github", 8, "")},
			{ID: pg, Assistant: claude, Name: "postgres", Transport: "stdio", Command: "uvx", Args: []string{"postgres-mcp"}, Pinned: inventory.No, Enabled: false, AutoApproved: true, Evidence: ev("~/.claude.json", "/mcpServers/postgres", 20, "")},
		},
		Resources:    []inventory.Resource{{ID: repo, Kind: "repository", Name: "github.com (what the token reaches)"}},
		Entitlements: []inventory.Entitlement{{ID: id(inventory.NounEntitlement, "1"), Assistant: claude, Via: string(token), Capability: inventory.OpenPR, Resource: repo, Origin: inventory.OriginTool, Gate: inventory.GateOpen, Path: []string{"claude-code in ~/src/web", "server github", "token …5wsT", "github.com"}}, {ID: id(inventory.NounEntitlement, "2"), Assistant: claude, Via: inventory.ViaDelegated, Capability: inventory.ExecLocal, Origin: inventory.OriginDirect, Gate: inventory.GateOpen, Certain: true, Path: []string{"claude-code in ~/src/web", "bypassPermissions"}}},
		References:   []inventory.Reference{{ID: id(inventory.NounReference, "1"), Assistant: cursor, Kind: "env", Text: "${env:LINEAR_API_KEY}", Path: "~/.cursor/mcp.json", Line: 18}},
		Findings: []inventory.Finding{
			{ID: f1, Rule: "SEC-01", Title: "Secret is committed to git", Subject: token, Assistants: []inventory.ID{claude}, Score: 91, ScoreParts: []inventory.ScorePart{{Code: "base", Points: 75, Reason: "base of SEC-01"}, {Code: "noexp", Points: 8, Reason: "no expiry"}, {Code: "write", Points: 8, Reason: "can write"}}, Decision: inventory.ActNow, DecisionWhy: "ACT NOW because: the token is committed; it can write; nothing asks. Revoking it closes this.", State: "open", Why: "Everybody with the repository has it.", Fix: "Revoke it at GitHub, then take it out.", Detail: "github-pat-classic …5wsT stands in ~/src/web/.mcp.json:14, which git tracks", Due: at.AddDate(0, 0, 1), Controls: []inventory.Control{{Framework: "OWASP NHI Top 10 2025", ID: "NHI2:2025", Alias: "NHI-02"}}},
			{ID: f2, Rule: "AUT-01", Title: "Runs everything without asking, outside a sandbox", Subject: claude, Assistants: []inventory.ID{claude}, Score: 88, Decision: inventory.ActNow, DecisionWhy: "ACT NOW because: it asks nobody; no sandbox.", State: "open", Fix: "Turn the mode back to asking."},
			{ID: f3, Rule: "OWN-01", Title: "No owner", Subject: codex, Assistants: []inventory.ID{codex}, Score: 55, Decision: inventory.Attend, DecisionWhy: "ATTEND because: nobody answers for it.", State: "open", Fix: "Name an owner."},
		},
		Issues: []inventory.Issue{
			{ID: id(inventory.NounIssue, "1"), Title: "revoke github-pat-classic …5wsT", Change: "Revoke it at GitHub, then take it out of two files.", Subject: token, Closes: []inventory.ID{f1}, Decision: inventory.ActNow, Why: "committed in ~/src/web/.mcp.json, cannot be narrowed, no expiry"},
			{ID: id(inventory.NounIssue, "2"), Title: "turn claude-code in ~/src/web back to asking", Change: "Set permissions.defaultMode to default.", Subject: claude, Closes: []inventory.ID{f2}, Decision: inventory.ActNow, Why: "runs everything without asking, no sandbox"},
			{ID: id(inventory.NounIssue, "3"), Title: "name an owner for codex in ~/src/api", Change: "Name an owner.", Subject: codex, Closes: []inventory.ID{f3}, Decision: inventory.Attend, Why: "nobody answers for it"},
		},
	}
}

// many is an inventory of n assistants, each with an owner and a finding.
func many(n int) inventory.Records {
	r := company()
	kinds := []string{"claude-code", "codex", "cursor", "gemini-cli", "copilot-cli"}
	modes := []inventory.Autonomy{inventory.AutonomyAsk, inventory.AutonomyAutoEdit, inventory.AutonomyAuto, inventory.AutonomyUnattended}
	for i := range n {
		a := inventory.Assistant{ID: inventory.NewID(inventory.NounAssistant, "many", fmt.Sprint(i)), Kind: kinds[i%len(kinds)], Name: kinds[i%len(kinds)],
			Scope: "project", Class: inventory.ClassNHI, Autonomy: modes[i%len(modes)], Sandbox: inventory.SandboxNone, Path: fmt.Sprintf("~/src/team-%d/service-%d", i%40, i), Host: "laptop"}
		r.Assistants = append(r.Assistants, a)
		r.Findings = append(r.Findings, inventory.Finding{ID: inventory.NewID(inventory.NounFinding, "many", fmt.Sprint(i)), Rule: "OWN-01", Title: "No owner", Subject: a.ID, Score: 30 + i%50, Decision: []inventory.Decision{inventory.Track, inventory.Attend}[i%2], State: "open"})
	}
	return r
}

func snapshot(r inventory.Records) *inventory.Snapshot {
	s := inventory.NewSnapshot(at, r, false)
	g := inventory.Gauge{Metrics: metrics.Of(s, risk.DefaultPolicy(), at), TimeToRevoke: metrics.Revocations([]inventory.Exposure{
		{Since: at.AddDate(0, 0, -40), Until: at.AddDate(0, 0, -38), How: inventory.ExposureDead},
		{Since: at.AddDate(0, 0, -20), Until: at.AddDate(0, 0, -20).Add(3 * time.Hour), How: inventory.ExposureDead},
		{Since: at.AddDate(0, 0, -9), Until: at.AddDate(0, 0, -9).Add(40 * time.Minute), How: inventory.ExposureTakenOut},
		{Since: at.AddDate(0, 0, -6)},
	}, at)}
	// Twelve weeks: owners are found, secrets get an end, and what is out is taken in faster; one week was not measured.
	for i := range 12 {
		p := inventory.TrendPoint{Collection: int64(i + 1), At: at.AddDate(0, 0, 7*(i-11)), Values: map[string]float64{
			metrics.OwnerKnown: float64(i) / 16, metrics.SecretEnd: float64(i*i) / 200, metrics.Approval: 0.3, metrics.Copies: 2 - float64(i)/12, metrics.IdleArmed: 0,
			metrics.MedianToRevoke: 86400 * float64(12-i) / 3, metrics.P90ToRevoke: 86400 * float64(20-i), metrics.OpenExposures: float64(i % 3)}}
		if i == 5 {
			delete(p.Values, metrics.OwnerKnown)
		}
		g.Trend = append(g.Trend, p)
	}
	return s.Measured(g)
}
