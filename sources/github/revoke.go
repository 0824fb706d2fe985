package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

var _ interface {
	revoke.HeldRevoker
	revoke.Undoer
	revoke.UndoVerifier
	revoke.Recoverer
	revoke.Paralleler
} = (*Source)(nil)

// Parallel implements revoke.Paralleler: GitHub asks for no more than a few changes at once (documentation "Best practices
// for using the REST API", 2026-11).
func (s *Source) Parallel() int { return 3 }

// Keys of [revoke.Step.Params]. None holds a value.
const (
	paramPath   = "path"   // of the object, below the API's base
	paramWhat   = "what"   // the change: a key of changes; "" ends the object
	paramWas    = "was"    // how it stood when the plan was made
	paramName   = "name"   // of the object when the plan was made
	paramKind   = "kind"   // of a credential in hand
	paramIssued = "issued" // "yes": the provider itself lists it
	paramApps   = "apps"   // paths, blank between them: the calls of which one ends a token in hand
)

// errGone says that GitHub shows no such object.
var errGone = errors.New("GitHub shows no such thing")

func (s *Source) mayRevoke() bool { return s.opt.Revoke && !s.env.ReadOnly }

// hands are the credentials that a revocation works with: the one to revoke with, and the one to read with where the first
// may not see.
type hands struct {
	act, read *httpx.Client
	app       int64 // of the app to revoke with, 0 for a token
	jwt       httpx.Auth
}

// hands are made once.
func (s *Source) hands() (*hands, error) {
	s.handsOnce.Do(func() {
		read := &login{src: s, token: s.opt.Token, app: s.opt.App, vers: &version{}}
		act := read
		if !s.opt.RevokeToken.IsZero() || !s.opt.RevokeApp.isZero() {
			act = &login{src: s, token: s.opt.RevokeToken, app: s.opt.RevokeApp, vers: &version{}}
		}
		h := &hands{app: act.app.ID}
		var errs [2]error
		h.act, errs[0] = s.client(act.authorize, nil)
		h.read, errs[1] = s.client(read.authorize, nil)
		h.jwt = func(ctx context.Context, r *http.Request) error {
			key, err := act.secret(ctx)
			if err != nil {
				return err
			}
			jwt, err := signJWT(key, act.app.ID, s.env.Now())
			if err != nil {
				return err
			}
			r.Header.Set("X-GitHub-Api-Version", act.vers.get())
			return httpx.Bearer(httpx.Held(jwt))(ctx, r)
		}
		s.handed, s.handsErr = h, errors.Join(errs[:]...)
	})
	return s.handed, s.handsErr
}

// get reads with the credential to revoke with, and where that may not see, with the one to read with.
func (h *hands) get(ctx context.Context, path string, q url.Values, into any) error {
	_, err := h.act.Get(ctx, path, q, into)
	if h.act != h.read && hidden(err) {
		_, err = h.read.Get(ctx, path, q, into)
	}
	return err
}

// hidden reports whether an error says that this credential may not see something, or that it is not there.
func hidden(err error) bool {
	st := httpx.Status(err)
	return st == http.StatusForbidden || st == http.StatusNotFound
}

// all reads a list to its end.
func all[T any](ctx context.Context, h *hands, path string, q url.Values) ([]T, error) {
	look := func(c *httpx.Client) (out []T, err error) {
		for x, err := range httpx.Pages[T](ctx, c, path, q, httpx.LinkPager(perPage)) {
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
		return out, nil
	}
	out, err := look(h.act)
	if h.act != h.read && hidden(err) {
		out, err = look(h.read)
	}
	return out, err
}

// find looks through a list to its end. A list that was read to its end and does not have the object is an answer.
func find[T any](ctx context.Context, h *hands, path, items string, is func(*T) bool) (*T, error) {
	look := func(c *httpx.Client) (*T, error) {
		for x, err := range httpx.Pages[T](ctx, c, path, nil, httpx.LinkPager(perPage).In(items)) {
			if err != nil {
				return nil, err
			}
			if is(&x) {
				return &x, nil
			}
		}
		return nil, errGone
	}
	x, err := look(h.act)
	if h.act != h.read && hidden(err) {
		x, err = look(h.read)
	}
	return x, err
}

// below returns the path of an address below the API's base, or "".
func (s *Source) below(address string) string {
	rest, ok := strings.CutPrefix(address, strings.TrimRight(s.opt.URL, "/"))
	if !ok || !strings.HasPrefix(rest, "/") || strings.ContainsAny(rest, "?#") {
		return ""
	}
	return rest
}

// own reports whether a path lies in the organisation that the source is about.
func (s *Source) own(path string) bool {
	for _, room := range []string{"/orgs/", "/repos/"} {
		if rest, ok := strings.CutPrefix(path, room); ok {
			owner, _, _ := strings.Cut(rest, "/")
			return strings.EqualFold(owner, s.opt.Org)
		}
	}
	return false
}

// send sends what a step asks for.
func (h *hands) send(ctx context.Context, step revoke.Step, r request) (*httpx.Response, error) {
	q := httpx.Request{Method: r.method, Path: r.path, Idempotent: true}
	if r.body != nil {
		q.Body = r.body
	}
	if r.jwt {
		q.As = h.jwt
	}
	return h.act.Do(httpx.Armed(ctx, step.ID), q)
}

// request is one call that changes something.
type request struct {
	method, path string
	body         map[string]any
	jwt          bool // as the app itself
}

// words shows a call as it is sent, no credential in it.
func (r request) words(base string) string {
	text := r.method + " " + strings.TrimRight(base, "/") + r.path
	if r.body != nil {
		text += " " + jsonText(r.body)
	}
	return text
}

// said is an error in words that may be shown.
func said(err error) string {
	if err == nil {
		return ""
	}
	return inventory.Clean(err.Error())
}

func refusedWords(err error) string {
	return fmt.Sprintf("it could not be read back: %s", said(err))
}
