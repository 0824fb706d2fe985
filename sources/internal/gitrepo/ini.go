package gitrepo

import "strings"

const maxEntries = 20_000

// entry is one line of a Git configuration, in the syntax of git-config(1).
type entry struct {
	section string // lower case
	sub     string // as written: the part in quotes
	key     string // lower case
	rawKey  string
	value   string
	line    int
}

// parseConfig reads a Git configuration file. Git refuses a file with an error in it; here the bad line is left out.
func parseConfig(data []byte) []entry {
	p := ini{text: strings.TrimPrefix(string(data), "\ufeff"), line: 1}
	var section, sub string
	var out []entry
	for len(out) < maxEntries {
		p.space()
		if p.done() {
			return out
		}
		switch c := p.text[p.pos]; {
		case c == '#' || c == ';':
			p.restOfLine()
		case c == '[':
			section, sub = p.section()
		default:
			at := p.line
			key, value, ok := p.variable()
			if ok && section != "" {
				out = append(out, entry{section: section, sub: sub, key: strings.ToLower(key), rawKey: key, value: value, line: at})
			}
		}
	}
	return out
}

type ini struct {
	text string
	pos  int
	line int
}

func (p *ini) done() bool { return p.pos >= len(p.text) }

func (p *ini) step() byte {
	c := p.text[p.pos]
	p.pos++
	if c == '\n' {
		p.line++
	}
	return c
}

func (p *ini) space() {
	for !p.done() && strings.IndexByte(" \t\r\n\v\f", p.text[p.pos]) >= 0 {
		p.step()
	}
}

func (p *ini) restOfLine() {
	for !p.done() && p.step() != '\n' {
	}
}

// section reads [name], [name "sub"] or the older [name.sub].
func (p *ini) section() (name, sub string) {
	p.step()
	start := p.pos
	for !p.done() && strings.IndexByte("]\"\n", p.text[p.pos]) < 0 {
		p.pos++
	}
	name = strings.ToLower(strings.TrimSpace(p.text[start:p.pos]))
	if !p.done() && p.text[p.pos] == '"' {
		sub = p.quoted()
	} else if before, after, ok := strings.Cut(name, "."); ok {
		name, sub = before, after
	}
	for !p.done() && p.text[p.pos] != ']' {
		if p.text[p.pos] == '\n' {
			return "", ""
		}
		p.pos++
	}
	if p.done() {
		return "", ""
	}
	p.pos++
	return name, sub
}

func (p *ini) quoted() string {
	p.pos++
	var b strings.Builder
	for !p.done() && p.text[p.pos] != '\n' {
		c := p.step()
		if c == '"' {
			return b.String()
		}
		if c == '\\' && !p.done() && p.text[p.pos] != '\n' {
			c = p.step()
		}
		b.WriteByte(c)
	}
	return ""
}

func (p *ini) variable() (key, value string, ok bool) {
	start := p.pos
	for !p.done() && strings.IndexByte("=\n#; \t\r", p.text[p.pos]) < 0 {
		p.pos++
	}
	key = p.text[start:p.pos]
	for !p.done() && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
	if p.done() || p.text[p.pos] != '=' {
		p.restOfLine()
		return key, "true", key != "" // a name alone means true
	}
	p.pos++
	return key, p.value(), key != ""
}

// value reads to the end of the line: quotes, escapes, a comment, and a backslash that continues the line.
func (p *ini) value() string {
	var b strings.Builder
	inQuotes := false
	keep := 0 // length up to the last character that is not trailing space
	for !p.done() {
		c := p.step()
		switch {
		case c == '\n':
			return b.String()[:keep]
		case c == '\\':
			if p.done() {
				return b.String()[:keep]
			}
			if c = p.step(); c == '\r' && !p.done() && p.text[p.pos] == '\n' {
				c = p.step()
			}
			if c == '\n' {
				continue
			}
			b.WriteByte(unescape(c))
			keep = b.Len()
		case c == '"':
			inQuotes = !inQuotes
		case !inQuotes && (c == '#' || c == ';'):
			p.restOfLine()
			return b.String()[:keep]
		case !inQuotes && (c == ' ' || c == '\t' || c == '\r'):
			if b.Len() > 0 {
				b.WriteByte(c)
			}
		default:
			b.WriteByte(c)
			keep = b.Len()
		}
	}
	return b.String()[:keep]
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	}
	return c
}
