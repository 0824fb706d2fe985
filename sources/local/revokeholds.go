package local

import (
	"bytes"
	"slices"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// standing is one place of a secret in a file.
type standing struct {
	secret *inventory.Secret
	at     inventory.Location
}

// standingIn lists what stands in a file, as the snapshot knows it.
func (b *planning) standingIn(path string) []standing {
	if b.standings == nil {
		b.standings = map[string][]standing{}
		all := b.snap.Records().Secrets
		for i := range all {
			for _, l := range all[i].Locations {
				if p, ok := b.resolve(l.Path); ok && (l.Scope == inventory.ScopeUser || l.Scope == inventory.ScopeRepo || l.Scope == "") {
					b.standings[p] = append(b.standings[p], standing{&all[i], l})
				}
			}
		}
	}
	return b.standings[path]
}

// holds lists the secrets that cannot be read any more where they stand in a file once it is what it becomes: its
// values go, or move to where nobody looks for them. after is nil where the file goes.
func (b *planning) holds(p *onDisk, d, after *doc.Doc) []inventory.ID {
	var ids []inventory.ID
	places := b.standingIn(p.path)
	if shown, ok := b.resolve(p.shown); ok && shown != p.path { // through a link
		places = slices.Concat(places, b.standingIn(shown))
	}
	for _, x := range places {
		if !slices.Contains(ids, x.secret.ID) && (after == nil || moves(d, after, x.at)) {
			ids = append(ids, x.secret.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// moves reports whether what stands at a place is another thing afterwards. Of a place that cannot be told it is.
func moves(d, after *doc.Doc, l inventory.Location) bool {
	if l.Pointer == "" {
		return l.Line <= 0 || !bytes.Equal(lineOf(d.Data, l.Line), lineOf(after.Data, l.Line))
	}
	was, is := d.At(l.Pointer), after.At(l.Pointer)
	return was == nil || is == nil || was.Kind != is.Kind || was.Compact() != is.Compact()
}

// lineOf is a line of a text, counted from one.
func lineOf(data []byte, n int) []byte {
	for range n - 1 {
		_, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return nil
		}
		data = rest
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return line
}
