package merge

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func batch(source string, r inventory.Records) inventory.Batch {
	return inventory.Batch{Source: source, Records: r}
}

func TestTheWorseOfTwoKnownWins(t *testing.T) {
	a := inventory.Assistant{ID: "ast-1", Kind: "codex", Autonomy: inventory.AutonomyAsk, AutonomyReason: "asks", Sandbox: inventory.SandboxContainer, SandboxReason: "box",
		Class: inventory.ClassUnknown, Environment: "unknown", Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.No, inventory.OpenPR: inventory.Unknown},
		Sources: []string{"b"}, LastSeen: at, FirstSeen: at}
	b := inventory.Assistant{ID: "ast-1", Vendor: "v", Autonomy: inventory.AutonomyUnattended, AutonomyReason: "runs", Sandbox: inventory.SandboxUnknown, SandboxReason: "?",
		Class: inventory.ClassNHI, ClassReason: "acts", Environment: "ci", Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Asks, inventory.OpenPR: inventory.No},
		Sources: []string{"a"}, LastSeen: at.Add(time.Hour), FirstSeen: at.Add(-time.Hour)}
	for _, order := range [][]inventory.Batch{
		{batch("x", inventory.Records{Assistants: []inventory.Assistant{a}}), batch("y", inventory.Records{Assistants: []inventory.Assistant{b}})},
		{batch("y", inventory.Records{Assistants: []inventory.Assistant{b}}), batch("x", inventory.Records{Assistants: []inventory.Assistant{a}})},
	} {
		got := Merge(order, nil).Assistants
		if len(got) != 1 {
			t.Fatalf("%d assistants", len(got))
		}
		m := got[0]
		if m.Autonomy != inventory.AutonomyUnattended || m.AutonomyReason != "runs" || m.Sandbox != inventory.SandboxContainer || m.SandboxReason != "box" ||
			m.Class != inventory.ClassNHI || m.ClassReason != "acts" || m.Environment != "ci" || m.Kind != "codex" || m.Vendor != "v" {
			t.Errorf("%+v", m)
		}
		if m.Capabilities[inventory.ExecLocal] != inventory.Asks || m.Capabilities[inventory.OpenPR] != inventory.No {
			t.Errorf("capabilities %v", m.Capabilities)
		}
		if !slices.Equal(m.Sources, []string{"a", "b"}) || !m.LastSeen.Equal(at.Add(time.Hour)) || !m.FirstSeen.Equal(at.Add(-time.Hour)) {
			t.Errorf("%v %v %v", m.Sources, m.LastSeen, m.FirstSeen)
		}
	}
}

func TestSecretSeenTwice(t *testing.T) {
	a := inventory.Secret{ID: "sec-1", Kind: "generic-api-key", Ambient: true, Storage: inventory.StorageKeyring, Exposure: inventory.ExposureLocal, State: inventory.StateRevoked,
		Locations: []inventory.Location{{Path: "~/b", Line: 3, Scope: "user"}, {Path: "~/a", Pointer: "/k", Scope: "user", Mode: "0644"}}, Created: at}
	b := inventory.Secret{ID: "sec-1", Kind: "github-pat-classic", Ambient: false, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted, State: inventory.StateLive,
		Locations: []inventory.Location{{Path: "~/a", Pointer: "/k", Scope: "user", Committed: inventory.Yes, Backup: true}}, Broad: true, Created: at.Add(-time.Hour), Expires: at}
	got := Merge([]inventory.Batch{batch("x", inventory.Records{Secrets: []inventory.Secret{a, b}})}, nil).Secrets
	if len(got) != 1 {
		t.Fatalf("%d secrets", len(got))
	}
	want := inventory.Secret{ID: "sec-1", Kind: "github-pat-classic", Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted, State: inventory.StateLive, Broad: true,
		Locations: []inventory.Location{{Path: "~/a", Pointer: "/k", Scope: "user", Mode: "0644", Committed: inventory.Yes, Backup: true}, {Path: "~/b", Line: 3, Scope: "user"}},
		Created:   at.Add(-time.Hour), Expires: at}
	if text(got[0]) != text(want) {
		t.Errorf("\n got %s\nwant %s", text(got[0]), text(want))
	}
	both := Merge([]inventory.Batch{batch("x", inventory.Records{Secrets: []inventory.Secret{a, a}})}, nil).Secrets[0]
	if !both.Ambient {
		t.Error("ambient in every place, and not ambient")
	}
}

// text is a record without the difference of nil and empty lists.
func text(x inventory.Secret) string {
	data, _ := json.Marshal(inventory.NewSnapshot(at, inventory.Records{Secrets: []inventory.Secret{x}}, false).Records().Secrets)
	return string(data)
}

