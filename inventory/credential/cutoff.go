package credential

import (
	"regexp/syntax"
	"strings"
)

// shortestMark is the length of a prefix that one issuer alone uses; sk- and the like begin too much.
const shortestMark = 4

// cutOff tells of which kind a text is the beginning, and how many characters it lacks at least. short is 0 where it begins
// like nothing known, or is as long as that kind may be.
func cutOff(text string) (kind string, short int) {
	for _, s := range byFirst[text[0]] {
		if len(s.prefix) < shortestMark || s.weak || s.named || !strings.HasPrefix(text, s.prefix) {
			continue
		}
		re, err := syntax.Parse(s.rest, syntax.Perl)
		if err != nil {
			continue
		}
		lacks := len(s.prefix) + shortest(re) - len(text)
		if lacks <= 0 {
			return "", 0
		}
		if short == 0 || lacks < short {
			kind, short = s.kind, lacks
		}
	}
	return kind, short
}

// shortest is the number of characters that an expression matches at least.
func shortest(re *syntax.Regexp) int {
	n := 0
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpRepeat:
		return re.Min * shortest(re.Sub[0])
	case syntax.OpPlus, syntax.OpCapture:
		return shortest(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			n += shortest(sub)
		}
	case syntax.OpAlternate:
		n = shortest(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, shortest(sub))
		}
	}
	return n
}
