package risk

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// straight judges in the plain way: rule by rule, subject by subject, each finding from the start, changes by looking for
// the best again and again. What is fast must say the same.
type straight struct {
	w     *world
	holds map[string]map[inventory.ID]note
}

type plainly struct {
	rule *asked
	s    Subject
	h    *Hit
}

func judgePlainly(s *inventory.Snapshot, p Policy, now time.Time, settle func([]inventory.Finding)) ([]inventory.Finding, []inventory.Issue) {
	w := newWorld(s, p, now)
	w.prepare(upTo(len(w.facts)), upTo(len(w.profiles)), func(n int, do func(*world, int)) {
		for i := range n {
			do(w, i)
		}
	})
	j := &straight{w: w, holds: map[string]map[inventory.ID]note{}}
	var cases []plainly
	for _, combination := range []bool{false, true} {
		for _, r := range w.askable() {
			if (len(r.Parts) > 0) != combination {
				continue
			}
			found := j.check(r)
			cases = append(cases, found...)
			if combination {
				continue
			}
			j.holds[r.ID] = map[inventory.ID]note{}
			for _, f := range found {
				for _, id := range f.h.Assistants {
					if _, ok := j.holds[r.ID][id]; !ok {
						j.holds[r.ID][id] = note{evidence: f.h.Evidence, changes: f.h.Changes, more: &more{f.h.Secrets, f.h.Known}}
					}
				}
			}
		}
		w.stage.noted = func(rule string, p *profile) *tied {
			n, ok := j.holds[rule][p.a.ID]
			if !ok {
				return nil
			}
			return &tied{made: &made{kept: &kept{changes: n.changes, more: n.more}, evidence: n.evidence}}
		}
	}
	changes := map[inventory.ID][]Change{}
	var findings []inventory.Finding
	for _, f := range cases {
		x := j.finding(f)
		if _, twice := changes[x.ID]; !twice {
			changes[x.ID] = f.h.Changes
			findings = append(findings, x)
		}
	}
	slices.SortFunc(findings, func(a, b inventory.Finding) int { return worse(&a, &b) })
	if settle != nil {
		settle(findings)
		for i := range findings {
			findings[i].Due = p.Due(findings[i].Decision, findings[i].FirstSeen)
		}
	}
	return findings, coverPlainly(findings, changes)
}

func (j *straight) check(r *asked) []plainly {
	var out []plainly
	groups := map[string][]plainly{}
	var order, faults []string
	for i := range j.w.size(r.Of) {
		s, ok := j.w.subject(r.Of, i)
		if !ok {
			continue
		}
		for _, h := range r.Check(s, j.w.p) {
			switch {
			case h.fault != "":
				faults = append(faults, h.fault)
			case h.Group == "":
				out = append(out, plainly{r, s, &h})
			default:
				if groups[h.Group] == nil {
					order = append(order, h.Group)
				}
				groups[h.Group] = append(groups[h.Group], plainly{r, s, &h})
			}
		}
	}
	for _, g := range order {
		out = append(out, j.join(groups[g]))
	}
	for _, f := range out {
		f.h.say()
		f.h.Evidence = tidy(f.h.Evidence)
		j.concern(f)
	}
	if len(faults) > 0 {
		p := &pen{w: j.w}
		p.fault(r.Rule, faults[0], len(faults)-1)
		for m := range p.made.all {
			out = append(out, plainly{m.rule, Subject{Source: configuration, w: j.w}, &Hit{Key: r.ID, Detail: m.detail, Evidence: m.evidence, Changes: m.changes}})
		}
	}
	return out
}

func (j *straight) join(members []plainly) plainly {
	slices.SortStableFunc(members, func(a, b plainly) int { return leads(a.s, b.s) })
	h := members[0].h
	h.say()
	var others []string
	for _, m := range members[1:] {
		if m.s.Secret == nil {
			others = append(others, m.s.label())
		}
		if len(h.Evidence) < maxEvidence {
			h.Evidence = slices.Concat(h.Evidence, m.h.Evidence)
		}
		h.Assistants, h.Secrets, h.Known = slices.Concat(h.Assistants, m.h.Assistants), slices.Concat(h.Secrets, m.h.Secrets), cmp.Or(h.Known, m.h.Known)
		switch {
		case m.s.Assistant != nil:
			h.Assistants = append(h.Assistants, m.s.Assistant.ID)
		case m.s.Tool != nil:
			h.Assistants = append(h.Assistants, m.s.Tool.Assistant)
		case m.s.Secret != nil:
			h.Secrets = append(h.Secrets, m.s.Secret.ID)
			h.Assistants = append(h.Assistants, idsOf(j.w.holders(m.s.Secret))...)
		}
	}
	slices.Sort(others)
	if others = slices.Compact(others); len(others) > 0 {
		h.Detail += " The same holds for " + list(others) + "."
	}
	return members[0]
}

