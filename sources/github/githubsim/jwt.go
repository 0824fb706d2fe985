package githubsim

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const undecoded = "A JSON web token could not be decoded"

// Bounds of an app's token as GitHub documents them: it lives at most ten minutes, and clocks may differ by one.
const (
	longestJWT = 10 * time.Minute
	drift      = time.Minute
)

// byJWT makes the caller the app that signed the token.
func (c *call) byJWT(text string) *answer {
	parts := strings.Split(text, ".")
	var head struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Issuer  any   `json:"iss"`
		Issued  int64 `json:"iat"`
		Expires int64 `json:"exp"`
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !part(parts[0], &head) || !part(parts[1], &claims) || head.Alg != "RS256" {
		return c.refuse(http.StatusUnauthorized, undecoded)
	}
	app := c.st.appByID[issuer(claims.Issuer)]
	if app == nil {
		return c.refuse(http.StatusNotFound, "Integration not found")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if app.Key == nil || rsa.VerifyPKCS1v15(app.Key, crypto.SHA256, sum[:], sig) != nil {
		return c.refuse(http.StatusUnauthorized, undecoded)
	}
	now, exp := c.now(), time.Unix(claims.Expires, 0)
	switch {
	case !now.Before(exp):
		return c.refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case exp.After(now.Add(longestJWT + drift)):
		return c.refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') is too far in the future")
	case time.Unix(claims.Issued, 0).After(now.Add(drift)):
		return c.refuse(http.StatusUnauthorized, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	c.who = caller{kind: itself, app: app}
	return nil
}

func part(text string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(raw, into) == nil
}

// issuer is the app's id, as a number or a text, or its client id.
func issuer(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case float64:
		return num(int64(x))
	}
	return ""
}
