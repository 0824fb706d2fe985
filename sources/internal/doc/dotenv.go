package doc

import "bytes"

// readDotenv reads KEY=value lines as shells and the usual loaders do: export, single and double quotes over several
// lines, comments behind a value. What is no assignment is passed over.
func readDotenv(b *builder) *Error {
	root := b.root(Object, b.first, len(b.data))
	for at := b.first; at < len(b.data); {
		end, next := b.cutLine(at)
		start, stop := trim(b.data, at, end)
		at = next
		key, keyEnd := start, start
		if bytes.HasPrefix(b.data[start:stop], []byte("export ")) || bytes.HasPrefix(b.data[start:stop], []byte("export\t")) {
			key, _ = trim(b.data, start+len("export"), stop)
		}
		for keyEnd = key; keyEnd < stop && envName(b.data[keyEnd]); keyEnd++ {
		}
		v, _ := trim(b.data, keyEnd, stop)
		if keyEnd == key || v == stop || b.data[v] != '=' && (b.data[v] != ':' || v+1 < stop && !blank(b.data[v+1])) {
			continue
		}
		v, _ = trim(b.data, v+1, stop)
		n := b.member(root, string(b.data[key:keyEnd]), key, keyEnd, String, v, v)
		if n == nil {
			return b.fault
		}
		n.End, n.Text = envValue(b.data, v, stop)
		b.statement(n, start, n.End)
		if n.End > end { // the value went on over lines
			_, at = b.cutLine(n.End)
		}
	}
	return nil
}

func envName(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// envValue reads the value at data[start], whose line ends at stop.
func envValue(data []byte, start, stop int) (end int, text string) {
	if start < stop && (data[start] == '"' || data[start] == '\'' || data[start] == '`') {
		if n := closing(data[start:]); n > 0 {
			inner := data[start+1 : start+n-1]
			if data[start] == '"' {
				return start + n, unescapeEnv(inner)
			}
			return start + n, string(inner)
		}
	}
	end = start + valueEnd(data[start:stop])
	return end, string(data[start:end])
}

// closing returns the length of the quoted text that s begins with, 0 if it has no end. Only double quotes know escapes.
func closing(s []byte) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return 0
}

func unescapeEnv(s []byte) string {
	if bytes.IndexByte(s, '\\') < 0 {
		return string(s)
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case '"', '\\', '$', '`':
			out = append(out, s[i])
		default:
			out = append(out, '\\', s[i])
		}
	}
	return string(out)
}
