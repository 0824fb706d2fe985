package query

import "strings"

// folded maps a byte to what it is compared as: small letters of ASCII, and a hyphen for a blank.
var folded = func() (t [256]byte) {
	for i := range t {
		c := byte(i)
		switch {
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		case c == ' ':
			c = '-'
		}
		t[i] = c
	}
	return t
}()

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") }

// Free reports whether the term is about every field.
func (t *Term) Free() bool { return t.Field < 0 || t.at }

// Holds reports whether a text has what the term asks for, before "!" turns it round. For a term that is [Term.Free] it is
// asked of every field of the row, i being the place of the field that the text is of. It allocates nothing for ASCII.
func (t *Term) Holds(i int, text string) bool {
	if t.at {
		return i == t.Field && contains(text, t.Word[1:]) || contains(text, t.Word)
	}
	switch t.Op {
	case Has:
		return contains(text, t.Word)
	case Is:
		return is(text, t.Word)
	}
	v, ok := t.field.read(text)
	if !ok {
		return false
	}
	d := t.compare(v)
	switch t.Op {
	case MoreEqual:
		return d >= 0
	case LessEqual:
		return d <= 0
	case More:
		return d > 0
	}
	return d < 0
}

// Holds reports whether a row has what every term asks for. text gives what stands in each of the fields that the filter was
// parsed with, and n is how many they are.
func (q Query) Holds(n int, text func(field int) string) bool {
	for i := range q.Terms {
		t := &q.Terms[i]
		hit := false
		for f := range n {
			if !hit && (t.Free() || t.Field == f) {
				hit = t.Holds(f, text(f))
			}
		}
		if hit == t.Not {
			return false
		}
	}
	return true
}

// contains reports whether a folded word stands in a text.
func contains(text, word string) bool {
	if len(word) == 0 {
		return true
	}
	text = lower(text)
	first := word[0]
	for i := 0; i+len(word) <= len(text); i++ {
		if folded[text[i]] == first && begins(text[i:], word) {
			return true
		}
	}
	return false
}

// lower is the text in small letters, except that those of ASCII are left to [folded].
func lower(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return strings.ToLower(text)
		}
	}
	return text
}

// begins reports whether a text that is not shorter begins with a folded word.
func begins(text, word string) bool {
	for j := range len(word) {
		if folded[text[j]] != word[j] {
			return false
		}
	}
	return true
}

// is reports whether a text is a folded word, or has it as whole words: alice is one of alice@example.com, auto is none of
// auto-edit.
func is(text, word string) bool {
	if len(word) == 0 {
		return text == ""
	}
	text = lower(text)
	for i := 0; i+len(word) <= len(text); i++ {
		end := i + len(word)
		if begins(text[i:], word) && (i == 0 || !part(text[i-1])) && (end == len(text) || !part(text[end])) {
			return true
		}
	}
	return false
}

// part reports whether a byte is part of a word and no end of one.
func part(c byte) bool {
	return c >= 0x80 || c == '-' || c == '_' || c == '.' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// Refines reports whether every row that q shows is one that old shows too, so that only those need to be looked at.
func (q Query) Refines(old Query) bool {
	for i := range old.Terms {
		implied := false
		for j := range q.Terms {
			implied = implied || q.Terms[j].implies(&old.Terms[i])
		}
		if !implied {
			return false
		}
	}
	return true
}

func (t *Term) implies(old *Term) bool {
	if t.Not != old.Not || t.Field != old.Field || t.Op != old.Op || t.at != old.at || t.now != old.now {
		return false
	}
	if t.Word == old.Word {
		return true
	}
	return t.Op == Has && !t.Not && !t.at && strings.Contains(t.Word, old.Word)
}
