package pipeline

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// inputKinds says as which kind of setting an input is shown.
var inputKinds = map[string]string{
	"mode": inventory.SettingMode, "allow": inventory.SettingAllow, "sandbox": inventory.SettingSandbox, "network": inventory.SettingNetwork,
	"actors": inventory.SettingTrust, "plugin": inventory.SettingPlugin, "servers": inventory.SettingServers, "args": inventory.SettingOther,
	"settings": inventory.SettingOther,
}

// inputs reads the inputs of an assistant's action.
func (r *reader) inputs(job *Job, m *merits, k *known, s *step) {
	for i := range k.entry.CI.Inputs {
		in := &k.entry.CI.Inputs[i]
		n := input(s.with, in.Name)
		if n == nil || n.Kind == doc.Null {
			continue
		}
		p, value := s.src.at(n), text(n)
		switch in.Kind {
		case "args":
			r.args(job, m, k, s.src, n)
		case "servers":
			r.serversIn(job, s.src, n, value)
		case "settings":
			r.settingsIn(job, m, k, s.src, n, value)
		}
		if kind, ok := inputKinds[in.Kind]; ok {
			if strings.Contains(value, "{") && in.Kind == "settings" || in.Kind == "args" || in.Kind == "servers" {
				continue // its parts are listed one by one
			}
			job.setting(kind, in.Name, oneLine(value), p, in.Why)
		}
		if in.Means != "" {
			v, ok := in.Values[strings.TrimSpace(value)]
			if !ok {
				v = in.Values["*"]
			}
			m.add(in.Means, v, in.Name+": "+oneLine(shown(value)), p)
		}
	}
}

// args reads an input that holds command-line flags, of one line or several.
func (r *reader) args(job *Job, m *merits, k *known, src *source, n *doc.Node) {
	value := text(n)
	if strings.HasPrefix(strings.TrimSpace(value), "[") {
		if d, err := doc.Parse(doc.JSON, []byte(value)); err == nil {
			value = shellJoin(d.Root.Strings())
		}
	}
	// Lines are one command: flags on lines of their own need no backslash here.
	c := readCommand(strings.ReplaceAll(stripComments(value), "\n", " "))
	r.flags(job, m, k, c, src.at(n))
}

func stripComments(s string) string {
	if !strings.Contains(s, "#") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimSpace(l), "#") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

