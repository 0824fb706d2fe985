package gitobj

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

const (
	maxObject  = 8 << 20 // bytes of one commit or tree
	maxPacks   = 256
	maxDeltas  = 512 // git makes chains of 50, or 250 where it is told to take its time
	maxReads   = 200_000
	maxKept    = 32 << 20 // bytes of objects that are kept
	maxPerKept = 1 << 20
)

// Errors that callers tell apart.
var (
	errMissing = errors.New("no such object")
	errBroken  = errors.New("not an object of git")
	errBudget  = errors.New("more history than is read")
)

// kind is the type of an object, by its number in a pack.
type kind byte

const (
	commit   kind = 1
	tree     kind = 2
	ofsDelta kind = 6
	refDelta kind = 7
)

type object struct {
	kind kind
	data []byte
}

// Store is the objects of one repository. It is for one goroutine.
type Store struct {
	root    *os.Root
	hashLen int
	packs   []*pack
	reads   int
	kept    map[string]object
	size    int
}

// Open opens the folder of objects. hashLen is 20, or 32 for a repository of SHA-256.
func Open(objects string, hashLen int) (*Store, error) {
	root, err := os.OpenRoot(objects)
	if err != nil {
		return nil, err
	}
	s := &Store{root: root, hashLen: hashLen, kept: map[string]object{}}
	dir, err := root.Open("pack")
	if err != nil {
		return s, nil // all objects are loose
	}
	defer dir.Close()
	names, err := dir.Readdirnames(4 * maxPacks)
	if err != nil && !errors.Is(err, io.EOF) {
		return s, nil
	}
	slices.Sort(names)
	for _, n := range names {
		if base, ok := strings.CutSuffix(n, ".idx"); ok && len(s.packs) < maxPacks {
			if p := s.pack("pack/" + base); p != nil {
				s.packs = append(s.packs, p)
			}
		}
	}
	return s, nil
}

// Close closes the files.
func (s *Store) Close() {
	for _, p := range s.packs {
		_, _ = p.index.Close(), p.data.Close()
	}
	_ = s.root.Close()
}

// file opens a regular file below the objects. A FIFO is not waited for.
func (s *Store) file(name string) (*os.File, int64, error) {
	st, err := s.root.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !st.Mode().IsRegular() {
		return nil, 0, errBroken
	}
	f, err := s.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	if st, err = f.Stat(); err != nil || !st.Mode().IsRegular() {
		_ = f.Close()
		return nil, 0, errBroken
	}
	return f, st.Size(), nil
}

// get reads a commit or tree by its id.
func (s *Store) get(id string) (object, error) {
	if o, ok := s.kept[id]; ok {
		return o, nil
	}
	if s.reads++; s.reads > maxReads {
		return object{}, errBudget
	}
	o, err := s.loose(id)
	if errors.Is(err, errMissing) {
		o, err = s.packed(id, 0)
	}
	if err != nil {
		return object{}, err
	}
	s.keep(id, o)
	return o, nil
}

// keep remembers an object. When there is no more room everything is forgotten: what is needed again comes back.
func (s *Store) keep(id string, o object) {
	if len(o.data) > maxPerKept {
		return
	}
	if s.size += len(o.data); s.size > maxKept {
		s.kept, s.size = map[string]object{}, len(o.data)
	}
	s.kept[id] = o
}

// loose reads an object that has a file of its own: "commit 123\x00..." deflated.
func (s *Store) loose(id string) (object, error) {
	f, _, err := s.file(path.Join(id[:2], id[2:]))
	if err != nil {
		return object{}, errMissing
	}
	defer f.Close()
	data, err := inflate(f, maxObject)
	if err != nil {
		return object{}, err
	}
	head, body, ok := bytes.Cut(data, []byte{0})
	if !ok {
		return object{}, errBroken
	}
	name, size, _ := strings.Cut(string(head), " ")
	if size != fmt.Sprint(len(body)) {
		return object{}, errBroken
	}
	switch name {
	case "commit":
		return object{commit, body}, nil
	case "tree":
		return object{tree, body}, nil
	}
	return object{}, errBroken
}

// inflate reads a deflated text of at most so many bytes.
func inflate(r io.Reader, most int64) ([]byte, error) {
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, errBroken
	}
	defer z.Close()
	data, err := io.ReadAll(io.LimitReader(z, most+1))
	if err != nil || int64(len(data)) > most {
		return nil, errBroken
	}
	return data, nil
}

// valid reports whether a text is an id of this store.
func (s *Store) valid(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) == s.hashLen && strings.ToLower(id) == id
}
