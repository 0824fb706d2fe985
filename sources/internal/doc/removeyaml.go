package doc

import (
	"bytes"
	"fmt"
)

// removeBlock removes a member or element of a YAML collection that is written without brackets.
func (d *Doc) removeBlock(parent *Node, index int) ([]change, error) {
	count := len(parent.Children)
	for count > 0 && parent.Children[count-1].second {
		count--
	}
	start, ok := d.blockStart(parent, index)
	if !ok {
		return nil, ErrNoEdit
	}
	item := parent.Children[index]
	end := max(item.End, item.keyEnd, start)
	ls := max(d.lineStart(start), d.bom())
	prefix := d.Data[ls:start]
	if len(bytes.Trim(prefix, " -\t")) > 0 {
		return nil, fmt.Errorf("%w: its line begins with something else", ErrNoEdit)
	}
	le, _ := d.lineEnd(end)
	if count == 1 {
		return d.emptyBlock(parent, start, le)
	}
	if isBlank(prefix) {
		return []change{d.cutLines(ls, le)}, nil
	}
	// The first member on the line of a dash: the next one moves up to it.
	if index+1 >= count {
		return nil, ErrNoEdit
	}
	next, ok := d.blockStart(parent, index+1)
	if !ok || next < le {
		return nil, ErrNoEdit
	}
	_, after := d.lineEnd(le)
	if isBlankOrNewline(d.Data[after:next]) {
		return []change{{start, next, ""}}, nil
	}
	return []change{{back(d.Data, ls, start), le, ""}}, nil // comments stand between: they stay
}

// blockStart returns where a member's key or an element's dash stands.
func (d *Doc) blockStart(parent *Node, index int) (int, bool) {
	item := parent.Children[index]
	if parent.Kind == Object {
		return item.keyStart, item.keyStart >= 0 && item.Key != "?"
	}
	at := parent.Start
	if index > 0 {
		at = d.skipYAML(parent.Children[index-1].End)
	}
	return at, at < len(d.Data) && at <= item.Start && d.Data[at] == '-'
}

// skipYAML goes over white space and comments.
func (d *Doc) skipYAML(i int) int {
	for i < len(d.Data) {
		switch c := d.Data[i]; {
		case blank(c) || c == '\n':
			i++
		case c == '#':
			_, i = d.lineEnd(i)
		default:
			return i
		}
	}
	return i
}

// emptyBlock writes {} or [] where the last member or element goes: nothing at all would mean null.
func (d *Doc) emptyBlock(parent *Node, start, end int) ([]change, error) {
	empty := "{}"
	if parent.Kind == Array {
		empty = "[]"
	}
	ls := max(d.lineStart(start), d.bom())
	if parent.keyStart < 0 || parent.second || !isBlank(d.Data[ls:start]) {
		return []change{{start, max(end, start), empty}}, nil
	}
	colon := parent.keyEnd
	for colon < len(d.Data) && blank(d.Data[colon]) {
		colon++
	}
	if colon >= ls || d.Data[colon] != ':' || d.tail(colon+1) < 0 {
		return nil, ErrNoEdit
	}
	return []change{{colon + 1, colon + 1, " " + empty}, d.cutLines(ls, end)}, nil
}
