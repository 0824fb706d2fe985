package local

import (
	"cmp"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// member is one product in a project.
type member struct {
	entry *catalogue.Assistant
	files []*source
	proof []inventory.Evidence
	sure  bool
}

// members tells which products are used in a project.
func (c *collection) members(p *project) []*member {
	by := map[string]*member{}
	of := func(a *catalogue.Assistant) *member {
		m := by[a.ID]
		if m == nil {
			m = &member{entry: a}
			by[a.ID] = m
		}
		return m
	}
	for _, k := range p.known {
		m := of(k.product.entry)
		m.sure = true
		m.proof = append(m.proof, k.src.at(k.node, "names the project"))
	}
	shared := c.readPlaces(p, of)
	for _, s := range p.steers {
		if c.steeredBy[s.pattern] == 1 {
			of(s.entry).sure = true
		}
	}
	c.settleShared(p, shared, by)
	for _, s := range p.steers {
		if m := by[s.entry.ID]; m != nil && m.sure {
			m.proof = append(m.proof, inventory.Evidence{Path: c.show(c.given(s.path)), Note: "instructions"})
		}
	}
	var out []*member
	for _, id := range sortedKeys(by) {
		if by[id].sure {
			byPrecedence(by[id].files)
			out = append(out, by[id])
		}
	}
	return out
}

// readPlaces reads the files of a project, each once, and returns those that several products read.
func (c *collection) readPlaces(p *project, of func(*catalogue.Assistant) *member) map[string][]*source {
	readers := map[string][]*source{}
	docs := map[string]*source{}
	for _, pl := range p.places {
		s := &source{entry: pl.want.entry, row: pl.want.file, path: c.given(pl.path), repo: true, tree: p.tree, home: p.home}
		first := docs[pl.path+"\x00"+s.row.Format]
		switch {
		case first == nil:
			if !c.takeProject(s) {
				continue
			}
			docs[pl.path+"\x00"+s.row.Format] = s
		default:
			s.doc, s.data, s.mode, s.real, s.shown, s.broken = first.doc, first.data, first.mode, first.real, first.shown, first.broken
		}
		if p.home != nil && p.home.claimed[s.real] {
			continue // the same file, as a file of the home
		}
		m := of(s.entry)
		if !slices.ContainsFunc(m.files, func(x *source) bool { return x.path == s.path }) {
			m.files = append(m.files, s)
		}
		readers[pl.path] = append(readers[pl.path], s)
	}
	shared := map[string][]*source{}
	for path, ss := range readers {
		products := map[string]bool{}
		for _, s := range ss {
			products[s.entry.ID] = true
		}
		if len(products) > 1 {
			shared[path] = ss
			continue
		}
		for _, s := range ss {
			if e, ok := s.proves(); ok {
				m := of(s.entry)
				m.sure = true
				m.proof = append(m.proof, e)
			}
		}
	}
	return shared
}

func (c *collection) takeProject(s *source) bool {
	if !s.row.Opened() || s.row.Sealed != "" {
		return c.take(s, c.within, true)
	}
	return c.parse(s, doc.Format(s.row.Format), c.within, s.entry.ID)
}

// settleShared decides whose a file is that several products read: theirs that show in the home or the project by
// another sign; without any such sign, that of the first one alone.
func (c *collection) settleShared(p *project, shared map[string][]*source, by map[string]*member) {
	for _, path := range sortedKeys(shared) {
		ss := shared[path]
		slices.SortFunc(ss, func(a, b *source) int { return cmp.Compare(a.entry.ID, b.entry.ID) })
		var first *source
		taken := false
		for _, s := range ss {
			e, ok := s.proves()
			if ok && first == nil {
				first = s
			}
			m := by[s.entry.ID]
			if !m.sure && !p.home.uses(s.entry.ID) {
				continue
			}
			if !ok { // by itself it would prove nothing, but the product is there, and reads it
				e = s.evidence(s.row.Role)
			}
			m.sure, taken = true, true
			m.proof = append(m.proof, e)
		}
		if !taken && first != nil {
			e, _ := first.proves()
			m := by[first.entry.ID]
			m.sure = true
			m.proof = append(m.proof, e)
		}
	}
}

// uses reports whether a product shows in the home.
func (h *home) uses(id string) bool {
	return h != nil && h.products[id] != nil && len(h.products[id].proof) > 0
}