// concern fills in whom a case concerns and which secrets count.
func (j *straight) concern(f plainly) {
	h := f.h
	switch s := f.s; {
	case s.Assistant != nil:
		h.Assistants = append(h.Assistants, s.Assistant.ID)
	case s.Tool != nil:
		h.Assistants, h.Secrets = append(h.Assistants, s.Tool.Assistant), slices.Concat(h.Secrets, s.Tool.Secrets)
	case s.Secret != nil:
		h.Assistants, h.Secrets = append(h.Assistants, idsOf(j.w.holders(s.Secret))...), append(slices.Clip(h.Secrets), s.Secret.ID)
	}
	slices.Sort(h.Assistants)
	slices.Sort(h.Secrets)
	h.Assistants, h.Secrets = slices.Compact(h.Assistants), slices.Compact(h.Secrets)
}

func (j *straight) finding(f plainly) inventory.Finding {
	c := &scene{w: j.w, rule: f.rule, subject: f.s, hit: f.h}
	if f.s.Assistant != nil || f.s.Tool != nil {
		c.me = f.s.profile()
	}
	for _, id := range f.h.Assistants {
		c.who = append(c.who, j.w.profile(id))
	}
	for _, id := range f.h.Secrets {
		if x := j.w.s.Secret(id); x != nil {
			facts := j.w.factsOf(id)
			c.what = append(c.what, facts)
			c.live = c.live || facts.leaked() != "" && x.State == inventory.StateLive
		}
	}
	x := inventory.Finding{ID: inventory.NewID(inventory.NounFinding, f.rule.ID, string(f.s.ID()), f.h.Key), Rule: f.rule.ID, Yours: f.rule.Custom != nil, Title: f.rule.Title, Subject: f.s.ID(),
		Assistants: append([]inventory.ID{}, f.h.Assistants...), State: stateOpen, Detail: sentence(f.h.Detail), Why: f.rule.Why, Fix: f.rule.Fix,
		Evidence: f.h.Evidence, Controls: f.rule.Controls}
	x.ScoreParts = j.score(c)
	for _, part := range x.ScoreParts {
		x.Score += part.Points
	}
	d, line := c.decide(nil)
	x.Decision, x.DecisionWhy = d, string(line)
	j.w.known(&x, time.Time{})
	return x
}

func (j *straight) score(c *scene) []inventory.ScorePart {
	parts := []inventory.ScorePart{{Code: "base", Points: c.rule.Base, Reason: c.rule.Title}}
	total, raised, lowered := c.rule.Base, 0, 0
	if n := j.w.p.Weights[c.rule.ID]; n != 0 {
		parts, total = append(parts, inventory.ScorePart{Code: "weight", Points: n, Reason: "set in the policy" + because(j.w.p.Because[c.rule.ID])}), total+n
	}
	for _, code := range slices.Concat(c.rule.Mods, c.rule.Reduce) {
		why := modifierChecks[code](c)
		if n := len(j.holds[c.rule.ID]); code == "fleet" && n >= j.w.p.Fleet {
			why = fmt.Sprintf("it holds for %d assistants", n)
		}
		if why == "" {
			continue
		}
		m := shipped().modifiers[code]
		parts = append(parts, inventory.ScorePart{Code: code, Points: m.Points, Reason: m.Reason + ": " + why})
		raised, lowered = raised+max(0, m.Points), lowered+max(0, -m.Points)
	}
	up, down := min(raised, 40), min(lowered, 25)
	if cut := up - raised + lowered - down; cut != 0 {
		parts = append(parts, inventory.ScorePart{Code: "limit", Points: cut, Reason: "modifiers raise a score by 40 at most and lower it by 25"})
	}
	if total += up - down; total < 0 || total > 100 {
		parts = append(parts, inventory.ScorePart{Code: "limit", Points: min(max(total, 0), 100) - total, Reason: "a score is between 0 and 100"})
	}
	return parts
}

