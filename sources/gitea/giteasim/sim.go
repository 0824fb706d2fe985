package giteasim

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Sim is a Gitea. Its methods may be called from several goroutines.
type Sim struct {
	w   World
	mux *http.ServeMux

	mu     sync.Mutex
	next   map[string]int64 // the last id of each kind
	users  []*user          // organisations too: they share names and ids with people
	repos  []*repo
	teams  []*team
	runs   []*runner // of the instance
	made   int       // tokens whose value was made up
	faults []*Fault
	calls  int
}

type user struct {
	User
	id     int64
	org    bool
	vis    string
	tokens []*token
	apps   []*app
	keys   []*key
	acts   actions
}

type token struct {
	Token
	id     int64
	used   time.Time
	gone   time.Time // when it was deleted
	hidden bool      // a fault: it stands in no list and goes on being accepted
}

type app struct {
	App
	id     int64
	client string
}

type team struct {
	Team
	id  int64
	org *user
}

type actions struct {
	secrets []Secret
	runners []*runner
}

type runner struct {
	Runner
	id int64
}

type key struct {
	Key
	id, keyID int64
	print     string
	hidden    bool
}

type repo struct {
	Repo
	id    int64
	owner *user
	keys  []*key
	acts  actions
}

// New starts a server that holds a copy of the world.
func New(w World) *Sim {
	w.Base = strings.TrimRight(cmp.Or(w.Base, "https://git.acme.example"), "/")
	w.Version = cmp.Or(w.Version, "1.25.5")
	w.PageMost = cmp.Or(w.PageMost, 50)
	if w.Now == nil {
		w.Now = time.Now
	}
	if w.Sleep == nil {
		w.Sleep = func(done <-chan struct{}, d time.Duration) {
			t := time.NewTimer(d)
			defer t.Stop()
			select {
			case <-t.C:
			case <-done:
			}
		}
	}
	s := &Sim{w: w, next: map[string]int64{}}
	for i := range w.Users {
		s.addUser(w.Users[i])
	}
	for i := range w.Orgs {
		s.addOrg(w.Orgs[i])
	}
	for i := range w.Repos {
		s.addRepo(w.Repos[i])
	}
	s.runs = s.addRunners(w.Runners)
	s.mux = s.routes()
	return s
}

// Base is where the server says that it is.
func (s *Sim) Base() string { return s.w.Base }

// Token returns the value of a user's token; "" if there is none of that name.
func (s *Sim) Token(login, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.user(login); u != nil {
		for _, t := range u.tokens {
			if t.Name == name {
				return t.Value
			}
		}
	}
	return ""
}

// Calls returns how many requests came in so far.
func (s *Sim) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func (s *Sim) id(kind string) int64 {
	s.next[kind]++
	return s.next[kind]
}

func (s *Sim) now() time.Time { return s.w.Now().UTC().Truncate(time.Second) }

// madeUp returns a value that looks like a token of Gitea, 40 hex digits, and is none.
func (s *Sim) madeUp() string {
	s.made++
	sum := sha1.Sum([]byte("giteasim " + strconv.Itoa(s.made)))
	return "fa4e" + hex.EncodeToString(sum[:])[:36]
}

func (s *Sim) addUser(x User) *user {
	x.Created = cmp.Or(x.Created, s.now())
	u := &user{User: x, id: s.id("user"), vis: "public"}
	for _, t := range x.Tokens {
		s.addToken(u, t)
	}
	for _, a := range x.Apps {
		s.addApp(u, a)
	}
	for _, k := range x.Keys {
		s.addPublicKey(u, k)
	}
	s.users = append(s.users, u)
	return u
}

func (s *Sim) addToken(u *user, t Token) *token {
	t.Created = cmp.Or(t.Created, s.now())
	t.Value = cmp.Or(t.Value, s.madeUp())
	n := &token{Token: t, id: s.id("token"), used: cmp.Or(t.LastUsed, t.Created)}
	u.tokens = append(u.tokens, n)
	return n
}

