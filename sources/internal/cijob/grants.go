package cijob

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/pipeline"
)

// tokenGrant is what a right of the job token comes to. Source: GitHub's documentation of the token's permissions, 2026-11.
type tokenGrant struct {
	scope, level string
	also         string // another scope that must be write too
	capability   inventory.Capability
	as           string // level of the entitlement
	certain      bool
	why          string
}

var tokenGrants = []tokenGrant{
	{"contents", "read", "", inventory.ReadSource, "read", true, ""},
	{"contents", "write", "", inventory.ReadSource, "read", true, ""},
	{"contents", "write", "", inventory.WriteSource, "write", true, ""},
	{"contents", "write", "", inventory.MergeProtected, "write", false, "decided by the branch rules, which are not in the repository"},
	{"pull-requests", "write", "contents", inventory.OpenPR, "write", true, ""},
	{"pull-requests", "write", "", inventory.ApprovePR, "write", false, "only where the repository lets Actions approve pull requests"},
	{"statuses", "write", "", inventory.BypassReview, "write", false, "may report a required check as passed"},
	{"checks", "write", "", inventory.BypassReview, "write", false, "may report a required check as passed"},
	{"actions", "write", "", inventory.RunCI, "write", true, ""},
	{"packages", "write", "", inventory.PublishPackage, "write", true, ""},
	{"issues", "write", "", inventory.TicketWrite, "write", true, ""},
	{"discussions", "write", "", inventory.TicketWrite, "write", true, ""},
	{"pull-requests", "write", "", inventory.TicketWrite, "write", true, "comments and labels on pull requests"},
	{"deployments", "write", "", inventory.DeployProd, "write", false, "may create deployments; what follows is decided elsewhere"},
	{"id-token", "write", "", inventory.CloudRead, "read", false, "what the OIDC token is exchanged for is decided at the cloud"},
	{"id-token", "write", "", inventory.CloudWrite, "write", false, "what the OIDC token is exchanged for is decided at the cloud"},
	{"id-token", "write", "", inventory.CloudAdmin, "admin", false, "what the OIDC token is exchanged for is decided at the cloud"},
}

// unsetUnknown are the capabilities that nobody can tell where the file sets no rights: the repository's default holds.
var unsetUnknown = []inventory.Capability{inventory.ReadSource, inventory.WriteSource, inventory.OpenPR, inventory.ApprovePR, inventory.RunCI,
	inventory.PublishPackage, inventory.TicketWrite, inventory.MergeProtected, inventory.DeployProd}

// safeOutputs is what the acts that other jobs do for an agentic workflow come to.
var safeOutputs = map[string]inventory.Capability{
	"create-pull-request": inventory.OpenPR, "push-to-pull-request-branch": inventory.WriteSource, "create-issue": inventory.TicketWrite,
	"add-comment": inventory.TicketWrite, "update-issue": inventory.TicketWrite, "close-issue": inventory.TicketWrite, "add-labels": inventory.TicketWrite,
	"create-discussion": inventory.TicketWrite, "create-pull-request-review-comment": inventory.TicketWrite, "update-pull-request": inventory.TicketWrite,
	"submit-pull-request-review": inventory.ApprovePR, "dispatch-workflow": inventory.RunCI, "update-release": inventory.PublishPackage,
	"merge-pull-request": inventory.MergeProtected, "create-agent-session": inventory.RunCI, "create-code-scanning-alert": inventory.TicketWrite,
}

