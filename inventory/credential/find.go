package credential

import (
	"slices"
	"strings"

	"nhitop/inventory"
)

// Context is where a text stands.
type Context struct {
	Key      string // the member, variable, header or flag whose value it is
	Position string // env, header, argument, url, config, file
	Declared bool   // the catalogue says that a secret stands here

	DeclaredKind   string // used where the value's own shape does not say
	DeclaredIssuer string

	inPair bool // the text is the value of a pair: its names were looked at with the text around it
}

// Positions of a text.
const (
	PositionEnv      = "env"
	PositionHeader   = "header"
	PositionArgument = "argument"
	PositionURL      = "url"
	PositionConfig   = "config"
	PositionFile     = "file" // a whole file or a long text: only forms that identify themselves count
)

const (
	maxText    = 4 << 20 // bytes looked at
	maxMatches = 500
	maxDepth   = 4
	maxPairs   = 64 << 10 // bytes of a text that is searched for name=value
)

// Find returns every secret in text, in order, none overlapping another. It never reports a placeholder or a reference,
// and reports a value of no known form only where ctx or a name beside it says that a secret stands there. It is pure,
// and safe for concurrent use. Text over 4 MiB is looked at up to there.
func Find(text string, ctx Context) []Match {
	return find(text, ctx, 0)
}

type finder struct {
	text       string
	from, to   int // text without white space around it
	ctx        Context
	depth      int
	found      []Match
	references bool
	authTo     int // end of a text that begins with an authorization scheme, else 0
}

func find(text string, ctx Context, depth int) []Match {
	if len(text) > maxText {
		text = text[:maxText]
	}
	f := &finder{text: text, ctx: ctx, depth: depth, to: len(text)}
	for f.from < f.to && space(text[f.from]) {
		f.from++
	}
	for f.to > f.from && space(text[f.to-1]) {
		f.to--
	}
	if f.from == f.to || depth > maxDepth {
		return nil
	}
	if _, _, ok := cutScheme(text[f.from:min(f.to, f.from+maxReference)]); ok {
		f.authTo = f.to
	}
	f.copilot()
	f.json()
	f.pems()
	f.urls()
	f.shapes()
	f.headers()
	f.connectionString()
	f.defaults()
	f.pairs()
	if len(f.found) == 0 {
		f.whole()
	}
	slices.SortFunc(f.found, func(a, b Match) int { return a.Start - b.Start })
	return f.found
}

// add keeps a match unless it overlaps one that a surer way of looking found before.
func (f *finder) add(m Match) {
	if len(f.found) >= maxMatches || m.End <= m.Start || m.Value.IsZero() {
		return
	}
	for i := range f.found {
		if m.Start < f.found[i].End && f.found[i].Start < m.End {
			return
		}
	}
	if m.Form == "" {
		m.Form = f.form(m)
	}
	if m.Issuer == "" {
		m.Issuer = f.ctx.DeclaredIssuer
	}
	f.found = append(f.found, m)
}

func (f *finder) form(m Match) string {
	switch {
	case m.Start == f.from && m.End == f.to:
		return "whole"
	case f.ctx.Position == PositionHeader || f.ctx.Position == PositionArgument:
		return f.ctx.Position
	}
	return "text"
}

// sub looks at text[from:to] as the value of key, and takes over what is found there. decoded is that part with its
// escapes undone, or the part itself.
func (f *finder) sub(from, to int, decoded string, ctx Context, form string) int {
	escaped := decoded != f.text[from:to]
	ms := find(decoded, ctx, f.depth+1)
	for _, m := range ms {
		if escaped {
			m.Start, m.End = from, to
		} else {
			m.Start, m.End = m.Start+from, m.End+from
		}
		if m.Form == "whole" {
			m.Form = form
			if form == "" {
				m.Form = f.form(m)
			}
		}
		f.add(m)
	}
	return len(ms)
}

// settle lets a declared kind or the key's name decide about a form that several issuers share.
func settle(m *Match, weak bool, ctx Context) {
	if !weak && m.Kind != kindJWT {
		return
	}
	kind, issuer := named(ctx.Key)
	switch {
	case ctx.DeclaredKind != "":
		m.Kind = ctx.DeclaredKind
		if ctx.DeclaredIssuer != "" {
			m.Issuer = ctx.DeclaredIssuer
		}
	case m.Kind == kindGeneric && ctx.Key != "":
		m.Kind, m.Issuer = kind, issuer
		if m.Issuer == "" {
			m.Issuer = ctx.DeclaredIssuer
		}
	case m.Kind == kindJWT && m.Issuer == "":
		m.Issuer = issuer
	}
}

// classify recognises a value that is a token of a known form as a whole.
func classify(value string, ctx Context) (Match, bool) {
	if len(value) < 8 {
		return Match{}, false
	}
	if byFirst[value[0]] != nil {
		if h, ok := shapeAt(value, 0); ok && h.from == 0 && h.to == len(value) && h.secretFrom == 0 {
			m := h.match(value)
			if m.Checksum != sumOK && Placeholder(value) {
				return Match{}, false
			}
			settle(&m, h.s.weak, ctx)
			return m, true
		}
	}
	if strings.HasPrefix(value, "ey") {
		if m, end, ok := jwtAt(value, 0); ok && end == len(value) {
			settle(&m, false, ctx)
			return m, true
		}
	}
	return Match{}, false
}

