package risk

import (
	"hash/maphash"
	"slices"
	"time"

	"nhitop/inventory"
)

// carrying is a judgement that takes over from the one before it what cannot be different.
type carrying struct {
	*judging
	prev    *Judgement
	d       *inventory.Delta
	t       *touched
	moves   [len(nouns)][]int32 // of each subject before: its place now, or -1
	dropped []bool              // of the findings of prev: made again, or true no more

	byNumber []*asked // the rules by their numbers; nil for those that are switched off

	secrets, assistants marks             // that are worked out
	asked               [len(nouns)]marks // about whom rules are asked
}

// groupKey stands for the hits of one rule that have one cause.
type groupKey struct {
	rule  int
	group uint64
}

// again is a rule that is asked again about a subject of which nothing is another, for the sake of others in its groups.
type again struct {
	rule *asked
	at   uint32
}

// few is the part of the records of which more must be the same than are not, for taking over to be worth it.
const few = 3

// carry prepares a judgement that takes over from prev; nil where everything is to be judged.
func carry(prev *Judgement, s *inventory.Snapshot, p Policy, now time.Time) *carrying {
	if prev == nil || !prev.whole || now.Before(prev.w.now) || !prev.w.p.same(&p) {
		return nil
	}
	d := s.Since(prev.w.s)
	if d == nil {
		return nil
	}
	w := emptyWorld(s, p, now)
	others := len(d.Entitlements.Changed) + len(d.Assistants.Changed) + len(d.Secrets.Changed) + len(d.Tools.Changed)
	if !d.Ordered() || others > (len(w.r.Entitlements)+len(w.r.Assistants)+len(w.r.Secrets)+len(w.r.Tools))/few {
		return nil
	}
	w.homes, w.byFile = prev.w.homes, w.openFiles()
	var about [len(nouns)]marks
	for i, of := range nouns {
		about[i] = newMarks(w.size(of))
	}
	byNumber := make([]*asked, len(p.rules()))
	for _, r := range prev.rules {
		byNumber[r.no] = r
	}
	return &carrying{judging: &judging{w: w, rules: prev.rules}, prev: prev, d: d, t: touch(prev.w, w, d), dropped: make([]bool, len(prev.kept)), byNumber: byNumber,
		moves:   [len(nouns)][]int32{d.Assistants.To, d.Secrets.To, d.Tools.To, d.Owners.To, nil},
		secrets: newMarks(len(w.facts)), assistants: newMarks(len(w.profiles)), asked: about}
}

// judge asks about what is touched, makes those findings again, and takes the others over; nil where that cannot be told.
func (c *carrying) judge(settle func([]inventory.Finding)) *Judgement {
	plain, combinations := c.classes()
	custom := slices.DeleteFunc(slices.Clone(plain), func(r *asked) bool { return r.Custom == nil })
	plain = slices.DeleteFunc(plain, func(r *asked) bool { return r.Custom != nil })
	c.about(plain, &c.t.subjects, nil)
	if len(custom) > 0 { // nobody knows what they look at
		for i, b := range c.prev.brief {
			c.dropped[i] = c.dropped[i] || c.byNumber[b.rule].Custom != nil
		}
		c.prepare(upTo(len(c.w.facts)), upTo(len(c.w.profiles)))
		c.round(custom, nil)
	}
	c.combine(combinations)
	out := c.assemble(settle)
	if out != nil {
		out.traits = c.traits()
	}
	return out
}

// traits are those of before, but for the assistants that were asked about because something is another.
func (c *carrying) traits() []trait {
	out := make([]trait, len(c.w.profiles))
	for i, to := range c.d.Assistants.To {
		if to >= 0 {
			out[to] = c.prev.traits[i]
		}
	}
	for _, at := range c.t.subjects[theAssistants].list {
		out[at] = c.w.profiles[at].trait()
	}
	return out
}

// member returns where a member of a finding of prev with a rule stands now, or -1.
func (c *carrying) member(r *asked, at uint32) int {
	if to := c.moves[r.of]; to != nil {
		return int(to[at])
	}
	return -1
}

// about asks rules about subjects, and again about those that are in a group with one of them or were before. before, which
// may be nil, is called with those.
func (c *carrying) about(rules []*asked, subjects *[len(nouns)]marks, before func([]again)) {
	in := make([]bool, len(c.byNumber))
	for _, r := range rules {
		in[r.no] = true
	}
	var lists places
	for i := range subjects {
		lists[i] = subjects[i].list
	}
	c.prepareFor(&lists)
	for of := range nouns {
		c.ask(rules, of, &lists)
	}
	groups := map[groupKey]bool{}
	for _, p := range c.pens {
		for g := range p.waiting.all {
			groups[groupKey{g.rule.no, g.group}] = true
		}
	}
	for i, b := range c.prev.brief {
		if c.dropped[i] || !in[b.rule] || !c.concerns(i, subjects) {
			continue
		}
		c.dropped[i] = true
		if b.grouped {
			groups[groupKey{int(b.rule), c.prev.kept[i].group}] = true
		}
	}
	others := c.others(groups, func(k *kept, at int) bool { return subjects[k.rule.of].on[at] })
	if before != nil {
		waiting := make([]slabs[grouped], len(c.pens))
		for i, p := range c.pens {
			waiting[i], p.waiting = p.waiting, nil
		}
		before(others)
		for i, p := range c.pens {
			p.waiting = waiting[i]
		}
	}
	c.askAgain(others, groups)
	c.gather()
	c.faults()
}

