package change

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func lines(cs []Change) []string {
	var out []string
	for _, c := range cs {
		out = append(out, strings.TrimRight(fmt.Sprintf("%s %s %s: %s|%s", c.Kind, c.Noun, c.Name, c.What, c.By), ":| "))
	}
	return out
}

func assistant(change func(*inventory.Assistant)) []inventory.Assistant {
	a := inventory.Assistant{ID: "ast-1", Name: "Codex", Path: "~/p", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyAsk, Sandbox: inventory.SandboxWorkspace, Sources: []string{"local"},
		Capabilities: map[inventory.Capability]inventory.Answer{inventory.OpenPR: inventory.Asks, inventory.ExecLocal: inventory.Yes}, Secrets: []inventory.ID{"sec-1"}}
	change(&a)
	return []inventory.Assistant{a}
}

func secret(change func(*inventory.Secret)) []inventory.Secret {
	x := inventory.Secret{ID: "sec-1", Kind: "github-pat-classic", Hint: "fa4e", Scopes: []string{"repo"}, Exposure: inventory.ExposureLocal, State: inventory.StateLive,
		Locations: []inventory.Location{{Path: "~/a"}}, Sources: []string{"local"}}
	change(&x)
	return []inventory.Secret{x}
}

func tool(change func(*inventory.Tool)) []inventory.Tool {
	x := inventory.Tool{ID: "tool-1", Assistant: "ast-1", Name: "github", Enabled: true, Pinned: inventory.Yes, Evidence: []inventory.Evidence{{Path: "~/a", Source: "local"}}}
	change(&x)
	return []inventory.Tool{x}
}

func find(evidence ...string) []inventory.Finding {
	f := inventory.Finding{ID: "find-1", Title: "No owner", Subject: "ast-1", Decision: inventory.Attend}
	for _, s := range evidence {
		f.Evidence = append(f.Evidence, inventory.Evidence{Source: s})
	}
	return []inventory.Finding{f}
}

func same[T any](*T) {}

