package github

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

const (
	maxBody     = 64 << 20         // a page of repositories with their workflows
	maxWait     = 65 * time.Minute // a primary limit lasts an hour at the most
	perPage     = 100              // the most that GitHub gives
	acceptsJSON = "application/vnd.github+json"
)

// client makes a client of the REST and GraphQL APIs.
func (s *Source) client(auth httpx.Auth, readPosts []string) (*httpx.Client, error) {
	return s.clientFor(auth, readPosts, nil)
}

func (s *Source) clientFor(auth httpx.Auth, readPosts []string, onWait func(httpx.Wait)) (*httpx.Client, error) {
	return httpx.New(httpx.Config{
		Service: "GitHub", Base: s.opt.URL, Header: http.Header{"Accept": {acceptsJSON}}, Authorize: auth, CAFile: s.opt.CAFile,
		Transport: s.env.Via(s.opt.URL), Timeout: s.timeout, MaxBody: maxBody, Limits: httpx.GitHubLimits, Now: s.env.Now, Sleep: s.env.Sleep, OnWait: onWait,
		MaxWait: maxWait, Cache: s.keep, Log: s.log, UserAgent: cmp.Or(s.env.UserAgent, "nhitop"), ReadPosts: readPosts,
	})
}

// graphURL is the address of the GraphQL API: beside the REST API of an Enterprise Server, below it in the cloud.
func (s *Source) graphURL() string {
	base := strings.TrimRight(s.opt.URL, "/")
	if s.server() {
		return strings.TrimSuffix(base, "/v3") + "/graphql"
	}
	return base + "/graphql"
}

// area is one kind of facts, what reads it and what that takes.
type area struct {
	key   string // in skip
	what  string // in words
	needs string // the permission of an app or a fine-grained token, and the scope of a classic one
	cloud bool   // an Enterprise Server does not have it
}

// areas are what is read of an organisation. Permissions are those of the OpenAPI document of GitHub and of "Permissions
// required for GitHub Apps", API version 2026-03-10, as of 2026-11.
var areas = []area{
	{"apps", "installed apps", "Administration (organisation, read), or admin:read as an owner", false},
	{"enterprise", "repositories of apps", "an app that is installed on the enterprise with Enterprise organization installation repositories (read)", true},
	{"tokens", "grants of fine-grained tokens", "a GitHub App with Personal access tokens (organisation, read)", false},
	{"requests", "requests of fine-grained tokens", "a GitHub App with Personal access token requests (organisation, read)", false},
	{"sso", "credentials authorised for single sign-on", "Administration (organisation, read), or read:org as an owner, in an organisation with SAML single sign-on", true},
	{"copilot", "Copilot seats and policy", "GitHub Copilot Business (organisation, read), or manage_billing:copilot or read:org as an owner, and a Copilot subscription", true},
	{"agent", "the cloud agent's policy and settings", "Copilot agent settings (read), or admin:org as an owner", true},
	{"agent-secrets", "secrets given to agents", "Agent secrets (read), or admin:org as an owner", true},
	{"secrets", "names of Actions secrets", "Secrets (organisation and repository, read), or admin:org and repo as an owner", false},
	{"actions", "settings of Actions", "Administration (organisation, read), or admin:org as an owner", false},
	{"runners", "self-hosted runners", "Self-hosted runners (organisation, read), or admin:org as an owner", false},
	{"oidc", "the subject of job identities", "Administration (organisation, read), or read:org", false},
	{"rules", "branch protection and rulesets", "Administration (organisation, write, for bypass lists; repository, read), or admin:org and repo as an owner", false},
	{"repositories", "repositories", "Metadata and Contents (repository, read), or repo", false},
	{"workflows", "workflow files", "Contents (repository, read), or repo", false},
	{"environments", "deployment environments", "Actions and Environments (repository, read), or repo", false},
	{"keys", "deploy keys", "Administration (repository, read), or repo as an administrator", false},
	{"alerts", "secret scanning alerts", "Secret scanning alerts (repository, read), or repo as an owner or security manager", false},
	{"audit", "the audit log", "Administration (organisation, read), or read:audit_log as an owner, in GitHub Enterprise Cloud", true},
	{"members", "members", "Members (organisation, read), or read:org", false},
}

func areaKeys() []string {
	keys := make([]string, len(areas))
	for i, a := range areas {
		keys[i] = a.key
	}
	return keys
}