func (s *Sim) addApp(u *user, a App) *app {
	a.Created = cmp.Or(a.Created, s.now())
	n := &app{App: a, id: s.id("app")}
	sum := sha1.Sum([]byte("client " + strconv.FormatInt(n.id, 10)))
	h := hex.EncodeToString(sum[:])
	n.client = fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:32])
	u.apps = append(u.apps, n)
	return n
}

func (s *Sim) addOrg(x Org) *user {
	o := s.addUser(User{Name: x.Name})
	o.org, o.vis = true, cmp.Or(x.Visibility, "public")
	o.acts = actions{secrets: slices.Clone(x.Secrets), runners: s.addRunners(x.Runners)}
	s.addTeam(o, Team{Name: "Owners", Permission: "owner", All: true, Members: x.Owners})
	for _, t := range x.Teams {
		s.addTeam(o, t)
	}
	return o
}

func (s *Sim) addTeam(o *user, x Team) *team {
	x.Members, x.Repos = slices.Clone(x.Members), slices.Clone(x.Repos)
	t := &team{Team: x, id: s.id("team"), org: o}
	s.teams = append(s.teams, t)
	return t
}

func (s *Sim) addRunners(xs []Runner) []*runner {
	var out []*runner
	for _, x := range xs {
		out = append(out, &runner{x, s.id("runner")})
	}
	return out
}

func (s *Sim) addRepo(x Repo) *repo {
	owner := s.user(x.Owner)
	if owner == nil {
		panic("giteasim: repository " + x.Name + " of nobody: " + x.Owner)
	}
	x.Branch, x.Created = cmp.Or(x.Branch, "main"), cmp.Or(x.Created, s.now())
	r := &repo{Repo: x, id: s.id("repo"), owner: owner}
	r.Files, r.Collaborators = map[string]string{}, map[string]string{}
	for p, text := range x.Files {
		r.Files[p] = text
	}
	for n, m := range x.Collaborators {
		r.Collaborators[strings.ToLower(n)] = m
	}
	r.Protections = slices.Clone(x.Protections)
	for i := range r.Protections {
		s.complete(&r.Protections[i], i)
	}
	for _, k := range x.Keys {
		s.addKey(r, k)
	}
	r.acts = actions{secrets: slices.Clone(x.Secrets), runners: s.addRunners(x.Runners)}
	s.repos = append(s.repos, r)
	return r
}

func (s *Sim) user(login string) *user {
	for _, u := range s.users {
		if strings.EqualFold(u.Name, login) {
			return u
		}
	}
	return nil
}

// call is one request on its way.
type call struct {
	s      *Sim
	w      http.ResponseWriter
	r      *http.Request
	doer   *user    // nil: anonymous
	scopes []string // of the token; nil where none was used
	basic  bool
	target *user // the user or organisation of the path
	repo   *repo
	team   *team
	lie    string // of the fault that holds, if any
}

// answer writes JSON.
func (c *call) answer(status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	c.w.Header().Set("Content-Type", "application/json;charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(append(data, '\n'))
}

// refuse writes an error as Gitea does.
func (c *call) refuse(status int, message string) {
	c.answer(status, map[string]any{"message": message, "url": c.s.w.Base + "/api/swagger"})
}

func (c *call) notFound(message string, errs ...string) {
	c.answer(http.StatusNotFound, map[string]any{"message": cmp.Or(message, "not found"), "url": c.s.w.Base + "/api/swagger", "errors": errs})
}

func (c *call) done(status int) { c.w.WriteHeader(status) }

// read decodes the body of the request.
func (c *call) read(into any) bool {
	if err := json.NewDecoder(c.r.Body).Decode(into); err != nil {
		c.refuse(http.StatusUnprocessableEntity, "[]: Deserialization: "+err.Error())
		return false
	}
	return true
}

func (c *call) pathID(name string) int64 {
	n, _ := strconv.ParseInt(c.r.PathValue(name), 10, 64)
	return n
}
