package github

import (
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/sources/github/githubsim"
)

// guarded is a company with one repository and one app that may push and open pull requests.
func guarded(permissions perms, repo githubsim.Repo, change ...func(*githubsim.Org)) githubsim.World {
	w := company(func(o *githubsim.Org) {
		o.Installations = []githubsim.Installation{{ID: 1, App: "claude", Permissions: permissions, Created: ago(9)}}
		repo.ID, repo.Name = 1, "web"
		if repo.Files == nil {
			repo.Files = map[string]string{"CODEOWNERS": "* @olga\n"}
		}
		o.Repos = []githubsim.Repo{repo}
		for _, f := range change {
			f(o)
		}
	})
	w.Users = []githubsim.User{{ID: 11, Login: "olga"}, {ID: 12, Login: "max"}}
	w.Apps = []githubsim.App{{ID: 15, Slug: "claude"}, {ID: 16, Slug: "other"}}
	return w
}

var pushes = perms{"contents": "write", "pull_requests": "write"}

func prRule(n int, more obj) githubsim.Rule {
	p := obj{"dismiss_stale_reviews_on_push": false, "require_code_owner_review": false, "require_last_push_approval": false, "required_approving_review_count": n, "required_review_thread_resolution": false}
	for k, v := range more {
		p[k] = v
	}
	return githubsim.Rule{Type: "pull_request", Parameters: p}
}

func orgRuleset(bypass []githubsim.Bypass, rules ...githubsim.Rule) func(*githubsim.Org) {
	return func(o *githubsim.Org) {
		o.Rulesets = []githubsim.Ruleset{{ID: 901, Name: "main", Bypass: bypass, Rules: rules}}
	}
}

func ownRuleset(bypass []githubsim.Bypass, rules ...githubsim.Rule) githubsim.Repo {
	return githubsim.Repo{Rulesets: []githubsim.Ruleset{{ID: 911, Name: "mine", Bypass: bypass, Rules: rules}}}
}

