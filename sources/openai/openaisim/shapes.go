package openaisim

import (
	"slices"
	"strings"
	"time"
)

type object = map[string]any

// unix is a time as the API writes it; null for none.
func unix(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (s *Sim) userShape(u *User) object {
	i := id(IDUser, u.Email)
	return object{
		"object": "organization.user", "id": i, "name": u.Name, "email": u.Email, "role": or(u.Role, "reader"), "added_at": u.Added.Unix(), "created": u.Added.Unix(), "api_key_last_used_at": nil,
		"developer_persona": nil, "technical_level": nil, "is_default": false, "is_scale_tier_authorized_purchaser": false, "is_scim_managed": u.SCIM, "is_service_account": false,
		"projects": object{"object": "list", "data": []any{}},
		"user":     object{"object": "user", "id": i, "name": u.Name, "email": u.Email, "picture": nil, "enabled": true, "banned": false, "banned_at": nil},
	}
}

func projectShape(p *Project) object {
	x := object{"object": "organization.project", "id": id(IDProject, p.Name), "name": p.Name, "created_at": p.Created.Unix(), "archived_at": nil, "status": "active", "external_key_id": nil, "residency": nil}
	if p.Archived {
		x["status"], x["archived_at"] = "archived", p.Created.Unix()
	}
	return x
}

func accountShape(a *Account) object {
	return object{"object": "organization.project.service_account", "id": id(IDAccount, a.Name), "name": a.Name, "role": or(a.Role, "member"), "created_at": a.Created.Unix()}
}

func (s *Sim) keyShape(p *Project, k *Key) object {
	access := "active"
	if k.Orphan {
		access = "inactive"
	}
	owner := object{"type": "user"}
	if strings.Contains(k.Owner, "@") {
		u := User{Email: k.Owner}
		for i := range s.w.Users {
			if s.w.Users[i].Email == k.Owner {
				u = s.w.Users[i]
			}
		}
		owner["user"] = object{"id": id(IDUser, k.Owner), "name": u.Name, "email": k.Owner, "role": "member", "created_at": u.Added.Unix()}
	} else {
		a := Account{Name: k.Owner}
		if i := slices.IndexFunc(p.Accounts, func(x Account) bool { return x.Name == k.Owner }); i >= 0 {
			a = p.Accounts[i]
		}
		owner["type"], owner["service_account"] = "service_account", object{"id": id(IDAccount, a.Name), "name": a.Name, "role": or(a.Role, "member"), "created_at": a.Created.Unix()}
	}
	return object{
		"object": "organization.project.api_key", "id": id(IDKey, k.Name), "name": k.Name, "redacted_value": redacted(k.value()), "created_at": k.Created.Unix(), "last_used_at": unix(k.LastUsed),
		"expires_at": unix(k.Expires), "owner": owner, "owner_project_access": access,
	}
}

func adminShape(k *AdminKey) object {
	return object{
		"object": "organization.admin_api_key", "id": id(IDKey, k.Name), "name": k.Name, "redacted_value": redacted(value("admin", k.Name)), "created_at": k.Created.Unix(),
		"last_used_at": unix(k.LastUsed), "expires_at": unix(k.Expires),
		"owner": object{"type": "user", "object": "organization.user", "id": id(IDUser, k.Owner), "name": k.Owner, "created_at": k.Created.Unix(), "role": "owner"},
	}
}

func providerShape(p *Provider) object {
	return object{
		"object": "organization.workload_identity_provider", "type": "oidc", "id": id(IDProvider, p.Name), "name": p.Name, "description": nil, "issuer": p.Issuer, "audience": p.Audience, "enabled": !p.Off,
		"attribute_transformations": []any{}, "verification": object{"type": "discovery", "discovery_url": nil}, "created_at": p.Created.Unix(), "updated_at": p.Created.Unix(),
	}
}

func ruleShape(p *Provider, r *Rule) object {
	matchers := object{}
	for k, v := range r.Matchers {
		matchers[k] = v
	}
	permissions := object{"type": "service_account_default"}
	if r.Scopes != nil {
		permissions = object{"type": "restricted", "scopes": r.Scopes}
	}
	return object{
		"object": "organization.workload_identity_federation_rule", "id": id(IDRule, r.Name), "name": r.Name, "description": nil, "workload_identity_provider_id": id(IDProvider, p.Name),
		"project_id": id(IDProject, r.Project), "service_account_id": id(IDAccount, r.Account), "attribute_matchers": matchers, "permissions": permissions, "enabled": !r.Off,
		"created_at": r.Created.Unix(), "updated_at": r.Created.Unix(),
	}
}
