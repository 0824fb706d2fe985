package github

import (
	"encoding/json"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/github/githubsim"
)

// machines is the company of victims with an assistant that works in a workflow, another that has an account of its own, and
// a secret of an environment.
func machines() githubsim.World {
	w := victims()
	o := &w.Orgs[0]
	o.Members = append(o.Members, githubsim.Member{Login: "svc-agent", Owner: true})
	o.Repos[0].Files = map[string]string{".github/workflows/claude.yml": claudeWorkflow("{contents: write}", ""), ".github/workflows/ci.yml": "on: push\njobs: {}\n"}
	o.Repos[0].Environments = []githubsim.Environment{{ID: 51, Name: "production", Secrets: []githubsim.Secret{{Name: "KUBE", Created: ago(1), Updated: ago(1)}}}}
	return w
}

func ofMachines(o *Options) { o.Assistants = []string{"svc-agent"} }

// undone takes a run back and says how that ended.
func (s *stage) undone(t *testing.T, r revoke.Run) string {
	t.Helper()
	back, err := s.exec.Undo(t.Context(), r.ID, revoke.Consent{By: "ana", Reason: "a mistake", Yes: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return words(back) + ": " + back.Steps[0].Proof.Detail
}

// A workflow is disabled and enabled again; a secret that is named in it says nothing of it.
func TestAWorkflowIsDisabled(t *testing.T) {
	s := newStage(t, machines())
	job := assistant(t, s.snap.Records(), "claude-code in ci: claude.yml/fix")
	p := s.plan(t, job.ID, "")
	if len(p.Steps) != 1 || p.Steps[0].Action != revoke.ActionDisable || !p.Steps[0].Reversible || !strings.Contains(p.Steps[0].Request, "PUT https://api.github.com/repos/acme/web/actions/workflows/claude.yml/disable") ||
		!strings.Contains(p.Steps[0].Breaks, "every job of claude.yml") || !strings.Contains(p.Steps[0].Residual, "runs that are under way") {
		t.Fatalf("%+v", p.Steps)
	}
	r := s.run(t, p)
	if words(r) != "disable workflow-off done attested" || r.Steps[0].Proof.Detail != "read back: it is disabled_manually" {
		t.Errorf("%s %+v", words(r), r.Steps[0])
	}
	if again := s.plan(t, job.ID, ""); len(again.Steps) != 0 {
		t.Errorf("a second plan: %+v", again.Steps)
	}
	if got := s.undone(t, r); got != "disable workflow-off done attested: read back: it is active again" {
		t.Error(got)
	}
	for _, id := range job.Secrets {
		for _, st := range s.plan(t, id, "").Steps {
			if strings.Contains(st.Request, "/actions/workflows/") {
				t.Errorf("the end of a secret disables the workflow: %+v", st)
			}
		}
	}
	if p := s.plan(t, job.ID, revoke.ActionUninstall); len(p.Steps) != 0 {
		t.Errorf("asked for something else: %+v", p.Steps)
	}
	if got := runs("triage.md"); got != "triage.lock.yml" {
		t.Errorf("GitHub runs %s", got)
	}
}

// An account of an assistant owns the organisation no more, which can be taken back, and leaves it.
func TestAMachineAccountLeaves(t *testing.T) {
	s := newStage(t, machines(), ofMachines)
	a := assistant(t, s.snap.Records(), "svc-agent")
	if a.Guessed || a.Capabilities[inventory.AdminOrg] != inventory.Yes || a.Class != inventory.ClassNHI {
		t.Errorf("an owner: %v %s", a.Capabilities, a.ClassReason)
	}
	narrow := s.run(t, s.plan(t, a.ID, revoke.ActionNarrow))
	if words(narrow) != "narrow owner-off done attested" || narrow.Steps[0].Proof.Detail != "read back: it is member" {
		t.Errorf("%s %+v", words(narrow), narrow.Steps[0])
	}
	if got := s.undone(t, narrow); got != "narrow owner-off done attested: read back: it is admin again" {
		t.Error(got)
	}
	p := s.plan(t, a.ID, revoke.ActionAll)
	if len(p.Steps) != 2 || p.Steps[1].Layer != revoke.LayerGrant || p.Steps[1].Reversible {
		t.Fatalf("%+v", p.Steps)
	}
	r := s.run(t, p)
	if words(r) != "narrow owner-off done attested; uninstall  done attested" || !strings.Contains(r.Steps[1].Proof.Detail, "and shows the rest of /orgs/acme/members") {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), killToken[:12]) {
		t.Errorf("a credential stands in the run: %v", err)
	}
}

// Where a token of the account is listed, the token is the assistant: the account is taken out when all is.
func TestAnAccountWithATokenIsOneAssistant(t *testing.T) {
	w := machines()
	o := &w.Orgs[0]
	o.Authorizations = append(o.Authorizations, githubsim.Authorization{ID: 702, Login: "svc-agent", Type: "personal access token", Token: "gh" + "p_FAKEsvc", Scopes: []string{"repo"}, Granted: ago(50)})
	s := newStage(t, w, ofMachines)
	n := 0
	for _, a := range s.snap.Records().Assistants {
		if a.Account == "svc-agent" {
			n++
			if p := s.plan(t, a.ID, ""); len(p.Steps) != 1 || isMembership(p.Steps[0].Params[paramPath]) {
				t.Errorf("not asked for: %+v", p.Steps)
			}
			if r := s.run(t, s.plan(t, a.ID, revoke.ActionAll)); words(r) != "narrow owner-off done attested; uninstall  done attested; uninstall  done attested" {
				t.Errorf("%s %+v", words(r), r.Steps)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d assistants", n)
	}
}

// A seat can be given back until the month ends; a secret of an environment and runners are deleted.
func TestASeatIsGivenBack(t *testing.T) {
	runners := 0
	s := newStage(t, machines())
	r := s.run(t, s.plan(t, assistant(t, s.snap.Records(), "Copilot of max").ID, ""))
	if words(r) != "end-seat seat-end done attested" {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	if got := s.undone(t, r); got != "end-seat seat-end done attested: read back: it is active again" {
		t.Error(got)
	}
	r = s.run(t, s.plan(t, s.secretAt(t, "/environments/production/secrets/KUBE"), ""))
	if words(r) != "delete  done attested" || r.Steps[0].Layer != revoke.LayerCopy {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	w := victims()
	w.Orgs[0].Repos[0].Runners = []githubsim.Runner{{ID: 811, Name: "of web"}}
	w.Orgs[0].Repos[0].Files = map[string]string{".github/workflows/claude.yml": claudeWorkflow("{contents: write}", "")}
	s = newStage(t, w)
	for i := range s.snap.Records().Resources {
		if x := &s.snap.Records().Resources[i]; x.Kind == "runner" {
			if r := s.run(t, s.plan(t, x.ID, "")); words(r) != "delete  done attested" {
				t.Errorf("%s: %s %+v", x.Name, words(r), r.Steps)
			}
			runners++
		}
	}
	if runners != 2 {
		t.Errorf("%d runners", runners)
	}
	w = victims()
	w.Orgs[0].Teams = []githubsim.Team{{ID: 3, Slug: "core", Members: []string{"max"}}}
	w.Orgs[0].Copilot.Seats[0].Team = "core"
	s = newStage(t, w)
	p := s.plan(t, assistant(t, s.snap.Records(), "Copilot of max").ID, "")
	if len(p.Steps) != 1 || p.Steps[0].Action != revoke.ActionManual || !strings.Contains(p.Steps[0].Request, "comes with a team") {
		t.Errorf("%+v", p.Steps)
	}
}

// An outside collaborator that is an assistant is one, of which it is not told which repositories it reaches, and is taken out.
func TestAnOutsideCollaboratorIsTakenOut(t *testing.T) {
	w := machines()
	o := &w.Orgs[0]
	o.Outside = []string{"svc-contractor", "ext"}
	s := newStage(t, w, func(o *Options) { o.Assistants = []string{"svc-contractor"} })
	a := assistant(t, s.snap.Records(), "svc-contractor")
	if a.Capabilities[inventory.WriteSource] != inventory.Unknown || a.Capabilities[inventory.AdminOrg] == inventory.Yes {
		t.Errorf("%v", a.Capabilities)
	}
	r := s.run(t, s.plan(t, a.ID, ""))
	if words(r) != "uninstall  done attested" || !strings.Contains(r.Steps[0].Request, "DELETE https://api.github.com/orgs/acme/outside_collaborators/svc-contractor") {
		t.Errorf("%s %+v", words(r), r.Steps)
	}
	if p := s.plan(t, a.ID, ""); len(p.Steps) != 0 {
		t.Errorf("a second plan: %+v", p.Steps)
	}
}

// An agent that is on for chosen repositories is on for as many again; where GitHub has forgotten which, that is seen.
func TestAnAgentOfChosenRepositoriesComesBack(t *testing.T) {
	w := machines()
	w.Orgs[0].Copilot.AgentEnabled, w.Orgs[0].Copilot.AgentSelected = "selected", []string{"web", "api"}
	for _, forgets := range []bool{false, true} {
		s := newStage(t, w)
		r := s.run(t, s.plan(t, assistant(t, s.snap.Records(), "Copilot cloud agent").ID, ""))
		if words(r) != "suspend agent-off done attested" || r.Steps[0].Receipt.Undo[undoWas] != "selected for 2 repositories" {
			t.Fatalf("%s %+v", words(r), r.Steps)
		}
		if forgets {
			s.sim.Fail(githubsim.Fault{Operation: "GET /orgs/{org}/copilot/coding-agent/permissions/repositories", Status: 200, Body: `{"total_count":0,"repositories":[]}`})
		}
		want := map[bool]string{false: "suspend agent-off done attested: read back: it is selected for 2 repositories again", true: "suspend agent-off done unknown: read back: it is selected for 0 repositories"}[forgets]
		if got := s.undone(t, r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
