package merge

import (
	"cmp"
	"slices"
	"time"

	"nhitop/inventory"
)

// certain are the aliases that belong to one secret alone: a hash of its whole value, the fingerprint of its key, an id
// that its issuer gives once.
var certain = map[inventory.ClueBy]bool{inventory.ClueSHA256: true, inventory.ClueSHA512: true, inventory.ClueMD5: true, inventory.ClueSSH: true, inventory.ClueKeyID: true}

// dateSlack is how far two sources may differ about the day on which a secret was made or ends and still mean one secret.
const dateSlack = 48 * time.Hour

// correlate makes one record of a secret whose value one source holds and which another knows by a hash, by its end or by
// the fingerprint of its key. The record of the source that holds the value keeps its id; what pointed to the other
// points to it. Where an end fits more than one secret, nothing is concluded.
func correlate(r *inventory.Records) {
	told := map[string][]int{} // alias -> the secrets that are known by it alone
	for i := range r.Secrets {
		if x := &r.Secrets[i]; x.Fingerprint == "" {
			for _, a := range x.Aliases {
				told[a] = append(told[a], i)
			}
		}
	}
	if len(told) == 0 {
		return
	}
	c := correlation{r: r, same: map[int]found{}}
	held := map[string][]int{}
	for i := range r.Secrets {
		if x := &r.Secrets[i]; x.Fingerprint != "" {
			for _, a := range x.Aliases {
				if told[a] != nil {
					held[a] = append(held[a], i)
				}
			}
		}
	}
	for _, sure := range []bool{true, false} {
		for _, a := range inventory.SortedKeys(told) {
			if by := inventory.AliasBy(a); certain[by] == sure {
				c.meet(by, told[a], held[a])
			}
		}
	}
	c.unite()
}

// found is how a secret was found to be another one.
type found struct {
	into int
	by   inventory.ClueBy
}

type correlation struct {
	r    *inventory.Records
	same map[int]found // a secret that is another one
}

// meet ties the secrets that are told by one alias to the one that is held, or where none is held to the first of them.
func (c *correlation) meet(by inventory.ClueBy, told, held []int) {
	if certain[by] {
		into := told[0]
		if len(held) > 0 {
			into = held[0]
		}
		for _, i := range told {
			c.tie(i, into, by)
		}
		return
	}
	for _, i := range told {
		fit := slices.DeleteFunc(slices.Clone(held), func(j int) bool { return !alike(&c.r.Secrets[i], &c.r.Secrets[j]) })
		if len(fit) == 1 {
			c.tie(i, fit[0], by)
		}
	}
}

func (c *correlation) tie(i, into int, by inventory.ClueBy) {
	if i == into {
		return
	}
	if _, done := c.same[i]; !done && c.root(into) != i {
		c.same[i] = found{into, by}
	}
}

func (c *correlation) root(i int) int {
	for {
		f, ok := c.same[i]
		if !ok {
			return i
		}
		i = f.into
	}
}

// alike reports whether two records may be one secret: nothing that both know differs.
func alike(a, b *inventory.Secret) bool {
	if a.Issuer != "" && b.Issuer != "" && a.Issuer != b.Issuer {
		return false
	}
	if a.Kind != "" && b.Kind != "" && a.Kind != b.Kind && !slices.Contains(vague, a.Kind) && !slices.Contains(vague, b.Kind) {
		return false
	}
	return near(a.Created, b.Created) && near(a.Expires, b.Expires)
}

func near(a, b time.Time) bool {
	return a.IsZero() || b.IsZero() || a.Sub(b).Abs() <= dateSlack
}

// unite folds each secret into the one that it is, and turns every link to it.
func (c *correlation) unite() {
	if len(c.same) == 0 {
		return
	}
	ss := c.r.Secrets
	now := make(map[inventory.ID]inventory.ID, len(c.same))
	gone := make([]int, 0, len(c.same))
	for i := range c.same {
		gone = append(gone, i)
	}
	slices.Sort(gone)
	for _, i := range gone {
		into := &ss[c.root(i)]
		x := ss[i]
		if len(into.Same) == 0 {
			clip(into)
		}
		ambient := into.Ambient
		secret(into, &x)
		if into.Fingerprint != "" {
			into.Ambient = ambient // how it is reached is known to the source that found it in a place
		}
		into.Aliases = ordered(append(into.Aliases, x.Aliases...))
		into.Same = append(into.Same, inventory.Same{ID: x.ID, Source: first(x.Sources), By: c.same[i].by, Confidence: confidence(c.same[i].by)})
		now[x.ID] = into.ID
	}
	for _, i := range gone {
		x := &ss[c.root(i)]
		secretLists(x)
		slices.SortFunc(x.Same, func(a, b inventory.Same) int { return cmp.Compare(a.ID, b.ID) })
	}
	c.r.Secrets = slices.DeleteFunc(ss, func(x inventory.Secret) bool { _, ok := now[x.ID]; return ok })
	turn(c.r, now)
}

func first(xs []string) string {
	if len(xs) == 0 {
		return ""
	}
	return xs[0]
}

func confidence(by inventory.ClueBy) string {
	if certain[by] {
		return inventory.ConfidenceCertain
	}
	return inventory.ConfidenceHigh
}

// turn makes links to secrets that are others now point to those. No list of a batch is written to.
func turn(r *inventory.Records, now map[inventory.ID]inventory.ID) {
	ids := func(xs []inventory.ID) []inventory.ID {
		if !slices.ContainsFunc(xs, func(id inventory.ID) bool { _, ok := now[id]; return ok }) {
			return xs
		}
		out := slices.Clone(xs)
		for i, id := range out {
			out[i] = cmp.Or(now[id], id)
		}
		return distinct(out)
	}
	for i := range r.Assistants {
		r.Assistants[i].Secrets = ids(r.Assistants[i].Secrets)
	}
	for i := range r.Tools {
		r.Tools[i].Secrets = ids(r.Tools[i].Secrets)
	}
	for i := range r.Entitlements {
		e := &r.Entitlements[i]
		e.Via = cmp.Or(string(now[inventory.ID(e.Via)]), e.Via)
	}
}
