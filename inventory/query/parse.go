package query

import (
	"fmt"
	"strings"
	"time"
)

// Kind says what the values of a field are, and so whether they can be compared.
type Kind uint8

// The kinds. Time is a date or an age: 2026-03-01, 41 d.
const (
	Text Kind = iota
	Number
	Rank
	Time
)

// Field is what a term can be about.
type Field struct {
	Key   string
	Kind  Kind
	Ranks []string // of a Rank in increasing order; other names of the same one follow it after "|"
	Ahead bool     // of a Time: it lies in the future, so that <30d means within thirty days
}

// Op is what a term asks of a field.
type Op string

// The operators.
const (
	Has       Op = ":"
	Is        Op = "="
	Less      Op = "<"
	More      Op = ">"
	LessEqual Op = "<="
	MoreEqual Op = ">="
)

// anywhere is the field of a free word.
const anywhere = -1

// sourceKey is the field that @name is about.
const sourceKey = "source"

// Term is one condition.
type Term struct {
	Not      bool
	Field    int // its place among the fields; below 0 the term holds when any field has the word
	Op       Op
	Word     string // folded
	From, To int    // bytes of the text

	at    bool // @name: the source, or the name as it stands in any field
	kind  Kind
	field Field
	value value
	now   time.Time
}

// Query is a parsed filter. Its zero value holds for every row. It is immutable.
type Query struct {
	Text  string
	Terms []Term
}

// Mistake is what is wrong with a term, and where. It is an error.
type Mistake struct {
	From, To int // bytes of the text
	What     string
}

func (m *Mistake) Error() string { return m.What }

// Parse reads a filter. A term with a mistake is left out and the first one comes back as a [*Mistake], so that the rest can
// be used while one types; a term that is not finished (owner=) is left out too. now is what ages count from.
func Parse(text string, fields []Field, now time.Time) (Query, error) {
	q := Query{Text: text}
	if len(text) > mostText {
		return q, &Mistake{mostText, len(text), fmt.Sprintf("a filter of more than %d characters cannot be meant", mostText)}
	}
	var first error
	for _, tok := range tokens(text) {
		t, use, err := parseTerm(tok, fields, now)
		if err != nil && first == nil {
			first = err
		}
		if err == nil && use {
			q.Terms = append(q.Terms, t)
		}
	}
	return q, first
}

// token is one term as it is typed.
type token struct {
	from, to int
	not      bool
	key      string // "" for a free word
	op       string
	value    string // without its quotes
	empty    bool   // an empty value that is meant: ""
	valueAt  int    // byte of the text where the value begins
}

// More cannot be meant.
const (
	mostTerms = 64
	mostText  = 2000
)

func tokens(text string) []token {
	var out []token
	for i := 0; i < len(text) && len(out) < mostTerms; {
		if blank(text[i]) {
			i++
			continue
		}
		end := i
		for quoted := false; end < len(text) && (quoted || !blank(text[end])); end++ {
			if text[end] == '"' {
				quoted = !quoted
			}
		}
		out = append(out, split(text, i, end))
		i = end
	}
	return out
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// split takes a token into its parts.
func split(text string, from, to int) token {
	t := token{from: from, to: to, valueAt: from}
	word := text[from:to]
	if strings.HasPrefix(word, "!") {
		t.not, word = true, word[1:]
		t.valueAt++
	}
	if key, op, value := cutKey(word); op != "" {
		if op == "!=" {
			t.not, op = !t.not, "="
			t.valueAt++
		}
		t.key, t.op, word = strings.ToLower(key), op, value
		t.valueAt += len(key) + len(op)
	}
	t.value, t.empty = strings.ReplaceAll(word, `"`, ""), word == `""`
	return t
}

// cutKey cuts key, operator and value apart. A path, an address or anything in quotes is a word, and no key.
func cutKey(word string) (key, op, value string) {
	i := strings.IndexAny(word, `:=<>!"`)
	if i <= 0 || word[i] == '"' {
		return "", "", ""
	}
	for _, c := range []byte(word[:i]) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' {
			return "", "", ""
		}
	}
	for _, op := range []string{"!=", ">=", "<=", ":", "=", ">", "<"} {
		if rest, ok := strings.CutPrefix(word[i:], op); ok {
			if op == ":" && strings.HasPrefix(rest, "//") {
				return "", "", ""
			}
			return word[:i], op, rest
		}
	}
	return "", "", ""
}

// parseTerm says what a token asks for; use is false for one that asks for nothing yet.
func parseTerm(tok token, fields []Field, now time.Time) (t Term, use bool, err error) {
	t = Term{Not: tok.not, Field: anywhere, Op: Has, Word: fold(tok.value), From: tok.from, To: tok.to, now: now}
	if tok.op == "" {
		if name, ok := strings.CutPrefix(t.Word, "@"); ok && name != "" {
			if i, exact := find(fields, sourceKey); exact {
				t.Field, t.at, t.field = i, true, fields[i]
			}
		}
		return t, t.Word != "", nil
	}
	i, _ := find(fields, tok.key)
	if i < 0 {
		return t, false, &Mistake{tok.from, tok.to, unknownKey(tok.key, fields)}
	}
	t.Field, t.Op, t.field, t.kind = i, Op(tok.op), fields[i], fields[i].Kind
	if t.Op == Has || t.Op == Is {
		return t, t.Word != "" || t.Op == Is && tok.empty, nil
	}
	if t.kind == Text {
		return t, false, &Mistake{tok.from, tok.to, fmt.Sprintf("%s has no order to compare by: write %s:part or %s=word", t.field.Key, t.field.Key, t.field.Key)}
	}
	if t.Word == "" {
		return t, false, nil
	}
	v, ok := t.field.read(tok.value)
	if !ok {
		return t, false, &Mistake{tok.from, tok.to, fmt.Sprintf("%s cannot be compared with %q: write %s", t.field.Key, tok.value, t.field.takes())}
	}
	t.value = v
	return t, true, nil
}

// find returns the field of a key, or of the only beginning that it can mean; exact reports that it is the key itself.
func find(fields []Field, key string) (i int, exact bool) {
	found := -1
	for i := range fields {
		if fields[i].Key == key {
			return i, true
		}
		if found < 0 && strings.HasPrefix(fields[i].Key, key) {
			found = i
		}
	}
	return found, false
}

func unknownKey(key string, fields []Field) string {
	var keys []string
	near, best := "", 1+len(key)/2
	for i := range fields {
		keys = append(keys, fields[i].Key)
		if d := distance(key, fields[i].Key); d < best {
			near, best = fields[i].Key, d
		}
	}
	if near != "" {
		return fmt.Sprintf("no key %q here; did you mean %s?", key, near)
	}
	return fmt.Sprintf("no key %q here; there are %s", key, strings.Join(keys, ", "))
}

// distance is the number of letters to change, put in or take out between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
