package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// desk is one state folder that several operators use.
type desk struct {
	t                         *testing.T
	home, repo, state, config string
}

func newDesk(t *testing.T, config string) *desk {
	t.Helper()
	dir := t.TempDir()
	d := &desk{t: t, home: filepath.Join(dir, "home"), repo: filepath.Join(dir, "repo"), state: filepath.Join(dir, "state"), config: filepath.Join(dir, "config.toml")}
	for from, to := range map[string]string{"testdata/claude/home": d.home, "testdata/claude/repo": d.repo} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(d.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// run runs the program as an operator, and fails the test where it ends with another code.
func (d *desk) run(code int, operator, stdin string, args ...string) (out, said string) {
	d.t.Helper()
	var o, e bytes.Buffer
	c := newCLI(strings.NewReader(stdin), &o, &e)
	c.options.Operator = operator
	c.options.Getenv = func(string) string { return "" }
	err := c.execute(d.t.Context(), append([]string{"--config", d.config, "--state", d.state, "--home", d.home, "--path", d.repo}, args...))
	said = e.String()
	if err != nil {
		said += err.Error()
	}
	if got := exitCode(err); got != code {
		d.t.Fatalf("%s: nhitop %s ended with %d, not %d: %s", operator, strings.Join(args, " "), got, code, said)
	}
	return o.String(), said
}

// At a target of tier 1 one operator asks, another confirms, and only then the first carries it out.
func TestASecondPersonConfirms(t *testing.T) {
	d := newDesk(t, `
[revoke]
second_person = ["tier-1"]
[[charter]]
kind = "claude-code"
owner = "dana@example.com"
deputy = "erin@example.com"
purpose = "pair programming"
tier = 1
`)
	const alice, bob = "alice@laptop", "bob@bastion"
	file := filepath.Join(d.repo, ".mcp.json")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	untouched := func(when string) {
		t.Helper()
		if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, before) {
			t.Errorf("%s: the file was changed (%v)", when, err)
		}
	}
	out, _ := d.run(exitDone, bob, "", "confirm")
	if !strings.Contains(out, "No plan waits") {
		t.Error(out)
	}
	if out, _ = d.run(exitDone, alice, "", "revoke", "…5wsT"); !strings.Contains(out, "another operator's confirmation: Claude Code is of tier 1") {
		t.Errorf("the plan does not say it: %s", out)
	}
	_, said := d.run(exitRefused, alice, "", "revoke", "…5wsT", "--yes", "--reason", "leaked in chat")
	m := regexp.MustCompile(`nhitop confirm ([a-z2-7]{12}) shows`).FindStringSubmatch(said)
	if m == nil {
		t.Fatal(said)
	}
	plan := m[1]
	untouched("waiting")
	out, _ = d.run(exitDone, bob, "", "confirm")
	for _, want := range []string{plan, "alice@laptop", "leaked in chat"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list has no %q: %s", want, out)
		}
	}
	if out, _ = d.run(exitDone, bob, "", "confirm", plan[:4]); !strings.Contains(out, "nobody yet") || !strings.Contains(out, ".mcp.json") || !strings.Contains(out, "alice@laptop") {
		t.Errorf("what is confirmed is not shown: %s", out)
	}
	d.run(exitRefused, alice, "", "revoke", "--plan", plan, "--yes")
	if _, said = d.run(exitRefused, alice, "", "confirm", plan, "--yes"); !strings.Contains(said, "the one who asks cannot confirm it") {
		t.Error(said)
	}
	d.run(exitRefused, "alice@elsewhere", "", "confirm", plan, "--yes")
	d.run(exitRefused, bob, "", "confirm", plan, "--yes", "--read-only")
	d.run(exitUsage, bob, "", "confirm", "zzzz", "--yes")
	d.run(exitUsage, bob, "", "confirm", "--yes")
	if out, _ = d.run(exitDone, bob, "", "confirm", plan, "--yes", "--format", "json"); !strings.Contains(out, `"confirmed_by": "bob@bastion"`) {
		t.Error(out)
	}
	untouched("confirmed")
	if _, said = d.run(exitRefused, bob, "", "revoke", "--plan", plan, "--yes"); !strings.Contains(said, "another must carry it out") {
		t.Error(said)
	}
	untouched("carried out by the one who confirmed it")
	out, _ = d.run(exitDone, alice, "", "revoke", "--plan", plan, "--yes")
	if !strings.Contains(out, "bob@bastion") || !strings.Contains(out, "proven") || !strings.Contains(out, "leaked in chat") {
		t.Errorf("the run does not name the other: %s", out)
	}
	if now, err := os.ReadFile(file); err != nil || bytes.Equal(now, before) {
		t.Errorf("nothing was done (%v)", err)
	}
	d.run(exitUsage, alice, "", "revoke", "--plan", plan, "--yes")
	if out, _ = d.run(exitDone, bob, "", "audit", "list"); !strings.Contains(out, "second confirm") || !strings.Contains(out, "wait") {
		t.Error(out)
	}
	d.run(exitDone, bob, "", "audit", "verify")
	// Taking it back is about the same target, and needs another operator too.
	_, said = d.run(exitRefused, alice, "", "undo", plan, "--yes", "--reason", "a mistake")
	m = regexp.MustCompile(`nhitop confirm ([a-z2-7]{12}) shows`).FindStringSubmatch(said)
	if m == nil {
		t.Fatal(said)
	}
	d.run(exitDone, bob, "", "confirm", m[1], "--yes")
	d.run(exitDone, alice, "", "undo", plan, "--yes", "--reason", "a mistake")
	untouched("taken back")
}