// concerns reports whether a finding of prev is about one of the subjects, or about something that is gone.
func (c *carrying) concerns(i int, subjects *[len(nouns)]marks) bool {
	r := c.byNumber[c.prev.brief[i].rule]
	if r.Of == NounSource {
		return true
	}
	on, to := subjects[r.of].on, c.moves[r.of]
	for _, m := range c.prev.members.of(i) {
		if at := to[m]; at < 0 || on[at] {
			return true
		}
	}
	return false
}

// turn is where a finding of prev that is taken over stands among those of its rule.
func (c *carrying) turn(i int) turn {
	k := c.prev.kept[i]
	return turn{k.group != 0, uint32(c.member(k.rule, c.prev.members.of(i)[0])), k.hit}
}

// others drops the findings of groups, and lists their members that were not asked.
func (c *carrying) others(groups map[groupKey]bool, asked func(k *kept, at int) bool) []again {
	var list []again
	listed := map[again]bool{}
	some := make([]bool, len(c.byNumber))
	for g := range groups {
		some[g.rule] = true
	}
	for i, b := range c.prev.brief {
		if !b.grouped || !some[b.rule] {
			continue
		}
		k := c.prev.kept[i]
		if !groups[groupKey{k.rule.no, k.group}] {
			continue
		}
		c.dropped[i] = true
		for _, m := range c.prev.members.of(i) {
			at := c.member(k.rule, m)
			if at < 0 || asked(k, at) {
				continue
			}
			if x := (again{k.rule, uint32(at)}); !listed[x] {
				listed[x] = true
				list = append(list, x)
			}
		}
	}
	return list
}

// askAgain asks a rule about each subject of a list and takes the hits that are wanted.
func (c *carrying) askAgain(list []again, groups map[groupKey]bool) {
	var subjects places
	for _, x := range list {
		subjects[x.rule.of] = append(subjects[x.rule.of], x.at)
	}
	c.prepareFor(&subjects)
	c.work(len(list), func(p *pen, i int) {
		x := list[i]
		s, ok := p.w.subject(x.rule.Of, int(x.at))
		if !ok {
			return
		}
		hits := x.rule.Check(s, p.w.p)
		for k := range hits {
			h := &hits[k]
			if h.Group != "" && groups[groupKey{x.rule.no, groupHash(h)}] {
				p.take(x.rule, s, h, turn{at: x.at, hit: uint32(k)}, len(hits) > 1)
			}
		}
	})
}

func groupHash(h *Hit) uint64 { return max(1, maphash.String(seed, h.Group)) }

// secretsOf marks what an assistant holds or reaches.
func (c *carrying) secretsOf(at uint32, into *marks) {
	for _, id := range c.w.r.Assistants[at].Secrets {
		into.add(c.w.s.Place(inventory.NounSecret, id))
	}
}

// holdersOf marks who holds or reaches a secret.
func (c *carrying) holdersOf(at uint32, into *marks) {
	for _, id := range c.w.r.Secrets[at].Assistants {
		into.add(c.w.s.Place(inventory.NounAssistant, id))
	}
}

// prepareFor works out what rules look at for some subjects, and counts those. The few of whom owners are asked are worked
// out then.
func (c *carrying) prepareFor(subjects *places) {
	for of, list := range subjects {
		for _, at := range list {
			c.asked[of].add(int(at))
		}
	}
	secrets, assistants := len(c.secrets.list), len(c.assistants.list)
	for _, at := range subjects[theAssistants] {
		c.assistants.add(int(at))
	}
	for _, at := range subjects[theSecrets] {
		c.secrets.add(int(at))
		c.holdersOf(at, &c.assistants)
	}
	for _, at := range subjects[theTools] {
		t := &c.w.r.Tools[at]
		c.assistants.add(c.w.s.Place(inventory.NounAssistant, t.Assistant))
		for _, id := range t.Secrets {
			c.secrets.add(c.w.s.Place(inventory.NounSecret, id))
		}
	}
	for _, at := range c.assistants.list[assistants:] {
		c.secretsOf(at, &c.secrets)
	}
	c.prepare(c.secrets.list[secrets:], c.assistants.list[assistants:])
}
