package local

import (
	"encoding/json"
	"strings"
	"testing"
)

// noLeak fails when a value, or a part of it longer than what a hint shows, is in anything that left the source.
func noLeak(t testing.TB, got ran, values ...string) {
	t.Helper()
	all, err := json.Marshal(struct {
		R, L, W, S any
	}{got.Records, got.Ledger, got.Warnings, got.status})
	must(t, err)
	text := string(all)
	for i, v := range values {
		for from := 0; from+8 <= len(v); from++ {
			if part := v[from : from+8]; strings.Contains(text, part) {
				at := strings.Index(text, part)
				t.Errorf("value %d is in the output at %d, after %q", i, at, text[max(0, at-60):at])
				break
			}
		}
	}
}
