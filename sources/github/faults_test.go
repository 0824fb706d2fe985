package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/httpx/httpxtest"
)

const apiHost = "api.github.com"

// faulty collects with one fault at one request.
func faulty(t *testing.T, at int, fault httpxtest.Fault) (inventory.Batch, *httpxtest.Faulty, *httpxtest.Recorder, error) {
	t.Helper()
	var f *httpxtest.Faulty
	var rec *httpxtest.Recorder
	s := scene{world: full(), opt: options(), plain: true, wrap: func(rt http.RoundTripper) http.RoundTripper {
		f = httpxtest.Faults(rt, at, fault)
		rec = httpxtest.Record(f)
		return rec
	}}
	skipTokens(&s.opt)
	s.simulate(t)
	src, err := New(s.opt, s.env)
	if err != nil {
		t.Fatal(err)
	}
	if fault == httpxtest.Hang {
		src.(*Source).timeout = time.Millisecond
	}
	sink := inventory.NewSink("github:acme", inventory.Key{1}, s.env.Now)
	err = src.Collect(t.Context(), sink)
	return sink.Batch(), f, rec, err
}

// A fault at each request in turn: it costs what that request was to tell and no more, the source says so, and no
// credential goes anywhere else.
func TestFaultsAtEachRequest(t *testing.T) {
	good, plain, _, err := faulty(t, 0, httpxtest.Broken)
	if err != nil {
		t.Fatal(err)
	}
	n := plain.Requests()
	if n < 35 {
		t.Fatalf("only %d requests", n)
	}
	for at := 1; at <= n; at++ {
		for _, fault := range httpxtest.All() {
			if testing.Short() && (at+len(fault))%7 != 0 {
				continue
			}
			b, f, rec, err := faulty(t, at, fault)
			name := f.Hit() + " " + string(fault)
			rec.OnlyTo(t, apiHost, ownerToken, agentToken)
			rec.ReadsOnly(t, "/graphql")
			told(t, name, b, err)
			switch {
			case fault == httpxtest.Unauthorized || at == 1:
				if err == nil || errors.Is(err, sources.ErrPartial) {
					t.Errorf("%s: %v, and without a credential that is accepted, or the organisation, nothing is known", name, err)
				}
				continue
			case soft(f.Hit(), fault):
			case !errors.Is(err, sources.ErrPartial):
				t.Errorf("%s: %v, not partial", name, err)
			}
			if fault != httpxtest.TooMany && len(b.Records.Assistants) < 2 {
				t.Errorf("%s: it costs all: %d assistants", name, len(b.Records.Assistants))
			}
			notGone(t, name, good.Records, b)
		}
	}
}

// soft are requests whose refusal is an answer: bypass lists are then not known, and a switch may say that there is none.
func soft(hit string, fault httpxtest.Fault) bool {
	refused := fault == httpxtest.Forbidden || fault == httpxtest.NotFound
	return refused && hit == "GET /orgs/acme/rulesets" || strings.Contains(hit, "/contents/")
}

// told checks that what is said quotes no credential, and that each place that was not read has a reason.
func told(t *testing.T, name string, b inventory.Batch, err error) {
	t.Helper()
	all, _ := json.Marshal(b)
	text := string(all)
	if err != nil {
		text += err.Error()
	}
	for _, v := range []string{ownerToken, agentToken, literalKey} {
		if strings.Contains(text, v[8:]) {
			t.Errorf("%s: a credential came out", name)
		}
	}
	for _, l := range b.Ledger {
		if l.State != inventory.LookedRead && l.State != inventory.LookedAbsent && l.Reason == "" {
			t.Errorf("%s: %s is %s, and nobody says why", name, l.Path, l.State)
		}
	}
}

