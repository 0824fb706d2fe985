package local

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"nhitop/inventory"
	"nhitop/sources"
)

// A credential of the home is tied to an assistant that acts without a sandbox, and to no other.
func TestInheritedCredentials(t *testing.T) {
	npmrc := "//npm.example.com/:_authToken=" + fakeToken(11) + "\n"
	for name, c := range map[string]struct {
		settings string
		ambient  bool
		tied     bool
	}{
		"open":         {`{}`, true, true},
		"sandboxed":    {`{"sandbox":{"enabled":true}}`, true, false},
		"switched off": {`{}`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			home, repo := realTemp(t), realTemp(t)
			plant(t, home, map[string]string{".npmrc": npmrc, ".claude/settings.json": c.settings})
			plant(t, repo, map[string]string{".claude/settings.json": `{}`, ".env": "GITHUB_TOKEN=" + fakeToken(12) + "\n"})
			o := testOptions(t)
			o.Ambient = c.ambient
			got := collect(t, o, sources.Env{Home: home, Paths: []string{repo}})
			noLeak(t, got, fakeToken(11), fakeToken(12))
			user, proj := got.assistant(t, "claude-code", "user"), got.assistant(t, "claude-code", "project")
			own := got.secretAt("~/.npmrc", "/~1~1npm.example.com~1:_authToken")
			if !c.ambient {
				if own != nil {
					t.Error("read although it is switched off")
				}
				return
			}
			if own == nil || !own.Ambient {
				t.Fatalf("the npm token: %+v", own)
			}
			if has := slices.Contains(user.Secrets, own.ID); has != c.tied {
				t.Errorf("tied to the user's: %v, want %v (sandbox %s)", has, c.tied, user.Sandbox)
			}
			env := got.secretAt(filepath.Join(repo, ".env"), "/GITHUB_TOKEN")
			if env == nil || !slices.Contains(proj.Secrets, env.ID) {
				t.Errorf("the project's own .env is not in its reach: %+v", env)
			}
			reached := slices.ContainsFunc(got.Records.Entitlements, func(e inventory.Entitlement) bool {
				return e.Assistant == user.ID && e.Via == string(own.ID) && e.Origin == inventory.OriginInherited && len(e.Path) > 1
			})
			if reached != c.tied {
				t.Errorf("entitlement through it: %v, want %v", reached, c.tied)
			}
		})
	}
}

func TestMatrixAndClass(t *testing.T) {
	home, repo := realTemp(t), realTemp(t)
	plant(t, home, map[string]string{".claude/settings.json": `{"permissions":{"defaultMode":"bypassPermissions"}}`})
	plant(t, repo, map[string]string{".mcp.json": `{"mcpServers":{"gh":{"command":"npx","args":["-y","@modelcontextprotocol/server-github"],"env":{"GITHUB_PERSONAL_ACCESS_TOKEN":"` + fakeToken(1) + `"}}}}`,
		".claude/settings.local.json": `{"enableAllProjectMcpServers":true}`})
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	proj := got.assistant(t, "claude-code", "project")
	if proj.Class != inventory.ClassNHI || proj.ClassReason == "" || proj.Capabilities[inventory.ExecLocal] != inventory.Yes {
		t.Errorf("class %s (%s), %v", proj.Class, proj.ClassReason, proj.Capabilities)
	}
	if a := proj.Capabilities[inventory.OpenPR]; a == "" || a == inventory.No {
		t.Errorf("open-pr is %q although a GitHub server with a token may start", a)
	}
	for _, e := range got.Records.Entitlements {
		if e.Assistant == proj.ID && e.Capability == inventory.OpenPR && e.Origin != inventory.OriginTool {
			t.Errorf("open-pr by %s: %v", e.Origin, e.Path)
		}
	}
}

func TestCommittedSecret(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("needs git to make an index")
	}
	repo := realTemp(t)
	servers := func(n int) string {
		return `{"mcpServers":{"a":{"command":"x","env":{"GITHUB_TOKEN":"` + fakeToken(n) + `"}}}}`
	}
	plant(t, repo, map[string]string{".mcp.json": servers(1), ".cursor/mcp.json": servers(2)})
	for _, args := range [][]string{{"init", "-q"}, {"add", "-f", ".mcp.json"}} {
		cmd := exec.Command(git, append([]string{"-C", repo}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %s", args, out)
		}
	}
	got := collect(t, testOptions(t), sources.Env{Home: realTemp(t), Paths: []string{repo}})
	for file, want := range map[string]struct {
		committed inventory.Answer
		exposure  string
	}{".mcp.json": {inventory.Yes, inventory.ExposureCommitted}, ".cursor/mcp.json": {inventory.No, inventory.ExposureLocal}} {
		s := got.secretAt(filepath.Join(repo, file), "/mcpServers/a/env/GITHUB_TOKEN")
		if s == nil || s.Locations[0].Committed != want.committed || s.Exposure != want.exposure {
			t.Errorf("%s: %+v, want %+v", file, s, want)
		}
	}
}
