package githubsim

import (
	"encoding/json"
	"fmt"
	"testing"

	"nhitop/sources/github/githubsim/contract"
)

// reposQuery asks for all that the simulator knows of repositories, in pages.
const reposQuery = `query($org:String!,$n:Int!,$after:String){
  rateLimit{cost nodeCount remaining}
  organization(login:$org){
    id databaseId login requiresTwoFactorAuthentication
    rulesets(first:10){nodes{...ruleset}}
    membersWithRole(first:10){edges{role node{login databaseId name}}}
    teams(first:5){nodes{slug databaseId members(first:5){nodes{login}}}}
    repositories(first:$n,after:$after,orderBy:{field:NAME,direction:ASC}){
      totalCount pageInfo{hasNextPage endCursor}
      nodes{
        id databaseId name nameWithOwner visibility isArchived isFork pushedAt viewerPermission
        defaultBranchRef{name prefix branchProtectionRule{pattern}}
        branchProtectionRules(first:5){totalCount nodes{
          pattern requiresApprovingReviews requiredApprovingReviewCount requiresCodeOwnerReviews isAdminEnforced restrictsPushes requiredStatusCheckContexts
          bypassPullRequestAllowances(first:5){nodes{actor{__typename ... on App{slug databaseId} ... on User{login} ... on Team{slug}}}}
          pushAllowances(first:5){nodes{actor{... on App{slug} ... on Team{slug}}}}
          reviewDismissalAllowances(first:5){totalCount}
        }}
        rulesets(first:5){nodes{...ruleset}}
        deployKeys(first:5){totalCount nodes{id title readOnly createdAt verified enabled}}
        environments(first:5){nodes{databaseId name protectionRules(first:5){nodes{type timeout preventSelfReview reviewers(first:5){nodes{__typename ... on User{login} ... on Team{slug}}}}}}}
        workflows:object(expression:"HEAD:.github/workflows"){... on Tree{oid entries{name type path object{... on Blob{text byteSize isTruncated isBinary}}}}}
        owners:object(expression:"HEAD:.github/CODEOWNERS"){... on Blob{text}}
        none:object(expression:"HEAD:nothing"){... on Blob{text}}
      }
    }
  }
}
fragment ruleset on RepositoryRuleset{
  databaseId name enforcement target source{__typename ... on Organization{login} ... on Repository{nameWithOwner}}
  conditions{refName{include exclude} repositoryName{include exclude protected}}
  rules(first:10){nodes{type parameters{... on PullRequestParameters{requiredApprovingReviewCount requireCodeOwnerReview} ... on RequiredStatusChecksParameters{strictRequiredStatusChecksPolicy requiredStatusChecks{context integrationId}}}}}
  bypassActors(first:5){nodes{bypassMode deployKey organizationAdmin enterpriseOwner repositoryRoleDatabaseId repositoryRoleName actor{... on App{databaseId slug} ... on Team{slug}}}}
}`

func ask(t testing.TB, s *Sim, token, query string, vars obj) got {
	t.Helper()
	body, err := json.Marshal(obj{"query": query, "variables": vars})
	if err != nil {
		t.Fatal(err)
	}
	return do(t, s, "POST /graphql", token, string(body))
}

func expect(t *testing.T, g got, want map[string]any) {
	t.Helper()
	for path, v := range want {
		if have := g.at(path); fmt.Sprint(have) != fmt.Sprint(v) {
			t.Errorf("%s is %v, want %v", path, have, v)
		}
	}
	if t.Failed() {
		t.Logf("%d %.3000s", g.status, g.text)
	}
}

