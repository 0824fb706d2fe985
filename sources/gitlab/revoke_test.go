package gitlab

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitlab/gitlabsim"
)

// run is a source that may revoke, with what it has read.
type run struct {
	*opened
	snap *inventory.Snapshot
	exec *revoke.Executor
	held context.Context
}

// revoking reads with one token and revokes with another.
func revoking(t *testing.T, sim *gitlabsim.Sim, reads, revokes string) *run {
	t.Helper()
	r := unread(t, sim, reads, revokes)
	r.again()
	return r
}

// unread is a source that may revoke and has read nothing yet.
func unread(t *testing.T, sim *gitlabsim.Sim, reads, revokes string) *run {
	t.Helper()
	o := open(t, sim, reads, nil, func(o *Options) { o.Revoke, o.RevokeToken.Env = true, "TOKEN_"+revokes })
	r := &run{opened: o, held: context.Background()}
	dir := t.TempDir()
	var ticks atomic.Int64
	now := func() time.Time { return at.Add(time.Duration(ticks.Add(1)) * time.Second) }
	r.exec = &revoke.Executor{
		Journal: revoke.NewJournal(filepath.Join(dir, "journal")), Audit: audit.Open(filepath.Join(dir, "audit.jsonl"), now), Now: now,
		Revokers: map[string]revoke.Revoker{o.name: o.Source}, Sleep: func(context.Context, time.Duration) {},
	}
	return r
}

func (r *run) again() {
	b, st := r.read()
	if st.Status != inventory.SourceOK && st.Status != inventory.SourcePartial {
		r.t.Fatal(st.Status, st.Reason)
	}
	r.snap = inventory.NewSnapshot(at, merge.Merge([]inventory.Batch{b}, nil), false)
	r.rec.Reset()
}

// secret finds a secret by its note.
func (r *run) secret(part string) *inventory.Secret {
	r.t.Helper()
	for i := range r.snap.Records().Secrets {
		if x := &r.snap.Records().Secrets[i]; strings.Contains(x.Note, part) {
			return x
		}
	}
	r.t.Fatalf("no secret with %q", part)
	return nil
}

func (r *run) assistant(part string) *inventory.Assistant {
	r.t.Helper()
	for i := range r.snap.Records().Assistants {
		if x := &r.snap.Records().Assistants[i]; strings.Contains(x.Name, part) {
			return x
		}
	}
	r.t.Fatalf("no assistant with %q", part)
	return nil
}

// plan makes a plan, and fails the test when making it changed something.
func (r *run) plan(id inventory.ID, action string) *revoke.Plan {
	r.t.Helper()
	r.rec.Reset()
	target := revoke.Target{ID: id, Action: action}
	steps, err := r.Plan(r.held, target, r.snap)
	if err != nil {
		r.t.Fatal(err)
	}
	r.rec.ReadsOnly(r.t, "/api/v4/admin/token")
	return revoke.NewPlan(at, 0, []revoke.Target{target}, nil, steps)
}

