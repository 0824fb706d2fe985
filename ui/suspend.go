package ui

import (
	"errors"
	"io"

	tea "github.com/charmbracelet/bubbletea"
)

// errNoShell says that there is nobody to come back from: the program was started without a shell that keeps jobs.
var errNoShell = errors.New("cannot be put to sleep here: no shell would wake it; q quits")

// sleeper is what Bubble Tea runs while the terminal is the shell's: it stops this process group until it is continued.
// Bubble Tea's own way (tea.Suspend, v1.3.10) waits for ever where the signal is ignored, as it is without a shell.
type sleeper struct{}

func (sleeper) Run() error          { return sleep() }
func (sleeper) SetStdin(io.Reader)  {}
func (sleeper) SetStdout(io.Writer) {}
func (sleeper) SetStderr(io.Writer) {}

// sleepMsg asks for it from outside: by SIGTSTP.
type sleepMsg struct{}

func (m *Model) suspend() tea.Cmd {
	return tea.Exec(sleeper{}, func(err error) tea.Msg {
		if err != nil {
			return sayMsg{text: err.Error(), bad: true}
		}
		return tea.ResumeMsg{}
	})
}
