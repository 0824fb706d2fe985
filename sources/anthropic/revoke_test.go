package anthropic

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
	"nhitop/sources/anthropic/anthropicsim"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/internal/objects"
)

func TestKills(t *testing.T) {
	for _, c := range []struct {
		what, secret, action, says string
		after                      func(s *anthropicsim.Sim) string
		state                      string
	}{
		{"a key", "backend", "", "disable=done,attested revoke=done,attested", func(s *anthropicsim.Sim) string { return s.State(anthropicsim.IDKey, "backend") }, "archived"},
		{"a key, only switched off", "backend", revoke.ActionDisable, "disable=done,attested", func(s *anthropicsim.Sim) string { return s.State(anthropicsim.IDKey, "backend") }, "inactive"},
		{"a key that is off", "off", "", "revoke=done,attested", func(s *anthropicsim.Sim) string { return s.State(anthropicsim.IDKey, "off") }, "archived"},
		{"a rule", "deploy", "", "revoke=done,attested", func(s *anthropicsim.Sim) string { return s.State(anthropicsim.IDRule, "deploy") }, "archived"},
		{"a rule of the Console", "boss", "", "manual=waiting", func(s *anthropicsim.Sim) string { return s.State(anthropicsim.IDRule, "boss") }, "live"},
		{"an issuer, after its rules", "github", "", "revoke=done,attested revoke=done,attested revoke=done,attested", func(s *anthropicsim.Sim) string {
			return s.State(anthropicsim.IDIssuer, "github") + s.State(anthropicsim.IDRule, "deploy") + s.State(anthropicsim.IDRule, "review")
		}, "archivedarchivedarchived"},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := open(t, company())
			p := r.plan(r.secret(c.secret).ID, c.action)
			got := r.do(p)
			if said(got) != c.says || c.after(r.sim) != c.state {
				t.Errorf("%s, %s: %+v", said(got), c.after(r.sim), got.Steps)
			}
			if c.secret == "backend" && slices.Contains(p.Residual, backOn) != (c.action == revoke.ActionDisable) {
				t.Errorf("what is archived is not switched on again, what is only off is: %q", p.Residual)
			}
			for _, s := range p.Steps {
				if s.Residual == "" || s.Layer == "" || s.Action != revoke.ActionManual && (s.Request == "" || s.Horizon == 0) {
					t.Errorf("a step leaves something out: %+v", s)
				}
			}
		})
	}
}

// Tokens that a rule has given live on for its own lifetime: the plan says how long.
func TestResidualOfARule(t *testing.T) {
	r := open(t, company())
	p := r.plan(r.secret("deploy").ID, "")
	s := p.Steps[0]
	if s.Horizon != horizon || s.Layer != revoke.LayerGrant || s.Reversible || !slices.Contains(p.Survives(s), "access tokens that it has given (at most 1 h)") {
		t.Errorf("%+v", s)
	}
	run := r.do(r.plan(r.secret("deploy").ID, ""))
	left := run.Left(run.Steps[0])
	if got := left[len(left)-1]; !got.By.Equal(run.Steps[0].Receipt.At.Add(time.Hour)) {
		t.Errorf("%+v", left)
	}
}

func TestAssistants(t *testing.T) {
	r := open(t, company())
	p := r.plan(r.assistant(`"claude-code-action"`).ID, revoke.ActionAll)
	got := r.do(p)
	if said(got) != "narrow=done,attested revoke=done,attested uninstall=done,attested" || r.sim.State(anthropicsim.IDAccount, "claude-code-action") != "archived" {
		t.Errorf("%s %+v", said(got), got.Steps)
	}
	last := p.Steps[len(p.Steps)-1]
	if len(last.After) != 1 || len(last.Behind) != 1 || last.Layer != revoke.LayerPrincipal {
		t.Errorf("the account must end after its rules: %+v", last)
	}
	// a rule that only the Console may end keeps the account from being archived: it is left for a person, and said
	got = r.do(r.plan(r.assistant(`"ci-runner"`).ID, revoke.ActionAll))
	if said(got) != "narrow=done,attested disable=done,attested revoke=done,attested revoke=done,attested manual=waiting uninstall=skipped" {
		t.Errorf("%s", said(got))
	}
}

func TestContainmentIsUndone(t *testing.T) {
	r := open(t, company())
	p := r.plan(r.assistant(`"ci-runner"`).ID, "")
	if p.Word() != "" {
		t.Errorf("containment must not need a typed word: %q", p.Word())
	}
	got := r.do(p)
	if said(got) != "narrow=done,attested disable=done,attested" || r.sim.State(anthropicsim.IDWorkspace, "web/ci-runner") != "gone" || r.sim.Works("runner") {
		t.Fatalf("%s %+v", said(got), got.Steps)
	}
	undone, err := r.exec.Undo(r.ctx, got.ID, revoke.Consent{By: "t", Reason: "t", Yes: true}, nil)
	if err != nil || said(undone) != "disable=done,attested narrow=done,attested" || r.sim.State(anthropicsim.IDWorkspace, "web/ci-runner") != "workspace_developer" || !r.sim.Works("runner") {
		t.Errorf("%v %s %+v", err, said(undone), undone.Steps)
	}
}

