package catalogue

import (
	"strings"
	"testing"

	"nhitop/inventory"
)

const (
	sum  = "sha256:fa4efa4efa4efa4efa4efa4efa4efa4efa4efa4efa4efa4efa4efa4efa4efa4e"
	hash = "fa4efa4efa4efa4efa4efa4efa4efa4efa4efa4e"
)

func TestPackage(t *testing.T) {
	for _, c := range []struct {
		line, name, version string
		pinned              inventory.Answer
	}{
		{"npx -y @modelcontextprotocol/server-slack", "@modelcontextprotocol/server-slack", "", inventory.No},
		{"npx -y @upstash/context7-mcp@1.0.14 --api-key x", "@upstash/context7-mcp", "1.0.14", inventory.Yes},
		{"npx -y @upstash/context7-mcp@latest", "@upstash/context7-mcp", "latest", inventory.No},
		{"npx -y pkg@^1.2.3", "pkg", "^1.2.3", inventory.No},
		{"npx -y pkg@1", "pkg", "1", inventory.No},
		{"npx -y pkg@1.2", "pkg", "1.2", inventory.No},
		{"npx -y pkg@1.2.3-beta.1", "pkg", "1.2.3-beta.1", inventory.Yes},
		{"npx -y pkg@${VERSION}", "pkg", "${VERSION}", inventory.Unknown},
		{"npx --yes --package=@a/b@2.0.0 -- b-mcp --flag", "@a/b", "2.0.0", inventory.Yes},
		{"npx -p @a/b b-mcp", "@a/b", "", inventory.No},
		{"npx -y github:acme/mcp", "github.com/acme/mcp", "", inventory.No},
		{"npx -y github:acme/mcp#" + hash, "github.com/acme/mcp", hash, inventory.Yes},
		{"npx -y acme/mcp#main", "github.com/acme/mcp", "main", inventory.No},
		{"npx ./server", "", "", inventory.Unknown},
		{"npx", "", "", inventory.Unknown},
		{"/usr/local/bin/npx.cmd -y pkg@1.0.0", "pkg", "1.0.0", inventory.Yes},
		{"bunx pkg@1.0.0", "pkg", "1.0.0", inventory.Yes},
		{"bun x pkg", "pkg", "", inventory.No},
		{"pnpm dlx pkg@1.0.0", "pkg", "1.0.0", inventory.Yes},
		{"pnpm --silent dlx pkg", "pkg", "", inventory.No},
		{"yarn dlx pkg@2", "pkg", "2", inventory.No},
		{"npm exec -- pkg@3.1.4", "pkg", "3.1.4", inventory.Yes},
		{"deno run -A npm:pkg@1.2.3", "pkg", "1.2.3", inventory.Yes},
		{"uvx postgres-mcp --access-mode=unrestricted", "postgres-mcp", "", inventory.No},
		{"uvx postgres-mcp==0.3.0", "postgres-mcp", "0.3.0", inventory.Yes},
		{"uvx postgres-mcp@0.3.0", "postgres-mcp", "0.3.0", inventory.Yes},
		{"uvx postgres-mcp@latest", "postgres-mcp", "latest", inventory.No},
		{"uvx --from postgres-mcp>=0.3 postgres-mcp", "postgres-mcp", ">=0.3", inventory.No},
		{"uvx --from mcp[cli]==1.2.0 mcp run", "mcp", "1.2.0", inventory.Yes},
		{"uvx --python 3.12 pkg==1.0", "pkg", "1.0", inventory.Yes},
		{"uvx --from git+https://github.com/oraios/serena serena-mcp-server", "github.com/oraios/serena", "", inventory.No},
		{"uvx --from git+https://github.com/oraios/serena@" + hash + " serena-mcp-server", "github.com/oraios/serena", hash, inventory.Yes},
		{"uvx --from git+https://github.com/oraios/serena@v1.0 serena", "github.com/oraios/serena", "v1.0", inventory.No},
		{"uv tool run pkg==1.0", "pkg", "1.0", inventory.Yes},
		{"uv run --with mcp==1.0 mcp run x.py", "mcp", "1.0", inventory.Yes},
		{"uv --directory /opt/server run main.py", "", "", inventory.Unknown},
		{"pipx run pkg", "pkg", "", inventory.No},
		{"python3 -m mcp_server_git --repository .", "mcp_server_git", "", inventory.Unknown},
		{"docker run -i --rm -e TOKEN ghcr.io/github/github-mcp-server", "ghcr.io/github/github-mcp-server", "", inventory.No},
		{"docker run -i --rm ghcr.io/github/github-mcp-server:v0.5", "ghcr.io/github/github-mcp-server", "v0.5", inventory.No},
		{"docker run -i ghcr.io/github/github-mcp-server@" + sum, "ghcr.io/github/github-mcp-server", sum, inventory.Yes},
		{"docker run -i ghcr.io/github/github-mcp-server:v1@" + sum, "ghcr.io/github/github-mcp-server", sum, inventory.Yes},
		{"docker --context x run --env A=b --mount type=bind,src=/a,dst=/b localhost:5000/srv:1", "localhost:5000/srv", "1", inventory.No},
		{"podman run img", "img", "", inventory.No},
		{"docker compose up", "", "", inventory.Unknown},
		{"go run example.com/mcp@v1.2.3", "example.com/mcp", "v1.2.3", inventory.Yes},
		{"go run example.com/mcp@latest", "example.com/mcp", "latest", inventory.No},
		{"node /opt/srv/index.js", "", "", inventory.Unknown},
		{"/opt/srv/bin/mcp --stdio", "", "", inventory.Unknown},
		{"cmd /c npx -y pkg@1.0.0", "pkg", "1.0.0", inventory.Yes},
		{"env A=b npx -y pkg@1.0.0", "pkg", "1.0.0", inventory.Yes},
		{"op run --env-file x -- npx -y pkg", "pkg", "", inventory.No},
		{"", "", "", inventory.Unknown},
	} {
		words := strings.Fields(c.line)
		command, args := "", []string(nil)
		if len(words) > 0 {
			command, args = words[0], words[1:]
		}
		name, version, pinned, reason := Package(command, args)
		if name != c.name || version != c.version || pinned != c.pinned || reason == "" {
			t.Errorf("%s\n got %q %q %s (%s)\nwant %q %q %s", c.line, name, version, pinned, reason, c.name, c.version, c.pinned)
		}
	}
}

