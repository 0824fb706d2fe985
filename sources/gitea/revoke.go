package gitea

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// place is what an address of the API names: one thing that can be taken away.
type place struct {
	kind  string // token, key, app, secret, runner, user
	login string // of the user
	owner string // of the repository, or the organisation
	repo  string // "" for what an organisation has
	id    string // number, or the name of a secret
}

// The kinds of places.
const (
	aToken  = "token"
	aKey    = "key"
	anApp   = "app"
	aSecret = "secret"
	aRunner = "runner"
	aUser   = "user"
	aPublic = "public-key" // an SSH key of a user
	// No address of the inventory names these two: a user's access to a repository, and its place in a team, whose number is
	// the id.
	aGrant  = "grant"
	aMember = "member"
)

// patterns are the addresses, with what stands in the place of each star.
var patterns = []struct {
	kind, path string
	set        func(p *place, stars []string)
}{
	{aToken, "users/*/tokens/*", func(p *place, s []string) { p.login, p.id = s[0], s[1] }},
	{aKey, "repos/*/*/keys/*", func(p *place, s []string) { p.owner, p.repo, p.id = s[0], s[1], s[2] }},
	{aSecret, "repos/*/*/actions/secrets/*", func(p *place, s []string) { p.owner, p.repo, p.id = s[0], s[1], s[2] }},
	{aSecret, "orgs/*/actions/secrets/*", func(p *place, s []string) { p.owner, p.id = s[0], s[1] }},
	{aRunner, "repos/*/*/actions/runners/*", func(p *place, s []string) { p.owner, p.repo, p.id = s[0], s[1], s[2] }},
	{aRunner, "orgs/*/actions/runners/*", func(p *place, s []string) { p.owner, p.id = s[0], s[1] }},
	{aRunner, "admin/actions/runners/*", func(p *place, s []string) { p.id = s[0] }},
	{aPublic, "admin/users/*/keys/*", func(p *place, s []string) { p.login, p.id = s[0], s[1] }},
	{anApp, "user/applications/oauth2/*", func(p *place, s []string) { p.id = s[0] }},
	{aUser, "users/*", func(p *place, s []string) { p.login = s[0] }},
}

// placeOf reads an address below the source's own base. ok is false for every other.
func (s *Source) placeOf(address string) (p place, ok bool) {
	rest, ok := strings.CutPrefix(address, s.base+"/")
	if !ok {
		return place{}, false
	}
	rest, query, _ := strings.Cut(rest, "?")
	parts := strings.Split(rest, "/")
	for _, x := range patterns {
		want := strings.Split(x.path, "/")
		var stars []string
		fits := len(want) == len(parts)
		for i := 0; fits && i < len(want); i++ {
			text, err := url.PathUnescape(parts[i])
			if want[i] == "*" {
				stars = append(stars, text)
				fits = err == nil && text != ""
			} else {
				fits = parts[i] == want[i]
			}
		}
		if !fits {
			continue
		}
		p = place{kind: x.kind}
		x.set(&p, stars)
		if q, err := url.ParseQuery(query); x.kind == anApp && err == nil {
			p.login = q.Get("sudo")
		}
		return p, true
	}
	return place{}, false
}

// path is the place's address below the base.
func (p place) path() string {
	switch p.kind {
	case aToken:
		return httpx.Path("/users/%s/tokens/%s", p.login, p.id)
	case aKey:
		return httpx.Path("/repos/%s/%s/keys/%s", p.owner, p.repo, p.id)
	case anApp:
		return httpx.Path("/user/applications/oauth2/%s", p.id)
	case aUser:
		return httpx.Path("/users/%s", p.login)
	case aPublic:
		return httpx.Path("/admin/users/%s/keys/%s", p.login, p.id)
	case aGrant:
		return httpx.Path("/repos/%s/%s/collaborators/%s", p.owner, p.repo, p.login)
	case aMember:
		return httpx.Path("/teams/%s/members/%s", p.id, p.login)
	}
	return p.list() + httpx.Path("/%s", p.id)
}

// list is the address of the list in which a secret or a runner of Actions stands.
func (p place) list() string {
	switch {
	case p.owner == "":
		return "/admin/actions/" + p.kind + "s"
	case p.repo == "":
		return httpx.Path("/orgs/%s/actions/", p.owner) + p.kind + "s"
	}
	return httpx.Path("/repos/%s/%s/actions/", p.owner, p.repo) + p.kind + "s"
}

