package credential

import (
	"strings"

	"nhitop/inventory"
)

// Only returns the one credential that a text holds which somebody else says to be one: a scanner's finding. ok is false
// where it holds none of a known form, or several.
func Only(text inventory.Value) (Match, bool) {
	t := strings.TrimSpace(text.Reveal())
	for _, position := range []string{PositionConfig, PositionFile} {
		if found := Find(t, Context{Position: position}); len(found) == 1 {
			return found[0], true
		}
	}
	return Match{}, false
}

// Stands reports whether a text that somebody says to be a credential only stands for one.
func Stands(text inventory.Value) bool {
	t := strings.TrimSpace(text.Reveal())
	_, ref := Reference(t)
	return t != "" && (ref || Placeholder(t))
}

const (
	maxWithin = 4 << 10 // bytes of a text that are kept
	maxPart   = 512     // bytes of the longest part that is looked for
)

// Without returns a short text (a path, a name) with a value taken out, and its head or tail of ten characters and more.
// Text over 4 KiB is cut.
func Without(text string, value inventory.Value) string {
	v := strings.TrimSpace(value.Reveal())
	if len(text) > maxWithin {
		text = text[:maxWithin]
	}
	if len(v) < leak || text == "" {
		return text
	}
	text = strings.ReplaceAll(text, v, gone)
	// A tool may have cut the value: its head or tail then stands alone.
	for n := min(len(v)-1, maxPart); n >= 2*leak; n-- {
		for _, part := range []string{v[:n], v[len(v)-n:]} {
			text = strings.ReplaceAll(text, part, gone)
		}
	}
	return text
}
