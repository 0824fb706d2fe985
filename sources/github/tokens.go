package github

import (
	"cmp"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// tokenGrant is what the organisation lets a fine-grained token do, or is asked to let it do.
type tokenGrant struct {
	ID          int64  `json:"id"`
	Owner       gUser  `json:"owner"`
	Selection   string `json:"repository_selection"` // none, all, subset
	Permissions struct {
		Organization map[string]string `json:"organization"`
		Repository   map[string]string `json:"repository"`
		Other        map[string]string `json:"other"`
	} `json:"permissions"`
	TokenID int64   `json:"token_id"`
	Name    string  `json:"token_name"`
	Expired bool    `json:"token_expired"`
	Expires *string `json:"token_expires_at"`
	Used    *string `json:"token_last_used_at"`
	Granted string  `json:"access_granted_at"`
	Asked   string  `json:"created_at"` // of a request
	Reason  string  `json:"reason"`     // of a request
}

// permissions are all of them under one name each; those of the organisation have their own names at GitHub too.
func (g *tokenGrant) permissions() map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{g.Permissions.Other, g.Permissions.Organization, g.Permissions.Repository} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func (c *collection) readTokens() error {
	_, err := pages(c, "tokens", c.orgPath("/personal-access-tokens"), nil, "", func(g tokenGrant) { c.granted(&g) })
	if err != nil {
		return err
	}
	return c.tokenRepositories()
}

// granted takes in a fine-grained token that the organisation has let in.
func (c *collection) granted(g *tokenGrant) {
	path := c.orgPath("/personal-access-tokens/%s", num(g.ID))
	x, h := c.fineGrained(g, path)
	h.granted = parseTime(g.Granted)
	h.actor = c.user(forge.UserToken, "token "+quoted(g.Name)+" of "+g.Owner.Login, g.Owner.Login, g.Owner.ID)
	h.actor.Grants = grantsOf(g.permissions(), c.person(g.Owner.Login))
	h.all = g.Selection == "all"
	if g.permissions()["issues"] == "write" {
		h.tickets = "issues:write"
	}
	if h.all {
		x.Scopes = append(x.Scopes, allRepositories)
	}
	if g.Expired {
		h.capped = expired
	}
	c.named(h, &x, g.Owner.Login, g.Name, path)
	h.secret = c.sink.Secret(x, inventory.Value{})
	if h.rec != nil {
		h.rec.Secrets = []inventory.ID{h.secret}
	}
	if g.Selection == "subset" {
		c.subsets = append(c.subsets, chosen{h, g.ID})
	}
	if g.Selection == "none" {
		h.repos = map[int64]bool{}
	}
	c.actors.add(h)
}

func expired(rs []forge.Right) []forge.Right {
	out := suspended(rs)
	for i := range out {
		out[i].Path[len(out[i].Path)-1] = "the token has expired"
	}
	return out
}

// fineGrained is the secret of a fine-grained token. Its value is nobody's but its owner's.
func (c *collection) fineGrained(g *tokenGrant, path string) (inventory.Secret, *holder) {
	proof := inventory.Evidence{Path: c.url(path), Note: "fine-grained token " + quoted(g.Name) + " of " + g.Owner.Login}
	x := inventory.Secret{
		ID: inventory.NewID(inventory.NounSecret, "github-token", c.src.host, num(g.TokenID)), Kind: "github-pat-fine-grained", Issuer: "github",
		Account: g.Owner.Login, Owners: owners(c.owner(g.Owner.Login, "made the token "+quoted(g.Name), path)), Storage: inventory.StorageProvider,
		Exposure: inventory.ExposureNone, State: inventory.StateLive, Scopes: permissionWords(g.permissions()), LongLived: inventory.Yes,
		Locations: []inventory.Location{{Path: c.url(path), Scope: inventory.ScopeProvider, Note: quoted(g.Name)}},
		Clues:     c.did.clues(g.TokenID),
	}
	h := &holder{proof: proof, token: g.TokenID}
	if g.Expires != nil {
		x.Expires = parseTime(*g.Expires)
		h.expires = x.Expires
	}
	switch {
	case g.Used != nil:
		x.LastUsed = parseTime(*g.Used)
		h.used = x.LastUsed
	default:
		x.Used = inventory.No
	}
	if g.Expired {
		x.State = inventory.StateExpired
	}
	return x, h
}

// named makes an assistant of a token whose owner or name speaks of one.
func (c *collection) named(h *holder, x *inventory.Secret, login, name, path string) {
	f := c.src.token(login, name)
	if f == nil {
		return
	}
	rec := f.record(inventory.NewID(inventory.NounAssistant, "github-token", string(x.ID)), cmp.Or(name, login))
	rec.Host, rec.Path, rec.Account, rec.Status = c.src.host, c.src.host+"/"+c.src.opt.Org, login, "active"
	rec.Owners, rec.LastUsed = x.Owners, x.LastUsed
	rec.Evidence = []inventory.Evidence{{Path: c.url(path), Note: h.proof.Note + ", " + f.note}}
	if x.State != inventory.StateLive {
		rec.Status = "idle"
	}
	c.heldBy(&rec, login)
	h.rec = &rec
	x.Assistants = []inventory.ID{rec.ID}
}

// tokenRepositories reads which repositories the tokens reach that were given some: a request for each. Tokens that stand
// for an assistant come first.
func (c *collection) tokenRepositories() error {
	for _, assistants := range []bool{true, false} {
		for _, s := range c.subsets {
			if (s.h.rec != nil) != assistants || !c.detail.take() {
				continue
			}
			repos := map[int64]bool{}
			whole, err := pages(c, "tokens", c.orgPath("/personal-access-tokens/%s/repositories", num(s.id)), nil, "", func(r struct {
				ID int64 `json:"id"`
			}) {
				repos[r.ID] = true
			})
			if err != nil {
				return err
			}
			if whole {
				s.h.repos = repos
				for id := range repos {
					c.actors.byRepo[id] = append(c.actors.byRepo[id], s.h)
				}
			}
		}
	}
	return nil
}

// readRequests takes in tokens that ask to be let in: they may do nothing here yet.
func (c *collection) readRequests() error {
	_, err := pages(c, "requests", c.orgPath("/personal-access-token-requests"), nil, "", func(g tokenGrant) {
		path := c.orgPath("/personal-access-token-requests/%s", num(g.ID))
		x, h := c.fineGrained(&g, path)
		x.Note = "asks to be let in since " + parseTime(g.Asked).Format(time.DateOnly)
		if g.Reason != "" {
			x.Note += ": " + quoted(g.Reason)
		}
		h.granted = parseTime(g.Asked)
		h.actor = c.user(forge.UserToken, "token "+quoted(g.Name)+" of "+g.Owner.Login, g.Owner.Login, g.Owner.ID)
		h.actor.Grants = grantsOf(g.permissions(), c.person(g.Owner.Login))
		h.capped = asked
		c.named(h, &x, g.Owner.Login, g.Name, path)
		h.secret = c.sink.Secret(x, inventory.Value{})
		if h.rec != nil {
			h.rec.Secrets = []inventory.ID{h.secret}
		}
		c.actors.add(h)
	})
	return err
}

// asked is what a token may do that waits to be let in: nothing, until an owner of the organisation agrees.
func asked(rs []forge.Right) []forge.Right {
	out := suspended(rs)
	for i := range out {
		out[i].Path[len(out[i].Path)-1] = "an owner of the organisation has not let the token in yet"
	}
	return out
}

// quoted is a name that somebody chose, fit for a sentence.
func quoted(s string) string {
	const most = 60
	s = inventory.Clean(s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return `"` + s + `"`
}

// parseTime reads the ways in which GitHub writes a time.
func parseTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
