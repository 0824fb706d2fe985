package github

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// production reports whether the name of an environment says that it is production.
func (s *Source) production(name string) bool { return match(s.opt.Production, name) }

// more reads what takes requests for this repository alone, where it matters: where an assistant works in it. In an
// organisation that is small enough it is read of every repository.
func (r *repository) more() error {
	c := r.c
	if !c.detail.all && !r.assisted() {
		c.detail.refused++
		return nil
	}
	if !c.detail.take() {
		for _, p := range []string{"actions", "environments", "agents", "copilot"} {
			c.look("/repos/"+r.full+"/"+p, inventory.LookedSkipped, "more repositories than detail lets be asked one by one", false)
		}
		return nil
	}
	r.deep = true
	for _, ask := range []func() error{r.ownSecrets, r.ownDefaults, r.ownRunners, r.ownSubject, r.ownEnvironments, r.ownAgent} {
		if err := ask(); err != nil {
			return err
		}
	}
	return nil
}

// assisted reports whether an assistant works in the repository: in a workflow, by an app or a token for chosen
// repositories, or Copilot's agent.
func (r *repository) assisted() bool {
	return r.runsAssistant() || r.c.copilot.selected[r.g.ID] ||
		slices.ContainsFunc(r.c.actors.byRepo[r.g.ID], func(h *holder) bool { return h.rec != nil })
}

func (r *repository) ownSecrets() error {
	if r.c.src.skips("secrets") {
		return nil
	}
	n, ok, err := r.c.repoSecrets(r.full)
	if err != nil {
		return err
	}
	switch {
	case !ok && r.facts.Secrets <= 0:
		r.facts.Secrets = -1
	case ok && r.facts.Secrets >= 0:
		r.facts.Secrets += n
	case ok && n > 0: // those of the organisation are not known, and these are enough
		r.facts.Secrets = n
	}
	r.asked = ok
	return nil
}

// ownDefaults reads what a repository says of its job tokens. It can only take back what the organisation lets.
func (r *repository) ownDefaults() error {
	d := r.c.actions.defaults
	if d.Permissions == "read" && d.Approve != nil && !*d.Approve || len(r.flows) == 0 {
		return nil
	}
	ok, err := r.c.get("actions", "/repos/"+r.full+"/actions/permissions/workflow", &r.tokens)
	if ok {
		r.facts.RunsApprove = approves(r.tokens)
	}
	return err
}

func (r *repository) ownRunners() (err error) {
	if !r.runsAssistant() {
		return nil
	}
	r.whole, err = pages(r.c, "runners", "/repos/"+r.full+"/actions/runners", nil, "runners", func(x runner) {
		r.own = append(r.own, x)
		r.c.runner(&x, "/repos/"+r.full+"/actions/runners/"+num(x.ID), r.full)
	})
	return err
}

func (r *repository) ownSubject() error {
	if !r.runsAssistant() {
		return nil
	}
	var sub struct {
		Default bool     `json:"use_default"`
		Claims  []string `json:"include_claim_keys"`
	}
	ok, err := r.c.get("oidc", "/repos/"+r.full+"/actions/oidc/customization/sub", &sub)
	switch {
	case !ok:
	case sub.Default: // GitHub's own form: a repository takes that of the organisation only where it says so
		r.oidc = defaultSubject
	case len(sub.Claims) > 0:
		r.oidc = sub.Claims
	default:
		r.oidc = r.c.actions.oidc
	}
	return err
}

// defaultSubject is the form of a subject that nobody has changed: repo:OWNER/NAME:CONTEXT.
var defaultSubject = []string{"repo", "context"}

// environment of the REST API.
type restEnvironment struct {
	Name  string `json:"name"`
	Rules []struct {
		Type      string `json:"type"`
		NoSelf    bool   `json:"prevent_self_review"`
		Reviewers []struct {
			Type string `json:"type"`
		} `json:"reviewers"`
	} `json:"protection_rules"`
	Policy *struct {
		Protected bool `json:"protected_branches"`
		Custom    bool `json:"custom_branch_policies"`
	} `json:"deployment_branch_policy"`
}

