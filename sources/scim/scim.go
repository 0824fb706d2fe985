package scim

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/roster"
)

// Kind is the name of this source in the configuration.
const Kind = "scim"

//go:embed sample.toml
var sample string

// Options is a table [[sources.scim]] of the configuration.
type Options struct {
	Name    string            `toml:"name"`    // tells several tables apart
	URL     string            `toml:"url"`     // below which /Users is
	Token   credref.Ref       `toml:"token"`   // reads users
	Logins  map[string]string `toml:"logins"`  // kind of a source -> attribute with the login there
	Domains []string          `toml:"domains"` // of addresses; empty: all
	Absent  string            `toml:"absent"`  // status of who is not there, of one of Domains
	Page    int               `toml:"page"`    // users of one page
	CAFile  string            `toml:"ca_file"`
}

// Defaults are the options when the table says nothing.
func Defaults() Options { return Options{Absent: inventory.OwnerUnknown, Page: 100} }

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Defaults(), New)

// Source asks one service. Its methods may be called from several goroutines.
type Source struct {
	name  string
	o     Options
	env   sources.Env
	rules roster.Rules
}

const mostPage = 1000

// logins are the attributes that may hold a login.
var logins = []string{"userName", "externalId", "nickName"}

// New makes the source. It sends nothing and reads no credential. The error begins with the key that is wrong.
func New(o Options, env sources.Env) (sources.Source, error) {
	name, err := sources.Named(Kind, o.Name)
	if err != nil {
		return nil, err
	}
	if err := o.Token.Check("token"); err != nil {
		return nil, err
	}
	o.URL = strings.TrimRight(o.URL, "/")
	s := &Source{name: name, o: o, env: env, rules: roster.Rules{Logins: o.Logins, Domains: o.Domains, Absent: o.Absent}}
	if s.env.Now == nil {
		s.env.Now = time.Now
	}
	for _, a := range o.Logins {
		if !slices.Contains(logins, a) {
			return nil, errors.New("logins: the attribute is one of " + strings.Join(logins, ", "))
		}
	}
	if o.Page < 1 || o.Page > mostPage {
		return nil, fmt.Errorf("page: from 1 to %d", mostPage)
	}
	if err := s.rules.Check(); err != nil {
		return nil, err
	}
	_, err = s.client(inventory.Value{}, nil)
	return s, err
}

func (s *Source) client(token inventory.Value, wait func(httpx.Wait)) (*httpx.Client, error) {
	ca := s.o.CAFile
	if rest, ok := strings.CutPrefix(ca, "~/"); ok {
		ca = path.Join(s.env.Home, rest)
	}
	return httpx.New(httpx.Config{
		Service: "SCIM", Base: s.o.URL, Authorize: httpx.Bearer(httpx.Held(token)), CAFile: ca, Transport: s.env.Via(s.o.URL),
		Header: map[string][]string{"Accept": {"application/scim+json, application/json"}},
		Now:    s.env.Now, Sleep: s.env.Sleep, OnWait: wait, Log: s.env.Log, UserAgent: s.env.UserAgent,
	})
}

func (s *Source) lookup() credref.Lookup { return credref.Lookup{Getenv: s.env.Getenv} }

// Info implements [sources.Source].
func (s *Source) Info() sources.Info {
	host := s.o.URL
	if u, err := url.Parse(s.o.URL); err == nil {
		host = u.Host
	}
	return sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{"of those who answer for assistants: whether they are still there, manager, department"},
		Needs: []string{"network to " + host, "a token that may read users (" + s.o.Token.String() + ")"},
	}
}

// Collect implements [sources.Source]: it looks whether users can be read, and asks about nobody.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	return s.Resolve(ctx, nil, sink)
}

var _ sources.Directory = (*Source)(nil)
