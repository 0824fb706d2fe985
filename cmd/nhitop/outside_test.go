//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ofTheRuntime is what the Go runtime, the C library and the time package open by themselves.
var ofTheRuntime = []string{"/proc/self/", "/proc/sys/", "/sys/", "/dev/urandom", "/dev/null", "/lib", "/usr/lib/", "/usr/share/zoneinfo/", "/etc/ld.so.", "/etc/localtime"}

// The system calls of a run say that the demo opens nothing but its own folder, and no socket.
func TestDemoStaysInside(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed; .ci/run installs it")
	}
	dir := t.TempDir()
	bin, trace, tmp := filepath.Join(dir, "nhitop"), filepath.Join(dir, "trace"), filepath.Join(dir, "tmp")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, bin)
	}
	if err == nil {
		err = os.Mkdir(tmp, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(strace, "-f", "-qq", "--seccomp-bpf", "-e", "trace=open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,symlinkat,chmod,fchmodat,execve,socket,connect", "-o", trace, bin, "scan", "--demo", "--format", "json")
	cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir, "TMPDIR=" + tmp, "GITHUB_TOKEN=x"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("strace does not work here: %v: %s", err, out[max(0, len(out)-200):])
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	inside := 0
	path := regexp.MustCompile(`"(/[^"]*)"`)
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "socket(") || strings.Contains(line, "connect(") {
			t.Errorf("a socket: %s", line)
		}
		for _, m := range path.FindAllStringSubmatch(line, -1) {
			switch {
			case strings.HasPrefix(m[1], tmp):
				inside++
			case m[1] == bin || m[1] == self || strings.HasPrefix(tmp, m[1]): // itself, and the folders above
			case !hasOneOf(m[1], ofTheRuntime):
				t.Errorf("outside: %s", line)
			}
		}
	}
	if inside < 100 {
		t.Errorf("only %d system calls inside: the trace is broken", inside)
	}
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func hasOneOf(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
