package doc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a stream of YAML documents. What an alias leads to is copied below the alias, as often as the limits
// allow. A stream with a fault is read again up to the line of the fault.
func readYAML(b *builder) *Error {
	if n := yamlWeight(b.data); n > 2*b.limits.MaxNodes {
		return b.fail(0, fmt.Sprintf("more than %d values", b.limits.MaxNodes))
	}
	docs, err := decodeYAML(b.data[b.first:])
	var fault *Error
	if err != nil {
		fault = &Error{Line: yamlLine(err), Msg: "is not valid YAML"}
		docs = nil
		for back := -1; back < 3 && docs == nil && fault.Line-back > 1; back++ {
			cut := b.lines[min(fault.Line-1-back, len(b.lines)-1)]
			docs, _ = decodeYAML(b.data[b.first:max(cut, b.first)])
		}
	}
	y := &yamlReader{builder: b, at: b.first}
	for i, d := range docs {
		y.document(d, i)
		if b.fault != nil {
			return b.fault
		}
	}
	if b.doc.Root == nil && fault == nil {
		b.root(Null, b.first, b.first)
	}
	return fault
}

// yamlWeight is an estimate of the number of values from what must stand between them, so that refusing a hostile file
// costs nothing.
func yamlWeight(data []byte) int {
	n := 0
	for _, mark := range []string{",", "\n", "[", "{", "- ", "? "} {
		n += bytes.Count(data, []byte(mark))
	}
	return n
}

// decodeYAML returns the documents of a stream. The parser's own panics on hostile input become errors.
func decodeYAML(data []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, errors.New("yaml: not understood")
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for len(docs) < 1000 {
		var n yaml.Node
		if err := dec.Decode(&n); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		docs = append(docs, &n)
	}
	return docs, nil
}

var yamlLineRE = regexp.MustCompile(`line (\d+)`)

