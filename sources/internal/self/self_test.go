package self

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/merge"
	"nhitop/sources/internal/credref"
)

var (
	now    = func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }
	secret = "ghp_" + "FAKE0123456789abcdefghijklmnop"
)

func TestOneNhitopOfAllSources(t *testing.T) {
	forge, registry := inventory.NewSink("forge:acme", inventory.Key{1}, now), inventory.NewSink("npm", inventory.Key{1}, now)
	repo := inventory.NewID(inventory.NounResource, "repository", "acme/shop")
	a := Deliver(forge, Credential{
		Service: "Forge", URL: "https://forge.example/user", Ref: credref.Ref{Env: "FORGE_TOKEN"}, Value: inventory.NewValue(secret),
		Secret: inventory.Secret{Kind: "github-pat-classic", Issuer: "github", Account: "dana", State: inventory.StateLive},
		Rights: []Right{
			{Capability: inventory.ReadSource, Level: "read", Resource: repo, Certain: true, Path: []string{"scope repo"}},
			{Capability: inventory.WriteSource, Level: "write", Resource: repo, Path: []string{"scope repo"}},
			{Capability: inventory.AdminOrg, Level: "admin", Gate: inventory.GateBlocked, Certain: true},
		},
	})
	b := Deliver(registry, Credential{Service: "npm registry", URL: "https://npm.example", Ref: credref.Ref{File: "~/.npm-token"}, Value: inventory.NewValue("other-" + secret)})
	if Deliver(registry, Credential{Service: "npm registry", URL: "https://npm.example"}) != "" {
		t.Error("a credential that was not read has an id")
	}
	if a != forge.SecretID(inventory.NewValue(secret)) || a == b {
		t.Errorf("%s %s: the id is not that of the value", a, b)
	}
	r := merge.Merge([]inventory.Batch{forge.Batch(), registry.Batch()}, nil)
	if len(r.Assistants) != 1 {
		t.Fatalf("%d assistants", len(r.Assistants))
	}
	x := r.Assistants[0]
	if x.ID != ID || x.Class != inventory.ClassNHI || !slices.Contains(x.Secrets, a) || !slices.Contains(x.Secrets, b) || len(x.Evidence) != 2 || len(x.Sources) != 2 {
		t.Errorf("%+v", x)
	}
	for c, want := range map[inventory.Capability]inventory.Answer{
		inventory.ReadSource: inventory.Yes, inventory.WriteSource: inventory.Unknown, inventory.AdminOrg: inventory.No, inventory.RunCI: "",
	} {
		if x.Capabilities[c] != want {
			t.Errorf("%s: %q, want %q", c, x.Capabilities[c], want)
		}
	}
	if len(r.Entitlements) != 3 || r.Entitlements[0].Via != string(a) || len(r.Entitlements[0].Path) < 2 {
		t.Errorf("%+v", r.Entitlements)
	}
	for _, s := range r.Secrets {
		want := map[inventory.ID]string{a: inventory.StorageEnv, b: inventory.StoragePlaintext}[s.ID]
		if s.Storage != want || len(s.Locations) == 0 || s.Exposure == "" || s.State == "" || s.Kind == "" {
			t.Errorf("%+v", s)
		}
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), "FAKE01") {
		t.Errorf("%v: the value came out", err)
	}
	if catalogue.Embedded().Assistant(Kind) == nil {
		t.Error("the catalogue does not know it")
	}
}