// coverPlainly chooses the best of all changes again and again.
func coverPlainly(findings []inventory.Finding, changes map[inventory.ID][]Change) []inventory.Issue {
	type plan struct {
		Change
		closes []int
		do     []string
	}
	plans := map[[2]string]*plan{}
	for i, f := range findings {
		if f.State == "accepted" || f.State == "fixed" {
			continue
		}
		for _, ch := range changes[f.ID] {
			p := plans[[2]string{ch.Kind, ch.Key}]
			if p == nil {
				p = &plan{Change: ch}
				plans[[2]string{ch.Kind, ch.Key}] = p
			}
			if ch.Title < p.Title || ch.Title == p.Title && ch.Subject < p.Subject {
				p.Title, p.Subject = ch.Title, ch.Subject
			}
			if !slices.Contains(p.closes, i) {
				p.closes, p.do = append(p.closes, i), append(p.do, ch.Do)
			}
		}
	}
	weight := func(p *plan) (w [6]int) {
		w[0], w[3], w[4], w[5] = findings[p.closes[0]].Decision.Rank(), -findings[p.closes[0]].Score, int(findings[p.closes[0]].FirstSeen.UnixNano()), -len(p.closes)
		for _, i := range p.closes {
			w[4] = min(w[4], int(findings[i].FirstSeen.UnixNano()))
			if findings[i].Rule == "SEC-01" {
				w[1] = -1
			}
			if findings[i].Decision != inventory.Track {
				w[2]--
			}
		}
		return w
	}
	id := func(p *plan) inventory.ID { return inventory.NewID(inventory.NounIssue, p.Kind, p.Key) }
	out := []inventory.Issue{}
	for len(plans) > 0 {
		best := slices.MinFunc(slices.Collect(maps.Values(plans)), func(a, b *plan) int {
			wa, wb := weight(a), weight(b)
			return cmp.Or(slices.Compare(wa[:], wb[:]), cmp.Compare(id(a), id(b)))
		})
		x := inventory.Issue{ID: id(best), Title: best.Title, Subject: best.Subject, Decision: findings[best.closes[0]].Decision, Why: findings[best.closes[0]].Detail, Closes: []inventory.ID{}}
		var steps []string
		for k, i := range best.closes {
			x.Closes = append(x.Closes, findings[i].ID)
			if best.do[k] != "" && !slices.Contains(steps, best.do[k]) && len(steps) < 4 {
				steps = append(steps, best.do[k])
			}
		}
		x.Change = strings.Join(steps, " ")
		out = append(out, x)
		closed := slices.Clone(best.closes)
		for key, p := range plans {
			var left plan
			for k, i := range p.closes {
				if !slices.Contains(closed, i) {
					left.closes, left.do = append(left.closes, i), append(left.do, p.do[k])
				}
			}
			if p.closes, p.do = left.closes, left.do; len(p.closes) == 0 {
				delete(plans, key)
			}
		}
	}
	return out
}

// equalJudgement fails where two judgements differ, and shows the first difference.
func equalJudgement(t *testing.T, what string, gotF, wantF []inventory.Finding, gotI, wantI []inventory.Issue) {
	t.Helper()
	for i := range min(len(gotF), len(wantF)) {
		if !reflect.DeepEqual(gotF[i], wantF[i]) {
			t.Fatalf("%s: finding %d is\n%+v\nand should be\n%+v", what, i, gotF[i], wantF[i])
		}
	}
	if len(gotF) != len(wantF) {
		t.Fatalf("%s: %d findings, should be %d", what, len(gotF), len(wantF))
	}
	for i := range min(len(gotI), len(wantI)) {
		if !reflect.DeepEqual(gotI[i], wantI[i]) {
			t.Fatalf("%s: issue %d is\n%+v\nand should be\n%+v", what, i, gotI[i], wantI[i])
		}
	}
	if len(gotI) != len(wantI) {
		t.Fatalf("%s: %d issues, should be %d", what, len(gotI), len(wantI))
	}
}

// decided settles findings as a service does: first sights, and what people decided.
func decided(seed uint64) func([]inventory.Finding) {
	return func(fs []inventory.Finding) {
		for i := range fs {
			rnd := rand.New(rand.NewPCG(seed, start(fs[i].ID)))
			fs[i].FirstSeen = now.AddDate(0, 0, -rnd.IntN(5))
			fs[i].State = []string{"open", "open", "open", "flagged", "accepted", "fixed"}[rnd.IntN(6)]
		}
	}
}

func TestFastIsStraightforward(t *testing.T) {
	rules := map[string]bool{}
	for seed := range uint64(40) {
		g, p := newGang(seed, 10+3*int(seed)), gangPolicy()
		if seed%4 == 3 {
			p = ownRules(t, p)
		}
		var settle func([]inventory.Finding)
		if seed%2 == 1 {
			settle = decided(seed)
		}
		wantF, wantI := judgePlainly(g.snapshot(), p, now, settle)
		gotF, gotI := Settled(g.snapshot(), p, now, settle)
		equalJudgement(t, fmt.Sprint("seed ", seed), gotF, wantF, gotI, wantI)
		for i := range gotF {
			rules[gotF[i].Rule] = true
		}
	}
	for _, r := range Rules() {
		if !rules[r.ID] && r.ID != faultRule {
			t.Errorf("no company shows %s", r.ID)
		}
	}
}
