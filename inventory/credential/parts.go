package credential

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"nhitop/inventory"
)

var copilotToken = regexp.MustCompile(`tid=[^;\s"']+;(?:[\w-]+=[^;\s"']*;?)+`)
var copilotExp = regexp.MustCompile(`;exp=(\d{9,11})`)

// copilot finds Copilot's session token: tid=...;exp=...;sku=...
func (f *finder) copilot() {
	if !strings.Contains(f.text, "tid=") || !strings.Contains(f.text, ";exp=") {
		return
	}
	for _, loc := range copilotToken.FindAllStringIndex(f.text, maxMatches) {
		token := f.text[loc[0]:loc[1]]
		g := copilotExp.FindStringSubmatch(token)
		if g == nil {
			continue
		}
		n, _ := strconv.ParseInt(g[1], 10, 64)
		f.add(Match{Kind: "copilot-session-token", Issuer: "github", Value: inventory.NewValue(token), Start: loc[0], End: loc[1],
			LongLived: brief, Expires: unix(float64(n)), Sure: true})
	}
}

// json looks into a text that is itself a JSON document.
func (f *finder) json() {
	t := f.text[f.from:f.to]
	if len(t) < 8 || t[0] != '{' && t[0] != '[' || len(t) > maxPairs || !json.Valid([]byte(t)) {
		return
	}
	d := json.NewDecoder(strings.NewReader(t))
	var stack []bool // true: object
	key, isKey := "", false
	for {
		tok, err := d.Token()
		if err != nil {
			return
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				stack = append(stack, v == '{')
			} else {
				stack = stack[:len(stack)-1]
			}
			isKey = len(stack) > 0 && stack[len(stack)-1]
			continue
		case string:
			if isKey {
				key, isKey = v, false
				continue
			}
			end := f.from + int(d.InputOffset()) - 1
			if start := rawString(f.text, end); start >= 0 {
				ctx := Context{Key: key, Position: PositionConfig}
				f.sub(start, end, v, ctx, "json")
			}
		}
		isKey = len(stack) > 0 && stack[len(stack)-1]
	}
}

