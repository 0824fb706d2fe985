package inventory

import (
	"maps"
	"slices"
)

// recent remembers lists that came in lately, so that equal ones are one piece of memory: thousands of records have the same
// arguments, scopes or places. It is of fixed size, and a list that is forgotten is kept twice.
type recent[T comparable] struct{ slots [64][]T }

// of returns a list that is equal to xs, or makes one and remembers it. mark tells lists apart, mostly.
func (r *recent[T]) of(xs []T, mark uint, copied func([]T) []T) []T {
	if len(xs) == 0 {
		return xs[:0:0]
	}
	kept := &r.slots[mark%uint(len(r.slots))]
	if !slices.Equal(*kept, xs) {
		*kept = copied(xs)
	}
	return *kept
}

// markText mixes what tells texts apart, mostly: the length and some characters.
func markText[S ~string](mark uint, s S) uint {
	mark = mark*31 + uint(len(s))
	if n := len(s); n > 0 {
		mark = (mark*31+uint(s[n-1]))*31 + uint(s[n/2])
	}
	return mark
}

func markTexts[S ~string](xs []S) uint {
	mark := uint(len(xs))
	for _, s := range xs {
		mark = markText(mark, s)
	}
	return mark
}

// recentMaps does for maps what recent does for lists.
type recentMaps[K, V ~string] struct{ slots [32]map[K]V }

// of returns a clean map that is equal to m, or makes one and remembers it.
func (r *recentMaps[K, V]) of(m map[K]V) map[K]V {
	if m == nil {
		return nil
	}
	mark := uint(len(m))
	for k, v := range m {
		mark += markText(markText(0, k), v)
	}
	kept := &r.slots[mark%uint(len(r.slots))]
	if *kept == nil || !maps.Equal(*kept, m) {
		own := make(map[K]V, len(m))
		for k, v := range m {
			text(&k)
			text(&v)
			own[k] = v
		}
		*kept = own
	}
	return *kept
}
