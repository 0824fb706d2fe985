package gitrepo

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// shapes are the prefixes of tokens that forges and registries put into Git URLs, longest first.
var shapes = []struct{ prefix, kind, issuer string }{
	{"github_pat_", "github-pat-fine-grained", "github"},
	{"ghp_", "github-pat-classic", "github"},
	{"gho_", "github-oauth", "github"},
	{"ghu_", "github-app-user", "github"},
	{"ghs_", "github-app-installation", "github"},
	{"ghr_", "github-refresh", "github"},
	{"glpat-", "gitlab-pat", "gitlab"},
	{"gldt-", "gitlab-deploy-token", "gitlab"},
	{"glcbt-", "gitlab-ci-job-token", "gitlab"},
	{"ATATT3", "atlassian-api-token", "atlassian"},
	{"ATBB", "bitbucket-app-password", "bitbucket"},
}

const (
	minShape  = 16
	minOpaque = 32 // a user name of this length without a password is a token
)

// classify says what a credential of a Git URL or header is. holder is the length of the text that it is a part of.
func classify(secret, user, host string, holder int) credential.Match {
	m := credential.Match{Kind: "connection-url-password", Account: user, LongLived: inventory.Unknown}
	within := ""
	if host != "" || user != "" {
		within = user + "@" + host
	}
	for _, s := range shapes {
		if strings.HasPrefix(secret, s.prefix) && len(secret) >= minShape {
			m.Kind, m.Issuer, m.Sure = s.kind, s.issuer, true
			m.Broad = s.kind == "github-pat-classic"
			m.Value = inventory.NewValue(secret)
			return m
		}
	}
	if host == "" {
		m.Kind = "opaque-bearer"
		if user != "" {
			m.Kind = "basic-auth"
		}
	}
	if within == "" {
		m.Value = inventory.NewValue(secret)
	} else {
		m.Value = inventory.NewValueWithin(secret, within, holder)
	}
	return m
}
