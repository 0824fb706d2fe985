package anthropic

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/named"
	"nhitop/sources/internal/objects"
)

// Kind is the name of this source in the configuration, and of the issuer.
const Kind = "anthropic"

//go:embed sample.toml
var sample string

// Options is a table [[sources.anthropic]] of the configuration.
type Options struct {
	Name        string            `toml:"name"`               // tells several tables apart
	URL         string            `toml:"url"`                // without /v1
	Token       credref.Ref       `toml:"token"`              // an Admin API key, to read with
	OAuth       credref.Ref       `toml:"oauth_token"`        // an access token with org:admin, to read with
	Revoke      bool              `toml:"revoke"`             // may revoke, in an armed plan
	RevokeToken credref.Ref       `toml:"revoke_token"`       // without it Token
	RevokeOAuth credref.Ref       `toml:"revoke_oauth_token"` // without it OAuth
	UsageDays   int               `toml:"usage_days"`         // of the Claude Code report
	Assistants  map[string]string `toml:"assistants"`         // pattern on a name -> catalogue id or "custom"
	CAFile      string            `toml:"ca_file"`
	Catalogue   string            `toml:"catalogue"`
	Concurrency int               `toml:"concurrency"`
}

// Defaults are the options when the table says nothing.
func Defaults() Options {
	return Options{URL: "https://api.anthropic.com", UsageDays: 7, Concurrency: 4}
}

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Defaults(), New)

// Source reads one organisation. Its methods may be called from several goroutines.
type Source struct {
	name  string
	opt   Options
	env   sources.Env
	http  *httpx.Client
	known *named.Recogniser
	desk  *objects.Desk
	tell  atomic.Pointer[func(string)] // shows progress while a collection runs
}

const (
	mostConcurrency = 32
	mostDays        = 90
	cacheBytes      = 16 << 20 // of earlier answers, for conditional requests
	apiVersion      = "2023-06-01"
	oauthBeta       = "oauth-2025-04-20"
)

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
	s := &Source{name: name, opt: o, env: env}
	if s.known, err = named.New(Kind, cat, o.Assistants, "claude", "anthropic"); err != nil {
		return nil, err
	}
	s.http, err = httpx.New(httpx.Config{
		Service: "Anthropic", Base: strings.TrimRight(o.URL, "/"), Header: http.Header{"anthropic-version": {apiVersion}}, Authorize: s.auth(reading),
		CAFile: expandTilde(o.CAFile, env.Home), Transport: env.Via(o.URL), Concurrency: o.Concurrency, Now: env.Now, Sleep: env.Sleep,
		OnWait: func(w httpx.Wait) { s.progress(w.String()) }, Cache: httpx.NewCache(cacheBytes), Log: env.Log, UserAgent: env.UserAgent,
	})
	if err != nil {
		return nil, err
	}
	s.desk = s.newDesk()
	return s, nil
}

func (o Options) check() error {
	refs := []struct {
		key string
		ref credref.Ref
	}{{"token", o.Token}, {"oauth_token", o.OAuth}, {"revoke_token", o.RevokeToken}, {"revoke_oauth_token", o.RevokeOAuth}}
	for i, r := range refs {
		if i == 0 && !o.OAuth.IsZero() || i > 0 {
			if r.ref.IsZero() {
				continue
			}
		}
		if err := r.ref.Check(r.key); err != nil {
			return err
		}
	}
	switch {
	case strings.HasSuffix(strings.TrimRight(o.URL, "/"), "/v1"):
		return errors.New("url: the address without /v1")
	case o.Concurrency < 1 || o.Concurrency > mostConcurrency:
		return fmt.Errorf("concurrency: from 1 to %d", mostConcurrency)
	case o.UsageDays < 0 || o.UsageDays > mostDays:
		return fmt.Errorf("usage_days: from 0 to %d", mostDays)
	}
	return nil
}

func expandTilde(p, home string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return path.Join(home, rest)
	}
	return p
}

