package forge

import (
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

const (
	yes, no, unknown = inventory.Yes, inventory.No, inventory.Unknown
	is, needs, isNot = inventory.GateOpen, inventory.GateAsks, inventory.GateBlocked
)

func grant(s Scope, a Access, words string) Grant {
	return Grant{Scope: s, Access: a, Words: words, Certain: true}
}

var (
	code    = grant(Contents, Write, "contents:write")
	reads   = grant(Contents, Read, "contents:read")
	pulls_  = grant(PullRequests, Write, "pull_requests:write")
	flows   = grant(Workflows, Write, "workflows:write")
	actions = grant(Runs, Write, "actions:write")
	admin   = grant(RepoAdmin, Write, "administration:write")
)

// app is an app with grants, named 15368 in lists.
func app(gs ...Grant) Actor {
	return Actor{Kind: App, Name: "app claude", As: []Principal{{Kind: ByApp, ID: "15368", Name: "claude"}}, Grants: gs, RepoAdminRole: no, CodeOwner: no, AsksForRuns: no}
}

func user(gs ...Grant) Actor {
	return Actor{Kind: UserToken, Name: "token …5wsT", As: []Principal{{Kind: ByUser, ID: "42", Name: "alice"}}, AsUnknown: []PrincipalKind{ByTeam}, Grants: gs, RepoAdminRole: no, CodeOwner: no, AsksForRuns: no}
}

func key(gs ...Grant) Actor {
	return Actor{Kind: DeployKey, Name: "deploy key ci", As: []Principal{{Kind: ByDeployKey, ID: "7"}}, Grants: gs, RepoAdminRole: no, AsksForRuns: no}
}

func job(gs ...Grant) Actor {
	return Actor{Kind: Job, Name: "job token", As: []Principal{{Kind: ByApp, ID: "15368", Name: "github-actions"}}, Grants: gs, RepoAdminRole: no, CodeOwner: no}
}

// web is a repository whose default branch has these rules, and whose pipelines run and approve nothing.
func web(rules ...Rule) Repo {
	return Repo{Name: "acme/web", Host: "GitHub", Branches: []Branch{{Name: "main", Default: true, Rules: rules}}, Pipelines: yes, RunsApprove: no, OwnersCover: yes}
}

func reviewed(n int) Rule { return Rule{Name: "ruleset 12", PullRequest: true, Approvals: n} }

func (r Rule) with(f func(*Rule)) Rule { f(&r); return r }
func (r Repo) with(f func(*Repo)) Repo { f(&r); return r }
func (a Actor) but(f func(*Actor)) Actor {
	f(&a)
	return a
}

func lets(mode Mode, p Principal) func(*Rule) {
	return func(r *Rule) { r.Bypass = append(r.Bypass, Bypass{Principal: p, Mode: mode}) }
}

var theApp = Principal{Kind: ByApp, ID: "15368", Name: "claude"}

// want is a capability's gate, "?" behind it where it is not certain, "-" for none, and what its path must say.
type want struct {
	capability inventory.Capability
	gate       string
	path       []string
}

func check(t *testing.T, a Actor, r Repo, ws ...want) {
	t.Helper()
	rights := Effective(a, r)
	for _, w := range ws {
		i := slices.IndexFunc(rights, func(x Right) bool { return x.Capability == w.capability })
		got, path := "-", ""
		if i >= 0 {
			got, path = rights[i].Gate, strings.Join(rights[i].Path, " -> ")
			if !rights[i].Certain {
				got += "?"
			}
		}
		if got != w.gate {
			t.Errorf("%s: %s, want %s (%s)", w.capability, got, w.gate, path)
		}
		for _, p := range w.path {
			if !strings.Contains(path, p) {
				t.Errorf("%s: the path does not say %q: %s", w.capability, p, path)
			}
		}
	}
}

func TestMergeProtected(t *testing.T) {
	m, b := inventory.MergeProtected, inventory.BypassReview
	for name, c := range map[string]struct {
		a  Actor
		r  Repo
		ws []want
	}{
		"an unprotected default branch": {app(code), web(), []want{{m, is, []string{"contents:write", "on acme/web", "main is not protected", "no person is needed"}}, {b, "-", nil}}},
		"rules not read":                {app(code), web().with(func(r *Repo) { r.Branches[0].Unknown = "administration:read is missing" }), []want{{m, is + "?", []string{"administration:read is missing"}}, {b, is + "?", nil}}},
		"branches not read":             {app(code), web().with(func(r *Repo) { r.Branches = nil }), []want{{m, is + "?", nil}}},
		"read only":                     {app(reads, pulls_), web(), []want{{m, "-", nil}, {b, "-", nil}}},
		"archived":                      {app(code), web().with(func(r *Repo) { r.Archived = true }), []want{{m, isNot, []string{"archived"}}}},
		"one approval":                  {app(code, pulls_), web(reviewed(1)), []want{{m, needs, []string{"into main", "1 approval of others", "own approval does not count", "an approval holds although it pushes again", "a person must agree"}}, {b, isNot, nil}}},
		"an approval falls with a push": {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.LastPush = true })), []want{{m, needs, nil}}},
		"no approval demanded":          {app(code, pulls_), web(reviewed(0)), []want{{m, is, []string{"demands a pull request, and no approval", "no person is needed"}}, {b, "-", nil}}},
		"no right to open one":          {app(code), web(reviewed(0)), []want{{m, isNot, []string{"demands a pull request"}}}},
		"an author may approve":         {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.AuthorMay = true })), []want{{m, is, []string{"an author's own approval counts"}}}},
		"of two, one's own counts":      {app(code, pulls_), web(reviewed(2).with(func(r *Rule) { r.AuthorMay = true })), []want{{m, needs, nil}}},
		"owners of the code":            {app(code, pulls_), web(reviewed(0).with(func(r *Rule) { r.CodeOwners = true })), []want{{m, needs, []string{"an owner of the code"}}, {b, isNot, nil}}},
		"files without an owner":        {app(code, pulls_), web(reviewed(0).with(func(r *Rule) { r.CodeOwners = true })).with(func(r *Repo) { r.OwnersCover = no }), []want{{m, is, []string{"files without an owner need none"}}}},
		"owners not read":               {app(code, pulls_), web(reviewed(0).with(func(r *Rule) { r.CodeOwners = true })).with(func(r *Repo) { r.OwnersCover = unknown }), []want{{m, is + "?", nil}}},
		"bypass always":                 {app(code), web(reviewed(2).with(lets(Always, theApp))), []want{{m, is, []string{"protected by ruleset 12", "its bypass list names app claude (15368)", "no person is needed"}}, {b, is, nil}}},
		"bypass exempt":                 {app(code), web(reviewed(2).with(lets(Exempt, theApp))), []want{{m, is, []string{"no entry is left in the audit log"}}}},
		"bypass by pull request":        {app(code, pulls_), web(reviewed(2).with(lets(PullOnly, theApp))), []want{{m, is, []string{"by a pull request"}}, {b, is, nil}}},
		"the same without that right":   {app(code), web(reviewed(2).with(lets(PullOnly, theApp))), []want{{m, isNot, nil}, {b, isNot, nil}}},
		"bypass of another app":         {app(code, pulls_), web(reviewed(1).with(lets(Always, Principal{Kind: ByApp, ID: "99"}))), []want{{m, needs, nil}}},
		"bypass of one of two rules":    {app(code, pulls_), web(reviewed(1).with(lets(Always, theApp)), Rule{Name: "protection of main", PullRequest: true, Approvals: 1}), []want{{m, needs, nil}}},
		"bypass list not read":          {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.BypassUnknown = "hidden" })), []want{{m, is + "?", []string{"could not be read: hidden"}}}},
		"bypass of a team":              {user(code, pulls_), web(reviewed(1).with(lets(Always, Principal{Kind: ByTeam, ID: "3"}))), []want{{m, is + "?", nil}}},
		"a team cannot hold an app":     {app(code, pulls_), web(reviewed(1).with(lets(Always, Principal{Kind: ByTeam, ID: "3"}))), []want{{m, needs, nil}}},
		"every deploy key":              {key(code), web(reviewed(1).with(lets(Always, Principal{Kind: ByDeployKey}))), []want{{m, is, []string{"names deploy key"}}}},
		"a deploy key opens none":       {key(code, pulls_), web(reviewed(0)), []want{{m, isNot, nil}}},
		"a rule that only reports":      {app(code), web(reviewed(1).with(func(r *Rule) { r.Enforced = no })), []want{{m, is, []string{"ruleset 12 only reports"}}, {b, "-", nil}}},
		"enforcement not read":          {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.Enforced = unknown })), []want{{m, is + "?", nil}}},
		"named in restrictions":         {app(code), web(Rule{Name: "protection of main", Push: List{theApp}, Merge: List{theApp}}), []want{{m, is, []string{"protection of main lets app claude (15368) push"}}}},
		"not in restrictions":           {app(code, pulls_), web(Rule{Name: "protection of main", Push: List{{Kind: ByApp, ID: "1"}}, Merge: List{{Kind: ByApp, ID: "1"}}}), []want{{m, isNot, []string{"does not let this one"}}}},
		"an empty list":                 {app(code, pulls_), web(Rule{Name: "ruleset 4", Push: List{}, Merge: List{}}), []want{{m, isNot, []string{"nobody"}}}},
		"locked":                        {app(code, pulls_), web(Rule{Name: "protection of main", Locked: true}), []want{{m, isNot, []string{"locks it"}}}},
		"administrators left out":       {user(code).but(func(a *Actor) { a.RepoAdminRole = yes }), web(reviewed(1).with(func(r *Rule) { r.AdminsFree = true })), []want{{m, is, []string{"does not hold for administrators"}}, {b, is, nil}}},
		"an app is no administrator":    {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.AdminsFree = true })), []want{{m, needs, nil}}},
		"the role is not known":         {user(code, pulls_).but(func(a *Actor) { a.RepoAdminRole = unknown }), web(reviewed(1).with(func(r *Rule) { r.AdminsFree = true })), []want{{m, is + "?", nil}}},
		"may take the rule away":        {app(code, admin), web(reviewed(1)), []want{{m, is, []string{"administration:write", "it may take ruleset 12 away"}}, {b, is, nil}}},
		"not that of the organisation":  {app(code, pulls_, admin), web(reviewed(1).with(func(r *Rule) { r.Level = OfOrg })), []want{{m, needs, nil}}},
		"auto-merge":                    {app(code, pulls_), web(reviewed(1)).with(func(r *Repo) { r.AutoMerge = yes }), []want{{m, needs, []string{"auto-merge"}}}},
		"checks are no person":          {app(code, pulls_), web(reviewed(0).with(func(r *Rule) { r.Checks = []string{"test"} })), []want{{m, is, []string{"the check test must pass"}}}},
		"grants not read":               {app().but(func(a *Actor) { a.Unknown = "no access" }), web(), []want{{m, is + "?", []string{"no access"}}, {inventory.AdminOrg, is + "?", nil}}},
		"a class of token":              {user(Grant{Scope: Contents, Access: Write, Words: "scope repo"}), web(), []want{{m, is + "?", []string{"scope repo"}}}},
		"a class of token, blocked":     {user(Grant{Scope: Contents, Access: Write, Words: "scope repo"}), web(Rule{Name: "p", Locked: true}), []want{{m, isNot, nil}}},
		"a pipeline approves":           {app(code, pulls_, flows), web(reviewed(1)).with(func(r *Repo) { r.RunsApprove = yes }), []want{{m, is, []string{"pipelines may approve", "gives the approval that ruleset 12 demands"}}, {b, is, nil}}},
		"it may, if the switch is on":   {app(code, pulls_, flows), web(reviewed(1)).with(func(r *Repo) { r.RunsApprove = unknown }), []want{{m, is + "?", nil}}},
		"not where it writes none":      {app(code, pulls_), web(reviewed(1)).with(func(r *Repo) { r.RunsApprove = yes }), []want{{m, needs, nil}}},
		"not where two must":            {app(code, pulls_, flows), web(reviewed(2)).with(func(r *Repo) { r.RunsApprove = yes }), []want{{m, needs, nil}}},
		"not where owners must":         {app(code, pulls_, flows), web(reviewed(1).with(func(r *Rule) { r.CodeOwners = true })).with(func(r *Repo) { r.RunsApprove = yes }), []want{{m, needs, nil}}},
		"not a job with its own token":  {job(code, pulls_), web(reviewed(1)).with(func(r *Repo) { r.RunsApprove = yes }), []want{{m, needs, nil}}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.a, c.r, c.ws...) })
	}
}

