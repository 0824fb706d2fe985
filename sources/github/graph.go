package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// repoQuery reads a page of repositories with all that GraphQL tells of their rules, environments and workflows. The sizes
// of the inner lists keep a page of 100 repositories at some 50 of the 5,000 points an hour, and far below 500,000 nodes;
// a list that is longer than its size is taken as not read.
const repoQuery = `query($org:String!,$n:Int!,$after:String,$texts:Boolean!,$keys:Boolean!,$protection:Boolean!,$rulesets:Boolean!,$environments:Boolean!){
  organization(login:$org){
    repositories(first:$n,after:$after,orderBy:{field:NAME,direction:ASC}){
      totalCount
      pageInfo{hasNextPage endCursor}
      nodes{
        databaseId name nameWithOwner visibility isArchived isFork viewerCanAdminister
        defaultBranchRef{name}
        deployKeys(first:1)@include(if:$keys){totalCount}
        branchProtectionRules(first:10)@include(if:$protection){totalCount nodes{
          databaseId pattern isAdminEnforced lockBranch requiresApprovingReviews requiredApprovingReviewCount requiresCodeOwnerReviews
          requireLastPushApproval dismissesStaleReviews restrictsPushes requiresStatusChecks requiredStatusCheckContexts
          pushAllowances(first:20){totalCount nodes{actor{__typename ... on App{databaseId slug} ... on Team{databaseId slug} ... on User{databaseId login}}}}
          bypassPullRequestAllowances(first:20){totalCount nodes{actor{__typename ... on App{databaseId slug} ... on Team{databaseId slug} ... on User{databaseId login}}}}
        }}
        all:rulesets(first:30)@include(if:$rulesets){totalCount nodes{databaseId}}
        own:rulesets(first:5,includeParents:false)@include(if:$rulesets){totalCount nodes{...ruleset}}
        environments(first:10)@include(if:$environments){totalCount nodes{databaseId name protectionRules(first:6){totalCount nodes{type}}}}
        owners1:object(expression:"HEAD:.github/CODEOWNERS"){...text}
        owners2:object(expression:"HEAD:CODEOWNERS"){...text}
        owners3:object(expression:"HEAD:docs/CODEOWNERS"){...text}
        workflows:object(expression:"HEAD:.github/workflows") @include(if:$texts){... on Tree{entries{name type object{...text}}}}
      }
    }
  }
}
fragment text on GitObject{__typename ... on Blob{byteSize isBinary isTruncated text}}
fragment ruleset on RepositoryRuleset{
  databaseId name enforcement target
  conditions{refName{include exclude}}
  bypassActors(first:20){totalCount nodes{bypassMode deployKey organizationAdmin repositoryRoleDatabaseId repositoryRoleName
    actor{__typename ... on App{databaseId slug} ... on Team{databaseId slug}}}}
  rules(first:30){totalCount nodes{type parameters{__typename
    ... on PullRequestParameters{requiredApprovingReviewCount requireCodeOwnerReview requireLastPushApproval dismissStaleReviewsOnPush}
    ... on RequiredStatusChecksParameters{requiredStatusChecks{context}}}}}
}`

// conn is a list of GraphQL.
type conn[T any] struct {
	TotalCount int `json:"totalCount"`
	Nodes      []T `json:"nodes"`
}

// whole reports whether the list has all of its nodes. A nil list was not shown to the caller.
func (c *conn[T]) whole() bool { return c != nil && c.TotalCount <= len(c.Nodes) }

type gRepo struct {
	ID            int64  `json:"databaseId"`
	Name          string `json:"name"`
	Full          string `json:"nameWithOwner"`
	Visibility    string `json:"visibility"`
	Archived      bool   `json:"isArchived"`
	Fork          bool   `json:"isFork"`
	Admin         bool   `json:"viewerCanAdminister"`
	DefaultBranch *struct {
		Name string `json:"name"`
	} `json:"defaultBranchRef"`
	Keys         *conn[struct{}]     `json:"deployKeys"`
	Protections  *conn[*gProtection] `json:"branchProtectionRules"`
	All          *conn[*gRulesetID]  `json:"all"`
	Own          *conn[*gRuleset]    `json:"own"`
	Environments *conn[*gEnv]        `json:"environments"`
	Owners1      *gObject            `json:"owners1"`
	Owners2      *gObject            `json:"owners2"`
	Owners3      *gObject            `json:"owners3"`
	Workflows    *struct {
		Entries []struct {
			Name   string   `json:"name"`
			Type   string   `json:"type"`
			Object *gObject `json:"object"`
		} `json:"entries"`
	} `json:"workflows"`
}

