package revoke

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nhitop/inventory"
)

// slow is a provider that takes its time, and ends a credential only while its value still stands in the file.
type slow struct {
	*world
	gone    *atomic.Bool    // the server's entry is out of the file
	lasting map[string]bool // steps that say that they are done and are not
}

func (p slow) Apply(_ context.Context, s Step) (Receipt, error) {
	time.Sleep(1500 * time.Millisecond) // by the clock of the test: whatever can go on meanwhile does
	if p.gone.Load() {
		return Receipt{}, ErrNotHeld
	}
	return p.apply(s)
}

func (p slow) Verify(_ context.Context, s Step, _ Receipt) (Proof, error) {
	time.Sleep(1500 * time.Millisecond)
	switch {
	case p.gone.Load():
		return Proof{}, ErrNotHeld
	case p.lasting[s.ID]:
		return Proof{Grade: Alive}, nil
	}
	return p.verify(s)
}

// entries is the file.
type entries struct {
	fullRevoker
	gone *atomic.Bool
}

func (f entries) Apply(ctx context.Context, s Step) (Receipt, error) {
	r, err := f.fullRevoker.Apply(ctx, s)
	if s.ID == "server" && err == nil {
		f.gone.Store(true)
	}
	return r, err
}

// ofOneFile is a plan about an assistant: its mode, its server with two tokens in the entry, and the ends of those.
func ofOneFile() *Plan {
	end := func(id string, of inventory.ID) Step {
		return Step{ID: id, Source: "issuer", Action: ActionRevoke, Layer: LayerCredential, Target: of, TargetName: "token of " + string(of), Summary: id, Promises: Proven}
	}
	local := func(id, action string, holds ...inventory.ID) Step {
		return Step{ID: id, Source: "local", Action: action, Layer: LayerSetting, Target: "ast-1", Summary: id, Reversible: true, Promises: Proven, Holds: holds}
	}
	return NewPlan(at, 0, nil, nil, []Step{
		local("server", ActionRemoveServer, "sec-a", "sec-b"), local("mode", ActionSetMode), local("other", ActionRemoveServer, "sec-none"), end("end a", "sec-a"), end("end b", "sec-b"),
	})
}

// A server's entry goes when the tokens in it were seen to be ended, however long that takes; what takes none of them away
// comes first.
func TestWhatHoldsASecretGoesBehindItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		lasting string
		want    string
	}{
		"both end":  {"", "done"},
		"one lives": {"end b", "kept, because of what stands in it: token of sec-b may still be alive"},
		"both live": {"end a end b", "kept, because of what stands in it: token of sec-a, token of sec-b may still be alive"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var gone atomic.Bool
				lasting := map[string]bool{"end a": strings.Contains(c.lasting, "end a"), "end b": strings.Contains(c.lasting, "end b")}
				e := newExecutor(t.TempDir(), nil)
				e.Revokers = map[string]Revoker{"issuer": slow{newWorld(), &gone, lasting}, "local": entries{fullRevoker{plainRevoker{newWorld()}}, &gone}}
				p := ofOneFile()
				var order []string
				for _, s := range p.Steps {
					order = append(order, s.ID)
				}
				if want := []string{"mode", "other", "end a", "end b", "server"}; !slices.Equal(order, want) {
					t.Errorf("%v, want %v", order, want)
				}
				if got := p.Waits(p.Steps[4]); got != "after step 3, 4, and only if the credentials in it are seen to be ended" {
					t.Error(got)
				}
				run, err := e.Execute(t.Context(), p, Consent{By: "ana", Reason: "leaver", Word: p.Word()}, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range []string{"mode", "other", "end a", "end b"} {
					if s := stepOf(t, run, id); s.State != StateDone || s.Proof.Grade == Unproven {
						t.Errorf("%s: %s %q %+v", id, s.State, s.Error, s.Proof)
					}
				}
				s := stepOf(t, run, "server")
				if kept := s.State == StateSkipped && strings.HasPrefix(s.Error, c.want); kept == (c.want == "done") || c.want == "done" && s.State != StateDone {
					t.Errorf("%s %q", s.State, s.Error)
				}
			})
		})
	}
}
