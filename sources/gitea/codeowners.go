package gitea

import (
	"regexp"
	"strings"
)

// ownersFiles are where Gitea looks for CODEOWNERS; the first that is there counts (services/issue of 1.25).
var ownersFiles = []string{"CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"}

// maxRules bounds what one file may make us compile.
const maxRules = 2000

// ownerRule is a line of CODEOWNERS as Gitea reads it: a regular expression over the whole path, not a glob, and "!" in
// front of it for every path that it does not fit.
type ownerRule struct {
	re     *regexp.Regexp
	not    bool
	owners []string
	line   int
}

func parseOwners(text string) []ownerRule {
	var out []ownerRule
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) == "" || len(out) >= maxRules {
			continue
		}
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		r := ownerRule{owners: f[1:], line: n}
		f[0], r.not = strings.CutPrefix(f[0], "!")
		var err error
		if r.re, err = regexp.Compile("^" + f[0] + "$"); err == nil {
			out = append(out, r)
		}
	}
	return out
}

// ownersOf are those who are asked to review a change of the path: each rule that fits adds its own.
func ownersOf(rules []ownerRule, file string) (owners []string, line int) {
	for _, r := range rules {
		if r.re.MatchString(file) == r.not {
			continue
		}
		line = r.line
		owners = append(owners, r.owners...)
	}
	return owners, line
}
