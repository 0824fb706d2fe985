package risk

import (
	"testing"

	"nhitop/inventory"
)

func TestLocate(t *testing.T) {
	place := func(match, kind, env, sens string) Place {
		x, err := NewPlace(match, kind, env, sens)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	p := DefaultPolicy()
	p.Places = []Place{
		place("payments-*", "", "", "restricted"), place("*-eu", "cluster", "staging", ""), place("/^acct-[0-9]+$/", "", "production", "confidential"),
		place("*", "database", "dev", "internal"),
	}
	for _, c := range []struct {
		kind, name, had string
		env, sens       string
		assumed         bool
	}{
		{kind: "cluster", name: "payments-eu", env: "staging", sens: "restricted"},
		{kind: "cluster", name: "PAYMENTS-EU", env: "staging", sens: "restricted"},
		{kind: "cloud-account", name: "acct-17", env: "production", sens: "confidential"},
		{kind: "database", name: "prod-db", env: "dev", sens: "internal"},
		{kind: "cloud-account", name: "acme prod", env: "production", assumed: true},
		{kind: "cloud-account", name: "acme non-prod", env: ""},
		{kind: "cloud-account", name: "acme-staging", env: "staging", assumed: true},
		{kind: "cloud-account", name: "acme_dev", env: "dev", assumed: true},
		{kind: "cloud-account", name: "acme-dev", had: "production", env: "production"},
		{kind: "repository", name: "acme/test", env: ""},
		{kind: "cloud-account", name: "latest", env: ""},
	} {
		rs := []inventory.Resource{{Kind: c.kind, Name: c.name, Environment: c.had}}
		p.Locate(rs)
		if r := rs[0]; r.Environment != c.env || r.Sensitivity != c.sens || r.EnvironmentAssumed != c.assumed {
			t.Errorf("%s %s: environment %q (assumed %v), sensitivity %q", c.kind, c.name, r.Environment, r.EnvironmentAssumed, r.Sensitivity)
		}
	}
	for _, bad := range [][4]string{{"", "", "dev", ""}, {"x", "", "", ""}, {"x", "", "", "top"}, {"/(/", "", "dev", ""}, {"x", "[", "dev", ""}} {
		if _, err := NewPlace(bad[0], bad[1], bad[2], bad[3]); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// What is declared goes before what a name says, in both directions; what a name says never makes anything milder.
func TestDeclaredEnvironmentGoesFirst(t *testing.T) {
	judge := func(env string, assumed bool, name string) *inventory.Finding {
		s := calm()
		s.grant(inventory.CloudAdmin, nil)
		s.Resources[0].Name, s.Resources[0].Environment, s.Resources[0].EnvironmentAssumed = name, env, assumed
		return s.of("ENT-01")
	}
	points := func(f *inventory.Finding, code string) int {
		for _, p := range f.ScoreParts {
			if p.Code == code {
				return p.Points
			}
		}
		return 0
	}
	for _, c := range []struct {
		env     string
		assumed bool
		name    string
		prod    bool
		nonprod bool
	}{
		{"", false, "acme", false, false},
		{"", false, "acme-prod", true, false},
		{"production", true, "acme-prod", true, false},
		{"staging", false, "acme-prod", false, true},
		{"staging", true, "acme-staging", false, false},
		{"production", false, "acme", true, false},
	} {
		f := judge(c.env, c.assumed, c.name)
		if prod, non := points(f, "prod") > 0, points(f, "nonprod") < 0; prod != c.prod || non != c.nonprod {
			t.Errorf("%+v: production %v, outside %v: %+v", c, prod, non, f.ScoreParts)
		}
	}
}
