package gitea

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// The parts of Gitea's answers that are read (published API of 1.25). giteatest holds each field to what is published.

type userAnswer struct {
	ID        int64     `json:"id"`
	Login     string    `json:"login"`
	LoginName string    `json:"login_name"`
	Source    int64     `json:"source_id"`
	FullName  string    `json:"full_name"`
	Email     string    `json:"email"`
	Admin     bool      `json:"is_admin"`
	LastLogin time.Time `json:"last_login"`
	Active    bool      `json:"active"`
	Prohibit  bool      `json:"prohibit_login"`
	Text      string    `json:"description"`
}

type tokenAnswer struct {
	ID       int64     `json:"id"`
	Name     string    `json:"name"`
	LastUsed time.Time `json:"last_used_at"`
	Created  time.Time `json:"created_at"`
	Tail     string    `json:"token_last_eight"`
	Scopes   []string  `json:"scopes"`
}

type appAnswer struct {
	ID           int64     `json:"id"`
	Name         string    `json:"name"`
	Client       string    `json:"client_id"`
	Confidential bool      `json:"confidential_client"`
	Created      time.Time `json:"created"`
}

type repoAnswer struct {
	ID       int64      `json:"id"`
	Owner    userAnswer `json:"owner"`
	Name     string     `json:"name"`
	Full     string     `json:"full_name"`
	Empty    bool       `json:"empty"`
	Private  bool       `json:"private"`
	Archived bool       `json:"archived"`
	Branch   string     `json:"default_branch"`
	Actions  bool       `json:"has_actions"`
	// Mine is what the asker itself may do.
	Mine struct {
		Admin bool `json:"admin"`
		Push  bool `json:"push"`
		Pull  bool `json:"pull"`
	} `json:"permissions"`
}

type keyAnswer struct {
	ID          int64     `json:"id"`
	Title       string    `json:"title"`
	Fingerprint string    `json:"fingerprint"`
	Created     time.Time `json:"created_at"`
	ReadOnly    bool      `json:"read_only"`
}

// publicKeyAnswer is an SSH key of a user.
type publicKeyAnswer struct {
	ID          int64     `json:"id"`
	Title       string    `json:"title"`
	Fingerprint string    `json:"fingerprint"`
	Created     time.Time `json:"created_at"`
	LastUsed    time.Time `json:"last_used_at"`
}

type permissionAnswer struct {
	Permission string `json:"permission"`
}

type orgAnswer struct {
	Name string `json:"name"`
}

type teamAnswer struct {
	ID         int64             `json:"id"`
	Name       string            `json:"name"`
	All        bool              `json:"includes_all_repositories"`
	Permission string            `json:"permission"`
	Units      map[string]string `json:"units_map"`
}

type ruleAnswer struct {
	Name            string   `json:"rule_name"`
	Priority        int64    `json:"priority"`
	Push            bool     `json:"enable_push"`
	PushList        bool     `json:"enable_push_whitelist"`
	PushUsers       []string `json:"push_whitelist_usernames"`
	PushTeams       []string `json:"push_whitelist_teams"`
	PushKeys        bool     `json:"push_whitelist_deploy_keys"`
	MergeList       bool     `json:"enable_merge_whitelist"`
	MergeUsers      []string `json:"merge_whitelist_usernames"`
	MergeTeams      []string `json:"merge_whitelist_teams"`
	StatusCheck     bool     `json:"enable_status_check"`
	Contexts        []string `json:"status_check_contexts"`
	Approvals       int64    `json:"required_approvals"`
	ApprovalsList   bool     `json:"enable_approvals_whitelist"`
	ApprovalsUsers  []string `json:"approvals_whitelist_username"`
	ApprovalsTeams  []string `json:"approvals_whitelist_teams"`
	DismissStale    bool     `json:"dismiss_stale_approvals"`
	IgnoreStale     bool     `json:"ignore_stale_approvals"`
	ProtectedFiles  string   `json:"protected_file_patterns"`
	NoAdminOverride bool     `json:"block_admin_merge_override"`
}

type branchAnswer struct {
	Name        string   `json:"name"`
	Protected   bool     `json:"protected"`
	Approvals   int64    `json:"required_approvals"`
	StatusCheck bool     `json:"enable_status_check"`
	Contexts    []string `json:"status_check_contexts"`
	CanPush     bool     `json:"user_can_push"` // the asker
}

type secretAnswer struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created_at"`
}

type runnerAnswer struct {
	ID        int64         `json:"id"`
	Name      string        `json:"name"`
	Status    string        `json:"status"`
	Ephemeral bool          `json:"ephemeral"`
	Labels    []labelAnswer `json:"labels"`
}

