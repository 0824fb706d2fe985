package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"nhitop/inventory"
)

// measured are the numbers about the whole, each with what is not known of it and how it stood when the trend begins.
func measured(g *inventory.Gauge) [][2]cell {
	var rows [][2]cell
	for i := range g.Metrics {
		m := &g.Metrics[i]
		if m.Of == 0 {
			continue
		}
		rows = append(rows, kv(m.Title, metricCell(g, m)))
	}
	return rows
}

func metricCell(g *inventory.Gauge, m *inventory.Metric) cell {
	var parts []string
	switch {
	case m.Unknown == m.Of && m.Value == 0 && m.Share:
		return t(fmt.Sprintf("not known, of %d", m.Of))
	case m.Unknown == m.Of && m.Value == 0:
		return t("not known")
	case m.Share:
		parts = append(parts, fmt.Sprintf("%.0f of %d", m.Value, m.Of))
	default:
		parts = append(parts, number(m.Value))
	}
	if m.Unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d not known", m.Unknown))
	}
	if m.Details != "" && !m.Share {
		parts = append(parts, m.Details)
	}
	if was := before(g, m); was != "" {
		parts = append(parts, was)
	}
	text := strings.Join(parts, "; ")
	if m.Share && m.Better == "less" && m.Target == "0" && m.Value > 0 {
		return cell{inventory.Clean(text), warn}
	}
	return t(text)
}

// before is how a metric stood at the first point of the trend, if it stood otherwise.
func before(g *inventory.Gauge, m *inventory.Metric) string {
	if len(g.Trend) < 2 {
		return ""
	}
	for _, p := range g.Trend[:len(g.Trend)-1] {
		v, ok := p.Values[m.ID]
		if !ok {
			continue
		}
		now, then := m.Value, number(v)
		if m.Share {
			now, then = m.Value/float64(m.Of), fmt.Sprintf("%.0f %%", 100*v)
		}
		if math.Abs(now-v) < 0.005 {
			return ""
		}
		return fmt.Sprintf("was %s on %s", then, date(p.At))
	}
	return ""
}

func number(v float64) string {
	if v == math.Trunc(v) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// toRevoke says how long exposed secrets live on, beside what the field publishes.
func toRevoke(x *inventory.TimeToRevoke) [][2]cell {
	if x == nil {
		return nil
	}
	field := "the field's mean is " + lasting(x.Reference)
	if x.Ended+x.Open == 0 {
		return [][2]cell{kv("time to revoke", t("nothing was leaked or urgent in the last "+lasting(x.Window)+"; "+field))}
	}
	bound := func(b bool, s float64) string {
		if b {
			return "at least " + lasting(s)
		}
		return lasting(s)
	}
	c := t(fmt.Sprintf("median %s, mean %s, p90 %s; %s", bound(x.AtLeast.Median, x.Median), bound(x.AtLeast.Mean, x.Mean), bound(x.AtLeast.P90, x.P90), field))
	open := fmt.Sprintf("%d", x.Open)
	if x.Open > 0 {
		open += ", the oldest for " + lasting(x.OldestOpen)
	}
	return [][2]cell{kv("time to revoke", c), kv("proven runs took", t(responses(x.Responses))), kv("leaked or urgent now", t(open)),
		kv("ended", t(fmt.Sprintf("%d in the last %s: %d proven dead, %d only taken out of where they stood", x.Ended, lasting(x.Window), x.Dead, x.TakenOut)))}
}

// responses says how long proven runs took, by where one counts from.
func responses(r *inventory.Responses) string {
	if r == nil {
		return ""
	}
	var out []string
	for _, x := range []struct {
		from string
		s    inventory.Spread
	}{{"hand", r.Hand}, {"detection", r.Detected}, {"first seen", r.Seen}} {
		if x.s.Runs > 0 {
			out = append(out, fmt.Sprintf("%s from %s (median of %d)", lasting(x.s.Median), x.from, x.s.Runs))
		}
	}
	return strings.Join(out, ", ")
}

// lasting is a span of seconds in the coarsest unit that is still true.
func lasting(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// ruleNotes says which rules the configuration switched off or re-weighted, and why.
func ruleNotes(g *inventory.Gauge) [][2]cell {
	note := func(ns []inventory.RuleNote) string {
		var parts []string
		for _, n := range ns {
			text := n.Rule
			if n.Points != 0 {
				text += fmt.Sprintf(" %+d", n.Points)
			}
			parts = append(parts, text+" ("+cmp.Or(n.Reason, "no reason is given")+")")
		}
		return strings.Join(parts, "; ")
	}
	return [][2]cell{kv("rules switched off", t(note(g.RulesOff))), kv("rules re-weighted", t(note(g.RulesWeighted))), kv("rules of yours", t(strings.Join(g.RulesYours, ", ")))}
}
