package gitlab

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitlab/gitlabsim"
)

// hold takes a credential of the world in hand.
func (r *run) hold(name, kind string) revoke.Held {
	h := revoke.Held{ID: inventory.NewID(inventory.NounSecret, "held", name), Kind: kind, Issuer: Kind, Value: inventory.NewValue(r.sim.Value(name))}
	r.held = revoke.WithHeld(r.t.Context(), h)
	return h
}

func (r *run) planHeld(h revoke.Held) *revoke.Plan {
	r.t.Helper()
	r.rec.Reset()
	steps, err := r.PlanHeld(r.held, h, r.snap)
	if err != nil || len(r.rec.Sent()) > 0 {
		r.t.Fatalf("%v, asked %v", err, r.rec.Sent())
	}
	return revoke.NewPlan(at, 0, []revoke.Target{{ID: h.ID}}, nil, steps)
}

func TestHeldTokenEndsItself(t *testing.T) {
	for _, token := range []string{"cem-laptop", "reader", "bot"} { // whatever its scopes
		sim := gitlabsim.New(company(), func() time.Time { return at })
		r := revoking(t, sim, "admin", "ana-api")
		h := r.hold(token, "gitlab-pat")
		p := r.planHeld(h)
		got := r.do(p)
		if said(got) != "revoke=done,proven" || sim.Works(token) {
			t.Errorf("%s: %s %+v", token, said(got), got.Steps)
		}
		if got.Steps[0].Receipt.Seen["before"] != "accepted" {
			t.Errorf("%+v", got.Steps[0].Receipt)
		}
		again := r.do(revoke.NewPlan(at.Add(time.Second), 0, p.Targets, nil, p.Steps))
		if said(again) != "revoke=done,proven" || !again.Steps[0].Receipt.Already {
			t.Errorf("%s: again %s %+v", token, said(again), again.Steps)
		}
		for _, s := range again.Steps {
			if strings.Contains(s.Request+s.Proof.Detail+s.Receipt.Detail+s.Summary, sim.Value(token)) {
				t.Error("the value came out")
			}
		}
		r.rec.OnlyTo(t, host, sim.Value(token))
	}
}

// A GitLab that lies never gives a proof: with the token at hand it is tried, and not believed.
func TestLiesAreNotProofs(t *testing.T) {
	for _, c := range []struct {
		name  string
		lie   gitlabsim.Lie
		held  revoke.Grade // with the token at hand
		blind revoke.Grade // by read-back alone
	}{
		{"honest", gitlabsim.Lie{}, revoke.Proven, revoke.Attested},
		{"says revoked and goes on accepting", gitlabsim.Lie{Lives: true}, revoke.Alive, revoke.Attested},
		{"answers 204 and does nothing", gitlabsim.Lie{Nothing: true}, revoke.Alive, revoke.Alive},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim := gitlabsim.New(company(), func() time.Time { return at })
			sim.Revocations(c.lie)
			r := revoking(t, sim, "admin", "admin-api")
			blind := r.do(r.plan(r.secret("cursor on my laptop").ID, ""))
			if g := blind.Steps[0].Proof.Grade; g != c.blind {
				t.Errorf("by read-back: %s %s", g, blind.Steps[0].Proof.Detail)
			}
			sim = gitlabsim.New(company(), func() time.Time { return at })
			sim.Revocations(c.lie)
			r = revoking(t, sim, "admin", "admin-api")
			got := r.do(r.planHeld(r.hold("cem-laptop", "gitlab-pat")))
			if g := got.Steps[0].Proof.Grade; g != c.held {
				t.Errorf("with the token: %s %s", g, got.Steps[0].Proof.Detail)
			}
			if c.held == revoke.Proven {
				return
			}
			// The same by an administrator, with the token at hand besides.
			sim = gitlabsim.New(company(), func() time.Time { return at })
			sim.Revocations(c.lie)
			r = revoking(t, sim, "admin", "admin-api")
			x := r.secret("cursor on my laptop")
			r.held = revoke.WithHeld(t.Context(), revoke.Held{ID: x.ID, Kind: x.Kind, Issuer: Kind, Value: inventory.NewValue(sim.Value("cem-laptop"))})
			both := r.do(r.plan(x.ID, ""))
			if g := both.Steps[0].Proof.Grade; g != revoke.Alive {
				t.Errorf("by both: %s %s", g, both.Steps[0].Proof.Detail)
			}
		})
	}
}

