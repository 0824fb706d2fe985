package catalogue

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// contractIDs are the kinds of assistant that the interface of the program names.
var contractIDs = strings.Fields(`claude-code claude-desktop codex gemini-cli qwen-code copilot copilot-cli vscode cursor windsurf
	cline roo-code kilo-code continue aider zed opencode crush amp goose amazon-q kiro junie augment factory-droid openhands devin
	cody tabnine gitlab-duo warp antigravity`)

func TestEmbeddedIsSound(t *testing.T) {
	var b builder
	b.layer(embedded, "data", "")
	strict, err := b.finish()
	if err != nil {
		t.Fatal(err)
	}
	c := Embedded()
	if !reflect.DeepEqual(strict.Assistants, c.Assistants) || !reflect.DeepEqual(strict.Servers, c.Servers) ||
		!reflect.DeepEqual(strict.CredentialFiles, c.CredentialFiles) || !reflect.DeepEqual(strict.CredentialKinds, c.CredentialKinds) {
		t.Error("the strict reading and the one of each start differ")
	}
	for _, id := range contractIDs {
		if c.Assistant(id) == nil {
			t.Errorf("no entry for %s", id)
		}
	}
	if c.Assistant("no-such-thing") != nil || c.Kind("no-such-kind") != nil {
		t.Error("a lookup of something unknown gave an entry")
	}
}

func TestEachAssistantSaysWhereFromAndWhen(t *testing.T) {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, a := range Embedded().Assistants {
		if len(a.Facts) < 10 {
			t.Errorf("%s: facts %q say nothing", a.ID, a.Facts)
		}
		if d, err := time.Parse(time.DateOnly, a.Checked); err != nil || d.Before(first) {
			t.Errorf("%s: checked %q", a.ID, a.Checked)
		}
		if a.Default.Autonomy == "" || a.Default.Why == "" {
			t.Errorf("%s: no default autonomy with its reason", a.ID)
		}
		if a.Acts && len(a.Files)+len(a.Instructions)+len(a.CI.Bots) == 0 && a.ID != "nhitop" { // which knows of itself
			t.Errorf("%s: nothing to find it by", a.ID)
		}
	}
}

func TestEachModeThatCanBeTurnedBackSaysHow(t *testing.T) {
	for _, a := range Embedded().Assistants {
		for _, f := range a.Files {
			for _, s := range f.Settings {
				for _, norm := range s.Values {
					if norm == "unattended" && s.Safe == "" && s.Means == "autonomy" {
						t.Errorf("%s %s %s: can be unattended and names no safe value", a.ID, f.ID, s.Pointer)
						break
					}
				}
				if s.Safe != "" && s.Means == "autonomy" {
					if n := s.Values[s.Safe]; n == "unattended" || n == "auto" {
						t.Errorf("%s %s %s: the safe value %q is %s", a.ID, f.ID, s.Pointer, s.Safe, n)
					}
				}
			}
		}
	}
}

func TestPackagesAndHostsNameOneServer(t *testing.T) {
	seen := map[string]string{}
	for _, s := range Embedded().Servers {
		for _, k := range append(slices.Clone(s.Packages), s.Hosts...) {
			k = packageKey(k)
			if other, ok := seen[k]; ok && other != s.ID {
				t.Errorf("%s stands with %s and %s", k, other, s.ID)
			}
			seen[k] = s.ID
		}
	}
}

func TestRowsAreSharedByName(t *testing.T) {
	a := Embedded().Assistant("claude-code")
	user, project := a.File("user-settings"), a.File("project-settings")
	if user == nil || project == nil || len(project.Settings) != len(user.Settings) || len(project.Secrets) != len(user.Secrets) {
		t.Fatal("project settings do not have the rows of the user's")
	}
	own := Embedded().Assistant("gemini-cli").File("project-settings")
	if !own.Servers[0].Repo {
		t.Error("a file's own rows gave way to shared ones")
	}
}

