package managers

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/managers/hubsim"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// hub is a GitHub with three lists of secrets, and the place in one of them.
func hub(t *testing.T, w hubsim.World, o GitHub) (*hubsim.Sim, revoke.Manager) {
	t.Helper()
	now := noon
	w.Token, w.Now = token, func() time.Time { now = now.Add(time.Second); return now }
	w.Places = []string{"/repos/acme/web/actions/secrets", "/repos/acme/web/environments/prod/secrets", "/orgs/acme/actions/secrets"}
	sim, err := hubsim.New(w)
	if err != nil {
		t.Fatal(err)
	}
	o.Token, o.Secret = credref.Ref{Env: "T"}, "openai_key"
	m, err := NewGitHub(o, sources.Env{
		Now: time.Now, Getenv: func(string) string { return token }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Transport: func(host string) http.RoundTripper {
			if host != "api.github.com" {
				t.Errorf("it asks %s", host)
			}
			return sources.InProcess(sim)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim, m
}

func TestGitHub(t *testing.T) {
	for name, c := range map[string]struct {
		o      GitHub
		path   string
		was    hubsim.Secret // none without a date
		mark   string
		effect string
	}{
		"repository":   {GitHub{Repo: "acme/web"}, "/repos/acme/web/actions/secrets", hubsim.Secret{}, "new", "is accepted, and its date is seen to change"},
		"over":         {GitHub{Repo: "acme/web"}, "/repos/acme/web/actions/secrets", hubsim.Secret{Value: was, Updated: noon}, "over that of 2026-11-27T12:00:00Z", "What it holds now is overwritten"},
		"environment":  {GitHub{Repo: "acme/web", Environment: "prod"}, "/repos/acme/web/environments/prod/secrets", hubsim.Secret{}, "new", "accepted"},
		"organisation": {GitHub{Org: "acme"}, "/orgs/acme/actions/secrets", hubsim.Secret{Value: was, Updated: noon, Visibility: "private"}, "over that of 2026-11-27T12:00:00Z", "Who may use it stays: private"},
		"selected":     {GitHub{Org: "acme"}, "/orgs/acme/actions/secrets", hubsim.Secret{Value: was, Updated: noon, Visibility: "selected", Selected: []int64{3, 7}}, "over that of 2026-11-27T12:00:00Z", "The 2 repositories that may use it stay"},
	} {
		t.Run(name, func(t *testing.T) {
			path, held := c.path+"/OPENAI_KEY", map[string]hubsim.Secret{}
			if !c.was.Updated.IsZero() {
				held[path] = c.was
			}
			sim, m := hub(t, hubsim.World{Write: true, Held: held}, c.o)
			s, err := m.Look(t.Context())
			if err != nil || s.Mark != c.mark || !strings.Contains(s.Effect, c.effect) || !strings.HasPrefix(s.Where, "GitHub Actions, ") {
				t.Fatalf("%+v %v", s, err)
			}
			v, err := s.Write(t.Context(), "step", inventory.NewValue(fresh))
			got := sim.Holds(path)
			if err != nil || !v.IsZero() || got.Value != fresh || got.Visibility != c.was.Visibility || !reflect.DeepEqual(got.Selected, c.was.Selected) {
				t.Errorf("%v: %q %s", err, got.Value, got.Visibility)
			}
			if again, err := m.Look(t.Context()); err != nil || again.Mark == s.Mark {
				t.Errorf("the mark is the same after a write: %s %v", again.Mark, err)
			}
			if _, err := m.Read(t.Context(), s.Mark); !errors.Is(err, revoke.ErrNotHeld) {
				t.Error(err)
			}
		})
	}
}

func TestGitHubThatCannot(t *testing.T) {
	for name, c := range map[string]struct {
		o      GitHub
		scopes string
		want   string
	}{
		"no such repository": {GitHub{Repo: "acme/other"}, "", "or there is no such place"},
		"classic":            {GitHub{Repo: "acme/web"}, "public_repo, read:org", "it lacks repo"},
		"classic org":        {GitHub{Org: "acme"}, "repo", "it lacks admin:org"},
		"org without it":     {GitHub{Org: "acme"}, "admin:org", "make it there first"},
	} {
		_, m := hub(t, hubsim.World{Write: true, Scopes: c.scopes}, c.o)
		if _, err := m.Look(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", name, err, c.want)
		}
	}
}

func TestGitHubWriteThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		write      bool
		fault      hubsim.Fault
		taken, not bool
	}{
		"may not":    {false, hubsim.Fault{}, false, true},
		"refused":    {true, hubsim.Fault{Status: 422}, false, true},
		"breaks":     {true, hubsim.Fault{Status: 500}, false, false},
		"lies":       {true, hubsim.Fault{Lies: true}, false, false}, // its date may be late: nobody can tell
		"cut before": {true, hubsim.Fault{Before: true}, false, false},
		"cut after":  {true, hubsim.Fault{After: true}, true, false},
	} {
		const path = "/repos/acme/web/actions/secrets/OPENAI_KEY"
		sim, m := hub(t, hubsim.World{Write: c.write, Held: map[string]hubsim.Secret{path: {Value: was, Updated: noon}}}, GitHub{Repo: "acme/web"})
		s, err := m.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sim.Break(c.fault)
		_, err = s.Write(t.Context(), "step", inventory.NewValue(fresh))
		if (err == nil) != c.taken || errors.Is(err, revoke.ErrNotTaken) != c.not || (sim.Holds(path).Value == fresh) != c.taken {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGitHubOptions(t *testing.T) {
	good := GitHub{Repo: "acme/web", Secret: "KEY", Token: credref.Ref{Env: "T"}}
	if _, err := NewGitHub(good, sources.Env{}); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*GitHub){
		"repo: is needed":  func(o *GitHub) { o.Repo = "" },
		"repo: is needed,": func(o *GitHub) { o.Org = "acme" },
		"repo: as":         func(o *GitHub) { o.Repo = "acme" },
		"environment: ":    func(o *GitHub) { o.Repo, o.Org, o.Environment = "", "acme", "prod" },
		"secret: a name":   func(o *GitHub) { o.Secret = "1-x" },
		"token: a cred":    func(o *GitHub) { o.Token = credref.Ref{} },
		"url: plain http":  func(o *GitHub) { o.URL = "http://hub.acme.example" },
	} {
		o := good
		change(&o)
		if _, err := NewGitHub(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
