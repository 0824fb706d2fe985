package posture

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// rotating is a shelf that can make a new thing in the place of an old one.
type rotating struct {
	*shelf
	none bool // it knows the thing, and cannot
}

func (s rotating) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if s.none {
		return nil, revoke.ErrNothing
	}
	ends, err := s.Plan(ctx, revoke.Target{ID: id}, snap)
	if err != nil || len(ends) == 0 {
		return nil, err
	}
	made := ends[0]
	made.ID, made.Action, made.Summary, made.Params = "made", revoke.ActionRotate, "make another", map[string]string{}
	to.Put(made.Params)
	ends[0].After = []string{made.ID}
	return append([]revoke.Step{made}, ends...), nil
}

func TestPlanRotate(t *testing.T) {
	dir := t.TempDir()
	to := revoke.Place{File: filepath.Join(dir, "key")}
	sh := newShelf("a", "b")
	feed := sh.feed(true)
	feed.Revoker = rotating{shelf: sh}
	cannot := Feed{Name: "cannot", Kind: "fake", Collect: newShelf().Collect, Revoker: rotating{none: true}, MayRevoke: true}
	s, _ := ready(t, sh, Config{Feeds: []Feed{cannot, feed}, Protected: []string{"b@acme"}})
	p, err := s.PlanRotate(t.Context(), "sec-a", to)
	if err != nil || len(p.Steps) != 2 || p.Steps[0].ID != "made" || p.Steps[0].Source != "shelf" || len(p.Facts) == 0 {
		t.Fatalf("%+v %v", p, err)
	}
	log, err := s.Audit()
	if last := log[len(log)-1]; err != nil || last.Action != "plan" || last.Subject != p.ID {
		t.Errorf("the plan is not in the audit log: %+v %v", last, err)
	}
	run, err := s.Execute(t.Context(), p, yes, nil)
	if err != nil || run.State != revoke.StateDone {
		t.Errorf("%+v %v", run, err)
	}
	if _, err := s.PlanRotate(t.Context(), "sec-b", to); !errors.Is(err, revoke.ErrProtected) {
		t.Errorf("what is protected: %v", err)
	}
	if _, err := s.PlanRotate(t.Context(), "sec-none", to); !errors.Is(err, revoke.ErrNothing) {
		t.Errorf("what nobody can rotate: %v", err)
	}
	if _, err := s.PlanRotate(t.Context(), "sec-a", revoke.Place{}); err == nil {
		t.Error("without a place")
	}
	for file, want := range map[string]string{dir: "is there already", filepath.Join(dir, "none", "key"): "is not there: make it"} {
		if _, err := s.PlanRotate(t.Context(), "sec-a", revoke.Place{File: file}); !errors.Is(err, revoke.ErrPlace) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	feed.MayRevoke = false
	s, _ = ready(t, sh, Config{Feeds: []Feed{feed}})
	if _, err := s.PlanRotate(t.Context(), "sec-b", to); !errors.Is(err, revoke.ErrReadOnly) || !strings.Contains(err.Error(), "revoke = true") {
		t.Errorf("a source that may not: %v", err)
	}
}

// manager is a place in a secrets manager.
type manager struct{ err error }

func (m manager) Look(context.Context) (revoke.Slot, error) {
	return revoke.Slot{Where: "https://vault.acme.example, secret/ci, key value", Mark: "version 4", Request: "PATCH it", Effect: "It makes version 4", Residual: "version 3"}, m.err
}

func (m manager) Read(context.Context, string) (inventory.Value, error) {
	return inventory.Value{}, revoke.ErrNotHeld
}

// A place in a secrets manager is asked before the plan, which says what it will do there and binds to it.
func TestPlanRotateToAManager(t *testing.T) {
	sh := newShelf("a")
	feed := sh.feed(true)
	feed.Revoker = rotating{shelf: sh}
	s, _ := ready(t, sh, Config{Feeds: []Feed{feed}, Places: map[string]revoke.Manager{"vault": manager{}, "sealed": manager{err: errors.New("it is sealed")}}})
	p, err := s.PlanRotate(t.Context(), "sec-a", revoke.Place{Manager: "vault"})
	if err != nil || len(p.Steps) != 2 {
		t.Fatalf("%+v %v", p, err)
	}
	made := p.Steps[0]
	to, err := revoke.PlaceOf(made)
	if err != nil || to.Mark != "version 4" || to.String() != "place vault (https://vault.acme.example, secret/ci, key value)" {
		t.Errorf("%+v %v", to, err)
	}
	if !strings.Contains(made.Effect, "It makes version 4") || !strings.HasSuffix(made.Request, "PATCH it") || !strings.Contains(strings.Join(p.Residual, "|"), "version 3") || strings.Contains(p.Steps[1].Request, "PATCH it") {
		t.Errorf("%+v", p)
	}
	for name, want := range map[string]string{"sealed": "place sealed cannot take a new credential: it is sealed", "valt": "there is: sealed, vault"} {
		if _, err := s.PlanRotate(t.Context(), "sec-a", revoke.Place{Manager: name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	if got := strings.Join(s.Places(), " "); got != "sealed vault" {
		t.Error(got)
	}
}