func TestPlaces(t *testing.T) {
	f := File{Paths: []string{"~/.a"}, Linux: []string{"~/.b"}, MacOS: []string{"~/Library/b"}, Windows: []string{"~/AppData/b", "~/.a"}, Scope: "local"}
	for goos, want := range map[string][]string{"linux": {"~/.a", "~/.b"}, "freebsd": {"~/.a", "~/.b"}, "darwin": {"~/.a", "~/Library/b"},
		"windows": {"~/.a", "~/AppData/b"}} {
		if got := f.PathsFor(goos); !slices.Equal(got, want) {
			t.Errorf("%s: %v", goos, got)
		}
	}
	if got := f.AllPaths(); len(got) != 4 {
		t.Errorf("all: %v", got)
	}
	if f.Precedence() != 40 || (&File{Scope: "local", Rank: 7}).Precedence() != 7 {
		t.Error("precedence")
	}
	no := false
	for want, f := range map[bool][]File{true: {{Scope: "user", Role: "settings"}}, false: {{Scope: "system"}, {Role: "instructions", Scope: "project"},
		{Scope: "user", Proves: &no}}} {
		for _, x := range f {
			if x.Exists() != want {
				t.Errorf("%+v proves %v", x, !want)
			}
		}
	}
	for _, x := range []File{{Format: "sqlite"}, {Format: "keyring"}, {Format: "binary"}, {Format: "json", Role: "transcript"}} {
		if x.Opened() {
			t.Errorf("%s %s is opened", x.Format, x.Role)
		}
	}
}

const custom = `id = "acme"
name = "Acme Coder"
vendor = "Acme"
facts = "our own"
checked = "2026-11-22"
[default]
autonomy = "ask"
why = "asks"
[[file]]
id = "settings"
scope = "user"
format = "json"
role = "settings"
paths = ["~/.acme/settings.json"]
[[file.setting]]
pointer = "/mode"
kind = "mode"
means = "autonomy"
values = { full = "unattended" }
safe = "ask"
`

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestUserFolderAddsAndOverrides(t *testing.T) {
	dir := folder(t, map[string]string{
		"assistants/acme.toml":  custom,
		"assistants/aider.toml": strings.Replace(strings.Replace(custom, `"acme"`, `"aider"`, 1), "Acme Coder", "Our Aider", 1),
		"assistants/notes.txt":  "not TOML",
		"servers.toml":          "[[server]]\nid = \"ours\"\nname = \"Ours\"\npackages = [\"@acme/mcp\"]\nhosts = [\"mcp.linear.app\"]\n[[server]]\nid = \"linear\"\nname = \"L\"\nhosts = [\"linear.acme.example\"]\n",
		"credential_files.toml": "[[file]]\nid = \"acme-token\"\nname = \"Acme\"\nformat = \"text\"\npaths = [\"~/.acme/token\"]\nrepo = [\".acme-token\"]\nkind = \"acme-token\"\n",
		"credential_kinds.toml": "[[kind]]\nkind = \"acme-token\"\nname = \"Acme token\"\n",
	})
	base := Embedded()
	before := len(base.Assistants)
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Assistant("acme"); a == nil || a.Files[0].Settings[0].Values["full"] != "unattended" {
		t.Fatal("the new entry is not there whole")
	}
	if a := c.Assistant("aider"); a.Name != "Our Aider" || len(a.Files) != 1 {
		t.Error("the user's entry did not take the place of the embedded one")
	}
	if len(c.Assistants) != before+1 || len(base.Assistants) != before || base.Assistant("aider").Name != "Aider" {
		t.Error("the embedded catalogue was changed, or entries are lost")
	}
	if s := c.MatchServer("", nil, "https://mcp.linear.app/mcp"); s == nil || s.ID != "ours" {
		t.Error("the user's host is not known")
	}
	if c.Kind("acme-token") == nil {
		t.Error("the user's kind is not known")
	}
	if !slices.ContainsFunc(c.CredentialFiles, func(f CredentialFile) bool { return f.ID == "acme-token" }) {
		t.Error("the user's credential file is not known")
	}
	if !slices.IsSortedFunc(c.Assistants, func(a, b Assistant) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not in order")
	}
}

