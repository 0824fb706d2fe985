package gitobj

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"sort"
)

// pack is a pack with its index of version 2.
type pack struct {
	index, data *os.File
	size        int64 // of data
	count       int
	fan         [256]uint32
	hashLen     int
}

const fanOut = 8 + 256*4 // bytes before the names

// pack opens one; nil for what is none.
func (s *Store) pack(base string) *pack {
	ix, ixSize, err := s.file(base + ".idx")
	if err != nil {
		return nil
	}
	data, size, err := s.file(base + ".pack")
	if err != nil {
		_ = ix.Close()
		return nil
	}
	p := &pack{index: ix, data: data, size: size, hashLen: s.hashLen}
	if !p.read(ixSize) {
		_, _ = ix.Close(), data.Close()
		return nil
	}
	return p
}

func (p *pack) read(size int64) bool {
	head := make([]byte, fanOut)
	if _, err := p.index.ReadAt(head, 0); err != nil || !bytes.Equal(head[:8], []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}) {
		return false
	}
	for i := range p.fan {
		p.fan[i] = binary.BigEndian.Uint32(head[8+4*i:])
		if i > 0 && p.fan[i] < p.fan[i-1] {
			return false
		}
	}
	p.count = int(p.fan[255])
	return int64(fanOut)+int64(p.count)*int64(p.hashLen+8) <= size
}

// find returns where an object begins in the pack; -1 where it is not there.
func (p *pack) find(id []byte) int64 {
	lo := 0
	if id[0] > 0 {
		lo = int(p.fan[id[0]-1])
	}
	n := int(p.fan[id[0]]) - lo
	name := make([]byte, p.hashLen)
	at := lo + sort.Search(n, func(i int) bool {
		if _, err := p.index.ReadAt(name, int64(fanOut)+int64(lo+i)*int64(p.hashLen)); err != nil {
			return true
		}
		return bytes.Compare(name, id) >= 0
	})
	if at >= lo+n {
		return -1
	}
	if _, err := p.index.ReadAt(name, int64(fanOut)+int64(at)*int64(p.hashLen)); err != nil || !bytes.Equal(name, id) {
		return -1
	}
	offsets := int64(fanOut) + int64(p.count)*int64(p.hashLen+4)
	var b [8]byte
	if _, err := p.index.ReadAt(b[:4], offsets+4*int64(at)); err != nil {
		return -1
	}
	off := binary.BigEndian.Uint32(b[:4])
	if off&(1<<31) == 0 {
		return int64(off)
	}
	if _, err := p.index.ReadAt(b[:], offsets+4*int64(p.count)+8*int64(off&^(1<<31))); err != nil {
		return -1
	}
	big := binary.BigEndian.Uint64(b[:])
	if big > uint64(p.size) {
		return -1
	}
	return int64(big)
}

// packed reads an object from a pack. depth counts the deltas that led here.
func (s *Store) packed(id string, depth int) (object, error) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != s.hashLen {
		return object{}, errBroken
	}
	for _, p := range s.packs {
		if at := p.find(raw); at >= 0 {
			return s.at(p, at, depth)
		}
	}
	return object{}, errMissing
}

// at reads the object that begins at an offset, and what it is a delta of.
func (s *Store) at(p *pack, off int64, depth int) (object, error) {
	var deltas [][]byte
	for ; ; depth++ {
		if depth > maxDeltas {
			return object{}, errBroken
		}
		if s.reads++; s.reads > maxReads {
			return object{}, errBudget
		}
		r := bufio.NewReader(io.NewSectionReader(p.data, off, max(0, p.size-off)))
		k, size, ok := header(r)
		if !ok || size > maxObject {
			return object{}, errBroken
		}
		var base int64
		var ref []byte
		switch k {
		case ofsDelta:
			back, ok := offset(r)
			if base = off - back; !ok || back <= 0 || base <= 0 {
				return object{}, errBroken
			}
		case refDelta:
			ref = make([]byte, s.hashLen)
			if _, err := io.ReadFull(r, ref); err != nil {
				return object{}, errBroken
			}
		case commit, tree:
		default:
			return object{}, errBroken
		}
		data, err := inflate(r, size)
		if err != nil || int64(len(data)) != size {
			return object{}, errBroken
		}
		switch k {
		case commit, tree:
			return apply(object{k, data}, deltas)
		case ofsDelta:
			deltas, off = append(deltas, data), base
			continue
		}
		o, err := s.base(hex.EncodeToString(ref), depth+1)
		if err != nil {
			return object{}, err
		}
		return apply(o, append(deltas, data))
	}
}

