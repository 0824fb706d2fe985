package review

import (
	"fmt"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Outcome is what became of a decision, by the facts.
type Outcome struct {
	Done  bool      `json:"done"`
	Words string    `json:"words"`
	Run   string    `json:"run,omitempty"`   // the newest run about it
	Proof string    `json:"proof,omitempty"` // the weakest grade of that run's steps
	At    time.Time `json:"at,omitzero"`     // when the facts that say so were read
	Days  int       `json:"days"`            // from the decision to the effect
}

// OutcomeOf looks at what is known now. Runs are newest first. A decision that changes nothing at a provider is done when it is
// made; the others only when a source was read again and shows it.
func OutcomeOf(x *Item, d Decision, s *inventory.Snapshot, runs []revoke.Run) Outcome {
	var out Outcome
	for _, r := range runs {
		if r.Undoes == "" && !r.Started.Before(d.At) && slices.ContainsFunc(r.Steps, func(st revoke.StepRun) bool { return x.touches(st.Target) }) {
			out.Run, out.Proof = r.ID, weakest(r)
			break
		}
	}
	if d.Kind == Keep || d.Kind == Exception {
		out.Done, out.Words, out.At = true, "nothing to do", d.At
		return out
	}
	if s == nil || !s.At().After(d.At) {
		out.Words = "not looked at since"
		return out
	}
	out.At = s.At()
	out.Done, out.Words = x.settled(d, s)
	if out.Done {
		out.Days = int(s.At().Sub(d.At) / day)
	} else if out.Run != "" {
		out.Words += "; run " + out.Run + " ended, see what it left"
	}
	return out
}

func (x *Item) touches(id inventory.ID) bool {
	return id == x.ID || slices.ContainsFunc(x.Secrets, func(k Secret) bool { return k.ID == id && !k.Ambient }) || slices.ContainsFunc(x.Grants, func(g Grant) bool { return g.ID == id })
}

func weakest(r revoke.Run) string {
	worst, grade := -1, ""
	order := revoke.Grades()
	for _, st := range r.Steps {
		if i := slices.Index(order, st.Proof.Grade); i > worst {
			worst, grade = i, string(st.Proof.Grade)
		}
	}
	return grade
}

// settled looks whether the facts are as the decision wants them.
func (x *Item) settled(d Decision, s *inventory.Snapshot) (bool, string) {
	a := s.Assistant(x.ID)
	switch d.Kind {
	case Transfer:
		if a == nil {
			return true, "it is gone"
		}
		for _, id := range a.Owners {
			if o := s.Owner(id); o != nil && (means(o, d.Owner) || string(o.ID) == d.Owner) {
				if slices.Contains(a.OwnersAsserted, id) {
					return false, "asserted; no source says so yet"
				}
				return true, o.Name + " answers for it"
			}
		}
		return false, d.Owner + " does not answer for it yet"
	case Reduce:
		left := 0
		for _, g := range x.Grants {
			if e := s.Entitlement(g.ID); g.Unused && e != nil && e.Gate != inventory.GateBlocked {
				left++
			}
		}
		if x.Unused == 0 {
			return false, "see by its grants whether it may do less"
		}
		return left == 0, fmt.Sprintf("%d of %d unused grants are there", left, x.Unused)
	case Rotate:
		left, all := 0, 0
		for _, k := range x.Secrets {
			if k.Ambient {
				continue
			}
			all++
			if now := s.Secret(k.ID); now != nil && alive(now, s.At()) && !now.Rotated.After(d.At) {
				left++
			}
		}
		return left == 0, fmt.Sprintf("%d of %d secrets are the old ones", left, all)
	}
	if a == nil {
		return true, "it is gone"
	}
	if d.Kind == Suspend && a.Status == "suspended" {
		return true, "it is suspended"
	}
	left := 0
	for _, id := range a.Secrets {
		if k := s.Secret(id); k != nil && !k.Ambient && alive(k, s.At()) {
			left++
		}
	}
	for _, e := range s.EntitlementsOf(a.ID) {
		if e.Via == inventory.ViaDelegated && e.Gate != inventory.GateBlocked {
			left++
		}
	}
	return left == 0, fmt.Sprintf("%d secrets or grants of it are alive", left)
}

func alive(k *inventory.Secret, now time.Time) bool {
	switch k.State {
	case inventory.StateRevoked, inventory.StateDisabled, inventory.StateExpired:
		return false
	}
	return k.Expires.IsZero() || k.Expires.After(now)
}