func (r *run) do(p *revoke.Plan) revoke.Run {
	r.t.Helper()
	got, err := r.exec.Execute(r.held, p, revoke.Consent{By: "test", Reason: "test", Yes: true, Word: p.Word()}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// said is a run in a few words.
func said(r revoke.Run) string {
	var out []string
	for _, s := range r.Steps {
		x := s.Action + "=" + s.State
		if s.Proof.Grade != "" {
			x += "," + string(s.Proof.Grade)
		}
		out = append(out, x)
	}
	return strings.Join(out, " ")
}

func TestKills(t *testing.T) {
	for _, c := range []struct {
		what, revokes string
		secret        string
		action        string
		says          string
		after         func(s *gitlabsim.Sim) bool
	}{
		{"a person's token, by an administrator", "admin-api", "cursor on my laptop", "", "revoke=done,attested", func(s *gitlabsim.Sim) bool { return !s.Works("cem-laptop") }},
		{"a project token, by its owner", "ana-api", `"codex"`, "", "revoke=done,attested", func(s *gitlabsim.Sim) bool { return !s.Works("bot") }},
		{"a group token", "ana-api", "docs reader", "", "revoke=done,attested", func(s *gitlabsim.Sim) bool { return !s.Works("reader") }},
		{"a service account's token", "ana-api", `"agent"`, "", "revoke=done,attested", func(s *gitlabsim.Sim) bool { return !s.Works("claude") }},
		{"a deploy token", "ana-api", `"publish"`, "", "revoke=done,attested", func(s *gitlabsim.Sim) bool { return !s.Works("publish") }},
		{"a deploy key, narrowed where it pushes and taken from both projects", "ana-api", `"mirror"`, "", "narrow=done,attested delete=done,attested delete=done,attested",
			func(s *gitlabsim.Sim) bool {
				return s.State("mirror@acme/core/api") == "gone" && s.State("mirror@acme/core/open") == "gone"
			}},
		{"a deploy key, only narrowed", "ana-api", `"mirror"`, revoke.ActionNarrow, "narrow=done,attested", func(s *gitlabsim.Sim) bool { return s.State("mirror@acme/core/open") == "read" }},
		{"a trigger", "ana-api", `"nightly"`, "", "revoke=done,attested", func(s *gitlabsim.Sim) bool { return s.State("nightly") == "gone" }},
		{"a runner", "admin-api", `"builder"`, "", "disable=done,attested delete=done,attested", func(s *gitlabsim.Sim) bool { return s.State("builder") == "gone" }},
		{"a runner, only paused", "admin-api", `"builder"`, revoke.ActionDisable, "disable=done,attested", func(s *gitlabsim.Sim) bool { return s.State("builder") == "paused" }},
		{"a token of a cluster agent", "ana-api", `"in the cluster"`, "", "revoke=done,attested", func(s *gitlabsim.Sim) bool { return s.State("in the cluster") == "gone" }},
		{"an OAuth application", "admin-api", `"Windsurf connector"`, "", "delete=done,attested", func(s *gitlabsim.Sim) bool { return s.State("Windsurf connector") == "gone" }},
		{"a person's token, by somebody who may not", "ana-api", "cursor on my laptop", "", "manual=waiting", func(s *gitlabsim.Sim) bool { return s.Works("cem-laptop") }},
	} {
		t.Run(c.what, func(t *testing.T) {
			sim := gitlabsim.New(company(), func() time.Time { return at })
			r := revoking(t, sim, "admin", c.revokes)
			p := r.plan(r.secret(c.secret).ID, c.action)
			got := r.do(p)
			if said(got) != c.says || !c.after(sim) {
				t.Errorf("%s: %+v", said(got), got.Steps)
			}
			for what, secret := range map[string]string{stillReads: `"mirror"`, itsToken: `"builder"`} {
				if c.secret == secret && slices.Contains(p.Residual, what) != (c.action != "") {
					t.Errorf("%q of a plan for %q: %q", what, c.action, p.Residual)
				}
			}
			for _, s := range p.Steps {
				if s.Residual == "" || s.Layer == "" || s.Action != revoke.ActionManual && (s.Request == "" || s.Horizon == 0) {
					t.Errorf("a step leaves something out: %+v", s)
				}
				if token := kindOf(s.Params[paramPath]) != nil && kindOf(s.Params[paramPath]).token; token != (s.Tells != "") && s.Action != revoke.ActionManual {
					t.Errorf("whom GitLab writes to is not said, or said where it does not: %+v", s)
				}
				if strings.Contains(s.Request, "rotate") {
					t.Errorf("%s", s.Request)
				}
			}
			for _, x := range r.rec.Sent() {
				if strings.HasSuffix(x.Path, "/rotate") {
					t.Errorf("asked for a rotation: %s", x)
				}
			}
		})
	}
}

func TestContainmentIsUndone(t *testing.T) {
	for _, c := range []struct {
		what, revokes, target, action string
		says, during, after           string
		state                         func(s *gitlabsim.Sim) string
	}{
		{"a service account is blocked by an administrator", "admin-api", "Claude Code as", "", "suspend=done,attested", "blocked", "active", func(s *gitlabsim.Sim) string { return s.State("svc-claude") }},
		{"a service account becomes a guest by a group's owner", "ana-api", "Claude Code as", "", "narrow=done,attested", "10", "30", func(s *gitlabsim.Sim) string { return number(int(s.Role("svc-claude", "acme/core/api"))) }},
		{"Duo is switched off", "ana-api", "GitLab Duo in", "", "suspend=done,attested", "off", "on", func(s *gitlabsim.Sim) string { return s.State("acme") }},
	} {
		t.Run(c.what, func(t *testing.T) {
			sim := gitlabsim.New(company(), func() time.Time { return at })
			r := revoking(t, sim, "admin", c.revokes)
			p := r.plan(r.assistant(c.target).ID, c.action)
			if p.Word() != "" {
				t.Errorf("containment must not need a typed word: %q", p.Word())
			}
			got := r.do(p)
			if said(got) != c.says || c.state(sim) != c.during {
				t.Fatalf("%s, %s: %+v", said(got), c.state(sim), got.Steps)
			}
			undone, err := r.exec.Undo(r.held, got.ID, revoke.Consent{By: "test", Reason: "test", Yes: true}, nil)
			if err != nil || undone.Steps[0].Proof.Grade != revoke.Attested || c.state(sim) != c.after {
				t.Errorf("%v %s %s: %+v", err, said(undone), c.state(sim), undone.Steps)
			}
		})
	}
}

// All that an assistant holds: what can be taken back first, the account last.
func TestEverythingOfAnAssistant(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "admin-api")
	got := r.do(r.plan(r.assistant("Claude Code as").ID, revoke.ActionAll))
	if said(got) != "suspend=done,attested revoke=done,attested uninstall=done,attested" {
		t.Errorf("%s %+v", said(got), got.Steps)
	}
	if sim.State("svc-claude") != "gone" {
		t.Error(sim.State("svc-claude"))
	}
	r.again()
	for _, a := range r.snap.Records().Assistants {
		if strings.Contains(a.Name, "Claude Code as") {
			t.Error("it is still in the inventory")
		}
	}
}

// A second revocation is "already"; what is gone before we came is "not found" and no success; an undo of what somebody
// changed since is refused.
func TestTwiceAndTooLate(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "admin-api")
	token := r.secret("cursor on my laptop").ID
	one, two := r.plan(token, ""), r.plan(token, "")
	r.do(one)
	two = revoke.NewPlan(at.Add(time.Second), 0, two.Targets, nil, two.Steps)
	if got := r.do(two); said(got) != "revoke=done,attested" || !got.Steps[0].Receipt.Already {
		t.Errorf("%+v", got.Steps)
	}
	if p := r.plan(token, ""); len(p.Steps) != 0 {
		t.Errorf("%+v", p.Steps)
	}

	p := r.plan(r.secret(`"publish"`).ID, "")
	id := number(sim.ID("publish"))
	if _, err := r.act(r.held, revoke.Step{ID: "x"}, "DELETE", "/projects/"+number(sim.ID("acme/site"))+"/deploy_tokens/"+id, nil); err != nil {
		t.Fatal(err)
	}
	got := r.do(p)
	if got.Steps[0].State != revoke.StateFailed || !strings.Contains(got.Steps[0].Error, "not found") {
		t.Errorf("%+v", got.Steps)
	}

	p = r.plan(r.assistant("Claude Code as").ID, "")
	done := r.do(p)
	user := number(sim.ID("svc-claude"))
	if _, err := r.act(r.held, revoke.Step{ID: "x"}, "POST", "/users/"+user+"/unblock", nil); err != nil {
		t.Fatal(err)
	}
	undone, err := r.exec.Undo(r.held, done.ID, revoke.Consent{By: "t", Reason: "t", Yes: true}, nil)
	if err != nil || !undone.Steps[0].Receipt.Already {
		t.Errorf("%v %+v", err, undone.Steps)
	}
}

func TestReadOnlyAndUnarmed(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "admin-api")
	steps := r.plan(r.secret("cursor on my laptop").ID, "").Steps
	r.opt.Revoke = false
	if _, err := r.Apply(r.held, steps[0]); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if _, err := r.Undo(r.held, steps[0], revoke.Receipt{}); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if !sim.Works("cem-laptop") {
		t.Error("revoked all the same")
	}
	forged := steps[0]
	forged.Params = map[string]string{paramPath: "/projects/301"}
	r.opt.Revoke = true
	if _, err := r.Apply(r.held, forged); err == nil {
		t.Error("a step about something else was done")
	}
}
