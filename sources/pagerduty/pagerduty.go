package pagerduty

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// Kind is the name of this source in the configuration.
const Kind = "pagerduty"

//go:embed sample.toml
var sample string

// Options is a table [[sources.pagerduty]] of the configuration.
type Options struct {
	Name   string            `toml:"name"`    // tells several tables apart
	URL    string            `toml:"url"`     // of the API
	Token  credref.Ref       `toml:"token"`   // a read-only key
	OnCall map[string]string `toml:"on_call"` // team -> team:ID, service:ID, schedule:ID, policy:ID
	Levels int               `toml:"levels"`  // of escalation
	CAFile string            `toml:"ca_file"`
}

// Defaults are the options when the table says nothing.
func Defaults() Options { return Options{URL: "https://api.pagerduty.com", Levels: 2} }

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Defaults(), New)

// Source asks one account. Its methods may be called from several goroutines.
type Source struct {
	name string
	o    Options
	env  sources.Env
}

const mostLevels = 20 // PagerDuty has no more

// object is what may stand for a team.
var object = regexp.MustCompile(`^(?:team|service|schedule|policy):[A-Za-z0-9]{1,32}$`)

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
	if o.Levels < 1 || o.Levels > mostLevels {
		return nil, fmt.Errorf("levels: from 1 to %d", mostLevels)
	}
	teams := make(map[string]string, len(o.OnCall))
	for _, team := range inventory.SortedKeys(o.OnCall) {
		what := o.OnCall[team]
		if !object.MatchString(what) {
			return nil, errors.New("on_call: what stands for a team is written team:ID, service:ID, schedule:ID or policy:ID")
		}
		teams[known(team)] = what
	}
	o.OnCall = teams
	s := &Source{name: name, o: o, env: env}
	if s.env.Now == nil {
		s.env.Now = time.Now
	}
	_, err = s.client(inventory.Value{}, nil)
	return s, err
}

// known is how a team's name is compared: as CODEOWNERS writes it or as a forge does.
func known(team string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(team), "@"))
}

func (s *Source) client(token inventory.Value, wait func(httpx.Wait)) (*httpx.Client, error) {
	ca := s.o.CAFile
	if rest, ok := strings.CutPrefix(ca, "~/"); ok {
		ca = path.Join(s.env.Home, rest)
	}
	return httpx.New(httpx.Config{
		Service: "PagerDuty", Base: s.o.URL, Authorize: httpx.Header("Authorization", "Token token=", httpx.Held(token)), CAFile: ca, Transport: s.env.Via(s.o.URL),
		Header: http.Header{"Accept": {"application/vnd.pagerduty+json;version=2"}},
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
		Reads: []string{"who is on call for the teams that answer for assistants"},
		Needs: []string{"network to " + host, "a read-only API access key (" + s.o.Token.String() + ")"},
	}
}

// Collect implements [sources.Source]: it looks whether teams can be read, and asks about none.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	return s.Resolve(ctx, nil, sink)
}

var _ sources.Directory = (*Source)(nil)
