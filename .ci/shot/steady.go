package main

import (
	"regexp"
	"strings"
	"time"
)

// The day that every picture is of. The demo counts all its times from now.
var day = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

var (
	stamps = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?|\d{4}-\d\d-\d\d|\d\d-\d\d \d\d:\d\d`)
	ages   = regexp.MustCompile(`facts \d+ s old`)
	clocks = regexp.MustCompile(`(?m)(^|[ m])0:\d\d\b`)
	armed  = regexp.MustCompile(`ARMED \d+:\d\d`)
	ids    = regexp.MustCompile(`(?:run|plan) ([a-z2-7]{12})\b`)
	folder = regexp.MustCompile(`/tmp/\S*?/nhitop-demo-\d+`)
)

// steady gives a screen the times of [day] and ids that stay: what was on it at another day, a second later, is the same.
func steady(text string, now time.Time) string {
	shift := day.Sub(now.UTC().Truncate(time.Minute))
	text = stamps.ReplaceAllStringFunc(text, func(s string) string {
		for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "01-02 15:04"} {
			t, err := time.Parse(layout, s)
			if err != nil {
				continue
			}
			switch layout {
			case "2006-01-02":
				t = t.Add(12 * time.Hour) // a day is no moment: from its middle to the middle of another
				return t.Add(day.Truncate(24 * time.Hour).Sub(now.UTC().Truncate(24 * time.Hour))).Format(layout)
			case "01-02 15:04":
				t = t.AddDate(now.UTC().Year(), 0, 0)
			}
			return t.Add(shift).Format(layout)
		}
		return s
	})
	text = ages.ReplaceAllStringFunc(text, func(s string) string { return pad("facts 2 s old", len(s)) })
	text = clocks.ReplaceAllString(text, "${1}0:02")
	text = armed.ReplaceAllStringFunc(text, func(s string) string { return pad("ARMED 9:55", len(s)) })
	for _, id := range ids.FindAllStringSubmatch(text, -1) {
		text = strings.ReplaceAll(text, id[1], "k7gzrq4a2mwe")
	}
	return folder.ReplaceAllString(text, "/tmp/nhitop-demo-1234567890")
}

func pad(s string, n int) string {
	for len(s) < n {
		s += " "
	}
	return s
}
