package githubsim

import "net/http"

func (c *call) byJWT(string) *answer { return c.refuse(http.StatusUnauthorized, badCredentials) }
