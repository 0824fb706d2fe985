package revoke

import (
	"context"

	"nhitop/inventory"
)

// Held is a credential that the operator has in hand: pasted, or piped in. It lives in memory only; nothing that is
// written down, a plan and its steps included, holds the value. Kind, issuer and account are what the value tells of
// itself, or what the inventory knows.
type Held struct {
	ID      inventory.ID // that of the secret in the inventory, whether it is there or not
	Kind    string
	Issuer  string
	Account string
	Value   inventory.Value
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

// Answer is what an issuer says of a credential.
type Answer struct {
	Source  string
	State   string   // live, revoked, expired, disabled; unknown where the answer does not tell
	Account string   // whose it is
	Scopes  []string // what it may do, in the issuer's words
	Reaches []string // what it opens, as far as the call tells
	Detail  string   // the call and its answer, in words
}

type heldKey struct{}

// WithHeld puts a credential in hand into a context, for the steps of a run that are about it.
func WithHeld(ctx context.Context, h Held) context.Context {
	return context.WithValue(ctx, heldKey{}, h)
}

// HeldFor returns the credential in hand that a step is about.
func HeldFor(ctx context.Context, target inventory.ID) (Held, bool) {
	h, ok := ctx.Value(heldKey{}).(Held)
	return h, ok && h.ID == target && !h.Value.IsZero()
}
