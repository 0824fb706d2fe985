package ui

import (
	"context"
	"reflect"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

type rotatingEngine struct {
	*fakeEngine
	id     inventory.ID
	to     revoke.Place
	places []string
}

func (r *rotatingEngine) Places() []string { return r.places }

func (r *rotatingEngine) PlanRotate(_ context.Context, id inventory.ID, to revoke.Place) (*revoke.Plan, error) {
	r.id, r.to = id, to
	return &revoke.Plan{ID: "p3", Created: r.now(), Expires: r.now().Add(15 * time.Minute), Targets: []revoke.Target{{ID: id}}, Names: []string{"github-pat-classic …5wsT"},
		Steps: []revoke.Step{{ID: "a", Action: revoke.ActionRotate, Layer: revoke.LayerCredential, Target: id, Summary: "make another and hand it to " + to.String(), Promises: revoke.Attested}}}, nil
}

// On a secret T asks where the new one goes, and shows the plan.
func TestRotateInTheDashboard(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	e := &rotatingEngine{fakeEngine: d.e}
	d.m.e = e
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys(":", "assistants", "enter", "T")
	d.want("only for a secret")
	d.keys(":", "secrets", "enter", "T")
	d.want("Where does the new one go?", "To:")
	fits(t, d)
	d.keys("ci/token", "enter")
	d.want("give the whole path")
	d.keys("T", "| vault kv put ci/token value=-", "enter")
	d.want("plan p3", "make another and hand it to command vault kv")
	if want := (revoke.Place{Command: []string{"vault", "kv", "put", "ci/token", "value=-"}}); e.id.Noun() != inventory.NounSecret || !reflect.DeepEqual(e.to, want) {
		t.Errorf("%s %+v", e.id, e.to)
	}
}

// Where the configuration has places, the dialog names them, and takes their names.
func TestRotateToAPlace(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	e := &rotatingEngine{fakeEngine: d.e, places: []string{"ci-vault", "prod"}}
	d.m.e = e
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys(":", "secrets", "enter", "T")
	d.want("A place of the configuration", "places: ci-vault, prod")
	fits(t, d)
	d.keys("vault", "enter")
	d.want("no such place: there is ci-vault, prod")
	d.keys("T", "ci-vault", "enter")
	d.want("plan p3", "hand it to place ci-vault")
	if e.to.Manager != "ci-vault" {
		t.Errorf("%+v", e.to)
	}
}

func TestPlaceIn(t *testing.T) {
	home := func() (string, error) { return "/home/dana", nil }
	for text, want := range map[string]revoke.Place{
		"~/ci/token": {File: "/home/dana/ci/token"}, "/srv/token": {File: "/srv/token"}, "|op item edit": {Command: []string{"op", "item", "edit"}}, "vault": {Manager: "vault"}, "": {}, "token": {}, "|": {}, "| ": {},
	} {
		got, err := placeIn(text, []string{"vault"}, home)
		if (err != nil) != reflect.DeepEqual(want, revoke.Place{}) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
}
