package ui

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/metrics"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

const (
	decisionsAt = 24 // where the second block of the overview begins
	revokeAt    = 46 // where the third does
	sparkMost   = 26 // points of a chart on the overview
	// belowMeasures are the lines that follow the measures on a large screen: title, sources, runs, changes, and the blank ones.
	belowMeasures = 10
	roomy         = 26 // lines from which blank ones are drawn between all parts
)

// stand draws who is there, what is decided, and how long secrets that are out live on, side by side.
func (o *overview) stand(b *pageLines, w int) {
	p := o.snap.Posture()
	soFar := map[bool]string{true: " so far"}[o.snap.Partial()] // a zero is no fact yet
	left := []styledLine{
		line(theme.Bold, fmt.Sprintf(" ASSISTANTS %d", len(o.snap.Records().Assistants))+soFar),
		linef(theme.Plain, "   act      %d nhi", p.Assistants[inventory.ClassNHI]),
		linef(theme.Plain, "   text     %d", p.Assistants[inventory.ClassTextOnly]),
		linef(theme.Plain, "   unknown  %d", p.Assistants[inventory.ClassUnknown]),
	}
	middle := []styledLine{line(theme.Bold, "DECISIONS"+soFar)}
	for _, d := range []inventory.Decision{inventory.ActNow, inventory.Attend, inventory.Track} {
		c := decisionCell(d)
		c.Text = table.Fit(c.Text, 10, false, false)
		middle = append(middle, styledLine{c, {Text: fmt.Sprintf("%6d", p.Decisions[d])}})
	}
	var right []styledLine
	if p.TimeToRevoke != nil && w >= revokeAt+24 {
		right = []styledLine{line(theme.Bold, revokeTitle(p.TimeToRevoke))}
		right = append(right, revokeLines(o.th, &p.Gauge, max(0, min(sparkMost, w-revokeAt-17)))...)
	}
	for i := range max(len(left), len(right)) {
		b.add(columns(decisionsAt, lineAt(left, i), revokeAt-decisionsAt, lineAt(middle, i), lineAt(right, i)))
	}
	b.add(nil)
}

func lineAt(ls []styledLine, i int) styledLine {
	if i < len(ls) {
		return ls[i]
	}
	return nil
}

// columns joins three pieces; the first two are padded or cut to their widths.
func columns(w1 int, a styledLine, w2 int, b, c styledLine) styledLine {
	out := pad(a, w1)
	if b == nil && c == nil {
		return out
	}
	out = append(out, pad(b, w2)...)
	return append(out, c...)
}

func pad(l styledLine, w int) styledLine {
	n := table.Width(l.plain())
	if n > w {
		return styledLine{{Text: table.Fit(l.plain(), w, false, false)}}
	}
	return append(slices.Clip(l), table.Cell{Text: fmt.Sprintf("%*s", w-n, "")})
}

// shares are drawn with a bar on a small screen, counts as a number.
var (
	shares = []string{metrics.OwnerKnown, metrics.SecretEnd, metrics.Approval, metrics.Pinned}
	counts = []string{metrics.AutoOpen, metrics.IdleArmed, metrics.Trifecta, metrics.StandingWrite, metrics.Inherited, metrics.Managers, metrics.Copies}
)

// measures draws the metrics: on a small screen those that matter most, on a larger one all that have something to say,
// with their trend.
func (o *overview) measures(b *pageLines, w, h int) {
	p := o.snap.Posture()
	if len(p.Metrics) == 0 {
		return
	}
	if rows := h - len(*b) - belowMeasures; w >= sideWidth && rows >= 10 {
		o.all(b, w, rows)
		return
	}
	half := w / 2
	for i := 0; i < len(shares); i += 2 {
		b.add(columns(half, o.share(p.Metric(shares[i])), half, o.share(p.Metric(shares[i+1])), nil))
	}
	var pieces []styledLine
	for _, id := range counts {
		if m := p.Metric(id); m != nil {
			pieces = append(pieces, styledLine{{Text: m.Title + " "}, {Text: metricShort(m), Style: metricStyle(m)}})
		}
	}
	b.add(flow(pieces, w)...)
	b.gap(h)
}

// gap leaves a line out on a screen that has none to spare.
func (p *pageLines) gap(h int) {
	if h >= roomy {
		p.add(nil)
	}
}

// metricStyle warns of what should be none and is some.
func metricStyle(m *inventory.Metric) theme.Style {
	switch {
	case m.Share && m.Better == "less" && m.Value > 0 && m.Target == "0":
		return theme.Warn
	case untold(m):
		return theme.Dim
	}
	return theme.Plain
}

func (o *overview) share(m *inventory.Metric) styledLine {
	if m == nil {
		return nil
	}
	return styledLine{{Text: " " + table.Fit(m.Title, 21, false, false)}, {Text: fmt.Sprintf("%8s", metricNow(m)), Style: metricStyle(m)},
		{Text: " " + metricBar(o.th, m, 7)}}
}

