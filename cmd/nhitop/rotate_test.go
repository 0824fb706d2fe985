package main

import (
	"bytes"
	"strings"
	"testing"
)

// A rotation needs one place, and says so before anything is read.
func TestRotateNeedsOnePlace(t *testing.T) {
	for _, args := range [][]string{
		{"rotate", "sec-x"}, {"rotate", "sec-x", "--to-command"}, {"rotate", "sec-x", "--to-file", "a", "--to-command", "--", "cat"}, {"rotate", "sec-x", "more", "--to-file", "a"},
	} {
		var out, said bytes.Buffer
		err := newCLI(strings.NewReader(""), &out, &said).execute(t.Context(), args)
		if exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--to-file PATH, or --to-command") || out.Len() > 0 {
			t.Errorf("%v: %v", args, err)
		}
	}
}
