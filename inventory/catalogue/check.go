package catalogue

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
)

var (
	surfaces = []string{"cli", "ide", "desktop", "ci", "cloud"}
	scopes   = []string{"user", "project", "local", "managed", "system"}
	roles    = []string{"settings", "servers", "credentials", "state", "agents", "hooks", "plugin", "instructions", "transcript", "backup"}
	formats  = []string{"json", "jsonc", "toml", "yaml", "ini", "dotenv", "netrc", "npmrc", "properties", "lines", "text",
		"sqlite", "keyring", "binary"}
	means = map[string][]string{
		"autonomy": {"suggest", "ask", "auto-edit", "auto", "unattended", "unknown"},
		"headless": {"suggest", "ask", "auto-edit", "auto", "unattended", "unknown"},
		"sandbox":  {"none", "workspace", "container", "vm", "unknown"},
		"network":  {"open", "allowlist", "none", "unknown"},
		"trust":    {"trusted", "untrusted"},
	}
	settingKinds = []string{inventory.SettingMode, inventory.SettingAllow, inventory.SettingAsk, inventory.SettingDeny,
		inventory.SettingSandbox, inventory.SettingNetwork, inventory.SettingTrust, inventory.SettingServers, inventory.SettingHook,
		inventory.SettingHelper, inventory.SettingManaged, inventory.SettingEndpoint, inventory.SettingUpdate, inventory.SettingLog,
		inventory.SettingPlugin, inventory.SettingRule, inventory.SettingOther}
	inputKinds = []string{"credential", "mode", "allow", "sandbox", "network", "actors", "prompt", "servers", "settings", "args", "plugin"}
	picks      = []string{"email", "login", "org", "plan", "id", "name", "version", "time", "path"}
	answers    = []string{"no", "asks", "yes", "unknown"}
	levels     = []string{"read", "write", "admin"}
	hosts      = []string{"github", "gitlab", "gitea"}
	seals      = []string{"derivable", "os"}
	transports = []string{"http", "sse"}
	words      = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)
)

// assistant checks assistants/ID.toml.
func (f *file) assistant(a *Assistant, id string) {
	if f.off {
		return
	}
	f.must(nil, "id", a.ID)
	if a.ID != "" && a.ID != id {
		f.bad(keyPath{"id"}, fmt.Sprintf("%q stands in a file named %s.toml", a.ID, id), "give both the same name")
	}
	f.word(keyPath{"id"}, a.ID)
	f.must(nil, "name", a.Name)
	f.must(nil, "vendor", a.Vendor)
	f.must(nil, "facts", a.Facts)
	f.must(nil, "checked", a.Checked)
	if _, err := time.Parse(time.DateOnly, a.Checked); a.Checked != "" && err != nil {
		f.bad(keyPath{"checked"}, "not a day", "write YYYY-MM-DD")
	}
	for i, s := range a.Surfaces {
		f.oneOf(keyPath{"surfaces", elem(i)}, s, surfaces)
	}
	f.word(keyPath{"resolver"}, a.Resolver)
	f.defaults(keyPath{"default"}, a.Default)
	for i, p := range a.Instructions {
		f.relative(keyPath{"instructions", elem(i)}, p)
	}
	seen := map[string]bool{}
	for i := range a.Files {
		p := keyPath{"file", elem(i)}
		f.file(p, &a.Files[i])
		if as := a.Files[i].As; as != "" && (a.File(as) == nil || a.File(as).As != "" || as == a.Files[i].ID) {
			f.bad(p.With("as"), fmt.Sprintf("no file %q with rows of its own", as), "name the id of another [[file]] of this assistant")
		}
		if id := a.Files[i].ID; id != "" && seen[id] {
			f.bad(p.With("id"), fmt.Sprintf("%q is the id of another file of this assistant", id), "give each file its own id")
		}
		seen[a.Files[i].ID] = true
	}
	f.ci(keyPath{"ci"}, &a.CI)
	for i := range a.Apps {
		f.app(keyPath{"app", elem(i)}, &a.Apps[i])
	}
}

// app checks one [[app]] row.
func (f *file) app(p keyPath, a *App) {
	f.must(p, "slug", a.Slug)
	if strings.HasSuffix(a.Slug, "[bot]") || strings.ContainsAny(a.Slug, " /@") {
		f.bad(p.With("slug"), "not a slug", "write the name alone, without @ and [bot]")
	}
	f.oneOf(p.With("host"), a.Host, hosts)
	f.defaults(p.With("default"), a.Default)
}

