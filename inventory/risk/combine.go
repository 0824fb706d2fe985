package risk

import (
	"slices"

	"nhitop/inventory"
)

// combine asks the combinations: about what is touched, and about those for whom a rule that combinations gather holds in
// another way than before.
func (c *carrying) combine(combinations []*asked) {
	subjects := c.t.subjects
	for i := range subjects {
		subjects[i] = subjects[i].clone()
	}
	c.differently(func(ids []inventory.ID) {
		for _, id := range ids {
			subjects[theAssistants].add(c.w.s.Place(inventory.NounAssistant, id))
		}
	})
	for _, at := range subjects[theAssistants].list {
		c.secretsOf(at, &subjects[theSecrets])
	}
	whom := subjects[theAssistants].clone()
	for _, at := range subjects[theSecrets].list {
		c.holdersOf(at, &whom)
	}
	c.recall(&whom)
	c.note()
	c.about(combinations, &subjects, func(list []again) {
		if len(list) == 0 {
			return
		}
		more := newMarks(len(c.w.profiles))
		for _, x := range list {
			if x.rule.Of == inventory.NounAssistant && !whom.on[x.at] {
				more.add(int(x.at))
			}
		}
		c.recall(&more)
		c.note()
	})
}

// differently calls do with those for whom a finding that combinations gather is made, is another than before, or is there
// no more. Most of those that were made for the sake of a group are what they were.
func (c *carrying) differently(do func(who []inventory.ID)) {
	before := map[inventory.ID]int{}
	for i, b := range c.prev.brief {
		if c.dropped[i] && c.byNumber[b.rule].gathered {
			before[c.prev.Findings[i].ID] = i
		}
	}
	t := taking{carrying: c}
	for m := range c.all {
		if !m.rule.gathered {
			continue
		}
		i, ok := before[m.id]
		if ok && t.same(m, i) {
			delete(before, m.id)
			continue
		}
		do(m.who)
	}
	for _, i := range before {
		do(c.prev.Findings[i].Assistants)
	}
}

// same reports whether a finding that was made brings to combinations what one of prev did.
func (t *taking) same(m *made, i int) bool {
	f, k := &t.prev.Findings[i], t.prev.kept[i]
	return slices.Equal(m.who, f.Assistants) && m.turn() == t.turn(i) && slices.Equal(m.changes, k.changes) && m.more.same(k.more) &&
		slices.EqualFunc(m.evidence, f.Evidence, func(now, was inventory.Evidence) bool {
			was.ObservedAt = t.when(&was)
			return now == was
		})
}

func (m *more) same(x *more) bool {
	if m == nil || x == nil {
		return m == x
	}
	return m.known == x.known && slices.Equal(m.secrets, x.secrets)
}

// recall notes which findings that are taken over combinations may gather for some assistants.
func (c *carrying) recall(whom *marks) {
	theirs := [len(nouns)]marks{theAssistants: *whom, theSecrets: newMarks(len(c.w.facts)), theTools: newMarks(len(c.w.r.Tools))}
	for _, at := range whom.list {
		c.secretsOf(at, &theirs[theSecrets])
		for _, t := range c.w.s.ToolsOf(c.w.r.Assistants[at].ID) {
			theirs[theTools].add(c.w.s.Place(inventory.NounTool, t.ID))
		}
	}
	gathered := make([]bool, len(c.byNumber))
	for _, r := range c.rules {
		gathered[r.no] = r.gathered && theirs[r.of].on != nil
	}
	for i, b := range c.prev.brief {
		if c.dropped[i] || !gathered[b.rule] || !c.concerns(i, &theirs) {
			continue
		}
		c.whom(i, func(at int) {
			if at >= 0 && whom.on[at] {
				c.recalled = append(c.recalled, tied{at: uint32(at), taken: c, from: int32(i)})
			}
		})
	}
}

// whom calls do with the places of the assistants that a finding of prev concerns, -1 for one that is not in the inventory.
func (c *carrying) whom(i int, do func(at int)) {
	r, ids, members := c.byNumber[c.prev.brief[i].rule], c.prev.Findings[i].Assistants, c.prev.members.of(i)
	if r.Of == inventory.NounAssistant && len(ids) == len(members) {
		for _, m := range members {
			do(c.member(r, m))
		}
		return
	}
	for _, id := range ids {
		do(c.w.s.Place(inventory.NounAssistant, id))
	}
}
