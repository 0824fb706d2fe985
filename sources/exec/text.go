package exec

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// mask takes the secrets that the plugin was handed out of a text, and the head or tail of one.
func (r *run) mask(text string) string {
	for _, v := range r.values {
		if holds(text, strings.TrimSpace(v.Reveal())) {
			text = credential.Without(text, v)
		}
	}
	return text
}

// holds tells quickly a text in which a value may stand, whole or in part, from the many in which none does.
func holds(text, v string) bool {
	const part = 10 // the shortest that credential.Without takes out
	if len(v) <= part {
		return v != "" && strings.Contains(text, v)
	}
	return strings.Contains(text, v[:part]) || strings.Contains(text, v[len(v)-part:])
}

// maxWords is how many bytes of one text of a plugin are shown.
const maxWords = 400

// text makes a plugin's words fit to be shown: without secrets, without what a terminal would obey, and short.
func (r *run) text(s string) string {
	s = inventory.Clean(credential.Redact(r.mask(s)))
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "") + "…"
	}
	return s
}

// list is text for each of several.
func (r *run) list(words []string) []string {
	const most = 20
	var out []string
	for _, w := range words[:min(len(words), most)] {
		if w = r.text(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
