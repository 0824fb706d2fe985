package gitea

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitea/giteasim"
	"nhitop/sources/gitea/giteatest"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/pipeline"
)

// A rule of Gitea, and what an account, a deploy key and an administrator may do against it.
func TestRulesInTheCommonForm(t *testing.T) {
	ann := forge.Actor{Kind: forge.UserToken, Name: "ann", As: []forge.Principal{{Kind: forge.ByUser, ID: "ann"}, {Kind: forge.ByTeam, ID: "devs"}}, RepoAdminRole: inventory.No}
	ann.Grants = grantsOf(access{code: forge.Write, pulls: forge.Write}, nil, false)
	boss := ann
	boss.RepoAdminRole, boss.As = inventory.Yes, []forge.Principal{{Kind: forge.ByUser, ID: "boss"}}
	key := forge.Actor{Kind: forge.DeployKey, Name: "key", As: []forge.Principal{{Kind: forge.ByDeployKey, ID: "1"}}, RepoAdminRole: inventory.No, Grants: []forge.Grant{{Scope: forge.Contents, Access: forge.Write, Certain: true}}}
	const open, asks, blocked = inventory.GateOpen, inventory.GateAsks, inventory.GateBlocked
	for _, c := range []struct {
		name            string
		rules           []ruleAnswer
		ann, boss, keys string
	}{
		{"no rule", nil, open, open, open},
		{"of another branch", []ruleAnswer{{Name: "release/*", Approvals: 2}}, open, open, open},
		{"nobody pushes", []ruleAnswer{{Name: "main"}}, open, open, blocked},
		{"an approval", []ruleAnswer{{Name: "main", Approvals: 1}}, asks, open, blocked},
		{"administrators too", []ruleAnswer{{Name: "main", Approvals: 1, NoAdminOverride: true}}, asks, asks, blocked},
		{"everybody pushes", []ruleAnswer{{Name: "main", Approvals: 2, Push: true}}, open, open, open},
		{"ann pushes", []ruleAnswer{{Name: "main", Approvals: 2, NoAdminOverride: true, Push: true, PushList: true, PushUsers: []string{"Ann"}}}, open, asks, blocked},
		{"her team pushes", []ruleAnswer{{Name: "main", Approvals: 2, NoAdminOverride: true, Push: true, PushList: true, PushTeams: []string{"devs"}}}, open, asks, blocked},
		{"keys push", []ruleAnswer{{Name: "main", Approvals: 2, NoAdminOverride: true, Push: true, PushList: true, PushKeys: true}}, asks, asks, open},
		{"others merge", []ruleAnswer{{Name: "main", MergeList: true, MergeUsers: []string{"carl"}}}, blocked, blocked, blocked},
		{"she merges", []ruleAnswer{{Name: "main", MergeList: true, MergeUsers: []string{"ann"}}}, open, blocked, blocked},
		{"the first that fits", []ruleAnswer{{Name: "*", Priority: 2, Push: true}, {Name: "main", Priority: 1, Approvals: 1}}, asks, open, blocked},
		{"the first that fits, the other way", []ruleAnswer{{Name: "*", Priority: 1, Push: true}, {Name: "main", Priority: 2, Approvals: 1}}, open, open, open},
	} {
		r := forge.Repo{Name: "acme/shop", Pipelines: inventory.No, RunsApprove: inventory.No, Branches: branchesOf(c.rules, "main", "")[:1]}
		for _, x := range []struct {
			who  forge.Actor
			want string
		}{{ann, c.ann}, {boss, c.boss}, {key, c.keys}} {
			for _, right := range forge.Effective(x.who, r) {
				if right.Capability == inventory.MergeProtected && (right.Gate != x.want || !right.Certain) {
					t.Errorf("%s: %s is %s, want %s: %v", c.name, x.who.Name, right.Gate, x.want, right.Path)
				}
			}
		}
	}
	r := forge.Repo{Name: "acme/shop", Branches: branchesOf([]ruleAnswer{{Name: "main", Approvals: 1, ApprovalsList: true, ApprovalsUsers: []string{"carl"}}}, "main", "")}
	for _, right := range forge.Effective(ann, r) {
		if right.Capability == inventory.ApprovePR && right.Gate != blocked {
			t.Errorf("her approval counts although she is not on the list: %+v", right)
		}
	}
}