// nameGrants guesses from the name of a stored secret what it opens. None is certain: the name is all that is seen.
var nameGrants = []struct {
	re           *regexp.Regexp
	resource     string
	capabilities []inventory.Capability
}{
	{regexp.MustCompile(`^(?:NPM|NODE_AUTH|PYPI|TWINE|CARGO|CRATES|RUBYGEMS|GEM|NUGET|DOCKER|DOCKERHUB|GHCR|REGISTRY|MAVEN|OSSRH|SONATYPE)_?.*(?:TOKEN|PASSWORD|KEY|SECRET|PAT)`), "registry", []inventory.Capability{inventory.PublishPackage}},
	{regexp.MustCompile(`^(?:AWS|GCP|GCLOUD|GOOGLE_(?:CLOUD|CREDENTIALS|APPLICATION)|AZURE|ARM)_|_AWS_|CLOUDFLARE|DIGITALOCEAN`), "cloud-account", []inventory.Capability{inventory.CloudRead, inventory.CloudWrite}},
	{regexp.MustCompile(`KUBE_?CONFIG|^KUBE|K8S`), "cluster", []inventory.Capability{inventory.ClusterRead, inventory.ClusterWrite}},
	{regexp.MustCompile(`DATABASE_URL|^DB_|_DB_|POSTGRES|MYSQL|MONGO|REDIS|SNOWFLAKE`), "database", []inventory.Capability{inventory.DataRead, inventory.DataWrite}},
	{regexp.MustCompile(`SLACK|DISCORD|TEAMS_WEBHOOK|TELEGRAM`), "chat", []inventory.Capability{inventory.ChatPost}},
	{regexp.MustCompile(`JIRA|LINEAR|ASANA|ZENDESK|ATLASSIAN`), "ticketing", []inventory.Capability{inventory.TicketWrite}},
	{regexp.MustCompile(`VERCEL|NETLIFY|HEROKU|FLY_API|RAILWAY|RENDER_|DEPLOY|SSH_(?:PRIVATE_)?KEY|KAMAL|TERRAFORM|TF_API`), "deployment", []inventory.Capability{inventory.DeployProd}},
	{regexp.MustCompile(`(?:^|_)(?:GH|GITHUB|GIT|GITLAB|BOT|CI|AW)_.*(?:TOKEN|PAT|KEY)$|_PAT$|^PAT$|PERSONAL_ACCESS|APP_PRIVATE_KEY|ADMIN_TOKEN`), "repository", []inventory.Capability{inventory.ReadSource, inventory.WriteSource}},
}

func (x *work) grant(c inventory.Capability, via, origin, level string, certain bool, res inventory.Resource, p pipeline.Place, path ...string) {
	x.gated(c, inventory.GateOpen, via, origin, level, certain, res, p, path...)
}

func (x *work) gated(c inventory.Capability, gate, via, origin, level string, certain bool, res inventory.Resource, p pipeline.Place, path ...string) {
	if res.Kind != "" {
		res.ID = inventory.NewID(inventory.NounResource, res.Kind, res.Name)
		if !x.done[res.ID] {
			x.done[res.ID] = true
			x.Sink.Resource(res)
		}
	}
	id := inventory.NewID(inventory.NounEntitlement, string(x.rec.ID), via, string(c), string(res.ID), origin)
	for _, e := range x.grants {
		if e.ID == id {
			return
		}
	}
	x.grants = append(x.grants, inventory.Entitlement{
		ID: id, Assistant: x.rec.ID, Via: via, Capability: c, Level: level, Resource: res.ID, Environment: "ci", Origin: origin,
		Gate: gate, Certain: certain, Path: append([]string{x.rec.Name}, append(path, string(c))...), Evidence: []inventory.Evidence{x.at(p, "")},
	})
}

func (x *work) repository() inventory.Resource {
	return inventory.Resource{Kind: "repository", Name: x.Name}
}