func (f *file) defaults(p keyPath, d Default) {
	f.oneOf(p.With("autonomy"), d.Autonomy, means["autonomy"])
	f.oneOf(p.With("headless"), d.Headless, means["headless"])
	f.oneOf(p.With("sandbox"), d.Sandbox, means["sandbox"])
	f.oneOf(p.With("network"), d.Network, means["network"])
	for _, c := range sorted(d.Capabilities) {
		f.capability(p.With("capabilities", c), c)
		f.oneOf(p.With("capabilities", c), d.Capabilities[c], answers)
	}
}

// file checks one [[file]] row.
func (f *file) file(p keyPath, x *File) {
	f.must(p, "id", x.ID)
	f.word(p.With("id"), x.ID)
	f.must(p, "scope", x.Scope)
	f.oneOf(p.With("scope"), x.Scope, scopes)
	f.must(p, "format", x.Format)
	f.oneOf(p.With("format"), x.Format, formats)
	f.must(p, "role", x.Role)
	f.oneOf(p.With("role"), x.Role, roles)
	f.oneOf(p.With("sealed"), x.Sealed, seals)
	if !x.Opened() && x.Reason == "" {
		f.bad(p.With("format"), "a file that is never opened needs a reason", `add reason = "why it is not opened"`)
	}
	if len(x.AllPaths()) == 0 && x.Format != "keyring" {
		f.bad(p, "no path", `add paths = ["..."] or linux, macos, windows`)
	}
	if x.EnvBase != "" && x.EnvDir == "" || x.EnvDir != "" && x.EnvBase == "" {
		f.bad(p, "env_dir and env_base belong together", "give both: the variable, and the folder that it replaces")
	}
	if x.Rank < 0 || x.Rank > 100 {
		f.bad(p.With("rank"), "outside 0 to 100", "leave it out for the scope's own rank")
	}
	f.places(p, x.Scope, map[string][]string{"paths": x.Paths, "linux": x.Linux, "macos": x.MacOS, "windows": x.Windows})
	f.rows(p, x)
}

func (f *file) places(p keyPath, scope string, lists map[string][]string) {
	for _, key := range sorted(lists) {
		for i, s := range lists[key] {
			f.place(p.With(key, elem(i)), scope, s)
		}
	}
}

func (f *file) place(at keyPath, scope, s string) {
	switch scope {
	case "user":
		f.under(at, s, "~/", `start a user path with "~/"`)
	case "managed", "system":
		if !strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "~/") && !windowsAbs(s) {
			f.bad(at, "not absolute", `start it with "/", "C:/" or "~/"`)
		}
		f.tidy(at, s)
	default:
		f.relative(at, s)
	}
}

func windowsAbs(s string) bool {
	return len(s) > 3 && (s[0] >= 'A' && s[0] <= 'Z') && s[1:3] == ":/"
}

func (f *file) under(at keyPath, s, prefix, do string) {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || rest == "" {
		f.bad(at, "not a user path", do)
		return
	}
	f.tidy(at, rest)
}

func (f *file) relative(at keyPath, s string) {
	if s == "" || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "~") || windowsAbs(s) {
		f.bad(at, "not relative to the project", "write it from the project's root, without a leading / or ~/")
		return
	}
	f.tidy(at, s)
}

