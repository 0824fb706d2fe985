package openai

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/internal/objects"
	"nhitop/sources/openai/openaisim"
)

func TestWhatIsRead(t *testing.T) {
	r := open(t, company())
	for _, c := range []struct {
		name, kind, state, account, scope, note, holder string
		long                                            inventory.Answer
	}{
		{"backend", kindKey, inventory.StateLive, "ana@example.com", "project:web", "", "", inventory.Yes},
		{"narrow", kindKey, inventory.StateLive, "ana@example.com", "", "", "", inventory.No},
		{"orphan", kindKey, inventory.StateLive, "gone@example.com", "", "its owner has no access to the project any more", "", inventory.Yes},
		{"over", kindKey, inventory.StateExpired, "ben@example.com", "", "", "", inventory.No},
		{"ci", kindAccount, inventory.StateLive, "codex-ci", "", "", "codex-ci", inventory.Yes},
		{"nightly", kindAccount, inventory.StateLive, "batch", "", "", `service account "batch"`, inventory.No},
		{"cursor on my laptop", kindKey, inventory.StateLive, "ben@example.com", "project:lab", "", "Cursor with the key", inventory.Yes},
		{"stray", kindAdmin, inventory.StateLive, "gone@example.com", "", "its owner is no member any more", "", inventory.Yes},
		{"github", kindProvider, inventory.StateLive, "https://token.actions.example.com", "audience:openai", "2 rules trust it", "", inventory.No},
		{"idle", kindProvider, inventory.StateDisabled, "", "", "0 rules trust it", "", inventory.No},
		{"deploy", kindRule, inventory.StateLive, "codex-ci", "repository:acme/*", "", "codex-ci", inventory.No},
		{"past", kindRule, inventory.StateDisabled, "batch", "api.model.request", "", "batch", inventory.No},
	} {
		x := r.secret(c.name)
		if x.Kind != c.kind || x.State != c.state || c.account != "" && x.Account != c.account || x.Note != c.note || x.LongLived != c.long || c.scope != "" && !slices.Contains(x.Scopes, c.scope) {
			t.Errorf("%s: %+v", c.name, x)
		}
		if as := r.snap.AssistantsOf(x.ID); c.holder == "" && len(as) != 0 || c.holder != "" && (len(as) != 1 || !strings.Contains(as[0].Name, c.holder)) {
			t.Errorf("%s: held by %v", c.name, as)
		}
	}
	if got := r.secret("backend").LastUsed; !got.Equal(days(-1)) {
		t.Error(got)
	}
	if o := r.snap.Owner(r.secret("orphan").Owners[0]); o.Status != "departed" {
		t.Errorf("%+v", o)
	}
	if a := r.assistant("codex-ci"); a.Kind != "codex" || !a.Guessed || a.LastUsed.IsZero() {
		t.Errorf("%+v", a)
	}
}

func TestRateLimit(t *testing.T) {
	w := company()
	w.RateLimit = 5
	r := open(t, w)
	if st := r.again(); st.Status != inventory.SourceOK || r.clock.now().Sub(at) < time.Minute {
		t.Errorf("%s %s after %s", st.Status, st.Reason, r.clock.now().Sub(at))
	}
}

func TestKills(t *testing.T) {
	for _, c := range []struct {
		what, secret, action, says string
		done                       func(s *openaisim.Sim) bool
	}{
		{"a key", "backend", "", "narrow=done,attested revoke=done,attested", func(s *openaisim.Sim) bool { return s.Key("backend") == nil }},
		{"a key, only narrowed", "narrow", revoke.ActionNarrow, "narrow=done,attested", func(s *openaisim.Sim) bool { return slices.Equal(s.Key("narrow").Scopes, []string{readOnly}) }},
		{"a key that only reads", "reader", "", "revoke=done,attested", func(s *openaisim.Sim) bool { return s.Key("reader") == nil }},
		{"a service account's key", "nightly", revoke.ActionRevoke, "revoke=done,attested", func(s *openaisim.Sim) bool { return s.Key("nightly") == nil }},
		{"an admin key", "stray", "", "revoke=done,attested", func(s *openaisim.Sim) bool { return s.Value("stray") == "" }},
		{"a provider", "github", "", "disable=done,attested", func(s *openaisim.Sim) bool { return !s.On("github") }},
		{"a rule", "deploy", "", "disable=done,attested", func(s *openaisim.Sim) bool { return !s.On("deploy") }},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := open(t, company())
			p := r.plan(r.secret(c.secret).ID, c.action)
			got := r.do(p)
			if said(got) != c.says || !c.done(r.sim) {
				t.Errorf("%s: %+v", said(got), got.Steps)
			}
			if c.secret == "backend" && slices.Contains(p.Residual, mayRead) || c.secret == "narrow" && !slices.Contains(p.Residual, mayRead) {
				t.Errorf("what is deleted reads nothing, what is narrowed does: %q", p.Residual)
			}
			for _, s := range p.Steps {
				if s.Residual == "" || s.Layer == "" || s.Request == "" || s.Horizon != horizon {
					t.Errorf("a step leaves something out: %+v", s)
				}
			}
		})
	}
}

