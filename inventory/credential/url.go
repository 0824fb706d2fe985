package credential

import (
	"net/url"
	"strings"

	"nhitop/inventory"
)

const maxURL = 8 << 10

// span is a URL in a text with what concerns us in it: offsets into the text.
type span struct {
	scheme             string
	from, to           int
	userFrom, userTo   int // "" where there is no userinfo
	passFrom, passTo   int // passFrom < 0: no password
	host               string
	queryFrom, queryTo int
}

// eachURL calls f for each URL with an authority in text.
func eachURL(text string, f func(span)) {
	for i := 0; ; {
		j := strings.Index(text[i:], "://")
		if j < 0 {
			return
		}
		at := i + j
		from := at
		for from > i && (alnum(text[from-1]) || strings.IndexByte("+.-", text[from-1]) >= 0) && at-from < 40 {
			from--
		}
		if from == at {
			i = at + 3
			continue
		}
		end := urlEnd(text, from, at+3)
		f(parseSpan(text, from, at, end))
		i = end
	}
}

// urlEnd finds where a URL ends. A text that is nothing but a URL ends with it, whatever its password is made of.
func urlEnd(text string, from, i int) int {
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(text[from:], trimmed) && len(trimmed) <= maxURL && !strings.ContainsAny(trimmed, " \t\r\n\"") {
		return from + len(trimmed)
	}
	limit := min(len(text), i+maxURL)
	for i < limit {
		switch c := text[i]; {
		case c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '\\':
			return i
		case c == '{' && i > 0 && text[i-1] == '$': // a variable, with a default that may hold anything
			if j := strings.IndexByte(text[i:limit], '}'); j >= 0 {
				i += j
			}
		case c == ')' || c == ']' || c == '}' || c == ',':
			if i+1 >= len(text) || space(text[i+1]) || text[i+1] == '"' {
				return i
			}
		}
		i++
	}
	return limit
}

func parseSpan(text string, from, at, end int) span {
	s := span{scheme: strings.ToLower(text[from:at]), from: from, to: end, passFrom: -1}
	start := at + 3
	rest := text[start:end]
	auth := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		auth = i
	}
	sign := strings.LastIndexByte(rest[:auth], '@')
	if sign < 0 {
		sign = looseSign(rest, auth)
	}
	hostFrom := start
	if sign >= 0 {
		s.userFrom, s.userTo = start, start+sign
		if c := strings.IndexByte(rest[:sign], ':'); c >= 0 {
			s.userTo, s.passFrom, s.passTo = start+c, start+c+1, start+sign
		}
		hostFrom = start + sign + 1
	}
	s.host = text[hostFrom:end]
	if i := strings.IndexAny(s.host, "/?#:,"); i >= 0 {
		s.host = s.host[:i]
	}
	if i := strings.IndexAny(text[hostFrom:end], "?#"); i >= 0 {
		s.queryFrom, s.queryTo = hostFrom+i+1, end
	}
	return s
}

// looseSign finds the @ of a userinfo whose password holds a raw "/", "?" or "#", which no program forbids.
func looseSign(rest string, auth int) int {
	c := strings.IndexByte(rest[:auth], ':')
	if c < 0 || allDigits(rest[c+1:auth]) {
		return -1
	}
	sign := strings.LastIndexByte(rest, '@')
	if sign < auth || strings.ContainsAny(rest[auth:sign], "&=") {
		return -1
	}
	return sign
}

func (f *finder) urls() {
	eachURL(f.text, func(s span) {
		f.userinfo(s)
		f.query(s)
	})
}

func isWeb(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "git", "git+https", "git+http", "ftp", "ssh", "git+ssh", "sftp":
		return true
	}
	return false
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

func (f *finder) userinfo(s span) {
	if s.userTo == s.userFrom && s.passFrom < 0 {
		return
	}
	user := f.text[s.userFrom:s.userTo]
	raw := ""
	if s.passFrom >= 0 {
		raw = f.text[s.passFrom:s.passTo]
	}
	// A token may stand where the user does: https://TOKEN@host, https://TOKEN:x-oauth-basic@host.
	if m, ok := classify(user, f.ctx); ok {
		m.Start, m.End, m.Form = s.userFrom, s.userTo, "url-userinfo"
		if m.Account == "" {
			m.Account = s.host
		}
		f.add(m)
		return
	}
	if raw == "" || raw == "x-oauth-basic" {
		f.loneUser(s, user)
		return
	}
	pass, account := unescape(raw), unescape(user)
	if s.host != "" {
		account += "@" + s.host
	}
	if isReference(raw) {
		f.references = true
		return
	}
	if strings.HasPrefix(raw, "$") && strings.Contains(raw, "{") || dummyLogin(user, pass) {
		f.references = true
		return
	}
	if m, ok := classify(pass, Context{}); ok {
		m.Start, m.End, m.Form = s.passFrom, s.passTo, "url-userinfo"
		if m.Account == "" {
			m.Account = account
		}
		f.add(m)
		return
	}
	kind := kindURL
	if isWeb(s.scheme) {
		kind = kindBasic
	}
	f.add(Match{Kind: kind, Account: account, Value: inventory.NewValueWithin(pass, account, s.to-s.from), Start: s.passFrom,
		End: s.passTo, Form: "url-userinfo", LongLived: lasts})
}

// loneUser judges a userinfo without a password: a random text of some length is a token, unless the URL is a Sentry DSN,
// whose key is public by design.
func (f *finder) loneUser(s span, user string) {
	const shortestToken = 20
	if !isWeb(s.scheme) || !looksRandom(user, shortestToken) || strings.Contains(s.host, "sentry") || strings.Contains(s.host, "ingest") || Placeholder(user) {
		return
	}
	f.add(Match{Kind: kindBasic, Account: s.host, Value: inventory.NewValueWithin(user, s.host, s.to-s.from), Start: s.userFrom,
		End: s.userTo, Form: "url-userinfo"})
}

// queryNames are parameters that carry a secret although their names do not say so.
var queryNames = set(`sig x-amz-signature x-goog-signature`)

func (f *finder) query(s span) {
	if s.queryTo <= s.queryFrom {
		return
	}
	eachParam(f.text, s.queryFrom, s.queryTo, func(name string, from, to int) {
		strength := nameStrength(name)
		if queryNames[strings.ToLower(name)] {
			strength = nameStrong
		}
		value := unescape(f.text[from:to])
		if m, ok := classify(value, Context{Key: name}); ok {
			m.Start, m.End, m.Form = from, to, "url-query"
			f.add(m)
			return
		}
		if strength == nameNot || sameName(value, name) {
			return
		}
		kind, issuer := named(name)
		if !opaqueSecret(value, strength, kind == kindPassword) {
			return
		}
		f.add(Match{Kind: kind, Issuer: issuer, Account: s.host, Value: inventory.NewValue(value), Start: from, End: to, Form: "url-query"})
	})
}

// eachParam calls f for each name=value of a query.
func eachParam(text string, from, to int, f func(name string, from, to int)) {
	for i := from; i < to; {
		end := i
		for end < to && text[end] != '&' && text[end] != ';' && text[end] != '#' && text[end] != '?' {
			end++
		}
		if eq := strings.IndexByte(text[i:end], '='); eq > 0 && i+eq+1 < end {
			f(text[i:i+eq], i+eq+1, end)
		}
		i = end + 1
	}
}
