package local

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// generate makes a tree of about n plain files in repositories of 500, and spreads the files of assistants over it.
func generate(t testing.TB, root string, n, assistants int) {
	t.Helper()
	const perFolder, perRepo = 50, 500
	repos := max(n/perRepo, 1)
	for i := range repos {
		repo := filepath.Join(root, fmt.Sprintf("team%02d", i%20), fmt.Sprintf("repo%05d", i))
		must(t, os.MkdirAll(filepath.Join(repo, ".git", "info"), 0o755))
		must(t, os.WriteFile(filepath.Join(repo, ".git", "HEAD"), []byte("ref: refs/heads/main\n"), 0o644))
		must(t, os.WriteFile(filepath.Join(repo, ".gitignore"), []byte("/build/\n*.log\n"), 0o644))
		for d := range perRepo / perFolder {
			dir := filepath.Join(repo, "internal", fmt.Sprintf("pkg%02d", d))
			must(t, os.MkdirAll(dir, 0o755))
			for f := range perFolder {
				must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("file_%03d.go", f)), []byte("package p\n"), 0o644))
			}
		}
	}
	for i := range assistants {
		repo := filepath.Join(root, fmt.Sprintf("team%02d", (i*7%repos)%20), fmt.Sprintf("repo%05d", i*7%repos))
		kind := i % 3
		switch kind {
		case 0:
			plant(t, repo, map[string]string{".mcp.json": `{"mcpServers":{"db":{"command":"npx","args":["-y","@modelcontextprotocol/server-postgres"],"env":{"TOKEN":"` + fakeToken(i) + `"}}}}`})
		case 1:
			plant(t, repo, map[string]string{".claude/settings.json": `{"permissions":{"allow":["Bash(npm test)"]}}`})
		case 2:
			plant(t, repo, map[string]string{".cursor/mcp.json": `{"mcpServers":{"linear":{"url":"https://mcp.linear.app/sse"}}}`})
		}
	}
}
