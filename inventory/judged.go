package inventory

import "slices"

// Judged returns a snapshot of the same facts with these findings and issues, which it takes over. The facts are neither
// sorted nor indexed again.
func (s *Snapshot) Judged(findings []Finding, issues []Issue) *Snapshot {
	next := *s
	next.records.Findings, next.records.Issues = findings, issues
	next.takeJudgement()
	next.posture.Decisions = decisions(next.records.Findings)
	return &next
}

// JudgedAfter is [Snapshot.Judged] for findings most of which are those of another snapshot: from says of each where it stands
// there, or -1. They are in order, no two have one id, and those that stand there have the same id, subject and assistants.
// What is looked up in them is taken over from there. Without from or before it is Judged.
func (s *Snapshot) JudgedAfter(before *Snapshot, from []int32, findings []Finding, issues []Issue) *Snapshot {
	if before == nil || len(from) != len(findings) {
		return s.Judged(findings, issues)
	}
	next := *s
	r := &next.records
	r.Findings, r.Issues = findings, issues
	for i, was := range from {
		if was < 0 {
			fillFinding(&findings[i])
		}
	}
	next.findings = before.findings.moved(findings, from)
	next.findingsOf, next.findingLinks = regroup(&before.findingsOf, &before.findingLinks, findings, from, linkFinding)
	takeIssues(r)
	next.posture.Decisions = decisions(next.records.Findings)
	return &next
}

// Decided returns a snapshot with the same findings in the same order, of which people say something else now. It takes the
// list over.
func (s *Snapshot) Decided(findings []Finding) *Snapshot {
	return s.JudgedAfter(s, standing(len(findings)), findings, s.records.Issues)
}

// takeJudgement takes findings and issues in.
func (s *Snapshot) takeJudgement() {
	r := &s.records
	take(&r.Findings, fillFinding, compareFindings, byUrgency)
	s.findings = index(r.Findings, func(x *Finding) ID { return x.ID })
	s.findingsOf, s.findingLinks = grouped(r.Findings, 3, linkFinding)
	takeIssues(r)
}

func linkFinding(l *linker, x *Finding) { l.link(x.Subject); l.link(x.Assistants...) }

// takeIssues keeps the order that the judgement gave them: it is the order of work.
func takeIssues(r *Records) { take(&r.Issues, fillIssue, func(*Issue, *Issue) int { return 0 }, nil) }

// moved is the index of another list, in which those records that stand in that of x are where from says; see
// [Snapshot.JudgedAfter].
func (x *byID[T]) moved(xs []T, from []int32) byID[T] {
	if 2*len(xs) > len(x.slots) || len(x.slots) > 16*len(xs)+4 {
		return index(xs, x.id)
	}
	to := make([]uint32, len(x.xs)) // a place plus one, 0 for nowhere
	for i, was := range from {
		if was >= 0 {
			to[was] = uint32(i) + 1
		}
	}
	y := byID[T]{slices.Clone(x.slots), x.xs, x.id}
	for was, now := range to {
		if now == 0 {
			y.remove(was)
		}
	}
	for s, was := range y.slots {
		if was != 0 {
			y.slots[s] = to[was-1]
		}
	}
	y.xs = xs
	for i, was := range from {
		if was < 0 {
			y.slots[y.slot(y.id(&xs[i]))] = uint32(i) + 1
		}
	}
	return y
}

// remove takes out what stands at a place of the list, and closes the gap for those that had to go further for it.
func (x *byID[T]) remove(place int) {
	gap := x.slot(x.id(&x.xs[place]))
	if x.slots.place(gap) != place {
		return
	}
	for s := x.slots.next(gap); x.slots[s] != 0; s = x.slots.next(s) {
		first := x.slots.first(x.id(&x.xs[x.slots.place(s)]))
		if mask := len(x.slots) - 1; (s-first)&mask >= (s-gap)&mask {
			x.slots[gap] = x.slots[s]
			gap = s
		}
	}
	x.slots[gap] = 0
}

// regroup is grouped for a list in which those records that stand in another one, by from, have the same links.
func regroup[T any](was *byLink[T], had *links, xs []T, from []int32, names func(l *linker, x *T)) (byLink[T], links) {
	l := linker{slots: was.slots, lent: true, keys: slices.Clip(was.keys), count: make([]uint32, len(was.keys)), last: make([]uint32, len(was.keys)),
		links: links{make([]uint32, 0, len(had.of)+len(had.of)/64), make([]uint32, 0, len(xs))}}
	for i := range xs {
		if from[i] < 0 {
			names(&l, &xs[i])
		} else {
			for _, k := range had.at(int(from[i])) {
				l.count[k]++
				l.of = append(l.of, k)
			}
		}
		l.ends = append(l.ends, uint32(len(l.of)))
	}
	idle := 0
	for _, n := range l.count {
		if n == 0 {
			idle++
		}
	}
	if idle > len(l.count)/4 {
		return grouped(xs, 3, names)
	}
	return gather(&l, xs), l.links
}

// at are the keys of the record at a place.
func (l *links) at(place int) []uint32 {
	from := uint32(0)
	if place > 0 {
		from = l.ends[place-1]
	}
	return l.of[from:l.ends[place]]
}
