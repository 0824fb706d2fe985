package gitea

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// collection is one reading of the server.
type collection struct {
	s    *Source
	ctx  context.Context
	sink inventory.Sink
	api  *api
	led  ledger

	version  string
	me       *account // whose credential it is; nil: not known
	admin    bool     // an administrator of the instance
	listed   bool     // every user was listed, so that one who is not among them is a bot
	accounts map[string]*account
	admins   []string // of the instance, in lower case
	orgs     map[string]*org
	keys     map[string]*deployKey // by fingerprint
	order    []string              // fingerprints as they came
	guards   map[string]string     // repository -> its rules in words
	runners  map[int64]bool        // those that were delivered
	placed   map[inventory.ID]bool // resources that were delivered
	repos    int
}

// deployKey is one public key, in all repositories that take it.
type deployKey struct {
	secret inventory.Secret
	tally  forge.Tally
	title  string
	repo   string
}

func (s *Source) begin(ctx context.Context, sink inventory.Sink) (*collection, error) {
	a, err := s.client(s.reads, &sink)
	if err != nil {
		return nil, err
	}
	return &collection{
		s: s, ctx: ctx, sink: sink, api: a, accounts: map[string]*account{}, orgs: map[string]*org{}, keys: map[string]*deployKey{}, guards: map[string]string{}, runners: map[int64]bool{}, placed: map[inventory.ID]bool{},
	}, nil
}

func (c *collection) run() error {
	if _, err := c.api.value(c.ctx); err != nil {
		return fmt.Errorf("the credential cannot be read: %w", err)
	}
	for _, step := range []func() error{c.self, c.users, c.organisations, c.repositories, c.instanceRunners} {
		if err := step(); err != nil {
			// What is known so far holds; what else the accounts may do is not.
			if c.led.lost++; c.ctx.Err() == nil && c.version != "" {
				c.deliver()
				c.led.close(c)
			}
			return c.ended(err)
		}
	}
	c.deliver()
	c.led.close(c)
	if c.led.lost > 0 {
		return fmt.Errorf("%w: %d places, the first: %s", sources.ErrPartial, c.led.lost, c.led.reason)
	}
	return nil
}

// ended says in the operator's words why nothing more could be read. What was delivered stays.
func (c *collection) ended(err error) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if httpx.Status(err) == http.StatusUnauthorized {
		return fmt.Errorf("the server does not accept the credential (%s): it was revoked, or is of another server: %w", c.s.reads.ref, err)
	}
	return err
}

// self asks who the credential belongs to.
func (c *collection) self() error {
	c.sink.Progress("asking who the credential belongs to")
	var v struct {
		Version string `json:"version"`
	}
	// Gitea refuses an account that may not sign in everywhere, and so here; that is no lack of a scope.
	if _, err := c.api.Get(c.ctx, "/version", nil, &v); err != nil {
		return err
	}
	c.version = v.Version
	c.read("/version")
	var u userAnswer
	_, err := c.api.Get(c.ctx, "/user", nil, &u)
	if err != nil {
		return c.lose(missed{path: "/user", what: "whose credential this is", err: err})
	}
	if u.Login == "" {
		return c.lose(missed{path: "/user", what: "whose credential this is", err: fmt.Errorf("%w: no login", httpx.ErrAnswer)})
	}
	c.read("/user")
	c.me, c.admin = c.account(u, true), u.Admin
	return nil
}

var gitea = regexp.MustCompile(`^v?(\d+)\.(\d+)`)

// before reports whether the server is older than a version of Gitea. Forgejo, whose version names the Gitea that it came
// from, is taken for that one.
func (c *collection) before(major, minor int) bool { return older(c.version, major, minor) }

func older(v string, major, minor int) bool {
	if _, from, ok := strings.Cut(v, "+gitea-"); ok {
		v = from
	}
	m := gitea.FindStringSubmatch(v)
	if m == nil {
		return false
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	return a < major || a == major && b < minor
}

// parallel does something for each of a few things, some at a time, and returns the results in order.
func parallel[T, R any](xs []T, do func(T) R) []R {
	const workers = 4
	out := make([]R, len(xs))
	var wg inventory.Group
	slots := make(chan struct{}, workers)
	for i, x := range xs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			out[i] = do(x)
		})
	}
	wg.Wait()
	return out
}

// chunks gathers the items of a list that arrives one by one, so many at a time.
func chunks[T any](seq func(func(T, error) bool), size int, do func([]T) error) error {
	var some []T
	var failed error
	for x, err := range seq {
		if err != nil {
			failed = err
			break
		}
		if some = append(some, x); len(some) == size {
			if err := do(some); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	if len(some) > 0 {
		if err := do(some); err != nil {
			return err
		}
	}
	if failed != nil {
		return &listError{failed}
	}
	return nil
}

// listError is an error of the list itself, not of what was done with its items.
type listError struct{ err error }

func (e *listError) Error() string { return e.err.Error() }
func (e *listError) Unwrap() error { return e.err }

// listed turns the end of a list into a line of the ledger.
func (c *collection) ofList(path, what string, err error) error {
	var le *listError
	if errors.As(err, &le) {
		return c.lose(missed{path: path, what: what, err: le.err})
	}
	if err == nil {
		c.read(path)
	}
	return err
}

// wanted reports whether a repository is to be read.
func (c *collection) wanted(full string) bool {
	pats := c.s.opt.Repositories
	return len(pats) == 0 || slices.ContainsFunc(pats, func(p string) bool { return globs(p, full) })
}
