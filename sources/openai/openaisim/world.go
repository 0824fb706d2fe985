package openaisim

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// World is what an organisation is made of. People are named by address, all else by a name that is unique in its list.
type World struct {
	Users     []User
	Projects  []Project
	AdminKeys []AdminKey
	Providers []Provider
	NoAudit   bool // audit logging is off
	RateLimit int  // requests of one credential in a minute; 0: none
	MaxPage   int  // entries of a page at most; 0: 100, as the API says
}

// User is a member of the organisation.
type User struct {
	Email, Name, Role string // owner, reader
	SCIM              bool
	Added             time.Time
}

// Project is a project with what is in it.
type Project struct {
	Name     string
	Archived bool
	Created  time.Time
	Accounts []Account
	Keys     []Key
}

// Account is a service account.
type Account struct {
	Name, Role string // owner, member (""), none
	Created    time.Time
}

// Key is a key of a project.
type Key struct {
	Name     string
	Owner    string // email, or a service account of the project
	Scopes   []string
	Created  time.Time
	Expires  time.Time
	LastUsed time.Time
	Orphan   bool // its owner has no access to the project any more
}

// AdminKey administers the organisation.
type AdminKey struct {
	Name, Owner       string
	Created, LastUsed time.Time
	Expires           time.Time
}

// Provider is a workload identity provider.
type Provider struct {
	Name, Issuer, Audience string
	Off                    bool
	Created                time.Time
	Rules                  []Rule
}

// Rule binds workloads to a service account.
type Rule struct {
	Name, Project, Account string
	Matchers               map[string]string
	Scopes                 []string // nil: as the service account
	Off                    bool
	Created                time.Time
}

// Lie is how taking away goes wrong.
type Lie struct {
	Lag     time.Duration // a deleted key works on for so long
	Lives   bool          // for ever
	Nothing bool          // deleted:true, and nothing is done
}

// Sim is an organisation. It is an http.Handler; its methods may be called from several goroutines.
type Sim struct {
	mu    sync.Mutex
	w     World
	now   func() time.Time
	dead  []ended
	audit []object
	lie   Lie
	seen  map[string]*window
	asked []string
	made  int
}

// ended is a key that was deleted.
type ended struct {
	value string
	until time.Time
	lives bool
}

// New makes an organisation. The world is copied as far as it changes.
func New(w World, now func() time.Time) *Sim {
	w.Users, w.Projects, w.AdminKeys, w.Providers = slices.Clone(w.Users), slices.Clone(w.Projects), slices.Clone(w.AdminKeys), slices.Clone(w.Providers)
	s := &Sim{now: now, seen: map[string]*window{}}
	for i := range w.Projects {
		p := &w.Projects[i]
		p.Accounts, p.Keys = slices.Clone(p.Accounts), slices.Clone(p.Keys)
		for _, k := range p.Keys {
			s.note("api_key.created", k.Created, id("key", k.Name), "data", k.Scopes)
		}
	}
	for i := range w.Providers {
		w.Providers[i].Rules = slices.Clone(w.Providers[i].Rules)
	}
	s.w = w
	return s
}

// note writes an event of the audit log; the newest is first.
func (s *Sim) note(kind string, at time.Time, about, field string, scopes []string) {
	body := object{"id": about}
	if field != "" {
		if scopes == nil {
			scopes = []string{}
		}
		body[field] = object{"scopes": scopes}
	}
	e := object{"id": fmt.Sprintf("audit_log-FAKE%d", len(s.audit)), "type": kind, "effective_at": at.Unix(), kind: body, "actor": object{"type": "session", "session": object{"ip_address": "192.0.2.1", "user": object{"id": "user-FAKE", "email": "ana@example.com"}}}}
	s.audit = append([]object{e}, s.audit...)
}

// value makes the text of a key: the same for the same kind and name.
func value(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + name))
	tail := strings.NewReplacer("-", "x", "_", "y").Replace(base64.RawURLEncoding.EncodeToString(sum[:]))
	return "sk-" + kind + "-" + "FAKE" + tail[:30] + "T3Blbk" + "FJ" + tail[:34] + tail[34:43]
}

func (k *Key) value() string {
	if strings.Contains(k.Owner, "@") {
		return value("proj", k.Name)
	}
	return value("svcacct", k.Name)
}

// redacted is how the API shows a key.
func redacted(v string) string {
	head := strings.LastIndex(v[:12], "-") + 1
	return v[:head+3] + "********" + v[len(v)-4:]
}

// Value is the text of a key of a project, or of an admin key.
func (s *Sim) Value(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.w.Projects {
		for j := range s.w.Projects[i].Keys {
			if k := &s.w.Projects[i].Keys[j]; k.Name == name {
				return k.value()
			}
		}
	}
	for _, k := range s.w.AdminKeys {
		if k.Name == name {
			return value("admin", name)
		}
	}
	return ""
}

// id makes an id that is the same for the same name.
func id(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return kind + "_" + strings.NewReplacer("-", "x", "_", "y").Replace(base64.RawURLEncoding.EncodeToString(sum[:]))[:22]
}

// ID is the id of what bears a name.
func (s *Sim) ID(kind, name string) string { return id(kind, name) }

// The kinds of ids.
const (
	IDKey, IDUser, IDProject, IDAccount, IDProvider, IDRule = "key", "user", "proj", "svcacct", "wip", "wifr"
)

// Works reports whether a value is answered now.
func (s *Sim) Works(value string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _, ok := s.holder(value)
	return ok
}

// holder finds out whose a value is: an admin key, or a key of a project.
func (s *Sim) holder(v string) (name string, admin, ok bool) {
	for _, k := range s.w.AdminKeys {
		if v == value("admin", k.Name) && (k.Expires.IsZero() || s.now().Before(k.Expires)) {
			return k.Name, true, true
		}
	}
	for i := range s.w.Projects {
		for j := range s.w.Projects[i].Keys {
			k := &s.w.Projects[i].Keys[j]
			if v == k.value() && (k.Expires.IsZero() || s.now().Before(k.Expires)) {
				return k.Name, false, true
			}
		}
	}
	for _, e := range s.dead {
		if e.value == v && (e.lives || s.now().Before(e.until)) {
			return "deleted", strings.HasPrefix(v, "sk-admin-"), true
		}
	}
	return "", false, false
}

// Key is a key of a project as it stands; nil for one that is gone.
func (s *Sim) Key(name string) *Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.w.Projects {
		for j := range s.w.Projects[i].Keys {
			if k := s.w.Projects[i].Keys[j]; k.Name == name {
				return &k
			}
		}
	}
	return nil
}

// On reports whether a provider, or a rule of one, is there and switched on.
func (s *Sim) On(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.w.Providers {
		if p.Name == name {
			return !p.Off
		}
		for _, r := range p.Rules {
			if r.Name == name {
				return !r.Off
			}
		}
	}
	return false
}

// Endings sets how deletions from now on go.
func (s *Sim) Endings(l Lie) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lie = l
}

// Asked returns what was asked so far: method and path.
func (s *Sim) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// end keeps what becomes of a key that is deleted.
func (s *Sim) end(v string) {
	s.dead = append(s.dead, ended{v, s.now().Add(s.lie.Lag), s.lie.Lives})
}

var _ http.Handler = (*Sim)(nil)
