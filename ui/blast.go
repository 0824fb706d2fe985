package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// way is how one resource is reached, through one credential or by the assistant's own rights: everything that may be done
// there.
type way struct {
	via      string // a secret's id, or how else
	resource inventory.ID
	name     string
	prod     bool
	first    inventory.ID // the entitlement that weighs most
	caps     []inventory.Capability
	asks     map[inventory.Capability]bool // a person must approve it
	certain  bool
}

// waysOf puts entitlements together by resource, worst first; what is blocked is left out.
func waysOf(s *snap, es []*inventory.Entitlement) []way { return gather(s, es, false) }

// gather puts entitlements together by resource, and by the credential too where byVia asks for it.
func gather(s *snap, es []*inventory.Entitlement, byVia bool) []way {
	var out []way
	at := map[string]int{}
	for _, e := range es {
		if e.Gate == inventory.GateBlocked {
			continue
		}
		key := string(e.Resource)
		if byVia {
			key += "\x00" + e.Via
		}
		i, ok := at[key]
		if !ok {
			i, at[key] = len(out), len(out)
			w := way{via: e.Via, resource: e.Resource, asks: map[inventory.Capability]bool{}}
			if r := s.Resource(e.Resource); r != nil {
				w.name = r.Name
			}
			out = append(out, w)
		}
		w := &out[i]
		w.prod = w.prod || inProduction(s, e)
		asks := e.Gate == inventory.GateAsks
		if !slices.Contains(w.caps, e.Capability) {
			w.caps, w.asks[e.Capability] = append(w.caps, e.Capability), asks
		}
		w.asks[e.Capability] = w.asks[e.Capability] && asks
		if w.first == "" || e.Certain && !w.certain || e.Certain == w.certain && heavier(e.Capability, s.Entitlement(w.first).Capability) {
			w.first = e.ID
		}
		w.certain = w.certain || e.Certain
	}
	for i := range out {
		slices.SortFunc(out[i].caps, func(a, b inventory.Capability) int { return cmp.Compare(weight(a), weight(b)) })
	}
	slices.SortStableFunc(out, way.compare)
	return out
}

// weight orders capabilities, the one that weighs most first.
func weight(c inventory.Capability) int { return slices.Index(power, c) }

func heavier(a, b inventory.Capability) bool { return weight(a) < weight(b) }

// compare orders the worse of two ways first.
func (w way) compare(v way) int {
	return cmp.Or(cmp.Compare(w.class(), v.class()), falseFirst(!w.prod, !v.prod), falseFirst(!w.certain, !v.certain), falseFirst(w.gated(), v.gated()),
		cmp.Compare(w.top(), v.top()), cmp.Compare(len(v.caps), len(w.caps)), cmp.Compare(w.name, v.name))
}

// class is what sort of power a way gives: over others' rights or what is released, then writing, then reading.
func (w way) class() int {
	switch top := w.top(); {
	case top <= weight(inventory.ClusterWrite):
		return 0
	case top <= weight(inventory.TicketWrite):
		return 1
	}
	return 2
}

// gated reports whether a person must approve the weightiest thing.
func (w way) gated() bool { return len(w.caps) > 0 && w.asks[w.caps[0]] }

func (w way) top() int {
	if len(w.caps) == 0 {
		return len(power)
	}
	return weight(w.caps[0])
}

// doing names what may be done, what weighs most first.
func (w way) doing() string {
	var parts []string
	for _, c := range w.caps {
		t := string(c)
		if w.asks[c] {
			t += " (asks)"
		}
		parts = append(parts, t)
	}
	text := strings.Join(parts, ", ")
	if !w.certain {
		text += "; possible"
	}
	return text
}

// blast draws the paths from an assistant, or from a credential, to what it reaches: the worst first, at most most of them.
func (b *detailBuilder) blast(id inventory.ID, most int) {
	ways := gather(b.s, b.s.EntitlementsOf(id), true)
	if len(ways) == 0 {
		return
	}
	prod := 0
	for _, w := range ways {
		if w.prod {
			prod++
		}
	}
	title := "BLAST RADIUS " + plural(len(ways), "way")
	if prod > 0 {
		title += fmt.Sprintf(", %d into production", prod)
	}
	b.head(title + "; worst first")
	b.lines = append(b.lines, blastLines(b.s, id, ways[:min(len(ways), most)], b.w)...)
	if more := len(ways) - most; more > 0 {
		b.add("", table.Cell{Text: fmt.Sprintf("and %d more: x shows them as a tree", more), Style: theme.Dim})
	}
}

// blastLines draws ways as a path: who, through what, to which resource, and what may be done there.
func blastLines(s *snap, id inventory.ID, ways []way, w int) []detailLine {
	var vias []string
	by := map[string][]way{}
	for _, x := range ways {
		if by[x.via] == nil {
			vias = append(vias, x.via)
		}
		by[x.via] = append(by[x.via], x)
	}
	out := []detailLine{{styledLine: styledLine{{Text: nameOf(s, id), Style: theme.Bold}}, id: id}}
	for i, via := range vias {
		stem, next := "├─ ", "│  "
		if i == len(vias)-1 {
			stem, next = "└─ ", "   "
		}
		if via == string(id) || id.Noun() == inventory.NounSecret { // it is the credential itself
			stem, next = "", ""
		} else {
			l := detailLine{styledLine: styledLine{{Text: stem, Style: theme.Dim}, {Text: viaWords(s, via), Style: theme.Note}}}
			if x := s.Secret(inventory.ID(via)); x != nil {
				l.id = x.ID
				if c := decisionCell(worst(s.FindingsOf(x.ID))); c.Text != "" {
					l.styledLine = append(l.styledLine, table.Cell{Text: "  "}, c)
				}
			}
			out = append(out, l)
		}
		for k, x := range by[via] {
			arrow := "├─> "
			if k == len(by[via])-1 && (next != "" || i == len(vias)-1) {
				arrow = "└─> "
			}
			out = append(out, x.draw(s, next+arrow, next+map[bool]string{true: "    ", false: "│   "}[arrow == "└─> "], w)...)
		}
	}
	return out
}

// draw is the end of a path: the resource, and below it what may be done, wrapped.
func (w way) draw(s *snap, stem, below string, width int) []detailLine {
	name := w.name
	if name == "" {
		name = "the machine that it runs on"
	}
	l := styledLine{{Text: stem, Style: theme.Dim}, {Text: name, Style: theme.Note}}
	if w.prod {
		l = append(l, table.Cell{Text: "  PRODUCTION", Style: theme.Alarm})
	}
	doing := w.doing()
	if n := table.Width(l.plain()); n+2+table.Width(doing) <= width {
		return []detailLine{{styledLine: append(l, table.Cell{Text: "  " + doing}), id: w.first}}
	}
	out := []detailLine{{styledLine: l, id: w.first}}
	for _, t := range wrap(doing, width-table.Width(below)) {
		out = append(out, detailLine{styledLine: styledLine{{Text: below, Style: theme.Dim}, {Text: t}}, id: w.first})
	}
	return out
}

// viaWords names what a right comes through.
func viaWords(s *snap, via string) string {
	switch via {
	case inventory.ViaAmbient:
		return "the account that it runs as"
	case inventory.ViaDelegated, "":
		return "its own rights"
	}
	return viaName(s, via)
}
