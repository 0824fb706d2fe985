package anthropic

import (
	"encoding/json"
	"strings"
	"time"

	"nhitop/sources/internal/httpx"
)

// Paths of the API. Source: anthropic-sdk-go 1.84.0; the report: documentation of the Claude Code Analytics API, 2026-11.
const (
	pathMe         = "/v1/organizations/me"
	pathUsers      = "/v1/organizations/users"
	pathWorkspaces = "/v1/organizations/workspaces"
	pathKeys       = "/v1/organizations/api_keys"
	pathAccounts   = "/v1/organizations/service_accounts"
	pathIssuers    = "/v1/organizations/federation_issuers"
	pathRules      = "/v1/organizations/federation_rules"
	pathUsage      = "/v1/organizations/usage_report/claude_code"
	pathModels     = "/v1/models"
)

type orgShape struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type userShape struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role"`
}

type workspaceShape struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Tags       map[string]string `json:"tags"`
	ArchivedAt time.Time         `json:"archived_at"`
}

// memberShape is a membership of a person or of a service account in a workspace.
type memberShape struct {
	UserID    string `json:"user_id"`
	AccountID string `json:"service_account_id"`
	Workspace string `json:"workspace_id"`
	Role      string `json:"workspace_role"`
	Implicit  bool   `json:"implicit"`
}

// actorShape says who made a key, or as whom it acts.
type actorShape struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	UserID    string `json:"user_id"`
	AccountID string `json:"service_account_id"`
}

// who is the id of a person or a service account; "" for neither.
func (a *actorShape) who() string {
	if a == nil {
		return ""
	}
	return a.ID + a.UserID + a.AccountID // one of them is set
}

type keyShape struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Status    string      `json:"status"`
	Hint      string      `json:"partial_key_hint"`
	CreatedAt time.Time   `json:"created_at"`
	ExpiresAt time.Time   `json:"expires_at"`
	CreatedBy *actorShape `json:"created_by"`
	Principal *actorShape `json:"principal"`
	Scope     *struct {
		Type      string `json:"type"`
		Workspace string `json:"workspace_id"`
	} `json:"scope"`
}

// Statuses of a key.
const (
	keyActive   = "active"
	keyInactive = "inactive"
	keyArchived = "archived"
	keyExpired  = "expired"
)

// end is the last four characters of a key, as far as the hint shows them.
func (k *keyShape) end() string {
	_, tail, ok := strings.Cut(k.Hint, "...")
	const shown = 4
	if !ok || len(tail) != shown {
		return ""
	}
	return tail
}

// workspace is the id of the workspace that a key belongs to; "" for the organisation, or unknown.
func (k *keyShape) workspace() string {
	if k.Scope == nil {
		return ""
	}
	return k.Scope.Workspace
}

type accountShape struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Role        string    `json:"organization_role"`
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by_actor_id"`
	ArchivedAt  time.Time `json:"archived_at"`
}

type issuerShape struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	URL        string    `json:"issuer_url"`
	CheckJTI   bool      `json:"check_jti"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by_actor_id"`
	ArchivedAt time.Time `json:"archived_at"`
}

type ruleShape struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	IssuerID   string `json:"issuer_id"`
	IssuerName string `json:"issuer_name"`
	Match      struct {
		Subject   string            `json:"subject_prefix"`
		Audience  string            `json:"audience"`
		Claims    map[string]string `json:"claims"`
		Condition string            `json:"condition"`
	} `json:"match"`
	Target struct {
		AccountID   string `json:"service_account_id"`
		AccountName string `json:"service_account_name"`
	} `json:"target"`
	Scope      string    `json:"oauth_scope"`
	Lifetime   int       `json:"token_lifetime_seconds"`
	All        bool      `json:"applies_to_all_workspaces"`
	Workspaces []string  `json:"workspace_ids"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by_actor_id"`
	ArchivedAt time.Time `json:"archived_at"`
}

// lifetime bounds what a rule says: 60 to 86,400 seconds.
func (r *ruleShape) lifetime() time.Duration {
	const most = 86400
	return time.Duration(min(max(r.Lifetime, 0), most)) * time.Second
}

const orgAdmin = "org:admin"

func (r *ruleShape) admin() bool {
	for _, w := range strings.Fields(r.Scope) {
		if w == orgAdmin {
			return true
		}
	}
	return false
}

// managed reports whether the API lets a rule be changed: rules of other scopes are for the Console alone.
func (r *ruleShape) managed() bool {
	for _, w := range strings.Fields(r.Scope) {
		if w != "workspace:developer" && w != "workspace:inference" {
			return false
		}
	}
	return true
}

type usageShape struct {
	Date  string `json:"date"`
	Actor struct {
		Type  string `json:"type"`
		Email string `json:"email_address"`
		Key   string `json:"api_key_name"`
	} `json:"actor"`
	Terminal string `json:"terminal_type"`
	Customer string `json:"customer_type"`
}

const pageSize = 1000 // the most that the API gives

// byID pages by the id of the last entry.
var byID = httpx.CursorPager("after_id", pageSize, func(data []byte) string {
	var p struct {
		More bool   `json:"has_more"`
		Last string `json:"last_id"`
	}
	if json.Unmarshal(data, &p) != nil || !p.More {
		return ""
	}
	return p.Last
}).In("data")

// byWord pages by an opaque word.
var byWord = httpx.CursorPager("page", pageSize, func(data []byte) string {
	var p struct {
		Next string `json:"next_page"`
	}
	if json.Unmarshal(data, &p) != nil {
		return ""
	}
	return p.Next
}).In("data")
