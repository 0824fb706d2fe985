package inventory

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// company makes records of every noun that are tied to each other.
func company(n int) Records {
	var r Records
	for i := range n {
		k := fmt.Sprintf("%03d", i)
		a, x, tl, o, res := ID("ast-"+k), ID("sec-"+k), ID("tool-"+k), ID("own-"+fmt.Sprint(i%3)), ID("res-"+fmt.Sprint(i%4))
		r.Assistants = append(r.Assistants, Assistant{ID: a, Kind: fmt.Sprint("kind", i%5), Host: fmt.Sprint("h", i%2), Path: "p", Class: ClassNHI, Owners: []ID{o}, Secrets: []ID{x}, Tools: []ID{tl}})
		r.Secrets = append(r.Secrets, Secret{ID: x, Kind: "k", Assistants: []ID{a}, Locations: []Location{{Path: fmt.Sprint("p", i%7)}}, Storage: StoragePlaintext})
		r.Tools = append(r.Tools, Tool{ID: tl, Assistant: a, Name: fmt.Sprint("n", i%3), Secrets: []ID{x}, Pinned: No})
		r.Entitlements = append(r.Entitlements, Entitlement{ID: ID("ent-" + k), Assistant: a, Via: string(x), Capability: ReadSource, Resource: res})
		r.References = append(r.References, Reference{ID: ID("ref-" + k), Assistant: a, Path: fmt.Sprint("p", i%7), Line: i % 3})
		r.Findings = append(r.Findings, Finding{ID: ID("find-" + k), Subject: x, Assistants: []ID{a}, Decision: []Decision{Track, ActNow, Attend}[i%3], Score: i % 10, Rule: fmt.Sprint("r", i%2), State: "open"})
		if i < 3 {
			r.Owners = append(r.Owners, Owner{ID: ID("own-" + fmt.Sprint(i)), Name: "same"})
		}
		if i < 4 {
			r.Resources = append(r.Resources, Resource{ID: ID("res-" + fmt.Sprint(i)), Kind: "k", Name: "same"})
		}
	}
	r.Sources = []SourceStatus{{Name: "b", Status: SourceOK}, {Name: "a", Status: SourceOK}}
	return r
}

func shuffle(r Records, seed uint64) Records {
	g := rand.New(rand.NewPCG(seed, 1))
	mix(g, r.Sources)
	mix(g, r.Assistants)
	mix(g, r.Owners)
	mix(g, r.Secrets)
	mix(g, r.Entitlements)
	mix(g, r.Tools)
	mix(g, r.Resources)
	mix(g, r.References)
	mix(g, r.Findings)
	return r
}

func mix[T any](g *rand.Rand, xs []T) {
	g.Shuffle(len(xs), func(i, j int) { xs[i], xs[j] = xs[j], xs[i] })
}

func TestSnapshotOrderIsThatOfTheFacts(t *testing.T) {
	want := ""
	for seed := range uint64(30) {
		data, err := json.Marshal(NewSnapshot(noon, shuffle(company(60), seed), false).Records())
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = string(data)
		}
		if string(data) != want {
			t.Fatalf("seed %d gives another document", seed)
		}
	}
	if strings.Contains(want, "null") {
		t.Error("a list is null")
	}
}

func TestSnapshotNeverSaysNull(t *testing.T) {
	r := Records{
		Assistants: []Assistant{{ID: "ast-1", Job: &Job{}}}, Owners: []Owner{{}}, Secrets: []Secret{{}}, Entitlements: []Entitlement{{}}, Tools: []Tool{{}},
		Resources: []Resource{{}}, References: []Reference{{}}, Findings: []Finding{{}}, Issues: []Issue{{}}, Sources: []SourceStatus{{}},
	}
	for _, x := range []Records{r, {}} {
		s := NewSnapshot(noon, x, false)
		data, err := json.Marshal(struct {
			Records
			Posture Posture
		}{s.Records(), s.Posture()})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "null") {
			t.Errorf("null in %s", data)
		}
	}
}

func TestSnapshotLinks(t *testing.T) {
	s := NewSnapshot(noon, shuffle(company(12), 3), false)
	a := s.Assistant("ast-004")
	if a == nil || s.Secret("sec-004") == nil || s.Tool("tool-004") == nil || s.Entitlement("ent-004") == nil || s.Owner("own-1") == nil || s.Resource("res-0") == nil || s.Finding("find-004") == nil {
		t.Fatal("a record is not found by its id")
	}
	for name, n := range map[string]int{
		"tools of an assistant":         len(s.ToolsOf(a.ID)),
		"tools of a secret":             len(s.ToolsOf("sec-004")),
		"entitlements of an assistant":  len(s.EntitlementsOf(a.ID)),
		"entitlements through a secret": len(s.EntitlementsOf("sec-004")),
		"findings of an assistant":      len(s.FindingsOf(a.ID)),
		"findings of a secret":          len(s.FindingsOf("sec-004")),
		"references":                    len(s.ReferencesOf(a.ID)),
		"assistants of a secret":        len(s.AssistantsOf("sec-004")),
	} {
		if n != 1 {
			t.Errorf("%d %s", n, name)
		}
	}
	if n := len(s.AssistantsOf("own-1")); n != 4 {
		t.Errorf("%d assistants of an owner", n)
	}
	if n := len(s.EntitlementsOf("res-0")); n != 3 {
		t.Errorf("%d entitlements on a resource", n)
	}
	p := s.Posture()
	if p.Assistants[ClassNHI] != 12 || p.OwnersKnown != 12 || p.Plaintext != 12 || p.Unpinned != 12 || p.Decisions[ActNow] != 4 {
		t.Errorf("posture %+v", p)
	}
}
