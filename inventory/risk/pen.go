package risk

import (
	"cmp"
	"hash/maphash"
	"slices"

	"nhitop/inventory"
)

// made is one finding while all of them are being made: what is the same for every finding of a rule is left to the rule.
type made struct {
	*kept
	id       inventory.ID
	subject  inventory.ID
	who      []inventory.ID // the assistants that it concerns
	parts    []inventory.ScorePart
	evidence []inventory.Evidence
	why      string
	detail   string
	members  []uint32 // the places of the subjects for which the rule holds, ascending
	score    int16
	decision uint8  // its rank
	several  bool   // its subject has more hits of the rule: two may have one id
	at       uint32 // the place of its first subject
}

// kept is what a finding is made again from. It is not changed, and several judgements share it.
type kept struct {
	rule     *asked
	group    uint64 // stands for the group of the hits, 0 where there is none
	changes  []Change
	more     *more  // what else it brings to combinations, or nil
	hit      uint32 // which of its first subject's hits it is
	timeless bool   // no evidence says when it was seen
}

func (k *kept) brief() brief { return brief{uint16(k.rule.no), k.group != 0, k.timeless} }

// more is what few findings bring to combinations.
type more struct {
	secrets []inventory.ID
	known   string
}

func (m *made) turn() turn { return turn{m.group != 0, m.at, m.hit} }

// turn orders the findings of one rule: those without a group in the order of their subjects, then groups in the order of
// their first members.
type turn struct {
	grouped bool
	at, hit uint32
}

func (a turn) compare(b turn) int {
	if a.grouped != b.grouped {
		if b.grouped {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.hit, b.hit))
}

// grouped is a hit that waits for the others of its group.
type grouped struct {
	rule    *asked
	group   uint64 // the hash of the hit's group
	hit     *Hit
	turn    turn // the place of its subject, too
	several bool // the subject has more hits of the rule
}

// fault is a condition that could not be evaluated.
type fault struct {
	rule *asked
	turn turn
	text string
}

// pen is what one goroutine makes findings with.
type pen struct {
	w       *world
	c       scene
	made    slabs[made]
	waiting slabs[grouped]
	faults  []fault

	ids    shelf[inventory.ID]
	places shelf[uint32]
	parts  shelf[inventory.ScorePart]
	kept   shelf[kept]
	sums   [512][]inventory.ScorePart // those made last; see texts
	plans  [256][]Change              // likewise
	words  texts
	list   []inventory.ScorePart // the one that is being made
	line   []byte                // likewise
}

// ask asks rules about the subject at a place.
func (p *pen) ask(rules []*asked, s Subject, at int) {
	for _, r := range rules {
		hits := r.Check(s, p.w.p)
		for i := range hits {
			p.take(r, s, &hits[i], turn{at: uint32(at), hit: uint32(i)}, len(hits) > 1)
		}
	}
}

func (p *pen) take(r *asked, s Subject, h *Hit, t turn, several bool) {
	switch {
	case h.fault != "":
		p.faults = append(p.faults, fault{r, t, h.fault})
	case h.Group != "":
		t.grouped = true
		*p.waiting.add() = grouped{r, groupHash(h), h, t, several}
	default:
		m := p.make(r, s, h)
		m.at, m.hit, m.several, m.members = t.at, t.hit, several, p.places.copy(t.at)
	}
}

// make makes the finding of a hit.
func (p *pen) make(r *asked, s Subject, h *Hit) *made {
	h.say()
	h.Evidence = tidy(h.Evidence)
	p.set(r, s, h)
	m := p.made.add()
	m.kept = p.kept.one()
	m.rule, m.subject, m.who, m.detail = r, s.ID(), h.Assistants, sentence(h.Detail)
	m.id = inventory.NewID(inventory.NounFinding, r.ID, string(m.subject), h.Key)
	m.evidence, m.changes = h.Evidence, p.plan(h.Changes)
	m.timeless = !slices.ContainsFunc(m.evidence, func(e inventory.Evidence) bool { return !e.ObservedAt.IsZero() })
	if r.gathered && (len(h.Secrets) > 0 || h.Known != "") {
		m.more = &more{h.Secrets, h.Known}
	}
	m.score, m.parts = p.score()
	m.decision, m.why = p.decide()
	return m
}

// plan keeps changes: findings that follow each other often ask for the same.
func (p *pen) plan(changes []Change) []Change {
	if len(changes) == 0 {
		return nil
	}
	kept := &p.plans[hashOf(&changes[0])%uint64(len(p.plans))]
	if !slices.Equal(*kept, changes) {
		*kept = slices.Clip(changes)
	}
	return *kept
}

// score adds up what the modifiers prove. What counts the whole fleet is added later, by [pen.count].
func (p *pen) score() (int16, []inventory.ScorePart) {
	r := p.c.rule
	p.list = append(p.list[:0], inventory.ScorePart{Code: "base", Points: r.Base, Reason: r.Title})
	if r.weight.Points != 0 {
		p.list = append(p.list, r.weight)
	}
	for i := range r.checks {
		k := &r.checks[i]
		if i == r.fleet {
			continue
		}
		if why := k.proves(&p.c); why != "" {
			p.list = append(p.list, p.scorePart(k, why))
		}
	}
	return p.sum()
}

func (p *pen) scorePart(k *check, why string) inventory.ScorePart {
	p.line = append(append(append(p.line[:0], k.reason...), ": "...), why...)
	return inventory.ScorePart{Code: k.code, Points: k.points, Reason: p.words.of(p.line)}
}

// count adds to a finding, or changes or takes away, that its rule holds for n assistants.
func (p *pen) count(r *asked, parts []inventory.ScorePart, n int) (int16, []inventory.ScorePart) {
	p.list = p.list[:0]
	why := p.w.manyHave(n)
	put := func() {
		if why != "" {
			p.list = append(p.list, p.scorePart(&r.checks[r.fleet], why))
			why = ""
		}
	}
	for _, x := range parts {
		if x.Code == fleetCode || x.Code == limitCode {
			continue
		}
		if slices.IndexFunc(r.checks, func(k check) bool { return k.code == x.Code }) > r.fleet {
			put()
		}
		p.list = append(p.list, x)
	}
	put()
	return p.sum()
}

// sum adds the list up, with a part that says so where a limit cuts, and keeps it.
func (p *pen) sum() (int16, []inventory.ScorePart) {
	total, limits := limited(p.list)
	p.list = append(p.list, limits...)
	var h maphash.Hash
	h.SetSeed(seed)
	for i := range p.list {
		_, _ = h.WriteString(p.list[i].Reason)
	}
	kept := &p.sums[h.Sum64()%uint64(len(p.sums))]
	if !slices.Equal(*kept, p.list) {
		*kept = p.parts.copy(p.list...)
	}
	return int16(total), *kept
}

// decide returns the rank of the decision and the reason for it in one line.
func (p *pen) decide() (uint8, string) {
	d, line := p.c.decide(p.line[:0])
	p.line = line
	return uint8(d.Rank()), p.words.of(line)
}
