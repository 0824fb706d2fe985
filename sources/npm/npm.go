package npm

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// Kind is the factory's name.
const Kind = "npm"

//go:embed sample.toml
var sample string

// Options are the table of one registry account.
type Options struct {
	Name        string      `toml:"name"`         // tells several accounts apart
	URL         string      `toml:"url"`          // of the registry
	Token       credref.Ref `toml:"token"`        // reads
	Revoke      bool        `toml:"revoke"`       // may end tokens
	RevokeToken credref.Ref `toml:"revoke_token"` // ends tokens; default: Token
	OTP         credref.Ref `toml:"otp"`          // prints a one-time password, where the registry asks for one
	Orgs        []string    `toml:"orgs"`         // organisations whose packages are asked for besides the account's own
	CAFile      string      `toml:"ca_file"`
}

// Factory makes npm sources.
var Factory = sources.Define(Kind, sample, Options{}, func(o Options, e sources.Env) (sources.Source, error) { return New(o, e) })

// Source is one account at one registry. Its methods may be called from several goroutines.
type Source struct {
	o      Options
	env    sources.Env
	name   string
	lookup credref.Lookup
	cache  httpx.Cache
}

// cacheBytes bounds what is kept of one registry's answers: a list of tokens is a few KiB.
const cacheBytes = 4 << 20

// New makes a source. It sends nothing and reads no credential.
func New(o Options, e sources.Env) (*Source, error) {
	name, err := sources.Named(Kind, o.Name)
	if err != nil {
		return nil, err
	}
	if err := o.Token.Check("token"); err != nil {
		return nil, err
	}
	for _, r := range []struct {
		key string
		ref credref.Ref
	}{{"revoke_token", o.RevokeToken}, {"otp", o.OTP}} {
		if !r.ref.IsZero() {
			if err := r.ref.Check(r.key); err != nil {
				return nil, err
			}
		}
	}
	o.URL = strings.TrimRight(o.URL, "/")
	s := &Source{o: o, env: e, name: name, lookup: credref.Lookup{Getenv: e.Getenv}, cache: httpx.NewCache(cacheBytes)}
	_, err = s.client(httpx.Held(inventory.Value{}), nil)
	return s, err
}

// client makes a client that asks with a credential.
func (s *Source) client(get httpx.Getter, wait func(httpx.Wait)) (*httpx.Client, error) {
	return httpx.New(httpx.Config{
		Service: s.service(), Base: s.o.URL, Authorize: httpx.Bearer(get), CAFile: s.o.CAFile, Transport: s.env.Via(s.o.URL),
		Now: s.env.Now, Sleep: s.env.Sleep, OnWait: wait, Cache: s.cache, Log: s.env.Log, UserAgent: s.env.UserAgent,
	})
}

func (s *Source) service() string { return "the npm registry " + s.host() }

// host is what people call the registry by: host and path of its address.
func (s *Source) host() string {
	_, rest, _ := strings.Cut(s.o.URL, "://")
	return rest
}

// Info implements sources.Source.
func (s *Source) Info() sources.Info {
	i := sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{"the account's publish tokens: read-only or not, addresses, dates", "packages that the account may publish, where the registry tells"},
		Needs: []string{"network: " + s.host(), fmt.Sprintf("a token of the account (%s)", s.o.Token)},
	}
	if s.o.Revoke {
		i.Revokes = []string{"tokens of the account, for good"}
		if !s.o.RevokeToken.IsZero() {
			i.Needs = append(i.Needs, fmt.Sprintf("a token that may end tokens (%s)", s.o.RevokeToken))
		}
	}
	return i
}

var errMayNot = fmt.Errorf("%w: set revoke = true in the table of this registry", revoke.ErrReadOnly)

func (s *Source) mayRevoke() error {
	switch {
	case s.env.ReadOnly:
		return revoke.ErrReadOnly
	case !s.o.Revoke:
		return errMayNot
	}
	return nil
}

// errNobody is a registry that answers as if nobody had asked: verdaccio does so to a token that it does not know.
var errNobody = errors.New("the registry does not know the credential: it answers without a name")

var _ interface {
	sources.Source
	revoke.HeldRevoker
	revoke.Recoverer
} = (*Source)(nil)
