package posture

import (
	"context"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

var (
	pairID  = "AKIA" + "FAKE567ABCDEFGH2"
	pairKey = "FAKE" + "jalrXUtnFEMI/K7MDENG/bPxRfiCYz0a1b2c"
)

// profile is a source of one file with an AWS access key.
type profile struct {
	*shelf
	gone bool
}

func (p *profile) Collect(_ context.Context, sink inventory.Sink) error {
	sink.Secret(inventory.Secret{Kind: "aws-secret-key", Issuer: "aws", KeyID: pairID, Account: "344278824896", Locations: []inventory.Location{{Path: "~/.aws/credentials", Line: 3}}},
		inventory.NewValue(pairKey))
	return nil
}

func (p *profile) Values(context.Context, *inventory.Secret, *inventory.Snapshot) []inventory.Value {
	if p.gone {
		return nil
	}
	return []inventory.Value{inventory.NewValue(pairKey)}
}

// signer ends a key with which it can sign: it needs both halves.
type signer struct {
	registry
	asked *revoke.Held
}

func whole(h revoke.Held) bool { return h.KeyID == pairID && h.Value.Shows("FAKE...1b2c") }

func (s signer) Plan(context.Context, revoke.Target, *inventory.Snapshot) ([]revoke.Step, error) {
	return nil, nil
}

func (s signer) PlanHeld(_ context.Context, h revoke.Held, _ *inventory.Snapshot) ([]revoke.Step, error) {
	st := revoke.Step{ID: "hand", Action: revoke.ActionManual, Layer: revoke.LayerCredential, Target: h.ID, Summary: "by hand " + h.KeyID}
	if whole(h) {
		st = revoke.Step{ID: "off", Action: revoke.ActionDisable, Layer: revoke.LayerCredential, Target: h.ID, Summary: "turn off " + h.KeyID, Promises: revoke.Proven}
	}
	return []revoke.Step{st}, nil
}

func (s signer) Ask(_ context.Context, h revoke.Held) (*revoke.Answer, error) {
	*s.asked = h
	return &revoke.Answer{State: inventory.StateLive}, nil
}

func (s signer) Apply(ctx context.Context, st revoke.Step) (revoke.Receipt, error) {
	if h, ok := revoke.HeldFor(ctx, st.Target); !ok || !whole(h) {
		return revoke.Receipt{}, revoke.ErrNotHeld
	}
	return revoke.Receipt{}, nil
}

// Either half of a pair that the inventory knows is enough: the other one is known, or read where the pair stands.
func TestHalfAPairIsEnough(t *testing.T) {
	for name, c := range map[string]struct {
		text, by string
		gone     bool
		end      string
	}{
		"the secret key":        {pairKey, "its value", false, "turn off " + pairID},
		"the secret key, moved": {pairKey, "its value", true, "turn off " + pairID},
		"the id":                {"aws_access_key_id=" + pairID, "the id of the key", false, "turn off " + pairID},
		"the id, moved":         {pairID, "the id of the key", true, "by hand " + pairID},
	} {
		t.Run(name, func(t *testing.T) {
			p, x := &profile{newShelf(), c.gone}, signer{registry{newShelf()}, &revoke.Held{}}
			s, _ := ready(t, nil, Config{Feeds: []Feed{
				{Name: "local", Kind: "local", Collect: p.Collect, Revoker: p},
				{Name: "issuers", Kind: "issuers", Collect: func(context.Context, inventory.Sink) error { return nil }, Revoker: x, MayRevoke: true},
			}})
			id := s.Snapshot().Records().Secrets[0].ID
			in, err := s.Identify(inventory.NewValue(c.text))
			if err != nil || in.Secret == nil || in.FoundBy != c.by || in.Held.ID != id || in.Held.KeyID != pairID || in.Held.Account != "344278824896" || in.Held.Kind != "aws-secret-key" || in.Hint != "1b2c" {
				t.Fatalf("%+v %v", in, err)
			}
			if _, err := s.Ask(t.Context(), in); err != nil || whole(*x.asked) != strings.HasPrefix(c.end, "turn") {
				t.Errorf("asked about %s %v", x.asked.KeyID, err)
			}
			plan, err := s.PlanIncident(t.Context(), in)
			if err != nil || len(plan.Steps) != 1 || plan.Steps[0].Summary != c.end {
				t.Fatalf("%+v %v", plan, err)
			}
			run, err := s.ExecuteIncident(t.Context(), in, plan, revoke.Consent{Reason: "x", Word: plan.Word(), Yes: true}, nil)
			if whole(*x.asked) && (err != nil || run.Steps[0].State != revoke.StateDone) {
				t.Errorf("%+v %v", run.Steps, err)
			}
		})
	}
}

// An id beside which two secret keys stand tells neither.
func TestAnIDOfTwo(t *testing.T) {
	two := func(_ context.Context, sink inventory.Sink) error {
		for _, v := range []string{pairKey, "x" + pairKey[1:]} {
			sink.Secret(inventory.Secret{Kind: "aws-secret-key", Issuer: "aws", KeyID: pairID}, inventory.NewValue(v))
		}
		return nil
	}
	s, _ := ready(t, nil, Config{Feeds: []Feed{{Name: "local", Kind: "local", Collect: two}}})
	if in, err := s.Identify(inventory.NewValue(pairID)); err != nil || in.Secret != nil || in.FoundBy != "" {
		t.Errorf("%+v %v", in, err)
	}
}
