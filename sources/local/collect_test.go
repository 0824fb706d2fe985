package local

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/sources"
)

// A home and a project as they look after a day of work.
func dayOfWork(t testing.TB) (home, repo string, tokens []string) {
	home = realTemp(t)
	repo = filepath.Join(home, "src", "shop")
	for i := range 4 {
		tokens = append(tokens, fakeToken(100+i))
	}
	plant(t, home, map[string]string{
		".claude.json": `{"oauthAccount":{"emailAddress":"dev@example.com","organizationName":"Example"},
 "mcpServers":{"gh":{"type":"http","url":"https://api.githubcopilot.com/mcp/","headers":{"Authorization":"Bearer ` + tokens[0] + `"}}},
 "projects":{"` + repo + `":{"hasTrustDialogAccepted":true,"lastVersionBase":"2.1.0",
  "mcpServers":{"slack":{"command":"npx","args":["-y","slack-mcp@1.2.3","--token","` + tokens[1] + `"]}}},
  "/elsewhere/gone":{"hasTrustDialogAccepted":true}}}`,
		".claude/settings.json": `{"env":{"GH_TOKEN":"` + tokens[2] + `"},"apiKeyHelper":"/opt/key.sh"}`,
		".gitconfig":            "[user]\n\tname = Dev Eloper\n\temail = dev@example.com\n",
	})
	plant(t, repo, map[string]string{
		".git/HEAD":                "ref: refs/heads/main\n",
		".gitignore":               "/.claude/\nbuild/\n.env\n",
		".claude/settings.json":    `{"permissions":{"defaultMode":"acceptEdits"}}`,
		".mcp.json":                `{"mcpServers":{"db":{"command":"uvx","args":["postgres-mcp"],"env":{"TOKEN":"` + tokens[3] + `","REF":"${DB_TOKEN}"}}}}`,
		"CLAUDE.md":                "Be kind.\n",
		"sub/CLAUDE.md":            "Be kinder.\n",
		"AGENTS.md":                "Be kind.\n",
		"build/x/.mcp.json":        goodServers,
		"node_modules/y/.mcp.json": goodServers,
		"CODEOWNERS":               "* @acme/platform\n",
	})
	return home, repo, tokens
}

func TestHomeAndProject(t *testing.T) {
	home, repo, tokens := dayOfWork(t)
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	noLeak(t, got, tokens...)

	user, proj := got.assistant(t, "claude-code", "user"), got.assistant(t, "claude-code", "project")
	if user.Account != "dev@example.com" || user.Path != "~" || proj.Path != "" && proj.Path != "~/src/shop" && proj.Path != "/elsewhere/gone" {
		t.Errorf("account %q, paths %q %q", user.Account, user.Path, proj.Path)
	}
	paths := []string{}
	for _, a := range got.Records.Assistants {
		if a.Scope == "project" {
			paths = append(paths, a.Path)
		}
	}
	slices.Sort(paths)
	if want := []string{"/elsewhere/gone", "~/src/shop"}; !slices.Equal(paths, want) {
		t.Errorf("projects %v, want %v", paths, want)
	}
	for pointer, path := range map[string]string{
		"/mcpServers/gh/headers/Authorization": "~/.claude.json",
		"/env/GH_TOKEN":                        "~/.claude/settings.json",
		"/mcpServers/db/env/TOKEN":             "~/src/shop/.mcp.json",
		"/projects/" + strings.ReplaceAll(repo, "/", "~1") + "/mcpServers/slack/args/3": "~/.claude.json",
	} {
		s := got.secretAt(path, pointer)
		if s == nil {
			t.Errorf("no secret at %s%s", path, pointer)
			continue
		}
		l := s.Locations[0]
		if l.Line < 1 || l.Mode != "0600" || s.Exposure != inventory.ExposureLocal || len(s.Assistants) != 1 {
			t.Errorf("%s: %+v, exposure %s, assistants %v", pointer, l, s.Exposure, s.Assistants)
		}
	}
	tools := map[string]inventory.Tool{}
	for _, x := range got.Records.Tools {
		tools[x.Name] = x
	}
	if len(tools) != 3 {
		t.Fatalf("servers %v, want gh, slack, db", tools)
	}
	if x := tools["slack"]; x.Scope != "local" || x.Pinned != inventory.Yes || len(x.Secrets) != 1 || slices.Contains(x.Args, tokens[1]) {
		t.Errorf("slack: %+v", x)
	}
	if x := tools["db"]; x.Scope != "project" || x.Pinned != inventory.No || !slices.Equal(x.EnvNames, []string{"TOKEN", "REF"}) || len(x.Secrets) != 1 {
		t.Errorf("db: %+v", x)
	}
	if x := tools["gh"]; x.Transport != "http" || x.Pinned != inventory.Unknown || !slices.Equal(x.HeaderNames, []string{"Authorization"}) {
		t.Errorf("gh: %+v", x)
	}
	refs := map[string]string{}
	for _, r := range got.Records.References {
		refs[r.Pointer] = r.Kind
	}
	if refs["/mcpServers/db/env/REF"] != "env" || refs["/apiKeyHelper"] != "helper" {
		t.Errorf("references %v", refs)
	}
}

