package doc

import (
	"bytes"
	"fmt"
)

// comments says what begins a comment that ends with its line.
func (d *Doc) comments() []string {
	switch d.Format {
	case JSON, JSONC:
		return []string{"//"}
	case INI, NPMRC:
		return []string{"#", ";"}
	}
	return []string{"#"}
}

func (d *Doc) lineStart(i int) int { return 1 + bytes.LastIndexByte(d.Data[:i], '\n') }

// lineEnd returns the end of the line at i without its line end, and the start of the next line.
func (d *Doc) lineEnd(i int) (end, next int) { return (&builder{data: d.Data}).cutLine(i) }

func isBlank(s []byte) bool { return len(bytes.Trim(s, " \t\r\f\v\ufeff")) == 0 }

// tail returns where the comment behind i ends if nothing but that follows on the line, else -1.
func (d *Doc) tail(i int) int {
	end, _ := d.lineEnd(i)
	rest := bytes.TrimLeft(d.Data[i:end], " \t")
	if isBlank(rest) {
		return end
	}
	for _, c := range d.comments() {
		if bytes.HasPrefix(rest, []byte(c)) {
			return end
		}
	}
	if d.Format == JSON || d.Format == JSONC {
		if n := skipComment(d.Data[end-len(rest):]); n > 0 && n <= len(rest) && isBlank(rest[n:]) {
			return end
		}
	}
	return -1
}

// cut removes data[start:end]: with its whole line where it is alone there, else with the blanks on one side.
func (d *Doc) cut(start, end int) change {
	ls := max(d.lineStart(start), d.bom())
	begins := isBlank(d.Data[ls:start])
	if tail := d.tail(end); begins && tail >= 0 {
		return d.cutLines(ls, tail)
	}
	if le, _ := d.lineEnd(end); !begins && isBlank(d.Data[end:le]) {
		return change{back(d.Data, ls, start), end, ""}
	}
	for end < len(d.Data) && (d.Data[end] == ' ' || d.Data[end] == '\t') {
		end++
	}
	return change{start, end, ""}
}

// back goes over the blanks before i, not before from.
func back(data []byte, from, i int) int {
	for i > from && (data[i-1] == ' ' || data[i-1] == '\t') {
		i--
	}
	return i
}

func (d *Doc) bom() int {
	if bytes.HasPrefix(d.Data, []byte("\xef\xbb\xbf")) {
		return 3
	}
	return 0
}

// cutLines removes the lines from the start of one to the end of another. A file without a line end after its last line
// stays one.
func (d *Doc) cutLines(start, end int) change {
	_, next := d.lineEnd(end)
	c := change{start, next, ""}
	d.keepOpenEnd(&c)
	return c
}

// removeStatements removes the lines that stand for n and what is below it; nil if none do.
func (d *Doc) removeStatements(n *Node) []change {
	if len(d.statements) == 0 {
		return nil
	}
	below := map[*Node]bool{}
	n.Walk(func(c *Node) bool { below[c] = true; return d.Format != Netrc }) // an entry of a netrc is one statement
	var all []change
	lines := false
	for _, s := range d.statements {
		if below[s.node] {
			all = append(all, d.cut(s.start, s.end))
			lines = lines || s.node.Kind == Object && d.Format != Netrc
		}
	}
	if len(all) > 0 {
		all = d.closeUp(all, lines)
		d.keepOpenEnd(&all[len(all)-1])
	}
	return all
}

// keepOpenEnd lets a file that ends without a line end go on doing so.
func (d *Doc) keepOpenEnd(c *change) {
	if c.end < len(d.Data) || bytes.HasSuffix(d.Data, []byte("\n")) {
		return
	}
	if c.start > d.bom() && d.Data[c.start-1] == '\n' {
		c.start--
		if c.start > 0 && d.Data[c.start-1] == '\r' {
			c.start--
		}
	}
}