// entitle delivers what the assistant may do, each with the way that proves it.
func (x *work) entitle() {
	j := x.job
	if j.TextOnly {
		return
	}
	if !j.Cloud {
		x.rights(j.Permissions, "job token ("+j.PermissionsSet+")", "")
	}
	if j.App != "" {
		x.rights(j.AppRights, "token of the "+j.App, j.App)
	}
	if j.OIDC && j.System == pipeline.GitLab {
		x.rights(map[string]string{"id-token": "write"}, "id_tokens", "")
	}
	for _, out := range j.SafeOutputs {
		if c, ok := safeOutputs[out]; ok {
			x.grant(c, inventory.ViaDelegated, inventory.OriginTool, "write", true, x.repository(), j.Place, "safe output "+out, "another job does it with rights of its own")
		}
	}
	if j.Publishes {
		c := inventory.PublishPackage
		x.grant(c, inventory.ViaDelegated, inventory.OriginInherited, "write", false, x.repository(), j.Place, "the job releases or deploys", "what it releases was in the assistant's hands")
	}
	for _, g := range j.Given {
		x.namedGrants(g)
	}
	for _, l := range j.Literals {
		if k := x.Catalogue.Kind(l.Match.Kind); k != nil {
			via := string(x.Sink.SecretID(l.Match.Value))
			for _, g := range k.Grants {
				res := inventory.Resource{Kind: cmp.Or(k.Resource, "service"), Name: cmp.Or(l.Match.Account, k.Issuer, k.Name)}
				x.grant(inventory.Capability(g.Capability), via, inventory.OriginDirect, g.Level, g.Certain, res, l.Place, "written in the pipeline", k.Name)
			}
		}
	}
}

// rights turns rights of a token into entitlements.
func (x *work) rights(p map[string]string, what, app string) {
	place := x.job.Place
	for _, e := range x.job.Evidence {
		if strings.HasPrefix(e.Note, "rights of the job token") {
			place = pipeline.Place{File: e.Path, Pointer: e.Pointer, Line: e.Line}
			break
		}
	}
	known := map[inventory.Capability]bool{}
	if x.Rights != nil && len(p) > 0 {
		for _, c := range forge.Capabilities() {
			known[c] = true
		}
		for _, r := range x.Rights(x.job, p, app) {
			x.gated(r.Capability, r.Gate, inventory.ViaDelegated, inventory.OriginDirect, r.Level, r.Certain, x.repository(), place, r.Path...)
		}
	}
	for _, g := range tokenGrants {
		if known[g.capability] || p[g.scope] != g.level || g.also != "" && p[g.also] != "write" {
			continue
		}
		res := x.repository()
		if g.scope == "id-token" {
			res = inventory.Resource{Kind: "cloud-account", Name: "by OIDC from " + x.Name}
		}
		path := []string{what, fmt.Sprintf("%s: %s", g.scope, g.level)}
		if g.why != "" {
			path = append(path, g.why)
		}
		x.grant(g.capability, inventory.ViaDelegated, inventory.OriginDirect, g.as, g.certain, res, place, path...)
	}
}

func (x *work) namedGrants(g pipeline.Given) {
	origin := inventory.OriginDirect
	if !g.Direct {
		origin = inventory.OriginInherited
	}
	if x.ownLogin(g) {
		return
	}
	kind, caps := ByName(g.Name)
	res := inventory.Resource{Kind: kind, Name: "by secret " + g.Name + " of " + x.Name}
	for _, c := range caps {
		x.grant(c, string(x.secretID(g.Name)), origin, Level(c), false, res, g.Place, "secret "+g.Name, "told by its name only")
	}
}

// ByName guesses from the name of a stored secret what it opens: the kind of resource, and the capabilities. None is
// certain: the name is all that is seen. Nothing is guessed from a name that says nothing.
func ByName(name string) (kind string, caps []inventory.Capability) {
	for _, n := range nameGrants {
		if n.re.MatchString(name) {
			return n.resource, n.capabilities
		}
	}
	return "", nil
}

// Level is the level of a capability that a name speaks of.
func Level(c inventory.Capability) string {
	if strings.HasSuffix(string(c), "-read") || c == inventory.ReadSource {
		return "read"
	}
	return "write"
}

// SecretID names a secret of a pipeline that is known by its name only, in a repository or an organisation.
func SecretID(of, name string) inventory.ID {
	return inventory.NewID(inventory.NounSecret, "ci-secret", of, name)
}

