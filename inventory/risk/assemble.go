package risk

import (
	"runtime"
	"slices"
	"sort"
	"time"

	"nhitop/inventory"
)

// fresh is a finding that does not stand where it stood before.
type fresh struct {
	inventory.Finding
	kept    *kept
	members []uint32
	from    int32 // its place in the judgement before, or -1
}

// assemble puts together what was made and what is taken over.
func (c *carrying) assemble(settle func([]inventory.Finding)) *Judgement {
	c.spreads()
	moved := c.recount()
	made, whole := c.ordered()
	news := make([]*fresh, 0, len(made)+len(moved))
	sights := map[inventory.ID]time.Time{}
	for i, dropped := range c.dropped {
		if dropped {
			sights[c.prev.Findings[i].ID] = c.prev.Findings[i].FirstSeen
		}
	}
	for _, m := range made {
		x := &fresh{kept: m.kept, members: m.members, from: -1}
		m.finding(&x.Finding)
		c.w.known(&x.Finding, sights[m.id])
		news = append(news, x)
	}
	news = append(news, moved...)
	slices.SortFunc(news, func(a, b *fresh) int { return worse(&a.Finding, &b.Finding) })
	out := &Judgement{w: c.w.leave(), rules: c.rules, spread: c.spread, whole: whole, settled: settle != nil || len(c.w.r.Findings) > 0}
	for i := range c.asked {
		out.asked += len(c.asked[i].list)
	}
	from, ok := c.merge(out, news, c.doubtful(made))
	if !ok {
		return nil
	}
	out.settle(settle)
	out.cover(c.prev, from)
	out.from = from
	out.whole = out.whole && int(out.knots.next) < 8*(len(out.Findings)+1000) // numbers of knots are not used again
	return out
}

// doubtful are the ids of findings whose subject was not asked about: another of its findings of the rule, which is taken
// over, could have the same.
func (c *carrying) doubtful(made []*made) map[inventory.ID]bool {
	var ids map[inventory.ID]bool
	leads := map[again][]inventory.ID{}
	rules := make([]bool, len(c.byNumber))
	for _, m := range made {
		if m.group == 0 {
			continue
		}
		if at := c.w.s.Place(m.rule.Of, m.subject); at >= 0 && !c.t.subjects[m.rule.of].on[at] {
			x := again{m.rule, uint32(at)}
			leads[x], rules[m.rule.no] = append(leads[x], m.id), true
		}
	}
	for i, b := range c.prev.brief {
		if !rules[b.rule] || c.dropped[i] {
			continue
		}
		r := c.byNumber[b.rule]
		for _, m := range c.prev.members.of(i) {
			for _, id := range leads[again{r, uint32(c.member(r, m))}] {
				if ids == nil {
					ids = map[inventory.ID]bool{}
				}
				ids[id] = true
			}
		}
	}
	return ids
}

// merge takes over the findings that stand where they stood, with the news between them, and returns where each stood. ok is
// false where one of the doubtful ids is that of a finding that was taken over.
func (c *carrying) merge(out *Judgement, news []*fresh, doubtful map[inventory.ID]bool) (from []int32, ok bool) {
	n := len(news)
	for _, dropped := range c.dropped {
		if !dropped {
			n++
		}
	}
	out.Findings, out.kept, out.brief, from = make([]inventory.Finding, 0, n), make([]*kept, 0, n), make([]brief, 0, n), make([]int32, 0, n)
	out.bearings = make([]bearing, 0, n)
	out.members = members{make([]uint32, 0, n), make([]uint32, 0, len(c.prev.members.all))}
	t := taking{carrying: c, pen: &pen{w: c.w}}
	old := c.prev.Findings
	for i := 0; i < len(old) || len(news) > 0; {
		end := len(old)
		if len(news) > 0 {
			end = i + near(len(old)-i, func(k int) bool { return worse(&old[i+k], &news[0].Finding) < 0 })
		}
		for i < end {
			run := i
			for run < min(end, i+stretch) && !c.dropped[run] && (len(doubtful) == 0 || !doubtful[old[run].ID]) {
				run++
			}
			switch {
			case run > i:
				t.stretch(out, i, run)
				for ; i < run; i++ {
					from = append(from, int32(i))
				}
			case c.dropped[i]:
				i++
			default:
				return nil, false
			}
		}
		if len(news) > 0 {
			out.Findings, out.kept, from = append(out.Findings, news[0].Finding), append(out.kept, news[0].kept), append(from, news[0].from)
			out.brief, out.bearings = append(out.brief, news[0].kept.brief()), append(out.bearings, bearingOf(&news[0].Finding))
			out.members.add(news[0].members...)
			news = news[1:]
		}
	}
	return from, true
}

// near is how many of n things come before something else, those first for which before says so. It looks in wider and wider
// steps: the place is near.
func near(n int, before func(i int) bool) int {
	from, to := 0, 1
	for to < n && before(to-1) {
		from, to = to, 2*to
	}
	to = min(to, n)
	return from + sort.Search(to-from, func(k int) bool { return !before(from + k) })
}

// stretch is how many findings are copied in one go.
const stretch = 64

