package github

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// change is something that can be taken back.
type change struct {
	action   string
	layer    revoke.Layer
	does     string // with the name of the object
	effect   string
	residual string
	can      func(s *Source, h *hands, x *readBack) bool
	there    func(s *Source, m []string) request
	back     func(s *Source, m []string, was string) (request, bool)
	done     func(s *Source, state string) bool
	gone     bool // what is not there any more is done too
}

// What survives a change and ends by itself.
const (
	tasksRunOn  = "tasks that run until they end"
	untilBilled = "Copilot until the billing month ends"
	runsRunOn   = "runs that are under way, to their end"
)

// What survives a change and lives as long as the credential that it is about: with its end it is over.
const (
	tokenItself      = "the token itself: other organisations, its owner's own repositories, what is public" // #nosec G101 -- words
	credentialItself = "the credential itself: other organisations, its owner's own repositories, what is public"
	againAuthorised  = "its owner can authorise it again"
	storedThere      = "the credential that was stored there, until it is ended at its issuer"
	privateKey       = "the private key" // it is over with its copies
)

// ties are those of a step.
func ties(st revoke.Step) []revoke.Tie {
	out := revoke.Ties(st.Residual, st.Target, tokenItself, credentialItself, againAuthorised, storedThere)
	for _, t := range revoke.Ties(st.Residual, st.Target, privateKey) {
		t.Copies = true
		out = append(out, t)
	}
	return out
}

// endings are the bounds, where GitHub gives one: a run of a workflow is cancelled after 35 days, waiting included (Actions
// limits, read 2026-11).
var endings = []revoke.Ending{{What: tasksRunOn}, {What: untilBilled, Within: 31 * 24 * time.Hour}, {What: runsRunOn, Within: 35 * 24 * time.Hour}}

// ends are the ends of what survives a step: of the token itself where it has one.
func (b *planning) ends(st revoke.Step) []revoke.Ending {
	known := endings
	if x := b.snap.Secret(st.Target); x != nil && x.Expires.After(b.env.Now()) {
		until := x.Expires.UTC()
		known = append(slices.Clone(known), revoke.Ending{What: tokenItself, Until: until}, revoke.Ending{What: credentialItself, Until: until})
	}
	return revoke.Endings(st.Residual, known)
}

