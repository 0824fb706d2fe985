package query

import (
	"cmp"
	"slices"
	"strings"
)

// Value is a value that occurs in a field, and how often.
type Value struct {
	Text  string
	Count int
}

// Suggestion is one way to go on: Text replaces the bytes From to To of the filter.
type Suggestion struct {
	From, To int
	Text     string
	Count    int // of the rows that have the value, 0 for a key
}

// Apply returns the filter with the suggestion taken, and where the cursor is then.
func (s Suggestion) Apply(text string) (string, int) {
	return text[:s.From] + s.Text + text[s.To:], s.From + len(s.Text)
}

// Complete says how the term that ends at a byte of the text may go on: with the keys, and behind a key with the values
// that occur there, the most frequent first (ranks the highest first). values is asked for those of one field at most once.
func Complete(text string, at int, fields []Field, values func(field int) []Value) []Suggestion {
	if len(text) > mostText {
		return nil
	}
	at = max(0, min(at, len(text)))
	tok := token{from: at, to: at, valueAt: at}
	for _, t := range tokens(text[:at]) {
		if t.to == at {
			tok = t
		}
	}
	if tok.op == "" {
		return keys(tok, at, fields)
	}
	i, _ := find(fields, tok.key)
	if i < 0 {
		head := token{from: tok.from, to: at, valueAt: tok.valueAt - len(tok.op) - len(tok.key), value: tok.key}
		return keys(head, head.valueAt+len(tok.key), fields)
	}
	var out []Suggestion
	word := fold(tok.value)
	for _, v := range ordered(&fields[i], values(i)) {
		if v.Text != "" && fold(v.Text) != word && matches(v.Text, word) {
			out = append(out, Suggestion{From: tok.valueAt, To: at, Text: quoted(v.Text), Count: v.Count})
		}
	}
	return out
}

// matches reports whether a typed word begins a value, or one of its words.
func matches(text, word string) bool {
	text = lower(text)
	for i := 0; i+len(word) <= len(text); i++ {
		if (i == 0 || !part(text[i-1])) && begins(text[i:], word) {
			return true
		}
	}
	return false
}

func ordered(f *Field, vs []Value) []Value {
	slices.SortFunc(vs, func(a, b Value) int {
		if f.Kind == Rank {
			x, xok := f.Order(a.Text)
			y, yok := f.Order(b.Text)
			switch {
			case xok != yok && xok:
				return -1
			case xok != yok:
				return 1
			case x != y:
				return cmp.Compare(y, x)
			}
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
	})
	return vs
}

// keys are the keys that begin as the word does, each with the operator that is used most with it.
func keys(tok token, to int, fields []Field) []Suggestion {
	var out []Suggestion
	word := strings.ToLower(tok.value)
	if strings.HasPrefix(word, "@") {
		return nil
	}
	for i := range fields {
		if strings.HasPrefix(fields[i].Key, word) {
			op := "="
			switch fields[i].Kind {
			case Rank:
				op = ">="
			case Number, Time:
				op = ">"
			}
			out = append(out, Suggestion{From: tok.valueAt, To: to, Text: fields[i].Key + op})
		}
	}
	return out
}

// quoted writes a value so that it is one term: a hyphen stands for a blank, unless it has hyphens of its own.
func quoted(text string) string {
	if !strings.ContainsAny(text, " \t\"") {
		return text
	}
	if !strings.ContainsAny(text, "-\"") {
		return strings.ReplaceAll(text, " ", "-")
	}
	return `"` + strings.ReplaceAll(text, `"`, "") + `"`
}
