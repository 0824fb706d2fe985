package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// State is a review with what was decided in it so far.
type State struct {
	Review    Review                    `json:"review"`
	Decisions []Decision                `json:"decisions"` // oldest first, those that were taken back too
	Standing  map[inventory.ID]Decision `json:"-"`         // the newest of each item that is not taken back
}

// NewState puts decisions to their review.
func NewState(r Review, ds []Decision) State {
	st := State{Review: r, Decisions: ds, Standing: map[inventory.ID]Decision{}}
	if ds == nil {
		st.Decisions = []Decision{}
	}
	for _, d := range ds {
		if !d.Undone {
			st.Standing[d.Item] = d
		}
	}
	return st
}

// Open are the items that nobody has decided, in their order.
func (st *State) Open() []Item {
	return slices.DeleteFunc(slices.Clone(st.Review.Items), func(x Item) bool { _, ok := st.Standing[x.ID]; return ok })
}

// Share is how far one person is.
type Share struct {
	Who     string `json:"who"` // an owner's name; "nobody" for what has no owner
	Items   int    `json:"items"`
	Decided int    `json:"decided"`
	Late    int    `json:"late"` // undecided after the review's day
}

// Progress is how far a review is at a time.
type Progress struct {
	Items   int            `json:"items"`
	Decided int            `json:"decided"`
	Late    int            `json:"late"`
	Kinds   map[string]int `json:"decisions"`
	People  []Share        `json:"people"` // the latest first
	Stage   string         `json:"stage"`  // open, half, due soon, late, silent, closed: see [Review.Stage]
}

// Progress counts.
func (st *State) Progress(now time.Time) Progress {
	p := Progress{Items: len(st.Review.Items), Kinds: map[string]int{}, People: []Share{}, Stage: st.Review.Stage(now)}
	shares := map[string]*Share{}
	late := !st.Review.Due.After(now)
	for i := range st.Review.Items {
		x := &st.Review.Items[i]
		who := x.Responsible()
		sh := shares[who]
		if sh == nil {
			sh = &Share{Who: who}
			shares[who] = sh
		}
		sh.Items++
		d, ok := st.Standing[x.ID]
		switch {
		case ok:
			sh.Decided++
			p.Decided++
			p.Kinds[d.Kind]++
		case late:
			sh.Late++
			p.Late++
		}
	}
	for _, sh := range shares {
		p.People = append(p.People, *sh)
	}
	slices.SortFunc(p.People, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(b.Items-b.Decided, a.Items-a.Decided), strings.Compare(a.Who, b.Who))
	})
	return p
}

// Responsible is who is asked: the first owner who is there, the manager of one who left, or nobody.
func (x *Item) Responsible() string {
	for _, o := range x.Owners {
		if o.Status != inventory.OwnerDeparted {
			return o.Name
		}
	}
	for _, o := range x.Owners {
		if o.Manager != "" {
			return o.Manager
		}
	}
	return "nobody"
}

// Grace is how long after its day a review waits before what is silent and critical should be suspended.
const Grace = 7 * day

// Stage says how much of its time is over: reminders are due at half and at four fifths of it, the managers are told when
// it is late, and after [Grace] what nobody decided and is of tier 1 or 2 should be suspended (not deleted).
func (r *Review) Stage(now time.Time) string {
	span, gone := r.Due.Sub(r.Opened), now.Sub(r.Opened)
	switch {
	case !r.Closed.IsZero():
		return "closed"
	case !now.Before(r.Due.Add(Grace)):
		return "silent"
	case !now.Before(r.Due):
		return "late"
	case gone*5 >= span*4:
		return "due soon"
	case gone*2 >= span:
		return "half"
	}
	return "open"
}

// StageWords says what a stage asks for.
func StageWords(stage string) string {
	switch stage {
	case "half":
		return "half of the time is over: remind those who have not decided"
	case "due soon":
		return "a fifth of the time is left: remind those who have not decided"
	case "late":
		return "late: tell the managers of those who have not decided"
	case "silent":
		return "silent for a week: suspend what is of tier 1 or 2 and undecided; silence is no consent"
	case "closed":
		return "closed"
	}
	return ""
}
