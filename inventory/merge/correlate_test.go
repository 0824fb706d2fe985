package merge_test

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/merge"
)

var token = "gh" + "p_FAKE" + strings.Repeat("r", 20) + "tail5678"

func digest(s string) string {
	b := sha256.Sum256([]byte(s))
	return hex.EncodeToString(b[:])
}

// laptop finds the token in a file of one assistant, with a guess of what it may do.
func laptop(values ...string) inventory.Batch {
	s := inventory.NewSink("local", inventory.Key{7}, clock)
	a := inventory.ID("ast-laptop")
	var held []inventory.ID
	for _, v := range values {
		x := s.Secret(inventory.Secret{Kind: "github-pat-classic", Issuer: "github", Storage: inventory.StoragePlaintext, State: inventory.StateUnknown, Ambient: true,
			Assistants: []inventory.ID{a}, Locations: []inventory.Location{{Path: "~/.x", Scope: inventory.ScopeUser}}}, inventory.NewValue(v))
		held = append(held, x)
		s.Entitlement(inventory.Entitlement{ID: "ent-guess-" + x, Assistant: a, Via: string(x), Capability: inventory.WriteSource, Origin: inventory.OriginInherited,
			Gate: inventory.GateAsks, Path: []string{"laptop", "inherits it", "GitHub token", "write-source"}})
	}
	s.Assistant(inventory.Assistant{ID: a, Kind: "claude-code", Name: "Claude Code", Secrets: held,
		Capabilities: map[inventory.Capability]inventory.Answer{inventory.WriteSource: inventory.Unknown, inventory.ExecLocal: inventory.Asks}})
	return s.Batch()
}

// forge knows the token by a clue, and what it may do.
func forge(can inventory.Capability, c inventory.Clue) inventory.Batch {
	s := inventory.NewSink("github:acme", inventory.Key{7}, clock)
	s.Secret(inventory.Secret{ID: "sec-grant", Kind: "github-pat-classic", Issuer: "github", Account: "alice", Storage: inventory.StorageProvider, State: inventory.StateLive,
		Expires: noon.AddDate(0, 1, 0), Clues: []inventory.Clue{c}, Locations: []inventory.Location{{Path: "https://api.example.com/grants/1", Scope: inventory.ScopeProvider}}}, inventory.Value{})
	s.Entitlement(inventory.Entitlement{ID: "ent-grant", Via: "sec-grant", Capability: can, Resource: "res-web", Origin: inventory.OriginDirect, Gate: inventory.GateOpen, Certain: true,
		Path: []string{"token of alice", "contents: write on acme/web"}})
	s.Resource(inventory.Resource{ID: "res-web", Kind: "repository", Name: "github.com/acme/web"})
	return s.Batch()
}

func TestATokenInAFileLeadsToTheRepository(t *testing.T) {
	for name, c := range map[string]struct {
		clue inventory.Clue
		sure string
	}{"hash": {inventory.Clue{By: inventory.ClueSHA256, Text: digest(token)}, inventory.ConfidenceCertain},
		"end": {inventory.Clue{By: inventory.ClueTail8, Text: "tail5678"}, inventory.ConfidenceHigh}} {
		r := merge.Merge([]inventory.Batch{laptop(token), forge(inventory.MergeProtected, c.clue)}, nil)
		if back := merge.Merge([]inventory.Batch{forge(inventory.MergeProtected, c.clue), laptop(token)}, nil); !reflect.DeepEqual(r, back) {
			t.Errorf("%s: the order of the sources shows", name)
		}
		if len(r.Secrets) != 1 {
			t.Fatalf("%s: %d secrets", name, len(r.Secrets))
		}
		x := r.Secrets[0]
		if x.Fingerprint == "" || x.State != inventory.StateLive || x.Account != "alice" || len(x.Locations) != 2 || !x.Ambient || len(x.Same) != 1 ||
			x.Same[0].Confidence != c.sure || x.Same[0].ID != "sec-grant" || x.Same[0].Source != "github:acme" {
			t.Errorf("%s: %+v", name, x)
		}
		if len(r.Entitlements) != 1 {
			t.Fatalf("%s: %+v", name, r.Entitlements)
		}
		e := r.Entitlements[0]
		if e.Assistant != "ast-laptop" || e.Via != string(x.ID) || e.Capability != inventory.MergeProtected || e.Gate != inventory.GateAsks || !e.Certain ||
			!slices.Equal(e.Path, []string{"laptop", "inherits it", "GitHub token", "token of alice", "contents: write on acme/web"}) {
			t.Errorf("%s: %+v", name, e)
		}
		want := map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.Asks, inventory.ExecLocal: inventory.Asks}
		if got := r.Assistants[0].Capabilities; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the matrix says %v", name, got)
		}
	}
}

