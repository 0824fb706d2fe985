package named

import (
	"testing"

	"nhitop/inventory/catalogue"
)

func TestKnownByName(t *testing.T) {
	r, err := New("gitlab", catalogue.Embedded(), map[string]string{"svc-refactor*": "custom", "svc-refactor-cc": "claude-code"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		names []string
		kind  string
	}{
		{[]string{"svc-claude"}, "claude-code"},
		{[]string{"Claude Code for the monorepo"}, "claude-code"},
		{[]string{"claudecode_token"}, "claude-code"},
		{[]string{"ci token", "project_7_bot_1", "for Codex"}, "codex"},
		{[]string{"cursor on my laptop"}, "cursor"},
		{[]string{"GitLabDuo"}, "gitlab-duo"},
		{[]string{"duo-developer"}, "gitlab-duo"},
		{[]string{"continue-deploy"}, ""},
		{[]string{"continue ai agent"}, "continue"},
		{[]string{"goose migrations"}, ""},
		{[]string{"review agent"}, "custom"},
		{[]string{"maintain"}, ""},
		{[]string{"mail relay"}, ""},
		{[]string{"precursor"}, ""},
		{[]string{"svc-refactor-1"}, "custom"},
		{[]string{"SVC-Refactor-CC"}, "claude-code"},
		{[]string{"terraform", ""}, ""},
	} {
		if got, _ := r.Kind(c.names...); got != c.kind {
			t.Errorf("%v: %q, want %q", c.names, got, c.kind)
		}
	}
}

func TestUnsaid(t *testing.T) {
	r, err := New("anthropic", catalogue.Embedded(), nil, "claude", "anthropic")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"claude prod": "", "anthropic": "", "claude code": "claude-code", "claude agent": "custom"} {
		if got, _ := r.Kind(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
