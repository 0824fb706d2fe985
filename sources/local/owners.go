package local

import (
	"io/fs"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/people"
)

// accountPerson tells whom a login belongs to.
func accountPerson(value, what string, proof inventory.Evidence) (people.Person, bool) {
	proof.Note = "logged in"
	switch what {
	case "email", "login":
		return people.New(value, "", "account", proof)
	}
	return people.Person{}, false
}

// peopleOf gathers whom a home speaks of.
func (c *collection) peopleOf(h *home, st fs.FileInfo) {
	for _, rel := range []string{".gitconfig", filepath.Join(".config", "git", "config")} {
		path := filepath.Join(h.dir, rel)
		got := readFile(path, h.within, c.src.opt.MaxFileBytes)
		if got.Data == nil {
			continue
		}
		d, _ := doc.Parse(doc.INI, got.Data)
		if d == nil {
			continue
		}
		c.look(path, inventory.LookedRead, "", "for the identity in it", 0)
		name, email := d.At("/user/name"), d.At("/user/email")
		if n := email; n != nil && n.Text != "" {
			if p, ok := people.New(text(name), n.Text, "git identity", inventory.Evidence{Path: c.show(path), Pointer: n.Pointer, Line: n.Line, Note: "git identity of the home"}); ok {
				h.people = append(h.people, p)
			}
		}
	}
	if !h.machine.own {
		return
	}
	uid, ok := fileOwner(st)
	if !ok {
		return
	}
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil || u.Username == "" {
		return
	}
	if p, ok := people.New(u.Username, "", "user of the system", inventory.Evidence{Path: h.shown, Note: "the home belongs to user " + u.Username}); ok {
		p.Host = h.machine.host
		h.people = append(h.people, p)
	}
}

// projectPeople gathers whom a project speaks of.
func (b *builder) projectPeople() []people.Person {
	if b.proj == nil || b.proj.tree == nil {
		return nil
	}
	git := b.proj.tree.git
	var out []people.Person
	for _, s := range b.layers {
		if !s.repo || !below(b.proj.tree.root, s.real) {
			continue
		}
		owners, line, path := git.Codeowners(relSlash(b.proj.tree.root, s.real))
		for _, o := range owners {
			if p, ok := people.CodeOwner(o, inventory.Evidence{Path: b.c.show(b.c.given(path)), Line: line, Note: "owns " + s.shown}); ok {
				out = append(out, p)
			}
		}
		if b.c.src.opt.History {
			out = append(out, writers(git, relSlash(b.proj.tree.root, s.real), s.shown)...)
		}
	}
	if name, email, line, path := git.Identity(); email != "" {
		if p, ok := people.New(name, email, "git identity", inventory.Evidence{Path: b.c.show(b.c.given(path)), Line: line, Note: "git identity of the repository"}); ok {
			out = append(out, p)
		}
	}
	return out
}

// ownersOf delivers the owners, best first: the account that is logged in, who owns the file in the repository, whose
// identity Git uses, whom the home belongs to. Where two signs name the same, the evidence says that they agree.
func (b *builder) ownersOf() {
	who := b.owners
	if b.proj != nil && b.home != nil && len(who) == 0 {
		if hp := b.home.products[b.entry.ID]; hp != nil && hp.built != nil {
			who = append(who, hp.built.people...)
			if b.rec.Account == "" {
				b.rec.Account = hp.built.account
			}
		}
	}
	who = append(who, b.projectPeople()...)
	if b.home != nil {
		who = append(who, b.home.people...)
	}
	says := map[inventory.ID][]string{}
	for _, p := range who {
		says[p.ID()] = add(says[p.ID()], p.Says)
	}
	for _, p := range who {
		id := p.ID()
		if len(says[id]) > 1 {
			p.Proof.Note += "; " + strings.Join(says[id], " and ") + " agree"
		}
		b.rec.Owners = addID(b.rec.Owners, b.c.owner(p))
		b.rec.OwnerSigns = p.Sign(b.rec.OwnerSigns)
	}
}

// owner delivers a person.
func (c *collection) owner(p people.Person) inventory.ID {
	id := p.ID()
	c.sink.Owner(p.Owner(""))
	return id
}

func addID(list []inventory.ID, id inventory.ID) []inventory.ID {
	for _, x := range list {
		if x == id {
			return list
		}
	}
	return append(list, id)
}
