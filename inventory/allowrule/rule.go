package allowrule

import (
	"path"
	"regexp"
	"strings"
)

// Class is what a rule lets happen.
type Class string

// The classes.
const (
	All    Class = "all"    // every action
	Shell  Class = "shell"  // commands
	Edit   Class = "edit"   // changes to files
	Read   Class = "read"   // files are read
	Fetch  Class = "fetch"  // addresses are fetched
	Server Class = "server" // tools of a tool server
	Other  Class = "other"
)

// Rule is one rule in normal form.
type Rule struct {
	Class   Class
	Tool    string // as written: Bash, execute_bash; "" where the rule is the bare command
	Pattern string // what it is narrowed to, as written; "" if to nothing
	Any     bool   // not narrowed at all: all of the class
	Server  string // name of the tool server, "*" for all
	Regexp  bool   // Pattern is a regular expression
	exact   bool   // without a wildcard only that very text matches
}

const maxRule = 2000 // bytes; what is longer is read up to here

var (
	call     = regexp.MustCompile(`(?s)^([A-Za-z_@*][\w@./*-]*)\((.*)\)$`)
	mcpName  = regexp.MustCompile(`^mcp__([^_].*?)(?:__(.+))?$`)
	serverOf = regexp.MustCompile(`^([\w.@-]+|\*):([\w.*-]+)$`)
	toolWord = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
)

// Parse brings a rule to normal form. kind is the catalogue id of the assistant it belongs to, or "" when that is not
// known: a few spellings mean different things to different products. It never fails: what it does not know is Other.
func Parse(kind, rule string) Rule {
	s := strings.TrimSpace(rule)
	if len(s) > maxRule {
		s = s[:maxRule]
	}
	s = strings.TrimSpace(strings.TrimPrefix(s, "allow "))
	switch s {
	case "":
		return Rule{Class: Other}
	case "*", "**", "*:*":
		return Rule{Class: All, Any: true}
	}
	if r, ok := parseServer(kind, s); ok {
		return r
	}
	if m := call.FindStringSubmatch(s); m != nil {
		return parseCall(kind, m[1], strings.TrimSpace(m[2]))
	}
	if c, ok := tools[strings.ToLower(s)]; ok {
		return Rule{Class: c, Tool: s, Any: true}
	}
	if toolWord.MatchString(s) {
		return Rule{Class: Other, Tool: s, Any: true}
	}
	return command("", s, isRegexp(kind, s), false)
}

// isRegexp tells a regular expression by its slashes, or by the product whose lists hold nothing else.
func isRegexp(kind, s string) bool {
	if len(s) > 2 && s[0] == '/' && strings.LastIndexByte(s, '/') > 0 && strings.Trim(s[strings.LastIndexByte(s, '/')+1:], "imsugy") == "" {
		return true
	}
	switch kind {
	case "amazon-q", "kiro", "zed", "augment":
		return true
	}
	return s == ".*" || strings.HasPrefix(s, "^") || strings.HasSuffix(s, ".*")
}

func parseServer(kind, s string) (Rule, bool) {
	if strings.HasPrefix(s, "mcp__*") {
		return Rule{Class: Server, Server: "*", Any: true}, true
	}
	if m := mcpName.FindStringSubmatch(s); m != nil {
		return server(m[1], m[2]), true
	}
	if at, ok := strings.CutPrefix(s, "@"); ok && !strings.ContainsAny(at, " (") && at != "builtin" {
		name, tool, _ := strings.Cut(at, "/")
		return server(name, tool), name != ""
	}
	if m := serverOf.FindStringSubmatch(s); m != nil && (kind == "cursor" || m[2] == "*" && m[1] == "*") {
		return server(m[1], m[2]), true
	}
	return Rule{}, false
}

func server(name, tool string) Rule {
	return Rule{Class: Server, Server: name, Pattern: tool, Any: tool == "" || tool == "*"}
}

func parseCall(kind, tool, arg string) Rule {
	name := strings.ToLower(tool)
	switch name {
	case "mcp", "use_mcp_tool":
		srv, t, _ := strings.Cut(arg, ":")
		if srv == "" {
			srv = "*"
		}
		return server(srv, t)
	case "*":
		return Rule{Class: All, Any: anything(arg)}
	}
	class, known := tools[name]
	switch {
	case !known:
		return Rule{Class: Other, Tool: tool, Pattern: arg}
	case class == Shell:
		return command(tool, arg, strings.HasPrefix(arg, "/") && isRegexp("", arg) || kind == "zed" || kind == "augment" || kind == "amazon-q" || kind == "kiro",
			kind == "claude-code" || kind == "opencode" || kind == "kilo-cli" || kind == "" && tool == "Bash")
	}
	return Rule{Class: class, Tool: tool, Pattern: arg, Any: anything(strings.TrimPrefix(arg, "domain:"))}
}

func command(tool, pattern string, re, exact bool) Rule {
	r := Rule{Class: Shell, Tool: tool, Pattern: pattern, Regexp: re, exact: exact}
	r.Any = anything(pattern) || r.matchesAll()
	return r
}

// anything reports whether a pattern of any language leaves everything through.
func anything(s string) bool {
	switch strings.TrimSpace(s) {
	case "", "*", "**", "**/*", ":*", ".*", "/**", "//**", "~/**", "/.*/", "/^.*$/", "^.*$":
		return true
	}
	return false
}

// matcher returns a test for command lines. A plain word matches what begins with it.
func (r Rule) matcher() func(string) bool {
	if r.Regexp {
		p, fold := r.Pattern, ""
		if len(p) > 2 && p[0] == '/' {
			if end := strings.LastIndexByte(p, '/'); end > 0 {
				if strings.Contains(p[end+1:], "i") {
					fold = "(?i)"
				}
				p = p[1:end]
			}
		}
		re, err := regexp.Compile(fold + p)
		if err != nil {
			return func(string) bool { return false }
		}
		return re.MatchString
	}
	p := strings.TrimSuffix(r.Pattern, ":*")
	if p != r.Pattern {
		p += "*"
	}
	if strings.Contains(p, "*") {
		return func(s string) bool { return glob(p, s) || glob(strings.TrimSuffix(p, " *"), s) }
	}
	return func(s string) bool { return s == p || !r.exact && strings.HasPrefix(s, p+" ") }
}

// glob matches with "*" for any text. It takes time in proportion to the product of the lengths, both bounded.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	if len(parts) == 1 {
		return s == ""
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}

func (r Rule) matchesAll() bool {
	match := r.matcher()
	for _, s := range strange {
		if !match(s) {
			return false
		}
	}
	return true
}

// words returns the program that a pattern names and what follows, without assignments, folders and anchors.
func (r Rule) words() []string {
	p := r.Pattern
	if r.Regexp {
		p = strings.TrimPrefix(p, "/")
		p = strings.NewReplacer(`\s+`, " ", `\s*`, " ", `\s`, " ", `\b`, " ", `\.`, ".", `\-`, "-", ".*", " ").Replace(strings.TrimPrefix(p, "^"))
		p = strings.TrimRight(p, "/$")
	}
	p = strings.NewReplacer(":*", " ", "*", " ").Replace(p)
	fs := strings.Fields(p)
	for len(fs) > 0 && strings.Contains(fs[0], "=") && !strings.HasPrefix(fs[0], "=") {
		fs = fs[1:]
	}
	if len(fs) > 0 {
		fs[0] = path.Base(fs[0])
	}
	return fs
}