func TestApprovals(t *testing.T) {
	p := inventory.ApprovePR
	for name, c := range map[string]struct {
		a  Actor
		r  Repo
		ws []want
	}{
		"of others":             {app(code, pulls_), web(reviewed(1)), []want{{p, is, []string{"approves what others have opened"}}}},
		"owners too":            {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.CodeOwners = true })), []want{{p, needs, []string{"an owner of the code as well"}}}},
		"two are needed":        {app(code, pulls_), web(reviewed(2)), []want{{p, needs, nil}}},
		"without write access":  {app(reads, pulls_), web(reviewed(1)), []want{{p, is + "?", nil}}},
		"no right":              {app(code), web(reviewed(1)), []want{{p, "-", nil}}},
		"a job, switch off":     {job(code, pulls_), web(reviewed(1)), []want{{p, isNot, nil}, {inventory.OpenPR, isNot, []string{"pipelines may not open"}}}},
		"a job, switch on":      {job(code, pulls_), web(reviewed(1)).with(func(r *Repo) { r.RunsApprove = yes }), []want{{p, is, nil}, {inventory.OpenPR, is, nil}}},
		"a job, switch unknown": {job(code, pulls_), web(reviewed(1)).with(func(r *Repo) { r.RunsApprove = "" }), []want{{p, is + "?", nil}}},
		"a job may open only":   {job(code, pulls_), web(reviewed(1)).with(func(r *Repo) { r.RunsOpen = yes }), []want{{p, isNot, nil}, {inventory.OpenPR, is, nil}}},
		"its approval counts":   {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.Approvers = List{theApp} })), []want{{p, is, nil}}},
		"others' count alone":   {app(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.Approvers = List{} })), []want{{p, isNot, []string{"does not count its approval"}}}},
		"is it in the team":     {user(code, pulls_), web(reviewed(1).with(func(r *Rule) { r.Approvers = List{{Kind: ByTeam, ID: "devs"}} })), []want{{p, is + "?", nil}}},
		"rules not read":        {app(code, pulls_), web().with(func(r *Repo) { r.Branches[0].Unknown = "x" }), []want{{p, is + "?", nil}}},
		"is it an owner":        {user(code, pulls_).but(func(a *Actor) { a.CodeOwner = unknown }), web(reviewed(1).with(func(r *Rule) { r.CodeOwners = true })), []want{{p, is + "?", nil}}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.a, c.r, c.ws...) })
	}
}

