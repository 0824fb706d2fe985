package issuers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// verdict is what an answer means.
type verdict int

const (
	unclear verdict = iota
	live
	dead
	refused // dead where it was accepted before
)

// seen is one answer.
type seen struct {
	status  int
	verdict verdict
	text    string // the call and its answer, for people: GET /user with it: 401
	account string
	scopes  []string
}

// gone reports whether there is nothing to end any more: the issuer says so, or does not know who asks. A 403 may be for
// something else.
func (s seen) gone() bool {
	return s.verdict == dead || s.verdict == refused && s.status != http.StatusForbidden
}

// send makes a call of the table, with the credential or without it. An answer of any status is no error.
func (s *Source) send(ctx context.Context, r *row, c *call, v inventory.Value) (int, []byte, *httpx.Response, error) {
	client, err := s.client(r)
	if err != nil {
		return 0, nil, nil, err
	}
	var body []byte
	path, query, _ := strings.Cut(c.Path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return 0, nil, nil, errors.New("the table of issuers has a path that is none")
	}
	req := httpx.Request{Method: c.Method, Path: path, Query: q, Into: &body, Failed: &body, Idempotent: c.Idempotent, Anonymous: true}
	if !v.IsZero() {
		if !c.Anonymous {
			req.Anonymous, req.As = false, auth(r.Auth, v)
		}
		if strings.Contains(c.Path+c.Body, "{secret}") {
			req.Secret = v
		}
	}
	if c.Body != "" {
		if err := json.Unmarshal([]byte(c.Body), &req.Body); err != nil {
			return 0, nil, nil, err
		}
	}
	res, err := client.Do(ctx, req)
	if st := httpx.Status(err); st != 0 {
		return st, body, res, nil
	}
	if err != nil {
		return 0, nil, nil, err
	}
	return res.Status, body, res, nil
}

func auth(scheme string, v inventory.Value) httpx.Auth {
	words := strings.Fields(scheme)
	switch words[0] {
	case "basic-user":
		return httpx.BasicUser(httpx.Held(v))
	case "header":
		prefix := ""
		if len(words) > 2 {
			prefix = words[2] + " "
		}
		return httpx.Header(words[1], prefix, httpx.Held(v))
	}
	return httpx.Bearer(httpx.Held(v))
}

// ask shows the credential to its issuer, under the id that goes with it where the issuer wants both.
func (s *Source) ask(ctx context.Context, r *row, keyID string, v inventory.Value) (seen, error) {
	if r == &aws {
		return s.askAWS(ctx, keyID, v)
	}
	c := r.Ask
	status, body, res, err := s.send(ctx, r, c, v)
	if err != nil {
		return seen{}, err
	}
	out := seen{status: status, text: fmt.Sprintf("%s %s with it: %d", method(c), c.Path, status)}
	m := members(body)
	if word := value(m, c.DeadIf.Member); word != "" {
		out.text += " " + inventory.Clean(word)
	}
	switch {
	case c.DeadIf.holds(m):
		out.verdict = dead
	case c.RefusedIf.holds(m) || slices.Contains(c.Refused, status):
		out.verdict = refused
	case slices.Contains(c.Live, status) && (c.LiveIf.Member == "" || c.LiveIf.holds(m)):
		out.verdict = live
		out.account = value(m, c.Account)
		if res != nil && c.ScopesHeader != "" {
			out.scopes = strings.FieldsFunc(res.Header.Get(c.ScopesHeader), func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	return out, nil
}

// up makes the control call: it answers only when the endpoint is up.
func (s *Source) up(ctx context.Context, r *row) (bool, string) {
	if r == &aws {
		return s.upAWS(ctx)
	}
	c := r.Control
	if c == nil {
		return false, ""
	}
	status, body, _, err := s.send(ctx, r, c, inventory.Value{})
	if err != nil {
		return false, fmt.Sprintf("the control %s %s had no answer", method(c), c.Path)
	}
	ok := slices.Contains(c.Live, status) && (c.LiveIf.Member == "" || c.LiveIf.holds(members(body)))
	return ok, fmt.Sprintf("the control %s %s without it: %d", method(c), c.Path, status)
}

func method(c *call) string {
	if c.Method == "" {
		return "GET"
	}
	return c.Method
}

// Ask implements [revoke.HeldRevoker].
func (s *Source) Ask(ctx context.Context, h revoke.Held) (*revoke.Answer, error) {
	r := issuerOf(h.Kind, h.KeyID)
	if r == nil || r.Ask == nil || s.base(r) == "" || h.Value.IsZero() {
		return nil, nil
	}
	got, err := s.ask(ctx, r, h.KeyID, h.Value)
	if err != nil {
		return nil, err
	}
	a := &revoke.Answer{State: inventory.StateUnknown, Account: inventory.Clean(got.account), Detail: r.Service + ": " + got.text}
	for _, w := range got.scopes {
		a.Scopes = append(a.Scopes, inventory.Clean(w))
	}
	switch got.verdict {
	case live:
		a.State = inventory.StateLive
	case dead:
		if ok, control := s.up(ctx, r); ok || r.Control == nil {
			a.State = inventory.StateRevoked
			a.Detail = strings.Trim(a.Detail+"; "+control, "; ")
		}
	case refused:
		a.Detail += ": revoked, expired, of another server, or with a wrong letter"
	}
	return a, nil
}

// members reads an answer as an object; nil where it is none.
func members(body []byte) map[string]any {
	var m map[string]any
	if json.Unmarshal(body, &m) != nil {
		return nil
	}
	return m
}

// value returns a member by its dotted path, as text.
func value(m map[string]any, path string) string {
	var v any = m
	for _, name := range strings.Split(path, ".") {
		o, ok := v.(map[string]any)
		if !ok || name == "" {
			return ""
		}
		v = o[name]
	}
	switch x := v.(type) {
	case string:
		return x
	case bool, float64:
		return fmt.Sprint(x)
	}
	return ""
}

func (c member) holds(m map[string]any) bool {
	return c.Member != "" && slices.Contains(c.Is, value(m, c.Member))
}
