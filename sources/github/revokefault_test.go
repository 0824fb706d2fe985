package github

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

// onceAt fails the n-th request of all, and no other.
type onceAt struct {
	good, bad http.RoundTripper
	at        int64
	n         atomic.Int64
}

func (o *onceAt) RoundTrip(r *http.Request) (*http.Response, error) {
	if o.n.Add(1) == o.at {
		return o.bad.RoundTrip(r)
	}
	return o.good.RoundTrip(r)
}

// so reports whether what a step says is so, as a credential sees it that nothing goes wrong for.
func so(t *testing.T, good *Source, st revoke.Step) bool {
	t.Helper()
	if w := sweeps[st.Params[paramWhat]]; w != nil {
		n, err := w.left(t.Context(), good, mustHands(t, good), st.Params[paramWho], st.Params[paramOf])
		if err != nil {
			t.Fatal(err)
		}
		return n == 0
	}
	_, _, _, x, err := good.begin(t.Context(), st)
	switch c := changes[st.Params[paramWhat]]; {
	case errors.Is(err, errGone):
		return true
	case err != nil:
		t.Fatal(err)
	case c != nil:
		return c.done(good, x.state)
	}
	return false
}

// killedWith carries a plan out with a fault at a call, and returns how many calls there are.
func killedWith(t *testing.T, w githubsim.World, steps []revoke.Step, call int, fault httpxtest.Fault, lasts bool) int {
	t.Helper()
	at := noon
	w.Now = func() time.Time { return at }
	s := scene{world: w, opt: options(), plain: true}
	s.env.Now = w.Now
	rec := httpxtest.Record(httpx.InProcess(githubsim.New(w)))
	faulty := httpxtest.Faults(rec, call, fault)
	count := &onceAt{good: rec, bad: httpxtest.Faults(rec, 1, fault), at: int64(call)}
	var way http.RoundTripper = count
	if lasts {
		way = faulty
	}
	s.opt.Revoke, s.opt.RevokeToken = true, credref.Ref{Env: "KILL"}
	s.env.Getenv = func(string) string { return killToken }
	s.simulate(t)
	s.env.Transport = func(string) http.RoundTripper { return way }
	made, err := New(s.opt, s.env)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	exec := &revoke.Executor{Journal: revoke.NewJournal(filepath.Join(dir, "journal")), Audit: audit.Open(filepath.Join(dir, "audit"), s.env.Now),
		Revokers: map[string]revoke.Revoker{"github:acme": made.(*Source)}, Now: s.env.Now, Sleep: func(_ context.Context, d time.Duration) { at = at.Add(d) }}
	p := revoke.NewPlan(noon, 0, []revoke.Target{{ID: steps[0].Target}}, nil, steps)
	got, err := exec.Execute(t.Context(), p, revoke.Consent{By: "ana", Reason: "a test", Word: p.Word(), Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.env.Transport = func(string) http.RoundTripper { return rec }
	good, err := New(s.opt, s.env)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range got.Steps {
		is := so(t, good.(*Source), st.Step)
		sure := st.Proof.Grade == revoke.Proven || st.Proof.Grade == revoke.Attested
		if sure && !is || st.Proof.Grade == revoke.Alive && is && i == len(got.Steps)-1 { // a later step may have ended what this one left
			t.Errorf("%s, %s at call %d (for ever: %v): %s (%s), which is not so", st.Summary, fault, call, lasts, st.Proof.Grade, st.Proof.Detail)
		}
		if st.State == revoke.StateDone && st.Proof.Grade == "" {
			t.Errorf("%s, %s at call %d: done without a word of proof", st.Summary, fault, call)
		}
	}
	rec.OnlyTo(t, apiHost, killToken, ownerToken)
	if lasts {
		return faulty.Requests()
	}
	return int(count.n.Load())
}

// Whatever goes wrong at whichever call of a revocation: what is said to be attested is so, what is so is not said to be
// alive, and no credential goes elsewhere.
func TestFaultsWhileRevoking(t *testing.T) {
	w := machines()
	w.Orgs[0].Authorizations = append(w.Orgs[0].Authorizations, githubsim.Authorization{ID: 702, Login: "max", Type: "SSH key", Print: "SHA256:FAKE", Granted: ago(200)})
	s := newStage(t, w, ofMachines)
	targets := map[string]inventory.ID{
		"grant": s.secretAt(t, "/personal-access-tokens/601"), "authorisation": s.secretAt(t, "/credential-authorizations/701"), "key": s.secretAt(t, "/keys/41"),
		"secret": s.secretAt(t, "/agents/secrets/COPILOT_MCP_KEY"), "seat": assistant(t, s.snap.Records(), "Copilot of max").ID,
		"agent": assistant(t, s.snap.Records(), "Copilot cloud agent").ID, "workflow": assistant(t, s.snap.Records(), "claude-code in ci: claude.yml/fix").ID,
		"account": assistant(t, s.snap.Records(), "svc-agent").ID, "person": s.owner(t, "max"), "organisation": s.theOrg(t),
	}
	n := 0
	for _, name := range inventory.SortedKeys(targets) {
		steps, err := s.src.Plan(t.Context(), revoke.Target{ID: targets[name]}, s.snap)
		if err != nil || len(steps) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, lasts := range []bool{false, true} {
			calls := killedWith(t, w, steps, 0, httpxtest.Broken, lasts)
			if calls < 2 {
				t.Fatalf("%s: only %d calls", name, calls)
			}
			for call := 1; call <= calls; call++ {
				for _, fault := range httpxtest.All() {
					if n++; fault == httpxtest.Hang || fault == httpxtest.HugeJSON && n%5 != 0 || testing.Short() && n%6 != 0 {
						continue
					}
					killedWith(t, w, steps, call, fault, lasts)
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d", n)
	}
}
