package posture

import (
	"context"
	"slices"
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

// issuer is a registry that a token can also be ended at by itself.
type issuer struct{ registry }

func (i issuer) PlanHeld(_ context.Context, h revoke.Held, _ *inventory.Snapshot) ([]revoke.Step, error) {
	return []revoke.Step{
		{ID: "self", Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: h.ID, Summary: "by itself", Promises: revoke.Proven, Params: map[string]string{}},
		{ID: "hand", Action: revoke.ActionManual, Layer: revoke.LayerCredential, Target: h.ID, Summary: "by hand"},
	}, nil
}

func (i issuer) Ask(context.Context, revoke.Held) (*revoke.Answer, error) { return nil, nil }

// A secret that stands on the machine ends by itself too, without what a person would do;
// one that does not stand there any more, or of which only one place is meant, does not.
func TestWhatStandsHereEndsByItself(t *testing.T) {
	for name, c := range map[string]struct {
		stands, action string
		itself         bool
	}{
		"there":     {inFile, "", true},
		"gone":      {"another", "", false},
		"one place": {inFile, revoke.ActionRemoveSecret, false},
	} {
		f, r := &folder{shelf: newShelf(), stands: c.stands}, issuer{registry{newShelf()}}
		s := service(t, Config{Feeds: []Feed{{Name: "folder", Kind: "fake", Collect: f.Collect, Revoker: f, MayRevoke: true}, {Name: "issuer", Kind: "fake", Collect: r.shelf.Collect, Revoker: r, MayRevoke: true}}})
		x := collect(t, s).Records().Secrets
		i := slices.IndexFunc(x, func(x inventory.Secret) bool { return x.Kind == "npm-token" })
		p, err := s.Plan(t.Context(), []revoke.Target{{ID: x[i].ID, Action: c.action}})
		if err != nil {
			t.Fatal(err)
		}
		has := func(summary string) bool {
			return slices.ContainsFunc(p.Steps, func(st revoke.Step) bool { return st.Summary == summary })
		}
		if has("by itself") != c.itself || has("by hand") || !has("end it") {
			t.Errorf("%s: %+v", name, p.Steps)
		}
	}
}

// forge is a source that delivers the credential that it works with itself.
type forge struct{ registry }

func (f forge) Collect(_ context.Context, sink inventory.Sink) error {
	sink.Assistant(inventory.Assistant{ID: "ast-nhitop", Kind: "nhitop", Name: "nhitop"})
	sink.Secret(inventory.Secret{Kind: "npm-token", Issuer: "npm", Assistants: []inventory.ID{"ast-nhitop"}}, inventory.NewValue(inFile))
	sink.Secret(inventory.Secret{ID: "sec-other", Kind: "npm-token"}, inventory.Value{})
	return nil
}

func (f forge) Plan(_ context.Context, t revoke.Target, _ *inventory.Snapshot) ([]revoke.Step, error) {
	return []revoke.Step{{Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: t.ID, TargetName: string(t.ID), Summary: "end " + string(t.ID)}}, nil
}

// What a source works with is known as nhitop's own, also where a folder has it too: it ends last, and the plan says so.
func TestWhatASourceWorksWithEndsLast(t *testing.T) {
	f := &folder{shelf: newShelf(), stands: inFile}
	s := service(t, Config{Feeds: []Feed{
		{Name: "local", Kind: "local", Collect: f.Collect, Revoker: f, MayRevoke: true},
		{Name: "forge", Kind: "fake", Collect: forge{}.Collect, Revoker: forge{registry{newShelf()}}, MayRevoke: true},
	}})
	snap := collect(t, s)
	var own inventory.ID
	for _, x := range snap.Records().Secrets {
		if x.Fingerprint != "" {
			own = x.ID
		}
	}
	p := plan(t, s, own, "sec-other")
	var forges []revoke.Step
	for _, st := range p.Steps {
		if st.Source == "forge" {
			forges = append(forges, st)
		}
		if st.Layer == revoke.LayerCopy && st.Own != nil {
			t.Errorf("a copy is no access: %+v", st)
		}
	}
	if len(forges) != 2 || forges[1].Target != own || !slices.Equal(forges[1].Own, []string{"forge"}) || forges[0].Own != nil || p.OwnAccess() == "" {
		t.Errorf("%+v", forges)
	}
}
