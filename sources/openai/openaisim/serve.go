package openaisim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// call is one request.
type call struct {
	*Sim
	r    *http.Request
	part []string // of the path behind /v1/organization/
	body map[string]any
}

type reply struct {
	status int
	body   any
	header http.Header
}

func ok(body any) reply { return reply{http.StatusOK, body, nil} }

func fail(status int, code, text string) reply {
	return reply{status, object{"error": object{"type": "invalid_request_error", "code": code, "message": text, "param": nil}}, nil}
}

var notThere = fail(http.StatusNotFound, "not_found", "No such object")

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
	v, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	name, admin, found := s.holder(v)
	if !found {
		return fail(http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided")
	}
	if a, limited := c.limit(name); limited {
		return a
	}
	if r.Body != nil && r.Method == http.MethodPost {
		_ = json.NewDecoder(r.Body).Decode(&c.body) // none is none
	}
	switch rest, org := strings.CutPrefix(r.URL.Path, "/v1/organization/"); {
	case r.URL.Path == "/v1/models" && admin:
		return fail(http.StatusForbidden, "", "You have insufficient permissions for this operation. Missing scopes: api.model.read")
	case r.URL.Path == "/v1/models":
		return ok(object{"object": "list", "data": []object{{"id": "gpt-5.9", "object": "model", "created": s.now().Unix(), "owned_by": "openai"}}})
	case !org:
		return notThere
	case !admin:
		return fail(http.StatusForbidden, "", "You have insufficient permissions for this operation")
	default:
		c.part = strings.Split(rest, "/")
		return c.route()
	}
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
	a := fail(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit reached")
	left := strconv.Itoa(int(w.from.Add(time.Minute).Sub(c.now()).Round(time.Second).Seconds()))
	a.header = http.Header{"Retry-After": {left}, "X-Ratelimit-Remaining-Requests": {"0"}, "X-Ratelimit-Reset-Requests": {left + "s"}}
	return a, true
}

// page is a part of a list: after, limit, has_more.
func (c *call) page(all []object) reply {
	q := c.r.URL.Query()
	from := 0
	if after := q.Get("after"); after != "" {
		for from < len(all) && all[from]["id"] != after {
			from++
		}
		from++
	}
	size, most := 20, c.w.MaxPage
	if most == 0 {
		most = 100
	}
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		size = n
	}
	to := min(from+min(size, most), len(all))
	data := []object{}
	if from < to {
		data = all[from:to]
	}
	out := object{"object": "list", "data": data, "has_more": to < len(all), "first_id": nil, "last_id": nil}
	if len(data) > 0 {
		out["first_id"], out["last_id"] = data[0]["id"], data[len(data)-1]["id"]
	}
	return ok(out)
}
