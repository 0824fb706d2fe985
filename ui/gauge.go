package ui

import (
	"fmt"
	"math"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/metrics"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// The words, bars and small charts for what is measured.

// untold reports whether nothing at all is known of a metric.
func untold(m *inventory.Metric) bool { return m.Of > 0 && m.Unknown == m.Of && m.Value == 0 }

// metricNow is the number of a metric: 37/39, or 1.4 with one digit behind the point; a question mark for one that is not
// known.
func metricNow(m *inventory.Metric) string {
	switch {
	case untold(m) && m.Share:
		return fmt.Sprintf("?/%d", m.Of)
	case untold(m):
		return "?"
	case m.Share:
		return fmt.Sprintf("%.0f/%d", m.Value, m.Of)
	}
	if m.Value == math.Trunc(m.Value) {
		return fmt.Sprintf("%.0f", m.Value)
	}
	return fmt.Sprintf("%.1f", m.Value)
}

// metricShort is the number alone with what is not known behind it: 5, or 5 (2?).
func metricShort(m *inventory.Metric) string {
	s := metricNow(m)
	if untold(m) {
		return "?"
	}
	if m.Share {
		s = fmt.Sprintf("%.0f", m.Value)
	}
	if m.Unknown > 0 {
		s += fmt.Sprintf(" (%d?)", m.Unknown)
	}
	return s
}

// unknownWords says of how many a metric cannot tell.
func unknownWords(m *inventory.Metric) string {
	switch {
	case m.Unknown == 0:
		return ""
	case untold(m):
		return "not known"
	}
	return fmt.Sprintf("%d not known", m.Unknown)
}

// series takes the numbers of one metric out of a trend; NaN where it could not be told then.
func series(trend []inventory.TrendPoint, id string) []float64 {
	vs := make([]float64, len(trend))
	for i, p := range trend {
		v, ok := p.Values[id]
		if vs[i] = v; !ok {
			vs[i] = math.NaN()
		}
	}
	return vs
}

// spark draws the last w numbers as columns, from 0 to top or, where top is 0, to the highest of them. What was not known
// leaves a gap; fewer than two known numbers are no trend.
func spark(th *theme.Theme, vs []float64, top float64, w int) string {
	vs = vs[max(0, len(vs)-w):]
	known := 0
	highest := top
	for _, v := range vs {
		if !math.IsNaN(v) {
			known++
			highest = max(highest, v)
		}
	}
	if known < 2 {
		return ""
	}
	steps := th.Steps()
	var b strings.Builder
	for _, v := range vs {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case highest <= 0:
			b.WriteRune(steps[0])
		default:
			i := int(math.Round(v / highest * float64(len(steps)-1)))
			b.WriteRune(steps[max(0, min(len(steps)-1, i))])
		}
	}
	return b.String()
}

// topOf is the upper end of a metric's chart: all of a share.
func topOf(m *inventory.Metric) float64 {
	if m.Share {
		return 1
	}
	return 0
}

// metricBar draws a share in w cells; dots where nothing is known of it.
func metricBar(th *theme.Theme, m *inventory.Metric, w int) string {
	if untold(m) {
		return bar(th, 0, 0, w)
	}
	return bar(th, int(m.Value), m.Of, w)
}

// seconds is a span in the coarsest unit that is still true.
func seconds(s float64) string { return span(time.Duration(s * float64(time.Second))) }

func atLeast(bound bool, s float64) string {
	if bound {
		return "≥ " + seconds(s)
	}
	return seconds(s)
}

// revokeTitle names the measure that the field publishes.
func revokeTitle(t *inventory.TimeToRevoke) string {
	return "TIME TO REVOKE (field: " + seconds(t.Reference) + ")"
}

// revokeLines are the lines below it: label, number, and a chart.
func revokeLines(th *theme.Theme, g *inventory.Gauge, chart int) []styledLine {
	t := g.TimeToRevoke
	if t.Ended+t.Open == 0 {
		return []styledLine{line(theme.Plain, "nothing was leaked or urgent")}
	}
	row := func(label, now string, bad bool, id string) styledLine {
		style := theme.Plain
		if bad {
			style = theme.Warn
		}
		return styledLine{{Text: table.Fit(label, 7, false, false)}, {Text: table.Fit(now, 9, false, false), Style: style}, {Text: spark(th, series(g.Trend, id), 0, chart), Style: theme.Dim}}
	}
	lines := []styledLine{
		row("median", atLeast(t.AtLeast.Median, t.Median), t.Median > t.Reference, metrics.MedianToRevoke),
		row("p90", atLeast(t.AtLeast.P90, t.P90), t.P90 > t.Reference, metrics.P90ToRevoke),
	}
	open := fmt.Sprintf("open   %d", t.Open)
	if t.Open > 0 {
		open += ", oldest ≥ " + seconds(t.OldestOpen)
	}
	lines = append(lines, line(map[bool]theme.Style{true: theme.Warn}[t.Open > 0], open))
	return append(lines, line(theme.Plain, "ended  "+endedWords(t)))
}

// endedWords tells those that are proven dead from those that were only taken out.
func endedWords(t *inventory.TimeToRevoke) string {
	switch {
	case t.Ended == 0:
		return "0"
	case t.TakenOut == 0:
		return fmt.Sprintf("%d, all proven dead", t.Ended)
	case t.Dead == 0:
		return fmt.Sprintf("%d, only taken out", t.Ended)
	}
	return fmt.Sprintf("%d, %d only taken out", t.Ended, t.TakenOut)
}

// flow puts pieces side by side, " · " between them, as many to a line as fit.
func flow(pieces []styledLine, w int) []styledLine {
	var lines []styledLine
	var cur styledLine
	used := 0
	for _, p := range pieces {
		n := table.Width(p.plain())
		if cur != nil && used+3+n > w {
			lines, cur = append(lines, cur), nil
		}
		if cur == nil {
			cur, used = styledLine{{Text: " "}}, 1
		} else {
			cur, used = append(cur, table.Cell{Text: " · ", Style: theme.Dim}), used+3
		}
		cur, used = append(cur, p...), used+n
	}
	if cur != nil {
		lines = append(lines, cur)
	}
	return lines
}
