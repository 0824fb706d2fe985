package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
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
	first    inventory.ID // what is opened from its line: the entitlement that weighs most, else the resource
	deeds    []deed
}

// deed is one thing that may be done there.
type deed struct {
	is      inventory.Capability
	words   string // in place of its name
	asks    bool   // a person must approve it
	certain bool   // else by the kind of credential only
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
			w := way{via: e.Via, resource: e.Resource}
			if r := s.Resource(e.Resource); r != nil {
				w.name = r.Name
			}
			out = append(out, w)
		}
		out[i].prod = out[i].prod || inProduction(s, e)
		if out[i].add(deed{is: e.Capability, asks: e.Gate == inventory.GateAsks, certain: e.Certain}) || out[i].first == "" {
			out[i].first = e.ID
		}
	}
	return ordered(out)
}

// waysOfReach puts together what a credential is known to open.
func waysOfReach(rs []risk.Reach) []way {
	var out []way
	for _, r := range rs {
		i := slices.IndexFunc(out, func(w way) bool { return w.resource == r.Resource && w.name == r.Name })
		if i < 0 {
			i, out = len(out), append(out, way{resource: r.Resource, name: r.Name, first: r.Resource})
		}
		out[i].prod = out[i].prod || r.Production
		out[i].add(deed{is: r.Capability, words: r.Doing, asks: r.Gate == inventory.GateAsks, certain: r.Certain})
	}
	return ordered(out)
}

// add takes a deed in; of two that are the same the surer, and the one that asks nobody, counts. It reports whether none
// weighs more.
func (w *way) add(d deed) bool {
	if i := slices.IndexFunc(w.deeds, func(x deed) bool { return x.is == d.is }); i < 0 {
		w.deeds = append(w.deeds, d)
	} else if x := w.deeds[i]; d.certain && !x.certain || d.certain == x.certain && !d.asks {
		w.deeds[i] = d
	}
	return !slices.ContainsFunc(w.deeds, func(x deed) bool { return weight(x.is) < weight(d.is) })
}

func ordered(ws []way) []way {
	for i := range ws {
		slices.SortFunc(ws[i].deeds, func(a, b deed) int { return cmp.Compare(weight(a.is), weight(b.is)) })
	}
	slices.SortStableFunc(ws, way.compare)
	return ws
}

// weight orders capabilities, the one that weighs most first.
func weight(c inventory.Capability) int {
	if i := slices.Index(power, c); i >= 0 {
		return i
	}
	return len(power)
}

// compare orders the worse of two ways first.
func (w way) compare(v way) int {
	a, b := w.deeds[0], v.deeds[0]
	return cmp.Or(cmp.Compare(class(a.is), class(b.is)), falseFirst(!w.prod, !v.prod), falseFirst(!a.certain, !b.certain), falseFirst(a.asks, b.asks),
		cmp.Compare(weight(a.is), weight(b.is)), cmp.Compare(len(v.deeds), len(w.deeds)), cmp.Compare(w.name, v.name))
}

// class is what sort of power a capability is: over others' rights or what is released, then writing, then reading.
func class(c inventory.Capability) int {
	switch n := weight(c); {
	case n <= weight(inventory.ClusterWrite):
		return 0
	case n <= weight(inventory.TicketWrite):
		return 1
	}
	return 2
}

// doing names what may be done, what weighs most first. What holds of all is said once.
func (w way) doing() string {
	asks := !slices.ContainsFunc(w.deeds, func(d deed) bool { return !d.asks })
	possible := !slices.ContainsFunc(w.deeds, func(d deed) bool { return d.certain })
	var parts []string
	for _, d := range w.deeds {
		t := cmp.Or(d.words, string(d.is))
		if d.asks && !asks {
			t += " (asks)"
		}
		if !d.certain && !possible {
			t += " (possible)"
		}
		parts = append(parts, t)
	}
	text := strings.Join(parts, ", ")
	if asks {
		text += "; asks"
	}
	if possible {
		text += "; possible"
	}
	return text
}

// reachLines draws the ways of a credential below a head, for the pages of a plan and an incident.
func reachLines(head string, ways []way, w, most int) []styledLine {
	indent := strings.Repeat(" ", table.Width(head)+2)
	var out []styledLine
	shown := ways[:min(len(ways), most)]
	for i, x := range shown {
		arrow, below := "├─> ", "│   "
		if i == len(shown)-1 && len(ways) <= most {
			arrow, below = "└─> ", "    "
		}
		for _, l := range x.draw(arrow, below, w-len(indent)-1) {
			start := table.Cell{Text: indent}
			if len(out) == 0 {
				start = table.Cell{Text: " " + head + " ", Style: theme.Bold}
			}
			out = append(out, append(styledLine{start}, l.styledLine...))
		}
	}
	if more := len(ways) - most; more > 0 {
		out = append(out, linef(theme.Dim, "%s└─> and %d more", indent, more))
	}
	return out
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
			out = append(out, x.draw(next+arrow, next+map[bool]string{true: "    ", false: "│   "}[arrow == "└─> "], w)...)
		}
	}
	return out
}

// draw is the end of a path: the resource, and below it what may be done, wrapped.
func (w way) draw(stem, below string, width int) []detailLine {
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