func TestCompare(t *testing.T) {
	ok := map[string]string{"local": inventory.SourceOK}
	look := inventory.NewSnapshot(now, inventory.Records{Assistants: assistant(same), Resources: []inventory.Resource{{ID: "res-1", Name: "acme/shop"}}}, false)
	ent := func(gate string) []inventory.Entitlement {
		return []inventory.Entitlement{{ID: "ent-1", Assistant: "ast-1", Capability: inventory.WriteSource, Resource: "res-1", Gate: gate, GrantedBy: "lee", Evidence: []inventory.Evidence{{Source: "local"}}}}
	}
	type rs = inventory.Records
	for name, c := range map[string]struct {
		before, after rs
		sources       map[string]string
		known         map[inventory.ID]bool
		by            map[inventory.ID]string
		want          []string
	}{
		"nothing":        {rs{}, rs{}, ok, nil, nil, nil},
		"new":            {rs{}, rs{Assistants: assistant(same), Tools: tool(same)}, ok, nil, nil, []string{"new assistant Codex on ~/p: autonomy ask, 1 secret"}},
		"gone":           {rs{Assistants: assistant(same), Tools: tool(same)}, rs{}, ok, nil, nil, []string{"gone assistant Codex on ~/p"}},
		"gone by a run":  {rs{Secrets: secret(same)}, rs{}, ok, nil, map[inventory.ID]string{"sec-1": "kim (run r1)"}, []string{"gone secret github-pat-classic …fa4e: no place that was read holds it any more|kim (run r1)"}},
		"source failed":  {rs{Assistants: assistant(same), Secrets: secret(same), Tools: tool(same), Findings: find("local")}, rs{}, map[string]string{"local": inventory.SourceFailed}, nil, nil, nil},
		"source dropped": {rs{Assistants: assistant(same), Findings: find()}, rs{}, map[string]string{"forge": inventory.SourceOK}, nil, nil, nil},
		"grown": {rs{Assistants: assistant(same)}, rs{Assistants: assistant(func(a *inventory.Assistant) {
			a.Autonomy, a.Sandbox, a.Secrets = inventory.AutonomyUnattended, inventory.SandboxNone, []inventory.ID{"sec-1", "sec-2"}
			a.Capabilities = map[inventory.Capability]inventory.Answer{inventory.OpenPR: inventory.Yes, inventory.ExecLocal: inventory.Yes}
		})}, ok, nil, nil, []string{"grown assistant Codex on ~/p: autonomy ask -> unattended; sandbox workspace -> none; open-pr asks -> yes; reaches sec-2"}},
		"shrunk": {rs{Assistants: assistant(same)}, rs{Assistants: assistant(func(a *inventory.Assistant) {
			a.Autonomy, a.Secrets = inventory.AutonomySuggest, nil
			a.Capabilities = map[inventory.Capability]inventory.Answer{inventory.OpenPR: inventory.No, inventory.ExecLocal: inventory.Yes}
		})}, ok, nil, map[inventory.ID]string{"sec-1": "kim"}, []string{"shrunk assistant Codex on ~/p: autonomy ask -> suggest; open-pr asks -> no; no longer reaches sec-1|kim"}},
		"what becomes unknown": {rs{Assistants: assistant(same)}, rs{Assistants: assistant(func(a *inventory.Assistant) { a.Autonomy, a.Capabilities = inventory.AutonomyUnknown, nil })}, ok, nil, nil, nil},
		"what was unknown": {rs{Assistants: assistant(func(a *inventory.Assistant) {
			a.Sandbox, a.Autonomy = inventory.SandboxUnknown, inventory.AutonomyUnknown
		})},
			rs{Assistants: assistant(func(a *inventory.Assistant) { a.Sandbox, a.Autonomy = inventory.SandboxNone, inventory.AutonomySuggest })}, ok, nil, nil,
			[]string{"grown assistant Codex on ~/p: sandbox none (was unknown)"}},
		"a server":          {rs{}, rs{Tools: tool(same)}, ok, nil, nil, []string{"grown assistant Codex on ~/p: server github"}},
		"a server less":     {rs{Tools: tool(same)}, rs{}, ok, nil, map[inventory.ID]string{"tool-1": "kim"}, []string{"shrunk assistant Codex on ~/p: server github|kim"}},
		"a server's rights": {rs{Tools: tool(same)}, rs{Tools: tool(func(x *inventory.Tool) { x.Pinned, x.AutoApproved, x.ApprovedTools = inventory.No, true, []string{"*"} })}, ok, nil, nil, []string{"grown tool github: runs * without asking; starts without asking; is no longer pinned"}},
		"a grant":           {rs{}, rs{Entitlements: ent(inventory.GateOpen)}, ok, nil, nil, []string{"grown assistant Codex on ~/p: may write-source on acme/shop, granted by lee"}},
		"a blocked grant":   {rs{}, rs{Entitlements: ent(inventory.GateBlocked)}, ok, nil, nil, nil},
		"a gate":            {rs{Entitlements: ent(inventory.GateOpen)}, rs{Entitlements: ent(inventory.GateAsks)}, ok, nil, nil, []string{"shrunk assistant Codex on ~/p: write-source is asks, was open"}},
		"a secret": {rs{Secrets: secret(same)}, rs{Secrets: secret(func(x *inventory.Secret) {
			x.Scopes, x.Exposure, x.Locations = []string{"admin:org"}, inventory.ExposureCommitted, []inventory.Location{{Path: "~/a"}, {Path: "~/b"}}
		})}, ok, nil, nil, []string{"grown secret github-pat-classic …fa4e: scope admin:org; also in ~/b; exposure local -> committed", "shrunk secret github-pat-classic …fa4e: scope repo"}},
		"a revoked secret": {rs{Secrets: secret(same)}, rs{Secrets: secret(func(x *inventory.Secret) { x.State = inventory.StateRevoked })}, ok, nil, nil, []string{"shrunk secret github-pat-classic …fa4e: state revoked"}},
		"a finding":        {rs{}, rs{Findings: find("local")}, ok, nil, nil, []string{"new finding No owner: Codex on ~/p: attend"}},
		"a finding again":  {rs{}, rs{Findings: find("local")}, ok, map[inventory.ID]bool{"find-1": true}, nil, []string{"reopened finding No owner: Codex on ~/p: attend"}},
		"a finding less":   {rs{Findings: find("local")}, rs{}, ok, nil, map[inventory.ID]string{"ast-1": "kim"}, []string{"fixed finding No owner: Codex on ~/p: |kim"}},
		"an owner":         {rs{}, rs{Owners: []inventory.Owner{{ID: "own-1", Name: "Kim"}}}, ok, nil, nil, []string{"new owner Kim"}},
		"an owner who left": {rs{Owners: []inventory.Owner{{ID: "own-1", Name: "Kim", Status: "active"}}}, rs{Owners: []inventory.Owner{{ID: "own-1", Name: "Kim", Status: "departed"}}}, ok, nil, nil,
			[]string{"gone owner Kim: departed"}},
		"a resource": {rs{Resources: []inventory.Resource{{ID: "res-2", Name: "db", Kind: "database"}}}, rs{}, ok, nil, nil, []string{"gone resource db: database"}},
	} {
		got := lines(Compare(Input{Before: c.before, After: c.after, At: map[inventory.ID]time.Time{}, Known: c.known, Sources: c.sources, Look: look, By: c.by}))
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
		}
	}
}

func TestOrderAndTime(t *testing.T) {
	in := Input{
		After: inventory.Records{Owners: []inventory.Owner{{ID: "own-1", Name: "A"}, {ID: "own-2", Name: "B"}}, Tools: tool(same)},
		At:    map[inventory.ID]time.Time{"own-1": now, "own-2": now.Add(time.Hour), "tool-1": now.Add(time.Minute)},
	}
	cs := Compare(in)
	if got := strings.Join(lines(cs), ", "); got != "new owner B, grown assistant ast-1: server github, new owner A" {
		t.Errorf("%s", got)
	}
	if !cs[1].At.Equal(now.Add(time.Minute)) {
		t.Errorf("the growth of an assistant is not as old as its newest part: %v", cs[1].At)
	}
}

func TestLongListsAreCut(t *testing.T) {
	got := list([]string{"1", "2", "3", "4", "5", "6", "7", "8"})
	if got != "1; 2; 3; 4; 5; 6; and 2 more" {
		t.Error(got)
	}
}
