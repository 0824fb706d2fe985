package gitlab

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/named"
)

// Kind is the name of this source in the configuration.
const Kind = "gitlab"

//go:embed sample.toml
var sample string

// Options is a table [[sources.gitlab]] of the configuration.
type Options struct {
	Name        string            `toml:"name"`         // tells several tables apart
	URL         string            `toml:"url"`          // of the instance, without /api/v4
	Token       credref.Ref       `toml:"token"`        // to read with
	Revoke      bool              `toml:"revoke"`       // may revoke, in an armed plan
	RevokeToken credref.Ref       `toml:"revoke_token"` // to revoke with; without it the one to read with
	Groups      []string          `toml:"groups"`       // paths; with what is below them
	Projects    []string          `toml:"projects"`     // paths
	Assistants  map[string]string `toml:"assistants"`   // pattern on an account's, token's or key's name -> catalogue id or "custom"
	Pipelines   bool              `toml:"pipelines"`    // read the pipeline of each project
	Variables   bool              `toml:"variables"`    // read CI/CD variables; the API sends their values along
	Archived    bool              `toml:"archived"`     // archived projects too
	CAFile      string            `toml:"ca_file"`
	Catalogue   string            `toml:"catalogue"`   // folder with catalogue entries of one's own
	Concurrency int               `toml:"concurrency"` // requests at once
}

// Defaults are the options when the table says nothing.
func Defaults() Options {
	return Options{URL: "https://gitlab.com", Pipelines: true, Concurrency: 4}
}

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Defaults(), New)

// Source reads one GitLab. Its methods may be called from several goroutines.
type Source struct {
	name  string
	opt   Options
	env   sources.Env
	http  *httpx.Client
	cat   *catalogue.Catalogue
	known *named.Recogniser
	tell  atomic.Pointer[func(string)] // shows progress while a collection runs
	fresh handover.Fresh
}

const mostConcurrency = 32

// New makes the source. It sends nothing. The error begins with the key that is wrong.
func New(o Options, env sources.Env) (sources.Source, error) {
	name, err := sources.Named(Kind, o.Name)
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	cat, err := catalogue.Load(expandTilde(o.Catalogue, env.Home))
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	s := &Source{name: name, opt: o, env: env, cat: cat}
	if s.known, err = named.New(Kind, cat, o.Assistants); err != nil {
		return nil, err
	}
	s.http, err = httpx.New(httpx.Config{
		Service: "GitLab", Base: strings.TrimRight(o.URL, "/") + "/api/v4", Authorize: httpx.Header("PRIVATE-TOKEN", "", s.readToken),
		CAFile: expandTilde(o.CAFile, env.Home), Transport: env.Via(o.URL), Concurrency: o.Concurrency, Limits: httpx.GitLabLimits, Now: env.Now, Sleep: env.Sleep,
		OnWait: func(w httpx.Wait) { s.progress(w.String()) }, Cache: unstored{httpx.NewCache(cacheBytes)}, Log: env.Log, UserAgent: env.UserAgent,
		ReadPosts: []string{identifyPath},
	})
	return s, err
}

// cacheBytes bounds what is kept of earlier answers for conditional requests.
const cacheBytes = 64 << 20

func (o Options) check() error {
	if err := o.Token.Check("token"); err != nil {
		return err
	}
	if !o.RevokeToken.IsZero() {
		if err := o.RevokeToken.Check("revoke_token"); err != nil {
			return err
		}
	}
	if strings.Contains(o.URL, "/api/v4") {
		return errors.New("url: the address of the instance, without /api/v4")
	}
	if o.Concurrency < 1 || o.Concurrency > mostConcurrency {
		return fmt.Errorf("concurrency: from 1 to %d", mostConcurrency)
	}
	for key, list := range map[string][]string{"groups": o.Groups, "projects": o.Projects} {
		for _, p := range list {
			if p == "" || strings.HasPrefix(p, "/") || strings.Contains(p, "://") {
				return fmt.Errorf(`%s: %q is not a path; write "group/subgroup"`, key, inventory.Clean(p))
			}
		}
	}
	return nil
}

func expandTilde(p, home string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return path.Join(home, rest)
	}
	return p
}

// unstored keeps answers out of the cache that hold the values of CI/CD variables.
type unstored struct{ httpx.Cache }

func (u unstored) Put(key string, e httpx.Entry) {
	if !strings.Contains(key, "/variables") {
		u.Cache.Put(key, e)
	}
}

// Info describes the source.
func (s *Source) Info() sources.Info {
	i := sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{
			"access tokens of people, projects, groups and service accounts; deploy tokens and keys, triggers, runners, cluster agents, OAuth applications",
			"protected branches and environments, approval rules, members",
			"assistants in pipelines; whether GitLab Duo is on",
		},
		Needs: []string{
			"network to " + s.host(),
			"a token with the scope read_api (" + s.opt.Token.String() + "); what its account may not see is unknown",
		},
	}
	if s.mayRevoke() {
		i.Revokes = []string{
			"block an account, lower its role, pause a runner, take write access from a deploy key, switch GitLab Duo off: each can be taken back",
			"revoke access tokens; and those of cluster agents; delete deploy tokens, keys, triggers, runners, service accounts, OAuth applications, CI/CD variables",
		}
		i.Needs = append(i.Needs, "to revoke: a token with the scope api ("+s.revokeRef().String()+")")
	}
	return i
}

func (s *Source) mayRevoke() bool { return s.opt.Revoke && !s.env.ReadOnly }

// host is the host of the instance, as it stands in names.
func (s *Source) host() string {
	u, err := url.Parse(s.opt.URL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

func (s *Source) progress(text string) {
	if f := s.tell.Load(); f != nil {
		(*f)(text)
	}
}

// heldKey carries, for the time of one collection, the token that it reads with: a reference may be a command, which
// must not run for each request.
type heldKey struct{}

func (s *Source) readToken(ctx context.Context) (inventory.Value, error) {
	if v, ok := ctx.Value(heldKey{}).(inventory.Value); ok {
		return v, nil
	}
	return s.opt.Token.Read(ctx, s.lookup())
}

func (s *Source) lookup() credref.Lookup { return credref.Lookup{Getenv: s.env.Getenv} }

func (s *Source) revokeRef() credref.Ref {
	if s.opt.RevokeToken.IsZero() {
		return s.opt.Token
	}
	return s.opt.RevokeToken
}

// Collect reads everything once. Its error wraps [sources.ErrPartial] when some lists could not be read.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	return s.collect(ctx, sink, sink.Progress)
}

// collect tells in tell what it waits for.
func (s *Source) collect(ctx context.Context, sink inventory.Sink, tell func(string)) error {
	s.tell.Store(&tell)
	defer s.tell.Store(nil)
	v, err := s.opt.Token.Read(ctx, s.lookup())
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	ctx = context.WithValue(ctx, heldKey{}, v)
	c := newCollection(ctx, s, sink, v)
	return c.run()
}
