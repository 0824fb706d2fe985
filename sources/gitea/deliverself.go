package gitea

import (
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/self"
)

// deliverSelf puts nhitop's own credential into the inventory.
func (c *collection) deliverSelf() {
	v, err := c.api.value(c.ctx)
	if err != nil {
		return
	}
	cred := self.Credential{Service: "Gitea", URL: c.api.Base(), Use: "reads", Ref: c.s.reads.ref, Value: v, Secret: inventory.Secret{Kind: "gitea-token", Issuer: Kind, LongLived: inventory.Yes}}
	if c.s.opt.Revoke && !c.s.apart {
		cred.Use = "reads and revokes"
	}
	var s scopes
	known := c.me != nil
	if c.s.reads.user != "" {
		cred.Secret.Kind, cred.Secret.Account = "gitea-password", c.s.reads.user
	} else {
		s, known = c.ownScopes(v, &cred)
	}
	if c.me != nil {
		cred.Secret.Account, cred.Secret.State = c.me.Login, inventory.StateLive
		if c.me.owner != "" {
			cred.Secret.Owners = []inventory.ID{c.me.owner}
		}
		if t := c.me.rights[s.id()]; t != nil {
			for _, w := range t.Worst() {
				cred.Rights = append(cred.Rights, self.Right{Capability: w.Capability, Level: w.Level, Resource: c.resource(w.Repo), Gate: w.Gate, Certain: w.Certain && known, Path: w.Path})
			}
		}
		for _, b := range c.me.instanceRights(s) {
			cred.Rights = append(cred.Rights, self.Right{Capability: b.capability, Level: b.level, Resource: c.instance(), Certain: known, Path: b.path})
		}
	}
	self.Deliver(c.sink, cred)
	c.deliverRevoker()
}

// ownScopes finds the token that is used among those of its user.
func (c *collection) ownScopes(v inventory.Value, cred *self.Credential) (scopes, bool) {
	if c.me == nil {
		return nil, false
	}
	for _, t := range c.me.tokens {
		if !endsIn(v, t.Tail) {
			continue
		}
		cred.URL = c.api.URL(httpx.Path("/users/%s/tokens/%s", c.me.Login, itoa(t.ID)))
		x := &cred.Secret
		x.Scopes, x.Created, x.Note = t.Scopes, t.Created, "token "+credential.Redact(t.Name)
		x.Broad = slices.Contains(t.Scopes, "all")
		x.LastUsed, _ = used(t.Created, t.LastUsed)
		x.Locations = []inventory.Location{{Path: cred.URL, Scope: inventory.ScopeProvider, Note: "token " + credential.Redact(t.Name) + " of " + c.me.Login}}
		return append(scopes{}, t.Scopes...), true
	}
	return nil, false
}

// deliverRevoker puts the credential for revoking into the inventory, where it is another. It is not used for reading: what
// it may do is what revoking needs.
func (c *collection) deliverRevoker() {
	if !c.s.opt.Revoke || !c.s.apart {
		return
	}
	a, err := c.s.client(c.s.revokes, nil)
	if err != nil {
		return
	}
	v, err := a.value(c.ctx)
	if err != nil {
		c.skip("", inventory.LookedSkipped, "the credential for revoking cannot be read: "+inventory.Clean(err.Error()))
		return
	}
	kind := "gitea-token"
	if c.s.revokes.user != "" {
		kind = "gitea-password"
	}
	self.Deliver(c.sink, self.Credential{
		Service: "Gitea", URL: c.api.Base(), Use: "revokes", Ref: c.s.revokes.ref, Value: v,
		Secret: inventory.Secret{Kind: kind, Issuer: Kind, Account: c.s.revokes.user, LongLived: inventory.Yes},
		Rights: []self.Right{{Capability: inventory.MintIdentity, Level: "admin", Resource: c.instance(), Path: []string{"revoking needs write:user and write:admin"}}},
	})
}
