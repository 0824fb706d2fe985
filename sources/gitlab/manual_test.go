package gitlab

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory/revoke"
	"nhitop/sources/gitlab/gitlabsim"
)

// What a person must do waits, and is seen done by reading back: not before, and not by word alone.
func TestManualStepsAreSeenDone(t *testing.T) {
	sim := gitlabsim.New(company(), func() time.Time { return at })
	r := revoking(t, sim, "admin", "ana-api")
	look := func(run revoke.Run) revoke.Run {
		t.Helper()
		got, err := r.exec.LookAgain(r.held, run.ID, "test", []string{run.Steps[0].ID}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	token := r.do(r.plan(r.secret("cursor on my laptop").ID, ""))
	if said(token) != "manual=waiting" || !strings.Contains(token.Steps[0].Summary, "https://"+host+"/-/user_settings/personal_access_tokens") {
		t.Fatalf("%+v", token.Steps)
	}
	if got := look(token); said(got) != "manual=waiting,alive" {
		t.Errorf("before: %s %s", said(got), got.Steps[0].Proof.Detail)
	}
	r2 := revoking(t, sim, "admin", "admin-api")
	r2.do(r2.plan(r2.secret("cursor on my laptop").ID, ""))
	if got := look(token); said(got) != "manual=done,attested" {
		t.Errorf("after: %s %s", said(got), got.Steps[0].Proof.Detail)
	}

	job := r.do(r.plan(r.assistant("in ci").ID, ""))
	if said(job) != "manual=waiting" || !strings.Contains(job.Steps[0].Summary, `job "review"`) {
		t.Fatalf("%+v", job.Steps)
	}
	if got := look(job); said(got) != "manual=waiting,alive" {
		t.Errorf("before: %s %s", said(got), got.Steps[0].Proof.Detail)
	}
	sim.Write("acme/core/api", ".gitlab-ci.yml", "deploy: { script: [make] }\n")
	if got := look(job); said(got) != "manual=done,attested" {
		t.Errorf("after: %s %s", said(got), got.Steps[0].Proof.Detail)
	}
}
