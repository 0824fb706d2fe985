//go:build linux

package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func init() { commands["nhitop-halting"] = halting }

// begunBelow reports whether a run that is not among the known ones has begun a step.
func begunBelow(home string, known []byte) bool {
	files, _ := filepath.Glob(filepath.Join(home, "kept", "state", "journal", "*.jsonl"))
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && !bytes.Contains(known, []byte(filepath.Base(f))) && bytes.Contains(text, []byte(`"type":"intent"`)) {
			return true
		}
	}
	return false
}

// halting is the program with a clock that stands still for ever once a run has begun its first step, of which the file "known"
// in the home folder does not know: so that it can be killed there.
func halting() {
	c := newCLI(os.Stdin, os.Stdout, os.Stderr)
	home := os.Getenv("HOME")
	c.options.Now = func() time.Time {
		if known, err := os.ReadFile(filepath.Join(home, "known")); err == nil && begunBelow(home, known) {
			select {}
		}
		return time.Now()
	}
	os.Exit(c.run(os.Args[1:]))
}

// forget takes a secret out of every file of the company's disk.
func (c *console) forget(secret string) {
	c.t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(c.dir, "kept", "disk"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte(secret)) {
			return err
		}
		n++
		return os.WriteFile(path, bytes.ReplaceAll(text, []byte(secret), []byte("elsewhere")), 0o600)
	})
	if err != nil || n == 0 {
		c.t.Fatalf("it stood in %d files: %v", n, err)
	}
}

// Killed in the middle of a run about a pasted secret, whose copies are gone too meanwhile: started again, the dashboard says so
// first, asks for the secret, and comes to the proof.
func TestKilledInARunItGoesOnWithThePaste(t *testing.T) {
	c := openConsole(t, 140, 60)
	bin := program(t, "")
	c.openCompany(bin, "--state kept") // its past is played by the faster one
	c.press("q")
	c.until("ended with 0")
	// The terminal is left as it is when a process is killed, so that the shell has its second line already.
	c.enter("clear; '" + program(t, "nhitop-halting") + "' --demo --state kept --log-file log; stty sane; printf '\\033[?1049l'; while [ ! -e again ]; do sleep 0.1; done; clear; '" + bin + "' --demo --state kept --log-file log; echo came to $?")
	c.untilIt("shows facts of today", func(s string) bool { return settled.MatchString(s) && strings.Contains(s, "FIX THESE") })
	secret := c.leak()
	w := c.watch(secret)
	c.toPlan(secret)
	c.toWord()
	files, err := filepath.Glob(filepath.Join(c.dir, "kept", "state", "journal", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatal("no past runs", err)
	}
	known := []byte(strings.Join(files, "\n"))
	if err := os.WriteFile(filepath.Join(c.dir, "known"), known, 0o600); err != nil {
		t.Fatal(err)
	}
	pid := c.child()
	c.press("Enter")
	c.untilIt("has begun", func(string) bool { return begunBelow(c.dir, known) })
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
	c.forget(secret)
	if err := os.WriteFile(filepath.Join(c.dir, "again"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.untilIt("says first that a run was cut off", func(s string) bool {
		lines := strings.Split(s, "\n")
		return strings.HasPrefix(lines[2], " 1 RUN CUT OFF") && settled.MatchString(lines[0])
	})
	c.press("Enter")
	c.until("CUT OFF before its end", "need their secrets", "begun")
	c.press("x")
	c.until("not armed")
	c.press("W")
	c.answer("Type arm", "arm")
	c.until("ARMED")
	c.press("x")
	c.until("Go on with it?")
	c.press("y")
	c.until("Its secret:", "waits for its secret")
	c.lit("Its secret:") // what opens by itself takes no keys for a moment
	c.paste(secret)
	c.until("93 characters")
	c.press("Enter")
	s := c.until("from paste to proof: ") // what a person is to do waits
	for _, want := range []string{
		`end github-pat-fine-grained \S+ at github\.com, by itself +proven`, `revoke itself at gitlab\.com +proven`,
		`end slack-bot-token \S+ at Slack, by itself +proven`, `end vault-service-token \S+ at Vault or OpenBao, by itself +proven`,
	} {
		if !regexp.MustCompile(want).MatchString(s) {
			t.Errorf("the screen lacks %s:\n%s", want, s)
		}
	}
	if strings.Contains(s, "CUT OFF") || strings.Contains(s, "OPEN") {
		t.Errorf("it is said to be open still:\n%s", s)
	}
	c.press("q")
	c.until("came to 0")
	c.restored()
	w.end(t)
}
