package gitlab

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitlab/gitlabsim"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

// scenario is one thing to take away.
type scenario struct {
	name string
	plan func(r *run) []revoke.Step
	dead func(s *gitlabsim.Sim) []bool // for each step, whether what it says is so
}

func planOf(r *run, id inventory.ID, action string) []revoke.Step {
	steps, err := r.Plan(r.held, revoke.Target{ID: id, Action: action}, r.snap)
	if err != nil {
		return nil // what could not be planned is not done
	}
	return revoke.NewPlan(at, 0, nil, nil, steps).Steps
}

var scenarios = []scenario{
	{"a person's token", func(r *run) []revoke.Step { return planOf(r, r.secret("cursor on my laptop").ID, "") }, func(s *gitlabsim.Sim) []bool { return []bool{!s.Works("cem-laptop")} }},
	{"a service account", func(r *run) []revoke.Step { return planOf(r, r.assistant("Claude Code as").ID, "") }, func(s *gitlabsim.Sim) []bool {
		return []bool{s.State("svc-claude") == "blocked" || s.Role("svc-claude", "acme") == gitlabsim.Guest}
	}},
	{"a runner", func(r *run) []revoke.Step { return planOf(r, r.secret(`"builder"`).ID, "") }, func(s *gitlabsim.Sim) []bool {
		return []bool{s.State("builder") != "running", s.State("builder") == "gone"}
	}},
	{"a token in hand", func(r *run) []revoke.Step {
		steps, _ := r.PlanHeld(r.held, r.hold("cem-laptop", "gitlab-pat"), r.snap)
		return steps
	}, func(s *gitlabsim.Sim) []bool { return []bool{!s.Works("cem-laptop")} }},
}

// Whatever goes wrong at whichever call: what is said to be proven or attested is so, what is so is not said to be alive,
// nothing is done twice by mistake, and no credential goes elsewhere.
func TestFaultsWhileRevoking(t *testing.T) {
	snap := revoking(t, gitlabsim.New(company(), func() time.Time { return at }), "admin", "admin-api").snap
	for _, sc := range scenarios {
		for _, lasts := range []bool{false, true} {
			calls, got := faultyRun(t, snap, sc, 0, "", lasts)
			if calls < 2 || !lasts && calls < 4 || said(got) == "" {
				t.Fatalf("%s: only %d calls, %s", sc.name, calls, said(got))
			}
			for _, fault := range httpxtest.All() {
				if fault == httpxtest.Hang {
					continue
				}
				for call := 1; call <= calls; call++ {
					if fault == httpxtest.HugeJSON && call%3 != 0 {
						continue
					}
					faultyRun(t, snap, sc, call, fault, lasts)
				}
			}
		}
	}
}

// breaker fails one call: the n-th of all, once, or, where it lasts, the n-th of the different ones each time.
type breaker struct {
	*httpxtest.Faulty
	next  http.RoundTripper
	lasts bool
	at    int64
	n     atomic.Int64
}

func breaking(next http.RoundTripper, at int, fault httpxtest.Fault, lasts bool) *breaker {
	b := &breaker{next: next, lasts: lasts, at: int64(at)}
	if !lasts {
		at = min(at, 1)
	}
	b.Faulty = httpxtest.Faults(next, at, fault)
	return b
}

func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	if n := b.n.Add(1); !b.lasts && n != b.at {
		return b.next.RoundTrip(r)
	}
	return b.Faulty.RoundTrip(r)
}

func (b *breaker) calls() int {
	if b.lasts {
		return b.Requests()
	}
	return int(b.n.Load())
}

