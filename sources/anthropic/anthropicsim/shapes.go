package anthropicsim

import (
	"strings"
	"time"

	"nhitop/inventory"
)

type object = map[string]any

// stamp is a time as the API writes it; null for none.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// actorID is the id of a person or a service account by name.
func actorID(name string) string {
	switch {
	case name == "":
		return ""
	case strings.Contains(name, "@"):
		return id(IDUser, name)
	}
	return id(IDAccount, name)
}

func (s *Sim) keyShape(k *key) object {
	const head, tail = 16, 4
	x := object{
		"id": id(IDKey, k.Name), "type": "api_key", "name": k.Name, "status": s.status(k), "created_at": stamp(k.Created), "expires_at": stamp(k.Expires),
		"partial_key_hint": k.value[:head] + "..." + k.value[len(k.value)-tail:], "created_by": nil, "principal": nil, "scope": object{"type": "organization"},
	}
	if k.By != "" {
		kind := "user"
		if !strings.Contains(k.By, "@") {
			kind = "service_account"
		}
		x["created_by"] = object{"id": actorID(k.By), "type": kind}
	}
	switch {
	case strings.Contains(k.As, "@"):
		x["principal"] = object{"type": "user_actor", "user_id": actorID(k.As)}
	case k.As != "":
		x["principal"] = object{"type": "service_account_actor", "service_account_id": actorID(k.As)}
	}
	if k.Workspace != "" {
		x["scope"] = object{"type": "workspace", "workspace_id": id(IDWorkspace, k.Workspace)}
	}
	return x
}

func userShape(u *User) object {
	return object{"id": id(IDUser, u.Email), "type": "user", "email": u.Email, "name": u.Name, "role": u.Role, "added_at": stamp(u.Added)}
}

func workspaceShape(w *Workspace) object {
	x := object{
		"id": id(IDWorkspace, w.Name), "type": "workspace", "name": w.Name, "created_at": stamp(w.Created), "archived_at": nil, "display_color": "#6C5BB9", "tags": w.Tags,
		"compartment_id": nil, "external_key_id": nil, "data_residency": object{"workspace_geo": "us", "default_inference_geo": "global", "allowed_inference_geos": "unrestricted"},
	}
	if w.Archived {
		x["archived_at"] = stamp(w.Created)
	}
	if w.Tags == nil {
		x["tags"] = object{}
	}
	return x
}

func memberShape(ws, email, role string) object {
	return object{"type": "workspace_member", "user_id": id(IDUser, email), "workspace_id": id(IDWorkspace, ws), "workspace_role": role}
}

func accountMemberShape(ws, name, role string, implicit bool) object {
	return object{
		"type": "service_account_workspace_member", "service_account_id": id(IDAccount, name), "workspace_id": id(IDWorkspace, ws), "workspace_role": role,
		"implicit": implicit, "created_by_actor_id": nil,
	}
}

func archived(x object, at time.Time, by string) object {
	x["archived_at"], x["archived_by_actor_id"] = stamp(at), nil
	if !at.IsZero() {
		x["archived_by_actor_id"] = orNil(actorID(by))
	}
	return x
}

func accountShape(a *Account) object {
	role := a.Role
	if role == "" {
		role = "developer"
	}
	return archived(object{
		"id": id(IDAccount, a.Name), "type": "service_account", "name": a.Name, "description": orNil(a.Description), "organization_role": role,
		"created_at": stamp(a.Created), "updated_at": stamp(a.Created), "created_by_actor_id": orNil(actorID(a.By)), "updated_by_actor_id": orNil(actorID(a.By)),
	}, a.Archived, a.By)
}

func issuerShape(i *Issuer) object {
	const longest = 3600
	return archived(object{
		"id": id(IDIssuer, i.Name), "type": "federation_issuer", "name": i.Name, "issuer_url": i.URL, "check_jti": i.CheckJTI, "max_jwt_lifetime_seconds": longest,
		"jwks":        object{"type": "discovery", "discovery_base": nil, "ca_cert_pem": nil},
		"poll_status": nil, "jwks_polling_disabled_at": nil,
		"created_at": stamp(i.Created), "updated_at": stamp(i.Created), "created_by_actor_id": orNil(actorID(i.By)), "updated_by_actor_id": orNil(actorID(i.By)),
	}, i.Archived, i.By)
}

func ruleShape(r *Rule) object {
	scope := r.Scope
	if scope == "" {
		scope = "workspace:developer"
	}
	spaces := []string{}
	for _, w := range r.Workspaces {
		spaces = append(spaces, id(IDWorkspace, w))
	}
	if !r.Archived.IsZero() {
		spaces = []string{}
	}
	var claims any
	if len(r.Claims) > 0 {
		claims = r.Claims
	}
	return archived(object{
		"id": id(IDRule, r.Name), "type": "federation_rule", "name": r.Name, "description": nil, "issuer_id": id(IDIssuer, r.Issuer), "issuer_name": r.Issuer,
		"match":       object{"subject_prefix": orNil(r.Subject), "audience": orNil(r.Audience), "claims": claims, "condition": orNil(r.Condition)},
		"target":      object{"type": "service_account", "service_account_id": id(IDAccount, r.Account), "service_account_name": r.Account},
		"oauth_scope": scope, "token_lifetime_seconds": int(r.Lifetime.Seconds()), "applies_to_all_workspaces": r.All, "workspace_ids": spaces,
		"created_at": stamp(r.Created), "updated_at": stamp(r.Created), "created_by_actor_id": orNil(actorID(r.By)), "updated_by_actor_id": orNil(actorID(r.By)),
	}, r.Archived, r.By)
}

func usageShape(org string, u *Usage) object {
	actor := object{"type": "api_actor", "api_key_name": u.Key}
	if u.Email != "" {
		actor = object{"type": "user_actor", "email_address": u.Email}
	}
	return object{
		"date": u.Day.UTC().Format("2006-01-02T15:04:05Z"), "actor": actor, "organization_id": org, "customer_type": u.Customer, "terminal_type": u.Terminal,
		"core_metrics": object{"num_sessions": u.Sessions, "lines_of_code": object{"added": 0, "removed": 0}, "commits_by_claude_code": 0, "pull_requests_by_claude_code": 0},
		"tool_actions": object{}, "model_breakdown": []any{},
	}
}

// sorted are the entries of a map as a list, in the order of their names.
func sorted(m map[string]string, make func(name, role string) object) []object {
	var out []object
	for _, k := range inventory.SortedKeys(m) {
		out = append(out, make(k, m[k]))
	}
	return out
}
