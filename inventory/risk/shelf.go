package risk

import (
	"hash/maphash"
)

// shelf holds small lists that are never changed, many in one piece of memory: a small piece first, then larger ones.
type shelf[T any] struct {
	free []T
	size int
}

const firstShelf, lastShelf = 8, 512

// room makes room for n.
func (s *shelf[T]) room(n int) {
	if n > len(s.free) {
		s.size = min(max(2*s.size, firstShelf), lastShelf)
		s.free = make([]T, max(s.size, n))
	}
}

// copy returns a copy of a list that an append cannot spill out of.
func (s *shelf[T]) copy(xs ...T) []T {
	if len(xs) == 0 {
		return nil
	}
	s.room(len(xs))
	n := copy(s.free, xs)
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// one returns a place for one.
func (s *shelf[T]) one() *T {
	s.room(1)
	x := &s.free[0]
	s.free = s.free[1:]
	return x
}

// fill returns a list of n.
func (s *shelf[T]) fill(n int, of func(int) T) []T {
	if n == 0 {
		return nil
	}
	s.room(n)
	out := s.free[:n:n]
	s.free = s.free[n:]
	for i := range out {
		out[i] = of(i)
	}
	return out
}

// slabs is a list that grows without moving what it holds.
type slabs[T any] [][]T

// add returns the place of a new one.
func (s *slabs[T]) add() *T {
	k := len(*s) - 1
	if k < 0 || len((*s)[k]) == cap((*s)[k]) {
		size := firstShelf
		if k >= 0 {
			size = min(2*cap((*s)[k]), lastShelf)
		}
		*s = append(*s, make([]T, 0, size))
		k++
	}
	slab := &(*s)[k]
	*slab = (*slab)[:len(*slab)+1]
	return &(*slab)[len(*slab)-1]
}

// all goes through the list.
func (s slabs[T]) all(yield func(*T) bool) {
	for _, slab := range s {
		for i := range slab {
			if !yield(&slab[i]) {
				return
			}
		}
	}
}

func (s slabs[T]) len() int {
	n := 0
	for _, slab := range s {
		n += len(slab)
	}
	return n
}

// seed of the hashes here: no order depends on it.
var seed = maphash.MakeSeed()

// texts remembers the texts that were made last: findings that follow each other are often told in the same words. It is
// of fixed size, and a text that is forgotten is made again.
type texts struct{ slots [4096]string }

// of returns the text that the bytes spell.
func (t *texts) of(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	p := &t.slots[maphash.Bytes(seed, b)%uint64(len(t.slots))]
	if *p != string(b) {
		*p = string(b)
	}
	return *p
}