func TestOwners(t *testing.T) {
	home, repo, _ := dayOfWork(t)
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	owners := map[inventory.ID][]inventory.Owner{}
	for _, o := range got.Records.Owners {
		owners[o.ID] = append(owners[o.ID], o)
	}
	for _, a := range got.Records.Assistants {
		if a.Path == "/elsewhere/gone" {
			continue
		}
		if len(a.Owners) == 0 || owners[a.Owners[0]][0].Email != "dev@example.com" {
			t.Errorf("%s %s: owners %v", a.Kind, a.Path, a.Owners)
			continue
		}
		notes := ""
		for _, o := range owners[a.Owners[0]] {
			notes += o.Evidence[0].Note + "\n"
		}
		if !strings.Contains(notes, "account and git identity agree") {
			t.Errorf("the evidence does not say that two signs agree: %q", notes)
		}
	}
	var team bool
	for _, o := range got.Records.Owners {
		team = team || o.Kind == "team" && o.Name == "acme/platform" && o.Evidence[0].Line == 1
	}
	if !team {
		t.Error("the team of CODEOWNERS is no owner")
	}
}

// What .gitignore leaves out is not walked, and a known name is read all the same.
func TestIgnoredFolders(t *testing.T) {
	home, repo, _ := dayOfWork(t)
	plant(t, repo, map[string]string{".git/info/exclude": "excluded/\n", "excluded/.mcp.json": goodServers, "build/.mcp.json": goodServers})
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	for _, l := range got.Ledger {
		if strings.Contains(l.Path, "/build/") || strings.Contains(l.Path, "/node_modules/") || strings.Contains(l.Path, "/excluded/") {
			t.Errorf("looked at %s", l.Path)
		}
	}
	got.lookedState(t, "~/src/shop/.claude/settings.json", inventory.LookedRead)
}

func TestSharedInstructionsProveNothing(t *testing.T) {
	repo := realTemp(t)
	plant(t, repo, map[string]string{"a/AGENTS.md": "x", "b/GEMINI.md": "x"})
	got := collect(t, testOptions(t), sources.Env{Home: realTemp(t), Paths: []string{repo}})
	if names := got.names(); len(names) != 1 || !strings.HasPrefix(names[0], "gemini-cli project") {
		t.Errorf("%v", names)
	}
}

// A file that several products read is that of the product which shows elsewhere too.
func TestSharedFiles(t *testing.T) {
	for other, want := range map[string]string{
		"":                       "claude-code",
		".copilot/settings.json": "copilot-cli",
	} {
		home, repo := realTemp(t), realTemp(t)
		plant(t, repo, map[string]string{".mcp.json": goodServers})
		if other != "" {
			plant(t, home, map[string]string{other: "{}"})
		}
		got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
		var kinds []string
		for _, a := range got.Records.Assistants {
			if a.Scope == "project" {
				kinds = append(kinds, a.Kind)
			}
		}
		if !slices.Equal(kinds, []string{want}) {
			t.Errorf("with %q: %v, want %s", other, kinds, want)
		}
	}
}

