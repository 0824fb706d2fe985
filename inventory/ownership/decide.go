package ownership

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

// near are the signs that are about the assistant itself.
var near = []string{inventory.SignDecision, inventory.SignCharter, inventory.SignStated, inventory.SignTag, inventory.SignAccount, inventory.SignCreator}

// own are the signs that only nhitop itself gives, by who stamps them: a source that used one would be believed more than it
// may be.
var own = map[string]string{inventory.SignDecision: "asserted", inventory.SignCharter: "config"}

// stating are the kinds of sources that repeat what a system of record says.
var stating = []string{"file", "exec"}

// Check says what is wrong with an order of signs; "" for nothing. Empty is the default order.
func Check(order []string) string {
	for i, s := range order {
		switch {
		case !slices.Contains(inventory.Signs(), s):
			return fmt.Sprintf("%q is no sign; they are %s", inventory.Clean(s), strings.Join(inventory.Signs(), ", "))
		case slices.Contains(order[:i], s):
			return fmt.Sprintf("%q stands there twice", s)
		}
	}
	return ""
}

// table is what is decided by.
type table struct {
	rank   map[string]int // of a sign; one that never decides has none
	owners map[inventory.ID]*inventory.Owner
	kinds  map[string]string // of sources
}

// Decide sets the ownership of every assistant, in place, and puts the one who answers first among its owners. order is that of the signs; empty: the default.
func Decide(r *inventory.Records, order []string) {
	if len(order) == 0 {
		order = inventory.Signs()
	}
	t := table{rank: make(map[string]int, len(order)), owners: make(map[inventory.ID]*inventory.Owner, len(r.Owners)), kinds: map[string]string{}}
	for i, s := range order {
		t.rank[s] = i
	}
	for i := range r.Owners {
		t.owners[r.Owners[i].ID] = &r.Owners[i]
	}
	for _, s := range r.Sources {
		t.kinds[s.Name] = s.Kind
	}
	for i := range r.Assistants {
		a := &r.Assistants[i]
		a.Ownership = t.of(a)
		if a.Ownership != nil {
			a.Owners = leading(a.Owners, a.Ownership.Owner)
		}
	}
}

// leading puts an owner first, where it is in the list. The list itself is not written to.
func leading(ids []inventory.ID, first inventory.ID) []inventory.ID {
	at := slices.Index(ids, first)
	if at <= 0 {
		return ids
	}
	out := make([]inventory.ID, 0, len(ids))
	return append(append(append(out, first), ids[:at]...), ids[at+1:]...)
}

// candidate is somebody whom signs name.
type candidate struct {
	owner *inventory.Owner
	signs []string // in the order of the table
}

func (t *table) of(a *inventory.Assistant) *inventory.Ownership {
	cs := t.candidates(a)
	if len(cs) == 0 {
		return nil
	}
	slices.SortStableFunc(cs, t.compare)
	first := cs[0]
	if t.place(first.signs[0]) == len(t.rank) {
		return nil // what names anybody is not in the table
	}
	o := &inventory.Ownership{Owner: first.owner.ID, Signs: first.signs, OnCall: t.onCall(cs)}
	for _, c := range cs[1:] {
		o.Others = append(o.Others, inventory.Claim{Owner: c.owner.ID, Signs: c.signs})
		if slices.Contains(near, c.signs[0]) && c.owner.Status != inventory.OwnerDeparted && c.owner.Kind == "person" {
			o.Conflicts = append(o.Conflicts, c.owner.ID)
		}
	}
	o.Confidence = confidence(first, len(o.Conflicts) > 0)
	o.Why = t.why(first, cs[1:])
	return o
}

// candidates are those whom an assistant's signs name, each with its signs.
func (t *table) candidates(a *inventory.Assistant) []candidate {
	cs := make([]candidate, 0, len(a.Owners))
	add := func(id inventory.ID, sign string) {
		o := t.owners[id]
		if o == nil {
			return
		}
		i := slices.IndexFunc(cs, func(c candidate) bool { return c.owner == o })
		if i < 0 {
			i = len(cs)
			cs = append(cs, candidate{owner: o})
		}
		if !slices.Contains(cs[i].signs, sign) {
			cs[i].signs = append(cs[i].signs, sign)
		}
	}
	for _, s := range a.OwnerSigns {
		if by := own[s.Sign]; by == "" || by == s.Source {
			add(s.Owner, s.Sign)
		}
	}
	for _, id := range a.Owners {
		if !slices.ContainsFunc(cs, func(c candidate) bool { return c.owner.ID == id }) {
			add(id, t.plain(a, t.owners[id]))
		}
	}
	for _, c := range cs {
		for _, id := range c.owner.OnCall {
			add(id, inventory.SignOnCall)
		}
	}
	for i := range cs {
		slices.SortStableFunc(cs[i].signs, func(x, y string) int { return cmp.Compare(t.place(x), t.place(y)) })
	}
	return cs
}

