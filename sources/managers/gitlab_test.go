package managers

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
)

// lab is a GitLab with one variable. Shapes and statuses are those of its REST API pages, read 2026-11-27.
type lab struct {
	variable      map[string]any
	scopes        []string
	status        int // of a PUT
	lies          bool
	before, after bool
	several       bool
}

func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := func(status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	message := func(text string) map[string]string { return map[string]string{"message": text} }
	filter := r.URL.Query().Get("filter[environment_scope]")
	var in struct {
		Value  *string
		Filter map[string]string
	}
	if r.Method == http.MethodPut {
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Value == nil {
			say(http.StatusBadRequest, message("value is missing"))
			return
		}
		filter = in.Filter["environment_scope"]
	}
	switch {
	case r.Header.Get("PRIVATE-TOKEN") != token:
		say(http.StatusUnauthorized, message("401 Unauthorized"))
	case r.URL.Path == "/api/v4/personal_access_tokens/self" && l.scopes == nil:
		say(http.StatusNotFound, message("404 Not found"))
	case r.URL.Path == "/api/v4/personal_access_tokens/self":
		say(http.StatusOK, map[string]any{"id": 1, "scopes": l.scopes})
	case r.URL.EscapedPath() != "/api/v4/projects/acme%2Fweb/variables/OPENAI_KEY" && r.URL.EscapedPath() != "/api/v4/groups/acme/variables/OPENAI_KEY", l.variable == nil, filter != "" && filter != l.variable["environment_scope"]:
		say(http.StatusNotFound, message("404 Variable Not Found"))
	case l.several && filter == "":
		say(http.StatusConflict, message("There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"))
	case r.Method == http.MethodGet:
		shown := maps.Clone(l.variable)
		if shown["hidden"] == true {
			shown["value"] = nil
		}
		say(http.StatusOK, shown)
	case l.status != 0:
		say(l.status, message("no"))
	case l.before:
		panic(http.ErrAbortHandler)
	default:
		if !l.lies {
			l.variable["value"] = *in.Value
		}
		if l.after {
			panic(http.ErrAbortHandler)
		}
		say(http.StatusOK, l.variable)
	}
}

func variable(more map[string]any) map[string]any {
	v := map[string]any{"variable_type": "env_var", "key": "OPENAI_KEY", "value": was, "protected": true, "masked": true, "hidden": false, "raw": false, "environment_scope": "prod", "description": nil}
	maps.Copy(v, more)
	return v
}

func labPlace(t *testing.T, l *lab, o GitLab) revoke.Manager {
	t.Helper()
	if o.Group == "" {
		o.Project = "acme/web"
	}
	o.Variable, o.Token = "OPENAI_KEY", credref.Ref{Env: "T"}
	m, err := NewGitLab(o, sources.Env{Now: time.Now, Getenv: func(string) string { return token }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Transport: func(string) http.RoundTripper { return sources.InProcess(l) }})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestGitLab(t *testing.T) {
	for name, c := range map[string]struct {
		o      GitLab
		lab    lab
		effect string
		blind  bool
	}{
		"project":   {GitLab{}, lab{variable: variable(nil), scopes: []string{"api"}}, "it stays masked, protected", false},
		"group":     {GitLab{Group: "acme"}, lab{variable: variable(nil)}, "it stays masked, protected", false},
		"scope":     {GitLab{Scope: "prod"}, lab{variable: variable(nil), several: true}, "GitLab keeps no versions", false},
		"hidden":    {GitLab{}, lab{variable: variable(map[string]any{"hidden": true})}, "cannot be read back", true},
		"plain":     {GitLab{}, lab{variable: variable(map[string]any{"masked": false, "protected": false})}, "neither masked nor protected", false},
		"cut after": {GitLab{}, lab{variable: variable(nil), after: true}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			m := labPlace(t, &c.lab, c.o)
			s, err := m.Look(t.Context())
			if err != nil || !strings.Contains(s.Effect, c.effect) || !strings.HasPrefix(s.Where, "https://gitlab.com, ") {
				t.Fatalf("%+v %v", s, err)
			}
			before := maps.Clone(c.lab.variable)
			v, err := s.Write(t.Context(), "step", inventory.NewValue(fresh))
			if err != nil || v.IsZero() != c.blind || !c.blind && !shows(v, fresh) {
				t.Error(err)
			}
			if before["value"] = fresh; !maps.Equal(c.lab.variable, before) {
				t.Errorf("more than the value was changed: %v", c.lab.variable)
			}
			if _, err := m.Read(t.Context(), s.Mark); !errors.Is(err, revoke.ErrNotHeld) {
				t.Error(err)
			}
		})
	}
}

func TestGitLabThatCannot(t *testing.T) {
	for want, l := range map[string]*lab{
		"make it there first":         {},
		"it lacks the scope api":      {variable: variable(nil), scopes: []string{"read_api"}},
		"environment_scope: several":  {variable: variable(nil), several: true},
		"not what its interface says": {variable: map[string]any{"value": "x"}},
	} {
		if _, err := labPlace(t, l, GitLab{}).Look(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

func TestGitLabWriteThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		lab lab
		not bool
	}{
		"refused":    {lab{variable: variable(nil), status: 400}, true},
		"breaks":     {lab{variable: variable(nil), status: 500}, true},
		"lies":       {lab{variable: variable(nil), lies: true}, true},
		"cut before": {lab{variable: variable(nil), before: true}, false},
		"hidden cut": {lab{variable: variable(map[string]any{"hidden": true}), before: true}, false},
	} {
		m := labPlace(t, &c.lab, GitLab{})
		s, err := m.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(t.Context(), "step", inventory.NewValue(fresh)); err == nil || errors.Is(err, revoke.ErrNotTaken) != c.not || c.lab.variable["value"] != was {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := &lab{variable: variable(nil)}
	s, err := labPlace(t, l, GitLab{}).Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.variable["value"] = "another's"
	if _, err := s.Write(t.Context(), "step", inventory.NewValue(fresh)); !errors.Is(err, revoke.ErrNotTaken) || l.variable["value"] != "another's" {
		t.Error(err)
	}
}

func TestGitLabOptions(t *testing.T) {
	good := GitLab{Project: "acme/web", Variable: "KEY", Token: credref.Ref{Env: "T"}}
	if _, err := NewGitLab(good, sources.Env{}); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*GitLab){
		"project: is needed":  func(o *GitLab) { o.Project = "" },
		"project: is needed,": func(o *GitLab) { o.Group = "acme" },
		"variable: a name":    func(o *GitLab) { o.Variable = "a-b" },
		"url: the address":    func(o *GitLab) { o.URL = "https://lab.acme.example/api/v4" },
		"token: a cred":       func(o *GitLab) { o.Token = credref.Ref{} },
	} {
		o := good
		change(&o)
		if _, err := NewGitLab(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
