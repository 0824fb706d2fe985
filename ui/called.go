package ui

import (
	"strings"
	"unicode"

	"nhitop/inventory"
)

// shortestWord is how long a text of letters alone is that may be a credential: some issuers' keys are.
const shortestWord = 20

// called finds the people and assistants that a word is a part of the name of: a login, a given name.
func called(s *snap, word string) (ids []inventory.ID) {
	if !onlyLetters(word) || len(word) < 3 {
		return nil
	}
	has := func(name string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(word)) }
	r := s.Records()
	for i := range r.Owners {
		if o := &r.Owners[i]; has(o.Name) || has(o.Email) {
			ids = append(ids, o.ID)
		}
	}
	for i := range r.Assistants {
		if a := &r.Assistants[i]; has(a.Name) || has(a.Account) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// onlyLetters reports whether a text is a plain word, as no credential is that an issuer makes.
func onlyLetters(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}