func TestScopes(t *testing.T) {
	x := access{code: forge.Admin, pulls: forge.Admin, actions: forge.Admin, packages: forge.Admin, admin: true, owner: true}
	for _, c := range []struct {
		s    scopes
		want []forge.Scope
	}{
		{scopes{"read:user"}, nil},
		{scopes{"read:repository"}, []forge.Scope{forge.Contents, forge.PullRequests}},
		{scopes{"write:package"}, []forge.Scope{forge.Packages}},
		{scopes{"write:organization"}, []forge.Scope{forge.OrgAdmin, forge.Members}},
		{nil, []forge.Scope{forge.Contents, forge.Workflows, forge.Checks, forge.PullRequests, forge.Runs, forge.Packages, forge.RepoAdmin, forge.SecretStore, forge.OrgAdmin, forge.Members}},
	} {
		var got []forge.Scope
		for _, g := range grantsOf(x, c.s, true) {
			got = append(got, g.Scope)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.s, got, c.want)
		}
	}
	reads := grantsOf(x, scopes{"read:repository"}, true)
	if reads[0].Access != forge.Read {
		t.Errorf("%+v", reads)
	}
	a := account{userAnswer: userAnswer{Login: "boss", Admin: true}}
	for s, want := range map[string]int{"read:user": 0, "write:user": 1, "write:admin": 2, "all": 4, "write:issue": 1} {
		if got := a.instanceRights(scopes{s}); len(got) != want {
			t.Errorf("%s: %+v", s, got)
		}
	}
}