func TestGraphOfRepositories(t *testing.T) {
	s := held(t, rich(&clock{Noon}))
	const repos = "data.organization.repositories.nodes."
	expect(t, ask(t, s, ownerToken, reposQuery, obj{"org": "acme", "n": 100}), map[string]any{
		"errors": nil,
		"data.organization.membersWithRole.edges.0.role":                                     "ADMIN",
		"data.organization.teams.nodes.0.members.nodes.0.login":                              "olga",
		"data.organization.rulesets.nodes.0.rules.nodes.1.parameters":                        map[string]any{"requiredApprovingReviewCount": 1, "requireCodeOwnerReview": true},
		"data.organization.rulesets.nodes.0.bypassActors.nodes.0.actor":                      map[string]any{"databaseId": 1001, "slug": "claude"},
		"data.organization.rulesets.nodes.0.bypassActors.nodes.1.bypassMode":                 "ALWAYS",
		"data.organization.rulesets.nodes.0.bypassActors.nodes.1.organizationAdmin":          true,
		"data.organization.rulesets.nodes.0.bypassActors.nodes.3.deployKey":                  true,
		repos + "0.defaultBranchRef.branchProtectionRule.pattern":                            "main",
		repos + "0.branchProtectionRules.totalCount":                                         2,
		repos + "0.branchProtectionRules.nodes.0.requiredApprovingReviewCount":               2,
		repos + "0.branchProtectionRules.nodes.0.bypassPullRequestAllowances.nodes.2.actor":  map[string]any{"__typename": "App", "slug": "claude", "databaseId": 1001},
		repos + "0.branchProtectionRules.nodes.1.pattern":                                    "rel/*",
		repos + "0.rulesets.nodes.0.source":                                                  map[string]any{"__typename": "Repository", "nameWithOwner": "acme/shop"},
		repos + "0.rulesets.nodes.0.rules.nodes.0.parameters.requiredStatusChecks.0.context": "ci",
		repos + "0.rulesets.nodes.0.bypassActors.nodes.0.repositoryRoleName":                 "admin",
		repos + "0.rulesets.nodes.0.bypassActors.nodes.0.bypassMode":                         "PULL_REQUEST",
		repos + "0.rulesets.nodes.1.source.login":                                            "acme",
		repos + "0.deployKeys.nodes.0.title":                                                 "agent",
		repos + "0.environments.nodes.0.protectionRules.nodes.0.type":                        "WAIT_TIMER",
		repos + "0.environments.nodes.0.protectionRules.nodes.1.reviewers.nodes.1":           map[string]any{"__typename": "Team", "slug": "core"},
		repos + "0.workflows.entries.0.object.text":                                          "on: issue_comment\n",
		repos + "0.workflows.entries.1.type":                                                 "tree",
		repos + "0.owners.text":                                                              "* @acme/core\n",
		repos + "0.none":                                                                     nil,
		repos + "1.visibility":                                                               "PUBLIC",
		repos + "2.isArchived":                                                               true,
	})
	contract.KnownGraph(t, reposQuery, struct{}{})
}

