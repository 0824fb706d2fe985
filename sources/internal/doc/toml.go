package doc

import (
	"bytes"
	"errors"

	"github.com/pelletier/go-toml/v2/unstable"
)

// readTOML reads TOML 1.1. After a fault it goes on at the next table header, because one bad line must not hide the
// tables below it.
func readTOML(b *builder) *Error {
	t := &tomlReader{builder: b, index: map[tomlKey]*Node{}}
	t.table = b.root(Object, b.first, b.first)
	t.path = []*Node{t.table}
	var first *Error
	for from := b.first; from < len(b.data); {
		t.parser.Reset(b.data[from:len(b.data):len(b.data)])
		t.base = from
		at, msg := t.run()
		if b.fault != nil {
			return b.fault
		}
		if at < 0 {
			break
		}
		if first == nil {
			first = b.fail(at, msg)
		}
		if from = nextHeader(b.data, at); from < 0 {
			break
		}
	}
	return first
}

func nextHeader(data []byte, from int) int {
	for i := from; ; {
		n := bytes.IndexByte(data[i:], '\n')
		if n < 0 {
			return -1
		}
		i += n + 1
		if rest := bytes.TrimLeft(data[i:], " \t"); len(rest) > 0 && rest[0] == '[' {
			return i
		}
	}
}

type tomlKey struct {
	parent *Node
	key    string
}

type tomlReader struct {
	*builder
	parser unstable.Parser
	base   int // offset of what the parser reads
	table  *Node
	path   []*Node           // from the root to table
	index  map[tomlKey]*Node // last member of that name
}

// run reads expressions until the end (at < 0) or a fault.
func (t *tomlReader) run() (at int, msg string) {
	for t.parser.NextExpression() {
		e := t.parser.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			t.header(e)
		case unstable.KeyValue:
			t.keyValue(t.table, e, t.path)
		}
		if t.fault != nil {
			return -1, ""
		}
	}
	err := t.parser.Error()
	if err == nil {
		return -1, ""
	}
	at = t.base
	var pe *unstable.ParserError
	if errors.As(err, &pe) && pe.Highlight != nil {
		at += cap(t.parser.Data()) - cap(pe.Highlight)
	}
	return min(at, len(t.data)), "is not valid TOML"
}

func (t *tomlReader) raw(n *unstable.Node) (start, end int) {
	return t.base + int(n.Raw.Offset), t.base + int(n.Raw.Offset+n.Raw.Length)
}

// header opens a table, or adds an element to an array of tables.
func (t *tomlReader) header(e *unstable.Node) {
	var keys []*unstable.Node
	for it := e.Key(); it.Next(); {
		keys = append(keys, it.Node())
	}
	if len(keys) == 0 {
		return
	}
	start, _ := t.raw(keys[0])
	_, end := t.raw(keys[len(keys)-1])
	start = bytes.LastIndexByte(t.data[:start], '[')
	if e.Kind == unstable.ArrayTable {
		start--
	}
	if n := bytes.IndexByte(t.data[end:], ']'); n >= 0 {
		end += n + 1
	}
	if e.Kind == unstable.ArrayTable {
		end++
	}
	at, path := t.doc.Root, []*Node{t.doc.Root}
	for i, k := range keys {
		last := i == len(keys)-1
		next := t.step(at, k, Object, start)
		if last && e.Kind == unstable.ArrayTable {
			next = t.element(at, k, start, end)
			if next != nil {
				path = append(path, t.index[tomlKey{at, string(k.Data)}])
			}
		} else if next != nil && next.Kind == Array && len(next.Children) > 0 {
			path = append(path, next)
			next = next.Children[len(next.Children)-1]
		}
		if next == nil {
			return
		}
		at = next
		path = append(path, at)
	}
	if at.implicit {
		at.implicit = false
		at.Start, at.Line = start, t.line(start)
	}
	t.table, t.path = at, path
	t.statement(at, start, end, path...)
}

// step goes to the member of that name and makes it when it is not there.
func (t *tomlReader) step(at *Node, k *unstable.Node, kind Kind, start int) *Node {
	key := string(k.Data)
	if n := t.index[tomlKey{at, key}]; n != nil && (n.Kind == Object || n.Kind == Array) {
		return n
	}
	ks, ke := t.raw(k)
	n := t.member(at, key, ks, ke, kind, start, ke)
	if n != nil {
		n.implicit = true
		t.index[tomlKey{at, key}] = n
	}
	return n
}

func (t *tomlReader) element(at *Node, k *unstable.Node, start, end int) *Node {
	list := t.index[tomlKey{at, string(k.Data)}]
	if list != nil && list.Kind == Object && len(list.Children) == 0 && list.implicit { // step has just made it
		list.Kind = Array
	}
	if list == nil || list.Kind != Array {
		return nil
	}
	return t.member(list, "", -1, -1, Object, start, end)
}

// keyValue adds key = value below at. above is what grows with it; nil inside a value.
func (t *tomlReader) keyValue(at *Node, e *unstable.Node, above []*Node) {
	start, end := t.raw(e)
	var keys []*unstable.Node
	for it := e.Key(); it.Next(); {
		keys = append(keys, it.Node())
	}
	path := above
	for _, k := range keys[:len(keys)-1] {
		if at = t.step(at, k, Object, start); at == nil {
			return
		}
		at.End = max(at.End, end)
		if at.Kind == Array && len(at.Children) > 0 {
			at = at.Children[len(at.Children)-1]
		}
	}
	k := keys[len(keys)-1]
	ks, ke := t.raw(k)
	valueStart := ke
	for valueStart < end && (t.data[valueStart] == ' ' || t.data[valueStart] == '\t' || t.data[valueStart] == '=') {
		valueStart++
	}
	n := t.member(at, string(k.Data), ks, ke, Null, valueStart, end)
	if n == nil {
		return
	}
	t.index[tomlKey{at, n.Key}] = n
	t.value(n, e.Value(), valueStart)
	n.End = end
	if above != nil {
		t.statement(n, start, end, path...)
	}
}

// value fills n with the value v that stands at start. It sets n.End.
func (t *tomlReader) value(n *Node, v *unstable.Node, start int) {
	switch v.Kind {
	case unstable.Array, unstable.InlineTable:
		n.Kind, n.flow = Array, true
		if v.Kind == unstable.InlineTable {
			n.Kind = Object
		}
		at := start + 1
		for it := v.Children(); it.Next(); {
			c := it.Node()
			at = t.gap(at)
			if v.Kind == unstable.InlineTable {
				t.keyValue(n, c, nil)
				_, at = t.raw(c)
			} else {
				child := t.member(n, "", -1, -1, Null, at, at)
				if child == nil {
					return
				}
				t.value(child, c, at)
				at = child.End
			}
			if t.fault != nil {
				return
			}
		}
		n.End = min(t.gap(at)+1, len(t.data))
		return
	case unstable.Bool:
		n.Kind, n.Text = Bool, string(v.Data)
	case unstable.Integer, unstable.Float:
		n.Kind, n.Text = Number, string(v.Data)
	default: // strings, and dates as they are written
		n.Kind, n.Text = String, string(v.Data)
	}
	n.Start, n.End = t.raw(v)
	n.Line = t.line(n.Start)
}

// gap skips what may stand between two elements.
func (t *tomlReader) gap(i int) int {
	for i < len(t.data) {
		switch t.data[i] {
		case ' ', '\t', '\r', '\n', ',':
			i++
		case '#':
			n := bytes.IndexByte(t.data[i:], '\n')
			if n < 0 {
				return len(t.data)
			}
			i += n
		default:
			return i
		}
	}
	return i
}
