package risk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
)

var pipelineRules = []row{
	{"CIC-01", inventory.NounAssistant, outsidersStart},
	{"CIC-02", inventory.NounAssistant, untrustedPrompt},
	{"CIC-03", inventory.NounAssistant, wideJobToken},
	{"CIC-04", inventory.NounAssistant, unpinnedActions},
	{"CIC-05", inventory.NounAssistant, deploysItself},
	{"CIC-06", inventory.NounAssistant, publishToken},
	{"CIC-07", inventory.NounAssistant, selfHosted},
	{"CIC-09", inventory.NounAssistant, editsWorkflows},
	{"CIC-10", inventory.NounAssistant, sharedCache},
	{"CIC-11", inventory.NounAssistant, tokenInTree},
}

// jobHit is a hit about the job of an assistant.
func jobHit(p *profile, detail, do string) Hit {
	return Hit{Detail: detail, Evidence: slices.Clip(p.a.Evidence), Changes: []Change{fixJob(p, do)}}
}

const github = "github-actions"

// Published incidents, as a finding names them (facts of 2026-11-22).
const (
	clinejection = "Clinejection of February 2026"
	promptPwnd   = "PromptPwnd of December 2025"
	s1ngularity  = "the s1ngularity malware of August 2025"
)

// privileged names what a job holds that an outsider would want, or "".
func (p *profile) privileged() string {
	j := p.a.Job
	switch {
	case len(j.Secrets) > 0:
		names := slices.Clone(j.Secrets)
		slices.Sort(names)
		return "secrets (" + list(names) + ")"
	case j.PermissionsSet == "write-all" || slices.Contains(values(j.Permissions), "write"):
		return "a job token that may write"
	case j.OIDC:
		return "the right to log in elsewhere (OIDC)"
	}
	return ""
}

func values(m map[string]string) []string {
	vs := make([]string, 0, len(m))
	for _, v := range m {
		vs = append(vs, v)
	}
	return vs
}

func outsidersStart(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil || p.a.Job.Outsiders != inventory.Yes {
		return nil
	}
	what := p.privileged()
	if what == "" {
		return nil
	}
	triggers := slices.Clone(p.a.Job.Triggers)
	slices.Sort(triggers)
	h := jobHit(p, fmt.Sprintf("Anybody can start %s (%s), and it holds %s.", p.name, list(triggers), what), "Let only members start it.")
	h.Known = clinejection
	return []Hit{h}
}

func untrustedPrompt(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil || len(p.a.Job.PromptInputs) == 0 {
		return nil
	}
	inputs := slices.Clone(p.a.Job.PromptInputs)
	slices.Sort(inputs)
	for i := range inputs {
		inputs[i] = quote(inputs[i])
	}
	h := jobHit(p, fmt.Sprintf("The prompt of %s contains text that others write: %s.", p.name, list(slices.Compact(inputs))),
		"Keep outsiders' text out of the assistant's prompt.")
	if p.a.Job.Outsiders == inventory.Yes {
		h.Known = promptPwnd
	}
	return []Hit{h}
}

func wideJobToken(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil || p.a.Job.System != github {
		return nil
	}
	switch p.a.Job.PermissionsSet {
	case "write-all":
		return []Hit{jobHit(p, fmt.Sprintf("The job token of %s may write everything.", p.name), "Give its token only the permissions that it needs.")}
	case "default-write":
		return []Hit{jobHit(p, fmt.Sprintf("%s sets no permissions, so its token has the default of repository and organisation, which writes.", p.name), "Give its token only the permissions that it needs.")}
	case "unset":
		return []Hit{jobHit(p, fmt.Sprintf("%s sets no permissions, so its token has the repository's default, which is not seen from here and may be write-all.",
			p.name), "Give its token only the permissions that it needs.")}
	}
	return nil
}

func unpinnedActions(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil {
		return nil
	}
	var refs []string
	h := jobHit(p, "", "Pin its actions and images to a commit or digest.")
	for _, u := range p.a.Job.Uses {
		if !u.Pinned {
			refs = append(refs, quote(u.Ref))
			if len(p.a.Evidence) > 0 {
				h.Evidence = append(h.Evidence, inventory.Evidence{Path: p.a.Evidence[0].Path, Line: u.Line, Source: p.a.Evidence[0].Source, Note: quote(u.Ref)})
			}
		}
	}
	if len(refs) == 0 {
		return nil
	}
	slices.Sort(refs)
	refs = slices.Compact(refs)
	h.Detail = fmt.Sprintf("%s runs %s by a name that can move: %s.", p.name, count(len(refs), "action or image", "actions or images"), list(refs))
	return []Hit{h}
}

func deploysItself(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil || !p.a.Job.Publishes || p.a.Job.Environment != "" {
		return nil
	}
	return []Hit{jobHit(p, fmt.Sprintf("%s also releases or deploys, in no environment that a person could guard.", p.name),
		"Release from a job of its own, in an environment with reviewers.")}
}

