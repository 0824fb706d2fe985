package github

import (
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/charter"
	"nhitop/inventory/risk"
	"nhitop/sources/github/githubsim"
)

type perms = map[string]string

// reviewedMain is a default branch whose changes a person must approve, an owner of the code among them.
func reviewedMain(change ...func(*githubsim.Protection)) []githubsim.Branch {
	p := &githubsim.Protection{Reviews: &githubsim.Reviews{Count: 1, CodeOwners: true, DismissStale: true}, Admins: true}
	for _, f := range change {
		f(p)
	}
	return []githubsim.Branch{{Name: "main", Protection: p}}
}

// modelCase is one of the five assistants that must be told apart by what GitHub alone tells.
type modelCase struct {
	name    string
	world   func() githubsim.World
	who     string
	answers map[inventory.Capability]inventory.Answer
	promise []string // capabilities of its charter
	rules   []string // of watched, those that hold
}

var watched = []string{"CLS-04", "ENT-03", "ENT-06", "AUT-03", "CIC-05", "SEC-01", "SEC-02", "SEC-03", "SEC-17", "OWN-01", "OWN-05"}

const (
	yes, asks, no = inventory.Yes, inventory.Asks, inventory.No
)

func modelCases() []modelCase {
	owned := "* @olga\n"
	ship := "on: {push: {branches: [main]}}\njobs: {ship: {environment: production, steps: [{run: npm publish}]}}\n"
	return []modelCase{
		{
			name: "a pair programmer, whose commits and releases a person must approve", who: "claude",
			world: func() githubsim.World {
				w := company(func(o *githubsim.Org) {
					o.Installations = []githubsim.Installation{{ID: 1, App: "claude", Created: ago(9)}}
					o.Audit = []githubsim.AuditEvent{{At: ago(9), Action: "integration_installation.create", Actor: "olga", Fields: obj{"installation_id": 1}}}
					o.Repos = []githubsim.Repo{{ID: 1, Name: "shop", Files: map[string]string{"CODEOWNERS": owned, ".github/workflows/ship.yml": ship}, Branches: reviewedMain(),
						Environments: []githubsim.Environment{{ID: 5, Name: "production", Users: []string{"olga"}}}}}
				})
				w.Apps = []githubsim.App{{ID: 15, Slug: "claude", Permissions: perms{"contents": "write", "pull_requests": "write"}}}
				return w
			},
			answers: map[inventory.Capability]inventory.Answer{inventory.WriteSource: yes, inventory.OpenPR: yes, inventory.MergeProtected: asks, inventory.ApprovePR: asks,
				inventory.BypassReview: no, inventory.DeployProd: asks, inventory.PublishPackage: asks, inventory.EditWorkflow: no, inventory.AdminRepo: no},
			promise: []string{"read-source", "write-source", "open-pr", "asks:approve-pr", "asks:merge-protected", "asks:deploy-prod", "asks:publish-package", "asks:run-ci"},
		},
		{
			name: "reads a monorepo, with a read-only token and no way to deploy", who: "monorepo-assistant",
			world: func() githubsim.World {
				return tokenCompany(githubsim.Grant{ID: 61, TokenID: 71, TokenName: "monorepo-assistant", Owner: "max", Repositories: []string{"mono"},
					Repository: perms{"contents": "read", "metadata": "read"}, Granted: ago(20), Expires: ago(-20), LastUsed: ago(1)},
					githubsim.Repo{ID: 1, Name: "mono", Files: map[string]string{"CODEOWNERS": owned, ".github/workflows/ship.yml": ship}, Branches: reviewedMain(),
						Environments: []githubsim.Environment{{ID: 5, Name: "production"}}})
			},
			answers: map[inventory.Capability]inventory.Answer{inventory.ReadSource: yes, inventory.WriteSource: no, inventory.OpenPR: no, inventory.MergeProtected: no,
				inventory.DeployProd: no, inventory.RunCI: no, inventory.ReadSecrets: no},
			promise: []string{"read-source"},
		},
		{
			name: "a refactoring agent, that opens pull requests and cannot merge or start a production build", who: "acme-refactor-agent",
			world: func() githubsim.World {
				w := company(func(o *githubsim.Org) {
					o.Installations = []githubsim.Installation{{ID: 1, App: "acme-refactor-agent", Created: ago(9)}}
					o.Audit = []githubsim.AuditEvent{{At: ago(9), Action: "integration_installation.create", Actor: "olga", Fields: obj{"installation_id": 1}}}
					o.Repos = []githubsim.Repo{{ID: 1, Name: "shop", Files: map[string]string{"CODEOWNERS": owned, ".github/workflows/ship.yml": ship},
						Branches:     reviewedMain(func(p *githubsim.Protection) { p.Restrict = &githubsim.Actors{Users: []string{"olga"}} }),
						Environments: []githubsim.Environment{{ID: 5, Name: "production", ProtectedBranches: true}}}}
				})
				w.Users = []githubsim.User{{ID: 11, Login: "olga"}}
				w.Apps = []githubsim.App{{ID: 16, Slug: "acme-refactor-agent", Owner: "acme", Permissions: perms{"contents": "write", "pull_requests": "write"}}}
				return w
			},
			answers: map[inventory.Capability]inventory.Answer{inventory.OpenPR: yes, inventory.MergeProtected: no, inventory.BypassReview: no, inventory.DeployProd: no,
				inventory.PublishPackage: no, inventory.RunCI: no, inventory.EditWorkflow: no},
			promise: []string{"read-source", "write-source", "open-pr", "asks:approve-pr"},
		},
		{
			name: "its secrets are exposed, and since when", who: "claude-code in ci: claude.yml/fix",
			world: func() githubsim.World {
				return company(func(o *githubsim.Org) {
					o.Repos = []githubsim.Repo{{ID: 1, Name: "shop", Files: map[string]string{"CODEOWNERS": owned,
						".github/workflows/claude.yml": claudeWorkflow("{contents: read}", "          anthropic_api_key: "+literalKey+"\n")}, Branches: reviewedMain(),
						Alerts: []githubsim.Alert{{Type: "anthropic_api_key", Display: "Anthropic API Key", Secret: literalKey, Validity: "active", Path: ".github/workflows/claude.yml", Line: 10, Created: ago(20)}}}}
				})
			},
			answers: map[inventory.Capability]inventory.Answer{inventory.ReadSource: yes, inventory.WriteSource: no, inventory.MergeProtected: no},
			promise: []string{"read-source", "exec-local", "network-out"},
			rules:   []string{"SEC-01", "SEC-02", "SEC-03", "SEC-17"},
		},
		{
			name: "inherited credentials of cloud and ticketing, and nobody answers for it", who: "Copilot cloud agent",
			world: func() githubsim.World {
				return company(func(o *githubsim.Org) {
					o.Copilot = &githubsim.Copilot{Plan: "business", AgentEnabled: "all"}
					o.AgentSecrets = []githubsim.Secret{{Name: "AWS_SECRET_ACCESS_KEY", Visibility: "all", Created: ago(300), Updated: ago(300)}, {Name: "JIRA_TOKEN", Visibility: "all", Created: ago(300), Updated: ago(300)}}
					o.Repos = []githubsim.Repo{{ID: 1, Name: "shop", Branches: reviewedMain(), Files: map[string]string{"CODEOWNERS": owned}, Agent: &githubsim.Agent{Firewall: true, WorkflowApproval: true}}}
				})
			},
			answers: map[inventory.Capability]inventory.Answer{inventory.OpenPR: yes, inventory.MergeProtected: no, inventory.CloudWrite: inventory.Unknown, inventory.TicketWrite: inventory.Unknown},
			promise: []string{"read-source", "write-source", "open-pr"},
			rules:   []string{"OWN-01"},
		},
	}
}

