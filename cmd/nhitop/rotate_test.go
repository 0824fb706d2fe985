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
	token := func() string {
		t.Helper()
		var found struct {
			Secrets []struct{ ID, Note, State string }
		}
		if err := json.Unmarshal([]byte(run("scan", "--format", "json")), &found); err != nil {
			t.Fatal(err)
		}
		for _, x := range found.Secrets {
			if strings.Contains(x.Note, `"dbt-agent"`) && x.State == "live" {
				return x.ID
			}
		}
		t.Fatal("the company has no such token any more")
		return ""
	}
	id := token()
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

	// The next one goes to the company's secrets manager, beside what else stands there.
	id = token()
	text = run("rotate", id, "--to", "vault")
	for _, want := range []string{"https://bao.acme.example, secret/ci/dbt-agent, key token", "version 2 of secret/ci/dbt-agent", "its other keys stay: owner", "in version 1 of secret/ci/dbt-agent"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the plan lacks %q: %s", want, text)
		}
	}
	text = run("rotate", id, "--to", "vault", "--yes", "--reason", "routine")
	if !strings.Contains(text, "the new token works") || !strings.Contains(strings.Join(strings.Fields(text), " "), "shows it when it is read back") || strings.Contains(text, "glpat-") {
		t.Error(text)
	}
	if text = run("rotate", token(), "--to", "vault"); !strings.Contains(text, "version 3 of secret/ci/dbt-agent") {
		t.Errorf("it was not written: %s", text)
	}
}

// A name that the configuration does not have is told before anything is read, with those that there are.
func TestRotateToAPlaceThatIsNotThere(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.toml")
	try := func(text, want string) {
		t.Helper()
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, said bytes.Buffer
		err := newCLI(strings.NewReader(""), &out, &said).execute(t.Context(), []string{"rotate", "sec-x", "--to", "valt", "--config", config, "--state", filepath.Join(t.TempDir(), "state"), "--home", t.TempDir()})
		if exitCode(err) != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	try("", "the configuration names no places; write a table [places.valt]")
	try("[places.vault]\nkind = \"vault\"\nurl = \"https://vault.acme.example\"\nmount = \"secret\"\npath = \"ci\"\nkey = \"k\"\ntoken = { env = \"T\" }\n", "no such place in the configuration; did you mean")
}
