package ldap

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/roster"
)

// Kind is the name of this source in the configuration.
const Kind = "ldap"

//go:embed sample.toml
var sample string

// Options is a table [[sources.ldap]] of the configuration.
type Options struct {
	Name          string              `toml:"name"`           // tells several tables apart
	URL           string              `toml:"url"`            // ldaps://, ldap://
	StartTLS      bool                `toml:"start_tls"`      // for ldap://
	CAFile        string              `toml:"ca_file"`        // PEM
	BindDN        string              `toml:"bind_dn"`        // "": anonymous
	Password      credref.Ref         `toml:"password"`       // of BindDN
	Base          string              `toml:"base"`           // where people are
	Filter        string              `toml:"filter"`         // what a person is
	Mail          []string            `toml:"mail"`           // attributes with addresses
	Logins        map[string]string   `toml:"logins"`         // kind of a source -> attribute with the login there
	Domains       []string            `toml:"domains"`        // of addresses; empty: all
	Absent        string              `toml:"absent"`         // status of who is not there, of one of Domains
	Departed      map[string][]string `toml:"departed"`       // attribute -> values that say departed
	LastDay       string              `toml:"last_day"`       // attribute with the last day
	DepartedBelow string              `toml:"departed_below"` // branch of those who left
	Control       string              `toml:"control"`        // an account that is known to be disabled
	Batch         int                 `toml:"batch"`          // people in one filter
	Page          int                 `toml:"page"`           // entries of one page
	Timeout       int                 `toml:"timeout"`        // seconds of one search
}

// Defaults are the options when the table says nothing.
func Defaults() Options {
	return Options{StartTLS: true, Filter: "(objectClass=person)", Mail: []string{"mail"}, Absent: "unknown", Batch: 200, Page: 500, Timeout: 30}
}

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Defaults(), New)

// Source asks one directory. Its methods may be called from several goroutines.
type Source struct {
	name   string
	o      Options
	env    sources.Env
	host   string
	below  *ldap.DN // of Options.DepartedBelow
	rules  roster.Rules
	lookup credref.Lookup
	signs  []sign
	attrs  []string // what is asked for of an entry
}

const (
	mostBatch   = 1000
	mostPage    = 1000 // Active Directory gives no more (MaxPageSize)
	mostTimeout = 600
	maxPacket   = 16 << 20 // bytes of one message
	maxDepth    = 64       // of its nesting
)

// The decoder takes its bounds from variables of its package, which nothing else here uses.
func init() { ber.MaxPacketLengthBytes, ber.MaxNestingDepth = maxPacket, maxDepth }

// New makes the source. It sends nothing and reads no credential. The error begins with the key that is wrong.
func New(o Options, env sources.Env) (sources.Source, error) {
	name, err := sources.Named(Kind, o.Name)
	if err != nil {
		return nil, err
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	s := &Source{name: name, o: o, env: env, lookup: credref.Lookup{Getenv: env.Getenv}}
	for _, check := range []func() error{s.where, s.who, s.what, s.limits} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	s.signs = append(slices.Clone(known), s.own()...)
	s.attrs = s.wanted()
	return s, nil
}

// where checks the address and how it is reached.
func (s *Source) where() error {
	u, err := url.Parse(s.o.URL)
	switch {
	case s.o.URL == "":
		return errors.New(`url: an address is needed: url = "ldaps://ldap.example.com"`)
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Path != "" && u.Path != "/":
		return errors.New("url: an address is written ldaps://HOST or ldap://HOST, with a port if need be; the base stands in base")
	case u.Scheme != "ldap" && u.Scheme != "ldaps":
		return errors.New("url: ldaps:// or ldap://")
	case u.Scheme == "ldap" && !s.o.StartTLS && !loopback(u.Hostname()):
		return errors.New("start_tls: without TLS the password and the answers could be read on the way; only this machine may be asked so")
	}
	s.host = u.Scheme + "://" + strings.ToLower(u.Host)
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// who checks the account that asks.
func (s *Source) who() error {
	switch {
	case s.o.BindDN == "" && !s.o.Password.IsZero():
		return errors.New("bind_dn: a password is given, and no account")
	case s.o.BindDN == "":
		return nil
	}
	return s.o.Password.Check("password")
}

var attribute = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// what checks where people are looked for and what is read of them.
func (s *Source) what() error {
	if s.o.Base == "" {
		return errors.New(`base: the branch with the people is needed: base = "ou=people,dc=example,dc=com"`)
	}
	for key, dn := range map[string]string{"base": s.o.Base, "departed_below": s.o.DepartedBelow, "control": s.o.Control} {
		parsed, err := ldap.ParseDN(dn)
		if err != nil {
			return fmt.Errorf("%s: not a distinguished name", key)
		}
		if key == "departed_below" && dn != "" {
			s.below = parsed
		}
	}
	if _, err := ldap.CompileFilter(s.o.Filter); err != nil {
		return errors.New("filter: not a filter (RFC 4515), such as (objectClass=person)")
	}
	names := map[string][]string{"mail": s.o.Mail}
	for _, a := range s.o.Logins {
		names["logins"] = append(names["logins"], a)
	}
	for a := range s.o.Departed {
		names["departed"] = append(names["departed"], a)
	}
	if s.o.LastDay != "" {
		names["last_day"] = []string{s.o.LastDay}
	}
	for key, as := range names {
		for _, a := range as {
			if !attribute.MatchString(a) {
				return fmt.Errorf("%s: %q is not the name of an attribute", key, a)
			}
		}
	}
	if len(s.o.Mail) == 0 && len(s.o.Logins) == 0 {
		return errors.New("mail: at least one attribute to know people by")
	}
	s.rules = roster.Rules{Logins: s.o.Logins, Domains: s.o.Domains, Absent: s.o.Absent}
	return s.rules.Check()
}

func (s *Source) limits() error {
	for _, n := range []struct {
		key     string
		v, most int
	}{{"batch", s.o.Batch, mostBatch}, {"page", s.o.Page, mostPage}, {"timeout", s.o.Timeout, mostTimeout}} {
		if n.v < 1 || n.v > n.most {
			return fmt.Errorf("%s: from 1 to %d", n.key, n.most)
		}
	}
	return nil
}

// wanted are the attributes that are asked for.
func (s *Source) wanted() []string {
	as := slices.Concat([]string{"cn", "displayName", "manager", "department", "departmentNumber", "ou"}, s.o.Mail)
	for _, a := range s.o.Logins {
		as = append(as, a)
	}
	for _, g := range s.signs {
		as = append(as, g.attr)
	}
	slices.Sort(as)
	return slices.Compact(as)
}

// Info implements [sources.Source].
func (s *Source) Info() sources.Info {
	by := "nobody (anonymous)"
	if s.o.BindDN != "" {
		by = s.o.BindDN + " (" + s.o.Password.String() + ")"
	}
	return sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{"of those who answer for assistants: whether they are still there, manager, department"},
		Needs: []string{"network to " + s.host, "an account that may search below " + s.o.Base + ": " + by},
	}
}

func expandTilde(p, home string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return path.Join(home, rest)
	}
	return p
}

var _ sources.Directory = (*Source)(nil)
