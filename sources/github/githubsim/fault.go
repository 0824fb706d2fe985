package githubsim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Kill is how a revocation goes wrong.
type Kill struct {
	// After is how long the revoked thing lives on, by the simulator's clock, after the answer that says it is done.
	After time.Duration
	// Lie answers as if it were done, and does nothing.
	Lie bool
}

// Kill makes the revocations of an operation late, or lies. The operation is the pattern of its route, as in
// "DELETE /repos/{owner}/{repo}/keys/{key_id}"; "" is all of them. It panics for an operation that does not exist.
func (s *Sim) Kill(operation string, how Kill) {
	if operation != "" {
		known(operation)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kills[operation] = how
}

func known(operation string) {
	for i := range routes {
		if routes[i].pattern == operation {
			return
		}
	}
	panic(fmt.Sprintf("githubsim: no operation %q", operation))
}

// kill does what a revocation says, now, later or never.
func (c *call) kill(do func()) {
	how, set := c.kills[c.rt.pattern]
	if !set {
		how = c.kills[""]
	}
	o, e := c.org, c.logged()
	done := func() {
		do()
		if o != nil && e.Action != "" {
			e.At = c.now()
			o.Audit = slices.Insert(o.Audit, 0, e)
		}
	}
	switch {
	case how.Lie:
	case how.After > 0:
		c.late = append(c.late, effect{c.now().Add(how.After), done})
	default:
		done()
	}
}

// logged is the line of the audit log that a revocation leaves.
func (c *call) logged() AuditEvent {
	e := AuditEvent{Action: auditNames[c.rt.pattern], Actor: "ghost"}
	switch {
	case c.who.user != nil:
		e.Actor = c.who.user.Login
	case c.who.app != nil:
		e.Actor = c.who.app.Slug + "[bot]"
	}
	if c.repo != nil {
		e.Repo = c.repo.full
	}
	if u := c.st.users[low(c.r.PathValue("username"))]; u != nil {
		e.User = u.Login
	}
	return e
}

// auditNames are the actions of the audit log that revocations leave, from GitHub's list of audit log events (2026-11).
var auditNames = map[string]string{
	"POST " + grantsPath: "personal_access_token.access_revoked", "POST " + grantsPath + "/{pat_id}": "personal_access_token.access_revoked",
	"DELETE " + authorizationsPath + "/{credential_id}":                                                            "org_credential_authorization.revoke",
	"DELETE /app/installations/{installation_id}":                                                                  "integration_installation.destroy",
	"PUT /app/installations/{installation_id}/suspended":                                                           "integration_installation.suspend",
	"DELETE /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}":                    "integration_installation.destroy",
	"PATCH /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories/remove": "integration_installation.repositories_removed",
	"DELETE /repos/{owner}/{repo}/keys/{key_id}":                                                                   "public_key.delete",
	"DELETE /orgs/{org}/actions/runners/{runner_id}":                                                               "org.remove_self_hosted_runner",
	"DELETE /repos/{owner}/{repo}/actions/runners/{runner_id}":                                                     "repo.remove_self_hosted_runner",
	"DELETE /orgs/{org}/actions/secrets/{secret_name}":                                                             "org.remove_actions_secret",
	"DELETE /repos/{owner}/{repo}/actions/secrets/{secret_name}":                                                   "repo.remove_actions_secret",
	"DELETE /repos/{owner}/{repo}/environments/{environment_name}/secrets/{secret_name}":                           "environment.remove_actions_secret",
	"PUT " + workflowsPath + "/disable":                                                                            "workflows.disable_workflow",
	"DELETE " + seatsPath + "/selected_users":                                                                      "copilot.cfb_seat_cancelled",
	"DELETE /orgs/{org}/members/{username}":                                                                        "org.remove_member",
	"DELETE /orgs/{org}/memberships/{username}":                                                                    "org.remove_member",
	"DELETE /orgs/{org}/outside_collaborators/{username}":                                                          "org.remove_outside_collaborator",
	"DELETE /repos/{owner}/{repo}/collaborators/{username}":                                                        "repo.remove_member",
}

type effect struct {
	at time.Time
	do func()
}

// settle lets late revocations take effect whose time has come.
func (s *Sim) settle() {
	now := s.now()
	rest := s.late[:0]
	for _, e := range s.late {
		if now.Before(e.at) {
			rest = append(rest, e)
			continue
		}
		e.do()
	}
	s.late = rest
}

// Fault is something that goes wrong between the service and who asks it: the service is not asked, or its answer is
// damaged. Of several faults that fit a request the first is suffered.
type Fault struct {
	Operation string // pattern of the route, as in "GET /orgs/{org}/installations"; "": every one
	Path      string // the path itself, as in "/orgs/acme/installations"; "": every one
	After     int    // requests that pass before it begins
	Times     int    // requests that suffer it; 0: all from then on

	Delay  time.Duration // the answer comes later, by [World].Sleep
	Hang   bool          // there is no answer until who asks gives up
	Status int           // this status, Header and Body in place of the answer
	Header http.Header
	Body   string
	Cut    bool // the connection ends in the middle of the answer
	Break  bool // the answer's JSON ends in the middle, and the connection does not

	seen int
}

// Fail adds a fault. It panics for an operation that does not exist.
func (s *Sim) Fail(f Fault) {
	if f.Operation != "" {
		known(f.Operation)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal ends all faults, the secondary rate limit, and all that goes wrong with revocations.
func (s *Sim) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.kills, s.second = nil, map[string]Kill{}, secondary{}
}

// plan finds the fault that a request suffers.
func (s *Sim) plan(r *http.Request) *Fault {
	_, pattern := s.mux.Handler(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Operation != "" && f.Operation != pattern || f.Path != "" && f.Path != r.URL.Path {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			return f
		}
	}
	return nil
}

func (s *Sim) suffer(f *Fault, w http.ResponseWriter, r *http.Request) {
	if f.Delay > 0 && s.sleep(r.Context(), f.Delay) != nil {
		panic(http.ErrAbortHandler)
	}
	if f.Hang {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if f.Status != 0 {
		maps.Copy(w.Header(), f.Header)
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
		return
	}
	if !f.Cut && !f.Break {
		s.inner.ServeHTTP(w, r)
		return
	}
	rec := &record{header: http.Header{}, status: http.StatusOK}
	s.inner.ServeHTTP(rec, r)
	maps.Copy(w.Header(), rec.header)
	half := rec.body[:len(rec.body)/2]
	if f.Break {
		w.Header().Set("Content-Length", strconv.Itoa(len(half)))
	}
	w.WriteHeader(rec.status)
	_, _ = w.Write(half)
	if f.Cut {
		_ = http.NewResponseController(w).Flush() // what was written goes out before the end
		panic(http.ErrAbortHandler)
	}
}

// record keeps an answer.
type record struct {
	header http.Header
	status int
	body   []byte
}

func (r *record) Header() http.Header { return r.header }

func (r *record) WriteHeader(status int) { r.status = status }

func (r *record) Write(p []byte) (int, error) {
	r.body = append(r.body, p...)
	return len(p), nil
}
