package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// spans are the units of a length of time on the command line.
var spans = map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// span reads a length of time: 12h, 7d, 2w.
func span(text string) (time.Duration, bool) {
	if len(text) < 2 {
		return 0, false
	}
	unit, ok := spans[text[len(text)-1]]
	n, err := strconv.Atoi(text[:len(text)-1])
	if !ok || err != nil || n < 1 || n > 10000 {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// date reads a day (in UTC) or a time.
func date(text string) (at time.Time, day, ok bool) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, true, true
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), false, err == nil
}

// until is a time to come: after a span, or to the end of a day.
func until(text string, now time.Time) (time.Time, error) {
	if d, ok := span(text); ok {
		return now.Add(d), nil
	}
	at, day, ok := date(text)
	if !ok {
		return at, usage(fmt.Errorf("--until %s: give a span (30d, 2w) or a day (2027-01-31)", strings.ToValidUTF8(text, "?")))
	}
	if day {
		at = at.Add(24*time.Hour - time.Second)
	}
	return at, nil
}
