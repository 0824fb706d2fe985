package report

import "nhitop/inventory"

// page is text for people, apart from how it is drawn: the same page becomes plain text or markdown.
type page struct{ blocks []block }

// block is one of heading, para, pairs, items, table.
type block interface{}

type heading struct {
	text string
	top  bool
}

type para struct {
	cells []cell // drawn one after the other, a blank between them
}

// pairs are names with values, one a line.
type pairs [][2]cell

// item is one of a list: a first line and what belongs to it.
type item struct {
	number int // 0: no number
	head   []cell
	under  []cell
}

type items []item

type grid struct {
	heads []string
	rows  [][]cell
	// On a narrow terminal first the columns of give are cut, in turn and not below what can still be read, then those of
	// drop are left out. A short word or an id is never cut.
	give []int
	drop []int
}

type style int

const (
	plainText style = iota
	bad             // wants action now
	warn
	good
	dim
	strong
	code     // text from outside: drawn so that nothing in it is obeyed
	verbatim // a line of a diff: its blanks stay
)

type cell struct {
	text  string
	style style
}

func t(s string) cell     { return cell{inventory.Clean(s), plainText} }
func c(s string) cell     { return cell{inventory.Clean(s), code} }
func faint(s string) cell { return cell{inventory.Clean(s), dim} }

func (p *page) title(s string)       { p.blocks = append(p.blocks, heading{inventory.Clean(s), true}) }
func (p *page) head(s string)        { p.blocks = append(p.blocks, heading{inventory.Clean(s), false}) }
func (p *page) say(cells ...cell)    { p.blocks = append(p.blocks, para{cells}) }
func (p *page) table(g grid)         { p.blocks = append(p.blocks, g) }
func (p *page) list(is items)        { p.blocks = append(p.blocks, is) }
func (p *page) facts(kv ...[2]cell)  { p.blocks = append(p.blocks, pairs(kv)) }
func kv(name string, v cell) [2]cell { return [2]cell{t(name), v} }
