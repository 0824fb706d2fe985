//go:build !unix

package ui

import tea "github.com/charmbracelet/bubbletea"

func sleep() error { return errNoShell }

func nap(*tea.Program, <-chan struct{}) {}
