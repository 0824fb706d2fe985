package ui

import (
	"strings"
	"unicode"
)

// fuzzy says how well a text is meant by what was typed, in lower case: 0 not at all, else the more the better. A beginning
// is better than a part, a part better than letters in order, and letters at the beginnings of words better than others.
func fuzzy(typed, text string) int {
	low := strings.ToLower(text)
	switch {
	case typed == "":
		return 1
	case low == typed:
		return 1000
	case strings.HasPrefix(low, typed):
		return 900 - min(len(low), 200)
	}
	if i := strings.Index(low, typed); i >= 0 {
		n := 500 - min(i, 100)
		if i == 0 || !letter(rune(low[i-1])) {
			n += 150 // a word begins there
		}
		return n
	}
	score, starts := 0, 0
	rest := []rune(typed)
	before, run := ' ', 0
	for _, r := range low {
		if len(rest) > 0 && r == rest[0] {
			rest = rest[1:]
			run++
			score += run
			if !letter(before) {
				starts++
			}
		} else {
			run = 0
		}
		before = r
	}
	if len(rest) > 0 || len([]rune(typed)) < 2 {
		return 0
	}
	return min(300, score+10*starts)
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
