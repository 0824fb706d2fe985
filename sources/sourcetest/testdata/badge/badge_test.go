package badge

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/sourcetest"
)

// office is the service, simulated: it keeps what is done to it.
type office struct {
	mu   sync.Mutex
	bots []bot
}

const own = "badge-FAKE-0123456789-own"

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer "+own:
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodDelete:
		for i := range o.bots {
			o.bots[i].Revoked = o.bots[i].Revoked || r.URL.Path == "/tokens/"+o.bots[i].Token
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		_ = json.NewEncoder(w).Encode(o.bots)
	}
}

const table = "url = \"https://badges.example.com\"\ntoken = { env = \"BADGE\" }\nrevoke = true"

func env() (sources.Env, http.RoundTripper) {
	rt := sources.InProcess(&office{bots: []bot{{"ci-bot", "ann@example.com", "t-1", false}, {"old-bot", "ann@example.com", "t-2", true}}})
	return sources.Env{Getenv: func(string) string { return own }, Transport: func(string) http.RoundTripper { return rt }}, rt
}

func TestConforms(t *testing.T) {
	e, _ := env()
	sourcetest.Run(t, Factory, sourcetest.Case{Name: "an office", Env: e, Table: table, Planted: []string{own}})
}

func TestEveryRequestFails(t *testing.T) {
	e, rt := env()
	sourcetest.Faults(t, Factory, sourcetest.HTTP{Env: e, Table: table, Next: rt, Host: "badges.example.com", Values: []string{own}})
}

func TestRevoke(t *testing.T) {
	e, _ := env()
	o := Options{URL: "https://badges.example.com", Revoke: true}
	o.Token.Env = "BADGE"
	s, err := New(o, e)
	if err != nil {
		t.Fatal(err)
	}
	sink := inventory.NewSink(Kind, inventory.Key{1}, time.Now)
	if err := s.Collect(t.Context(), sink); err != nil {
		t.Fatal(err)
	}
	snap := inventory.NewSnapshot(time.Now(), merge.Merge([]inventory.Batch{sink.Batch()}, nil), false)
	for id, want := range map[string]int{"t-1": 1, "t-2": 0} {
		steps, err := s.Plan(t.Context(), revoke.Target{ID: inventory.NewID(inventory.NounSecret, o.URL, id)}, snap)
		if err != nil || len(steps) != want {
			t.Fatalf("%s: %v, %d steps", id, err, len(steps))
		}
		for _, st := range steps {
			before, _ := s.Verify(t.Context(), st, revoke.Receipt{})
			r, err := s.Apply(t.Context(), st)
			after, _ := s.Verify(t.Context(), st, r)
			if err != nil || before.Grade != revoke.Alive || after.Grade != revoke.Attested {
				t.Errorf("%v: %s, then %s", err, before.Grade, after.Grade)
			}
		}
	}
}