func faultyRun(t *testing.T, snap *inventory.Snapshot, sc scenario, call int, fault httpxtest.Fault, lasts bool) (calls int, got revoke.Run) {
	t.Helper()
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := unread(t, sim, "admin", "admin-api")
	r.snap = snap
	rec := httpxtest.Record(httpx.InProcess(sim))
	f := breaking(rec, call, fault, lasts)
	o := r.opt
	env := testEnv(sim, f)
	env.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	env.Transport = func(string) http.RoundTripper { return f }
	made, err := New(o, env)
	if err != nil {
		t.Fatal(err)
	}
	r.Source = made.(*Source)
	r.exec.Revokers = map[string]revoke.Revoker{r.name: r.Source}
	steps := sc.plan(r)
	if len(steps) == 0 {
		return f.calls(), got
	}
	p := revoke.NewPlan(at, 0, []revoke.Target{{ID: steps[0].Target}}, nil, steps)
	got, err = r.exec.Execute(r.held, p, revoke.Consent{By: "t", Reason: "t", Yes: true, Word: p.Word()}, nil)
	if err != nil {
		t.Fatalf("%s, %s at call %d: %v", sc.name, fault, call, err)
	}
	so := sc.dead(sim)
	for i, s := range got.Steps {
		if s.Action == revoke.ActionManual || i >= len(so) {
			continue
		}
		sure := s.Proof.Grade == revoke.Proven || s.Proof.Grade == revoke.Attested
		if sure && !so[i] || s.Proof.Grade == revoke.Alive && so[i] && i == len(so)-1 { // a later step may have ended what this one left

			t.Errorf("%s, %s at %s: step %q is %s (%s), which is not so", sc.name, fault, f.Hit(), s.Summary, s.Proof.Grade, s.Proof.Detail)
		}
	}
	values := []string{sim.Value("admin"), sim.Value("admin-api"), sim.Value("cem-laptop")}
	rec.OnlyTo(t, host, values...)
	return f.calls(), got
}

// An undo that goes wrong says so, and never leaves it unsaid that things stand otherwise.
func TestFaultsWhileUndoing(t *testing.T) {
	snap := revoking(t, gitlabsim.New(company(), func() time.Time { return at }), "admin", "admin-api").snap
	for _, fault := range []httpxtest.Fault{httpxtest.Unauthorized, httpxtest.Forbidden, httpxtest.NotFound, httpxtest.Broken, httpxtest.Cut, httpxtest.WrongJSON, httpxtest.Elsewhere, httpxtest.TooMany} {
		for call := 1; call <= 4; call++ {
			sim := gitlabsim.New(company(), func() time.Time { return at })
			r := unread(t, sim, "admin", "admin-api")
			r.snap = snap
			done := r.do(r.plan(r.assistant("Claude Code as").ID, ""))
			f := breaking(httpx.InProcess(sim), call, fault, call%2 == 0)
			made, err := New(r.opt, testEnv(sim, f))
			if err != nil {
				t.Fatal(err)
			}
			r.exec.Revokers = map[string]revoke.Revoker{r.name: made.(*Source)}
			undone, err := r.exec.Undo(r.held, done.ID, revoke.Consent{By: "t", Reason: "t", Yes: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			s := undone.Steps[0]
			if sure := s.Proof.Grade == revoke.Attested; sure != (sim.State("svc-claude") == "active") && sure {
				t.Errorf("%s at call %d: %s (%s), and it is %s", fault, call, s.Proof.Grade, s.Proof.Detail, sim.State("svc-claude"))
			}
		}
	}
}

// Every answer is hostile text: it breaks nothing, and comes out as what can be shown.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{`[]`, `[{"id":1}]`, `{"id":1,"scopes":["api"],"user_id":1}`, `[{"id":-1,"username":"\u001b[31m","full_path":"../..","parent_id":1}]`, `[{"id":1,"path_with_namespace":"a/b","default_branch":"main","namespace":{"id":1},"expires_at":"x"}]`,
		`[{"id":1,"parent_id":2,"full_path":"a"},{"id":2,"parent_id":1,"full_path":"b"}]`, `{`, `null`, `[null]`, `"x"`, `[[[[]]]]`, `[{"created_at":{}}]`} {
		f.Add([]byte(s), []byte(s))
	}
	f.Fuzz(func(t *testing.T, list, one []byte) {
		answer := way(func(r *http.Request) (*http.Response, error) {
			body := list
			switch r.URL.Path {
			case "/api/v4" + selfPath, "/api/v4/user", "/api/v4/metadata":
				body = one
			}
			w := newAnswer(body)
			w.Request = r
			return w, nil
		})
		sim := gitlabsim.New(company(), func() time.Time { return at })
		o := Defaults()
		o.URL, o.Token.Env = "https://"+host, "TOKEN_admin"
		s, err := New(o, testEnv(sim, answer))
		if err != nil {
			t.Fatal(err)
		}
		sink := inventory.NewSink("gitlab", inventory.Key{1}, func() time.Time { return at })
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		_ = s.Collect(ctx, sink) // it may fail; it may not panic or hang
		b := sink.Batch()
		for _, x := range b.Records.Secrets {
			if x.Note != inventory.Clean(x.Note) {
				t.Errorf("%q", x.Note)
			}
		}
		_ = merge.Merge([]inventory.Batch{b}, nil)
	})
}
