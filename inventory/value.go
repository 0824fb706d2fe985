package inventory

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const redacted = "[redacted]"

// Value carries a secret from the function that read it to the [Sink], a revocation step or a request header, and
// nowhere else. Every way of printing, logging or encoding it gives "[redacted]"; [Value.Reveal] is the only way to the
// text, so that a search for that word lists every place that handles a secret.
//
// What it carries stands behind a pointer to a pointer: fmt prints the unexported fields of a struct that holds a Value
// without asking the Value, and for a verb that does not fit it even follows a pointer, but one only.
type Value struct{ p **carried }

type carried struct {
	text   string
	holder int
	within string
}

func wrap(c carried) Value {
	p := &c
	return Value{&p}
}

// get returns what is carried, or an empty one.
func (v Value) get() carried {
	if v.p == nil {
		return carried{}
	}
	return **v.p
}

// NewValue wraps a secret that stands alone.
func NewValue(secret string) Value { return wrap(carried{text: secret, holder: len(secret)}) }

// NewValueWithin wraps a secret that is a part of a larger text of holder bytes (the password in a connection URL, the
// token in a base64 pair). What surrounds it (user and host, say) is within: two equal passwords of different accounts
// are two secrets.
func NewValueWithin(secret, within string, holder int) Value {
	return wrap(carried{text: secret, holder: holder, within: within})
}

// Reveal returns the secret itself. The caller must not let it outlive the call it is needed for.
func (v Value) Reveal() string { return v.get().text }

// Mask returns a text with the secret taken out of it.
func (v Value) Mask(text string) string {
	if v.IsZero() {
		return text
	}
	return strings.ReplaceAll(text, v.get().text, redacted)
}

// IsZero reports whether there is no value at all.
func (v Value) IsZero() bool { return v.get().text == "" }

// Len is the secret's length in bytes.
func (v Value) Len() int { return len(v.get().text) }

const (
	hintLen        = 4
	minHintLen     = 20 // a shorter secret would lose too much of itself
	minEmbeddedLen = 12
)

// Hint returns the last four characters of a secret of 20 or more, else "". A secret inside a longer text (a URL) counts
// with the length of that text, but shows nothing of itself under 12 characters.
func (v Value) Hint() string {
	c := v.get()
	if c.holder < minHintLen || len(c.text) < minEmbeddedLen {
		return ""
	}
	tail := c.text[len(c.text)-hintLen:]
	for i := range len(tail) {
		if tail[i] <= ' ' || tail[i] > '~' {
			return ""
		}
	}
	return tail
}

// Shows reports whether a value may be the one that a provider shows cut: sk-abc...wxyz, with dots or stars where the rest
// is. At least 8 characters must be shown, four of them at the end.
func (v Value) Shows(cut string) bool {
	i, j := strings.IndexAny(cut, ".*…"), strings.LastIndexAny(cut, ".*…")
	if i < 0 {
		return false
	}
	head, tail := cut[:i], strings.TrimLeft(cut[j:], ".*…")
	text := v.get().text
	const least, leastTail = 8, 4
	return len(head)+len(tail) >= least && len(tail) >= leastTail && len(text) > len(head)+len(tail) && strings.HasPrefix(text, head) && strings.HasSuffix(text, tail)
}

func (v Value) String() string   { return redacted }
func (v Value) GoString() string { return redacted }

// Format implements [fmt.Formatter] so that no verb, not even %x, reaches the text.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText implements encoding.TextMarshaler, and through it JSON.
func (v Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (v Value) LogValue() slog.Value { return slog.StringValue(redacted) }
