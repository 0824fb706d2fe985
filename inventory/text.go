package inventory

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxText = 4096 // bytes of one field; a longer one is cut and says so

// Clean makes text from outside safe to print: terminal escape sequences go, white space becomes a blank, and every
// other control, bidirectional, zero-width, tag, private-use or invalid character becomes a visible escape such as
// \u202e. A zero-width joiner or variation selector inside an emoji stays. Text over 4 KiB is cut.
//
// The result of Clean is a fixed point: Clean(Clean(s)) == Clean(s).
func Clean(s string) string {
	if plain(s) && len(s) <= maxText {
		return s
	}
	s = stripEscapes(s)
	var b strings.Builder
	b.Grow(len(s))
	var prev rune
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		next, _ := utf8.DecodeRuneInString(s[i+n:])
		start := b.Len()
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\t' || r == '\n' || r == '\r' || r == '\v' || r == '\f':
			b.WriteByte(' ')
		case r == 0x200d && pictograph(prev) && pictograph(next):
			b.WriteRune(r)
		case hostile(r):
			if r > 0xffff {
				fmt.Fprintf(&b, `\U%08x`, r)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		default:
			b.WriteRune(r)
		}
		if b.Len() > maxText-len("…") {
			return b.String()[:start] + "…"
		}
		if r != 0xfe0f {
			prev = r
		}
		i += n
	}
	return b.String()
}

// plain reports whether s is printable ASCII, the case that costs nothing. It looks at eight bytes at once: one below
// 0x20 borrows from its high bit, one above 0x7e carries into it.
func plain(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if (w|(w+ones)|(w-ones*' '))&highs != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func pictograph(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2600 && r <= 0x27bf || r == 0x2640 || r == 0x2642
}

func hostile(r rune) bool {
	switch {
	case r >= 0xe0000 && r <= 0xe0fff: // tags and variation selectors supplement
		return true
	case r == 0x034f || r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0: // blank but not space
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}

// stripEscapes removes ANSI escape sequences as a terminal would read them: CSI, OSC, DCS, SOS, PM, APC and two-byte
// ones, in their 7-bit and 8-bit forms. An unfinished sequence ends with the text.
func stripEscapes(s string) string {
	if !strings.ContainsAny(s, "\x1b\u009b\u009d\u0090\u0098\u009e\u009f") {
		return s
	}
	var b strings.Builder
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		r := rs[i]
		kind := rune(0)
		switch {
		case r == 0x1b && i+1 < len(rs):
			i++
			kind = rs[i]
		case r == 0x1b:
			continue
		case r == 0x9b:
			kind = '['
		case r == 0x9d:
			kind = ']'
		case r == 0x90 || r == 0x98 || r == 0x9e || r == 0x9f:
			kind = 'P'
		default:
			b.WriteRune(r)
			continue
		}
		i = skipSequence(rs, i, kind)
	}
	return b.String()
}

// skipSequence returns the index of the last rune of the sequence whose kind stands at i.
func skipSequence(rs []rune, i int, kind rune) int {
	switch kind {
	case '[':
		for i+1 < len(rs) {
			i++
			if rs[i] >= 0x40 && rs[i] <= 0x7e {
				return i
			}
		}
	case ']', 'P', 'X', '^', '_':
		for i+1 < len(rs) {
			i++
			if rs[i] == 0x07 || rs[i] == 0x9c {
				return i
			}
			if rs[i] == 0x1b && i+1 < len(rs) && rs[i+1] == '\\' {
				return i + 1
			}
		}
	case '(', ')', '*', '+', '#', ' ', '%':
		if i+1 < len(rs) {
			return i + 1
		}
	}
	return i
}
