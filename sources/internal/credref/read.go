package credref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// expand turns the path of the configuration into one of this machine.
func (l Lookup) expand(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		if !filepath.IsAbs(path) {
			return "", errors.New(`must be an absolute path, or begin with "~/"`)
		}
		return path, nil
	}
	home := l.Home
	if home == "" {
		home = l.getenv("HOME")
	}
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return "", errors.New("no home folder is known")
		}
	}
	return filepath.Join(home, filepath.FromSlash(rest)), nil
}

// readFile reads a file that nobody else can read. What is checked is what was opened, so that it cannot be changed in
// between; a FIFO is not waited for.
func readFile(path string) (string, error) {
	if st, err := os.Stat(path); err != nil {
		return "", plainError(err)
	} else if !st.Mode().IsRegular() {
		return "", errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", plainError(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", plainError(err)
	}
	const others = 0o077
	switch {
	case !st.Mode().IsRegular():
		return "", errors.New("not a regular file")
	case runtime.GOOS != "windows" && st.Mode().Perm()&others != 0: // Windows has no such bits
		return "", fmt.Errorf("%w (mode %#o); run: chmod 600", ErrOpen, st.Mode().Perm())
	case st.Size() > maxSize:
		return "", fmt.Errorf("larger than %d KiB; is this a credential?", maxSize>>10)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return "", plainError(err)
	}
	return string(data), nil
}

// plainError is an error of a file without its path, which the reference names already.
func plainError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

var (
	commandTime = 30 * time.Second // for a password manager that asks the operator
	waitDelay   = time.Second      // for a child that keeps the pipe open
)

// run runs a program without a shell and returns what it prints. What it says on its error stream is dropped: nobody
// knows what stands in it.
func run(ctx context.Context, argv []string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	out := &capped{cancel: cancel}
	cmd := exec.CommandContext(limited, argv[0], argv[1:]...) // as the operator's own configuration says
	cmd.Stdout, cmd.WaitDelay = out, waitDelay
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case out.over:
		return "", fmt.Errorf("it prints more than %d KiB; is this a credential?", maxSize>>10)
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return "", fmt.Errorf("it did not end within %s", commandTime)
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", errors.New("no such program")
	case errors.As(err, &exit):
		return "", fmt.Errorf("it ended with status %d", exit.ExitCode())
	case err != nil:
		return "", errors.New("it could not be run")
	}
	return out.String(), nil
}

// capped keeps what is written up to the limit and ends the program that writes more.
type capped struct {
	buf    bytes.Buffer
	over   bool
	cancel context.CancelFunc
}

func (c *capped) String() string { return c.buf.String() }

func (c *capped) Write(p []byte) (int, error) {
	if c.buf.Len()+len(p) > maxSize {
		c.over = true
		c.cancel()
		return 0, io.ErrShortWrite
	}
	return c.buf.Write(p)
}
