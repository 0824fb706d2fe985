package github

import (
	"cmp"
	_ "embed" // the sample
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// Kind is the name of the source in the configuration.
const Kind = "github"

//go:embed sample.toml
var sample string

// Options are the table [[sources.github]].
type Options struct {
	Name       string      `toml:"name"`       // tells several tables apart; the source is then called github:NAME
	URL        string      `toml:"url"`        // of the REST API
	Org        string      `toml:"org"`        // login of the organisation; empty: all of the enterprise
	Enterprise string      `toml:"enterprise"` // slug of the enterprise that owns it
	Orgs       []string    `toml:"orgs"`       // patterns of the enterprise's organisations; empty: all
	Token      credref.Ref `toml:"token"`
	App        App         `toml:"app"` // in place of a token

	Revoke      bool        `toml:"revoke"`
	RevokeToken credref.Ref `toml:"revoke_token"` // empty: the reading credential
	RevokeApp   App         `toml:"revoke_app"`   // in place of a token
	Quarantine  string      `toml:"quarantine"`   // name of a repository with nothing in it, to which an app is narrowed

	OAuthApps   []OAuthApp `toml:"oauth_apps"`   // of an Enterprise Server: those whose tokens can be ended by their value
	OAuthGrants bool       `toml:"oauth_grants"` // with a token of such an app, all that its user granted the app ends

	ManagedUsers bool `toml:"managed_users"` // the enterprise's people are managed users, whose credentials it can destroy

	CAFile       string   `toml:"ca_file"`
	Catalogue    string   `toml:"catalogue"`    // folder with catalogue entries of one's own
	Repositories []string `toml:"repositories"` // name patterns; empty: all
	Exclude      []string `toml:"exclude"`      // name patterns
	Assistants   []string `toml:"assistants"`   // patterns of app slugs, logins and token names that are assistants too
	NoAssistants []string `toml:"no_assistants"`
	Production   []string `toml:"production"` // patterns of deployment environments that are production
	Skip         []string `toml:"skip"`       // kinds of facts that are not read; see areas
	Detail       int      `toml:"detail"`     // repositories of which is read what costs requests for each
	AuditDays    int      `toml:"audit_days"` // how far back the audit log is read
	SeeBypass    bool     `toml:"see_bypass"` // an app's token keeps the right to change rulesets, without which their bypass lists are not shown
}

// App is a GitHub App that is installed in the organisation.
type App struct {
	ID           int64       `toml:"id"`
	Installation int64       `toml:"installation"` // 0: found by the organisation
	PrivateKey   credref.Ref `toml:"private_key"`  // PEM
}

func (a App) isZero() bool { return a.ID == 0 && a.Installation == 0 && a.PrivateKey.IsZero() }

// OAuthApp is an OAuth app or a GitHub App, as its owner shows to be it.
type OAuthApp struct {
	ClientID     string      `toml:"client_id"`
	ClientSecret credref.Ref `toml:"client_secret"`
}

// Cloud is the address of the REST API of github.com.
const Cloud = "https://api.github.com"

// Defaults are the options when the configuration says nothing.
func Defaults() Options {
	return Options{URL: Cloud, Detail: 200, AuditDays: 30, Production: []string{"prod*", "*-prod", "*-production", "live", "prd*"}}
}

// Factory makes the source.
var Factory = sources.Define(Kind, sample, Defaults(), New)

// Source reads one organisation. Its methods may be called from several goroutines.
type Source struct {
	opt  Options
	name string
	env  sources.Env
	cat  *catalogue.Catalogue
	log  *slog.Logger
	host string // as people call it: github.com
	keep httpx.Cache

	handsOnce sync.Once
	handed    *hands
	handsErr  error
	swept     sync.Map      // logins, in lower case, whose credentials were all ended by one call
	timeout   time.Duration // of one attempt; 0: that of httpx
}

const cacheBytes = 32 << 20

// New makes the source. It reads the catalogue and nothing else. The error names what is wrong with an option.
func New(o Options, env sources.Env) (sources.Source, error) {
	name, err := sources.Named(Kind, cmp.Or(o.Name, o.Org, o.Enterprise))
	errs := append([]error{err}, o.check()...)
	cat, err := catalogue.Load(o.Catalogue)
	if err != nil {
		errs = append(errs, fmt.Errorf("catalogue: %w", err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	s := &Source{opt: o, name: name, env: env, cat: cat, log: env.Log, host: hostOf(o.URL), keep: httpx.NewCache(cacheBytes)}
	// The address and the file of authorities are looked at now, so that a mistake shows at the start.
	if _, err := s.client(nil, nil); err != nil {
		return nil, err
	}
	if o.Org == "" {
		return &enterprise{Source: s}, nil
	}
	return s, nil
}

func (o Options) check() []error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch {
	case o.Org == "" && o.Enterprise == "" || strings.ContainsAny(o.Org, "/ \t"):
		bad(`org: write the organisation's login, as in org = "acme"; without it, enterprise names that whose organisations are all read`)
	case strings.ContainsAny(o.Enterprise, "/ \t"):
		bad(`enterprise: write the slug of the enterprise, as in enterprise = "acme-corp"`)
	case o.Org == "" && o.App.Installation != 0:
		bad("app.installation: leave it out; each organisation has its own")
	case o.Org != "" && len(o.Orgs) > 0:
		bad("orgs: org names one organisation; take one of the two out")
	}
	switch {
	case o.App.isZero():
		errs = append(errs, o.Token.Check("token"))
	case !o.Token.IsZero():
		bad("app: token and app are two ways to log in; take one out")
	default:
		errs = append(errs, o.App.check("app")...)
	}
	switch {
	case !o.RevokeApp.isZero() && !o.RevokeToken.IsZero():
		bad("revoke_app: revoke_token and revoke_app are two ways to log in; take one out")
	case !o.RevokeApp.isZero():
		errs = append(errs, o.RevokeApp.check("revoke_app")...)
	case !o.RevokeToken.IsZero():
		errs = append(errs, o.RevokeToken.Check("revoke_token"))
	}
	errs = append(errs, o.checkOAuth()...)
	for _, list := range []struct {
		key      string
		patterns []string
	}{{"orgs", o.Orgs}, {"repositories", o.Repositories}, {"exclude", o.Exclude}, {"assistants", o.Assistants}, {"no_assistants", o.NoAssistants}, {"production", o.Production}} {
		for _, p := range list.patterns {
			if _, err := path.Match(p, ""); err != nil {
				bad("%s: %q is not a pattern", list.key, inventory.Clean(p))
			}
		}
	}
	for _, s := range o.Skip {
		if !slices.ContainsFunc(areas, func(a area) bool { return a.key == s }) {
			bad("skip: %q is not one of %s", inventory.Clean(s), strings.Join(areaKeys(), ", "))
		}
	}
	if o.Detail < 0 {
		bad("detail: must not be less than 0")
	}
	if o.AuditDays < 0 || o.AuditDays > 180 {
		bad("audit_days: 0 to 180; the audit log goes back no further")
	}
	return errs
}

func (a App) check(key string) []error {
	var errs []error
	if a.ID <= 0 {
		errs = append(errs, fmt.Errorf("%s.id: the number of the app, from its settings", key))
	}
	if a.Installation < 0 {
		errs = append(errs, fmt.Errorf("%s.installation: a number; leave it out to have it found", key))
	}
	return append(errs, a.PrivateKey.Check(key+".private_key"))
}

// hostOf is the host that people know: github.com for api.github.com, an Enterprise Server's own, and of an enterprise with
// data residency SUBDOMAIN.ghe.com for api.SUBDOMAIN.ghe.com.
func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Host)
	if host == "api.github.com" || strings.HasPrefix(host, "api.") && strings.HasSuffix(host, ".ghe.com") {
		return strings.TrimPrefix(host, "api.")
	}
	return host
}

// server reports whether the address is that of an Enterprise Server: its numbers of apps and its slugs are its own.
func (s *Source) server() bool {
	return strings.HasSuffix(strings.TrimRight(s.opt.URL, "/"), "/api/v3")
}

// Info describes the source.
func (s *Source) Info() sources.Info {
	i := sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{
			"installed apps, their permissions and repositories", "grants and requests of personal access tokens, and credentials authorised for single sign-on",
			"deploy keys", "Copilot seats, the cloud agent, its settings and the secrets given to it", "names of Actions secrets, runners, the default of job tokens",
			"branch protection and rulesets with their bypass lists, environments", "workflows that run assistants", "secret scanning alerts, without the secret",
			"the audit log", "members",
		},
		Needs: []string{"network: " + s.opt.URL, "a credential that may read the organisation " + s.opt.Org + "; what it may not read is unknown and named here"},
	}
	if s.mayRevoke() {
		i.Revokes = []string{
			"a token of which the value is at hand", "grants, requests and single sign-on authorisations of tokens, of one, of a person or of all", "deploy keys, stored secrets, runners",
			"Copilot seats, the cloud agent and workflows (can be taken back)", "the membership of machine accounts",
		}
		if s.opt.Enterprise != "" || !s.opt.RevokeApp.isZero() {
			i.Revokes = append(i.Revokes, "installations of apps: suspended or narrowed (can be taken back), ended")
		}
	}
	return i
}

// match reports whether a name fits one of the patterns, letter case aside.
func match(patterns []string, name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(strings.ToLower(p), name)
		return err == nil && ok
	})
}

// wanted reports whether a repository is to be read.
func (s *Source) wanted(repo string) bool {
	return (len(s.opt.Repositories) == 0 || match(s.opt.Repositories, repo)) && !match(s.opt.Exclude, repo)
}
