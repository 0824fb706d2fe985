package gitrepo

import "strings"

const (
	maxIgnoreFile  = 1 << 20
	maxIgnoreRules = 10_000
	maxPattern     = 4096
)

// Ignore answers whether a folder of a walk is left out by .gitignore files. It is immutable: [Ignore.Child] returns a
// new one that also knows the file of a deeper folder. A nil *Ignore ignores nothing and may be built upon. Matching
// allocates nothing.
type Ignore struct {
	parent *Ignore
	base   string // the folder of the file, relative to the walk's root, with a slash at the end; "" for the root
	rules  []ignoreRule
}

type ignoreRule struct {
	pattern pattern
	negated bool
}

// Ignore returns what .git/info/exclude leaves out, the ground for the .gitignore files of the walk, which override it.
// The user's own global excludes are not read: they say what one person does not want to see.
func (r *Repo) Ignore() *Ignore {
	if r.common == "" {
		return nil
	}
	data, err := readIn(r.common, "info/exclude", maxIgnoreFile)
	if err != nil {
		return nil
	}
	return (*Ignore)(nil).Child("", data)
}

// Child returns ig with the .gitignore file of dir added. dir is relative to the walk's root, with slashes, "" or "." for
// the root itself. Without any pattern in data it returns ig.
func (ig *Ignore) Child(dir string, data []byte) *Ignore {
	var rules []ignoreRule
	if len(data) > maxIgnoreFile {
		data = data[:maxIgnoreFile]
	}
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if rule, ok := parseIgnore(line); ok && len(rules) < maxIgnoreRules {
			rules = append(rules, rule)
		}
	}
	if len(rules) == 0 {
		return ig
	}
	base := strings.Trim(dir, "/")
	if base == "." {
		base = ""
	}
	if base != "" {
		base += "/"
	}
	return &Ignore{parent: ig, base: base, rules: rules}
}

// Dir reports whether the folder is ignored. rel is relative to the walk's root, with slashes. It answers for the folder
// itself: the walk does not come below a folder that is ignored.
func (ig *Ignore) Dir(rel string) bool { return ig.ignored(rel, true) }

// File reports whether a file is ignored by a pattern of its own.
func (ig *Ignore) File(rel string) bool { return ig.ignored(rel, false) }

func (ig *Ignore) ignored(rel string, dir bool) bool {
	for ; ig != nil; ig = ig.parent {
		if !strings.HasPrefix(rel, ig.base) {
			continue
		}
		name := rel[len(ig.base):]
		for i := len(ig.rules) - 1; i >= 0; i-- {
			r := &ig.rules[i]
			if (dir || !r.pattern.dirOnly) && r.pattern.match(name) {
				return !r.negated
			}
		}
	}
	return false
}

// parseIgnore reads one line of a .gitignore file as gitignore(5) says.
func parseIgnore(line string) (ignoreRule, bool) {
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	line = trimSpaces(line)
	if line == "" || line[0] == '#' || len(line) > maxPattern {
		return ignoreRule{}, false
	}
	var r ignoreRule
	if line[0] == '!' {
		r.negated, line = true, line[1:]
	}
	var ok bool
	r.pattern, ok = compile(line)
	return r, ok
}

// trimSpaces drops spaces at the end that no backslash protects.
func trimSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			continue
		case '\\':
			i++
		}
		end = min(i+1, len(s))
	}
	return s[:end]
}