// What GitHub's rules come to for an app, through the source: by classic protection and by rulesets, and by who is let past.
func TestRulesOfGitHub(t *testing.T) {
	m, b := inventory.MergeProtected, inventory.BypassReview
	protect := func(p githubsim.Protection) githubsim.Repo {
		return githubsim.Repo{Branches: []githubsim.Branch{{Name: "main", Protection: &p}}}
	}
	one := &githubsim.Reviews{Count: 1}
	for name, c := range map[string]struct {
		w    githubsim.World
		of   inventory.Capability
		want inventory.Answer
		says string
	}{
		"nothing protects it":          {guarded(pushes, githubsim.Repo{}), m, yes, "main is not protected"},
		"one approval":                 {guarded(pushes, protect(githubsim.Protection{Reviews: one, Admins: true})), m, asks, "protection of main demands 1 approval of others"},
		"no approval":                  {guarded(pushes, protect(githubsim.Protection{Reviews: &githubsim.Reviews{}, Admins: true})), m, yes, "demands a pull request, and no approval"},
		"administrators are left out":  {guarded(pushes, protect(githubsim.Protection{Reviews: one})), m, asks, ""},
		"let past reviews":             {guarded(pushes, protect(githubsim.Protection{Reviews: &githubsim.Reviews{Count: 2, Bypass: &githubsim.Actors{Apps: []string{"claude"}}}, Admins: true})), b, yes, "its bypass list names app claude (15)"},
		"another app is let past":      {guarded(pushes, protect(githubsim.Protection{Reviews: &githubsim.Reviews{Count: 2, Bypass: &githubsim.Actors{Apps: []string{"other"}}}, Admins: true})), b, no, ""},
		"not among those who may push": {guarded(pushes, protect(githubsim.Protection{Restrict: &githubsim.Actors{Apps: []string{"other"}}, Admins: true})), m, no, "does not let this one"},
		"among them":                   {guarded(pushes, protect(githubsim.Protection{Restrict: &githubsim.Actors{Apps: []string{"claude"}}, Admins: true})), m, yes, "lets app claude (15) push"},
		"among them, and reviewed":     {guarded(pushes, protect(githubsim.Protection{Reviews: one, Restrict: &githubsim.Actors{Apps: []string{"claude"}}, Admins: true})), m, asks, ""},
		"locked":                       {guarded(pushes, protect(githubsim.Protection{Locked: true, Admins: true})), m, no, "locks it"},
		"by a pattern":                 {guarded(pushes, githubsim.Repo{Branches: []githubsim.Branch{{Protection: &githubsim.Protection{Pattern: "ma*", Reviews: one, Admins: true}}}}), m, asks, "protection of ma*"},
		"archived":                     {guarded(pushes, githubsim.Repo{Archived: true}), m, no, "archived"},
		"a ruleset":                    {guarded(pushes, githubsim.Repo{}, orgRuleset(nil, prRule(1, nil))), m, asks, `ruleset 901 "main" demands 1 approval`},
		"a ruleset that only reports":  {guarded(pushes, githubsim.Repo{}, orgRuleset(nil, prRule(1, nil)), func(o *githubsim.Org) { o.Rulesets[0].Enforcement = "evaluate" }), m, yes, ""},
		"of other branches":            {guarded(pushes, githubsim.Repo{}, orgRuleset(nil, prRule(1, nil)), func(o *githubsim.Org) { o.Rulesets[0].Include = []string{"refs/heads/rel/*"} }), m, yes, ""},
		"of every branch but this": {guarded(pushes, githubsim.Repo{}, orgRuleset(nil, prRule(1, nil)), func(o *githubsim.Org) {
			o.Rulesets[0].Include, o.Rulesets[0].Exclude = []string{"~ALL"}, []string{"refs/heads/main"}
		}), m, yes, ""},
		"of other repositories":          {guarded(pushes, githubsim.Repo{}, orgRuleset(nil, prRule(1, nil)), func(o *githubsim.Org) { o.Rulesets[0].Repos = []string{"shop-*"} }), m, yes, ""},
		"let past by number":             {guarded(pushes, githubsim.Repo{}, orgRuleset([]githubsim.Bypass{{Type: "Integration", ID: 15}}, prRule(1, nil))), b, yes, "its bypass list names app claude (15)"},
		"by a pull request alone":        {guarded(perms{"contents": "write"}, githubsim.Repo{}, orgRuleset([]githubsim.Bypass{{Type: "Integration", ID: 15, Mode: "pull_request"}}, prRule(1, nil))), b, no, ""},
		"and it may open one":            {guarded(pushes, githubsim.Repo{}, orgRuleset([]githubsim.Bypass{{Type: "Integration", ID: 15, Mode: "pull_request"}}, prRule(1, nil))), b, yes, "by a pull request"},
		"without a trace":                {guarded(pushes, githubsim.Repo{}, orgRuleset([]githubsim.Bypass{{Type: "Integration", ID: 15, Mode: "exempt"}}, prRule(1, nil))), b, yes, "no entry is left in the audit log"},
		"owners of the organisation are": {guarded(pushes, githubsim.Repo{}, orgRuleset([]githubsim.Bypass{{Type: "OrganizationAdmin", ID: 1}}, prRule(1, nil))), b, no, ""},
		"a team is":                      {guarded(pushes, githubsim.Repo{}, orgRuleset([]githubsim.Bypass{{Type: "Team", ID: 31}}, prRule(1, nil)), func(o *githubsim.Org) { o.Teams = []githubsim.Team{{ID: 31, Slug: "core"}} }), b, no, ""},
		"of the repository":              {guarded(pushes, ownRuleset(nil, prRule(2, nil))), m, asks, `ruleset 911 "mine" demands 2 approvals`},
		"and let past there":             {guarded(pushes, ownRuleset([]githubsim.Bypass{{Type: "Integration", ID: 15}}, prRule(2, nil))), m, yes, "its bypass list names app claude (15)"},
		"nobody may update":              {guarded(pushes, ownRuleset(nil, githubsim.Rule{Type: "update", Parameters: obj{"update_allows_fetch_and_merge": false}})), m, no, "lets nobody"},
		"both must agree":                {guarded(pushes, ownRuleset([]githubsim.Bypass{{Type: "Integration", ID: 15}}, prRule(2, nil)), orgRuleset(nil, prRule(1, nil))), m, asks, `ruleset 901 "main"`},
		"it administers the repository":  {guarded(perms{"contents": "write", "administration": "write"}, protect(githubsim.Protection{Reviews: one, Admins: true})), b, yes, "it may take protection of main away"},
		"but not the organisation":       {guarded(perms{"contents": "write", "administration": "write"}, githubsim.Repo{}, orgRuleset(nil, prRule(1, nil))), b, no, ""},
		"a pipeline approves for it": {guarded(perms{"contents": "write", "pull_requests": "write", "workflows": "write"}, protect(githubsim.Protection{Reviews: one, Admins: true}),
			func(o *githubsim.Org) { o.Actions.Workflow.CanApprove = true }), b, yes, "a workflow that it writes gives the approval"},
		"not where pipelines may not": {guarded(perms{"contents": "write", "pull_requests": "write", "workflows": "write"}, protect(githubsim.Protection{Reviews: one, Admins: true})), b, no, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := facts(t, c.w, skipAll("sso"))
			a := assistant(t, r, "claude")
			e, _ := right(r, a.ID, c.of)
			if got := a.Capabilities[c.of]; got != c.want || !strings.Contains(strings.Join(e.Path, " -> "), c.says) {
				t.Errorf("%s: %s, want %s with %q in: %s", c.of, got, c.want, c.says, strings.Join(e.Path, " -> "))
			}
		})
	}
}