func (x *work) serverGrants(s *catalogue.Server, t *inventory.Tool) {
	launch := strings.TrimSpace(t.Command + " " + strings.Join(t.Args, " "))
	for _, g := range s.Grants {
		if g.Applies(launch) {
			via := inventory.ViaDelegated
			if len(t.Secrets) > 0 {
				via = string(t.Secrets[0])
			}
			res := inventory.Resource{Kind: cmp.Or(s.Resource, "service"), Name: s.Name}
			x.grant(inventory.Capability(g.Capability), via, inventory.OriginTool, g.Level, g.Certain, res,
				pipeline.Place{File: x.job.File, Line: t.Evidence[0].Line, Pointer: t.Evidence[0].Pointer}, "tool server "+t.Name)
		}
	}
}

// classify fills the matrix and says whether it is an identity that acts.
func (x *work) classify() {
	j := x.job
	caps := map[inventory.Capability]inventory.Answer{inventory.NetworkOut: inventory.Yes, inventory.ExecLocal: inventory.Yes}
	x.rec.Capabilities = caps
	if j.TextOnly {
		caps[inventory.ExecLocal] = inventory.No
		x.rec.Class, x.rec.ClassReason = inventory.ClassTextOnly, "returns text to the job and has no tools"
		return
	}
	if j.Network == "none" {
		caps[inventory.NetworkOut] = inventory.No
	}
	if j.PermissionsSet == "unset" || j.Cloud {
		for _, c := range unsetUnknown {
			caps[c] = inventory.Unknown
		}
	} else {
		// The job token cannot; another credential that the job holds perhaps can.
		answer := inventory.No
		if x.otherCredentials() {
			answer = inventory.Unknown
		}
		for _, c := range unsetUnknown {
			caps[c] = answer
		}
		if x.Rights != nil {
			for _, c := range forge.Capabilities() {
				caps[c] = answer
			}
		}
	}
	if j.Cloud {
		caps[inventory.ReadSource], caps[inventory.WriteSource], caps[inventory.OpenPR] = inventory.Yes, inventory.Yes, inventory.Yes
		caps[inventory.NetworkOut] = inventory.Unknown
	}
	for _, e := range x.grants {
		v := forge.Right{Gate: e.Gate, Certain: e.Certain}.Answer()
		if was := caps[e.Capability]; v == inventory.Yes || was != inventory.Yes && (v == inventory.Unknown || was != inventory.Unknown && v == inventory.Asks) {
			caps[e.Capability] = v
		}
	}
	x.rec.Class, x.rec.ClassReason = inventory.ClassNHI, "it can act: it runs commands in a job, with nobody to ask"
}

// otherCredentials tells whether the job holds more than the job token and the assistant's own login.
func (x *work) otherCredentials() bool {
	for _, g := range x.job.Given {
		if !x.ownLogin(g) {
			return true
		}
	}
	return x.job.OIDC || slices.ContainsFunc(x.job.Literals, func(l pipeline.Literal) bool {
		k := x.Catalogue.Kind(l.Match.Kind)
		return k == nil || len(k.Grants) > 0 // one that opens a model alone does nothing here
	})
}

// ownLogin tells a secret that only logs the assistant in at its vendor. A token of the forge or a cloud does more.
func (x *work) ownLogin(g pipeline.Given) bool {
	for _, name := range []string{g.Name, g.Into} {
		if slices.Contains(x.entry.EnvSecrets, name) && !manyUses.MatchString(name) {
			return true
		}
	}
	return x.credentialInput(g)
}

var manyUses = regexp.MustCompile(`^(?:GH|GITHUB|GITLAB|AWS|AZURE|ARM|GOOGLE_APPLICATION|GCP)_`)

func (x *work) credentialInput(g pipeline.Given) bool {
	if g.As != "input" {
		return false
	}
	for _, in := range x.entry.CI.Inputs {
		if in.Kind == "credential" && strings.EqualFold(in.Name, g.Into) && !strings.Contains(strings.ToLower(in.Name), "github") {
			return true
		}
	}
	return false
}
