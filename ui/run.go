package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"nhitop/ui/quiet"
	"nhitop/ui/theme"
)

func init() { quiet.Restore() }

// Run shows the dashboard until the operator leaves it, ctx ends or a signal comes. The terminal is restored on every
// way out: quitting, a panic, SIGINT, SIGTERM and SIGHUP.
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
	m := NewModel(ctx, e, o, theme.New(mode), send)
	opts := []tea.ProgramOption{tea.WithAltScreen(), tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithOutput(o.Stdout), tea.WithFPS(60)}
	if o.Stdin != nil {
		opts = append(opts, tea.WithInput(o.Stdin))
	}
	p = tea.NewProgram(m, opts...)
	once.Done()

	events, cancel := e.Subscribe()
	defer cancel()
	go func() {
		for ev := range events {
			p.Send(engineMsg(ev))
		}
	}()
	_, err := p.Run()
	switch {
	case errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil, errors.Is(err, context.Canceled):
		return nil // a signal or the caller ended it; the terminal is restored
	case err != nil:
		return fmt.Errorf("dashboard: %w", err)
	}
	return nil
}
