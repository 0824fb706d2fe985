package doc

import (
	"bytes"
	"fmt"
	"strings"
)

// Set returns the file with the scalar at a pointer replaced, in the quotes that stand there where they fit. Where the
// last key of the pointer is missing, it is added as the last member of its parent, which must be there.
//
// Like [Doc.Remove], it reads the result again and returns an error that wraps [ErrNoEdit] rather than a wrong edit.
// kind is Null, Bool, Number or String.
func (d *Doc) Set(pointer string, kind Kind, text string) ([]byte, error) {
	if d.broken {
		return nil, fmt.Errorf("%w: the file is not understood to its end", ErrNoEdit)
	}
	if kind == Array || kind == Object || kind == Bool && text != "true" && text != "false" || kind == Number && !jsonNumber(text) {
		return nil, fmt.Errorf("%w: not a scalar", ErrNoEdit)
	}
	found := d.all(pointer)
	if len(found) == 0 {
		return d.insert(canonical(pointer), kind, text)
	}
	want := outline(d.Root, nil)
	paths := pathsOf(d.Root, nodeSet(found))
	var changes []change
	for i, n := range found {
		if n.Kind == Array || n.Kind == Object || n.alias || n == d.Root && d.Format != Text && d.Format != JSON && d.Format != JSONC {
			return nil, fmt.Errorf("%w: it is not a value that stands there alone", ErrNoEdit)
		}
		changes = append(changes, change{n.Start, n.End, d.encode(n, kind, text)})
		t := want
		for _, k := range paths[i] {
			t = t.kids[k]
		}
		t.kind, t.text = kind, text
		if d.stringsOnly() {
			t.kind = String
		}
	}
	return d.finish(changes, func(next *Doc) bool { return same(want, outline(next.Root, nil)) })
}

func nodeSet(ns []*Node) map[*Node]bool {
	m := map[*Node]bool{}
	for _, n := range ns {
		m[n] = true
	}
	return m
}

// stringsOnly reports whether the format knows no other scalars.
func (d *Doc) stringsOnly() bool {
	switch d.Format {
	case JSON, JSONC, TOML, YAML:
		return false
	}
	return true
}

func (d *Doc) finish(changes []change, right func(*Doc) bool) ([]byte, error) {
	out, err := d.apply(changes)
	if err != nil {
		return nil, err
	}
	next, err := d.reread(out)
	if err != nil {
		return nil, err
	}
	if !right(next) {
		return nil, fmt.Errorf("%w: the result does not read as meant", ErrNoEdit)
	}
	return out, nil
}

// encode writes a scalar as it may stand in place of old, or of nothing when old is nil.
func (d *Doc) encode(old *Node, kind Kind, text string) string {
	quote := byte(0)
	if old != nil && old.End > old.Start {
		if q := d.Data[old.Start]; q == '\'' || q == '"' {
			quote = q
		}
	}
	lead := ""
	if old != nil && old.Start == old.End && d.Format == YAML {
		lead = " "
	}
	if kind == Null && !d.stringsOnly() {
		return lead + "null"
	}
	if kind != String && !d.stringsOnly() {
		return lead + text
	}
	switch d.Format {
	case JSON, JSONC:
		return quoteJSON(text)
	case TOML:
		if quote == '\'' && !strings.ContainsAny(text, "'\n\r\t") {
			return "'" + text + "'"
		}
		return quoteJSON(text)
	case YAML:
		switch {
		case quote == '\'' && !strings.ContainsAny(text, "\n\r\t"):
			return lead + "'" + strings.ReplaceAll(text, "'", "''") + "'"
		case quote == 0 && plainYAML(text):
			return lead + text
		}
		return lead + quoteJSON(text)
	case Dotenv, Netrc:
		switch {
		case quote == '\'' && !strings.Contains(text, "'"):
			return "'" + text + "'"
		case quote == '"' || strings.ContainsAny(text, " #\"'\n\t;"):
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
		}
	case INI, NPMRC:
		if quote != 0 {
			return string(quote) + text + string(quote)
		}
	case Properties:
		return strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(text)
	}
	return text
}

// plainYAML reports whether a text may stand in YAML without quotes and be read as itself. It says no where it is not
// sure.
func plainYAML(s string) bool {
	switch strings.ToLower(s) {
	case "", "true", "false", "yes", "no", "on", "off", "null", "~", "y", "n":
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || strings.IndexByte("0123456789-_./", c) < 0) {
			return false
		}
	}
	return true
}

