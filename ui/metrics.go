package ui

import (
	"fmt"
	"math"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/metrics"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// measure is one row of the metrics: a metric of the table, or one of the times to revoke.
type measure struct {
	inventory.Metric
	now   string // the number in words, where it is none of the metric's own
	at    string // the number of the first point of the trend, in words
	from  time.Time
	trend []float64
}

// measuresOf lists every number that the posture holds, with its trend.
func measuresOf(s *snap) []measure {
	p := s.Posture()
	var out []measure
	add := func(m measure) {
		m.trend = series(p.Trend, m.ID)
		for i, v := range m.trend {
			if !math.IsNaN(v) && i < len(m.trend)-1 {
				m.from, m.at = p.Trend[i].At, m.words(v)
				break
			}
		}
		out = append(out, m)
	}
	if t := p.TimeToRevoke; t != nil {
		span := func(id, title string, bound bool, v float64) measure {
			m := measure{Metric: inventory.Metric{ID: id, Title: title, Meaning: t.Meaning, Unit: "seconds", Value: v, Of: t.Ended + t.Open, Better: "less", Target: "the field's mean is " + seconds(t.Reference),
				Details: fmt.Sprintf("ended %s in the last %s; open %d", endedWords(t), seconds(t.Window), t.Open)}, now: atLeast(bound, v)}
			if m.Of == 0 {
				m.now = "-"
			}
			return m
		}
		add(span(metrics.MedianToRevoke, "time to revoke, median", t.AtLeast.Median, t.Median))
		add(span(metrics.MeanToRevoke, "time to revoke, mean", t.AtLeast.Mean, t.Mean))
		add(span(metrics.P90ToRevoke, "time to revoke, p90", t.AtLeast.P90, t.P90))
		add(measure{Metric: inventory.Metric{ID: metrics.OpenExposures, Title: "secrets that are out", Meaning: "secrets that are leaked or urgent and still there", Unit: "secrets", Value: float64(t.Open), Of: t.Ended + t.Open,
			Better: "less", Target: "0"}, now: fmt.Sprint(t.Open)})
		for _, m := range responses(t.Responses) {
			add(m)
		}
	}
	for _, m := range p.Metrics {
		add(measure{Metric: m})
	}
	return out
}

// responses are how long proven runs took, by where one counts from.
func responses(r *inventory.Responses) []measure {
	if r == nil {
		return nil
	}
	var out []measure
	for _, x := range []struct {
		id, from, meaning string
		s                 inventory.Spread
	}{
		{metrics.HandToProof, "hand", "since the credential was pasted", r.Hand},
		{metrics.DetectionToProof, "detection", "since it was known to be leaked or urgent", r.Detected},
		{metrics.SeenToProof, "first sight", "since a collection first saw it", r.Seen},
	} {
		if x.s.Runs > 0 {
			out = append(out, measure{Metric: inventory.Metric{ID: x.id, Title: "from " + x.from + " to proof, median", Meaning: "runs whose every step is proven: " + x.meaning + ", to the last proof", Unit: "seconds",
				Value: x.s.Median, Of: x.s.Runs, Better: "less", Details: fmt.Sprintf("p90 %s, of %s", seconds(x.s.P90), plural(x.s.Runs, "run"))}, now: seconds(x.s.Median)})
		}
	}
	return out
}

// words is a number of the trend as a person reads it.
func (m *measure) words(v float64) string {
	switch {
	case m.Unit == "seconds":
		return seconds(v)
	case m.Share:
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return metricNow(&inventory.Metric{Value: v})
}

func (m *measure) number() string {
	if m.now != "" {
		return m.now
	}
	return metricNow(&m.Metric)
}

// top is the upper end of its chart.
func (m *measure) top() float64 { return topOf(&m.Metric) }

func metricList(th *theme.Theme) listSpec[measure] {
	return listSpec[measure]{
		name: "metrics", noun: "metric", acts: []string{"open", "filter", "sort-next", "copy"}, sort: table.Sort{Column: -1},
		rows: measuresOf,
		id:   func(m *measure) inventory.ID { return inventory.ID(metricPrefix + m.ID) },
		foot: func(_ *snap, m *measure, w int) []styledLine { return metricFoot(th, m, w) },
		cols: []column[measure]{
			{table.Column{Key: "metric", Title: "METRIC", Min: 26, Max: 30, Priority: 1}, func(_ *snap, m *measure) table.Cell { return text(m.Title) }},
			{table.Column{Key: "now", Title: "NOW", Min: 8, Max: 12, Priority: 1, Right: true},
				func(_ *snap, m *measure) table.Cell {
					return table.Cell{Text: m.number(), Style: metricStyle(&m.Metric)}
				}},
			{table.Column{Key: "share", Title: "SHARE", Min: 7, Max: 9, Priority: 3}, func(_ *snap, m *measure) table.Cell {
				if !m.Share {
					return text("")
				}
				return text(metricBar(th, &m.Metric, 7))
			}},
			{table.Column{Key: "unknown", Title: "NOT KNOWN", Min: 4, Max: 9, Priority: 2, Right: true, Desc: true}, func(_ *snap, m *measure) table.Cell {
				if m.Unknown == 0 {
					return text("")
				}
				return dim(fmt.Sprint(m.Unknown))
			}},
			{table.Column{Key: "trend", Title: "TREND", Min: 10, Max: 26, Priority: 2},
				func(_ *snap, m *measure) table.Cell {
					return table.Cell{Text: spark(th, m.trend, m.top(), sparkMost), Style: theme.Note}
				}},
			{table.Column{Key: "better", Title: "BETTER", Min: 4, Max: 6, Priority: 5}, func(_ *snap, m *measure) table.Cell { return dim(m.Better) }},
			{table.Column{Key: "target", Title: "TARGET", Min: 8, Max: 30, Priority: 4}, func(_ *snap, m *measure) table.Cell { return dim(m.Target) }},
		},
	}
}

const metricPrefix = "metric:"

// metricFoot says what a metric means, and how it came to be what it is.
func metricFoot(th *theme.Theme, m *measure, w int) []styledLine {
	lines := []styledLine{{{Text: m.Title, Style: theme.Bold}, {Text: "  " + m.number()}}}
	lines = append(lines, paragraph(m.Meaning, w)...)
	if u := unknownWords(&m.Metric); u != "" {
		lines = append(lines, paragraph(fmt.Sprintf("%s of %d %s", u, m.Of, m.Unit), w)...)
	}
	if m.Details != "" {
		lines = append(lines, paragraph(m.Details, w)...)
	}
	if m.Target != "" {
		lines = append(lines, paragraph("aim: "+m.Target, w)...)
	}
	if s := spark(th, m.trend, m.top(), w-30); s != "" {
		lines = append(lines, styledLine{{Text: s, Style: theme.Note}, {Text: fmt.Sprintf("  since %s: %s", m.from.Format(time.DateOnly), m.at), Style: theme.Dim}})
	}
	return lines
}

// openMetric shows a metric with its words and its trend, point by point.
func (m *Model) openMetric(id inventory.ID) tea.Cmd {
	x := m.views["metrics"].(*list[measure]).current()
	if x == nil || inventory.ID(metricPrefix+x.ID) != id {
		return nil
	}
	d := newDetail(id, m.th)
	d.metric = x
	return m.push(d)
}

func (b *detailBuilder) metric(th *theme.Theme, m *measure) {
	b.add("", table.Cell{Text: m.Title, Style: theme.Bold}, table.Cell{Text: "  " + m.number()})
	b.para(m.Meaning)
	b.head("THE NUMBER")
	b.fact("counted", fmt.Sprintf("%d %s", m.Of, m.Unit))
	b.fact("not known", unknownWords(&m.Metric))
	b.fact("made of", m.Details)
	b.fact("better", m.Better)
	b.fact("aim", m.Target)
	p := b.s.Posture()
	b.head(fmt.Sprintf("TREND %d", len(p.Trend)))
	steps := th.Steps()
	top := m.top()
	for _, v := range m.trend {
		if !math.IsNaN(v) {
			top = max(top, v)
		}
	}
	const width = 30
	for i := len(p.Trend) - 1; i >= 0; i-- {
		v := m.trend[i]
		if math.IsNaN(v) {
			b.add("", table.Cell{Text: stamp(p.Trend[i].At) + "  "}, table.Cell{Text: "not known", Style: theme.Dim})
			continue
		}
		n := 0
		if top > 0 {
			n = int(math.Round(v / top * width))
		}
		b.add("", table.Cell{Text: stamp(p.Trend[i].At) + "  " + table.Fit(m.words(v), 8, false, false) + " "}, table.Cell{Text: repeat(steps[len(steps)-2], n), Style: theme.Note})
	}
}

func repeat(r rune, n int) string {
	out := make([]rune, n)
	for i := range out {
		out[i] = r
	}
	return string(out)
}