// notGone checks that no record that is missing because of the fault would be taken for gone: the nearest line of the
// ledger about a place of it must not say that all there was read.
func notGone(t *testing.T, name string, good inventory.Records, b inventory.Batch) {
	t.Helper()
	covers := covering(b.Ledger)
	check := func(what string, id inventory.ID, there bool, places []string) {
		if !there && len(places) > 0 && !slices.ContainsFunc(places, func(p string) bool { return !covers(p) }) {
			t.Errorf("%s: %s %s is missing, and the ledger says that its places were read: %v", name, what, id, places)
		}
	}
	have := map[inventory.ID]bool{}
	for _, a := range b.Records.Assistants {
		have[a.ID] = true
	}
	for _, x := range b.Records.Secrets {
		have[x.ID] = true
	}
	for _, a := range good.Assistants {
		var ps []string
		for _, e := range a.Evidence {
			ps = append(ps, e.Path)
		}
		check("assistant "+a.Name, a.ID, have[a.ID], ps)
	}
	for _, x := range good.Secrets {
		var ps []string
		for _, l := range x.Locations {
			ps = append(ps, l.Path)
		}
		check("secret "+x.Kind, x.ID, have[x.ID], ps)
	}
}

// covering is how the program reads a ledger.
func covering(ledger []inventory.Looked) func(string) bool {
	lines := map[string][2]bool{}
	for _, l := range ledger {
		read := l.State == inventory.LookedRead || l.State == inventory.LookedAbsent
		was, seen := lines[l.Path]
		lines[l.Path] = [2]bool{read && (!seen || was[0]), read && l.Whole || was[1]}
	}
	return func(p string) bool {
		if l, ok := lines[p]; ok {
			return l[0]
		}
		for i := strings.LastIndexByte(p, '/'); i > 0; i = strings.LastIndexByte(p[:i], '/') {
			if l, ok := lines[p[:i]]; ok && (l[1] || !l[0]) {
				return l[0] && l[1]
			}
		}
		return false
	}
}

// What an app alone may list fails in turn too: each request for its token, and the lists of tokens and their repositories.
func TestFaultsAtEachRequestOfAnApp(t *testing.T) {
	read := func(at int, fault httpxtest.Fault) (inventory.Batch, *httpxtest.Faulty, *httpxtest.Recorder, error) {
		var f *httpxtest.Faulty
		var rec *httpxtest.Recorder
		w := company(func(o *githubsim.Org) {
			o.Grants = []githubsim.Grant{{ID: 61, TokenID: 71, TokenName: "claude agent", Owner: "max", Repositories: []string{"web"}, Repository: perms{"contents": "write"}, Granted: ago(60), LastUsed: ago(1)},
				{ID: 62, TokenID: 72, TokenName: "release", Owner: "olga", Repository: perms{"contents": "write"}, Granted: ago(60)}}
			o.Requests = []githubsim.Grant{{ID: 65, TokenID: 75, TokenName: "wish", Owner: "max", Repository: perms{"contents": "write"}, Granted: ago(1)}}
			o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Files: map[string]string{"a": "b"}}}
		})
		s := scene{world: w, opt: options(), plain: true, wrap: func(rt http.RoundTripper) http.RoundTripper {
			f = httpxtest.Faults(rt, at, fault)
			rec = httpxtest.Record(f)
			return rec
		}}
		s.opt.Skip = []string{"sso", "copilot", "agent", "alerts"}
		asApp(t, &s)
		b, err := s.read(t)
		return b, f, rec, err
	}
	good, plain, _, err := read(0, httpxtest.Broken)
	if err != nil {
		t.Fatal(err)
	}
	tokens := 0
	for at := 1; at <= plain.Requests(); at++ {
		for _, fault := range httpxtest.All() {
			if fault == httpxtest.Hang || testing.Short() && (at+len(fault))%5 != 0 {
				continue
			}
			b, f, rec, err := read(at, fault)
			name := f.Hit() + " " + string(fault)
			rec.OnlyTo(t, apiHost)
			rec.ReadsOnly(t, "/graphql", "/app/installations/990/access_tokens")
			told(t, name, b, err)
			if fault == httpxtest.Unauthorized || err != nil && !errors.Is(err, sources.ErrPartial) {
				continue // nothing of it is kept
			}
			if strings.Contains(f.Hit(), "personal-access-token") {
				tokens++
				if err == nil {
					t.Errorf("%s: as if nothing had been", name)
				}
			}
			notGone(t, name, good.Records, b)
		}
	}
	if tokens == 0 {
		t.Error("no list of tokens failed")
	}
}
