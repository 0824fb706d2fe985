package openai

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

func (r *run) rotation(name string, to revoke.Place) *revoke.Plan {
	r.t.Helper()
	r.rec.Reset()
	steps, err := r.PlanRotate(r.ctx, r.secret(name).ID, to, r.snap)
	if err != nil {
		r.t.Fatal(err)
	}
	r.rec.ReadsOnly(r.t)
	return revoke.NewPlan(r.clock.now(), 0, nil, nil, steps)
}

func TestRotation(t *testing.T) {
	r := open(t, company())
	old := r.sim.Value("nightly")
	file := filepath.Join(t.TempDir(), "key")
	p := r.rotation("nightly", revoke.Place{File: file})
	if len(p.Steps) != 3 || p.Steps[1].After[0] != p.Steps[0].ID || p.Steps[2].After[0] != p.Steps[1].ID {
		t.Fatalf("%+v", p.Steps)
	}
	got := r.do(p)
	if said(got) != "rotate=done,attested prove=done,proven revoke=done,attested" {
		t.Fatalf("%s %+v", said(got), got.Steps)
	}
	data, err := os.ReadFile(file)
	value := strings.TrimSpace(string(data))
	info, err2 := os.Stat(file)
	if err != nil || err2 != nil || info.Mode().Perm() != 0o600 || !r.sim.Works(value) || r.sim.Works(old) {
		t.Errorf("%v %v: new works %v, old works %v", err, err2, r.sim.Works(value), r.sim.Works(old))
	}
	if k := r.sim.Key(p.Steps[0].Params[paramNew]); k == nil || k.Expires.Sub(k.Created) != 60*24*time.Hour {
		t.Errorf("the new key has another lifetime: %+v", k)
	}
	if left, _ := filepath.Glob(file + "*"); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	nowhere(t, r.dir, value)
	r.clock.pass(time.Second)
	if again := r.do(r.rotation("ci", revoke.Place{File: file})); said(again) != "rotate=failed prove=skipped revoke=skipped" || r.sim.Key("ci") == nil {
		t.Errorf("over a file that is there: %s", said(again))
	}
}

// nowhere fails the test where a value stands in a file below a folder.
func nowhere(t *testing.T, dir, value string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		data, err := os.ReadFile(p)
		if strings.Contains(string(data), value) {
			t.Errorf("%s has the new key", p)
		}
		return err
	})
	if err != nil || n == 0 {
		t.Errorf("%v, %d files", err, n)
	}
}

func TestRotationThroughACommand(t *testing.T) {
	r := open(t, company())
	file := filepath.Join(t.TempDir(), "got")
	got := r.do(r.rotation("ci", revoke.Place{Command: []string{"sh", "-c", `cat > "$0"`, file}}))
	data, err := os.ReadFile(file)
	if err != nil || said(got) != "rotate=done,attested prove=done,proven revoke=done,attested" || !r.sim.Works(string(data)) {
		t.Errorf("%v %s", err, said(got))
	}
	nowhere(t, r.dir, string(data))
	for _, s := range got.Steps {
		if strings.Contains(s.Receipt.Detail+s.Proof.Detail+s.Summary+s.Request, string(data)) {
			t.Errorf("the new key came out: %+v", s)
		}
	}
}

// What goes wrong on the way leaves the old key alive, and no new one that nobody has.
func TestRotationThatFails(t *testing.T) {
	r := open(t, company())
	before := len(r.batch.Records.Secrets)
	got := r.do(r.rotation("ci", revoke.Place{Command: []string{"sh", "-c", "exit 3"}}))
	if said(got) != "rotate=failed prove=skipped revoke=skipped" || r.sim.Key("ci") == nil || !strings.Contains(got.Steps[0].Error, "ended with 3") {
		t.Errorf("%s %+v", said(got), got.Steps)
	}
	r.rec.Reset()
	r.again()
	if n := len(r.batch.Records.Secrets); n != before {
		t.Errorf("%d secrets, %d before", n, before)
	}
	for _, name := range []string{"backend", "stray"} {
		if _, err := r.PlanRotate(r.ctx, r.secret(name).ID, revoke.Place{File: "/x"}, r.snap); err == nil {
			t.Errorf("%s cannot be rotated", name)
		}
	}
	for _, to := range []revoke.Place{{}, {File: "x"}, {File: "/x", Command: []string{"y"}}} {
		if _, err := r.PlanRotate(r.ctx, r.secret("ci").ID, to, r.snap); err == nil {
			t.Errorf("%+v is a place", to)
		}
	}
	if steps, err := r.PlanRotate(r.ctx, inventory.ID("sec-none"), revoke.Place{File: "/x"}, r.snap); err != nil || steps != nil {
		t.Errorf("%v %v", err, steps)
	}
}

