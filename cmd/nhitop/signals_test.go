//go:build linux

package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// demoFolders are what a demo has in its temporary folder.
func (c *console) demoFolders() []string {
	c.t.Helper()
	var names []string
	list, err := os.ReadDir(c.tmp())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// restored checks that the shell has its terminal back as it was: cooked, with the cursor, on the screen it had.
func (c *console) restored() {
	c.t.Helper()
	c.until(ready)
	if got := strings.TrimSpace(c.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{bracket_paste_flag} #{mouse_any_flag}")); !strings.HasPrefix(got, "0 1") {
		c.t.Errorf("alternate screen, cursor, pasting, mouse: %q", got)
	}
	c.enter("stty -a")
	if s := c.until("icanon"); !strings.Contains(s, " icanon") || !strings.Contains(s, " echo ") {
		c.t.Errorf("the terminal is not as it was:\n%s", s)
	}
}

// alone waits for the shell to be the only process of its terminal.
func (c *console) alone() {
	c.t.Helper()
	c.untilIt("is the shell's alone", func(string) bool { return len(below(processes(), c.shell)) == 1 })
}

func openDemo(t *testing.T) (*console, int) {
	t.Helper()
	c := openConsole(t, 100, 30)
	c.enter("clear; '" + program(t, "") + "' --demo; echo ended with $?")
	c.until("overview", "quit")
	return c, c.child()
}

// On every way out the terminal is the shell's again, and nothing is left: no folder, no process.
func TestSignalsEndTheDemoInGoodOrder(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			c, pid := openDemo(t)
			if len(c.demoFolders()) == 0 {
				t.Fatal("the demo is not where it was looked for")
			}
			if err := syscall.Kill(pid, s); err != nil {
				t.Fatal(err)
			}
			gone(t, pid)
			c.until("ended with 0")
			c.restored()
			if left := c.demoFolders(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			c.alone()
		})
	}
}

// SIGQUIT is for a program that hangs: the stacks are written, after the shell has its terminal back.
func TestSIGQUITGivesTheTerminalBack(t *testing.T) {
	c, pid := openDemo(t)
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
	c.until("ended with 2")
	if s := c.everything(); !strings.Contains(s, "SIGQUIT") || !strings.Contains(s, "goroutine ") {
		t.Errorf("no stacks:\n%s", s)
	}
	c.enter("clear")
	c.restored()
	c.alone()
}

// The terminal may be closed: its window, or the line to it.
func TestClosedTerminalEndsTheDemo(t *testing.T) {
	c, pid := openDemo(t)
	all := below(processes(), c.shell)
	c.tmux("kill-server")
	for _, p := range all {
		gone(t, p.id)
	}
	if left := c.demoFolders(); len(left) > 0 {
		t.Errorf("left behind of %d: %v", pid, left)
	}
}

// The shell gets its terminal while the program sleeps, by its key or by a signal, and what was on the screen comes back.
func TestDashboardSleepsAndWakes(t *testing.T) {
	c, pid := openDemo(t)
	for name, stop := range map[string]func(){
		"its key":  func() { c.press("C-z") },
		"a signal": func() { _ = syscall.Kill(pid, syscall.SIGTSTP) },
	} {
		c.tmux("send-keys", "4")
		c.until("secrets", "quit")
		stop()
		c.until("Stopped")
		c.restored()
		c.enter("clear; fg") // what is waited for in the next round must not stand there from this one
		c.until("secrets", "quit")
		c.tmux("send-keys", "1")
		if s := c.until("overview"); !strings.Contains(s, "quit") {
			t.Errorf("after %s: %s", name, s)
		}
	}
	c.press("q")
	gone(t, pid)
	c.restored()
}

// Without a shell nothing would wake it: it says so, and goes on.
func TestDashboardDoesNotSleepAlone(t *testing.T) {
	c := openConsole(t, 100, 30)
	c.tmux("respawn-pane", "-k", "exec '"+program(t, "")+"' --demo")
	c.shell = c.pane()
	c.until("overview", "quit")
	c.press("C-z")
	c.until("no shell")
	c.press("3")
	c.until("owners", "quit")
}