func TestPipelines(t *testing.T) {
	e, run, dep := inventory.EditWorkflow, inventory.RunCI, inventory.DeployProd
	onPush := Workflow{Name: "ci.yml", Triggers: []string{"push"}}
	onMain := Workflow{Name: "deploy.yml", Triggers: []string{"push"}, Branches: []string{"main"}, Environments: []string{"production"}}
	byHand := Workflow{Name: "ship.yml", Triggers: []string{"workflow_dispatch"}, Environments: []string{"production"}}
	production := Environment{Name: "production", Production: true, Reach: AnyBranch}
	have := func(ws []Workflow, es ...Environment) func(*Repo) {
		return func(r *Repo) { r.Workflows, r.Environments = ws, es }
	}
	for name, c := range map[string]struct {
		a  Actor
		r  Repo
		ws []want
	}{
		"a definition needs its own right": {app(code), web(), []want{{e, isNot, []string{"a right of its own (workflows)"}}, {run, "-", nil}}},
		"and with it":                      {app(code, flows), web(reviewed(1)), []want{{e, is, []string{"workflows:write"}}, {run, is, []string{"runs when it is pushed"}}}},
		"not without the code":             {app(reads, flows), web(), []want{{e, "-", nil}}},
		"files kept by a rule": {app(code, flows), web().with(func(r *Repo) {
			r.Branches = append(r.Branches, Branch{Name: "*", Rules: []Rule{{Name: "push rules", Files: []string{".github/workflows/**"}}}})
		}), []want{{e, isNot, []string{"push rules keeps .github/workflows/**"}}, {inventory.WriteSource, is, nil}}},
		"a key pushes definitions":           {key(code, flows), web(), []want{{e, is, nil}}},
		"pipelines off":                      {app(code, flows), web().with(func(r *Repo) { r.Pipelines = no }), []want{{run, isNot, []string{"switched off"}}}},
		"pipelines not read":                 {app(code, flows), web().with(func(r *Repo) { r.Pipelines = "" }), []want{{run, is + "?", nil}}},
		"a push runs":                        {app(code), web(reviewed(1)).with(have([]Workflow{onPush})), []want{{run, is, []string{"a push starts workflow ci.yml"}}}},
		"only a push to main, guarded":       {app(code, pulls_), web(reviewed(1)).with(have([]Workflow{onMain}, production)), []want{{run, needs, nil}, {dep, needs, []string{"the push starts workflow deploy.yml", "has no reviewers"}}}},
		"a job's push runs nothing":          {job(code), web().with(have([]Workflow{onPush})), []want{{run, isNot, []string{"starts no pipeline"}}}},
		"a job may dispatch":                 {job(code, actions), web().with(have([]Workflow{byHand}, production)), []want{{run, is, []string{"actions:write", "workflow_dispatch"}}, {dep, is, nil}}},
		"an agent whose runs a person lets":  {app(code).but(func(a *Actor) { a.AsksForRuns = yes }), web().with(have([]Workflow{onPush})), []want{{run, needs, nil}}},
		"workflows not read":                 {app(code), web().with(func(r *Repo) { r.WorkflowsUnknown = "x" }), []want{{run, is + "?", nil}}},
		"an environment with reviewers":      {app(actions), web().with(have([]Workflow{byHand}, Environment{Name: "production", Production: true, Reach: AnyBranch, Reviewers: 2})), []want{{run, is, nil}, {dep, needs, []string{"2 reviewers"}}}},
		"administrators go past them":        {user(actions).but(func(a *Actor) { a.RepoAdminRole = yes }), web().with(have([]Workflow{byHand}, Environment{Name: "production", Production: true, Reviewers: 2, AdminsFree: yes})), []want{{dep, is, nil}}},
		"not production":                     {app(actions), web().with(have([]Workflow{byHand}, Environment{Name: "production"})), []want{{dep, "-", nil}}},
		"an own workflow from any branch":    {app(code, flows), web(reviewed(1)).with(have(nil, production)), []want{{dep, is, []string{"takes every branch", "a workflow that it writes deploys"}}}},
		"from protected branches only":       {app(code, flows, pulls_), web(reviewed(1)).with(have(nil, Environment{Name: "production", Production: true, Reach: ProtectedBranch})), []want{{dep, needs, []string{"takes protected branches only"}}}},
		"from main only":                     {app(code, flows), web(reviewed(1)).with(have(nil, Environment{Name: "production", Production: true, Reach: NamedBranches, Branches: []string{"main"}})), []want{{dep, isNot, nil}}},
		"from a pattern that nothing guards": {app(code, flows), web(reviewed(1)).with(have(nil, Environment{Name: "production", Production: true, Reach: NamedBranches, Branches: []string{"main", "release/*"}})), []want{{dep, is, []string{"takes release/*"}}}},
		"that a rule guards":                 {app(code, flows), web(reviewed(1)).with(func(r *Repo) { r.Branches = append(r.Branches, Branch{Name: "release/*", Rules: []Rule{reviewed(1)}}) }).with(have(nil, Environment{Name: "production", Production: true, Reach: NamedBranches, Branches: []string{"release/*"}})), []want{{dep, isNot, nil}}},
		"environments not read":              {app(actions), web().with(have([]Workflow{byHand})).with(func(r *Repo) { r.EnvUnknown = "x" }), []want{{dep, is + "?", nil}}},
		"who may deploy":                     {app(actions), web().with(have([]Workflow{byHand}, Environment{Name: "production", Production: true, Deployers: List{{Kind: ByUser, ID: "1"}}})), []want{{dep, isNot, nil}}},
		"a deployment without one":           {app(code), web().with(have([]Workflow{{Name: "d.yml", Triggers: []string{"push"}, Deploys: true}})), []want{{dep, is, []string{"no environment that a person could guard"}}}},
		"deployments only":                   {app(grant(Deployments, Write, "deployments:write")), web(), []want{{dep, is + "?", nil}}},
		"read only":                          {app(reads), web().with(have([]Workflow{onPush, onMain, byHand}, production)), []want{{run, "-", nil}, {dep, "-", nil}, {inventory.ReadSource, is, nil}}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.a, c.r, c.ws...) })
	}
}

