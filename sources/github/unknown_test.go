package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/credref"
)

// What a credential may not read is named with what it takes, and what depends on it is unknown, never no.
func TestWhatMayNotBeReadIsUnknownAndNamed(t *testing.T) {
	need := map[string]string{ // a permission that is taken away, and the area that the ledger must name
		"organization_administration":                 "Administration (organisation, read)",
		"members":                                     "Members (organisation, read)",
		"secrets":                                     "Secrets (organisation and repository, read)",
		"organization_secrets":                        "Secrets (organisation and repository, read)",
		"secret_scanning_alerts":                      "Secret scanning alerts (repository, read)",
		"organization_self_hosted_runners":            "Self-hosted runners (organisation, read)",
		"organization_personal_access_tokens":         "Personal access tokens (organisation, read)",
		"organization_personal_access_token_requests": "Personal access token requests (organisation, read)",
		"organization_copilot_seat_management":        "GitHub Copilot Business (organisation, read)",
		"organization_copilot_agent_settings":         "Copilot agent settings (read)",
		"organization_agent_secrets":                  "Agent secrets (read)",
		"administration":                              "Administration (organisation, write, for bypass lists; repository, read)",
		"actions":                                     "Actions and Environments (repository, read)",
	}
	for _, p := range inventory.SortedKeys(need) {
		t.Run(p, func(t *testing.T) {
			s := scene{world: full(), opt: options()}
			asApp(t, &s)
			have := perms{}
			for k, v := range readerPermissions {
				have[k] = v
			}
			delete(have, p)
			s.world.Apps[len(s.world.Apps)-1].Permissions = have
			b, err := s.read(t)
			if p == "administration" { // rules are not seen, which is told of each right that stands on them
				r := facts2(b)
				e, ok := right(r, assistant(t, r, "claude").ID, inventory.MergeProtected)
				if !ok || e.Certain || !strings.Contains(strings.Join(e.Path, " "), need[p]) {
					t.Errorf("%+v", e)
				}
				return
			}
			if !errors.Is(err, sources.ErrPartial) {
				t.Fatalf("%v, not partial", err)
			}
			if !slices.ContainsFunc(b.Ledger, func(l inventory.Looked) bool {
				return l.State == inventory.LookedDenied && strings.Contains(l.Reason, need[p])
			}) {
				t.Errorf("the ledger does not name it:\n%s", ledgerText(b))
			}
		})
	}
}

// Facts that are missing make rights unknown and never take them away.
func TestMissingFactsMakeRightsUnknown(t *testing.T) {
	base := company(func(o *githubsim.Org) {
		o.Installations = []githubsim.Installation{{ID: 1, App: "claude", Created: ago(9)}}
		o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Files: map[string]string{"CODEOWNERS": "* @olga\n"}, Branches: reviewedMain()}}
	})
	base.Apps = []githubsim.App{{ID: 15, Slug: "claude", Permissions: perms{"contents": "write", "pull_requests": "write"}}}
	for _, c := range []struct {
		skip string
		of   inventory.Capability
	}{{"rules", inventory.MergeProtected}, {"rules", inventory.ApprovePR}, {"workflows", inventory.RunCI}, {"workflows", inventory.PublishPackage}} {
		r := facts(t, base, skipAll("sso", c.skip))
		if got := assistant(t, r, "claude").Capabilities[c.of]; got != inventory.Unknown {
			t.Errorf("without %s: %s is %s", c.skip, c.of, got)
		}
	}
}

// pages changes what GraphQL answers.
type pagesOf struct {
	next   http.RoundTripper
	change func(n int, vars map[string]any, answer []byte) (int, []byte)
	n      int
	sizes  []float64
}

func (p *pagesOf) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/graphql") {
		return p.next.RoundTrip(r)
	}
	data, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(data))
	var q struct{ Variables map[string]any }
	_ = json.Unmarshal(data, &q)
	p.n++
	size, _ := q.Variables["n"].(float64)
	p.sizes = append(p.sizes, size)
	resp, err := p.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.StatusCode, text = p.change(p.n, q.Variables, text)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return resp, nil
}