func TestBadEntries(t *testing.T) {
	edit := func(old, new string) map[string]string {
		if !strings.Contains(custom, old) {
			t.Fatalf("%q is not in the sample", old)
		}
		return map[string]string{"assistants/acme.toml": strings.Replace(custom, old, new, 1)}
	}
	servers := func(s string) map[string]string { return map[string]string{"servers.toml": s} }
	for name, c := range map[string]struct {
		files map[string]string
		want  string // regular expression
	}{
		"not TOML":          {edit(`name = "Acme Coder"`, `name = Acme Coder`), `acme\.toml:2: name: not TOML: expected value`},
		"unknown key":       {edit(`vendor =`, `vendro =`), `acme\.toml:3: vendro: unknown key; did you mean "vendor"\?`},
		"unknown row key":   {edit(`pointer = "/mode"`, `ponter = "/mode"`), `acme\.toml:16: file\[1\]\.setting\[1\]\.ponter: unknown key; did you mean "pointer"\?`},
		"unknown table":     {custom2("[ci]\nbots = []\n[nonsense]\na = 1\n"), `acme\.toml:\d+: nonsense: unknown key; take it out, or use one of: id name`},
		"wrong type":        {edit(`["~/.acme/settings.json"]`, `"~/.acme/settings.json"`), `acme\.toml:14: file\[1\]\.paths: the value is a string; write a list of strings`},
		"wrong scalar":      {edit(`name = "Acme Coder"`, `name = 3`), `acme\.toml:2: name: the value is a number; write a string in quotes`},
		"missing id":        {edit(`id = "acme"`, ``), `acme\.toml:1: id: missing; add id = "\.\.\."`},
		"file name":         {edit(`id = "acme"`, `id = "acne"`), `acme\.toml:1: id: "acne" stands in a file named acme\.toml; give both the same name`},
		"id no word":        {edit(`id = "settings"`, `id = "Set tings"`), `acme\.toml:10: file\[1\]\.id: "Set tings" is not a plain word`},
		"unknown scope":     {edit(`scope = "user"`, `scope = "usr"`), `acme\.toml:11: file\[1\]\.scope: "usr" is not known; did you mean "user"\? Known here: user project local managed system`},
		"unknown format":    {edit(`format = "json"`, `format = "jsno"`), `acme\.toml:12: file\[1\]\.format: "jsno" is not known; did you mean "json"\?`},
		"unknown role":      {edit(`role = "settings"`, `role = "setings"`), `acme\.toml:13: file\[1\]\.role: "setings" is not known; did you mean "settings"\?`},
		"unknown kind":      {edit(`kind = "mode"`, `kind = "moed"`), `acme\.toml:17: file\[1\]\.setting\[1\]\.kind: "moed" is not known; did you mean "mode"\?`},
		"unknown means":     {edit(`means = "autonomy"`, `means = "autonmy"`), `acme\.toml:18: .*means: "autonmy" is not known; did you mean "autonomy"\?`},
		"unknown value":     {edit(`"unattended"`, `"unatended"`), `acme\.toml:19: file\[1\]\.setting\[1\]\.values\.full: "unatended" is not known; did you mean "unattended"\?`},
		"values, no means":  {edit("means = \"autonomy\"\n", ``), `acme\.toml:18: .*values: values without means; add means`},
		"unknown autonomy":  {edit(`autonomy = "ask"`, `autonomy = "task"`), `acme\.toml:7: default\.autonomy: "task" is not known; did you mean "ask"\?`},
		"bad pointer":       {edit(`"/mode"`, `"mode"`), `acme\.toml:16: .*pointer: "mode" is not a JSON pointer; start it with "/"`},
		"bad escape":        {edit(`"/mode"`, `"/a~b"`), `acme\.toml:16: .*pointer: "/a~b" is not a JSON pointer; write "~"`},
		"no pointer":        {edit("pointer = \"/mode\"\n", ``), `acme\.toml:15: file\[1\]\.setting\[1\]: no pointer; add pointer`},
		"user path":         {edit(`"~/.acme/settings.json"`, `"/etc/acme.json"`), `acme\.toml:14: file\[1\]\.paths\[1\]: not a user path; start a user path with "~/"`},
		"path out":          {edit(`"~/.acme/settings.json"`, `"~/../x.json"`), `acme\.toml:14: .*paths\[1\]: not a plain path`},
		"backslash":         {edit(`"~/.acme/settings.json"`, `"~/a\\b"`), `acme\.toml:14: .*paths\[1\]: holds a backslash; write /`},
		"project path":      {edit(`scope = "user"`, `scope = "project"`), `acme\.toml:14: .*paths\[1\]: not relative to the project`},
		"managed path":      {edit("scope = \"user\"\nformat = \"json\"\nrole = \"settings\"\npaths = [\"~/", "scope = \"managed\"\nformat = \"json\"\nrole = \"settings\"\npaths = [\""), `acme\.toml:14: .*paths\[1\]: not absolute`},
		"no path":           {edit("paths = [\"~/.acme/settings.json\"]\n", ``), `acme\.toml:9: file\[1\]: no path; add paths`},
		"second file id":    {custom2("[[file]]\nid = \"settings\"\nscope = \"user\"\nformat = \"json\"\nrole = \"state\"\npaths = [\"~/.b\"]\n"), `acme\.toml:22: file\[2\]\.id: "settings" is the id of another file`},
		"sqlite, no reason": {edit(`format = "json"`, `format = "sqlite"`), `acme\.toml:12: file\[1\]\.format: a file that is never opened needs a reason`},
		"as":                {edit(`role = "settings"`, "role = \"settings\"\nas = \"nobody\""), `acme\.toml:14: file\[1\]\.as: no file "nobody"`},
		"bad day":           {edit(`2026-11-22`, `yesterday`), `acme\.toml:5: checked: not a day; write YYYY-MM-DD`},
		"bad RE2":           {custom2("[ci]\ncommands = [\"a(\"]\n"), `acme\.toml:22: ci\.commands\[1\]: not a regular expression \(.*\); write it in RE2`},
		"bad flag":          {custom2("[[ci.flag]]\nmatch = \"(?=x)\"\nmeans = \"autonomy\"\nvalue = \"auto\"\n"), `acme\.toml:22: ci\.flag\[1\]\.match: not a regular expression`},
		"unknown input":     {custom2("[ci]\ninput = [{ name = \"k\", kind = \"credentials\" }]\n"), `acme\.toml:22: ci\.input\[1\]\.kind: "credentials" is not known; did you mean "credential"\?`},
		"unknown ability":   {custom2("[default.capabilities]\nexec-locl = \"yes\"\n"), `acme\.toml:22: default\.capabilities\.exec-locl: "exec-locl" is not known; did you mean "exec-local"\?`},
		"unknown surface":   {edit(`vendor = "Acme"`, "vendor = \"Acme\"\nsurfaces = [\"cli\", \"ied\"]"), `acme\.toml:4: surfaces\[2\]: "ied" is not known; did you mean "ide"\?`},
		"duplicate server":  {servers("[[server]]\nid = \"a\"\nname = \"A\"\nhosts = [\"a.example\"]\n[[server]]\nid = \"a\"\nname = \"A\"\nhosts = [\"b.example\"]\n"), `servers\.toml:6: server\[2\]\.id: "a" stands here twice`},
		"bare server":       {servers("[[server]]\nid = \"a\"\nname = \"A\"\n"), `servers\.toml:1: server\[1\]: neither packages nor hosts`},
		"grant":             {servers("[[server]]\nid = \"a\"\nname = \"A\"\nhosts = [\"a\"]\n[[server.grant]]\ncapability = \"data-reed\"\nlevel = \"reed\"\nwhen = \"[\"\n"), `servers\.toml:6: server\[1\]\.grant\[1\]\.capability: "data-reed" is not known; did you mean "data-read"\?`},
		"kind twice":        {map[string]string{"credential_kinds.toml": "[[kind]]\nkind = \"a\"\nname = \"A\"\n[[kind]]\nkind = \"a\"\nname = \"A\"\n"}, `credential_kinds\.toml:5: kind\[2\]\.kind: "a" stands here twice`},
		"kind's life":       {map[string]string{"credential_kinds.toml": "[[kind]]\nkind = \"a\"\nname = \"A\"\nlives = \"a day\"\n"}, `credential_kinds\.toml:4: kind\[1\]\.lives: "a day" is no duration; write 1h or 30m`},
		"credential path":   {map[string]string{"credential_files.toml": "[[file]]\nid = \"a\"\nname = \"A\"\nformat = \"text\"\nlinux = [\"~/.a\", \"b\"]\n"}, `credential_files\.toml:5: file\[1\]\.linux\[2\]: not absolute`},
		"not a file":        {map[string]string{"servers.toml/x": ""}, `servers\.toml: not a regular file; make it`},
		"too large":         {servers("#" + strings.Repeat("x", maxFileSize)), `servers\.toml: larger than 256 KiB`},
		"duplicate key":     {edit(`vendor = "Acme"`, "vendor = \"Acme\"\nvendor = \"Acme\""), `acme\.toml:4: `},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Load(folder(t, c.files))
			if err == nil {
				t.Fatal("no error")
			}
			if got == nil || len(got.Assistants) != 0 {
				t.Error("a bad folder gave entries")
			}
			if !regexp.MustCompile(c.want).MatchString(err.Error()) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

// custom2 is the sample with more at its end, which starts at line 21.
func custom2(more string) map[string]string {
	return map[string]string{"assistants/acme.toml": custom + more}
}

func TestLoadNamesTheFolder(t *testing.T) {
	for _, dir := range []string{filepath.Join(t.TempDir(), "none"), filepath.Join(folder(t, map[string]string{"f": ""}), "f")} {
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if c, err := Load(""); err != nil || c != Embedded() {
		t.Error("no folder is the embedded catalogue")
	}
	if c, err := Load(t.TempDir()); err != nil || len(c.Assistants) != len(Embedded().Assistants) {
		t.Error("an empty folder adds nothing", err)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	_, err := Load(folder(t, map[string]string{"servers.toml": strings.Repeat("[[server]]\nx = 1\n", 500)}))
	if n := strings.Count(err.Error(), "\n"); n > maxErrors {
		t.Errorf("%d lines of errors", n)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(custom, "[[server]]\nid = \"a\"\n")
	f.Add("[[file]]\n[[file.setting]]\nvalues = { a = { b = [[1]] } }\n", "a.b.c = {}\n")
	f.Add("file = [ { id = 'x', setting = [ { pointer = '/a' } ] }, 3 ]", "\"\\u0000\" = 1979-05-27")
	f.Add("[a.b]\n[a]\n[[a.b]]", "\xff\xfe")
	f.Fuzz(func(t *testing.T, assistant, server string) {
		b := builder{}
		var a Assistant
		if x := b.read(oneFile(assistant), "x", "x.toml", &a); x != nil {
			x.assistant(&a, "x")
			a.expand()
		}
		var s serversTable
		if x := b.read(oneFile(server), "x", "x.toml", &s); x != nil {
			x.servers(s.Servers)
		}
		c, err := b.finish()
		if c == nil || err != nil && !strings.Contains(err.Error(), "x.toml:") {
			t.Fatalf("an error that names no line: %v", err)
		}
	})
}

// TestTheExampleLoads reads the entry that doc.go shows.
func TestTheExampleLoads(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "//\t"); ok {
			b.WriteString(rest)
		}
	}
	c, err := Load(folder(t, map[string]string{"assistants/acme.toml": b.String()}))
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Assistant("acme"); a == nil || len(a.Files) != 2 || len(a.File("project").Settings) != 1 {
		t.Fatal("the example is not read whole")
	}
}

// TestKindsAreDescribed holds the catalogue's own rows to the table of credential kinds.
func TestKindsAreDescribed(t *testing.T) {
	c := Embedded()
	if len(c.CredentialKinds) == 0 || len(c.CredentialFiles) == 0 {
		t.Fatal("no credential kinds or files")
	}
	seen := map[string]string{}
	for _, a := range c.Assistants {
		for _, f := range a.Files {
			if f.Kind != "" {
				seen[f.Kind] = a.ID
			}
			for _, s := range f.Secrets {
				if s.Kind != "" {
					seen[s.Kind] = a.ID
				}
			}
		}
	}
	for _, f := range c.CredentialFiles {
		if f.Kind != "" {
			seen[f.Kind] = f.ID
		}
		for _, s := range f.Secrets {
			if s.Kind != "" {
				seen[s.Kind] = f.ID
			}
		}
	}
	for kind, from := range seen {
		if c.Kind(kind) == nil {
			t.Errorf("%s names the kind %s, of which nothing is known", from, kind)
		}
	}
}
