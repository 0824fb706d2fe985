package main

import (
	"context"
	"fmt"
	"time"
)

// The records, and what the table calls them.
const (
	anAccount = "assistant"
	aToken    = "secret"
)

func (p *plugin) inventory(ctx context.Context) error {
	accounts, err := p.db.accounts(ctx)
	if err != nil {
		return err
	}
	tokens, err := p.db.tokens(ctx)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	var lines []fields
	for _, a := range accounts {
		if !told[a.Owner] {
			told[a.Owner] = true
			lines = append(lines, fields{"type": "owner", "id": a.Owner, "kind": "person", "name": a.Owner, "email": a.Owner})
		}
		lines = append(lines, fields{"type": anAccount, "id": a.Name, "kind": "custom", "name": a.Name, "account": a.Name, "purpose": a.Purpose,
			"environment": a.Environment, "status": map[bool]string{true: "active", false: "suspended"}[a.Enabled], "owners": []string{a.Owner}})
	}
	lines = append(lines, fields{"type": "resource", "id": "database", "kind": "database", "name": "orders"})
	for _, t := range tokens {
		lines = append(lines, t.records(time.Now())...)
	}
	for _, f := range lines {
		if err := p.out.Encode(f); err != nil {
			return err
		}
	}
	return p.message("InventoryDone", fields{"complete": true, "counts": map[string]int{anAccount: len(accounts), aToken: len(tokens)}})
}

// records are a token, and what may be done with it.
func (t token) records(now time.Time) []fields {
	secret := fields{"type": aToken, "id": t.ID, "kind": "service-token", "issuer": "accounts", "account": t.Account, "storage": "provider",
		"state": t.state(now), "assistants": []string{t.Account}, "created": t.Created}
	for name, at := range map[string]string{"expires": t.Expires, "last_used": t.LastUsed} {
		if at != "" {
			secret[name] = at
		}
	}
	if t.state(now) != "live" {
		return []fields{secret}
	}
	may, level := "data-read", "read"
	if t.MayWrite {
		may, level = "data-write", "write"
	}
	return []fields{secret, {"type": "entitlement", "id": t.ID, "assistant": t.Account, "via": t.ID, "capability": may, "level": level, "resource": "database",
		"path": []string{"account " + t.Account, "token " + t.ID, may}}}
}

func (t token) state(now time.Time) string {
	end, err := time.Parse(time.RFC3339, t.Expires)
	switch {
	case t.RevokedAt != "":
		return "revoked"
	case err == nil && end.Before(now):
		return "expired"
	}
	return "live"
}

// plan names what would end each target that is not at its end.
func (p *plugin) plan(ctx context.Context) error {
	steps := []fields{}
	for _, t := range p.Targets {
		switch t.Type {
		case anAccount:
			a, err := p.db.account(ctx, t.ID)
			if err != nil {
				return err
			}
			if a != nil && a.Enabled {
				steps = append(steps, fields{"target": t, "action": "suspend", "summary": "suspend the account " + a.Name, "promises": "attested",
					"request": fmt.Sprintf("UPDATE accounts SET enabled = 0 WHERE name = '%s'", a.Name), "effect": "none of its tokens is accepted until it is resumed",
					"residual": []string{"its tokens, which work again once it is resumed"}})
			}
		case aToken:
			k, err := p.db.token(ctx, t.ID)
			if err != nil {
				return err
			}
			if k != nil && k.RevokedAt == "" {
				steps = append(steps, fields{"target": t, "action": "revoke", "summary": "revoke the token " + k.ID + " of " + k.Account, "promises": "attested",
					"request": fmt.Sprintf("UPDATE tokens SET hash = NULL, revoked_at = now WHERE id = '%s'", k.ID), "effect": "it is refused from the next request on, for good",
					"breaks": []string{k.Account + ", where it uses this token"}})
			}
		}
	}
	return p.message("Plan", fields{"steps": steps})
}

func (p *plugin) revoke(ctx context.Context) error {
	if len(p.Targets) != 1 || p.Key == "" {
		return errRequest
	}
	status, err := p.db.carryOut(ctx, p.Action, p.Targets[0], p.Key)
	if err != nil {
		return err
	}
	return p.message("ActionResult", fields{"target": p.Targets[0], "status": status})
}

// verify reads the row again, in a process of its own.
func (p *plugin) verify(ctx context.Context) error {
	if len(p.Targets) != 1 {
		return errRequest
	}
	t := p.Targets[0]
	state, saw := "unknown", "the plugin knows no "+t.Type
	switch t.Type {
	case anAccount:
		a, err := p.db.account(ctx, t.ID)
		switch {
		case err != nil:
			return err
		case a == nil:
			state, saw = "dead", "there is no row for it"
		case a.Enabled:
			state, saw = "alive", "its row has enabled = 1"
		default:
			state, saw = "contained", "its row has enabled = 0"
		}
	case aToken:
		k, err := p.db.token(ctx, t.ID)
		switch {
		case err != nil:
			return err
		case k == nil:
			state, saw = "dead", "there is no row for it"
		case k.RevokedAt == "" || k.Usable:
			state, saw = "alive", "its row has a hash, and no revoked_at"
		default:
			state, saw = "dead", "its row has no hash, and revoked_at "+k.RevokedAt
		}
	}
	return p.message("Verdict", fields{"target": t, "state": state, "grade": "attested", "observed": fields{"detail": saw}})
}