func TestWhatFitsTwiceOrNotIsNotConcluded(t *testing.T) {
	other := "gh" + "p_FAKE" + strings.Repeat("s", 20) + "tail5678"
	for name, c := range map[string]struct {
		values []string
		clue   inventory.Clue
		change func(*inventory.Batch)
	}{
		"two with one end":      {[]string{token, other}, inventory.Clue{By: inventory.ClueTail8, Text: "tail5678"}, func(*inventory.Batch) {}},
		"another end":           {[]string{token}, inventory.Clue{By: inventory.ClueTail8, Text: "tail5679"}, func(*inventory.Batch) {}},
		"another hash":          {[]string{token}, inventory.Clue{By: inventory.ClueSHA256, Text: digest(other)}, func(*inventory.Batch) {}},
		"an end that is a hash": {[]string{token}, inventory.Clue{By: inventory.ClueTail8, Text: digest(token)}, func(*inventory.Batch) {}},
		"another issuer":        {[]string{token}, inventory.Clue{By: inventory.ClueTail8, Text: "tail5678"}, func(b *inventory.Batch) { b.Records.Secrets[0].Issuer = "gitea" }},
		"another kind":          {[]string{token}, inventory.Clue{By: inventory.ClueTail8, Text: "tail5678"}, func(b *inventory.Batch) { b.Records.Secrets[0].Kind = "github-oauth-token" }},
	} {
		b := forge(inventory.WriteSource, c.clue)
		c.change(&b)
		r := merge.Merge([]inventory.Batch{laptop(c.values...), b}, nil)
		if len(r.Secrets) != len(c.values)+1 {
			t.Errorf("%s: %d secrets", name, len(r.Secrets))
		}
		i := slices.IndexFunc(r.Entitlements, func(e inventory.Entitlement) bool { return e.ID == "ent-grant" })
		if i < 0 || r.Entitlements[i].Assistant != "" {
			t.Errorf("%s: what the token may do is lost or given to somebody: %+v", name, r.Entitlements)
		}
		if got := r.Assistants[0].Capabilities[inventory.WriteSource]; got != inventory.Unknown {
			t.Errorf("%s: the guess became %q", name, got)
		}
	}
}

// Two sources may know one token by its hash while nobody holds its value.
func TestTwoSourcesKnowItByItsHash(t *testing.T) {
	clue := inventory.Clue{By: inventory.ClueSHA256, Text: digest(token)}
	s := inventory.NewSink("audit", inventory.Key{7}, clock)
	s.Secret(inventory.Secret{ID: "sec-audit", Issuer: "github", Storage: inventory.StorageProvider, Clues: []inventory.Clue{clue}, LastUsed: noon}, inventory.Value{})
	r := merge.Merge([]inventory.Batch{s.Batch(), forge(inventory.ReadSource, clue)}, nil)
	if len(r.Secrets) != 1 || r.Secrets[0].LastUsed != noon || r.Secrets[0].Account != "alice" || r.Entitlements[0].Via != string(r.Secrets[0].ID) {
		t.Errorf("%+v %+v", r.Secrets, r.Entitlements)
	}
}