// all draws one metric a row, in two columns where there is room, and no more rows than there are.
func (o *overview) all(b *pageLines, w, rows int) {
	p := o.snap.Posture()
	g := &p.Gauge
	b.add(styledLine{{Text: " MEASURES", Style: theme.Bold}, {Text: "   :metrics says what each means", Style: theme.Dim}})
	first := slices.Concat(shares, counts)
	var ms, rest []*inventory.Metric
	for _, id := range first {
		if m := g.Metric(id); m != nil && m.Of > 0 {
			ms = append(ms, m)
		}
	}
	for i := range g.Metrics {
		if m := &g.Metrics[i]; m.Of > 0 && !slices.Contains(first, m.ID) {
			rest = append(rest, m)
		}
	}
	ms = append(ms, rest...)
	half := w
	if w >= 150 {
		half = w / 2
		rows = min(rows, (len(ms)+1)/2)
	}
	rows = min(rows, len(ms))
	for i := range rows {
		l := pad(o.row(g, ms[i], half), half)
		if half < w && i+rows < len(ms) {
			l = append(l, o.row(g, ms[i+rows], half)...)
		}
		b.add(l)
	}
	b.add(nil)
}

func (o *overview) row(g *inventory.Gauge, m *inventory.Metric, w int) styledLine {
	l := styledLine{{Text: " " + table.Fit(m.Title, 27, false, false)}, {Text: fmt.Sprintf("%9s", metricNow(m)), Style: metricStyle(m)}}
	if m.Share {
		l = append(l, table.Cell{Text: " " + metricBar(o.th, m, 9)})
	} else {
		l = append(l, table.Cell{Text: fmt.Sprintf("%10s", "")})
	}
	l = append(l, table.Cell{Text: " " + table.Fit(unknownWords(m), 14, false, false), Style: theme.Dim})
	return append(l, table.Cell{Text: " " + spark(o.th, series(g.Trend, m.ID), topOf(m), max(0, min(sparkMost, w-66))), Style: theme.Note})
}

// runs says in one line how the newest runs ended.
func (o *overview) runs(b *pageLines, w, h int) {
	if o.ended == nil {
		return
	}
	rest := slices.DeleteFunc(slices.Clone(o.ended()), o.isOpen) // those come first of all
	if len(rest) == 0 {
		return
	}
	b.gap(h)
	const shown = 3
	head := " LAST RUNS"
	for i := range rest[:min(len(rest), map[bool]int{true: shown, false: 1}[h >= roomy])] {
		r := &rest[i]
		if h < roomy {
			head = " LAST RUN"
		}
		if i > 0 {
			head = ""
		}
		c := runCell(r)
		c.Text += " "
		text := strings.Trim(proofSummary(r)+" · "+runWhat(r), " ·")
		b.add(styledLine{{Text: table.Fit(head, sinceIndent, false, false), Style: theme.Bold}, {Text: r.Started.Local().Format("01-02 15:04") + " "}, c,
			{Text: table.Fit(text, max(10, w-sinceIndent-14-table.Width(c.Text)), false, false)}})
	}
}

const sinceIndent = 18

// since says in one line what the last week brought: what changed for the worse is not cut off.
func (o *overview) since(b *pageLines, w, h int) {
	if o.recent == nil {
		return
	}
	parts := weekWords(o.recent())
	if len(parts) == 0 {
		return
	}
	b.gap(h)
	text := ""
	for i, p := range parts {
		next := text
		if i > 0 {
			next += " · "
		}
		if next += p; table.Width(next) > w-sinceIndent-1 {
			if text == "" {
				text = table.Fit(p, max(10, w-sinceIndent-1), false, false)
			}
			break
		}
		text = next
	}
	b.add(styledLine{{Text: table.Fit(" SINCE LAST WEEK", sinceIndent, false, false), Style: theme.Bold}, {Text: text}})
}

// weekWords counts changes by kind, and names an assistant that may do more.
func weekWords(cs []change.Change) []string {
	n := map[string]int{}
	grown := ""
	for _, c := range cs {
		n[c.Kind+" "+c.Noun]++
		if c.Kind == change.Grown && c.Noun == "assistant" && grown == "" {
			grown = c.Name
		}
	}
	var parts []string
	add := func(sign, of, noun, after string) {
		if k := n[of]; k > 0 {
			parts = append(parts, sign+plural(k, noun)+after)
		}
	}
	add("+", "new assistant", "assistant", "")
	add("-", "gone assistant", "assistant", "")
	if grown != "" {
		text := product(grown) + " may do more"
		if k := n["grown assistant"]; k > 1 {
			text = fmt.Sprintf("%d assistants may do more", k)
		}
		parts = append(parts, text)
	}
	add("+", "new secret", "secret", "")
	add("", "reopened finding", "finding", " came back")
	add("+", "new finding", "finding", "")
	add("", "fixed finding", "finding", " fixed")
	return parts
}

// product is the name of an assistant without its place.
func product(name string) string {
	name, _, _ = strings.Cut(name, " on ")
	return name
}
