package github

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
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

// asksFor notes what tokens an app asks for.
type asksFor struct {
	next   http.RoundTripper
	before func() // each request that is not for a token
	bodies []string
	jwts   []string
}

func (a *asksFor) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/access_tokens") {
		data, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(data))
		a.bodies = append(a.bodies, string(data))
	}
	if v := r.Header.Get("Authorization"); strings.Count(v, ".") == 2 {
		a.jwts = append(a.jwts, strings.TrimPrefix(v, "Bearer "))
	} else if a.before != nil {
		a.before()
	}
	return a.next.RoundTrip(r)
}

func TestReadsAsAnApp(t *testing.T) {
	at, spy := noon, &asksFor{}
	s := scene{world: full(), opt: options(), wrap: func(rt http.RoundTripper) http.RoundTripper { spy.next = rt; return spy }}
	s.world.Now = func() time.Time { return at }
	o := &s.world.Orgs[0]
	o.Grants = []githubsim.Grant{
		{ID: 61, TokenID: 71, TokenName: "monorepo assistant", Owner: "max", Repositories: []string{"web"}, Repository: perms{"contents": "read"}, Granted: ago(60), Expires: ago(-20), LastUsed: ago(1)},
		{ID: 62, TokenID: 72, TokenName: "release", Owner: "olga", Repository: perms{"contents": "write", "workflows": "write"}, Granted: ago(60)},
		{ID: 63, TokenID: 73, TokenName: "old", Owner: "max", Repository: perms{"contents": "write"}, Granted: ago(400), Expires: ago(30)},
		{ID: 64, TokenID: 74, TokenName: "members", Owner: "max", Repositories: []string{}, Organization: perms{"members": "read"}, Granted: ago(60), LastUsed: ago(4)},
	}
	o.Requests = []githubsim.Grant{{ID: 65, TokenID: 75, TokenName: "wish", Owner: "max", Repositories: []string{"web"}, Repository: perms{"contents": "write"}, Reason: "for my agent", Granted: ago(1)}}
	o.Audit = append(o.Audit, githubsim.AuditEvent{At: ago(1), Action: "git.clone", Actor: "max", Repo: "acme/web", Token: "github" + "_pat_FAKEmono", Access: "Fine-grained personal access token", Fields: obj{"token_id": 71}})
	asApp(t, &s)
	s.env.Now = s.world.Now
	s.env.Sleep = func(context.Context, time.Duration) error { at = at.Add(time.Second); return nil }
	b, err := s.read(t)
	if err != nil {
		t.Fatalf("%v\n%s", err, ledgerText(b))
	}
	if len(spy.bodies) != 1 || strings.Contains(spy.bodies[0], "write") || !strings.Contains(spy.bodies[0], `"contents":"read"`) {
		t.Errorf("it asks for %s", spy.bodies)
	}
	r := facts2(b)
	find := func(note string) inventory.Secret {
		for _, x := range r.Secrets {
			if x.Kind == "github-pat-fine-grained" && x.Locations[0].Note == `"`+note+`"` {
				return x
			}
		}
		t.Fatalf("no token %s", note)
		return inventory.Secret{}
	}
	mono, release, old, members, wish := find("monorepo assistant"), find("release"), find("old"), find("members"), find("wish")
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"dates", mono.Expires.Equal(ago(-20)) && mono.LastUsed.Equal(ago(1)) && mono.Used == "" && release.Expires.IsZero() && release.LongLived == inventory.Yes},
		{"never used", release.Used == inventory.No && old.Used == inventory.No},
		{"a hash of the audit log ties the grant to the token", len(mono.Aliases) == 1 && inventory.AliasBy(mono.Aliases[0]) == inventory.ClueSHA256},
		{"expired", old.State == inventory.StateExpired},
		{"asked for", strings.Contains(wish.Note, "asks to be let in") && strings.Contains(wish.Note, "for my agent")},
		{"scopes", slices.Contains(release.Scopes, "workflows:write") && slices.Contains(release.Scopes, allRepositories) && !slices.Contains(mono.Scopes, allRepositories)},
		{"an owner's token", gateIs(r, release.ID, inventory.EditWorkflow, inventory.GateOpen, true)},
		{"a member's token reads what members read", gateIs(r, mono.Assistants[0], inventory.ReadSource, inventory.GateOpen, true)},
		{"an expired token opens nothing", gateIs(r, old.ID, inventory.WriteSource, inventory.GateBlocked, true)},
		{"a token that was not let in opens nothing", gateIs(r, wish.ID, inventory.WriteSource, inventory.GateBlocked, true)},
		{"a token for no repository", !slices.ContainsFunc(r.Entitlements, func(e inventory.Entitlement) bool { return e.Via == string(members.ID) && e.Gate == inventory.GateOpen })},
	} {
		if !c.ok {
			t.Error(c.what)
		}
	}
	own := assistant(t, r, "nhitop")
	if len(own.Secrets) != 1 || own.Capabilities[inventory.ReadSource] != inventory.Yes || own.Capabilities[inventory.WriteSource] == inventory.Yes {
		t.Errorf("nhitop itself: %+v", own.Capabilities)
	}
	for _, x := range r.Secrets {
		if x.ID == own.Secrets[0] && (x.Kind != "github-app-private-key" || x.Account != "99" || !slices.Contains(x.Scopes, "contents:read")) {
			t.Errorf("%+v", x)
		}
	}
}

