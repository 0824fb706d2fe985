package githubsim

import "net/http"

const applicationPath = "/applications/{client_id}"

// applicationRoutes are for the owner of an app, who shows its client id and secret.
var applicationRoutes = []route{
	{pattern: "POST " + applicationPath + "/token", do: (*call).checkToken, need: need{by: byClient}},
	{pattern: "DELETE " + applicationPath + "/token", do: (*call).endToken, need: need{by: byClient}},
	{pattern: "DELETE " + applicationPath + "/grant", do: (*call).endGrant, need: need{by: byClient}},
}

// byBasic makes the caller the app whose client id and secret are shown.
func (c *call) byBasic() *answer {
	id, secret, ok := c.r.BasicAuth()
	if !ok {
		return c.refuse(http.StatusUnauthorized, "Requires authentication")
	}
	app := c.st.appByID[id]
	if app == nil || app.ClientID != id || app.Secret == "" || app.Secret != secret || c.r.PathValue("client_id") != id {
		return c.notFound()
	}
	c.who = caller{kind: client, app: app}
	return nil
}

// tokenOfApp is the token in the body if it lives and was given to the app that asks, else nil.
func (c *call) tokenOfApp() *token {
	var in struct {
		Token string `json:"access_token"`
	}
	if !c.read(&in) {
		return nil
	}
	t := c.st.tokens[in.Token]
	if t == nil || t.dead || t.App != c.who.app.Slug || t.Kind != OAuth && t.Kind != AppUser || !t.Expires.IsZero() && !c.now().Before(t.Expires) {
		return nil
	}
	return t
}

func (c *call) checkToken() answer {
	t, app := c.tokenOfApp(), c.who.app
	if t == nil {
		return *c.notFound()
	}
	return ok(obj{"id": app.ID, "url": c.api + "/authorizations/" + num(app.ID), "app": obj{"client_id": app.ClientID, "name": app.Name, "url": c.web + "/apps/" + app.Slug},
		"token": t.Value, "hashed_token": nil, "token_last_eight": t.Value[max(len(t.Value)-8, 0):], "note": nil, "note_url": nil, "fingerprint": nil, "scopes": list(t.Scopes),
		"created_at": when(longAgo), "updated_at": when(longAgo), "expires_at": when(t.Expires)})
}

func (c *call) noSuchToken() answer {
	return c.invalid("is no token of this application", "OauthAccess", "access_token")
}

// endToken ends one token.
func (c *call) endToken() answer {
	t := c.tokenOfApp()
	if t == nil {
		return c.noSuchToken()
	}
	s := c.st
	c.kill(func() { s.destroy(t) })
	return noContent
}

// endGrant ends what the token's user granted the app: all its tokens of theirs, those to refresh with too.
func (c *call) endGrant() answer {
	t := c.tokenOfApp()
	if t == nil {
		return c.noSuchToken()
	}
	s := c.st
	c.kill(func() {
		for _, x := range s.tokens {
			if x.App == t.App && low(x.Login) == low(t.Login) {
				s.destroy(x)
			}
		}
	})
	return noContent
}