// stretch takes over the findings from one place to another.
func (t *taking) stretch(out *Judgement, from, to int) {
	n := len(out.Findings)
	out.Findings, out.kept, out.brief = append(out.Findings, t.prev.Findings[from:to]...), append(out.kept, t.prev.kept[from:to]...), append(out.brief, t.prev.brief[from:to]...)
	ahead := 0
	for i := range out.Findings[n:] { // reads that do not wait for each other, before those that would
		if es := out.Findings[n+i].Evidence; len(es) > 0 {
			ahead += es[0].Line
		}
	}
	runtime.KeepAlive(ahead)
	for i := from; i < to; i++ {
		x := &out.Findings[n+i-from]
		t.over(x, t.prev.brief[i])
		t.move(&out.members, i)
		out.bearings = append(out.bearings, bearingOf(x))
	}
}

// taking takes findings over into a judgement.
type taking struct {
	*carrying
	pen      *pen
	evidence shelf[inventory.Evidence]

	source string // that was asked last for when it saw again what it saw then
	then   time.Time
	again  time.Time
}

// over makes a finding of prev one of now: what was seen again was, and what people say to it is not known yet.
func (t *taking) over(x *inventory.Finding, b brief) {
	if t.prev.settled {
		x.State, x.AcceptedUntil, x.AcceptedBy, x.Note = stateOpen, time.Time{}, "", ""
	}
	if len(t.w.r.Findings) > 0 {
		t.w.known(x, x.FirstSeen)
	}
	if !b.timeless && !t.d.Still() {
		x.Evidence = t.seen(x.Evidence)
	}
	if r := t.byNumber[b.rule]; r.fleet >= 0 {
		if n := t.spread[r.no]; n >= t.w.p.Fleet && n != t.prev.spread[r.no] {
			t.count(x, r)
		}
	}
}

// count says in a finding for how many assistants its rule holds now.
func (t *taking) count(x *inventory.Finding, r *asked) {
	score, parts := t.pen.count(r, x.ScoreParts, t.spread[r.no])
	x.Score, x.ScoreParts = int(score), parts
}

// move takes the members of a finding of prev over.
func (t *taking) move(into *members, i int) {
	to := t.moves[t.byNumber[t.prev.brief[i].rule].of]
	for _, m := range t.prev.members.of(i) {
		if to != nil {
			m = uint32(to[m])
		}
		into.all = append(into.all, m)
	}
	into.ends = append(into.ends, uint32(len(into.all)))
}

func (t *taking) seen(es []inventory.Evidence) []inventory.Evidence {
	for i := range es {
		if t.when(&es[i]) != es[i].ObservedAt {
			es = t.evidence.copy(es...)
			for k := range es {
				es[k].ObservedAt = t.when(&es[k])
			}
			return es
		}
	}
	return es
}

func (t *taking) when(e *inventory.Evidence) time.Time {
	if e.ObservedAt.IsZero() {
		return e.ObservedAt
	}
	if e.Source != t.source || e.ObservedAt != t.then {
		t.source, t.then, t.again = e.Source, e.ObservedAt, t.d.Again(e.Source, e.ObservedAt)
	}
	return t.again
}

// spreads counts for how many assistants each rule holds that is worse where many have it.
func (c *carrying) spreads() {
	holds := c.crowds()
	counted := make([]*crowd, len(c.byNumber))
	for no, h := range holds {
		counted[no] = h
	}
	for i, b := range c.prev.brief {
		h := counted[b.rule]
		if h == nil || c.dropped[i] {
			continue
		}
		r, ids, members := c.byNumber[b.rule], c.prev.Findings[i].Assistants, c.prev.members.of(i)
		if r.Of != inventory.NounAssistant || len(ids) != len(members) {
			h.add(c.w.s, ids)
			continue
		}
		for _, m := range members {
			h.places.add(c.member(r, m))
		}
	}
	c.spread = c.count(holds)
}

// recount says in the findings that were made how many have the same, where that makes them worse, and returns those of prev
// that stand elsewhere now for it.
func (c *carrying) recount() []*fresh {
	t := taking{carrying: c, pen: &pen{w: c.w}}
	fleet := c.w.p.Fleet
	for m := range c.all {
		if n := c.spread[m.rule.no]; m.rule.fleet >= 0 && n >= fleet {
			m.score, m.parts = t.pen.count(m.rule, m.parts, n)
		}
	}
	toggled := make([]bool, len(c.byNumber))
	for _, r := range c.rules {
		toggled[r.no] = r.fleet >= 0 && (c.prev.spread[r.no] >= fleet) != (c.spread[r.no] >= fleet)
	}
	var moved []*fresh
	for i, b := range c.prev.brief {
		if k := c.prev.kept[i]; toggled[b.rule] && !c.dropped[i] {
			var into members
			t.move(&into, i)
			x := &fresh{c.prev.Findings[i], k, into.all, int32(i)}
			t.count(&x.Finding, k.rule)
			t.over(&x.Finding, b)
			moved, c.dropped[i] = append(moved, x), true
		}
	}
	return moved
}
