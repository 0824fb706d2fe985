package risk

import (
	"hash/maphash"
)

// shelf holds small lists that are never changed, many in one piece of memory.
type shelf[T any] struct{ free []T }

const shelfSize = 512

// copy returns a copy of a list that an append cannot spill out of.
func (s *shelf[T]) copy(xs ...T) []T {
	if len(xs) == 0 {
		return nil
	}
	if len(xs) > len(s.free) {
		s.free = make([]T, max(shelfSize, len(xs)))
	}
	n := copy(s.free, xs)
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// fill returns a list of n.
func (s *shelf[T]) fill(n int, of func(int) T) []T {
	if n > len(s.free) {
		s.free = make([]T, max(shelfSize, n))
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	for i := range out {
		out[i] = of(i)
	}
	return out
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
