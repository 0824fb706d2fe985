package mode

import (
	"nhitop/inventory/credential"
)

// shortest is the length under which no text is a secret that its shape tells. Most settings are shorter.
const shortest = 8

// redact takes secrets out of a text by their shape.
func redact(s string) string {
	if len(s) < shortest {
		return s
	}
	return credential.Redact(s)
}

// maxWord is the length up to which a word of letters alone is taken for a name.
const maxWord = 31

// plainKey reports whether a text is made as the names of settings are: short words of letters with dots and slashes
// between, and list indices. No secret whose shape is known looks like that.
func plainKey(s string) bool {
	word, letters := 0, true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.' || c == '/':
			word, letters = 0, true
			continue
		case c >= '0' && c <= '9':
			if word > 0 && letters {
				return false
			}
			letters = false
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-':
			if !letters {
				return false
			}
		default:
			return false
		}
		if word++; word > maxWord || !letters && word > 4 {
			return false
		}
	}
	return true
}

// secretKey reports whether a member's name says that its value is a secret.
func secretKey(key string) bool { return credential.SecretName(key) }
