package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
)

// Another machine's disk, mounted in two places, says the same, and what is taken away goes from the mounted file.
func TestAnotherMachinesDisk(t *testing.T) {
	var first string
	for range 2 {
		root := realTemp(t)
		token := fakeToken(700)
		plant(t, root, map[string]string{
			"home/dana/.claude.json": `{"oauthAccount":{"emailAddress":"dana@example.com"},"projects":{"/home/dana/src/web":{"hasTrustDialogAccepted":true,"lastVersionBase":"2.1.0"},
			"/srv/api":{"hasTrustDialogAccepted":true,"lastVersionBase":"2.1.0"}},"mcpServers":{"gh":{"command":"x","env":{"GITHUB_TOKEN":"` + token + `"}}}}`,
			"home/dana/src/web/.git/HEAD":           "ref: refs/heads/main\n",
			"home/erin/.codex/config.toml":          "approval_policy = \"never\"\n",
			"srv/api/.mcp.json":                     goodServers,
			"etc/claude-code/managed-settings.json": `{"permissions":{"disableBypassPermissionsMode":"disable"}}`,
		})
		o := testOptions(t)
		o.Root, o.Host = root, "dev-1"
		o.Homes, o.Paths = []string{filepath.Join(root, "home", "*")}, []string{filepath.Join(root, "srv")}
		made, err := New(o, sources.Env{Home: realTemp(t), StateDir: realTemp(t)})
		must(t, err)
		got := collectWith(t, made)
		text := document(t, got)
		if strings.Contains(text, root) {
			t.Errorf("where the disk is mounted is shown:\n%s", text)
		}
		if first != "" && text != first {
			t.Errorf("another place, another document:\n%s\n%s", first, text)
		}
		first = text
		seen := map[string]inventory.Assistant{}
		for _, a := range got.Records.Assistants {
			seen[a.Path] = a
			if a.Host != "dev-1" {
				t.Errorf("%s is on %q", a.Path, a.Host)
			}
		}
		if len(seen) != 4 || seen["/home/dana/src/web"].Trust != "trusted" || seen["/srv/api"].Trust != "trusted" || seen["/home/erin"].Kind != "codex" {
			t.Errorf("%+v", seen)
		}
		got.lookedState(t, "/etc/claude-code/managed-settings.json", inventory.LookedRead)

		x := got.secretAt("/home/dana/.claude.json", "/mcpServers/gh/env/GITHUB_TOKEN")
		if x == nil {
			t.Fatal("the secret is not found")
		}
		src := made.(*Source)
		steps, err := src.Plan(t.Context(), revoke.Target{ID: x.ID}, inventory.NewSnapshot(testNow, got.Records, false))
		must(t, err)
		if len(steps) != 1 || steps[0].Action != revoke.ActionRemoveSecret || strings.Contains(steps[0].Summary, root) {
			t.Fatalf("%+v", steps)
		}
		_, err = src.Apply(t.Context(), steps[0])
		must(t, err)
		data, err := os.ReadFile(filepath.Join(root, "home", "dana", ".claude.json"))
		must(t, err)
		if strings.Contains(string(data), token) {
			t.Error("it is still there")
		}
	}
}

func TestAnotherMachineNeedsItsDisk(t *testing.T) {
	o := testOptions(t)
	o.Root, o.Host = string(filepath.Separator), "dev-1"
	if _, err := New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), "host: ") {
		t.Error(err)
	}
}
