package pagerdutysim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Call is one entry of the list of who is on call.
type Call struct {
	User, Policy, Schedule string
	Level                  int
	End                    string // "": always
}

// World is an account.
type World struct {
	Token    string
	Teams    map[string]string // id -> name
	Services map[string]string // id -> escalation policy
	Policies map[string]string // id -> team
	Users    map[string]string // id -> "name <address>"
	Calls    []Call
	Most     int  // entries of one page; 0: 100
	Bare     bool // users are references, whatever is asked to be included
}

// Sim serves a world. Its methods may be called from several goroutines.
type Sim struct {
	w     World
	mu    sync.Mutex
	asked []string
}

// New makes a simulator.
func New(w World) *Sim { return &Sim{w: w} }

// Asked lists the requests so far, by path and query.
func (s *Sim) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

type object = map[string]any

// ServeHTTP implements [http.Handler].
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.RequestURI())
	s.mu.Unlock()
	status, body := s.answer(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func fail(status, code int, text string) (int, object) {
	return status, object{"error": object{"message": text, "code": code}}
}

func (s *Sim) answer(r *http.Request) (int, object) {
	switch {
	case r.Header.Get("Authorization") != "Token token="+s.w.Token:
		return fail(http.StatusUnauthorized, 2006, "Unauthorized")
	case r.Header.Get("Accept") != "application/vnd.pagerduty+json;version=2":
		return fail(http.StatusNotAcceptable, 2004, "Unsupported version")
	case r.Method != http.MethodGet:
		return fail(http.StatusForbidden, 2010, "Access Denied: the key is read-only")
	}
	q := r.URL.Query()
	kind, id, one := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case one && kind == "services" && s.w.Services[id] != "":
		return http.StatusOK, object{"service": object{"id": id, "type": "service", "escalation_policy": ref(s.w.Services[id], "escalation_policy")}}
	case one && kind == "users" && s.w.Users[id] != "":
		return http.StatusOK, object{"user": s.user(id)}
	case one:
	case kind == "teams":
		var all []any
		for _, id := range sorted(s.w.Teams) {
			all = append(all, object{"id": id, "type": "team", "name": s.w.Teams[id], "summary": s.w.Teams[id]})
		}
		return s.page(q.Get("offset"), q.Get("limit"), kind, all)
	case kind == "escalation_policies":
		var all []any
		for _, id := range sorted(s.w.Policies) {
			if slices.Contains(q["team_ids[]"], s.w.Policies[id]) {
				all = append(all, ref(id, "escalation_policy"))
			}
		}
		return s.page(q.Get("offset"), q.Get("limit"), kind, all)
	case kind == "oncalls":
		return s.page(q.Get("offset"), q.Get("limit"), kind, s.calls(q["escalation_policy_ids[]"], q["schedule_ids[]"], q["include[]"]))
	}
	return fail(http.StatusNotFound, 2100, "Not Found")
}

func ref(id, kind string) object {
	return object{"id": id, "type": kind + "_reference", "summary": kind + " " + id}
}

func sorted(m map[string]string) []string {
	ids := make([]string, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (s *Sim) user(id string) object {
	name, mail, _ := strings.Cut(strings.TrimSuffix(s.w.Users[id], ">"), " <")
	return object{"id": id, "type": "user", "name": name, "summary": name, "email": mail, "html_url": "https://acme.pagerduty.example/users/" + id}
}

func (s *Sim) calls(policies, schedules, include []string) []any {
	var all []any
	for _, c := range s.w.Calls {
		if len(policies) > 0 && !slices.Contains(policies, c.Policy) || len(schedules) > 0 && !slices.Contains(schedules, c.Schedule) {
			continue
		}
		o := object{"user": ref(c.User, "user"), "escalation_policy": ref(c.Policy, "escalation_policy"), "escalation_level": c.Level, "end": nil, "start": nil, "schedule": nil}
		if slices.Contains(include, "users") && !s.w.Bare {
			o["user"] = s.user(c.User)
		}
		if c.End != "" {
			o["start"], o["end"], o["schedule"] = "2026-11-20T09:00:00Z", c.End, ref(c.Schedule, "schedule")
		}
		all = append(all, o)
	}
	return all
}

// page gives a part of a list as PagerDuty does.
func (s *Sim) page(offset, limit, key string, all []any) (int, object) {
	from, _ := strconv.Atoi(offset)
	n, err := strconv.Atoi(limit)
	if most := max(s.w.Most, 0); err != nil || most > 0 && n > most {
		n = most
	}
	if n <= 0 {
		n = 100
	}
	from = min(max(from, 0), len(all))
	end := min(from+n, len(all))
	page := append([]any{}, all[from:end]...)
	return http.StatusOK, object{key: page, "offset": from, "limit": n, "more": end < len(all), "total": nil}
}