type gProtection struct {
	ID           int64              `json:"databaseId"`
	Pattern      string             `json:"pattern"`
	Admins       bool               `json:"isAdminEnforced"`
	Locked       bool               `json:"lockBranch"`
	Reviews      bool               `json:"requiresApprovingReviews"`
	Count        int                `json:"requiredApprovingReviewCount"`
	CodeOwners   bool               `json:"requiresCodeOwnerReviews"`
	LastPush     bool               `json:"requireLastPushApproval"`
	Dismiss      bool               `json:"dismissesStaleReviews"`
	Restricts    bool               `json:"restrictsPushes"`
	StatusChecks bool               `json:"requiresStatusChecks"`
	Contexts     []string           `json:"requiredStatusCheckContexts"`
	Push         *conn[*gAllowance] `json:"pushAllowances"`
	Bypass       *conn[*gAllowance] `json:"bypassPullRequestAllowances"`
}

type gAllowance struct {
	Actor *gActor `json:"actor"`
}

type gActor struct {
	Type  string `json:"__typename"`
	ID    int64  `json:"databaseId"`
	Slug  string `json:"slug"`
	Login string `json:"login"`
}

type gRulesetID struct {
	ID int64 `json:"databaseId"`
}

type gRuleset struct {
	ID          int64  `json:"databaseId"`
	Name        string `json:"name"`
	Enforcement string `json:"enforcement"`
	Target      string `json:"target"`
	Conditions  struct {
		Ref *struct {
			Include []string `json:"include"`
			Exclude []string `json:"exclude"`
		} `json:"refName"`
	} `json:"conditions"`
	Bypass *conn[*struct {
		Mode     string  `json:"bypassMode"`
		Key      bool    `json:"deployKey"`
		OrgAdmin bool    `json:"organizationAdmin"`
		Role     int64   `json:"repositoryRoleDatabaseId"`
		RoleName string  `json:"repositoryRoleName"`
		Actor    *gActor `json:"actor"`
	}] `json:"bypassActors"`
	Rules *conn[*struct {
		Type       string `json:"type"`
		Parameters *struct {
			Type       string `json:"__typename"`
			Count      int    `json:"requiredApprovingReviewCount"`
			CodeOwners bool   `json:"requireCodeOwnerReview"`
			LastPush   bool   `json:"requireLastPushApproval"`
			Dismiss    bool   `json:"dismissStaleReviewsOnPush"`
			Checks     []struct {
				Context string `json:"context"`
			} `json:"requiredStatusChecks"`
		} `json:"parameters"`
	}] `json:"rules"`
}

type gEnv struct {
	ID    int64  `json:"databaseId"`
	Name  string `json:"name"`
	Rules *conn[*struct {
		Type string `json:"type"`
	}] `json:"protectionRules"`
}

type gObject struct {
	Type      string  `json:"__typename"`
	Size      int     `json:"byteSize"`
	Binary    bool    `json:"isBinary"`
	Truncated bool    `json:"isTruncated"`
	Text      *string `json:"text"`
}

type gPage struct {
	Total int `json:"totalCount"`
	Info  struct {
		More bool   `json:"hasNextPage"`
		End  string `json:"endCursor"`
	} `json:"pageInfo"`
	Nodes []*gRepo `json:"nodes"`
}

// gError is an error in an answer of GraphQL, which may come with data.
type gError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Path    []any  `json:"path"`
}

const (
	mostRepos  = 100 // the most that GitHub gives on a page
	leastRepos = 5
)

// repoPages reads all repositories, page by page: one page is in memory. A page that GitHub cannot make in its time is
// asked for again at half the size. take returns false to end.
func (c *collection) repoPages(take func(p *gPage, errs []gError) error) error {
	size, after := mostRepos, ""
	for {
		p, errs, err := c.repoPage(size, after)
		if err == nil && c.without(p, errs) {
			continue
		}
		if err != nil && size > leastRepos && tooMuch(err) && c.ctx.Err() == nil {
			size = max(size/2, leastRepos)
			continue
		}
		if err != nil {
			return err
		}
		if err := take(p, errs); err != nil {
			return err
		}
		if !p.Info.More {
			return nil
		}
		if p.Info.End == "" || p.Info.End == after {
			return fmt.Errorf("%w: the list of repositories does not end", httpx.ErrAnswer)
		}
		after = p.Info.End
	}
}