// One that follows after a while is looked for until the horizon.
func TestEventuallyRevoked(t *testing.T) {
	now := at
	sim := gitlabsim.New(company(), func() time.Time { return now })
	sim.Revocations(gitlabsim.Lie{Lag: 20 * time.Second})
	r := revoking(t, sim, "admin", "admin-api")
	r.exec.Now = func() time.Time { now = now.Add(time.Second); return now }
	got := r.do(r.planHeld(r.hold("cem-laptop", "gitlab-pat")))
	if said(got) != "revoke=done,proven" || now.Sub(at) < 20*time.Second {
		t.Errorf("%s after %s: %+v", said(got), now.Sub(at), got.Steps)
	}
	now = at
	sim = gitlabsim.New(company(), func() time.Time { return now })
	sim.Revocations(gitlabsim.Lie{Lag: time.Hour})
	r = revoking(t, sim, "admin", "admin-api")
	r.exec.Now = func() time.Time { now = now.Add(time.Second); return now }
	if got := r.do(r.planHeld(r.hold("cem-laptop", "gitlab-pat"))); said(got) != "revoke=done,alive" {
		t.Errorf("%s", said(got))
	}
}

func TestProbe(t *testing.T) {
	old := company()
	old.OldSelf = true
	for _, c := range []struct {
		name  string
		world gitlabsim.World
		token string
		prep  func(s *gitlabsim.Sim, r *run)
		alive bool
		dead  bool
		says  string
	}{
		{"accepted", company(), "cem-laptop", nil, true, false, "accepts it"},
		{"a scope is missing", old, "reader", nil, true, false, "insufficient_scope"},
		{"blocked", company(), "ben-old", nil, false, false, "blocked"},
		{"revoked", company(), "revoked", nil, false, true, "revoked"},
		{"refused, and the control too", company(), "revoked", func(s *gitlabsim.Sim, r *run) {
			if _, err := r.act(r.held, revoke.Step{ID: "x"}, "DELETE", selfPath, nil); err != nil {
				r.t.Fatal(err)
			}
		}, false, false, "control"},
		{"limited", company(), "revoked", func(s *gitlabsim.Sim, _ *run) {
			s.Inject(gitlabsim.Fault{Status: 429, RetryAfter: 3 * time.Hour})
		}, false, false, "without an answer"},
		{"broken", company(), "revoked", func(s *gitlabsim.Sim, _ *run) { s.Inject(gitlabsim.Fault{Status: 500}) }, false, false, "500, which proves nothing"},
		{"forbidden", company(), "revoked", func(s *gitlabsim.Sim, _ *run) { s.Inject(gitlabsim.Fault{Status: 403}) }, false, false, "403, which proves nothing"},
		{"cut", company(), "revoked", func(s *gitlabsim.Sim, _ *run) { s.Inject(gitlabsim.Fault{Cut: true}) }, false, false, "without an answer"},
		{"rubbish", company(), "revoked", func(s *gitlabsim.Sim, _ *run) { s.Inject(gitlabsim.Fault{Body: "<html>"}) }, false, false, "without an answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim := gitlabsim.New(c.world, func() time.Time { return at })
			r := revoking(t, sim, "admin", "admin-api")
			v := inventory.NewValue(sim.Value(c.token))
			if c.prep != nil {
				c.prep(sim, r)
			}
			got := r.probe(t.Context(), v)
			if got.alive != c.alive || got.dead != c.dead || !strings.Contains(got.detail, c.says) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// The trap: a rotation as a probe would end the token that took a revoked one's place. Whatever we do with the old one, its
// successor lives on.
func TestTheSuccessorOfARotatedTokenLives(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "admin-api")
	if _, err := r.act(r.held, revoke.Step{ID: "x"}, "POST", "/personal_access_tokens/"+number(sim.ID("cem-laptop"))+"/rotate", nil); err != nil {
		t.Fatal(err)
	}
	if sim.Works("cem-laptop") || !sim.Works("cem-laptop'") {
		t.Fatal("the rotation of the test did not work")
	}
	h := r.hold("cem-laptop", "gitlab-pat")
	a, err := r.Ask(r.held, h)
	if err != nil || a.State != inventory.StateRevoked {
		t.Errorf("%+v %v", a, err)
	}
	got := r.do(r.planHeld(h))
	if said(got) != "revoke=done,proven" || !got.Steps[0].Receipt.Already {
		t.Errorf("%+v", got.Steps)
	}
	if !sim.Works("cem-laptop'") {
		t.Error("the successor is dead")
	}
}

func TestByValue(t *testing.T) {
	for _, c := range []struct{ token, kind, says string }{
		{"publish", "gitlab-deploy-token", "revoke=done,attested"},
		{"nightly", "gitlab-trigger-token", "revoke=done,attested"},
	} {
		sim := gitlabsim.New(company(), func() time.Time { return at })
		r := revoking(t, sim, "admin", "admin-api")
		h, value := r.hold(c.token, c.kind), sim.Value(c.token)
		a, err := r.Ask(r.held, h)
		if err != nil || a.State != inventory.StateLive {
			t.Errorf("%s: %+v %v", c.token, a, err)
		}
		got := r.do(r.planHeld(h))
		if said(got) != c.says {
			t.Errorf("%s: %s %+v", c.token, said(got), got.Steps)
		}
		r.rec.OnlyTo(t, host, value)
	}
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "ana-api") // no administrator
	got := r.do(r.planHeld(r.hold("publish", "gitlab-deploy-token")))
	if got.Steps[0].State == revoke.StateDone || !sim.Works("publish") {
		t.Errorf("%+v", got.Steps)
	}
}

func TestAsk(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "admin-api")
	a, err := r.Ask(t.Context(), r.hold("claude", "gitlab-pat"))
	if err != nil || a.State != inventory.StateLive || a.Account != "svc-claude" || len(a.Reaches) < 3 || a.Scopes[0] != "api" {
		t.Errorf("%+v %v", a, err)
	}
	r.rec.ReadsOnly(t)
	for _, h := range []revoke.Held{{Kind: "github-pat-classic", Issuer: "github", Value: inventory.NewValue("x")}, {Kind: "gitlab-job-token", Issuer: Kind, Value: inventory.NewValue("x")}} {
		r.rec.Reset()
		a, err := r.Ask(t.Context(), h)
		steps, _ := r.PlanHeld(t.Context(), h, nil)
		if a != nil || err != nil || len(steps) > 0 || len(r.rec.Sent()) > 0 {
			t.Errorf("%s: %+v %v %v, sent %v", h.Kind, a, err, steps, r.rec.Sent())
		}
	}
}

