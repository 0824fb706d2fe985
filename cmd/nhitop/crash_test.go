//go:build linux

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// crashing is the program with a clock that breaks down when the file "break" stands in the home folder. What it breaks
// down with is the file "given": the worst that a panic can say.
func crashing() {
	c := newCLI(os.Stdin, os.Stdout, os.Stderr)
	home := os.Getenv("HOME")
	c.options.Now = func() time.Time {
		if _, err := os.Stat(filepath.Join(home, "break")); err == nil {
			given, _ := os.ReadFile(filepath.Join(home, "given"))
			panic("the clock stands still at " + string(given))
		}
		return time.Now()
	}
	os.Exit(c.run(os.Args[1:]))
}

// give writes the secret where a pipe takes it from.
func (c *console) give(secret string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, "given"), []byte(secret), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// Killed in the middle of a run, it leaves nothing of the secret anywhere.
func TestKilledLeavesNoTrace(t *testing.T) {
	c := openConsole(t, 140, 60)
	secret := c.openCompany(program(t, ""), "--state kept")
	w := c.watch(secret)
	pid := c.child()
	c.toPlan(secret)
	c.goAhead()
	c.until("› run ")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
	c.until("ended with 137")
	w.end(t)
}

var piped = regexp.MustCompile(`piped \d`)

// A secret that comes by a pipe is asked about and ended, and nothing of it stays anywhere.
func TestPipedLeavesNoTrace(t *testing.T) {
	c := openConsole(t, 140, 60)
	bin := program(t, "")
	secret := c.openCompany(bin, "--state kept")
	c.press("q")
	c.until("ended with 0")
	c.give(secret)
	w := c.watch(secret)
	c.enter("clear; '" + bin + "' identify --demo --state kept --log-file log --ask <given; echo asked $?")
	c.until("Its issuer says: live", "asked 0")
	c.enter("clear; '" + bin + "' revoke --together --demo --state kept --log-file log --yes --reason leaked <given; echo piped $?")
	c.untilIt("is done", piped.MatchString)
	if s := c.everything(); strings.Count(s, "proven") < 4 || !strings.Contains(s, "at Slack, by itself") {
		t.Errorf("it was not ended:\n%s", s)
	}
	w.end(t)
}

// A program that breaks down in the middle of a run, with the secret in its last words, says nothing of it and gives
// the terminal back.
func TestBreakdownLeavesNoTrace(t *testing.T) {
	c := openConsole(t, 140, 60)
	c.openCompany(program(t, ""), "--state kept") // its past is played by the faster one
	c.press("q")
	c.until("ended with 0")
	secret := c.openCompany(program(t, "nhitop-crashing"), "--state kept")
	c.give(secret)
	w := c.watch(secret)
	c.toPlan(secret)
	c.toWord()
	if err := os.WriteFile(filepath.Join(c.dir, "break"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.press("Enter")
	c.until("ended with 1")
	if s := c.everything(); !strings.Contains(s, "internal error: a string") { // of the panic its type alone
		t.Errorf("it does not say what happened:\n%s", s)
	}
	c.restored()
	w.end(t)
}

func init() { commands["nhitop-crashing"] = crashing }
