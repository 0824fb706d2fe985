package gitlab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// looks is what was asked for and what became of it. It may be used by many goroutines.
type looks struct {
	base string
	mu   sync.Mutex
	list []inventory.Looked
	bad  int // places that were not read to their end, though they are there
}

func (l *looks) add(path, state, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if state != inventory.LookedRead && state != inventory.LookedAbsent {
		l.bad++
	}
	l.list = append(l.list, inventory.Looked{Path: l.base + path, State: state, Reason: reason})
}

func (l *looks) read(path string) { l.add(path, inventory.LookedRead, "") }

// listed notes a list that was read to its end: what stood in it and was not found again is gone.
func (l *looks) listed(path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, inventory.Looked{Path: l.base + path, State: inventory.LookedRead, Whole: true})
}

// failed notes why a path was not read to its end.
func (l *looks) failed(path string, err error) {
	state, reason := whyNot(path, err)
	l.add(path, state, reason)
}

// of is a part of the ledger for one project: where everything below it was read, one line says so.
func (l *looks) of() *looks { return &looks{base: l.base} }

// fold takes the part for a project in: one line for all that was read, or each line where something was not.
func (l *looks) fold(path string, part *looks) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if part.bad == 0 {
		l.list = append(l.list, inventory.Looked{Path: l.base + path, State: inventory.LookedRead, Whole: true})
		return
	}
	l.bad += part.bad
	l.list = append(l.list, part.list...)
}

// flush writes the ledger in order.
func (l *looks) flush(sink inventory.Sink) {
	slices.SortFunc(l.list, func(a, b inventory.Looked) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.State, b.State), cmp.Compare(a.Reason, b.Reason))
	})
	for _, x := range slices.Compact(l.list) {
		sink.Looked(x)
	}
}

// whyNot tells what an error means for what was asked for.
func whyNot(path string, err error) (state, reason string) {
	status := httpx.Status(err)
	var se *httpx.StatusError
	scope := errors.As(err, &se) && strings.Contains(se.Message, "higher privileges")
	switch {
	case scope:
		return inventory.LookedDenied, "the token lacks the scope " + needOf(path).scope
	case status == http.StatusForbidden && se != nil && strings.Contains(se.Message, "blocked"):
		return inventory.LookedDenied, "the account of the token is blocked"
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return inventory.LookedDenied, "not for this token: " + needOf(path).role
	case status == http.StatusNotFound && needOf(path).plan:
		return inventory.LookedAbsent, "this GitLab, or its plan, does not have it"
	case status == http.StatusNotFound:
		return inventory.LookedDenied, "not there, or not for this token: " + needOf(path).role
	case errors.Is(err, httpx.ErrTooLarge):
		return inventory.LookedTooLarge, clean(err)
	case errors.Is(err, httpx.ErrAnswer):
		return inventory.LookedUnparsed, clean(err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return inventory.LookedFailed, "the collection ended before"
	}
	return inventory.LookedFailed, clean(err)
}

func clean(err error) string { return inventory.Clean(err.Error()) }

// need is what a list asks of a token. Source: GitLab's REST API pages and permissions table, 2026-11.
type need struct {
	path  *regexp.Regexp
	scope string
	role  string
	plan  bool // Premium or Ultimate, or newer than some instances: 404 means that it is not to be had
}

const reads = "read_api or api"

var needs = []need{
	{regexp.MustCompile(`^/groups/[^/]+/manage/`), reads, "Owner of the top group, on gitlab.com with Ultimate", true},
	{regexp.MustCompile(`^/groups/[^/]+/(?:access_tokens|service_accounts)`), reads, "Owner of the group", true},
	{regexp.MustCompile(`^/projects/[^/]+/access_tokens`), reads, "Maintainer of the project", false},
	{regexp.MustCompile(`^/projects/[^/]+/service_accounts`), reads, "Maintainer of the project", true},
	{regexp.MustCompile(`^/projects/[^/]+/(?:protected_environments|approval_rules|approvals)`), reads, "Developer of the project", true},
	{regexp.MustCompile(`^/projects/[^/]+/(?:protected_branches)`), reads, "Developer of the project", false},
	{regexp.MustCompile(`^/groups/[^/]+/variables`), reads, "Owner of the group", false},
	{regexp.MustCompile(`^/projects/[^/]+/cluster_agents$`), reads, "Developer of the project", true},
	{regexp.MustCompile(`^/projects/[^/]+/cluster_agents/`), reads, "Maintainer of the project", true},
	{regexp.MustCompile(`^/applications`), reads, "an administrator", false},
	{regexp.MustCompile(`^/(?:projects|groups)/[^/]+/(?:deploy_tokens|deploy_keys|triggers|runners|variables)`), reads, "Maintainer of the project or group", false},
	{regexp.MustCompile(`^/groups/[^/]+/protected_environments`), reads, "Maintainer of the group", true},
	{regexp.MustCompile(`^/projects/[^/]+/repository/`), "read_repository, read_api or api", "Reporter of the project", false},
	{regexp.MustCompile(`^/service_accounts`), reads, "an administrator", true},
	{regexp.MustCompile(`^/(?:deploy_tokens|deploy_keys|runners|users|personal_access_tokens)`), reads, "an administrator, or Owner for a runner", false},
	{regexp.MustCompile(`^/`), reads, "a member with the role that shows it", false},
}

func needOf(path string) need {
	for _, n := range needs {
		if n.path.MatchString(path) {
			return n
		}
	}
	return needs[len(needs)-1]
}

// all reads a list to its end. What came before an error holds; ok says that there was none.
func all[T any](ctx context.Context, c *collection, l *looks, path string, q url.Values) (items []T, ok bool) {
	for x, err := range httpx.Pages[T](ctx, c.s.http, path, q, httpx.PagePager(pageSize)) {
		if err != nil {
			l.failed(path, err)
			return items, false
		}
		items = append(items, x)
	}
	l.listed(path)
	return items, true
}

// one reads one object. A nil answer was noted.
func one[T any](ctx context.Context, c *collection, l *looks, path string, q url.Values) *T {
	x := new(T)
	if _, err := c.s.http.Get(ctx, path, q, x); err != nil {
		l.failed(path, err)
		return nil
	}
	l.read(path)
	return x
}

const pageSize = 100 // the most that GitLab gives

func groupPath(id int, rest string) string { return fmt.Sprintf("/groups/%d%s", id, rest) }

func projectPath(id int, rest string) string { return fmt.Sprintf("/projects/%d%s", id, rest) }