func TestPublishSecretsAndAdministration(t *testing.T) {
	pub, sec := inventory.PublishPackage, inventory.ReadSecrets
	release := Workflow{Name: "release.yml", Triggers: []string{"push"}, Branches: []string{"main"}, Publishes: true}
	for name, c := range map[string]struct {
		a  Actor
		r  Repo
		ws []want
	}{
		"packages":                  {app(grant(Packages, Write, "packages:write")), web(), []want{{pub, is, []string{"packages:write"}}}},
		"a release behind a review": {app(code, pulls_), web(reviewed(1)).with(func(r *Repo) { r.Workflows = []Workflow{release} }), []want{{pub, needs, []string{"it publishes"}}}},
		"a release from a feature":  {app(code), web(reviewed(1)).with(func(r *Repo) { r.Workflows = []Workflow{{Name: "r.yml", Triggers: []string{"push"}, Publishes: true}} }), []want{{pub, is, nil}}},
		"a release behind reviewers": {app(actions), web().with(func(r *Repo) {
			r.Workflows = []Workflow{{Name: "r.yml", Triggers: []string{"workflow_dispatch"}, Publishes: true, Environments: []string{"npm"}}}
			r.Environments = []Environment{{Name: "npm", Reviewers: 1}}
		}), []want{{pub, needs, nil}}},
		"secrets by a workflow":      {app(code, flows), web(reviewed(1)).with(func(r *Repo) { r.Secrets = 3 }), []want{{sec, is, []string{"gets 3 secrets"}}}},
		"whether there are any":      {app(code, flows), web().with(func(r *Repo) { r.Secrets = -1 }), []want{{sec, is + "?", nil}}},
		"none":                       {app(code, flows), web(), []want{{sec, "-", nil}}},
		"not without the definition": {app(code), web().with(func(r *Repo) { r.Secrets = 3 }), []want{{sec, "-", nil}}},
		"of an environment": {app(code, flows, pulls_), web(reviewed(1)).with(func(r *Repo) {
			r.Environments = []Environment{{Name: "production", Reach: ProtectedBranch, Secrets: 1}}
		}), []want{{sec, needs, nil}}},
		"of protected branches":       {app(code, flows, pulls_), web(reviewed(1)).with(func(r *Repo) { r.Guarded = 2 }), []want{{sec, needs, nil}}},
		"handed out by the host":      {app(grant(SecretValues, Read, "api")), web(), []want{{sec, is, nil}}},
		"set":                         {app(grant(SecretStore, Write, "secrets:write")), web(), []want{{inventory.WriteSecrets, is, nil}, {sec, "-", nil}}},
		"a repository's settings":     {app(admin), web(), []want{{inventory.AdminRepo, is, nil}, {inventory.MintIdentity, is, []string{"adds deploy keys"}}, {inventory.AdminOrg, "-", nil}}},
		"an organisation's settings":  {app(grant(OrgAdmin, Write, "organization_administration:write")), web(), []want{{inventory.AdminOrg, is, nil}, {inventory.MintIdentity, is, nil}}},
		"everybody reads what is out": {app(grant(PullRequests, Read, "pull_requests:read")), web().with(func(r *Repo) { r.Public = true }), []want{{inventory.ReadSource, is, nil}, {inventory.WriteSource, "-", nil}}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.a, c.r, c.ws...) })
	}
}