// Without the audit log nobody knows what a key might do: it is not narrowed by the way, and where it is asked for, it is
// said that it cannot be taken back and is not seen.
func TestWithoutAuditLog(t *testing.T) {
	w := company()
	w.NoAudit = true
	r := open(t, w)
	if got := r.do(r.plan(r.secret("backend").ID, "")); said(got) != "revoke=done,attested" {
		t.Error(said(got))
	}
	p := r.plan(r.secret("narrow").ID, revoke.ActionNarrow)
	if len(p.Steps) != 1 || p.Steps[0].Reversible || p.Steps[0].Promises != revoke.Accepted {
		t.Fatalf("%+v", p.Steps)
	}
	if got := r.do(p); said(got) != "narrow=done,accepted" || len(got.Steps[0].Receipt.Undo) != 0 {
		t.Errorf("%+v", got.Steps)
	}
}

func TestContainmentIsUndone(t *testing.T) {
	for _, c := range []struct {
		what, target string
		during       func(s *openaisim.Sim) bool
		after        func(s *openaisim.Sim) bool
	}{
		{"a key that may do all", "backend", func(s *openaisim.Sim) bool { return slices.Equal(s.Key("backend").Scopes, []string{readOnly}) }, func(s *openaisim.Sim) bool { return len(s.Key("backend").Scopes) == 0 }},
		{"a key that may do a little", "narrow", func(s *openaisim.Sim) bool { return slices.Equal(s.Key("narrow").Scopes, []string{readOnly}) }, func(s *openaisim.Sim) bool {
			return slices.Equal(s.Key("narrow").Scopes, []string{"api.files.read", "api.model.request"})
		}},
		{"a provider", "github", func(s *openaisim.Sim) bool { return !s.On("github") }, func(s *openaisim.Sim) bool { return s.On("github") }},
	} {
		r := open(t, company())
		action := revoke.ActionNarrow
		if c.target == "github" {
			action = ""
		}
		got := r.do(r.plan(r.secret(c.target).ID, action))
		if !c.during(r.sim) {
			t.Fatalf("%s: %+v", c.what, got.Steps)
		}
		undone, err := r.exec.Undo(r.ctx, got.ID, revoke.Consent{By: "t", Reason: "t", Yes: true}, nil)
		if err != nil || !c.after(r.sim) || undone.Steps[0].Proof.Grade != revoke.Attested {
			t.Errorf("%s: %v %+v", c.what, err, undone.Steps)
		}
	}
}

func TestAssistants(t *testing.T) {
	r := open(t, company())
	p := r.plan(r.assistant("codex-ci").ID, "")
	if p.Word() != "" {
		t.Errorf("containment must not need a typed word: %q", p.Word())
	}
	if got := r.do(p); said(got) != "disable=done,attested narrow=done,attested" && said(got) != "narrow=done,attested disable=done,attested" {
		t.Errorf("%s", said(got))
	}
	got := r.do(r.plan(r.assistant("codex-ci").ID, revoke.ActionAll))
	if said(got) != "revoke=done,attested uninstall=done,attested" || r.sim.Key("ci") != nil {
		t.Errorf("%s %+v", said(got), got.Steps)
	}
	if got := r.do(r.plan(r.owner("ben@example.com").ID, "")); said(got) != "delete=done,attested" {
		t.Errorf("%s", said(got))
	}
}

// A key in hand is ended by an admin key, and proven by itself. How providers lie is seen through.
func TestInHand(t *testing.T) {
	for _, c := range []struct {
		what, name, kind string
		lie              openaisim.Lie
		says             string
	}{
		{"it is true", "backend", kindKey, openaisim.Lie{}, "revoke=done,proven"},
		{"a service account's", "nightly", kindAccount, openaisim.Lie{}, "revoke=done,proven"},
		{"an admin key", "stray", kindAdmin, openaisim.Lie{}, "revoke=done,proven"},
		{"late by two minutes", "backend", kindKey, openaisim.Lie{Lag: 2 * time.Minute}, "revoke=done,proven"},
		{"it lives on", "backend", kindKey, openaisim.Lie{Lives: true}, "revoke=done,alive"},
		{"nothing was done", "backend", kindKey, openaisim.Lie{Nothing: true}, "revoke=done,alive"},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := open(t, company())
			h := r.held(c.name, c.kind)
			if a, err := r.Ask(r.ctx, h); err != nil || a == nil || a.State != inventory.StateLive {
				t.Errorf("%v %+v", err, a)
			}
			r.sim.Endings(c.lie)
			steps, err := r.PlanHeld(r.ctx, h, r.snap)
			if err != nil || len(steps) != 1 || steps[0].Promises != revoke.Proven {
				t.Fatalf("%v %+v", err, steps)
			}
			if got := r.do(revoke.NewPlan(r.clock.now(), 0, nil, nil, steps)); said(got) != c.says {
				t.Errorf("%s: %+v", said(got), got.Steps)
			}
		})
	}
}