// closeUp joins cuts that meet. Of a section it also joins those that only blank lines keep apart, and takes the blank
// lines behind a cut where there are some before it, so that the section leaves no hole.
func (d *Doc) closeUp(cs []change, section bool) []change {
	var out []change
	for _, c := range cs {
		if k := len(out) - 1; k >= 0 && (c.start <= out[k].end || section && isBlankOrNewline(d.Data[out[k].end:c.start])) {
			out[k].end = max(out[k].end, c.end)
			continue
		}
		out = append(out, c)
	}
	if !section {
		return out
	}
	for i := range out {
		c := &out[i]
		if c.start != d.lineStart(c.start) {
			continue
		}
		before := c.start
		for before > d.bom() {
			ls := max(d.lineStart(before-1), d.bom())
			if !isBlank(bytes.TrimRight(d.Data[ls:before], "\n")) {
				break
			}
			before = ls
		}
		after := c.end
		for after < len(d.Data) {
			end, next := d.lineEnd(after)
			if !isBlank(d.Data[after:end]) {
				break
			}
			after = next
		}
		switch {
		case after == len(d.Data) && c.end == d.lineStart(c.end):
			c.start, c.end = before, after
		case before < c.start || before == d.bom():
			c.end = after
		}
	}
	return out
}

// removeBracketed removes a member or element between brackets.
func (d *Doc) removeBracketed(parent *Node, index int) ([]change, error) {
	item := parent.Children[index]
	open, shut := parent.Start+1, parent.End-1
	start, end := item.begin(), max(item.End, item.keyEnd)
	prevEnd, nextStart := open, shut
	if index > 0 {
		prev := parent.Children[index-1]
		prevEnd = max(prev.End, prev.keyEnd)
	}
	if index+1 < len(parent.Children) && !parent.Children[index+1].second {
		nextStart = parent.Children[index+1].begin()
	}
	if !(open <= prevEnd && prevEnd <= start && start <= end && end <= nextStart && nextStart <= shut && shut < len(d.Data)) {
		return nil, ErrNoEdit
	}
	comma, ok := d.comma(end, nextStart)
	before, okBefore := d.comma(prevEnd, start)
	if !ok || !okBefore {
		return nil, fmt.Errorf("%w: there is something else between it and its neighbour", ErrNoEdit)
	}
	var cs []change
	switch {
	case comma >= 0:
		cs = []change{d.cut(start, comma+1)}
	case before < 0:
		cs = []change{d.cut(start, end)}
	case isBlankOrNewline(d.Data[before+1 : start]):
		if tail := d.tail(end); tail >= 0 && bytes.IndexByte(d.Data[before:start], '\n') >= 0 {
			end = tail
		}
		cs = []change{{before, end, ""}}
	default:
		cs = []change{{before, before + 1, ""}, d.cut(start, end)}
	}
	rest := make([]byte, 0, shut-open)
	at := open
	for _, c := range cs {
		if c.start < at || c.end > shut {
			return nil, ErrNoEdit
		}
		rest = append(rest, d.Data[at:c.start]...)
		at = c.end
	}
	if rest = append(rest, d.Data[at:shut]...); isBlankOrNewline(rest) {
		return []change{{open, shut, ""}}, nil
	}
	return cs, nil
}

// begin is where the key stands, or the value of an element.
func (n *Node) begin() int {
	if n.keyStart >= 0 {
		return n.keyStart
	}
	return n.Start
}

func isBlankOrNewline(s []byte) bool { return len(bytes.TrimSpace(s)) == 0 }

// comma looks for the comma between two items; at is -1 if there is none. ok is false where anything else but comments
// and a colon without a value stands between them.
func (d *Doc) comma(start, end int) (at int, ok bool) {
	at = -1
	for i := start; i < end; {
		switch c := d.Data[i]; {
		case blank(c) || c == '\n':
			i++
		case c == ',' && at < 0:
			at = i
			i++
		case c == ':' && d.Format == YAML && at < 0:
			i++
		case c == '#' && (d.Format == TOML || d.Format == YAML):
			_, i = d.lineEnd(i)
		case c == '/' && (d.Format == JSON || d.Format == JSONC):
			n := skipComment(d.Data[i:])
			if n == 0 {
				return -1, false
			}
			i += n
		default:
			return -1, false
		}
	}
	return at, true
}
