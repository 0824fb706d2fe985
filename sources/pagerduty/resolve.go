package pagerduty

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/ledger"
	"nhitop/sources/internal/people"
	"nhitop/sources/internal/self"
)

const (
	pathTeams    = "/teams"
	pathPolicies = "/escalation_policies"
	pathOnCalls  = "/oncalls"
	pageSize     = 100 // the most that PagerDuty gives
)

// Shapes of the API, as far as they are read.
type (
	reference struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Summary string `json:"summary"`
	}
	userShape struct {
		reference
		Email string `json:"email"`
		URL   string `json:"html_url"`
	}
	onCallShape struct {
		User   userShape  `json:"user"`
		Policy reference  `json:"escalation_policy"`
		Level  int        `json:"escalation_level"`
		End    *time.Time `json:"end"`
	}
	serviceShape struct {
		Service *struct {
			Policy reference `json:"escalation_policy"`
		} `json:"service"`
	}
	userAnswer struct {
		User *userShape `json:"user"`
	}
)

// inquiry is one run.
type inquiry struct {
	s     *Source
	ctx   context.Context
	api   *httpx.Client
	sink  inventory.Sink
	l     *ledger.Ledger
	names map[string]string // of teams of PagerDuty, in lower case -> id; "" for a name that several have
	users map[string]*userShape
	found map[inventory.ID]inventory.Owner
}

// Resolve implements [sources.Directory].
func (s *Source) Resolve(ctx context.Context, who []inventory.Owner, sink inventory.Sink) error {
	token, err := s.o.Token.Read(ctx, s.lookup())
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	api, err := s.client(token, func(w httpx.Wait) { sink.Progress(w.String()) })
	if err != nil {
		return err
	}
	q := &inquiry{s: s, ctx: ctx, api: api, sink: sink, names: map[string]string{}, users: map[string]*userShape{}, found: map[inventory.ID]inventory.Owner{}}
	q.l = ledger.New(api, func(string) string { return "the key may not read this; it needs to be a read-only key of the account" })
	self.Deliver(sink, self.Credential{Service: "PagerDuty", URL: api.URL(pathTeams), Use: "reads", Ref: s.o.Token, Value: token,
		Secret: inventory.Secret{Kind: "opaque", Issuer: Kind, State: inventory.StateUnknown}})
	teams, named := ledger.All[reference](ctx, q.l, pathTeams, nil, pages("teams"))
	for _, t := range teams {
		k := known(t.Name)
		if _, twice := q.names[k]; twice {
			t.ID = ""
		}
		q.names[k] = t.ID
	}
	for _, o := range who {
		if o.Kind == people.Team && ctx.Err() == nil {
			q.team(o, named)
		}
	}
	for _, id := range inventory.SortedKeys(q.found) {
		sink.Owner(q.found[id])
	}
	q.l.Flush(sink)
	switch err := q.l.Err(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %w", sources.ErrPartial, err)
	}
	return nil
}

// pages is how lists are divided: offset, limit, more.
func pages(key string) httpx.Pager {
	return httpx.CursorPager("offset", pageSize, func(data []byte) string {
		var p struct {
			Offset, Limit int
			More          bool
		}
		if json.Unmarshal(data, &p) != nil || !p.More || p.Limit <= 0 {
			return ""
		}
		return strconv.Itoa(p.Offset + p.Limit)
	}).In(key)
}