// optional are the parts of the query that a credential may be refused. Where GitHub refuses one of them it gives out none
// of the repository at all.
var optional = []struct{ variable, area, field string }{
	{"texts", "workflows", "workflows"}, {"keys", "keys", "deployKeys"}, {"protection", "rules", "branchProtectionRules"}, {"rulesets", "rules", "own"},
	{"rulesets", "rules", "all"}, {"environments", "environments", "environments"},
}

// without switches off what a page was refused for, and reports whether it is worth asking again.
func (c *collection) without(p *gPage, errs []gError) (again bool) {
	for i, g := range p.Nodes {
		if g != nil {
			continue
		}
		for _, o := range optional {
			if c.off[o.variable] || !slices.ContainsFunc(errs, func(e gError) bool { return e.about(i, o.field) }) {
				continue
			}
			c.off = with(c.off, o.variable, true)
			a := areaOf(o.area)
			c.look("/repos/"+c.src.opt.Org+"/*/"+o.area, inventory.LookedDenied, "this credential may not read it; it takes "+a.needs, false)
			c.missing(a, inventory.LookedDenied)
			again = true
		}
	}
	return again
}

// tooMuch reports whether a smaller page may do where this one failed.
func tooMuch(err error) bool {
	switch httpx.Status(err) {
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusServiceUnavailable, http.StatusInternalServerError:
		return true
	}
	return errors.Is(err, httpx.ErrTooLarge) || errors.Is(err, httpx.ErrTimeout) || errors.Is(err, httpx.ErrCut) || errors.Is(err, errNoTime)
}

// errNoTime is GraphQL's own way to say that a query took too long.
var errNoTime = errors.New("GitHub could not answer the query in time")

func (c *collection) repoPage(size int, after string) (*gPage, []gError, error) {
	vars := map[string]any{"org": c.src.opt.Org, "n": size}
	for _, p := range optional {
		vars[p.variable] = !c.src.skips(p.area) && !c.off[p.variable]
	}
	if after != "" {
		vars["after"] = after
	}
	var got struct {
		Data *struct {
			Org *struct {
				Repos *gPage `json:"repositories"`
			} `json:"organization"`
		} `json:"data"`
		Errors []gError `json:"errors"`
	}
	_, err := c.client.Do(c.ctx, httpx.Request{
		Method: http.MethodPost, Path: c.src.graphURL(), Body: map[string]any{"query": repoQuery, "variables": vars}, Into: &got,
	})
	if err != nil {
		return nil, nil, err
	}
	if got.Data == nil || got.Data.Org == nil || got.Data.Org.Repos == nil {
		return nil, nil, graphError(got.Errors)
	}
	return got.Data.Org.Repos, got.Errors, nil
}

// graphError turns the errors of an answer without data into one that is told apart as those of REST are.
func graphError(errs []gError) error {
	status, text := http.StatusOK, "no data"
	for _, e := range errs {
		text = e.Message
		switch e.Type {
		case "FORBIDDEN", "INSUFFICIENT_SCOPES":
			status = http.StatusForbidden
		case "NOT_FOUND":
			status = http.StatusNotFound
		}
		if strings.Contains(strings.ToLower(e.Message), "something went wrong") || strings.Contains(strings.ToLower(e.Message), "timedout") {
			return errNoTime
		}
	}
	if status == http.StatusOK {
		return fmt.Errorf("%w: GraphQL: %s", httpx.ErrAnswer, inventory.Clean(text))
	}
	return &httpx.StatusError{Service: "GitHub", Method: http.MethodPost, Path: "/graphql", Status: status, Message: inventory.Clean(text)}
}

// about reports whether an error is about a field of the i-th repository of a page.
func (e *gError) about(i int, field string) bool {
	at := slices.IndexFunc(e.Path, func(p any) bool { return p == "nodes" })
	if at < 0 || at+1 >= len(e.Path) {
		return false
	}
	n, err := json.Marshal(e.Path[at+1])
	if err != nil || string(n) != fmt.Sprint(i) {
		return false
	}
	return slices.ContainsFunc(e.Path[at+2:], func(p any) bool { return p == field })
}
