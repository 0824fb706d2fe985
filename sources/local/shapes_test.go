package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/sources"
	"nhitop/sources/local"
)

// Values of the products' files below, marked as fake, put together so that no whole one stands in this file.
var (
	fakeGitHub = "ghp" + "_FAKEMcpnotARealSecret0FAKEMcpn2fglSm"
	fakeOpaque = "FAKE" + "opaqueValue-notARealSecret-00fa4e"
	fakeHex    = "sk-" + strings.Repeat("fa4e", 8)
	fakeAmp    = "sgamp" + "_user_" + strings.Repeat("fa4e", 16)
)

// TestShapes reads what products write of which no whole tree is at hand: the shapes of their documentation and source.
func TestShapes(t *testing.T) {
	for name, c := range map[string]struct {
		files   map[string]string
		kind    string
		secrets map[string]string // place -> kind
		servers map[string]string // name -> transport, with "off" where it may not start
		sets    map[string]string // setting -> value
		mode    inventory.Autonomy
		scope   string
	}{
		"qwen": {
			files: map[string]string{
				"home/.qwen/settings.json": `{"$version":4,"env":{"DASHSCOPE_API_KEY":"` + fakeHex + `","HTTP_TIMEOUT":"30"},
				"modelProviders":{"openai":[{"id":"qwen","envKey":"DASHSCOPE_API_KEY","baseUrl":"https://dashscope.example/v1"}]},
				"security":{"auth":{"selectedType":"openai"}},"tools":{"approvalMode":"yolo"},
				"mcpServers":{"gh":{"httpUrl":"https://api.githubcopilot.com/mcp/","headers":{"Authorization":"Bearer ` + fakeGitHub + `"},"trust":true},
				"old":{"url":"https://mcp.linear.app/sse"},"corp":{"httpUrl":"https://mcp.corp.example","oauth":{"clientId":"a","clientSecret":"` + fakeOpaque + `"}}}}`,
				"home/.qwen/settings.json.orig": `{"env":{"DASHSCOPE_API_KEY":"` + fakeHex + `"}}`,
				"home/.qwen/oauth_creds.json":   `{"access_token":"` + fakeOpaque + `1","refresh_token":"` + fakeOpaque + `2","token_type":"Bearer","expiry_date":1893456000000}`,
			},
			kind: "qwen-code", scope: "user", mode: inventory.AutonomyUnattended,
			secrets: map[string]string{
				"~/.qwen/settings.json/env/DASHSCOPE_API_KEY":               "",
				"~/.qwen/settings.json.orig/env/DASHSCOPE_API_KEY":          "",
				"~/.qwen/settings.json/mcpServers/gh/headers/Authorization": "github-pat-classic",
				"~/.qwen/settings.json/mcpServers/corp/oauth/clientSecret":  "oauth-client-secret",
				"~/.qwen/oauth_creds.json/access_token":                     "oauth-access",
				"~/.qwen/oauth_creds.json/refresh_token":                    "oauth-refresh",
			},
			servers: map[string]string{"gh": "http", "old": "sse", "corp": "http"},
			sets:    map[string]string{"tools.approvalMode": "yolo", "mcpServers.gh.trust": "true", "security.auth.selectedType": "openai"},
		},
		"amazon-q in the IDE": {
			files: map[string]string{
				"home/.aws/amazonq/default.json": `{"mcpServers":{"files":{"type":"stdio","command":"pnpm","args":["-s","dlx","@modelcontextprotocol/server-filesystem@2026.1.14","."]},
				"gh":{"type":"http","url":"https://api.githubcopilot.com/mcp/","headers":{"Authorization":"Bearer ` + fakeGitHub + `"}}},"allowedTools":["@gh"]}`,
			},
			kind: "amazon-q", scope: "user", mode: inventory.AutonomyAsk,
			secrets: map[string]string{"~/.aws/amazonq/default.json/mcpServers/gh/headers/Authorization": "github-pat-classic"},
			servers: map[string]string{"files": "stdio", "gh": "http"},
			sets:    map[string]string{"allowedTools": "@gh"},
		},
		"kilo": {
			files: map[string]string{
				"home/.config/kilo/kilo.jsonc": `{ // written by kilo
				"permission":{"bash":"allow","edit":"ask"},
				"mcp":{"gh":{"type":"local","command":["npx","-y","@modelcontextprotocol/server-github"],"environment":{"GITHUB_PERSONAL_ACCESS_TOKEN":"` + fakeGitHub + `"},"enabled":true},
				"off":{"type":"remote","url":"https://mcp.linear.app/mcp","enabled":false}}}`,
				"home/.local/share/kilo/auth.json": `{"openrouter":{"type":"api","key":"` + fakeOpaque + `"},"anthropic":{"type":"oauth","refresh":"` + fakeOpaque + `1","access":"` + fakeOpaque + `2","expires":1893456000000}}`,
			},
			kind: "kilo-code", scope: "user", mode: inventory.AutonomyAuto,
			secrets: map[string]string{
				"~/.config/kilo/kilo.jsonc/mcp/gh/environment/GITHUB_PERSONAL_ACCESS_TOKEN": "github-pat-classic",
				"~/.local/share/kilo/auth.json/openrouter/key":                              "",
				"~/.local/share/kilo/auth.json/anthropic/refresh":                           "oauth-refresh",
				"~/.local/share/kilo/auth.json/anthropic/access":                            "oauth-access",
			},
			servers: map[string]string{"gh": "stdio", "off": "off"},
			sets:    map[string]string{"permission.bash": "allow", "permission.edit": "ask"},
		},
		"amp": {
			files: map[string]string{
				"home/.config/amp/settings.json": `{"amp.mcpServers":{"gh":{"command":"npx","args":["-y","@modelcontextprotocol/server-github"],"env":{"GITHUB_TOKEN":"` + fakeGitHub + `"}}},
				"amp.permissions":[{"tool":"Bash","action":"allow","matches":{"cmd":"npm *"}}],"amp.dangerouslyAllowAll":true}`,
				"home/.local/share/amp/secrets.json": `{"apiKey@https://ampcode.com/":"` + fakeAmp + `"}`,
			},
			kind: "amp", scope: "user", mode: inventory.AutonomyUnattended,
			secrets: map[string]string{
				"~/.config/amp/settings.json/amp.mcpServers/gh/env/GITHUB_TOKEN": "github-pat-classic",
				"~/.local/share/amp/secrets.json/apiKey@https:~1~1ampcode.com~1": "",
			},
			servers: map[string]string{"gh": "stdio"},
			sets:    map[string]string{"amp.dangerouslyAllowAll": "true"},
		},
		"cline": {
			files: map[string]string{
				"home/.cline/data/settings/providers.json": `{"providers":{"openai":{"settings":{"provider":"openai","apiKey":"` + fakeOpaque + `","model":"gpt"},"tokenSource":"manual"}},"lastUsedProvider":"openai"}`,
				"home/.cline/data/settings/cline_mcp_settings.json": `{"mcpServers":{"gh":{"transport":{"type":"stdio","command":"npx","args":["-y","@modelcontextprotocol/server-github"],"env":{"GITHUB_TOKEN":"` + fakeGitHub + `"}}},
				"web":{"transport":{"type":"streamableHttp","url":"https://mcp.linear.app/mcp","headers":{"Authorization":"Bearer ` + fakeOpaque + `1"}},"oauth":{"tokens":{"access_token":"` + fakeOpaque + `2","refresh_token":"` + fakeOpaque + `3"}},"disabled":true,"autoApprove":["get_issue"]}}}`,
				"home/.cline/data/globalState.json": `{"autoApprovalSettings":{"actions":{"executeAllCommands":false,"executeSafeCommands":false,"editFiles":false,"useMcp":false}}}`,
			},
			kind: "cline", scope: "user", mode: inventory.AutonomyAsk,
			secrets: map[string]string{
				"~/.cline/data/settings/providers.json/providers/openai/settings/apiKey":                        "",
				"~/.cline/data/settings/cline_mcp_settings.json/mcpServers/gh/transport/env/GITHUB_TOKEN":       "github-pat-classic",
				"~/.cline/data/settings/cline_mcp_settings.json/mcpServers/web/transport/headers/Authorization": "",
				"~/.cline/data/settings/cline_mcp_settings.json/mcpServers/web/oauth/tokens/access_token":       "oauth-access",
				"~/.cline/data/settings/cline_mcp_settings.json/mcpServers/web/oauth/tokens/refresh_token":      "oauth-refresh",
			},
			servers: map[string]string{"gh": "stdio", "web": "off"},
			sets:    map[string]string{"autoApprovalSettings.actions.executeAllCommands": "false", "mcpServers.web.autoApprove": "get_issue"},
		},
		"augment": {
			files: map[string]string{
				"home/.augment/session.json":  `{"accessToken":"` + fakeOpaque + `","tenantURL":"https://d1.api.augment.example/","scopes":["read","write"]}`,
				"home/.augment/settings.json": `{"mcpServers":{"gh":{"type":"stdio","command":"npx","args":["-y","@modelcontextprotocol/server-github"],"env":{"GITHUB_TOKEN":"` + fakeGitHub + `"}}},"toolPermissions":[{"toolName":"launch-process","permission":{"type":"ask-user"}}]}`,
			},
			kind: "augment", scope: "user", mode: "",
			secrets: map[string]string{
				"~/.augment/session.json/accessToken":                     "",
				"~/.augment/settings.json/mcpServers/gh/env/GITHUB_TOKEN": "github-pat-classic",
			},
			servers: map[string]string{"gh": "stdio"},
			sets:    map[string]string{"toolPermissions": "launch-process"},
		},
		"droid": {
			files: map[string]string{
				"home/.factory/mcp.json":      `{"mcpServers":{"gh":{"type":"stdio","command":"npx","args":["-y","@modelcontextprotocol/server-github"],"env":{"GITHUB_TOKEN":"` + fakeGitHub + `"},"disabled":false},"web":{"type":"http","url":"https://mcp.linear.app/mcp","disabled":true}}}`,
				"home/.factory/settings.json": `{"autonomyLevel":"high","commandAllowlist":["npm test"],"commandDenylist":["rm -rf /"],"customModels":[{"model":"x","apiKey":"` + fakeOpaque + `","baseUrl":"https://llm.corp.example"}]}`,
				"home/.factory/auth.v2.file":  "00112233:44556677",
			},
			kind: "factory-droid", scope: "user", mode: inventory.AutonomyUnattended,
			secrets: map[string]string{
				"~/.factory/mcp.json/mcpServers/gh/env/GITHUB_TOKEN": "github-pat-classic",
				"~/.factory/settings.json/customModels/0/apiKey":     "",
				"~/.factory/auth.v2.file":                            "encrypted-keychain-file",
			},
			servers: map[string]string{"gh": "stdio", "web": "off"},
			sets:    map[string]string{"autonomyLevel": "high", "commandAllowlist": "npm test", "commandDenylist": "rm -rf /"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := scanFiles(t, c.files)
			i := slices.IndexFunc(got.Assistants, func(a inventory.Assistant) bool { return a.Kind == c.kind && a.Scope == c.scope })
			if i < 0 {
				t.Fatalf("no %s", c.kind)
			}
			a := got.Assistants[i]
			if c.mode != "" && a.Autonomy != c.mode {
				t.Errorf("autonomy %s (%s), want %s", a.Autonomy, a.AutonomyReason, c.mode)
			}
			shapesSecrets(t, got, c.secrets)
			for server, want := range c.servers {
				j := slices.IndexFunc(got.Tools, func(x inventory.Tool) bool { return x.Name == server && x.Assistant == a.ID })
				if j < 0 {
					t.Errorf("server %s is not reported", server)
				} else if x := got.Tools[j]; want == "off" && x.Enabled || want != "off" && (!x.Enabled || x.Transport != want) {
					t.Errorf("server %s: %s, enabled %v (%s), want %s", server, x.Transport, x.Enabled, x.EnabledReason, want)
				}
			}
			for name, value := range c.sets {
				if !slices.ContainsFunc(a.Settings, func(s inventory.Setting) bool { return s.Name == name && strings.Contains(s.Value, value) }) {
					t.Errorf("setting %s = %s is not reported", name, value)
				}
			}
			text := fmt.Sprintf("%+v", got)
			for _, v := range []string{fakeGitHub, fakeOpaque, fakeHex, fakeAmp} {
				if strings.Contains(text, v) {
					t.Error("a value is in the records")
				}
			}
		})
	}
}

