package local

import (
	"fmt"
	"io/fs"
	"strings"

	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// octal writes permission bits as ls and chmod users know them.
func octal(m fs.FileMode) string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04o", m.Perm())
}

// safePointer takes a secret out of a pointer: a member's name may hold one (a URL with a password as a key).
func safePointer(pointer string) string {
	if len(pointer) < 20 {
		return pointer
	}
	parts := strings.Split(pointer, "/")
	for i, p := range parts {
		if len(p) >= 12 {
			if plain := doc.Unescape(p); credential.Redact(plain) != plain {
				parts[i] = doc.Escape(credential.Redact(plain))
			}
		}
	}
	return strings.Join(parts, "/")
}