// publishNames are names of secrets that publish packages or images (facts of 2026-11-22).
var publishNames = regexp.MustCompile(`(?i)^(NPM_(AUTH_)?TOKEN|NODE_AUTH_TOKEN|.*NPM.*PUBLISH.*|PYPI_.*TOKEN.*|.*PYPI.*TOKEN|TWINE_PASSWORD|UV_PUBLISH_TOKEN|CARGO_REGISTRY_TOKEN|` +
	`CRATES_(IO_)?TOKEN|GEM_HOST_API_KEY|RUBYGEMS_.*|DOCKER(HUB)?_(TOKEN|PASSWORD|PAT)|VSCE_PAT|OVSX_(PAT|TOKEN)|NUGET_(API_)?KEY|MAVEN_.*(PASSWORD|TOKEN)|` +
	`SONATYPE_.*|OSSRH_.*|.*PUBLISH_TOKEN|.*RELEASE_TOKEN)$`)

func publishToken(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil {
		return nil
	}
	names := slices.DeleteFunc(slices.Clone(p.a.Job.Secrets), func(n string) bool { return !publishNames.MatchString(n) })
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	h := jobHit(p, fmt.Sprintf("%s is given %s, which publishes.", p.name, list(slices.Compact(names))), "Take the publish token out of the assistant's job.")
	if p.a.Job.Outsiders == inventory.Yes {
		h.Known = clinejection
	}
	return []Hit{h}
}

// federated are names of static keys and what replaces them without a stored key (facts of 2026-11-22).
var federated = []struct {
	name *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`(?i)^(.*_)?AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY).*$`), "an AWS role for OIDC"},
	{regexp.MustCompile(`(?i)^(GCP|GCLOUD|GOOGLE)_.*(CREDENTIALS|SA_KEY|SERVICE_ACCOUNT_KEY|JSON_KEY).*$`), "Google workload identity federation"},
	{regexp.MustCompile(`(?i)^(AZURE_CREDENTIALS|AZURE_CLIENT_SECRET|ARM_CLIENT_SECRET)$`), "an Azure federated credential"},
	{regexp.MustCompile(`(?i)^ANTHROPIC_API_KEY$`), "Anthropic's federation rule"},
	{regexp.MustCompile(`(?i)^(NPM_(AUTH_)?TOKEN|NODE_AUTH_TOKEN)$`), "npm trusted publishing"},
	{regexp.MustCompile(`(?i)^(PYPI_(API_)?TOKEN|TWINE_PASSWORD)$`), "PyPI trusted publishing"},
}

func staticInCI(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil {
		return nil
	}
	secrets := slices.Clone(p.a.Job.Secrets)
	slices.Sort(secrets)
	var names, by []string
	for _, n := range slices.Compact(secrets) {
		for _, f := range federated {
			if f.name.MatchString(n) {
				names, by = append(names, n), append(by, f.by)
				break
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(by)
	return []Hit{jobHit(p, fmt.Sprintf("%s logs in with stored keys: %s. %s would do without.", p.name, list(names), upperFirst(list(slices.Compact(by)))),
		"Let it log in with OIDC in place of stored keys.")}
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func selfHosted(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil || p.a.Job.SelfHosted != inventory.Yes || p.a.Job.Ephemeral == inventory.Yes {
		return nil
	}
	lasting := ""
	if p.a.Job.Ephemeral == inventory.No {
		lasting = ", which is not thrown away after a job"
	}
	return []Hit{jobHit(p, fmt.Sprintf("%s runs on a machine of yours (%s)%s.", p.name, quote(p.a.Job.Runner), lasting), "Run it on a throw-away runner.")}
}

func editsWorkflows(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.may(inventory.EditWorkflow) != inventory.Yes {
		return nil
	}
	return []Hit{{Group: p.cause(inventory.SettingMode), Detail: p.name + " may change workflow files without asking.", Evidence: p.a.Evidence,
		Changes: []Change{narrowGrants(p, "the right to "+doing(inventory.EditWorkflow)), askAgain(p)}}}
}

func sharedCache(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil || !p.a.Job.UsesCache || p.a.Job.Outsiders != inventory.Yes {
		return nil
	}
	h := jobHit(p, fmt.Sprintf("Outsiders can start %s, and it writes the cache that other jobs of the repository may restore.", p.name), "Use no cache in it.")
	h.Known = clinejection
	return []Hit{h}
}

func tokenInTree(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Job == nil || !p.a.Job.PersistToken {
		return nil
	}
	return []Hit{jobHit(p, fmt.Sprintf("The checkout of %s leaves the job token in the work tree.", p.name), "Set persist-credentials: false on its checkout.")}
}
