package npmsim

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are what a registry is made of.
type Options struct {
	Seed string           // makes tokens; the same seed and calls give the same tokens
	Now  func() time.Time // nil: time.Now
	Late bool             // revocation is said and not done
	// Packages answers which packages an account or an organisation may write to, as the registry of npm does; nil: the
	// question is not known, as verdaccio does not know it.
	Packages map[string]map[string]string
	PageSize int // tokens of a page; 0: all, as verdaccio does
}

// Sim is a registry. It is an http.Handler; its methods may be called from several goroutines.
type Sim struct {
	o     Options
	mu    sync.Mutex
	users map[string]*user
	count int
}

type user struct {
	password string
	sessions []string // tokens made by logging in; in no list
	tokens   []*token
}

type token struct {
	Mask     string   `json:"token"`
	User     string   `json:"user"`
	Key      string   `json:"key"`
	CIDR     []string `json:"cidr"`
	Readonly bool     `json:"readonly"`
	Created  string   `json:"created"`

	value   string
	revoked bool
}

// New makes an empty registry.
func New(o Options) *Sim {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sim{o: o, users: map[string]*user{}}
}

// Login makes an account where there is none and returns a token of it that is in no list.
func (s *Sim) Login(name, password string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.login(name, password)
}

func (s *Sim) login(name, password string) string {
	u := s.users[name]
	if u == nil {
		u = &user{password: password}
		s.users[name] = u
	}
	v := s.value(name, sha256.Size)
	u.sessions = append(u.sessions, v)
	return v
}

// Token makes a token of an account and returns its key and value.
func (s *Sim) Token(name string, readonly bool, cidr ...string) (key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.token(name, readonly, cidr)
	return t.Key, t.value
}

func (s *Sim) token(name string, readonly bool, cidr []string) *token {
	if cidr == nil {
		cidr = []string{}
	}
	const long = 96
	t := &token{User: name, CIDR: cidr, Readonly: readonly, Created: s.o.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"), value: s.value(name, long)}
	sum := sha256.Sum256([]byte("key" + t.value))
	t.Key = hex.EncodeToString(sum[:16])
	if s.o.Late {
		m := md5.Sum([]byte(t.value))
		t.Key = hex.EncodeToString(m[:])
	}
	t.Mask = t.value[:5] + "..." + t.value[len(t.value)-5:]
	s.users[name].tokens = append(s.users[name].tokens, t)
	return t
}

// value makes the text of a token: base64 over hex, as verdaccio's look.
func (s *Sim) value(name string, size int) string {
	s.count++
	var raw []byte
	for i := 0; len(raw) < size; i++ {
		sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%s\x00%d\x00%d", s.o.Seed, name, s.count, i)))
		raw = append(raw, sum[:]...)
	}
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(raw[:size/2]) + ":" + hex.EncodeToString(raw[size/2:size])))
}

// caller is whoever asks.
type caller struct {
	name  string // "": nobody
	token *token // nil for a session
}

func (s *Sim) caller(r *http.Request) caller {
	v, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return caller{}
	}
	for name, u := range s.users {
		if slices.Contains(u.sessions, v) {
			return caller{name: name}
		}
		for _, t := range u.tokens {
			if t.value == v {
				return caller{name: name, token: t}
			}
		}
	}
	return caller{}
}

// forbidden reports whether the registry refuses the token of a caller.
func (s *Sim) forbidden(c caller, r *http.Request) bool {
	if c.token == nil || s.o.Late {
		return false
	}
	writes := r.Method != http.MethodGet && r.Method != http.MethodHead
	return c.token.revoked || c.token.Readonly && writes || !allowed(r.RemoteAddr, c.token.CIDR)
}

