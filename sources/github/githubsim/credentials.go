package githubsim

import (
	"net/http"
	"slices"
	"strings"
)

const authorizationsPath = "/orgs/{org}/credential-authorizations"

var credentialRoutes = []route{
	{pattern: "POST /credentials/revoke", do: (*call).revokeCredentials, need: need{by: byNobody}, cloud: true},
	{pattern: "GET " + authorizationsPath, do: (*call).listAuthorizations, need: need{role: roleAdmin, scope: "read:org", perm: "organization_administration:read"}, cloud: true, plan: true, saml: true},
	{pattern: "POST " + authorizationsPath + "/revoke-all", do: (*call).revokeOfAll, need: writeOrg, cloud: true, plan: true, saml: true},
	{pattern: "DELETE " + authorizationsPath + "/{credential_id}", do: (*call).deleteAuthorization, need: writeOrg, cloud: true, plan: true, saml: true},
	{pattern: "POST " + authorizationsPath + "/{username}/revoke", do: (*call).revokeOfUser, need: writeOrg, cloud: true, plan: true, saml: true},
	{pattern: "POST " + authorizationsPath + "/{username}/revoke-credential-type", do: (*call).revokeOfUser, need: writeOrg, cloud: true, plan: true, saml: true},
	{pattern: "POST " + enterpriseCredentials + "/{username}/revoke", do: (*call).revokeOfManaged, need: need{by: byUsers, scope: "admin:enterprise"}, cloud: true},
	{pattern: "POST " + enterpriseCredentials + "/{username}/revoke-credential-type", do: (*call).revokeOfManaged, need: need{by: byUsers, scope: "admin:enterprise"}, cloud: true},
}

const enterpriseCredentials = "/enterprises/{enterprise}/credential-authorizations"

const mostCredentials = 1000

// revokeCredentials kills every credential of a user that it is given, whoever asks. It says the same of what it does not
// know, so that nobody learns from it what is a credential; tokens of installations are not its business.
func (c *call) revokeCredentials() answer {
	var in struct {
		Credentials []string `json:"credentials"`
	}
	if !c.read(&in) || len(in.Credentials) == 0 || len(in.Credentials) > mostCredentials {
		return status(http.StatusUnprocessableEntity, obj{"message": "Validation Failed", "documentation_url": "https://docs.github.com/rest", "errors": []any{"credentials: 1 to 1000"}})
	}
	c.kill(func() {
		for _, v := range in.Credentials {
			if t := c.st.tokens[v]; t != nil && t.Kind != AppToken {
				c.st.destroy(t)
			}
		}
	})
	return status(http.StatusAccepted, obj{})
}

// destroy ends a credential for good, and what organisations had granted it.
func (s *state) destroy(t *token) {
	t.dead = true
	for _, o := range s.orgs {
		o.Authorizations = slices.DeleteFunc(o.Authorizations, func(a Authorization) bool { return a.Token == t.Value })
		if t.Kind == FineGrain {
			o.Grants = slices.DeleteFunc(o.Grants, func(g Grant) bool { return g.TokenID == t.ID })
		}
	}
}

func (c *call) authorization(a *Authorization) obj {
	o := obj{"login": a.Login, "credential_id": a.ID, "credential_type": a.Type, "credential_authorized_at": when(a.Granted), "credential_accessed_at": when(a.Accessed),
		"authorized_credential_id": a.ID, "authorized_credential_expires_at": when(a.Expires)}
	if a.Type == "SSH key" {
		o["fingerprint"], o["authorized_credential_title"] = a.Print, a.Title
		return o
	}
	o["token_last_eight"] = a.Token[max(len(a.Token)-8, 0):]
	o["authorized_credential_note"] = a.Note
	o["scopes"] = list(a.Scopes)
	return o
}

func (c *call) listAuthorizations() answer {
	var list []*Authorization
	for i := range c.org.Authorizations {
		if who := c.query.Get("login"); who == "" || low(who) == low(c.org.Authorizations[i].Login) {
			list = append(list, &c.org.Authorizations[i])
		}
	}
	return c.list(len(list), func(i int) any { return c.authorization(list[i]) })
}