// Info describes the source.
func (s *Source) Info() sources.Info {
	i := sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{"API keys, who made them and as whom they act; people and workspaces", "Claude Code's daily report: who uses it, and with which key"},
		Needs: []string{"network to " + s.host()},
	}
	if !s.opt.Token.IsZero() {
		i.Needs = append(i.Needs, "an Admin API key ("+s.opt.Token.String()+")")
	}
	if s.opt.OAuth.IsZero() {
		i.Needs = append(i.Needs, "for service accounts and federation: oauth_token, an OAuth access token with org:admin; without it they are unknown")
	} else {
		i.Reads = append(i.Reads, "service accounts, federation issuers and rules")
		i.Needs = append(i.Needs, "an OAuth access token with org:admin ("+s.opt.OAuth.String()+")")
	}
	if s.may() == nil {
		i.Revokes = []string{
			"switch an API key off, take an account out of a workspace: each can be taken back",
			"archive API keys, federation rules and issuers, service accounts; remove people from the organisation",
		}
	}
	return i
}

var errMayNot = fmt.Errorf("%w: set revoke = true in the table of this organisation", revoke.ErrReadOnly)

func (s *Source) may() error {
	switch {
	case s.env.ReadOnly:
		return revoke.ErrReadOnly
	case !s.opt.Revoke:
		return errMayNot
	}
	return nil
}

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

func (s *Source) lookup() credref.Lookup { return credref.Lookup{Getenv: s.env.Getenv} }

// use says what a credential is for.
type use int

const (
	reading use = iota
	acting
)

// refs are the Admin API key and the access token for a use.
func (s *Source) refs(u use) (admin, oauth credref.Ref) {
	admin, oauth = s.opt.Token, s.opt.OAuth
	if u == acting {
		admin, oauth = first(s.opt.RevokeToken, admin), first(s.opt.RevokeOAuth, oauth)
	}
	return admin, oauth
}

func first(a, b credref.Ref) credref.Ref {
	if a.IsZero() {
		return b
	}
	return a
}

// oauthOnly are the paths that an Admin API key is refused for. Source: anthropic-sdk-go 1.84.0, the comments of service
// accounts and federation.
func oauthOnly(path string) bool {
	return strings.HasPrefix(path, pathAccounts) || strings.HasPrefix(path, pathIssuers) || strings.HasPrefix(path, pathRules) ||
		strings.HasPrefix(path, pathWorkspaces+"/") && strings.Contains(path, "/service_accounts")
}

// auth sends the credential that fits the path.
func (s *Source) auth(u use) httpx.Auth {
	return func(ctx context.Context, r *http.Request) error {
		admin, oauth := s.refs(u)
		if !oauth.IsZero() && (admin.IsZero() || oauthOnly(r.URL.Path)) {
			r.Header.Set("anthropic-beta", oauthBeta)
			return httpx.Bearer(s.get(oauth))(ctx, r)
		}
		return httpx.Header("x-api-key", "", s.get(admin))(ctx, r)
	}
}

// heldKey carries, for the time of one collection, the credentials that it reads with: a reference may be a command,
// which must not run for each request.
type heldKey struct{}

func (s *Source) get(ref credref.Ref) httpx.Getter {
	return func(ctx context.Context) (inventory.Value, error) {
		if held, ok := ctx.Value(heldKey{}).(map[string]inventory.Value); ok {
			if v, ok := held[ref.String()]; ok {
				return v, nil
			}
		}
		return ref.Read(ctx, s.lookup())
	}
}

// Collect reads everything once. Its error wraps [sources.ErrPartial] when some lists could not be read.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	tell := sink.Progress
	s.tell.Store(&tell)
	defer s.tell.Store(nil)
	held := map[string]inventory.Value{}
	for _, r := range []struct {
		key string
		ref credref.Ref
	}{{"token", s.opt.Token}, {"oauth_token", s.opt.OAuth}} {
		if r.ref.IsZero() {
			continue
		}
		v, err := r.ref.Read(ctx, s.lookup())
		if err != nil {
			return fmt.Errorf("%s: %w", r.key, err)
		}
		held[r.ref.String()] = v
	}
	return newCollection(context.WithValue(ctx, heldKey{}, held), s, sink, held).run()
}

// called is what an organisation is called in texts.
func (o *orgShape) called() string { return cmp.Or(inventory.Clean(o.Name), "the organisation") }
