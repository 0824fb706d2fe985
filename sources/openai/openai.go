package openai

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
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/named"
	"nhitop/sources/internal/objects"
)

// Kind is the name of this source in the configuration, and of the issuer.
const Kind = "openai"

//go:embed sample.toml
var sample string

// Options is a table [[sources.openai]] of the configuration.
type Options struct {
	Name        string            `toml:"name"`         // tells several tables apart
	URL         string            `toml:"url"`          // without /v1
	Token       credref.Ref       `toml:"token"`        // an admin key, to read with
	Revoke      bool              `toml:"revoke"`       // may revoke, in an armed plan
	RevokeToken credref.Ref       `toml:"revoke_token"` // without it Token
	Archived    bool              `toml:"archived"`     // archived projects too
	Assistants  map[string]string `toml:"assistants"`   // pattern on a name -> catalogue id or "custom"
	CAFile      string            `toml:"ca_file"`
	Catalogue   string            `toml:"catalogue"`
	Concurrency int               `toml:"concurrency"`
}

// Defaults are the options when the table says nothing.
func Defaults() Options { return Options{URL: "https://api.openai.com", Concurrency: 4} }

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
	fresh handover.Fresh
}

const (
	mostConcurrency = 32
	cacheBytes      = 16 << 20 // of earlier answers, for conditional requests
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
	if s.known, err = named.New(Kind, cat, o.Assistants, "openai"); err != nil {
		return nil, err
	}
	s.http, err = httpx.New(httpx.Config{
		Service: "OpenAI", Base: strings.TrimRight(o.URL, "/"), Authorize: httpx.Bearer(s.get(o.Token)), CAFile: expandTilde(o.CAFile, env.Home), Transport: env.Via(o.URL),
		Concurrency: o.Concurrency, Now: env.Now, Sleep: env.Sleep, OnWait: func(w httpx.Wait) { s.progress(w.String()) }, Cache: httpx.NewCache(cacheBytes), Log: env.Log, UserAgent: env.UserAgent,
	})
	if err != nil {
		return nil, err
	}
	s.desk = s.newDesk()
	return s, nil
}

func (o Options) check() error {
	if err := o.Token.Check("token"); err != nil {
		return err
	}
	if !o.RevokeToken.IsZero() {
		if err := o.RevokeToken.Check("revoke_token"); err != nil {
			return err
		}
	}
	switch {
	case strings.HasSuffix(strings.TrimRight(o.URL, "/"), "/v1"):
		return errors.New("url: the address without /v1")
	case o.Concurrency < 1 || o.Concurrency > mostConcurrency:
		return fmt.Errorf("concurrency: from 1 to %d", mostConcurrency)
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
		Reads: []string{"keys of projects and of the organisation: whose, when used last, when they end", "service accounts, people, workload identity providers and their rules"},
		Needs: []string{"network to " + s.host(), "an admin key (" + s.opt.Token.String() + ")"},
	}
	if s.may() == nil {
		i.Revokes = []string{
			"narrow a key to reading, switch a workload identity provider or rule off: each can be taken back",
			"delete keys, service accounts with all their keys, admin keys; remove people from the organisation",
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

// heldKey carries, for the time of one collection, the key that it reads with: a reference may be a command, which must
// not run for each request.
type heldKey struct{}

func (s *Source) get(ref credref.Ref) httpx.Getter {
	return func(ctx context.Context) (inventory.Value, error) {
		if v, ok := ctx.Value(heldKey{}).(inventory.Value); ok {
			return v, nil
		}
		return ref.Read(ctx, s.lookup())
	}
}

// acting sends the key to revoke with.
func (s *Source) acting() httpx.Auth {
	ref := s.opt.RevokeToken
	if ref.IsZero() {
		ref = s.opt.Token
	}
	return httpx.Bearer(func(ctx context.Context) (inventory.Value, error) { return ref.Read(ctx, s.lookup()) })
}

// Collect reads everything once. Its error wraps [sources.ErrPartial] when some lists could not be read.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	tell := sink.Progress
	s.tell.Store(&tell)
	defer s.tell.Store(nil)
	v, err := s.opt.Token.Read(ctx, s.lookup())
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	return newCollection(context.WithValue(ctx, heldKey{}, v), s, sink, v).run()
}
