//go:build unix

package ui

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"nhitop/inventory/revoke"
)

// screen is a real pseudo-terminal with everything that was written to it.
type screen struct {
	pty, tty *os.File
	mu       sync.Mutex
	out      bytes.Buffer
}

func newScreen(t testing.TB) *screen {
	t.Helper()
	p, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	if err := pty.Setsize(p, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	s := &screen{pty: p, tty: tty}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := p.Read(buf)
			s.mu.Lock()
			s.out.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = tty.Close(); _ = p.Close() })
	return s
}

// within looks again and again whether something holds of what was written. It is no wait for a signal and a deadline: on
// a busy machine a timer that is to wake a waiter may go off before it waits, and then it waits for ever.
func (s *screen) within(d time.Duration, holds func(out string) bool) (string, bool) {
	for deadline := time.Now().Add(d); ; time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		out := s.out.String()
		s.mu.Unlock()
		if holds(out) {
			return out, true
		}
		if time.Now().After(deadline) {
			return out, false
		}
	}
}

// until waits for text to have been written, and returns all that was.
func (s *screen) until(t testing.TB, text string) string {
	t.Helper()
	out, ok := s.within(time.Minute, func(out string) bool { return strings.Contains(out, text) })
	if !ok {
		t.Fatalf("the terminal never showed %q; it has %q", text, out)
	}
	return out
}

// settle waits until the program has drawn something new, or a moment has passed without it: keys that are written
// faster than they are read arrive as one.
func (s *screen) settle() {
	s.mu.Lock()
	n := s.out.Len()
	s.mu.Unlock()
	s.within(200*time.Millisecond, func(out string) bool { return len(out) != n })
}

const (
	enterAlt = "\x1b[?1049h"
	leaveAlt = "\x1b[?1049l"
	showCur  = "\x1b[?25h"
)

func start(ctx context.Context, t *testing.T, e Engine) (*screen, chan error) {
	t.Helper()
	s := newScreen(t)
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, e, Options{Profile: "acme", Stdin: s.tty, Stdout: s.tty})
		_, _ = io.WriteString(s.tty, "\nAFTER\n")
	}()
	s.until(t, enterAlt)
	s.until(t, "nhitop")
	return s, done
}

func restored(t *testing.T, s *screen) {
	t.Helper()
	out := s.until(t, "AFTER")
	tail := out[strings.LastIndex(out, enterAlt):]
	if !strings.Contains(tail, leaveAlt) || strings.LastIndex(tail, showCur) < strings.LastIndex(tail, "\x1b[?25l") {
		t.Errorf("the terminal is not as it was: %q", tail[max(0, len(tail)-300):])
	}
}

func realEngine() *fakeEngine { return &fakeEngine{snap: snapshot(company()), now: time.Now} }

func TestQuitRestoresTheTerminal(t *testing.T) {
	s, done := start(context.Background(), t, realEngine())
	_, _ = s.pty.WriteString("q")
	if err := <-done; err != nil {
		t.Error(err)
	}
	restored(t, s)
}

func TestEndOfContextRestoresTheTerminal(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, done := start(ctx, t, realEngine())
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	restored(t, s)
}

// panicking breaks in the program's own goroutine (Arm) and in that of a command (Plan).
type panicking struct{ *fakeEngine }

func (panicking) Arm(string) error { panic("planted for the test") }
func (panicking) Plan(context.Context, []revoke.Target) (*revoke.Plan, error) {
	panic("planted for the test")
}

// insist presses a key until the program ends: on a busy machine the page that it is for may come later than a person would
// type it.
func insist(s *screen, done <-chan error, key string) error {
	for {
		select {
		case err := <-done:
			return err
		default:
			_, _ = s.pty.WriteString(key)
			s.settle()
		}
	}
}

func TestPanicRestoresTheTerminal(t *testing.T) {
	for name, keys := range map[string]string{"update": "Warm\r", "command": "4R"} {
		t.Run(name, func(t *testing.T) {
			e := panicking{realEngine()}
			e.previous = e.snap
			s, done := start(context.Background(), t, e)
			for _, k := range keys {
				_, _ = s.pty.WriteString(string(k))
				s.settle()
			}
			if err := insist(s, done, keys[len(keys)-1:]); err == nil {
				t.Error("a panic ended the dashboard without an error")
			}
			restored(t, s)
		})
	}
}

func TestSignalsRestoreTheTerminal(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		s, done := start(context.Background(), t, realEngine())
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if err := self.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Errorf("%v: %v", sig, err)
		}
		restored(t, s)
	}
}
