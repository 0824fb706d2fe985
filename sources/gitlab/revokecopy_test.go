package gitlab

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitlab/gitlabsim"
)

// A secret that stands in a pipeline, and the job itself, are steps for a person, copied as the commands of a clone.
func TestWhatIsCommittedIsCopiedAsAClone(t *testing.T) {
	w := company()
	w.Projects[0].Files[".gitlab-ci.yml"] += "fix:\n  script: [claude -p fix]\n  variables: { ANTHROPIC_API_KEY: \"" + planted + "\" }\n"
	o := open(t, gitlabsim.New(w, func() time.Time { return at }), "admin", nil)
	b, _ := o.read()
	snap := inventory.NewSnapshot(at, merge.Merge([]inventory.Batch{b}, nil), false)
	clone := "git clone -- 'https://" + host + "/" + w.Projects[0].Path + ".git' \"$WORK\""
	secrets, jobs := 0, 0
	for _, x := range snap.Records().Secrets {
		steps, err := o.Plan(t.Context(), revoke.Target{ID: x.ID, Action: revoke.ActionRemoveSecret}, snap)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			secrets++
			got := s.Command()
			if !strings.Contains(got, clone) || !strings.Contains(got, "commit -m 'Take a secret out of .gitlab-ci.yml' -- '.gitlab-ci.yml'") || !strings.Contains(got, "filter-repo") || strings.Contains(got, "FAKE") {
				t.Errorf("%+v\n%s", s, got)
			}
			if p, err := o.Verify(t.Context(), s, revoke.Receipt{}); err != nil || p.Grade != revoke.Unproven {
				t.Errorf("%+v %v", p, err)
			}
		}
	}
	for _, a := range snap.Records().Assistants {
		steps, err := o.Plan(t.Context(), revoke.Target{ID: a.ID, Action: revoke.ActionManual}, snap)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			if s.Git == nil {
				continue
			}
			jobs++
			if got := s.Command(); !strings.Contains(got, clone) || !strings.Contains(got, "commit -m 'Take job ") || strings.Contains(got, "filter-repo") {
				t.Errorf("%+v\n%s", s, got)
			}
		}
	}
	if secrets != 1 || jobs == 0 {
		t.Errorf("%d secrets, %d jobs", secrets, jobs)
	}
}