func (f *finder) shapes() {
	text := f.text
	named := f.ctx.Declared || nameStrength(f.ctx.Key) != nameNot
	for i := 0; i < len(text); i++ {
		c := text[i]
		if byFirst[c] == nil && c != 'e' || !startsToken(text, i) {
			continue
		}
		if c == 'e' && strings.HasPrefix(text[i:], "eyJ") {
			if m, end, ok := jwtAt(text, i); ok {
				settle(&m, false, f.ctx)
				f.add(m)
				i = end - 1
				continue
			}
		}
		h, ok := shapeAt(text, i)
		if !ok {
			continue
		}
		i = h.to - 1
		whole := h.from == f.from && h.to == f.to
		if h.s.named && !(named && whole) || h.s.weak && !whole && f.ctx.Position == PositionFile {
			continue
		}
		m := h.match(text)
		if m.Checksum != sumOK && Placeholder(text[h.secretFrom:h.secretTo]) {
			continue
		}
		settle(&m, h.s.weak, f.ctx)
		if h.to == f.authTo {
			m.Form = "header"
		}
		f.add(m)
	}
}

func (f *finder) pems() {
	for i := 0; ; {
		j := strings.Index(f.text[i:], pemBegin)
		if j < 0 {
			return
		}
		i += j
		if m, ok := pemAt(f.text, i); ok {
			if f.ctx.DeclaredKind != "" {
				m.Kind = f.ctx.DeclaredKind
			}
			f.add(m)
			i = m.End
			continue
		}
		i += len(pemBegin)
	}
}

func (f *finder) defaults() {
	defaults(f.text, func(name, value string, start int) {
		f.references = true
		ctx := f.ctx
		if ctx.Key == "" || SecretName(name) {
			ctx.Key = name
		}
		f.sub(start, start+len(value), value, ctx, "text")
	})
}

// whole judges a text of no known form by its context alone.
func (f *finder) whole() {
	value := f.text[f.from:f.to]
	strength := nameStrength(f.ctx.Key)
	if !f.ctx.Declared && (strength == nameNot || f.ctx.Position == PositionFile) || f.references || sameName(value, f.ctx.Key) {
		return
	}
	kind, issuer := named(f.ctx.Key)
	// An npm registry's token may be base64 of two words: it is sent as it stands, and is no pair.
	asItIs := f.ctx.DeclaredKind == kindNPM || f.ctx.DeclaredKind == "" && (kind == kindNPM || sealed(value, f.ctx.Key))
	if !asItIs && f.basic(f.from, f.to) {
		return
	}
	if strings.EqualFold(f.ctx.Key, "authorization") || strings.EqualFold(f.ctx.Key, "proxy-authorization") {
		kind = kindBearer
	}
	if f.ctx.DeclaredKind != "" {
		kind = f.ctx.DeclaredKind
	}
	if f.ctx.DeclaredIssuer != "" {
		issuer = f.ctx.DeclaredIssuer
	}
	if f.ctx.Declared && !declaredSecret(value) || !f.ctx.Declared && !opaqueSecret(value, strength, kind == kindPassword) {
		return
	}
	m := Match{Kind: kind, Issuer: issuer, Value: inventory.NewValue(value), Start: f.from, End: f.to}
	if life, ok := namedLife[kind]; ok {
		m.LongLived = life
	}
	f.add(m)
}

// sealed reports a token as verdaccio makes them, by the name of one: base64 of an initialisation vector and what it
// encrypts, in hex.
func sealed(value, key string) bool {
	const vector = 32
	if !strings.HasSuffix(strings.ToLower(key), "token") {
		return false
	}
	iv, text, ok := BasicPair(value)
	return ok && len(iv) >= vector && len(text) >= vector && hexOnly.MatchString(iv) && hexOnly.MatchString(text)
}

// namedLife tells how long kinds live that only a name or the catalogue tells.
var namedLife = map[string]inventory.Answer{
	"aws-secret-key": lasts, "aws-temporary-key": brief, "aws-session-token": brief, "aws-sso-access-token": brief,
	kindPassword: lasts, "azure-refresh-token": lasts, kindNPM: lasts, kindBasic: lasts,
}

// declaredSecret reports whether a value is one where the catalogue says that a secret stands.
func declaredSecret(value string) bool {
	if Placeholder(value) || boolLike[strings.ToLower(value)] || strings.Contains(value, "://") {
		return false
	}
	if filePath.MatchString(value) && !looksRandom(value, 32) {
		return false
	}
	return !isReference(value)
}

// sameName reports a value that only repeats its key: OPENAI_API_KEY=OPENAI_API_KEY.
func sameName(value, key string) bool {
	return key != "" && len(value) <= 2*len(key) && strings.Join(words(value), "") == strings.Join(words(key), "")
}
