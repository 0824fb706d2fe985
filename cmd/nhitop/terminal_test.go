//go:build linux || darwin

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// onTerminal runs the program, which is this test binary under another name, on a terminal of 100 columns.
func onTerminal(t *testing.T, env []string, args ...string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "nhitop")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, bin); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(t.TempDir(), "home")
	if err := os.CopyFS(home, os.DirFS("testdata/claude/home")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{"HOME=" + home, "NHITOP_STATE=" + filepath.Join(t.TempDir(), "state"), "TERM=xterm", "PATH=" + os.Getenv("PATH")}, env...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, f); err != nil && !errors.Is(err, syscall.EIO) { // Linux says EIO when the other side is closed
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, b.String())
	}
	return b.String()
}

func TestOnATerminal(t *testing.T) {
	got := onTerminal(t, nil, "scan")
	if !strings.Contains(got, "\x1b[33mATTEND\x1b[0m") {
		t.Errorf("no colour on a terminal: %q", got[:min(len(got), 600)])
	}
	for line := range strings.Lines(got) {
		if n := len([]rune(stripColour(line))); n > 100+2 { // CR LF
			t.Errorf("%d columns of 100: %q", n, line)
		}
	}
	for name, plain := range map[string]string{
		"NO_COLOR":   onTerminal(t, []string{"NO_COLOR=1"}, "scan"),
		"--no-color": onTerminal(t, nil, "scan", "--no-color"),
		"dumb":       onTerminal(t, []string{"TERM=dumb"}, "scan"),
	} {
		if strings.Contains(plain, "\x1b[33m") || !strings.Contains(plain, "ATTEND") {
			t.Errorf("%s: %q", name, plain[:min(len(plain), 600)])
		}
	}
}

func stripColour(s string) string {
	for _, c := range []string{"\x1b[1;31m", "\x1b[33m", "\x1b[32m", "\x1b[2m", "\x1b[1m", "\x1b[0m", "\r\x1b[K"} {
		s = strings.ReplaceAll(s, c, "")
	}
	return s
}