func TestTally(t *testing.T) {
	var tally Tally
	a := app(code, pulls_)
	locked := web(reviewed(1))
	for _, name := range []string{"acme/b", "acme/c"} {
		locked.Name = name
		tally.Add(name, Effective(a, locked))
	}
	bare := web()
	bare.Name = "acme/a"
	tally.Add(bare.Name, Effective(a, bare))
	ws := tally.Worst()
	i := slices.IndexFunc(ws, func(w Worst) bool { return w.Capability == inventory.MergeProtected })
	if i < 0 || ws[i].Repo != "acme/a" || ws[i].Count != 1 || ws[i].Of != 3 || ws[i].Path[len(ws[i].Path)-1] != "open in 1 of 3 repositories" {
		t.Errorf("%+v", ws)
	}
	m := Matrix(Rights(ws), true)
	if m[inventory.MergeProtected] != yes || m[inventory.BypassReview] != no || m[inventory.AdminRepo] != no || len(m) != len(Capabilities()) {
		t.Errorf("%v", m)
	}
	if !tally.Names("acme/a") || tally.Names("acme/zzz") {
		t.Error("which repositories are the worst")
	}
	mine := []Worst{{Right: Right{Capability: inventory.MergeProtected, Gate: isNot, Certain: true}}, {Right: Right{Capability: inventory.BypassReview, Gate: is, Certain: true, Path: []string{"mine"}}}}
	both := Merge(ws, mine)
	for _, w := range both {
		if w.Capability == inventory.MergeProtected && w.Repo != "acme/a" || w.Capability == inventory.BypassReview && w.Path[0] != "mine" {
			t.Errorf("not the worse of two: %+v", w)
		}
	}
	if len(both) != len(ws) || len(Merge(nil, mine)) != 2 {
		t.Errorf("%d of %d", len(both), len(ws))
	}
	if m := Matrix(nil, false); m[inventory.AdminRepo] != unknown {
		t.Errorf("what was not read is %s", m[inventory.AdminRepo])
	}
}

