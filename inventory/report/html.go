package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"iter"
	"strings"
	"sync"

	"nhitop/inventory"
)

var (
	//go:embed web/page.css
	webStyle string
	//go:embed web/page.html
	webPage string
)

// web is the templates, and the hash by which the page's policy lets its own style through and nothing else.
var web = sync.OnceValues(func() (*template.Template, string) {
	sum := sha256.Sum256([]byte(webStyle))
	return template.Must(template.New("").Parse(webPage)), "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
})

// webWriter writes a page as it is made: of a table no more than one row is held.
type webWriter struct {
	w     *bufio.Writer
	about string // the last heading: what a table is called for those who do not see it
	err   error
}

// The blocks that are drawn in HTML alone.
type (
	// title is a heading with its level; id is what a link on the page leads to.
	title struct {
		Level    int
		ID, Text string
	}
	// note is a box: Open marks one that says what is not known.
	note struct {
		Open  bool
		Text  string
		Lines []cell
	}
	// table is made row by row; each cell has one line or several.
	table struct {
		Label string
		Heads []string
		Rows  iter.Seq[[][]cell]
	}
	links []title
)

// Text is what a cell says.
func (c cell) Text() string { return c.text }

// Kind is the class of a cell in a page's style.
func (c cell) Kind() string { return webKinds[c.style] }

var webKinds = map[style]string{plainText: "plain", bad: "bad", warn: "warn", good: "good", dim: "dim", strong: "strong", code: "code", verbatim: "verbatim"}

func writeHTML(w io.Writer, name, foot string, sections iter.Seq[*page]) error {
	x := &webWriter{w: bufio.NewWriterSize(w, 32<<10)}
	_, hash := web()
	x.draw("head", struct {
		Hash, Title string
		Style       template.CSS
	}{hash, inventory.Clean(name), template.CSS(webStyle)})
	for p := range sections {
		for _, b := range p.blocks {
			x.block(b)
		}
		if x.err != nil {
			break
		}
	}
	x.draw("foot", foot)
	if x.err != nil {
		return x.err
	}
	return x.w.Flush()
}

func (x *webWriter) draw(name string, data any) {
	if x.err == nil {
		t, _ := web()
		x.err = t.ExecuteTemplate(x.w, name, data)
	}
}

func (x *webWriter) block(b block) {
	switch b := b.(type) {
	case heading:
		level := 2
		if b.top {
			level = 1
		}
		x.block(title{Level: level, Text: b.text})
	case title:
		x.about = b.Text
		x.draw("title", b)
	case links:
		x.draw("nav", b)
	case para:
		x.draw("para", said(b.cells))
	case note:
		x.draw("note", b)
	case pairs:
		if list := webPairs(b); len(list) > 0 {
			x.draw("pairs", list)
		}
	case items:
		x.items(b)
	case grid:
		heads := make([]string, len(b.heads))
		for i, h := range b.heads {
			heads[i] = h[:1] + strings.ToLower(h[1:]) // of a column on a terminal: capitals
		}
		x.table(table{x.about, heads, func(yield func([][]cell) bool) {
			for _, r := range b.rows {
				row := make([][]cell, len(r))
				for i := range r {
					row[i] = said(r[i : i+1])
				}
				if !yield(row) {
					return
				}
			}
		}})
	case table:
		b.Label = x.about
		x.table(b)
	}
}

// table draws the rows of a table without a template, which takes twenty times as long for the whole page. What stands in them
// is text between tags, and goes through the same escaper.
func (x *webWriter) table(b table) {
	x.draw("table", b)
	for row := range b.Rows {
		if x.err != nil {
			return
		}
		x.raw("<tr>")
		for i, cs := range row {
			open, end := "<td>", "</td>"
			if i == 0 {
				open, end = `<th scope="row">`, "</th>"
			}
			x.raw(open)
			x.lines(cs)
			x.raw(end)
		}
		x.raw("</tr>\n")
	}
	x.draw("tableend", nil)
}

// lines draws what stands in one cell of a table: a list if it is more than one line.
func (x *webWriter) lines(cs []cell) {
	if len(cs) == 1 {
		x.text(cs[0])
		return
	}
	for i, c := range cs {
		if i == 0 {
			x.raw("<ul>")
		}
		x.raw("<li>")
		x.text(c)
		x.raw("</li>")
		if i == len(cs)-1 {
			x.raw("</ul>")
		}
	}
}

func (x *webWriter) text(c cell) {
	open, end := "", ""
	switch c.style {
	case plainText:
	case code, verbatim:
		open, end = "<code>", "</code>"
	default:
		open, end = `<span class="`+webKinds[c.style]+`">`, "</span>"
	}
	x.raw(open)
	x.raw(template.HTMLEscapeString(c.text))
	x.raw(end)
}

func (x *webWriter) raw(s string) {
	if x.err == nil {
		_, x.err = x.w.WriteString(s)
	}
}

// said leaves out the cells that say nothing.
func said(cs []cell) []cell {
	out := make([]cell, 0, len(cs))
	for _, c := range cs {
		if c.text != "" {
			out = append(out, c)
		}
	}
	return out
}

type webPair struct {
	Name  string
	Value cell
}

func webPairs(ps pairs) []webPair {
	var out []webPair
	for _, p := range ps {
		if p[1].text != "" {
			out = append(out, webPair{p[0].text, p[1]})
		}
	}
	return out
}

type webItem struct{ Head, Under []cell }

func (x *webWriter) items(is items) {
	if len(is) == 0 {
		return
	}
	out := make([]webItem, len(is))
	for i, it := range is {
		out[i] = webItem{said(it.head), said(it.under)}
	}
	x.draw("items", struct {
		Numbered bool
		Items    []webItem
	}{is[0].number > 0, out})
}
