package pipeline

import (
	"strings"
)

// command is one command of a script.
type command struct {
	text   string   // with quoted texts that hold spaces blanked out, so that a prompt is not taken for flags
	raw    string   // the whole line that it stands in, as written
	words  []string // unquoted
	offset int      // where it starts in the script
}

const (
	maxCommands = 5000
	maxNesting  = 4
)

// commands splits a script into its commands: continued lines and quoted texts over several lines are one, comments and
// here-documents are left out, and a script inside quotes (sh -c "...", "$(...)") gives its own commands.
func commands(script string) []command {
	var out []command
	budget := readBudget
	split(script, 0, 0, &budget, &out)
	return out
}

func split(script string, base, depth int, budget *int, out *[]command) {
	*budget -= len(script)
	for i := 0; i < len(script) && len(*out) < maxCommands && *budget > 0; {
		p := lineReader{s: script, pos: i, budget: budget}
		p.run()
		raw := script[i:min(p.pos, len(script))]
		i = max(p.pos, i+1)
		for _, c := range p.cmds {
			c.offset += base
			c.raw = raw
			*out = append(*out, c)
			if depth < maxNesting && runsText(c.words) {
				for _, w := range c.words[1:] {
					if strings.ContainsAny(w, " \n") {
						split(w, c.offset, depth+1, budget, out)
					}
				}
			}
		}
		for _, inner := range p.inner {
			if depth < maxNesting {
				split(inner.raw, base+inner.offset, depth+1, budget, out)
			}
		}
	}
}

// runsText tells a command that runs one of its arguments as a command line.
func runsText(words []string) bool {
	for i, w := range words {
		switch w[strings.LastIndexByte(w, '/')+1:] {
		case "sh", "bash", "zsh", "dash", "su", "script":
			for _, f := range words[i+1:] {
				if strings.HasPrefix(f, "-") && strings.HasSuffix(f, "c") && !strings.HasPrefix(f, "--") {
					return true
				}
			}
			return false
		case "awf", "eval", "ssh", "xargs", "docker", "podman":
			return true
		case "echo", "printf", "cat", "git", "gh":
			return false
		}
	}
	return false
}

// readCommand reads a text as one command line.
func readCommand(s string) command {
	budget := readBudget
	p := lineReader{s: s, budget: &budget}
	p.run()
	if len(p.cmds) == 0 {
		return command{raw: s}
	}
	c := p.cmds[0]
	c.raw = s
	return c
}

// lineReader reads one line of a script, with what continues it, into its commands.
type lineReader struct {
	s       string
	pos     int
	start   int // of the command
	text    strings.Builder
	word    strings.Builder
	inWord  bool
	words   []string
	cmds    []command
	inner   []command // scripts in "$( )": raw and offset only
	heredoc []string  // delimiters to skip to at the end of the line
	budget  *int      // bytes that may still be looked at, in the whole script
}

// readBudget bounds what a script full of opening quotes may cost: it is read a few times over, not without end.
const readBudget = 8 << 20

func (p *lineReader) flush() {
	if p.inWord {
		p.words = append(p.words, p.word.String())
		p.word.Reset()
		p.inWord = false
	}
}

// end closes the command before an operator or the end of the line.
func (p *lineReader) end() {
	p.flush()
	if len(p.words) > 0 {
		p.cmds = append(p.cmds, command{text: strings.TrimSpace(p.text.String()), words: p.words, offset: p.start})
	}
	p.words = nil
	p.text.Reset()
}

func (p *lineReader) run() {
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		if len(p.words) == 0 && !p.inWord && strings.IndexByte(" \t\r;&|()", c) < 0 {
			p.start = p.pos
		}
		switch {
		case c == '\n':
			p.pos++
			p.end()
			p.skipHeredocs()
			return
		case c == '\\' && p.pos+1 < len(p.s):
			p.escape()
		case c == '\'' || c == '"':
			p.quoted(c)
		case c == '#' && !p.inWord:
			if n := strings.IndexByte(p.s[p.pos:], '\n'); n >= 0 {
				p.pos += n
			} else {
				p.pos = len(p.s)
			}
		case c == '<' && strings.HasPrefix(p.s[p.pos:], "<<") && !strings.HasPrefix(p.s[p.pos:], "<<<"):
			p.openHeredoc()
		case c == ' ' || c == '\t' || c == '\r':
			p.flush()
			p.text.WriteByte(' ')
			p.pos++
		case strings.IndexByte(";&|()`", c) >= 0 && !strings.HasSuffix(p.word.String(), ">"): // not 2>&1
			p.end()
			p.pos++
		default:
			p.add(c)
			p.text.WriteByte(c)
			p.pos++
		}
	}
	p.end()
}

