package github

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// deeds are what the audit log tells of identities: when each did what last, with which token, and who installed which app.
type deeds struct {
	byLogin    map[string]map[inventory.Capability]time.Time // by login in lower case; "" is any act
	byToken    map[int64]map[inventory.Capability]time.Time
	installers map[int64]installer // by installation
	hashes     map[int64]string    // hash of a token by its number: SHA-256 in hex
	seen       map[string]*seenToken
	order      []string
	claimed    map[int64]bool // tokens that another list has told of
}

type installer struct {
	login string
	at    time.Time
}

// seenToken is a token of which the audit log tells and no list.
type seenToken struct {
	id          int64
	kind, login string
	scopes      []string
	first, last time.Time
}

type event struct {
	At           int64           `json:"@timestamp"` // milliseconds
	Action       string          `json:"action"`
	Actor        string          `json:"actor"`
	Hash         string          `json:"hashed_token"` // SHA-256, base64
	TokenID      json.RawMessage `json:"token_id"`     // a number, in some events as a text
	Scopes       string          `json:"token_scopes"`
	Access       string          `json:"programmatic_access_type"`
	Installation json.RawMessage `json:"installation_id"`
}

// actions are the capabilities that an event of the audit log shows in use (docs.github.com, "Audit log events for your
// organization", read 2026-11). A pattern ends in * where a category is meant.
var actionCapabilities = []struct {
	action     string
	capability inventory.Capability
}{
	{"git.push", inventory.WriteSource}, {"git.clone", inventory.ReadSource}, {"git.fetch", inventory.ReadSource}, {"repo.download_zip", inventory.ReadSource},
	{"pull_request.create", inventory.OpenPR}, {"pull_request.merge", inventory.MergeProtected}, {"pull_request_review.submit", inventory.ApprovePR},
	{"protected_branch.policy_override", inventory.BypassReview}, {"repository_ruleset.bypass", inventory.BypassReview},
	{"workflows.create_workflow_run", inventory.RunCI}, {"workflows.rerun_workflow_run", inventory.RunCI},
	{"packages.package_version_published", inventory.PublishPackage},
	{"repo.create_actions_secret", inventory.WriteSecrets}, {"repo.update_actions_secret", inventory.WriteSecrets}, {"org.create_actions_secret", inventory.WriteSecrets},
	{"org.update_actions_secret", inventory.WriteSecrets}, {"environment.create_actions_secret", inventory.WriteSecrets}, {"environment.update_actions_secret", inventory.WriteSecrets},
	{"public_key.create", inventory.MintIdentity}, {"org.invite_member", inventory.MintIdentity}, {"org.add_member", inventory.MintIdentity},
	{"protected_branch.*", inventory.AdminRepo}, {"repository_ruleset.*", inventory.AdminRepo}, {"org.update_*", inventory.AdminOrg},
	{"issue_comment.*", inventory.TicketWrite},
}

func capabilityOf(action string) inventory.Capability {
	for _, a := range actionCapabilities {
		if head, wild := strings.CutSuffix(a.action, "*"); a.action == action || wild && strings.HasPrefix(action, head) {
			return a.capability
		}
	}
	return ""
}

// accessKinds are the kinds of token by what the audit log calls them.
var accessKinds = []struct{ says, kind string }{
	{"fine-grained", "github-pat-fine-grained"}, {"personal access token", "github-pat-classic"}, {"oauth", "github-oauth"}, {"user-to-server", "github-app-user"},
}

const (
	mostEvents = 2000 // newest events that are looked at for what was done
	mostSeen   = 5000 // tokens that are remembered
)

func (c *collection) readAudit() error {
	d := &c.did
	d.byLogin, d.byToken = map[string]map[inventory.Capability]time.Time{}, map[int64]map[inventory.Capability]time.Time{}
	d.installers, d.hashes, d.seen, d.claimed = map[int64]installer{}, map[int64]string{}, map[string]*seenToken{}, map[int64]bool{}
	path := c.orgPath("/audit-log")
	switch {
	case c.skipped("audit", path):
		return nil
	case c.src.opt.AuditDays == 0:
		c.look(path, inventory.LookedSkipped, "switched off by audit_days", false)
		return nil
	}
	_, err := walk(c, path, url.Values{"phrase": {"action:integration_installation.create"}, "include": {"web"}}, "", func(e event) {
		if id := number(e.Installation); id != 0 && e.Actor != "" {
			d.installers[id] = installer{e.Actor, e.time()}
		}
	})
	if err != nil {
		return c.failed("audit", path, err)
	}
	since := c.now.AddDate(0, 0, -c.src.opt.AuditDays).UTC().Format(time.DateOnly)
	n, cut := 0, false
	err = c.events(path, url.Values{"phrase": {"created:>=" + since}, "include": {"all"}}, func(e event) bool {
		d.note(e)
		n++
		cut = n >= mostEvents
		return !cut
	})
	if err != nil {
		return c.failed("audit", path, err)
	}
	reason := "events since " + since
	if cut {
		reason = "the newest events alone: " + num(mostEvents)
	}
	c.look(path, inventory.LookedRead, reason, false)
	return nil
}