// Environments, as far as a page and the requests for one repository tell of them.
func TestEnvironmentsOfGitHub(t *testing.T) {
	ship := map[string]string{"CODEOWNERS": "* @olga\n", ".github/workflows/ship.yml": "on: workflow_dispatch\njobs: {ship: {environment: production, steps: [{run: kubectl apply -f x}]}}\n"}
	dispatch, edits := perms{"actions": "write"}, perms{"contents": "write", "workflows": "write"}
	one := []githubsim.Branch{{Name: "main", Protection: &githubsim.Protection{Reviews: &githubsim.Reviews{Count: 1}, Admins: true}}}
	in := func(e githubsim.Environment) githubsim.Repo {
		e.ID, e.Name = 51, "production"
		return githubsim.Repo{Files: ship, Branches: one, Environments: []githubsim.Environment{e}}
	}
	for name, c := range map[string]struct {
		p    perms
		repo githubsim.Repo
		want inventory.Answer
	}{
		"nobody is asked":                    {dispatch, in(githubsim.Environment{}), yes},
		"a reviewer is":                      {dispatch, in(githubsim.Environment{Users: []string{"olga"}}), asks},
		"a timer asks nobody":                {dispatch, in(githubsim.Environment{Wait: 5}), yes},
		"an own workflow, every branch":      {edits, in(githubsim.Environment{}), yes},
		"an own workflow, protected ones":    {edits, in(githubsim.Environment{ProtectedBranches: true}), no},
		"an own workflow, main alone":        {edits, in(githubsim.Environment{Branches: []string{"main"}}), no},
		"an own workflow, a pattern is free": {edits, in(githubsim.Environment{Branches: []string{"main", "hot/*"}}), yes},
	} {
		t.Run(name, func(t *testing.T) {
			r := facts(t, guarded(c.p, c.repo), skipAll("sso"))
			a := assistant(t, r, "claude")
			if got := a.Capabilities[inventory.DeployProd]; got != c.want {
				e, _ := right(r, a.ID, inventory.DeployProd)
				t.Errorf("%s, want %s (%s)", got, c.want, strings.Join(e.Path, " -> "))
			}
		})
	}
}

// An organisation in which nobody but deploy keys has access: no app, no token.
func TestNothingButDeployKeys(t *testing.T) {
	s := scene{opt: options(), world: company(func(o *githubsim.Org) {
		o.Repos = []githubsim.Repo{{ID: 1, Name: "web", Keys: []githubsim.DeployKey{{ID: 41, Title: "claude deploy", Key: sshKey, AddedBy: "max", Created: ago(90)}}}}
	})}
	s.opt.Skip = []string{"tokens", "requests", "sso", "copilot", "agent"}
	b, err := s.read(t)
	if err != nil && !strings.Contains(err.Error(), "read in part") {
		t.Fatal(err)
	}
	r := b.Records
	if len(r.Assistants) != 2 || len(r.Secrets) != 2 || len(r.Entitlements) == 0 { // of each, one is the credential that reads
		t.Errorf("%d assistants, %d secrets, %d entitlements", len(r.Assistants), len(r.Secrets), len(r.Entitlements))
	}
}