func (c *call) deleteAuthorization() answer {
	id, o := c.pathInt("credential_id"), c.org
	there := func(a Authorization) bool { return a.ID == id }
	if !slices.ContainsFunc(o.Authorizations, there) {
		return *c.notFound()
	}
	c.kill(func() { o.Authorizations = slices.DeleteFunc(o.Authorizations, there) })
	return noContent
}

// credentialTypes are the types of authorisations by the names of revoke-credential-type. Fine-grained tokens are
// authorised as personal access tokens too; those of the world that are none tell themselves by their value.
var credentialTypes = map[string]func(a Authorization) bool{
	"classic_pat":      func(a Authorization) bool { return a.Type == "personal access token" && kindOf(a.Token) == Classic },
	"fine_grained_pat": func(a Authorization) bool { return a.Type == "personal access token" && kindOf(a.Token) == FineGrain },
	"ssh_key":          func(a Authorization) bool { return a.Type == "SSH key" },
	"oauth_app_token":  func(a Authorization) bool { return a.Type == "OAuth app token" },
}

// revokeOfUser takes back what a user's credentials were authorised for, all or those of a type. The work is queued.
func (c *call) revokeOfUser() answer {
	u, o := c.st.users[low(c.r.PathValue("username"))], c.org
	if u == nil || o.roleOf(u) == roleNone {
		return *c.notFound()
	}
	mine, _, refused := c.credentialsOf(u)
	if refused != nil {
		return *refused
	}
	c.kill(func() { o.Authorizations = slices.DeleteFunc(o.Authorizations, mine) })
	return c.queued(u)
}

// revokeOfAll takes back what all credentials were authorised for, that of the request among them. The work is queued.
func (c *call) revokeOfAll() answer {
	o, who := c.org, c.who.user
	c.kill(func() { o.Authorizations = nil })
	return c.queued(who)
}

// credentialsOf are the authorisations of a person that a request is about, and whether the credentials are to be destroyed.
func (c *call) credentialsOf(u *User) (mine func(Authorization) bool, destroy bool, refused *answer) {
	var in struct {
		Type    string `json:"credential_type"`
		Destroy bool   `json:"revoke_credentials"`
	}
	typed := strings.HasSuffix(c.rt.pattern, "-type")
	if (len(c.body) > 0 || typed) && !c.read(&in) || typed && credentialTypes[in.Type] == nil {
		return nil, false, c.refuse(http.StatusUnprocessableEntity, "credential_type is not one of those that there are.")
	}
	return func(a Authorization) bool {
		return low(a.Login) == low(u.Login) && (!typed || credentialTypes[in.Type](a))
	}, in.Destroy, nil
}

func (c *call) queued(u *User) answer {
	out := obj{"message": "Credential authorizations will be revoked."}
	if u != nil && u == c.who.user {
		out["warning"] = "You are revoking your own credentials: the token of this request may be among them."
	}
	return status(http.StatusAccepted, out)
}

// revokeOfManaged does the same in every organisation of an enterprise, for its owners. Where the enterprise manages its
// people's accounts it can destroy the credentials themselves, those of OAuth apps excepted.
func (c *call) revokeOfManaged() answer {
	e, u := c.st.ents[c.r.PathValue("enterprise")], c.st.users[low(c.r.PathValue("username"))]
	if e == nil || u == nil || !c.ownsEnterprise(e) {
		return *c.notFound()
	}
	mine, destroy, refused := c.credentialsOf(u)
	switch {
	case refused != nil:
		return *refused
	case destroy && !e.Managed:
		return *c.refuse(http.StatusUnprocessableEntity, "The `revoke_credentials` option is only available for Enterprise Managed User (EMU) enterprises")
	}
	s, typed := c.st, strings.HasSuffix(c.rt.pattern, "-type")
	c.kill(func() {
		for _, o := range s.orgs {
			if o.Enterprise != e.Slug {
				continue
			}
			for _, a := range slices.Clone(o.Authorizations) {
				if t := s.tokens[a.Token]; destroy && t != nil && mine(a) && t.Kind != OAuth {
					s.destroy(t)
				}
			}
			o.Authorizations = slices.DeleteFunc(o.Authorizations, mine)
		}
		for _, t := range s.tokens {
			if destroy && !typed && low(t.Login) == low(u.Login) && (t.Kind == Classic || t.Kind == FineGrain) {
				s.destroy(t)
			}
		}
	})
	return c.queued(u)
}
