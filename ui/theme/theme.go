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
	ascii     bool
}

// ascii spells the signs that the screen is drawn with in as many cells of ASCII. Text from outside stays as it is.
var ascii = strings.NewReplacer("●", "*", "◐", "o", "·", ".", "›", ">", "↑", "^", "↓", "v", "→", ">", "─", "-", "│", "|", "├", "+", "└", "+", "┌", "+", "┐", "+", "┘", "+", "┬", "+", "┴", "+", "┼", "+",
	"…", "~", "✓", "+", "✗", "x", "▸", ">", "▾", "v", "▏", "|", "•", "*", "▁", "_", "▂", ".", "▃", "-", "▄", "=", "▅", "+", "▆", "*", "▇", "#", "█", "@", "≥", ">", "≤", "<", "×", "x", "–", "-", "■", "#", "□", "o")

// ASCII returns the theme that draws with nothing else.
func (t *Theme) ASCII() *Theme {
	c := *t
	c.coarse, c.ascii = true, true
	return &c
}

// Spell makes a whole frame fit for the terminal.
func (t *Theme) Spell(frame string) string {
	if t.ascii {
		return ascii.Replace(frame)
	}
	return frame
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

// palette are the colours of a theme, by their numbers among the sixteen.
type palette struct {
	alarm, warn, good, note, mark string
	strong                        bool // nothing is faint, and what matters is bold
}

// The palettes. The bright colours cannot be read on white, where the dark ones are; the eyes that take red for green tell
// magenta, yellow and blue apart; most contrast has the terminal's own foreground.
var palettes = map[string]palette{
	"dark":          {alarm: "9", warn: "11", good: "10", note: "14", mark: "13"},
	"light":         {alarm: "1", warn: "3", good: "2", note: "4", mark: "5"},
	"colour-blind":  {alarm: "13", warn: "11", good: "12", note: "14", mark: "15"},
	"high-contrast": {strong: true},
}

// Names are the themes that can be named, besides "auto".
func Names() []string { return []string{"dark", "light", "colour-blind", "high-contrast"} }

// New works out the sequences of a mode, for a dark terminal.
func New(m Mode) *Theme { return Named("dark", m, "") }

// Named works out the sequences of a mode in a theme; "" and "auto" are dark or light, by $COLORFGBG where the terminal
// sets that ("15;0": the last number is the background; 7 and 15 are light), else dark.
func Named(name string, m Mode, colorFGBG string) *Theme {
	p, ok := palettes[name]
	if !ok {
		p = palettes["dark"]
		if i := strings.LastIndexByte(colorFGBG, ';'); i >= 0 && (colorFGBG[i+1:] == "7" || colorFGBG[i+1:] == "15") {
			p = palettes["light"]
		}
	}
	t := &Theme{}
	if m == Mono {
		return t
	}
	profile := termenv.ANSI
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(profile))
	r.SetColorProfile(profile)
	s := r.NewStyle()
	fg := func(c string) lipgloss.Style {
		if m == NoColor || c == "" {
			return s
		}
		return s.Foreground(lipgloss.Color(c))
	}
	styles := [count]lipgloss.Style{
		Plain: s, Dim: s.Faint(!p.strong), Bold: s.Bold(true), Head: s.Bold(true).Underline(true), Bar: s.Bold(true),
		Alarm: fg(p.alarm).Bold(true).Underline(p.strong), Warn: fg(p.warn).Bold(p.strong), Good: fg(p.good).Bold(p.strong), Note: fg(p.note).Bold(p.strong),
		Cursor: s.Reverse(true), Mark: fg(p.mark).Bold(true), Armed: fg(p.alarm).Bold(true).Reverse(true),
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
