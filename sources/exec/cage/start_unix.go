//go:build linux || darwin

package cage

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Proc is a program that runs. Its methods may be called from several goroutines.
type Proc struct {
	cmd  *exec.Cmd
	pgid int
	done chan struct{} // the program itself has ended
	wait error

	mu  sync.Mutex
	why error // why it was ended from outside
}

// Start starts a program. in is its standard input, out and said get its standard output and error; extra are further files,
// from descriptor 3 on. The program is ended when ctx is; grace is what it gets between SIGTERM and SIGKILL.
func Start(ctx context.Context, s Spec, env []string, grace time.Duration, in, out, said *os.File, extra []*os.File) (*Proc, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	c := &exec.Cmd{Path: self, Args: []string{Name, string(text)}, Env: env, Dir: s.Dir, Stdin: in, Stdout: out, Stderr: said, ExtraFiles: extra,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true}}
	if err := c.Start(); err != nil {
		return nil, err
	}
	p := &Proc{cmd: c, pgid: c.Process.Pid, done: make(chan struct{})}
	go func() {
		p.wait = c.Wait()
		close(p.done)
	}()
	go p.guard(ctx, s.Procs, grace)
	return p, nil
}

// guard ends the program when its time is over or when it has become too many.
func (p *Proc) guard(ctx context.Context, procs int, grace time.Duration) {
	tick := time.NewTicker(watch)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ctx.Done():
			p.End(ErrTime, grace)
			return
		case <-tick.C:
			if procs > 0 && members(p.pgid) > procs {
				p.End(ErrProcs, 0)
				return
			}
		}
	}
}

// End ends the whole group: SIGTERM, and after grace SIGKILL.
func (p *Proc) End(why error, grace time.Duration) {
	p.mu.Lock()
	if p.why == nil {
		p.why = why
	}
	p.mu.Unlock()
	if grace > 0 {
		_ = unix.Kill(-p.pgid, unix.SIGTERM)
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-p.done:
		case <-t.C:
		}
	}
	_ = unix.Kill(-p.pgid, unix.SIGKILL)
}

// Wait waits for the program and ends what it left behind. It returns its exit code, -1 for one that a signal ended, and
// why it was ended from outside.
func (p *Proc) Wait() (code int, err error) {
	<-p.done
	_ = unix.Kill(-p.pgid, unix.SIGKILL)
	p.mu.Lock()
	defer p.mu.Unlock()
	var ee *exec.ExitError
	if p.wait != nil && !errors.As(p.wait, &ee) {
		return -1, errors.Join(p.why, p.wait)
	}
	return p.cmd.ProcessState.ExitCode(), p.why
}

// init becomes the program, where the binary was started for that.
func init() {
	if len(os.Args) != 2 || os.Args[0] != Name {
		return
	}
	var s Spec
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		os.Exit(codeCage)
	}
	if err := become(s); err != nil {
		_, _ = os.Stderr.WriteString("the program cannot be started: " + err.Error() + "\n")
	}
	os.Exit(codeCage)
}

// codeCage is the exit code of a program that could not be started.
const codeCage = 126

func become(s Spec) error {
	syscall.Umask(0o077)
	limits := map[int]int64{unix.RLIMIT_CORE: 0, unix.RLIMIT_CPU: s.CPU, unix.RLIMIT_DATA: s.Memory, unix.RLIMIT_FSIZE: fileSize, unix.RLIMIT_NOFILE: maxFiles}
	for what, most := range limits {
		if err := limit(what, most); err != nil {
			return err
		}
	}
	if err := restrict(s); err != nil {
		return err
	}
	return syscall.Exec(s.Program, append([]string{s.Program}, s.Args...), os.Environ())
}

// limit lowers a limit; one that is lower already stays.
func limit(what int, most int64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(what, &now); err != nil {
		return err
	}
	if n := uint64(max(most, 0)); uint64(now.Max) > n {
		now.Max = n
	}
	now.Cur = now.Max
	return unix.Setrlimit(what, &now)
}
