package metrics

import (
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

// books are the records that a test counts in, and the policy.
type books struct {
	inventory.Records
	policy risk.Policy
}

// calm is one acting assistant with an owner, which asks and is confined.
func calm() *books {
	b := &books{policy: risk.DefaultPolicy()}
	b.Owners = []inventory.Owner{{ID: "own-1", Kind: "person", Name: "dana", Status: "active", Sources: []string{"forge"}}}
	b.add()
	return b
}

// add adds an acting assistant like the others.
func (b *books) add() *inventory.Assistant {
	id := inventory.ID("ast-" + string(rune('a'+len(b.Assistants))))
	b.Assistants = append(b.Assistants, inventory.Assistant{ID: id, Kind: "codex", Name: "Codex", Path: "~/" + string(id), Class: inventory.ClassNHI,
		Autonomy: inventory.AutonomyAsk, Sandbox: inventory.SandboxWorkspace, Network: "none", Owners: []inventory.ID{"own-1"},
		Capabilities: map[inventory.Capability]inventory.Answer{inventory.ReadSource: inventory.No, inventory.WriteSource: inventory.Asks}})
	return &b.Assistants[len(b.Assistants)-1]
}

func (b *books) a() *inventory.Assistant { return &b.Assistants[0] }

// secret adds one that the first assistant was given.
func (b *books) secret() *inventory.Secret {
	id := inventory.ID("sec-" + string(rune('a'+len(b.Secrets))))
	b.Secrets = append(b.Secrets, inventory.Secret{ID: id, Kind: "opaque-bearer", Storage: inventory.StorageKeyring, Exposure: inventory.ExposureLocal, State: inventory.StateUnknown,
		Assistants: []inventory.ID{b.a().ID}, Locations: []inventory.Location{{Path: "~/.codex/auth.json", Pointer: "/" + string(id), Scope: inventory.ScopeUser}}})
	b.a().Secrets = append(b.a().Secrets, id)
	return &b.Secrets[len(b.Secrets)-1]
}

// right adds one of the first assistant.
func (b *books) right(c inventory.Capability, env string) *inventory.Entitlement {
	id := inventory.ID("ent-" + string(rune('a'+len(b.Entitlements))))
	b.Entitlements = append(b.Entitlements, inventory.Entitlement{ID: id, Assistant: b.a().ID, Via: inventory.ViaDelegated, Capability: c, Environment: env, Gate: inventory.GateOpen, Certain: true})
	return &b.Entitlements[len(b.Entitlements)-1]
}

func (b *books) tool() *inventory.Tool {
	b.Tools = append(b.Tools, inventory.Tool{ID: "tool-a", Assistant: b.a().ID, Name: "web", Transport: "stdio", Command: "npx", Args: []string{"pkg@1"}, Enabled: true, Pinned: inventory.Yes})
	return &b.Tools[len(b.Tools)-1]
}

func (b *books) of(id string) inventory.Metric {
	for _, m := range Of(inventory.NewSnapshot(now, b.Records, false), b.policy, now) {
		if m.ID == id {
			return m
		}
	}
	return inventory.Metric{}
}

// num is what a metric comes to.
type num struct {
	value       float64
	of, unknown int
}

type countCase struct {
	id, name string
	change   func(*books)
	want     num
}

// cases say of each metric what counts, what does not, and what is not known.
var cases = []countCase{
	{"owner-known", "a source says so", func(*books) {}, num{1, 1, 0}},
	{"owner-known", "nobody", func(b *books) { b.a().Owners = nil }, num{0, 1, 0}},
	{"owner-known", "has left", func(b *books) { b.Owners[0].Status = "departed" }, num{0, 1, 0}},
	{"owner-known", "only asserted", func(b *books) {
		b.Owners[0].Status = "unknown"
		b.a().OwnersAsserted = []inventory.ID{"own-1"}
	}, num{0, 1, 1}},
	{"owner-known", "only a charter", func(b *books) { b.Owners[0].Status, b.Owners[0].Sources = "unknown", []string{"config"} }, num{0, 1, 1}},
	{"owner-known", "it only returns text", func(b *books) { b.a().Class, b.a().Capabilities = inventory.ClassTextOnly, nil }, num{0, 0, 0}},
	{"owner-active", "active", func(*books) {}, num{1, 1, 0}},
	{"owner-active", "a team", func(b *books) { b.Owners[0].Kind = "team" }, num{0, 1, 0}},
	{"owner-active", "not known whether", func(b *books) { b.Owners[0].Status = "unknown" }, num{0, 1, 1}},
	{"registered", "no charters are kept", func(*books) {}, num{0, 1, 1}},
	{"registered", "one of two", func(b *books) {
		b.add().Standing = &inventory.Standing{}
		b.a().Standing, b.a().Charter = &inventory.Standing{}, "kind codex"
	}, num{1, 2, 0}},
	{"review-on-time", "none is kept", func(*books) {}, num{0, 0, 0}},
	{"review-on-time", "in time, late, no cycle", func(b *books) {
		for range 2 {
			b.add()
		}
		for i, st := range []inventory.Standing{{ReviewDue: now.Add(day)}, {ReviewDue: now.Add(-day), Overdue: true}, {}} {
			b.Assistants[i].Standing, b.Assistants[i].Charter = &st, "kind codex"
		}
	}, num{1, 3, 1}},
	{"approval", "asks, alone, unknown", func(b *books) {
		b.add().Autonomy = inventory.AutonomyAuto
		b.add().Autonomy = inventory.AutonomyUnknown
	}, num{1, 3, 1}},
	{"auto-no-sandbox", "confined, bare, not known", func(b *books) {
		for i, s := range []inventory.Sandbox{inventory.SandboxVM, inventory.SandboxNone, inventory.SandboxUnknown} {
			a := b.a()
			if i > 0 {
				a = b.add()
			}
			a.Autonomy, a.Sandbox = inventory.AutonomyUnattended, s
		}
	}, num{1, 3, 1}},
	{"auto-no-sandbox", "mode not known", func(b *books) { b.a().Autonomy, b.a().Sandbox = inventory.AutonomyUnknown, inventory.SandboxNone }, num{0, 1, 1}},
	{"trifecta", "no leg", func(*books) {}, num{0, 1, 0}},
	{"trifecta", "all three", trap, num{1, 1, 0}},
	{"trifecta", "two, and the third not known", func(b *books) { trap(b); b.a().Job.Outsiders = inventory.Unknown }, num{0, 1, 1}},
	{"rule-of-two", "alone with all three", func(b *books) { trap(b); b.a().Autonomy = inventory.AutonomyAuto }, num{1, 1, 0}},
	{"rule-of-two", "somebody is asked", trap, num{0, 1, 0}},
	{"idle-armed", "long ago", func(b *books) { b.secret(); b.a().LastUsed = now.Add(-91 * day) }, num{1, 1, 0}},
	{"idle-armed", "lately", func(b *books) { b.secret(); b.a().LastUsed = now.Add(-day) }, num{0, 1, 0}},
	{"idle-armed", "nobody knows", func(b *books) { b.secret() }, num{0, 1, 1}},
	{"idle-armed", "nothing to hold", func(*books) {}, num{0, 1, 0}},
	{"reach-production", "by a right", func(b *books) { b.right(inventory.DeployProd, "production") }, num{1, 1, 0}},
	{"reach-production", "a right elsewhere", func(b *books) { b.right(inventory.CloudWrite, "staging") }, num{0, 1, 0}},
	{"reach-production", "nothing is known", func(*books) {}, num{0, 1, 1}},
	{"admin", "proven", func(b *books) { b.right(inventory.AdminOrg, "") }, num{1, 1, 0}},
	{"admin", "possible", func(b *books) { b.right(inventory.AdminOrg, "").Certain = false }, num{0, 1, 1}},
	{"admin", "none", func(*books) {}, num{0, 1, 0}},
	{"org-wide", "a wildcard", func(b *books) { b.secret().Scopes = []string{"admin:org"} }, num{1, 1, 0}},
	{"org-wide", "narrow", func(b *books) { b.secret().Scopes = []string{"repo:read"} }, num{0, 1, 0}},
	{"org-wide", "scopes not known", func(b *books) { b.secret() }, num{0, 1, 1}},
	{"logged", "a setting says so, one was found not to be, no setting", func(b *books) {
		b.a().Settings = []inventory.Setting{{Kind: inventory.SettingLog, Effective: true}}
		b.add().Settings = b.a().Settings
		b.add()
		b.Findings = []inventory.Finding{{ID: "find-1", Rule: "AUD-01", Subject: "ast-b", State: "accepted"}}
	}, num{1, 3, 1}},
	{"secret-end", "ends, never, not known, dead", func(b *books) {
		b.secret().Expires = now.Add(day)
		b.secret().LongLived = inventory.Yes
		b.secret()
		b.secret().State = inventory.StateRevoked
	}, num{1, 3, 1}},
	{"secret-lifetime", "the middle one", func(b *books) {
		for _, d := range []int{10, 30, 90} {
			x := b.secret()
			x.Created, x.Expires = now.Add(-day), now.AddDate(0, 0, d-1)
		}
		b.secret()
	}, num{30, 4, 1}},
	{"rotation", "in time, late, not known", func(b *books) {
		b.secret().Created = now.Add(-89 * day)
		x := b.secret()
		x.Created, x.Rotated = now.Add(-400*day), now.Add(-91*day)
		b.secret()
	}, num{1, 3, 1}},
	{"leaked-live", "live, dead, not known, at home", func(b *books) {
		for _, s := range []string{inventory.StateLive, inventory.StateRevoked, inventory.StateUnknown} {
			x := b.secret()
			x.Exposure, x.State = inventory.ExposureLeaked, s
		}
		b.secret()
	}, num{1, 3, 1}},
	{"secret-kept", "keyring, plain text, inherited", func(b *books) {
		b.secret()
		b.secret().Storage = inventory.StoragePlaintext
		b.secret().Ambient = true
	}, num{1, 2, 0}},
	{"inherited", "one of two", func(b *books) { b.secret(); b.secret().Ambient = true }, num{1, 2, 0}},
	{"copies-per-secret", "three places of two", func(b *books) {
		b.secret()
		x := b.secret()
		x.Locations = append(x.Locations, inventory.Location{Path: "~/.env"}, inventory.Location{Path: "~/.env"})
	}, num{1.5, 2, 0}},
	{"standing-production-write", "standing, ends soon, possible, reads, elsewhere", func(b *books) {
		b.right(inventory.CloudWrite, "production")
		b.right(inventory.DeployProd, "production").Expires = now.Add(time.Hour)
		b.right(inventory.ClusterWrite, "production").Certain = false
		b.right(inventory.CloudRead, "production")
		b.right(inventory.CloudWrite, "staging")
	}, num{1, 3, 1}},
	{"standing-production-write", "blocked", func(b *books) { b.right(inventory.CloudWrite, "production").Gate = inventory.GateBlocked }, num{0, 0, 0}},
	{"privilege-gap", "long ago, lately, not known, possible", func(b *books) {
		b.right(inventory.CloudRead, "").LastUsed = now.Add(-91 * day)
		b.right(inventory.CloudWrite, "").LastUsed = now.Add(-day)
		b.right(inventory.DataRead, "")
		b.right(inventory.DataWrite, "").Certain = false
	}, num{1, 3, 1}},
	{"verbs-gated", "asked, open, possible, harmless", func(b *books) {
		b.right(inventory.MergeProtected, "").Gate = inventory.GateAsks
		b.right(inventory.DeployProd, "")
		b.right(inventory.AdminOrg, "").Certain = false
		b.right(inventory.CloudRead, "")
	}, num{1, 3, 1}},
	{"servers-pinned", "pinned", func(b *books) { b.tool() }, num{1, 1, 0}},
	{"servers-pinned", "off", func(b *books) { b.tool().Enabled = false }, num{0, 0, 0}},
	{"servers-approved", "no list", func(b *books) { b.tool() }, num{0, 1, 1}},
	{"servers-approved", "on it", func(b *books) { b.tool(); b.policy.ApprovedServers = []string{"pkg"} }, num{1, 1, 0}},
	{"servers-approved", "not on it", func(b *books) { b.tool(); b.policy.ApprovedServers = []string{"other"} }, num{0, 1, 0}},
	{"ci-outsiders", "one", func(b *books) { b.a().Job = &inventory.Job{Outsiders: inventory.Yes} }, num{1, 1, 0}},
	{"ci-pinned", "one of two", func(b *books) { b.a().Job = &inventory.Job{Uses: []inventory.Uses{{Pinned: true}, {}}} }, num{1, 2, 0}},
	{"overdue", "late, in time, accepted, no deadline", func(b *books) {
		b.Findings = []inventory.Finding{{ID: "find-1", Due: now.Add(-day)}, {ID: "find-2", Due: now.Add(day)}, {ID: "find-3", State: "accepted", Due: now.Add(-day)}, {ID: "find-4"}}
	}, num{1, 3, 1}},
	{"sources-fresh", "read, old, failed, running", func(b *books) {
		b.Sources = []inventory.SourceStatus{{Name: "a", Status: inventory.SourceOK, StartedAt: now}, {Name: "b", Status: inventory.SourceOK, StartedAt: now.Add(-8 * day)},
			{Name: "c", Status: inventory.SourceFailed}, {Name: "d", Status: inventory.SourceRunning}}
	}, num{1, 4, 1}},
	{"secrets-managers", "two, and one that is not known", func(b *books) {
		b.secret()
		b.References = []inventory.Reference{{ID: "ref-1", Kind: "keyring", Text: "op://team/api/key"}, {ID: "ref-2", Kind: "command", Text: "./give-me-the-key"}, {ID: "ref-3", Kind: "env", Text: "${KEY}"}}
	}, num{2, 3, 1}},
}

func TestMetrics(t *testing.T) {
	for _, c := range cases {
		b := calm()
		c.change(b)
		m := b.of(c.id)
		if got := (num{m.Value, m.Of, m.Unknown}); got != c.want {
			t.Errorf("%s, %s: %+v, want %+v", c.id, c.name, got, c.want)
		}
	}
}

// trap lights all three lamps, with a person asked.
func trap(b *books) {
	b.secret()
	a := b.a()
	a.Network, a.Job = "open", &inventory.Job{Outsiders: inventory.Yes}
}

func TestEveryMetricHasItsCaseAndItsWords(t *testing.T) {
	ids := map[string]bool{}
	for _, m := range Of(inventory.NewSnapshot(now, inventory.Records{}, false), risk.DefaultPolicy(), now) {
		if ids[m.ID] || m.Title == "" || len(m.Meaning) < 20 || strings.ContainsAny(m.Meaning, "\n") || m.Unit == "" || m.Better != more && m.Better != less {
			t.Errorf("%+v", m)
		}
		if len(m.Title) > 26 {
			t.Errorf("%s: %q is too long for the overview", m.ID, m.Title)
		}
		if m.Value != 0 || m.Of != 0 || m.Unknown != 0 {
			t.Errorf("of nothing: %+v", m)
		}
		if !slices.ContainsFunc(cases, func(c countCase) bool { return c.id == m.ID && c.want.value > 0 }) {
			t.Errorf("%s has no case in which it counts something", m.ID)
		}
		ids[m.ID] = true
	}
	for _, id := range []string{OwnerKnown, SecretEnd, Approval, AutoOpen, IdleArmed, Inherited, Managers, Copies, Trifecta, StandingWrite, Pinned} {
		if !ids[id] {
			t.Errorf("the overview asks for %s, and there is none", id)
		}
	}
}

func TestManagersByTheirNames(t *testing.T) {
	for text, want := range map[string]string{
		"op://vault/item/field": "1Password", "$(op read op://a/b/c)": "1Password", "vault kv get -field=x secret/y": "HashiCorp Vault", "!vault |": "HashiCorp Vault",
		"arn:aws:secretsmanager:eu-west-1:1:secret:x": "AWS Secrets Manager", "arn:aws:ssm:eu-west-1:1:parameter/x": "AWS Parameter Store",
		"projects/acme/secrets/key/versions/3": "Google Secret Manager", "@Microsoft.KeyVault(VaultName=x)": "Azure Key Vault", "bws://x": "Bitwarden",
		"`doppler run -- x`": "Doppler", "ENC[AES256_GCM,data:x]": "SOPS", "pass show api/key": "pass", "secret-tool lookup a b": "keyring of the system",
		"security find-generic-password -s x": "keyring of the system", "${keyring:github}": "keyring of the system", "keychain://x": "keyring of the system",
		"./helper.sh": "", "echo passed": "", "cat ~/.key": "",
	} {
		if got := manager(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestTheSameForTheSame(t *testing.T) {
	b := calm()
	trap(b)
	b.add()
	b.secret()
	b.right(inventory.CloudWrite, "production")
	first := Of(inventory.NewSnapshot(now, b.Records, false), b.policy, now)
	slices.Reverse(b.Assistants)
	slices.Reverse(b.Secrets)
	if again := Of(inventory.NewSnapshot(now, b.Records, false), b.policy, now); !slices.Equal(first, again) {
		t.Errorf("%+v\n%+v", first, again)
	}
}

func TestValues(t *testing.T) {
	g := inventory.Gauge{Metrics: []inventory.Metric{{ID: "share", Share: true, Value: 1, Of: 3, Unknown: 1}, {ID: "nothing", Share: true}, {ID: "unknown", Share: true, Of: 2, Unknown: 2},
		{ID: "number", Value: 1.5, Of: 2}, {ID: "no number", Of: 2, Unknown: 2}}, TimeToRevoke: &inventory.TimeToRevoke{Open: 1, Median: 5, Mean: 6, P90: 7}}
	got := Values(&g)
	want := map[string]float64{"share": 0.3333, "number": 1.5, OpenExposures: 1, MedianToRevoke: 5, MeanToRevoke: 6, P90ToRevoke: 7}
	if len(got) != len(want) {
		t.Errorf("%v, want %v", got, want)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %v, want %v", k, got[k], v)
		}
	}
	if got := Values(&inventory.Gauge{TimeToRevoke: &inventory.TimeToRevoke{}}); len(got) != 1 || got[OpenExposures] != 0 {
		t.Errorf("nothing was exposed: %v", got)
	}
}
