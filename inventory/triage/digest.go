package triage

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"

	"nhitop/inventory"
)

// ages are the parts of a sentence that change with every day and say nothing new.
var ages = regexp.MustCompile(`\b\d+ (?:minute|hour|day|week|month|year)s?\b`)

// Digest stands for the facts of a finding: its sentence and the places that prove it. Lines, times of reading and ages
// are not part of it, for they change without a fact that does.
func Digest(f *inventory.Finding) string {
	if f == nil {
		return ""
	}
	places := make([]string, len(f.Evidence))
	for i, e := range f.Evidence {
		places[i] = e.Path + "\x00" + e.Pointer + "\x00" + e.Note
	}
	slices.Sort(places)
	h := sha256.New()
	for _, part := range append([]string{f.Rule, string(f.Subject), ages.ReplaceAllString(f.Detail, "")}, slices.Compact(places)...) {
		h.Write([]byte(part))
		h.Write([]byte{1})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