func shellJoin(words []string) string {
	for i, w := range words {
		if strings.ContainsAny(w, " \t\n\"'") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// listFlags are flags that name tools or folders, by the way in which products spell them.
var listFlags = []struct {
	name, kind string
	list       bool
}{
	{"--allowedTools", inventory.SettingAllow, true}, {"--allowed-tools", inventory.SettingAllow, true}, {"--allow-tool", inventory.SettingAllow, false},
	{"--allow-url", inventory.SettingNetwork, false}, {"--disallowedTools", inventory.SettingDeny, true}, {"--disallowed-tools", inventory.SettingDeny, true},
	{"--deny-tool", inventory.SettingDeny, false}, {"--add-dir", inventory.SettingSandbox, false}, {"--allow-domains", inventory.SettingNetwork, false},
	{"--permission-mode", inventory.SettingMode, false}, {"--approval-mode", inventory.SettingMode, false}, {"--sandbox", inventory.SettingSandbox, false},
	{"--allowed-mcp-server-names", inventory.SettingServers, false}, {"--permission-prompt-tool", inventory.SettingAsk, false},
	{"--plugin-dir", inventory.SettingPlugin, false}, {"--auto", inventory.SettingMode, false},
}

// serverFlags take a tool server configuration: JSON, or the name of a file.
var serverFlags = []string{"--mcp-config", "--additional-mcp-config", "--mcp-config-file"}

// settingFlags take settings: JSON, or the name of a file.
var settingFlags = []string{"--settings"}

// flags reads the flags of a command line of an assistant.
func (r *reader) flags(job *Job, m *merits, k *known, c command, p Place) {
	line := flagLine(c.words)
	for _, f := range k.flags {
		at := f.re.FindStringIndex(line)
		if at == nil {
			continue
		}
		for at[1] < len(line) && line[at[1]] != ' ' { // show the flag as it was written
			at[1]++
		}
		name := strings.Trim(strings.TrimSpace(line[at[0]:at[1]]), `"'`)
		why := name
		if f.flag.Why != "" {
			why += ": " + f.flag.Why
		}
		m.add(f.flag.Means, f.flag.Value, shown(why), p)
		if !job.has(name, p) {
			kind := map[string]string{"sandbox": inventory.SettingSandbox, "network": inventory.SettingNetwork}[f.flag.Means]
			if kind == "" {
				kind = inventory.SettingMode
			}
			job.setting(kind, shown(name), "", p, f.flag.Why)
		}
	}
	for _, f := range listFlags {
		for _, v := range flagValues(c.words, f.name, f.list) {
			if !job.has(f.name, p) || f.kind == inventory.SettingAllow || f.kind == inventory.SettingDeny {
				job.setting(f.kind, f.name, v, p, "")
			}
		}
	}
	src := &source{file: p.File}
	for _, f := range serverFlags {
		for _, v := range flagValues(c.words, f, true) {
			r.serversAt(job, src, p, v)
		}
	}
	for _, f := range settingFlags {
		for _, v := range flagValues(c.words, f, false) {
			r.settingsAt(job, m, k, p, v)
		}
	}
}

func (j *Job) has(name string, p Place) bool {
	for _, s := range j.Settings {
		if s.Name == name && s.Path == p.File && s.Line == p.Line && s.Pointer == p.Pointer {
			return true
		}
	}
	return false
}

// flagLine joins words for the catalogue's expressions. A word with spaces is kept only as the value of a long flag
// that takes no prompt: a prompt may speak of flags.
func flagLine(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		if strings.ContainsAny(w, " \t\n") && !strings.HasPrefix(w, "--") {
			if i == 0 || !strings.HasPrefix(words[i-1], "--") || promptFlags[words[i-1]] {
				b.WriteString(`""`)
				continue
			}
		} else if name, _, ok := strings.Cut(w, "="); ok && promptFlags[name] {
			b.WriteString(name)
			continue
		}
		b.WriteString(w)
	}
	return b.String()
}

var promptFlags = map[string]bool{"--print": true, "--prompt": true, "--message": true, "--system-prompt": true, "--append-system-prompt": true,
	"--prompt-interactive": true, "--instructions": true, "--text": true, "--task": true}

// settingsIn reads an input with settings: JSON in place, or the path of a JSON file in the repository.
func (r *reader) settingsIn(job *Job, m *merits, k *known, src *source, n *doc.Node, value string) {
	p := src.at(n)
	if strings.HasPrefix(strings.TrimSpace(value), "{") {
		d, _ := doc.Parse(doc.JSONC, []byte(value))
		if d == nil {
			r.warn(src.file, n.Line, "an input holds settings that are not JSON")
			return
		}
		r.settings(job, m, k, d, func(c *doc.Node) Place {
			return Place{p.File, p.Pointer, src.lineIn(n, c.Start)}
		})
		return
	}
	r.settingsAt(job, m, k, p, value)
}

// settingsAt reads settings from a text, or from the file of the repository that it names.
func (r *reader) settingsAt(job *Job, m *merits, k *known, p Place, value string) {
	if strings.HasPrefix(strings.TrimSpace(value), "{") {
		if d, _ := doc.Parse(doc.JSONC, []byte(value)); d != nil {
			r.settings(job, m, k, d, func(*doc.Node) Place { return p })
		}
		return
	}
	if d, file := r.jsonFile(value); d != nil {
		r.settings(job, m, k, d, func(c *doc.Node) Place { return Place{file, c.Pointer, c.KeyLine} })
	}
}

// jsonFile opens a JSON file of the repository that a flag or input names.
func (r *reader) jsonFile(name string) (*doc.Doc, string) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "${{ github.workspace }}/")
	if r.open == nil || !strings.HasSuffix(name, ".json") || strings.ContainsAny(name, "$\n{*") || strings.HasPrefix(name, "/") || strings.Contains(name, "..") {
		return nil, ""
	}
	name = strings.TrimPrefix(name, "./")
	data, err := r.open(name)
	if err != nil || len(data) > maxFile {
		return nil, ""
	}
	d, _ := doc.Parse(doc.JSONC, data)
	return d, name
}

// settings applies the catalogue's rows for the product's own settings file to settings given in a job.
func (r *reader) settings(job *Job, m *merits, k *known, d *doc.Doc, at func(*doc.Node) Place) {
	seen := map[string]bool{}
	for i := range k.entry.Files {
		f := &k.entry.Files[i]
		if f.Role != "settings" || f.Format != string(doc.JSON) && f.Format != string(doc.JSONC) {
			continue
		}
		for x := range f.Settings {
			row := &f.Settings[x]
			for _, n := range d.Match(row.Pointer) {
				if key := row.Kind + n.Pointer; !seen[key] {
					seen[key] = true
					job.row(m, row, n, at(n))
				}
			}
		}
	}
	r.servers(job, d, at)
}

// row applies one row of the catalogue.
func (j *Job) row(m *merits, row *catalogue.Setting, n *doc.Node, p Place) {
	name := row.Name
	if name == "" {
		name = strings.ReplaceAll(strings.Trim(n.Pointer, "/"), "/", ".")
	}
	value := n.Text
	if n.Kind == doc.Array || n.Kind == doc.Object {
		value = n.Compact()
	}
	kind := row.Kind
	if kind == "" {
		kind = inventory.SettingOther
	}
	j.setting(kind, name, value, p, row.Why)
	if row.Means == "" {
		return
	}
	v, ok := row.Values[value]
	if !ok {
		v = row.Values["*"]
	}
	m.add(row.Means, v, name+" = "+oneLine(shown(value)), p)
}
