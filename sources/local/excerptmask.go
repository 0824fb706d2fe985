package local

import (
	"bytes"
	"regexp"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
)

// insideKey reports whether lines end within a block of PEM.
func insideKey(lines [][]byte) bool {
	for i := len(lines) - 1; i >= 0; i-- {
		switch {
		case bytes.Contains(lines[i], []byte(pemEnd)):
			return false
		case bytes.Contains(lines[i], []byte(pemBegin)):
			return true
		}
	}
	return false
}

// maskedLine hides what looks like a secret in a line, whatever it is called: what credential.Redact knows, and last every
// run of characters that nobody would have typed.
func maskedLine(line string) string {
	line = credential.Redact(line)
	line = run.ReplaceAllStringFunc(line, func(s string) string {
		if invented(s) {
			return redactedText
		}
		return s
	})
	line = inventory.Clean(line)
	if len(line) > maxDiffLine {
		line = strings.ToValidUTF8(line[:maxDiffLine], "") + " …"
	}
	return line
}

const (
	leastMixed = 16 // characters of a run with capitals, small letters and digits
	leastPlain = 20 // of one with letters and digits, or capitals alone
)

var run = regexp.MustCompile(`[A-Za-z0-9+/_=-]{16,}`)

var pathElement = regexp.MustCompile(`^[A-Z]?[a-z0-9_-]*$|^[A-Z]+$`)

// invented reports whether a run of characters looks as if a machine had drawn it. A path is judged by its elements.
func invented(s string) bool {
	parts := strings.Split(s, "/")
	isPath := len(parts) > 1
	for _, p := range parts {
		isPath = isPath && pathElement.MatchString(p)
	}
	if !isPath {
		parts = []string{s}
	}
	for _, p := range parts {
		if c := classes(p); len(p) >= leastMixed && c == hasUpper|hasLower|hasDigit {
			return true
		}
		for _, word := range strings.FieldsFunc(p, func(r rune) bool { return strings.ContainsRune("/_=-+", r) }) {
			if c := classes(word); len(word) >= leastPlain && (c == hasUpper || c&hasDigit != 0 && c != hasDigit) {
				return true
			}
		}
	}
	return false
}

const (
	hasUpper = 1 << iota
	hasLower
	hasDigit
)

func classes(s string) int {
	c := 0
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			c |= hasUpper
		case r >= 'a' && r <= 'z':
			c |= hasLower
		case r >= '0' && r <= '9':
			c |= hasDigit
		}
	}
	return c
}
