package config

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/charter"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestDeclared(t *testing.T) {
	c, path, err := load(t, `
[[resource]]
match = "acme-*"
environment = "production"
sensitivity = "restricted"

[[charter]]
kind = "codex"
capabilities = []

[[charter]]
match = "~/work/**"
capabilities = ["read-source", "asks:open-pr"]
tier = 2
`)
	if err != nil {
		t.Fatal(err)
	}
	rs := []inventory.Resource{{Kind: "cloud-account", Name: "acme-eu"}}
	c.Policy.Risk().Locate(rs)
	if rs[0].Environment != "production" || rs[0].EnvironmentAssumed || rs[0].Sensitivity != "restricted" {
		t.Errorf("%+v", rs[0])
	}
	cs := c.Charters.Charters
	if len(cs) != 2 || cs[0].Promised == nil || cs[1].Promised[inventory.OpenPR] != inventory.Asks || cs[1].Place.Path != path || cs[1].Place.Line != 11 {
		t.Errorf("%+v", cs)
	}
	for text, want := range map[string]string{
		"[[charter]]\nkind = \"x\"\ntier = 0":                     ":3: charter[1].tier: must be 1",
		"[[charter]]\nkind = \"x\"\n[[charter]]\nkind = \"x\"":    ":3: charter[2]: is for the same assistants as charter[1]",
		"[[charter]]\nkind = \"x\"\ncapabilities = [\"open-rp\"]": `:3: charter[1].capabilities: entry 1 is no capability; did you mean "open-pr"`,
		"[[charter]]\nkind = \"x\"\nexpires = 2027-01-31":         ":3: charter[1].expires: the value is a date or time; write a string in quotes",
		"[[charter]]\npurpose = \"x\"":                            ":1: charter[1]: is for nobody",
		"[[charter]]\nkind = \"x\"\nownr = \"y\"":                 `:3: charter[1].ownr: unknown key; did you mean "owner"`,
		"[[resource]]\nmatch = \"/(/\"\nenvironment = \"dev\"":    ":1: resource[1]: match is no regular expression",
		"[[resource]]\nmatch = \"x\"\nsensitivity = \"top\"":      "sensitivity must be one of: public",
		"[charter]\nkind = \"x\"":                                 ":1: charter: the value is a table; write a [[table]] for each",
	} {
		_, _, err := load(t, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What nhitop charter suggest prints is read back by this reader, and what it says holds.
func TestSuggestedCharterIsReadBack(t *testing.T) {
	hostile := "a \"quoted\" \\ name\nnext"
	s := inventory.NewSnapshot(noon, inventory.Records{
		Assistants: []inventory.Assistant{{ID: "ast-one", Kind: "codex", Name: hostile, Path: "~/work/" + hostile, Owners: []inventory.ID{"own-dana"}, Class: inventory.ClassNHI,
			Capabilities: map[inventory.Capability]inventory.Answer{inventory.ReadSource: inventory.Yes, inventory.OpenPR: inventory.Asks, inventory.ChatPost: inventory.Unknown}}},
		Owners:    []inventory.Owner{{ID: "own-dana", Kind: "person", Name: hostile, Email: "dana@example.com"}},
		Resources: []inventory.Resource{{ID: "res-1", Kind: "repository", Name: "acme/*"}, {ID: "res-2", Kind: "cloud-account", Name: "x", Environment: "staging"}},
		Entitlements: []inventory.Entitlement{
			{ID: "ent-1", Assistant: "ast-one", Via: "delegated", Capability: inventory.CloudRead, Resource: "res-2", Gate: inventory.GateOpen, Certain: true, LastUsed: noon},
			{ID: "ent-2", Assistant: "ast-one", Via: "delegated", Capability: inventory.CloudWrite, Resource: "res-2", Gate: inventory.GateOpen, Certain: true, LastUsed: noon.AddDate(-1, 0, 0)},
			{ID: "ent-3", Assistant: "ast-one", Via: "delegated", Capability: inventory.DataWrite, Gate: inventory.GateOpen},
			{ID: "ent-4", Assistant: "ast-one", Via: "delegated", Capability: inventory.ReadSource, Resource: "res-1", Gate: inventory.GateOpen, Certain: true},
		},
	}, false)
	text := charter.Suggest(s, []inventory.ID{"ast-one"}, 0)
	c, _, err := load(t, text)
	if err != nil || len(c.Charters.Charters) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	x := c.Charters.Charters[0]
	if x.ID != "ast-one" || x.Owner != "dana@example.com" || strings.Join(x.Capabilities, " ") != "read-source asks:open-pr cloud-read" || strings.Join(x.Environments, " ") != "staging" {
		t.Errorf("%+v\n%s", x.Table, text)
	}
	for _, word := range []string{"cloud-write", "not used", "data-write", "not certain", "chat-post", "unknown"} {
		if !strings.Contains(text, word) {
			t.Errorf("%s is not said:\n%s", word, text)
		}
	}
	r := s.Records()
	charter.Apply(&r, c.Charters, noon)
	st := r.Assistants[0].Standing
	if len(st.Drift) != 1 || st.Drift[0] != inventory.CloudWrite || len(st.Environments)+len(st.Repositories) > 0 {
		t.Errorf("what was left out is drift, and nothing else: %+v", st)
	}
}
