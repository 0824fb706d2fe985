package table

import (
	"fmt"
	"strconv"
	"strings"
)

// Filter is a parsed filter: terms that must all hold. A term is a free word (somewhere in the row), key:word (in that
// column), key=word (that column exactly) or key>=word, key<=word, key>word, key<word (by rank or number); "!" before a
// term turns it round. Case does not matter.
type Filter struct {
	Text  string
	terms []term
}

type term struct {
	not  bool
	col  int // -1: anywhere
	op   string
	word string
	rank float64
}

// ParseFilter reads a filter for the given columns. Its error is a sentence for the operator.
func ParseFilter(text string, cols []Column) (Filter, error) {
	f := Filter{Text: text}
	for _, word := range strings.Fields(strings.ToLower(text)) {
		t := term{col: -1, op: ":"}
		if strings.HasPrefix(word, "!") {
			t.not, word = true, word[1:]
		}
		if word == "" {
			continue
		}
		key, op, value := splitTerm(word)
		if op == "" {
			t.word = word
			f.terms = append(f.terms, t)
			continue
		}
		t.col = columnByKey(cols, key)
		if t.col < 0 {
			return f, fmt.Errorf("no column %q here; there are %s", key, strings.Join(columnKeys(cols), ", "))
		}
		t.op, t.word = op, value
		if op != ":" && op != "=" {
			r, ok := rankOf(cols[t.col], value)
			if !ok {
				return f, fmt.Errorf("%s cannot be compared with %q", key, value)
			}
			t.rank = r
		}
		if value == "" && op != "=" {
			continue // still being typed
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

func splitTerm(word string) (key, op, value string) {
	i := strings.IndexAny(word, ":=<>")
	if i <= 0 {
		return "", "", ""
	}
	op = word[i : i+1]
	if (op == "<" || op == ">") && strings.HasPrefix(word[i+1:], "=") {
		op = word[i : i+2]
	}
	key, value = word[:i], word[i+len(op):]
	for _, r := range key {
		if (r < 'a' || r > 'z') && r != '-' {
			return "", "", "" // a path or an address, not a key
		}
	}
	if op == ":" && strings.HasPrefix(value, "//") {
		return "", "", "" // https://...
	}
	return key, op, value
}

func columnByKey(cols []Column, key string) int {
	found := -1
	for i, c := range cols {
		if c.Key == key {
			return i
		}
		if strings.HasPrefix(c.Key, key) && found < 0 {
			found = i
		}
	}
	return found
}

func columnKeys(cols []Column) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.Key)
	}
	return out
}

func rankOf(c Column, text string) (float64, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(strings.ToLower(text)), " ", "-")
	for i, name := range c.Ranks {
		if name == text {
			return float64(i), true
		}
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	return n, err == nil
}

// word returns the filter's only term where that is a free word: the case of every key while one types.
func (f Filter) word() (string, bool) {
	if len(f.terms) == 1 && f.terms[0].col < 0 && !f.terms[0].not {
		return f.terms[0].word, true
	}
	return "", false
}

// match reports whether row i holds every term. hay is the row's text in lower case.
func (f Filter) match(d Data, cols []Column, i int, hay string) bool {
	for _, t := range f.terms {
		if t.holds(d, cols, i, hay) == t.not {
			return false
		}
	}
	return true
}

func (t term) holds(d Data, cols []Column, i int, hay string) bool {
	if t.col < 0 {
		return strings.Contains(hay, t.word)
	}
	cell := strings.ToLower(d.Cell(i, t.col).Text)
	switch t.op {
	case ":":
		return strings.Contains(strings.ReplaceAll(cell, " ", "-"), t.word) || strings.Contains(cell, t.word)
	case "=":
		return cell == t.word || strings.ReplaceAll(cell, " ", "-") == t.word
	}
	r, ok := rankOf(cols[t.col], cell)
	if !ok {
		return false
	}
	switch t.op {
	case ">=":
		return r >= t.rank
	case "<=":
		return r <= t.rank
	case ">":
		return r > t.rank
	}
	return r < t.rank
}