// base is what a delta names by its id.
func (s *Store) base(id string, depth int) (object, error) {
	if o, ok := s.kept[id]; ok {
		return o, nil
	}
	if o, err := s.loose(id); err == nil {
		return o, nil
	}
	return s.packed(id, depth)
}

// header reads type and size: the size's lowest four bits, then seven with each byte.
func header(r io.ByteReader) (k kind, size int64, ok bool) {
	b, err := r.ReadByte()
	if err != nil {
		return 0, 0, false
	}
	k, size = kind(b>>4&7), int64(b&15)
	for shift := 4; b&0x80 != 0; shift += 7 {
		if b, err = r.ReadByte(); err != nil || shift > 40 {
			return 0, 0, false
		}
		size |= int64(b&0x7f) << shift
	}
	return k, size, true
}

// offset reads how far back the base of a delta begins.
func offset(r io.ByteReader) (int64, bool) {
	b, err := r.ReadByte()
	n := int64(b & 0x7f)
	for i := 0; err == nil && b&0x80 != 0; i++ {
		if b, err = r.ReadByte(); i > 6 {
			return 0, false
		}
		n = (n+1)<<7 | int64(b&0x7f)
	}
	return n, err == nil
}

// apply makes the object that deltas lead to, the last of them first.
func apply(o object, deltas [][]byte) (object, error) {
	for i := len(deltas) - 1; i >= 0; i-- {
		var ok bool
		if o.data, ok = patch(o.data, deltas[i]); !ok {
			return object{}, errBroken
		}
	}
	return o, nil
}

// patch carries out one delta: copies from the base, and texts of its own.
func patch(base, d []byte) ([]byte, bool) {
	from, d, ok := varint(d)
	if !ok || from != int64(len(base)) {
		return nil, false
	}
	size, d, ok := varint(d)
	if !ok || size > maxObject {
		return nil, false
	}
	out := make([]byte, 0, size)
	for len(d) > 0 {
		op := d[0]
		d = d[1:]
		var piece []byte
		switch {
		case op&0x80 != 0:
			var at, n int
			if at, n, d, ok = span(op, d); !ok || at+n > len(base) {
				return nil, false
			}
			piece = base[at : at+n]
		case op == 0 || int(op) > len(d):
			return nil, false
		default:
			piece, d = d[:op], d[op:]
		}
		if out = append(out, piece...); int64(len(out)) > size {
			return nil, false
		}
	}
	return out, int64(len(out)) == size
}

// span reads where a copy begins and how long it is; the operation says which of their bytes are there.
func span(op byte, d []byte) (at, n int, rest []byte, ok bool) {
	for i := range 7 {
		if op&(1<<i) == 0 {
			continue
		}
		if len(d) == 0 {
			return 0, 0, nil, false
		}
		if i < 4 {
			at |= int(d[0]) << (8 * i)
		} else {
			n |= int(d[0]) << (8 * (i - 4))
		}
		d = d[1:]
	}
	if n == 0 {
		n = 0x10000
	}
	return at, n, d, true
}

func varint(d []byte) (int64, []byte, bool) {
	var n int64
	for i, b := range d {
		if i > 6 {
			break
		}
		n |= int64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			return n, d[i+1:], true
		}
	}
	return 0, nil, false
}
