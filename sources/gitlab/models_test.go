package gitlab

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/sources/gitlab/gitlabsim"
)

// shop is one project with one assistant in the hands of a service account.
func shop(level gitlabsim.Access, scopes []string, p gitlabsim.Project) gitlabsim.World {
	p.Path, p.Files = "acme/shop", map[string]string{".gitlab-ci.yml": "deploy:\n  environment: production\n  script: [kubectl apply -f k8s]\n"}
	p.Environments = []gitlabsim.Environment{{Name: "production", Tier: "production"}}
	return gitlabsim.World{
		Users:    []gitlabsim.User{{Username: "root", Admin: true}, {Username: "ana", Email: "ana@example.com"}, {Username: "svc-claude", Service: "group:acme"}},
		Groups:   []gitlabsim.Group{{Path: "acme", Members: map[string]gitlabsim.Access{"ana": gitlabsim.Owner, "svc-claude": level}}},
		Projects: []gitlabsim.Project{p},
		Tokens: []gitlabsim.Token{
			{Name: "admin", User: "root", Scopes: []string{"read_api"}},
			{Name: "claude", User: "svc-claude", Scopes: scopes, Created: days(-10), Expires: days(30)},
		},
	}
}

// matrix reads a world and returns what its assistant may do.
func matrix(t *testing.T, w gitlabsim.World, change ...func(*Options)) (inventory.Assistant, *inventory.Snapshot) {
	t.Helper()
	sim := gitlabsim.New(w, func() time.Time { return at })
	b, st := open(t, sim, "admin", nil, change...).read()
	if st.Status != inventory.SourceOK {
		t.Fatal(st.Status, st.Reason)
	}
	snap := inventory.NewSnapshot(at, merge.Merge([]inventory.Batch{b}, nil), false)
	for _, a := range snap.Records().Assistants {
		if strings.Contains(a.Name, "Claude Code") {
			return a, snap
		}
	}
	t.Fatal("no assistant")
	return inventory.Assistant{}, nil
}

var api = []string{"api"}

// The model cases, told apart by what GitLab says alone: each with the change that makes it another case.
func TestModelCases(t *testing.T) {
	guarded := []gitlabsim.Branch{{Name: "main", Push: nobody, Merge: maintainers}}
	prod := []gitlabsim.ProtectedEnvironment{{Name: "production", Deploy: maintainers}}
	one := []gitlabsim.ApprovalRule{{Name: "two eyes", Required: 1, AnyOne: true}}
	for _, c := range []struct {
		name  string
		world gitlabsim.World
		want  map[inventory.Capability]inventory.Answer
	}{
		{"1 a person approves before the protected branch and before a release", shop(gitlabsim.Developer, api, gitlabsim.Project{
			Branches: []gitlabsim.Branch{{Name: "main", Push: nobody, Merge: developers}}, Rules: one,
			Protected: []gitlabsim.ProtectedEnvironment{{Name: "production", Deploy: developers, Approvals: maintainers}},
		}), map[inventory.Capability]inventory.Answer{inventory.WriteSource: inventory.Yes, inventory.OpenPR: inventory.Yes, inventory.MergeProtected: inventory.Asks, inventory.BypassReview: inventory.No, inventory.DeployProd: inventory.Asks}},
		{"1 not so: its own approval counts", shop(gitlabsim.Developer, api, gitlabsim.Project{
			Branches: []gitlabsim.Branch{{Name: "main", Push: nobody, Merge: developers}}, Rules: one, Approvals: gitlabsim.Approvals{AuthorMay: true, CommittersMay: true},
		}), map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.Yes, inventory.BypassReview: inventory.Yes, inventory.DeployProd: inventory.Yes}},
		{"1 not so: the rules may be changed in the merge request", shop(gitlabsim.Developer, api, gitlabsim.Project{
			Branches: []gitlabsim.Branch{{Name: "main", Push: nobody, Merge: developers}}, Rules: one, Approvals: gitlabsim.Approvals{OverrideMay: true},
		}), map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.Yes, inventory.BypassReview: inventory.Yes}},
		{"1 not so: it may push past the review", shop(gitlabsim.Developer, api, gitlabsim.Project{
			Branches: []gitlabsim.Branch{{Name: "main", Push: []gitlabsim.Allowed{{User: "svc-claude"}}, Merge: developers}}, Rules: one,
		}), map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.Yes, inventory.BypassReview: inventory.Yes}},
		{"2 it reads, and nothing else", shop(gitlabsim.Reporter, []string{"read_repository"}, gitlabsim.Project{Branches: guarded}),
			map[inventory.Capability]inventory.Answer{inventory.ReadSource: inventory.Yes, inventory.WriteSource: inventory.No, inventory.OpenPR: inventory.No, inventory.RunCI: inventory.No, inventory.DeployProd: inventory.No, inventory.MergeProtected: inventory.No, inventory.AdminRepo: inventory.No}},
		{"2 not so: the scope writes", shop(gitlabsim.Developer, []string{"write_repository"}, gitlabsim.Project{Branches: guarded}),
			map[inventory.Capability]inventory.Answer{inventory.WriteSource: inventory.Yes, inventory.EditWorkflow: inventory.Yes}},
		{"2 not so by the scope alone: a Reporter may not write with it", shop(gitlabsim.Reporter, api, gitlabsim.Project{Branches: guarded}),
			map[inventory.Capability]inventory.Answer{inventory.ReadSource: inventory.Yes, inventory.WriteSource: inventory.No, inventory.DeployProd: inventory.No}},
		{"3 it opens merge requests, and neither merges nor deploys", shop(gitlabsim.Developer, api, gitlabsim.Project{Branches: guarded, Protected: prod}),
			map[inventory.Capability]inventory.Answer{inventory.OpenPR: inventory.Yes, inventory.MergeProtected: inventory.No, inventory.DeployProd: inventory.No, inventory.AdminRepo: inventory.No, inventory.ReadSecrets: inventory.Unknown}},
		{"3 not so: the environment is open", shop(gitlabsim.Developer, api, gitlabsim.Project{Branches: guarded}),
			map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.No, inventory.DeployProd: inventory.Yes}},
		{"3 not so: a Maintainer takes the rules away", shop(gitlabsim.Maintainer, api, gitlabsim.Project{Branches: guarded, Protected: prod}),
			map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.Yes, inventory.DeployProd: inventory.Yes, inventory.ReadSecrets: inventory.Yes, inventory.AdminRepo: inventory.Yes}},
		{"3 not so: nothing protects the branch", shop(gitlabsim.Developer, api, gitlabsim.Project{Protected: prod}),
			map[inventory.Capability]inventory.Answer{inventory.MergeProtected: inventory.Yes}},
	} {
		a, snap := matrix(t, c.world)
		for x, want := range c.want {
			if got := a.Capabilities[x]; got != want {
				t.Errorf("%s: %s is %s, want %s", c.name, x, got, want)
				for _, e := range snap.Records().Entitlements {
					if e.Capability == x && e.Assistant == a.ID {
						t.Logf("  %s certain %v: %s", e.Gate, e.Certain, strings.Join(e.Path, " | "))
					}
				}
			}
		}
		if a.Class != inventory.ClassNHI || len(a.Owners) != 1 {
			t.Errorf("%s: class %s (%s), owners %v", c.name, a.Class, a.ClassReason, a.Owners)
		}
	}
}

