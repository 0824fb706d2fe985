package issuers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
)

// Kind is the name of this source in the configuration.
const Kind = "issuers"

//go:embed sample.toml
var sample string

// Options is the table [sources.issuers] of the configuration.
type Options struct {
	Revoke bool              `toml:"revoke"`  // may end a credential that the operator pastes, in a confirmed plan
	URLs   map[string]string `toml:"urls"`    // servers of one's own, by issuer: gitlab = "https://gitlab.example.com"
	CAFile string            `toml:"ca_file"` // certificate authorities of those servers
}

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Options{}, New).OnByDefault()

// Source asks issuers and lets credentials end themselves. Its methods may be called from several goroutines.
type Source struct {
	opt Options
	env sources.Env
	cat *catalogue.Catalogue

	sleep func(context.Context, time.Duration) error

	fresh handover.Fresh // keys that were made and are not proven yet

	mu      sync.Mutex
	clients map[string]*httpx.Client // by issuer
}

// New makes the source. It asks nobody. The error names what is wrong with an option.
func New(o Options, env sources.Env) (sources.Source, error) { return build(o, env, nil) }

// build makes the source with a sleep of its own, for tests; nil is the clock.
func build(o Options, env sources.Env, sleep func(context.Context, time.Duration) error) (*Source, error) {
	var errs []error
	for _, id := range inventory.SortedKeys(o.URLs) {
		if !slices.Contains(ids(), id) {
			errs = append(errs, fmt.Errorf("urls: %q is no issuer that is known; known are %s", inventory.Clean(id), strings.Join(ids(), ", ")))
		}
	}
	cat, err := catalogue.Load("")
	if err != nil {
		errs = append(errs, err)
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	s := &Source{opt: o, env: env, cat: cat, sleep: sleep, clients: map[string]*httpx.Client{}}
	for _, r := range rows() {
		if s.base(&r) == "" {
			continue
		}
		if _, err := s.client(&r); err != nil {
			errs = append(errs, fmt.Errorf("urls.%s: %w", r.ID, err))
		}
	}
	return s, errors.Join(errs...)
}

// Info describes the source.
func (s *Source) Info() sources.Info {
	i := sources.Info{
		Name: Kind, Kind: Kind,
		Reads: []string{"nothing by itself; asks the issuer of a pasted credential whether it is still accepted, when you agree"},
		Needs: []string{"the network, to the issuer of the credential alone"},
	}
	if s.opt.Revoke && !s.env.ReadOnly {
		i.Revokes = []string{"a credential that you paste, by itself, at: " + strings.Join(s.killers(), ", ")}
	}
	return i
}

// killers names the issuers at which a credential can end itself.
func (s *Source) killers() []string {
	var out []string
	for _, r := range rows() {
		if r.Kill != nil && s.base(&r) != "" && !slices.Contains(out, r.Service) {
			out = append(out, r.Service)
		}
	}
	return append(out, aws.Service)
}

// Collect says which issuers are known, and that none is asked without a credential in hand. Servers of one's own are missed
// only by who named one.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	seen := map[string]bool{}
	for _, r := range append(slices.Clone(rows()), aws) {
		if seen[r.ID] || s.base(&r) == "" && len(s.opt.URLs) == 0 {
			continue
		}
		seen[r.ID] = true
		l := inventory.Looked{Path: s.base(&r), State: inventory.LookedRead, Reason: "asked only about a credential in hand"}
		if l.Path == "" {
			l.Path, l.State, l.Reason = r.Service, inventory.LookedSkipped, "its address is not known; name it under urls."+r.ID+" to ask there"
		}
		sink.Looked(l)
	}
	return ctx.Err()
}

// General reports that the source knows issuers in general: one that is made for a provider goes before it.
func (s *Source) General() bool { return true }

// Parallel is how many credentials may be on their way at once.
func (s *Source) Parallel() int { return 4 }

// base is the address of an issuer, "" where it is not known.
func (s *Source) base(r *row) string {
	if u := s.opt.URLs[r.ID]; u != "" {
		return strings.TrimRight(u, "/")
	}
	return r.Base
}

const (
	timeout = 20 * time.Second
	maxWait = time.Minute // for a limit: a responder is waiting
)

func (s *Source) client(r *row) (*httpx.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[r.ID]; c != nil {
		return c, nil
	}
	base := s.base(r)
	if base == "" {
		return nil, fmt.Errorf("the address of %s is not known; set urls.%s in [sources.issuers]", r.Service, r.ID)
	}
	cfg := httpx.Config{Service: r.Service, Base: base, CAFile: s.opt.CAFile, Timeout: timeout, MaxWait: maxWait, Now: s.env.Now, Sleep: s.sleep, Log: s.env.Log,
		UserAgent: s.env.UserAgent, Header: http.Header{}}
	if s.env.Transport != nil {
		u, err := url.Parse(base)
		if err != nil {
			return nil, errors.New("is no address")
		}
		cfg.Transport = s.env.Transport(u.Host)
	}
	for k, v := range r.Headers {
		cfg.Header.Set(k, v)
	}
	for _, x := range append(slices.Clone(rows()), aws) {
		for _, c := range []*call{x.Ask, x.Control} {
			if x.ID == r.ID && c != nil && c.Method == http.MethodPost {
				cfg.ReadPosts = append(cfg.ReadPosts, c.Path)
			}
		}
	}
	c, err := httpx.New(cfg)
	if err == nil {
		s.clients[r.ID] = c
	}
	return c, err
}
