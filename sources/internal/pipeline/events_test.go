package pipeline

import (
	"errors"
	"strings"
	"testing"

	"nhitop/inventory/catalogue"
)

func readText(t *testing.T, file, text string) []Job {
	t.Helper()
	jobs, warnings, err := Read(GitHub, file, []byte(text), func(string) ([]byte, error) { return nil, errors.New("no") }, catalogue.Embedded())
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %v", err, warnings)
	}
	return jobs
}

// An expression counts as words of strangers only where an event of the workflow can fill it.
func TestWordsOfStrangersNeedTheirEvent(t *testing.T) {
	for _, c := range []struct{ on, expr, want string }{
		{"schedule: [{cron: '0 1 * * *'}]", "github.event.issue.body", ""},
		{"workflow_dispatch:", "github.head_ref", ""},
		{"workflow_dispatch:", "toJSON(github.event)", ""},
		{"push:", "github.event.pull_request.title", ""},
		{"issues:", "github.event.comment.body", ""},
		{"issues:", "github.event.issue.body", "github.event.issue.body"},
		{"issue_comment:", "github.event.issue.title", "github.event.issue.title"},
		{"issues:", "toJSON(github.event.issue)", "tojson(github.event.issue)"},
		{"pull_request_target:", "github.head_ref", "github.head_ref"},
		{"push:", "github.event.head_commit.message", "github.event.head_commit.message"},
		{"workflow_run: {workflows: [CI]}", "github.event.workflow_run.head_branch", "github.event.workflow_run.head_branch"},
		{"workflow_call:", "github.event.issue.body", "github.event.issue.body"},
		{"repository_dispatch:", "github.event.client_payload.text", "github.event.client_payload.text"},
	} {
		jobs := readText(t, workflows+"x.yml", "on:\n  "+c.on+"\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"+
			"      - uses: google-github-actions/run-gemini-cli@v0\n        with:\n          prompt: 'Look at ${{ "+c.expr+" }}'\n")
		if len(jobs) != 1 || strings.ToLower(strings.Join(jobs[0].PromptInputs, " ")) != c.want {
			t.Errorf("%s, %s: %d jobs, %v", c.on, c.expr, len(jobs), jobs[0].PromptInputs)
		}
	}
}

func TestTheRunnersOwnHeadRefIsNoPrompt(t *testing.T) {
	jobs := readText(t, workflows+"x.yml", `on: pull_request_target
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: copilot --allow-all-tools -p "look around"
        env:
          GITHUB_HEAD_REF: ${{ github.head_ref }}
`)
	if len(jobs) != 1 || len(jobs[0].PromptInputs) != 0 {
		t.Errorf("%+v", jobs)
	}
}

// A job that runs whatever became of the others still looks at the result of one that outsiders cannot start.
func TestResultOfASkippedJob(t *testing.T) {
	const file = `on: issue_comment
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - run: gh api repos/x/collaborators/y/permission && exit 1
    outputs: {ok: "${{ steps.a.outputs.ok }}"}
  agent:
    needs: gate
    if: needs.gate.outputs.ok == 'true'
    runs-on: ubuntu-latest
    steps:
      - run: claude -p "work"
  after:
    needs: agent
    if: always() && needs.agent.result CONDITION
    runs-on: ubuntu-latest
    steps:
      - run: claude -p "look what it did"
`
	for condition, want := range map[string]string{"!= 'skipped'": "no", "== 'success'": "no", "== 'skipped'": "yes", "!= 'failure'": "yes"} {
		jobs := readText(t, workflows+"x.yml", strings.Replace(file, "CONDITION", condition, 1))
		if len(jobs) != 2 || jobs[0].Outsiders != "no" || string(jobs[1].Outsiders) != want {
			t.Errorf("%s: %+v", condition, jobs)
		}
	}
}

// For a pull request from a fork GitHub leaves the list of pull requests of a workflow_run empty.
func TestWorkflowRunOfOwnPullRequests(t *testing.T) {
	for condition, want := range map[string]string{
		"github.event.workflow_run.conclusion == 'failure' && github.event.workflow_run.pull_requests[0]": "no",
		"github.event.workflow_run.pull_requests[0] != null":                                              "no",
		"github.event.workflow_run.pull_requests[0] == null":                                              "yes",
		"github.event.workflow_run.conclusion == 'failure'":                                               "yes",
	} {
		jobs := readText(t, workflows+"x.yml", "on: {workflow_run: {workflows: [CI]}}\njobs:\n  fix:\n    runs-on: ubuntu-latest\n    if: "+condition+
			"\n    steps:\n      - uses: anthropics/claude-code-action@v1\n")
		if len(jobs) != 1 || string(jobs[0].Outsiders) != want {
			t.Errorf("%s: %+v", condition, jobs)
		}
	}
}

func TestHelpersOfAnActionAreNoAssistants(t *testing.T) {
	for uses, want := range map[string]int{
		"anthropics/claude-code-action/agent-approval-check@main": 0, "anthropics/claude-code-action/base-action@main": 1, "anthropics/claude-code-action@v1": 1,
	} {
		if jobs := readText(t, workflows+"x.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: "+uses+"\n"); len(jobs) != want {
			t.Errorf("%s: %d assistants", uses, len(jobs))
		}
	}
}

func TestEventsOfAnAgenticWorkflow(t *testing.T) {
	for on, want := range map[string]struct{ triggers, outsiders string }{
		"\n  issues: {types: [opened]}\n  reaction: eyes\n  skip-bots: [x]\n  permissions: {}\n  stop-after: +48h": {"issues", "no"},
		"\n  roles: all\n  issues:\n":                   {"issues", "yes"},
		"\n  roles: all\n  slash_command: {name: plan}": {"slash_command", "yes"},
		"\n  slash_command: {name: plan}":               {"slash_command", "no"},
		" daily":                                        {"schedule", "no"},
		" weekly on monday":                             {"schedule", "no"},
	} {
		jobs := readText(t, workflows+"x.md", "---\non:"+on+"\npermissions: read-all\n---\n# Do it\n")
		if len(jobs) != 1 || strings.Join(jobs[0].Triggers, " ") != want.triggers || string(jobs[0].Outsiders) != want.outsiders {
			t.Errorf("%q: %+v", on, jobs)
		}
	}
}