// tidy reports what would make a path mean another place than it says.
func (f *file) tidy(at keyPath, s string) {
	if strings.Contains(s, `\`) {
		f.bad(at, "holds a backslash", "write / on every system")
	} else if path.Clean(s) != s || slices.Contains(strings.Split(s, "/"), "..") {
		f.bad(at, "not a plain path", `take out "..", "." , doubled and trailing slashes`)
	} else if _, err := path.Match(s, ""); err != nil {
		f.bad(at, "not a valid pattern", "close the bracket, or escape it")
	}
}

// rows checks what is said about the inside of a file.
func (f *file) rows(p keyPath, x *File) {
	lists := map[string][]Pick{"account": x.Accounts, "version": x.Versions, "used": x.Used, "projects": x.Projects}
	for _, key := range sorted(lists) {
		for i, r := range lists[key] {
			at := p.With(key, elem(i))
			f.pointer(at, "pointer", r.Pointer)
			f.oneOf(at.With("what"), r.What, picks)
		}
	}
	if x.Schema.Pointer != "" || len(x.Schema.Known) > 0 {
		f.pointer(p.With("schema"), "pointer", x.Schema.Pointer)
		if len(x.Schema.Known) == 0 {
			f.bad(p.With("schema", "known"), "empty", "name the versions that the rows were made for")
		}
	}
	for i, s := range x.Servers {
		at := p.With("servers", elem(i))
		f.pointer(at, "pointer", s.Pointer)
		f.word(at.With("shape"), s.Shape)
		f.oneOf(at.With("scope"), s.Scope, scopes)
		f.oneOf(at.With("default"), s.Default, transports)
	}
	f.secrets(p, x.Secrets)
	for i := range x.Settings {
		f.setting(p.With("setting", elem(i)), &x.Settings[i])
	}
	for i, s := range x.Ignore {
		f.shape(p.With("ignore", elem(i)), s)
	}
	for i, s := range x.ProvesBy {
		f.shape(p.With("proves_by", elem(i)), s)
	}
}

func (f *file) secrets(p keyPath, list []Secret) {
	for i, s := range list {
		at := p.With("secret", elem(i))
		f.pointer(at, "pointer", s.Pointer)
		f.word(at.With("kind"), s.Kind)
	}
}

func (f *file) setting(at keyPath, s *Setting) {
	f.pointer(at, "pointer", s.Pointer)
	f.must(at, "kind", s.Kind)
	f.oneOf(at.With("kind"), s.Kind, settingKinds)
	f.oneOf(at.With("means"), s.Means, sorted(means))
	f.values(at, s.Means, s.Values)
}

// values checks the translation into a normal form. "" as the normal form: the value says nothing.
func (f *file) values(at keyPath, mean string, values map[string]string) {
	if mean == "" && len(values) > 0 {
		f.bad(at.With("values"), "values without means", `add means = "autonomy" (or `+strings.Join(sorted(means), ", ")+")")
	}
	if known, ok := means[mean]; ok {
		for _, v := range sorted(values) {
			f.oneOf(at.With("values", v), values[v], known)
		}
	}
}

// pointer reports a key that must hold a JSON pointer. The pointer "" is the whole file, and has to be written.
func (f *file) pointer(at keyPath, key, s string) {
	if s == "" && !f.lines.Has(at.With(key)) {
		f.bad(at, "no "+key, `add `+key+` = "/..."`)
		return
	}
	f.shape(at.With(key), s)
}

func (f *file) shape(at keyPath, s string) {
	if s == "" {
		return
	}
	if !strings.HasPrefix(s, "/") {
		f.bad(at, strconv.Quote(s)+" is not a JSON pointer", `start it with "/"; a "/" inside a key is written ~1, a "~" ~0`)
		return
	}
	for i := range len(s) {
		if s[i] == '~' && (i+1 == len(s) || s[i+1] != '0' && s[i+1] != '1') {
			f.bad(at, strconv.Quote(s)+" is not a JSON pointer", `write "~" inside a key as ~0, "/" as ~1`)
			return
		}
	}
}

func (f *file) must(at keyPath, key, value string) {
	if value == "" {
		f.bad(at.With(key), "missing", `add `+key+` = "..."`)
	}
}

func (f *file) word(at keyPath, value string) {
	if value != "" && !words.MatchString(value) {
		f.bad(at, strconv.QuoteToASCII(value)+" is not a plain word", "use lower-case letters, digits, - . _")
	}
}

func (f *file) regexp(at keyPath, s string) {
	if s == "" {
		return
	}
	if len(s) > 2000 {
		f.bad(at, "regular expression longer than 2000 characters", "split it")
	} else if _, err := regexp.Compile(s); err != nil {
		f.bad(at, "not a regular expression ("+strings.TrimPrefix(err.Error(), "error parsing regexp: ")+")", "write it in RE2 syntax")
	}
}

func (f *file) capability(at keyPath, c string) {
	var known []string
	for _, k := range inventory.Capabilities() {
		known = append(known, string(k))
	}
	f.oneOf(at, c, known)
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
