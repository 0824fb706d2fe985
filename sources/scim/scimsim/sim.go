package scimsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// User is one user of the service.
type User struct {
	ID, UserName, Display, ExternalID, Nick string
	Emails                                  []string // the first is the primary one
	Active                                  any      // nil: not told
	Department, Manager, ManagerName        string
	Modified                                string
}

// Options are how the service is.
type Options struct {
	Token    string
	Users    []User
	Cursor   bool // pages by cursor, as its configuration says
	NoFilter bool // it does not filter, and says so
	Refuses  bool // it says that it filters and refuses every filter
	Silent   bool // it has no configuration to read
	Repeats  bool // it gives the first page whatever is asked for
	Shrinks  bool // it says that there are more users than it gives
}

// Sim is the service. Its methods may be called from several goroutines.
type Sim struct {
	o     Options
	mu    sync.Mutex
	asked []string
}

// New makes a service.
func New(o Options) *Sim { return &Sim{o: o} }

// Asked lists the requests so far, by path and query.
func (s *Sim) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

type object = map[string]any

// ServeHTTP implements [http.Handler].
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.RequestURI())
	s.mu.Unlock()
	status, body := s.answer(r)
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func fail(status int, kind, text string) (int, object) {
	o := object{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": strconv.Itoa(status), "detail": text}
	if kind != "" {
		o["scimType"] = kind
	}
	return status, o
}

func (s *Sim) answer(r *http.Request) (int, object) {
	if r.Header.Get("Authorization") != "Bearer "+s.o.Token {
		return fail(http.StatusUnauthorized, "", "no valid token")
	}
	if r.Method != http.MethodGet {
		return fail(http.StatusNotImplemented, "", "this service is read only")
	}
	id, one := strings.CutPrefix(r.URL.Path, "/scim/v2/Users/")
	switch {
	case r.URL.Path == "/scim/v2/ServiceProviderConfig" && !s.o.Silent:
		return http.StatusOK, s.config()
	case one:
		for _, u := range s.o.Users {
			if u.ID == id {
				return http.StatusOK, u.wire()
			}
		}
	case r.URL.Path == "/scim/v2/Users":
		return s.list(r)
	}
	return fail(http.StatusNotFound, "", "no such resource")
}

func (s *Sim) config() object {
	is := func(b bool) object { return object{"supported": b} }
	return object{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"}, "patch": is(false), "changePassword": is(false), "sort": is(false), "etag": is(false),
		"bulk": object{"supported": false, "maxOperations": 0, "maxPayloadSize": 0}, "filter": object{"supported": !s.o.NoFilter, "maxResults": 200},
		"pagination":            object{"cursor": s.o.Cursor, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 200},
		"authenticationSchemes": []object{{"type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "a bearer token"}},
	}
}

func (s *Sim) list(r *http.Request) (int, object) {
	q := r.URL.Query()
	users := s.o.Users
	if f := q.Get("filter"); f != "" {
		if s.o.NoFilter || s.o.Refuses {
			return fail(http.StatusBadRequest, "invalidFilter", "filters are not supported")
		}
		fits, ok := parse(f)
		if !ok {
			return fail(http.StatusBadRequest, "invalidFilter", "cannot read the filter")
		}
		users = nil
		for _, u := range s.o.Users {
			if fits(u) {
				users = append(users, u)
			}
		}
	}
	count := 100
	if n, err := strconv.Atoi(q.Get("count")); err == nil {
		count = max(0, n)
	}
	at := 0
	if n, err := strconv.Atoi(q.Get("startIndex")); err == nil && n > 1 {
		at = n - 1
	}
	cursor, byCursor := q["cursor"]
	if byCursor && cursor[0] != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(cursor[0], "c"))
		if err != nil || n < 0 {
			return fail(http.StatusBadRequest, "invalidCursor", "no such cursor")
		}
		at = n
	}
	if s.o.Repeats {
		at = 0
	}
	total := len(users)
	at = min(at, total)
	end := min(at+count, total)
	page := make([]object, 0, end-at)
	for _, u := range users[at:end] {
		page = append(page, u.wire())
	}
	if s.o.Shrinks {
		total += 3
	}
	o := object{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, "totalResults": total, "itemsPerPage": len(page), "Resources": page}
	if !byCursor {
		o["startIndex"] = at + 1
	} else if end < len(users) {
		o["nextCursor"] = fmt.Sprintf("c%d", end)
	}
	return http.StatusOK, o
}

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// wire is a user as the service gives it.
func (u User) wire() object {
	o := object{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "id": u.ID, "userName": u.UserName,
		"meta": object{"resourceType": "User", "lastModified": u.Modified, "location": "https://idp.example.com/scim/v2/Users/" + u.ID}}
	for k, v := range map[string]string{"displayName": u.Display, "externalId": u.ExternalID, "nickName": u.Nick} {
		if v != "" {
			o[k] = v
		}
	}
	if u.Active != nil {
		o["active"] = u.Active
	}
	var mails []object
	for i, m := range u.Emails {
		mails = append(mails, object{"value": m, "type": "work", "primary": i == 0})
	}
	if mails != nil {
		o["emails"] = mails
	}
	if u.Department+u.Manager != "" {
		more := object{"department": u.Department}
		if u.Manager != "" {
			m := object{"value": u.Manager, "$ref": "../Users/" + u.Manager}
			if u.ManagerName != "" {
				m["displayName"] = u.ManagerName
			}
			more["manager"] = m
		}
		o["schemas"] = []string{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise}
		o[enterprise] = more
	}
	return o
}

// comparison is "attribute eq value" of RFC 7644 3.4.2.2.
var comparison = regexp.MustCompile(`^([A-Za-z.]+) eq ("(?:[^"\\]|\\.)*")`)

// parse reads comparisons joined by or.
func parse(f string) (func(User) bool, bool) {
	var tests []func(User) bool
	for {
		m := comparison.FindStringSubmatch(f)
		var value string
		if m == nil || json.Unmarshal([]byte(m[2]), &value) != nil {
			return nil, false
		}
		attr := strings.ToLower(m[1])
		tests = append(tests, func(u User) bool {
			of := map[string][]string{"username": {u.UserName}, "externalid": {u.ExternalID}, "nickname": {u.Nick}, "emails.value": u.Emails}[attr]
			for _, x := range of {
				if x != "" && strings.EqualFold(x, value) {
					return true
				}
			}
			return false
		})
		f = f[len(m[0]):]
		if f == "" {
			break
		}
		var more bool
		if f, more = strings.CutPrefix(f, " or "); !more {
			return nil, false
		}
	}
	return func(u User) bool {
		for _, t := range tests {
			if t(u) {
				return true
			}
		}
		return false
	}, true
}
