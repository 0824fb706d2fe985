package gitrepo

import "strings"

// pattern is a compiled pattern of .gitignore or CODEOWNERS. It is matched path element by path element, in time linear
// in the pattern times the path: of several stars only the last needs to be tried again.
type pattern struct {
	segments []segment
	anchored bool // has a slash: matches from the base; else it matches the last element
	dirOnly  bool // ended in a slash
}

type segment struct {
	text string // as written, or unescaped where literal
	kind segmentKind
}

type segmentKind uint8

const (
	literal segmentKind = iota
	suffix              // * and a literal
	glob
	anyDirs // **
)

// compile reads a pattern without its leading "!".
func compile(s string) (pattern, bool) {
	var p pattern
	if rest, ok := strings.CutSuffix(s, "/"); ok {
		p.dirOnly, s = true, rest
	}
	p.anchored = strings.Contains(s, "/")
	s = strings.TrimPrefix(s, "/")
	if s == "" || len(s) > maxPattern {
		return pattern{}, false
	}
	for _, part := range splitPattern(s) {
		seg, ok := compileSegment(part)
		if !ok {
			return pattern{}, false
		}
		if seg.kind == anyDirs {
			if !p.anchored {
				seg = segment{"*", glob}
			} else if n := len(p.segments); n > 0 && p.segments[n-1].kind == anyDirs {
				continue
			}
		}
		p.segments = append(p.segments, seg)
	}
	return p, true
}

// splitPattern splits at slashes that are not in a character class. A class never matches a slash.
func splitPattern(s string) []string {
	var out []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) && s[i] == '/' {
				out = append(out, s[start:i-1])
				start = i + 1
			}
		case '[':
			if end := classEnd(s[i:]); end > 0 {
				i += end - 1
			}
		case '/':
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func compileSegment(s string) (segment, bool) {
	if len(s) > 1 && strings.Trim(s, "*") == "" { // Git takes *** for **
		return segment{s, anyDirs}, true
	}
	if strings.HasSuffix(s, `\`) && !strings.HasSuffix(s, `\\`) {
		return segment{}, false // a backslash that protects nothing matches nothing
	}
	if lit, ok := literalText(s); ok {
		return segment{lit, literal}, true
	}
	if rest, ok := strings.CutPrefix(s, "*"); ok {
		if lit, ok := literalText(rest); ok {
			return segment{lit, suffix}, true
		}
	}
	return segment{s, glob}, true
}

// literalText unescapes s if it has no wildcard.
func literalText(s string) (string, bool) {
	if !strings.ContainsAny(s, `*?[\`) {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '*', '?', '[':
			return "", false
		case '\\':
			if i++; i == len(s) {
				return "", false
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), true
}

// shallow tells a pattern that ends in /*.
func (p *pattern) shallow() bool {
	last := p.segments[len(p.segments)-1]
	return p.anchored && !p.dirOnly && last.kind == suffix && last.text == ""
}

// match matches a path relative to the pattern's base, without slashes around it.
func (p *pattern) match(rel string) bool {
	if !p.anchored {
		return p.segments[0].match(rel[strings.LastIndexByte(rel, '/')+1:])
	}
	segs := p.segments
	// star is the segment after the last **, and from where in rel it is tried next.
	si, star, from, rest, more := 0, -1, "", rel, true
	for {
		if si == len(segs) {
			if !more {
				return true
			}
		} else if segs[si].kind == anyDirs {
			if si == len(segs)-1 {
				return more // what is inside, not the folder itself
			}
			si++
			star, from = si, rest
			continue
		} else if more {
			name, tail, has := strings.Cut(rest, "/")
			if segs[si].match(name) {
				si++
				rest, more = tail, has
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, tail, has := strings.Cut(from, "/")
		if !has {
			return false
		}
		si, from, rest, more = star, tail, tail, true
	}
}

func (s *segment) match(name string) bool {
	switch s.kind {
	case literal:
		return s.text == name
	case suffix:
		return strings.HasSuffix(name, s.text)
	}
	return wild(s.text, name)
}

// wild matches one path element against *, ?, character classes and backslash escapes, as Git's wildmatch does.
func wild(p, s string) bool {
	pi, si, star, from := 0, 0, -1, 0
	for si < len(s) || pi < len(p) {
		if pi < len(p) {
			if p[pi] == '*' {
				pi++
				star, from = pi, si
				continue
			}
			if si < len(s) {
				if n := one(p[pi:], s[si]); n > 0 {
					pi += n
					si++
					continue
				} else if n < 0 {
					return false // a class without an end matches nothing
				}
			}
		}
		if star < 0 || from >= len(s) {
			return false
		}
		from++
		pi, si = star, from
	}
	return true
}

// one matches the first item of p, which is not a star, and returns its length; 0 if it does not match.
func one(p string, c byte) int {
	switch p[0] {
	case '?':
		return 1
	case '[':
		end := classEnd(p)
		if end == 0 {
			return -1
		}
		if inClass(p[1:end-1], c) {
			return end
		}
		return 0
	case '\\':
		if len(p) > 1 && p[1] == c {
			return 2
		}
		return 0
	}
	if p[0] == c {
		return 1
	}
	return 0
}
