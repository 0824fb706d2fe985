package credential

import (
	"errors"
	"fmt"
	"strings"

	"nhitop/inventory"
)

// ErrPasted is the reason why a pasted text is not taken for one credential.
var ErrPasted = errors.New("the text that was given")

// maxPasted is the longest text that is looked at as one pasted credential: a service account's key file fits.
const maxPasted = 64 << 10

// plainBlanks undoes what a page, a chat or a document makes of blanks: other ones, and marks of no width.
var plainBlanks = strings.NewReplacer("\u00a0", " ", "\u2007", " ", "\u2009", " ", "\u202f", " ", "\u3000", " ", "\u0085", " ", "\v", " ", "\f", " ",
	"\u200b", "", "\u2060", "", "\ufeff", "")

// Pasted tells what a person pasted: a credential alone, or a line that holds one (NAME=value, a header, a URL). An AWS
// access key may come with its id, in the forms in which they are handed out: two lines, two variables, JSON. A text of no
// known form is taken as a credential as it is, of kind "unknown". Empty text, a reference to a variable, a credential that
// was cut off, and text with several credentials are errors; none quotes the text. Offsets are those in the text without blanks around it.
func Pasted(text inventory.Value) (Match, error) {
	t := strings.TrimSpace(plainBlanks.Replace(text.Reveal()))
	switch {
	case t == "":
		return Match{}, fmt.Errorf("%w is empty", ErrPasted)
	case len(t) > maxPasted:
		return Match{}, fmt.Errorf("%w is larger than %d KiB", ErrPasted, maxPasted>>10)
	}
	if m, ok := pastedAWS(t); ok {
		return m, nil
	}
	found := Find(t, Context{Position: PositionConfig})
	if len(found) == 0 {
		found = Find(t, Context{Position: PositionFile})
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if Placeholder(t) {
			return Match{}, fmt.Errorf("%w is no credential: it stands for one", ErrPasted)
		}
		if strings.ContainsAny(t, " \t\r\n") {
			return Match{}, fmt.Errorf("%w holds no credential of a known form; give the credential alone", ErrPasted)
		}
		if kind, short := cutOff(t); short > 0 {
			return Match{}, fmt.Errorf("%w begins like a %s, and is %d characters too short; copy all of it", ErrPasted, kind, short)
		}
		return Match{Kind: "unknown", Value: inventory.NewValue(t), Form: "whole", End: len(t)}, nil
	}
	kinds := make([]string, 0, len(found))
	for _, m := range found {
		kinds = append(kinds, m.Kind)
	}
	return Match{}, fmt.Errorf("%w holds %d credentials (%s); give one at a time", ErrPasted, len(found), strings.Join(kinds, ", "))
}
