package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
)

var _ interface {
	sources.Source
	revoke.HeldRevoker
	revoke.Undoer
	revoke.UndoVerifier
	revoke.Recoverer
	revoke.Paralleler
} = (*enterprise)(nil)

// enterprise is one source for all organisations of an enterprise, each of which is read and changed as a source of its own
// would. What is not about one of them (a credential in hand) is done by the Source that it holds.
type enterprise struct {
	*Source
	mu   sync.Mutex
	orgs map[string]*Source // by login in lower case; nil before the list was read
}

// others are who stands where in the organisations of an enterprise that are read together.
type others struct {
	active map[string]bool // logins in lower case that have a place in one of them
	whole  bool            // the lists of all of them were read to their end
}

// Info describes the source.
func (e *enterprise) Info() sources.Info {
	i := e.Source.Info()
	i.Needs[1] = "a credential that may read the enterprise " + e.opt.Enterprise + " and its organisations; what it may not read is unknown and named here"
	return i
}

// Collect reads one organisation after the other: first who is where, so that nobody has left who is in another one. An
// organisation that cannot be read costs itself.
func (e *enterprise) Collect(ctx context.Context, sink inventory.Sink) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sink.Progress("reading the organisations of " + e.opt.Enterprise)
	list, err := e.list(ctx, sink.Looked)
	if err != nil {
		return err
	}
	var open []*collection
	var bad []string
	all := &others{active: map[string]bool{}, whole: true}
	for _, s := range list {
		c, err := s.start(ctx, sink)
		switch {
		case err != nil && over(ctx, err):
			return err
		case err != nil:
			all.whole = false
			bad = append(bad, inventory.Clean(s.opt.Org+": "+err.Error()))
			continue
		}
		all.add(&c.people)
		open = append(open, c)
	}
	if len(open) == 0 {
		return fmt.Errorf("no organisation of the enterprise %s could be read: %s", e.opt.Enterprise, strings.Join(bad, "; "))
	}
	for i, c := range open {
		c.people.others = all
		if err := c.finish(); err != nil && !errors.Is(err, sources.ErrPartial) {
			return err // what was listed is not delivered: nothing of it may be taken for gone
		} else if err != nil {
			bad = append(bad, inventory.Clean(c.src.opt.Org+": "+err.Error()))
		}
		open[i] = nil
	}
	sink.Progress("")
	if len(bad) > 0 {
		return fmt.Errorf("%w: %s", sources.ErrPartial, strings.Join(bad, "; "))
	}
	return nil
}

// over reports whether an error is one for all organisations: the context ended, or the credential is not accepted.
func over(ctx context.Context, err error) bool {
	return ctx.Err() != nil || httpx.Status(err) == http.StatusUnauthorized
}

func (o *others) add(p *members) {
	o.whole = o.whole && p.whole
	for login, s := range p.of {
		if s != stranger {
			o.active[login] = true
		}
	}
}

// list asks for the organisations and keeps a source for each.
func (e *enterprise) list(ctx context.Context, look func(inventory.Looked)) ([]*Source, error) {
	logins, path, err := e.logins(ctx)
	at := strings.TrimRight(e.opt.URL, "/") + path
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		state, reason := lost(err, orgsNeed)
		look(inventory.Looked{Path: at, State: state, Reason: reason})
		return nil, fmt.Errorf("the organisations of the enterprise %s: %s: %w", e.opt.Enterprise, reason, err)
	}
	look(inventory.Looked{Path: at, State: inventory.LookedRead, Whole: true})
	e.mu.Lock()
	defer e.mu.Unlock()
	was := e.orgs
	e.orgs = map[string]*Source{}
	var out []*Source
	for _, login := range logins {
		if len(e.opt.Orgs) > 0 && !match(e.opt.Orgs, login) {
			continue
		}
		key := strings.ToLower(login)
		s := was[key]
		if s == nil {
			s = e.of(login)
		}
		e.orgs[key] = s
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: GitHub shows this credential no organisation of the enterprise %s that is wanted", sources.ErrPartial, e.opt.Enterprise)
	}
	return out, nil
}

// of is the source of one organisation, under the name of the whole.
func (e *enterprise) of(login string) *Source {
	o := e.opt
	o.Org = login
	return &Source{opt: o, name: e.name, env: e.env, cat: e.cat, log: e.log, host: e.host, keep: e.keep, timeout: e.timeout}
}

// orgsNeed is what the list of organisations takes (OpenAPI document and GraphQL schema of GitHub, 2026-11).
const orgsNeed = "an app that is installed on the enterprise with Enterprise organization installations (read), or read:enterprise of an owner of the enterprise"

const orgsQuery = `query($slug:String!,$after:String){enterprise(slug:$slug){organizations(first:100,after:$after,orderBy:{field:LOGIN,direction:ASC}){totalCount pageInfo{hasNextPage endCursor} nodes{login}}}}`

// logins are the organisations of the enterprise, in order, and the path that they were found by: an app that is installed
// on the enterprise is told by REST, a person's token by GraphQL.
func (e *enterprise) logins(ctx context.Context) (out []string, path string, err error) {
	l := &login{src: e.Source, token: e.opt.Token, app: e.opt.App, reads: true, on: e.opt.Enterprise, vers: &version{}}
	path = httpx.Path("/enterprises/%s/organizations", e.opt.Enterprise)
	c, err := e.client(l.authorize, []string{e.graphURL()})
	if err != nil {
		return nil, path, err
	}
	if l.app.isZero() {
		out, err = orgsByGraph(ctx, c, e.graphURL(), e.opt.Enterprise)
	} else {
		path = httpx.Path("/enterprises/%s/apps/installable_organizations", e.opt.Enterprise)
		for o, err := range httpx.Pages[struct {
			Login string `json:"login"`
		}](ctx, c, path, nil, httpx.LinkPager(perPage)) {
			if err != nil {
				return nil, path, err
			}
			out = append(out, o.Login)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), path, err
}

func orgsByGraph(ctx context.Context, c *httpx.Client, url, slug string) ([]string, error) {
	var out []string
	after := ""
	for {
		var got struct {
			Data *struct {
				Enterprise *struct {
					Orgs *struct {
						Info struct {
							More bool   `json:"hasNextPage"`
							End  string `json:"endCursor"`
						} `json:"pageInfo"`
						Nodes []struct {
							Login string `json:"login"`
						} `json:"nodes"`
					} `json:"organizations"`
				} `json:"enterprise"`
			} `json:"data"`
			Errors []gError `json:"errors"`
		}
		vars := map[string]any{"slug": slug}
		if after != "" {
			vars["after"] = after
		}
		if _, err := c.Do(ctx, httpx.Request{Method: http.MethodPost, Path: url, Body: map[string]any{"query": orgsQuery, "variables": vars}, Into: &got}); err != nil {
			return nil, err
		}
		if got.Data == nil || got.Data.Enterprise == nil || got.Data.Enterprise.Orgs == nil {
			return nil, graphError(got.Errors)
		}
		p := got.Data.Enterprise.Orgs
		for _, n := range p.Nodes {
			out = append(out, n.Login)
		}
		if !p.Info.More {
			return out, nil
		}
		if p.Info.End == "" || p.Info.End == after {
			return nil, fmt.Errorf("%w: the list of organisations does not end", httpx.ErrAnswer)
		}
		after = p.Info.End
	}
}