// A new key that is not accepted keeps the old one alive; after a crash what was made is found again.
func TestRotationThatIsNotProven(t *testing.T) {
	r := open(t, company())
	file := filepath.Join(t.TempDir(), "key")
	p := r.rotation("ci", revoke.Place{File: file})
	if _, state, err := r.Recover(r.ctx, p.Steps[0]); err != nil || state != revoke.StatePlanned {
		t.Errorf("%s %v", state, err)
	}
	if _, err := r.Apply(r.ctx, p.Steps[0]); err != nil {
		t.Fatal(err)
	}
	r.fresh.Drop(p.Steps[1])
	if _, state, err := r.Recover(r.ctx, p.Steps[0]); err != nil || state != revoke.StateDone {
		t.Errorf("%s %v", state, err)
	}
	if _, err := r.Apply(r.ctx, p.Steps[1]); err != nil {
		t.Errorf("read back from its file: %v", err)
	}
	if err := os.WriteFile(file, []byte("sk-"+"FAKE-another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Apply(r.ctx, p.Steps[1]); err == nil || !strings.Contains(err.Error(), "not seen to work") {
		t.Error(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, state, err := r.Recover(r.ctx, p.Steps[0]); err != nil || state != revoke.StateUnknown {
		t.Errorf("a key whose value nobody has: %s %v", state, err)
	}
}

// shelf is a place in a secrets manager.
type shelf struct {
	holds inventory.Value
	err   error // of writing
	loses bool  // what it is given
}

func (m *shelf) Look(context.Context) (revoke.Slot, error) {
	return revoke.Slot{Where: "a shelf", Mark: "1", Write: func(_ context.Context, _ string, v inventory.Value) (inventory.Value, error) {
		if !m.loses {
			m.holds = v
		}
		return m.holds, m.err
	}}, nil
}

func (m *shelf) Read(context.Context, string) (inventory.Value, error) {
	if m.holds.IsZero() {
		return m.holds, revoke.ErrNotHeld
	}
	return m.holds, nil
}

// Through a secrets manager: what it took, what it refused, and what it may have or not, in which case both keys live.
func TestRotationToAManager(t *testing.T) {
	for name, c := range map[string]struct {
		shelf    shelf
		want     string
		old, new bool // live afterwards
	}{
		"takes it":           {shelf{}, "rotate=done,attested prove=done,proven revoke=done,attested", false, true},
		"refuses":            {shelf{err: revoke.ErrNotTaken, loses: true}, "rotate=failed prove=skipped revoke=skipped", true, false},
		"breaks, and has it": {shelf{err: errors.New("cut")}, "rotate=done,attested prove=done,proven revoke=done,attested", false, true},
		"breaks, unseen":     {shelf{err: errors.New("cut"), loses: true}, "rotate=unknown prove=skipped revoke=skipped", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, company())
			old := r.sim.Value("ci")
			r.env.Places = map[string]revoke.Manager{"vault": &c.shelf}
			p := r.rotation("ci", revoke.Place{Manager: "vault", Where: "a shelf", Mark: "1"})
			got := r.do(p)
			made := r.sim.Key(p.Steps[0].Params[paramNew]) != nil
			if said(got) != c.want || r.sim.Works(old) != c.old || made != c.new {
				t.Errorf("%s: old %v, new %v: %+v", said(got), r.sim.Works(old), made, got.Steps)
			}
		})
	}
}

// Cut off between making and handing over, it is found out whether the place has it.
func TestRotationToAManagerAfterACrash(t *testing.T) {
	r := open(t, company())
	m := &shelf{loses: true, err: errors.New("cut")}
	r.env.Places = map[string]revoke.Manager{"vault": m}
	p := r.rotation("ci", revoke.Place{Manager: "vault", Where: "a shelf", Mark: "1"})
	if _, err := r.Apply(r.ctx, p.Steps[0]); err == nil || !strings.Contains(err.Error(), "the new one lives on") {
		t.Error(err)
	}
	r.fresh.Drop(p.Steps[1])
	if _, state, err := r.Recover(r.ctx, p.Steps[0]); err != nil || state != revoke.StateUnknown {
		t.Errorf("a key whose value nobody has: %s %v", state, err)
	}
	m.holds = inventory.NewValue(r.sim.Value(p.Steps[0].Params[paramNew]))
	if _, state, err := r.Recover(r.ctx, p.Steps[0]); err != nil || state != revoke.StateDone {
		t.Errorf("%s %v", state, err)
	}
	if _, err := r.Apply(r.ctx, p.Steps[1]); err != nil {
		t.Errorf("read back from the place: %v", err)
	}
}
