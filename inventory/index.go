package inventory

import (
	"hash/maphash"
	"slices"
)

// seed keeps anybody who chooses ids from choosing such that collide. No order depends on it.
var seed = maphash.MakeSeed()

// slots is a hash table with open addressing, at most half full, that holds places only: the ids stay where they are. A
// slot is a place plus one, 0 where it is free.
type slots []uint32

func newSlots(n int) slots {
	size := 4
	for size < 2*n {
		size *= 2
	}
	return make(slots, size)
}

func (s slots) first(id ID) int    { return int(maphash.String(seed, string(id)) & uint64(len(s)-1)) }
func (s slots) next(slot int) int  { return (slot + 1) & (len(s) - 1) }
func (s slots) place(slot int) int { return int(s[slot]) - 1 }

// byID finds a record of a list by its id. Of two with one id the last is found.
type byID[T any] struct {
	slots slots
	xs    []T
	id    func(*T) ID
}

func index[T any](xs []T, id func(*T) ID) byID[T] {
	x := byID[T]{newSlots(len(xs)), xs, id}
	for i := range xs {
		x.slots[x.slot(id(&xs[i]))] = uint32(i) + 1
	}
	return x
}

// slot is where id stands or would stand.
func (x *byID[T]) slot(id ID) int {
	s := x.slots.first(id)
	for x.slots[s] != 0 && x.id(&x.xs[x.slots.place(s)]) != id {
		s = x.slots.next(s)
	}
	return s
}

func (x *byID[T]) get(id ID) *T {
	if s := x.slot(id); x.slots[s] != 0 {
		return &x.xs[x.slots.place(s)]
	}
	return nil
}

// place is where id stands in the list, or -1.
func (x *byID[T]) place(id ID) int { return x.slots.place(x.slot(id)) }

// byLink finds all records of a list that name an id, in the order of the list.
type byLink[T any] struct {
	slots slots
	keys  []ID
	ends  []uint32 // where the records of a key end in all; they begin where those of the key before end
	all   []*T
}

// linker collects the links of a list before they are put in order.
type linker struct {
	slots slots
	lent  bool // slots are another one's
	keys  []ID
	count []uint32 // of each key
	last  []uint32 // of each key: the record that was linked to it last, plus one
	links
}

// links are the keys of each record of a list, by their numbers.
type links struct {
	of   []uint32 // one record after the other
	ends []uint32 // of each record
}

// group links each record under every id that names gives, once, and not under the empty one. each is how many there are
// of a record, about.
func group[T any](xs []T, each int, names func(l *linker, x *T)) byLink[T] {
	g, _ := grouped(xs, each, names)
	return g
}

// grouped is group, and keeps the links.
func grouped[T any](xs []T, each int, names func(l *linker, x *T)) (byLink[T], links) {
	some := len(xs) / 2
	l := linker{slots: newSlots(some), keys: make([]ID, 0, some), count: make([]uint32, 0, some), last: make([]uint32, 0, some),
		links: links{make([]uint32, 0, each*len(xs)), make([]uint32, 0, len(xs))}}
	for i := range xs {
		names(&l, &xs[i])
		l.ends = append(l.ends, uint32(len(l.of)))
	}
	return gather(&l, xs), l.links
}

// gather puts the records in order.
func gather[T any](l *linker, xs []T) byLink[T] {
	g := byLink[T]{slots: l.slots, keys: l.keys, ends: l.count, all: make([]*T, len(l.of))}
	sum := uint32(0)
	for k, n := range g.ends {
		g.ends[k] = sum
		sum += n
	}
	from := uint32(0)
	for i, end := range l.ends {
		for _, k := range l.of[from:end] {
			g.all[g.ends[k]] = &xs[i]
			g.ends[k]++
		}
		from = end
	}
	return g
}

// link ties the record at hand, the one after those that have an end.
func (l *linker) link(ids ...ID) {
	record := uint32(len(l.ends)) + 1
	for _, id := range ids {
		if id == "" {
			continue
		}
		k := l.key(id)
		if l.last[k] == record {
			continue
		}
		l.last[k] = record
		l.count[k]++
		l.of = append(l.of, k)
	}
}

// key returns the number of a key, a new one if need be.
func (l *linker) key(id ID) uint32 {
	if n := len(l.keys); n > 0 && l.keys[n-1] == id {
		return uint32(n - 1) // neighbours often belong together
	}
	s := find(l.slots, l.keys, id)
	if l.slots[s] != 0 {
		return uint32(l.slots.place(s))
	}
	if l.lent {
		l.slots, l.lent = slices.Clone(l.slots), false
	}
	l.keys, l.count, l.last = append(l.keys, id), append(l.count, 0), append(l.last, 0)
	l.slots[s] = uint32(len(l.keys))
	if 2*len(l.keys) > len(l.slots) {
		l.slots = newSlots(2 * len(l.keys))
		for k, id := range l.keys {
			l.slots[find(l.slots, l.keys, id)] = uint32(k) + 1
		}
	}
	return uint32(len(l.keys) - 1)
}

// find is the slot where id stands or would stand.
func find(t slots, keys []ID, id ID) int {
	s := t.first(id)
	for t[s] != 0 && keys[t.place(s)] != id {
		s = t.next(s)
	}
	return s
}

func (g *byLink[T]) get(id ID) []*T {
	s := find(g.slots, g.keys, id)
	if g.slots[s] == 0 {
		return nil
	}
	k, from := g.slots.place(s), uint32(0)
	if k > 0 {
		from = g.ends[k-1]
	}
	if from == g.ends[k] {
		return nil
	}
	return g.all[from:g.ends[k]:g.ends[k]]
}
