package doc

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// readJSON reads JSON with comments and trailing commas. It is a reader of its own because it must know where each value
// stands and must keep what stands before a fault: assistants rewrite these files while they are read.
func readJSON(b *builder) *Error {
	p := &jsonReader{builder: b, i: b.first}
	if err := p.space(); err != nil {
		b.root(Null, b.first, b.first)
		return err
	}
	if p.i == len(p.data) { // empty: nothing is said
		b.root(Null, b.first, b.first)
		return nil
	}
	root := b.root(Null, p.i, p.i)
	if err := p.value(root); err != nil {
		return err
	}
	if err := p.space(); err != nil {
		return err
	}
	if p.i < len(p.data) {
		return b.fail(p.i, "more text after the end of the value")
	}
	return nil
}

type jsonReader struct {
	*builder
	i int
}

// space skips white space and comments.
func (p *jsonReader) space() *Error {
	for p.i < len(p.data) {
		switch c := p.data[p.i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			p.i++
		case c == '/':
			n := skipComment(p.data[p.i:])
			if n == 0 {
				return p.fail(p.i, "a slash that starts no comment, or a comment without an end")
			}
			p.i += n
		default:
			return nil
		}
	}
	return nil
}

// skipComment returns the length of the // or /* */ comment that s begins with, without its line end; 0 if there is none.
func skipComment(s []byte) int {
	if len(s) < 2 || s[0] != '/' {
		return 0
	}
	switch s[1] {
	case '/':
		if n := bytes.IndexByte(s, '\n'); n >= 0 {
			return n
		}
		return len(s)
	case '*':
		if n := bytes.Index(s[2:], []byte("*/")); n >= 0 {
			return n + 4
		}
	}
	return 0
}

// value reads the value at p.i into n, whose Start is set.
func (p *jsonReader) value(n *Node) *Error {
	n.Start, n.End, n.Line = p.i, len(p.data), p.line(p.i)
	if n.keyStart < 0 {
		n.KeyLine = n.Line
	}
	var err *Error
	switch c := p.data[p.i]; {
	case c == '{':
		n.Kind = Object
		err = p.object(n)
	case c == '[':
		n.Kind = Array
		err = p.array(n)
	case c == '"':
		n.Kind = String
		n.Text, err = p.text()
	default:
		err = p.literal(n)
	}
	if err == nil {
		n.End = p.i
	}
	return err
}

func (p *jsonReader) object(n *Node) *Error {
	for p.i++; ; {
		done, err := p.next(n, '}')
		if err != nil || done {
			return err
		}
		if p.data[p.i] != '"' {
			return p.fail(p.i, "a member's name in double quotes is missing")
		}
		keyStart := p.i
		key, err := p.text()
		if err != nil {
			return err
		}
		keyEnd := p.i
		if err := p.space(); err != nil {
			return err
		}
		if p.i == len(p.data) || p.data[p.i] != ':' {
			return p.fail(min(p.i, len(p.data)), "a colon after the member's name is missing")
		}
		p.i++
		if err := p.child(n, key, keyStart, keyEnd); err != nil {
			return err
		}
	}
}

func (p *jsonReader) array(n *Node) *Error {
	for p.i++; ; {
		done, err := p.next(n, ']')
		if err != nil || done {
			return err
		}
		if err := p.child(n, "", -1, -1); err != nil {
			return err
		}
	}
}

// next goes to the next member or element, over the comma between two. done says that the end was reached instead.
func (p *jsonReader) next(n *Node, end byte) (done bool, err *Error) {
	if err := p.space(); err != nil {
		return false, err
	}
	if len(n.Children) > 0 && p.i < len(p.data) && p.data[p.i] != end {
		if p.data[p.i] != ',' {
			return false, p.fail(p.i, "a comma or a closing bracket is missing")
		}
		p.i++
		if err := p.space(); err != nil {
			return false, err
		}
	}
	if p.i == len(p.data) {
		return false, p.fail(n.Start, "the object or array that starts here does not end")
	}
	if p.data[p.i] == end {
		p.i++
		return true, nil
	}
	return false, nil
}

func (p *jsonReader) child(parent *Node, key string, keyStart, keyEnd int) *Error {
	if err := p.space(); err != nil {
		return err
	}
	if p.i == len(p.data) {
		return p.fail(p.i, "the file ends where a value should be")
	}
	c := p.member(parent, key, keyStart, keyEnd, Null, p.i, p.i)
	if c == nil {
		return p.fault
	}
	err := p.value(c)
	if err != nil && c.Kind != Object && c.Kind != Array { // a scalar cut short is not what was meant
		parent.Children = parent.Children[:len(parent.Children)-1]
	}
	return err
}

var jsonLiterals = []struct {
	text string
	kind Kind
}{{"true", Bool}, {"false", Bool}, {"null", Null}, {"NaN", Number}, {"Infinity", Number}, {"-Infinity", Number}}

func (p *jsonReader) literal(n *Node) *Error {
	rest := p.data[p.i:]
	for _, l := range jsonLiterals {
		if bytes.HasPrefix(rest, []byte(l.text)) {
			n.Kind = l.kind
			if l.kind != Null {
				n.Text = l.text
			}
			p.i += len(l.text)
			return p.ended()
		}
	}
	k := 0
	for k < len(rest) && strings.IndexByte("+-.0123456789eE", rest[k]) >= 0 {
		k++
	}
	if !jsonNumber(string(rest[:min(k, 400)])) {
		return p.fail(p.i, "a value is missing or is not JSON")
	}
	n.Kind, n.Text = Number, string(rest[:k])
	p.i += k
	return p.ended()
}

// ended refuses a literal that runs on.
func (p *jsonReader) ended() *Error {
	if p.i < len(p.data) {
		if c := p.data[p.i]; c == '_' || c == '"' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' {
			return p.fail(p.i, "a value is not JSON")
		}
	}
	return nil
}

// text reads the string at p.i.
func (p *jsonReader) text() (string, *Error) {
	start := p.i
	p.i++
	for p.i < len(p.data) {
		switch p.data[p.i] {
		case '"':
			p.i++
			return string(p.data[start+1 : p.i-1]), nil
		case '\\':
			return p.escaped(start)
		case '\n':
			return "", p.fail(start, "the string that starts here does not end")
		}
		p.i++
	}
	return "", p.fail(start, "the string that starts here does not end")
}

var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads on in a string from its first backslash.
func (p *jsonReader) escaped(start int) (string, *Error) {
	out := append([]byte(nil), p.data[start+1:p.i]...)
	for p.i < len(p.data) {
		c := p.data[p.i]
		switch {
		case c == '"':
			p.i++
			return string(out), nil
		case c == '\n':
			return "", p.fail(start, "the string that starts here does not end")
		case c != '\\':
			out = append(out, c)
			p.i++
			continue
		}
		if p.i+1 >= len(p.data) {
			break
		}
		if e, ok := jsonEscapes[p.data[p.i+1]]; ok {
			out = append(out, e)
			p.i += 2
			continue
		}
		r, n := unicodeEscape(p.data[p.i:])
		if n == 0 {
			return "", p.fail(p.i, "an escape in a string is not JSON")
		}
		out = utf8.AppendRune(out, r)
		p.i += n
	}
	return "", p.fail(start, "the string that starts here does not end")
}

// unicodeEscape reads \uXXXX, or a pair of them; n is the length, 0 if there is none.
func unicodeEscape(s []byte) (r rune, n int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := hex4(s[6:]); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, 12
			}
		}
		return utf8.RuneError, 6
	}
	return r, 6
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
