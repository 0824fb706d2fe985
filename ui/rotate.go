package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Rotator is an Engine that can make a new credential in the place of an old one.
type Rotator interface {
	PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place) (*revoke.Plan, error)
	// Places are the names of the places in secrets managers that the configuration has, sorted.
	Places() []string
}

func canRotate(m *Model) string {
	if _, ok := m.e.(Rotator); !ok {
		return "not possible here"
	}
	if m.picked().Noun() != inventory.NounSecret {
		return "only for a secret"
	}
	return canRevoke(m)
}

// startRotate asks where the new credential is to go, and plans it. The credential itself is never on the screen.
func (m *Model) startRotate() tea.Cmd {
	r, ok := m.e.(Rotator)
	if !ok {
		return nil
	}
	id, places := m.picked(), r.Places()
	return m.ask(prompt{
		text: whereTo(places), label: "To:",
		done: func(m *Model, text string) tea.Cmd {
			to, err := placeIn(text, places, os.UserHomeDir)
			if err != nil {
				m.say(true, "%v", err)
				return nil
			}
			m.busy = "planning"
			return func() tea.Msg {
				p, err := r.PlanRotate(m.ctx, id, to)
				return planMsg{plan: p, err: err}
			}
		},
	})
}

// whereTo says which places there are.
func whereTo(places []string) []string {
	if len(places) == 0 {
		return []string{"Where does the new one go? A file that is not there yet, or | and a command that takes it on its standard input:", "~/ci/token     | vault kv put -mount=secret ci/token value=-"}
	}
	return []string{"Where does the new one go? A place of the configuration, a file that is not there yet, or | and a command that takes it on its standard input:",
		"places: " + strings.Join(places, ", "), "~/ci/token     | op document edit ci-token -"}
}

// placeIn reads a place as it is typed: the name of one that is configured, a path, or | and a command, whose words are apart by
// blanks; no shell reads it.
func placeIn(text string, places []string, home func() (string, error)) (revoke.Place, error) {
	if slices.Contains(places, text) {
		return revoke.Place{Manager: text}, nil
	}
	if command, ok := strings.CutPrefix(text, "|"); ok {
		to := revoke.Place{Command: strings.Fields(command)}
		if len(to.Command) == 0 {
			return to, errors.New("no command behind |")
		}
		return to, to.Check()
	}
	if rest, ok := strings.CutPrefix(text, "~/"); ok {
		dir, err := home()
		if err != nil {
			return revoke.Place{}, errors.New("no home folder is known; give the whole path")
		}
		text = filepath.Join(dir, rest)
	}
	if !filepath.IsAbs(text) {
		if len(places) > 0 && !strings.Contains(text, "/") {
			return revoke.Place{}, fmt.Errorf("no such place: there is %s; of a file give the whole path, or ~/ and the rest", strings.Join(places, ", "))
		}
		return revoke.Place{}, errors.New("give the whole path of the file, or ~/ and the rest")
	}
	to := revoke.Place{File: filepath.Clean(text)}
	return to, to.Check()
}
