package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"nhitop/cmd/internal/wire"
	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/store"
)

// terminal returns the file behind a stream if it is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// layout is how text is laid out on standard output.
func (c *cli) layout() report.Options {
	f, ok := terminal(c.out)
	if !ok {
		return report.Options{}
	}
	o := report.Options{Color: c.color()}
	if w, _, err := term.GetSize(int(f.Fd())); err == nil {
		o.Width = w
	}
	return o
}

// reportOptions is how a whole inventory is written: laid out for the terminal unless it goes to a file, with what a form needs
// to know beside the facts.
func (c *cli) reportOptions(app *wire.App, toFile bool) report.Options {
	o := report.Options{}
	if !toFile {
		o = c.layout()
	}
	o.Version, _ = buildInfo()
	if !c.options.Demo {
		o.Home, o.Roots = app.Home, slices.DeleteFunc(slices.Clone(app.Paths), func(p string) bool { return p == app.Home })
	}
	return o
}

// color reports whether colours may be used: see no-color.org (2026-11).
func (c *cli) color() bool {
	return !c.noColor && c.options.Getenv("NO_COLOR") == "" && c.options.Getenv("TERM") != "dumb"
}

// collect asks the sources, with progress on standard error where that is a terminal, and tells what went wrong with them.
func (c *cli) collect(ctx context.Context, s *posture.Service) (*inventory.Snapshot, error) {
	if _, err := s.Previous(); err != nil {
		if !errors.Is(err, store.ErrDamaged) {
			return nil, err
		}
		fmt.Fprintln(c.err, "nhitop: "+err.Error())
	}
	end := func() {}
	if f, ok := terminal(c.err); ok {
		end = follow(f, s)
	}
	snap, err := s.Collect(ctx)
	end()
	if err != nil {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		return nil, err
	}
	for _, src := range snap.Records().Sources {
		if src.Status != inventory.SourceOK {
			fmt.Fprintf(c.err, "nhitop: source %s: %s: %s\n", src.Name, src.Status, src.Reason)
		}
	}
	return snap, nil
}

// follow draws what the sources are doing on one line, until the returned function is called.
func follow(f *os.File, s *posture.Service) func() {
	events, cancel := s.Subscribe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range events {
			var parts []string
			for _, name := range inventory.SortedKeys(e.Progress) {
				parts = append(parts, strings.TrimSpace(name+" "+e.Progress[name]))
			}
			width := 79
			if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 1 {
				width = w - 1
			}
			fmt.Fprint(f, "\r\x1b[K"+report.Cut(strings.Join(parts, "  "), width))
		}
		fmt.Fprint(f, "\r\x1b[K")
	}()
	return func() { cancel(); <-done }
}

// complete is exit code 4 when a source was not read to its end.
func complete(snap *inventory.Snapshot) error {
	if report.Complete(snap) {
		return nil
	}
	return ended(exitPartial)
}

// write puts a result on standard output, or whole and 0600 into a file, which the audit log then names: what says what was
// exported.
func (c *cli) write(path, what string, render func(w io.Writer) error) error {
	if path == "" {
		return render(c.out)
	}
	if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
		return usage(fmt.Errorf("--output %s: not a regular file", path))
	}
	var b strings.Builder
	if err := render(&b); err != nil {
		return err
	}
	if err := store.WriteFile(path, []byte(b.String())); err != nil {
		return usage(fmt.Errorf("--output %s: %w", path, err))
	}
	if c.app == nil {
		return nil
	}
	return c.app.Service.Exported(what, path)
}