// A value that only ends like a key is refused before the act.
func TestInHandIsNotAnother(t *testing.T) {
	r := open(t, company())
	h := r.held("backend", kindKey)
	steps, err := r.PlanHeld(r.ctx, h, r.snap)
	if err != nil || len(steps) == 0 {
		t.Fatal(err)
	}
	other := inventory.NewValue("sk-" + "proj-zz" + strings.Repeat("FAKEfa4e", 10) + r.secret("backend").Hint)
	ctx := revoke.WithHeld(t.Context(), revoke.Held{ID: h.ID, Kind: kindKey, Issuer: Kind, Value: other})
	if _, err := r.Apply(ctx, steps[0]); !errors.Is(err, revoke.ErrChanged) || r.sim.Key("backend") == nil {
		t.Error(err)
	}
	if _, err := r.Apply(t.Context(), steps[0]); !errors.Is(err, revoke.ErrNotHeld) {
		t.Error(err)
	}
}

// Refusals for all, things not found before and after, and answers that are none prove nothing.
func TestWhatProvesNothing(t *testing.T) {
	for _, fault := range []httpxtest.Fault{httpxtest.Forbidden, httpxtest.NotFound, httpxtest.Unauthorized, httpxtest.Broken, httpxtest.NotJSON, httpxtest.Cut} {
		r := open(t, company())
		steps := r.plan(r.secret("backend").ID, "").Steps
		always := way(func(q *http.Request) (*http.Response, error) { return httpxtest.Faults(nil, 1, fault).RoundTrip(q) })
		s, err := New(r.opt, env(r.sim, always, still))
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if p, err := s.(*Source).Verify(t.Context(), step, revoke.Receipt{}); err != nil || p.Grade != revoke.Unproven || p.Detail == "" {
				t.Errorf("%s: %v %+v", fault, err, p)
			}
		}
		if got := s.(*Source).try(t.Context(), r.held("backend", kindKey).Value); got.Dead || got.Alive {
			t.Errorf("%s: %+v", fault, got)
		}
	}
}

type way func(*http.Request) (*http.Response, error)

func (f way) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTwiceTooLateAndRecover(t *testing.T) {
	r := open(t, company())
	id := r.secret("backend").ID
	p := r.plan(id, "")
	state := func(i int) string {
		_, st, err := r.Recover(t.Context(), p.Steps[i])
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if state(0) != revoke.StatePlanned || state(1) != revoke.StatePlanned {
		t.Error("nothing was done yet")
	}
	r.do(p)
	if state(1) != revoke.StateDone {
		t.Error(state(1))
	}
	r.clock.pass(time.Second)
	for _, s := range r.do(revoke.NewPlan(r.clock.now(), 0, p.Targets, nil, p.Steps)).Steps {
		if s.State != revoke.StateFailed && s.State != revoke.StateDone {
			t.Errorf("%+v", s)
		}
	}
	if p := r.plan(id, ""); len(p.Steps) != 0 {
		t.Errorf("%+v", p.Steps)
	}
}

func TestReadOnlyAndForged(t *testing.T) {
	r := open(t, company())
	steps := r.plan(r.secret("backend").ID, "").Steps
	r.opt.Revoke = false
	if _, err := r.Apply(t.Context(), steps[0]); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if i := r.Info(); len(i.Revokes) != 0 {
		t.Errorf("%v", i.Revokes)
	}
	r.opt.Revoke = true
	for _, params := range []map[string]string{{}, {objects.ParamPath: "/v1/organization/projects/x", objects.ParamWhat: "key-delete"}, {objects.ParamPath: steps[0].Params[objects.ParamPath], objects.ParamWhat: "provider-off"}} {
		forged := steps[0]
		forged.Params = params
		if _, err := r.Apply(context.Background(), forged); err == nil {
			t.Errorf("a step about something else was done: %v", params)
		}
	}
	if r.sim.Key("backend") == nil {
		t.Error("changed all the same")
	}
}
