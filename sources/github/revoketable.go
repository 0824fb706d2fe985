package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// horizon is how long a revocation may take until GitHub refuses everywhere. GitHub names no time; grants and tokens were
// refused within seconds.
const horizon = time.Minute

// readBack is an object as it is read back.
type readBack struct {
	name  string // by which it is known again
	who   string // whose credential it is
	state string // what a change is about
	app   int64  // of an installation
	repos []string
	also  string // who else stops working
	team  bool   // a seat that comes with a team
	ended bool   // it is over, or will be with the month
}

// object is a kind of object that can be taken away, told by its path. Source: the OpenAPI document of GitHub, API version
// 2026-03-10, and the documentation of each operation, read 2026-11.
type object struct {
	path     *regexp.Regexp
	name     string
	action   string
	layer    revoke.Layer
	read     func(ctx context.Context, s *Source, h *hands, m []string) (*readBack, error)
	end      func(s *Source, m []string, x *readBack) *request // nil: there is no call for it
	contain  []string                                          // keys of changes, done first
	effect   string
	residual string
	hand     func(s *Source, m []string) string // where a person does it
	person   bool                               // a credential of a person
	tells    string                             // whom GitHub writes to because of it
}

// mailsOwner is what GitHub's pages say of tokens that are revoked, by an organisation or by their value (2026-11).
const mailsOwner = "GitHub mails the token's owner"

var objects = []object{
	{path: regexp.MustCompile(`^/orgs/([^/]+)/personal-access-tokens/(\d+)$`), name: "grant of the fine-grained token", action: revoke.ActionUninstall, layer: revoke.LayerGrant,
		read: readGrant("personal-access-tokens"), end: func(_ *Source, m []string, _ *readBack) *request {
			return &request{method: "POST", path: m[0], body: map[string]any{"action": "revoke"}}
		}, effect: "the token reaches nothing of the organisation any more, until its owner asks and is let in again",
		residual: tokenItself,
		hand:     orgPage("settings/personal-access-tokens/active"), person: true, tells: mailsOwner},
	{path: regexp.MustCompile(`^/orgs/([^/]+)/personal-access-token-requests/(\d+)$`), name: "request of the fine-grained token", action: revoke.ActionUninstall, layer: revoke.LayerGrant,
		read: readGrant("personal-access-token-requests"), end: func(_ *Source, m []string, _ *readBack) *request {
			return &request{method: "POST", path: m[0], body: map[string]any{"action": "deny"}}
		}, effect: "the token is not let in", residual: tokenItself,
		hand: orgPage("settings/personal-access-token-requests")},
	{path: regexp.MustCompile(`^/orgs/([^/]+)/credential-authorizations/(\d+)$`), name: "authorisation for single sign-on", action: revoke.ActionUninstall, layer: revoke.LayerGrant,
		read: readAuthorization, end: deletes, effect: "the credential reaches nothing of the organisation any more, until its owner authorises it again",
		residual: credentialItself + revoke.Also + againAuthorised,
		hand:     orgPage("people"), person: true},
	{path: regexp.MustCompile(`^/orgs/([^/]+)/installations/(\d+)$`), name: "installation of the app", action: revoke.ActionUninstall, layer: revoke.LayerGrant,
		read: readInstallation, end: func(s *Source, m []string, _ *readBack) *request {
			if s.opt.Enterprise == "" {
				return nil
			}
			return &request{method: "DELETE", path: httpx.Path("/enterprises/%s/apps/organizations/%s/installations/%s", s.opt.Enterprise, m[1], m[2])}
		}, contain: []string{"suspend", "narrow"}, effect: "the app's tokens are refused, and it gets no new one here",
		residual: "the app's key and its installations elsewhere" + revoke.Also + "what it cloned or read",
		hand: func(s *Source, m []string) string {
			return s.web() + "/organizations/" + m[1] + "/settings/installations/" + m[2]
		}},
	{path: regexp.MustCompile(`^/repos/([^/]+/[^/]+)/keys/(\d+)$`), name: "deploy key", action: revoke.ActionDelete, layer: revoke.LayerCredential, read: readKey, end: deletes,
		effect: "the key opens this repository no more", residual: privateKey + revoke.Also + "what was cloned",
		hand: func(s *Source, m []string) string { return s.web() + "/" + m[1] + "/settings/keys" }},
	{path: regexp.MustCompile(`^/(orgs/[^/]+|repos/[^/]+/[^/]+)/(?:actions|agents|environments/[^/]+)/secrets/([^/]+)$`), name: "stored secret", action: revoke.ActionDelete, layer: revoke.LayerCopy,
		read: readStored, end: deletes, effect: "jobs and agents are given it no more; its value cannot be read back, so that this cannot be undone",
		residual: storedThere, hand: placePage("settings/secrets/actions")},
	{path: regexp.MustCompile(`^/orgs/([^/]+)/members/([^/]+)/copilot$`), name: "Copilot seat", read: readSeat, contain: []string{"seat-end"},
		hand: orgPage("settings/copilot/seat_management")},
	{path: regexp.MustCompile(`^/orgs/([^/]+)/copilot/coding-agent/permissions$`), name: "cloud agent", read: readCloudAgent, contain: []string{"agent-off"},
		hand: orgPage("settings/copilot/coding_agent")},
	{path: regexp.MustCompile(`^/(orgs/[^/]+|repos/[^/]+/[^/]+)/actions/runners/(\d+)$`), name: "runner", action: revoke.ActionDelete, layer: revoke.LayerCredential, read: readRunner, end: deletes,
		effect: "it gets no job any more", residual: "the machine itself, and what jobs left on it", hand: placePage("settings/actions/runners")},
	{path: regexp.MustCompile(`^/orgs/([^/]+)/memberships/([^/]+)$`), name: "membership of the account", action: revoke.ActionUninstall, layer: revoke.LayerGrant, read: readMembership,
		end: deletes, contain: []string{"owner-off"}, effect: "the account leaves the organisation, its teams and the private repositories; to come back it must be invited and accept",
		residual: "the account, its tokens and keys, and what they open elsewhere" + revoke.Also + "a membership by an enterprise team" + revoke.Also + "what was cloned", hand: orgPage("people")},
	{path: regexp.MustCompile(`^/orgs/([^/]+)/outside_collaborators/([^/]+)$`), name: "place of the outside collaborator", action: revoke.ActionUninstall, layer: revoke.LayerGrant,
		read: readOutside, end: deletes, effect: "the account leaves every repository of the organisation; to come back it must be invited and accept",
		residual: "the account, its tokens and keys, and what they open elsewhere" + revoke.Also + "what was cloned",
		hand:     func(s *Source, m []string) string { return s.web() + "/orgs/" + m[1] + "/outside-collaborators" }},
	{path: workflowPath, name: "workflow", read: readWorkflow, contain: []string{"workflow-off"},
		hand: func(s *Source, m []string) string { return s.web() + "/" + m[1] + "/actions/workflows/" + runs(m[2]) }},
}

