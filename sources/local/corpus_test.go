package local_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/sources"
	"nhitop/sources/internal/doc"
	"nhitop/sources/local"
)

// The trees of testdata/corpus were written by the programs themselves (README.md there says which were not). Each has an
// expect.json that says what is in it.

type expectation struct {
	Files []struct{ Path, Mode string }

	Identity   map[string]any
	MCPServers []expectedServer `json:"mcp_servers"`
	Secrets    []expectedSecret
	References []struct{ File, Pointer, Ref string } `json:"secret_references"`
	Autonomy   []expectedSetting

	Entries []expectedEntry // of the hand-written tree
	Facts   []expectedFact  // of what is inherited
}

type expectedServer struct {
	Name, Transport, File, Pointer, Scope, Command, URL string
	Args                                                []string
	EnvKeys                                             []string `json:"env_keys"`
	HeaderNames                                         []string `json:"header_names"`
	Enabled                                             bool
	Approval                                            string `json:"approval_state"`
	Trust                                               bool
}

type expectedSecret struct {
	File, Kind, Form string
	Pointer, Last4   *string
}

type expectedSetting struct {
	Setting, File, Pointer string
	Value                  any
	Effective              bool
}

type expectedEntry struct {
	Assistant, File string
	Secrets         []expectedSecret
	MCPServers      []string `json:"mcp_servers"`
	Autonomy        []string
}

type expectedFact struct {
	expectedSecret
	Owner     map[string]any
	Expires   *time.Time
	LongLived *bool `json:"long_lived"`
	Report    *bool
	Encrypted *bool
	Form      string
}

// tree is one scanned copy of a tree.
type tree struct {
	t    *testing.T
	dir  string
	want expectation
	got  inventory.Records
	json string
	src  sources.Source
}

var corpusNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// scan copies a tree, sets the modes that git does not keep, and reads it as "scan --home home --path repo" does. root is
// where managed files are looked for, "" for nowhere.
func scan(t *testing.T, name, root string) *tree {
	t.Helper()
	return scanWith(t, name, root, nil)
}

// scanWith is scan with more files in the copy.
func scanWith(t *testing.T, name, root string, more map[string]string) *tree {
	t.Helper()
	tr := &tree{t: t, dir: filepath.Join(resolved(t), "tree")}
	check(t, os.CopyFS(tr.dir, os.DirFS(filepath.Join("testdata", "corpus", name))))
	for file, text := range more {
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(tr.dir, file)), 0o700))
		check(t, os.WriteFile(filepath.Join(tr.dir, file), []byte(text), 0o600))
	}
	data, err := os.ReadFile(filepath.Join(tr.dir, "expect.json"))
	check(t, err)
	check(t, json.Unmarshal(data, &tr.want))
	for _, f := range tr.want.Files {
		mode, err := strconv.ParseUint(f.Mode, 8, 32)
		check(t, err)
		check(t, os.Chmod(filepath.Join(tr.dir, f.Path), fs.FileMode(mode)))
	}
	o := local.Defaults()
	o.Root = filepath.Join(tr.dir, root)
	if root == "" {
		o.Root = resolved(t)
	}
	now := func() time.Time { return corpusNow }
	src, err := local.New(o, sources.Env{Now: now, Home: filepath.Join(tr.dir, "home"), Paths: []string{filepath.Join(tr.dir, "repo")}, Explicit: true})
	check(t, err)
	sink := inventory.NewSink("local", inventory.Key{7}, now)
	st := sources.Collector{Now: now}.Collect(t.Context(), src, sink)
	if st.Status != inventory.SourceOK {
		t.Errorf("status %s: %s", st.Status, st.Reason)
	}
	records := merge.Merge([]inventory.Batch{sink.Batch()}, nil)
	records.Sources = []inventory.SourceStatus{st}
	tr.got = inventory.NewSnapshot(corpusNow, records, false).Records()
	text, err := json.MarshalIndent(tr.got, "", " ")
	check(t, err)
	tr.json, tr.src = string(text), src
	return tr
}

func resolved(t *testing.T) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	return dir
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shown is how the scan calls a file of the tree.
func (tr *tree) shown(file string) string {
	if rest, ok := strings.CutPrefix(file, "home/"); ok {
		return "~/" + rest
	}
	return filepath.Join(tr.dir, file)
}