// Keys of [revoke.Step.Params]. None holds a value or a part of one.
const (
	paramKind  = "kind"
	paramLogin = "login"
	paramOwner = "owner"
	paramRepo  = "repo"
	paramID    = "id"
	paramName  = "name"  // of the token, the title of the key: what must still stand there
	paramWas   = "was"   // the level of a collaborator before
	paramLevel = "level" // and after; "" is none
	paramHeld  = "held"  // reads or revokes: the credential of nhitop's own that it is
	paramSelf  = "self"  // no: the token may not end itself; yes: the key is of the account that revokes
)

func (p place) params() map[string]string {
	m := map[string]string{paramKind: p.kind}
	for k, v := range map[string]string{paramLogin: p.login, paramOwner: p.owner, paramRepo: p.repo, paramID: p.id} {
		if v != "" {
			m[k] = v
		}
	}
	return m
}

func placeIn(s revoke.Step) place {
	m := s.Params
	return place{kind: m[paramKind], login: m[paramLogin], owner: m[paramOwner], repo: m[paramRepo], id: m[paramID]}
}

// stepID names a step by what it does to what.
func stepID(action string, p place, more ...string) string {
	h := sha256.Sum256([]byte(strings.Join(append([]string{Kind, action, p.path()}, more...), "\x00")))
	return hex.EncodeToString(h[:8])
}

// Authorization implements revoke.Authorizer.
func (s *Source) Authorization() string {
	if s.revokes.user != "" {
		return "basic"
	}
	return "header Authorization token"
}

// Parallel implements revoke.Paralleler: as many as the client sends at once.
func (s *Source) Parallel() int { return 4 }

var _ interface {
	revoke.HeldRevoker
	revoke.Undoer
	revoke.UndoVerifier
	revoke.Recoverer
	revoke.Paralleler
} = (*Source)(nil)

var errNotAdmin = errors.New("the credential is not that of an administrator of the instance, who alone is told whether an account may sign in")

// who asks whose credential a client signs in with.
func (a *api) who(ctx context.Context) (userAnswer, error) {
	var u userAnswer
	_, err := a.Get(ctx, "/user", nil, &u)
	return u, err
}

// user asks for an account, in the words of one who is told the truth.
func (a *api) account(ctx context.Context, login string) (userAnswer, error) {
	me, err := a.who(ctx)
	if err != nil {
		return userAnswer{}, err
	}
	if !me.Admin {
		return userAnswer{}, errNotAdmin
	}
	var u userAnswer
	_, err = a.Get(ctx, httpx.Path("/users/%s", login), nil, &u)
	return u, err
}

// token finds a token of a user by its id; nil if the user has none of it.
func (a *api) token(ctx context.Context, p place) (*tokenAnswer, error) {
	list, err := all[tokenAnswer](ctx, a, ask{path: httpx.Path("/users/%s/tokens", p.login), basic: true})
	for i := range list {
		if itoa(list[i].ID) == p.id {
			return &list[i], err
		}
	}
	return nil, err
}

// publicKey finds an SSH key of a user by its id; nil if the user has none of it.
func (a *api) publicKey(ctx context.Context, p place) (*publicKeyAnswer, error) {
	list, err := all[publicKeyAnswer](ctx, a, ask{path: httpx.Path("/users/%s/keys", p.login)})
	for i := range list {
		if itoa(list[i].ID) == p.id {
			return &list[i], err
		}
	}
	return nil, err
}

// asUser is the header that asks in another user's name; none for one's own applications.
func (p place) header() http.Header {
	if p.kind != anApp || p.login == "" {
		return nil
	}
	return http.Header{"Sudo": {p.login}}
}

// revoking makes the client that changes things.
func (s *Source) revoking() (*api, error) { return s.client(s.revokes, nil) }

// held returns the value of a token that a step is about, where nhitop has it: it is in the operator's hand, or one of
// nhitop's own.
func (s *Source) held(ctx context.Context, st revoke.Step) (inventory.Value, bool) {
	if h, ok := revoke.HeldFor(ctx, st.Target); ok {
		return h.Value, true
	}
	own := map[string]login{"reads": s.reads, "revokes": s.revokes}
	l, ok := own[st.Params[paramHeld]]
	if !ok || l.user != "" {
		return inventory.Value{}, false
	}
	a, err := s.client(l, nil)
	if err != nil {
		return inventory.Value{}, false
	}
	v, err := a.value(ctx)
	return v, err == nil
}

// refusal puts a refusal of the server into the operator's words.
func refusal(what string, err error) error {
	if httpx.Status(err) == http.StatusForbidden {
		return fmt.Errorf("%s: the credential for revoking may not do that: %w", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// webURL is the server's address for people.
func (s *Source) webURL(path string) string { return strings.TrimSuffix(s.base, "/api/v1") + path }

func secretName(x *inventory.Secret) string {
	return cmp.Or(strings.TrimSuffix(x.Note, ", never used"), x.Kind)
}
