package scim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/ledger"
	"nhitop/sources/internal/roster"
	"nhitop/sources/internal/self"
)

const (
	pathConfig = "/ServiceProviderConfig"
	pathUsers  = "/Users"

	mostUsers    = 2_000_000
	mostManagers = 500 // of leavers, asked for one by one
)

// inquiry is one run.
type inquiry struct {
	s      *Source
	ctx    context.Context
	api    *httpx.Client
	sink   inventory.Sink
	l      *ledger.Ledger
	by     map[term][]*roster.Question
	users  map[string]*roster.Person // by id
	names  map[string]string         // id of a user -> how they are called
	bosses map[*roster.Person]manager
	config configShape
}

// term is an attribute with a value, both in lower case.
type term struct{ attr, value string }

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
	q := &inquiry{s: s, ctx: ctx, api: api, sink: sink, by: map[term][]*roster.Question{}, users: map[string]*roster.Person{}, names: map[string]string{}, bosses: map[*roster.Person]manager{}}
	q.l = ledger.New(api, func(string) string { return "the token may not read this; it needs to read users" })
	qs := s.rules.Questions(who)
	for _, x := range qs {
		for _, t := range termsOf(x) {
			q.by[t] = append(q.by[t], x)
		}
	}
	whole := q.read(qs)
	if whole {
		q.managers(qs)
	}
	for p, m := range q.bosses {
		if p.Manager = m.Display; p.Manager == "" {
			p.Manager = q.names[m.Value]
		}
	}
	s.rules.Deliver(sink, qs, api.URL(pathUsers), true, whole)
	self.Deliver(sink, self.Credential{Service: "SCIM", URL: api.URL(pathUsers), Use: "reads", Ref: s.o.Token, Value: token,
		Secret: inventory.Secret{Kind: "opaque-bearer", Issuer: Kind, State: q.state()}})
	q.l.Flush(sink)
	switch err := q.l.Err(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %w", sources.ErrPartial, err)
	}
	return nil
}

func (q *inquiry) state() string {
	if len(q.names) > 0 {
		return inventory.StateLive
	}
	return inventory.StateUnknown
}

// termsOf are what finds somebody: by address in userName too, which many services fill with it.
func termsOf(x *roster.Question) []term {
	if x.Mail != "" {
		return []term{{"emails", x.Mail}, {"username", x.Mail}}
	}
	ts := make([]term, len(x.Attrs))
	for i, a := range x.Attrs {
		ts[i] = term{strings.ToLower(a), x.Login}
	}
	return ts
}

// read looks everybody up and reports whether all were. It reads the first page of the list, which tells how long that is,
// and then takes the way of fewer requests.
func (q *inquiry) read(qs []*roster.Question) (whole bool) {
	q.configuration()
	first, ok := q.page(q.first())
	if !ok {
		return false
	}
	var open []*roster.Question
	for _, x := range qs {
		if len(x.People) == 0 {
			open = append(open, x)
		}
	}
	pages := (first.Total - len(first.Resources) + q.s.o.Page - 1) / q.s.o.Page
	if q.config.Filter.Supported && len(open) < pages {
		done, ok := q.ask(open)
		if done {
			return ok
		}
	}
	return q.list(first)
}

// configuration reads what the service can. One that does not tell is taken for one that gives pages by index alone.
func (q *inquiry) configuration() {
	_, err := q.api.Get(q.ctx, pathConfig, nil, &q.config)
	switch {
	case err == nil:
		q.l.Read(pathConfig, false)
	case httpx.Status(err) == http.StatusNotFound:
		q.l.Absent(pathConfig, "the service does not tell what it can")
	default:
		q.l.Failed(pathConfig, err)
	}
}

// first is how the list is begun.
func (q *inquiry) first() url.Values {
	v := url.Values{"count": {strconv.Itoa(q.s.o.Page)}}
	if q.config.Pagination.Cursor {
		v.Set("cursor", "")
	} else {
		v.Set("startIndex", "1")
	}
	return v
}