// ownEnvironments reads which branches an environment takes, where one of production has a policy.
func (r *repository) ownEnvironments() error {
	c := r.c
	if c.src.skips("environments") || !r.g.Environments.whole() || !slices.ContainsFunc(r.g.Environments.Nodes, func(e *gEnv) bool {
		return e != nil && c.src.production(e.Name)
	}) {
		return nil
	}
	path := "/repos/" + r.full + "/environments"
	_, err := pages(c, "environments", path, nil, "environments", func(e restEnvironment) { r.envs = append(r.envs, e) })
	if err != nil {
		return err
	}
	for i := range r.envs {
		e := &r.envs[i]
		if !c.src.production(e.Name) {
			continue
		}
		secrets := 0
		whole, err := pages(c, "secrets", path+httpx.Path("/%s/secrets", e.Name), nil, "secrets", func(x storedSecret) {
			secrets++
			c.deliverStored(&x, path+httpx.Path("/%s/secrets/%s", e.Name, x.Name), c.repoName(r.full), "Actions secret of environment "+e.Name+" of "+r.full, nil)
		})
		if err != nil {
			return err
		}
		if whole {
			r.envSecrets = with(r.envSecrets, e.Name, secrets)
		}
		if e.Policy == nil || !e.Policy.Custom {
			continue
		}
		var patterns []string
		whole, err = pages(c, "environments", path+httpx.Path("/%s/deployment-branch-policies", e.Name), nil, "branch_policies", func(p struct {
			Name string `json:"name"`
		}) {
			patterns = append(patterns, p.Name)
		})
		if err != nil {
			return err
		}
		if whole {
			r.patterns = with(r.patterns, e.Name, patterns)
		}
	}
	return nil
}

func with[V any](m map[string]V, k string, v V) map[string]V {
	if m == nil {
		m = map[string]V{}
	}
	m[k] = v
	return m
}

// environments are those of the page, with what was read of them besides.
func (r *repository) environments() {
	switch {
	case r.c.src.skips("environments"):
		r.facts.EnvUnknown = "switched off by skip"
		return
	case !r.g.Environments.whole():
		r.facts.EnvUnknown = join(r.facts.EnvUnknown, "there are more than were read, or they may not be read")
	}
	if r.g.Environments == nil {
		return
	}
	for _, g := range r.g.Environments.Nodes {
		if g == nil {
			continue
		}
		e := forge.Environment{Name: g.Name, Production: r.c.src.production(g.Name), Reach: forge.AnyBranch}
		if !g.Rules.whole() {
			e.Unknown = "its rules could not be read"
		}
		if g.Rules != nil {
			for _, rule := range g.Rules.Nodes {
				switch {
				case rule == nil:
				case rule.Type == "REQUIRED_REVIEWERS":
					e.Reviewers = 1
				case rule.Type == "WAIT_TIMER":
					e.Other = "a timer"
				case rule.Type == "BRANCH_POLICY":
					e.Reach = "" // which branches, only REST tells
				}
			}
		}
		r.fill(&e)
		r.facts.Environments = append(r.facts.Environments, e)
	}
}

// fill adds what the REST API told of an environment.
func (r *repository) fill(e *forge.Environment) {
	e.Secrets = r.envSecrets[e.Name]
	for i := range r.envs {
		x := &r.envs[i]
		if x.Name != e.Name {
			continue
		}
		switch {
		case x.Policy == nil:
			e.Reach = forge.AnyBranch
		case x.Policy.Protected:
			e.Reach = forge.ProtectedBranch
		case x.Policy.Custom && r.patterns[e.Name] != nil:
			e.Reach, e.Branches = forge.NamedBranches, r.patterns[e.Name]
		}
		for _, rule := range x.Rules {
			if len(rule.Reviewers) > 0 {
				e.Reviewers, e.NoSelf = len(rule.Reviewers), rule.NoSelf
			}
		}
	}
}

// ownAgent reads the settings of Copilot's agent, where it works here.
func (r *repository) ownAgent() error {
	if k := &r.c.copilot; !r.c.src.skips("agent") && !r.c.src.server() && (k.enabled == "" && k.agent == nil || k.enabled == "selected" && k.selected == nil) {
		for _, p := range []string{"agents", "copilot"} {
			r.c.look("/repos/"+r.full+"/"+p, inventory.LookedSkipped, "whether the cloud agent works here could not be read", false)
		}
		return nil
	}
	if !r.c.reachesAgent(r.g.ID) || r.g.Archived {
		return nil
	}
	if err := r.c.readAgentSettings(r.g.ID, r.full); err != nil {
		return err
	}
	return r.c.repoAgentSecrets(r.full)
}

// labelsOf are the labels of a runner that a job asks for.
func labelsOf(runner string) []string {
	var out []string
	for l := range strings.SplitSeq(runner, ",") {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "group ") {
			out = append(out, l)
		}
	}
	return out
}
