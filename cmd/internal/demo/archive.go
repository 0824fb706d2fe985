package demo

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// section is one file of an archive, for a span of time. A file that changed stands in several.
type section struct {
	path      string // slashed, below the archive's folder
	from, to  time.Duration
	mode      fs.FileMode // 0: the archive's own
	untracked bool        // in a repository, not in its index
	text      string      // a template
	line      int         // of the header
}

// lives reports whether the file is as in the section at a time so long before now. from 0 is always, to 0 is until now.
func (s *section) lives(ago time.Duration) bool {
	return (s.from == 0 || ago <= s.from) && (s.to == 0 || ago > s.to)
}

// parseArchive reads the text of an archive. A file begins with a line
//
//	-- path from=62d to=34d mode=0644 untracked --
//
// of which all but the path may be missing, and ends where the next one begins. What stands before the first is a comment.
func parseArchive(name, text string) ([]section, error) {
	var out []section
	for i, line := range strings.SplitAfter(text, "\n") {
		head := strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(head, "-- ") || !strings.HasSuffix(head, " --") {
			if len(out) > 0 {
				out[len(out)-1].text += line
			}
			continue
		}
		s, err := parseHeader(strings.Fields(head[3 : len(head)-3]))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		s.line = i + 1
		out = append(out, s)
	}
	return out, nil
}

func parseHeader(words []string) (section, error) {
	if len(words) == 0 || !fs.ValidPath(words[0]) {
		return section{}, fmt.Errorf("a file needs a path")
	}
	s := section{path: words[0]}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		var err error
		switch key {
		case "from":
			s.from, err = span(value)
		case "to":
			s.to, err = span(value)
		case "mode":
			var bits uint64
			bits, err = strconv.ParseUint(value, 8, 32)
			s.mode = fs.FileMode(bits)
		case "untracked":
			s.untracked = true
		default:
			err = fmt.Errorf("%q is no attribute of a file", key)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

var units = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': day}

const day = 24 * time.Hour

// span reads a length of time: 90d, 3h, 20m, with a sign for what is to come.
func span(text string) (time.Duration, error) {
	if text == "" {
		return 0, fmt.Errorf("a length of time is missing")
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	unit, ok := units[text[len(text)-1]]
	if err != nil || !ok {
		return 0, fmt.Errorf("%q is no length of time", text)
	}
	return time.Duration(n) * unit, nil
}