// A page that GitHub cannot make in its time is asked for in smaller pieces; what it leaves out is told.
func TestPagesThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		change func(n int, vars map[string]any, answer []byte) (int, []byte)
		ok     bool
		sizes  int // the size of pages in the end
		says   string
	}{
		"too much at once": {func(_ int, vars map[string]any, a []byte) (int, []byte) {
			if vars["n"].(float64) > 25 {
				return http.StatusBadGateway, []byte(`{"message":"Server Error"}`)
			}
			return http.StatusOK, a
		}, true, 25, ""},
		"too long, in its own words": {func(_ int, vars map[string]any, a []byte) (int, []byte) {
			if vars["n"].(float64) > 50 {
				return http.StatusOK, []byte(`{"data":null,"errors":[{"message":"Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."}]}`)
			}
			return http.StatusOK, a
		}, true, 50, ""},
		"not given out": {func(_ int, _ map[string]any, a []byte) (int, []byte) {
			return http.StatusOK, bytes.Replace(a, []byte(`"nodes":[{`), []byte(`"nodes":[null,{`), 1)
		}, false, 100, "1 repositories that the list counts were not given out"},
		"forbidden": {func(_ int, _ map[string]any, _ []byte) (int, []byte) {
			return http.StatusOK, []byte(`{"data":{"organization":null},"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}`)
		}, false, 100, "Metadata and Contents (repository, read)"},
		"a list that does not end": {func(_ int, _ map[string]any, a []byte) (int, []byte) {
			return http.StatusOK, bytes.Replace(a, []byte(`"hasNextPage":false`), []byte(`"hasNextPage":true`), 1)
		}, false, 100, "not what GitHub's interface says"},
	} {
		t.Run(name, func(t *testing.T) {
			var p *pagesOf
			s := scene{world: full(), opt: options(), plain: true, wrap: func(rt http.RoundTripper) http.RoundTripper {
				p = &pagesOf{next: rt, change: c.change}
				return p
			}}
			skipTokens(&s.opt)
			b, err := s.read(t)
			if (err == nil) != c.ok || err != nil && !errors.Is(err, sources.ErrPartial) {
				t.Errorf("%v\n%s", err, ledgerText(b))
			}
			if last := int(p.sizes[len(p.sizes)-1]); last != c.sizes {
				t.Errorf("pages of %v", p.sizes)
			}
			if c.says != "" && !strings.Contains(ledgerText(b), c.says) {
				t.Errorf("the ledger does not say %q:\n%s", c.says, ledgerText(b))
			}
		})
	}
}

// Rules that GitHub leaves out of an answer are not known, however many it shows.
func TestRulesThatAreNotGivenOut(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"an error beside the data": func(a string) string {
			return strings.Replace(a, `{"data":`, `{"errors":[{"type":"FORBIDDEN","message":"no","path":["organization","repositories","nodes",0,"branchProtectionRules"]}],"data":`, 1)
		},
		"more than were asked for": func(a string) string {
			i := strings.Index(a, `"branchProtectionRules":{`)
			return a[:i] + strings.Replace(a[i:], `"totalCount":1`, `"totalCount":11`, 1)
		},
		"rulesets that may not be seen": func(a string) string {
			i := strings.Index(a, `"all":{`)
			j := i + strings.Index(a[i:], "}") + 1
			return a[:i] + `"all":null` + a[j:]
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := company(func(o *githubsim.Org) {
				o.Installations = []githubsim.Installation{{ID: 1, App: "claude", Created: ago(9)}}
				o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Files: map[string]string{"CODEOWNERS": "* @olga\n"}, Branches: reviewedMain()}}
			})
			w.Apps = []githubsim.App{{ID: 15, Slug: "claude", Permissions: perms{"contents": "write", "pull_requests": "write"}}}
			s := scene{world: w, opt: options(), plain: true, wrap: func(rt http.RoundTripper) http.RoundTripper {
				return &pagesOf{next: rt, change: func(_ int, _ map[string]any, a []byte) (int, []byte) { return http.StatusOK, []byte(change(string(a))) }}
			}}
			skipAll("sso")(&s.opt)
			b, err := s.read(t)
			if err != nil {
				t.Fatal(err)
			}
			if got := assistant(t, facts2(b), "claude").Capabilities[inventory.MergeProtected]; got != inventory.Unknown {
				t.Errorf("merge-protected is %s", got)
			}
		})
	}
}

