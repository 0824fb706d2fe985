package ui

import (
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

const (
	minW, minH = 20, 5
	chrome     = 3 // header, crumbs, footer
)

// View returns the frame, drawn anew only when something changed: Bubble Tea asks after every message.
func (m *Model) View() string {
	if m.dirty || m.frame == "" {
		m.frame = m.draw()
		m.dirty = false
	}
	return m.frame
}

func (m *Model) draw() string {
	if m.w < minW || m.h < minH {
		return table.Fit("too small", max(1, m.w), false, false)
	}
	said := m.said(m.h - chrome - 1)
	body := m.h - chrome - len(said)
	var page []string
	switch m.mode {
	case modeChoose:
		page = drawStyled(m.th, m.picker.draw(m.w, body), m.w, body)
	case modePrompt:
		extra := m.prompt.lines(m.w)
		page = fillTo(strings.Split(m.page.View(m.w, body-len(extra)), "\n"), body-len(extra))
		page = append(page, drawStyled(m.th, extra, m.w, len(extra))...)
	default:
		page = fillTo(strings.Split(m.page.View(m.w, body), "\n"), body)
	}
	lines := append([]string{m.header(), m.crumbs()}, page...) // the crumbs say which part of the page is shown
	lines = append(lines, said...)
	switch m.mode {
	case modePrompt:
		lines = append(lines, m.promptLine())
	case modeFilter:
		lines = append(lines, m.filterFooter())
	default:
		lines = append(lines, m.footer(len(said) == 0))
	}
	return m.th.Spell(strings.Join(lines[:min(len(lines), m.h)], "\n"))
}

// said are the lines of the last message where the footer has no room for it: the way out is never cut off. At most room lines.
func (m *Model) said(room int) []string {
	if m.mode == modePrompt || m.mode == modeFilter || table.Width(m.toast)+1 <= m.w {
		return nil
	}
	const most = 3
	all := wrap(m.toast, m.w-2)
	n := max(0, min(most, len(all), room))
	if n > 0 && n < len(all) {
		const more = " … :messages"
		all[n-1] = table.Fit(all[n-1], m.w-2-table.Width(more), false, false) + more
	}
	var out []string
	for _, l := range all[:n] {
		out = append(out, m.th.Paint(m.toastStyle(), table.Fit(" "+l, m.w, false, false)))
	}
	return out
}

func (m *Model) toastStyle() theme.Style {
	if m.bad {
		return theme.Alarm
	}
	return theme.Note
}

// header says under which profile, whether changes are possible, and how old the facts are.
func (m *Model) header() string {
	state, style := "read-only", theme.Bar
	if until, ok := m.e.Armed(); ok {
		state, style = "ARMED "+clock(until.Sub(m.o.Now())), theme.Armed
	} else if m.e.ReadOnly() {
		state = "READ-ONLY"
	}
	left := " nhitop  "
	if m.o.Demo {
		left += "DEMO "
	}
	if m.o.Profile != "" {
		left += m.o.Profile + " · "
	}
	room := max(0, m.w-table.Width(left)-table.Width(state))
	fresh := m.freshness()
	if n := m.x.cutOff(); n > 0 { // what is said last stays longest where there is little room
		fresh = []string{fresh[len(fresh)-1], runsCutOff(n)}
	}
	right := narrowed(fresh, room-1)
	room -= table.Width(right)
	return fitStyled(m.th.Paint(theme.Bar, left)+m.th.Paint(style, state)+strings.Repeat(" ", room)+m.th.Paint(theme.Bar, right), m.w)
}

// narrowed joins what fits: on a narrow screen the count of sources goes first, then the age; what something is wrong with
// stays longest.
func narrowed(parts []string, room int) string {
	n := len(parts)
	for _, ps := range [][]string{parts, parts[min(1, n-1):], parts[min(1, n-1):max(1, n-1)], parts[n-1:]} {
		if text := strings.Join(ps, " · ") + " "; table.Width(text) <= room {
			return text
		}
	}
	return ""
}

// freshness says how many sources there are, what is wrong with some, and how old the facts are.
func (m *Model) freshness() []string {
	if m.snap == nil {
		if m.collecting {
			return []string{"collecting " + m.spin()}
		}
		return []string{"no data"}
	}
	var parts []string
	n, bad := len(m.snap.Records().Sources), map[string]int{}
	for _, s := range m.snap.Records().Sources {
		if s.Status != inventory.SourceOK && s.Status != inventory.SourceRunning {
			bad[s.Status]++
		}
	}
	parts = append(parts, plural(n, "source"))
	for _, k := range inventory.SortedKeys(bad) {
		if k == inventory.SourceStale && m.stale {
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", bad[k], k))
	}
	switch {
	case m.stale && m.collecting:
		parts = append(parts, "facts "+age(m.o.Now(), m.snap.At())+" old, collecting "+m.spin())
	case m.collecting:
		parts = append(parts, "collecting "+m.spin())
	default:
		parts = append(parts, "facts "+age(m.o.Now(), m.snap.At())+" old")
	}
	if a, ok := m.e.(auditor); ok && a.AuditTrouble() != "" {
		parts = []string{"AUDIT LOG: see :audit", parts[len(parts)-1]} // comes before the counts, which :sources has
	}
	return parts
}

// spin turns once a second: enough to show that something goes on, little enough to cost nothing.
func (m *Model) spin() string { return string([]rune("|/-\\")[m.o.Now().Second()%4]) }

func (m *Model) crumbs() string {
	var left, right string
	if c, ok := m.page.(crumber); ok {
		left, right = c.Crumb()
	} else {
		left = m.page.Title()
	}
	if n := len(m.stack); n > 0 {
		left = m.current + " › " + left
	}
	left = " " + left
	if m.mode == modeFilter {
		return m.filterLine()
	}
	if p, ok := m.page.(interface{ Rights() []string }); ok { // where one is, and how long it holds, before long names
		right = narrow(p.Rights(), m.w-2-min(table.Width(left), m.w*2/5))
		left = table.Fit(left, min(table.Width(left), m.w-2-table.Width(right)), false, false)
	}
	room := m.w - table.Width(left) - table.Width(right) - 1
	if room < 1 {
		return m.th.Paint(theme.Bold, table.Fit(left, m.w, false, false))
	}
	return m.th.Paint(theme.Bold, left) + strings.Repeat(" ", room) + m.th.Paint(theme.Dim, right)
}

// narrow joins what fits, what is said last first.
func narrow(parts []string, room int) string {
	for i := range parts {
		if text := strings.Join(parts[i:], " · "); table.Width(text) <= room {
			return text
		}
	}
	return ""
}

// inputLine draws the text entry with a cursor that needs no colour.
func (m *Model) inputLine(w int) string {
	v := []rune(m.input.Value())
	pos := min(m.input.Position(), len(v))
	before, after := string(v[:pos]), string(v[pos:])
	if p := m.prompt.paste; p != nil && m.mode == modePrompt {
		return fitStyled(strings.Repeat("•", min(len(p.text), 24))+"▏"+fmt.Sprintf(" %d characters", len(p.text)), max(1, w))
	}
	return fitStyled(inventory.Clean(before)+"▏"+inventory.Clean(after), max(1, w))
}

// footer shows the last message, unless it is shown above, else what the page answers to.
func (m *Model) footer(say bool) string {
	if m.toast != "" && say {
		return m.th.Paint(m.toastStyle(), table.Fit(" "+m.toast, m.w, false, false))
	}
	if m.busy != "" {
		text := " " + m.busy + " " + m.spin()
		if m.stopRun != nil {
			text += "   " + keyName(m.action("cancel").keys[0]) + " stops the run   esc leaves its page: it goes on   q quit"
		}
		return m.th.Paint(theme.Note, table.Fit(text, m.w, false, false))
	}
	var b strings.Builder
	room, helped, early := m.w, false, m.o.Now().Before(m.grace) // the keys of a page that opened by itself are not taken yet
	ids := append([]string{}, m.page.Actions()...)
	for _, id := range append(ids, "palette", "help", "arm", "sources", "quit") {
		a := m.action(id)
		if a == nil || a.short == "" {
			continue
		}
		short := a.short
		if id == "arm" {
			if _, ok := m.e.Armed(); ok {
				short = "disarm"
			}
		}
		text := " " + keyName(a.keys[0]) + " " + short + " "
		if table.Width(text) > room {
			break
		}
		if helped = helped || id == "help"; !helped && table.Width(text)+table.Width(helpText) > room {
			continue // the way to the keys that have no room keeps its own
		}
		room -= table.Width(text)
		style := theme.Plain
		if early || a.why != nil && a.why(m) != "" {
			style = theme.Dim
		}
		m.th.Write(&b, style, text)
	}
	return b.String()
}

const helpText = " ? help "

func keyName(k string) string {
	switch k {
	case " ":
		return "space"
	case "ctrl+r":
		return "^r"
	}
	return strings.Replace(k, "ctrl+", "^", 1)
}