// A plan about a pasted secret needs it again when it is carried out, and its clock goes on from when it was asked for.
func TestASecondPersonConfirmsAboutAPastedSecret(t *testing.T) {
	d := newDesk(t, `
[revoke]
second_person = ["tier-1"]
[[charter]]
kind = "claude-code"
owner = "dana@example.com"
deputy = "erin@example.com"
purpose = "pair programming"
tier = 1
`)
	const alice, bob = "alice@laptop", "bob@bastion"
	secret := "ghp_" + "FAKEReponotARealSecret0FAKERep1n5wsT"
	_, said := d.run(exitRefused, alice, secret, "revoke", "--stdin", "--yes", "--reason", "leaked in chat")
	m := regexp.MustCompile(`nhitop confirm ([a-z2-7]{12}) shows`).FindStringSubmatch(said)
	if m == nil {
		t.Fatal(said)
	}
	d.run(exitDone, bob, "", "confirm", m[1], "--yes")
	out, _ := d.run(exitNoProof, alice, secret, "revoke", "--plan", m[1], "--stdin", "--yes") // its end is for a person
	if !strings.Contains(out, "waiting") || !strings.Contains(out, "bob@bastion") || strings.Contains(out, secret) {
		t.Error(out)
	}
	if out, _ = d.run(exitDone, alice, "", "runs", m[1], "--format", "json"); !strings.Contains(out, `"in_hand_since"`) || strings.Contains(out, secret) {
		t.Error(out)
	}
}

// Without the secret that a confirmed plan is about nothing is done, and its confirmation stays; with another one too.
func TestAConfirmedPlanWaitsForItsSecret(t *testing.T) {
	secret := "glpat-" + "fa4eR7xKq2Wn9ZtL3bVh"
	g := &selfEnding{secret: secret}
	srv := httptest.NewServer(g)
	defer srv.Close()
	d := newDesk(t, "[revoke]\nsecond_person = [\"irreversible\"]\n[[sources.issuers]]\nrevoke = true\nurls = { gitlab = \""+srv.URL+"\" }\n")
	const alice, bob = "alice@laptop", "bob@bastion"
	_, said := d.run(exitRefused, alice, secret, "revoke", "--stdin", "--yes", "--reason", "leaked in chat")
	m := regexp.MustCompile(`nhitop confirm ([a-z2-7]{12}) shows`).FindStringSubmatch(said)
	if m == nil {
		t.Fatal(said)
	}
	d.run(exitDone, bob, "", "confirm", m[1], "--yes")
	if _, said = d.run(exitRefused, alice, "", "revoke", "--plan", m[1], "--yes"); !strings.Contains(said, "nhitop revoke --plan "+m[1]+" --stdin --yes") || !strings.Contains(said, "not used up") {
		t.Error(said)
	}
	if _, said = d.run(exitRefused, alice, "glpat-"+"fa4eM5pTj8Yc2HsQ6wGd", "revoke", "--plan", m[1], "--stdin", "--yes"); !strings.Contains(said, "not the credential that the plan is about") || g.kills != 0 {
		t.Error(g.kills, said)
	}
	out, _ := d.run(exitDone, alice, secret, "revoke", "--plan", m[1], "--stdin", "--yes")
	if !strings.Contains(out, "bob@bastion") || !strings.Contains(out, "proven") || strings.Contains(out, secret) || g.kills != 1 {
		t.Errorf("ended %d times\n%s", g.kills, out)
	}
}
