package local

import (
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/gitobj"
	"nhitop/sources/internal/gitrepo"
	"nhitop/sources/internal/people"
)

// writers are those who added a committed file and who changed it last, with whoever the commits name as co-authors. An
// assistant that is named there answers for nothing: it is told in the note.
func writers(git *gitrepo.Repo, rel, shown string) []people.Person {
	if git == nil || git.Tracked(rel) != inventory.Yes {
		return nil
	}
	st := git.Story(rel)
	var out []people.Person
	add := func(c *gitobj.Change, did string) {
		if c == nil {
			return
		}
		note := did + " " + shown + " on " + c.At.Format(time.DateOnly)
		humans := persons(append([]gitobj.Who{c.Who}, c.With...), false)
		if with := persons(c.With, true); len(with) > 0 {
			var names []string
			for _, p := range with {
				names = append(names, p.Name)
			}
			note += ", with " + strings.Join(names, ", ")
		}
		for i, p := range humans {
			if p.Proof = (inventory.Evidence{Path: shown, Note: note}); i > 0 {
				p.Proof.Note = "co-author: " + note
			}
			out = append(out, p)
		}
	}
	add(st.Added, "added")
	if st.Last != nil && (st.Added == nil || st.Last.ID != st.Added.ID) {
		add(st.Last, "changed")
	}
	return out
}

// persons are the people among authors, or those who are none.
func persons(ws []gitobj.Who, robots bool) []people.Person {
	var out []people.Person
	for _, w := range ws {
		if p, ok := people.New(w.Name, w.Email, "git history", inventory.Evidence{}); ok && (p.Kind == people.Service) == robots {
			out = append(out, p)
		}
	}
	return out
}
