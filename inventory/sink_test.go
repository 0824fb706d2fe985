package inventory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func TestSinkIsTheDoor(t *testing.T) {
	s := NewSink("local", Key{7}, clock)
	hostile := "a\x1b[31m\u202eb"
	args := []string{hostile}
	caps := map[Capability]Answer{ExecLocal: Yes}
	ev := []Evidence{{Path: hostile}}
	s.Tool(Tool{ID: "tool-1", Name: hostile, Args: args, Evidence: ev})
	s.Assistant(Assistant{ID: "ast-1", Name: hostile, Capabilities: caps, Sources: []string{"liar"}, Job: &Job{Name: hostile, Permissions: map[string]string{hostile: hostile}}})
	s.Looked(Looked{Path: hostile})
	s.Warn(Warning{Text: hostile})
	s.Progress(hostile)
	id := s.Secret(Secret{Kind: hostile, Fingerprint: "mine", Hint: "mine"}, NewValue(planted))

	b := s.Batch()
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(string(data), "\x1b\u202e") || strings.Contains(string(data), `\u001b`) {
		t.Errorf("a control came through: %s", data)
	}
	if part := leaks(string(data), planted[:len(planted)-4]); part != "" {
		t.Errorf("the value came through: %q", part)
	}
	if args[0] != hostile || caps[ExecLocal] != Yes {
		t.Error("the caller's own lists were changed")
	}
	x := b.Records.Secrets[0]
	if x.ID != id || x.ID != s.SecretID(NewValue(planted)) || x.Fingerprint != (Key{7}).Fingerprint(NewValue(planted)) || x.Hint != "5wsT" {
		t.Errorf("secret %+v", x)
	}
	if got := b.Records.Assistants[0]; !slices.Equal(got.Sources, []string{"local"}) || !got.LastSeen.Equal(noon) {
		t.Errorf("sources %v, last seen %v", got.Sources, got.LastSeen)
	}
	if got := b.Records.Tools[0].Evidence[0]; got.Source != "local" || !got.ObservedAt.Equal(noon) {
		t.Errorf("evidence %+v is not stamped", got)
	}
}

func TestSinkBringsTimesToUTC(t *testing.T) {
	s := NewSink("local", Key{}, clock)
	s.Secret(Secret{ID: "sec-1", Expires: noon.In(time.FixedZone("x", 3600))}, Value{})
	if got := s.Batch().Records.Secrets[0].Expires; got != noon {
		t.Errorf("%v", got)
	}
}

func TestSinkFromManyGoroutines(t *testing.T) {
	s := NewSink("local", Key{}, clock)
	var wg sync.WaitGroup
	const writers, each = 8, 50
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				id := NewID(NounAssistant, fmt.Sprint(w, i))
				s.Assistant(Assistant{ID: id, Evidence: []Evidence{{Path: "p"}}})
				s.Tool(Tool{ID: NewID(NounTool, string(id))})
				s.Owner(Owner{ID: NewID(NounOwner, string(id))})
				s.Entitlement(Entitlement{ID: NewID(NounEntitlement, string(id))})
				s.Resource(Resource{ID: NewID(NounResource, string(id))})
				s.Reference(Reference{Path: string(id)})
				s.Secret(Secret{}, NewValue(planted+string(id)))
				s.Looked(Looked{Path: string(id)})
				s.Warn(Warning{Text: string(id)})
				s.Progress(string(id))
			}
		})
		wg.Go(func() {
			for range each {
				b := s.Batch()
				NewSnapshot(noon, Records{Assistants: slices.Clone(b.Records.Assistants), Tools: slices.Clone(b.Records.Tools), Secrets: slices.Clone(b.Records.Secrets)}, true)
				s.State()
			}
		})
	}
	wg.Wait()
	b := s.Batch()
	r := b.Records
	for name, n := range map[string]int{"assistants": len(r.Assistants), "tools": len(r.Tools), "owners": len(r.Owners), "secrets": len(r.Secrets),
		"entitlements": len(r.Entitlements), "resources": len(r.Resources), "references": len(r.References), "ledger": len(b.Ledger), "warnings": len(b.Warnings)} {
		if n != writers*each {
			t.Errorf("%d %s, want %d", n, name, writers*each)
		}
	}
	if b.Version != 7*writers*each {
		t.Errorf("version %d", b.Version)
	}
}

func TestIDs(t *testing.T) {
	if NewID(NounTool, "ab", "c") == NewID(NounTool, "a", "bc") {
		t.Error("parts run together")
	}
	if NewID(NounTool, "a") == NewID(NounOwner, "a") {
		t.Error("nouns run together")
	}
	id := NewID(NounSecret, "x")
	if id != NewID(NounSecret, "x") || id.Noun() != NounSecret || len(id) != len("sec-")+16 {
		t.Errorf("id %q noun %q", id, id.Noun())
	}
	if n := ID("word").Noun(); n != "" {
		t.Errorf("a word has the noun %q", n)
	}
	// Ids are part of the interface: one that changes breaks every script that kept it.
	if got := NewID(NounAssistant, "claude-code", "/home/dev"); got != "ast-tyyy3i2w7ifv6lpi" {
		t.Errorf("the id is now %s", got)
	}
}
