// Package all is the list of sources that the program knows. A new source is one line here.
package all

import (
	"nhitop/sources"
	"nhitop/sources/anthropic"
	"nhitop/sources/exec"
	"nhitop/sources/file"
	"nhitop/sources/gitea"
	"nhitop/sources/github"
	"nhitop/sources/gitlab"
	"nhitop/sources/issuers"
	"nhitop/sources/ldap"
	"nhitop/sources/local"
	"nhitop/sources/npm"
	"nhitop/sources/openai"
	"nhitop/sources/pagerduty"
	"nhitop/sources/scim"
)

// Factories returns every known source, in the order in which the configuration shows them.
func Factories() []sources.Factory {
	return []sources.Factory{
		local.Factory,
		github.Factory,
		issuers.Factory,
		gitlab.Factory,
		gitea.Factory,
		npm.Factory,
		anthropic.Factory,
		file.Factory,
		exec.Factory,
		openai.Factory,
		ldap.Factory,
		scim.Factory,
		pagerduty.Factory,
	}
}
