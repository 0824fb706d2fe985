package query

import (
	"strconv"
	"strings"
	"time"
)

// value is what a text means to a field that has an order.
type value struct {
	n    float64 // a rank, a number, seconds since 1970 or seconds of an age
	date bool
}

// Order returns a number by which the values of a field are sorted, and whether the text has one.
func (f *Field) Order(text string) (float64, bool) {
	v, ok := f.read(text)
	return v.n, ok
}

func (f *Field) read(text string) (value, bool) {
	text = strings.TrimSpace(text)
	switch f.Kind {
	case Rank:
		return f.rank(text)
	case Number:
		n, ok := number(text)
		return value{n: n}, ok
	case Time:
		if n, ok := span(text); ok {
			return value{n: n}, true
		}
		if at, ok := date(text); ok {
			return value{n: float64(at.Unix()), date: true}, true
		}
	}
	return value{}, false
}

// takes says what can be written for a value, for the message of a mistake.
func (f *Field) takes() string {
	switch f.Kind {
	case Rank:
		var names []string
		for _, r := range f.Ranks {
			name, _, _ := strings.Cut(r, "|")
			names = append(names, name)
		}
		return "one of " + strings.Join(names, ", ")
	case Number:
		return "a number"
	}
	return "an age (30d, 12h) or a date (2026-03-01)"
}

func (f *Field) rank(text string) (value, bool) {
	word := fold(text)
	for i, names := range f.Ranks {
		for names != "" {
			var name string
			if name, names, _ = strings.Cut(names, "|"); name == word {
				return value{n: float64(i)}, true
			}
		}
	}
	return value{}, false
}

func number(text string) (float64, bool) {
	text = strings.TrimSuffix(text, "%")
	n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", ""), 64)
	return n, err == nil && n == n
}

var units = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "min": time.Minute, "h": time.Hour,
	"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "mo": 30 * 24 * time.Hour, "y": 365 * 24 * time.Hour,
}

// span reads an age: 30d, 12 h, 2w.
func span(text string) (float64, bool) {
	i := 0
	for i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == '.') {
		i++
	}
	if i == 0 || i == len(text) {
		return 0, false
	}
	unit, ok := units[strings.ToLower(strings.TrimSpace(text[i:]))]
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(text[:i], 64)
	return n * unit.Seconds(), err == nil
}

func date(text string) (time.Time, bool) {
	if len(text) < len("2026") || text[0] < '0' || text[0] > '9' {
		return time.Time{}, false
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01"} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// compare orders a cell's value against that of the term; ok is false where they cannot be compared.
func (t *Term) compare(cell value) (diff float64) {
	want := t.value
	switch {
	case cell.date == want.date:
		return cell.n - want.n
	case want.date: // the cell is an age
		return float64(t.now.Unix()) - cell.n - want.n
	case t.field.Ahead:
		return cell.n - float64(t.now.Unix()) - want.n
	}
	return float64(t.now.Unix()) - cell.n - want.n
}
