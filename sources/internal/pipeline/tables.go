package pipeline

import (
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
)

// eventRule says who can start a job by an event.
type eventRule struct {
	outsiders inventory.Answer
	note      string
}

// events are those that somebody without write access can cause. All others (push, schedule, workflow_dispatch ...) take
// write access or come from the forge itself.
var events = map[string]eventRule{
	"pull_request_target":         {inventory.Yes, "runs with the base repository's secrets and token for a pull request of anybody"},
	"issue_comment":               {inventory.Yes, "anybody may comment; runs with secrets and token"},
	"issues":                      {inventory.Yes, "anybody may open an issue; runs with secrets and token"},
	"discussion":                  {inventory.Yes, "anybody may open a discussion; runs with secrets and token"},
	"discussion_comment":          {inventory.Yes, "anybody may comment; runs with secrets and token"},
	"workflow_run":                {inventory.Yes, "follows a workflow that a pull request of anybody can start; runs with secrets and token"},
	"fork":                        {inventory.Yes, "anybody may fork"},
	"watch":                       {inventory.Yes, "anybody may star"},
	"gollum":                      {inventory.Unknown, "a wiki may be open to anybody"},
	"pull_request":                {inventory.Unknown, "a pull request from a fork gets no secrets and a read-only token, unless the repository's settings say otherwise"},
	"pull_request_review":         {inventory.Unknown, "on a pull request from a fork it gets no secrets, unless the repository's settings say otherwise"},
	"pull_request_review_comment": {inventory.Unknown, "on a pull request from a fork it gets no secrets, unless the repository's settings say otherwise"},
	"slash_command":               {inventory.Yes, "anybody may comment; runs with secrets and token"},
	"command":                     {inventory.Yes, "anybody may comment; runs with secrets and token"},
	"workflow_call":               {inventory.Unknown, "started by other workflows"},
}

// labelled are the activity types that take triage rights on a pull request.
var labelled = map[string]bool{"labeled": true, "unlabeled": true, "assigned": true, "unassigned": true, "milestoned": true, "review_requested": true, "locked": true}

// actorRule is an action that checks by itself who started it, from the source of each action, 2026-11.
type actorRule struct {
	action string
	events map[string]bool // that it checks; nil: all
	opens  []string        // inputs that let others in: "*" anybody, names only those
	bots   []string        // inputs that let other people's apps in
}

var entityEvents = map[string]bool{
	"issues": true, "issue_comment": true, "pull_request": true, "pull_request_target": true, "pull_request_review": true, "pull_request_review_comment": true,
}

var actorRules = []actorRule{
	{"anthropics/claude-code-action", entityEvents, []string{"allowed_non_write_users"}, []string{"allowed_bots"}},
	{"openai/codex-action", nil, []string{"allow-users"}, []string{"allow-bots", "allow-bot-users"}},
	{"anomalyco/opencode/github", commentEvents, nil, nil},
	{"sst/opencode/github", commentEvents, nil, nil},
}

var commentEvents = map[string]bool{"issue_comment": true, "pull_request_review_comment": true}

// appTokens are actions that exchange the job's OIDC token for one of their own GitHub App, whose rights are not those of
// the job token. Source: as above.
var appTokens = []struct {
	action string
	unless []string // inputs that make it use another token
	app    string
	rights map[string]string
}{
	{"anthropics/claude-code-action", []string{"github_token"}, "Claude GitHub App", map[string]string{"contents": "write", "pull-requests": "write", "issues": "write"}},
	{"anomalyco/opencode/github", []string{"use_github_token", "token"}, "opencode GitHub App", map[string]string{"contents": "write", "pull-requests": "write", "issues": "write"}},
	{"sst/opencode/github", []string{"use_github_token", "token"}, "opencode GitHub App", map[string]string{"contents": "write", "pull-requests": "write", "issues": "write"}},
}

// inference are actions that send a prompt to a model and return its text. An input may give them tools.
var inference = map[string]string{"actions/ai-inference": "enable-github-mcp"}

// helpers lie in the repository of an assistant's action and run no assistant. Source: their action.yml, 2026-11.
var helpers = []string{"anthropics/claude-code-action/agent-approval-check"}

// tokenScopes are the scopes of the job token that write-all and read-all stand for.
var tokenScopes = []string{"actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues",
	"packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses"}

// TokenScopes are the scopes of the job token of GitHub Actions that write-all stands for.
func TokenScopes() []string { return slices.Clone(tokenScopes) }

// hosted matches the labels of GitHub's own runners.
var hosted = regexp.MustCompile(`^(?:ubuntu|windows|macos)-(?:latest|slim|[0-9][0-9.a-z-]*)(?:-(?:arm|arm64|intel|large|xlarge))?$`)