func allowed(remote string, cidr []string) bool {
	if len(cidr) == 0 {
		return true
	}
	host, _, err := net.SplitHostPort(remote)
	addr, err2 := netip.ParseAddr(host)
	if err != nil || err2 != nil {
		return false
	}
	return slices.ContainsFunc(cidr, func(c string) bool {
		p, err := netip.ParsePrefix(c)
		return err == nil && p.Contains(addr.Unmap())
	})
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	status, body := s.answer(r)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

type object = map[string]any

func fail(status int, text string) (int, any) { return status, object{"error": text} }

func (s *Sim) answer(r *http.Request) (int, any) {
	c := s.caller(r)
	if s.forbidden(c, r) {
		return fail(http.StatusForbidden, "unauthorized access")
	}
	p := r.URL.Path
	switch {
	case p == "/-/whoami" && r.Method == http.MethodGet:
		if c.name == "" {
			return http.StatusOK, object{}
		}
		return http.StatusOK, object{"username": c.name}
	case p == "/-/ping" && r.Method == http.MethodGet:
		return http.StatusOK, object{}
	case strings.HasPrefix(p, "/-/user/org.couchdb.user:") && r.Method == http.MethodPut:
		return s.register(c, r)
	case strings.HasPrefix(p, "/-/user/token/") && r.Method == http.MethodDelete:
		return http.StatusOK, object{"ok": "Logged out"}
	case strings.HasSuffix(p, "/package") && s.o.Packages != nil && r.Method == http.MethodGet:
		return s.packages(c, p)
	case strings.HasPrefix(p, "/-/npm/v1/"):
		return s.profile(c, r)
	}
	return fail(http.StatusNotFound, "File not found")
}

func (s *Sim) packages(c caller, p string) (int, any) {
	of := strings.Split(strings.TrimPrefix(p, "/-/"), "/") // user/NAME/package, org/NAME/package
	if c.name == "" || len(of) != 3 || s.o.Packages[of[1]] == nil {
		return fail(http.StatusNotFound, "not found")
	}
	return http.StatusOK, s.o.Packages[of[1]]
}

// register makes an account, or another token for one that asks for it itself.
func (s *Sim) register(c caller, r *http.Request) (int, any) {
	var in struct{ Name, Password string }
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Name == "" || in.Password == "" {
		return fail(http.StatusBadRequest, "bad data")
	}
	u, ok := s.users[in.Name], fmt.Sprintf("user '%s' created", in.Name)
	switch {
	case u != nil && c.name != in.Name:
		return fail(http.StatusConflict, "username is already registered")
	case u != nil && u.password != in.Password:
		return fail(http.StatusUnauthorized, "bad username/password, access denied")
	case u != nil:
		ok = fmt.Sprintf("you are authenticated as '%s'", in.Name)
	}
	return http.StatusCreated, object{"ok": ok, "token": s.login(in.Name, in.Password)}
}

// profile are the calls below /-/npm/v1/.
func (s *Sim) profile(c caller, r *http.Request) (int, any) {
	p := strings.TrimPrefix(r.URL.Path, "/-/npm/v1/")
	key, one := strings.CutPrefix(p, "tokens/token/")
	switch {
	case c.name == "" && p == "user":
		return http.StatusUnauthorized, object{"message": "you must be logged in to see it"}
	case c.name == "" && r.Method == http.MethodPost:
		return fail(http.StatusUnauthorized, "bad username/password, access denied")
	case c.name == "":
		return fail(http.StatusUnauthorized, "no credentials provided")
	case p == "user" && r.Method == http.MethodGet:
		return http.StatusOK, object{"tfa": false, "name": c.name, "email": "", "email_verified": false, "created": "", "updated": "", "cidr_whitelist": nil, "fullname": ""}
	case p == "tokens" && r.Method == http.MethodGet:
		return s.list(c, r)
	case p == "tokens" && r.Method == http.MethodPost:
		return s.create(c, r)
	case one && r.Method == http.MethodDelete:
		for _, t := range s.users[c.name].tokens {
			t.revoked = t.revoked || t.Key == key
		}
		return http.StatusOK, object{}
	}
	return fail(http.StatusNotFound, "File not found")
}

func (s *Sim) list(c caller, r *http.Request) (int, any) {
	live := []*token{}
	for _, t := range s.users[c.name].tokens {
		if !t.revoked {
			live = append(live, t)
		}
	}
	next := ""
	if n := s.o.PageSize; n > 0 {
		page, _ := strconv.Atoi(r.URL.Query().Get("page")) // none is the first
		if (page+1)*n < len(live) {
			next = fmt.Sprintf("/-/npm/v1/tokens?page=%d", page+1)
		}
		live = live[min(page*n, len(live)):min((page+1)*n, len(live))]
	}
	return http.StatusOK, object{"objects": live, "urls": object{"next": next}}
}

func (s *Sim) create(c caller, r *http.Request) (int, any) {
	in := struct {
		Password string   `json:"password"`
		Readonly bool     `json:"readonly"`
		CIDR     []string `json:"cidr_whitelist"`
	}{}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		return fail(http.StatusUnprocessableEntity, "the parameters are not valid")
	}
	if in.Password != s.users[c.name].password {
		return fail(http.StatusUnauthorized, "bad username/password, access denied")
	}
	t := s.token(c.name, in.Readonly, in.CIDR)
	told := *t
	told.Mask = t.value
	return http.StatusOK, &told
}
