package gitrepo

import "strings"

// classEnd returns the length of the character class that p starts with, or 0 if it has no end.
func classEnd(p string) int {
	i := 1
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		i++
	}
	for first := true; i < len(p); first = false {
		switch {
		case p[i] == ']' && !first:
			return i + 1
		case p[i] == '\\':
			i++
		case strings.HasPrefix(p[i:], "[:"):
			if end := strings.IndexByte(p[i:], ']'); end > 2 && p[i+end-1] == ':' {
				i += end
			}
		}
		i++
	}
	return 0
}

// inClass tests c against the inside of a class.
func inClass(p string, c byte) bool {
	negated := p != "" && (p[0] == '!' || p[0] == '^')
	if negated {
		p = p[1:]
	}
	in := false
	for i := 0; i < len(p); {
		if strings.HasPrefix(p[i:], "[:") {
			if end := strings.IndexByte(p[i:], ']'); end > 2 && p[i+end-1] == ':' {
				in = in || named(p[i+2:i+end-1], c)
				i += end + 1
				continue
			}
		}
		lo, n := classChar(p[i:])
		i += n
		hi := lo
		if i+1 < len(p) && p[i] == '-' {
			hi, n = classChar(p[i+1:])
			i += 1 + n
		}
		in = in || lo <= c && c <= hi
	}
	return in != negated
}

func classChar(p string) (byte, int) {
	if p[0] == '\\' && len(p) > 1 {
		return p[1], 2
	}
	return p[0], 1
}

// named tests c against a POSIX class in the C locale. An unknown name matches nothing.
func named(name string, c byte) bool {
	digit := '0' <= c && c <= '9'
	upper := 'A' <= c && c <= 'Z'
	lower := 'a' <= c && c <= 'z'
	graph := '!' <= c && c <= '~'
	switch name {
	case "alnum":
		return digit || upper || lower
	case "alpha":
		return upper || lower
	case "blank":
		return c == ' ' || c == '\t'
	case "cntrl":
		return c < ' ' || c == 0x7f
	case "digit":
		return digit
	case "graph":
		return graph
	case "lower":
		return lower
	case "print":
		return graph || c == ' '
	case "punct":
		return graph && !digit && !upper && !lower
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r'
	case "upper":
		return upper
	case "xdigit":
		return digit || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
	}
	return false
}