func TestWithoutTheValue(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "admin-api")
	steps := r.planHeld(r.hold("cem-laptop", "gitlab-pat")).Steps
	if _, err := r.Apply(t.Context(), steps[0]); !errors.Is(err, revoke.ErrNotHeld) {
		t.Error(err)
	}
	if _, state, err := r.Recover(t.Context(), steps[0]); state != revoke.StateUnknown || !errors.Is(err, revoke.ErrNotHeld) {
		t.Error(state, err)
	}
}

// The answer to a kill is lost on the way: it is asked again, and what was done is recognised.
func TestLostAnswers(t *testing.T) {
	for _, held := range []bool{false, true} {
		sim := gitlabsim.New(company(), func() time.Time { return at })
		r := revoking(t, sim, "admin", "admin-api")
		sim.Inject(gitlabsim.Fault{Method: "DELETE", After: true, Times: 1})
		var got revoke.Run
		if held {
			got = r.do(r.planHeld(r.hold("cem-laptop", "gitlab-pat")))
		} else {
			got = r.do(r.plan(r.secret(`"publish"`).ID, ""))
		}
		if got.Steps[0].State != revoke.StateDone || got.Steps[0].Proof.Grade == revoke.Unproven {
			t.Errorf("held %v: %+v", held, got.Steps)
		}
	}
}