// Who may not see something gets it empty (a person) or refused (an app): neither means that there is nothing.
func TestGraphWithoutRights(t *testing.T) {
	w := rich(&clock{Noon})
	w.Orgs[0].SSO = false
	s := held(t, w)
	const repos = "data.organization.repositories.nodes."
	expect(t, ask(t, s, memberToken, reposQuery, obj{"org": "acme", "n": 100}), map[string]any{
		"errors":                     nil,
		repos + "0.viewerPermission": "WRITE",
		repos + "0.branchProtectionRules.totalCount":      0,
		repos + "0.deployKeys.totalCount":                 0,
		repos + "0.rulesets.nodes.0.name":                 "checks",
		repos + "0.rulesets.nodes.0.bypassActors":         nil,
		repos + "0.environments.nodes.0.name":             "production",
		"data.organization.rulesets.nodes.0.bypassActors": nil,
	})
	expect(t, ask(t, s, botToken, reposQuery, obj{"org": "acme", "n": 100}), map[string]any{
		repos + "0":     nil,
		repos + "1":     nil,
		"errors.0.type": "FORBIDDEN",
		"errors.0.path": []any{"organization", "repositories", "nodes", 0, "branchProtectionRules"},
		"data.organization.repositories.totalCount": 2,
	})
	expect(t, ask(t, s, allToken, reposQuery, obj{"org": "acme", "n": 100}), map[string]any{
		"errors":                          nil,
		repos + "0.deployKeys.totalCount": 1,
		repos + "0.viewerPermission":      nil,
		repos + "0.rulesets.nodes.0.bypassActors.nodes.0.repositoryRoleDatabaseId": 5,
	})
	expect(t, ask(t, s, fineToken, `{repository(owner:"acme",name:"shop"){name object(expression:"main:README.md"){... on Blob{text}} deployKeys(first:1){totalCount}}}`, nil), map[string]any{
		"data.repository": nil, "errors.0.message": "Resource not accessible by personal access token",
	})
	expect(t, ask(t, s, fineToken, `{viewer{login} repository(owner:"acme",name:"shop"){object(expression:"main:README.md"){... on Blob{text}}}}`, nil), map[string]any{
		"data.viewer.login": "max", "data.repository.object.text": "shop\n",
	})
	expect(t, ask(t, s, allToken, `{viewer{login}}`, nil), map[string]any{"errors.0.type": "FORBIDDEN"})
	expect(t, ask(t, s, fineToken, `{repository(owner:"acme",name:"vault"){name}}`, nil), map[string]any{"errors.0.type": "NOT_FOUND"})
}

// What the schema has and the simulator has not, or neither has, is said and not made up.
func TestGraphSaysWhatItCannot(t *testing.T) {
	s := New(rich(&clock{Noon}))
	for query, want := range map[string]map[string]any{
		`{organization(login:"acme"){madeUp}}`:                                   {"errors.0.extensions.code": "undefinedField"},
		`mutation{addStar(input:{starrableId:"x"}){clientMutationId}}`:           {"data": nil},
		`{viewer{...a}} fragment a on User{login ...b} fragment b on User{...a}`: {"data": nil, "errors.0.message": "A fragment spreads itself"},
		`{organization(login:`:                                        {"data": nil},
		`query($o:String!){organization(login:$o){login}}`:            {"data": nil},
		`query($x:Boolean=false){viewer{login name @include(if:$x)}}`: {"data.viewer": map[string]any{"login": "olga"}},
	} {
		g := ask(t, s, ownerToken, query, nil)
		if want["data"] == nil && want["data.viewer"] == nil && g.at("errors.0.message") == nil {
			t.Errorf("%s: %s", query, g.text)
		}
		expect(t, g, want)
	}
	if g := do(t, s, "POST /graphql", "", `{"query":"{viewer{login}}"}`); g.status != 401 {
		t.Errorf("nobody: %d", g.status)
	}
}

func TestGraphPages(t *testing.T) {
	w := acme(&clock{Noon})
	for i := range 250 {
		w.Orgs[0].Repos = append(w.Orgs[0].Repos, Repo{Name: fmt.Sprintf("r%03d", i)})
	}
	s := held(t, w)
	const q = `query($n:Int!,$a:String){organization(login:"acme"){repositories(first:$n,after:$a){totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor} edges{cursor node{name}}}}}`
	seen, vars := map[any]bool{}, obj{"n": 100}
	for page := range 3 {
		g := ask(t, s, rootToken, q, vars)
		edges := g.at("data.organization.repositories.edges").([]any)
		for i := range edges {
			seen[g.at(fmt.Sprintf("data.organization.repositories.edges.%d.node.name", i))] = true
		}
		if more := g.at("data.organization.repositories.pageInfo.hasNextPage"); more != (page < 2) {
			t.Errorf("page %d: more %v", page, more)
		}
		vars["a"] = g.at("data.organization.repositories.pageInfo.endCursor")
	}
	if len(seen) != 253 {
		t.Errorf("%d repositories", len(seen))
	}
}
