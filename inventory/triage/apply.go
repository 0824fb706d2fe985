package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// States of a finding that decisions give it.
const (
	StateOpen     = "open"
	StateFlagged  = "flagged"
	StateAccepted = "accepted"
)

// Standing is what the decisions about one record come to: the newest of each sort that is not undone.
type Standing struct {
	State *Decision // flag or accept
	Owner *Decision
	Note  *Decision
}

// Stand folds decisions by target.
func Stand(ds []Decision) map[inventory.ID]Standing {
	ds = slices.Clone(ds)
	slices.SortStableFunc(ds, func(a, b Decision) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	m := map[inventory.ID]Standing{}
	for i := range ds {
		d := &ds[i]
		if d.Undone {
			continue
		}
		s := m[d.Target]
		switch d.Kind {
		case Flag, Accept:
			s.State = d
		case Assign:
			s.Owner = d
		case Note:
			s.Note = d
		}
		m[d.Target] = s
	}
	return m
}

// Judged writes into findings what was decided about them. Findings may be changed in place; a state that no decision
// stands behind becomes open again.
func Judged(findings []inventory.Finding, standing map[inventory.ID]Standing, now time.Time) {
	for i := range findings {
		f := &findings[i]
		f.State, f.Note, f.AcceptedBy, f.AcceptedUntil = StateOpen, "", "", time.Time{}
		s, ok := standing[f.ID]
		if !ok {
			continue
		}
		if s.Note != nil {
			f.Note = s.Note.Reason
		}
		if s.State == nil {
			continue
		}
		if s.State.Kind == Flag {
			f.State = StateFlagged
			f.Note = cmp.Or(f.Note, s.State.Reason)
			continue
		}
		if ended := Ended(s.State, f, now); ended != "" {
			f.Note = strings.TrimPrefix(f.Note+"; the acceptance by "+s.State.By+" ended: "+ended, "; ")
			continue
		}
		f.State, f.AcceptedBy, f.AcceptedUntil = StateAccepted, s.State.By, s.State.Until
		f.Note = cmp.Or(f.Note, s.State.Reason)
	}
}

// Ended says why an acceptance no longer holds; "" if it does.
func Ended(d *Decision, f *inventory.Finding, now time.Time) string {
	switch {
	case !now.Before(d.Until):
		return "it ran until " + d.Until.UTC().Format(time.DateOnly)
	case d.Digest != Digest(f):
		return "the facts are no longer those that were accepted"
	}
	return ""
}

// Asserted is the name under which an assertion stands among the sources of a record.
const Asserted = "asserted"

// Owners adds to the records the owners that somebody asserted, and takes out those of an earlier call that no decision
// stands behind any more. The lists of r are replaced, not changed. where is the place that the evidence names. It reports
// whether anything is different now.
func Owners(r *inventory.Records, standing map[inventory.ID]Standing, where string) bool {
	changed := withdraw(r)
	owners := make(map[inventory.ID]int, len(r.Owners))
	for i := range r.Owners {
		owners[r.Owners[i].ID] = i
	}
	cloned := false
	for i := range r.Assistants {
		d := standing[r.Assistants[i].ID].Owner
		if d == nil {
			continue
		}
		if !cloned {
			r.Assistants, r.Owners, cloned = slices.Clone(r.Assistants), slices.Clone(r.Owners), true
		}
		a := &r.Assistants[i]
		ev := inventory.Evidence{Path: where, Source: Asserted, ObservedAt: d.At, Note: "asserted by " + d.By + reason(d)}
		id := find(r.Owners, d.Owner)
		if id == "" {
			o := made(d.Owner)
			id = o.ID
			owners[id] = len(r.Owners)
			r.Owners = append(r.Owners, o)
		}
		if o := &r.Owners[owners[id]]; slices.Contains(o.Sources, Asserted) {
			o.Evidence = append(slices.Clip(o.Evidence), ev)
		}
		a.OwnerSigns = append(slices.Clip(a.OwnerSigns), inventory.OwnerSign{Owner: id, Sign: inventory.SignDecision, Source: Asserted, Path: where, Note: ev.Note})
		changed = true
		if slices.Contains(a.Owners, id) { // a source says so too
			continue
		}
		a.Owners = append(slices.Clip(a.Owners), id)
		slices.Sort(a.Owners)
		a.OwnersAsserted = []inventory.ID{id}
		a.Evidence = append(slices.Clip(a.Evidence), ev)
	}
	return changed
}

func reason(d *Decision) string {
	if d.Reason == "" {
		return ""
	}
	return ": " + d.Reason
}

// find returns the owner that a word means: by id, address or name.
func find(owners []inventory.Owner, word string) inventory.ID {
	for _, is := range []func(*inventory.Owner) bool{
		func(o *inventory.Owner) bool {
			return string(o.ID) == word || slices.Contains(o.Same, inventory.ID(word))
		},
		func(o *inventory.Owner) bool { return o.Email != "" && strings.EqualFold(o.Email, word) },
		func(o *inventory.Owner) bool { return strings.EqualFold(o.Name, word) },
	} {
		var found []inventory.ID
		for i := range owners {
			if is(&owners[i]) {
				found = append(found, owners[i].ID)
			}
		}
		if len(found) > 0 {
			return slices.Min(found)
		}
	}
	return ""
}

// made is an owner that no source knows.
func made(word string) inventory.Owner {
	o := inventory.Owner{ID: inventory.NewID(inventory.NounOwner, Asserted, strings.ToLower(word)), Kind: "person", Name: word, Status: "unknown", Sources: []string{Asserted}}
	if strings.Contains(word, "@") && !strings.HasPrefix(word, "@") {
		o.Email = word
	}
	if strings.HasPrefix(word, "@") && strings.Contains(word, "/") { // a team, as code owners spell it
		o.Kind = "team"
	}
	return o
}

// Named lists whom decisions name by a word, as the records that [Owners] would make of them, in the order of ids.
func Named(standing map[inventory.ID]Standing) []inventory.Owner {
	var out []inventory.Owner
	for _, s := range standing {
		if s.Owner != nil && inventory.ID(s.Owner.Owner).Noun() != inventory.NounOwner {
			out = append(out, made(s.Owner.Owner))
		}
	}
	slices.SortFunc(out, func(a, b inventory.Owner) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(out, func(a, b inventory.Owner) bool { return a.ID == b.ID })
}

func decided(s inventory.OwnerSign) bool { return s.Source == Asserted }

// withdraw takes out what an earlier call added.
func withdraw(r *inventory.Records) bool {
	changed := false
	for i := range r.Assistants {
		if len(r.Assistants[i].OwnersAsserted) == 0 && !slices.ContainsFunc(r.Assistants[i].OwnerSigns, decided) {
			continue
		}
		if !changed {
			r.Assistants, changed = slices.Clone(r.Assistants), true
		}
		a := &r.Assistants[i]
		gone := a.OwnersAsserted
		a.Owners = slices.DeleteFunc(slices.Clone(a.Owners), func(id inventory.ID) bool { return slices.Contains(gone, id) })
		a.Evidence = slices.DeleteFunc(slices.Clone(a.Evidence), func(e inventory.Evidence) bool { return e.Source == Asserted })
		a.OwnersAsserted, a.OwnerSigns = nil, slices.DeleteFunc(slices.Clone(a.OwnerSigns), decided)
	}
	only := func(o inventory.Owner) bool { return len(o.Sources) == 1 && o.Sources[0] == Asserted }
	if slices.ContainsFunc(r.Owners, only) {
		r.Owners, changed = slices.DeleteFunc(slices.Clone(r.Owners), only), true
	}
	return changed
}