// number reads a number that some events write as a text.
func number(raw json.RawMessage) int64 {
	var n json.Number
	if err := json.Unmarshal([]byte(strings.Trim(string(raw), `"`)), &n); err != nil {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}

func (e event) time() time.Time { return time.UnixMilli(e.At).UTC() }

// note takes in one event.
func (d *deeds) note(e event) {
	at, id := e.time(), number(e.TokenID)
	what := capabilityOf(e.Action)
	mark := func(m map[inventory.Capability]time.Time) map[inventory.Capability]time.Time {
		if m == nil {
			m = map[inventory.Capability]time.Time{}
		}
		for _, k := range []inventory.Capability{"", what} {
			if at.After(m[k]) {
				m[k] = at
			}
		}
		return m
	}
	if e.Actor != "" {
		k := strings.ToLower(e.Actor)
		d.byLogin[k] = mark(d.byLogin[k])
	}
	if id != 0 {
		d.byToken[id] = mark(d.byToken[id])
	}
	raw, err := base64.StdEncoding.DecodeString(e.Hash)
	if err != nil || len(raw) == 0 {
		return
	}
	hash := hex.EncodeToString(raw)
	if id != 0 {
		d.hashes[id] = hash
	}
	d.see(e, hash, id, at)
}

// see remembers a token that no list may tell of.
func (d *deeds) see(e event, hash string, id int64, at time.Time) {
	kind := ""
	for _, k := range accessKinds {
		if strings.Contains(strings.ToLower(e.Access), k.says) {
			kind = k.kind
			break
		}
	}
	if kind == "" { // the token of an app or a job, which lives for an hour
		return
	}
	s := d.seen[hash]
	if s == nil {
		if len(d.seen) >= mostSeen {
			return
		}
		s = &seenToken{id: id, kind: kind, login: e.Actor, first: at, last: at}
		d.seen[hash] = s
		d.order = append(d.order, hash)
	}
	if at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
	for f := range strings.SplitSeq(e.Scopes, ",") {
		if f = strings.TrimSpace(f); f != "" && !slices.Contains(s.scopes, f) {
			s.scopes = append(s.scopes, f)
		}
	}
}

// clues are those of a token that a list tells of, which is then no token of the log alone.
func (d *deeds) clues(token int64) []inventory.Clue {
	if token == 0 {
		return nil
	}
	d.claimed[token] = true
	if h := d.hashes[token]; h != "" {
		return []inventory.Clue{{By: inventory.ClueSHA256, Text: h}}
	}
	return nil
}

// last is when a holder was last seen doing something.
func (d *deeds) last(h *holder, what inventory.Capability) time.Time {
	t := d.byToken[h.token][what]
	if h.login != "" {
		if o := d.byLogin[strings.ToLower(h.login)][what]; o.After(t) {
			t = o
		}
	}
	return t
}

// lastOf is when a login or a token was last seen doing anything.
func (d *deeds) lastOf(login string, token int64) time.Time {
	return d.last(&holder{login: login, token: token}, "")
}

// readSeen takes in the tokens of which the audit log alone tells.
func (c *collection) readSeen() error {
	path := c.orgPath("/audit-log")
	for _, hash := range c.did.order {
		s := c.did.seen[hash]
		if s.id != 0 && c.did.claimed[s.id] {
			continue
		}
		what := "token of " + s.login
		x := inventory.Secret{
			ID: inventory.NewID(inventory.NounSecret, "github-hash", c.src.host, hash), Kind: s.kind, Issuer: "github", Account: s.login,
			Owners: owners(c.owner(s.login, "used a token", path)), Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone, State: inventory.StateUnknown,
			Scopes: sorted(s.scopes), Broad: s.kind == "github-pat-classic", LastUsed: s.last,
			Clues:     []inventory.Clue{{By: inventory.ClueSHA256, Text: hash}},
			Note:      "known by the audit log alone, in which it was first seen on " + s.first.Format(time.DateOnly),
			Locations: []inventory.Location{{Path: c.url(path), Scope: inventory.ScopeProvider, Note: what}},
		}
		h := &holder{proof: inventory.Evidence{Path: c.url(path), Note: what}, used: s.last, token: s.id, all: true}
		h.actor = c.user(forge.UserToken, what, s.login, 0)
		h.actor.Grants = scopesGrants(s.scopes, c.person(s.login))
		if len(s.scopes) == 0 {
			h.actor.Unknown = "its scopes are not told"
		}
		c.named(h, &x, s.login, "", path)
		h.secret = c.sink.Secret(x, inventory.Value{})
		if h.rec != nil {
			h.rec.Secrets = []inventory.ID{h.secret}
		}
		c.actors.add(h)
	}
	return nil
}
