package gitrepo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"path"
	"sort"
	"strings"

	"nhitop/inventory"
)

// The index format is described in gitformat-index(5), Git 2.39.
const (
	indexHeader  = 12
	statLen      = 40 // ten 32-bit words; the mode is the seventh
	modeOffset   = 24
	modeType     = 0o170000
	modeTree     = 0o040000 // a folder of a sparse index
	modeGitlink  = 0o160000
	flagExtended = 0x4000
	nameMask     = 0xfff
	maxName      = 4096 // longer than any path a file system takes
	stride       = 64   // entries between two full names kept of a version 4 index
	maxNames     = 64 << 20
)

var errIndex = errors.New("index not understood")

// index answers whether a path is tracked. Versions 2 and 3 keep the file and the sorted offsets of its entries.
// Version 4 stores each name as a change to the one before: there every stride-th name is kept in full.
type index struct {
	data    []byte
	hashLen int
	v4      bool
	offsets []uint32 // of each entry (2, 3) or of each stride-th entry (4)
	names   []byte   // version 4: the full names of those, one after the other
	ends    []uint32 // version 4: where each of them ends
	count   int
	split   bool // a shared index holds the rest
	sparse  bool // whole folders may stand as one entry
	unknown bool
}

// Tracked tells whether the file is in the repository's index: Yes, No, or Unknown where the index could not be read, is
// split, or has the file's folder collapsed. rel is relative to the work tree, with slashes.
func (r *Repo) Tracked(rel string) inventory.Answer {
	r.indexOnce.Do(func() { r.index = r.loadIndex() })
	return r.index.tracked(rel)
}

func (r *Repo) loadIndex() *index {
	if r.gitDir == "" {
		return &index{unknown: true}
	}
	data, err := readIn(r.gitDir, "index", maxIndex)
	if errors.Is(err, fs.ErrNotExist) {
		// Without an index nothing is tracked, unless there are commits that were never checked out.
		return &index{unknown: r.hasCommits()}
	}
	if err != nil {
		return &index{unknown: true}
	}
	ix, err := parseIndex(data, r.facts().hashLen)
	if err != nil {
		return &index{unknown: true}
	}
	return ix
}

// hasCommits tells whether the branch that HEAD names exists.
func (r *Repo) hasCommits() bool {
	head, err := readIn(r.gitDir, "HEAD", maxPointer)
	if err != nil || r.common == "" {
		return true
	}
	ref, ok := strings.CutPrefix(strings.TrimSpace(string(head)), "ref: ")
	if !ok {
		return true
	}
	if _, err := readIn(r.common, path.Clean(ref), maxPointer); err == nil {
		return true
	}
	packed, err := readIn(r.common, "packed-refs", maxPacked)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err != nil || bytes.Contains(packed, []byte(" "+ref+"\n"))
}

func parseIndex(data []byte, hashLen int) (*index, error) {
	if len(data) < indexHeader || string(data[:4]) != "DIRC" {
		return nil, errIndex
	}
	version := binary.BigEndian.Uint32(data[4:])
	count := int64(binary.BigEndian.Uint32(data[8:]))
	// The smallest entry bounds what a false count can make us reserve.
	if version < 2 || version > 4 || count > int64(len(data)-indexHeader)/int64(statLen+hashLen+3) {
		return nil, errIndex
	}
	ix := &index{data: data, hashLen: hashLen, v4: version == 4, count: int(count)}
	var pos int
	var err error
	if ix.v4 {
		pos, err = ix.scanV4()
	} else {
		pos, err = ix.scan()
	}
	if err != nil {
		return nil, err
	}
	return ix, ix.extensions(pos)
}

// scan walks a version 2 or 3 index, where each name stands in full.
func (ix *index) scan() (int, error) {
	ix.offsets = make([]uint32, ix.count)
	pos := indexHeader
	var last []byte
	for i := range ix.count {
		ix.offsets[i] = uint32(pos)
		start, name, ok := ix.entry(pos)
		if !ok || bytes.Compare(last, name) > 0 {
			return 0, errIndex
		}
		last = name
		// An entry is padded with 1 to 8 NULs to a multiple of 8.
		pos += (start + len(name) - pos + 8) &^ 7
	}
	return pos, nil
}

// entry returns where the name of the entry at pos starts, and the name (2, 3).
func (ix *index) entry(pos int) (int, []byte, bool) {
	start, ok := ix.nameStart(pos)
	if !ok {
		return 0, nil, false
	}
	n := int(binary.BigEndian.Uint16(ix.data[pos+statLen+ix.hashLen:])) & nameMask
	if n == nameMask || start+n >= len(ix.data) || ix.data[start+n] != 0 {
		rest := ix.data[start:min(len(ix.data), start+maxName+1)]
		if n = bytes.IndexByte(rest, 0); n < 0 {
			return 0, nil, false
		}
	}
	return start, ix.data[start : start+n], true
}

func (ix *index) nameStart(pos int) (int, bool) {
	start := pos + statLen + ix.hashLen + 2
	if start >= len(ix.data) {
		return 0, false
	}
	if binary.BigEndian.Uint16(ix.data[start-2:])&flagExtended != 0 {
		start += 2
	}
	return start, start < len(ix.data)
}

