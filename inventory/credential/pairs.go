package credential

import "strings"

// pair is a name and its value in a text: --flag value, NAME=value, "name": "value", name: value.
type pair struct {
	name     string
	from, to int // the value without its quotes
	flag     bool
}

// hints are parts of which every name of a secret has one; they spare the rest of a text.
var hints = []string{"key", "token", "secret", "pass", "pwd", "pat", "cred", "auth", "bearer", "jwt", "cookie", "sess", "sig", "sas", "dsn", "pw"}

func mayNameSecret(word string) bool {
	low := strings.ToLower(word)
	for _, h := range hints {
		if strings.Contains(low, h) {
			return true
		}
	}
	return false
}

const longValue = 1024

func nameByte(c byte) bool { return wordByte(c) || c == '-' || c == '.' }

// eachPair calls f for each name of a secret that is followed by a value.
func eachPair(text string, f func(pair)) {
	for i := 0; i < len(text); {
		if !nameByte(text[i]) {
			i++
			continue
		}
		end := i
		for end < len(text) && nameByte(text[end]) {
			end++
		}
		name := text[i:end]
		if len(name) <= 100 && mayNameSecret(name) && nameStrength(name) != nameNot {
			if p, ok := valueAfter(text, i, end); ok {
				p.name = strings.TrimLeft(name, "-")
				f(p)
				// A value may itself begin with a name (Authorization: token=...), but a long one is not looked into again.
				if p.to-p.from > longValue {
					end = p.to
				}
			}
		}
		i = end
	}
}

// valueAfter finds the value of the name at text[from:end].
func valueAfter(text string, from, end int) (pair, bool) {
	p := pair{flag: text[from] == '-'}
	i := end
	for i < len(text) && (text[i] == '"' || text[i] == '\'' || text[i] == '\\') && i-end < 2 {
		i++ // the quote that closes the name
	}
	blank := i
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	switch {
	case i < len(text) && (text[i] == '=' || text[i] == ':') && !strings.HasPrefix(text[i:], "://"):
		for i < len(text) && (text[i] == '=' || text[i] == ':' || text[i] == '>') && i-blank < 4 {
			i++
		}
		for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
	case p.flag && i > blank && blank == end:
	default:
		return p, false
	}
	inQuery := from > 0 && (text[from-1] == '?' || text[from-1] == '&')
	p.from, p.to = valueBounds(text, i, inQuery)
	if p.flag && p.from < p.to && text[p.from] == '-' && i > blank && text[i-1] == ' ' {
		return p, false // the next flag
	}
	return p, p.to > p.from
}

// valueBounds finds where a value ends that starts at i: at its closing quote, else at white space.
func valueBounds(text string, i int, inQuery bool) (from, to int) {
	esc := i+1 < len(text) && text[i] == '\\' && (text[i+1] == '"' || text[i+1] == '\'')
	if esc {
		i++
	}
	if i < len(text) && (text[i] == '"' || text[i] == '\'') {
		q := text[i]
		for j := i + 1; j < len(text); j++ {
			switch {
			case text[j] == q && (esc || text[j-1] != '\\'):
				if esc && text[j-1] == '\\' {
					return i + 1, j - 1
				}
				return i + 1, j
			}
		}
		return i + 1, len(text)
	}
	end := bareEnd(text, i, inQuery)
	// "Authorization: Bearer abc": the scheme and what follows it are one value.
	if scheme := strings.ToLower(text[i:end]); (scheme == "bearer" || scheme == "basic" || scheme == "token") && end+1 < len(text) && text[end] == ' ' {
		end = bareEnd(text, end+1, inQuery)
	}
	return i, closed(text, i, end)
}

// closed takes the punctuation off a value's end that belongs to what stands around it: a closing bracket without an
// opening one, a comma, the backslash of an escaped quote.
func closed(text string, i, end int) int {
	for end > i {
		opening := byte(0)
		switch text[end-1] {
		case ')':
			opening = '('
		case ']':
			opening = '['
		case '}':
			opening = '{'
		case ',', ';', '\\':
			end--
			continue
		default:
			return end
		}
		if strings.IndexByte(text[i:end], opening) >= 0 {
			return end
		}
		end--
	}
	return end
}

func bareEnd(text string, i int, inQuery bool) int {
	for i < len(text) && !space(text[i]) && text[i] != '"' && text[i] != '\'' && text[i] != '`' && !(inQuery && (text[i] == '&' || text[i] == '#')) {
		if j := variableEnd(text, i); j > i {
			i = j
		}
		i++
	}
	return i
}

// variableEnd returns where the closing bracket of a $(command) or ${variable} stands that begins at i, or i.
func variableEnd(text string, i int) int {
	if i+1 >= len(text) || text[i] != '$' {
		return i
	}
	closing := byte(')')
	switch text[i+1] {
	case '(':
	case '{':
		closing = '}'
	default:
		return i
	}
	const longest = 400
	if j := strings.IndexByte(text[i:min(len(text), i+longest)], closing); j > 0 {
		return i + j
	}
	return i
}

// pairs finds values under names of secrets inside a command, an argument or a short text.
func (f *finder) pairs() {
	if f.ctx.Position == PositionFile || f.ctx.inPair || len(f.text) > maxPairs {
		return
	}
	eachPair(f.text, func(p pair) {
		if p.from <= f.from && p.to >= f.to || len(f.found) >= maxMatches {
			return
		}
		ctx := Context{Key: p.name, Position: f.ctx.Position, inPair: true}
		f.sub(p.from, p.to, f.text[p.from:p.to], ctx, "")
	})
	f.logins()
	f.provider()
}

// logins finds the password of curl -u user:password.
func (f *finder) logins() {
	eachLogin(f.text, func(user string, from, to int) {
		pass := f.text[from:to]
		if isReference(pass) || dummyLogin(user, pass) {
			return
		}
		if m, ok := classify(pass, Context{}); ok {
			m.Start, m.End = from, to
			f.add(m)
			return
		}
		f.add(basicMatch(user, pass, from, to))
	})
}

// provider reads the form provider=key, in which aider takes keys.
func (f *finder) provider() {
	value := f.text[f.from:f.to]
	name, key, ok := strings.Cut(value, "=")
	const shortest, longestName = 8, 30
	if !ok || len(key) < shortest || len(name) > longestName || !nameIssuers[strings.ToLower(name)] || strings.ContainsAny(value, " \t\n") {
		return
	}
	if !f.ctx.Declared && nameStrength(f.ctx.Key) == nameNot {
		return
	}
	ctx := f.ctx
	ctx.Key, ctx.DeclaredKind, ctx.DeclaredIssuer = name+"_api_key", "", strings.ToLower(name)
	f.sub(f.to-len(key), f.to, key, ctx, "text")
}
