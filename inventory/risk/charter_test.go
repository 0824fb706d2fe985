package risk

import (
	"strings"
	"testing"

	"nhitop/inventory"
)

// charter gives the assistant a charter that nothing is wrong with.
func (s *scenario) charter() *inventory.Standing {
	a := s.a()
	a.Charter, a.Purpose, a.Standing = "kind claude-code", "pair programming", &inventory.Standing{Tier: 2, Owner: "dana", Expires: now.Add(30 * day)}
	return a.Standing
}

func init() {
	cases = append(cases, []struct {
		rule  string
		fires func(*scenario)
		but   func(*scenario)
	}{
		{"CLS-03", func(s *scenario) { s.charter(); s.a().Charter = "" }, func(s *scenario) { s.a().Standing = nil }},
		{"CLS-04", func(s *scenario) { s.charter().Drift = []inventory.Capability{inventory.OpenPR} }, func(s *scenario) { s.a().Standing.Drift = nil }},
		{"OWN-04", func(s *scenario) { s.charter().Tier = 1 }, func(s *scenario) { s.a().Standing.Deputy = "erin" }},
		{"OWN-06", func(s *scenario) { s.charter(); s.a().Purpose = "" }, func(s *scenario) { s.a().Purpose = "tests" }},
		{"LIF-05", func(s *scenario) { s.charter().Overdue = true }, func(s *scenario) { s.a().Standing.Overdue = false }},
	}...)
}

func TestTwoChartersThatFitAreSaid(t *testing.T) {
	s := calm()
	s.charter().Conflict = "charter one and charter two fit it equally well"
	s.a().Charter = ""
	f := s.of("CLS-03")
	if f == nil || !strings.Contains(f.Detail, "charter one and charter two") {
		t.Fatalf("%+v", f)
	}
}

func TestAGoodCharterIsQuiet(t *testing.T) {
	s := calm()
	s.charter()
	if fs, _ := s.judge(); len(fs) > 0 {
		t.Errorf("%+v", fs)
	}
}

// Rules that have other ways to hold too, or several by a charter.
func TestFurtherWaysByACharter(t *testing.T) {
	for _, c := range []struct {
		rule  string
		fires func(*scenario)
		but   func(*scenario)
	}{
		{"CLS-04", func(s *scenario) { s.charter().Environments = []string{"production"} }, func(s *scenario) { s.a().Standing.Environments = nil }},
		{"CLS-04", func(s *scenario) { s.charter().Repositories = []string{"acme/vault"} }, func(s *scenario) { s.a().Charter = "" }},
		{"LIF-04", func(s *scenario) { s.charter().Expired = true }, func(s *scenario) { s.a().Status = "retired" }},
		{"ENT-03", func(s *scenario) { s.grant(inventory.DataWrite, nil); s.charter().ReadOnly = true }, func(s *scenario) { s.Entitlements[0].Gate = inventory.GateBlocked }},
	} {
		s := calm()
		c.fires(s)
		f := s.of(c.rule)
		if f == nil {
			t.Errorf("%s does not hold where it should", c.rule)
			continue
		}
		checkText(t, f)
		c.but(s)
		if f := s.of(c.rule); f != nil {
			t.Errorf("%s still holds: %s", c.rule, f.Detail)
		}
	}
}
