package allowrule

import (
	"strings"
	"testing"
)

func TestWide(t *testing.T) {
	tests := []struct {
		kind, rule string
		why        string // part of the reason; "" for a rule that is not wide
	}{
		{"claude-code", "Bash", "every command"},
		{"claude-code", "Bash(*)", "every command"},
		{"claude-code", "Bash(:*)", "every command"},
		{"claude-code", "Bash(npm run *)", ""},
		{"claude-code", "Bash(npm run:*)", ""},
		{"claude-code", "Bash(git push *)", ""},
		{"claude-code", "Bash(curl:*)", "curl reaches any host"},
		{"claude-code", "Bash(/usr/bin/curl *)", "curl"},
		{"claude-code", "Bash(TOKEN=x curl *)", "curl"},
		{"claude-code", "Bash(c*)", "lets curl through"},
		{"claude-code", "Bash(bash:*)", "lets bash -c through"},
		{"claude-code", "Bash(bash -c *)", "bash -c runs any code"},
		{"claude-code", "Bash(bash scripts/test.sh)", ""},
		{"claude-code", "Bash(python manage.py test)", ""},
		{"claude-code", "Bash(python3:*)", "python3 -c"},
		{"claude-code", "Bash(gh pr view:*)", ""},
		{"claude-code", "Bash(gh:*)", "lets gh api through"},
		{"claude-code", "Bash(gh api repos/*)", "gh api"},
		{"claude-code", "Bash(docker ps)", ""},
		{"claude-code", "Bash(docker *)", "docker"},
		{"claude-code", "Bash(env)", "environment"},
		{"claude-code", "Bash(environment-check)", ""},
		{"claude-code", "Bash(npx prettier *)", "npx runs code fetched"},
		{"claude-code", "Bash(rm:*)", "rm deletes"},
		{"claude-code", "Bash(rmdir build)", ""},
		{"claude-code", "Edit", "every file may be changed"},
		{"claude-code", "Edit(src/**)", ""},
		{"claude-code", "Write(**)", "every file may be changed"},
		{"claude-code", "Read", ""},
		{"claude-code", "Read(//**)", "every file may be read"},
		{"claude-code", "WebFetch", "every address"},
		{"claude-code", "WebFetch(domain:*)", "every address"},
		{"claude-code", "WebFetch(domain:example.com)", ""},
		{"claude-code", "WebSearch", ""},
		{"claude-code", "mcp__linear", "every tool of the tool server linear"},
		{"claude-code", "mcp__linear__*", "every tool of the tool server linear"},
		{"claude-code", "mcp__linear__get_issue", ""},
		{"claude-code", "mcp__*", "every tool server"},
		{"cursor", "Shell(*)", "every command"},
		{"cursor", "Shell(git)", ""},
		{"cursor", "Shell(curl)", "curl"},
		{"cursor", "Mcp(github:*)", "tool server github"},
		{"cursor", "Mcp(github:get_issue)", ""},
		{"cursor", "Mcp(*:*)", "every tool server"},
		{"cursor", "github:*", "tool server github"},
		{"cursor", "github:get_issue", ""},
		{"cursor", "npm", ""},
		{"cursor", "kubectl", "cluster"},
		{"copilot-cli", "shell(git:*)", ""},
		{"copilot-cli", "shell", "every command"},
		{"vscode", "/.*/", "every command"},
		{"vscode", "/^git (status|log)/", ""},
		{"vscode", "/^(git|curl)/", "lets curl through"},
		{"vscode", "rm", "rm"},
		{"amazon-q", ".*", "every command"},
		{"amazon-q", "git status.*", ""},
		{"amazon-q", "aws .*", "aws acts in the cloud"},
		{"amazon-q", "execute_bash", "every command"},
		{"amazon-q", "fs_write", "every file may be changed"},
		{"amazon-q", "fs_read", ""},
		{"amazon-q", "@github", "tool server github"},
		{"amazon-q", "@github/get_issue", ""},
		{"kiro", "*", "every action"},
		{"crush", "bash", "every command"},
		{"crush", "view", ""},
		{"crush", "mcp_github_get_issue", ""},
		{"continue", "Bash(git*)", ""},
		{"continue", "Write", "every file"},
		{"gemini-cli", "allow npm", ""},
		{"gemini-cli", "allow run_shell_command", "every command"},
		{"gemini-cli", "run_shell_command(terraform)", "terraform"},
		{"opencode", "bash(npm test)", ""},
		{"opencode", "bash(*)", "every command"},
		{"augment", "launch-process", "every command"},
		{"augment", "launch-process(^npm test)", ""},
		{"", "", ""},
		{"", "sudo", "rights"},
	}
	for _, tt := range tests {
		wide, why := Wide(tt.kind, tt.rule)
		if wide != (tt.why != "") || !strings.Contains(why, tt.why) {
			t.Errorf("Wide(%q, %q) = %v, %q; want %q", tt.kind, tt.rule, wide, why, tt.why)
		}
	}
}