func TestLinksGoBothWays(t *testing.T) {
	r := Merge([]inventory.Batch{
		batch("a", inventory.Records{
			Assistants: []inventory.Assistant{{ID: "ast-1", Secrets: []inventory.ID{"sec-1", "sec-gone"}, Owners: []inventory.ID{"own-1", "own-gone"}}, {ID: "ast-2"}},
			Owners:     []inventory.Owner{{ID: "own-1"}},
		}),
		batch("b", inventory.Records{
			Secrets: []inventory.Secret{{ID: "sec-1"}, {ID: "sec-2", Assistants: []inventory.ID{"ast-2", "ast-gone"}}, {ID: "sec-3"}},
			Tools:   []inventory.Tool{{ID: "tool-1", Assistant: "ast-1", Secrets: []inventory.ID{"sec-3", "sec-gone"}}, {ID: "tool-2", Assistant: "ast-gone"}},
		}),
	}, nil)
	s := inventory.NewSnapshot(at, r, false)
	for name, c := range map[string]struct{ got, want []inventory.ID }{
		"secrets of 1":    {s.Assistant("ast-1").Secrets, []inventory.ID{"sec-1", "sec-3"}},
		"secrets of 2":    {s.Assistant("ast-2").Secrets, []inventory.ID{"sec-2"}},
		"owners of 1":     {s.Assistant("ast-1").Owners, []inventory.ID{"own-1"}},
		"tools of 1":      {s.Assistant("ast-1").Tools, []inventory.ID{"tool-1"}},
		"holders of 1":    {s.Secret("sec-1").Assistants, []inventory.ID{"ast-1"}},
		"holders of 2":    {s.Secret("sec-2").Assistants, []inventory.ID{"ast-2"}},
		"holders of 3":    {s.Secret("sec-3").Assistants, []inventory.ID{"ast-1"}},
		"secrets of tool": {s.Tool("tool-1").Secrets, []inventory.ID{"sec-3"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestBatchesAreNotChanged(t *testing.T) {
	make := func() []inventory.Batch {
		links := append([]inventory.ID(nil), "sec-1", "sec-2")[:1:2] // room behind the end, where an append would write
		return []inventory.Batch{
			batch("a", inventory.Records{
				Assistants: []inventory.Assistant{{ID: "ast-1", Secrets: links, Evidence: []inventory.Evidence{{Path: "p", ObservedAt: at}}}, {ID: "ast-1", Evidence: []inventory.Evidence{{Path: "p", ObservedAt: at.Add(1)}}}},
				Secrets:    []inventory.Secret{{ID: "sec-1", Locations: []inventory.Location{{Path: "b"}, {Path: "a"}}}, {ID: "sec-1", Locations: []inventory.Location{{Path: "b", Mode: "0600"}}}},
			}),
			batch("b", inventory.Records{Tools: []inventory.Tool{{ID: "tool-1", Assistant: "ast-1", Secrets: []inventory.ID{"sec-1"}}}}),
		}
	}
	in, want := make(), make()
	Merge(in, nil)
	if !reflect.DeepEqual(in, want) {
		t.Errorf("the batches were changed:\n%+v\n%+v", in, want)
	}
	if got := in[0].Records.Assistants[0].Secrets[:2][1]; got != "sec-2" {
		t.Errorf("something was written behind a list: %s", got)
	}
}

func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	want := ""
	for seed := range uint64(40) {
		g := rand.New(rand.NewPCG(seed, 7))
		var bs []inventory.Batch
		for i := range 4 {
			var r inventory.Records
			for k := range 6 {
				id := fmt.Sprint(k)
				r.Assistants = append(r.Assistants, inventory.Assistant{ID: inventory.ID("ast-" + id), Name: fmt.Sprint("n", i), Account: fmt.Sprint("acc", (i*k)%3), Autonomy: []inventory.Autonomy{"ask", "auto", "", "unknown"}[(i+k)%4],
					AutonomyReason: fmt.Sprint(i), Secrets: []inventory.ID{inventory.ID("sec-" + id)}, Evidence: []inventory.Evidence{{Path: fmt.Sprint("p", i%2), ObservedAt: at.Add(time.Duration(i))}}})
				r.Secrets = append(r.Secrets, inventory.Secret{ID: inventory.ID("sec-" + id), Kind: []string{"jwt", "azure-access-token-jwt"}[i%2], Locations: []inventory.Location{{Path: fmt.Sprint("p", i%3), Line: i % 2}}, Note: fmt.Sprint(i)})
				r.Tools = append(r.Tools, inventory.Tool{ID: inventory.ID("tool-" + id), Assistant: inventory.ID("ast-" + id), Args: []string{fmt.Sprint(i)}, Enabled: i%2 == 0, EnabledReason: fmt.Sprint(i)})
				r.Entitlements = append(r.Entitlements, inventory.Entitlement{ID: inventory.ID("ent-" + id), Gate: []string{"open", "asks", ""}[(i+k)%3], Path: []string{fmt.Sprint(i)}})
				r.Owners = append(r.Owners, inventory.Owner{ID: inventory.ID("own-" + id), Name: fmt.Sprint(i), Status: []string{"unknown", "active", "departed"}[(i+k)%3]})
				r.Resources = append(r.Resources, inventory.Resource{ID: inventory.ID("res-" + id), Guardrails: map[string]string{"review": fmt.Sprint(i), fmt.Sprint(i): ""}})
				r.References = append(r.References, inventory.Reference{ID: inventory.ID("ref-" + id), Text: fmt.Sprint(i), Line: i})
			}
			g.Shuffle(len(r.Assistants), func(a, b int) { r.Assistants[a], r.Assistants[b] = r.Assistants[b], r.Assistants[a] })
			g.Shuffle(len(r.Secrets), func(a, b int) { r.Secrets[a], r.Secrets[b] = r.Secrets[b], r.Secrets[a] })
			bs = append(bs, batch(fmt.Sprint("s", i), r))
		}
		g.Shuffle(len(bs), func(a, b int) { bs[a], bs[b] = bs[b], bs[a] })
		data, err := json.Marshal(Merge(bs, nil))
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = string(data)
		}
		if string(data) != want {
			t.Fatalf("seed %d gives another result", seed)
		}
	}
}

func TestFirstSeenIsCarriedOver(t *testing.T) {
	old := inventory.NewSnapshot(at, inventory.Records{Assistants: []inventory.Assistant{{ID: "ast-1", FirstSeen: at.Add(-time.Hour), LastUsed: at}}}, false)
	r := Merge([]inventory.Batch{batch("a", inventory.Records{Assistants: []inventory.Assistant{{ID: "ast-1", LastSeen: at}, {ID: "ast-2", LastSeen: at}}})}, old)
	if a, b := r.Assistants[0], r.Assistants[1]; !a.FirstSeen.Equal(at.Add(-time.Hour)) || !a.LastUsed.Equal(at) || !b.FirstSeen.Equal(at) {
		t.Errorf("%v %v %v", a.FirstSeen, a.LastUsed, b.FirstSeen)
	}
}

func TestRecordsWithoutIDAreDropped(t *testing.T) {
	r := Merge([]inventory.Batch{batch("a", inventory.Records{Assistants: []inventory.Assistant{{Name: "x"}}, Tools: []inventory.Tool{{Name: "y"}}})}, nil)
	if len(r.Assistants)+len(r.Tools) != 0 {
		t.Errorf("%+v", r)
	}
}

// One secret in very many repositories must not cost more than its places.
func BenchmarkOneSecretInManyPlaces(b *testing.B) {
	var r inventory.Records
	for i := range 10000 {
		r.Secrets = append(r.Secrets, inventory.Secret{ID: "sec-1", Kind: "jwt", Locations: []inventory.Location{{Path: strings.Repeat("d/", 5) + fmt.Sprint(i), Scope: "repo"}}})
	}
	b.ReportAllocs()
	for b.Loop() {
		Merge([]inventory.Batch{batch("a", r)}, nil)
	}
}

// A tie that is told from both ends is one tie, and no other comes of it.
func TestTiesToldTwice(t *testing.T) {
	a, b := inventory.ID("ast-a"), inventory.ID("ast-b")
	r := Merge([]inventory.Batch{{Source: "s", Records: inventory.Records{
		Assistants: []inventory.Assistant{{ID: a}, {ID: b, Secrets: []inventory.ID{"sec-2"}}},
		Secrets:    []inventory.Secret{{ID: "sec-1"}, {ID: "sec-2", Assistants: []inventory.ID{b}}},
	}}}, nil)
	if len(r.Assistants[0].Secrets)+len(r.Secrets[0].Assistants) != 0 || len(r.Assistants[1].Secrets) != 1 || len(r.Secrets[1].Assistants) != 1 {
		t.Errorf("%+v", r)
	}
}

// Of two names of one owner, the one that is only the start of the address gives way, in whichever order they come.
func TestNameRatherThanAddress(t *testing.T) {
	short := inventory.Owner{ID: "own-1", Name: "erin", Email: "erin@example.com"}
	long := inventory.Owner{ID: "own-1", Name: "Erin Sato", Email: "erin@example.com"}
	for _, two := range [][]inventory.Owner{{short, long}, {long, short}} {
		r := Merge([]inventory.Batch{batch("a", inventory.Records{Owners: two[:1]}), batch("b", inventory.Records{Owners: two[1:]})}, nil)
		if len(r.Owners) != 1 || r.Owners[0].Name != "Erin Sato" {
			t.Errorf("%+v", r.Owners)
		}
	}
}
