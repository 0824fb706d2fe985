package pipeline

import (
	"strings"
)

// expr is a parsed expression of GitHub Actions.
type expr struct {
	op   string // "||" "&&" "!" "==" "!=" "call" "path" "text" "?" (anything else)
	text string // name of a call, a path in lower case with dots, or the literal
	kids []*expr
}

const (
	maxExprLen   = 20_000
	maxExprDepth = 60
)

// parseExpr reads an expression, with or without ${{ }} around it or its parts. What is not understood becomes "?".
func parseExpr(s string) *expr {
	if len(s) > maxExprLen {
		return &expr{op: "?"}
	}
	s = strings.NewReplacer("${{", "(", "}}", ")").Replace(s)
	p := exprParser{s: s}
	e := p.or()
	if p.space(); p.pos < len(p.s) {
		return &expr{op: "?"}
	}
	return e
}

type exprParser struct {
	s     string
	pos   int
	depth int
}

func (p *exprParser) space() {
	for p.pos < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *exprParser) take(token string) bool {
	p.space()
	if strings.HasPrefix(p.s[p.pos:], token) {
		p.pos += len(token)
		return true
	}
	return false
}

func (p *exprParser) or() *expr { return p.chain("||", p.and) }

func (p *exprParser) and() *expr { return p.chain("&&", p.compare) }

func (p *exprParser) chain(op string, next func() *expr) *expr {
	if p.depth++; p.depth > maxExprDepth {
		p.pos = len(p.s)
		return &expr{op: "?"}
	}
	defer func() { p.depth-- }()
	e := next()
	if !p.take(op) {
		return e
	}
	e = &expr{op: op, kids: []*expr{e, next()}}
	for p.take(op) {
		e.kids = append(e.kids, next())
	}
	return e
}

func (p *exprParser) compare() *expr {
	left := p.unary()
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if p.take(op) {
			right := p.unary()
			if op != "==" && op != "!=" {
				return &expr{op: "?", kids: []*expr{left, right}}
			}
			return &expr{op: op, kids: []*expr{left, right}}
		}
	}
	return left
}

func (p *exprParser) unary() *expr {
	p.space()
	if p.pos < len(p.s) && p.s[p.pos] == '!' && !strings.HasPrefix(p.s[p.pos:], "!=") {
		if p.depth++; p.depth > maxExprDepth {
			p.pos = len(p.s)
			return &expr{op: "?"}
		}
		p.pos++
		e := &expr{op: "!", kids: []*expr{p.unary()}}
		p.depth--
		return e
	}
	return p.primary()
}

func (p *exprParser) primary() *expr {
	p.space()
	if p.pos >= len(p.s) {
		return &expr{op: "?"}
	}
	switch c := p.s[p.pos]; {
	case c == '(':
		p.pos++
		e := p.or()
		if !p.take(")") {
			p.pos = len(p.s)
			return &expr{op: "?"}
		}
		if p.pos < len(p.s) && (p.s[p.pos] == '.' || p.s[p.pos] == '[') {
			p.path()
			return &expr{op: "?", kids: []*expr{e}}
		}
		return e
	case c == '\'':
		return p.text()
	}
	name := p.path()
	if name == "" {
		p.pos++
		return &expr{op: "?"}
	}
	if p.take("(") {
		return p.call(name)
	}
	if name[0] >= '0' && name[0] <= '9' || name[0] == '-' {
		return &expr{op: "text", text: name}
	}
	return &expr{op: "path", text: strings.ToLower(name)}
}

func (p *exprParser) text() *expr {
	var b strings.Builder
	for p.pos++; p.pos < len(p.s); p.pos++ {
		if p.s[p.pos] == '\'' {
			if p.pos+1 >= len(p.s) || p.s[p.pos+1] != '\'' {
				p.pos++
				return &expr{op: "text", text: b.String()}
			}
			p.pos++
		}
		b.WriteByte(p.s[p.pos])
	}
	return &expr{op: "?"}
}

// path reads a.b['c'].*[0] and returns it as a.b.c.*.0.
func (p *exprParser) path() string {
	var b strings.Builder
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; {
		case c == '.' || c == '*' || c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			b.WriteByte(c)
			p.pos++
		case c == '[':
			end := strings.IndexByte(p.s[p.pos:], ']')
			if end < 0 {
				return b.String()
			}
			b.WriteByte('.')
			b.WriteString(strings.Trim(p.s[p.pos+1:p.pos+end], " '\""))
			p.pos += end + 1
		default:
			return b.String()
		}
	}
	return b.String()
}

func (p *exprParser) call(name string) *expr {
	e := &expr{op: "call", text: strings.ToLower(name)}
	for !p.take(")") {
		if p.pos >= len(p.s) {
			return &expr{op: "?"}
		}
		at := p.pos
		e.kids = append(e.kids, p.or())
		if !p.take(",") && p.pos == at {
			return &expr{op: "?"}
		}
	}
	return e
}

// texts collects the literals of an expression.
func (e *expr) texts(to []string) []string {
	if e.op == "text" {
		to = append(to, e.text)
	}
	for _, k := range e.kids {
		to = k.texts(to)
	}
	return to
}
