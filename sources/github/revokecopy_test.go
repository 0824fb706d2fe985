package github

import (
	"strings"
	"testing"

	"nhitop/inventory/revoke"
	"nhitop/sources/github/githubsim"
)

// A secret that an alert found in a file has a step for a person, which is copied as the commands of a clone. Nothing at
// GitHub is asked about it, and nothing of the value is in it.
func TestACommittedCopyIsAStepForAPerson(t *testing.T) {
	leaked := "gh" + "p_FAKEMcpnotARealSecret0FAKEMcpn2fglSm"
	w := victims()
	o := &w.Orgs[0]
	o.Repos = append(o.Repos, githubsim.Repo{ID: 9, Name: "leaky", Files: map[string]string{".mcp.json": "{\n  \"token\": \"" + leaked + "\"\n}\n"},
		Alerts: []githubsim.Alert{{Type: "github_personal_access_token", Secret: leaked, Validity: "active", Public: true, Path: ".mcp.json", Line: 2, Created: ago(0)}}})
	s := newStage(t, w)
	id := s.secretAt(t, "/contents/.mcp.json")
	p := s.plan(t, id, revoke.ActionRemoveSecret)
	if len(p.Steps) != 1 || p.Steps[0].Summary != "by hand: take the github-pat-classic out of .mcp.json (line 2) of acme/leaky at github.com, where it still stands there" || p.Steps[0].Action != revoke.ActionManual || p.Steps[0].Layer != revoke.LayerCopy {
		t.Fatalf("%+v", p.Steps)
	}
	got := p.Steps[0].Command()
	for _, want := range []string{"git clone -- 'https://github.com/acme/leaky.git' \"$WORK\"", "add -- '.mcp.json' &&\n", "push -u origin", "--path FILE, which is .mcp.json"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "FAKE") {
		t.Errorf("the value is in it: %s", got)
	}
	run := s.run(t, p)
	if words(run) != "manual file waiting " {
		t.Errorf("%q", words(run))
	}
	run, err := s.exec.LookAgain(t.Context(), run.ID, "ana", []string{run.Steps[0].ID}, nil)
	if err != nil || words(run) != "manual file done unknown" {
		t.Errorf("%q %v", words(run), err)
	}
	if other := s.plan(t, id, revoke.ActionSuspend); len(other.Steps) != 0 {
		t.Errorf("asked for something else: %+v", other.Steps)
	}
}
