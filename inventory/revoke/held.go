package revoke

import (
	"context"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// Held is a credential that the operator has in hand: pasted, or piped in. It lives in memory only; nothing that is
// written down, a plan and its steps included, holds the value. Kind, issuer and account are what the value tells of
// itself, or what the inventory knows.
type Held struct {
	ID      inventory.ID // that of the secret in the inventory, whether it is there or not
	Kind    string
	Issuer  string
	Account string
	KeyID   string          // the id that goes with the value where it takes both: an AWS access key id; no secret
	Value   inventory.Value // none where only the id was given
}

// HeldRevoker is a Revoker that can end a credential by the credential itself, and ask its issuer about it.
type HeldRevoker interface {
	Revoker
	// PlanHeld returns the steps that end the credential by itself. It neither changes nor asks anything. Its Apply and
	// Verify take the value from the context (see [WithHeld]); without it they return [ErrNotHeld].
	PlanHeld(ctx context.Context, h Held, s *inventory.Snapshot) ([]Step, error)
	// Ask asks the issuer by a call that changes nothing there. A source that does not know the issuer returns no answer
	// and no error.
	Ask(ctx context.Context, h Held) (*Answer, error)
}

// Adviser is a [HeldRevoker] that knows what a person does to end a credential, where the source itself may not or cannot.
type Adviser interface {
	HeldRevoker
	// ByHand returns the manual steps. It neither changes nor asks anything. Their Verify only asks.
	ByHand(h Held) []Step
}

// Answer is what an issuer says of a credential.
type Answer struct {
	Source  string
	State   string   // live, revoked, expired, disabled; unknown where the answer does not tell
	Account string   // whose it is
	Scopes  []string // what it may do, in the issuer's words
	Reaches []string // what it opens, as far as the call tells
	Detail  string   // the call and its answer, in words
}

// Keeper is a Revoker of places where secrets stand. It can read one again, for the step that needs it.
type Keeper interface {
	Revoker
	// Values returns what stands now in the places of a secret that the source can read. Which of them is the secret, the
	// caller tells by its fingerprint. It changes nothing and keeps nothing.
	Values(ctx context.Context, x *inventory.Secret, s *inventory.Snapshot) []inventory.Value
}

// Holder finds a credential again in a place where it stands. ok is false where it stands nowhere in reach.
type Holder func(ctx context.Context, target inventory.ID) (h Held, ok bool)

type (
	heldKey   struct{}
	holderKey struct{}
)

// WithHeld puts a credential in hand into a context, for the steps of a run that are about it.
func WithHeld(ctx context.Context, h Held) context.Context {
	return context.WithValue(ctx, heldKey{}, h)
}

// WithHolder gives a context that finds credentials which are not in hand where they stand.
func WithHolder(ctx context.Context, h Holder) context.Context {
	return context.WithValue(ctx, holderKey{}, h)
}

// Mask takes the credential in hand, and whatever looks like one, out of what somebody wrote.
func Mask(ctx context.Context, text string) string {
	if h, ok := ctx.Value(heldKey{}).(Held); ok {
		text = h.Value.Mask(text)
	}
	return credential.Redact(text)
}

// HeldFor returns the credential that a step is about: the one in hand, or what is read again from its place. The caller
// must not let the value outlive its call.
func HeldFor(ctx context.Context, target inventory.ID) (Held, bool) {
	if h, ok := ctx.Value(heldKey{}).(Held); ok && h.ID == target && !h.Value.IsZero() {
		return h, true
	}
	find, ok := ctx.Value(holderKey{}).(Holder)
	if !ok {
		return Held{}, false
	}
	h, ok := find(ctx, target)
	return h, ok && h.ID == target && !h.Value.IsZero()
}
