package local_test

import (
	"fmt"
	"maps"
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
		"kilo in every place": {
			files: map[string]string{
				"home/.kilocode/opencode.json":     `{"mcp":{"gh":{"type":"local","command":["npx","x","--api-key","` + fakeOpaque + `1"],"environment":{"GITHUB_TOKEN":"` + fakeGitHub + `","X":"{env:MY_TOKEN}"}}}}`,
				"home/.local/share/kilo/auth.json": `{"wk":{"type":"wellknown","key":"WK_TOKEN","token":"` + fakeOpaque + `2"}}`,
			},
			kind: "kilo-code", scope: "user", mode: inventory.AutonomyAutoEdit,
			secrets: map[string]string{
				"~/.kilocode/opencode.json/mcp/gh/environment/GITHUB_TOKEN": "github-pat-classic",
				"~/.kilocode/opencode.json/mcp/gh/command/3":                "",
				"~/.local/share/kilo/auth.json/wk/token":                    "opaque-bearer",
			},
			servers: map[string]string{"gh": "stdio"},
		},
		"opencode beside the home": {
			files: map[string]string{"home/.opencode/opencode.jsonc": `{"tools":{"bash":false},"mcp":{"gh":{"type":"remote","url":"https://mcp.example.com/mcp?api_key=` + fakeOpaque + `"}}}`},
			kind:  "opencode", scope: "user", mode: inventory.AutonomyAutoEdit,
			secrets: map[string]string{"~/.opencode/opencode.jsonc/mcp/gh/url": ""},
			servers: map[string]string{"gh": "http"},
			sets:    map[string]string{"tools": "bash"},
		},
		"qwen channels and headers": {
			files: map[string]string{
				"home/.qwen/settings.json": `{"$version":4,"channels":{"tg":{"type":"telegram","token":"` + fakeOpaque + `1","approvalMode":"yolo"},"dd":{"type":"dingtalk","clientId":"a","clientSecret":"` + fakeOpaque + `2"},"ref":{"type":"telegram","token":"$TELEGRAM_BOT_TOKEN"}},
				"model":{"generationConfig":{"customHeaders":{"Authorization":"Bearer ` + fakeOpaque + `3"}}},"hooks":{"PreToolUse":[{"hooks":[{"type":"http","url":"https://audit.example.com/x"}]}]}}`,
				"home/.qwen/channels/weixin/account.json": `{"token":"` + fakeOpaque + `4","baseUrl":"https://w.example.com","userId":"u","savedAt":"2026-11-23T00:00:00Z"}`,
				"home/.qwen/mcp-oauth-tokens-v2.json":     "00112233:44556677:8899",
			},
			kind: "qwen-code", scope: "user", mode: inventory.AutonomyAsk,
			secrets: map[string]string{
				"~/.qwen/settings.json/channels/tg/token":                                  "",
				"~/.qwen/settings.json/channels/dd/clientSecret":                           "oauth-client-secret",
				"~/.qwen/settings.json/model/generationConfig/customHeaders/Authorization": "",
				"~/.qwen/channels/weixin/account.json/token":                               "",
				"~/.qwen/mcp-oauth-tokens-v2.json":                                         "encrypted-keychain-file",
			},
			sets: map[string]string{"channels.tg.approvalMode": "yolo", "hooks.PreToolUse.hooks.url": "audit.example.com"},
		},
		"amp logins": {
			files: map[string]string{
				"home/.config/amp/settings.json":     `{"amp.mcpTrustedServers":[{"serverName":"gh","specHash":"` + strings.Repeat("0f", 32) + `","allow":true}],"amp.permissions":[{"tool":"*","action":"delegate","to":"helper"}]}`,
				"home/.amp/oauth/corp-client.json":   `{"clientId":"cid","redirectUrl":"http://localhost:8976/oauth/callback","scopes":["read"],"serverUrl":"https://mcp.corp.example/mcp"}`,
				"home/.local/share/amp/secrets.json": `{"mcp-oauth-client-secret@https://mcp.corp.example/mcp#corp":"` + fakeOpaque + `1","mcp-oauth-token@https://mcp.corp.example/mcp#corp":"{\"accessToken\":\"` + fakeOpaque + `2\",\"refreshToken\":\"` + fakeOpaque + `3\"}"}`,
			},
			kind: "amp", scope: "user", mode: inventory.AutonomyUnknown,
			secrets: map[string]string{
				"~/.local/share/amp/secrets.json/mcp-oauth-client-secret@https:~1~1mcp.corp.example~1mcp#corp": "oauth-client-secret",
				"~/.local/share/amp/secrets.json/mcp-oauth-token@https:~1~1mcp.corp.example~1mcp#corp":         "oauth-access",
			},
			sets: map[string]string{"amp.mcpTrustedServers": "gh"},
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
		"cline's program": {
			files: map[string]string{
				"home/.cline/data/settings/global-settings.json": `{"toolAutoApprove":false,"autoUpdateEnabled":true,"telemetryOptOut":false,"disabledTools":["run_commands"]}`,
				"home/.cline/data/settings/providers.json":       `{"version":1,"providers":{"bedrock":{"settings":{"provider":"bedrock","apiKey":"` + fakeOpaque + `"}},"sap":{"settings":{"sap":{"clientId":"a","clientSecret":"` + fakeOpaque + `1"}}}}}`,
				"home/.cline/data/settings/cline_mcp_settings.json": `{"mcpServers":{"corp":{"transport":{"type":"streamableHttp","url":"https://mcp.corp.example"},"oauthClient":{"clientId":"a","clientSecret":"` + fakeOpaque + `2"}},
				"pg":{"transport":{"type":"stdio","command":"npx","args":["-y","@modelcontextprotocol/server-postgres","postgresql://app:` + fakeOpaque + `3@db.example.com/shop"]}}}}`,
			},
			kind: "cline", scope: "user", mode: inventory.AutonomyAsk,
			secrets: map[string]string{
				"~/.cline/data/settings/providers.json/providers/bedrock/settings/apiKey":                 "bedrock-key",
				"~/.cline/data/settings/providers.json/providers/sap/settings/sap/clientSecret":           "oauth-client-secret",
				"~/.cline/data/settings/cline_mcp_settings.json/mcpServers/corp/oauthClient/clientSecret": "oauth-client-secret",
				"~/.cline/data/settings/cline_mcp_settings.json/mcpServers/pg/transport/args/2":           "connection-url-password",
			},
			servers: map[string]string{"corp": "http", "pg": "stdio"},
			sets:    map[string]string{"toolAutoApprove": "false", "disabledTools": "run_commands"},
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
				"home/.factory/mcp.json": `{"mcpServers":{"gh":{"type":"stdio","command":"npx","args":["-y","@modelcontextprotocol/server-github"],"env":{"GITHUB_TOKEN":"` + fakeGitHub + `"},"disabled":false},"web":{"type":"http","url":"https://mcp.linear.app/mcp","disabled":true}},
				"persistentPermissions":{"tools":{"gh":{"create_issue":{"approvedAt":"2026-11-23T16:00:00Z","impactLevel":"medium"}}}}}`,
				"home/.factory/settings.json": `{"sessionDefaultSettings":{"interactionMode":"auto","autonomyLevel":"high","autonomyMode":"auto-high"},"sandbox":{"enabled":true},"commandAllowlist":["npm test"],"commandDenylist":["rm -rf /"],
				"customModels":[{"model":"x","apiKey":"` + fakeOpaque + `","baseUrl":"https://llm.corp.example"}]}`,
				"home/.factory/auth.v2.file":               "00112233:44556677",
				"home/.factory/mcp-oauth.v2.file":          "00112233:44556677",
				"home/.factory/state/last-startup-version": "0.225.2",
			},
			kind: "factory-droid", scope: "user", mode: inventory.AutonomyUnattended,
			secrets: map[string]string{
				"~/.factory/mcp.json/mcpServers/gh/env/GITHUB_TOKEN": "github-pat-classic",
				"~/.factory/settings.json/customModels/0/apiKey":     "",
				"~/.factory/auth.v2.file":                            "encrypted-keychain-file",
				"~/.factory/mcp-oauth.v2.file":                       "encrypted-keychain-file",
			},
			servers: map[string]string{"gh": "stdio", "web": "off"},
			sets:    map[string]string{"sessionDefaultSettings.autonomyLevel": "high", "sandbox.enabled": "true", "commandAllowlist": "npm test", "commandDenylist": "rm -rf /"},
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

// TestRepositoryServers says for products without an answer that is kept, and for those that keep one, whether a server of
// the repository starts.
func TestRepositoryServers(t *testing.T) {
	const trusted = `{"trustedFolders":{"REPO":{"trustedAt":"2026-11-23T16:00:00.000Z"}}}`
	entry := `{"mcpServers":{"web":{"type":"http","url":"https://mcp.linear.app/mcp"}}}`
	for name, c := range map[string]struct {
		files            map[string]string
		approval, reason string
	}{
		"augment has no question":  {map[string]string{"home/.augment/settings.json": `{}`, "repo/.augment/settings.json": entry}, "", ""},
		"droid, folder trusted":    {map[string]string{"home/.factory/settings.json": trusted, "repo/.factory/mcp.json": entry}, "approved", "the folder is trusted"},
		"droid, folder not named":  {map[string]string{"home/.factory/settings.json": `{}`, "repo/.factory/mcp.json": entry}, "pending", "droid exec starts it all the same"},
		"copilot, nothing on file": {map[string]string{"home/.copilot/mcp-config.json": `{}`, "repo/.github/mcp.json": entry}, "pending", "trust"},
	} {
		t.Run(name, func(t *testing.T) {
			got := scanFiles(t, c.files)
			if len(got.Tools) != 1 {
				t.Fatalf("%d servers", len(got.Tools))
			}
			if x := got.Tools[0]; !x.Enabled || x.Approval != c.approval || !strings.Contains(x.EnabledReason, c.reason) || (c.reason == "") != (x.EnabledReason == "") {
				t.Errorf("enabled %v, %q (%s)", x.Enabled, x.Approval, x.EnabledReason)
			}
		})
	}
}

// TestClaudePlugins: of the copies that installing from a marketplace leaves behind, the one counts that is enabled and named.
func TestClaudePlugins(t *testing.T) {
	dir := "home/.claude/plugins/cache/corp/"
	got := scanFiles(t, map[string]string{
		"home/.claude/settings.json":                   `{"enabledPlugins":{"tools@corp":true,"off@corp":false}}`,
		"home/.claude/plugins/installed_plugins.json":  `{"version":2,"plugins":{"tools@corp":[{"scope":"user","installPath":"/home/dev/.claude/plugins/cache/corp/tools/1.2.3","version":"1.2.3"}],"off@corp":[{"installPath":"/home/dev/.claude/plugins/cache/corp/off/1.0.0"}]}}`,
		dir + "tools/1.2.3/.claude-plugin/plugin.json": `{"name":"tools","version":"1.2.3","mcpServers":{"inside":{"command":"npx","args":["-y","foo-mcp"],"env":{"FOO_TOKEN":"` + fakeOpaque + `"}}}}`,
		dir + "tools/1.2.3/.mcp.json":                  `{"mcpServers":{"beside":{"type":"http","url":"https://mcp.corp.example","headers":{"X-Api-Key":"` + fakeOpaque + `1"}}}}`,
		dir + "tools/1.2.3/hooks/hooks.json":           `{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"notify-stop"}]}]}}`,
		dir + "tools/1.1.0/.mcp.json":                  `{"mcpServers":{"older":{"type":"http","url":"https://old.corp.example"}}}`,
		dir + "off/1.0.0/.mcp.json":                    `{"mcpServers":{"offed":{"type":"http","url":"https://off.corp.example"}}}`,
		dir + "gone/1.0.0/.mcp.json":                   `{"mcpServers":{"forgotten":{"type":"http","url":"https://gone.corp.example"}}}`,
	})
	for name, reason := range map[string]string{"inside": "", "beside": "", "older": "this version", "offed": "switches the plugin off", "forgotten": "no settings enable"} {
		i := slices.IndexFunc(got.Tools, func(x inventory.Tool) bool { return x.Name == name })
		if i < 0 {
			t.Errorf("%s is not reported", name)
		} else if x := got.Tools[i]; x.Enabled != (reason == "") || !strings.Contains(x.EnabledReason, reason) {
			t.Errorf("%s: enabled %v (%s)", name, x.Enabled, x.EnabledReason)
		}
	}
	shapesSecrets(t, got, map[string]string{
		"~/.claude/plugins/cache/corp/tools/1.2.3/.claude-plugin/plugin.json/mcpServers/inside/env/FOO_TOKEN": "",
		"~/.claude/plugins/cache/corp/tools/1.2.3/.mcp.json/mcpServers/beside/headers/X-Api-Key":              "",
	})
	if a := got.Assistants[0]; !slices.ContainsFunc(a.Settings, func(s inventory.Setting) bool { return s.Value == "notify-stop" && s.Effective }) {
		t.Error("the plugin's hook is not reported")
	}
}

// TestOtherPlugins: Codex reads plugin.json before .mcp.json, droid mcp.json alone.
func TestOtherPlugins(t *testing.T) {
	one := func(name string) string {
		return `{"name":"tools","mcpServers":{"` + name + `":{"type":"http","url":"https://mcp.corp.example"}}}`
	}
	codex, droid := "home/.codex/plugins/cache/corp/", "home/.factory/plugins/cache/corp-0123456789ab/tools-0123456789ac/"
	got := scanFiles(t, map[string]string{
		"home/.codex/config.toml":                          "[plugins.\"tools@corp\"]\nenabled = true\n[plugins.\"off@corp\"]\nenabled = false\n",
		codex + "tools/1.2.3/.claude-plugin/plugin.json":   one("codex-inside"),
		codex + "tools/1.2.3/.mcp.json":                    one("codex-beside"),
		codex + "off/1.0.0/.mcp.json":                      one("codex-off"),
		"home/.factory/settings.json":                      `{"enabledPlugins":{"tools@corp":true}}`,
		"home/.factory/plugins/installed_plugins/t.json":   `{"pluginId":"tools@corp","entry":{"installPath":"/home/dev/.factory/plugins/cache/corp-0123456789ab/tools-0123456789ac/10f870bf71d5"}}`,
		droid + "10f870bf71d5/.factory-plugin/plugin.json": one("droid-inside"),
		droid + "10f870bf71d5/mcp.json":                    one("droid-beside"),
		droid + "000000000000/mcp.json":                    one("droid-older"),
	})
	enabled := map[string]string{}
	for _, x := range got.Tools {
		enabled[x.Name] = fmt.Sprint(x.Enabled)
	}
	want := map[string]string{"codex-inside": "true", "codex-beside": "false", "codex-off": "false", "droid-beside": "true", "droid-older": "false"}
	if !maps.Equal(enabled, want) {
		t.Errorf("enabled: %v, want %v", enabled, want)
	}
}

// TestURLUserIsNobody: USER@HOST of a connection URL has the form of a mail address and names a login at that host.
func TestURLUserIsNobody(t *testing.T) {
	got := scanFiles(t, map[string]string{"home/.factory/mcp.json": `{"mcpServers":{"pg":{"type":"stdio","command":"npx","args":["-y","@modelcontextprotocol/server-postgres","postgresql://app:` + fakeOpaque + `@db.example.com/shop"]}}}`})
	if len(got.Secrets) != 1 || got.Secrets[0].Account != "app@db.example.com" {
		t.Fatalf("%d secrets: %+v", len(got.Secrets), got.Secrets)
	}
	if len(got.Secrets[0].Owners) != 0 || len(got.Owners) != 0 {
		t.Errorf("owners: %+v", got.Owners)
	}
}

// TestFoldersOfTranscripts: a folder that is never opened is said to be there and not opened, with the reason.
func TestFoldersOfTranscripts(t *testing.T) {
	got := scanLedger(t, map[string]string{"home/.factory/mcp.json": `{}`, "home/.factory/sessions/a.jsonl": "{}"})
	i := slices.IndexFunc(got, func(l inventory.Looked) bool { return l.Path == "~/.factory/sessions" })
	if i < 0 || got[i].State != inventory.LookedNotOpened || !strings.Contains(got[i].Reason, "transcripts") {
		t.Errorf("ledger: %+v", got)
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
	return merge.Merge([]inventory.Batch{scanBatch(t, files)}, nil)
}

func scanLedger(t *testing.T, files map[string]string) []inventory.Looked {
	t.Helper()
	return scanBatch(t, files).Ledger
}

func scanBatch(t *testing.T, files map[string]string) inventory.Batch {
	t.Helper()
	dir := resolved(t)
	for _, sub := range []string{"home", "repo", "root"} {
		check(t, os.MkdirAll(filepath.Join(dir, sub), 0o700))
	}
	for name, text := range files {
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		text = strings.ReplaceAll(text, "REPO", filepath.ToSlash(filepath.Join(dir, "repo")))
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	o := local.Defaults()
	o.Root = filepath.Join(dir, "root")
	now := func() time.Time { return corpusNow }
	src, err := local.New(o, sources.Env{Now: now, Home: filepath.Join(dir, "home"), Paths: []string{filepath.Join(dir, "repo")}, Explicit: true})
	check(t, err)
	sink := inventory.NewSink("local", inventory.Key{7}, now)
	check(t, src.Collect(t.Context(), sink))
	return sink.Batch()
}
