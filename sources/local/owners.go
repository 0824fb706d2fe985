package local

import (
	"io/fs"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// person is one sign of who answers for an assistant.
type person struct {
	kind  string // person, team, service
	name  string
	email string
	host  string // where a name holds only on one machine
	says  string // what told it: account, git identity, CODEOWNERS, user of the system
	proof inventory.Evidence
}

func (p person) id() inventory.ID {
	if p.email != "" {
		return inventory.NewID(inventory.NounOwner, p.kind, strings.ToLower(p.email))
	}
	return inventory.NewID(inventory.NounOwner, p.kind, p.host, strings.ToLower(p.name))
}

var (
	emailForm  = regexp.MustCompile(`^[^@\s<>"]{1,64}@[^@\s<>"]+\.[^@\s<>".]+$`)
	robotNames = regexp.MustCompile(`(?i)\[bot\]$|^(?:root|svc|service|ci|bot)$|(?:^|[-_.])(?:svc|bot|ci)(?:[-_.@]|$)|\.gserviceaccount\.com$|^noreply@`)
)

// newPerson sorts a name or address into person, team or service. ok is false for what names nobody.
func newPerson(name, email, says string, proof inventory.Evidence) (person, bool) {
	name, email = credential.Redact(strings.TrimSpace(name)), credential.Redact(strings.TrimSpace(email))
	if email == "" && emailForm.MatchString(name) {
		name, email = "", name
	}
	if email != "" && !emailForm.MatchString(email) {
		email = ""
	}
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	if name == "" || len(name) > 200 {
		return person{}, false
	}
	p := person{kind: "person", name: name, email: email, says: says, proof: proof}
	if robotNames.MatchString(name) || robotNames.MatchString(email) {
		p.kind = "service"
	}
	return p, true
}

// accountPerson tells whom a login belongs to.
func accountPerson(value, what string, proof inventory.Evidence) (person, bool) {
	proof.Note = "logged in"
	switch what {
	case "email", "login":
		return newPerson(value, "", "account", proof)
	}
	return person{}, false
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
			if p, ok := newPerson(text(name), n.Text, "git identity", inventory.Evidence{Path: c.show(path), Pointer: n.Pointer, Line: n.Line, Note: "git identity of the home"}); ok {
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
	if p, ok := newPerson(u.Username, "", "user of the system", inventory.Evidence{Path: h.shown, Note: "the home belongs to user " + u.Username}); ok {
		p.host = h.machine.host
		h.people = append(h.people, p)
	}
}

// projectPeople gathers whom a project speaks of.
func (b *builder) projectPeople() []person {
	if b.proj == nil || b.proj.tree == nil {
		return nil
	}
	git := b.proj.tree.git
	var out []person
	for _, s := range b.layers {
		if !s.repo || !below(b.proj.tree.root, s.real) {
			continue
		}
		owners, line, path := git.Codeowners(relSlash(b.proj.tree.root, s.real))
		for _, o := range owners {
			name := strings.TrimPrefix(o, "@")
			p, ok := newPerson(name, "", "CODEOWNERS", inventory.Evidence{Path: b.c.show(b.c.given(path)), Line: line, Note: "owns " + s.shown})
			if !ok {
				continue
			}
			if strings.HasPrefix(o, "@") && strings.Contains(name, "/") {
				p.kind = "team"
			}
			out = append(out, p)
		}
	}
	if name, email, line, path := git.Identity(); email != "" {
		if p, ok := newPerson(name, email, "git identity", inventory.Evidence{Path: b.c.show(b.c.given(path)), Line: line, Note: "git identity of the repository"}); ok {
			out = append(out, p)
		}
	}
	return out
}

// ownersOf delivers the owners, best first: the account that is logged in, who owns the file in the repository, whose
// identity Git uses, whom the home belongs to. Where two signs name the same, the evidence says that they agree.
func (b *builder) ownersOf() {
	people := b.owners
	if b.proj != nil && b.home != nil && len(people) == 0 {
		if hp := b.home.products[b.entry.ID]; hp != nil && hp.built != nil {
			people = append(people, hp.built.people...)
			if b.rec.Account == "" {
				b.rec.Account = hp.built.account
			}
		}
	}
	people = append(people, b.projectPeople()...)
	if b.home != nil {
		people = append(people, b.home.people...)
	}
	says := map[inventory.ID][]string{}
	for _, p := range people {
		says[p.id()] = add(says[p.id()], p.says)
	}
	for _, p := range people {
		id := p.id()
		if len(says[id]) > 1 {
			p.proof.Note += "; " + strings.Join(says[id], " and ") + " agree"
		}
		b.rec.Owners = addID(b.rec.Owners, b.c.owner(p))
	}
}

// owner delivers a person.
func (c *collection) owner(p person) inventory.ID {
	id := p.id()
	c.sink.Owner(inventory.Owner{ID: id, Kind: p.kind, Name: p.name, Email: p.email, Status: "unknown", Evidence: []inventory.Evidence{p.proof}})
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