func deletes(_ *Source, m []string, _ *readBack) *request {
	return &request{method: "DELETE", path: m[0]}
}

// workflowPath is where a workflow stands that runs assistants.
var workflowPath = regexp.MustCompile(`^/repos/([^/]+/[^/]+)/contents/\.github/workflows/([^/]+\.(?:ya?ml|md))$`)

// runs is the file that GitHub runs: of a workflow that is written as a text for an agent, what was made of it (gh-aw).
func runs(file string) string {
	if name, ok := strings.CutSuffix(file, ".md"); ok {
		return name + ".lock.yml"
	}
	return file
}

// placePage is a page of the settings of an organisation or a repository.
func placePage(rest string) func(*Source, []string) string {
	return func(s *Source, m []string) string {
		place := strings.TrimPrefix(m[1], "repos/")
		if org, ok := strings.CutPrefix(m[1], "orgs/"); ok {
			place = "organizations/" + org
		}
		return s.web() + "/" + place + "/" + rest
	}
}

func orgPage(rest string) func(*Source, []string) string {
	return func(s *Source, m []string) string { return s.web() + "/organizations/" + m[1] + "/" + rest }
}

// web is the address that people open.
func (s *Source) web() string { return "https://" + s.host }

// objectOf tells what an object is by its path, and the parts of the path.
func objectOf(path string) (*object, []string) {
	for i := range objects {
		if m := objects[i].path.FindStringSubmatch(path); m != nil {
			return &objects[i], m
		}
	}
	return nil, nil
}

func readGrant(list string) func(context.Context, *Source, *hands, []string) (*readBack, error) {
	return func(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
		x, err := find(ctx, h, "/orgs/"+m[1]+"/"+list, "", func(g *tokenGrant) bool { return num(g.ID) == m[2] })
		if err != nil {
			return nil, err
		}
		return &readBack{name: x.Name + " of " + x.Owner.Login, who: x.Owner.Login, ended: x.Expired}, nil
	}
}

func readAuthorization(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	x, err := find(ctx, h, "/orgs/"+m[1]+"/credential-authorizations", "", func(a *authorization) bool { return num(a.ID) == m[2] })
	if err != nil {
		return nil, err
	}
	return &readBack{name: x.Type + " of " + x.Login, who: x.Login}, nil
}