// yamlLine takes the line out of the parser's message; the rest of it may quote the file.
func yamlLine(err error) int {
	if m := yamlLineRE.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

type yamlReader struct {
	*builder
	at         int // cursor of offset: at stands in line and column
	line_      int
	column     int
	following  []*yaml.Node // what the aliases that are being followed lead to
	aliasStart int          // where the first of them stands
	aliasEnd   int
}

// document reads the document of that number. The first is the root, the others hang below it.
func (y *yamlReader) document(d *yaml.Node, number int) {
	if len(d.Content) == 0 {
		return
	}
	v := d.Content[0]
	var n *Node
	if y.doc.Root == nil {
		n = y.root(Null, y.first, y.first)
	} else {
		n = y.member(y.doc.Root, "~doc"+strconv.Itoa(number), 0, 0, Null, y.first, y.first)
		if n == nil {
			return
		}
		n.Pointer, n.second = y.doc.Root.Pointer+"/"+n.Key, true
	}
	y.fill(n, v)
}

// fill makes n what v is.
func (y *yamlReader) fill(n *Node, v *yaml.Node) {
	if n.alias = len(y.following) > 0; n.alias {
		n.Start, n.End = y.aliasStart, y.aliasEnd
	} else {
		n.Start = y.properties(y.offset(v.Line, v.Column), v)
		n.End = n.Start
	}
	n.Line = y.builder.line(n.Start)
	if n.keyStart < 0 {
		n.KeyLine = n.Line
	}
	switch v.Kind {
	case yaml.AliasNode:
		y.follow(n, v)
	case yaml.MappingNode:
		n.Kind, n.flow = Object, y.byteAt(n.Start) == '{'
		for i := 0; i+1 < len(v.Content) && y.fault == nil; i += 2 {
			y.pair(n, v.Content[i], v.Content[i+1])
		}
		y.close(n)
	case yaml.SequenceNode:
		n.Kind, n.flow = Array, y.byteAt(n.Start) == '['
		for _, e := range v.Content {
			c := y.member(n, "", -1, -1, Null, n.Start, n.Start)
			if c == nil {
				return
			}
			y.fill(c, e)
			n.End = max(n.End, c.End)
		}
		y.close(n)
	default:
		y.scalar(n, v)
	}
}

func (y *yamlReader) pair(n *Node, k, v *yaml.Node) {
	key := k.Value
	if k.Kind != yaml.ScalarNode {
		key = "?"
	}
	ks, ke := y.aliasStart, y.aliasEnd
	if !n.alias {
		ks = y.properties(y.offset(k.Line, k.Column), k)
		ke = y.scalarEnd(ks, k)
	}
	c := y.member(n, key, ks, ke, Null, ke, ke)
	if c == nil {
		return
	}
	c.merge = k.ShortTag() == "!!merge"
	y.fill(c, v)
	n.End = max(n.End, c.End, ke)
}

// close finds the bracket that ends a flow collection.
func (y *yamlReader) close(n *Node) {
	if n.flow && !n.alias {
		n.End = min(skipFlow(y.data, max(n.End, n.Start+1))+1, len(y.data))
	}
}

// skipFlow skips what may stand between two elements of a flow collection.
func skipFlow(data []byte, i int) int {
	for i < len(data) {
		switch c := data[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ':':
			i++
		case c == '#':
			n := bytes.IndexByte(data[i:], '\n')
			if n < 0 {
				return len(data)
			}
			i += n
		default:
			return i
		}
	}
	return i
}

// follow copies what an alias leads to below n, unless it leads to itself. The copies stand where the alias stands.
func (y *yamlReader) follow(n *Node, v *yaml.Node) {
	for _, f := range y.following {
		if f == v.Alias {
			n.alias = true
			return
		}
	}
	if len(y.following) == 0 {
		y.aliasStart, y.aliasEnd = n.Start, min(n.Start+1+len(v.Value), len(y.data))
	}
	y.following = append(y.following, v.Alias)
	y.fill(n, v.Alias)
	y.following = y.following[:len(y.following)-1]
}

func (y *yamlReader) scalar(n *Node, v *yaml.Node) {
	n.Text = v.Value
	switch v.ShortTag() {
	case "!!null":
		n.Kind, n.Text = Null, ""
	case "!!bool":
		n.Kind, n.Text = Bool, strings.ToLower(v.Value)
	case "!!int", "!!float":
		n.Kind = Number
	default:
		n.Kind = String
	}
	if !n.alias {
		n.End = y.scalarEnd(n.Start, v)
	}
}

func (y *yamlReader) byteAt(i int) byte {
	if i < len(y.data) {
		return y.data[i]
	}
	return 0
}

// offset turns a line and a column (in characters) of the parser into a byte offset. Values come mostly in order, so it
// goes on from where it was.
func (y *yamlReader) offset(line, column int) int {
	if y.line_ == 0 || line < y.line_ || line == y.line_ && column < y.column {
		y.at, y.line_, y.column = y.first, 1, 1
	}
	for y.at < len(y.data) && (y.line_ < line || y.line_ == line && y.column < column) {
		r, n := utf8.DecodeRune(y.data[y.at:])
		switch {
		case r == '\r' && y.byteAt(y.at+1) == '\n':
			n = 2
			fallthrough
		case r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029: // the line breaks of YAML 1.1
			if y.line_ == line {
				return y.at
			}
			y.line_, y.column = y.line_+1, 1
		default:
			y.column++
		}
		y.at += n
	}
	return y.at
}

// properties skips the anchor and the tag before a value.
func (y *yamlReader) properties(i int, v *yaml.Node) int {
	if v.Anchor == "" && v.Style&yaml.TaggedStyle == 0 {
		return i
	}
	for c := y.byteAt(i); c == '&' || c == '!'; c = y.byteAt(i) {
		for i < len(y.data) && !blank(y.data[i]) && y.data[i] != '\n' && y.data[i] != ',' {
			i++
		}
		j := skipSpace(y.data, i)
		if j == len(y.data) || j > i && y.byteAt(j) == '#' {
			return i
		}
		i = j
	}
	return i
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (blank(data[i]) || data[i] == '\n') {
		i++
	}
	return i
}
