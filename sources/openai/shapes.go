package openai

import (
	"encoding/json"
	"time"

	"nhitop/sources/internal/httpx"
)

// Paths of the API. Source: openai-go v3.99.0.
const (
	pathUsers     = "/v1/organization/users"
	pathProjects  = "/v1/organization/projects"
	pathAdminKeys = "/v1/organization/admin_api_keys"
	pathProviders = "/v1/organization/workload_identity_providers"
	pathAudit     = "/v1/organization/audit_logs"
	pathModels    = "/v1/models"
)

// stamp is a time in seconds since 1970; null or 0 is unknown.
type stamp int64

func (s stamp) time() time.Time {
	const most = 1 << 40
	if s <= 0 || s > most {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

type userShape struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Role    string `json:"role"`
	Service bool   `json:"is_service_account"`
}

type projectShape struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

type accountShape struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Created stamp  `json:"created_at"`
}

type keyShape struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Hint     string `json:"redacted_value"`
	Created  stamp  `json:"created_at"`
	LastUsed stamp  `json:"last_used_at"`
	Expires  stamp  `json:"expires_at"`
	Access   string `json:"owner_project_access"`
	Owner    struct {
		Type    string        `json:"type"`
		User    *userShape    `json:"user"`
		Account *accountShape `json:"service_account"`
		ID      string        `json:"id"`   // of an admin key
		Name    string        `json:"name"` // of an admin key
		Role    string        `json:"role"`
	} `json:"owner"`
}

// end is the last characters of a key, at most four, as far as the hint shows them.
func (k *keyShape) end() string {
	const most = 4
	n := 0
	for n < most && n < len(k.Hint) && k.Hint[len(k.Hint)-1-n] != '*' && k.Hint[len(k.Hint)-1-n] != '.' {
		n++
	}
	if n == len(k.Hint) {
		return ""
	}
	return k.Hint[len(k.Hint)-n:]
}

type providerShape struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Issuer   string `json:"issuer"`
	Audience string `json:"audience"`
	Enabled  bool   `json:"enabled"`
	Created  stamp  `json:"created_at"`
}

type ruleShape struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Project  string         `json:"project_id"`
	Account  string         `json:"service_account_id"`
	Enabled  bool           `json:"enabled"`
	Created  stamp          `json:"created_at"`
	Matchers map[string]any `json:"attribute_matchers"`
	Allowed  struct {
		Type   string   `json:"type"`
		Scopes []string `json:"scopes"`
	} `json:"permissions"`
}

// auditShape is an event about a key.
type auditShape struct {
	Type    string `json:"type"`
	Created *struct {
		ID   string `json:"id"`
		Data *struct {
			Scopes *[]string `json:"scopes"`
		} `json:"data"`
	} `json:"api_key.created"`
	Updated *struct {
		ID      string `json:"id"`
		Changes *struct {
			Scopes *[]string `json:"scopes"`
		} `json:"changes_requested"`
	} `json:"api_key.updated"`
}

// scopes are those that an event set, of the key that it is about.
func (a *auditShape) scopes(key string) (*[]string, bool) {
	switch {
	case a.Updated != nil && a.Updated.ID == key && a.Updated.Changes != nil && a.Updated.Changes.Scopes != nil:
		return a.Updated.Changes.Scopes, true
	case a.Created != nil && a.Created.ID == key && a.Created.Data != nil && a.Created.Data.Scopes != nil:
		return a.Created.Data.Scopes, true
	}
	return nil, false
}

const pageSize = 100 // the most that the API gives

// pages follow the id of the last entry.
var pages = httpx.CursorPager("after", pageSize, func(data []byte) string {
	var p struct {
		More bool   `json:"has_more"`
		Last string `json:"last_id"`
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if json.Unmarshal(data, &p) != nil || !p.More {
		return ""
	}
	if p.Last == "" && len(p.Data) > 0 { // some lists leave it out
		return p.Data[len(p.Data)-1].ID
	}
	return p.Last
}).In("data")
