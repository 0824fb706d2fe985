package gitea

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"nhitop/sources"
	"nhitop/sources/gitea/giteasim"
	"nhitop/sources/gitea/giteatest"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	token := "fa4e0000FAKE" + strings.Repeat("b7", 14)
	s := giteatest.Simulated(giteasim.World{})
	company(t, s)
	w := giteasim.World{
		Users: []giteasim.User{{Name: "ann", Email: "ann@acme.example", Tokens: []giteasim.Token{{Name: "mine", Value: token, Scopes: []string{"read:user", "read:repository"}}}}},
		Repos: []giteasim.Repo{{Owner: "ann", Name: "notes", Files: map[string]string{"README.md": "x"}}},
	}
	env := func(s *giteatest.Server, token string) sources.Env {
		return sources.Env{
			Home: t.TempDir(), StateDir: t.TempDir(), Getenv: func(string) string { return token },
			Transport: func(string) http.RoundTripper { return httpx.InProcess(s.Sim) },
		}
	}
	table := "url = \"https://git.acme.example\"\ntoken = { env = \"T\" }\n"
	admin := s.Own(t, "conformance", "all")
	sourcetest.Run(t, Factory,
		sourcetest.Case{Name: "as administrator", Env: env(s, admin), Table: table, Planted: []string{admin}},
		sourcetest.Case{Name: "as a user", Env: env(giteatest.Simulated(w), token), Table: table + "revoke = true\n", Planted: []string{token}},
	)
}

func TestOptions(t *testing.T) {
	ref := credref.Ref{Env: "T"}
	for _, c := range []struct {
		o    Options
		says string
	}{
		{Options{URL: "https://git.acme.example", Token: ref}, ""},
		{Options{URL: "https://git.acme.example/api/v1/", Token: ref}, ""},
		{Options{URL: "https://git.acme.example/sub", User: "ann", Password: ref}, ""},
		{Options{Token: ref}, "url: is needed"},
		{Options{URL: "http://git.acme.example", Token: ref}, "url: plain http is for loopback alone"},
		{Options{URL: "https://ann:x@git.acme.example", Token: ref}, "url: must not hold a name or a password"},
		{Options{URL: "https://git.acme.example"}, "token: a credential is needed"},
		{Options{URL: "https://git.acme.example", Token: ref, User: "ann"}, "token: a token, or user with password; not both"},
		{Options{URL: "https://git.acme.example", Password: ref}, "user: the name of the account"},
		{Options{URL: "https://git.acme.example", User: "ann"}, "password: a credential is needed"},
		{Options{URL: "https://git.acme.example", Token: ref, RevokeUser: "ann"}, "revoke_password: a credential is needed"},
		{Options{URL: "https://git.acme.example", Token: ref, Repositories: []string{"["}}, "is not a pattern"},
		{Options{URL: "https://git.acme.example", Token: ref, Name: "a b"}, "name: letters"},
		{Options{URL: "https://git.acme.example", Token: ref, CAFile: "/nowhere.pem"}, "ca_file:"},
	} {
		_, err := New(c.o, sources.Env{})
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v; want %q", c.o, err, c.says)
		}
	}
	s, err := New(Options{URL: "https://Git.Acme.Example/sub/", Token: ref}, sources.Env{})
	if err != nil || s.(*Source).host != "git.acme.example/sub" || s.(*Source).base != "https://Git.Acme.Example/sub/api/v1" {
		t.Errorf("%+v %v", s, err)
	}
}

func TestPlaces(t *testing.T) {
	s := &Source{base: "https://git.acme.example/api/v1"}
	for address, want := range map[string]place{
		s.base + "/users/ann/tokens/12":                       {kind: aToken, login: "ann", id: "12"},
		s.base + "/repos/acme/shop/keys/3":                    {kind: aKey, owner: "acme", repo: "shop", id: "3"},
		s.base + "/user/applications/oauth2/4?sudo=ann":       {kind: anApp, login: "ann", id: "4"},
		s.base + "/user/applications/oauth2/4":                {kind: anApp, id: "4"},
		s.base + "/repos/acme/a%20b/actions/secrets/T":        {kind: aSecret, owner: "acme", repo: "a b", id: "T"},
		s.base + "/orgs/acme/actions/runners/7":               {kind: aRunner, owner: "acme", id: "7"},
		s.base + "/users/ann":                                 {kind: aUser, login: "ann"},
		s.base + "/users/ann/tokens/":                         {},
		s.base + "/users/..%2Fadmin":                          {kind: aUser, login: "../admin"},
		"https://other.example/api/v1/users/ann/tokens/12":    {},
		"https://git.acme.example/api/v1.evil/users/a":        {},
		s.base + "/repos/acme/shop/raw/.gitea/workflows/x.ml": {},
		"~/.config/tea/config.yml":                            {},
	} {
		p, ok := s.placeOf(address)
		if p != want || ok != (want.kind != "") {
			t.Errorf("%s: %+v %v", address, p, ok)
		}
	}
	// What a place names cannot leave its place in an address.
	if p := (place{kind: aUser, login: "../admin"}).path(); p != "/users/..%2Fadmin" {
		t.Error(p)
	}
}