// A read of much costs as many requests as are said, and no more; a page of repositories is in memory, not all.
func TestWhatACompanyCosts(t *testing.T) {
	const users, repos = 120, 1500
	w := giteasim.World{Orgs: []giteasim.Org{{Name: "acme", Owners: []string{"boss"}}}}
	for i := range users {
		u := giteasim.User{Name: fmt.Sprintf("u%03d", i)}
		if i%3 == 0 {
			u.Tokens = []giteasim.Token{{Name: "t", Scopes: []string{"write:repository"}}}
		}
		w.Users = append(w.Users, u)
	}
	for i := range repos {
		w.Repos = append(w.Repos, giteasim.Repo{Owner: "acme", Name: fmt.Sprintf("r%04d", i), Keys: []giteasim.Key{{Title: "k", Key: giteatest.PublicKey(i % 250)}}})
	}
	s := giteatest.Simulated(w)
	token := s.Own(t, "reads", "all")
	src := reader(t, token, inProcess(s))
	before := s.Sim.Calls()
	b, st := once(t.Context(), src)
	calls := s.Sim.Calls() - before
	// Version and oneself; users with the administrator; tokens, keys and applications of each; the organisation with the members of
	// its one team, secrets and runners; the runners of the instance; repositories, and of each six.
	pages := func(n int) int { return (n + pageSize - 1) / pageSize }
	want := 2 + pages(users+1) + 3*(users+1) + 1 + (1 + 1 + 2) + 1 + pages(repos) + 6*repos
	if st.Status != inventory.SourceOK || calls != want {
		t.Errorf("%s %s: %d requests, want %d", st.Status, st.Reason, calls, want)
	}
	keys := 0
	for _, x := range b.Records.Secrets {
		if x.Kind == "deploy-key" {
			keys++
		}
	}
	if keys != 250 {
		t.Errorf("%d keys", keys)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d requests, %d records, heap %d MiB", calls, b.Version, m.HeapAlloc>>20)
}

// What a server says may be hostile: nothing of it reaches a terminal, an address of its own, or a step.
func TestHostileNames(t *testing.T) {
	const evil = "x\x1b[2J\u202e\x00y"
	s := giteatest.Simulated(giteasim.World{
		Users: []giteasim.User{{Name: "ann", FullName: evil, Tokens: []giteasim.Token{{Name: "codex " + evil, Scopes: []string{"all", evil}}}, Apps: []giteasim.App{{Name: "cursor" + evil}}}},
		Orgs:  []giteasim.Org{{Name: "acme", Owners: []string{"boss"}}},
		Repos: []giteasim.Repo{{Owner: "acme", Name: "shop", Keys: []giteasim.Key{{Title: "codex " + evil, Key: giteatest.PublicKey(3)}}, Secrets: []giteasim.Secret{{Name: "A/../B"}}, Runners: []giteasim.Runner{{Name: evil}}}},
	})
	x := connect(t, s, map[string]string{"reads": s.Own(t, "reads", "all"), "revokes": s.Own(t, "revokes", "all")}, nil)
	snap, _ := x.inventory()
	bad := func(what, text string) {
		if strings.ContainsAny(text, "\x1b\x00\u202e") {
			t.Errorf("%s: %q", what, text)
		}
	}
	r := snap.Records()
	n := 0
	for _, sec := range r.Secrets {
		bad("note", sec.Note)
		for _, st := range x.plan(sec.ID, "", snap) {
			n++
			for what, text := range map[string]string{"summary": st.Summary, "request": st.Request, "name": st.TargetName, "effect": st.Effect, "residual": st.Residual, "breaks": st.Breaks} {
				bad(what, text)
			}
			if strings.Contains(st.Request, "/../") {
				t.Errorf("a name leaves its place: %s", st.Request)
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d steps", n)
	}
}

func TestForgejoAndOlderServers(t *testing.T) {
	w := small()
	w.Version, w.Old = "11.0.3+gitea-1.22.0", true
	w.Repos[0].Files = map[string]string{".forgejo/workflows/ai.yml": workflow, ".github/workflows/other.yml": workflow}
	w.Repos[0].Runners = nil
	s := giteatest.Simulated(w)
	x := connect(t, s, map[string]string{"reads": s.Own(t, "reads", "all")}, nil)
	snap, st := x.inventory()
	if st.Status != inventory.SourceOK {
		t.Error(st.Reason)
	}
	assistantOf(t, snap, "claude-code in ci: ai.yml/review")
	for _, a := range snap.Records().Assistants {
		if strings.Contains(a.Name, "other.yml") {
			t.Error("a folder that the server does not look into was read")
		}
	}
	if !slices.ContainsFunc(st.Ledger, func(l inventory.Looked) bool { return l.State == inventory.LookedVersion }) {
		t.Error("nobody says that this server does not tell its runners")
	}
	for v, old := range map[string]bool{"1.25.5": true, "1.26.0": false, "1.26.0+dev-3": false, "1.27.1": false, "11.0.3+gitea-1.22.0": true, "": false, "v1.9.1": true, "main": false} {
		if older(v, 1, 26) != old {
			t.Errorf("%q", v)
		}
	}
}

// A workflow that is switched off at the server does not run: its assistant is idle.
func TestAWorkflowThatIsOffIsIdle(t *testing.T) {
	w := small()
	w.Repos[0].Off = []string{"ai.yml"}
	s := giteatest.Simulated(w)
	x := connect(t, s, map[string]string{"reads": s.Own(t, "reads", "all")}, nil)
	snap, _ := x.inventory()
	if a := assistantOf(t, snap, "claude-code in ci: ai.yml/review"); a.Status != "idle" {
		t.Errorf("%s %+v", a.Status, a.Evidence)
	}
}

// The same refusal of many repositories is told for some of them, and counted.
func TestTheSameRefusalIsCounted(t *testing.T) {
	const repos = 70
	w := giteasim.World{Users: []giteasim.User{{Name: "ann", Tokens: []giteasim.Token{{Name: "t", Scopes: []string{"read:user", "read:repository"}}}}}, Orgs: []giteasim.Org{{Name: "acme", Owners: []string{"boss"}}}}
	for i := range repos {
		w.Repos = append(w.Repos, giteasim.Repo{Owner: "acme", Name: fmt.Sprintf("r%02d", i), Collaborators: map[string]string{"ann": "write"}})
	}
	s := giteatest.Simulated(w)
	x := connect(t, s, map[string]string{"reads": s.Sim.Token("ann", "t")}, nil)
	_, st := x.collect()
	lines, counted := 0, false
	for _, l := range st.Ledger {
		if strings.HasPrefix(l.Reason, "the deploy keys") {
			lines++
			counted = counted || strings.Contains(l.Reason, fmt.Sprintf("(and %d more like this)", repos-sameLines))
		}
	}
	if st.Status != inventory.SourcePartial || lines != sameLines+1 || !counted {
		t.Errorf("%s: %d lines, counted %v", st.Status, lines, counted)
	}
}

// From 1.26 on a job's token may what its file says, as far as settings let it.
func TestPermissionsOfAJob(t *testing.T) {
	for _, c := range []struct {
		set   string
		perms map[string]string
		want  map[inventory.Capability]string
	}{
		{"unset", nil, map[inventory.Capability]string{inventory.WriteSource: "open?", inventory.OpenPR: "open?"}},
		{"job", map[string]string{"contents": "read", "pull-requests": "write", "id-token": "write"}, map[inventory.Capability]string{inventory.ReadSource: "open?", inventory.WriteSource: "", inventory.OpenPR: ""}},
		{"job", map[string]string{"contents": "write"}, map[inventory.Capability]string{inventory.WriteSource: "open?", inventory.EditWorkflow: "open?", inventory.OpenPR: ""}},
		{"job", map[string]string{"contents": "write", "code": "read"}, map[inventory.Capability]string{inventory.WriteSource: "", inventory.ReadSource: "open?"}},
		{"job", map[string]string{}, map[inventory.Capability]string{inventory.ReadSource: "", inventory.WriteSource: ""}},
	} {
		j := &pipeline.Job{Job: inventory.Job{PermissionsSet: c.set, Permissions: c.perms, OIDC: true}}
		settleJob(j, false)
		if j.OIDC || j.Permissions["id-token"] != "" {
			t.Errorf("Gitea gives no OIDC tokens: %+v", j.Job)
		}
		got := map[inventory.Capability]string{}
		for _, r := range forge.Effective(jobActor(j, false), forge.Repo{Name: "acme/shop", Pipelines: inventory.Yes, RunsOpen: inventory.Yes, RunsApprove: inventory.No, Branches: []forge.Branch{{Name: "main", Default: true}}}) {
			got[r.Capability] = r.Gate
			if !r.Certain {
				got[r.Capability] += "?"
			}
		}
		for cap, want := range c.want {
			if got[cap] != want {
				t.Errorf("%s %v: %s is %q, want %q", c.set, c.perms, cap, got[cap], want)
			}
		}
	}
}

func TestWithoutSudoOnlyItsOwnApplicationsAreRead(t *testing.T) {
	s := giteatest.Simulated(giteasim.World{Users: []giteasim.User{{Name: "ann", Apps: []giteasim.App{{Name: "Cursor"}}}}})
	s.App(t, s.Admin, "Windsurf")
	x := connect(t, s, map[string]string{"reads": s.Own(t, "reads", "all")}, func(o *Options) { o.Sudo = false })
	snap, _ := x.inventory()
	var apps []string
	for _, sec := range snap.Records().Secrets {
		if sec.Kind == "gitea-oauth-app" {
			apps = append(apps, sec.Note)
		}
	}
	if len(apps) != 1 || !strings.Contains(apps[0], "Windsurf") {
		t.Error(apps)
	}
}

func TestRunnersAndSecretsOfAnOrganisation(t *testing.T) {
	w := small()
	w.Runners = []giteasim.Runner{{Name: "everybody's"}}
	w.Orgs[0].Secrets, w.Orgs[0].Runners = []giteasim.Secret{{Name: "SHARED"}}, []giteasim.Runner{{Name: "org runner", Labels: []string{"linux"}, Ephemeral: true}}
	s := giteatest.Simulated(w)
	x := connect(t, s, map[string]string{"reads": s.Own(t, "reads", "all"), "revokes": s.Own(t, "revokes", "all")}, nil)
	snap, _ := x.inventory()
	st := one(t, x.plan(secretOf(t, snap, "ci-secret", "SHARED").ID, "", snap), "SHARED")
	x.carry(st, revoke.Attested)
	found := 0
	for _, r := range snap.Records().Resources {
		if r.Kind != "runner" {
			continue
		}
		found++
		steps := x.plan(r.ID, "", snap)
		st := one(t, steps, "delete the runner")
		x.carry(st, revoke.Attested)
		if r := x.carry(st, revoke.Attested); !r.Already {
			t.Errorf("%+v", r)
		}
	}
	if found != 3 {
		t.Errorf("%d runners", found)
	}
}

// After a crash every step is found as it is, with what is needed to take it back.
func TestRecovery(t *testing.T) {
	s := giteatest.Simulated(giteasim.World{})
	x := armed(t, s)
	s.Collaborator(t, "nh-acme/shop", "codex-bot", "write")
	snap, _ := x.inventory()
	for _, st := range x.plan(assistantOf(t, snap, "Codex as codex-bot").ID, revoke.ActionAll, snap) {
		if _, state, err := x.src.Recover(t.Context(), st); err != nil || state != revoke.StatePlanned {
			t.Errorf("%s before: %s %v", st.Summary, state, err)
		}
		if _, err := x.src.Apply(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		r, state, err := x.src.Recover(t.Context(), st)
		if err != nil || state != revoke.StateDone || st.Reversible != (len(r.Undo) > 0) {
			t.Errorf("%s after: %s %+v %v", st.Summary, state, r, err)
		}
		if st.Reversible {
			if _, err := x.src.Undo(t.Context(), st, r); err != nil {
				t.Errorf("%s: %v", st.Summary, err)
			}
		}
	}
	s.Sim.Break(giteasim.Fault{Status: 500})
	st := revoke.Step{Params: (place{kind: aKey, owner: "nh-acme", repo: "shop", id: "1"}).params()}
	if _, state, err := x.src.Recover(t.Context(), st); err != nil || state != revoke.StateUnknown {
		t.Errorf("a server that is down: %s %v", state, err)
	}
}