// Variables that are counted make "may read secrets" certain, both ways.
func TestVariablesDecide(t *testing.T) {
	guarded := []gitlabsim.Branch{{Name: "main", Push: nobody, Merge: maintainers}}
	read := func(o *Options) { o.Variables = true }
	for _, c := range []struct {
		vars []gitlabsim.Variable
		want inventory.Answer
	}{
		{nil, inventory.No},
		{[]gitlabsim.Variable{{Key: "DEPLOY_KEY", Value: "FAKE", Protected: true}}, inventory.No},
		{[]gitlabsim.Variable{{Key: "NPM_TOKEN", Value: "FAKE"}}, inventory.Yes},
	} {
		a, _ := matrix(t, shop(gitlabsim.Developer, api, gitlabsim.Project{Branches: guarded, Variables: c.vars}), read)
		if got := a.Capabilities[inventory.ReadSecrets]; got != c.want {
			t.Errorf("%v: %s", c.vars, got)
		}
	}
}

// 4: a credential in a pipeline is committed. 5: nobody answers any more for a token that reaches far.
func TestExposedAndOrphaned(t *testing.T) {
	w := company()
	w.Projects[0].Files[".gitlab-ci.yml"] += "fix:\n  script: [claude -p fix]\n  variables: { ANTHROPIC_API_KEY: \"" + planted + "\" }\n"
	sim := gitlabsim.New(w, func() time.Time { return at })
	b, _ := open(t, sim, "admin", nil).read()
	exposed, orphaned := false, false
	status := map[inventory.ID]string{}
	for _, o := range b.Records.Owners {
		status[o.ID] = o.Status
	}
	for _, s := range b.Records.Secrets {
		exposed = exposed || s.Exposure == inventory.ExposureCommitted && s.Storage == inventory.StoragePlaintext
		if strings.Contains(s.Note, `"codex"`) {
			orphaned = len(s.Owners) == 1 && status[s.Owners[0]] == "departed"
		}
	}
	if !exposed || !orphaned {
		t.Errorf("exposed %v, orphaned %v", exposed, orphaned)
	}
}
