package github

import (
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// authorization is a credential that somebody has authorised for single sign-on.
type authorization struct {
	Login      string     `json:"login"`
	ID         int64      `json:"credential_id"`
	Type       string     `json:"credential_type"`
	LastEight  string     `json:"token_last_eight"`
	Authorized time.Time  `json:"credential_authorized_at"`
	Accessed   *time.Time `json:"credential_accessed_at"`
	Scopes     []string   `json:"scopes"`
	Print      string     `json:"fingerprint"`
	TokenID    *int64     `json:"authorized_credential_id"`
	Title      *string    `json:"authorized_credential_title"`
	Note       *string    `json:"authorized_credential_note"`
	Expires    *time.Time `json:"authorized_credential_expires_at"`
}

// authorized is what each type of credential is. A personal access token with scopes is a classic one.
var authorized = map[string]struct{ kind, what string }{
	"personal access token": {"github-pat-classic", "classic token"},
	"SSH key":               {"ssh-private-key", "SSH key"},
	"OAuth app token":       {"github-oauth", "OAuth token"},
	"GitHub app token":      {"github-app-user", "app token"},
}

func (c *collection) readAuthorizations() error {
	_, err := pages(c, "sso", c.orgPath("/credential-authorizations"), nil, "", func(a authorization) { c.authorizes(&a) })
	return err
}

func (c *collection) authorizes(a *authorization) {
	path := c.orgPath("/credential-authorizations/%s", num(a.ID))
	t, known := authorized[a.Type]
	if !known {
		t.kind, t.what = "github-token", "credential"
	}
	if t.kind == "github-pat-classic" && len(a.Scopes) == 0 {
		t.kind, t.what = "github-token", "token" // fine-grained ones have no scopes, and some classic ones neither
	}
	name := text(a.Note)
	if name == "" {
		name = text(a.Title)
	}
	label := t.what + " of " + a.Login
	if name != "" {
		label = t.what + " " + quoted(name) + " of " + a.Login
	}
	x := inventory.Secret{
		ID: inventory.NewID(inventory.NounSecret, "github-authorization", c.src.host, c.src.opt.Org, num(a.ID)), Kind: t.kind, Issuer: "github",
		Account: a.Login, Owners: owners(c.owner(a.Login, "authorised the "+t.what, path)), Storage: inventory.StorageProvider,
		Exposure: inventory.ExposureNone, State: inventory.StateLive, Scopes: sorted(a.Scopes), LongLived: inventory.Yes, Broad: t.kind == "github-pat-classic",
		Locations: []inventory.Location{{Path: c.url(path), Scope: inventory.ScopeProvider, Note: name}},
		Note:      "authorised for single sign-on on " + a.Authorized.UTC().Format(time.DateOnly),
	}
	if t.kind == "github-app-user" {
		x.LongLived = inventory.Unknown // these end after eight hours unless their app has switched that off
	}
	h := &holder{proof: inventory.Evidence{Path: c.url(path), Note: label}, granted: a.Authorized, login: ""}
	if a.Accessed != nil {
		x.LastUsed, h.used = *a.Accessed, *a.Accessed
	} else {
		x.Used = inventory.No
	}
	if a.Expires != nil {
		x.Expires, h.expires = *a.Expires, *a.Expires
	}
	if !x.Expires.IsZero() && x.Expires.Before(c.now) {
		x.State, h.capped = inventory.StateExpired, expired
	}
	c.clued(&x, a)
	if a.TokenID != nil && t.kind != "ssh-private-key" { // a key's number is of another list
		h.token = *a.TokenID
		x.Clues = append(x.Clues, c.did.clues(h.token)...)
	}
	h.actor = c.authorizedActor(t.kind, label, a)
	h.all = true // a person's token reaches what the person reaches
	c.named(h, &x, a.Login, name, path)
	h.secret = c.sink.Secret(x, inventory.Value{})
	if h.rec != nil {
		h.rec.Secrets = []inventory.ID{h.secret}
	}
	c.actors.add(h)
}

// authorizedActor acts as the person, as far as the scopes let it.
func (c *collection) authorizedActor(kind, label string, a *authorization) forge.Actor {
	x := c.user(forge.UserToken, label, a.Login, 0)
	if kind == "ssh-private-key" { // pushes as the person, to where the person may; pipeline definitions are files to it
		sure := c.person(a.Login)
		x.Grants = []forge.Grant{
			{Scope: forge.Contents, Access: forge.Write, Words: "SSH key", Certain: sure(forge.Contents, forge.Write)},
			{Scope: forge.Workflows, Access: forge.Write, Words: "SSH key", Certain: true},
		}
		return x
	}
	x.Grants = scopesGrants(a.Scopes, c.person(a.Login))
	if len(a.Scopes) == 0 {
		x.Unknown = "its scopes are not told"
	}
	return x
}

// clued adds what tells the credential again where its value is found.
func (c *collection) clued(x *inventory.Secret, a *authorization) {
	const tail = 8
	if len(a.LastEight) == tail {
		x.Hint = a.LastEight[tail-4:]
		x.Clues = append(x.Clues, inventory.Clue{By: inventory.ClueTail8, Text: a.LastEight})
	}
	switch p := strings.TrimSpace(a.Print); {
	case p == "":
	case strings.HasPrefix(p, "SHA256:"):
		x.Clues = append(x.Clues, inventory.Clue{By: inventory.ClueSSH, Text: strings.TrimRight(p, "=")})
	case len(p) == 43 || len(p) == 44: // the same without its prefix
		x.Clues = append(x.Clues, inventory.Clue{By: inventory.ClueSSH, Text: "SHA256:" + strings.TrimRight(p, "=")})
	}
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
