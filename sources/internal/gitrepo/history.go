package gitrepo

import (
	"path"
	"path/filepath"
	"strings"

	"nhitop/sources/internal/gitobj"
)

const maxShallow = 1 << 20

// Story tells who added a file and who changed it last. rel is relative to the top, with slashes. What cannot be told is
// not known.
func (r *Repo) Story(rel string) gitobj.Story {
	r.storyMu.Lock()
	defer r.storyMu.Unlock()
	if st, ok := r.stories[rel]; ok {
		return st
	}
	st := r.story(rel)
	if r.stories == nil {
		r.stories = map[string]gitobj.Story{}
	}
	r.stories[rel] = st
	return st
}

func (r *Repo) story(rel string) gitobj.Story {
	head := r.head()
	if head == "" || r.common == "" {
		return gitobj.Story{}
	}
	s, err := gitobj.Open(filepath.Join(r.common, "objects"), r.facts().hashLen)
	if err != nil {
		return gitobj.Story{}
	}
	defer s.Close()
	shallow := map[string]bool{}
	if b, err := readIn(r.common, "shallow", maxShallow); err == nil {
		for _, id := range strings.Fields(string(b)) {
			shallow[id] = true
		}
	}
	return s.History(head, path.Clean(rel), shallow)
}

// head is the commit that is checked out, "" where that cannot be told.
func (r *Repo) head() string {
	if r.gitDir == "" || r.common == "" {
		return ""
	}
	b, err := readIn(r.gitDir, "HEAD", maxPointer)
	if err != nil {
		return ""
	}
	id := strings.TrimSpace(string(b))
	ref, is := strings.CutPrefix(id, "ref: ")
	if !is {
		return id
	}
	if b, err := readIn(r.common, path.Clean(ref), maxPointer); err == nil {
		return strings.TrimSpace(string(b))
	}
	packed, err := readIn(r.common, "packed-refs", maxPacked)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(packed)) {
		if id, name, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " "); ok && name == ref {
			return id
		}
	}
	return ""
}
