package wire

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"nhitop/inventory/posture"
	"nhitop/inventory/store"
	"nhitop/ui"
)

// Screen is what the dashboard is drawn on.
type Screen struct {
	NoColor bool
	Plain   bool // line by line, nothing redrawn
	In      io.Reader
	Out     io.Writer
}

// Dashboard runs the dashboard until the operator leaves it.
func (a *App) Dashboard(ctx context.Context, s Screen) error {
	o := ui.Options{Profile: a.Config.Profile, Operator: a.Operator, NoColor: s.NoColor, Theme: a.Config.Screen.Theme, ASCII: a.Config.Screen.ASCII, Mouse: a.Config.Screen.Mouse, Keys: a.Config.Screen.Keys, Stdin: s.In, Stdout: s.Out, Program: a.program, Keep: screenFile(filepath.Join(a.state, "screen.json"))}
	show := ui.Run
	if s.Plain {
		show = ui.Plain
	}
	if a.company == nil {
		return show(ctx, a.Service, o)
	}
	ctx, stop := context.WithCancel(ctx)
	o.Demo = true
	e := stage(ctx, a)
	err := show(ctx, e, o)
	stop()
	<-e.ready // nothing writes into the folder any more when it is taken away
	return err
}

// screenFile keeps what is chosen for the screen in the state folder.
type screenFile string

func (f screenFile) Load() ([]byte, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (f screenFile) Save(data []byte) error { return store.WriteFile(string(f), data) }

// The screen finds what it needs for triage by assertion; here it is told that the service has it.
var (
	_ ui.Triager = (*posture.Service)(nil)
	_ ui.Triager = (*staged)(nil)
	_ ui.Resumer = (*posture.Service)(nil)
	_ ui.Resumer = (*staged)(nil)
)