// What is known less never shows less: taking facts away may make a right uncertain or wider, and never narrower.
func TestLessKnownIsNeverSafer(t *testing.T) {
	actors := []Actor{app(code), app(code, pulls_), app(code, pulls_, flows), app(code, pulls_, flows, actions, admin), user(code, pulls_), key(code, flows), job(code, pulls_, actions)}
	rules := [][]Rule{nil, {reviewed(0)}, {reviewed(1)}, {reviewed(2).with(lets(PullOnly, theApp))}, {{Name: "r", Push: List{theApp}, Merge: List{}}}, {reviewed(1).with(func(r *Rule) { r.CodeOwners = true; r.AdminsFree = true })}}
	forget := []func(*Actor, *Repo){
		func(_ *Actor, r *Repo) { r.Branches = []Branch{{Name: "main", Default: true, Unknown: "x"}} },
		func(_ *Actor, r *Repo) { r.Pipelines = "" },
		func(_ *Actor, r *Repo) { r.RunsApprove = "" },
		func(_ *Actor, r *Repo) { r.OwnersCover = "" },
		func(_ *Actor, r *Repo) { r.Workflows, r.WorkflowsUnknown = nil, "x" },
		func(_ *Actor, r *Repo) { r.Environments, r.EnvUnknown = nil, "x" },
		func(_ *Actor, r *Repo) { r.Secrets = -1 },
		func(a *Actor, _ *Repo) { a.Grants, a.Unknown = nil, "x" },
	}
	for _, a := range actors {
		for _, rs := range rules {
			r := web(rs...)
			r.Secrets = 1
			r.Workflows = []Workflow{{Name: "ci", Triggers: []string{"push"}, Branches: []string{"main"}, Environments: []string{"production"}}}
			r.Environments = []Environment{{Name: "production", Production: true, Reach: ProtectedBranch, Reviewers: 1}}
			before := Effective(a, r)
			for i, f := range forget {
				less, blind := a, r
				f(&less, &blind)
				after := Effective(less, blind)
				for _, b := range before {
					j := slices.IndexFunc(after, func(x Right) bool { return x.Capability == b.Capability })
					if j < 0 {
						t.Errorf("%s: %s is gone when fact %d is not known", a.Name, b.Capability, i)
						continue
					}
					if gateOf(after[j].Gate) > gateOf(b.Gate) {
						t.Errorf("%s: %s goes from %s to %s when fact %d is not known (%v)", a.Name, b.Capability, b.Gate, after[j].Gate, i, after[j].Path)
					}
				}
			}
		}
	}
}
