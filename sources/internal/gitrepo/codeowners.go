package gitrepo

import (
	"path/filepath"
	"slices"
	"strings"
)

// ownersFiles are the places of CODEOWNERS, the first that exists counts: GitHub reads .github, the top folder and docs,
// GitLab the top folder, docs and .gitlab.
var ownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"}

const maxOwnerLines = 50_000

type codeowners struct {
	path string
	Owners
}

// Owners is a parsed CODEOWNERS file.
type Owners struct{ sections []section }

// OwnersFiles are the places of CODEOWNERS, relative to the repository, in the order in which they count.
func OwnersFiles() []string { return slices.Clone(ownersFiles) }

// ParseOwners reads the text of a CODEOWNERS file. What is not understood is left out.
func ParseOwners(text string) Owners { return Owners{parseOwners(text)} }

// section is a part of a GitLab file, each with its own last match. GitHub files are one section.
type section struct {
	name     string
	defaults []string
	rules    []ownerRule
}

type ownerRule struct {
	pattern pattern
	all     bool // the pattern is that of every file
	exclude bool // GitLab: !pattern takes a path out of the section
	owners  []string
	line    int
}

// Codeowners returns who owns the file by CODEOWNERS, with the line that says it and the file's absolute path. In each
// section the last match wins; a last match without owners means that nobody owns the file. rel has slashes.
func (r *Repo) Codeowners(rel string) (owners []string, line int, path string) {
	r.ownersOnce.Do(func() { r.owners = r.loadOwners() })
	if owners, line = r.owners.Of(rel); line > 0 {
		path = r.owners.path
	}
	return owners, line, path
}

// Of returns who owns a file, with the line that says it; 0 for none.
func (o Owners) Of(rel string) (owners []string, line int) {
	rel = strings.Trim(rel, "/")
	seen := map[string]bool{}
	for i := range o.sections {
		s := &o.sections[i]
		rule := s.last(rel)
		if rule == nil || rule.exclude {
			continue
		}
		line = rule.line
		for _, w := range s.whose(rule) {
			if !seen[strings.ToLower(w)] {
				seen[strings.ToLower(w)] = true
				owners = append(owners, w)
			}
		}
	}
	return owners, line
}

func (s *section) whose(r *ownerRule) []string {
	if len(r.owners) == 0 {
		return s.defaults
	}
	return r.owners
}

// Cover reports whether every file of the repository has an owner: a rule for all files names one, and none after it
// takes owners away.
func (o Owners) Cover() bool {
	for i := range o.sections {
		covered := false
		for j := range o.sections[i].rules {
			r := &o.sections[i].rules[j]
			owned := !r.exclude && len(o.sections[i].whose(r)) > 0
			covered = owned && (covered || r.all)
		}
		if covered {
			return true
		}
	}
	return false
}

func (s *section) last(rel string) *ownerRule {
	for i := len(s.rules) - 1; i >= 0; i-- {
		if s.rules[i].pattern.owns(rel) {
			return &s.rules[i]
		}
	}
	return nil
}

// owns tells whether a CODEOWNERS pattern covers a file: it matches the file or a folder above it. A pattern that ends
// in /* covers the files of that folder only.
func (p *pattern) owns(rel string) bool {
	if !p.dirOnly && p.match(rel) {
		return true
	}
	if p.shallow() {
		return false
	}
	for i := strings.LastIndexByte(rel, '/'); i > 0; i = strings.LastIndexByte(rel[:i], '/') {
		if p.match(rel[:i]) {
			return true
		}
	}
	return false
}

func (r *Repo) loadOwners() codeowners {
	for _, name := range ownersFiles {
		data, err := readIn(r.root, name, maxOwners)
		if err == nil {
			return codeowners{filepath.Join(r.root, filepath.FromSlash(name)), ParseOwners(string(data))}
		}
	}
	return codeowners{}
}

func parseOwners(text string) []section {
	sections := []section{{}}
	cur := 0
	line := 0
	for raw := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if line++; line > maxOwnerLines {
			break
		}
		raw = strings.TrimSpace(raw)
		if raw == "" || raw[0] == '#' {
			continue
		}
		if name, defaults, ok := sectionHead(raw); ok {
			// Sections of one name are one section.
			cur = -1
			for i := range sections {
				if strings.EqualFold(sections[i].name, name) {
					cur = i
				}
			}
			if cur < 0 {
				sections = append(sections, section{name: name})
				cur = len(sections) - 1
			}
			sections[cur].defaults = defaults
			continue
		}
		fields := ownerFields(raw)
		rule := ownerRule{owners: ownersOf(fields[1:]), line: line}
		glob := fields[0]
		rule.all = glob == "*" || glob == "**" || glob == "/**" || glob == "**/*"
		if rest, ok := strings.CutPrefix(glob, "!"); ok {
			rule.exclude, glob = true, rest
		}
		var ok bool
		if rule.pattern, ok = compile(glob); ok {
			sections[cur].rules = append(sections[cur].rules, rule)
		}
	}
	return sections
}

// sectionHead reads [Name], ^[Name] and [Name][2], with default owners behind.
func sectionHead(raw string) (name string, defaults []string, ok bool) {
	s := strings.TrimPrefix(raw, "^")
	if !strings.HasPrefix(s, "[") {
		return "", nil, false
	}
	name, rest, ok := strings.Cut(s[1:], "]")
	if !ok || strings.TrimSpace(name) == "" {
		return "", nil, false
	}
	if strings.HasPrefix(rest, "[") {
		if _, after, ok := strings.Cut(rest, "]"); ok {
			rest = after
		}
	}
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", nil, false // a pattern that starts with a character class
	}
	return strings.TrimSpace(name), ownersOf(strings.Fields(rest)), true
}

// ownerFields splits a line at spaces that no backslash protects.
func ownerFields(line string) []string {
	var out []string
	start := -1
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			if start < 0 {
				start = i
			}
			i++
		case c == ' ' || c == '\t':
			if start >= 0 {
				out = append(out, line[start:i])
			}
			start = -1
		case start < 0:
			start = i
		}
	}
	if start >= 0 {
		out = append(out, line[start:])
	}
	return out
}

// ownersOf keeps names of users, teams and roles (@...) and e-mail addresses, up to a comment.
func ownersOf(fields []string) []string {
	var out []string
	for _, f := range fields {
		if strings.HasPrefix(f, "#") {
			break
		}
		if strings.Contains(f, "@") {
			out = append(out, f)
		}
	}
	return out
}
