package credential

import (
	"regexp"
	"sort"
	"strings"
	"sync"

	"nhitop/inventory"
)

// shape is one row of the table of token forms. The prefix is a literal, compared first, so that the expression runs
// only where a token may start.
type shape struct {
	prefix string
	rest   string // RE2 of what follows the prefix; a capture group narrows the secret to a part
	kind   string
	issuer string
	life   inventory.Answer             // Yes: lives until somebody ends it; No: hours; "" not told by the class
	broad  bool                         // cannot be narrowed to less than its owner
	weak   bool                         // several issuers use the form: a declared kind or the key's name wins
	named  bool                         // so common a form that it counts only under a key that says secret
	sum    func(token string) string    // checksum: ok, bad, or "" where it cannot be told
	who    func(token string, m *Match) // what the token itself tells

	re func() *regexp.Regexp // compiled at the first use: most rows are never needed
}

// maxToken bounds how far an expression looks. The longest shape of the table is a stateless installation token.
const maxToken = 1024

var (
	table   = compile(forgeShapes, modelShapes, cloudShapes, serviceShapes)
	byFirst = index(table)
)

func compile(groups ...[]shape) []*shape {
	var all []*shape
	for _, g := range groups {
		for i := range g {
			s := &g[i]
			s.re = sync.OnceValue(func() *regexp.Regexp {
				return regexp.MustCompile(`^` + regexp.QuoteMeta(s.prefix) + `(?:` + s.rest + `)`)
			})
			all = append(all, s)
		}
	}
	// The longest prefix decides; among equals the earlier row, which is the stricter one.
	sort.SliceStable(all, func(i, j int) bool { return len(all[i].prefix) > len(all[j].prefix) })
	return all
}

func index(all []*shape) (first [256][]*shape) {
	for _, s := range all {
		first[s.prefix[0]] = append(first[s.prefix[0]], s)
	}
	return first
}

// hit is a shape found in a text: the whole token and the secret part of it.
type hit struct {
	s                    *shape
	from, to             int
	secretFrom, secretTo int
}

// shapeAt tries the rows whose prefix stands at i.
func shapeAt(text string, i int) (hit, bool) {
	for _, s := range byFirst[text[i]] {
		if !strings.HasPrefix(text[i:], s.prefix) {
			continue
		}
		end := min(len(text), i+maxToken)
		loc := s.re().FindStringSubmatchIndex(text[i:end])
		if loc == nil || !endsToken(text, i+loc[1], s) {
			continue
		}
		h := hit{s: s, from: i, to: i + loc[1], secretFrom: i, secretTo: i + loc[1]}
		if len(loc) >= 4 && loc[2] >= 0 {
			h.secretFrom, h.secretTo = i+loc[2], i+loc[3]
		}
		return h, true
	}
	return hit{}, false
}

// endsToken reports whether a token may end at i: what follows is no character of a token.
func endsToken(text string, i int, s *shape) bool {
	if i >= len(text) {
		return true
	}
	c := text[i]
	return !wordByte(c) && (c != '-' || !strings.Contains(s.rest, "-]"))
}

// startsToken reports whether a token may start at i: what precedes it is no letter or digit, or is the end of an
// escape: \n, \u003d, %3D.
func startsToken(text string, i int) bool {
	if i == 0 || !alnum(text[i-1]) {
		return true
	}
	switch {
	case i >= 2 && text[i-2] == '\\' && strings.IndexByte("nrt", text[i-1]) >= 0:
		return true
	case i >= 3 && text[i-3] == '%' && hexByte(text[i-1]) && hexByte(text[i-2]):
		return true
	case i >= 6 && text[i-6] == '\\' && text[i-5] == 'u':
		return hexByte(text[i-1]) && hexByte(text[i-2]) && hexByte(text[i-3]) && hexByte(text[i-4])
	}
	return false
}

// match turns a hit into a match with what the token itself tells.
func (h hit) match(text string) Match {
	token := text[h.from:h.to]
	m := Match{
		Kind: h.s.kind, Issuer: h.s.issuer, Value: inventory.NewValue(text[h.secretFrom:h.secretTo]),
		Start: h.secretFrom, End: h.secretTo, Broad: h.s.broad, LongLived: h.s.life, Sure: !h.s.weak,
	}
	if h.s.sum != nil {
		m.Checksum = h.s.sum(token)
	}
	if h.s.who != nil {
		h.s.who(token, &m)
	}
	return m
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
func wordByte(c byte) bool { return alnum(c) || c == '_' }
func hexByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}
func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
