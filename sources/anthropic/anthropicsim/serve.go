package anthropicsim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is one request.
type call struct {
	*Sim
	r     *http.Request
	login *Login
	key   *key
	part  []string // of the path behind /v1/organizations/
	body  map[string]any
}

type reply struct {
	status int
	body   any
	header http.Header
}

func ok(body any) reply { return reply{http.StatusOK, body, nil} }

// kinds are the types of errors. Source: the API's page of errors, 2026-11.
var kinds = map[int]string{400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error", 405: "invalid_request_error"}

func fail(status int, text string) reply {
	return reply{status, object{"type": "error", "error": object{"type": kinds[status], "message": text}, "request_id": "req_FAKE"}, nil}
}

var notThere = fail(http.StatusNotFound, "Not found")

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	a := s.answer(r)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

func (s *Sim) answer(r *http.Request) reply {
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	c := &call{Sim: s, r: r}
	if r.Header.Get("anthropic-version") == "" {
		return fail(http.StatusBadRequest, "anthropic-version: header is required")
	}
	who := c.who()
	if who == "" {
		return fail(http.StatusUnauthorized, "invalid x-api-key")
	}
	if a, limited := c.limit(who); limited {
		return a
	}
	if r.Body != nil && r.Method == http.MethodPost {
		_ = json.NewDecoder(r.Body).Decode(&c.body) // none is none
	}
	if r.URL.Path == "/v1/models" && r.Method == http.MethodGet {
		if c.key == nil {
			return fail(http.StatusForbidden, "this credential does not call models")
		}
		return c.page([]object{{"type": "model", "id": "claude-fable-5-1", "display_name": "Claude", "created_at": stamp(c.now())}})
	}
	rest, found := strings.CutPrefix(r.URL.Path, "/v1/organizations/")
	if !found {
		return notThere
	}
	if c.login == nil {
		return fail(http.StatusForbidden, "an Admin API key is needed")
	}
	c.part = strings.Split(rest, "/")
	return c.route()
}

// who finds out whose credential it is.
func (c *call) who() string {
	v := c.r.Header.Get("x-api-key")
	bearer, isBearer := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	for i := range c.w.Logins {
		l := &c.w.Logins[i]
		if c.dead[l.Name] {
			continue
		}
		if l.OAuth && isBearer && bearer == l.value() && strings.Contains(c.r.Header.Get("anthropic-beta"), "oauth-2025-04-20") || !l.OAuth && v != "" && v == l.value() {
			c.login = l
			return l.Name
		}
	}
	for _, k := range c.keys {
		if v != "" && v == k.value && c.works(k) {
			c.key = k
			return k.Name
		}
	}
	return ""
}

type window struct {
	from time.Time
	n    int
}

func (c *call) limit(who string) (reply, bool) {
	if c.w.RateLimit == 0 {
		return reply{}, false
	}
	w := c.seen[who]
	if w == nil || c.now().Sub(w.from) >= time.Minute {
		w = &window{from: c.now().Truncate(time.Minute)}
		c.seen[who] = w
	}
	w.n++
	if w.n <= c.w.RateLimit {
		return reply{}, false
	}
	a := fail(http.StatusTooManyRequests, "rate limit reached")
	a.header = http.Header{"Retry-After": {strconv.Itoa(int(w.from.Add(time.Minute).Sub(c.now()).Round(time.Second).Seconds()))}}
	return a, true
}

// page is a part of a list that pages by ids: after_id, has_more, last_id.
func (c *call) page(all []object) reply {
	q := c.r.URL.Query()
	from := 0
	if after := q.Get("after_id"); after != "" {
		for from < len(all) && listID(all[from]) != after {
			from++
		}
		from++
	}
	to := min(from+c.size(q), len(all))
	data := []object{}
	if from < to {
		data = all[from:to]
	}
	out := object{"data": data, "has_more": to < len(all), "first_id": nil, "last_id": nil}
	if len(data) > 0 {
		out["first_id"], out["last_id"] = listID(data[0]), listID(data[len(data)-1])
	}
	return ok(out)
}

// listID is the id by which a list pages.
func listID(x object) string {
	if i, ok := x["id"].(string); ok {
		return i
	}
	i, _ := x["user_id"].(string)
	return i
}

// cursor is a part of a list that pages by an opaque word: page, next_page.
func (c *call) cursor(all []object, more bool) reply {
	q := c.r.URL.Query()
	from := 0
	if p := q.Get("page"); p != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(p, "page_"))
		if err != nil {
			return fail(http.StatusBadRequest, "page: unknown cursor")
		}
		from = n
	}
	to := min(from+c.size(q), len(all))
	data := []object{}
	if from < to {
		data = all[from:to]
	}
	out := object{"data": data, "next_page": nil}
	if to < len(all) {
		out["next_page"] = "page_" + strconv.Itoa(to)
	}
	if more {
		out["has_more"] = to < len(all)
	}
	return ok(out)
}

func (c *call) size(q url.Values) int {
	most, n := c.w.MaxPage, 20
	if most == 0 {
		most = 1000
	}
	if v, err := strconv.Atoi(q.Get("limit")); err == nil && v > 0 {
		n = v
	}
	return min(n, most)
}
