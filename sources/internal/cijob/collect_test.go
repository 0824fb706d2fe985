package cijob

import (
	"errors"
	"slices"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/pipeline"
)

const claude = "on: {issues: {types: [opened]}}\npermissions: {contents: write, pull-requests: write, issues: write}\njobs: {c: {runs-on: build, steps: [{uses: anthropics/claude-code-action@v1, with: {github_token: '${{ secrets.GITHUB_TOKEN }}'}}]}}\n"

func collect(t *testing.T, change func(*Repo)) inventory.Records {
	t.Helper()
	sink := inventory.NewSink("github", inventory.Key{1}, func() time.Time { return time.Unix(1_790_000_000, 0) })
	r := Repo{Catalogue: catalogue.Embedded(), Sink: sink, Name: "github.com/acme/web", Shown: "https://github.com/acme/web",
		Read: func(file string) ([]byte, error) {
			if file != ".github/workflows/c.yml" {
				return nil, errors.New("no")
			}
			return []byte(claude), nil
		}}
	change(&r)
	if err := Collect(t.Context(), r, []string{".github/workflows/c.yml"}); err != nil {
		t.Fatal(err)
	}
	return sink.Batch().Records
}

// What the repository's settings say takes the place of what the permissions let one guess.
func TestRightsOfTheRepository(t *testing.T) {
	guessed := collect(t, func(*Repo) {})
	if got := guessed.Assistants[0].Capabilities[inventory.MergeProtected]; got != inventory.Unknown {
		t.Errorf("without the rules: %s", got)
	}
	outlined := ""
	known := collect(t, func(r *Repo) {
		r.Outlined = func(o pipeline.Outline) { outlined = o.File }
		r.Settle = func(j *pipeline.Job) {
			if outlined == "" {
				t.Error("an assistant is delivered before the repository's workflows are known")
			}
			j.SelfHosted = inventory.Yes
		}
		r.Before = func(jobs []pipeline.Job) error {
			if len(jobs) != 1 || outlined == "" {
				t.Errorf("%d jobs before the first is delivered", len(jobs))
			}
			return nil
		}
		r.Rights = func(_ *pipeline.Job, p map[string]string, _ string) []forge.Right {
			if p["contents"] != "write" {
				t.Errorf("permissions %v", p)
			}
			return []forge.Right{
				{Capability: inventory.WriteSource, Level: "write", Gate: inventory.GateOpen, Certain: true, Path: []string{"contents:write"}},
				{Capability: inventory.MergeProtected, Level: "write", Gate: inventory.GateAsks, Certain: true, Path: []string{"contents:write", "a person must agree"}},
				{Capability: inventory.ApprovePR, Level: "write", Gate: inventory.GateBlocked, Certain: true, Path: []string{"pipelines may not approve"}},
			}
		}
	})
	a := known.Assistants[0]
	for c, want := range map[inventory.Capability]inventory.Answer{inventory.WriteSource: "yes", inventory.MergeProtected: "asks", inventory.ApprovePR: "no", inventory.TicketWrite: "yes"} {
		if got := a.Capabilities[c]; got != want {
			t.Errorf("%s: %s, want %s", c, got, want)
		}
	}
	if a.Job.SelfHosted != inventory.Yes || a.ID != guessed.Assistants[0].ID {
		t.Errorf("%+v", a.Job)
	}
	// Both sources name the entitlement alike, so that the certain one takes the place of the guess.
	for _, e := range known.Entitlements {
		if e.Capability == inventory.MergeProtected && !slices.ContainsFunc(guessed.Entitlements, func(g inventory.Entitlement) bool { return g.ID == e.ID && !g.Certain }) {
			t.Error("the entitlement has another id")
		}
	}
}