// rawString returns where the JSON string starts whose closing quote stands at end.
func rawString(text string, end int) int {
	for i := end - 1; i >= 0; i-- {
		if text[i] != '"' {
			continue
		}
		slashes := 0
		for j := i - 1; j >= 0 && text[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return -1
}

// headers finds what stands after an authorization scheme.
func (f *finder) headers() {
	t := f.text[f.from:f.to]
	if scheme, rest, ok := cutScheme(t); ok && !strings.ContainsAny(rest, " \t\n") {
		strong := f.ctx.Position == PositionHeader || f.ctx.Declared || nameStrength(f.ctx.Key) != nameNot
		if strong || scheme == "bearer" && looksRandom(rest, minRandom) {
			f.scheme(scheme, f.to-len(rest), f.to)
			return
		}
	}
	for _, word := range schemeWords {
		f.schemesIn(word)
	}
}

// schemeWords are the schemes as they stand in the middle of a text, from their second letter on.
var schemeWords = []string{"earer ", "asic ", "oken ", "EARER "}

// schemesIn finds an authorization scheme inside a text: Bearer before something random, or any after Authorization.
func (f *finder) schemesIn(word string) {
	text := f.text
	for i := 0; len(f.found) < maxMatches; {
		j := strings.Index(text[i:], word)
		if j < 0 {
			return
		}
		from := i + j + len(word)
		start := i + j - 1
		for from < len(text) && text[from] == ' ' {
			from++
		}
		i = from
		if start < 0 || start > 0 && alnum(text[start-1]) {
			continue
		}
		scheme := strings.ToLower(strings.TrimSpace(text[start : start+1+len(word)]))
		if scheme != "bearer" && scheme != "basic" && scheme != "token" {
			continue
		}
		to := from
		for to < len(text) && (wordByte(text[to]) || strings.IndexByte(".~+/=-", text[to]) >= 0) {
			to++
		}
		i = to
		if to-from < minOpaque {
			continue
		}
		if afterAuthorization(text, start) || scheme == "bearer" && looksRandom(text[from:to], minRandom) {
			f.scheme(scheme, from, to)
		}
	}
}

// afterAuthorization reports whether a header's or member's name Authorization stands before i.
func afterAuthorization(text string, i int) bool {
	before := strings.TrimRight(text[max(0, i-24):i], " \t\"'\\:=")
	const name = "authorization"
	return len(before) < i-max(0, i-24) && len(before) >= len(name) && strings.EqualFold(before[len(before)-len(name):], name)
}

// scheme judges the credential at text[from:to] that stands after an authorization scheme.
func (f *finder) scheme(scheme string, from, to int) {
	value := f.text[from:to]
	if m, ok := classify(value, f.ctx); ok {
		m.Start, m.End, m.Form = from, to, "header"
		f.add(m)
		return
	}
	if scheme == "basic" && f.basic(from, to) {
		return
	}
	if isReference(value) || Placeholder(value) || len(value) < minOpaque {
		return
	}
	kind, issuer := kindBearer, ""
	if f.ctx.DeclaredKind != "" {
		kind, issuer = f.ctx.DeclaredKind, f.ctx.DeclaredIssuer
	} else if scheme == "basic" {
		kind = kindBasic
	}
	f.add(Match{Kind: kind, Issuer: issuer, Value: inventory.NewValue(value), Start: from, End: to, Form: "header"})
}

// basic reads text[from:to] as base64 of user:secret, where the context says that such a pair may stand.
func (f *finder) basic(from, to int) bool {
	user, secret, ok := BasicPair(f.text[from:to])
	if !ok {
		return false
	}
	if dummyLogin(user, secret) {
		return true // it is a pair, but holds no secret
	}
	if isReference(secret) {
		return true
	}
	if m, ok := classify(secret, f.ctx); ok {
		m.Start, m.End, m.Form, m.Account = from, to, "base64", user
		f.add(m)
		return true
	}
	kind := kindBasic
	if f.ctx.DeclaredKind != "" {
		kind = f.ctx.DeclaredKind
	}
	f.add(Match{Kind: kind, Account: user, Value: inventory.NewValueWithin(secret, user, to-from), Start: from, End: to,
		Form: "base64", LongLived: lasts})
	return true
}

// BasicPair decodes base64 of "user:secret" as HTTP basic authentication, Docker and npm write it. ok is false where text
// is no such pair of printable text.
func BasicPair(text string) (user, secret string, ok bool) {
	if len(text) < 8 || len(text) > 8192 {
		return "", "", false
	}
	raw, ok := decode64(text)
	if !ok {
		return "", "", false
	}
	for _, c := range raw {
		if c < ' ' || c > '~' {
			return "", "", false
		}
	}
	user, secret, ok = strings.Cut(string(raw), ":")
	return user, secret, ok && secret != "" && (user == "" || len(user) < 200)
}

var connField = regexp.MustCompile(`(?i)(?:^|[;\s"'])(password|pwd|accountkey|sharedaccesskey|sharedsecret|accesskey)\s*=\s*([^;\s"']+)`)
var connUser = regexp.MustCompile(`(?i)(?:^|[;\s"'])(?:user id|uid|user|username|accountname)\s*=\s*([^;\s"']+)`)
var connHost = regexp.MustCompile(`(?i)(?:^|[;\s"'])(?:server|data source|host|endpoint|hostaddr)\s*=\s*([^;\s"',]+)`)

var connKinds = map[string]string{"accountkey": "azure-storage-key", "sharedaccesskey": "azure-shared-access-key", "accesskey": "azure-shared-access-key"}

// connectionString finds the password in "Server=..;User Id=..;Password=.." and "host=.. user=.. password=..".
func (f *finder) connectionString() {
	t := f.text
	if len(t) > maxReference || strings.Count(t, "=") < 2 || !connUser.MatchString(t) && !connHost.MatchString(t) {
		return
	}
	for _, loc := range connField.FindAllStringSubmatchIndex(t, 16) {
		name, value := strings.ToLower(t[loc[2]:loc[3]]), t[loc[4]:loc[5]]
		user, host := firstGroup(connUser, t), firstGroup(connHost, t)
		if isReference(value) || dummyLogin(user, value) {
			continue
		}
		kind := kindURL
		if k := connKinds[name]; k != "" {
			kind = k
		}
		account := user
		if host != "" {
			account = user + "@" + host
		}
		f.add(Match{Kind: kind, Account: account, Value: inventory.NewValueWithin(value, account, len(t)), Start: loc[4], End: loc[5],
			Form: "text", LongLived: lasts})
	}
}

func firstGroup(re *regexp.Regexp, s string) string {
	if g := re.FindStringSubmatch(s); g != nil {
		return g[1]
	}
	return ""
}
