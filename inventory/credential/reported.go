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

// Without returns text with every part of a value taken out that is longer than what may be shown of one.
func Without(text string, value inventory.Value) string {
	v := strings.TrimSpace(value.Reveal())
	if len(v) < leak || text == "" {
		return text
	}
	if text = strings.ReplaceAll(text, v, gone); len(text) < leak {
		return text
	}
	// A tool may have cut the value: its head or tail then stands alone.
	for n := len(v) - 1; n >= 2*leak; n-- {
		for _, part := range []string{v[:n], v[len(v)-n:]} {
			if strings.Contains(text, part) {
				return strings.ReplaceAll(text, part, gone)
			}
		}
	}
	return text
}