func shapesSecrets(t *testing.T, got inventory.Records, want map[string]string) {
	t.Helper()
	for place, kind := range want {
		found := false
		for _, s := range got.Secrets {
			for _, l := range s.Locations {
				if l.Path+l.Pointer == place {
					found = true
					if kind != "" && s.Kind != kind {
						t.Errorf("%s is %s, want %s", place, s.Kind, kind)
					}
				}
			}
		}
		if !found {
			t.Errorf("secret at %s is not reported", place)
		}
	}
	for _, s := range got.Secrets {
		for _, l := range s.Locations {
			if _, ok := want[l.Path+l.Pointer]; !ok {
				t.Errorf("%s%s is reported as a secret (%s)", l.Path, l.Pointer, s.Kind)
			}
		}
	}
}

// scanFiles reads a home and a repository with these files.
func scanFiles(t *testing.T, files map[string]string) inventory.Records {
	t.Helper()
	dir := resolved(t)
	for _, sub := range []string{"home", "repo", "root"} {
		check(t, os.MkdirAll(filepath.Join(dir, sub), 0o700))
	}
	for name, text := range files {
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	o := local.Defaults()
	o.Root = filepath.Join(dir, "root")
	now := func() time.Time { return corpusNow }
	src, err := local.New(o, sources.Env{Now: now, Home: filepath.Join(dir, "home"), Paths: []string{filepath.Join(dir, "repo")}, Explicit: true})
	check(t, err)
	sink := inventory.NewSink("local", inventory.Key{7}, now)
	check(t, src.Collect(t.Context(), sink))
	return merge.Merge([]inventory.Batch{sink.Batch()}, nil)
}
