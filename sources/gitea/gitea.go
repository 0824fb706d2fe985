package gitea

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
)

// Kind is the name of this source in the configuration.
const Kind = "gitea"

//go:embed sample.toml
var sample string

// Options is a table [sources.gitea] of the configuration.
type Options struct {
	Name     string      `toml:"name"`     // tells several servers apart
	URL      string      `toml:"url"`      // https://git.example.com
	Token    credref.Ref `toml:"token"`    // an access token, or
	User     string      `toml:"user"`     // a user
	Password credref.Ref `toml:"password"` // and the password
	CAFile   string      `toml:"ca_file"`

	Repositories []string `toml:"repositories"` // OWNER/NAME, globs allowed; empty: all that the token sees
	Archived     bool     `toml:"archived"`     // read archived repositories too
	Bots         []string `toml:"bots"`         // logins of accounts that assistants use, globs allowed
	Sudo         bool     `toml:"sudo"`         // read the OAuth applications of each user in that user's name
	Catalogue    string   `toml:"catalogue"`

	Revoke         bool        `toml:"revoke"`
	RevokeToken    credref.Ref `toml:"revoke_token"` // nothing: the credential for reading
	RevokeUser     string      `toml:"revoke_user"`
	RevokePassword credref.Ref `toml:"revoke_password"`
}

// Defaults are the options when the configuration says nothing.
func Defaults() Options { return Options{Sudo: true} }

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Defaults(), New)

// Source reads one server. Its methods may be called from several goroutines.
type Source struct {
	opt   Options
	env   sources.Env
	name  string
	base  string // of the API, without a slash at the end
	host  string // of the server, as repositories are named by: git.example.com
	cat   *catalogue.Catalogue
	log   *slog.Logger
	cache httpx.Cache
	fresh handover.Fresh

	reads, revokes login
	apart          bool // the two are different credentials
}

// login is what a request is signed in with.
type login struct {
	ref  credref.Ref
	user string // with it, ref leads to a password
}

const cacheSize = 8 << 20

// New makes the source. It reads the catalogue and nothing else. The error names what is wrong with an option.
func New(o Options, env sources.Env) (sources.Source, error) {
	s := &Source{opt: o, env: env, log: env.Log, cache: httpx.NewCache(cacheSize)}
	var errs []error
	fail := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var err error
	s.name, err = sources.Named(Kind, o.Name)
	fail(err)
	s.reads, err = loginOf("token", "user", "password", o.Token, o.User, o.Password)
	fail(err)
	s.revokes = s.reads
	if !o.RevokeToken.IsZero() || o.RevokeUser != "" || !o.RevokePassword.IsZero() {
		s.apart = true
		s.revokes, err = loginOf("revoke_token", "revoke_user", "revoke_password", o.RevokeToken, o.RevokeUser, o.RevokePassword)
		fail(err)
	}
	for _, list := range [][]string{o.Repositories, o.Bots} {
		for _, p := range list {
			if _, err := path.Match(p, ""); err != nil || p == "" {
				fail(fmt.Errorf("repositories, bots: %q is not a pattern", inventory.Clean(p)))
			}
		}
	}
	s.cat, err = catalogue.Load(expandTilde(o.Catalogue, env.Home))
	fail(err)
	s.base = strings.TrimRight(strings.TrimSpace(o.URL), "/")
	s.base = strings.TrimSuffix(s.base, "/api/v1") + "/api/v1"
	if o.URL == "" {
		fail(errors.New(`url: is needed: url = "https://git.example.com"`))
	} else if _, err := s.client(s.reads, nil); err != nil {
		fail(err)
	} else if u, err := url.Parse(s.base); err == nil {
		s.host = strings.ToLower(u.Host) + strings.TrimSuffix(u.Path, "/api/v1")
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if s.env.Now == nil {
		s.env.Now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// loginOf takes a token, or a user with a password.
func loginOf(tokenKey, userKey, passwordKey string, token credref.Ref, user string, password credref.Ref) (login, error) {
	if user == "" && password.IsZero() {
		return login{ref: token}, token.Check(tokenKey)
	}
	switch {
	case !token.IsZero():
		return login{}, fmt.Errorf("%s: a token, or %s with %s; not both", tokenKey, userKey, passwordKey)
	case user == "" || strings.ContainsAny(user, ":\n"):
		return login{}, fmt.Errorf("%s: the name of the account that %s belongs to", userKey, passwordKey)
	}
	return login{password, user}, password.Check(passwordKey)
}

func expandTilde(p, home string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return filepath.Join(home, filepath.FromSlash(rest))
	}
	return p
}

// client makes a client that signs in with a credential. sink, which may be nil, is told of waits.
func (s *Source) client(c login, sink *inventory.Sink) (*api, error) {
	var once lazy
	return s.open(c.user, func(ctx context.Context) (inventory.Value, error) {
		return once.get(func() (inventory.Value, error) {
			return c.ref.Read(ctx, credref.Lookup{Getenv: s.env.Getenv})
		})
	}, sink)
}

// open makes a client of a token, or with a user of a password. A token is sent as such, but where Gitea wants HTTP Basic;
// it is then the password, and the name before it does not matter.
func (s *Source) open(user string, value httpx.Getter, sink *inventory.Sink) (*api, error) {
	a := &api{value: value, basic: httpx.Basic(cmp.Or(user, "nhitop"), value)}
	auth := a.basic
	if user == "" {
		auth = httpx.Header("Authorization", "token ", value)
	}
	conf := httpx.Config{
		Service: "Gitea", Base: s.base, Authorize: auth, CAFile: s.opt.CAFile, Transport: s.env.Via(s.base), Now: s.env.Now, Sleep: s.env.Sleep,
		Log: s.log, UserAgent: s.env.UserAgent,
	}
	if sink != nil {
		conf.Cache = s.cache
		conf.OnWait = func(w httpx.Wait) { sink.Progress(w.String()) }
	}
	var err error
	a.Client, err = httpx.New(conf)
	return a, err
}

// Info describes the source.
func (s *Source) Info() sources.Info {
	i := sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{
			"users and bots, and who may no longer sign in", "access tokens with scopes and last use (as administrator; else one's own)",
			"OAuth applications and SSH keys of users", "deploy keys, collaborators, teams, branch rules", "names of Actions secrets, runners, workflows that run assistants",
		},
		Needs: []string{
			"to reach " + inventory.Clean(s.base), "a token with read:user, read:repository, read:organization, and of an administrator with read:admin",
		},
	}
	if s.opt.Revoke && !s.env.ReadOnly {
		i.Revokes = []string{
			"an access token, for good", "a user's sign-in (can be lifted)", "a collaborator's access, narrowed to reading or taken, and a place in a team (can be given back)", "a deploy key or an SSH key",
			"an OAuth application", "a stored secret or a runner of Actions",
		}
		i.Needs = append(i.Needs, "to revoke: write:user, write:repository, write:organization and write:admin of an administrator")
	}
	return i
}

// Collect reads everything once. It returns an error that wraps [sources.ErrPartial] when some parts could not be read.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	c, err := s.begin(ctx, sink)
	if err != nil {
		return err
	}
	return c.run()
}
