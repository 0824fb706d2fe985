package revoke

import (
	"cmp"
	"slices"
	"time"
)

// Spans are how long it took until a run had every proof that it promised, in the order of an incident: since the credential
// was first seen, since it was detected as leaked or urgent, since it came into hand, and since the run began. What is not
// known, or was later, is 0.
type Spans struct {
	Seen, Detected, Hand, Begun time.Duration
}

// ProvenAt returns when the last step of a run had the proof that it promised, the zero time where one has not. In a run that
// ends credentials or grants their copies do not count: a person who must clean a repository's history keeps no token alive.
// What was so before the run came is nothing that it did.
func (r Run) ProvenAt() time.Time {
	var end time.Time
	ends := slices.ContainsFunc(r.Steps, endsAccess)
	for _, s := range r.Steps {
		if s.Receipt.Already || ends && !endsAccess(s) {
			continue
		}
		if s.State != StateDone || !s.Proof.Grade.Reaches(cmp.Or(s.Promises, Accepted)) || s.Proof.Grade == Unproven {
			return time.Time{}
		}
		if s.Proof.At.After(end) {
			end = s.Proof.At
		}
	}
	return end
}

// endsAccess reports whether a step is about what gives access, and not about where it stands or how an assistant is set.
func endsAccess(s StepRun) bool { return s.Layer != LayerCopy && s.Layer != LayerSetting }

// Spans returns the spans of a run; ok is false where not all of it is proven.
func (r Run) Spans() (s Spans, ok bool) {
	end := r.ProvenAt()
	if end.IsZero() {
		return s, false
	}
	since := func(t time.Time) time.Duration {
		if t.IsZero() {
			return 0
		}
		return max(0, end.Sub(t))
	}
	return Spans{Seen: since(r.Known.FirstSeen), Detected: since(r.Known.Detected), Hand: since(r.Since), Begun: since(r.Started)}, true
}
