package catalogue

import (
	"fmt"
	"slices"

	"nhitop/inventory/strict"
)

// keyPath is the way to one key of a file.
type keyPath = strict.Path

func elem(i int) string { return strict.Elem(i) }

// file is one file while it is checked.
type file struct {
	name    string
	builder *builder
	lines   strict.Lines
	off     bool // do not check
}

// bad reports a key at its line: what is wrong; what to do.
func (f *file) bad(path keyPath, wrong, do string) {
	if len(path) == 0 {
		path = keyPath{"file"}
	}
	f.builder.fail(f.lines.Error(f.name, path, wrong+"; "+do))
}

// oneOf reports a value that is not in the list.
func (f *file) oneOf(path keyPath, value string, known []string) {
	if value != "" && !slices.Contains(known, value) {
		f.bad(path, fmt.Sprintf("%q is not known", value), strict.Advise(value, known))
	}
}
