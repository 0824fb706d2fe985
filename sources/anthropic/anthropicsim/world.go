package anthropicsim

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

// World is what an organisation is made of. Names are the keys of all that is here: of a person the address, of all else
// the name, unique in its list.
type World struct {
	Organization string
	Users        []User
	Workspaces   []Workspace // the default one is made where none has the name Default
	Keys         []Key
	Accounts     []Account
	Issuers      []Issuer
	Rules        []Rule
	Usage        []Usage
	Logins       []Login // what the Admin API is asked with

	RateLimit int // requests of one credential in a minute; 0: none
	MaxPage   int // entries of a page at most; 0: 1000, as the API says
}

// User is a member.
type User struct {
	Email, Name string
	Role        string // user, developer, billing, admin, claude_code_user ...
	Added       time.Time
}

// Workspace is a part of the organisation.
type Workspace struct {
	Name     string
	Members  map[string]string // email -> workspace role
	Accounts map[string]string // service account -> workspace role
	Tags     map[string]string
	Created  time.Time
	Archived bool
}

// Key is an API key.
type Key struct {
	Name      string
	Workspace string // "": bound to the organisation
	By        string // email, or a service account; "": not recorded
	As        string // the principal: email, or a service account; "": none
	Status    string // "": active
	Created   time.Time
	Expires   time.Time
}

// Account is a service account.
type Account struct {
	Name, Description string
	Role              string // developer (""), admin
	By                string
	Created           time.Time
	Archived          time.Time
}

// Issuer is a federation issuer.
type Issuer struct {
	Name, URL string
	CheckJTI  bool
	By        string
	Created   time.Time
	Archived  time.Time
}

// Rule is a federation rule.
type Rule struct {
	Name, Issuer, Account string
	Subject, Audience     string
	Condition             string
	Claims                map[string]string
	Scope                 string // "": workspace:developer
	Lifetime              time.Duration
	All                   bool
	Workspaces            []string
	By                    string
	Created               time.Time
	Archived              time.Time
}

// Usage is that of Claude Code on one day.
type Usage struct {
	Day      time.Time
	Email    string // of a person who is logged in
	Key      string // or the name of an API key
	Terminal string
	Customer string // api, subscription
	Sessions int
}

// Login is a credential for the Admin API.
type Login struct {
	Name  string
	OAuth bool   // an access token instead of an Admin API key
	Scope string // of an access token; "": org:admin
}

// Sim is an organisation. It is an http.Handler; its methods may be called from several goroutines.
type Sim struct {
	mu    sync.Mutex
	w     World
	now   func() time.Time
	keys  []*key
	dead  map[string]bool // names of logins that were ended
	lie   Lie
	seen  map[string]*window
	asked []string
}

// key is a key as it lives.
type key struct {
	Key
	value  string
	end    time.Time // when it was switched off; zero: it lives
	before string    // how it stood before
	lives  bool      // by a lie, for ever
	late   time.Duration
}

// Lie is how ending keys goes wrong.
type Lie struct {
	Lag     time.Duration // a key works on for so long, although it is said to be off
	Lives   bool          // for ever
	Nothing bool          // 200 with the new state, and nothing is changed
}

// New makes an organisation. The world is copied as far as it changes.
func New(w World, now func() time.Time) *Sim {
	if !slices.ContainsFunc(w.Workspaces, func(x Workspace) bool { return x.Name == Default }) {
		w.Workspaces = append([]Workspace{{Name: Default}}, w.Workspaces...)
	}
	w.Workspaces, w.Accounts, w.Issuers, w.Rules, w.Users = slices.Clone(w.Workspaces), slices.Clone(w.Accounts), slices.Clone(w.Issuers), slices.Clone(w.Rules), slices.Clone(w.Users)
	for i := range w.Workspaces {
		w.Workspaces[i].Members, w.Workspaces[i].Accounts = clone(w.Workspaces[i].Members), clone(w.Workspaces[i].Accounts)
	}
	s := &Sim{w: w, now: now, dead: map[string]bool{}, seen: map[string]*window{}}
	for _, k := range w.Keys {
		if k.Status == "" {
			k.Status = "active"
		}
		s.keys = append(s.keys, &key{Key: k, value: value("api03-", k.Name)})
	}
	return s
}

// Default is the name of the default workspace.
const Default = "Default"

