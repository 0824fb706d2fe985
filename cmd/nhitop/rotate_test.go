package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A rotation needs one place, and says so before anything is read.
func TestRotateNeedsOnePlace(t *testing.T) {
	for _, args := range [][]string{
		{"rotate", "sec-x"}, {"rotate", "sec-x", "--to-command"}, {"rotate", "sec-x", "--to-file", "a", "--to-command", "--", "cat"}, {"rotate", "sec-x", "more", "--to-file", "a"},
		{"rotate", "sec-x", "more", "--to", "vault"}, {"rotate", "sec-x", "--to", "vault", "--to-file", "a"}, {"rotate", "sec-x", "--to", "vault", "--to-command", "--", "cat"},
	} {
		var out, said bytes.Buffer
		err := newCLI(strings.NewReader(""), &out, &said).execute(t.Context(), args)
		if exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--to-file PATH, --to NAME (a place of the configuration), or --to-command") || out.Len() > 0 {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// In the made-up company a project's token is rotated: the plan says that the old one ends at once, the new one stands in the
// file alone, and the old one is over.
func TestRotateInTheDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("plays the demo's past")
	}
	state, file := filepath.Join(t.TempDir(), "kept"), filepath.Join(t.TempDir(), "token")
	run := func(args ...string) string {
		t.Helper()
		var out, said bytes.Buffer
		if err := newCLI(strings.NewReader(""), &out, &said).execute(t.Context(), append(args, "--demo", "--state", state)); err != nil {
			t.Fatalf("%v: %v %s", args, err, said.String())
		}
		return out.String() + said.String()
	}
	var found struct {
		Secrets []struct{ ID, Note string }
	}
	if err := json.Unmarshal([]byte(run("scan", "--format", "json")), &found); err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, x := range found.Secrets {
		if strings.Contains(x.Note, `"dbt-agent"`) {
			id = x.ID
		}
	}
	if id == "" {
		t.Fatal("the company has no such token any more")
	}
	if text := run("rotate", id, "--to-file", file); !strings.Contains(text, "ends the old one in the same moment") || !strings.Contains(text, "access_tokens/1006/rotate") {
		t.Error(text)
	}
	if _, err := os.Stat(file); err == nil {
		t.Fatal("a plan made the file")
	}
	text := run("rotate", id, "--to-file", file, "--yes", "--reason", "routine")
	value, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(value), "glpat-") || !strings.Contains(text, "the new token works") || strings.Contains(text, strings.TrimSpace(string(value))) {
		t.Errorf("%v %s", err, text)
	}
	text = run("runs", "--format", "json") + run("audit", "list")
	if strings.Contains(text, strings.TrimSpace(string(value))) || !strings.Contains(text, "routine") {
		t.Errorf("the new one came out, or the run is not there: %s", text)
	}
}
