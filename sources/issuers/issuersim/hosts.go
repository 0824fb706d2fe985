package issuersim

import (
	"net/http"
	"strings"
)

// hosts are the issuers. Each answers whether it knows the path.
var hosts = map[string]func(*request) bool{
	"api.github.com":    github,
	"gitlab.com":        gitlab,
	"slack.com":         slack,
	"okta.example.com":  okta,
	"vault.example.com": vault,
	"api.linear.app":    linear,
	stsHost:             sts,
	iamHost:             iam,
	"npm.example.com":   npm,
	"api.anthropic.com": anthropic,
	"api.openai.com":    openai,
	"huggingface.co":    plain("GET /api/whoami-v2", "name", http.StatusUnauthorized),
	"api.cursor.com":    plain("GET /v1/me", "userEmail", http.StatusUnauthorized),
	"api.datadoghq.com": plain("GET /api/v1/validate", "", http.StatusForbidden),
}

// asked answers a question about the credential: 200 with its account, or refused.
func (q *request) asked(live object, refused int, dead object) bool {
	if _, ok := q.alive(q.credential); ok {
		q.answer(http.StatusOK, live)
	} else {
		q.answer(refused, dead)
	}
	return true
}

func plain(what, member string, refused int) func(*request) bool {
	return func(q *request) bool {
		account, _ := q.alive(q.credential)
		return q.what == what && q.asked(object{member: account}, refused, object{"error": "invalid"})
	}
}

func github(q *request) bool {
	account, _ := q.alive(q.credential)
	bad := object{"message": "Bad credentials", "status": "401"}
	switch q.what {
	case "GET /meta":
		q.answer(http.StatusOK, object{"verifiable_password_authentication": false})
	case "GET /user":
		q.w.Header().Set("X-OAuth-Scopes", "repo, workflow")
		return q.asked(object{"login": account}, http.StatusUnauthorized, bad)
	case "GET /installation/repositories":
		return q.asked(object{"total_count": 0, "repositories": []any{}}, http.StatusUnauthorized, bad)
	case "DELETE /installation/token":
		if _, ok := q.alive(q.credential); !ok {
			q.answer(http.StatusUnauthorized, bad)
			return true
		}
		q.end(q.host, q.credential)
		q.answer(http.StatusNoContent, nil)
	case "POST /credentials/revoke":
		if q.credential != "" { // unauthenticated only
			q.answer(http.StatusForbidden, object{"message": "This endpoint must be called without authentication"})
			return true
		}
		list, _ := q.body["credentials"].([]any)
		for _, c := range list {
			if text, ok := c.(string); ok {
				q.end(q.host, text)
			}
		}
		q.answer(http.StatusAccepted, object{})
	default:
		return false
	}
	return true
}

func gitlab(q *request) bool {
	account, ok := q.alive(q.credential)
	bad := object{"message": "401 Unauthorized"}
	if q.issued(q.credential) { // the words of its lib/api/api_guard.rb
		bad = object{"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user."}
	}
	switch q.what {
	case "GET /api/v4/projects":
		q.answer(http.StatusOK, object{"n": 0})
	case "GET /api/v4/personal_access_tokens/self":
		return q.asked(object{"id": 1, "name": account, "active": true}, http.StatusUnauthorized, bad)
	case "DELETE /api/v4/personal_access_tokens/self":
		if !ok {
			q.answer(http.StatusUnauthorized, bad)
			return true
		}
		q.end(q.host, q.credential)
		q.answer(http.StatusNoContent, nil)
	default:
		return false
	}
	return true
}