type labelAnswer struct {
	Name string `json:"name"`
}

type workflowAnswer struct {
	Path  string `json:"path"`
	State string `json:"state"`
}

type contentAnswer struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// api is a client of one server that signs in with one credential.
type api struct {
	*httpx.Client
	basic httpx.Auth
	value httpx.Getter
}

// lazy reads a credential once.
type lazy struct {
	once  sync.Once
	value inventory.Value
	err   error
}

func (l *lazy) get(read func() (inventory.Value, error)) (inventory.Value, error) {
	l.once.Do(func() { l.value, l.err = read() })
	return l.value, l.err
}

const (
	pageSize = 50
	maxPages = 10_000 // of a list that is read as it comes
	maxWhole = 200    // of one that is held in memory
)

// ask makes the request for a list; as is the user in whose name it is asked, "" for one's own.
type ask struct {
	path  string
	basic bool
	as    string
	key   string // where the list stands in the answer; "" where it is the answer
	uid   int64  // of whom the repositories are searched; 0: of everybody
	most  int    // pages; 0: maxPages
}

func (a *api) request(q ask, query url.Values, into any) httpx.Request {
	r := httpx.Request{Path: q.path, Query: query, Into: into}
	if q.basic {
		r.As = a.basic
	}
	if q.as != "" {
		r.Header = http.Header{"Sudo": {q.as}}
	}
	return r
}

// list reads a list page by page. Not every list of Gitea links to its next page, and a server may make its pages smaller
// than was asked: the list is read until its total is reached, or where none is told, until a page is empty.
func list[T any](ctx context.Context, a *api, q ask) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		seen := 0
		for number := 1; ; number++ {
			if number > cmp.Or(q.most, maxPages) {
				yield(zero, fmt.Errorf("%s: %w: its list does not end", q.path, httpx.ErrAnswer))
				return
			}
			items, total, err := pageOf[T](ctx, a, q, number)
			if err != nil {
				yield(zero, err)
				return
			}
			for _, x := range items {
				if !yield(x, nil) {
					return
				}
			}
			seen += len(items)
			if len(items) == 0 || total >= 0 && seen >= total {
				return
			}
		}
	}
}

// pageOf reads one page. total is -1 where the server does not tell it.
func pageOf[T any](ctx context.Context, a *api, q ask, number int) (items []T, total int, err error) {
	query := url.Values{"page": {strconv.Itoa(number)}, "limit": {strconv.Itoa(pageSize)}}
	if q.uid != 0 {
		query.Set("uid", itoa(q.uid))
	}
	total = -1
	var resp *httpx.Response
	if q.key == "" {
		resp, err = a.Do(ctx, a.request(q, query, &items))
	} else {
		in := struct {
			Data *[]T `json:"data"`
		}{&items}
		resp, err = a.Do(ctx, a.request(q, query, &in))
		if err == nil && in.Data == nil {
			err = fmt.Errorf("%s: %w: its list is missing", q.path, httpx.ErrAnswer)
		}
	}
	if err != nil {
		return nil, 0, err
	}
	if n, err := strconv.Atoi(resp.Header.Get("X-Total-Count")); err == nil && n >= 0 {
		total = n
	}
	return items, total, nil
}

// all reads a whole list into memory, for lists of one user or one repository.
func all[T any](ctx context.Context, a *api, q ask) ([]T, error) {
	var out []T
	q.most = maxWhole
	for x, err := range list[T](ctx, a, q) {
		if err != nil {
			return out, err
		}
		out = append(out, x)
	}
	return out, nil
}

// whole reads a list that has no pages.
func whole[T any](ctx context.Context, a *api, path string) ([]T, error) {
	var out []T
	_, err := a.Do(ctx, a.request(ask{path: path}, nil, &out))
	return out, err
}

// runners reads a list of runners, which tells its total in the answer itself.
func (a *api) runners(ctx context.Context, path string) ([]runnerAnswer, error) {
	var out []runnerAnswer
	for number := 1; number <= maxWhole; number++ {
		var in struct {
			Runners []runnerAnswer `json:"runners"`
			Total   int            `json:"total_count"`
		}
		query := url.Values{"page": {strconv.Itoa(number)}, "limit": {strconv.Itoa(pageSize)}}
		if _, err := a.Do(ctx, a.request(ask{path: path}, query, &in)); err != nil {
			return out, err
		}
		out = append(out, in.Runners...)
		if len(in.Runners) == 0 || len(out) >= in.Total {
			break
		}
	}
	return out, nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
