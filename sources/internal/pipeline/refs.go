package pipeline

import (
	"regexp"
	"sort"
	"strings"
)

var (
	expression = regexp.MustCompile(`(?s)\$\{\{(.*?)\}\}`)
	secretName = regexp.MustCompile(`(?i)\bsecrets\s*(?:\.\s*([A-Za-z_][A-Za-z0-9_]*)|\[\s*'([A-Za-z_][A-Za-z0-9_]*)'\s*\])`)
	secretsAll = regexp.MustCompile(`(?i)\bsecrets\s*(?:\)|\[\s*[^'\s\]]|$)`)
	tokenName  = regexp.MustCompile(`(?i)\bgithub\.token\b`)
)

// jobToken is the name under which the job's own token hides among the stored secrets.
const jobToken = "GITHUB_TOKEN"

// secretsIn lists the secrets that a text refers to, "*" for all of them, and whether it takes the job's own token.
// whole says that the text is an expression without the braces.
func secretsIn(text string, whole bool) (names []string, token bool) {
	parts := []string{text}
	if !whole {
		parts = parts[:0]
		for _, m := range expression.FindAllStringSubmatch(text, 200) {
			parts = append(parts, m[1])
		}
	}
	seen := map[string]bool{}
	for _, p := range parts {
		token = token || tokenName.MatchString(p)
		for _, m := range secretName.FindAllStringSubmatch(p, 200) {
			name := strings.ToUpper(m[1] + m[2])
			if name == jobToken {
				token = true
			} else if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
		if secretsAll.MatchString(p) && !seen["*"] {
			seen["*"] = true
			names = append(names, "*")
		}
	}
	return names, token
}

// outsiderPath matches the parts of an event that somebody without write access may write, as GitHub's own security
// guide lists them.
var outsiderPath = regexp.MustCompile(`(?i)\bgithub\.(?:head_ref\b|event\.(?:` +
	`issue\.(?:title|body)|pull_request\.(?:title|body|head\.(?:ref|label|repo\.default_branch))|comment\.body|review\.body|review_comment\.body|` +
	`discussion\.(?:title|body)|pages(?:\.\*|\[\d+\])?\.page_name|head_commit\.(?:message|author\.(?:email|name)|committer\.(?:email|name))|` +
	`commits(?:\.\*|\[\d+\])?\.(?:message|author\.(?:email|name))|workflow_run\.(?:head_branch|display_title|head_commit\.(?:message|author\.(?:email|name))|pull_requests)|` +
	`release\.(?:name|body)|client_payload[A-Za-z0-9_.]*|changes\.(?:title|body)\.from)\b)`)

// wholeEvent matches the event put into a text as one.
var wholeEvent = regexp.MustCompile(`(?i)to_?json\(\s*github(?:\.event(?:\.(?:issue|comment|pull_request|discussion|review|client_payload))?)?\s*\)`)

// outsiderText lists the expressions in a text that carry words of strangers, sorted and without doubles.
func outsiderText(text string) []string {
	seen := map[string]bool{}
	for _, m := range expression.FindAllStringSubmatch(text, 500) {
		for _, p := range outsiderPath.FindAllString(m[1], 50) {
			seen[strings.ToLower(p)] = true
		}
		for _, p := range wholeEvent.FindAllString(m[1], 50) {
			seen[strings.ReplaceAll(p, " ", "")] = true
		}
	}
	out := make([]string, 0, len(seen))
	for p := range seen {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// usesVariable tells whether a script or expression uses an environment variable.
func usesVariable(text, name string) bool {
	for _, form := range []string{"$" + name, "${" + name, "env." + name, "process.env." + name, "%" + name + "%"} {
		for rest := text; ; {
			i := strings.Index(rest, form)
			if i < 0 {
				break
			}
			rest = rest[i+len(form):]
			if rest == "" || !wordByte(rest[0]) {
				return true
			}
		}
	}
	return false
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
