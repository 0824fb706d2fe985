package risk

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func (s *scenario) controls() map[string]ControlState {
	snap := inventory.NewSnapshot(now, s.Records, false)
	r := snap.Records()
	r.Findings, r.Issues = Judge(snap, s.policy, now)
	m := map[string]ControlState{}
	for _, c := range ByControl(inventory.NewSnapshot(now, r, false), s.policy) {
		m[c.ID] = c
	}
	return m
}

func TestControlStates(t *testing.T) {
	s := calm()
	s.Sources = []inventory.SourceStatus{{Name: "local", Status: inventory.SourceOK, StartedAt: now}}
	s.secret()
	for id, c := range s.controls() {
		if c.State == ControlBroken {
			t.Errorf("%s is broken with nothing wrong: %s", id, c.Why)
		}
		if (len(c.Rules) == 0) != strings.Contains(c.Why, "no rule bears on it") || c.Why == "" || c.Framework == "" || c.Version == "" {
			t.Errorf("%s: %+v", id, c)
		}
	}
	// PR.DS-01: data at rest; only rules of places of secrets bear on it, and places are always known.
	if c := s.controls()["IA-5(6)"]; c.State != ControlMet {
		t.Errorf("a control whose rules were all asked is %s: %s", c.State, c.Why)
	}
	if c := s.controls()["NHI1:2025"]; c.State != ControlUnknown {
		t.Errorf("a control that needs facts nobody has is %s: %s", c.State, c.Why)
	}
	s.policy.Off = map[string]string{"SEC-03": "not ours"}
	if c := s.controls()["IA-5(6)"]; c.State != ControlUnknown || !strings.Contains(c.Why, "switched off") {
		t.Errorf("a control of a rule that is off is %s: %s", c.State, c.Why)
	}
	s.policy.Off = nil
	s.Sources[0].Status = inventory.SourcePartial
	if c := s.controls()["IA-5(6)"]; c.State == ControlMet {
		t.Error("a control is met by what was not read to its end")
	}
	s.Secrets[0].Storage = inventory.StoragePlaintext
	c := s.controls()["IA-5(6)"]
	if c.State != ControlBroken || len(c.Findings) == 0 || !slices.Contains(c.Subjects, secID) || !strings.Contains(c.Why, "SEC-03") {
		t.Errorf("%+v", c)
	}
}

func TestControlsAreTheSameEachTime(t *testing.T) {
	s := inventory.NewSnapshot(now, town(3, 3), false)
	if !reflect.DeepEqual(ByControl(s, DefaultPolicy()), ByControl(s, DefaultPolicy())) {
		t.Error("two readings differ")
	}
	for rule := range needs {
		if !slices.ContainsFunc(Rules(), func(r Rule) bool { return r.ID == rule }) {
			t.Errorf("facts are listed for %s, which is not a rule", rule)
		}
	}
	known := map[string]bool{}
	for _, f := range Frameworks() {
		known[f.ID] = true
	}
	for _, a := range Aliases() {
		if a.Confidence == "" || !known[a.Primary] || slices.ContainsFunc(a.Controls, func(id string) bool { return !known[id] }) {
			t.Errorf("%+v", a)
		}
	}
}

func TestLines(t *testing.T) {
	s := calm()
	s.secret().Storage = inventory.StoragePlaintext
	f := s.of("SEC-03")
	sum := Sum(f)
	if !strings.HasPrefix(sum, "60 base") || !strings.Contains(sum, " = ") {
		t.Error(sum)
	}
	if b := Because(f); !strings.Contains(b, " because: ") || strings.Contains(b, "It becomes") {
		t.Error(b)
	}
	if whole := Because(f) + becomes + WouldChange(f); WouldChange(f) != "" && whole != f.DecisionWhy {
		t.Error(whole)
	}
}
