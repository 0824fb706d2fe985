package doc

import (
	"bytes"
	"strings"
)

// readINI reads sections of keys, as in ~/.aws/config, ~/.pypirc and git's config. A section that comes again is gone on
// with. A line that is indented deeper than the key above it continues that key's value.
func readINI(b *builder) *Error { return readSections(b, "=:", true) }

// readNPMRC reads key=value; everything up to the first equals sign is the key, colons and slashes too.
func readNPMRC(b *builder) *Error { return readSections(b, "=", false) }

func readSections(b *builder, separators string, continued bool) *Error {
	root := b.root(Object, b.first, len(b.data))
	section := root
	sections := map[string]*Node{}
	for at := b.first; at < len(b.data); {
		end, next := b.cutLine(at)
		start, stop := trim(b.data, at, end)
		indent := start - at
		at = next
		if start == stop || b.data[start] == '#' || b.data[start] == ';' {
			continue
		}
		if b.data[start] == '[' {
			if n := b.section(root, sections, start, stop); n != nil {
				section = n
				continue
			}
			if b.fault != nil {
				return b.fault
			}
		}
		n := b.assignment(section, start, stop, separators)
		if b.fault != nil {
			return b.fault
		}
		if n == nil {
			continue
		}
		if continued {
			at = b.continuation(n, at, indent)
		}
		if section == root {
			b.statement(n, n.keyStart, max(n.End, n.keyEnd))
		} else {
			b.statement(n, n.keyStart, max(n.End, n.keyEnd), section)
		}
	}
	return nil
}

// section opens the section whose header is the line data[start:stop]; nil if it is none.
func (b *builder) section(root *Node, known map[string]*Node, start, stop int) *Node {
	n := bytes.LastIndexByte(b.data[start:stop], ']')
	if n < 0 {
		return nil
	}
	end := start + n + 1
	name := strings.TrimSpace(string(b.data[start+1 : end-1]))
	s := known[name]
	if s == nil {
		if s = b.member(root, name, start+1, end-1, Object, start, end); s == nil {
			return nil
		}
		known[name] = s
	}
	b.statement(s, start, end, s)
	return s
}

// assignment reads "key = value # comment" from data[start:stop]; nil if it is none.
func (b *builder) assignment(parent *Node, start, stop int, separators string) *Node {
	sep := bytes.IndexAny(b.data[start:stop], separators)
	keyEnd, v := stop, stop
	if sep == 0 {
		return nil
	}
	if sep > 0 {
		_, keyEnd = trim(b.data, start, start+sep)
		v, _ = trim(b.data, start+sep+1, stop)
	}
	end := v + valueEnd(b.data[v:stop])
	n := b.member(parent, string(b.data[start:keyEnd]), start, keyEnd, String, v, end)
	if n == nil {
		return nil
	}
	n.Text = unquote(string(b.data[v:end]))
	return n
}

// valueEnd returns the length of a value without the comment behind it: a # or ; after a blank.
func valueEnd(s []byte) int {
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') {
		if n := bytes.IndexByte(s[1:], s[0]); n >= 0 {
			rest := bytes.TrimLeft(s[n+2:], " \t")
			if len(rest) == 0 || rest[0] == '#' || rest[0] == ';' {
				return n + 2
			}
		}
	}
	end := len(s)
	for i := 1; i < len(s); i++ {
		if (s[i] == '#' || s[i] == ';') && blank(s[i-1]) {
			end = i
			break
		}
	}
	if end > 0 && len(s) > 0 && (s[0] == '#' || s[0] == ';') {
		return 0
	}
	_, end = trim(s, 0, end)
	return end
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// continuation adds the deeper lines at an offset to n's value and returns where it ends.
func (b *builder) continuation(n *Node, at, indent int) int {
	for at < len(b.data) {
		end, next := b.cutLine(at)
		start, stop := trim(b.data, at, end)
		if start == stop || start-at <= indent || b.data[start] == '#' || b.data[start] == ';' || b.data[start] == '[' {
			return at
		}
		n.Text += "\n" + string(b.data[start:stop])
		n.End = stop
		at = next
	}
	return at
}