func gateIs(r inventory.Records, of inventory.ID, c inventory.Capability, gate string, certain bool) bool {
	e, ok := right(r, of, c)
	return ok && e.Gate == gate && e.Certain == certain
}

// Bypass lists are shown to who may change the ruleset: with see_bypass the app keeps that right, if it has it.
func TestBypassListsAsAnApp(t *testing.T) {
	for _, see := range []bool{false, true} {
		s := scene{world: guarded(pushes, githubsim.Repo{}, orgRuleset([]githubsim.Bypass{{Type: "Integration", ID: 15}}, prRule(1, nil))), opt: options()}
		asApp(t, &s)
		have := perms{}
		for k, v := range readerPermissions {
			have[k] = v
		}
		have["organization_administration"] = "write"
		s.world.Apps[len(s.world.Apps)-1].Permissions = have
		s.opt.SeeBypass = see
		s.opt.Skip = []string{"copilot", "agent", "sso"}
		b, err := s.read(t)
		if err != nil {
			t.Fatalf("%v\n%s", err, ledgerText(b))
		}
		want := map[bool]inventory.Answer{true: yes, false: inventory.Unknown}[see]
		if got := assistant(t, facts2(b), "claude").Capabilities[inventory.BypassReview]; got != want {
			t.Errorf("see_bypass = %v: bypass-review is %s, want %s", see, got, want)
		}
	}
}

// A token of an app lives for an hour: another is made in time.
func TestAnAppsTokenIsMadeAnew(t *testing.T) {
	at, spy := noon, &asksFor{}
	s := scene{world: company(func(o *githubsim.Org) {
		o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Files: map[string]string{"a": "b"}}}
	}), opt: options(),
		wrap: func(rt http.RoundTripper) http.RoundTripper { spy.next = rt; return spy }}
	spy.before = func() { at = at.Add(7 * time.Minute) }
	s.world.Now = func() time.Time { return at }
	asApp(t, &s)
	s.env.Now = func() time.Time { return at }
	skipAll("sso")(&s.opt)
	if b, err := s.read(t); err != nil {
		t.Fatalf("%v\n%s", err, ledgerText(b))
	}
	if len(spy.bodies) < 2 {
		t.Errorf("%d tokens", len(spy.bodies))
	}
	for _, j := range spy.jwts {
		checkJWT(t, j)
	}
}

func checkJWT(t *testing.T, j string) {
	t.Helper()
	part := strings.Split(j, ".")
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	signature, err := base64.RawURLEncoding.DecodeString(part[2])
	if err != nil || rsa.VerifyPKCS1v15(&readerKey().PublicKey, crypto.SHA256, sum[:], signature) != nil {
		t.Error("the signature does not fit")
	}
	raw, _ := base64.RawURLEncoding.DecodeString(part[1])
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil || m["iss"] != "99" || m["exp"].(float64)-m["iat"].(float64) > 600 {
		t.Errorf("%s %v", raw, err)
	}
}

func TestKeysOfApps(t *testing.T) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(readerKey())
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"PKCS #1": {keyPEM(), true}, "PKCS #8": {block("PRIVATE KEY", pkcs8), true}, "without its last newline": {strings.TrimSpace(keyPEM()), true},
		"of another kind": {block("PRIVATE KEY", other), false}, "no PEM": {"FAKE", false}, "broken": {block("RSA PRIVATE KEY", []byte("FAKE")), false},
	} {
		_, err := signJWT(inventory.NewValue(c.text), 99, noon)
		if (err == nil) != c.ok || err != nil && (strings.Contains(err.Error(), "FAKE") || !strings.Contains(err.Error(), "private_key")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only an app on the enterprise is told which repositories an app of somebody else was given.
func TestRepositoriesOfAnAppByTheEnterprise(t *testing.T) {
	s := scene{world: full(), opt: options()}
	s.world.Orgs[0].Enterprise = "acme-corp"
	s.world.Enterprises = []githubsim.Enterprise{{ID: 9, Slug: "acme-corp", Installations: []githubsim.Installation{{ID: 995, App: "nhitop-acme",
		Permissions: perms{"enterprise_organization_installations": "read", "enterprise_organization_installation_repositories": "read"}}}}}
	s.opt.Enterprise = "acme-corp"
	asApp(t, &s)
	b, err := s.read(t)
	if err != nil {
		t.Fatalf("%v\n%s", err, ledgerText(b))
	}
	r := facts2(b)
	devin := assistant(t, r, "devin-ai-integration")
	if devin.Capabilities[inventory.AdminRepo] != no {
		t.Errorf("%v", devin.Capabilities)
	}
	if e, ok := right(r, devin.ID, inventory.WriteSource); !ok || !strings.Contains(strings.Join(e.Path, " "), "acme/web") {
		t.Errorf("%+v", e)
	}
}