func TestCorpus(t *testing.T) {
	for _, name := range []string{"claude", "codex", "gemini", "copilot", "opencode", "continue"} {
		t.Run(name, func(t *testing.T) {
			tr := scan(t, name, "")
			for _, s := range tr.want.MCPServers {
				tr.server(s)
			}
			for _, s := range tr.want.Secrets {
				tr.secret(s)
			}
			for _, r := range tr.want.References {
				tr.reference(r.File, r.Pointer, r.Ref)
			}
			for _, a := range tr.want.Autonomy {
				tr.setting(a)
			}
			for _, key := range []string{"email", "github_login"} {
				if want, _ := tr.want.Identity[key].(string); want != "" && !slices.ContainsFunc(tr.got.Assistants, func(a inventory.Assistant) bool {
					return strings.Contains(a.Account, want)
				}) {
					t.Errorf("no assistant has the account %s", want)
				}
			}
			tr.onlyExpectedSecrets()
			tr.noLeak()
		})
	}
}

// otherEnd are files whose expect.json tells another end than the value that stands in them has.
var otherEnd = map[string]bool{"home/.kube/config": true}

// switchedOffElsewhere are servers whose expect.json tells only what their own entry says, while the program's command
// that made the tree ("copilot mcp disable atlassian") put them on the list of disabled servers in another file.
var switchedOffElsewhere = map[string]bool{"home/.copilot/mcp-config.json/mcpServers/atlassian": true}

// server checks one tool server.
func (tr *tree) server(want expectedServer) {
	tr.t.Helper()
	found := tr.tools(want.Name, want.File, want.Pointer)
	if len(found) == 0 {
		tr.t.Errorf("server %s of %s%s is not reported", want.Name, want.File, want.Pointer)
	}
	for _, tool := range found {
		say := func(what string, got, wanted any) {
			tr.t.Errorf("server %s of %s: %s is %v, want %v", want.Name, want.File, what, got, wanted)
		}
		if !strings.Contains(want.Transport, tool.Transport) || tool.Transport == "" {
			say("transport", tool.Transport, want.Transport)
		}
		if tool.Enabled != want.Enabled && !switchedOffElsewhere[want.File+want.Pointer] {
			say("enabled", fmt.Sprint(tool.Enabled, " ", tool.EnabledReason), want.Enabled)
		}
		if want.Command != "" && tool.Command != want.Command {
			say("command", tool.Command, want.Command)
		}
		for i, a := range want.Args {
			if !strings.Contains(a, "fa4e") && (i >= len(tool.Args) || tool.Args[i] != a) {
				say("args", tool.Args, want.Args)
			}
		}
		if want.URL != "" && tool.URL != want.URL {
			say("url", tool.URL, want.URL)
		}
		if want.EnvKeys != nil && !slices.Equal(slices.Sorted(slices.Values(tool.EnvNames)), slices.Sorted(slices.Values(want.EnvKeys))) {
			say("environment", tool.EnvNames, want.EnvKeys)
		}
		if want.HeaderNames != nil && !slices.Equal(tool.HeaderNames, want.HeaderNames) {
			say("headers", tool.HeaderNames, want.HeaderNames)
		}
		if want.Approval != "" && tool.Approval != want.Approval {
			say("approval", tool.Approval, want.Approval)
		}
		if scope, _, _ := strings.Cut(want.Scope, " "); want.Scope != "" && tool.Scope != scope {
			say("scope", tool.Scope, scope)
		}
		if want.Trust && !tool.AutoApproved {
			say("approved without asking", tool.AutoApproved, true)
		}
	}
}

// tools returns the tools of a name that are told from a file, and from a pointer unless that is "". A server that waits
// in a file shared by products may be told of each of them; the tools of the file's own product come first.
func (tr *tree) tools(name, file, pointer string) []inventory.Tool {
	var out []inventory.Tool
	for _, tool := range tr.got.Tools {
		if tool.Name == name && slices.ContainsFunc(tool.Evidence, func(e inventory.Evidence) bool {
			return e.Path == tr.shown(file) && (pointer == "" || e.Pointer == pointer)
		}) {
			out = append(out, tool)
		}
	}
	return out
}

