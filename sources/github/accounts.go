package github

import (
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// machine is an assistant's account that has a place in the organisation: a member's, or an outside collaborator's.
type machine struct {
	gUser
	f       *found
	outside bool
}

// machineOf notes somebody whose account is known to be an assistant's, by the catalogue or the configuration.
func (c *collection) machineOf(u gUser, outside bool) {
	if f := c.src.account(u.Login); f != nil && len(c.people.machines) < maxMachines {
		c.people.machines = append(c.people.machines, machine{u, f, outside})
	}
}

// maxMachines bounds what a pattern that fits everybody costs.
const maxMachines = 1000

// membership is the path of an account in the organisation, by which it is taken out.
func (c *collection) membership(login string) string {
	if c.people.of[strings.ToLower(login)] == outside {
		return c.orgPath("/outside_collaborators/%s", login)
	}
	return c.orgPath("/memberships/%s", login)
}

// readMachines takes in the accounts of assistants of which no token was seen: a token of theirs is the assistant where
// one is listed. What an account may do is what its tokens may at the most.
func (c *collection) readMachines() error {
	for _, m := range c.people.machines {
		login := strings.ToLower(m.Login)
		if c.people.held[login] {
			continue
		}
		path := c.membership(m.Login)
		words := "member"
		switch {
		case m.outside:
			words = "outside collaborator"
		case c.people.owns(m.Login) == inventory.Yes:
			words = "owner of the organisation"
		}
		proof := inventory.Evidence{Path: c.url(path), Note: words + " " + m.Login + ", " + m.f.note}
		rec := m.f.record(inventory.NewID(inventory.NounAssistant, "github-account", c.src.host, login), m.Login)
		rec.Host, rec.Path, rec.Account, rec.Status = c.src.host, c.src.host+"/"+c.src.opt.Org, m.Login, "active"
		rec.LastUsed = c.did.lastOf(m.Login, 0)
		rec.Evidence = []inventory.Evidence{proof}
		h := &holder{rec: &rec, proof: proof, login: m.Login, all: !m.outside, used: rec.LastUsed}
		h.actor = c.user(forge.UserToken, "account "+m.Login, m.Login, m.ID)
		h.actor.Grants = scopesGrants([]string{"repo", "workflow", "admin:org"}, c.person(m.Login))
		for i := range h.actor.Grants {
			h.actor.Grants[i].Words = words
		}
		c.actors.add(h)
	}
	return nil
}

// heldBy ties a token to the account of an assistant: who takes all of it away takes the account out of the organisation.
func (c *collection) heldBy(rec *inventory.Assistant, login string) {
	l := strings.ToLower(login)
	if s := c.people.of[l]; c.src.account(login) == nil || s == stranger {
		return
	}
	if c.people.held == nil {
		c.people.held = map[string]bool{}
	}
	c.people.held[l] = true
	rec.Evidence = append(rec.Evidence, inventory.Evidence{Path: c.url(c.membership(login)), Note: "account " + login + " has a place in the organisation"})
}
