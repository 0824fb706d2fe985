package doc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Errors of the edits. Both mean that nothing is changed.
var (
	ErrNotThere = errors.New("there is no such value in the file")
	ErrNoEdit   = errors.New("cannot be edited without touching something else")
)

// Remove returns the file without the values at the pointers. Each goes with exactly what belongs to it: its comma, a
// comment behind it on its line, its line when it stands there alone; a table goes with its sub-tables. Of members with
// the same name all go, because programs differ in which one they take. Everything else, comments included, stays byte
// for byte.
//
// The result is read again: if anything but the removed values differs, Remove returns an error that wraps [ErrNoEdit]
// and no bytes.
func (d *Doc) Remove(pointers ...string) ([]byte, error) {
	if d.broken {
		return nil, fmt.Errorf("%w: the file is not understood to its end", ErrNoEdit)
	}
	leave := map[*Node]bool{}
	for _, p := range pointers {
		found := d.all(p)
		if len(found) == 0 {
			return nil, ErrNotThere
		}
		for _, n := range found {
			leave[n] = true
		}
	}
	want := outline(d.Root, leave)
	cur := d
	// From the end to the start, so that what is still to be removed keeps its place among its siblings.
	paths := pathsOf(d.Root, leave)
	for _, path := range slices.Backward(paths) {
		next, err := cur.removeOne(path)
		if err != nil {
			return nil, err
		}
		if cur, err = d.reread(next); err != nil {
			return nil, err
		}
	}
	if !same(want, outline(cur.Root, nil)) {
		return nil, fmt.Errorf("%w: what would be left is not what was there before", ErrNoEdit)
	}
	return cur.Data, nil
}

// reread parses the result of an edit.
func (d *Doc) reread(data []byte) (*Doc, error) {
	l := d.limits
	l.MaxBytes += 1 << 20 // what was added
	d, err := ParseLimits(d.Format, data, l)
	if err != nil {
		return nil, fmt.Errorf("%w: what would be left is not valid", ErrNoEdit)
	}
	return d, nil
}

// all returns every value whose pointer it is.
func (d *Doc) all(pointer string) []*Node {
	var found []*Node
	pointer = canonical(pointer)
	d.Root.Walk(func(n *Node) bool {
		if n.Pointer == pointer {
			found = append(found, n)
		}
		return strings.HasPrefix(pointer, n.Pointer)
	})
	return found
}

// canonical writes a pointer as Parse does.
func canonical(pointer string) string {
	if pointer == "" {
		return ""
	}
	return "/" + strings.TrimPrefix(pointer, "/")
}

// pathsOf returns the indices that lead to each of the nodes, in file order. What stands below one of them goes with it.
func pathsOf(root *Node, nodes map[*Node]bool) [][]int {
	var paths [][]int
	var at []int
	var walk func(n *Node)
	walk = func(n *Node) {
		if nodes[n] {
			paths = append(paths, slices.Clone(at))
			return
		}
		for i, c := range n.Children {
			at = append(at, i)
			walk(c)
			at = at[:len(at)-1]
		}
	}
	walk(root)
	return paths
}

// removeOne returns the file without the node at path.
func (d *Doc) removeOne(path []int) ([]byte, error) {
	n, parent := d.Root, (*Node)(nil)
	index := 0
	for _, i := range path {
		if i >= len(n.Children) {
			return nil, ErrNoEdit
		}
		n, parent, index = n.Children[i], n, i
	}
	if parent == nil || n.alias || n.second {
		return nil, fmt.Errorf("%w: it is the whole document, or stands elsewhere", ErrNoEdit)
	}
	changes := d.removeStatements(n)
	var err error
	switch {
	case changes != nil:
	case parent.flow || d.Format == JSON || d.Format == JSONC:
		changes, err = d.removeBracketed(parent, index)
	case d.Format == YAML:
		changes, err = d.removeBlock(parent, index)
	default:
		err = ErrNoEdit
	}
	if err != nil {
		return nil, err
	}
	return d.apply(changes)
}

// change replaces bytes of a file.
type change struct {
	start, end int
	text       string
}

func (d *Doc) apply(changes []change) ([]byte, error) {
	slices.SortStableFunc(changes, func(a, b change) int { return a.start - b.start })
	out := make([]byte, 0, len(d.Data)+64)
	at := 0
	for _, c := range changes {
		if c.start < at || c.end < c.start || c.end > len(d.Data) {
			return nil, ErrNoEdit
		}
		out = append(out, d.Data[at:c.start]...)
		out = append(out, c.text...)
		at = c.end
	}
	return append(out, d.Data[at:]...), nil
}

// tree is what a document says, without where.
type tree struct {
	kind Kind
	key  string
	text string
	kids []*tree
}

// outline copies what stands at n and below, without the nodes in leave. A TOML table that no header names ends with its
// last key.
func outline(n *Node, leave map[*Node]bool) *tree {
	t := &tree{kind: n.Kind, key: n.Key, text: n.Text}
	for _, c := range n.Children {
		if leave[c] {
			continue
		}
		k := outline(c, leave)
		if c.implicit && len(k.kids) == 0 && (c.Kind == Object || c.Kind == Array) {
			continue
		}
		t.kids = append(t.kids, k)
	}
	return t
}

func same(a, b *tree) bool {
	if a.kind != b.kind || a.key != b.key || a.text != b.text || len(a.kids) != len(b.kids) {
		return false
	}
	for i := range a.kids {
		if !same(a.kids[i], b.kids[i]) {
			return false
		}
	}
	return true
}
