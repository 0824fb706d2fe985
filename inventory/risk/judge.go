package risk

import (
	"time"

	"nhitop/inventory"
)

// Finding states that the judgement carries over or sets.
const (
	stateOpen     = "open"
	stateFixed    = "fixed"
	stateAccepted = "accepted"
)

// Judge says what should not be so, worst first, and which single changes close most, in the order of work. It changes
// nothing in the snapshot. Findings that the snapshot already holds under the same id keep their first sight and state.
//
// The same facts in any order give the same findings, ids, texts and order.
func Judge(s *inventory.Snapshot, p Policy, now time.Time) ([]inventory.Finding, []inventory.Issue) {
	return Settled(s, p, now, nil)
}

// Settled is Judge for a caller that knows more about findings than the rules do. settle gets all of them, worst first,
// before changes are chosen, and may set their first sight, their state and what people decided: deadlines follow from the
// first sight, and what is accepted or fixed stands in no issue.
func Settled(s *inventory.Snapshot, p Policy, now time.Time, settle func([]inventory.Finding)) ([]inventory.Finding, []inventory.Issue) {
	j := Since(nil, s, p, now, settle)
	return j.Findings, j.Issues
}

// Judgement is what a snapshot was judged to be, and what it takes to judge a later one for that alone which is different.
// It keeps the snapshot. Nothing of it is changed afterwards, and it may be used from several goroutines.
type Judgement struct {
	Findings []inventory.Finding // worst first
	Issues   []inventory.Issue   // in the order of work

	w        *world
	rules    []*asked
	kept     []*kept     // of Findings
	brief    []brief     // of Findings
	members  members     // of Findings: the places of the subjects for which each holds
	spread   map[int]int // for how many assistants a rule holds that is worse where many have it, by its number
	bearings []bearing   // of Findings
	traits   []trait     // of the assistants
	knots    knots       // of Findings and Issues
	whole    bool        // nothing was left out that could come back: it may be taken further
	asked    int         // about how many subjects rules were asked
	settled  bool        // people or an earlier snapshot may have said something to findings
	from     []int32     // of Findings: the places in the judgement before; nil if nothing was taken over
}

// brief is what is asked of each finding when the next snapshot is judged.
type brief struct {
	rule     uint16 // the number of its rule
	grouped  bool   // it is one of a group of hits
	timeless bool   // no evidence says when it was seen
}

// members are lists of places, one after the other.
type members struct {
	ends []uint32 // of each list; it begins where the one before ends
	all  []uint32
}

func (m *members) of(i int) []uint32 {
	from := uint32(0)
	if i > 0 {
		from = m.ends[i-1]
	}
	return m.all[from:m.ends[i]]
}

func (m *members) add(places ...uint32) {
	m.all = append(m.all, places...)
	m.ends = append(m.ends, uint32(len(m.all)))
}

// Since is [Settled] for a snapshot that follows on one that was judged before: prev may be nil. What holds for whom nothing
// has changed, in its own record or in those that rules look at for it, is taken over; the result is the same as that of
// judging everything. Both snapshots must hold records as merging leaves them, with links in both directions. A finding that
// prev holds keeps the first sight that it has there. p must not be changed in place between judgements.
func Since(prev *Judgement, s *inventory.Snapshot, p Policy, now time.Time, settle func([]inventory.Finding)) *Judgement {
	if c := carry(prev, s, p, now); c != nil {
		if out := c.judge(settle); out != nil {
			return out
		}
	}
	w := newWorld(s, p, now)
	j := &judging{w: w, rules: w.askable()}
	j.prepare(upTo(len(w.facts)), upTo(len(w.profiles)))
	traits := j.traits()
	j.everything()
	j.forget()
	all, whole := j.ordered()
	out := &Judgement{w: w.leave(), rules: j.rules, spread: j.spread, whole: whole, settled: settle != nil || len(w.r.Findings) > 0,
		Findings: make([]inventory.Finding, len(all)), kept: make([]*kept, len(all)), brief: make([]brief, len(all)), members: members{ends: make([]uint32, 0, len(all))},
		bearings: make([]bearing, len(all)), traits: traits}
	first := prev.firstSights()
	for i, m := range all {
		out.kept[i], out.brief[i] = m.kept, m.brief()
		out.members.add(m.members...)
		m.finding(&out.Findings[i])
		w.known(&out.Findings[i], first[m.id])
		out.bearings[i] = bearingOf(&out.Findings[i])
	}
	_, out.asked = out.Asked()
	out.settle(settle)
	out.cover(nil, nil)
	return out
}

