package gitobj

import (
	"bytes"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// mostCommits bounds the commits that are looked at for one file.
const mostCommits = 20_000

// Who is an author.
type Who struct{ Name, Email string }

// Change is a commit that changed a file.
type Change struct {
	ID   string
	Who  // its author
	At   time.Time
	With []Who // whom Co-authored-by names
}

// Story is the history of one file.
type Story struct {
	Added *Change // nil: not known
	Last  *Change // nil: not known, or the file is not committed
	Whole bool    // it was followed to its beginning
}

// parsed is a commit, as far as it is read.
type parsed struct {
	tree    string
	parents []string
	change  Change
}

// History follows one file back from a commit. path is relative to the top, with slashes. shallow are commits whose parents are
// not there.
func (s *Store) History(head, path string, shallow map[string]bool) Story {
	st := Story{Whole: true}
	if !s.valid(head) || path == "" {
		return Story{}
	}
	seen := map[string]bool{head: true}
	open := []string{head}
	for n := 0; len(open) > 0; n++ {
		id := open[len(open)-1]
		open = open[:len(open)-1]
		if n >= mostCommits {
			st.Whole = false
			break
		}
		next, err := s.step(id, path, shallow, &st)
		if err != nil {
			st.Whole = false
			if errors.Is(err, errBudget) {
				break
			}
			continue
		}
		for _, p := range next {
			if !seen[p] {
				seen[p] = true
				open = append(open, p)
			}
		}
	}
	if !st.Whole {
		st.Added = nil
	}
	return st
}

// step looks at one commit: it returns the parents to go on with, and notes the commit where it changed the file.
func (s *Store) step(id, path string, shallow map[string]bool, st *Story) ([]string, error) {
	c, err := s.commit(id)
	if err != nil {
		return nil, err
	}
	now, err := s.lookup(c.tree, path)
	if err != nil || now == "" {
		return nil, err // not in this commit: history before it is another file's
	}
	if shallow[id] {
		return nil, errMissing
	}
	var older []string
	for _, p := range c.parents {
		pc, err := s.commit(p)
		if err != nil {
			return nil, err
		}
		was, err := s.lookup(pc.tree, path)
		switch {
		case err != nil:
			return nil, err
		case was == now:
			return []string{p}, nil // nothing changed on this way
		case was != "":
			older = append(older, p)
		}
	}
	if st.Last == nil || c.change.At.After(st.Last.At) {
		st.Last = &c.change
	}
	if len(older) == 0 && (st.Added == nil || c.change.At.Before(st.Added.At)) {
		st.Added = &c.change
	}
	return older, nil
}

// lookup returns the id of a file in a tree; "" where it is not there.
func (s *Store) lookup(id, path string) (string, error) {
	for {
		o, err := s.get(id)
		if err != nil {
			return "", err
		}
		if o.kind != tree {
			return "", errBroken
		}
		name, rest, more := strings.Cut(path, "/")
		var dir bool
		if id, dir, err = s.entry(o.data, name); err != nil || id == "" || !more {
			return id, err
		}
		if !dir {
			return "", nil
		}
		path = rest
	}
}

// entry finds a name in a tree: "mode name\x00id" for each.
func (s *Store) entry(data []byte, name string) (id string, dir bool, err error) {
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		if !ok || len(rest) < s.hashLen {
			return "", false, errBroken
		}
		mode, n, ok := bytes.Cut(head, []byte{' '})
		if !ok {
			return "", false, errBroken
		}
		if string(n) == name {
			return hex.EncodeToString(rest[:s.hashLen]), string(mode) == "40000" || string(mode) == "040000", nil
		}
		data = rest[s.hashLen:]
	}
	return "", false, nil
}

var authorLine = regexp.MustCompile(`^(.{0,200}?) ?<([^<>]{0,200})> (-?\d{1,12}) [+-]\d{4}$`)

// commit reads one.
func (s *Store) commit(id string) (parsed, error) {
	o, err := s.get(id)
	if err != nil {
		return parsed{}, err
	}
	if o.kind != commit {
		return parsed{}, errBroken
	}
	head, message, _ := strings.Cut(string(o.data), "\n\n")
	c := parsed{change: Change{ID: id, With: coAuthors(message)}}
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "tree":
			c.tree = value
		case "parent":
			c.parents = append(c.parents, value)
		case "author":
			if m := authorLine.FindStringSubmatch(value); m != nil {
				c.change.Name, c.change.Email = strings.TrimSpace(m[1]), m[2]
				if n, err := strconv.ParseInt(m[3], 10, 64); err == nil {
					c.change.At = time.Unix(n, 0).UTC()
				}
			}
		}
	}
	if !s.valid(c.tree) {
		return parsed{}, errBroken
	}
	for _, p := range c.parents {
		if !s.valid(p) {
			return parsed{}, errBroken
		}
	}
	return c, nil
}

const mostCoAuthors = 20

var coAuthor = regexp.MustCompile(`(?i)^co-authored-by: (.{0,200}?) ?<([^<>]{1,200})>\s*$`)

// coAuthors are those of the trailers: the last paragraph.
func coAuthors(message string) []Who {
	message = strings.TrimRight(message, "\n \t")
	if i := strings.LastIndex(message, "\n\n"); i >= 0 {
		message = message[i+2:]
	}
	var out []Who
	for line := range strings.Lines(message) {
		if m := coAuthor.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil && len(out) < mostCoAuthors {
			out = append(out, Who{strings.TrimSpace(m[1]), m[2]})
		}
	}
	return out
}
