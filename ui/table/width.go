package table

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const ellipsis = "…"

// Width is the number of terminal cells that plain text takes.
func Width(s string) int {
	if ascii(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < ' ' {
			return false
		}
	}
	return true
}

// Fit cuts or pads plain text to exactly w cells. A cut shows an ellipsis: at the start when tail is set, so that the end
// of a path stays readable.
func Fit(s string, w int, tail, right bool) string {
	if w <= 0 {
		return ""
	}
	n := Width(s)
	if n > w {
		s = cut(s, n, w, tail)
		n = Width(s)
	}
	if n >= w {
		return s
	}
	if right {
		return strings.Repeat(" ", w-n) + s
	}
	return s + strings.Repeat(" ", w-n)
}

func cut(s string, n, w int, tail bool) string {
	if w == 1 {
		return ellipsis
	}
	switch {
	case tail && ascii(s):
		return ellipsis + s[n-w+1:]
	case tail:
		t := s
		for drop := n - w + 1; Width(t) > w-1; drop++ { // more than asked where a wide character stands astride the cut
			t = ansi.TruncateLeft(s, drop, "")
		}
		return ellipsis + t
	case ascii(s):
		return s[:w-1] + ellipsis
	}
	return ansi.Truncate(s, w-1, "") + ellipsis
}