// secret checks one secret: where it stands, what it is, and how it ends.
func (tr *tree) secret(want expectedSecret) *inventory.Secret {
	tr.t.Helper()
	got := tr.secretAt(want.File, deref(want.Pointer))
	if got == nil {
		tr.t.Errorf("secret %s of %s %s is not reported", want.Kind, want.File, deref(want.Pointer))
		return nil
	}
	kind, _, _ := strings.Cut(want.Kind, " ")
	if got.Kind != kind {
		tr.t.Errorf("secret of %s %s is %s, want %s", want.File, deref(want.Pointer), got.Kind, kind)
	}
	if last := deref(want.Last4); want.Last4 != nil && got.Hint != last && !otherEnd[want.File] && (got.Hint != "" || tr.valueLen(want) >= 20) {
		tr.t.Errorf("secret of %s %s ends in %q, want %q", want.File, deref(want.Pointer), got.Hint, last)
	}
	if i := slices.IndexFunc(tr.want.Files, func(f struct{ Path, Mode string }) bool { return f.Path == want.File }); i >= 0 {
		for _, l := range got.Locations {
			if l.Path == tr.shown(want.File) && l.Mode != "0"+tr.want.Files[i].Mode {
				tr.t.Errorf("%s has mode %s, want %s", want.File, l.Mode, tr.want.Files[i].Mode)
			}
		}
	}
	return got
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (tr *tree) secretAt(file, pointer string) *inventory.Secret {
	for i := range tr.got.Secrets {
		for _, l := range tr.got.Secrets[i].Locations {
			if l.Path == tr.shown(file) && samePointer(l.Pointer, pointer) {
				return &tr.got.Secrets[i]
			}
		}
	}
	return nil
}

// samePointer compares pointers, as expect.json writes them: for some formats without the leading slash or by the line.
func samePointer(got, want string) bool {
	plain := strings.NewReplacer("~1", "/", "~0", "~").Replace
	if n, ok := strings.CutPrefix(want, "line "); ok {
		i, _ := strconv.Atoi(n)
		return got == "/"+strconv.Itoa(i-1)
	}
	g, w := plain(got), plain(want)
	return g == w || g == "/"+w || w != "" && g == "/"+w+"/password"
}

var userinfo = regexp.MustCompile(`://[^:/@\s]*:([^@\s]+)@`)

// values returns the secret texts that stand where a secret is expected.
func (tr *tree) values(want expectedSecret) []string {
	path := filepath.Join(tr.dir, want.File)
	data, err := os.ReadFile(path)
	check(tr.t, err)
	format := formatOf(path)
	d, _ := doc.Parse(format, data)
	for _, p := range []string{deref(want.Pointer), "/" + deref(want.Pointer), "/" + deref(want.Pointer) + "/password"} {
		n := d.At(p)
		if format == doc.NPMRC {
			n = d.At("/" + strings.ReplaceAll(deref(want.Pointer), "/", "~1"))
		}
		if n == nil || n.Text == "" {
			continue
		}
		text := n.Text
		if lines := strings.Split(text, "\n"); len(lines) > 3 {
			return lines[1 : len(lines)-2] // the body of a PEM block
		}
		if m := userinfo.FindStringSubmatch(text); m != nil {
			return []string{m[1]}
		}
		if i := strings.LastIndexAny(text, " \t"); i >= 0 && format != doc.Text {
			text = text[i+1:]
		}
		out := []string{strings.TrimPrefix(text, "openrouter=")}
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil && strings.Contains(want.Kind, "basic-auth") {
			_, pass, _ := strings.Cut(string(raw), ":")
			out = append(out, pass)
		}
		return out
	}
	return nil
}

func (tr *tree) valueLen(want expectedSecret) int {
	n := 0
	for _, v := range tr.values(want) {
		n = max(n, len(v))
	}
	return n
}

func formatOf(path string) doc.Format {
	base := filepath.Base(path)
	switch ext := filepath.Ext(path); {
	case base == ".env", ext == ".env":
		return doc.Dotenv
	case base == ".npmrc":
		return doc.NPMRC
	case base == ".netrc":
		return doc.Netrc
	case base == ".git-credentials":
		return doc.Lines
	case base == "credentials", base == ".pypirc", base == "config_default":
		return doc.INI
	case ext == ".toml":
		return doc.TOML
	case ext == ".yaml", ext == ".yml", strings.HasSuffix(path, ".kube/config"):
		return doc.YAML
	case ext == ".json", ext == ".jsonc":
		return doc.JSONC
	}
	return doc.Text
}

// reference checks that something is told as a reference and not as a secret.
func (tr *tree) reference(file, pointer, text string) {
	tr.t.Helper()
	if s := tr.secretAt(file, pointer); s != nil {
		tr.t.Errorf("%s%s is a reference and is reported as a secret (%s)", file, pointer, s.Kind)
	}
	if !slices.ContainsFunc(tr.got.References, func(r inventory.Reference) bool {
		return r.Path == tr.shown(file) && samePointer(r.Pointer, pointer) && (strings.Contains(r.Text, text) || strings.Contains(text, r.Text))
	}) {
		tr.t.Errorf("reference %s of %s%s is not reported", text, file, pointer)
	}
}

// setting checks that a setting is told with its value, a list or table by each of its elements.
func (tr *tree) setting(want expectedSetting) {
	tr.t.Helper()
	if want.File == "" || want.Setting == "policy rule" {
		return
	}
	var found []inventory.Setting
	for _, a := range tr.got.Assistants {
		for _, s := range a.Settings {
			if s.Path == tr.shown(want.File) && (s.Name == want.Setting || strings.HasPrefix(s.Name, want.Setting+".") || want.Pointer != "" && s.Pointer == want.Pointer) {
				found = append(found, s)
			}
		}
	}
	holds := func(text string) bool {
		return slices.ContainsFunc(found, func(s inventory.Setting) bool {
			return s.Value == text || strings.Contains(s.Value, strconv.Quote(text)) || strings.HasSuffix(s.Name, text)
		})
	}
	for _, text := range leaves(want.Value) {
		if !holds(text) {
			tr.t.Errorf("setting %s of %s: %q is not reported; there is %v", want.Setting, want.File, text, found)
		}
	}
	if want.Effective && !slices.ContainsFunc(found, func(s inventory.Setting) bool { return s.Effective }) {
		tr.t.Errorf("setting %s of %s is not told as effective", want.Setting, want.File)
	}
}

// leaves lists keys and scalars of a JSON value.
func leaves(v any) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			out = append(out, leaves(x)...)
		}
	case map[string]any:
		for k, x := range v {
			out = append(append(out, k), leaves(x)...)
		}
	default:
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// onlyExpectedSecrets checks that nothing else is taken for a secret.
func (tr *tree) onlyExpectedSecrets() {
	tr.t.Helper()
	for _, s := range tr.got.Secrets {
		for _, l := range s.Locations {
			if !slices.ContainsFunc(tr.want.Secrets, func(w expectedSecret) bool {
				return tr.shown(w.File) == l.Path && samePointer(l.Pointer, deref(w.Pointer))
			}) {
				tr.t.Errorf("%s%s is reported as a secret (%s) and is none", l.Path, l.Pointer, s.Kind)
			}
		}
	}
}