// slack answers 200 to everything.
func slack(q *request) bool {
	account, ok := q.alive(q.credential)
	bad := object{"ok": false, "error": "invalid_auth"}
	if q.issued(q.credential) {
		bad["error"] = "token_revoked"
	}
	switch q.what {
	case "POST /api/api.test":
		q.answer(http.StatusOK, object{"ok": true})
	case "POST /api/auth.test":
		return q.asked(object{"ok": true, "user": account}, http.StatusOK, bad)
	case "POST /api/auth.revoke":
		if !ok {
			q.answer(http.StatusOK, bad)
			return true
		}
		q.end(q.host, q.credential)
		q.answer(http.StatusOK, object{"ok": true, "revoked": true})
	default:
		return false
	}
	return true
}

func okta(q *request) bool {
	account, ok := q.alive(q.credential)
	bad := object{"errorCode": "E0000011", "errorSummary": "Invalid token provided"}
	switch q.what {
	case "GET /.well-known/openid-configuration":
		q.answer(http.StatusOK, object{"issuer": "https://okta.example.com"})
	case "GET /api/v1/users/me":
		return q.asked(object{"profile": object{"login": account}}, http.StatusUnauthorized, bad)
	case "DELETE /api/v1/api-tokens/current":
		if !ok {
			q.answer(http.StatusUnauthorized, bad)
			return true
		}
		q.end(q.host, q.credential)
		q.answer(http.StatusNoContent, nil)
	default:
		return false
	}
	return true
}

// vault answers 403 to what is dead and to what is denied alike, as OpenBao was seen to.
func vault(q *request) bool {
	account, ok := q.alive(q.credential)
	bad := object{"errors": []string{"permission denied"}}
	switch q.what {
	case "GET /v1/sys/health":
		q.answer(http.StatusOK, object{"initialized": true, "sealed": false})
	case "GET /v1/auth/token/lookup-self":
		return q.asked(object{"data": object{"display_name": account}}, http.StatusForbidden, bad)
	case "POST /v1/auth/token/revoke-self":
		if !ok {
			q.answer(http.StatusForbidden, bad)
			return true
		}
		q.end(q.host, q.credential)
		q.answer(http.StatusNoContent, nil)
	default:
		return false
	}
	return true
}

func linear(q *request) bool {
	account, _ := q.alive(q.credential)
	switch q.what {
	case "POST /graphql":
		return q.asked(object{"data": object{"viewer": object{"name": account}}}, http.StatusUnauthorized, object{"errors": []any{}})
	case "POST /oauth/revoke":
		q.end(q.host, q.credential)
		q.answer(http.StatusOK, object{})
	default:
		return false
	}
	return true
}

// npm answers 403 to a token that was deleted, as verdaccio 6.7.4 was seen to.
func npm(q *request) bool {
	account, _ := q.alive(q.credential)
	method, rest, _ := strings.Cut(q.what, "/-/user/token/")
	switch {
	case q.what == "GET /-/ping":
		q.answer(http.StatusOK, object{})
	case q.what == "GET /-/whoami":
		return q.asked(object{"username": account}, http.StatusForbidden, object{"error": "invalid token"})
	case method == "DELETE " && rest != "":
		q.end(q.host, rest)
		q.answer(http.StatusOK, object{"ok": "logged out"})
	default:
		return false
	}
	return true
}

func anthropic(q *request) bool {
	account, _ := q.alive(q.credential)
	bad := object{"type": "error", "error": object{"type": "authentication_error", "message": "invalid x-api-key"}}
	switch q.what {
	case "GET /v1/models":
		return q.asked(object{"data": []any{}, "has_more": false}, http.StatusUnauthorized, bad)
	case "GET /v1/organizations/me":
		return q.asked(object{"id": "org", "type": "organization", "name": account}, http.StatusUnauthorized, bad)
	}
	return false
}

func openai(q *request) bool {
	bad := object{"error": object{"code": "invalid_api_key", "message": "Incorrect API key provided"}}
	switch q.what {
	case "GET /v1/models", "GET /v1/organization/admin_api_keys":
		return q.asked(object{"object": "list", "data": []any{}}, http.StatusUnauthorized, bad)
	}
	return false
}
