package ui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestMouse(t *testing.T) {
	d := shown(t)
	click := func(y int) {
		d.send(tea.MouseMsg{X: 10, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	d.keys("2")
	d.frame()
	first := d.m.picked()
	click(4) // header, crumbs, titles, the first row, the second
	second := d.m.picked()
	if second == first {
		t.Fatal("a click moves nothing")
	}
	d.send(tea.MouseMsg{Button: tea.MouseButtonWheelUp, Action: tea.MouseActionPress})
	if d.m.picked() != first {
		t.Error("the wheel does not go up")
	}
	click(0)
	click(2)
	click(23)
	if d.m.picked() != first {
		t.Error("a click beside the rows moves")
	}
	click(3)
	d.want("assistants ›")
	d.keys("esc", "2", "/")
	click(4)
	d.keys("cursor", "enter")
	d.want("1 of 4") // a click does not disturb what is typed
}