// noLeak checks that no planted value, nor 8 characters of one before its last four, is in the JSON.
func (tr *tree) noLeak() {
	tr.t.Helper()
	want := slices.Clone(tr.want.Secrets)
	for _, e := range tr.want.Entries {
		for _, s := range e.Secrets {
			s.File = e.File
			want = append(want, s)
		}
	}
	for _, f := range tr.want.Facts {
		if !f.isNone() {
			want = append(want, f.expectedSecret)
		}
	}
	planted, public := 0, tr.public()
	out := tr.json + tr.excerpts()
	for _, w := range want {
		for _, v := range tr.values(w) {
			planted++
			if len(v) >= 8 && strings.Contains(out, v) {
				tr.t.Errorf("the value of %s %s is in the output", w.File, deref(w.Pointer))
			}
			for i := 0; i+8 <= len(v)-4; i++ {
				if part := v[i : i+8]; !harmless(part) && !strings.Contains(public, part) && strings.Contains(out, part) {
					at := strings.Index(out, part)
					tr.t.Errorf("a part of %s %s is in the output after %q", w.File, deref(w.Pointer), out[max(0, at-80):at])
					break
				}
			}
		}
	}
	if planted == 0 {
		tr.t.Error("no planted value was found to look for")
	}
}

// public is the text around the secrets: pointers and addresses have words in common with made-up values.
func (tr *tree) public() string {
	var b strings.Builder
	for _, s := range tr.want.MCPServers {
		b.WriteString(s.URL + " " + s.Pointer + " ")
	}
	for _, s := range tr.want.Secrets {
		b.WriteString(deref(s.Pointer) + " ")
	}
	for _, f := range tr.want.Facts {
		b.WriteString(f.File + " " + deref(f.Pointer) + " ")
	}
	return b.String()
}

// harmless says whether a part stands for itself: hex digits and the prefix of a kind are in ids and names too.
func harmless(part string) bool {
	return cmp.Or(strings.Trim(part, "0123456789abcdef-") == "", strings.HasPrefix("github_pat_", part))
}
