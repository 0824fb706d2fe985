package mode

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// everything is all that a result shows.
func everything(r Result) string {
	var b strings.Builder
	b.WriteString(r.AutonomyReason + "\n" + r.HeadlessReason + "\n" + r.SandboxReason + "\n" + r.Trust.Evidence.Pointer + r.Trust.Evidence.Note + "\n")
	for _, s := range r.Settings {
		b.WriteString(strings.Join([]string{s.Name, s.Value, s.Why, s.Path, s.Pointer}, "\n") + "\n")
	}
	return b.String()
}

// A secret planted wherever a setting can hold one is shown nowhere, neither whole nor in parts.
func TestNoSecretIsShown(t *testing.T) {
	secret := "ghp_" + strings.Repeat("FAKEa1B2", 4) + "c3D4"
	tests := map[string]tree{
		"claude-code": {"home/.claude.json": claudeTrusted, "home/.claude/settings.json": `{"apiKeyHelper":"echo ` + secret + `","permissions":{"defaultMode":"` + secret + `",
			"allow":["Bash(curl -H 'Authorization: Bearer ` + secret + `' *)","mcp__` + secret + `"]},"env":{"ANTHROPIC_BASE_URL":"https://u:` + secret + `@h.example"},
			"hooks":{"` + secret + `":[{"hooks":[{"command":"x --token ` + secret + `"}]}]},"sandbox":{"credentials":{"apiKey":"` + secret + `"}}}`},
		"opencode": {"repo/opencode.json": `{"permission":{"bash":{"curl -H 'token: ` + secret + `' *":"allow"},"` + secret + `":"ask"},"agent":{"a":{"permission":{"x":"` + secret + `"}}}}`},
		"codex":    {"home/.codex/config.toml": "approval_policy = \"" + secret + "\"\nnotify = [\"x\", \"" + secret + "\"]\nprofile = \"" + secret + "\"\n"},
		"gemini-cli": {"home/.gemini/settings.json": `{"tools":{"discoveryCommand":"x ` + secret + `"},"admin":{"token":"` + secret + `"}}`,
			"home/.gemini/policies/a.toml": "[[rule]]\ntoolName = \"run_shell_command\"\ncommandPrefix = \"curl " + secret + "\"\ndecision = \"allow\"\nmodes = [\"" + secret + "\"]\n"},
		"vscode": {"home/.config/Code/User/settings.json": `{"chat.tools.terminal.autoApprove":{"/x ` + secret + `/":true},"http.proxy":"http://u:` + secret + `@p.example"}`},
		"amp":    {"home/.config/amp/settings.json": `{"amp.permissions":[{"tool":"Bash","matches":{"cmd":"x ` + secret + `"},"action":"allow"},{"tool":"` + secret + `","action":"delegate"}]}`},
	}
	for id, files := range tests {
		r := resolve(t, input(t, id, files, true))
		shown := everything(r)
		for i := 4; i+5 <= len(secret)-4; i++ {
			if part := secret[i : i+5]; strings.Contains(shown, part) {
				t.Errorf("%s shows %q of the secret:\n%s", id, part, shown)
				break
			}
		}
		if len(r.Settings) == 0 {
			t.Errorf("%s: nothing was read", id)
		}
	}
}

// The order in which the layers come changes nothing.
func TestOrderOfLayersDoesNotMatter(t *testing.T) {
	for _, c := range [][2]string{{"claude", "claude-code"}, {"gemini", "gemini-cli"}, {"opencode", "opencode"}, {"copilot", "copilot-cli"}, {"editors-synthetic", "cursor"}, {"editors-synthetic", "vscode"}} {
		in := input(t, c[1], read(t, c[0]), true)
		first := resolve(t, in)
		first.Server = nil
		for range 5 {
			rand.Shuffle(len(in.Layers), func(i, j int) { in.Layers[i], in.Layers[j] = in.Layers[j], in.Layers[i] })
			again := resolve(t, in)
			again.Server = nil
			if !reflect.DeepEqual(first, again) {
				t.Fatalf("%s: another result\n%+v\n%+v", c[1], first, again)
			}
		}
	}
}

