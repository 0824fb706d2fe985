package doc

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// At returns the value at a JSON pointer, or nil. Of members with the same name it is the last, as programs take it.
func (d *Doc) At(pointer string) *Node {
	if d == nil || d.Root == nil {
		return nil
	}
	n := d.Root
	for _, t := range tokens(pointer) {
		if n = n.child(t); n == nil {
			return nil
		}
	}
	return n
}

// Match returns the values that a pattern names, in file order. A pattern is a JSON pointer in which "*" stands for any
// one key or index, and a longer token that ends in "*" for any key that begins so, besides itself.
func (d *Doc) Match(pattern string) []*Node {
	if d == nil || d.Root == nil {
		return nil
	}
	at := []*Node{d.Root}
	for _, t := range tokens(pattern) {
		var next []*Node
		for _, n := range at {
			next = append(next, n.matching(t)...)
		}
		at = next
	}
	return at
}

func (n *Node) matching(token string) []*Node {
	if token == "*" {
		return n.Children
	}
	if n.Kind != Object {
		if c := n.child(token); c != nil {
			return []*Node{c}
		}
		return nil
	}
	var all []*Node
	prefix, open := strings.CutSuffix(token, "*")
	for _, c := range n.Children {
		if c.Key == token || open && strings.HasPrefix(c.Key, prefix) {
			all = append(all, c)
		}
	}
	if all == nil {
		if c := n.Get(token); c != nil {
			all = []*Node{c}
		}
	}
	return all
}

// tokens splits a pointer and unescapes its tokens. The empty pointer has none; a missing first slash is forgiven.
func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	ts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range ts {
		ts[i] = Unescape(t)
	}
	return ts
}

func (n *Node) child(token string) *Node {
	if n.Kind == Array {
		if i, err := strconv.Atoi(token); err == nil && (token == "0" || token[0] >= '1' && token[0] <= '9') {
			return n.Index(i)
		}
	}
	return n.Get(token)
}

// Get returns the member of that name, the last if there are several, or nil. In YAML a name that stands in no member of
// its own is looked for in what "<<" merges in.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := len(n.Children) - 1; i >= 0; i-- {
		if c := n.Children[i]; c.Key == key && c.keyStart >= 0 {
			return c
		}
	}
	for i := len(n.Children) - 1; i >= 0; i-- {
		c := n.Children[i]
		if !c.merge {
			continue
		}
		if f := c.Get(key); f != nil && c.Kind == Object {
			return f
		}
		for _, e := range c.Children {
			if f := e.Get(key); c.Kind == Array && f != nil {
				return f
			}
		}
	}
	return nil
}

// Index returns the element at index i of an array, or nil.
func (n *Node) Index(i int) *Node {
	if n == nil || n.Kind != Array || i < 0 || i >= len(n.Children) || n.Children[i].keyStart >= 0 {
		return nil
	}
	return n.Children[i]
}

// Strings returns the texts of an array's strings, or of a string that stands alone.
func (n *Node) Strings() []string {
	if n == nil {
		return nil
	}
	if n.Kind == String {
		return []string{n.Text}
	}
	var ss []string
	if n.Kind == Array {
		for _, c := range n.Children {
			if c.Kind == String {
				ss = append(ss, c.Text)
			}
		}
	}
	return ss
}

// Bool returns a truth value. ok is false for everything else, also for the string "true".
func (n *Node) Bool() (value, ok bool) {
	if n == nil || n.Kind != Bool {
		return false, false
	}
	return n.Text == "true", true
}

// Walk calls f for the node and all below it, in file order, parents first. Where f returns false it does not go deeper.
func (n *Node) Walk(f func(*Node) bool) {
	if n == nil || !f(n) {
		return
	}
	for _, c := range n.Children {
		c.Walk(f)
	}
}

// Compact returns the value as JSON on one line. It may hold secrets: the caller takes them out.
func (n *Node) Compact() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	n.compact(&b)
	return b.String()
}

func (n *Node) compact(b *strings.Builder) {
	switch n.Kind {
	case Null:
		b.WriteString("null")
	case Bool:
		b.WriteString(n.Text)
	case Number:
		if jsonNumber(n.Text) {
			b.WriteString(n.Text)
		} else {
			b.WriteString(quoteJSON(n.Text))
		}
	case String:
		b.WriteString(quoteJSON(n.Text))
	case Array, Object:
		ends := "[]"
		if n.Kind == Object {
			ends = "{}"
		}
		b.WriteByte(ends[0])
		for i, c := range n.Children {
			if i > 0 {
				b.WriteByte(',')
			}
			if n.Kind == Object {
				b.WriteString(quoteJSON(c.Key))
				b.WriteByte(':')
			}
			c.compact(b)
		}
		b.WriteByte(ends[1])
	}
}

// jsonNumber reports whether s is a number by the grammar of JSON.
func jsonNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		i := 0
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		s = s[i:]
		return i > 0
	}
	zero := strings.HasPrefix(s, "0") && len(s) > 1 && s[1] >= '0' && s[1] <= '9'
	if zero || !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

// quoteJSON writes a JSON string that YAML and TOML read as the same text. Bytes that are not UTF-8 become U+FFFD.
func quoteJSON(s string) string {
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return string(append(b, '"'))
}