func readInstallation(ctx context.Context, s *Source, h *hands, m []string) (*readBack, error) {
	i, err := find(ctx, h, "/orgs/"+m[1]+"/installations", "installations", func(i *installation) bool { return num(i.ID) == m[2] })
	if err != nil {
		return nil, err
	}
	x := &readBack{name: i.Slug, app: i.AppID, state: i.Selection}
	if i.Suspended != nil {
		x.state = "suspended"
		return x, nil
	}
	if i.Selection != "selected" {
		return x, nil
	}
	x.state = "" // which ones is told to an app on the enterprise alone
	if s.opt.Enterprise != "" {
		path := httpx.Path("/enterprises/%s/apps/organizations/%s/installations/%s/repositories", s.opt.Enterprise, m[1], m[2])
		for r, err := range httpx.Pages[struct {
			Name string `json:"name"`
		}](ctx, h.act, path, nil, httpx.LinkPager(perPage)) {
			if err != nil {
				return x, nil //nolint:nilerr // the rest of it is known
			}
			x.repos = append(x.repos, r.Name)
		}
		slices.Sort(x.repos)
		x.state = "selected " + strings.Join(x.repos, " ")
	}
	return x, nil
}

func readKey(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	var k deployKey
	if err := h.one(ctx, m[0], &k); err != nil {
		return nil, err
	}
	return &readBack{name: k.Title + " of " + m[1]}, nil
}

func readStored(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	x, err := find(ctx, h, m[0][:strings.LastIndexByte(m[0], '/')], "secrets", func(x *storedSecret) bool { return x.Name == m[2] })
	if err != nil {
		return nil, err
	}
	return &readBack{name: x.Name}, nil
}

// How a seat stands.
const (
	seatActive = "active"
	seatEnding = "ending with the billing month"
)

func readSeat(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	x, err := find(ctx, h, "/orgs/"+m[1]+"/copilot/billing/seats", "seats", func(x *seat) bool {
		return x.Assignee != nil && strings.EqualFold(url.PathEscape(x.Assignee.Login), m[2])
	})
	if err != nil {
		return nil, err
	}
	b := &readBack{name: m[2], state: seatActive, team: x.Team != nil && x.Team.Slug != "", ended: x.Pending != nil && *x.Pending != ""}
	if b.ended {
		b.state = seatEnding
	}
	return b, nil
}

// invited is the state of a membership that was not accepted yet.
const invited = "invited"

func readMembership(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	var x struct {
		State string `json:"state"`
		Role  string `json:"role"`
	}
	if err := h.one(ctx, m[0], &x); err != nil {
		return nil, err
	}
	b := &readBack{name: m[2], state: x.Role}
	if x.State == "pending" {
		b.state = invited
	}
	return b, nil
}

func readOutside(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	u, err := find(ctx, h, "/orgs/"+m[1]+"/outside_collaborators", "", func(u *gUser) bool { return strings.EqualFold(url.PathEscape(u.Login), m[2]) })
	if err != nil {
		return nil, err
	}
	return &readBack{name: u.Login}, nil
}

func readWorkflow(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	var x struct {
		Path  string `json:"path"`
		State string `json:"state"`
	}
	if err := h.one(ctx, workflowCall(m, ""), &x); err != nil {
		return nil, err
	}
	if x.State == "deleted" {
		return nil, errGone
	}
	return &readBack{name: runs(m[2]) + " of " + m[1], state: x.State, also: "every job of " + runs(m[2]) + ", those without an assistant too"}, nil
}

// workflowCall is a call about a workflow, which GitHub takes by the name of its file.
func workflowCall(m []string, rest string) string {
	return "/repos/" + m[1] + httpx.Path("/actions/workflows/%s", runs(m[2])) + rest
}

func readCloudAgent(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	var x struct {
		Enabled string `json:"enabled_repositories"`
	}
	if err := h.one(ctx, m[0], &x); err != nil {
		return nil, err
	}
	b := &readBack{name: "cloud agent", state: x.Enabled}
	if x.Enabled == "selected" { // which they are is part of how it stands: an undo that GitHub forgot them for is none
		n := 0
		_, err := find(ctx, h, m[0]+"/repositories", "repositories", func(*struct{}) bool { n++; return false })
		if !errors.Is(err, errGone) {
			return nil, err
		}
		b.state = fmt.Sprintf("selected for %d repositories", n)
	}
	return b, nil
}

func readRunner(ctx context.Context, _ *Source, h *hands, m []string) (*readBack, error) {
	var x struct {
		Name string `json:"name"`
	}
	if err := h.one(ctx, m[0], &x); err != nil {
		return nil, err
	}
	return &readBack{name: x.Name}, nil
}

// one reads an object by its path.
func (h *hands) one(ctx context.Context, path string, into any) error {
	err := h.get(ctx, path, nil, into)
	if httpx.Status(err) == 404 {
		return errGone
	}
	return err
}

func jsonText(v any) string {
	data, err := json.Marshal(v)
	if err != nil { // maps of texts
		return ""
	}
	return string(data)
}
