package triage

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// The kinds of decision.
const (
	Flag   = "flag"   // somebody looks at it
	Accept = "accept" // the risk is taken, until a day
	Assign = "assign" // somebody answers for it
	Note   = "note"   // a remark
)

// Kinds lists them in the order in which they are shown.
func Kinds() []string { return []string{Flag, Accept, Assign, Note} }

// Why a decision is refused.
var (
	ErrNoReason = errors.New("a reason is needed")
	ErrUntil    = errors.New("an acceptance needs a day in the future on which it ends")
	ErrNoOwner  = errors.New("an owner is needed")
	ErrTarget   = errors.New("not of the kind that this decision is about")
	ErrKind     = errors.New("no such kind of decision")
	ErrGone     = errors.New("no such decision")
	ErrUndone   = errors.New("that decision is undone already")
)

// Decision is what one person decided about one record. It is never changed, only undone.
type Decision struct {
	ID     string       `json:"id"`
	At     time.Time    `json:"at"`
	By     string       `json:"by"`
	Kind   string       `json:"kind"`
	Reason string       `json:"reason,omitempty"` // for a note, its text
	Owner  string       `json:"owner,omitempty"`  // of an assignment: id, address or name
	Target inventory.ID `json:"target"`
	Until  time.Time    `json:"until,omitzero"`   // of an acceptance
	Digest string       `json:"digest,omitempty"` // of the facts that were accepted
	Undone bool         `json:"undone"`
}

// NewID makes the id of a decision.
func NewID() string { return "dec-" + strings.ToLower(rand.Text()[:16]) }

const maxText = 1000 // bytes of a reason or owner

// text makes what a person typed fit to be kept: what a terminal would obey and what looks like a secret goes.
func text(s string) string {
	s = strings.TrimSpace(inventory.Clean(credential.Redact(s)))
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// Prepare returns the decision as it is kept, or why it is refused. s is what is known now, and gives the facts that an
// acceptance is about.
func Prepare(d Decision, s *inventory.Snapshot, by string, now time.Time) (Decision, error) {
	d.ID, d.At, d.By = cmp.Or(d.ID, NewID()), now.UTC(), text(cmp.Or(d.By, by))
	d.Reason, d.Owner, d.Undone = text(d.Reason), text(d.Owner), false
	if !slices.Contains(Kinds(), d.Kind) {
		return d, fmt.Errorf("%w %q: choose %s", ErrKind, inventory.Clean(d.Kind), strings.Join(Kinds(), ", "))
	}
	if why := target(d.Kind, d.Target, s); why != "" {
		return d, fmt.Errorf("%s %s: %w: %s", d.Kind, inventory.Clean(string(d.Target)), ErrTarget, why)
	}
	if d.Kind != Accept {
		d.Until, d.Digest = time.Time{}, ""
	}
	if d.Kind != Assign {
		d.Owner = ""
	}
	switch {
	case d.Kind == Assign && d.Owner == "":
		return d, ErrNoOwner
	case (d.Kind == Accept || d.Kind == Note) && d.Reason == "":
		return d, fmt.Errorf("%s: %w", d.Kind, ErrNoReason)
	case d.Kind == Accept && !d.Until.After(now):
		return d, ErrUntil
	case d.Kind == Accept:
		d.Until, d.Digest = d.Until.UTC().Truncate(time.Second), Digest(s.Finding(d.Target))
	}
	return d, nil
}

// target says why a decision cannot be about a record; "" if it can.
func target(kind string, id inventory.ID, s *inventory.Snapshot) string {
	switch kind {
	case Flag, Accept:
		if s.Finding(id) == nil {
			return "it is about a finding that is there"
		}
	case Assign:
		if s.Assistant(id) == nil {
			return "an owner is assigned to an assistant"
		}
	case Note:
		if !known(s, id) {
			return "nothing is known by that id"
		}
	}
	return ""
}

func known(s *inventory.Snapshot, id inventory.ID) bool {
	return s.Finding(id) != nil || s.Assistant(id) != nil || s.Secret(id) != nil || s.Tool(id) != nil || s.Owner(id) != nil ||
		s.Entitlement(id) != nil || s.Resource(id) != nil
}
