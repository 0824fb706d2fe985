package ui

import (
	"math"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/ui/theme"
)

func TestSpark(t *testing.T) {
	th := theme.New(theme.Mono)
	nan := math.NaN()
	for _, c := range []struct {
		vs   []float64
		top  float64
		w    int
		want string
	}{
		{nil, 1, 9, ""},
		{[]float64{0.5}, 1, 9, ""},
		{[]float64{nan, 0.5}, 1, 9, ""},
		{[]float64{0, 0.5, 1}, 1, 9, "▁▅█"},
		{[]float64{0, nan, 1}, 1, 9, "▁ █"},
		{[]float64{0, 0, 0}, 0, 9, "▁▁▁"},
		{[]float64{1, 2, 4}, 0, 2, "▅█"},
		{[]float64{3, 3}, 0, 9, "██"},
		{[]float64{2, 2}, 1, 9, "██"}, // above the top, which nothing should be
	} {
		if got := spark(th, c.vs, c.top, c.w); got != c.want {
			t.Errorf("%v to %v in %d: %q, want %q", c.vs, c.top, c.w, got, c.want)
		}
	}
	for _, r := range spark(th.Coarse(), []float64{0, 0.2, 0.4, 0.6, 0.8, 1}, 1, 9) + bar(th.Coarse(), 1, 2, 8) {
		if r > 126 {
			t.Errorf("a coarse terminal gets %q", r)
		}
	}
	if !theme.CoarseTerm("linux") || theme.CoarseTerm("xterm-256color") || theme.CoarseTerm("") {
		t.Error("which terminals are coarse")
	}
}

func TestMetricWords(t *testing.T) {
	for _, c := range []struct {
		m                  inventory.Metric
		now, short, unsure string
	}{
		{inventory.Metric{Share: true, Value: 3, Of: 4}, "3/4", "3", ""},
		{inventory.Metric{Share: true, Value: 3, Of: 4, Unknown: 1}, "3/4", "3 (1?)", "1 not known"},
		{inventory.Metric{Share: true, Of: 4, Unknown: 4}, "?/4", "?", "not known"},
		{inventory.Metric{Value: 2, Of: 2}, "2", "2", ""},
		{inventory.Metric{Value: 1.45, Of: 2}, "1.4", "1.4", ""},
		{inventory.Metric{Of: 2, Unknown: 2}, "?", "?", "not known"},
	} {
		if now, short, unsure := metricNow(&c.m), metricShort(&c.m), unknownWords(&c.m); now != c.now || short != c.short || unsure != c.unsure {
			t.Errorf("%+v: %q %q %q", c.m, now, short, unsure)
		}
	}
}

func TestWeekWords(t *testing.T) {
	cs := []change.Change{{Kind: change.New, Noun: "assistant"}, {Kind: change.New, Noun: "assistant"}, {Kind: change.Grown, Noun: "assistant", Name: "renovate"},
		{Kind: change.Gone, Noun: "assistant"}, {Kind: change.New, Noun: "finding"}, {Kind: change.Fixed, Noun: "finding"}, {Kind: change.Reopened, Noun: "finding"}, {Kind: change.Shrunk, Noun: "secret"}}
	if got := strings.Join(weekWords(cs), " · "); got != "+2 assistants · -1 assistant · renovate may do more · 1 finding came back · +1 finding · 1 finding fixed" {
		t.Errorf("%q", got)
	}
	cs = append(cs, change.Change{Kind: change.Grown, Noun: "assistant", Name: "codex"})
	if got := strings.Join(weekWords(cs), " · "); !strings.Contains(got, "2 assistants may do more") || weekWords(nil) != nil {
		t.Errorf("%q", got)
	}
}
