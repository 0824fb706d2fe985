package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"nhitop/ui/quiet"
	"nhitop/ui/theme"
)

func init() { quiet.Restore() }

// fps is how often Bubble Tea looks whether there is something to write. It does so while nothing changes too: at sixty times a
// second that alone takes more than half a percent of a core on a busy machine.
const fps = 30

const patience = 2 * time.Second // for the program to end in good order after a signal

// Run shows the dashboard until the operator leaves it, ctx ends or a signal comes. The terminal is restored on every
// way out of which a process is told: quitting, a panic, SIGINT, SIGTERM, SIGHUP and, before the stacks are written, SIGQUIT.
func Run(ctx context.Context, e Engine, o Options) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// Asking the terminal for its background later would let the answer arrive as keys.
	lipgloss.SetHasDarkBackground(true)

	mode := theme.Color16
	if o.NoColor || os.Getenv("NO_COLOR") != "" {
		mode = theme.NoColor
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	var p *tea.Program
	var once sync.WaitGroup
	once.Add(1)
	send := func(msg tea.Msg) {
		once.Wait() // the program exists
		p.Send(msg)
	}
	m := NewModel(ctx, e, o, themeOf(o, mode), send)
	opts := []tea.ProgramOption{tea.WithAltScreen(), tea.WithoutSignalHandler(), tea.WithOutput(o.Stdout), tea.WithFPS(fps)}
	if o.Mouse {
		opts = append(opts, tea.WithMouseCellMotion())
	}
	if o.Stdin != nil {
		opts = append(opts, tea.WithInput(o.Stdin))
	}
	g := &guard{Model: m}
	p = tea.NewProgram(g, opts...)
	once.Done()

	defer dropping(o.Stdin, o.Stdout)()
	events, cancel := e.Subscribe()
	defer cancel()
	go func() {
		for ev := range events {
			p.Send(engineMsg(ev))
		}
	}()
	over := make(chan struct{})
	go endWith(ctx, p, over)
	go nap(p, over)
	_, err := p.Run()
	close(over)
	switch {
	case g.err != nil:
		return fmt.Errorf("dashboard: %w", g.err)
	case errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil, errors.Is(err, context.Canceled):
		return nil // a signal or the caller ended it; the terminal is restored
	case err != nil:
		return fmt.Errorf("dashboard: %w", err)
	}
	return nil
}

// themeOf is how everything is painted on this terminal.
func themeOf(o Options, mode theme.Mode) *theme.Theme {
	th := theme.Named(o.Theme, mode, os.Getenv("COLORFGBG"))
	if theme.CoarseTerm(os.Getenv("TERM")) {
		th = th.Coarse()
	}
	if o.ASCII {
		th = th.ASCII()
	}
	return th
}

// endWith ends the program when ctx does, in good order where it still takes messages.
func endWith(ctx context.Context, p *tea.Program, over <-chan struct{}) {
	select {
	case <-ctx.Done():
		p.Quit()
	case <-over:
		return
	}
	select {
	case <-time.After(patience):
		p.Kill()
	case <-over:
	}
}
