package github

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"

	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/credref"
)

// readerKey is the key of the app by which the tests read.
var readerKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func keyPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(readerKey())}))
}

// readerPermissions are what the README asks for to read everything.
var readerPermissions = perms{
	"metadata": "read", "contents": "read", "administration": "read", "actions": "read", "secrets": "read", "environments": "read", "secret_scanning_alerts": "read",
	"agent_secrets": "read", "copilot_agent_settings": "read", "members": "read", "organization_administration": "read", "organization_secrets": "read",
	"organization_agent_secrets": "read", "organization_self_hosted_runners": "read", "organization_personal_access_tokens": "read",
	"organization_personal_access_token_requests": "read", "organization_copilot_seat_management": "read", "organization_copilot_agent_settings": "read",
}

// asApp makes the source read as an app of the company's own.
func asApp(t testing.TB, s *scene) {
	t.Helper()
	s.world.Apps = append(s.world.Apps, githubsim.App{ID: 99, Slug: "nhitop-acme", Permissions: readerPermissions, Key: &readerKey().PublicKey})
	o := &s.world.Orgs[0]
	o.Installations = append(o.Installations, githubsim.Installation{ID: 990, App: "nhitop-acme"})
	s.opt.Token, s.opt.App = credref.Ref{}, App{ID: 99, PrivateKey: credref.Ref{Env: "KEY"}}
	s.env.Getenv = func(string) string { return keyPEM() }
}

// tokenCompany is one that lets a fine-grained token in.
func tokenCompany(g githubsim.Grant, repos ...githubsim.Repo) githubsim.World {
	w := company(func(o *githubsim.Org) { o.Grants, o.Repos = []githubsim.Grant{g}, repos })
	w.Users = []githubsim.User{{ID: 12, Login: "max"}}
	return w
}
