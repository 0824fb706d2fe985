package github

import (
	"net/url"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/people"
)

// standing is what somebody is in the organisation.
type standing uint8

const (
	stranger standing = iota
	outside
	member
	owner
)

// members are the people of the organisation, and those that the inventory names as owners.
type members struct {
	of    map[string]standing // by login in lower case
	whole bool                // the lists were read to their end: who is not in them has no place here
	seen  map[inventory.ID]inventory.Owner
	order []inventory.ID

	machines []machine
	held     map[string]bool // logins of assistants, in lower case, of which a token is listed
	others   *others         // the organisations that are read together; nil: this one alone
}

type gUser struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

func (c *collection) readMembers() error {
	p := &c.people
	p.of, p.seen = map[string]standing{}, map[inventory.ID]inventory.Owner{}
	path := httpx.Path("/orgs/%s/members", c.src.opt.Org)
	if c.skipped("members", path) {
		return nil
	}
	// Owners apart, for an owner may do everything; the two lists together are all members.
	p.whole = true
	for _, l := range []struct {
		path, role string
		is         standing
	}{{path, "admin", owner}, {path, "member", member}, {httpx.Path("/orgs/%s/outside_collaborators", c.src.opt.Org), "", outside}} {
		q := url.Values{}
		if l.role != "" {
			q.Set("role", l.role)
		}
		_, err := walk(c, l.path, q, "", func(u gUser) {
			k := strings.ToLower(u.Login)
			p.of[k] = max(p.of[k], l.is)
			c.machineOf(u, l.is == outside)
		})
		if err != nil {
			p.whole = false
			if err := c.failed("members", l.path, err); err != nil {
				return err
			}
			continue
		}
		c.look(l.path, inventory.LookedRead, "", true)
	}
	return nil
}

// status is an owner's: active where the lists name the login, departed where they were read to their end and do not.
func (p *members) status(login string) string {
	switch l := strings.ToLower(login); {
	case p.of[l] != stranger, p.others != nil && p.others.active[l]:
		return "active"
	case p.whole && (p.others == nil || p.others.whole):
		return "departed"
	}
	return "unknown"
}

// owns tells whether somebody is an owner of the organisation.
func (p *members) owns(login string) inventory.Answer {
	switch {
	case p.of[strings.ToLower(login)] == owner:
		return inventory.Yes
	case p.whole:
		return inventory.No
	}
	return inventory.Unknown
}

// owner notes a login as that of an owner and returns the owner's id, "" for none. The records are delivered at the end.
func (c *collection) owner(login, note, path string) inventory.ID {
	if login == "" {
		return ""
	}
	x, ok := people.New(login, "", "GitHub", inventory.Evidence{Path: c.url(path), Note: note})
	if !ok {
		return ""
	}
	return c.ownerIs(x, c.people.status(login))
}

// ownerIs notes a person or team.
func (c *collection) ownerIs(x people.Person, status string) inventory.ID {
	if x.Kind != people.Human {
		status = "unknown" // a team or an app is in no list of members
	}
	id := x.ID()
	if was, ok := c.people.seen[id]; ok {
		if len(was.Evidence) < maxProofs && !slices.Contains(was.Evidence, x.Proof) {
			was.Evidence = append(was.Evidence, x.Proof)
			c.people.seen[id] = was
		}
		return id
	}
	c.people.seen[id] = x.Owner(status)
	c.people.order = append(c.people.order, id)
	return id
}

// maxProofs bounds the evidence of an owner: somebody may own thousands of tokens.
const maxProofs = 5

func (p *members) deliver(c *collection) {
	for _, id := range p.order {
		c.sink.Owner(p.seen[id])
	}
}

// owners is a list of one owner, or none.
func owners(id inventory.ID) []inventory.ID {
	if id == "" {
		return nil
	}
	return []inventory.ID{id}
}
