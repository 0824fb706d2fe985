package revoke

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"nhitop/inventory"
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
	text := s.command()
	if s.Git != nil {
		return s.Git.command(text)
	}
	return text
}

func (s Step) command() string {
	text := strings.TrimRight(s.Request, "\n")
	switch {
	case s.Action == ActionDeleteFile && s.Path != "":
		return "rm -- " + literal(s.Path) + "\n"
	case text == "":
		return Comment("by hand: " + strings.TrimPrefix(oneLine(s.Summary), "by hand: "))
	case strings.HasPrefix(text, "--- "):
		return s.patch(text)
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch m := requestLine.FindStringSubmatch(line); {
		case m != nil:
			b.WriteString(s.curl(m[1], m[2], m[3], strings.Contains(text, "# with the token itself")))
		case strings.HasPrefix(line, "curl "), strings.HasPrefix(line, "AWS_ACCESS_KEY_ID="): // a source's own words for it
			b.WriteString(line + "\n")
		default:
			b.WriteString(Comment(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " ")))
		}
	}
	return b.String()
}

// Comment is a text as a comment that says the same, and does nothing, in a shell that knows no comments where it is typed
// into: zsh takes the sign for a command there, and what stands behind it for its arguments.
func Comment(text string) string { return "# " + literal(inventory.Clean(text)) + "\n" }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// config are lines for curl that hold a credential, each with the variable that stands in it. They go to curl by its standard
// input: in its arguments every user of the machine could read them.
type config struct{ format, values string }

