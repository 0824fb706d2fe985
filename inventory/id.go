package inventory

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// ID names one record, the same from run to run and from machine to machine as long as what it stands for is the same.
// Its form is a short prefix for the noun, a hyphen and 16 lower-case base32 characters (80 bits of a SHA-256).
type ID string

// Noun is the kind of record an [ID] names.
type Noun string

// The nouns, spelled as the prefix of their ids.
const (
	NounAssistant   Noun = "ast"
	NounOwner       Noun = "own"
	NounSecret      Noun = "sec"
	NounEntitlement Noun = "ent"
	NounTool        Noun = "tool"
	NounResource    Noun = "res"
	NounFinding     Noun = "find"
	NounIssue       Noun = "iss"
	NounReference   Noun = "ref"
)

var idAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewID derives the id of a record from what makes it that record and no other. Parts are kept apart, so that
// ("ab", "c") and ("a", "bc") differ. A secret's value is never a part: use [Sink.Secret].
func NewID(n Noun, parts ...string) ID {
	var room [256]byte
	in := append(room[:0], n...)
	for _, p := range parts {
		in = append(append(in, 0), p...)
	}
	sum := sha256.Sum256(in)
	var name [32]byte
	return ID(idAlphabet.AppendEncode(append(append(name[:0], n...), '-'), sum[:10]))
}

// Noun returns what kind of record the id names, or "" for a string that is no id.
func (id ID) Noun() Noun {
	n, _, ok := strings.Cut(string(id), "-")
	if !ok {
		return ""
	}
	return Noun(n)
}
