package gitlab

import (
	"regexp"
	"time"

	"nhitop/inventory/revoke"
)

// horizon is how long a revocation may take until GitLab refuses the token everywhere: caches and read replicas of a large
// instance follow within a minute.
const horizon = time.Minute

// objectKind is a kind of object that can be taken away, told by its path. Source: GitLab's REST API pages, 2026-11; see
// facts of each call there: all answer 204 and cannot be taken back.
type objectKind struct {
	path     *regexp.Regexp
	name     string
	action   string
	layer    revoke.Layer
	list     bool   // shown in a list only
	contain  string // key of changes: what can be taken back, done first
	token    bool   // an access token: to be tried by itself
	effect   string // "": GitLab refuses it from now on
	residual string
	page     string // where a person does it: below the instance; %s is the path of the group or project
}

const (
	jobsRunOn      = "jobs that it started run on with their own job tokens"
	pipelinesRunOn = "pipelines that it started run to their end"
	jobsThere      = "jobs that run there until they end"
	flowsRunOn     = "flows that run until they end"

	stored     = "the credential that was stored there, until it is ended at its issuer"
	elsewhere  = "the same key on other projects and accounts"
	stillReads = "the key still reads this project"
	itsToken   = "its token"

	leftOfToken = "the account and its other tokens" + revoke.Also + jobsRunOn + revoke.Also + "what was cloned or read"
	leftOfBot   = "the bot account stays, without a token, until GitLab deletes it" + revoke.Also + jobsRunOn
)

// endings are what of it ends by itself. How long a pipeline lasts nobody says: its later jobs may wait for a person.
var endings = []revoke.Ending{{What: jobsRunOn}, {What: pipelinesRunOn}, {What: jobsThere}, {What: flowsRunOn}}

// mailsOwner is what GitLab does when a personal access token is revoked by a call (PersonalAccessTokens::RevokeService, as of
// 2026-11). The address of a bot account takes no mail, and a rotation is told to nobody.
const mailsOwner = "GitLab mails the token's owner, unless that is a bot"

var objectKinds = []objectKind{
	{path: regexp.MustCompile(`^/personal_access_tokens/\d+$`), name: "access token", action: revoke.ActionRevoke, layer: revoke.LayerCredential, token: true, residual: leftOfToken, page: "/-/user_settings/personal_access_tokens"},
	{path: regexp.MustCompile(`^/projects/\d+/access_tokens/\d+$`), name: "project access token", action: revoke.ActionRevoke, layer: revoke.LayerCredential, token: true, residual: leftOfBot, page: "/%s/-/settings/access_tokens"},
	{path: regexp.MustCompile(`^/groups/\d+/access_tokens/\d+$`), name: "group access token", action: revoke.ActionRevoke, layer: revoke.LayerCredential, token: true, residual: leftOfBot, page: "/groups/%s/-/settings/access_tokens"},
	{path: regexp.MustCompile(`^/(?:groups|projects)/\d+/service_accounts/\d+/personal_access_tokens/\d+$`), name: "token of a service account", action: revoke.ActionRevoke, layer: revoke.LayerCredential, list: true, token: true, residual: leftOfToken},
	{path: regexp.MustCompile(`^/groups/\d+/manage/(?:personal|resource)_access_tokens/\d+$`), name: "access token", action: revoke.ActionRevoke, layer: revoke.LayerCredential, list: true, token: true, residual: leftOfToken},
	{path: regexp.MustCompile(`^/groups/\d+/manage/ssh_keys/\d+$`), name: "SSH key", action: revoke.ActionDelete, layer: revoke.LayerCredential, list: true, residual: "the account and its other keys and tokens" + revoke.Also + "the same key where it was added elsewhere"},
	{path: regexp.MustCompile(`^/(?:groups|projects)/\d+/deploy_tokens/\d+$`), name: "deploy token", action: revoke.ActionRevoke, layer: revoke.LayerCredential, residual: "what was pulled or published with it", page: "/%s/-/settings/repository"},
	{path: regexp.MustCompile(`^/projects/\d+/deploy_keys/\d+$`), name: "deploy key", action: revoke.ActionDelete, layer: revoke.LayerCredential, contain: "key-read", residual: elsewhere + revoke.Also + "what was cloned", page: "/%s/-/settings/repository"},
	{path: regexp.MustCompile(`^/projects/\d+/triggers/\d+$`), name: "trigger token", action: revoke.ActionRevoke, layer: revoke.LayerCredential, residual: pipelinesRunOn, page: "/%s/-/settings/ci_cd"},
	{path: regexp.MustCompile(`^/runners/\d+$`), name: "runner", action: revoke.ActionDelete, layer: revoke.LayerCredential, contain: "runner-pause", residual: jobsThere + revoke.Also + "the machine itself, and what it keeps of earlier jobs"},
	{path: regexp.MustCompile(`^/projects/\d+/cluster_agents/\d+/tokens/\d+$`), name: "token of a cluster agent", action: revoke.ActionRevoke, layer: revoke.LayerCredential, residual: "the agent, its other tokens, and what its account may do in the cluster", page: "/%s/-/clusters"},
	{path: regexp.MustCompile(`^/applications/\d+$`), name: "OAuth application", action: revoke.ActionDelete, layer: revoke.LayerPrincipal, list: true, effect: "its secret is refused, and every token that people gave it", residual: "what it did with their tokens" + revoke.Also + "applications of groups and people, which GitLab's API does not show", page: "/admin/applications"},
	{path: regexp.MustCompile(`^/(?:groups|projects)/\d+/variables/[A-Za-z0-9_%.-]+$`), name: "CI/CD variable", action: revoke.ActionDelete, layer: revoke.LayerCopy, effect: "jobs that start from now on are given it no more", residual: stored + revoke.Also + "jobs that run already have it", page: "/%s/-/settings/ci_cd"},
	{path: regexp.MustCompile(`^/(?:groups|projects)/\d+/service_accounts/\d+$`), name: "service account", action: revoke.ActionUninstall, layer: revoke.LayerPrincipal, list: true, residual: jobsRunOn + revoke.Also + "what it wrote stays"},
}

