package people

import (
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// The kinds of owners.
const (
	Human   = "person"
	Team    = "team"
	Service = "service"
)

// Person is one sign of who answers for something.
type Person struct {
	Kind  string // Human, Team, Service
	Name  string
	Email string
	Host  string // where a name holds only on one machine
	Says  string // what told it: account, git identity, CODEOWNERS, user of the system
	Proof inventory.Evidence
}

// ID is that of the owner's record.
func (p Person) ID() inventory.ID {
	if p.Email != "" {
		return inventory.NewID(inventory.NounOwner, p.Kind, strings.ToLower(p.Email))
	}
	return inventory.NewID(inventory.NounOwner, p.Kind, p.Host, strings.ToLower(p.Name))
}

// signs are the signs by what told of a person.
var signs = map[string]string{
	"account": inventory.SignAccount, "CODEOWNERS": inventory.SignCodeowners, "git identity": inventory.SignGit, "git history": inventory.SignGit,
	"user of the system": inventory.SignOSUser,
}

// Sign adds to a list what speaks for the person's answering for something, once. What told of a person may be no sign.
func (p Person) Sign(list []inventory.OwnerSign) []inventory.OwnerSign {
	s := inventory.OwnerSign{Owner: p.ID(), Sign: signs[p.Says], Path: p.Proof.Path, Line: p.Proof.Line, Note: p.Proof.Note}
	if s.Sign == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Owner is the owner's record. status "" is unknown.
func (p Person) Owner(status string) inventory.Owner {
	if status == "" {
		status = "unknown"
	}
	return inventory.Owner{ID: p.ID(), Kind: p.Kind, Name: p.Name, Email: p.Email, Status: status, Evidence: []inventory.Evidence{p.Proof}}
}

var (
	emailForm  = regexp.MustCompile(`^[^@\s<>"]{1,64}@[^@\s<>"]+\.[^@\s<>".]+$`)
	robotNames = regexp.MustCompile(`(?i)\[bot\]$|^(?:root|svc|service|ci|bot)$|(?:^|[-_.])(?:svc|bot|ci)(?:[-_.@]|$)|\.gserviceaccount\.com$|^noreply@`)
)

const maxName = 200

// New sorts a name or address into person, team or service. ok is false for what names nobody.
func New(name, email, says string, proof inventory.Evidence) (p Person, ok bool) {
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
	if name == "" || len(name) > maxName {
		return Person{}, false
	}
	p = Person{Kind: Human, Name: name, Email: email, Says: says, Proof: proof}
	if robotNames.MatchString(name) || robotNames.MatchString(email) {
		p.Kind = Service
	}
	return p, true
}

// Robot tells by its name an account that no person is.
func Robot(name string) bool { return robotNames.MatchString(name) }

// CodeOwner is an entry of a CODEOWNERS file: @login, @org/team or an address.
func CodeOwner(entry string, proof inventory.Evidence) (Person, bool) {
	name := strings.TrimPrefix(entry, "@")
	p, ok := New(name, "", "CODEOWNERS", proof)
	if ok && strings.HasPrefix(entry, "@") && strings.Contains(name, "/") {
		p.Kind = Team
	}
	return p, ok
}