// A leaver: out of the workspaces, out of the organisation, and the keys that they made are named.
func TestLeaver(t *testing.T) {
	r := open(t, company())
	p := r.plan(r.owner("ben@example.com").ID, "")
	got := r.do(p)
	if said(got) != "narrow=done,attested narrow=done,attested delete=done,attested" || r.sim.State(anthropicsim.IDUser, "ben@example.com") != "gone" {
		t.Errorf("%s %+v", said(got), got.Steps)
	}
	if !strings.Contains(strings.Join(p.Residual, "\n"), "API keys that the person made: they live on") {
		t.Errorf("%v", p.Residual)
	}
}

// A key in hand is ended by the organisation's credential, and proven by itself. How providers lie is seen through.
func TestInHand(t *testing.T) {
	for _, c := range []struct {
		what  string
		lie   anthropicsim.Lie
		admin bool // the control fails
		says  string
	}{
		{"it is true", anthropicsim.Lie{}, false, "disable=done,proven revoke=done,proven"},
		{"late by half a minute", anthropicsim.Lie{Lag: 30 * time.Second}, false, "disable=done,proven revoke=done,proven"},
		{"it lives on", anthropicsim.Lie{Lives: true}, false, "disable=done,alive revoke=done,alive"},
		{"nothing was done", anthropicsim.Lie{Nothing: true}, false, "disable=done,alive revoke=done,alive"},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := open(t, company())
			h := r.held("backend")
			r.sim.Endings(c.lie)
			steps, err := r.PlanHeld(r.ctx, h, r.snap)
			if err != nil || len(steps) != 2 || steps[0].Promises != revoke.Proven {
				t.Fatalf("%v %+v", err, steps)
			}
			got := r.do(revoke.NewPlan(r.clock.now(), 0, nil, nil, steps))
			if said(got) != c.says {
				t.Errorf("%s: %+v", said(got), got.Steps)
			}
			r.rec.OnlyTo(t, host, r.sim.Value("backend"))
		})
	}
}

// Of two keys that end alike none is taken for the one in hand, and one that only ends like it is refused before the act.
func TestInHandIsNotAnother(t *testing.T) {
	r := open(t, company())
	h := r.held("backend")
	steps, err := r.PlanHeld(r.ctx, h, r.snap)
	if err != nil || len(steps) == 0 {
		t.Fatal(err)
	}
	other := inventory.NewValue("sk-" + "ant-api03-" + strings.Repeat("FAKEfa4e", 10) + r.secret("backend").Hint)
	ctx := revoke.WithHeld(t.Context(), revoke.Held{ID: h.ID, Kind: kindKey, Issuer: Kind, Value: other})
	if _, err := r.Apply(ctx, steps[0]); !errors.Is(err, revoke.ErrChanged) || r.sim.State(anthropicsim.IDKey, "backend") != "active" {
		t.Errorf("%v", err)
	}
	if _, err := r.Apply(t.Context(), steps[0]); !errors.Is(err, revoke.ErrNotHeld) {
		t.Error(err)
	}
	if steps, err := r.PlanHeld(t.Context(), revoke.Held{ID: h.ID, Kind: kindKey, Issuer: Kind, Value: inventory.NewValue("sk-" + "ant-api03-" + strings.Repeat("FAKE", 20) + "zzzz")}, r.snap); err != nil || steps != nil {
		t.Errorf("%v %+v", err, steps)
	}
}

func TestAsk(t *testing.T) {
	r := open(t, company())
	for name, want := range map[string]string{"backend": inventory.StateLive, "off": inventory.StateDisabled, "old": inventory.StateRevoked, "over": inventory.StateExpired} {
		a, err := r.Ask(t.Context(), r.held(name))
		if err != nil || a == nil || a.State != want || !strings.Contains(a.Detail, `the API key "`+name+`"`) {
			t.Errorf("%s: %v %+v", name, err, a)
		}
	}
	if a, err := r.Ask(t.Context(), revoke.Held{Kind: "openai-project-key"}); a != nil || err != nil {
		t.Errorf("%v %v", a, err)
	}
	r.sim.End("admin")
	h := r.held("off")
	if a, _ := r.Ask(t.Context(), h); a == nil || a.State != inventory.StateUnknown || !strings.Contains(a.Detail, "the control with another credential was not accepted") {
		t.Errorf("%+v", a)
	}
}

