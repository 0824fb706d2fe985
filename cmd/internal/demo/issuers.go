package demo

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// issuer answers for the credentials of a service of which nothing else is simulated: it says whether one is still
// accepted, and ends it where the service has a call for that. It takes for its own what bears the mark of the company's
// secrets, and remembers what it ended.
type issuer struct {
	host   string
	header string // in which the credential comes, after "Bearer " where that is said
	calls  map[string]exchange
	begins string // what its credentials begin with

	mu   sync.Mutex
	dead map[string]bool
}

// exchange is one call: what is answered to a credential that lives, and to any other.
type exchange struct {
	alive, refused answer
	ends           bool // the credential that it is made with
	open           bool // it takes none
}

type answer struct {
	status int
	body   string
}

func ok(body string) answer { return answer{http.StatusOK, body} }

// issuers are made anew for each company: what one ended is not ended for another.
func issuers() []*issuer {
	unauthorized := answer{http.StatusUnauthorized, `{"error":{"type":"authentication_error","message":"invalid"}}`}
	models := map[string]exchange{"GET /v1/models": {alive: ok(`{"data":[]}`), refused: unauthorized}}
	slack := answer{http.StatusOK, `{"ok":false,"error":"invalid_auth"}`}
	vault := answer{http.StatusForbidden, `{"errors":["permission denied"]}`}
	return []*issuer{
		{host: "slack.com", header: "Authorization", begins: "xo" + "xb-", calls: map[string]exchange{
			"POST /api/api.test":    {open: true, alive: ok(`{"ok":true}`)},
			"POST /api/auth.test":   {alive: ok(`{"ok":true,"user":"acme-bot","team":"Acme"}`), refused: slack},
			"POST /api/auth.revoke": {alive: ok(`{"ok":true,"revoked":true}`), refused: slack, ends: true},
		}},
		{host: "vault.acme.example", header: "X-Vault-Token", begins: "hv" + "s.", calls: map[string]exchange{
			"GET /v1/sys/health":              {open: true, alive: ok(`{"initialized":true,"sealed":false}`)},
			"GET /v1/auth/token/lookup-self":  {alive: ok(`{"data":{"display_name":"oidc-carol"}}`), refused: vault},
			"POST /v1/auth/token/revoke-self": {alive: answer{http.StatusNoContent, ""}, refused: vault, ends: true},
		}},
		{host: "api.anthropic.com", header: "x-api-key", begins: "sk-" + "ant-", calls: models},
		{host: "api.openai.com", header: "Authorization", begins: "sk-" + "proj-", calls: models},
		{host: "huggingface.co", header: "Authorization", begins: "h" + "f_", calls: map[string]exchange{
			"GET /api/whoami-v2": {alive: ok(`{"name":"judy-acme"}`), refused: unauthorized},
		}},
	}
}

// ServeHTTP answers one call.
func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, known := i.calls[r.Method+" "+r.URL.Path]
	if !known {
		http.NotFound(w, r)
		return
	}
	a := c.alive
	if !c.open && !i.takes(strings.TrimPrefix(r.Header.Get(i.header), "Bearer "), c.ends) {
		a = c.refused
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body) // who asked has gone
}

// takes reports whether a credential is accepted, and ends it if that is what it was shown for.
func (i *issuer) takes(credential string, end bool) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !strings.HasPrefix(credential, i.begins) || !strings.Contains(credential, "FAKE") || i.dead[credential] {
		return false
	}
	if end {
		if i.dead == nil {
			i.dead = map[string]bool{}
		}
		i.dead[credential] = true
	}
	return true
}
