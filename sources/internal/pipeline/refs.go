package pipeline

import (
	"regexp"
	"slices"
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

// carriers are the events in which a part of github.event stands, from GitHub's reference of events, 2026-11. In all others
// it is empty.
var carriers = []struct{ part, events string }{
	{"github.head_ref", "pull_request pull_request_target"},
	{"github.event.pull_request", "pull_request pull_request_target pull_request_review pull_request_review_comment"},
	{"github.event.issue", "issues issue_comment"},
	{"github.event.comment", "issue_comment pull_request_review_comment discussion_comment commit_comment"},
	{"github.event.review", "pull_request_review"},
	{"github.event.discussion", "discussion discussion_comment"},
	{"github.event.pages", "gollum"},
	{"github.event.head_commit", "push"},
	{"github.event.commits", "push"},
	{"github.event.workflow_run", "workflow_run"},
	{"github.event.release", "release"},
	{"github.event.client_payload", "repository_dispatch"},
}

// anyPart are events that may bring every part: those of a caller, and the commands of agentic workflows.
var anyPart = set("workflow_call slash_command command label_command")

// noText are events in which nothing stands that others wrote.
var noText = set("schedule workflow_dispatch")

// carried leaves of the expressions those that the workflow's events can fill.
func (w *workflow) carried(found []string) []string {
	if len(w.triggers) == 0 {
		return found
	}
	out := found[:0]
	for _, e := range found {
		if slices.ContainsFunc(w.triggers, func(t trigger) bool { return anyPart[t.event] || carries(t.event, e) }) {
			out = append(out, e)
		}
	}
	return out
}

func carries(event, expr string) bool {
	part := strings.TrimPrefix(strings.ToLower(expr), "tojson(")
	for _, c := range carriers {
		if rest, ok := strings.CutPrefix(part, c.part); ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || rest[0] == ')') {
			return slices.Contains(strings.Fields(c.events), event)
		}
	}
	return !noText[event]
}

func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
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
