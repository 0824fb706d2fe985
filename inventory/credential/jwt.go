package credential

import (
	"encoding/json"
	"strings"
	"time"

	"nhitop/inventory"
)

// Claims are what a JSON Web Token says of itself. The signature is not checked: they are hints.
type Claims struct {
	Issuer    string
	Subject   string
	Email     string
	UPN       string
	Tenant    string
	Audience  string
	Role      string
	Scopes    []string
	IssuedAt  time.Time
	ExpiresAt time.Time
	All       map[string]any // every claim, for callers that know more of the product
}

const maxJWT = 16 << 10

// JWT decodes the claims of a token of the form header.payload.signature. It does not verify anything.
func JWT(token string) (Claims, bool) {
	head, rest, ok := strings.Cut(token, ".")
	body, _, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || len(token) > maxJWT || !strings.HasPrefix(head, "ey") {
		return Claims{}, false
	}
	var alg map[string]any
	if raw, ok := decode64(head); !ok || json.Unmarshal(raw, &alg) != nil {
		return Claims{}, false
	}
	raw, ok := decode64(body)
	all := map[string]any{}
	if !ok || json.Unmarshal(raw, &all) != nil {
		return Claims{}, false
	}
	c := Claims{All: all, Issuer: text(all, "iss"), Subject: text(all, "sub"), Email: text(all, "email"), Tenant: text(all, "tid"),
		Audience: text(all, "aud"), Role: text(all, "role"), IssuedAt: number(all, "iat"), ExpiresAt: number(all, "exp")}
	for _, k := range []string{"upn", "unique_name", "preferred_username"} {
		if c.UPN == "" {
			c.UPN = text(all, k)
		}
	}
	for _, k := range []string{"scope", "scp", "scopes"} {
		c.Scopes = append(c.Scopes, strings.Fields(text(all, k))...)
	}
	return c, true
}

func text(m map[string]any, key string) string {
	switch v := m[key].(type) {
	case string:
		return v
	case []any:
		parts := make([]string, 0, len(v))
		for _, e := range v {
			if s, ok := e.(string); ok {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, " ")
	}
	return ""
}

func number(m map[string]any, key string) time.Time {
	n, _ := m[key].(float64)
	return unix(n)
}

// tokenIssuers tells kinds of JWT by their issuer.
var tokenIssuers = []struct{ iss, kind, issuer string }{
	{"https://sts.windows.net/", "azure-access-token-jwt", "azure"},
	{"https://login.microsoftonline.com/", "azure-access-token-jwt", "azure"},
	{"https://auth.openai.com", "openai-oauth-jwt", "openai"},
	{"https://accounts.google.com", "google-id-token", "google"},
	{"https://token.actions.githubusercontent.com", "github-actions-oidc-jwt", "github"},
	{"supabase", "supabase-jwt", "supabase"},
	{"https://authentication.cursor.sh", "cursor-jwt", "cursor"},
	{"https://gitlab.com", "gitlab-oidc-jwt", "gitlab"},
}

const (
	kindJWT        = "jwt"
	serviceAccount = "system:serviceaccount:"
)

// jwtAt recognises a token that starts at i and returns where it ends. ok is false where it is none, or one that is
// public by design.
func jwtAt(s string, i int) (m Match, end int, ok bool) {
	end, dots := i, 0
	for end < len(s) && end-i <= maxJWT {
		c := s[end]
		if c == '.' {
			if dots++; dots > 2 {
				break
			}
		} else if !wordByte(c) && c != '-' {
			break
		}
		end++
	}
	c, ok := JWT(s[i:end])
	if !ok {
		return Match{}, 0, false
	}
	m = Match{Kind: kindJWT, Value: inventory.NewValue(s[i:end]), Start: i, End: end, Sure: true}
	c.describe(&m)
	return m, end, c.Issuer != "supabase" || c.Role != "anon"
}

func (c Claims) describe(m *Match) {
	m.Created, m.Expires, m.Scopes = c.IssuedAt, c.ExpiresAt, c.Scopes
	m.LongLived = longLived(c.IssuedAt, c.ExpiresAt)
	if strings.HasPrefix(c.Subject, serviceAccount) {
		m.Kind, m.Issuer, m.Account = "kubernetes-sa-token-jwt", "kubernetes", c.Subject
		return
	}
	for _, t := range tokenIssuers {
		if strings.HasPrefix(c.Issuer, t.iss) {
			m.Kind, m.Issuer = t.kind, t.issuer
			break
		}
	}
	for _, who := range []string{c.UPN, c.Email, text(c.All, "appid"), c.Subject} {
		if m.Account == "" {
			m.Account = who
		}
	}
	switch {
	case c.Tenant != "":
		m.Note = "tenant " + c.Tenant
	case m.Kind == "supabase-jwt" && c.Role != "":
		m.Note, m.Broad = "role "+c.Role, c.Role == "service_role"
	}
}
