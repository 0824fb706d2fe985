// Package theme holds the few styles of the screen, as pairs of terminal sequences that are worked out once.
//
// Colour never stands alone: each style that warns also has a word or a sign on the screen. It is not a layout kit.
package theme

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Style names one look.
type Style uint8

// The styles.
const (
	Plain Style = iota
	Dim
	Bold
	Head   // column titles
	Bar    // header and footer lines
	Alarm  // act now
	Warn   // attend
	Good   // fine, done, proven
	Note   // links, keys
	Cursor // the row under the cursor
	Mark   // a marked row
	Armed  // changes are possible
	count
)

// Theme paints text. It is immutable and safe for concurrent use.
type Theme struct {
	pre, post [count]string
	coarse    bool
}

// Steps are the columns of a small chart from the lowest to the highest; the first is drawn for nothing.
func (t *Theme) Steps() []rune {
	if t.coarse {
		return []rune("_.-=+*#@")
	}
	return []rune("▁▂▃▄▅▆▇█")
}

// Coarse returns the theme for a terminal whose font has no eighth blocks.
func (t *Theme) Coarse() *Theme {
	c := *t
	c.coarse = true
	return &c
}

// CoarseTerm reports whether a value of $TERM means such a terminal: the consoles of Linux and the BSDs, and those that
// promise nothing.
func CoarseTerm(term string) bool {
	switch term {
	case "linux", "dumb", "vt100", "vt220", "cons25", "sun", "wsvt25":
		return true
	}
	return false
}

// Mode says how much a terminal may be asked for.
type Mode int

// The modes: Mono uses no sequence at all (golden frames), NoColor only bold, dim, underline and reverse, Color16 the
// sixteen colours that every terminal's own palette defines.
const (
	Mono Mode = iota
	NoColor
	Color16
)

// New works out the sequences of a mode.
func New(m Mode) *Theme {
	t := &Theme{}
	if m == Mono {
		return t
	}
	profile := termenv.ANSI
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(profile))
	r.SetColorProfile(profile)
	s := r.NewStyle()
	fg := func(c string) lipgloss.Style {
		if m == NoColor {
			return s
		}
		return s.Foreground(lipgloss.Color(c))
	}
	styles := [count]lipgloss.Style{
		Plain: s, Dim: s.Faint(true), Bold: s.Bold(true), Head: s.Bold(true).Underline(true), Bar: s.Bold(true),
		Alarm: fg("9").Bold(true), Warn: fg("11"), Good: fg("10"), Note: fg("14"),
		Cursor: s.Reverse(true), Mark: fg("13").Bold(true), Armed: fg("9").Bold(true).Reverse(true),
	}
	for i, st := range styles {
		t.pre[i], t.post[i], _ = strings.Cut(st.Render("x"), "x")
	}
	return t
}

// Paint wraps text, which must hold no sequence of its own, in a style.
func (t *Theme) Paint(s Style, text string) string {
	if t.pre[s] == "" || text == "" {
		return text
	}
	return t.pre[s] + text + t.post[s]
}

// Write appends the painted text to a builder without an intermediate string.
func (t *Theme) Write(b *strings.Builder, s Style, text string) {
	b.WriteString(t.pre[s])
	b.WriteString(text)
	b.WriteString(t.post[s])
}
