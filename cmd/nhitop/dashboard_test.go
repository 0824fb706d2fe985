//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// crumbs waits until the second line, which says what is in front, begins with the words.
func (c *console) crumbs(words string) {
	c.t.Helper()
	c.untilIt("has "+words+" in front", func(s string) bool {
		lines := strings.Split(s, "\n")
		return len(lines) > 1 && strings.HasPrefix(strings.TrimSpace(lines[1]), words)
	})
}

// answer types what is asked for, when it is asked for.
func (c *console) answer(question, text string) {
	c.t.Helper()
	c.until(question)
	c.word(text)
	c.until(question, text)
	c.press("Enter")
}

// carryOut confirms the plan in front: every step of it can be undone.
func (c *console) carryOut(reason string) {
	c.t.Helper()
	c.lit("x go")
	c.press("x")
	c.answer("Reason", reason)
	c.until("Go?")
	c.press("y")
	c.until("✓ done", "took")
}

// A tour through every view, and a change on this disk and back, each key pressed when the screen shows what it is for.
func TestDashboardInATerminal(t *testing.T) {
	p := plant(t)
	c := openConsole(t, 120, 40)
	c.enter("clear; '" + program(t, "") + "' --home '" + p.home + "' --path '" + p.repo + "' --state '" + p.state + "' --log-file '" + p.state + "-log'; echo ended with $?")
	c.until("FIX TH", "facts", "q quit")
	for i, view := range []string{"assistants", "owners", "secrets", "entitlements", "tools", "findings", "fixes", "sources"} {
		c.press(string(rune('2' + i)))
		c.crumbs(view)
		c.press("G")
		c.press("Enter") // into what is under the cursor; of a source to the ledger
		c.untilIt("opens it", func(s string) bool {
			return strings.Contains(s, "›") || strings.Contains(s, " ledger ") || strings.Contains(s, "nothing under the cursor")
		})
		c.press("1")
		c.crumbs("overview")
	}
	c.press(":")
	c.until("go to")
	c.word("ledger")
	c.until("go to", "> ledger")
	c.press("Enter")
	c.crumbs("ledger")
	before, err := os.ReadFile(filepath.Join(p.repo, ".mcp.json"))
	if err != nil {
		t.Fatal(err)
	}
	c.press("4")
	c.crumbs("secrets")
	c.press("/")
	c.word("database")
	c.until("no secret matches")
	c.press("Escape")
	c.untilIt("shows all again", func(s string) bool { return !strings.Contains(s, "no secret matches") })
	c.press("/")
	c.word("connection-url .mcp.json")
	c.until(".mcp.json", "connection-url-password")
	c.press("Enter")
	c.lit("R revoke")
	c.press("W")
	c.answer("Type arm", "arm")
	c.until("ARMED")
	c.press("R")
	c.until("STAYS ALIVE")
	c.lit("d diff")
	c.press("d")
	c.until("@@")
	c.carryOut("a test")
	after, err := os.ReadFile(filepath.Join(p.repo, ".mcp.json"))
	if err != nil || bytes.Equal(before, after) {
		t.Fatalf("the file is as it was (%v)", err)
	}
	c.press("u")
	c.until("STAYS ALIVE", "undo")
	c.carryOut("a mistake")
	if again, err := os.ReadFile(filepath.Join(p.repo, ".mcp.json")); err != nil || !bytes.Equal(before, again) {
		t.Fatalf("the file is not as it was (%v)", err)
	}
	c.press("q")
	c.until("ended with 0")
	c.restored()
	written, err := os.ReadFile(c.written())
	if err != nil || len(written) < 10_000 {
		t.Fatalf("%d bytes were written, %v", len(written), err)
	}
	if bytes.Contains(written, []byte("\x1b]11;")) || bytes.Contains(written, []byte("\x1b[6n")) {
		t.Error("the terminal was asked something: where no answer comes, the first frame would wait for it")
	}
	p.search(t, "the screen", written)
	p.search(t, "the scroll-back", []byte(c.everything()))
	p.searchFiles(t)
}
