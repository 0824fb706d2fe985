package pipeline

import (
	"reflect"
	"testing"

	"nhitop/inventory/catalogue"
)

func TestOutline(t *testing.T) {
	files := map[string]string{
		".github/workflows/called.yml": "on: workflow_call\njobs:\n  d:\n    environment: {name: production}\n    steps: [{run: kubectl apply -f x}]\n",
	}
	open := func(rel string) ([]byte, error) { return []byte(files[rel]), nil }
	for name, c := range map[string]struct {
		text string
		want Outline
	}{
		"ci": {"name: CI\non: [push, pull_request]\njobs: {t: {steps: [{run: go test ./...}]}}\n",
			Outline{Name: "CI", Triggers: []string{"push", "pull_request"}, Guarded: true}},
		"release": {"on: {push: {branches: [main, 'release/*']}}\njobs: {p: {steps: [{run: npm publish}]}}\n",
			Outline{Name: "a.yml", Triggers: []string{"push"}, Branches: []string{"main", "release/*"}, Publishes: true}},
		"rehearsal": {"on: push\njobs: {p: {steps: [{run: npm publish --dry-run}]}}\n", Outline{Name: "a.yml", Triggers: []string{"push"}, Guarded: true}},
		"guarded release": {"on: workflow_dispatch\njobs: {p: {environment: npm, steps: [{uses: pypa/gh-action-pypi-publish@v1}]}}\n",
			Outline{Name: "a.yml", Triggers: []string{"workflow_dispatch"}, Environments: []string{"npm"}, Publishes: true, Guarded: true}},
		"deploys": {"on: push\njobs: {p: {steps: [{run: terraform apply}]}}\n", Outline{Name: "a.yml", Triggers: []string{"push"}, Deploys: true}},
		"calls": {"on: push\njobs: {c: {uses: ./.github/workflows/called.yml}}\n",
			Outline{Name: "a.yml", Triggers: []string{"push"}, Environments: []string{"production"}, Deploys: true, Guarded: true}},
	} {
		c.want.File = ".github/workflows/a.yml"
		_, o, _, err := ReadGitHub(c.want.File, []byte(c.text), open, catalogue.Embedded())
		if err != nil || o == nil || !reflect.DeepEqual(*o, c.want) {
			t.Errorf("%s: %+v %v, want %+v", name, o, err, c.want)
		}
	}
	if jobs, o, _, err := ReadGitHub(".github/workflows/a.yml", []byte("on: push\njobs: {c: {steps: [{uses: anthropics/claude-code-action@v1}]}}\n"), open, catalogue.Embedded()); err != nil || o == nil || len(jobs) != 1 {
		t.Errorf("%d jobs, %+v, %v", len(jobs), o, err)
	}
	if _, o, _, err := ReadGitHub(".github/workflows/a.md", []byte("---\non: push\n---\n"), open, catalogue.Embedded()); o != nil || err != nil {
		t.Errorf("%+v %v", o, err)
	}
}
