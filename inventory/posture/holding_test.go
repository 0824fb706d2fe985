package posture

import (
	"context"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

var inFile = "tok_" + "FAKE0123456789abcdef"

// folder is a source that holds a secret in a place where it can be read again.
type folder struct {
	*shelf
	stands string // what stands there now
	breaks bool
}

func (f *folder) Collect(_ context.Context, sink inventory.Sink) error {
	sink.Secret(inventory.Secret{Kind: "npm-token", Issuer: "npm", Locations: []inventory.Location{{Path: "~/.npmrc"}}}, inventory.NewValue(inFile))
	return nil
}

func (f *folder) Values(context.Context, *inventory.Secret, *inventory.Snapshot) []inventory.Value {
	if f.breaks {
		panic("x")
	}
	return []inventory.Value{inventory.NewValue("another"), inventory.NewValue(f.stands)}
}

// registry is a source that ends a token and tries it.
type registry struct{ *shelf }

func (r registry) Plan(ctx context.Context, t revoke.Target, _ *inventory.Snapshot) ([]revoke.Step, error) {
	promises := revoke.Attested
	if _, ok := revoke.HeldFor(ctx, t.ID); ok {
		promises = revoke.Proven
	}
	return []revoke.Step{{ID: "step", Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: t.ID, Summary: "end it", Reversible: true, Promises: promises, Params: map[string]string{}}}, nil
}

func (r registry) Apply(ctx context.Context, st revoke.Step) (revoke.Receipt, error) {
	if h, ok := revoke.HeldFor(ctx, st.Target); !ok || h.Value.Reveal() != inFile || h.Issuer != "npm" {
		return revoke.Receipt{}, revoke.ErrNotHeld
	}
	return revoke.Receipt{Detail: "ended"}, nil
}

func (r registry) Verify(ctx context.Context, st revoke.Step, _ revoke.Receipt) (revoke.Proof, error) {
	if _, ok := revoke.HeldFor(ctx, st.Target); !ok {
		return revoke.Proof{Grade: revoke.Attested}, nil
	}
	return revoke.Proof{Grade: revoke.Proven}, nil
}

// What stands on the machine is tried at its issuer without being pasted; what stands there instead is not.
func TestAValueIsReadAgainWhereItStands(t *testing.T) {
	for name, c := range map[string]struct {
		f    folder
		want revoke.Grade
	}{
		"it stands there":   {folder{stands: inFile}, revoke.Proven},
		"another does":      {folder{stands: "tok_" + "FAKEother6789abcdef"}, ""},
		"the source breaks": {folder{stands: inFile, breaks: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.f
			f.shelf = newShelf()
			s, _ := ready(t, nil, Config{Feeds: []Feed{
				{Name: "local", Kind: "local", Collect: f.Collect, Revoker: &f},
				{Name: "npm", Kind: "npm", Collect: func(context.Context, inventory.Sink) error { return nil }, Revoker: registry{newShelf()}, MayRevoke: true},
			}})
			id := s.Snapshot().Records().Secrets[0].ID
			p := plan(t, s, id)
			if got := p.Steps[0].Promises == revoke.Proven; got != (c.want == revoke.Proven) {
				t.Errorf("promises %s", p.Steps[0].Promises)
			}
			run, err := s.Execute(t.Context(), p, yes, nil)
			if err != nil || run.Steps[0].Proof.Grade != c.want {
				t.Errorf("%+v %v", run.Steps[0], err)
			}
		})
	}
	if _, ok := revoke.HeldFor(t.Context(), "sec-a"); ok {
		t.Error("held without a holder")
	}
}
