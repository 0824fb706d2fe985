package forge

import (
	"fmt"
	"slices"

	"nhitop/inventory"
)

// Tally gathers an actor's rights over many repositories: the worst of each capability, with its repository, and in how
// many it is so. It keeps no repository. The zero Tally is ready for use; it is not for several goroutines.
type Tally struct {
	of map[inventory.Capability]*held
	n  int
}

type held struct {
	right Right
	repo  string
	count [3]int // repositories by gate
	maybe int    // of the open and asking ones, those that are not certain
}

// Worst is the worst of one capability.
type Worst struct {
	Right
	Repo  string // where
	Count int    // repositories in which the gate is the same
	Of    int    // repositories looked at
}

// Add takes in the rights in one repository.
func (t *Tally) Add(repo string, rights []Right) {
	if t.of == nil {
		t.of = map[inventory.Capability]*held{}
	}
	t.n++
	for _, r := range rights {
		h := t.of[r.Capability]
		if h == nil {
			h = &held{right: r, repo: repo}
			t.of[r.Capability] = h
		}
		g := gateOf(r.Gate)
		h.count[g]++
		if !r.Certain {
			h.maybe++
		}
		was := rank(gateOf(h.right.Gate), h.right.Certain)
		if is := rank(g, r.Certain); is < was || is == was && repo < h.repo {
			h.right, h.repo = r, repo
		}
	}
}

func gateOf(s string) gate {
	switch s {
	case inventory.GateOpen:
		return open
	case inventory.GateAsks:
		return asks
	}
	return blocked
}

// Repos is the number of repositories taken in.
func (t *Tally) Repos() int { return t.n }

// Worst returns the worst of each capability, in the order in which capabilities are shown. Where there is more than one
// repository the path ends in how many are like it.
func (t *Tally) Worst() []Worst {
	var out []Worst
	for _, c := range Capabilities() {
		h := t.of[c]
		if h == nil {
			continue
		}
		w := Worst{Right: h.right, Repo: h.repo, Count: h.count[gateOf(h.right.Gate)], Of: t.n}
		if t.n > 1 {
			w.Path = join(w.Path, []string{fmt.Sprintf("%s in %d of %d repositories", likewise[gateOf(w.Gate)], w.Count, w.Of)})
		}
		out = append(out, w)
	}
	return out
}

// Names reports whether the repository is the worst of some capability so far.
func (t *Tally) Names(repo string) bool {
	for _, h := range t.of {
		if h.repo == repo {
			return true
		}
	}
	return false
}

// Merge takes the worse of two of each capability: what many have in common, and what one of them has alone.
func Merge(a, b []Worst) []Worst {
	var out []Worst
	for _, c := range Capabilities() {
		i := slices.IndexFunc(a, func(w Worst) bool { return w.Capability == c })
		j := slices.IndexFunc(b, func(w Worst) bool { return w.Capability == c })
		switch {
		case i < 0 && j < 0:
		case i < 0:
			out = append(out, b[j])
		case j >= 0 && rank(gateOf(b[j].Gate), b[j].Certain) < rank(gateOf(a[i].Gate), a[i].Certain):
			out = append(out, b[j])
		default:
			out = append(out, a[i])
		}
	}
	return out
}

var likewise = [...]string{"open", "a person is asked", "blocked"}

// Matrix is what the rights come to, cell by cell. A capability that no right bears on is No where complete says that
// everything that decides it was read, else Unknown.
func Matrix(rights []Right, complete bool) map[inventory.Capability]inventory.Answer {
	m := make(map[inventory.Capability]inventory.Answer, len(capabilities))
	for _, c := range Capabilities() {
		m[c] = inventory.Unknown
		if complete {
			m[c] = inventory.No
		}
	}
	for _, r := range rights {
		m[r.Capability] = r.Answer()
	}
	return m
}

// Answer is a right as a cell of the matrix.
func (r Right) Answer() inventory.Answer {
	switch {
	case r.Gate == inventory.GateBlocked:
		return inventory.No
	case !r.Certain:
		return inventory.Unknown
	case r.Gate == inventory.GateAsks:
		return inventory.Asks
	}
	return inventory.Yes
}

// Rights returns the rights of the worst ones.
func Rights(ws []Worst) []Right {
	out := make([]Right, len(ws))
	for i, w := range ws {
		out[i] = w.Right
	}
	return out
}