func TestModelCases(t *testing.T) {
	for _, c := range modelCases() {
		t.Run(c.name, func(t *testing.T) {
			s := scene{world: c.world(), opt: options()}
			s.opt.Skip = []string{"sso"}
			if c.who == "monorepo-assistant" {
				asApp(t, &s)
			} else {
				s.opt.Skip = append(s.opt.Skip, "tokens", "requests")
			}
			if s.world.Orgs[0].Copilot == nil {
				s.opt.Skip = append(s.opt.Skip, "copilot", "agent")
			}
			b, err := s.read(t)
			if err != nil {
				t.Fatalf("%v\n%s", err, ledgerText(b))
			}
			r := facts2(b)
			a := assistant(t, r, c.who)
			for k, want := range c.answers {
				if got := a.Capabilities[k]; got != want {
					e, _ := right(r, a.ID, k)
					t.Errorf("%s: %s, want %s (%s)", k, got, want, strings.Join(e.Path, " -> "))
				}
			}
			c.judge(t, r, a)
		})
	}
}

// judge looks at the rules that tell the cases apart.
func (c *modelCase) judge(t *testing.T, r inventory.Records, a inventory.Assistant) {
	t.Helper()
	set, bad := charter.New([]charter.Table{{ID: string(a.ID), Purpose: "as the case says", Capabilities: c.promise}}, func(int) inventory.Evidence {
		return inventory.Evidence{Path: "config.toml", Line: 1}
	})
	if errs := charter.Apply(&r, set, noon); len(bad)+len(errs) > 0 {
		t.Fatal(bad, errs)
	}
	mine := append([]inventory.ID{a.ID}, a.Secrets...)
	fs, _ := risk.Judge(inventory.NewSnapshot(noon, r, false), risk.DefaultPolicy(), noon)
	var held []string
	for _, f := range fs {
		if slices.Contains(watched, f.Rule) && (slices.Contains(mine, f.Subject) || slices.Contains(f.Assistants, a.ID)) {
			held = append(held, f.Rule)
		}
	}
	slices.Sort(held)
	if held = slices.Compact(held); !slices.Equal(held, c.rules) {
		for _, f := range fs {
			if slices.Contains(watched, f.Rule) {
				t.Log(f.Rule, f.Why)
			}
		}
		t.Errorf("%v, want %v", held, c.rules)
	}
}