func (p *lineReader) add(c byte) {
	p.word.WriteByte(c)
	p.inWord = true
}

func (p *lineReader) escape() {
	c := p.s[p.pos+1]
	if c == '\r' && strings.HasPrefix(p.s[p.pos+2:], "\n") {
		p.pos++
		c = '\n'
	}
	p.pos += 2
	if c == '\n' {
		p.flush()
		p.text.WriteByte(' ')
		return
	}
	p.add(c)
	p.text.WriteByte(c)
}

// quoted reads a quoted text. One without an end is taken as an apostrophe.
func (p *lineReader) quoted(q byte) {
	end := p.pos + 1
	inner0 := len(p.inner)
	for end < len(p.s) && p.s[end] != q && *p.budget > 0 {
		*p.budget--
		if q == '"' && strings.HasPrefix(p.s[end:], "$(") && !strings.HasPrefix(p.s[end:], "$((") {
			if n := closing(p.s[end+2:], p.budget); n >= 0 {
				p.inner = append(p.inner, command{raw: p.s[end+2 : end+2+n], offset: end + 2})
				end += n + 3
				continue
			}
		}
		if p.s[end] == '\\' && q == '"' {
			end++
		}
		end++
	}
	if end >= len(p.s) || p.s[end] != q {
		p.inner = p.inner[:inner0]
		p.add(q)
		p.pos++
		return
	}
	inner := p.s[p.pos+1 : end]
	p.pos = end + 1
	plain := inner
	if q == '"' {
		plain = unquote(inner)
	}
	p.word.WriteString(plain)
	p.inWord = true
	if strings.ContainsAny(inner, " \t\n") {
		p.text.WriteString(`""`)
	} else {
		p.text.WriteString(plain)
	}
}

const maxSubstitution = 20_000

// closing returns the offset of the parenthesis that ends a command substitution, or -1.
func closing(s string, budget *int) int {
	depth := 0
	var quote byte
	for i := 0; i < len(s) && i < maxSubstitution && *budget > 0; i++ {
		*budget--
		switch c := s[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

func unquote(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`\n", s[i+1]) >= 0 {
			if i++; s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// openHeredoc notes the word that ends a here-document.
func (p *lineReader) openHeredoc() {
	rest := strings.TrimPrefix(p.s[p.pos+2:], "-")
	n := 0
	for n < len(rest) && strings.IndexByte(" \t", rest[n]) >= 0 {
		n++
	}
	e := n
	for e < len(rest) && strings.IndexByte(" \t\r\n;&|<>)", rest[e]) < 0 {
		e++
	}
	if word := strings.Trim(rest[n:e], `"'\`); word != "" {
		p.heredoc = append(p.heredoc, word)
	}
	p.flush()
	p.pos = len(p.s) - len(rest) + max(e, 0)
}

func (p *lineReader) skipHeredocs() {
	for _, end := range p.heredoc {
		for p.pos < len(p.s) {
			line, _, _ := strings.Cut(p.s[p.pos:], "\n")
			p.pos = min(p.pos+len(line)+1, len(p.s))
			if strings.TrimSpace(line) == end {
				break
			}
		}
	}
}

// flagValues returns the values of a flag, in the forms --flag value, --flag=value, and for lists all words up to the
// next flag.
func flagValues(words []string, flag string, list bool) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		w := words[i]
		if v, ok := strings.CutPrefix(w, flag+"="); ok {
			out = append(out, v)
			continue
		}
		if w != flag {
			continue
		}
		for i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") && !isOperator(words[i+1]) {
			i++
			out = append(out, words[i])
			if !list {
				break
			}
		}
	}
	return out
}

func isOperator(w string) bool {
	return len(w) == 1 && strings.Contains(";&|()<>", w)
}
