package doc

import (
	"bytes"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// scalarEnd returns where the scalar that starts at an offset ends. The parser does not say; where it cannot be told,
// it is the start, and edits of that value are refused.
func (y *yamlReader) scalarEnd(start int, v *yaml.Node) int {
	if v.Kind != yaml.ScalarNode {
		return start
	}
	rest := y.data[min(start, len(y.data)):]
	switch {
	case v.Style&yaml.DoubleQuotedStyle != 0:
		if len(rest) > 0 && rest[0] == '"' {
			return start + closing(rest)
		}
	case v.Style&yaml.SingleQuotedStyle != 0:
		return start + singleQuoted(rest)
	case v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return start + blockScalar(rest, v.Value)
	default:
		return start + plainScalar(rest, v.Value)
	}
	return start
}

// singleQuoted returns the length of the quoted text that s begins with; two quotes stand for one.
func singleQuoted(s []byte) int {
	if len(s) == 0 || s[0] != '\'' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' {
			return i + 1
		}
		i++
	}
	return 0
}

// blockScalar returns the length of a literal or folded text from its | or >, without the line end of its last line.
func blockScalar(s []byte, value string) int {
	head := bytes.IndexByte(s, '\n')
	if head < 0 || len(value) == 0 {
		return len(bytes.TrimRight(s[:max(head, 0)], "\r \t"))
	}
	end, indent := head, -1
	for i := head + 1; i < len(s); {
		n := bytes.IndexByte(s[i:], '\n')
		stop := len(s)
		if n >= 0 {
			stop = i + n
		}
		line := bytes.TrimRight(s[i:stop], "\r")
		spaces := len(line) - len(bytes.TrimLeft(line, " "))
		if spaces < len(line) {
			if indent < 0 {
				indent = spaces
			}
			if spaces < indent {
				break
			}
			end = i + len(line)
		}
		if n < 0 {
			break
		}
		i = stop + 1
	}
	return end
}

// plainScalar returns the length of an unquoted text. Over several lines, a line end and the blanks around it stand for
// the blank or the line ends of the value.
func plainScalar(s []byte, value string) int {
	i := 0
	for j := 0; j < len(value); {
		if i >= len(s) {
			return 0
		}
		r, n := utf8.DecodeRune(s[i:])
		if w, m := utf8.DecodeRuneInString(value[j:]); r == w && r != ' ' && r != '\n' {
			i, j = i+n, j+m
			continue
		}
		k := i
		for k < len(s) && (blank(s[k]) || s[k] == '\n') {
			k++
		}
		m := j
		if bytes.IndexByte(s[i:k], '\n') >= 0 {
			for m < len(value) && (value[m] == ' ' || value[m] == '\n') {
				m++
			}
		} else {
			for m < len(value) && m-j < k-i && value[m] == s[i+m-j] {
				m++
			}
		}
		if k == i || m == j {
			return 0
		}
		i, j = k, m
	}
	return i
}