// plain is the sign of somebody whom a source names without a word on how.
func (t *table) plain(a *inventory.Assistant, o *inventory.Owner) string {
	if o == nil {
		return inventory.SignCreator
	}
	for _, s := range a.Sources {
		if slices.Contains(stating, t.kinds[s]) && slices.Contains(o.Sources, s) {
			return inventory.SignStated
		}
	}
	return inventory.SignCreator
}

// place is a sign's in the table; what is not in it comes last.
func (t *table) place(sign string) int {
	if p, ok := t.rank[sign]; ok {
		return p
	}
	return len(t.rank)
}

func (t *table) compare(x, y candidate) int {
	return cmp.Or(
		cmp.Compare(t.place(x.signs[0]), t.place(y.signs[0])),
		cmp.Compare(gone(x.owner), gone(y.owner)),
		cmp.Compare(sort(x.owner), sort(y.owner)),
		cmp.Compare(len(y.signs), len(x.signs)),
		cmp.Compare(x.owner.ID, y.owner.ID),
	)
}

func gone(o *inventory.Owner) int {
	if o.Status == inventory.OwnerDeparted {
		return 1
	}
	return 0
}

// sort puts a person before a team, and both before an account that no person is.
func sort(o *inventory.Owner) int {
	return -slices.Index([]string{"service", "team", "person"}, o.Kind)
}

func (t *table) onCall(cs []candidate) []inventory.ID {
	var out []inventory.ID
	for _, c := range cs {
		for _, id := range c.owner.OnCall {
			if t.owners[id] != nil && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

func confidence(c candidate, disputed bool) string {
	sum := 1
	if slices.Contains(near, c.signs[0]) {
		sum = 2
	}
	for _, is := range []struct {
		so bool
		n  int
	}{{len(c.signs) > 1, 1}, {c.owner.Status == inventory.OwnerActive, 1}, {c.owner.Kind != "person", -1}, {disputed, -1}} {
		if is.so {
			sum += is.n
		}
	}
	switch {
	case sum >= 3:
		return "high"
	case sum == 2:
		return "medium"
	}
	return "low"
}

// Holds reports whether somebody holds an assistant: answers for it, or is named by a sign that is about the assistant itself.
// Who is named by its surroundings only (CODEOWNERS, Git, the machine), while somebody else answers, does not.
func Holds(a *inventory.Assistant, id inventory.ID) bool {
	if a.Ownership == nil || a.Ownership.Owner == id {
		return slices.Contains(a.Owners, id)
	}
	for _, c := range a.Ownership.Others {
		if c.Owner == id {
			return slices.ContainsFunc(c.Signs, func(s string) bool { return slices.Contains(near, s) })
		}
	}
	return false
}

// words are how signs are told.
var words = map[string]string{
	inventory.SignDecision: "assigned here", inventory.SignCharter: "charter", inventory.SignStated: "system of record", inventory.SignTag: "tag",
	inventory.SignAccount: "account in the config", inventory.SignCreator: "named by the provider", inventory.SignCodeowners: "CODEOWNERS",
	inventory.SignGit: "git", inventory.SignOSUser: "user of the machine", inventory.SignOnCall: "on call",
}

// Words tells signs in words: "account in the config, git; agree".
func Words(signs []string) string {
	var out []string
	for _, s := range signs {
		w := words[s]
		if w == "" {
			w = inventory.Clean(s)
		}
		out = append(out, w)
	}
	text := strings.Join(out, ", ")
	if len(out) > 1 {
		text += "; agree"
	}
	return text
}

func (t *table) why(c candidate, rest []candidate) string {
	text := Words(c.signs)
	if c.owner.Status != inventory.OwnerDeparted {
		return text
	}
	text += "; has left"
	for _, x := range rest {
		if x.owner.Status != inventory.OwnerDeparted {
			return text + "; next is " + cmp.Or(x.owner.Name, x.owner.Email) + " (" + Words(x.signs) + ")"
		}
	}
	return text + "; nobody else is known"
}
