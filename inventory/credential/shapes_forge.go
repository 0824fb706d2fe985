package credential

import "nhitop/inventory"

const (
	lasts = inventory.Yes // until somebody ends it
	brief = inventory.No  // minutes to hours
)

// forgeShapes are the tokens of forges and package registries. Source: gitleaks b58d3f10 and trufflehog 3ab759fe, the
// issuers' documentation; as of 2026-11.
var forgeShapes = []shape{
	{prefix: "ghp_", rest: `[0-9A-Za-z]{36}`, kind: "github-pat-classic", issuer: "github", life: lasts, broad: true, sum: crcBase62},
	{prefix: "gho_", rest: `[0-9A-Za-z]{36}`, kind: "github-oauth", issuer: "github", life: lasts, sum: crcBase62},
	{prefix: "ghu_", rest: `[0-9A-Za-z]{36}`, kind: "github-app-user", issuer: "github", sum: crcBase62},
	{prefix: "ghs_", rest: `[0-9A-Za-z]{36}`, kind: "github-app-installation", issuer: "github", life: brief, sum: crcBase62},
	{prefix: "ghs_", rest: `[0-9A-Za-z_.-]{37,}`, kind: "github-app-installation", issuer: "github", life: brief},
	{prefix: "ghr_", rest: `[0-9A-Za-z]{36,}`, kind: "github-refresh-token", issuer: "github", life: lasts, sum: crcBase62},
	{prefix: "github_pat_", rest: `[0-9A-Za-z]{22}_[0-9A-Za-z]{59}`, kind: "github-pat-fine-grained", issuer: "github", sum: crcFine},
	{prefix: "glpat-", rest: `[\w-]{27,}\.[0-9a-z]{2}[0-9a-z]{7}`, kind: "gitlab-pat", issuer: "gitlab", who: gitlabExpires},
	{prefix: "glpat-", rest: `[\w-]{16,64}`, kind: "gitlab-pat", issuer: "gitlab", who: gitlabExpires},
	{prefix: "glptt-", rest: `[0-9a-f]{40}`, kind: "gitlab-trigger-token", issuer: "gitlab", life: lasts},
	{prefix: "gldt-", rest: `[\w-]{20,64}`, kind: "gitlab-deploy-token", issuer: "gitlab", life: lasts},
	{prefix: "glrt-", rest: `[\w.-]{20,}`, kind: "gitlab-runner-token", issuer: "gitlab", life: lasts},
	{prefix: "glrtr-", rest: `[\w.-]{20,}`, kind: "gitlab-runner-token", issuer: "gitlab", life: lasts},
	{prefix: "glcbt-", rest: `[\w.-]{20,}`, kind: "gitlab-job-token", issuer: "gitlab", life: brief},
	{prefix: "glsoat-", rest: `[\w-]{20,64}`, kind: "gitlab-scim-token", issuer: "gitlab", life: lasts, broad: true},
	{prefix: "glffct-", rest: `[\w-]{20,64}`, kind: "gitlab-feature-flag-token", issuer: "gitlab", life: lasts},
	{prefix: "glft-", rest: `[\w-]{20,64}`, kind: "gitlab-feed-token", issuer: "gitlab", life: lasts},
	{prefix: "glagent-", rest: `[\w-]{50,}`, kind: "gitlab-agent-token", issuer: "gitlab", life: lasts},
	{prefix: "glimt-", rest: `[\w-]{20,64}`, kind: "gitlab-mail-token", issuer: "gitlab", life: lasts},
	{prefix: "gloas-", rest: `[0-9A-Za-z_-]{64}`, kind: "gitlab-oauth-app-secret", issuer: "gitlab", life: lasts},
	{prefix: "ATBB", rest: `[0-9A-Za-z]{24,40}`, kind: "bitbucket-app-password", issuer: "atlassian", life: lasts},
	{prefix: "ATATT3xFfGF0", rest: `[0-9A-Za-z_=-]{60,}`, kind: "atlassian-api-token", issuer: "atlassian"},
	{prefix: "ATCTT3xFfGN0", rest: `[0-9A-Za-z_=-]{60,}`, kind: "atlassian-admin-key", issuer: "atlassian", broad: true},
	{prefix: "npm_", rest: `[0-9A-Za-z]{36}`, kind: "npm-token", issuer: "npm", sum: crcBase62},
	{prefix: "pypi-AgEIcHlwaS5vcmc", rest: `[\w-]{50,}`, kind: "pypi-token", issuer: "pypi", life: lasts, who: pypiCaveats},
	{prefix: "pypi-AgENdGVzdC5weXBpLm9yZ", rest: `[\w-]{50,}`, kind: "pypi-token", issuer: "pypi", life: lasts, who: pypiCaveats},
	{prefix: "rubygems_", rest: `[0-9a-f]{48}`, kind: "rubygems-key", issuer: "rubygems", life: lasts},
	{prefix: "cio", rest: `[0-9A-Za-z]{32}`, kind: "cargo-token", issuer: "crates.io", weak: true, named: true},
	{prefix: "dckr_pat_", rest: `[\w-]{20,64}`, kind: "docker-hub-pat", issuer: "docker", life: lasts},
	{prefix: "dckr_oat_", rest: `[\w-]{20,64}`, kind: "docker-hub-org-token", issuer: "docker", life: lasts},
	{prefix: "AKCp", rest: `[0-9A-Za-z]{60,80}`, kind: "artifactory-api-key", issuer: "jfrog", life: lasts},
	{prefix: "oy2", rest: `[a-z0-9]{43}`, kind: "nuget-key", issuer: "nuget", weak: true, named: true},
	{prefix: "sgp_", rest: `(?:(?:[0-9a-fA-F]{16}|local)_)?[0-9a-fA-F]{40}`, kind: "sourcegraph-token", issuer: "sourcegraph", life: lasts},
	{prefix: "sha256~", rest: `[\w-]{43}`, kind: "openshift-token", issuer: "openshift"},
}
