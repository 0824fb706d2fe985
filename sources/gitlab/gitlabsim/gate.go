package gitlabsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scope classes of a route.
type need int

const (
	anyScope need = iota // a token may look at itself and end itself
	readUser
	readAPI
	writeAPI
	readRepo // the content of a repository by the API
)

// admits are the scopes that let a token through. Source: GitLab's table of token scopes, 2026-11.
var admits = map[need][]string{
	readUser: {"read_user", "read_api", "api"},
	readAPI:  {"read_api", "api"},
	writeAPI: {"api"},
	readRepo: {"read_repository", "read_api", "api"},
}

// route is one thing that can be asked for, with who may.
type route struct {
	pattern string
	need    need
	on      string // what {id} names: "group", "project"; "admin": administrators; "" : anybody who is signed in
	level   Access // least role on it
	refuse  int    // what who has less gets; 0: 403
	plan    Plan   // the lowest tier that has it, counted from Ultimate: Free means all
	do      func(*call) reply
}

// call is one request on its way.
type call struct {
	*Sim
	r       *http.Request
	token   *token
	user    *user
	group   *group
	project *project
	at      time.Time
}

// reply is an answer. A nil body is an empty one.
type reply struct {
	status int
	body   any
	header http.Header
}

// word is how GitLab says what is wrong.
type word struct {
	Message     any    `json:"message,omitempty"`
	Error       string `json:"error,omitempty"`
	Description string `json:"error_description,omitempty"`
	Scope       string `json:"scope,omitempty"`
}

// raw is a body that is no JSON.
type raw string

func say(status int, message string) reply {
	text := strconv.Itoa(status) + " " + http.StatusText(status)
	if message != "" {
		text = strconv.Itoa(status) + " " + message
	}
	return reply{status, word{Message: text}, nil}
}

func (a reply) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	if text, ok := a.body.(raw); ok {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(text))
		return
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body) // an error is of the connection
}

// ServeHTTP answers one request.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Sim) handler(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.disturb(w, r) {
			return
		}
		s.mu.Lock()
		c := &call{Sim: s, r: r, at: s.now()}
		a := c.answer(rt)
		s.note(c, a.status)
		s.mu.Unlock()
		a.write(w)
	}
}

func (c *call) answer(rt route) reply {
	if a := c.identify(); a != nil {
		return *a
	}
	limited, headers := c.limit()
	if limited != nil {
		return *limited
	}
	a := c.admit(rt)
	if a == nil {
		x := rt.do(c)
		a = &x
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	for k, v := range headers {
		a.header[k] = v
	}
	a.header.Set("X-Gitlab-Meta", `{"correlation_id":"fa4e","version":"1"}`)
	return *a
}

// presented is the token that a request carries.
func presented(r *http.Request) string {
	if v := r.Header.Get("Private-Token"); v != "" {
		return v
	}
	if v, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return v
	}
	return ""
}

// identify tells whose request it is. Texts: lib/api/api_guard.rb, 2026-11.
func (c *call) identify() *reply {
	value := presented(c.r)
	if value == "" {
		a := say(http.StatusUnauthorized, "")
		return &a
	}
	i := slices.IndexFunc(c.tokens, func(t *token) bool { return t.value == value })
	if i < 0 {
		a := say(http.StatusUnauthorized, "")
		return &a
	}
	t := c.tokens[i]
	invalid := func(text string) *reply {
		return &reply{http.StatusUnauthorized, word{Error: "invalid_token", Description: text}, http.Header{"Www-Authenticate": {`Bearer realm="The API", error="invalid_token"`}}}
	}
	switch {
	case t.user.gone:
		a := say(http.StatusUnauthorized, "")
		return &a
	case !t.works(c.at) && t.revoked:
		if strings.HasSuffix(c.r.URL.Path, "/rotate") {
			c.endFamily(t) // reuse detection: the trap of asking a revoked token to rotate
		}
		return invalid("Token was revoked. You have to re-authorize from the user.")
	case !t.works(c.at):
		return invalid("Token is expired. You can either do re-authorization or token refresh.")
	case t.user.state != "active":
		a := reply{http.StatusForbidden, word{Message: "403 Forbidden - Your account has been blocked."}, nil}
		return &a
	}
	c.token, c.user = t, t.user
	t.LastUsed = c.at
	return nil
}

// admit asks for scope, place, plan and role, in the order in which GitLab does.
func (c *call) admit(rt route) *reply {
	need := rt.need
	if need == anyScope && c.world.OldSelf {
		need = readAPI
	}
	if ok := admits[need]; ok != nil && !slices.ContainsFunc(c.token.Scopes, func(s string) bool { return slices.Contains(ok, s) }) {
		return &reply{http.StatusForbidden, word{Error: "insufficient_scope", Description: "The request requires higher privileges than provided by the access token.", Scope: strings.Join(ok, " ")}, nil}
	}
	if c.world.Plan > rt.plan {
		a := say(http.StatusNotFound, "")
		return &a
	}
	have := NoAccess
	switch rt.on {
	case "admin":
		if !c.admin(c.user) {
			a := say(http.StatusForbidden, "")
			return &a
		}
		return nil
	case "group":
		if c.group = c.groupOf(c.r.PathValue("id")); c.group == nil || c.level(c.user, c.group) == NoAccess {
			a := say(http.StatusNotFound, "Group Not Found")
			return &a
		}
		have = c.level(c.user, c.group)
	case "project":
		if c.project = c.projectOf(c.r.PathValue("id")); c.project == nil || !c.sees(c.user, c.project) {
			a := say(http.StatusNotFound, "Project Not Found")
			return &a
		}
		have = c.Sim.on(c.user, c.project)
	default:
		return nil
	}
	if have < rt.level {
		a := say(max(rt.refuse, http.StatusForbidden), "")
		if rt.refuse == http.StatusUnauthorized {
			a = say(http.StatusUnauthorized, "")
		}
		return &a
	}
	return nil
}

// groupOf finds a group by id or path.
func (c *call) groupOf(id string) *group {
	for _, g := range c.groups {
		if strconv.Itoa(g.id) == id || g.Path == id {
			return g
		}
	}
	return nil
}

func (c *call) projectOf(id string) *project {
	for _, p := range c.projects {
		if strconv.Itoa(p.id) == id || p.Path == id {
			return p
		}
	}
	return nil
}

func (s *Sim) sees(u *user, p *project) bool {
	return p.Visibility == "public" || p.Visibility == "internal" || s.on(u, p) > NoAccess
}

// number is a path value that is an id.
func (c *call) number(name string) int {
	n, err := strconv.Atoi(c.r.PathValue(name))
	if err != nil {
		return -1
	}
	return n
}

// body reads the JSON of a request; a wrong one is like an empty one, as in GitLab.
func (c *call) body(into any) {
	if c.r.Body != nil {
		_ = json.NewDecoder(http.MaxBytesReader(nil, c.r.Body, 1<<20)).Decode(into)
	}
}
