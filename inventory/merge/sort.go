package merge

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// mark names one record of one list. Marks are sorted, which are small, and not records.
type mark struct {
	key   uint64 // from the start of the id: a smaller number is a smaller id
	list  uint32
	place uint32
}

func record[T any](from [][]T, m mark) *T { return &from[m.list][m.place] }

// sorted marks all records that have an id, by id. A record that nothing can refer to is no record.
func sorted[T any](from [][]T, id func(*T) inventory.ID) []mark {
	n := 0
	for _, xs := range from {
		n += len(xs)
	}
	marks := make([]mark, 0, n)
	for list, xs := range from {
		for i := range xs {
			if id(&xs[i]) != "" {
				marks = append(marks, mark{0, uint32(list), uint32(i)})
			}
		}
	}
	skip := common(from, marks, id)
	for i := range marks {
		marks[i].key = start(id(record(from, marks[i])), skip)
	}
	slices.SortFunc(marks, func(a, b mark) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(id(record(from, a)), id(record(from, b)))
	})
	return marks
}

// common is the length of what all ids begin with: their noun, as a rule.
func common[T any](from [][]T, marks []mark, id func(*T) inventory.ID) int {
	if len(marks) == 0 {
		return 0
	}
	first := id(record(from, marks[0]))
	n := len(first)
	for _, m := range marks {
		s := id(record(from, m))
		n = min(n, len(s))
		for s[:n] != first[:n] {
			n--
		}
	}
	return n
}

// start is the number of the eight bytes after skip.
func start(id inventory.ID, skip int) uint64 {
	var n uint64
	for i := skip; i < skip+8; i++ {
		n <<= 8
		if i < len(id) {
			n |= uint64(id[i])
		}
	}
	return n
}