// team looks up who is on call for one.
func (q *inquiry) team(o inventory.Owner, named bool) {
	kind, id, told := strings.Cut(q.s.o.OnCall[known(o.Name)], ":")
	if !told {
		name := known(o.Name)
		if id = q.names[name[strings.LastIndexByte(name, '/')+1:]]; id == "" || !named {
			return // PagerDuty has no team that is called so
		}
		kind = "team"
	}
	v, ok := q.filter(kind, id)
	if !ok {
		return
	}
	calls, _ := ledger.All[onCallShape](q.ctx, q.l, pathOnCalls, v, pages("oncalls"))
	calls = slices.DeleteFunc(calls, func(c onCallShape) bool { return c.Level < 1 || c.Level > q.s.o.Levels || c.User.ID == "" })
	slices.SortStableFunc(calls, func(a, b onCallShape) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.User.ID, b.User.ID))
	})
	rec := inventory.Owner{ID: o.ID, Kind: o.Kind, Name: o.Name, Email: o.Email}
	for _, c := range calls {
		p, ok := q.person(c)
		if !ok || slices.Contains(rec.OnCall, p.ID) {
			continue
		}
		rec.OnCall = append(rec.OnCall, p.ID)
		note := fmt.Sprintf("%s is on call for it, level %d of %s%s", p.Name, c.Level, cmp.Or(c.Policy.Summary, c.Policy.Name, c.Policy.ID), until(c.End))
		rec.Evidence = append(rec.Evidence, inventory.Evidence{Path: q.api.URL(pathOnCalls) + "?" + v.Encode(), Note: note})
		if was, ok := q.found[p.ID]; ok {
			p = was
		}
		p.Evidence = append(p.Evidence, inventory.Evidence{Path: cmp.Or(c.User.URL, q.api.URL(pathOnCalls)), Note: fmt.Sprintf("on call for %s, level %d%s", o.Name, c.Level, until(c.End))})
		q.found[p.ID] = p
	}
	if len(rec.OnCall) > 0 {
		q.found[rec.ID] = rec
	}
}

func until(end *time.Time) string {
	if end == nil {
		return ""
	}
	return " until " + end.UTC().Format("2006-01-02 15:04 UTC")
}

// filter is what the list of who is on call is asked by.
func (q *inquiry) filter(kind, id string) (url.Values, bool) {
	v := url.Values{"include[]": {"users"}, "earliest": {"true"}}
	const policies, schedules = "escalation_policy_ids[]", "schedule_ids[]"
	switch kind {
	case "schedule":
		v.Set(schedules, id)
	case "policy":
		v.Set(policies, id)
	case "service":
		var x serviceShape
		at := httpx.Path("/services/%s", id)
		_, err := q.api.Get(q.ctx, at, nil, &x)
		if err == nil && (x.Service == nil || x.Service.Policy.ID == "") {
			err = fmt.Errorf("%w: a service without an escalation policy", httpx.ErrAnswer)
		}
		if err != nil {
			q.l.Failed(at, err)
			return nil, false
		}
		q.l.Read(at, false)
		v.Set(policies, x.Service.Policy.ID)
	case "team":
		ps, ok := ledger.All[reference](q.ctx, q.l, pathPolicies, url.Values{"team_ids[]": {id}}, pages("escalation_policies"))
		if !ok || len(ps) == 0 {
			return nil, false // a team without a policy: nobody is on call for it
		}
		for _, p := range ps {
			v.Add(policies, p.ID)
		}
	}
	return v, true
}

// person is who is on call. Where the list gives a reference alone, the user is asked for.
func (q *inquiry) person(c onCallShape) (inventory.Owner, bool) {
	u := c.User
	if u.Email == "" {
		if q.users[u.ID] == nil {
			var x userAnswer
			at := httpx.Path("/users/%s", u.ID)
			_, err := q.api.Get(q.ctx, at, nil, &x)
			if err == nil && x.User == nil {
				err = fmt.Errorf("%w: no user", httpx.ErrAnswer)
			}
			if err != nil {
				q.l.Failed(at, err)
				return inventory.Owner{}, false
			}
			q.l.Read(at, false)
			q.users[u.ID] = x.User
		}
		u = *q.users[u.ID]
	}
	p, ok := people.New(cmp.Or(u.Name, u.Summary), u.Email, "on call", inventory.Evidence{})
	if !ok {
		return inventory.Owner{}, false
	}
	p.Kind = people.Human
	o := p.Owner(inventory.OwnerActive)
	o.StatusReason, o.Evidence = "is on call at PagerDuty", nil
	return o, true
}
