package managers

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"golang.org/x/crypto/nacl/box"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// GitHub is a place among the secrets of GitHub Actions: of a repository, of one of its environments, or of an organisation.
// Nobody can read one back. Source: the REST API pages "GitHub Actions secrets" (2022-11-28), read 2026-11-27.
type GitHub struct {
	Kind        string      `toml:"kind"`
	URL         string      `toml:"url"`
	Repo        string      `toml:"repo"` // owner/name
	Environment string      `toml:"environment"`
	Org         string      `toml:"org"`
	Secret      string      `toml:"secret"` // its name
	Token       credref.Ref `toml:"token"`
	CAFile      string      `toml:"ca_file"`
}

type githubPlace struct {
	opt  GitHub
	env  sources.Env
	http *httpx.Client
	base string // path of the list
}

var secretName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// NewGitHub makes the place. It sends nothing. The error begins with the key that is wrong.
func NewGitHub(o GitHub, env sources.Env) (revoke.Manager, error) {
	if o.URL == "" {
		o.URL = "https://api.github.com"
	}
	owner, repo, of := strings.Cut(o.Repo, "/")
	switch {
	case (o.Repo == "") == (o.Org == ""):
		return nil, errors.New("repo: is needed, or org; one of them")
	case o.Repo != "" && (!of || owner == "" || repo == "" || strings.Contains(repo, "/")):
		return nil, errors.New("repo: as owner/name")
	case o.Org != "" && o.Environment != "":
		return nil, errors.New("environment: goes with repo")
	case !secretName.MatchString(o.Secret):
		return nil, errors.New("secret: a name of letters, digits and _, that begins with no digit")
	}
	if err := o.Token.Check("token"); err != nil {
		return nil, err
	}
	m := &githubPlace{opt: o, env: env}
	switch {
	case o.Org != "":
		m.base = httpx.Path("/orgs/%s/actions/secrets", o.Org)
	case o.Environment != "":
		m.base = httpx.Path("/repos/%s/%s/environments/%s/secrets", owner, repo, o.Environment)
	default:
		m.base = httpx.Path("/repos/%s/%s/actions/secrets", owner, repo)
	}
	var err error
	m.http, err = httpx.New(httpx.Config{
		Service: "GitHub", Base: o.URL, Header: http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}}, CAFile: expand(o.CAFile, env.Home),
		Transport: env.Via(o.URL), Now: env.Now, Sleep: env.Sleep, Log: env.Log, UserAgent: env.UserAgent, Limits: httpx.GitHubLimits,
		Authorize: httpx.Bearer(func(ctx context.Context) (inventory.Value, error) {
			return o.Token.Read(ctx, credref.Lookup{Getenv: env.Getenv})
		}),
	})
	return m, err
}

func (m *githubPlace) where() string {
	of := m.opt.Repo
	switch {
	case m.opt.Org != "":
		of = "organisation " + m.opt.Org
	case m.opt.Environment != "":
		of += ", environment " + m.opt.Environment
	}
	return inventory.Clean(fmt.Sprintf("GitHub Actions, %s, secret %s", of, m.opt.Secret))
}

// path is that of the secret, or of what stands below it.
func (m *githubPlace) path(below string) string {
	return m.base + httpx.Path("/%s", strings.ToUpper(m.opt.Secret)) + below
}

// githubStand is what is to be seen of the secret.
type githubStand struct {
	key      [32]byte
	keyID    string
	there    bool
	updated  time.Time
	body     map[string]any // what a write must say again, for it to stay
	selected int            // repositories that may use it; -1: that is not chosen by name
}

func (s *githubStand) mark() string {
	if !s.there {
		return "new"
	}
	return "over that of " + s.updated.UTC().Format(time.RFC3339)
}

func (m *githubPlace) look(ctx context.Context) (*githubStand, error) {
	var public struct {
		Key string `json:"key"`
		ID  string `json:"key_id"`
	}
	resp, err := m.http.Get(ctx, m.base+"/public-key", nil, &public)
	switch status := httpx.Status(err); {
	case status == http.StatusForbidden, status == http.StatusNotFound:
		return nil, fmt.Errorf("the token may not see the secrets there (Secrets: read and write; of a classic token repo or admin:org), or there is no such place: %w", err)
	case err != nil:
		return nil, err
	}
	if lack := lacksScope(resp.Header.Get("X-Oauth-Scopes"), m.opt.Org != ""); lack != "" {
		return nil, fmt.Errorf("the token may not write there: it lacks %s", lack)
	}
	s := &githubStand{keyID: public.ID, body: map[string]any{}, selected: -1}
	data, err := base64.StdEncoding.DecodeString(public.Key)
	if err != nil || len(data) != len(s.key) || s.keyID == "" {
		return nil, fmt.Errorf("%w: no public key", httpx.ErrAnswer)
	}
	copy(s.key[:], data)
	var got struct {
		Updated    time.Time `json:"updated_at"`
		Visibility string    `json:"visibility"`
	}
	_, err = m.http.Get(ctx, m.path(""), nil, &got)
	switch {
	case httpx.Status(err) == http.StatusNotFound && m.opt.Org != "":
		return nil, fmt.Errorf("the organisation has no secret %s: make it there first, and say who may use it", inventory.Clean(m.opt.Secret))
	case httpx.Status(err) == http.StatusNotFound:
		return s, nil
	case err != nil:
		return nil, err
	}
	s.there, s.updated = true, got.Updated
	if m.opt.Org == "" {
		return s, nil
	}
	return s, m.sharing(ctx, s, got.Visibility)
}

