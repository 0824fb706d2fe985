package mode

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

const maxValue = 400 // characters of a shown value

// nameOf is the setting as the product spells it: the row's name, or its pointer with dots. A "*" in the row's name takes
// what stands in that place of the pointer. List indices are left out: one name for all rules of a list.
func nameOf(row *catalogue.Setting, pointer string) string {
	var stars, parts []string
	pattern := strings.Split(strings.TrimPrefix(row.Pointer, "/"), "/")
	for i, t := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		t = doc.Unescape(t)
		if i < len(pattern) && pattern[i] == "*" {
			stars = append(stars, t)
			if strings.Trim(t, "0123456789") == "" {
				continue
			}
		}
		parts = append(parts, t)
	}
	if row.Name == "" {
		return strings.Join(parts, ".")
	}
	name := row.Name
	for _, t := range stars {
		if !strings.Contains(name, "*") {
			break
		}
		name = strings.Replace(name, "*", strings.ReplaceAll(t, "*", "\x00"), 1)
	}
	return strings.ReplaceAll(name, "\x00", "*")
}

// pointerOf is the node's pointer, or its parent's where a key itself looks like a secret.
func pointerOf(n *doc.Node) string {
	p := n.Pointer
	if plainKey(p) {
		return p
	}
	for p != "" && redact(p) != p {
		p = p[:max(0, strings.LastIndexByte(p, '/'))]
	}
	return p
}

// scalarOr is a scalar as the program sees it, or a composite as JSON.
func scalarOr(n *doc.Node) string {
	if n.Kind == doc.Object || n.Kind == doc.Array {
		return n.Compact()
	}
	return n.Text
}

// clean takes secrets out of a text and cuts it.
func clean(s string) string {
	if len(s) <= maxWord && plainKey(s) {
		return s
	}
	return cut(redact(s))
}

func cleanName(name string) string {
	if plainKey(name) {
		return cut(name)
	}
	return clean(name)
}

func cut(s string) string {
	if utf8.RuneCountInString(s) <= maxValue {
		return s
	}
	i := 0
	for at := range s {
		if i == maxValue-1 {
			return s[:at] + "…"
		}
		i++
	}
	return s
}

// show is a value as it may be shown: a scalar, or compact JSON, without secrets.
func show(n *doc.Node) string {
	if n.Kind != doc.Object && n.Kind != doc.Array {
		return clean(n.Text)
	}
	var b strings.Builder
	compact(&b, n, false)
	return clean(b.String())
}

// compact writes JSON, with what stands under a key that names a secret taken out: the shape of a value alone does not
// always tell.
func compact(b *strings.Builder, n *doc.Node, secret bool) {
	if b.Len() > 4*maxValue {
		return
	}
	switch n.Kind {
	case doc.Object, doc.Array:
		ends := "[]"
		if n.Kind == doc.Object {
			ends = "{}"
		}
		b.WriteByte(ends[0])
		for i, c := range n.Children {
			if i > 0 {
				b.WriteByte(',')
			}
			if n.Kind == doc.Object {
				b.WriteString((&doc.Node{Kind: doc.String, Text: redact(c.Key)}).Compact())
				b.WriteByte(':')
			}
			compact(b, c, secret || n.Kind == doc.Object && secretKey(c.Key))
		}
		b.WriteByte(ends[1])
	case doc.String:
		text := redact(n.Text)
		if secret && text != "" {
			text = hidden
		}
		b.WriteString((&doc.Node{Kind: doc.String, Text: text}).Compact())
	default:
		b.WriteString(n.Compact())
	}
}

const hidden = "[redacted]"

// number is a number's text as the only element of a list, or nothing.
func number(n *doc.Node) []string {
	if n.Kind == doc.Number || n.Kind == doc.Bool {
		return []string{n.Text}
	}
	return nil
}

func magnitude(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return f
}

// dotted is a pointer as a setting's name.
func dotted(pointer string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
}
