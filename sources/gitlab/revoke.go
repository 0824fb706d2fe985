package gitlab

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
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
	revoke.Authorizer
} = (*Source)(nil)

// Parallel implements revoke.Paralleler.
func (s *Source) Parallel() int { return s.opt.Concurrency }

// Authorization implements revoke.Authorizer.
func (s *Source) Authorization() string { return "header PRIVATE-TOKEN" }

// Keys of [revoke.Step.Params]. None holds a value.
const (
	paramPath   = "path" // of the object, below the API's base
	paramWhat   = "what" // the change: a key of changes
	paramWas    = "was"  // how it stood when the plan was made
	paramName   = "name" // of the object when the plan was made
	paramJob    = "job"  // a job of a pipeline, for a manual step, with the two below
	paramKind   = "kind"
	paramIssued = "issued" // "yes": the provider itself lists it
	paramFile   = "file"
)

// standing is an object of the provider as it is read back, whatever its kind.
type standing struct {
	ID          int      `json:"id"`
	Name        string   `json:"name"`
	Application string   `json:"application_name"`
	Key         varKey   `json:"key"`
	Status      string   `json:"status"` // of the token of a cluster agent
	Title       string   `json:"title"`
	Username    string   `json:"username"`
	Description string   `json:"description"`
	FullPath    string   `json:"full_path"`
	Path        string   `json:"path_with_namespace"`
	Revoked     bool     `json:"revoked"`
	State       string   `json:"state"`
	AccessLevel role     `json:"access_level"`
	CanPush     bool     `json:"can_push"`
	Paused      bool     `json:"paused"`
	Duo         *bool    `json:"duo_features_enabled"`
	Flows       *bool    `json:"duo_remote_flows_enabled"`
	Scopes      []string `json:"scopes"`
}

// role is the number of a role; a runner has a word in its place, which is none.
type role int

// UnmarshalJSON takes a number and lets everything else be 0.
func (r *role) UnmarshalJSON(data []byte) error {
	n, err := strconv.Atoi(string(data))
	if err == nil {
		*r = role(n)
	}
	return nil
}

// varKey is the name of a variable; a deploy key has its public key in its place, which is no name.
type varKey string

// UnmarshalJSON lets everything be empty that is not the name of a variable.
func (k *varKey) UnmarshalJSON(data []byte) error {
	if s := strings.Trim(string(data), `"`); variableName.MatchString(s) {
		*k = varKey(s)
	}
	return nil
}

var variableName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// called is the name by which an object is known again.
func (x *standing) called() string {
	for _, n := range []string{x.FullPath, x.Path, x.Username, x.Title, x.Name, x.Application, string(x.Key), x.Description} {
		if n != "" {
			return inventory.Clean(n)
		}
	}
	return ""
}

// errGone says that the provider knows no such object, or does not show it.
var errGone = errors.New("GitLab shows no such thing")

// withRevoke sends a request with the credential to revoke with.
func (s *Source) withRevoke() httpx.Auth {
	if s.opt.RevokeToken.IsZero() {
		return nil
	}
	return httpx.Header("PRIVATE-TOKEN", "", func(ctx context.Context) (inventory.Value, error) { return s.opt.RevokeToken.Read(ctx, s.lookup()) })
}

// stand reads an object back with the credential to revoke with. It returns errGone where GitLab answers that it is not
// there.
func (s *Source) stand(ctx context.Context, path string) (*standing, error) {
	return s.standAs(ctx, path, s.withRevoke())
}

// seen is stand for a proof: what the credential to revoke with may not see, the one to read with perhaps may.
func (s *Source) seen(ctx context.Context, path string) (*standing, httpx.Auth, error) {
	st, err := s.standAs(ctx, path, s.withRevoke())
	if s.opt.RevokeToken.IsZero() || err == nil || !hidden(err) {
		return st, s.withRevoke(), err
	}
	other, err2 := s.standAs(ctx, path, nil)
	if err2 != nil && !errors.Is(err2, errGone) {
		return st, s.withRevoke(), err
	}
	return other, nil, err2
}

// hidden reports an answer that may only mean that the object is not for this credential.
func hidden(err error) bool {
	status := httpx.Status(err)
	return errors.Is(err, errGone) || status == http.StatusUnauthorized || status == http.StatusForbidden
}

func (s *Source) standAs(ctx context.Context, path string, as httpx.Auth) (*standing, error) {
	if k := kindOf(path); k != nil && k.list {
		return s.find(ctx, path, as)
	}
	x := &standing{}
	_, err := s.http.Do(ctx, httpx.Request{Path: path, Into: x, As: as})
	if httpx.Status(err) == http.StatusNotFound {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	x.Revoked = x.Revoked || x.Status == "revoked"
	return x, nil
}

// find looks for an object that GitLab shows in a list only. A list that was read to its end and does not have it is an
// answer.
func (s *Source) find(ctx context.Context, path string, as httpx.Auth) (*standing, error) {
	i := strings.LastIndexByte(path, '/')
	list, id := path[:i], path[i+1:]
	q := url.Values{"per_page": {number(pageSize)}}
	for page := 1; page <= mostListed; page++ {
		var items []standing
		q.Set("page", number(page))
		resp, err := s.http.Do(ctx, httpx.Request{Path: list, Query: q, Into: &items, As: as})
		if httpx.Status(err) == http.StatusNotFound {
			return nil, errGone
		}
		if err != nil {
			return nil, err
		}
		for j := range items {
			if number(items[j].ID) == id {
				return &items[j], nil
			}
		}
		if resp.Header.Get("X-Next-Page") == "" {
			return nil, errGone
		}
	}
	return nil, errors.New("the list is too long to be looked through")
}

// mostListed bounds the pages of a list that are looked through for one object.
const mostListed = 200

// below returns the path of an address below the API's base, or "".
func (s *Source) below(address string) string {
	rest, ok := strings.CutPrefix(address, s.http.Base())
	if !ok || !strings.HasPrefix(rest, "/") {
		return ""
	}
	return rest
}

// act sends what a step asks for. What it does twice is the same as once, so that it may be repeated.
func (s *Source) act(ctx context.Context, step revoke.Step, method, path string, body any) (*httpx.Response, error) {
	return s.http.Do(httpx.Armed(ctx, step.ID), httpx.Request{Method: method, Path: path, Body: body, As: s.withRevoke(), Idempotent: true})
}

// control reports whether the credential to revoke with is accepted now: then a refusal of another one is meant for it.
func (s *Source) control(ctx context.Context) bool {
	resp, err := s.http.Do(ctx, httpx.Request{Path: selfPath, As: s.withRevoke()})
	return err == nil && resp.Status == http.StatusOK
}
