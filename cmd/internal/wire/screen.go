package wire

import (
	"context"
	"io"

	"nhitop/inventory/posture"
	"nhitop/ui"
)

// Screen is what the dashboard is drawn on.
type Screen struct {
	NoColor bool
	In      io.Reader
	Out     io.Writer
}

// Dashboard runs the dashboard until the operator leaves it.
func (a *App) Dashboard(ctx context.Context, s Screen) error {
	return ui.Run(ctx, a.Service, ui.Options{Profile: a.Config.Profile, Operator: a.Operator, NoColor: s.NoColor, Stdin: s.In, Stdout: s.Out})
}

// The screen finds what it needs for triage by assertion; here it is told that the service has it.
var _ ui.Triager = (*posture.Service)(nil)