func FuzzPlaceOf(f *testing.F) {
	s := &Source{base: "https://git.acme.example/api/v1"}
	for _, x := range []string{"/users/ann/tokens/1", "/repos/a/b/keys/2", "/user/applications/oauth2/3?sudo=%2e%2e", "/repos/..%2f/%00/actions/secrets/x", "/orgs/a/actions/runners/4", "/admin/users/a/keys/5"} {
		f.Add(s.base + x)
	}
	f.Fuzz(func(t *testing.T, address string) {
		p, ok := s.placeOf(address)
		if !ok {
			return
		}
		// What a place names is the same when it is written and read again.
		back, ok := s.placeOf(s.base + p.path())
		if p.kind == anApp {
			back.login = p.login
		}
		if !ok || back != p {
			t.Errorf("%q: %+v, then %+v", address, p, back)
		}
	})
}

func TestProducts(t *testing.T) {
	s, err := New(Options{URL: "https://git.acme.example", Token: credref.Ref{Env: "T"}}, sources.Env{})
	if err != nil {
		t.Fatal(err)
	}
	cat := s.(*Source).cat
	for _, c := range []struct {
		name  string
		alone bool
		want  string
	}{
		{"claude", true, "claude-code"}, {"claude-bot", true, "claude-code"}, {"claude-code", true, "claude-code"}, {"claude.dupont", true, ""}, {"codex-bot", true, "codex"},
		{"codex-bot-2", true, "codex"}, {"ann", true, ""}, {"gemini-cli", true, "gemini-cli"}, {"", true, ""}, {"renovate-bot", true, ""},
		{"laptop, claude code", false, "claude-code"}, {"codex on the build server", false, "codex"}, {"continue deploy", false, "continue"}, {"continue the backup", false, ""},
		{"to warp speed", false, ""}, {"Cursor", false, "cursor"}, {"move the cursor", false, ""}, {"backup", false, ""}, {"nhitop reads", false, ""},
	} {
		got := productOf(cat, c.name, c.alone)
		if id := ""; got != nil && got.ID != c.want || got == nil && c.want != id {
			t.Errorf("%q: %v, want %q", c.name, got, c.want)
		}
	}
}

func TestOwnersAreRegularExpressions(t *testing.T) {
	rules := parseOwners("# all\n.* @acme/all\n.*\\.go @ann bob@acme.example # go\n!docs/.* @carl\n( @broken\nalone\n")
	for file, want := range map[string]string{
		"main.go": "@acme/all @ann bob@acme.example @carl", "docs/x.md": "@acme/all", "docs/x.go": "@acme/all @ann bob@acme.example", ".gitea/workflows/a.yml": "@acme/all @carl",
	} {
		got, line := ownersOf(rules, file)
		if strings.Join(got, " ") != want || line == 0 {
			t.Errorf("%s: %v in line %d", file, got, line)
		}
	}
}

func FuzzParseOwners(f *testing.F) {
	f.Add("* @a\n.*\\.go @b # c\n!x @d")
	f.Add("((((((((a*)*)*)*)*)*)*)* @a")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range parseOwners(text) {
			if r.re == nil || r.line < 1 || len(r.owners) == 0 {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestNeverUsed(t *testing.T) {
	at := giteatest.Now
	for _, c := range []struct {
		t     tokenAnswer
		never bool
		used  time.Time
	}{
		{tokenAnswer{Created: at, LastUsed: at}, true, time.Time{}},
		{tokenAnswer{Created: at, LastUsed: at.Add(time.Second)}, false, at.Add(time.Second)},
		{tokenAnswer{}, false, time.Time{}},
	} {
		if at, never := used(c.t.Created, c.t.LastUsed); never != c.never || !at.Equal(c.used) {
			t.Errorf("%+v: %v %v", c.t, at, never)
		}
	}
}