// scanV4 walks a version 4 index and keeps every stride-th name.
func (ix *index) scanV4() (int, error) {
	pos := indexHeader
	var name, last []byte
	for i := range ix.count {
		at := pos
		var ok bool
		last = append(last[:0], name...)
		if name, pos, ok = ix.next(name, pos); !ok || bytes.Compare(last, name) > 0 {
			return 0, errIndex
		}
		if i%stride != 0 {
			continue
		}
		if len(ix.names)+len(name) > maxNames {
			return 0, errIndex
		}
		ix.offsets = append(ix.offsets, uint32(at))
		ix.names = append(ix.names, name...)
		ix.ends = append(ix.ends, uint32(len(ix.names)))
	}
	return pos, nil
}

// next decodes the version 4 entry at pos, given the name before it.
func (ix *index) next(name []byte, pos int) ([]byte, int, bool) {
	start, ok := ix.nameStart(pos)
	if !ok {
		return nil, 0, false
	}
	// The number of bytes to drop is in the variable-width form of pack offsets.
	drop := int64(0)
	for i := 0; ; i++ {
		if start >= len(ix.data) || i > 4 {
			return nil, 0, false
		}
		c := ix.data[start]
		start++
		if drop |= int64(c & 0x7f); c&0x80 == 0 {
			break
		}
		drop = (drop + 1) << 7
	}
	if drop > int64(len(name)) {
		return nil, 0, false
	}
	rest := ix.data[start:min(len(ix.data), start+maxName+1)]
	n := bytes.IndexByte(rest, 0)
	if n < 0 || len(name)-int(drop)+n > maxName {
		return nil, 0, false
	}
	return append(name[:len(name)-int(drop)], rest[:n]...), start + n + 1, true
}

// extensions notes a split or sparse index. The file ends with a checksum, which is not tested: Git may leave it zero.
func (ix *index) extensions(pos int) error {
	end := len(ix.data) - ix.hashLen
	if pos > end {
		return errIndex
	}
	for pos+8 <= end {
		size := int64(binary.BigEndian.Uint32(ix.data[pos+4:]))
		switch string(ix.data[pos : pos+4]) {
		case "link":
			ix.split = true
		case "sdir":
			ix.sparse = true
		}
		if size > int64(end-pos-8) {
			return errIndex
		}
		pos += 8 + int(size)
	}
	return nil
}

func (ix *index) tracked(rel string) inventory.Answer {
	rel = strings.TrimPrefix(path.Clean("/"+rel), "/")
	if ix.unknown || rel == "" {
		return inventory.Unknown
	}
	if mode, ok := ix.find(rel, ""); ok {
		if mode == modeGitlink {
			return inventory.Unknown
		}
		return inventory.Yes
	}
	if ix.split {
		return inventory.Unknown
	}
	// A folder above may stand for all that is in it: a submodule, or a collapsed folder of a sparse index.
	for i := strings.LastIndexByte(rel, '/'); i > 0; i = strings.LastIndexByte(rel[:i], '/') {
		if mode, ok := ix.find(rel[:i], ""); ok && mode == modeGitlink {
			return inventory.Unknown
		}
		if !ix.sparse {
			continue
		}
		if mode, ok := ix.find(rel[:i], "/"); ok && mode == modeTree {
			return inventory.Unknown
		}
	}
	return inventory.No
}

// find looks up the name rel+tail and returns the type of its entry.
func (ix *index) find(rel, tail string) (mode uint32, ok bool) {
	if ix.v4 {
		return ix.findV4(rel + tail)
	}
	want := rel + tail
	i := sort.Search(len(ix.offsets), func(i int) bool {
		_, name, ok := ix.entry(int(ix.offsets[i]))
		return !ok || string(name) >= want
	})
	if i == len(ix.offsets) {
		return 0, false
	}
	pos := int(ix.offsets[i])
	if _, name, ok := ix.entry(pos); !ok || string(name) != want {
		return 0, false
	}
	return ix.mode(pos), true
}

func (ix *index) findV4(want string) (uint32, bool) {
	i := sort.Search(len(ix.offsets), func(i int) bool { return string(ix.kept(i)) > want }) - 1
	if i < 0 {
		return 0, false
	}
	name := append(make([]byte, 0, 256), ix.kept(i)...)
	pos := int(ix.offsets[i])
	if string(name) == want {
		return ix.mode(pos), true
	}
	// The first name is known: step over its entry by decoding it against itself, then go on from it.
	start, ok := ix.nameStart(pos)
	if !ok {
		return 0, false
	}
	after := ix.skipName(start)
	for n := 1; n < stride && i*stride+n < ix.count && after > 0; n++ {
		at := after
		if name, after, ok = ix.next(name, at); !ok {
			return 0, false
		}
		if c := strings.Compare(string(name), want); c == 0 {
			return ix.mode(at), true
		} else if c > 0 {
			return 0, false
		}
	}
	return 0, false
}

// skipName returns the position after the version 4 name that starts at start, or 0.
func (ix *index) skipName(start int) int {
	for start < len(ix.data) && ix.data[start]&0x80 != 0 {
		start++
	}
	if start+1 > len(ix.data) {
		return 0
	}
	n := bytes.IndexByte(ix.data[start+1:], 0)
	if n < 0 {
		return 0
	}
	return start + 1 + n + 1
}

func (ix *index) kept(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = ix.ends[i-1]
	}
	return ix.names[from:ix.ends[i]]
}

func (ix *index) mode(pos int) uint32 {
	return binary.BigEndian.Uint32(ix.data[pos+modeOffset:]) & modeType
}
