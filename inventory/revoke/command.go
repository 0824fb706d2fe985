package revoke

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// masked is what stands in a diff in the place of a secret.
const masked = "[redacted]"

var requestLine = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) (https?://\S+)(?: (.*))?$`)

var (
	authHeader = regexp.MustCompile(`^header ([A-Za-z0-9-]+)(?: ([A-Za-z]+))?$`)
	inTheName  = regexp.MustCompile(`^in the name of ([A-Za-z0-9._-]+)$`)
)

// Command is the step as something that a person can paste into a shell: its request as curl, its diff as patch. No secret
// is in it: $TOKEN stands for the credential that may do it, $SECRET for the one that the step is about. What cannot be said as a
// command is a comment. [Step.Auth] says how the request is authorised: "" or "bearer", "header NAME" or "header NAME PREFIX",
// "basic" (the credential is the password).
func (s Step) Command() string {
	text := strings.TrimRight(s.Request, "\n")
	switch {
	case text == "":
		return "# by hand: " + oneLine(s.Summary) + "\n"
	case strings.HasPrefix(text, "--- "):
		return patch(text)
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch m := requestLine.FindStringSubmatch(line); {
		case m != nil:
			b.WriteString(s.curl(m[1], m[2], m[3], strings.Contains(text, "# with the token itself")))
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "curl "):
			b.WriteString(line + "\n")
		default:
			b.WriteString("# " + line + "\n")
		}
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// authorised is the part of a curl command that holds the credential.
func (s Step) authorised(variable string) string {
	switch m := authHeader.FindStringSubmatch(s.Auth); {
	case m != nil:
		return ` -H "` + m[1] + ": " + strings.TrimSpace(m[2]+" $"+variable) + `"`
	case s.Auth == "basic":
		return ` -u "nhitop:$` + variable + `"`
	}
	return ` -H "Authorization: Bearer $` + variable + `"`
}

// curl is one request. Where a request says so, no credential goes with it.
func (s Step) curl(method, where, rest string, itself bool) string {
	if u, err := url.Parse(where); err != nil || u.Host == "" || strings.ContainsAny(where, "()") {
		return "# " + strings.TrimSpace(method+" "+where+" "+rest) + "\n"
	}
	var b strings.Builder
	b.WriteString("curl -X " + method)
	switch {
	case strings.Contains(s.Request, "# without a credential"):
	case itself:
		b.WriteString(s.authorised("SECRET"))
	default:
		b.WriteString(s.authorised("TOKEN"))
	}
	note := ""
	if m := inTheName.FindStringSubmatch(rest); m != nil { // Gitea and GitLab take the account from it
		b.WriteString(" -H 'Sudo: " + m[1] + "'")
	}
	if json.Valid([]byte(rest)) {
		b.WriteString(` -H 'Content-Type: application/json' -d ` + quoted(rest))
	} else if rest != "" {
		note = "# " + rest + "\n"
	}
	return note + b.String() + " " + quoted(where) + "\n"
}

// quoted is a text as one word of a shell, in which only $SECRET is filled in.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "'", `'\''`), "$SECRET", `'"$SECRET"'`) + "'"
}

// patch is a unified diff for patch, with $SECRET where a secret is masked.
func patch(diff string) string {
	file := strings.TrimPrefix(diff[:strings.IndexByte(diff+"\n", '\n')], "--- ")
	var b strings.Builder
	if strings.Contains(diff, " …\n") || strings.Contains(diff, "\n… ") || strings.HasSuffix(diff, " …") {
		b.WriteString("# shortened: as it stands, it does not apply\n")
		for line := range strings.Lines(diff) {
			b.WriteString("# " + strings.TrimRight(line, "\n") + "\n")
		}
		return b.String()
	}
	if strings.Contains(diff, masked) {
		b.WriteString("# SECRET is what stands there now, as it is written in the file\n")
	}
	text := strings.NewReplacer(`\`, `\\`, "`", "\\`", "$", `\$`).Replace(diff)
	b.WriteString("patch " + shellPath(file) + " <<EOF\n" + strings.ReplaceAll(text, masked, "$SECRET") + "\nEOF\n")
	return b.String()
}

// shellPath is a path as one word of a shell; "~/" stays the home.
func shellPath(p string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return `"$HOME"/` + quoted(rest)
	}
	return quoted(p)
}
