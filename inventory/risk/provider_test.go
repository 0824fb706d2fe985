package risk

import (
	"testing"
	"time"

	"nhitop/inventory"
)

// app makes the assistant an app of its vendor, installed in an organisation.
func (s *scenario) app() *inventory.Secret {
	s.a().Scope, s.a().Vendor, s.a().Path = "org", "Anthropic", "github.com/acme"
	x := s.secret()
	x.Kind, x.Storage, x.Expires, x.LongLived = "github-app-installation", inventory.StorageProvider, time.Time{}, ""
	x.Scopes = []string{"contents:write", allRepositories}
	return x
}

func TestProviderRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		rule  string
		fires func(*scenario)
		but   func(*scenario)
	}{
		{"late", "SEC-02", func(s *scenario) { s.secret().Leaked = now.Add(-2 * day) }, func(s *scenario) { s.Secrets[0].Leaked = now.Add(-time.Hour) }},
		{"late, and dead", "SEC-02", func(s *scenario) { s.secret().Leaked = now.Add(-2 * day) }, func(s *scenario) { s.Secrets[0].State = inventory.StateRevoked }},
		{"not known since when", "SEC-02", func(s *scenario) { s.secret().Leaked = now.Add(-30 * day) }, func(s *scenario) { s.Secrets[0].Leaked = time.Time{} }},
		{"all repositories", "ENT-14", func(s *scenario) { s.app() }, func(s *scenario) { s.Secrets[0].Scopes = []string{"contents:write"} }},
		{"reads alone", "ENT-14", func(s *scenario) { s.app() }, func(s *scenario) { s.Secrets[0].Scopes = []string{"contents:read", allRepositories} }},
		{"a guess", "ENT-14", func(s *scenario) { s.app() }, func(s *scenario) { s.a().Guessed = true }},
		{"one's own", "ENT-14", func(s *scenario) { s.app() }, func(s *scenario) { s.a().Vendor = "" }},
		{"any repository", "CIC-08", func(s *scenario) { s.job().OIDC, s.a().Job.Subject = true, []string{"repository_owner"} }, func(s *scenario) { s.a().Job.Subject = []string{"repo", "context"} }},
		{"any branch", "CIC-08", func(s *scenario) { s.job().OIDC, s.a().Job.Subject = true, []string{"repo"} }, func(s *scenario) { s.a().Job.Subject = []string{"repo", "environment"} }},
		{"the subject is not known", "CIC-08", func(s *scenario) { s.job().OIDC, s.a().Job.Subject = true, []string{"repo"} }, func(s *scenario) { s.a().Job.Subject = nil }},
		{"without OIDC", "CIC-08", func(s *scenario) { s.job().OIDC, s.a().Job.Subject = true, []string{"repo"} }, func(s *scenario) { s.a().Job.OIDC = false }},
		{"the default writes", "CIC-03", func(s *scenario) { s.job().PermissionsSet = "default-write" }, func(s *scenario) { s.a().Job.PermissionsSet = "default-read" }},
		{"a lasting runner", "CIC-07", func(s *scenario) { s.job().SelfHosted, s.a().Job.Ephemeral = inventory.Yes, inventory.No }, func(s *scenario) { s.a().Job.Ephemeral = inventory.Yes }},
		{"never used", "SEC-12", func(s *scenario) { x := s.secret(); x.Used, x.Created = inventory.No, now.Add(-31*day) }, func(s *scenario) { s.Secrets[0].Created = now.Add(-29 * day) }},
		{"never used, let in", "SEC-12", func(s *scenario) {
			s.secret().Used = inventory.No
			s.grant(inventory.CloudRead, &s.Secrets[0]).GrantedAt = now.Add(-31 * day)
		}, func(s *scenario) { s.Secrets[0].Used = "" }},
		{"several organisations", "ENT-11", func(s *scenario) {
			s.grant(inventory.ReadSource, s.secret())
			s.Resources[0].Kind, s.Resources[0].Name = "repository", "github.com/acme/web"
			other := s.Resources[0]
			other.ID, other.Name = inventory.NewID(inventory.NounResource, "b"), "github.com/other/web"
			s.Resources = append(s.Resources, other)
			e := s.Entitlements[0]
			e.ID, e.Resource, e.Capability = inventory.NewID(inventory.NounEntitlement, "b"), other.ID, inventory.WriteSource
			s.Entitlements = append(s.Entitlements, e)
		}, func(s *scenario) { s.Resources[1].Name = "github.com/acme/other" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := calm()
			c.fires(s)
			if fs, _ := s.judge(); !holds(fs, c.rule) {
				t.Errorf("%s does not hold", c.rule)
			}
			c.but(s)
			if fs, _ := s.judge(); holds(fs, c.rule) {
				t.Errorf("%s holds", c.rule)
			}
		})
	}
}

func holds(fs []inventory.Finding, rule string) bool {
	for _, f := range fs {
		if f.Rule == rule {
			return true
		}
	}
	return false
}
