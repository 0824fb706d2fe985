package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// Effect is what a decision would come to.
type Effect struct {
	Kind   string
	Closes int                    // findings about it that would be gone
	Left   int                    // those that would stay
	Cuts   []inventory.Capability // what it could no longer do
	Words  string
}

// Effects works out every decision about one assistant by judging the inventory as it would be then. judge is a judgement
// of a whole snapshot; it is called for each decision that changes a fact, so it takes as many times as long.
func Effects(s *inventory.Snapshot, x *Item, after time.Duration, judge func(*inventory.Snapshot) []inventory.Finding) []Effect {
	before := openAbout(s.Records().Findings, x.ID)
	out := make([]Effect, 0, len(Kinds()))
	for _, kind := range Kinds() {
		e := Effect{Kind: kind, Left: len(before)}
		r, ok := asIf(s, x.ID, kind, after)
		if ok {
			next := inventory.NewSnapshot(s.At(), r, false)
			left := openAbout(judge(next), x.ID)
			e.Left = 0
			for id := range before {
				if left[id] {
					e.Left++
				} else {
					e.Closes++
				}
			}
			e.Cuts = cuts(s, next, x.ID)
		}
		e.Words = e.words(ok, x)
		out = append(out, e)
	}
	return out
}

func (e *Effect) words(changes bool, x *Item) string {
	switch {
	case e.Kind == Keep:
		return fmt.Sprintf("nothing changes; %s open", count(e.Left, "finding stays", "findings stay"))
	case e.Kind == Exception:
		return fmt.Sprintf("%s until a day that you give", count(e.Left, "finding rests", "findings rest"))
	case !changes && e.Kind == Reduce:
		return "no grant of it is known to be unused"
	case !changes && e.Kind == Rotate:
		return "it holds no secret of its own"
	case !changes:
		return "nothing is known that this would change"
	}
	parts := []string{}
	if e.Closes > 0 {
		parts = append(parts, fmt.Sprintf("closes %d of %s", e.Closes, count(e.Closes+e.Left, "finding", "findings")))
	} else {
		parts = append(parts, "closes no finding")
	}
	if n := len(e.Cuts); n > 0 {
		var names []string
		for _, c := range e.Cuts[:min(n, 3)] {
			names = append(names, string(c))
		}
		text := "cuts " + strings.Join(names, ", ")
		if n > 3 {
			text += fmt.Sprintf(" and %d more", n-3)
		}
		parts = append(parts, text)
	}
	if e.Kind == Suspend {
		parts = append(parts, "can be undone")
	}
	return strings.Join(parts, "; ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func openAbout(fs []inventory.Finding, id inventory.ID) map[inventory.ID]bool {
	m := map[inventory.ID]bool{}
	for i := range fs {
		f := &fs[i]
		if (f.State == "" || f.State == "open" || f.State == "flagged") && (f.Subject == id || slices.Contains(f.Assistants, id)) {
			m[f.ID] = true
		}
	}
	return m
}

// cuts are the capabilities that it has now and would not have then.
func cuts(was, is *inventory.Snapshot, id inventory.ID) []inventory.Capability {
	then := map[inventory.Capability]bool{}
	for _, e := range is.EntitlementsOf(id) {
		then[e.Capability] = then[e.Capability] || e.Gate != inventory.GateBlocked
	}
	var out []inventory.Capability
	for _, c := range inventory.Capabilities() {
		now := slices.ContainsFunc(was.EntitlementsOf(id), func(e *inventory.Entitlement) bool { return e.Capability == c && e.Gate != inventory.GateBlocked })
		if now && !then[c] {
			out = append(out, c)
		}
	}
	return out
}

// asIf is the inventory as it would be when the decision is carried out; false where that changes nothing that is known.
func asIf(s *inventory.Snapshot, id inventory.ID, kind string, after time.Duration) (inventory.Records, bool) {
	r := s.Records()
	r.Findings, r.Issues = nil, nil
	a := s.Assistant(id)
	if a == nil {
		return r, false
	}
	switch kind {
	case Reduce:
		drop := map[inventory.ID]bool{}
		for _, e := range s.EntitlementsOf(id) {
			if unused(s, e, s.At(), after) {
				drop[e.ID] = true
			}
		}
		without := func(e *inventory.Entitlement) bool { return drop[e.ID] }
		r.Entitlements = less(r.Entitlements, without)
		return r, len(drop) > 0
	case Rotate:
		return r, rotated(&r, s, a)
	case Transfer:
		return r, transferred(&r, a)
	case Suspend, Revoke:
		return r, taken(&r, s, a)
	}
	return r, false
}

func less[T any](xs []T, gone func(*T) bool) []T {
	out := make([]T, 0, len(xs))
	for i := range xs {
		if !gone(&xs[i]) {
			out = append(out, xs[i])
		}
	}
	return out
}

// edit changes some records of a list in a copy of it.
func edit[T any](xs []T, of func(*T) bool, do func(*T)) []T {
	out := slices.Clone(xs)
	for i := range out {
		if of(&out[i]) {
			do(&out[i])
		}
	}
	return out
}

func own(s *inventory.Snapshot, a *inventory.Assistant) map[inventory.ID]bool {
	m := map[inventory.ID]bool{}
	for _, id := range a.Secrets {
		if k := s.Secret(id); k != nil && !k.Ambient {
			m[id] = true
		}
	}
	return m
}

func rotated(r *inventory.Records, s *inventory.Snapshot, a *inventory.Assistant) bool {
	mine := own(s, a)
	r.Secrets = edit(r.Secrets, func(k *inventory.Secret) bool { return mine[k.ID] }, func(k *inventory.Secret) {
		k.Created, k.Rotated, k.Leaked, k.State = s.At(), s.At(), time.Time{}, inventory.StateUnknown
		if k.Exposure != inventory.ExposureNone {
			k.Exposure = inventory.ExposureLocal
		}
	})
	return len(mine) > 0
}

func transferred(r *inventory.Records, a *inventory.Assistant) bool {
	next := inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "review", "whoever is asked"), Kind: "person", Name: "whoever is asked", Status: inventory.OwnerActive, Sources: []string{"review"}}
	r.Owners = append(slices.Clip(r.Owners), next)
	r.Assistants = edit(r.Assistants, func(x *inventory.Assistant) bool { return x.ID == a.ID }, func(x *inventory.Assistant) {
		x.Owners, x.OwnersAsserted = []inventory.ID{next.ID}, nil
	})
	return true
}

// taken is without the assistant's rights, its own secrets dead.
func taken(r *inventory.Records, s *inventory.Snapshot, a *inventory.Assistant) bool {
	mine := own(s, a)
	r.Secrets = edit(r.Secrets, func(k *inventory.Secret) bool { return mine[k.ID] || slices.Contains(k.Assistants, a.ID) }, func(k *inventory.Secret) {
		if mine[k.ID] {
			k.State = inventory.StateRevoked
		}
		k.Assistants = slices.DeleteFunc(slices.Clone(k.Assistants), func(id inventory.ID) bool { return id == a.ID })
	})
	r.Entitlements = less(r.Entitlements, func(e *inventory.Entitlement) bool { return e.Assistant == a.ID || mine[inventory.ID(e.Via)] })
	r.Tools = less(r.Tools, func(t *inventory.Tool) bool { return t.Assistant == a.ID })
	r.References = less(r.References, func(x *inventory.Reference) bool { return x.Assistant == a.ID })
	r.Assistants = less(r.Assistants, func(x *inventory.Assistant) bool { return x.ID == a.ID })
	return true
}
