package strict

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Path is the way to one key: names, and indexes of arrays written #0.
type Path []string

func (k Path) id() string { return strings.Join(k, "\x1f") }

// String writes the path as a person would say it: file[2].setting[0].pointer, counted from 1.
func (k Path) String() string {
	var b strings.Builder
	for _, e := range k {
		if i, ok := strings.CutPrefix(e, "#"); ok {
			n, _ := strconv.Atoi(i)
			b.WriteString("[" + strconv.Itoa(n+1) + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(cleanKey(e))
	}
	return b.String()
}

// cleanKey quotes a key that is no bare key, so that it cannot disturb a message.
func cleanKey(s string) string {
	for _, r := range s {
		if !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			if len(s) > 60 {
				s = s[:60]
			}
			return strconv.QuoteToASCII(s)
		}
	}
	return s
}

// With returns the path with more elements behind it.
func (k Path) With(e ...string) Path { return append(k[:len(k):len(k)], e...) }

// Elem is the path element of the array element at index i.
func Elem(i int) string { return "#" + strconv.Itoa(i) }

// position is one key or array element of a file.
type position struct {
	path Path
	line int
	kind unstable.Kind // of the value; Table and ArrayTable for headers
}

// Lines knows where each key of a file stands.
type Lines struct {
	list []position
	at   map[string]int // Path.id -> line
}

// Positions reads where each key stands. A file that this parser does not take gives what it could read.
func Positions(data []byte) Lines {
	w := &walker{tables: map[string]int{}, out: Lines{at: map[string]int{}}, starts: lineStarts(data)}
	w.p.Reset(data)
	var base Path
	for w.p.NextExpression() {
		e := w.p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			base = w.header(e)
		case unstable.KeyValue:
			w.value(base, e, 0)
		}
	}
	return w.out
}

type walker struct {
	p      unstable.Parser
	tables map[string]int // id of an array of tables -> how many so far
	out    Lines
	starts []int // offset of each line
	last   int   // line of the last key
}

func lineStarts(data []byte) []int {
	starts := []int{0}
	for i, c := range data {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// line returns the 1-based line of a node. The parser's own way counts from the top each time.
func (w *walker) line(n *unstable.Node) int {
	i, found := slices.BinarySearch(w.starts, int(n.Raw.Offset))
	if found {
		i++
	}
	return i
}

const maxDepth = 32 // of values inside values; deeper ones keep their parent's line

// header returns the path that a table header opens, with the index of each array of tables on its way.
func (w *walker) header(e *unstable.Node) Path {
	var path Path
	it := e.Key()
	for it.Next() {
		n := it.Node()
		path = path.With(string(n.Data))
		w.last = w.line(n)
		id := path.id()
		count, array := w.tables[id]
		if it.IsLast() && e.Kind == unstable.ArrayTable {
			w.tables[id] = count + 1
			w.put(path, unstable.ArrayTable)
			path = path.With(Elem(count))
			w.put(path, unstable.Table)
			return path
		}
		w.put(path, unstable.Table)
		if array {
			path = path.With(Elem(count - 1))
		}
	}
	return path
}

// value notes a key, and what stands inside its value.
func (w *walker) value(base Path, kv *unstable.Node, depth int) {
	path := base
	it := kv.Key()
	for it.Next() {
		n := it.Node()
		if len(path) > len(base) {
			w.put(path, unstable.Table) // a dotted key opens tables
		}
		path = path.With(string(n.Data))
		w.last = w.line(n)
	}
	w.inside(path, kv.Value(), depth)
}

func (w *walker) inside(path Path, v *unstable.Node, depth int) {
	w.put(path, v.Kind)
	if depth > maxDepth {
		return
	}
	switch v.Kind {
	case unstable.InlineTable:
		it := v.Children()
		for it.Next() {
			if it.Node().Kind == unstable.KeyValue {
				w.value(path, it.Node(), depth+1)
			}
		}
	case unstable.Array:
		it := v.Children()
		i := 0
		for it.Next() {
			n := it.Node()
			if n.Kind == unstable.Comment {
				continue
			}
			if n.Raw.Length > 0 {
				w.last = w.line(n)
			}
			w.inside(path.With(Elem(i)), n, depth+1)
			i++
		}
	}
}

func (w *walker) put(path Path, kind unstable.Kind) {
	id := path.id()
	if _, ok := w.out.at[id]; ok && (kind == unstable.Table || kind == unstable.ArrayTable) {
		return
	}
	w.out.at[id] = w.last
	w.out.list = append(w.out.list, position{path: path, line: w.last, kind: kind})
}

// Of returns the line of a key, or of the nearest thing around it.
func (l Lines) Of(path Path) int {
	for n := len(path); n > 0; n-- {
		if line, ok := l.at[path[:n].id()]; ok {
			return line
		}
	}
	return 1
}

// Has reports whether the file has the key.
func (l Lines) Has(path Path) bool {
	_, ok := l.at[path.id()]
	return ok
}