func TestMovedHome(t *testing.T) {
	trusted := `{"projects":{"/home/dev/src/shop":{"hasTrustDialogAccepted":true}}}`
	t.Run("translated", func(t *testing.T) {
		home := realTemp(t)
		plant(t, home, map[string]string{".claude.json": trusted, "src/shop/.mcp.json": goodServers})
		got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{realTemp(t)}})
		if a := got.assistant(t, "claude-code", "project"); a.Path != "~/src/shop" || a.Trust != "trusted" {
			t.Errorf("path %s, trust %q", a.Path, a.Trust)
		}
	})
	t.Run("assumed", func(t *testing.T) {
		home, repo := realTemp(t), realTemp(t)
		plant(t, home, map[string]string{".claude.json": trusted})
		plant(t, repo, map[string]string{".mcp.json": goodServers})
		got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
		a := got.assistant(t, "claude-code", "project")
		said := slices.ContainsFunc(a.Evidence, func(e inventory.Evidence) bool { return strings.Contains(e.Note, "assumed") })
		if a.Path != repo || a.Trust != "trusted" || !said {
			t.Errorf("path %s, trust %q, assumption said: %v", a.Path, a.Trust, said)
		}
	})
	t.Run("not assumed of two", func(t *testing.T) {
		home, repo := realTemp(t), realTemp(t)
		plant(t, home, map[string]string{".claude.json": strings.Replace(trusted, `"projects":{`, `"projects":{"/home/dev/src/other":{},`, 1)})
		plant(t, repo, map[string]string{".mcp.json": goodServers})
		got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
		for _, a := range got.Records.Assistants {
			if a.Path == repo && a.Trust == "trusted" {
				t.Error("took one of two projects for the one that is scanned")
			}
		}
	})
	t.Run("known only", func(t *testing.T) {
		home := realTemp(t)
		plant(t, home, map[string]string{".claude.json": trusted})
		got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{filepath.Join(home, "none")}})
		if a := got.assistant(t, "claude-code", "project"); a.Path != "/home/dev/src/shop" || a.Trust != "trusted" {
			t.Errorf("path %s, trust %q", a.Path, a.Trust)
		}
	})
}

func TestSeveralHomes(t *testing.T) {
	base := realTemp(t)
	same := fakeToken(5)
	for _, u := range []string{"ann", "bob"} {
		plant(t, filepath.Join(base, u), map[string]string{
			".claude/settings.json":    `{"env":{"GH_TOKEN":"` + same + `"}}`,
			".claude.json":             `{"oauthAccount":{"emailAddress":"` + u + `@example.com"}}`,
			"work/" + u + "/.mcp.json": goodServers,
		})
	}
	o := testOptions(t)
	o.Homes = []string{filepath.Join(base, "*")}
	src, err := New(o, sources.Env{Home: realTemp(t), Paths: []string{base}})
	must(t, err)
	got := collectWith(t, src)
	accounts, ids := map[string]string{}, map[inventory.ID]bool{}
	for _, a := range got.Records.Assistants {
		accounts[a.Scope+" "+a.Path] = a.Account
		ids[a.ID] = true
	}
	for _, u := range []string{"ann", "bob"} {
		dir := filepath.Join(base, u)
		if accounts["user "+dir] != u+"@example.com" || accounts["project "+filepath.Join(dir, "work", u)] != u+"@example.com" {
			t.Errorf("%s: %v", u, accounts)
		}
	}
	if len(ids) != 4 {
		t.Errorf("%d assistants, want 4", len(ids))
	}
	prints := map[inventory.ID]int{}
	for _, s := range got.Records.Secrets {
		prints[s.ID]++
	}
	if len(prints) != 1 {
		t.Errorf("one value in two homes is %d secrets", len(prints))
	}
}

func TestBackups(t *testing.T) {
	home := realTemp(t)
	old, now := fakeToken(1), fakeToken(2)
	plant(t, home, map[string]string{
		".qwen/settings.json":      `{"env":{"OPENAI_API_KEY":"` + now + `"}}`,
		".qwen/settings.json.orig": `{"env":{"OPENAI_API_KEY":"` + old + `"},"mcpServers":{"old":{"command":"x"}}}`,
	})
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{realTemp(t)}})
	s := got.secretAt("~/.qwen/settings.json.orig", "/env/OPENAI_API_KEY")
	if s == nil || !s.Locations[0].Backup {
		t.Fatalf("the backup's secret: %+v", s)
	}
	if s := got.secretAt("~/.qwen/settings.json", "/env/OPENAI_API_KEY"); s == nil || s.Locations[0].Backup {
		t.Errorf("the file's secret: %+v", s)
	}
	if len(got.Records.Tools) != 0 {
		t.Error("a server of a backup is taken for one that may start")
	}
	noLeak(t, got, old, now)
}

