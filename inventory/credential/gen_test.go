package credential

import (
	"regexp/syntax"
	"strings"
	"testing"
)

// example builds a text that the expression matches: of a repetition the least that is asked, of a class a different
// character each time, so that it looks as random as a real token. Examples are built at run time: no file holds one.
func example(t testing.TB, expr string) string {
	t.Helper()
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	g := &generator{}
	g.write(re)
	return g.b.String()
}

type generator struct {
	b strings.Builder
	n int
}

func (g *generator) write(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		g.b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		total := 0
		for i := 0; i < len(re.Rune); i += 2 {
			total += int(re.Rune[i+1]-re.Rune[i]) + 1
		}
		g.n = (g.n*1103515245 + 12345) & 0x7fffffff
		k := g.n >> 8 % total
		for i := 0; i < len(re.Rune); i += 2 {
			if w := int(re.Rune[i+1]-re.Rune[i]) + 1; k >= w {
				k -= w
				continue
			}
			c := re.Rune[i] + rune(k)
			if c == '-' || c == '_' || c == '=' || c == '.' || c == '/' || c == '+' || c == ',' || c == '%' || c == ':' {
				c = re.Rune[0]
				for i := 0; i < len(re.Rune); i += 2 { // punctuation at an end would read as a word's end
					if re.Rune[i] == 'a' || re.Rune[i] == '0' || re.Rune[i] == 'A' {
						c = re.Rune[i]
					}
				}
			}
			g.b.WriteRune(c)
			return
		}
	case syntax.OpRepeat:
		for range re.Min {
			g.write(re.Sub[0])
		}
	case syntax.OpPlus, syntax.OpCapture:
		g.write(re.Sub[0])
	case syntax.OpAlternate:
		g.write(re.Sub[0])
	case syntax.OpConcat:
		for _, s := range re.Sub {
			g.write(s)
		}
	}
}
