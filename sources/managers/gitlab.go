package managers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// GitLab is a place among the CI/CD variables of a project or a group: one that is there, whose protection stays. Source: the
// REST API pages "Project-level CI/CD variables" and "Group-level CI/CD variables", read 2026-11-27.
type GitLab struct {
	Kind     string      `toml:"kind"`
	URL      string      `toml:"url"`
	Project  string      `toml:"project"` // group/name
	Group    string      `toml:"group"`
	Variable string      `toml:"variable"`
	Scope    string      `toml:"environment_scope"` // where several have the name
	Token    credref.Ref `toml:"token"`
	CAFile   string      `toml:"ca_file"`
}

type gitlabPlace struct {
	opt  GitLab
	env  sources.Env
	http *httpx.Client
	path string
}

var variableName = regexp.MustCompile(`^[A-Za-z0-9_]{1,255}$`)

// NewGitLab makes the place. It sends nothing. The error begins with the key that is wrong.
func NewGitLab(o GitLab, env sources.Env) (revoke.Manager, error) {
	if o.URL == "" {
		o.URL = "https://gitlab.com"
	}
	o.URL = strings.TrimRight(o.URL, "/")
	switch {
	case (o.Project == "") == (o.Group == ""):
		return nil, errors.New("project: is needed, or group; one of them")
	case !variableName.MatchString(o.Variable):
		return nil, errors.New("variable: a name of letters, digits and _")
	case strings.HasSuffix(o.URL, "/api/v4"):
		return nil, errors.New("url: the address without /api/v4")
	}
	if err := o.Token.Check("token"); err != nil {
		return nil, err
	}
	m := &gitlabPlace{opt: o, env: env, path: httpx.Path("/api/v4/projects/%s/variables/%s", o.Project, o.Variable)}
	if o.Group != "" {
		m.path = httpx.Path("/api/v4/groups/%s/variables/%s", o.Group, o.Variable)
	}
	var err error
	m.http, err = httpx.New(httpx.Config{
		Service: "GitLab", Base: o.URL, CAFile: expand(o.CAFile, env.Home), Transport: env.Via(o.URL), Now: env.Now, Sleep: env.Sleep, Log: env.Log, UserAgent: env.UserAgent,
		Authorize: httpx.Header("PRIVATE-TOKEN", "", func(ctx context.Context) (inventory.Value, error) {
			return o.Token.Read(ctx, credref.Lookup{Getenv: env.Getenv})
		}),
	})
	return m, err
}

func (m *gitlabPlace) where() string {
	of, scope := "project "+m.opt.Project, ""
	if m.opt.Group != "" {
		of = "group " + m.opt.Group
	}
	if m.opt.Scope != "" {
		scope = ", environments " + m.opt.Scope
	}
	return inventory.Clean(fmt.Sprintf("%s, %s, CI/CD variable %s%s", m.opt.URL, of, m.opt.Variable, scope))
}

// gitlabStand is the variable as it is.
type gitlabStand struct {
	value                     inventory.Value
	Kind                      string  `json:"variable_type"`
	Value                     *string `json:"value"` // null of a hidden one
	Protected, Masked, Hidden bool
}

// how says how it is kept.
func (s *gitlabStand) how() string {
	var out []string
	for _, w := range []struct {
		is   bool
		text string
	}{{s.Masked, "masked"}, {s.Hidden, "hidden"}, {s.Protected, "protected"}} {
		if w.is {
			out = append(out, w.text)
		}
	}
	if len(out) == 0 {
		return "neither masked nor protected"
	}
	return strings.Join(out, ", ")
}

