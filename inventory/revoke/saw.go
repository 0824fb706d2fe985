package revoke

import (
	"context"
	"errors"
	"maps"
)

// What every source notes in [Receipt.Seen] of a credential that it tried before it ended it.
const (
	SeenBefore   = "before"
	SeenAccepted = "accepted"
)

// ErrNeverAccepted says that the refusal of a credential proves nothing: an issuer refuses what it never issued as it refuses
// what it has ended. A look that comes to this sees no more when it is repeated.
var ErrNeverAccepted = errors.New("but it was never seen to be accepted there: one of another server or with a wrong letter is refused alike")

// Accepted reports whether the credential of a step was seen to be accepted in the course of its run: then its refusal is its end.
func (r Receipt) Accepted() bool { return r.Seen[SeenBefore] == SeenAccepted }

type sawKey struct{}

// SawAccepted notes durably that the credential of the step under way is accepted now, before it is ended: so that it is
// known after a crash too. Where that cannot be written, nothing may be done. Outside of a run it does nothing.
func SawAccepted(ctx context.Context) error {
	if note, ok := ctx.Value(sawKey{}).(func() error); ok {
		return note()
	}
	return nil
}

// noting gives the context in which a step is applied.
func (x *carrying) noting(ctx context.Context, s Step) context.Context {
	return context.WithValue(ctx, sawKey{}, func() error {
		return x.write(record{Type: recSeen, Step: s.ID, Receipt: &Receipt{Seen: map[string]string{SeenBefore: SeenAccepted}}})
	})
}

// seenAlive is the receipt of a step of which an earlier look saw that its credential was accepted.
func (r Receipt) seenAlive() Receipt {
	seen := maps.Clone(r.Seen)
	if seen == nil {
		seen = map[string]string{}
	}
	seen[SeenBefore] = SeenAccepted
	r.Seen = seen
	return r
}

// withSeen adds what was seen earlier; what the receipt says itself stands.
func (r Receipt) withSeen(seen map[string]string) Receipt {
	if len(seen) == 0 {
		return r
	}
	all := maps.Clone(seen)
	maps.Copy(all, r.Seen)
	r.Seen = all
	return r
}

// followed is what a step has when another receipt comes: that one, with what was seen before.
func (r Receipt) followed(next *Receipt) Receipt {
	if next == nil {
		return r
	}
	return next.withSeen(r.Seen)
}

// noted is a receipt with what was seen meanwhile.
func (r Receipt) noted(more *Receipt) Receipt {
	if more == nil {
		return r
	}
	return r.withSeen(more.Seen)
}
