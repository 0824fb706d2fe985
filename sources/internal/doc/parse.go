package doc

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Limits bound what a file may cost. A zero field takes its default.
type Limits struct {
	MaxBytes int // size of the file
	MaxDepth int // nesting of objects and arrays
	MaxNodes int // number of values, those behind YAML aliases counted each time
}

// DefaultLimits are far above any configuration file that a product writes.
var DefaultLimits = Limits{MaxBytes: 4 << 20, MaxDepth: 64, MaxNodes: 400_000}

// maxPointers bounds the sum of the lengths of all pointers: one very long key above many children would otherwise
// multiply.
const maxPointers = 64 << 20

// Parse reads a file with [DefaultLimits].
//
// The error is always an [*Error]. A file that is broken in its middle gives both an error and a Doc with what was
// understood before (in TOML also after) the fault, so that what stands there can still be shown; the Doc is nil only
// when nothing was understood at all. Such a Doc cannot be edited.
func Parse(f Format, data []byte) (*Doc, error) { return ParseLimits(f, data, DefaultLimits) }

// ParseLimits is [Parse] with other limits.
func ParseLimits(f Format, data []byte, l Limits) (*Doc, error) {
	l = l.orDefault()
	read, ok := readers[f]
	if !ok {
		return nil, &Error{Msg: "format " + strconv.Quote(string(f)) + " is not known"}
	}
	if len(data) > l.MaxBytes {
		return nil, &Error{Msg: fmt.Sprintf("larger than %d bytes", l.MaxBytes)}
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, &Error{Line: 1, Msg: "UTF-16, only UTF-8 is read; save the file as UTF-8"}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, &Error{Line: 1 + bytes.Count(data[:i], []byte("\n")), Msg: "has a NUL byte: not a text file"}
	}
	b := &builder{data: data, limits: l, doc: &Doc{Format: f, Data: data, limits: l}}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		b.first = 3
	}
	b.indexLines()
	err := read(b)
	if b.fault != nil { // a limit comes before what it leads to
		err = b.fault
	}
	if err != nil {
		b.doc.broken = true
		if b.doc.Root == nil {
			return nil, err
		}
		return b.doc, err
	}
	return b.doc, nil
}

func (l Limits) orDefault() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultLimits.MaxBytes
	}
	if l.MaxDepth <= 0 {
		l.MaxDepth = DefaultLimits.MaxDepth
	}
	if l.MaxNodes <= 0 {
		l.MaxNodes = DefaultLimits.MaxNodes
	}
	return l
}

var readers map[Format]func(*builder) *Error

func init() {
	readers = map[Format]func(*builder) *Error{
		JSON: readJSON, JSONC: readJSON, TOML: readTOML, YAML: readYAML, INI: readINI, Dotenv: readDotenv, Netrc: readNetrc,
		NPMRC: readNPMRC, Properties: readProperties, Lines: readLines, Text: readText,
	}
}

// builder makes the nodes of one document and counts what they cost.
type builder struct {
	data   []byte
	first  int // offset of the first byte after a byte order mark
	limits Limits
	doc    *Doc
	lines  []int // offset of each line's start

	slab     []Node
	nodes    int
	pointers int
	fault    *Error
}

func (b *builder) indexLines() {
	b.lines = make([]int, 1, 16+len(b.data)/32)
	for i := 0; ; {
		n := bytes.IndexByte(b.data[i:], '\n')
		if n < 0 {
			return
		}
		i += n + 1
		b.lines = append(b.lines, i)
	}
}

// line returns the 1-based line of an offset.
func (b *builder) line(offset int) int { return sort.SearchInts(b.lines, offset+1) }

func (b *builder) fail(offset int, msg string) *Error { return &Error{Line: b.line(offset), Msg: msg} }

// limit notes the first limit that was reached.
func (b *builder) limit(offset int, msg string) {
	if b.fault == nil {
		b.fault = b.fail(offset, msg)
	}
}

// root makes the node that everything hangs on.
func (b *builder) root(k Kind, start, end int) *Node {
	n := b.alloc()
	*n = Node{Kind: k, Start: start, End: end, Line: b.line(start), KeyLine: b.line(start), keyStart: -1}
	b.doc.Root = n
	return n
}

// member adds a member to an object, or an element to an array when keyStart is negative. It returns nil, with b.fault
// set, when a limit is reached.
func (b *builder) member(parent *Node, key string, keyStart, keyEnd int, k Kind, start, end int) *Node {
	token := key
	if keyStart < 0 && parent.Kind == Array {
		token = strconv.Itoa(len(parent.Children))
	} else {
		token = Escape(token)
	}
	if b.nodes++; b.nodes > b.limits.MaxNodes {
		b.limit(start, fmt.Sprintf("more than %d values", b.limits.MaxNodes))
		return nil
	}
	if b.pointers += len(parent.Pointer) + 1 + len(token); b.pointers > maxPointers {
		b.limit(start, "keys are too long")
		return nil
	}
	if parent.depth+1 > b.limits.MaxDepth {
		b.limit(start, fmt.Sprintf("nested deeper than %d", b.limits.MaxDepth))
		return nil
	}
	n := b.alloc()
	*n = Node{Kind: k, Key: key, Pointer: parent.Pointer + "/" + token, Start: start, End: end, Line: b.line(start), keyStart: keyStart, keyEnd: keyEnd, depth: parent.depth + 1}
	n.KeyLine = n.Line
	if keyStart >= 0 {
		n.KeyLine = b.line(keyStart)
	}
	parent.Children = append(parent.Children, n)
	return n
}

func (b *builder) alloc() *Node {
	if len(b.slab) == cap(b.slab) {
		b.slab = make([]Node, 0, min(1024, 8+2*cap(b.slab)))
	}
	b.slab = b.slab[:len(b.slab)+1]
	return &b.slab[len(b.slab)-1]
}

// statement notes the bytes that stand for a node in a format made of lines. It also grows the ranges of the nodes
// above it.
func (b *builder) statement(n *Node, start, end int, above ...*Node) {
	b.doc.statements = append(b.doc.statements, statement{n, start, end})
	for _, a := range above {
		a.End = max(a.End, end)
	}
}

type statement struct {
	node       *Node
	start, end int // from the first byte of the key or header to the last of the value
}

// Escape makes a key a token of a JSON pointer (RFC 6901).
func Escape(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// Unescape is the reverse of [Escape]. A tilde that escapes nothing stands for itself, so that /~doc1 is what it says.
func Unescape(token string) string {
	if !strings.Contains(token, "~") {
		return token
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