func areaOf(key string) area {
	for _, a := range areas {
		if a.key == key {
			return a
		}
	}
	return area{key: key, what: key}
}

// errFatal ends a collection: the credential is not accepted, or the context has ended.
type errFatal struct{ err error }

func (e *errFatal) Error() string { return e.err.Error() }
func (e *errFatal) Unwrap() error { return e.err }

// lost says why something was not read, and in which state the ledger has it.
func lost(err error, needs string) (state, reason string) {
	switch status := httpx.Status(err); {
	case status == http.StatusForbidden, status == http.StatusNotFound:
		return inventory.LookedDenied, "this credential may not read it, or it is not there; it takes " + needs
	case errors.Is(err, httpx.ErrTooLarge):
		return inventory.LookedTooLarge, "the answer is larger than what is read"
	case errors.Is(err, httpx.ErrAnswer):
		return inventory.LookedUnparsed, "the answer is not what GitHub's interface says"
	}
	return inventory.LookedFailed, inventory.Clean(err.Error())
}

// skipped reports whether an area is switched off, or not there on this server, and writes it to the ledger.
func (c *collection) skipped(key, path string) bool {
	a := areaOf(key)
	switch {
	case match(c.src.opt.Skip, key):
		c.look(path, inventory.LookedSkipped, "switched off by skip", false)
		return true
	case a.cloud && c.src.server():
		c.look(path, inventory.LookedAbsent, "an Enterprise Server does not have it", false)
		return true
	}
	return false
}

// failed writes to the ledger that something was not read. It returns an error only when the collection cannot go on.
func (c *collection) failed(key, path string, err error) error {
	if c.ctx.Err() != nil {
		return &errFatal{c.ctx.Err()}
	}
	if httpx.Status(err) == http.StatusUnauthorized {
		return &errFatal{fmt.Errorf("GitHub does not accept the credential (%s): %w", c.login.ref(), err)}
	}
	a := areaOf(key)
	state, reason := lost(err, a.needs)
	c.look(path, state, reason, false)
	c.missing(a, state)
	return nil
}

// get reads one object. ok is false where it was not read; err only where the collection cannot go on.
func (c *collection) get(key, path string, into any) (ok bool, err error) {
	if c.skipped(key, path) {
		return false, nil
	}
	if _, err := c.client.Get(c.ctx, path, nil, into); err != nil {
		return false, c.failed(key, path, err)
	}
	c.look(path, inventory.LookedRead, "", false)
	return true, nil
}

// pages reads a list. Each item is given to take; the ledger says whether the list was read to its end. complete is false
// where it was not.
func pages[T any](c *collection, key, path string, q url.Values, items string, take func(T)) (complete bool, err error) {
	if c.skipped(key, path) {
		return false, nil
	}
	if complete, err = walk(c, path, q, items, take); err != nil {
		return false, c.failed(key, path, err)
	}
	c.look(path, inventory.LookedRead, "", true)
	return complete, nil
}

func walk[T any](c *collection, path string, q url.Values, items string, take func(T)) (bool, error) {
	var list iter.Seq2[T, error] = httpx.Pages[T](c.ctx, c.client, path, q, httpx.LinkPager(perPage).In(items))
	for it, err := range list {
		if err != nil {
			return false, err
		}
		take(it)
	}
	return true, nil
}

// url is the address by which the inventory names an object.
func (c *collection) url(path string) string { return c.client.URL(path) }

// look writes a line of the ledger. whole says that everything below the path was listed.
func (c *collection) look(path, state, reason string, whole bool) {
	c.sink.Looked(inventory.Looked{Path: c.url(path), State: state, Reason: reason, Whole: whole})
}

// missing notes an area that was not read to its end.
func (c *collection) missing(a area, state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost == nil {
		c.lost = map[string]string{}
	}
	if state != inventory.LookedDenied || c.lost[a.what] == "" {
		c.lost[a.what] = state
	}
}

// pause lets the operator see what is waited for.
func (c *collection) pause(w httpx.Wait) { c.sink.Progress(w.String()) }

// events reads a list until take has enough.
func (c *collection) events(path string, q url.Values, take func(event) bool) error {
	for e, err := range httpx.Pages[event](c.ctx, c.client, path, q, httpx.LinkPager(perPage)) {
		if err != nil {
			return err
		}
		if !take(e) {
			return nil
		}
	}
	return nil
}
