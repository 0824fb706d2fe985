package github

import (
	"context"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/self"
)

// deliverSelf puts the source's own credentials into the inventory.
func (c *collection) deliverSelf() {
	own := self.Credential{Service: "GitHub", Use: "reads", Ref: c.login.ref()}
	own.Value, _ = c.login.secret(c.ctx) // it was read before
	switch perms := c.login.permissions(); {
	case !c.login.app.isZero():
		own.URL = c.url(httpx.Path("/app/installations/%s", num(c.login.install)))
		own.Secret = inventory.Secret{Kind: "github-app-private-key", Issuer: "github", Account: num(c.login.app.ID), State: inventory.StateLive, LongLived: inventory.Yes,
			Scopes: permissionWords(perms), Note: "signs for the app; nhitop asks for tokens that only read"}
		own.Rights = c.selfRights(grantsOf(perms, always))
	default:
		own.URL = c.url("/user")
		own.Secret = c.tokenSecret(own.Value)
		own.Rights = c.selfRights(scopesGrants(c.viewer.scopes, c.person(c.viewer.Login)))
	}
	self.Deliver(c.sink, own)
	c.deliverRevoker()
}

// tokenSecret is what is known of the token that is used for reading.
func (c *collection) tokenSecret(v inventory.Value) inventory.Secret {
	x := inventory.Secret{Kind: "github-token", Issuer: "github", Account: c.viewer.Login, State: inventory.StateLive, Scopes: c.viewer.scopes, Expires: c.viewer.end}
	switch m, err := credential.Pasted(v); {
	case err == nil && m.Issuer == "github":
		x.Kind, x.Broad = m.Kind, m.Broad
	case c.viewer.told: // a token with scopes
		x.Kind, x.Broad = "github-pat-classic", true
	}
	if c.viewer.end.IsZero() {
		x.LongLived = inventory.Yes
	}
	x.Owners = owners(c.owner(c.viewer.Login, "nhitop reads with their token", "/user"))
	return x
}

// selfRights are the rights of grants over the organisation as a whole: rules of single repositories are not counted in.
func (c *collection) selfRights(gs []forge.Grant) []self.Right {
	a := forge.Actor{Kind: forge.App, Name: "nhitop", Grants: gs}
	r := forge.Repo{Name: c.src.opt.Org, Host: "GitHub", Branches: []forge.Branch{{Name: "the default branch", Default: true, Unknown: "they differ from repository to repository"}}, Secrets: -1}
	var out []self.Right
	for _, x := range forge.Effective(a, r) {
		out = append(out, self.Right{Capability: x.Capability, Level: x.Level, Resource: c.orgResource(), Gate: x.Gate, Certain: x.Certain, Path: x.Path[1:]})
	}
	return out
}

// deliverRevoker puts the credential for revoking into the inventory, where it can be read without asking anybody: a
// command or a keyring may ask the operator, who is asked when something is revoked.
func (c *collection) deliverRevoker() {
	o := c.src.opt
	ref := o.RevokeToken
	if !o.RevokeApp.isZero() {
		ref = o.RevokeApp.PrivateKey
	}
	if !o.Revoke || ref.IsZero() || ref.Env == "" && ref.File == "" {
		return
	}
	v, err := c.readRef(c.ctx, ref)
	if err != nil {
		c.sink.Warn(inventory.Warning{Text: "the credential for revoking: " + inventory.Clean(err.Error())})
		return
	}
	own := self.Credential{Service: "GitHub", Use: "revokes", URL: c.url(c.orgPath("")), Ref: ref, Value: v, Secret: inventory.Secret{Kind: "github-token", Issuer: "github"}}
	if !o.RevokeApp.isZero() {
		own.Secret = inventory.Secret{Kind: "github-app-private-key", Issuer: "github", Account: num(o.RevokeApp.ID), LongLived: inventory.Yes}
	} else if m, err := credential.Pasted(v); err == nil && m.Issuer == "github" {
		own.Secret.Kind, own.Secret.Broad = m.Kind, m.Broad
	}
	self.Deliver(c.sink, own)
}

func (c *collection) readRef(ctx context.Context, ref credref.Ref) (inventory.Value, error) {
	return ref.Read(ctx, credref.Lookup{Getenv: c.src.env.Getenv})
}