// list reads the pages behind the first one.
func (q *inquiry) list(now *listShape) bool {
	seen, at := map[string]bool{}, 1
	for n := len(now.Resources); ; n += len(now.Resources) {
		if len(now.Resources) > 0 {
			if id := now.Resources[0].ID; seen[id] {
				q.l.Failed(pathUsers, fmt.Errorf("%w: it gives the same page again", httpx.ErrAnswer))
				return false
			} else {
				seen[id] = true
			}
		}
		v := url.Values{"count": {strconv.Itoa(q.s.o.Page)}}
		at += len(now.Resources)
		switch {
		case q.config.Pagination.Cursor && now.Next == "", !q.config.Pagination.Cursor && (at > now.Total || len(now.Resources) == 0):
			if n < now.Total {
				q.l.Failed(pathUsers, fmt.Errorf("%w: it says that there are %d users and gives %d", httpx.ErrAnswer, now.Total, n))
				return false
			}
			q.l.Read(pathUsers, true)
			return true
		case n > mostUsers:
			q.l.Failed(pathUsers, httpx.ErrTooLarge)
			return false
		case q.config.Pagination.Cursor:
			v.Set("cursor", now.Next)
		default:
			v.Set("startIndex", strconv.Itoa(at))
		}
		q.sink.Progress(fmt.Sprintf("%d of %d users read", n, now.Total))
		next, ok := q.page(v)
		if !ok {
			return false
		}
		now = next
	}
}

// page reads one page and notes whom it holds.
func (q *inquiry) page(v url.Values) (*listShape, bool) {
	var p listShape
	_, err := q.api.Get(q.ctx, pathUsers, v, &p)
	if err == nil && !p.is() {
		err = fmt.Errorf("%w: no list of users", httpx.ErrAnswer)
	}
	if err != nil {
		q.l.Failed(pathUsers, err)
		return nil, false
	}
	for i := range p.Resources {
		q.take(&p.Resources[i])
	}
	return &p, true
}

// ask looks people up one by one. done is false where the service refuses the filter: then the list is read.
func (q *inquiry) ask(qs []*roster.Question) (done, ok bool) {
	for i, x := range qs {
		q.sink.Progress(fmt.Sprintf("%d of %d people looked up", i, len(qs)))
		var p listShape
		_, err := q.api.Get(q.ctx, pathUsers, url.Values{"filter": {filter(termsOf(x))}}, &p)
		if err == nil && !p.is() {
			err = fmt.Errorf("%w: no list of users", httpx.ErrAnswer)
		}
		if st := httpx.Status(err); st >= 400 && st < 500 && st != http.StatusUnauthorized && st != http.StatusForbidden && st != http.StatusTooManyRequests || st == http.StatusNotImplemented {
			q.sink.Looked(inventory.Looked{Path: q.api.URL(pathUsers), State: inventory.LookedSkipped, Reason: fmt.Sprintf("the service says that it filters and refuses it (%d): its whole list is read", st)})
			return false, false
		}
		if err != nil {
			q.l.Failed(pathUsers, err)
			return true, false
		}
		for j := range p.Resources {
			q.take(&p.Resources[j])
		}
	}
	q.l.Read(pathUsers, true)
	return true, true
}

// filter finds whoever any of the terms does (RFC 7644 3.4.2.2). A value is a JSON string there.
func filter(ts []term) string {
	var parts []string
	for _, t := range ts {
		attr := map[string]string{"emails": "emails.value", "username": "userName", "externalid": "externalId", "nickname": "nickName"}[t.attr]
		value, err := json.Marshal(t.value)
		if err == nil {
			parts = append(parts, attr+" eq "+string(value))
		}
	}
	return strings.Join(parts, " or ")
}

// take notes a user, and which questions find them.
func (q *inquiry) take(u *userShape) {
	if u.ID == "" {
		return
	}
	q.names[u.ID] = u.called()
	for _, t := range u.terms() {
		for _, x := range q.by[t] {
			p := q.users[u.ID]
			if p == nil {
				p = u.person(q.api.URL(httpx.Path(pathUsers+"/%s", u.ID)))
				q.users[u.ID] = p
				q.bosses[p] = u.Enterprise.Manager
			}
			x.Found(p)
		}
	}
}

// managers asks how those are called who lead people that have left: it is they who inherit.
func (q *inquiry) managers(qs []*roster.Question) {
	asked := map[string]bool{}
	for _, x := range qs {
		for _, p := range x.People {
			m := q.bosses[p]
			if p.Status != inventory.OwnerDeparted || m.Display != "" || m.Value == "" || q.names[m.Value] != "" || asked[m.Value] || len(asked) >= mostManagers {
				continue
			}
			asked[m.Value] = true
			var u userShape
			at := httpx.Path(pathUsers+"/%s", m.Value)
			switch _, err := q.api.Get(q.ctx, at, nil, &u); {
			case httpx.Status(err) == http.StatusNotFound:
				q.l.Absent(at, "a manager who is not in the list")
			case err == nil && u.ID == "":
				q.l.Failed(at, fmt.Errorf("%w: no user", httpx.ErrAnswer))
			case err != nil:
				q.l.Failed(at, err)
			default:
				q.l.Read(at, false)
				q.names[m.Value] = u.called()
			}
		}
	}
}
