package mode

import (
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// outcome is what a small tree must come to. Empty fields are not compared, "-" stands for the empty value.
type outcome struct {
	id       string
	files    tree
	env      map[string]string
	user     bool
	autonomy inventory.Autonomy
	because  string
	headless inventory.Autonomy
	gap      string // part of the headless reason
	sandbox  inventory.Sandbox
	network  string
	trust    string
	caps     map[inventory.Capability]inventory.Answer
	off      map[string]string // "name=value" of settings without effect -> part of why
	on       []string          // "name=value" of settings with effect
}

func check(t *testing.T, tests map[string]outcome) {
	t.Helper()
	for name, o := range tests {
		t.Run(o.id+"/"+name, func(t *testing.T) {
			in := input(t, o.id, o.files, !o.user)
			in.Env = o.env
			r := resolve(t, in)
			same := func(what, got, want string) {
				if want != "" && got != strings.TrimPrefix(want, "-") {
					t.Errorf("%s %q, want %q", what, got, want)
				}
			}
			same("autonomy", string(r.Autonomy), string(o.autonomy))
			same("headless", string(r.Headless), string(o.headless))
			same("sandbox", string(r.Sandbox), string(o.sandbox))
			same("network", r.Network, o.network)
			same("trust", r.Trust.State, o.trust)
			if !strings.Contains(r.AutonomyReason, o.because) || !strings.Contains(r.HeadlessReason, o.gap) {
				t.Errorf("reasons %q and %q, want %q and %q", r.AutonomyReason, r.HeadlessReason, o.because, o.gap)
			}
			for c, want := range o.caps {
				if r.Capabilities[c] != want {
					t.Errorf("%s: %s, want %s", c, r.Capabilities[c], want)
				}
			}
			seen := map[string]inventory.Setting{}
			for _, s := range r.Settings {
				if k := s.Name + "=" + s.Value; s.Scope != "default" {
					seen[k] = s
				}
			}
			for k, why := range o.off {
				if s, ok := seen[k]; !ok || s.Effective || !strings.Contains(s.Why, why) {
					t.Errorf("%s is %+v, want without effect for %q", k, s, why)
				}
			}
			for _, k := range o.on {
				if s, ok := seen[k]; !ok || !s.Effective {
					t.Errorf("%s is %+v, want with effect", k, s)
				}
			}
			if t.Failed() {
				t.Logf("%s (%s), settings %+v", r.Autonomy, r.AutonomyReason, r.Settings)
			}
		})
	}
}

type caps = map[inventory.Capability]inventory.Answer

const claudeTrusted = `{"projects":{"` + shop + `":{"hasTrustDialogAccepted":true}}}`

func TestClaudeMode(t *testing.T) {
	bypass := `{"permissions":{"defaultMode":"bypassPermissions"}}`
	base := tree{"home/.claude.json": claudeTrusted}
	managed := base.with(read(t, "editors-synthetic").only("etc/claude-code/"))
	check(t, map[string]outcome{
		"nothing": {id: "claude-code", files: base, autonomy: "ask", because: "product default", sandbox: "none", network: "open", headless: "-", trust: "trusted",
			caps: caps{"exec-local": "asks", "write-source": "asks", "network-out": "asks", "read-source": "yes"}},
		"accept edits": {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"defaultMode":"acceptEdits"}}`}), autonomy: "auto-edit",
			caps: caps{"write-source": "yes", "exec-local": "asks"}},
		"plan":               {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"defaultMode":"plan","allow":["Bash"]}}`}), autonomy: "suggest"},
		"auto from the user": {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"defaultMode":"auto"}}`}), autonomy: "auto"},
		"auto from a project": {id: "claude-code", files: base.with(tree{"repo/.claude/settings.json": `{"permissions":{"defaultMode":"auto"}}`}), autonomy: "ask",
			off: map[string]string{"permissions.defaultMode=auto": "ignored in a project's files"}},
		"auto from a local file": {id: "claude-code", files: base.with(tree{"repo/.claude/settings.local.json": `{"permissions":{"defaultMode":"auto"}}`}), autonomy: "ask",
			off: map[string]string{"permissions.defaultMode=auto": "ignored"}},
		"bypass from a project": {id: "claude-code", files: base.with(tree{"repo/.claude/settings.json": bypass}), autonomy: "unattended", because: "shows a warning first",
			caps: caps{"exec-local": "yes", "write-source": "yes", "network-out": "yes"}},
		"the warning accepted by the user": {id: "claude-code", files: base.with(tree{"repo/.claude/settings.json": bypass, "home/.claude/settings.json": `{"skipDangerousModePermissionPrompt":true}`}),
			autonomy: "unattended", because: "accepted for good in ~/.claude/settings.json"},
		"the warning accepted by the project": {id: "claude-code", files: base.with(tree{"repo/.claude/settings.json": `{"skipDangerousModePermissionPrompt":true,"permissions":{"defaultMode":"bypassPermissions"}}`}),
			autonomy: "unattended", because: "shows a warning first", off: map[string]string{"skipDangerousModePermissionPrompt=true": "not read from a project file"}},
		"local over project": {id: "claude-code", files: base.with(tree{"repo/.claude/settings.json": bypass, "repo/.claude/settings.local.json": `{"permissions":{"defaultMode":"default"}}`}), autonomy: "ask",
			off: map[string]string{"permissions.defaultMode=bypassPermissions": "overridden by ~/src/shop/.claude/settings.local.json"}},
		"managed over local": {id: "claude-code", files: base.with(tree{"etc/claude-code/managed-settings.json": `{"permissions":{"defaultMode":"plan"}}`, "repo/.claude/settings.local.json": bypass}), autonomy: "suggest"},
		"bypass forbidden": {id: "claude-code", files: managed.with(tree{"repo/.claude/settings.json": bypass}), autonomy: "ask", because: "disableBypassPermissionsMode",
			off: map[string]string{"permissions.defaultMode=bypassPermissions": "forbids"}},
		"managed rules only": {id: "claude-code", files: managed.with(tree{"home/.claude/settings.json": `{"permissions":{"allow":["Bash"]}}`}), autonomy: "ask",
			off: map[string]string{"permissions.allow=Bash": "only managed rules"}, on: []string{"permissions.deny=Read(~/.aws/**)"}},
		"the same key outside managed settings": {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"allowManagedPermissionRulesOnly":true,"permissions":{"allow":["Bash"]}}`}), autonomy: "auto",
			on: []string{"permissions.allow=Bash"}, off: map[string]string{"allowManagedPermissionRulesOnly=true": "managed settings only"}},
		"the server's policy before the file's": {id: "claude-code", files: managed.with(tree{"home/.claude/remote-settings.json": `{"cleanupPeriodDays":3}`, "repo/.claude/settings.json": bypass}), autonomy: "unattended",
			off: map[string]string{"permissions.disableBypassPermissionsMode=disable": "comes first"}},
		"an empty policy of the server": {id: "claude-code", files: managed.with(tree{"home/.claude/remote-settings.json": `{}`, "repo/.claude/settings.json": bypass}), autonomy: "ask"},
		"all commands allowed": {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"allow":["Bash(*)"]}}`}), autonomy: "auto", because: "allows every command",
			caps: caps{"exec-local": "yes", "write-source": "yes", "network-out": "yes"}},
		"some commands allowed":                 {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"allow":["Bash(npm run *)"]}}`}), autonomy: "ask", caps: caps{"exec-local": "asks"}},
		"all commands allowed and denied":       {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"allow":["Bash"],"deny":["Bash"]}}`}), autonomy: "ask", caps: caps{"exec-local": "no"}},
		"all commands allowed and asked":        {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"allow":["Bash"],"ask":["Bash"]}}`}), autonomy: "ask", caps: caps{"exec-local": "asks"}},
		"fetching denied, commands not":         {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"deny":["WebFetch"]}}`}), caps: caps{"network-out": "asks", "exec-local": "asks"}},
		"fetching and commands denied":          {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"deny":["WebFetch","Bash"]}}`}), caps: caps{"network-out": "no", "exec-local": "no"}},
		"edits allowed":                         {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"allow":["Edit"]}}`}), autonomy: "auto-edit", caps: caps{"write-source": "yes", "exec-local": "asks"}},
		"a project's rules in a trusted folder": {id: "claude-code", files: base.with(tree{"repo/.claude/settings.json": `{"permissions":{"allow":["Bash"]}}`}), autonomy: "auto", on: []string{"permissions.allow=Bash"}},
		"a project's rules in a folder not trusted": {id: "claude-code", files: tree{"home/.claude.json": `{"projects":{}}`, "repo/.claude/settings.json": `{"permissions":{"allow":["Bash"],"deny":["Edit"]}}`}, autonomy: "ask", trust: "untrusted",
			off: map[string]string{"permissions.allow=Bash": "waits for trust"}, on: []string{"permissions.deny=Edit"}},
		"bypass in a folder not trusted": {id: "claude-code", files: tree{"home/.claude.json": `{"projects":{}}`, "repo/.claude/settings.json": bypass}, autonomy: "ask", headless: "unattended", gap: "asks for no trust",
			off: map[string]string{"permissions.defaultMode=bypassPermissions": "not trusted"}},
		"trust not known": {id: "claude-code", files: tree{"repo/.claude/settings.json": bypass}, autonomy: "unattended", because: "once the folder is trusted", trust: "-"},
		"headless gap":    {id: "claude-code", files: base.with(tree{"repo/.mcp.json": `{"mcpServers":{"a":{"command":"x"}}}`, "repo/.claude/settings.json": `{"apiKeyHelper":"x","hooks":{"Stop":[{"hooks":[{"type":"command","command":"y"}]}]}}`}), headless: "-", gap: "every server of ~/src/shop/.mcp.json, project hooks, helper commands"},
		"no headless gap": {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"apiKeyHelper":"x"}`}), headless: "-", gap: ""},
		"hooks and helpers of a folder not trusted": {id: "claude-code", files: tree{"home/.claude.json": `{"projects":{}}`, "repo/.claude/settings.json": `{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"y"}]}]}}`, "repo/.mcp.json": `{"mcpServers":{"a":{"url":"https://a.example","headersHelper":"z"}}}`},
			gap: "project hooks", on: []string{"hooks.Stop=y"}, off: map[string]string{"mcpServers.a.headersHelper=z": "waits for trust"}},
		"hooks switched off": {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"disableAllHooks":true}`, "repo/.claude/settings.json": `{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"y"}]}]}}`}),
			off: map[string]string{"hooks.Stop=y": "disableAllHooks"}},
		"a mode of the future":      {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"permissions":{"defaultMode":"warp"}}`}), autonomy: "unknown", because: "not known here"},
		"sandbox":                   {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"sandbox":{"enabled":true}}`}), autonomy: "auto", sandbox: "workspace", network: "allowlist", caps: caps{"exec-local": "yes"}},
		"sandbox that asks":         {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"sandbox":{"enabled":true,"autoAllowBashIfSandboxed":false}}`}), autonomy: "ask", sandbox: "workspace"},
		"sandbox open to all hosts": {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"sandbox":{"enabled":true,"network":{"allowedDomains":["*"]}}}`}), network: "open"},
		"sandbox off":               {id: "claude-code", files: base.with(tree{"home/.claude/settings.json": `{"sandbox":{"enabled":false,"network":{"allowedDomains":["a.example"]}}}`}), sandbox: "none", network: "open"},
		"the user alone":            {id: "claude-code", user: true, files: base.with(tree{"home/.claude/settings.json": bypass}), autonomy: "unattended", trust: "-"},
	})
}

func TestCodexMode(t *testing.T) {
	trusted := "[projects.\"" + shop + "\"]\ntrust_level = \"trusted\"\n"
	conf := func(top, rest string) tree { return tree{"home/.codex/config.toml": top + trusted + rest} }
	ceiling := read(t, "editors-synthetic").only("etc/codex/")
	check(t, map[string]outcome{
		"trusted":                {id: "codex", files: conf("", ""), autonomy: "auto", sandbox: "workspace", network: "none", headless: "unattended", trust: "trusted", caps: caps{"exec-local": "yes", "write-source": "yes", "network-out": "no"}},
		"untrusted":              {id: "codex", files: tree{"home/.codex/config.toml": "[projects.\"" + shop + "\"]\ntrust_level = \"untrusted\"\n"}, autonomy: "ask", because: "untrusted folder", sandbox: "workspace", trust: "untrusted"},
		"undecided":              {id: "codex", files: tree{"home/.codex/config.toml": "model = \"x\"\n"}, autonomy: "ask", trust: "untrusted", caps: caps{"write-source": "asks", "network-out": "no"}},
		"never":                  {id: "codex", files: conf("approval_policy = \"never\"\n", ""), autonomy: "unattended", sandbox: "workspace", headless: "-"},
		"never and no sandbox":   {id: "codex", files: conf("approval_policy = \"never\"\nsandbox_mode = \"danger-full-access\"\n", ""), autonomy: "unattended", sandbox: "none", network: "open", caps: caps{"network-out": "yes"}},
		"never and read only":    {id: "codex", files: conf("approval_policy = \"never\"\nsandbox_mode = \"read-only\"\n", ""), autonomy: "suggest", sandbox: "workspace", caps: caps{"write-source": "no", "network-out": "no"}},
		"untrusted commands":     {id: "codex", files: conf("approval_policy = \"untrusted\"\n", ""), autonomy: "ask", caps: caps{"exec-local": "asks"}},
		"no sandbox, on request": {id: "codex", files: conf("sandbox_mode = \"danger-full-access\"\n", ""), autonomy: "auto", sandbox: "none", network: "open"},
		"network":                {id: "codex", files: conf("", "[sandbox_workspace_write]\nnetwork_access = true\n"), network: "open", caps: caps{"network-out": "yes"}},
		"network without effect": {id: "codex", files: conf("sandbox_mode = \"read-only\"\n", "[sandbox_workspace_write]\nnetwork_access = true\n"), network: "none"},
		"profile":                {id: "codex", files: conf("profile = \"wild\"\n", "[profiles.wild]\napproval_policy = \"never\"\n[profiles.tame]\napproval_policy = \"untrusted\"\n"), autonomy: "unattended", on: []string{"profiles.wild.approval_policy=never"}},
		"another profile": {id: "codex", files: conf("profile = \"tame\"\n", "[profiles.wild]\napproval_policy = \"never\"\n[profiles.tame]\napproval_policy = \"untrusted\"\n"), autonomy: "ask",
			off: map[string]string{"profiles.wild.approval_policy=never": "not chosen"}},
		"profile file": {id: "codex", files: conf("profile = \"wild\"\n", "").with(tree{"home/.codex/wild.config.toml": "approval_policy = \"never\"\n", "home/.codex/tame.config.toml": "approval_policy = \"untrusted\"\n"}), autonomy: "unattended",
			off: map[string]string{"approval_policy=untrusted": "not chosen"}},
		"project file trusted":   {id: "codex", files: conf("", "").with(tree{"repo/.codex/config.toml": "approval_policy = \"never\"\nnotify = [\"x\"]\n"}), autonomy: "unattended", off: map[string]string{`notify=["x"]`: "not read from a project's file"}},
		"project file untrusted": {id: "codex", files: tree{"home/.codex/config.toml": "model = \"x\"\n", "repo/.codex/config.toml": "approval_policy = \"never\"\n"}, autonomy: "ask", off: map[string]string{"approval_policy=never": "only in a trusted folder"}},
		"trust not known":        {id: "codex", files: tree{"repo/.codex/config.toml": "approval_policy = \"never\"\n"}, autonomy: "unattended", because: "once the folder is trusted", trust: "-"},
		"ceiling": {id: "codex", files: conf("approval_policy = \"never\"\nsandbox_mode = \"danger-full-access\"\n", "").with(ceiling), autonomy: "ask", sandbox: "workspace", headless: "-",
			off: map[string]string{"approval_policy=never": "does not allow", "sandbox_mode=danger-full-access": "does not allow"}},
		"within the ceiling": {id: "codex", files: conf("approval_policy = \"on-request\"\n", "").with(ceiling), autonomy: "auto", headless: "-", on: []string{"approval_policy=on-request"}},
		"a model reviews":    {id: "codex", files: conf("approvals_reviewer = \"auto_review\"\nsandbox_mode = \"read-only\"\n", ""), autonomy: "auto", because: "a model, not a person"},
		"permissions":        {id: "codex", files: conf("default_permissions = \"dev\"\n", "[permissions.dev.network]\nenabled = true\ndomains = { \"example.com\" = \"allow\" }\n"), sandbox: "workspace", network: "allowlist"},
		"the user alone":     {id: "codex", user: true, files: conf("", ""), autonomy: "ask", because: "each project's trust decides", trust: "-"},
	})
}

func TestGeminiMode(t *testing.T) {
	set := func(user, project, trust string) tree {
		f := tree{"home/.gemini/settings.json": user, "home/.gemini/trustedFolders.json": trust}
		if project != "" {
			f["repo/.gemini/settings.json"] = project
		}
		return f
	}
	const yes, no = `{"` + shop + `":"TRUST_FOLDER"}`, `{}`
	const edit = `{"general":{"defaultApprovalMode":"auto_edit"}}`
	rule := func(s string) string { return "[[rule]]\n" + strings.ReplaceAll(s, ";", "\n") + "\n" }
	policy := func(s ...string) tree {
		return tree{"home/.gemini/policies/a.toml": rule(strings.Join(s, ";[[rule]];"))}
	}
	check(t, map[string]outcome{
		"auto_edit":                       {id: "gemini-cli", files: set(edit, "", yes), autonomy: "auto-edit", sandbox: "none", trust: "trusted"},
		"in a folder untrusted":           {id: "gemini-cli", files: set(edit, "", no), autonomy: "ask", because: "not trusted", trust: "untrusted"},
		"yolo in a file":                  {id: "gemini-cli", files: set(`{"general":{"defaultApprovalMode":"yolo"}}`, "", yes), autonomy: "ask", off: map[string]string{"general.defaultApprovalMode=yolo": "command line only"}},
		"project over user":               {id: "gemini-cli", files: set(edit, `{"general":{"defaultApprovalMode":"default"}}`, yes), autonomy: "ask"},
		"project untrusted":               {id: "gemini-cli", files: set(`{}`, edit, no), autonomy: "ask", off: map[string]string{"general.defaultApprovalMode=auto_edit": "only in a trusted folder"}},
		"system over project":             {id: "gemini-cli", files: set(`{}`, edit, yes).with(tree{"etc/gemini-cli/settings.json": `{"general":{"defaultApprovalMode":"plan"}}`}), autonomy: "suggest"},
		"system defaults are lowest":      {id: "gemini-cli", files: set(`{"general":{"defaultApprovalMode":"default"}}`, "", yes).with(tree{"etc/gemini-cli/system-defaults.json": edit}), autonomy: "ask"},
		"folder trust off":                {id: "gemini-cli", files: set(`{"security":{"folderTrust":{"enabled":false}}}`, edit, no), autonomy: "auto-edit", trust: "trusted"},
		"folder trust off by the project": {id: "gemini-cli", files: set(`{}`, `{"security":{"folderTrust":{"enabled":false}},"general":{"defaultApprovalMode":"auto_edit"}}`, no), autonomy: "ask", trust: "untrusted"},
		"folder above":                    {id: "gemini-cli", files: set(edit, "", `{"/home/dev":"TRUST_FOLDER"}`), trust: "trusted"},
		"folder beside":                   {id: "gemini-cli", files: set(edit, "", `{"/home/dev/src/other":"TRUST_FOLDER"}`), trust: "untrusted"},
		"parent of one beside":            {id: "gemini-cli", files: set(edit, "", `{"/home/dev/src/other":"TRUST_PARENT"}`), trust: "trusted"},
		"refused below a trusted one":     {id: "gemini-cli", files: set(edit, "", `{"/home/dev":"TRUST_FOLDER","`+shop+`":"DO_NOT_TRUST"}`), trust: "untrusted"},
		"sandbox":                         {id: "gemini-cli", files: set(`{"tools":{"sandbox":"docker"}}`, "", yes), sandbox: "container", network: "open"},
		"sandbox without network":         {id: "gemini-cli", files: set(`{"tools":{"sandbox":true,"sandboxNetworkAccess":false}}`, "", yes), sandbox: "container", network: "none", caps: caps{"network-out": "no"}},
		"no sandbox, no network key":      {id: "gemini-cli", files: set(`{"tools":{"sandboxNetworkAccess":false}}`, "", yes), sandbox: "none", network: "open"},
		"sandbox by the environment":      {id: "gemini-cli", files: set(`{}`, "", yes), env: map[string]string{"GEMINI_SANDBOX": "podman"}, sandbox: "container"},
		"all commands allowed":            {id: "gemini-cli", files: set(`{"tools":{"allowed":["run_shell_command"]}}`, "", yes), autonomy: "auto"},
		"git allowed":                     {id: "gemini-cli", files: set(`{"tools":{"allowed":["run_shell_command(git)"]}}`, "", yes), autonomy: "ask"},
		"tools offered are no rules":      {id: "gemini-cli", files: set(`{"tools":{"core":["run_shell_command"]}}`, "", yes), autonomy: "ask", on: []string{`tools.core=["run_shell_command"]`}},
		"policy for all commands":         {id: "gemini-cli", files: set(`{}`, "", yes).with(policy(`toolName = "run_shell_command";decision = "allow";priority = 10`)), autonomy: "auto"},
		"policy of higher priority": {id: "gemini-cli", files: set(`{}`, "", yes).with(policy(`toolName = "run_shell_command";decision = "allow";priority = 10`, `toolName = "run_shell_command";decision = "deny";priority = 20`)), autonomy: "ask",
			off: map[string]string{"policy rule=allow run_shell_command": "higher priority"}, caps: caps{"exec-local": "no"}},
		"policy of lower priority": {id: "gemini-cli", files: set(`{}`, "", yes).with(policy(`toolName = "run_shell_command";decision = "allow";priority = 30`, `toolName = "run_shell_command";decision = "deny";priority = 20`)), autonomy: "auto"},
		"policy of the administrator": {id: "gemini-cli", files: set(`{}`, "", yes).with(policy(`toolName = "run_shell_command";decision = "allow";priority = 900`)).with(tree{"etc/gemini-cli/policies/a.toml": rule(`toolName = "run_shell_command";decision = "ask_user";priority = 1`)}),
			autonomy: "ask", off: map[string]string{"policy rule=allow run_shell_command": "/etc/gemini-cli/policies/a.toml"}},
		"policy of a narrower command": {id: "gemini-cli", files: set(`{}`, "", yes).with(policy(`toolName = "run_shell_command";decision = "allow";priority = 10`, `toolName = "run_shell_command";commandPrefix = "git push";decision = "deny";priority = 20`)), autonomy: "auto",
			on: []string{"policy rule=deny git push"}},
		"policy of another mode": {id: "gemini-cli", files: set(`{}`, "", yes).with(policy(`toolName = "run_shell_command";decision = "allow";priority = 10;modes = ["yolo"]`)), autonomy: "ask",
			off: map[string]string{"policy rule=allow run_shell_command": "modes yolo"}},
		"qwen yolo":            {id: "qwen-code", files: tree{"home/.qwen/settings.json": `{"tools":{"approvalMode":"yolo"}}`}, autonomy: "unattended"},
		"qwen has no ceiling":  {id: "qwen-code", files: tree{"home/.qwen/settings.json": `{"tools":{"approvalMode":"yolo"}}`, "etc/qwen-code/settings.json": `{"security":{"disableYoloMode":true}}`}, autonomy: "unattended"},
		"qwen in a repository": {id: "qwen-code", files: tree{"repo/.qwen/settings.json": `{"tools":{"approvalMode":"yolo"}}`, "home/.qwen/trustedFolders.json": `{}`}, autonomy: "unattended", because: "to yolo"},
		"qwen nobody answered": {id: "qwen-code", files: tree{"repo/.qwen/settings.json": `{"tools":{"approvalMode":"yolo"}}`, "home/.qwen/settings.json": `{"security":{"folderTrust":{"enabled":true}}}`, "home/.qwen/trustedFolders.json": `{}`}, autonomy: "unattended", trust: "trusted"},
		"qwen said no":         {id: "qwen-code", files: tree{"repo/.qwen/settings.json": `{"tools":{"approvalMode":"yolo"}}`, "home/.qwen/settings.json": `{"security":{"folderTrust":{"enabled":true}}}`, "home/.qwen/trustedFolders.json": `{"` + shop + `":"DO_NOT_TRUST"}`}, autonomy: "ask", trust: "untrusted"},
	})
}

func TestOtherModes(t *testing.T) {
	copilotBase := tree{"home/.copilot/config.json": `{"trustedFolders":["` + shop + `"]}`}
	ceiling := read(t, "editors-synthetic").only("etc/github-copilot/")
	code := func(s string) tree { return tree{"home/.config/Code/User/settings.json": s} }
	oc := func(s string) tree { return tree{"repo/opencode.json": s} }
	ocUser := func(s string) tree { return tree{"home/.config/opencode/opencode.jsonc": s} }
	amp := func(s string) tree { return tree{"home/.config/amp/settings.json": s} }
	aug := func(s string) tree { return tree{"home/.augment/settings.json": s} }
	zed := func(s string) tree { return tree{"home/.config/zed/settings.json": `{"agent":` + s + `}`} }
	cline := func(s string) tree { return tree{"home/.cline/data/globalState.json": s} }
	check(t, map[string]outcome{
		"allow-all":             {id: "copilot-cli", files: copilotBase.with(tree{"home/.copilot/settings.json": `{"defaultPermissionMode":"allow-all"}`}), autonomy: "unattended"},
		"allow-all forbidden":   {id: "copilot-cli", files: copilotBase.with(ceiling).with(tree{"home/.copilot/settings.json": `{"defaultPermissionMode":"allow-all"}`}), autonomy: "ask", off: map[string]string{"defaultPermissionMode=allow-all": "forbids"}},
		"manual and plan":       {id: "copilot-cli", files: copilotBase.with(tree{"home/.copilot/settings.json": `{"defaultPermissionMode":"manual","defaultMode":"plan"}`}), autonomy: "suggest"},
		"autopilot alone":       {id: "copilot-cli", files: copilotBase.with(tree{"home/.copilot/settings.json": `{"defaultMode":"autopilot"}`}), autonomy: "ask"},
		"a repository's mode":   {id: "copilot-cli", files: copilotBase.with(tree{"repo/.github/copilot/settings.json": `{"defaultPermissionMode":"allow-all","deniedUrls":["a.example"]}`}), autonomy: "ask", off: map[string]string{"defaultPermissionMode=allow-all": "only what limits"}, on: []string{"deniedUrls=a.example"}},
		"repository untrusted":  {id: "copilot-cli", files: tree{"home/.copilot/config.json": `{}`, "repo/.github/copilot/settings.json": `{"deniedUrls":["a.example"]}`}, trust: "untrusted", off: map[string]string{"deniedUrls=a.example": "trusted folder"}},
		"by the environment":    {id: "copilot-cli", files: copilotBase, env: map[string]string{"COPILOT_ALLOW_ALL": "true"}, autonomy: "unattended"},
		"environment forbidden": {id: "copilot-cli", files: copilotBase.with(ceiling), env: map[string]string{"COPILOT_ALLOW_ALL": "true"}, autonomy: "ask"},
		"sandbox":               {id: "copilot-cli", files: copilotBase.with(tree{"home/.copilot/settings.json": `{"sandbox":{"enabled":true,"userPolicy":{"network":{"allowedHosts":["a.example"]}}}}`}), sandbox: "workspace", network: "allowlist"},
		"every address":         {id: "copilot-cli", files: copilotBase.with(tree{"home/.copilot/settings.json": `{"allowedUrls":["*"]}`}), autonomy: "ask", network: "open"},

		"global":            {id: "vscode", files: code(`{"chat.tools.global.autoApprove":true}`), autonomy: "unattended"},
		"global off":        {id: "vscode", files: code(`{"chat.tools.global.autoApprove":false}`), autonomy: "ask"},
		"global by policy":  {id: "vscode", files: code(`{"chat.tools.global.autoApprove":true}`).with(tree{"etc/vscode/policy.json": `{"ChatToolsAutoApprove":false}`}), autonomy: "ask", off: map[string]string{"chat.tools.global.autoApprove=true": "ChatToolsAutoApprove"}},
		"every command":     {id: "vscode", files: code(`{"chat.tools.terminal.autoApprove":{"/.*/":true}}`), autonomy: "auto", caps: caps{"exec-local": "yes"}},
		"every command off": {id: "vscode", files: code(`{"chat.tools.terminal.autoApprove":{"/.*/":true},"chat.tools.terminal.enableAutoApprove":false}`), autonomy: "ask", off: map[string]string{"chat.tools.terminal.autoApprove=/.*/": "enableAutoApprove"}},
		"one command":       {id: "vscode", files: code(`{"chat.tools.terminal.autoApprove":{"git status":true,"/^npm test$/":{"approve":true}}}`), autonomy: "ask", on: []string{"chat.tools.terminal.autoApprove=/^npm test$/"}},
		"edits":             {id: "vscode", files: code(`{"chat.tools.edits.autoApprove":{"**/*":true}}`), autonomy: "auto-edit"},
		"no agent":          {id: "vscode", files: code(`{"chat.tools.global.autoApprove":true,"chat.agent.enabled":false}`), autonomy: "suggest"},
		"two installations": {id: "vscode", files: code(`{"chat.tools.global.autoApprove":true}`).with(tree{"home/.config/VSCodium/User/settings.json": `{"chat.tools.global.autoApprove":false}`}), autonomy: "unattended"},
		"a value not known": {id: "vscode", files: code(`{"chat.permissions.default":"warp"}`), autonomy: "unknown"},

		"one shell rule":       {id: "cursor", files: tree{"home/.cursor/cli-config.json": `{"permissions":{"allow":["Shell(git)"]}}`}, autonomy: "ask"},
		"deny wins":            {id: "cursor", files: tree{"repo/.cursor/cli.json": `{"permissions":{"allow":["Shell(*)"]}}`, "home/.cursor/cli-config.json": `{"permissions":{"deny":["Shell(*)"]}}`}, autonomy: "ask", caps: caps{"exec-local": "no"}},
		"unrestricted":         {id: "cursor", files: tree{"home/.cursor/cli-config.json": `{"approvalMode":"unrestricted"}`}, autonomy: "unattended"},
		"repository's sandbox": {id: "cursor", files: tree{"repo/.cursor/sandbox.json": `{"type":"insecure_none"}`, "home/.cursor/sandbox.json": `{"type":"workspace_readwrite","networkPolicy":{"default":"deny"}}`}, sandbox: "none", network: "allowlist"},

		"nothing set": {id: "cline", files: cline(`{"autoApprovalSettings":{"actions":{}}}`), autonomy: "auto", because: "at its default"},
		"edits only":  {id: "cline", files: cline(`{"autoApprovalSettings":{"actions":{"executeAllCommands":false,"editFiles":true}}}`), autonomy: "auto-edit", caps: caps{"exec-local": "asks", "write-source": "yes"}},
		"nothing":     {id: "cline", files: cline(`{"autoApprovalSettings":{"actions":{"executeAllCommands":false,"editFiles":false}}}`), autonomy: "ask", caps: caps{"exec-local": "asks", "write-source": "asks"}},
		"yolo":        {id: "cline", files: cline(`{"yoloModeToggled":true}`), autonomy: "unattended"},

		"no table":             {id: "opencode", files: oc(`{}`), autonomy: "auto", because: "product default", caps: caps{"exec-local": "yes"}},
		"allow":                {id: "opencode", files: oc(`{"permission":"allow"}`), autonomy: "unattended"},
		"ask":                  {id: "opencode", files: oc(`{"permission":{"*":"ask"}}`), autonomy: "ask", caps: caps{"exec-local": "asks", "write-source": "asks"}},
		"bash asks":            {id: "opencode", files: oc(`{"permission":{"bash":"ask"}}`), autonomy: "auto-edit", caps: caps{"exec-local": "asks", "write-source": "yes"}},
		"edit asks":            {id: "opencode", files: oc(`{"permission":{"edit":"ask"}}`), autonomy: "auto"},
		"both denied":          {id: "opencode", files: oc(`{"permission":{"edit":"deny","bash":"deny","webfetch":"deny"}}`), autonomy: "suggest", caps: caps{"exec-local": "no", "write-source": "no", "network-out": "no"}},
		"project over user":    {id: "opencode", files: oc(`{"permission":{"bash":"allow"}}`).with(tree{"home/.config/opencode/opencode.json": `{"permission":{"bash":"ask","edit":"ask"}}`}), autonomy: "auto", caps: caps{"exec-local": "yes"}},
		"managed over project": {id: "opencode", files: oc(`{"permission":{"bash":"allow"}}`).with(tree{"etc/opencode/opencode.json": `{"permission":{"bash":"ask","edit":"ask"}}`}), autonomy: "ask"},
		"environment":          {id: "opencode", files: oc(`{"permission":{"bash":"ask","edit":"ask"}}`), env: map[string]string{"OPENCODE_PERMISSION": `"allow"`}, autonomy: "unattended", because: "OPENCODE_PERMISSION"},
		"only another key":     {id: "opencode", files: oc(`{"permission":{"external_directory":"ask"}}`), autonomy: "auto"},

		// What "debug agent" of opencode 1.18.33 prints for these pairs of files.
		"* behind bash":           {id: "opencode", files: oc(`{"permission":{"*":"ask"}}`).with(ocUser(`{"permission":{"bash":"allow"}}`)), autonomy: "ask", off: map[string]string{"permission.bash=allow": "later entry"}},
		"* keeps its place":       {id: "opencode", files: oc(`{"permission":{"*":"deny"}}`).with(ocUser(`{"permission":{"*":"ask","bash":"allow"}}`)), autonomy: "auto", caps: caps{"exec-local": "yes"}, because: "permission.* to deny"},
		"a word is *":             {id: "opencode", files: oc(`{"permission":{"bash":"allow"}}`).with(ocUser(`{"permission":"ask"}`)), autonomy: "auto", because: "permission to ask"},
		"allow behind deny":       {id: "opencode", files: oc(`{"permission":"allow"}`).with(ocUser(`{"permission":{"bash":"deny"}}`)), autonomy: "unattended"},
		"a word for patterns":     {id: "opencode", files: oc(`{"permission":{"bash":"ask"}}`).with(ocUser(`{"permission":{"bash":{"npm *":"allow"}}}`)), autonomy: "auto-edit", off: map[string]string{"permission.bash=bash(npm *)": "replaced"}},
		"patterns for a word":     {id: "opencode", files: oc(`{"permission":{"bash":{"rm *":"ask"}}}`).with(ocUser(`{"permission":{"bash":"deny"}}`)), autonomy: "auto", caps: caps{"exec-local": "yes"}},
		"deny behind a pattern":   {id: "opencode", files: oc(`{"permission":{"bash":{"npm *":"allow","*":"deny"}}}`), caps: caps{"exec-local": "no"}, off: map[string]string{"permission.bash=bash(npm *)": "later entry"}},
		"older tools":             {id: "opencode", files: oc(`{"tools":{"bash":false,"write":false}}`), autonomy: "suggest", because: "tools.bash to false"},
		"permission before tools": {id: "opencode", files: oc(`{"permission":{"bash":"ask"}}`).with(ocUser(`{"tools":{"bash":false}}`)), caps: caps{"exec-local": "asks"}},
		"the agent's own":         {id: "opencode", files: oc(`{"permission":{"bash":"allow"},"agent":{"build":{"permission":{"bash":"deny","edit":"ask"}}}}`), autonomy: "ask", caps: caps{"exec-local": "no"}},
		"another agent":           {id: "opencode", files: oc(`{"default_agent":"plan","agent":{"build":{"permission":"allow"}},"permission":{"bash":"ask"}}`), autonomy: "auto-edit"},

		"kilo CLI":           {id: "kilo-code", files: tree{"home/.config/kilo/kilo.jsonc": `{}`}, autonomy: "auto-edit", because: "asks before commands", caps: caps{"exec-local": "asks", "write-source": "yes"}},
		"kilo CLI, allow":    {id: "kilo-code", files: tree{"home/.config/kilo/kilo.jsonc": `{"permission":"allow"}`}, autonomy: "unattended"},
		"kilo CLI, * behind": {id: "kilo-code", files: tree{"home/.config/kilo/kilo.jsonc": `{"permission":{"bash":{"npm *":"allow","*":"ask"}}}`, "repo/kilo.json": `{"permission":{"*":"allow"}}`}, autonomy: "unattended"},
		"kilo's agent":       {id: "kilo-code", files: tree{"home/.config/kilo/kilo.jsonc": `{"permission":{"bash":"allow"},"agent":{"code":{"permission":{"bash":"deny"}}}}`}, autonomy: "auto-edit", caps: caps{"exec-local": "no"}},
		"kilo extension":     {id: "kilo-code", files: tree{"repo/.kilocode/mcp.json": `{"mcpServers":{"a":{"command":"x"}}}`}, autonomy: "ask"},

		"every tool allowed":   {id: "amp", files: amp(`{"amp.permissions":[{"tool":"*","action":"allow"}]}`), autonomy: "unattended"},
		"every tool asks":      {id: "amp", files: amp(`{"amp.permissions":[{"tool":"*","action":"ask"}]}`), autonomy: "ask", caps: caps{"exec-local": "asks", "write-source": "asks"}},
		"commands ask, amp":    {id: "amp", files: amp(`{"amp.permissions":[{"tool":"Bash","action":"ask"},{"tool":"*","action":"allow"}]}`), autonomy: "auto-edit", caps: caps{"exec-local": "asks", "write-source": "yes"}},
		"a program decides":    {id: "amp", files: amp(`{"amp.permissions":[{"tool":"*","action":"delegate","to":"helper"}]}`), autonomy: "unknown", because: "a program decides", caps: caps{"exec-local": "unknown"}},
		"a narrow amp rule":    {id: "amp", files: amp(`{"amp.permissions":[{"tool":"Bash","action":"allow","matches":{"cmd":"npm *"}}]}`), autonomy: "auto", because: "product default"},
		"all":                  {id: "amp", files: amp(`{"amp.dangerouslyAllowAll":true}`), autonomy: "unattended"},
		"all commands":         {id: "amp", files: amp(`{"amp.permissions":[{"tool":"Bash","action":"allow"}]}`), on: []string{"amp.permissions=Bash"}, caps: caps{"exec-local": "yes"}},
		"the first rule wins":  {id: "amp", files: amp(`{"amp.permissions":[{"tool":"Bash","action":"ask"},{"tool":"Bash","action":"allow"}]}`), off: map[string]string{"amp.permissions=Bash": "earlier rule"}, caps: caps{"exec-local": "asks"}},
		"a narrow rule before": {id: "amp", files: amp(`{"amp.permissions":[{"tool":"Bash","matches":{"cmd":"git push*"},"action":"ask"},{"tool":"Bash","action":"allow"}]}`), on: []string{"amp.permissions=Bash(git push*)", "amp.permissions=Bash"}, caps: caps{"exec-local": "yes"}},

		"commands ask":  {id: "augment", files: aug(`{"toolPermissions":[{"toolName":"launch-process","permission":{"type":"ask-user"}}]}`), caps: caps{"exec-local": "asks"}},
		"some commands": {id: "augment", files: aug(`{"toolPermissions":[{"toolName":"launch-process","shellInputRegex":"^npm test","permission":{"type":"allow"}},{"toolName":"launch-process","permission":{"type":"deny"}}]}`), on: []string{"toolPermissions=launch-process(^npm test)"}, caps: caps{"exec-local": "no"}},

		"allow for all":          {id: "zed", files: zed(`{"tool_permissions":{"default":"allow"}}`), autonomy: "unattended"},
		"confirm for all":        {id: "zed", files: zed(`{"tool_permissions":{"default":"confirm"},"always_allow_tool_actions":true}`), autonomy: "ask", off: map[string]string{"agent.always_allow_tool_actions=true": "older name"}},
		"the older name":         {id: "zed", files: zed(`{"always_allow_tool_actions":true}`), autonomy: "unattended", on: []string{"agent.always_allow_tool_actions=true"}},
		"a pattern for commands": {id: "zed", files: zed(`{"tool_permissions":{"tools":{"terminal":{"always_allow":[{"pattern":".*"}]}}}}`), autonomy: "auto"},
		"a narrow pattern":       {id: "zed", files: zed(`{"tool_permissions":{"tools":{"terminal":{"always_allow":[{"pattern":"^cargo "}],"always_deny":["rm"]}}}}`), autonomy: "ask"},

		"agent with all commands": {id: "kiro", files: tree{"home/.kiro/agents/a.json": `{"allowedTools":["shell"]}`}, autonomy: "auto"},
		"trusted commands":        {id: "kiro", files: tree{"home/.config/Kiro/User/settings.json": `{"kiroAgent.trustedCommands":["npm *"]}`}, autonomy: "ask"},
		"all trusted":             {id: "kiro", files: tree{"home/.config/Kiro/User/settings.json": `{"kiroAgent.trustedCommands":["*"]}`}, autonomy: "auto"},
		"a server's list":         {id: "kiro", files: tree{"repo/.kiro/settings/mcp.json": `{"mcpServers":{"a":{"command":"x","autoApprove":["*"]}}}`}, autonomy: "ask", caps: caps{"exec-local": "asks"}},

		"mode":              {id: "goose", files: tree{"home/.config/goose/config.yaml": "GOOSE_MODE: approve\n"}, autonomy: "ask", caps: caps{"exec-local": "asks"}},
		"environment first": {id: "goose", files: tree{"home/.config/goose/config.yaml": "GOOSE_MODE: approve\n"}, env: map[string]string{"GOOSE_MODE": "auto"}, autonomy: "unattended", because: "environment"},
		"chat":              {id: "goose", files: tree{"home/.config/goose/config.yaml": "GOOSE_MODE: chat\n"}, autonomy: "suggest"},
		"not set":           {id: "goose", files: tree{"home/.config/goose/config.yaml": "GOOSE_PROVIDER: x\n"}, autonomy: "unattended", because: "product default"},

		"commands excluded": {id: "continue", files: tree{"home/.continue/permissions.yaml": "exclude:\n  - Bash\n"}, headless: "auto-edit", gap: "takes commands away", caps: caps{"exec-local": "no"}},
		"yes-always":        {id: "aider", files: tree{"home/.aider.conf.yml": "yes-always: true\n", "repo/.aider.conf.yml": "yes-always: false\n"}, autonomy: "auto-edit", off: map[string]string{"yes-always=true": "overridden by ~/src/shop/.aider.conf.yml"}},
		"confirmation":      {id: "openhands", files: tree{"home/.openhands/settings.json": `{"confirmation_mode":true}`}, autonomy: "ask"},
		"level":             {id: "factory-droid", files: tree{"home/.factory/settings.json": `{"autonomyLevel":"high"}`, "repo/.factory/settings.json": `{"autonomyLevel":"low"}`}, autonomy: "auto-edit"},
	})
}

// Each resolver is used by an entry of the catalogue, and each entry's resolver is there.
func TestResolversAreUsed(t *testing.T) {
	used := map[string]bool{}
	for _, a := range catalogue.Embedded().Assistants {
		if a.Resolver == "" {
			continue
		}
		used[a.Resolver] = true
		if _, ok := resolvers[a.Resolver]; !ok {
			t.Errorf("%s asks for the resolver %q, which is not there; there are %v", a.ID, a.Resolver, Resolvers())
		}
	}
	for _, name := range Resolvers() {
		if !used[name] {
			t.Errorf("no entry uses the resolver %q", name)
		}
	}
}