// insert adds a member.
func (d *Doc) insert(pointer string, kind Kind, text string) ([]byte, error) {
	cut := strings.LastIndexByte(pointer, '/')
	if cut < 0 {
		return nil, ErrNotThere
	}
	key := Unescape(pointer[cut+1:])
	parent := d.At(pointer[:cut])
	if parent == nil || parent.Kind != Object || parent.alias {
		return nil, ErrNotThere
	}
	var changes []change
	switch {
	case d.Format == JSON || d.Format == JSONC || parent.flow:
		changes = d.insertBracketed(parent, d.member(key)+d.encode(nil, kind, text))
	case d.Format == YAML:
		changes = d.insertBlock(parent, d.member(key)+d.encode(nil, kind, text))
	default:
		changes = d.insertLine(parent, d.member(key)+d.encode(nil, kind, text))
	}
	if changes == nil {
		return nil, ErrNoEdit
	}
	want := outline(d.Root, nil)
	return d.finish(changes, func(next *Doc) bool {
		n := next.At(pointer)
		if n == nil || n.Text != text || n.Kind != kind && !d.stringsOnly() {
			return false
		}
		return same(want, outline(next.Root, nodeSet([]*Node{n})))
	})
}

// member writes a key and what stands between it and its value.
func (d *Doc) member(key string) string {
	switch d.Format {
	case JSON, JSONC:
		return quoteJSON(key) + ": "
	case TOML:
		for i := range len(key) {
			if !envName(key[i]) || key[i] == '.' {
				return quoteJSON(key) + " = "
			}
		}
		return key + " = "
	case YAML:
		if plainYAML(key) {
			return key + ": "
		}
		return quoteJSON(key) + ": "
	case INI:
		return key + " = "
	}
	return key + "="
}

func (d *Doc) newline() string {
	if bytes.Contains(d.Data, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// indent returns the white space that the line at i begins with.
func (d *Doc) indent(i int) string {
	ls := max(d.lineStart(i), d.bom())
	end := ls
	for end < len(d.Data) && (d.Data[end] == ' ' || d.Data[end] == '\t') {
		end++
	}
	return string(d.Data[ls:end])
}

func (d *Doc) insertBracketed(parent *Node, member string) []change {
	shut := parent.End - 1
	if len(parent.Children) == 0 {
		if !isBlankOrNewline(d.Data[parent.Start+1 : shut]) {
			return nil
		}
		if d.Format != JSON && d.Format != JSONC {
			return []change{{parent.Start + 1, shut, member}}
		}
		in := d.indent(parent.Start)
		return []change{{parent.Start + 1, shut, d.newline() + in + d.unit() + member + d.newline() + in}}
	}
	last := parent.Children[len(parent.Children)-1]
	end := max(last.End, last.keyEnd)
	comma, ok := d.comma(end, shut)
	if !ok {
		return nil
	}
	lead := " "
	if ls := d.lineStart(last.begin()); ls > parent.Start && isBlank(d.Data[ls:last.begin()]) {
		lead = d.newline() + d.indent(last.begin())
	}
	switch {
	case comma >= 0:
		return []change{{comma + 1, comma + 1, lead + member + ","}}
	case lead == " ":
		return []change{{end, end, ", " + member}}
	}
	tail := d.tail(end)
	if tail < 0 {
		tail = end
	}
	return []change{{end, end, ","}, {tail, tail, lead + member}}
}

// unit is one step of indentation, as the file has it.
func (d *Doc) unit() string {
	for i := d.bom(); i < len(d.Data); {
		if in := d.indent(i); in != "" {
			return in
		}
		_, i = d.lineEnd(i)
	}
	return "  "
}

func (d *Doc) insertBlock(parent *Node, member string) []change {
	if len(parent.Children) == 0 || parent.Children[0].keyStart < 0 {
		return nil
	}
	last := parent.Children[0]
	for _, c := range parent.Children {
		if !c.second {
			last = c
		}
	}
	first := parent.Children[0].keyStart
	column := first - max(d.lineStart(first), d.bom())
	return []change{d.lineAfter(max(last.End, last.keyEnd), strings.Repeat(" ", column)+member)}
}

// lineAfter adds a line behind the one at i.
func (d *Doc) lineAfter(i int, line string) change {
	end, next := d.lineEnd(i)
	if next == end { // the file ends without a line end, and goes on doing so
		return change{end, end, d.newline() + line}
	}
	return change{next, next, line + d.newline()}
}

// insertLine adds a line to a table, a section or the whole file.
func (d *Doc) insertLine(parent *Node, line string) []change {
	if d.Format == Netrc || d.Format == Lines || d.Format == Text || parent.implicit {
		return nil
	}
	own := map[*Node]bool{parent: true}
	for _, c := range parent.Children {
		if c.Kind != Object && c.Kind != Array || c.flow {
			own[c] = true
		}
	}
	after, indent := -1, ""
	for _, s := range d.statements {
		if own[s.node] {
			after, indent = s.end, d.indent(s.start)
		}
	}
	if after < 0 { // nothing of the root's own: before everything else
		if parent != d.Root {
			return nil
		}
		at := d.bom()
		return []change{{at, at, line + d.newline()}}
	}
	return []change{d.lineAfter(after, indent+line)}
}