// changes are the ways to contain.
var changes = map[string]*change{
	// An app can be suspended by itself alone (its own key); the owner of an organisation does it on the web.
	"suspend": {
		action: revoke.ActionSuspend, layer: revoke.LayerPrincipal, does: "suspend the app %s", effect: "its tokens are refused and it gets no new one here, until it is lifted",
		residual: "the app's key and its installations elsewhere",
		can:      func(_ *Source, h *hands, x *readBack) bool { return h.app != 0 && h.app == x.app },
		there: func(_ *Source, m []string) request {
			return request{method: "PUT", path: "/app/installations/" + m[2] + "/suspended", jwt: true}
		},
		back: func(_ *Source, m []string, _ string) (request, bool) {
			return request{method: "DELETE", path: "/app/installations/" + m[2] + "/suspended", jwt: true}, true
		},
		done: func(_ *Source, state string) bool { return strings.HasPrefix(state, "suspended") },
	},
	"narrow": {
		action: revoke.ActionNarrow, layer: revoke.LayerGrant, does: "narrow the app %s to one repository with nothing in it", effect: "it reaches no other repository of the organisation",
		residual: "what its permissions on the organisation itself open" + revoke.Also + "the app's key",
		can: func(s *Source, _ *hands, x *readBack) bool {
			return s.opt.Enterprise != "" && s.opt.Quarantine != "" && x.state != "" && !strings.HasPrefix(x.state, "suspended")
		},
		there: func(s *Source, m []string) request { return s.select1(m, []string{s.opt.Quarantine}) },
		back: func(s *Source, m []string, was string) (request, bool) {
			if was == "all" {
				r := s.select1(m, nil)
				r.body = map[string]any{"repository_selection": "all"}
				return r, true
			}
			names := strings.Split(strings.TrimPrefix(was, "selected "), " ")
			return s.select1(m, names), len(names) > 0 && names[0] != "" && len(names) <= mostSelected
		},
		done: func(s *Source, state string) bool { return state == "selected "+s.opt.Quarantine },
	},
	"agent-off": {
		action: revoke.ActionSuspend, layer: revoke.LayerPrincipal, does: "switch Copilot's %s off in the whole organisation", effect: "it takes no new task",
		residual: tasksRunOn + revoke.Also + "pull requests that it opened" + revoke.Also + "Copilot in editors and on the command line",
		can:      func(*Source, *hands, *readBack) bool { return true },
		there: func(_ *Source, m []string) request {
			return request{method: "PUT", path: m[0], body: map[string]any{"enabled_repositories": "none"}}
		},
		back: func(_ *Source, m []string, was string) (request, bool) {
			return request{method: "PUT", path: m[0], body: map[string]any{"enabled_repositories": enabledWord(was)}}, was != ""
		},
		done: func(_ *Source, state string) bool { return state == "none" },
	},
	"seat-end": {
		action: revoke.ActionEndSeat, layer: revoke.LayerGrant, does: "end the Copilot seat of %s", effect: "the seat ends with the billing month; until then that can be taken back",
		residual: untilBilled + revoke.Also + "the person's own tokens",
		can:      func(_ *Source, _ *hands, x *readBack) bool { return !x.team },
		there:    func(_ *Source, m []string) request { return seats("DELETE", m) },
		back:     func(_ *Source, m []string, _ string) (request, bool) { return seats("POST", m), true },
		done:     func(_ *Source, state string) bool { return state == seatEnding },
		gone:     true,
	},
	"owner-off": {
		action: revoke.ActionNarrow, layer: revoke.LayerGrant, does: "make the account %s a plain member", effect: "it owns the organisation no more",
		residual: "what every member may do, and its roles in teams and repositories" + revoke.Also + "its tokens and keys",
		can:      func(_ *Source, _ *hands, x *readBack) bool { return x.state == "admin" },
		there: func(_ *Source, m []string) request {
			return request{method: "PUT", path: m[0], body: map[string]any{"role": "member"}}
		},
		back: func(_ *Source, m []string, was string) (request, bool) {
			return request{method: "PUT", path: m[0], body: map[string]any{"role": was}}, was == "admin"
		},
		done: func(_ *Source, state string) bool { return state == "member" || state == invited },
	},
	"workflow-off": {
		action: revoke.ActionDisable, layer: revoke.LayerPrincipal, does: "disable the workflow %s", effect: "GitHub starts no run of it, whatever triggers it, until it is enabled again",
		residual: runsRunOn + revoke.Also + "the file, and copies of it in other repositories" + revoke.Also + "the secrets that its jobs were given",
		can:      func(_ *Source, _ *hands, x *readBack) bool { return x.state == "active" },
		there:    func(_ *Source, m []string) request { return request{method: "PUT", path: workflowCall(m, "/disable")} },
		back: func(_ *Source, m []string, was string) (request, bool) {
			return request{method: "PUT", path: workflowCall(m, "/enable")}, was == "active"
		},
		done: func(_ *Source, state string) bool { return strings.HasPrefix(state, "disabled") },
		gone: true,
	},
}

// enabledWord is the policy in the word that GitHub takes, without for how many repositories it is.
func enabledWord(state string) string {
	word, _, _ := strings.Cut(state, " ")
	return word
}

// seats is a call about the seat of one person.
func seats(method string, m []string) request {
	login, err := url.PathUnescape(m[2])
	if err != nil {
		login = m[2]
	}
	return request{method: method, path: "/orgs/" + m[1] + "/copilot/billing/selected_users", body: map[string]any{"selected_usernames": []string{login}}}
}

// mostSelected is how many repositories one call can name (OpenAPI document, 2026-03-10).
const mostSelected = 50

// select1 sets the repositories of an installation. It takes an app on the enterprise.
func (s *Source) select1(m, names []string) request {
	return request{method: "PATCH", path: httpx.Path("/enterprises/%s/apps/organizations/%s/installations/%s/repositories", s.opt.Enterprise, m[1], m[2]),
		body: map[string]any{"repository_selection": "selected", "repositories": names}}
}
