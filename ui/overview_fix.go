package ui

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// fixWhere says where a change is to be made: on what, and in whose hands; "" where the change names no place.
func fixWhere(s *snap, f *inventory.Issue) string {
	switch f.Subject.Noun() {
	case inventory.NounAssistant:
		if a := s.Assistant(f.Subject); a != nil {
			return short(a) + " at " + where(a) + onHost(a.Host)
		}
	case inventory.NounSecret:
		if x := s.Secret(f.Subject); x != nil {
			return joined(" · ", summary(s, x.Assistants), secretWhere(x))
		}
	case inventory.NounTool:
		if t := s.Tool(f.Subject); t != nil {
			return nameOf(s, t.Assistant)
		}
	}
	return ""
}

// fixWhy is why the change comes first: what decides the worst finding that it closes, else what the change says itself.
func fixWhy(s *snap, f *inventory.Issue) string {
	for _, id := range f.Closes {
		if x := s.Finding(id); x != nil && x.Decision == f.Decision {
			if _, why, ok := strings.Cut(risk.Because(x), "because: "); ok {
				return why
			}
		}
	}
	return f.Why
}

// joined puts the texts that say something side by side.
func joined(sep string, texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, sep)
}