// A file with very many rules costs no more than the bound, and values are cut.
func TestBounds(t *testing.T) {
	rules := strings.TrimSuffix(strings.Repeat(`"Bash(x *)",`, 20000), ",")
	long := strings.Repeat("é", 3000)
	r := resolve(t, input(t, "claude-code", tree{"home/.claude/settings.json": `{"apiKeyHelper":"` + long + `","permissions":{"allow":[` + rules + `]}}`}, false))
	if len(r.Settings) > maxItems+10 {
		t.Errorf("%d settings", len(r.Settings))
	}
	for _, s := range r.Settings {
		if utf8.RuneCountInString(s.Value) > maxValue {
			t.Fatalf("a value of %d characters", utf8.RuneCountInString(s.Value))
		}
	}
}

// What has no entry, no file and no document is unknown, not safe.
func TestEmptyInput(t *testing.T) {
	r := Resolve(Input{})
	if r.Autonomy != "unknown" || r.Sandbox != "unknown" || r.Network != "" || r.Settings == nil || r.Capabilities == nil {
		t.Errorf("%+v", r)
	}
	if st := r.Server(3, "x", nil, "user"); !st.Enabled {
		t.Error("a server of a layer that is not there")
	}
	for i := range catalogue.Embedded().Assistants {
		e := &catalogue.Embedded().Assistants[i]
		in := Input{Entry: e, Scope: "project", Project: shop}
		for j := range e.Files {
			in.Layers = append(in.Layers, Layer{File: &e.Files[j], Scope: e.Files[j].Scope, Path: "~/" + e.Files[j].ID})
		}
		resolve(t, in)
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `null`, `{"permissions":{"defaultMode":7,"allow":{"a":[]},"deny":"x"}}`, `{"permission":[["x"]],"mcp":{"a":null}}`,
		`{"projects":{"` + shop + `":[]},"mcpServers":[{"name":1}],"allowedMcpServers":[{"serverUrl":"***"}]}`, `{"agent":{"tool_permissions":{"tools":[1,{"always_allow":{}}]}}}`,
		`{"amp.permissions":[1,null,{"tool":"Bash","matches":[],"action":"allow"}],"toolPermissions":{"a":{"toolName":[]}}}`, `{"rule":[{"toolName":["a","b"],"decision":"allow","priority":"x"}]}`,
		`{"autoApprovalSettings":{"actions":[]},"approval_policy":{"granular":{}},"allowed_approval_policies":[],"mcp_servers":{"a":{"tools":[1]}}}`} {
		f.Add(s)
	}
	entries := catalogue.Embedded().Assistants
	f.Fuzz(func(t *testing.T, text string) {
		d, _ := doc.Parse(doc.JSONC, []byte(text))
		if d == nil {
			return
		}
		for i := range entries {
			in := Input{Entry: &entries[i], Scope: "project", Project: shop, Env: map[string]string{"OPENCODE_PERMISSION": text}}
			for j := range entries[i].Files {
				l := Layer{File: &entries[i].Files[j], Scope: entries[i].Files[j].Scope, Path: "~/" + entries[i].Files[j].ID, Doc: d}
				if slices.Contains(entries[i].Files[j].AllPaths(), "~/.gemini/policies/*.toml") {
					l.Path = "~/.gemini/policies/a.toml"
				}
				in.Layers = append(in.Layers, l)
			}
			r := Resolve(in)
			if r.Autonomy == "" || r.AutonomyReason == "" {
				t.Fatalf("%s: nothing decided", entries[i].ID)
			}
			for j, l := range in.Layers {
				for _, row := range l.File.Servers {
					for _, box := range d.Match(row.Pointer) {
						for _, n := range box.Children {
							r.Server(j, n.Key, n, l.Scope)
						}
					}
				}
			}
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	t := &testing.T{}
	in := input(t, "claude-code", read(t, "claude"), true)
	b.ReportAllocs()
	for b.Loop() {
		Resolve(in)
	}
}

func TestPlainKey(t *testing.T) {
	for s, want := range map[string]bool{"permissions.defaultMode": true, "/permissions/allow/12": true, "acceptEdits": true, "": true, "a.b/c-d_e": true,
		"gho" + "_FAKE1": false, strings.Repeat("a", 32): false, "a/" + strings.Repeat("9", 8): false, "x y": false, "9a": false, "/p/~1home": false} {
		if plainKey(s) != want {
			t.Errorf("plainKey(%q) = %v", s, !want)
		}
	}
}