// line adds one, in which $TOKEN and $SECRET are filled in.
func (c *config) line(key, value string) {
	value = strings.NewReplacer(`%`, `%%`, `\`, `\\\\`, `"`, `\\"`, `'`, `'\''`).Replace(value) // for curl, for printf, for the shell
	for {
		k, s := strings.Index(value, "$TOKEN"), strings.Index(value, "$SECRET")
		name := "$SECRET"
		if s < 0 || k >= 0 && k < s {
			name = "$TOKEN"
		}
		before, after, ok := strings.Cut(value, name)
		if !ok {
			break
		}
		value = before + "%s" + after
		c.values += ` "` + name + `"`
	}
	c.format += key + ` = "` + value + `"\n`
}

// authorise adds the credential.
func (c *config) authorise(auth, variable string) {
	switch m := authHeader.FindStringSubmatch(auth); {
	case m != nil:
		c.line("header", m[1]+": "+strings.TrimSpace(m[2]+" $"+variable))
	case auth == "basic":
		c.line("user", "nhitop:$"+variable)
	default:
		c.line("header", "Authorization: Bearer $"+variable)
	}
}

// curl is one request. Where a request says so, no credential goes with it.
func (s Step) curl(method, where, rest string, itself bool) string {
	if u, err := url.Parse(where); err != nil || u.Host == "" || strings.ContainsAny(where, "()") {
		return Comment(strings.TrimSpace(method + " " + where + " " + rest))
	}
	var c config
	switch {
	case strings.Contains(s.Request, "# without a credential"):
	case itself:
		c.authorise(s.Auth, "SECRET")
	default:
		c.authorise(s.Auth, "TOKEN")
	}
	words, note := "", ""
	if m := inTheName.FindStringSubmatch(rest); m != nil { // Gitea and GitLab take the account from it
		words += " -H 'Sudo: " + m[1] + "'"
	}
	switch hidden := strings.Contains(rest, "$SECRET"); {
	case json.Valid([]byte(rest)):
		words += ` -H 'Content-Type: application/json'`
		if hidden {
			c.line("data", rest)
		} else {
			words += " -d " + literal(rest)
		}
	case rest != "":
		note = Comment(rest)
	}
	if strings.Contains(where, "$SECRET") {
		c.line("url", where)
	} else {
		words += " " + literal(where)
	}
	if c.format == "" {
		return note + "curl -X " + method + words + "\n"
	}
	return note + "printf '" + c.format + "'" + c.values + " | curl -K - -X " + method + words + "\n"
}

// patch is a unified diff for patch, with $SECRET where a secret is masked, or $SECRET_1, $SECRET_2 and so on where there are
// several.
func (s Step) patch(diff string) string {
	file := literal(s.Path)
	if s.Path == "" {
		file = shellPath(strings.TrimPrefix(diff[:strings.IndexByte(diff+"\n", '\n')], "--- "))
	}
	var b strings.Builder
	why := ""
	switch {
	case strings.Contains(diff, " …\n") || strings.Contains(diff, "\n… ") || strings.HasSuffix(diff, " …"):
		why = "shortened"
	case strings.Contains(diff, "\r\n") || strings.HasSuffix(diff, "\r"):
		why = "of a file with line ends of Windows, which a paste does not keep"
	}
	if why != "" {
		name := cmp.Or(s.Path, strings.TrimPrefix(diff[:strings.IndexByte(diff+"\n", '\n')], "--- "))
		b.WriteString(Comment("change " + oneLine(name) + " by hand; the diff is " + why + ", and does not apply as it stands:"))
		for line := range strings.Lines(diff) {
			b.WriteString(Comment(strings.TrimRight(line, "\r\n")))
		}
		return b.String()
	}
	lines := strings.Split(bare(diff), "\n")
	n := strings.Count(strings.Join(lines, "\n"), masked)
	switch {
	case n == 1:
		b.WriteString(Comment("SECRET is what stands there now, as it is written in the file"))
	case n > 1:
		b.WriteString(Comment(fmt.Sprintf("SECRET_1 to SECRET_%d are what stands there now, from the top, as it is written in the file", n)))
	}
	// Each line is quoted by itself: in a here-document an interactive shell would still expand a "!".
	b.WriteString("printf '%s\\n' \\\n")
	at := 0
	for _, line := range lines {
		parts := strings.Split(line, masked)
		for k, part := range parts {
			parts[k] = "'" + strings.ReplaceAll(part, "'", `'\''`) + "'"
		}
		word := parts[0]
		for _, part := range parts[1:] {
			at++
			name := "SECRET"
			if n > 1 {
				name = fmt.Sprintf("SECRET_%d", at)
			}
			word += `"$` + name + `"` + part
		}
		b.WriteString("  " + word + " \\\n")
	}
	b.WriteString("  | patch " + file + "\n")
	return b.String()
}

var hunkHead = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// bare leaves out of each hunk the lines around the change from where one of them is masked: patch needs none of them, and the
// fewer secrets it asks for the better.
func bare(diff string) string {
	lines := strings.Split(diff, "\n")
	var out []string
	for i := 0; i < len(lines); {
		m := hunkHead.FindStringSubmatch(lines[i])
		if m == nil {
			out = append(out, lines[i])
			i++
			continue
		}
		end := i + 1
		for end < len(lines) && hunkHead.FindStringSubmatch(lines[end]) == nil {
			end++
		}
		out = append(out, bareHunk(m, lines[i+1:end])...)
		i = end
	}
	return strings.Join(out, "\n")
}

func bareHunk(m, body []string) []string {
	around := func(l string) bool { return strings.HasPrefix(l, " ") || l == "" || strings.HasPrefix(l, `\`) }
	first, last := 0, len(body)
	for first < len(body) && around(body[first]) {
		first++
	}
	for last > first && around(body[last-1]) {
		last--
	}
	from, to := 0, len(body)
	for i := range first {
		if strings.Contains(body[i], masked) {
			from = i + 1
		}
	}
	for i := len(body) - 1; i >= last; i-- {
		if strings.Contains(body[i], masked) {
			to = i
		}
	}
	if from == 0 && to == len(body) {
		return append([]string{m[0]}, body...)
	}
	// With less on one side patch takes the hunk for one at the file's begin or end.
	n := min(first-from, to-last)
	from, to = first-n, last+n
	number := func(s string) int { n, _ := strconv.Atoi(cmp.Or(s, "1")); return n }
	a, b := 0, 0
	for _, l := range body[from:to] {
		switch {
		case strings.HasPrefix(l, "-"):
			a++
		case strings.HasPrefix(l, "+"):
			b++
		case !strings.HasPrefix(l, `\`):
			a, b = a+1, b+1
		}
	}
	if a == 0 { // what is only put in needs to be told where
		return append([]string{m[0]}, body...)
	}
	return append([]string{fmt.Sprintf("@@ -%d,%d +%d,%d @@", number(m[1])+from, a, number(m[3])+from, b)}, body[from:to]...)
}

// shellPath is a path as one word of a shell; "~/" stays the home.
func shellPath(p string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return `"$HOME"/` + literal(rest)
	}
	return literal(p)
}
