package credential

import (
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
)

const (
	gone      = "[redacted]"
	maxRedact = 256 << 10
	// leak is how many characters of a secret in a row must not be left.
	leak = 5
)

var loginFlag = regexp.MustCompile(`(?:^|\s)(?:-u|--user|--proxy-user)(?:\s+|=)["']?([^\s:"'/]+):([^\s"']+)`)
var passFlag = regexp.MustCompile(`\bsshpass\s+-p\s*["']?([^\s"']+)|\bmysql(?:dump)?\b[^|;&\n]*?\s-p([^\s"']+)`)

func eachLogin(text string, f func(user string, from, to int)) {
	if !strings.Contains(text, "-u") {
		return
	}
	for _, loc := range loginFlag.FindAllStringSubmatchIndex(text, 64) {
		f(text[loc[2]:loc[3]], loc[4], loc[5])
	}
}

func basicMatch(user, pass string, from, to int) Match {
	return Match{Kind: kindBasic, Account: user, Value: inventory.NewValueWithin(pass, user, len(pass)), Start: from, End: to,
		LongLived: lasts}
}

// Redact returns text with every secret in it replaced by "[redacted]", for showing: what Find finds, and whatever stands
// where a secret would (after --api-key, password=, Authorization:, in a URL's userinfo), known form or not. References to
// variables stay readable. It is generous: it hides rather too much than too little, and nothing is concluded from it.
// Redact(Redact(s)) == Redact(s). Text over 256 KiB is cut.
func Redact(text string) string {
	if len(text) > maxRedact {
		text = text[:maxRedact] + "…"
	}
	const rounds = 6
	for range rounds {
		next := redactOnce(text)
		if next == text {
			return text
		}
		text = next
	}
	return gone
}

type cut struct{ from, to int }

func redactOnce(text string) string {
	var cuts []cut
	var values []string
	hide := func(from, to int) {
		if from < to && !harmless(text[from:to]) {
			cuts = append(cuts, cut{from, to})
		}
	}
	for _, m := range find(text, Context{}, 0) {
		cuts = append(cuts, cut{m.Start, m.End})
		values = append(values, m.Value.Reveal(), text[m.Start:m.End])
	}
	eachURL(text, func(s span) {
		if s.passFrom >= 0 {
			hide(s.passFrom, s.passTo)
		}
		eachParam(text, s.queryFrom, s.queryTo, func(name string, from, to int) {
			if nameStrength(name) != nameNot || queryNames[strings.ToLower(name)] {
				hide(from, to)
			}
		})
	})
	eachPair(text, func(p pair) {
		if nameStrength(p.name) == nameStrong || p.flag || looksRandom(text[p.from:p.to], minOpaque) {
			hidePair(text, p, hide)
		}
	})
	eachLogin(text, func(_ string, from, to int) { hide(from, to) })
	for _, loc := range passFlag.FindAllStringSubmatchIndex(text, 64) {
		hide(max(loc[2], loc[4]), max(loc[3], loc[5]))
	}
	out := replace(text, cuts)
	for _, v := range values {
		if len(v) >= leak && !strings.Contains(gone, v) {
			out = strings.ReplaceAll(out, v, gone)
		}
	}
	return out
}

// hidePair hides the value of a pair, but keeps an authorization scheme before it.
func hidePair(text string, p pair, hide func(from, to int)) {
	value := text[p.from:p.to]
	if _, rest, ok := cutScheme(value); ok {
		hide(p.to-len(rest), p.to)
		return
	}
	hide(p.from, p.to)
}

// harmless reports what may stay: what is hidden already, a number, a switch, an empty list or table, or nothing but a reference.
func harmless(value string) bool {
	v := strings.Trim(value, `"'\ `)
	if v == gone || v == "[]" || v == "{}" || boolLike[strings.ToLower(v)] {
		return true
	}
	const digitsOfALimit = 4
	return len(v) <= digitsOfALimit && allDigits(v) || pureReference.MatchString(v)
}

// pureReference is a reference without a default, in which nothing can hide.
var pureReference = regexp.MustCompile(`^(?:\$\{\{[\w .\[\]-]+\}\}|\$\{(?:[a-z]+:)?[A-Za-z_][\w.-]{0,60}\}|\{(?:env|file):[\w./~-]{1,80}\}|\$[A-Z_][A-Z0-9_]{0,60}|%[A-Za-z_]\w{0,60}%|\$\{[A-Za-z_]\w{0,60}:?-\[redacted\]\}|\$\([\w ./:@=-]{1,120}\))$`)

// replace puts the mark in place of the cuts. Cuts that touch become one mark.
func replace(text string, cuts []cut) string {
	if len(cuts) == 0 {
		return text
	}
	slices.SortFunc(cuts, func(a, b cut) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return a.to - b.to
	})
	var b strings.Builder
	at := 0
	for i := 0; i < len(cuts); {
		from, to := cuts[i].from, cuts[i].to
		for i++; i < len(cuts) && cuts[i].from <= to; i++ {
			to = max(to, cuts[i].to)
		}
		b.WriteString(text[at:from])
		b.WriteString(gone)
		at = to
	}
	b.WriteString(text[at:])
	return b.String()
}

// RedactArgs returns a command's arguments with every secret taken out. Unlike Redact of the joined line it knows where
// an argument ends, so that the value after a secret flag goes as a whole.
func RedactArgs(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		prev := ""
		if i > 0 {
			prev = args[i-1]
		}
		switch {
		case strings.HasPrefix(prev, "-") && !strings.Contains(prev, "=") && SecretName(prev) && !isFlag(a):
			out[i] = a
			if !harmless(a) {
				out[i] = gone
			}
		case (prev == "-u" || prev == "--user") && strings.Contains(a, ":"):
			user, _, _ := strings.Cut(a, ":")
			out[i] = Redact(user) + ":" + gone
		default:
			out[i] = redactArg(a)
		}
	}
	return out
}

// redactArg hides all of the value in --api-key=value and NAME=value, blanks and all.
func redactArg(a string) string {
	name, value, ok := strings.Cut(a, "=")
	if ok && !strings.ContainsAny(name, " \t\n:/?") && nameStrength(name) == nameStrong && !harmless(value) {
		return name + "=" + gone
	}
	return Redact(a)
}

func isFlag(a string) bool {
	return len(a) > 2 && strings.HasPrefix(a, "--") || len(a) == 2 && a[0] == '-' && a[1] > '9'
}

// RedactURL returns a URL without the password, the secret parameters and the path elements that look like a token.
func RedactURL(u string) string {
	out := Redact(u)
	parts := strings.Split(out, "/")
	const longElement = 24
	for i := 3; i < len(parts); i++ {
		elem, rest := parts[i], ""
		if j := strings.IndexAny(elem, "?#"); j >= 0 {
			elem, rest = elem[:j], elem[j:]
			if strings.ContainsAny(rest, "/") {
				break
			}
		}
		if looksRandom(elem, longElement) && !uuid.MatchString(elem) {
			parts[i] = gone + rest
		}
		if rest != "" {
			break
		}
	}
	return strings.Join(parts, "/")
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