func TestExposure(t *testing.T) {
	home, repo := realTemp(t), realTemp(t)
	servers := `{"mcpServers":{"a":{"command":"x","env":{"GITHUB_TOKEN":"` + fakeToken(3) + `"}}}}`
	plant(t, repo, map[string]string{"open/.mcp.json": servers, "closed/.mcp.json": strings.Replace(servers, fakeToken(3), fakeToken(4), 1)})
	must(t, os.Chmod(filepath.Join(repo, "open", ".mcp.json"), 0o644))
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{repo}})
	for dir, want := range map[string]string{"open": inventory.ExposureShared, "closed": inventory.ExposureLocal} {
		s := got.secretAt(filepath.Join(repo, dir, ".mcp.json"), "/mcpServers/a/env/GITHUB_TOKEN")
		if s == nil || s.Exposure != want {
			t.Errorf("%s: %+v", dir, s)
		}
	}
}

func TestManagedFilesBelowRoot(t *testing.T) {
	home, o := realTemp(t), testOptions(t)
	plant(t, o.Root, map[string]string{"etc/claude-code/managed-settings.json": `{"permissions":{"disableBypassPermissionsMode":"disable"}}`})
	plant(t, home, map[string]string{".claude/settings.json": `{"permissions":{"defaultMode":"bypassPermissions"}}`})
	got := collect(t, o, sources.Env{Home: home, Paths: []string{realTemp(t)}})
	if a := got.assistant(t, "claude-code", "user"); a.Autonomy == inventory.AutonomyUnattended {
		t.Errorf("the managed ceiling does not hold: %s, %s", a.Autonomy, a.AutonomyReason)
	}
}

func TestHomeIsNoProject(t *testing.T) {
	home := realTemp(t)
	plant(t, home, map[string]string{
		".claude/settings.json":             `{}`,
		".claude/plugins/cache/x/.mcp.json": goodServers,
		".vscode/extensions/y/.mcp.json":    goodServers,
		"src/a/.mcp.json":                   goodServers,
	})
	got := collect(t, testOptions(t), sources.Env{Home: home, Paths: []string{home}})
	want := []string{"claude-code project ~/src/a", "claude-code user ~"}
	names := got.names()
	slices.Sort(names)
	if !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func document(t testing.TB, r ran) string {
	t.Helper()
	s := inventory.NewSnapshot(testNow, r.Records, false).Records()
	all, err := json.Marshal(struct {
		A, B any
	}{s, r.status})
	must(t, err)
	return string(all)
}

func TestTwoRunsAreEqual(t *testing.T) {
	home, repo, _ := dayOfWork(t)
	o := testOptions(t)
	first := document(t, collect(t, o, sources.Env{Home: home, Paths: []string{repo}}))
	for range 5 {
		if again := document(t, collect(t, o, sources.Env{Home: home, Paths: []string{repo}})); again != first {
			t.Fatal("two runs over the same files differ")
		}
	}
}

// The order in which the file system lists a folder is no fact.
func TestOrderOfListingDoesNotMatter(t *testing.T) {
	var first string
	base, o := realTemp(t), testOptions(t)
	for round := range 6 {
		must(t, os.RemoveAll(filepath.Join(base, "repo")))
		names := []string{".mcp.json", ".claude/settings.json", "CLAUDE.md", "x/.mcp.json", "y/.cursor/mcp.json", "z/.claude/settings.local.json", "a/AGENTS.md"}
		rand.New(rand.NewPCG(uint64(round), 7)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, n := range names {
			text := `{}`
			if strings.HasSuffix(n, "mcp.json") {
				text = goodServers
			}
			plant(t, filepath.Join(base, "repo"), map[string]string{n: text})
		}
		got := document(t, collect(t, o, sources.Env{Home: filepath.Join(base, "home"), Paths: []string{filepath.Join(base, "repo")}}))
		if round == 0 {
			first = got
		} else if got != first {
			i := 0
			for got[i] == first[i] {
				i++
			}
			t.Fatalf("the order in which files were made shows in the result:\n…%s\n…%s", first[max(0, i-200):i+80], got[max(0, i-200):i+80])
		}
	}
}
