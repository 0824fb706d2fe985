//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var settled = regexp.MustCompile(`facts \d+ s old`)

// openCompany starts the demo and waits until it has read everything. The secret is the one that leaked this morning.
func (c *console) openCompany(bin, flags string) (secret string) {
	c.t.Helper()
	c.enter("clear; '" + bin + "' --demo --log-file log " + flags + "; echo ended with $?")
	c.untilIt("shows facts of today", func(s string) bool { return settled.MatchString(s) && strings.Contains(s, "FIX THESE") })
	return c.leak()
}

// leak is what stands in the file that was committed this morning.
func (c *console) leak() string {
	c.t.Helper()
	for _, glob := range []string{filepath.Join(c.tmp(), "nhitop-demo-*"), filepath.Join(c.dir, "kept")} {
		files, _ := filepath.Glob(filepath.Join(glob, "disk", "home", "alice", "src", "web", ".mcp.json"))
		for _, f := range files {
			text, err := os.ReadFile(f)
			if m := regexp.MustCompile(`github_pat_\w+`).Find(text); err == nil && len(m) == 93 {
				return string(m)
			}
		}
	}
	c.t.Fatal("the company's leak is not there")
	return ""
}

// lit waits until the footer offers something that is possible: it is drawn dim as long as it is not.
func (c *console) lit(key string) {
	c.t.Helper()
	c.untilIt("offers "+key, func(string) bool {
		s := strings.TrimRight(c.tmux("capture-pane", "-p", "-e"), "\n \x1b[m0349")
		last := strings.LastIndexByte(s, '\n') + 1
		i := strings.Index(s[last:], key)
		before := s[:last+max(i, 0)] // a line goes on as the one above ended
		return i >= 0 && strings.LastIndex(before, "\x1b[2m") <= strings.LastIndex(before, "\x1b[0m")
	})
}

// toPlan goes from the overview to the plan that ends a pasted secret and all that leaked with it.
func (c *console) toPlan(secret string) (pasted time.Time) {
	c.t.Helper()
	c.press("!")
	c.until("Incident:")
	pasted = time.Now()
	c.paste(secret)
	c.until(fmt.Sprintf("%d characters", len(secret)))
	c.press("Enter")
	c.until("WITH", "since paste", "A revoke all")
	c.press("A")
	c.until("LAYER", "x go")
	return pasted
}

var asked = regexp.MustCompile(`Type (revoke \d+) to go`)

// goAhead arms, and confirms the plan in front by the word that is asked for.
func (c *console) goAhead() {
	c.t.Helper()
	c.toWord()
	c.press("Enter")
}

// toWord is goAhead without the key that begins.
func (c *console) toWord() {
	c.t.Helper()
	c.lit("W arm")
	c.press("W")
	c.until("Type arm")
	c.word("arm")
	c.press("Enter")
	c.until("ARMED")
	c.press("x")
	c.until("Reason", "and 3 more came into hand")
	c.press("Enter")
	word := asked.FindStringSubmatch(c.until("Type revoke"))
	if word == nil {
		c.t.Fatal("no word is asked for")
	}
	c.word(word[1])
	c.until(word[0] + ": " + word[1])
}

// From a pasted token to proofs at GitHub and three other providers, in the real program in a real terminal, in less time
// and with fewer keys than the field has days. Nothing of the token is to be found anywhere meanwhile, nor afterwards.
func TestFromPasteToProof(t *testing.T) {
	c := openConsole(t, 140, 60)
	secret := c.openCompany(program(t, ""), "--state kept")
	c.presses = 0
	w := c.watch(secret)
	pasted := c.toPlan(secret)
	c.goAhead()
	s := c.until("from paste to proof: ", " yours (11") // what a person is to do waits: the history of the repository
	took := time.Since(pasted)
	for _, want := range []string{
		`end github-pat-fine-grained \S+ at github\.com, by itself +proven`, `revoke itself at gitlab\.com +proven`, `end slack-bot-token \S+ at Slack, by itself +proven`,
		`end vault-service-token \S+ at Vault or OpenBao, by itself +proven`, `end the grant of the fine-grained token .* attested`,
		`GET /user with it: 401; the control GET /meta without it: 200`,
	} {
		if !regexp.MustCompile(want).MatchString(s) {
			t.Errorf("the screen lacks %s", want)
		}
	}
	if n := strings.Count(s, "✓ done"); n != 10 {
		t.Errorf("%d steps are done", n)
	}
	for _, bad := range []string{"still", "STILL", "ALIVE", "FAILED", "UNKNOWN", "not proven"} {
		if strings.Contains(strings.ReplaceAll(s, "where it still stands there", ""), bad) { // a copy, of which a person is told
			t.Errorf("the screen says %q", bad)
		}
	}
	if took > 27*time.Second {
		t.Errorf("it took %s", took)
	}
	if c.presses > 8 {
		t.Errorf("%d key presses", c.presses)
	}
	t.Logf("%s from paste to the last proof, %d key presses besides the paste and the typed words", took.Round(100*time.Millisecond), c.presses)
	if t.Failed() {
		t.Log(s)
	}
	c.press("q")
	c.until("ended with 0")
	c.restored()
	w.end(t)
}