// publishing finds release and deployment in the command lines and actions of a job.
var (
	publishCommands = regexp.MustCompile(`(?:^|[\s;&|(])(?:(?:npm|pnpm|yarn(?:\s+npm)?|bun)\s+(?:\S+\s+)*?publish\b|lerna\s+publish|changeset\s+publish|semantic-release\b|twine\s+upload|` +
		`(?:uv|poetry|flit|hatch|pdm)\s+publish|cargo\s+(?:\S+\s+)*?publish|gem\s+push|docker\s+(?:image\s+|buildx\s+\S+.*--)?push\b|podman\s+push|buildah\s+push|skopeo\s+copy|crane\s+push|helm\s+push|` +
		`gh\s+release\s+(?:create|upload|edit)|glab\s+release\s+create|release-cli\s+create|goreleaser\s+(?:release|--|$)|mvn\s+(?:\S+\s+)*?deploy\b|gradlew?\s+(?:\S+\s+)*?publish|` +
		`kubectl\s+(?:apply|rollout|set\s+image|create|replace)|helm\s+(?:upgrade|install)|terraform\s+(?:\S+\s+)*?apply|tofu\s+(?:\S+\s+)*?apply|pulumi\s+up|cdk\s+deploy|sam\s+deploy|serverless\s+deploy|` +
		`aws\s+(?:s3\s+sync|ecs\s+update-service|lambda\s+update-function-code|cloudformation\s+deploy)|gcloud\s+(?:\S+\s+)*?deploy\b|az\s+(?:webapp|functionapp|containerapp)\s+\S*(?:deploy|up)|` +
		`fly(?:ctl)?\s+deploy|vercel\s+(?:deploy|.*--prod)|netlify\s+deploy|wrangler\s+(?:deploy|publish)|firebase\s+deploy|heroku\s+container:release|cap\s+production\s+deploy)`)
	publishActions = []string{"pypa/gh-action-pypi-publish", "softprops/action-gh-release", "ncipollo/release-action", "goreleaser/goreleaser-action",
		"actions/create-release", "actions/upload-release-asset", "actions/deploy-pages", "changesets/action", "google-github-actions/deploy-cloudrun",
		"google-github-actions/release-please-action", "googleapis/release-please-action", "google-github-actions/deploy-cloud-functions",
		"google-github-actions/deploy-appengine", "aws-actions/amazon-ecs-deploy-task-definition", "aws-actions/aws-cloudformation-github-deploy",
		"azure/webapps-deploy", "azure/functions-action", "azure/k8s-deploy", "azure/container-apps-deploy-action", "cloudflare/wrangler-action",
		"cloudflare/pages-action", "peaceiris/actions-gh-pages", "jamesives/github-pages-deploy-action", "js-devtools/npm-publish",
		"rubygems/release-gem", "cycjimmy/semantic-release-action", "superfly/flyctl-actions", "amondnet/vercel-action", "firebaseextended/action-hosting-deploy",
		"katyo/publish-crates", "helm/chart-releaser-action", "appleboy/ssh-action"}
)

// oneOfActions tells whether an action is, or lies in, one of a list.
func oneOfActions(uses string, list []string) bool {
	name, _, _ := strings.Cut(strings.ToLower(uses), "@")
	for _, p := range list {
		if name == p || strings.HasPrefix(name, p+"/") {
			return true
		}
	}
	return false
}

// wrappers are programs that confine the command they run.
var wrappers = []struct {
	re      *regexp.Regexp
	sandbox inventory.Sandbox
	network string
	why     string
}{
	{regexp.MustCompile(`(?:^|[\s;&|(/])awf\s.*--allow-domains`), inventory.SandboxContainer, "allowlist", "runs behind the firewall of GitHub Agentic Workflows (awf)"},
	{regexp.MustCompile(`(?:^|[\s;&|(/])awf\s`), inventory.SandboxContainer, "allowlist", "runs behind the firewall of GitHub Agentic Workflows (awf)"},
	{regexp.MustCompile(`(?:docker|podman)\s+run\b.*--network[= ]none`), inventory.SandboxContainer, "none", "runs in a container without network"},
	{regexp.MustCompile(`(?:docker|podman)\s+run\b`), inventory.SandboxContainer, "", "runs in a container"},
	{regexp.MustCompile(`(?:^|[\s;&|(])bwrap\s`), inventory.SandboxWorkspace, "", "runs under bubblewrap"},
}

var (
	commitRef = regexp.MustCompile(`@[0-9a-f]{40}(?:[0-9a-f]{24})?$`)
	digestRef = regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)
)

// pinned tells whether what a reference leads to can change under it. What lies in the repository itself cannot.
func pinned(ref string) bool {
	return strings.HasPrefix(ref, "./") || commitRef.MatchString(ref) || digestRef.MatchString(ref)
}