func TestEnterpriseServer(t *testing.T) {
	var hosts, versions []string
	s := scene{world: company(func(o *githubsim.Org) {
		o.Installations = []githubsim.Installation{{ID: 1, App: "claude", Created: ago(9)}}
		o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Files: map[string]string{"a": "b", ".github/workflows/c.yml": claudeWorkflow("{contents: write}", "")}}}
	}), opt: options(), plain: true}
	s.world.Server = "3.19.0"
	s.world.Apps = []githubsim.App{{ID: 15, Slug: "claude", Permissions: perms{"contents": "write"}}}
	s.opt.URL = "https://ghe.example.com/api/v3"
	s.opt.Skip = []string{"tokens", "requests"}
	s.wrap = func(rt http.RoundTripper) http.RoundTripper {
		return tripper(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.URL.Host+" "+r.URL.Path)
			versions = append(versions, r.Header.Get("X-GitHub-Api-Version"))
			if v := r.Header.Get("X-GitHub-Api-Version"); v == newVersion { // a server that does not know it
				return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
					Body: io.NopCloser(strings.NewReader(`{"message":"\"2026-03-10\" is not a supported API version"}`))}, nil
			}
			return rt.RoundTrip(r)
		})
	}
	b, err := s.read(t)
	if err != nil {
		t.Fatalf("%v\n%s", err, ledgerText(b))
	}
	if versions[0] != newVersion || slices.Contains(versions[1:], newVersion) || !slices.Contains(hosts, "ghe.example.com /api/graphql") {
		t.Errorf("%v %v", versions[:3], hosts)
	}
	r := facts2(b)
	a := assistant(t, r, "claude")
	if !a.Guessed || a.Host != "ghe.example.com" || !strings.Contains(a.Evidence[0].Note, "which anybody may choose on an Enterprise Server") {
		t.Errorf("%+v", a)
	}
	for _, l := range b.Ledger {
		if strings.Contains(l.Path, "copilot") && l.State != inventory.LookedAbsent {
			t.Errorf("%+v", l)
		}
	}
	if i := slices.IndexFunc(r.Resources, func(x inventory.Resource) bool { return x.Name == "ghe.example.com/acme/web" }); i < 0 {
		t.Errorf("%+v", r.Resources)
	}
	s2 := scene{world: full(), opt: options()}
	if _, err := s2.read(t); err != nil && !errors.Is(err, sources.ErrPartial) {
		t.Error(err)
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOptions(t *testing.T) {
	key := credref.Ref{File: "/k.pem"}
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"no organisation":       {func(o *Options) { o.Org = "" }, `org: write the organisation's login`},
		"an address as one":     {func(o *Options) { o.Org = "acme/web" }, `org:`},
		"no credential":         {func(o *Options) { o.Token = credref.Ref{} }, `token: a credential is needed`},
		"two credentials":       {func(o *Options) { o.App = App{ID: 1, PrivateKey: key} }, `app: token and app are two ways to log in`},
		"an app without number": {func(o *Options) { o.Token, o.App = credref.Ref{}, App{PrivateKey: key} }, `app.id: the number of the app`},
		"an app without key":    {func(o *Options) { o.Token, o.App = credref.Ref{}, App{ID: 1} }, `app.private_key: a credential is needed`},
		"two for revoking":      {func(o *Options) { o.RevokeToken, o.RevokeApp = credref.Ref{Env: "A"}, App{ID: 1, PrivateKey: key} }, `revoke_app: revoke_token and revoke_app`},
		"a bad pattern":         {func(o *Options) { o.Exclude = []string{"[a"} }, `exclude: "[a" is not a pattern`},
		"an unknown area":       {func(o *Options) { o.Skip = []string{"alert"} }, `skip: "alert" is not one of apps,`},
		"plain http":            {func(o *Options) { o.URL = "http://ghe.example.com/api/v3" }, `url: plain http is for loopback alone`},
		"a password in it":      {func(o *Options) { o.URL = "https://a:FAKE@ghe.example.com" }, `url: must not hold a name or a password`},
		"no address":            {func(o *Options) { o.URL = "" }, `url: is needed`},
		"too far back":          {func(o *Options) { o.AuditDays = 400 }, `audit_days: 0 to 180`},
		"less than none":        {func(o *Options) { o.Detail = -1 }, `detail:`},
		"apps of github.com":    {func(o *Options) { o.OAuthApps = []OAuthApp{{ClientID: "Iv1", ClientSecret: key}} }, `oauth_apps: take it out; it is for an Enterprise Server`},
		"an app without id": {func(o *Options) {
			o.URL, o.OAuthApps = "https://ghe.example.com/api/v3", []OAuthApp{{ClientSecret: key}}
		}, `oauth_apps[0].client_id: the client id`},
		"an app without secret": {func(o *Options) { o.URL, o.OAuthApps = "https://ghe.example.com/api/v3", []OAuthApp{{ClientID: "Iv1"}} }, `oauth_apps[0].client_secret: a credential is needed`},
		"grants of no app":      {func(o *Options) { o.OAuthGrants = true }, `oauth_grants: name the apps in oauth_apps`},
		"a name with spaces":    {func(o *Options) { o.Name = "my org" }, `name:`},
	} {
		o := options()
		c.change(&o)
		_, err := New(o, sources.Env{})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "FAKE") {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	s, err := New(options(), sources.Env{})
	if err != nil || s.Info().Name != "github:acme" || s.Info().Kind != Kind {
		t.Errorf("%v %v", s, err)
	}
}

func TestACredentialThatIsNotThere(t *testing.T) {
	s := scene{world: full(), opt: options()}
	s.env.Getenv = func(string) string { return "" }
	b, err := s.read(t)
	if err == nil || errors.Is(err, sources.ErrPartial) || !strings.Contains(err.Error(), "env TOKEN") || b.Version != 0 {
		t.Errorf("%v, %d records", err, b.Version)
	}
}
