package doc

import (
	"strings"

	"nhitop/inventory/credential"
)

// SafePointer takes a secret out of a pointer: a member's name may hold one (a URL with a password as a key).
func SafePointer(pointer string) string {
	if len(pointer) < 20 {
		return pointer
	}
	parts := strings.Split(pointer, "/")
	for i, p := range parts {
		if len(p) >= 12 {
			if plain := Unescape(p); credential.Redact(plain) != plain {
				parts[i] = Escape(credential.Redact(plain))
			}
		}
	}
	return strings.Join(parts, "/")
}
