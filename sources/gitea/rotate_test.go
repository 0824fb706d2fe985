package gitea

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitea/giteatest"
)

// Another token of the same user with the same scopes goes to the place that is named, is proven, and only then is the old one
// deleted.
func TestRotation(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		old, _ := s.Token(t, "nh-ben", "to rotate", "read:user", "write:repository")
		snap, _ := x.inventory()
		id := secretOf(t, snap, "gitea-token", "token to rotate").ID
		file := filepath.Join(t.TempDir(), "token")
		steps, err := x.src.PlanRotate(t.Context(), id, revoke.Place{File: file}, snap)
		if err != nil || len(steps) != 3 {
			t.Fatalf("%+v %v", steps, err)
		}
		p := revoke.NewPlan(giteatest.Now, 0, nil, nil, steps)
		if p.Steps[0].Action != revoke.ActionRotate || p.Steps[1].Action != revoke.ActionProve || p.Steps[2].After[0] != p.Steps[1].ID || p.Word() == "" {
			t.Fatalf("the old one does not wait for the proof: %+v", p.Steps)
		}
		if text := p.Steps[0].Command(); !strings.Contains(text, `"scopes":["read:user","write:repository"]`) || !strings.Contains(text, `'user = "nhitop:%s"\n' "$TOKEN" | curl`) {
			t.Error(text)
		}
		if _, state, err := x.src.Recover(t.Context(), p.Steps[0]); err != nil || state != revoke.StatePlanned {
			t.Errorf("not begun: %s %v", state, err)
		}
		x.carry(p.Steps[0], revoke.Attested)
		x.carry(p.Steps[1], revoke.Proven)
		if _, state, err := x.src.Recover(t.Context(), p.Steps[0]); err != nil || state != revoke.StateDone {
			t.Errorf("cut off after it: %s %v", state, err)
		}
		works := func(v string) int { return s.Do(t, giteatest.As{Token: v}, "GET", "/user", nil).Status }
		data, err := os.ReadFile(file)
		value := strings.TrimSpace(string(data))
		if info, e := os.Stat(file); err != nil || e != nil || info.Mode().Perm() != 0o600 || value == old || works(value) != 200 || works(old) != 200 {
			t.Errorf("%v %v: before the end of the old one", err, e)
		}
		x.carry(p.Steps[2], revoke.Attested)
		if works(value) != 200 || works(old) != 401 {
			t.Errorf("the new one %d, the old one %d", works(value), works(old))
		}
		again, _ := x.inventory()
		if got := secretOf(t, again, "gitea-token", "token to rotate "); strings.Join(got.Scopes, " ") != "read:user write:repository" {
			t.Errorf("the new one may something else: %v", got.Scopes)
		}
	})
}

// Where the new one cannot be handed over, it is deleted again, and the old one lives.
func TestRotationThatFails(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		old, _ := s.Token(t, "nh-ben", "to rotate", "read:user")
		snap, _ := x.inventory()
		id := secretOf(t, snap, "gitea-token", "token to rotate").ID
		steps, err := x.src.PlanRotate(t.Context(), id, revoke.Place{Command: []string{"/bin/sh", "-c", "exit 3"}}, snap)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.src.Apply(t.Context(), steps[0]); err == nil || !strings.Contains(err.Error(), "the new one was ended again") {
			t.Error(err)
		}
		if got := s.Do(t, giteatest.As{Token: old}, "GET", "/user", nil).Status; got != 200 {
			t.Errorf("the old one: %d", got)
		}
		if _, state, err := x.src.Recover(t.Context(), steps[0]); err != nil || state != revoke.StatePlanned {
			t.Errorf("%s %v", state, err)
		}
		if _, err := x.src.Apply(t.Context(), steps[1]); err == nil {
			t.Error("what nobody has is proven")
		}
		if _, err := x.src.PlanRotate(t.Context(), id, revoke.Place{}, snap); err == nil {
			t.Error("without a place")
		}
		if steps, err := x.src.PlanRotate(t.Context(), inventory.ID("sec-none"), revoke.Place{File: "/x"}, snap); err != nil || steps != nil {
			t.Errorf("%v %v", steps, err)
		}
		x.src.opt.Revoke = false
		if _, err := x.src.Apply(t.Context(), steps[0]); !errors.Is(err, revoke.ErrReadOnly) {
			t.Errorf("without revoke = true: %v", err)
		}
	})
}