// Leads reports whether a judgement, which may be nil, is of a snapshot that another one follows on; see
// [inventory.Snapshot.Follows].
func (j *Judgement) Leads(s *inventory.Snapshot) bool { return j != nil && s.Follows(j.w.s) }

// From says of each finding where it stood in the judgement that this one was made from, -1 for one that is made anew; nil
// where nothing was taken over. What stood there has the same id, subject and assistants; see [inventory.Snapshot.JudgedAfter].
func (j *Judgement) From() []int32 { return j.from }

// Asked returns about how many subjects rules were asked, of how many there are: of all of them where nothing could be taken
// over.
func (j *Judgement) Asked() (asked, of int) {
	for _, n := range nouns {
		of += j.w.size(n)
	}
	return j.asked, of
}

// everything asks every rule about all its subjects.
func (j *judging) everything() {
	plain, combinations := j.classes()
	j.round(plain, nil)
	j.fleets()
	j.note()
	j.round(combinations, nil)
}

// forget lets go of what rules look at, when all are asked.
func (j *judging) forget() {
	for _, p := range j.pens {
		p.w.profiles, p.w.facts, p.w.desk, p.w.stage, p.c = nil, nil, nil, nil, scene{}
	}
	j.w.profiles, j.w.facts, j.w.stage = nil, nil, nil
}

// classes are the rules that look at facts, and those that look at which rules hold.
func (j *judging) classes() (plain, combinations []*asked) {
	for _, r := range j.rules {
		if len(r.Parts) == 0 {
			plain = append(plain, r)
		} else {
			combinations = append(combinations, r)
		}
	}
	return plain, combinations
}

var decisions = [...]inventory.Decision{inventory.ActNow, inventory.Attend, inventory.Track}

// finding fills in the record.
func (m *made) finding(x *inventory.Finding) {
	*x = inventory.Finding{ID: m.id, Rule: m.rule.ID, Yours: m.rule.Custom != nil, Title: m.rule.Title, Subject: m.subject, Assistants: m.who, Score: int(m.score), ScoreParts: m.parts,
		Decision: decisions[m.decision], DecisionWhy: m.why, State: stateOpen, Detail: m.detail, Why: m.rule.Why, Fix: m.rule.Fix, Evidence: m.evidence,
		Controls: m.rule.Controls}
	if x.Assistants == nil {
		x.Assistants = []inventory.ID{}
	}
}

// known gives a finding the first sight and the state that it has in the snapshot already, or else the first sight that an
// earlier judgement knows.
func (w *world) known(x *inventory.Finding, earlier time.Time) {
	if x.FirstSeen = earlier; earlier.IsZero() {
		x.FirstSeen = w.now
	}
	if old := w.s.Finding(x.ID); old != nil {
		if !old.FirstSeen.IsZero() {
			x.FirstSeen = old.FirstSeen
		}
		if old.State != "" && old.State != stateFixed {
			x.State = old.State
		}
	}
	x.Due = w.p.Due(x.Decision, x.FirstSeen)
}

func (j *Judgement) firstSights() map[inventory.ID]time.Time {
	if j == nil {
		return nil
	}
	m := make(map[inventory.ID]time.Time, len(j.Findings))
	for i := range j.Findings {
		m[j.Findings[i].ID] = j.Findings[i].FirstSeen
	}
	return m
}

func (j *Judgement) settle(settle func([]inventory.Finding)) {
	if settle == nil {
		return
	}
	settle(j.Findings)
	for i := range j.Findings {
		j.Findings[i].Due = j.w.p.Due(j.Findings[i].Decision, j.Findings[i].FirstSeen)
		j.bearings[i] = bearingOf(&j.Findings[i])
	}
}

// leave keeps of a world what the next judgement asks for.
func (w *world) leave() *world {
	left := *w
	left.profiles, left.facts, left.desk, left.stage = nil, nil, nil, nil
	return &left
}

func (h *Hit) say() {
	if h.tell != nil {
		h.tell(h)
		h.tell = nil
	}
}

// label names the subject in a sentence.
func (s Subject) label() string {
	switch {
	case s.Assistant != nil:
		return name(s.Assistant)
	case s.Secret != nil:
		return called(s.Secret)
	case s.Tool != nil:
		return s.server()
	case s.Owner != nil:
		return quote(s.Owner.Name)
	}
	return s.Source.Name
}