func TestPackageOfShellLines(t *testing.T) {
	for _, c := range []struct {
		command string
		args    []string
		name    string
	}{
		{"sh", []string{"-c", "cd /srv && npx -y pkg@1.0.0"}, "pkg"},
		{"bash", []string{"-lc", "TOKEN=x exec npx -y 'pkg@1.0.0'"}, "pkg"},
		{"cmd", []string{"/c", "npx -y pkg@1.0.0"}, "pkg"},
		{"npx -y pkg@1.0.0", nil, "pkg"},
		{`C:\Program Files\nodejs\npx.cmd`, []string{"-y", "pkg@1.0.0"}, "pkg"},
	} {
		name, version, pinned, _ := Package(c.command, c.args)
		if name != c.name || version != "1.0.0" || pinned != inventory.Yes {
			t.Errorf("%s %q: %s %s %s", c.command, c.args, name, version, pinned)
		}
	}
}

func TestPackageDropsUserinfo(t *testing.T) {
	secret := "FAKE" + "userinfo" + "fa4e"
	for _, args := range [][]string{
		{"--from", "git+https://bot:" + secret + "@git.example.com/a/b@main", "b"},
		{"https://bot:" + secret + "@git.example.com/a.tgz"},
	} {
		for _, command := range []string{"uvx", "npx"} {
			name, version, _, reason := Package(command, args)
			if strings.Contains(name+version+reason, secret) {
				t.Errorf("%s %d words: userinfo in the answer", command, len(args))
			}
		}
	}
}

func TestMatchServer(t *testing.T) {
	c := Embedded()
	for line, want := range map[string]string{
		"npx -y @modelcontextprotocol/server-github":               "github-reference",
		"npx -y @modelcontextprotocol/server-slack@1.0.0":          "slack",
		"npx -y @upstash/context7-mcp --api-key x":                 "context7",
		"uvx postgres-mcp --access-mode=unrestricted":              "postgres",
		"uvx awslabs.core-mcp-server@latest":                       "aws-core",
		"uvx --from git+https://github.com/oraios/serena serena-x": "serena",
		"uvx --from serena-agent run-it":                           "serena",
		"docker run -i --rm -e A ghcr.io/github/github-mcp-server": "github",
		"docker run -i docker.io/mcp/fetch:latest":                 "fetch",
		"docker mcp gateway run":                                   "docker-gateway",
		"python -m mcp_server_git":                                 "git",
		"bunx mcp-server-fetch":                                    "fetch",
		"github-mcp-server stdio":                                  "github",
		"node /srv/node_modules/@playwright/mcp/cli.js":            "playwright",
		"/home/dev/.local/bin/mcp-atlassian":                       "atlassian",
		"npx -y mcp-remote https://mcp.linear.app/sse":             "linear",
		"npx -y mcp-remote https://unknown.example/sse":            "",
		"npx -y @acme/unknown":                                     "",
		"/opt/own/server":                                          "",
		"":                                                         "",
	} {
		words := append(strings.Fields(line), "")
		got := ""
		if s := c.MatchServer(words[0], words[1:max(1, len(words)-1)], ""); s != nil {
			got = s.ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	for remote, want := range map[string]string{
		"https://api.githubcopilot.com/mcp/":          "github",
		"https://MCP.Linear.App:443/mcp":              "linear",
		"https://mcp.sentry.dev/mcp":                  "sentry",
		"https://bindings.mcp.cloudflare.com/sse":     "cloudflare",
		"https://docs.mcp.cloudflare.com/sse":         "cloudflare-docs",
		"https://mcp.cloudflare.com/":                 "cloudflare",
		"https://huggingface.co/mcp":                  "huggingface",
		"https://huggingface.co/mcp-evil":             "",
		"https://mcp.linear.app.evil.example/mcp":     "",
		"https://evilmcp.cloudflare.com/":             "",
		"${API_BASE_URL:-https://mcp.linear.app}/mcp": "",
		"::": "",
		"":   "",
	} {
		got := ""
		if s := c.MatchServer("", nil, remote); s != nil {
			got = s.ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", remote, got, want)
		}
	}
}

func FuzzMatchServer(f *testing.F) {
	f.Add("npx", "-y\x00@a/b@1.0.0", "")
	f.Add("docker", "run\x00-e\x00A\x00img@"+sum, "")
	f.Add("sh", "-c\x00cd / && uvx --from 'git+https://u:p@h/x@y' z", "https://a.b/c")
	f.Add("env", "-u\x00A\x00B=c\x00op\x00run\x00--\x00cmd\x00/c\x00npx", "://")
	c := Embedded()
	f.Fuzz(func(t *testing.T, command, args, remote string) {
		words := strings.Split(args, "\x00")
		c.MatchServer(command, words, remote)
		if _, _, pinned, reason := Package(command, words); reason == "" || pinned == "" {
			t.Fatal("no answer")
		}
	})
}
