package doc

import (
	"bytes"
	"unicode/utf8"
)

// readText takes the whole file, without the white space around it, as one value.
func readText(b *builder) *Error {
	body := bytes.TrimSpace(b.data[b.first:])
	start := b.first
	if len(body) > 0 {
		start = b.first + bytes.Index(b.data[b.first:], body)
	}
	n := b.root(String, start, start+len(body))
	n.Text = string(body)
	return nil
}

// readLines takes each line that is neither empty nor a # comment as an element.
func readLines(b *builder) *Error {
	root := b.root(Array, b.first, len(b.data))
	for at := b.first; at < len(b.data); {
		line, next := b.cutLine(at)
		start, end := trim(b.data, at, line)
		if start < end && b.data[start] != '#' {
			n := b.member(root, "", -1, -1, String, start, end)
			if n == nil {
				return b.fault
			}
			n.Text = string(b.data[start:end])
			b.statement(n, start, end)
		}
		at = next
	}
	return nil
}

// cutLine returns where the line at an offset ends, without its line end, and where the next one begins.
func (b *builder) cutLine(at int) (end, next int) {
	n := bytes.IndexByte(b.data[at:], '\n')
	if n < 0 {
		return len(b.data), len(b.data)
	}
	end, next = at+n, at+n+1
	if end > at && b.data[end-1] == '\r' {
		end--
	}
	return end, next
}

// trim narrows data[start:end] by the blanks around it.
func trim(data []byte, start, end int) (int, int) {
	for start < end && blank(data[start]) {
		start++
	}
	for end > start && blank(data[end-1]) {
		end--
	}
	return start, end
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' }

// readProperties reads Java properties: key=value, key: value or key value, with continued lines and escapes.
func readProperties(b *builder) *Error {
	root := b.root(Object, b.first, len(b.data))
	for at := b.first; at < len(b.data); {
		start := at
		end, next := b.cutLine(at)
		start, _ = trim(b.data, start, end)
		at = next
		if start == end || b.data[start] == '#' || b.data[start] == '!' {
			continue
		}
		for continues(b.data[start:end]) && next < len(b.data) {
			end, next = b.cutLine(next)
		}
		at = next
		keyEnd := start
		for keyEnd < end && !blank(b.data[keyEnd]) && b.data[keyEnd] != '=' && b.data[keyEnd] != ':' {
			if b.data[keyEnd] == '\\' {
				keyEnd++
			}
			keyEnd++
		}
		keyEnd = min(keyEnd, end)
		v, _ := trim(b.data, keyEnd, end)
		if v < end && (b.data[v] == '=' || b.data[v] == ':') {
			v, _ = trim(b.data, v+1, end)
		}
		n := b.member(root, unescapeProperty(b.data[start:keyEnd]), start, keyEnd, String, v, end)
		if n == nil {
			return b.fault
		}
		n.Text = unescapeProperty(b.data[v:end])
		b.statement(n, start, end)
	}
	return nil
}

// continues reports whether a line ends with an odd number of backslashes.
func continues(line []byte) bool {
	n := 0
	for n < len(line) && line[len(line)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

func unescapeProperty(s []byte) string {
	if bytes.IndexByte(s, '\\') < 0 {
		return string(s)
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		if r, n := unicodeEscape(s[i:]); n > 0 {
			out = utf8.AppendRune(out, r)
			i += n - 1
			continue
		}
		i++
		switch s[i] {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case '\r', '\n': // a continued line: its indentation is not part of the value
			for i+1 < len(s) && (blank(s[i+1]) || s[i+1] == '\n') {
				i++
			}
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}
