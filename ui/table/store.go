package table

import (
	"hash/maphash"

	"nhitop/inventory"
)

// words holds a column whose texts repeat: each text once, and its number for every row. Columns with too many texts are
// not held; their cells are asked for when they are needed.
type words struct {
	texts  []string
	narrow []uint8  // numbers where there are few texts
	wide   []uint16 // else
}

func (w *words) held() bool { return w.narrow != nil || w.wide != nil }

func (w *words) at(row int32) int {
	if w.narrow != nil {
		return int(w.narrow[row])
	}
	return int(w.wide[row])
}

const (
	mostTexts  = 1 << 16
	anyTexts   = 1 << 12 // held however few rows there are
	fewTexts   = 1 << 8
	sampleRows = 1 << 12 // whose cells give the width of a column that is not held
)

// tooMany reports whether a column's texts repeat too little for it to be held.
func tooMany(texts, rows int) bool { return texts >= mostTexts || texts > anyTexts+rows/16 }

// read fills the store, the widths and the ids in one walk over the data.
func (r *rows) read(stop func() bool) bool {
	n := r.data.Len()
	r.store, r.widths, r.ids = make([]words, len(r.cols)), make([]int, len(r.cols)), newIDIndex(n)
	numbers := make([]map[string]uint16, len(r.cols))
	for c := range r.cols {
		numbers[c] = map[string]uint16{}
		r.store[c].wide = make([]uint16, n)
	}
	stride := max(1, n/sampleRows)
	for i := range n {
		if stopped(stop, i) {
			return false
		}
		r.ids.put(r.data, int32(i))
		for c := range r.cols {
			w := &r.store[c]
			if w.wide == nil {
				if i%stride == 0 {
					r.widths[c] = max(r.widths[c], Width(r.data.Cell(i, c).Text))
				}
				continue
			}
			text := r.data.Cell(i, c).Text
			k, ok := numbers[c][text]
			if !ok {
				k = uint16(len(w.texts))
				numbers[c][text] = k
				w.texts = append(w.texts, text)
				r.widths[c] = max(r.widths[c], Width(text))
				if tooMany(len(w.texts), i) {
					*w, numbers[c] = words{}, nil
					continue
				}
			}
			w.wide[i] = k
		}
	}
	for c := range r.store {
		r.store[c].pack(n)
	}
	return true
}

// pack lets go of what is not needed.
func (w *words) pack(n int) {
	switch {
	case w.wide == nil:
	case tooMany(len(w.texts), n):
		*w = words{}
	case len(w.texts) <= fewTexts:
		w.narrow = make([]uint8, n)
		for i, k := range w.wide {
			w.narrow[i] = uint8(k)
		}
		w.wide = nil
	}
}

// idIndex finds the row of an id: a hash table of rows alone, open, at most three quarters full.
type idIndex struct {
	slots []int32 // row + 1
}

var seed = maphash.MakeSeed()

func newIDIndex(n int) idIndex {
	size := 8
	for size < n+n/3 {
		size *= 2
	}
	return idIndex{make([]int32, size)}
}

func (x idIndex) slot(id inventory.ID) int {
	return int(maphash.String(seed, string(id)) & uint64(len(x.slots)-1))
}

func (x idIndex) put(d Data, row int32) {
	for k := x.slot(d.ID(int(row))); ; k = (k + 1) & (len(x.slots) - 1) {
		if x.slots[k] == 0 {
			x.slots[k] = row + 1
			return
		}
	}
}

// find returns the row of an id, the first of them, or -1.
func (x idIndex) find(d Data, id inventory.ID) int32 {
	if id == "" || len(x.slots) == 0 {
		return -1
	}
	for k := x.slot(id); x.slots[k] != 0; k = (k + 1) & (len(x.slots) - 1) {
		if row := x.slots[k] - 1; d.ID(int(row)) == id {
			return row
		}
	}
	return -1
}