// Refusals for all, things not found before and after, and answers that are none prove nothing.
func TestWhatProvesNothing(t *testing.T) {
	for _, fault := range []httpxtest.Fault{httpxtest.Forbidden, httpxtest.NotFound, httpxtest.Unauthorized, httpxtest.Broken, httpxtest.NotJSON, httpxtest.Cut} {
		r := open(t, company())
		step := r.plan(r.secret("deploy").ID, "").Steps[0]
		always := way(func(q *http.Request) (*http.Response, error) { return httpxtest.Faults(nil, 1, fault).RoundTrip(q) })
		o := r.opt
		s, err := New(o, env(r.sim, always, still))
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.(*Source).Verify(t.Context(), step, revoke.Receipt{})
		if err != nil || p.Grade != revoke.Unproven || p.Detail == "" {
			t.Errorf("%s: %v %+v", fault, err, p)
		}
		h := r.held("backend")
		if got := s.(*Source).try(t.Context(), h.Value); got.Dead || got.Alive {
			t.Errorf("%s: %+v", fault, got)
		}
	}
}

type way func(*http.Request) (*http.Response, error)

func (f way) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTwiceAndTooLate(t *testing.T) {
	r := open(t, company())
	id := r.secret("deploy").ID
	one := r.plan(id, "")
	r.do(one)
	r.clock.pass(time.Second)
	got := r.do(revoke.NewPlan(r.clock.now(), 0, one.Targets, nil, one.Steps))
	if said(got) != "revoke=done,attested" || !got.Steps[0].Receipt.Already {
		t.Errorf("%+v", got.Steps)
	}
	if p := r.plan(id, ""); len(p.Steps) != 0 {
		t.Errorf("%+v", p.Steps)
	}
	leaver := r.plan(r.owner("ben@example.com").ID, "")
	r.do(r.plan(r.owner("ben@example.com").ID, revoke.ActionDelete))
	late := r.do(leaver)
	for _, s := range late.Steps {
		if s.State != revoke.StateFailed || !strings.Contains(s.Error, "not found") {
			t.Errorf("%+v", s)
		}
	}
	// switched on again by somebody else: the undo is refused
	done := r.do(r.plan(r.secret("backend").ID, revoke.ActionDisable))
	archive := r.plan(r.secret("backend").ID, revoke.ActionRevoke)
	r.do(archive)
	undone, err := r.exec.Undo(r.ctx, done.ID, revoke.Consent{By: "t", Reason: "t", Yes: true}, nil)
	if err != nil || undone.Steps[0].State != revoke.StateFailed {
		t.Errorf("%v %+v", err, undone.Steps)
	}
}

func TestRecover(t *testing.T) {
	r := open(t, company())
	steps := r.plan(r.secret("backend").ID, "").Steps
	state := func(i int) string {
		_, st, err := r.Recover(t.Context(), steps[i])
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if state(0) != revoke.StatePlanned || state(1) != revoke.StatePlanned {
		t.Error("nothing was done yet")
	}
	if _, err := r.Apply(t.Context(), steps[0]); err != nil {
		t.Fatal(err)
	}
	if state(0) != revoke.StateDone || state(1) != revoke.StatePlanned {
		t.Errorf("%s %s", state(0), state(1))
	}
	if _, err := r.Apply(t.Context(), steps[1]); err != nil {
		t.Fatal(err)
	}
	if state(1) != revoke.StateDone {
		t.Error(state(1))
	}
}

func TestReadOnlyAndForged(t *testing.T) {
	r := open(t, company())
	steps := r.plan(r.secret("backend").ID, "").Steps
	r.opt.Revoke = false
	if _, err := r.Apply(t.Context(), steps[0]); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if _, err := r.Undo(t.Context(), steps[0], revoke.Receipt{}); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if i := r.Info(); len(i.Revokes) != 0 {
		t.Errorf("%v", i.Revokes)
	}
	r.opt.Revoke = true
	for _, params := range []map[string]string{{}, {objects.ParamPath: "/v1/organizations/me", objects.ParamWhat: "key-off"}, {objects.ParamPath: steps[0].Params[objects.ParamPath], objects.ParamWhat: "rule-archive"}} {
		forged := steps[0]
		forged.Params = params
		if _, err := r.Apply(context.Background(), forged); err == nil {
			t.Errorf("a step about something else was done: %v", params)
		}
	}
	if r.sim.State(anthropicsim.IDKey, "backend") != "active" {
		t.Error("changed all the same")
	}
}

// Without a credential that is shown federation, a person is told what to do, and it is seen done.
func TestByHand(t *testing.T) {
	r := open(t, company())
	id := r.secret("deploy").ID
	r.opt.OAuth.Env = ""
	p := r.plan(id, "")
	if len(p.Steps) != 1 || p.Steps[0].Action != revoke.ActionManual || !strings.Contains(p.Steps[0].Summary, "https://platform.claude.com/") || !strings.Contains(p.Steps[0].Effect, "oauth_token") {
		t.Fatalf("%+v", p.Steps)
	}
	r.opt.OAuth.Env = "LOGIN_oauth"
	if got, _ := r.Verify(t.Context(), p.Steps[0], revoke.Receipt{}); got.Grade != revoke.Alive {
		t.Errorf("%+v", got)
	}
	r.do(r.plan(id, ""))
	if got, _ := r.Verify(t.Context(), p.Steps[0], revoke.Receipt{}); got.Grade != revoke.Attested {
		t.Errorf("%+v", got)
	}
}
