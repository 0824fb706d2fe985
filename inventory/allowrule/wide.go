package allowrule

import "strings"

// Wide reports whether a rule that lets something run without asking is too wide, and in a few words why: a wildcard for
// all of a kind, or a program that runs other code, reaches any host, acts in the cloud, prints secrets or deletes. kind is
// as in [Parse].
func Wide(kind, rule string) (bool, string) { return Parse(kind, rule).wide() }

func (r Rule) wide() (bool, string) {
	switch {
	case r.Class == All:
		return true, "every action runs without asking"
	case r.Class == Shell && r.Any:
		return true, "every command runs without asking"
	case r.Class == Edit && r.Any:
		return true, "every file may be changed without asking"
	case r.Class == Fetch && r.Any:
		return true, "every address may be fetched without asking"
	case r.Class == Server && r.Any && r.Server == "*":
		return true, "every tool of every tool server runs without asking"
	case r.Class == Server && r.Any:
		return true, "every tool of the tool server " + r.Server + " runs without asking, its writing ones too"
	case r.Class == Read && r.Any && r.Pattern != "":
		return true, "every file may be read without asking, credentials too"
	case r.Class != Shell:
		return false, ""
	}
	return r.wideCommand()
}

func (r Rule) wideCommand() (bool, string) {
	ws := r.words()
	// One whole command line, fixed to the last character, is narrow whatever its program.
	if r.exact && !strings.Contains(r.Pattern, "*") && len(ws) > 1 {
		return false, ""
	}
	for _, p := range programs {
		if p.named(ws) {
			return true, strings.Join(p.words, " ") + " " + p.why
		}
	}
	match := r.matcher()
	for _, p := range programs {
		for _, s := range p.samples {
			if match(s) {
				return true, "it lets " + strings.Join(p.words, " ") + " through, which " + p.why
			}
		}
	}
	return false, ""
}

func (p program) named(words []string) bool {
	if len(words) < len(p.words) {
		return false
	}
	for i, w := range p.words {
		if strings.ToLower(words[i]) != w {
			return false
		}
	}
	return true
}
