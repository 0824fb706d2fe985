package ui

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
)

// guard ends the program in good order when the model or one of its commands panics: the terminal is restored as on any
// other way out, and the error says where it was. The value of a panic may hold anything and is told only where the runtime
// itself made it.
type guard struct {
	*Model
	err error
}

type panicMsg struct{ err error }

func recovered(r any) error {
	if f, ok := r.(*inventory.Fault); ok {
		return fmt.Errorf("internal error: %s\n%s", f.What, f.Stack)
	}
	what := fmt.Sprintf("a %T", r)
	var re runtime.Error
	if e, ok := r.(error); ok && errors.As(e, &re) {
		what = re.Error()
	}
	return fmt.Errorf("internal error: %s\n%s", what, debug.Stack())
}

func (g *guard) Init() tea.Cmd { return guarded(g.Model.Init()) }

func (g *guard) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			g.err = recovered(r)
			m, cmd = g, tea.Quit
		}
	}()
	if p, ok := msg.(panicMsg); ok {
		g.err = p.err
		return g, tea.Quit
	}
	_, cmd = g.Model.Update(msg)
	return g, guarded(cmd)
}

func (g *guard) View() (frame string) {
	defer func() {
		if r := recover(); r != nil {
			go g.send(panicMsg{recovered(r)}) // the loop that draws is the one that receives
		}
	}()
	return g.Model.View()
}

// guarded is cmd with its panics turned into a message.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = panicMsg{recovered(r)}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guarded(batch[i])
			}
		}
		return msg
	}
}
