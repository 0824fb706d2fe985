package gitlab

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitlab/gitlabsim"
)

func (r *run) rotation(part string, to revoke.Place) *revoke.Plan {
	r.t.Helper()
	r.rec.Reset()
	steps, err := r.PlanRotate(r.held, r.secret(part).ID, to, r.snap)
	if err != nil {
		r.t.Fatal(err)
	}
	r.rec.ReadsOnly(r.t)
	return revoke.NewPlan(at, 0, nil, nil, steps)
}

// Each kind of access token is rotated: the new one works and is where it was to go, the old one does not, and the account,
// the scopes and the lifetime are the same.
func TestRotation(t *testing.T) {
	for _, c := range []struct{ what, secret, name string }{
		{"of a project", `"codex"`, "bot"}, {"of a group", "docs reader", "reader"}, {"of a service account", `"agent"`, "claude"}, {"of a person, without an end", "cursor on my laptop", "cem-laptop"},
	} {
		t.Run(c.what, func(t *testing.T) {
			sim := gitlabsim.New(company(), func() time.Time { return at })
			r := revoking(t, sim, "admin", "admin-api")
			file := filepath.Join(t.TempDir(), "token")
			p := r.rotation(c.secret, revoke.Place{File: file})
			x := r.secret(c.secret)
			if got := p.Steps[0].Params[paramExpires]; (got == "") != x.Expires.IsZero() || got != "" && got != at.Add(x.Expires.Sub(x.Created)).Format("2006-01-02") {
				t.Errorf("the new one ends on %q; the old one lived from %s to %s", got, x.Created, x.Expires)
			}
			if p.Word() == "" || !strings.Contains(p.Steps[0].Effect, "ends the old one in the same moment") || p.Steps[0].Tells != "" {
				t.Errorf("%+v", p.Steps[0])
			}
			got := r.do(p)
			if said(got) != "rotate=done,attested prove=done,proven" {
				t.Fatalf("%s %+v", said(got), got.Steps)
			}
			data, err := os.ReadFile(file)
			info, err2 := os.Stat(file)
			if err != nil || err2 != nil || info.Mode().Perm() != 0o600 || strings.TrimSpace(string(data)) != sim.Value(c.name+"'") || !sim.Works(c.name+"'") || sim.Works(c.name) {
				t.Errorf("%v %v: the new one works %v, the old one %v", err, err2, sim.Works(c.name+"'"), sim.Works(c.name))
			}
			n := 0
			for _, q := range r.rec.Sent() {
				if strings.HasSuffix(q.Path, "/rotate") {
					n++
				}
			}
			if n != 1 {
				t.Errorf("it was rotated %d times", n)
			}
			for _, s := range got.Steps {
				if strings.Contains(s.Receipt.Detail+s.Proof.Detail+s.Request+s.Summary, sim.Value(c.name+"'")) {
					t.Errorf("the new one came out: %+v", s)
				}
			}
		})
	}
}

// Nothing is rotated where the place takes nothing; what is not handed over is ended again; a rotation is not asked for twice.
func TestRotationThatFails(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "admin-api")
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := r.do(r.rotation(`"codex"`, revoke.Place{File: file}))
	if said(got) != "rotate=failed prove=skipped" || !sim.Works("bot") || !strings.Contains(got.Steps[0].Error, "is there already") {
		t.Errorf("%s %+v", said(got), got.Steps)
	}
	got = r.do(r.rotation("docs reader", revoke.Place{Command: []string{"/bin/sh", "-c", "exit 3"}}))
	if said(got) != "rotate=unknown prove=skipped" || sim.Works("reader'") || sim.Works("reader") || !strings.Contains(got.Steps[0].Error, "was begun") && !strings.Contains(got.Steps[0].Error, "make a new one by hand") {
		t.Errorf("%s, the new one works %v: %+v", said(got), sim.Works("reader'"), got.Steps)
	}
	p := r.rotation(`"agent"`, revoke.Place{File: filepath.Join(t.TempDir(), "token")})
	if _, state, err := r.Recover(r.held, p.Steps[0]); err != nil || state != revoke.StatePlanned {
		t.Errorf("not begun: %s %v", state, err)
	}
	if _, err := r.Apply(r.held, p.Steps[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Apply(r.held, p.Steps[0]); !errors.Is(err, revoke.ErrChanged) || !sim.Works("claude'") {
		t.Errorf("twice: %v, the new one works %v", err, sim.Works("claude'"))
	}
	r.fresh.Drop(p.Steps[1])
	if _, state, err := r.Recover(r.held, p.Steps[0]); err != nil || state != revoke.StateDone {
		t.Errorf("cut off after it: %s %v", state, err)
	}
	if _, err := r.Apply(r.held, p.Steps[1]); err != nil {
		t.Errorf("read back from its file: %v", err)
	}
	for _, part := range []string{`"publish"`, `"mirror"`} {
		if _, err := r.PlanRotate(r.held, r.secret(part).ID, revoke.Place{File: "/x"}, r.snap); !errors.Is(err, revoke.ErrNothing) {
			t.Errorf("%s: %v", part, err)
		}
	}
	if steps, err := r.PlanRotate(r.held, inventory.ID("sec-none"), revoke.Place{File: "/x"}, r.snap); err != nil || steps != nil {
		t.Errorf("%v %v", err, steps)
	}
	r.opt.Revoke = false
	if _, err := r.Apply(r.held, p.Steps[0]); !errors.Is(err, revoke.ErrReadOnly) {
		t.Errorf("without revoke = true: %v", err)
	}
}
