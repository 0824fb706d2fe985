package local

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/doc"
)

const (
	excerptAround = 3       // lines before and after a place
	maxExcerpt    = 1 << 20 // bytes of a file that an excerpt is made of
	longLine      = 2000    // bytes from which only the value itself is shown of a line
)

var _ sources.Excerpter = (*Source)(nil)

// Excerpt implements sources.Excerpter for files of the homes, paths and projects, and of the machine where this source
// read them there itself.
func (s *Source) Excerpt(ctx context.Context, at inventory.Evidence, snap *inventory.Snapshot) (inventory.Excerpt, bool) {
	r := s.revoker()
	path, ok := r.resolve(at.Path)
	if !ok || ctx.Err() != nil {
		return inventory.Excerpt{}, false
	}
	dirs := r.within(snap)
	if at.Source == Kind || r.isKnownFile(path) {
		dirs = append(slices.Clip(dirs), s.opt.Root)
	}
	in := newRoots(dirs...)
	x := inventory.Excerpt{At: at}
	c := readFile(path, in, min(s.opt.MaxFileBytes, maxExcerpt))
	x.State, x.Reason = c.State, c.Reason
	switch {
	case c.State == inventory.LookedLinkOut && at.Source != Kind:
		return inventory.Excerpt{}, false // another source's place
	case c.State == inventory.LookedTooLarge:
		x.Reason = fmt.Sprintf("larger than %d bytes: it is not shown", min(s.opt.MaxFileBytes, maxExcerpt))
	}
	if c.State != inventory.LookedRead {
		return x, true
	}
	if st, err := os.Stat(c.Real); err == nil {
		x.Modified = st.ModTime().UTC()
	}
	f := shownFile{r: r, path: c.Real, data: trimBOM(c.Data)}
	f.parse()
	n := f.at(at.Pointer, at.Line)
	f.hide(ctx, at.Path, snap)
	f.around(&x, n)
	return x, true
}

// isKnownFile reports whether a path ends as the files of a known assistant do: managed settings lie outside every home.
func (r *Revoker) isKnownFile(path string) bool {
	if r.o.Catalogue == nil {
		return false
	}
	for i := range r.o.Catalogue.Assistants {
		for _, f := range r.o.Catalogue.Assistants[i].Files {
			if matchesPlace(f.AllPaths(), path) {
				return true
			}
		}
	}
	return false
}

// shownFile is a file of which some lines are shown.
type shownFile struct {
	r     *Revoker
	path  string
	data  []byte
	docs  []*doc.Doc // every format that it can be read as, the likeliest first
	doc   *doc.Doc   // the one in which the place is; nil: none
	masks []string   // longest first
}

// parse reads the file as everything that it may be.
func (f *shownFile) parse() {
	for _, format := range f.r.formats(f.path) {
		if d, err := doc.ParseLimits(format, f.data, docLimits); err == nil && d.Root != nil {
			f.docs = append(f.docs, d)
		}
	}
}

// hide gathers what must not be shown: the secrets that the inventory has seen in the file, and all that look like one in
// its likeliest reading, in the one that has the place, and as plain text.
func (f *shownFile) hide(ctx context.Context, shown string, snap *inventory.Snapshot) {
	var held []string
	if snap != nil {
		xs := snap.Records().Secrets
		for i := range xs {
			here := xs[i]
			here.Locations = nil
			for _, l := range xs[i].Locations {
				if l.Path == shown {
					here.Locations = append(here.Locations, l)
				}
			}
			if len(here.Locations) == 0 {
				continue
			}
			for _, v := range f.r.Values(ctx, &here, snap) {
				held = append(held, v.Reveal())
			}
		}
	}
	for i, d := range f.docs {
		if i == 0 || d == f.doc || d.Format == doc.Text {
			f.masks = append(f.masks, hidden(d, held)...)
		}
	}
	slices.SortFunc(f.masks, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	f.masks = slices.Compact(f.masks)
}

// around fills in the lines around the place, where it is now.
func (f *shownFile) around(x *inventory.Excerpt, n *doc.Node) {
	line := x.At.Line
	switch {
	case n != nil:
		line = n.Line
	case x.At.Pointer != "" && f.structured() && !strings.Contains(x.At.Pointer, redactedText):
		x.Gone = true
		return
	}
	all := bytes.Split(f.data, []byte("\n"))
	switch {
	case line == 0:
		return // the file as a whole
	case line > len(all):
		x.Gone = true
		return
	}
	x.Line, x.First = line, max(1, line-excerptAround)
	secretFile := f.r.isCredentialFile(f.path) && !f.structured()
	inKey := insideKey(all[:x.First-1])
	for i := x.First; i <= min(line+excerptAround, len(all)); i++ {
		text := strings.TrimRight(string(all[i-1]), "\r")
		inKey = inKey || strings.Contains(text, pemBegin)
		switch {
		case (secretFile || inKey) && strings.TrimSpace(text) != "":
			text = redactedText
		case len(text) > longLine && i == line && n != nil && n.Key != "":
			text = "… " + f.mask(n.Key+": "+n.Text) + " …"
		case len(text) > longLine:
			text = "… a line of " + fmt.Sprint(len(text)) + " bytes"
		default:
			text = f.mask(text)
		}
		if strings.Contains(string(all[i-1]), pemEnd) {
			inKey = false
		}
		x.Lines = append(x.Lines, text)
	}
	for len(x.Lines) > 0 && x.First+len(x.Lines)-1 > line && strings.TrimSpace(x.Lines[len(x.Lines)-1]) == "" {
		x.Lines = x.Lines[:len(x.Lines)-1]
	}
}

// at is the value at a pointer, on the line where one is known.
func (f *shownFile) at(pointer string, line int) *doc.Node {
	if pointer == "" {
		return nil
	}
	var other *doc.Node
	for _, d := range f.docs {
		if d.Format == doc.Text {
			continue
		}
		n := d.At(pointer)
		if n != nil && (n.Line == line || n.KeyLine == line) {
			f.doc = d
			return n
		}
		if n != nil && other == nil {
			f.doc, other = d, n
		}
	}
	return other
}

// structured reports whether the file is understood as something with places in it.
func (f *shownFile) structured() bool { return len(f.docs) > 0 && f.docs[0].Format != doc.Text }

// mask takes every secret out of a line.
func (f *shownFile) mask(line string) string {
	line = strings.ReplaceAll(line, "\t", "    ")
	for _, h := range f.masks {
		if strings.Contains(line, h) {
			line = strings.ReplaceAll(line, h, redactedText)
		}
	}
	return maskedLine(line)
}
