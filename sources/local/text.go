package local

import (
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// octal writes permission bits as ls and chmod users know them.
func octal(m fs.FileMode) string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04o", m.Perm())
}

// parseTime reads the ways in which products write a time: RFC 3339, or seconds or milliseconds since 1970.
func parseTime(text string) time.Time {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	var n int64
	whole, _, _ := strings.Cut(text, ".")
	for _, r := range whole {
		if r < '0' || r > '9' || n > 1e17 {
			return time.Time{}
		}
		n = n*10 + int64(r-'0')
	}
	switch {
	case n < 1e8 || whole == "":
		return time.Time{}
	case n < 1e11:
		return time.Unix(n, 0).UTC()
	case n < 1e14:
		return time.UnixMilli(n).UTC()
	}
	return time.UnixMicro(n).UTC()
}