func TestWideSetting(t *testing.T) {
	tests := []struct {
		kind, name, rule string
		why              string
	}{
		{"roo-code", "mcpServers.github.alwaysAllow", "*", "every tool of the tool server github"},
		{"roo-code", "mcpServers.github.alwaysAllow", "get_issue", ""},
		{"roo-code", "mcpServers.github.alwaysAllow", "execute_command", ""},
		{"opencode", "permission.bash", "*", "every command"},
		{"opencode", "permission.bash", "bash(*)", "every command"},
		{"opencode", "permission.bash", "npm test", ""},
		{"opencode", "permission.bash", "curl *", "curl"},
		{"opencode", "permission.edit", "*", "every file"},
		{"opencode", "permission.edit", "*.md", ""},
		{"opencode", "agent.docs.permission.bash", "*", "every command"},
		{"cursor", "mcpAllowlist", "github:*", "tool server github"},
		{"cursor", "terminalAllowlist", "*", "every command"},
		{"cursor", "terminalAllowlist", "npm", ""},
		{"vscode", "chat.tools.edits.autoApprove", "**/*", "every file"},
		{"vscode", "chat.tools.edits.autoApprove", "**/*.md", ""},
		{"vscode", "chat.tools.terminal.autoApprove", "/.*/", "every command"},
		{"claude-code", "permissions.allow", "Bash(*)", "every command"},
		{"claude-code", "permissions.allow", "mcp__x", "tool server x"},
		{"gemini-cli", "policy rule", "allow npm", ""},
		{"amp", "amp.guardedFiles.allowlist", "**", "every file"},
		{"amazon-q", "toolsSettings.fs_write.allowedPaths", "**", "every file may be changed"},
		{"amazon-q", "toolsSettings.fs_read.allowedPaths", "**", "every file may be read"},
		{"amazon-q", "toolsSettings.use_aws.allowedServices", "s3", ""},
		{"kiro", "toolsSettings.execute_bash.allowedCommands", ".*", "every command"},
	}
	for _, tt := range tests {
		wide, why := WideSetting(tt.kind, tt.name, tt.rule)
		if wide != (tt.why != "") || !strings.Contains(why, tt.why) {
			t.Errorf("WideSetting(%q, %q, %q) = %v, %q; want %q", tt.kind, tt.name, tt.rule, wide, why, tt.why)
		}
	}
}

// Every program of the table makes a rule for itself wide, in the spelling of three products.
func TestEveryProgramIsWide(t *testing.T) {
	for _, p := range programs {
		name := strings.Join(p.words, " ")
		for _, rule := range []string{"Bash(" + name + " *)", "Shell(" + name + ")", "run_shell_command(" + name + ")"} {
			if wide, _ := Wide("", rule); !wide {
				t.Errorf("Wide(%q) = false", rule)
			}
		}
		for _, s := range p.samples {
			if !strings.HasPrefix(s, p.words[0]) {
				t.Errorf("sample %q is not of %s", s, name)
			}
		}
	}
}

func FuzzWide(f *testing.F) {
	for _, s := range []string{"Bash(*)", "/(/", "mcp__", "@", "((", "Bash(", ")", "*:*", "/.*/i", "a*b*c*", "\xff(\x00)", "Mcp(:)"} {
		f.Add("claude-code", s)
		f.Add("zed", s)
	}
	f.Fuzz(func(t *testing.T, kind, rule string) {
		wide, why := Wide(kind, rule)
		if wide != (why != "") {
			t.Errorf("Wide(%q, %q): %v with reason %q", kind, rule, wide, why)
		}
		if again, _ := Wide(kind, rule); again != wide {
			t.Error("not the same twice")
		}
	})
}