func (m *gitlabPlace) look(ctx context.Context) (*gitlabStand, error) {
	var q url.Values
	if m.opt.Scope != "" {
		q = url.Values{"filter[environment_scope]": {m.opt.Scope}}
	}
	var s gitlabStand
	_, err := m.http.Get(ctx, m.path, q, &s)
	switch status := httpx.Status(err); {
	case status == http.StatusNotFound:
		return nil, fmt.Errorf("there is no variable %s, or the token may not see it: make it there first, masked and protected as it is to be", m.opt.Variable)
	case status == http.StatusForbidden:
		return nil, fmt.Errorf("the token's account may not see the variables: it needs to be Maintainer, of a group Owner: %w", err)
	case status == http.StatusConflict:
		return nil, fmt.Errorf("environment_scope: several variables have that name; say which: %w", err)
	case err != nil:
		return nil, err
	case s.Kind == "":
		return nil, fmt.Errorf("%w: not a variable", httpx.ErrAnswer)
	}
	if s.Value != nil && !s.Hidden {
		s.value = inventory.NewValue(*s.Value)
	}
	s.Value = nil
	return &s, nil
}

// lacks says what the token's own scopes lack. A token that tells nothing of itself lacks nothing that is known.
func (m *gitlabPlace) lacks(ctx context.Context) error {
	var self struct{ Scopes []string }
	_, err := m.http.Get(ctx, "/api/v4/personal_access_tokens/self", nil, &self)
	switch status := httpx.Status(err); {
	case status == http.StatusNotFound, status == http.StatusForbidden:
		return nil
	case err != nil:
		return err
	case !slices.Contains(self.Scopes, "api"):
		return errors.New("the token may not write there: it lacks the scope api")
	}
	return nil
}

// Look implements [revoke.Manager].
func (m *gitlabPlace) Look(ctx context.Context) (revoke.Slot, error) {
	if err := m.lacks(ctx); err != nil {
		return revoke.Slot{}, err
	}
	s, err := m.look(ctx)
	if err != nil {
		return revoke.Slot{}, err
	}
	t := revoke.Slot{Where: m.where(), Mark: s.how()}
	t.Request = fmt.Sprintf("# PUT %s with the new one as value", m.http.URL(m.path))
	t.Effect = fmt.Sprintf("The new one is then the value of the variable, for jobs that start after it; it stays %s. What it holds now is overwritten: GitLab keeps no versions and has no check-and-set", s.how())
	if s.Hidden {
		t.Effect += ". A hidden one cannot be read back: that it has the new value is accepted, not seen"
	}
	t.Residual = "what jobs that run now have read already"
	t.Write = func(ctx context.Context, step string, v inventory.Value) (inventory.Value, error) {
		return m.write(ctx, step, s, v)
	}
	return t, nil
}

func (m *gitlabPlace) write(ctx context.Context, step string, s *gitlabStand, v inventory.Value) (none inventory.Value, err error) {
	now, err := m.look(ctx)
	switch {
	case err != nil:
		return none, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	case now.how() != s.how() || now.value.Reveal() != s.value.Reveal():
		return none, fmt.Errorf("%w: somebody else has written the variable since", revoke.ErrNotTaken)
	}
	body := map[string]any{"value": placeholder}
	if m.opt.Scope != "" {
		body["filter"] = map[string]string{"environment_scope": m.opt.Scope}
	}
	_, err = m.http.Do(httpx.Armed(ctx, step), httpx.Request{Method: http.MethodPut, Path: m.path, Body: body, Secret: v, Idempotent: true})
	switch {
	case refused(err):
		return none, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	case s.Hidden:
		return none, err
	}
	for n := 1; ; n++ {
		now, seen := m.look(ctx)
		switch {
		case seen == nil && now.value.Reveal() != s.value.Reveal():
			return now.value, nil
		case n < looks && wait(ctx, m.env) == nil:
		case seen == nil && (err == nil || httpx.Status(err) != 0):
			return none, fmt.Errorf("%w: %s", revoke.ErrNotTaken, answered(err, "GitLab answered that it did, and shows the value of before"))
		default:
			return none, errors.Join(err, seen)
		}
	}
}

// Read implements [revoke.Manager]. There are no versions: the new value is not told from the one before.
func (m *gitlabPlace) Read(context.Context, string) (inventory.Value, error) {
	return inventory.Value{}, fmt.Errorf("%w: GitLab does not tell a variable's new value from the one before", revoke.ErrNotHeld)
}
