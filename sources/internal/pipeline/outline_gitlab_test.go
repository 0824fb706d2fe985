package pipeline

import (
	"errors"
	"slices"
	"testing"

	"nhitop/inventory/catalogue"
)

func TestOutlineOfGitLab(t *testing.T) {
	files := map[string]string{
		"ci/deploy.yml": `
deploy:
  stage: deploy
  environment: { name: production }
  script: [ "kubectl apply -f k8s" ]
  rules: [ { if: '$CI_COMMIT_BRANCH == "main"' } ]
`,
	}
	open := func(f string) ([]byte, error) {
		if text, ok := files[f]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("none")
	}
	main := `
include: { local: ci/deploy.yml }
.base: { image: node:22 }
review:
  extends: .base
  script: [ 'claude -p "$CI_MERGE_REQUEST_DESCRIPTION" --dangerously-skip-permissions' ]
  rules: [ { if: '$CI_PIPELINE_SOURCE == "merge_request_event"' } ]
package:
  script: [ npm publish ]
`
	jobs, o, _, err := ReadGitLab(".gitlab-ci.yml", []byte(main), open, catalogue.Embedded())
	if err != nil || o == nil {
		t.Fatal(o, err)
	}
	if len(jobs) != 1 || jobs[0].Kind != "claude-code" {
		t.Errorf("%+v", jobs)
	}
	if !slices.Equal(o.Environments, []string{"production"}) || !o.Deploys || !o.Publishes || o.Guarded || !slices.Equal(o.Triggers, []string{"merge_request_event", "push"}) {
		t.Errorf("%+v", o)
	}
	_, o, _, _ = ReadGitLab(".gitlab-ci.yml", []byte("test: { script: [make] }\n"), nil, catalogue.Embedded())
	if o.Publishes || o.Deploys || !o.Guarded || len(o.Environments) > 0 {
		t.Errorf("%+v", o)
	}
}
