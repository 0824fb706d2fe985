package doc

import "bytes"

// readNetrc reads machine entries, in one line or several: /machine/login, /machine/password, /machine/account, and
// /default/... for the entry without a name. Macros are passed over.
func readNetrc(b *builder) *Error {
	r := &netrcReader{builder: b, i: b.first}
	root := b.root(Object, b.first, len(b.data))
	var entry *Node
	var entryAt int
	flush := func() {
		if entry != nil {
			b.statement(entry, entryAt, entry.End)
		}
	}
	for {
		start, end := r.token()
		if start == end {
			break
		}
		word := string(b.data[start:min(end, start+16)])
		switch word {
		case "machine", "default":
			flush()
			name, ns, ne := "default", start, end
			if word == "machine" {
				if ns, ne = r.token(); ns == ne {
					entry = nil
					break
				}
				name = unquote(string(b.data[ns:ne]))
			}
			entry = b.member(root, name, ns, ne, Object, start, max(end, ne))
			entryAt = start
		case "macdef":
			r.skipMacro()
		case "login", "password", "account":
			vs, ve := r.token()
			if vs == ve || entry == nil {
				continue
			}
			n := b.member(entry, word, start, end, String, vs, ve)
			if n == nil {
				return b.fault
			}
			n.Text = unescapeNetrc(b.data[vs:ve])
			b.statement(n, start, ve, entry)
		}
		if b.fault != nil {
			return b.fault
		}
	}
	flush()
	return nil
}

type netrcReader struct {
	*builder
	i int
}

// token returns the next word; quoted ones with their quotes. A # at the start of a word hides the rest of the line.
func (r *netrcReader) token() (start, end int) {
	for r.i < len(r.data) {
		c := r.data[r.i]
		switch {
		case blank(c) || c == '\n':
			r.i++
			continue
		case c == '#':
			_, r.i = r.cutLine(r.i)
			continue
		case c == '"':
			if n := closing(r.data[r.i:]); n > 0 {
				start = r.i
				r.i += n
				return start, r.i
			}
		}
		start = r.i
		for r.i < len(r.data) && !blank(r.data[r.i]) && r.data[r.i] != '\n' {
			r.i++
		}
		return start, r.i
	}
	return r.i, r.i
}

// skipMacro goes to the empty line that ends a macro.
func (r *netrcReader) skipMacro() {
	for r.i < len(r.data) {
		_, next := r.cutLine(r.i)
		r.i = next
		if end, _ := r.cutLine(r.i); end == r.i || len(bytes.TrimSpace(r.data[r.i:end])) == 0 {
			return
		}
	}
}

func unescapeNetrc(s []byte) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return unescapeEnv(s[1 : len(s)-1])
	}
	return string(s)
}
