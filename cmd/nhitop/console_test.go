//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// built is the program as it is shipped: without the race detector that these tests may run under, for they also look at
// how long a person waits.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nhitop-built-")
	if err != nil {
		return "", err
	}
	scratch = append(scratch, dir)
	bin := filepath.Join(dir, "nhitop")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return bin, nil
})

// program is the path of the program, built; name is what a symbolic link to this test binary is called instead: what runs
// then is a command of TestMain.
func program(t *testing.T, name string) string {
	t.Helper()
	if name == "" {
		bin, err := built()
		if err != nil {
			t.Fatal(err)
		}
		return bin
	}
	bin := filepath.Join(t.TempDir(), name)
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, bin)
	}
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// console is a shell in a real terminal: tmux, which understands what is written to it and can be asked what it shows.
type console struct {
	t       *testing.T
	dir     string // HOME; its tmp is TMPDIR
	socket  string
	shell   int // the process
	presses int // keys that were pressed
}

const ready = "ready>" // the shell's prompt

func openConsole(t *testing.T, w, h int) *console {
	t.Helper()
	if testing.Short() {
		t.Skip("whole runs in a terminal take long")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed; .ci/run installs it")
	}
	short, err := os.MkdirTemp("", "nh") // the path of a socket has at most 100 characters
	if err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, dir: t.TempDir(), socket: filepath.Join(short, "s")}
	if err := os.Mkdir(c.tmp(), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		all := below(processes(), c.shell)
		_, _ = c.try("kill-server")
		for _, p := range all { // they may write below the folder until they have ended
			gone(t, p.id)
		}
		_ = os.RemoveAll(short)
	})
	c.tmux("new-session", "-d", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h), "exec sh -i")
	c.tmux("pipe-pane", "-o", "exec cat >>'"+c.written()+"'")
	c.shell = c.pane()
	c.until(ready)
	return c
}

// pane is the process that has the terminal.
func (c *console) pane() int {
	c.t.Helper()
	id, err := strconv.Atoi(strings.TrimSpace(c.tmux("display-message", "-p", "#{pane_pid}")))
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *console) tmp() string     { return filepath.Join(c.dir, "tmp") }
func (c *console) written() string { return filepath.Join(c.dir, "written") } // every byte that came to the terminal

func (c *console) try(args ...string) (string, error) { return c.feed("", args...) }

func (c *console) feed(in string, args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-u", "-S", c.socket, "-f", os.DevNull}, args...)...)
	cmd.Dir, cmd.Stdin = c.dir, strings.NewReader(in)
	cmd.Env = []string{"HOME=" + c.dir, "TMPDIR=" + c.tmp(), "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "PS1=" + ready + " ", "SHELL=/bin/sh"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *console) tmux(args ...string) string {
	c.t.Helper()
	out, err := c.try(args...)
	if err != nil {
		c.t.Fatalf("tmux %s: %v: %s", args[0], err, out)
	}
	return out
}

// enter types a line into the shell.
func (c *console) enter(line string) {
	c.t.Helper()
	c.tmux("send-keys", "-l", line)
	c.tmux("send-keys", "Enter")
}

// press presses one key.
func (c *console) press(key string) {
	c.t.Helper()
	c.presses++
	c.tmux("send-keys", key)
}

// word types a word that is asked for.
func (c *console) word(text string) {
	c.t.Helper()
	c.tmux("send-keys", "-l", text)
}

// paste pastes a text as a terminal does, in brackets where the program asked for them. It is in no command line.
func (c *console) paste(text string) {
	c.t.Helper()
	for _, args := range [][]string{{"load-buffer", "-"}, {"paste-buffer", "-p", "-d"}} {
		if out, err := c.feed(text, args...); err != nil {
			c.t.Fatalf("tmux %s: %v: %s", args[0], err, out)
		}
	}
}

func (c *console) screen() string { c.t.Helper(); return c.tmux("capture-pane", "-p") }

// everything is what can be scrolled back to, and the screen that lies under the one in front.
func (c *console) everything() string {
	under, _ := c.try("capture-pane", "-p", "-a") // an error if there is none
	return c.tmux("capture-pane", "-p", "-S", "-", "-E", "-") + under
}

const patience = 45 * time.Second // of a machine that does much else

// until waits for a screen that holds all the words, and returns it.
func (c *console) until(words ...string) string {
	c.t.Helper()
	return c.untilIt("shows "+strings.Join(words, ", "), func(s string) bool {
		for _, w := range words {
			if !strings.Contains(s, w) {
				return false
			}
		}
		return true
	})
}

func (c *console) untilIt(what string, is func(screen string) bool) string {
	c.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(15 * time.Millisecond) {
		s := c.screen()
		if is(s) {
			return s
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the screen never %s; it is\n%s", what, s)
		}
	}
}

// child is the program that the shell runs; 0 if there is none.
func (c *console) child() int {
	for _, p := range processes() {
		if p.parent == c.shell {
			return p.id
		}
	}
	return 0
}

// gone waits for a process to be no more.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d does not end", pid)
		}
	}
}

// process is what the system shows of a process to whoever looks.
type process struct {
	id, parent int
	shown      []byte // argv and environment
}

func processes() []process {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	var out []process
	for _, d := range dirs {
		stat, err := os.ReadFile(filepath.Join(d, "stat"))
		i := bytes.LastIndexByte(stat, ')')
		f := bytes.Fields(stat[i+1:])
		if err != nil || i < 0 || len(f) < 2 {
			continue // it has ended
		}
		p := process{}
		p.id, _ = strconv.Atoi(filepath.Base(d))
		p.parent, _ = strconv.Atoi(string(f[1]))
		for _, name := range []string{"cmdline", "environ"} {
			text, _ := os.ReadFile(filepath.Join(d, name))
			p.shown = append(append(p.shown, text...), 0)
		}
		out = append(out, p)
	}
	return out
}

// below are a process and all that came from it.
func below(ps []process, root int) []process {
	is := map[int]bool{root: true}
	for more := true; more; {
		more = false
		for _, p := range ps {
			if is[p.parent] && !is[p.id] {
				is[p.id], more = true, true
			}
		}
	}
	var out []process
	for _, p := range ps {
		if is[p.id] {
			out = append(out, p)
		}
	}
	return out
}