func clone(m map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// value makes the text of a credential: the same for the same name.
func value(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + name))
	tail := base64.RawURLEncoding.EncodeToString(sum[:])
	const long = 93
	mid := strings.Repeat("FAKEfa4e", 12)
	return "sk-ant-" + kind + tail[:3] + mid[:long-3-10] + tail[3:13] + "AA"
}

// Value is the text of a key or of a login.
func (s *Sim) Value(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keys {
		if k.Name == name {
			return k.value
		}
	}
	for _, l := range s.w.Logins {
		if l.Name == name {
			return l.value()
		}
	}
	return ""
}

func (l Login) value() string {
	if l.OAuth {
		return value("oat01-", l.Name)
	}
	return value("admin01-", l.Name)
}

// ID is the id of what bears a name: a key, an account, an issuer, a rule, a workspace, or a person by the address.
func (s *Sim) ID(kind, name string) string { return id(kind, name) }

// id makes an id that is the same for the same name.
func id(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return fmt.Sprintf("%s_01%.22s", kind, strings.NewReplacer("-", "x", "_", "y").Replace(base64.RawURLEncoding.EncodeToString(sum[:])))
}

// The kinds of ids.
const (
	IDKey, IDUser, IDWorkspace, IDAccount, IDIssuer, IDRule = "apikey", "user", "wrkspc", "svac", "fdis", "fdrl"
)

// Works reports whether a key is answered now.
func (s *Sim) Works(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keys {
		if k.Name == name {
			return s.works(k)
		}
	}
	return false
}

func (s *Sim) works(k *key) bool {
	switch {
	case !k.Expires.IsZero() && !s.now().Before(k.Expires):
		return false
	case k.Status == "active", k.lives:
		return true
	}
	return !k.end.IsZero() && k.before == "active" && s.now().Before(k.end.Add(k.late))
}

// State is how what bears a name stands: the status of a key, live or archived; for a membership WORKSPACE/NAME the role
// or gone.
func (s *Sim) State(kind, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind {
	case IDKey:
		for _, k := range s.keys {
			if k.Name == name {
				return s.status(k)
			}
		}
	case IDAccount:
		return liveness(s.account(id(kind, name)).Archived)
	case IDIssuer:
		return liveness(s.issuer(id(kind, name)).Archived)
	case IDRule:
		return liveness(s.rule(id(kind, name)).Archived)
	case IDWorkspace:
		ws, who, _ := strings.Cut(name, "/")
		w := s.workspace(id(IDWorkspace, ws))
		if r := w.Members[who] + w.Accounts[who]; r != "" {
			return r
		}
	case IDUser:
		if s.user(id(kind, name)) != nil {
			return "member"
		}
	}
	return "gone"
}

func liveness(archived time.Time) string {
	if archived.IsZero() {
		return "live"
	}
	return "archived"
}

func (s *Sim) status(k *key) string {
	if k.Status == "active" && !k.Expires.IsZero() && !s.now().Before(k.Expires) {
		return "expired"
	}
	return k.Status
}

// Endings sets how the ends of keys from now on go.
func (s *Sim) Endings(l Lie) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lie = l
}

// Add puts a key in, as somebody does in the Console.
func (s *Sim) Add(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.Status == "" {
		k.Status = "active"
	}
	s.keys = append(s.keys, &key{Key: k, value: value("api03-", k.Name)})
}

// End ends a login.
func (s *Sim) End(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead[login] = true
}

// Asked returns what was asked so far: method and path.
func (s *Sim) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func find[T any](list []T, fits func(*T) bool) *T {
	for i := range list {
		if fits(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

func (s *Sim) user(i string) *User {
	return find(s.w.Users, func(x *User) bool { return id(IDUser, x.Email) == i })
}

func (s *Sim) workspace(i string) *Workspace {
	return find(s.w.Workspaces, func(x *Workspace) bool { return id(IDWorkspace, x.Name) == i })
}

func (s *Sim) account(i string) *Account {
	return find(s.w.Accounts, func(x *Account) bool { return id(IDAccount, x.Name) == i })
}

func (s *Sim) issuer(i string) *Issuer {
	return find(s.w.Issuers, func(x *Issuer) bool { return id(IDIssuer, x.Name) == i })
}

func (s *Sim) rule(i string) *Rule {
	return find(s.w.Rules, func(x *Rule) bool { return id(IDRule, x.Name) == i })
}

var _ http.Handler = (*Sim)(nil)