// sharing reads which repositories may use a secret of an organisation: a write must say it again.
func (m *githubPlace) sharing(ctx context.Context, s *githubStand, visibility string) error {
	s.body["visibility"] = visibility
	if visibility != "selected" {
		return nil
	}
	ids := []int64{}
	for r, err := range httpx.Pages[struct{ ID int64 }](ctx, m.http, m.path("/repositories"), nil, httpx.LinkPager(100).In("repositories")) {
		if err != nil {
			return err
		}
		ids = append(ids, r.ID)
	}
	s.body["selected_repository_ids"], s.selected = ids, len(ids)
	return nil
}

// lacksScope is what a classic token lacks; a token that is none says nothing.
func lacksScope(scopes string, org bool) string {
	want := "repo"
	if org {
		want = "admin:org"
	}
	if scopes == "" {
		return ""
	}
	for sc := range strings.SplitSeq(scopes, ",") {
		if strings.TrimSpace(sc) == want {
			return ""
		}
	}
	return want
}

// Look implements [revoke.Manager].
func (m *githubPlace) Look(ctx context.Context) (revoke.Slot, error) {
	s, err := m.look(ctx)
	if err != nil {
		return revoke.Slot{}, err
	}
	t := revoke.Slot{Where: m.where(), Mark: s.mark()}
	t.Request = fmt.Sprintf("# PUT %s with the new one, sealed for the public key %s", m.http.URL(m.path("")), inventory.Clean(s.keyID))
	t.Effect = "The new one is then the secret " + inventory.Clean(m.opt.Secret) + ", for jobs that start after it; nobody can read it back: that GitHub has it is accepted, and its date is seen to change"
	if s.there {
		t.Effect += ". What it holds now is overwritten"
	}
	switch {
	case s.selected >= 0:
		t.Effect += fmt.Sprintf(". The %d repositories that may use it stay", s.selected)
	case s.body["visibility"] != nil:
		t.Effect += fmt.Sprintf(". Who may use it stays: %s", inventory.Clean(fmt.Sprint(s.body["visibility"])))
	}
	t.Residual = "what jobs that run now have read already"
	t.Write = func(ctx context.Context, step string, v inventory.Value) (inventory.Value, error) {
		return m.write(ctx, step, s, v)
	}
	return t, nil
}

// write seals the credential and sends it. It returns no value: there is none to be read.
func (m *githubPlace) write(ctx context.Context, step string, s *githubStand, v inventory.Value) (none inventory.Value, err error) {
	sealed, err := box.SealAnonymous(nil, []byte(v.Reveal()), &s.key, rand.Reader)
	if err != nil {
		return none, fmt.Errorf("%w: it cannot be sealed", revoke.ErrNotTaken)
	}
	body := map[string]any{"encrypted_value": base64.StdEncoding.EncodeToString(sealed), "key_id": s.keyID}
	for k, v := range s.body {
		body[k] = v
	}
	_, err = m.http.Do(httpx.Armed(ctx, step), httpx.Request{Method: http.MethodPut, Path: m.path(""), Body: body, Idempotent: true})
	if refused(err) {
		return none, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	}
	for n := 1; ; n++ {
		now, seen := m.look(ctx)
		switch {
		case seen == nil && now.there && (!s.there || now.updated.After(s.updated)):
			return none, nil // whatever was answered
		case n < looks && wait(ctx, m.env) == nil:
		default:
			return none, errors.Join(err, seen, errors.New("its date is not seen to change"))
		}
	}
}

// Read implements [revoke.Manager]. GitHub shows no secret to anybody.
func (m *githubPlace) Read(context.Context, string) (inventory.Value, error) {
	return inventory.Value{}, fmt.Errorf("%w: GitHub shows no secret", revoke.ErrNotHeld)
}