// kindOf tells what an object is by its path.
func kindOf(path string) *objectKind {
	for i := range objectKinds {
		if objectKinds[i].path.MatchString(path) {
			return &objectKinds[i]
		}
	}
	return nil
}

// change is something that can be taken back.
type change struct {
	action   string
	layer    revoke.Layer
	method   string
	rest     string // behind the object's path
	back     string // the way back, where that is another path; method and body as for the way there
	backBody map[string]any
	body     map[string]any
	does     string // for the summary: with the name of the object
	effect   string
	residual string
	now      func(x *standing) (was string, done bool) // how it stands, and whether that is what the change makes
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// changes are the ways to contain. Source: GitLab's REST API pages of users, members, deploy keys, runners, groups and
// projects, 2026-11.
var changes = map[string]*change{
	"block": {
		action: revoke.ActionSuspend, layer: revoke.LayerPrincipal, method: "POST", rest: "/block", back: "/unblock",
		does: "block the account %s", effect: "every token and key of the account is refused, with 403, until it is unblocked",
		residual: "its tokens work again when it is unblocked" + revoke.Also + jobsRunOn,
		now:      func(x *standing) (string, bool) { return x.State, x.State == "blocked" },
	},
	"narrow": {
		action: revoke.ActionNarrow, layer: revoke.LayerGrant, method: "PUT", body: map[string]any{"access_level": guest},
		does: "make %s a Guest", effect: "it reads issues, and no private code; it may not push, merge, approve or run pipelines here",
		residual: "its tokens, and its roles in other groups and projects" + revoke.Also + "public and internal projects stay readable",
		now:      func(x *standing) (string, bool) { return number(int(x.AccessLevel)), x.AccessLevel == guest },
	},
	"key-read": {
		action: revoke.ActionNarrow, layer: revoke.LayerGrant, method: "PUT", body: map[string]any{"can_push": false}, backBody: map[string]any{"can_push": true},
		does: "take write access from the deploy key %s", effect: "it pulls, and may not push to this project",
		residual: stillReads + revoke.Also + elsewhere,
		now:      func(x *standing) (string, bool) { return yes(x.CanPush), !x.CanPush },
	},
	"runner-pause": {
		action: revoke.ActionDisable, layer: revoke.LayerCredential, method: "PUT", body: map[string]any{"paused": true}, backBody: map[string]any{"paused": false},
		does: "pause the runner %s", effect: "it gets no new job",
		residual: jobsThere + revoke.Also + itsToken,
		now:      func(x *standing) (string, bool) { return yes(x.Paused), x.Paused },
	},
	"duo-off": {
		action: revoke.ActionSuspend, layer: revoke.LayerGrant, method: "PUT", body: map[string]any{"duo_features_enabled": false}, backBody: map[string]any{"duo_features_enabled": true},
		does: "switch GitLab Duo off in %s", effect: "Duo's chat, code suggestions and flows end in the group and all below it",
		residual: flowsRunOn + revoke.Also + "other assistants, their accounts and tokens",
		now: func(x *standing) (string, bool) {
			if x.Duo == nil {
				return "", false
			}
			return yes(*x.Duo), !*x.Duo
		},
	},
}
