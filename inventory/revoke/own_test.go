package revoke

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func order(p *Plan) []string {
	var ids []string
	for _, s := range p.Steps {
		ids = append(ids, s.ID)
	}
	return ids
}

// What ends nhitop's own access comes after everything that is done with it, whatever else says; what waits for that end
// comes after, and the plan says it first.
func TestOwnAccessEndsLast(t *testing.T) {
	step := func(id, source string, layer Layer, target inventory.ID, own ...string) Step {
		return Step{ID: id, Source: source, Action: ActionRevoke, Layer: layer, Target: target, TargetName: "token of " + id, Summary: id, Own: own}
	}
	child := step("child", "forge", LayerSession, "sec-3")
	child.After = []string{"a own"}
	file := Step{ID: "file", Source: "local", Action: ActionRemoveSecret, Layer: LayerCopy, Target: "sec-own", Summary: "file", Reversible: true}
	p := NewPlan(at, 0, nil, nil, []Step{
		step("a own", "forge", LayerCredential, "sec-own", "forge"), step("b", "forge", LayerCredential, "sec-b"), step("c", "forge", LayerSession, "sec-c"), step("z", "other", LayerSession, "sec-z"), child, file,
	})
	if got := order(p); !slices.Equal(got, []string{"b", "c", "z", "a own", "child", "file"}) && !slices.Equal(got, []string{"b", "c", "a own", "child", "z", "file"}) {
		t.Error(got)
	}
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == "a own" })
	if got := p.Steps[i].Behind; !slices.Equal(slices.Sorted(slices.Values(got)), []string{"b", "c"}) {
		t.Errorf("behind %v", got)
	}
	if want := fmt.Sprintf("this also ends nhitop's own access: token of a own (step %d, last of forge)", i+1); p.OwnAccess() != want {
		t.Error(p.OwnAccess())
	}
	if got := NewPlan(at, 0, nil, nil, []Step{step("b", "forge", LayerCredential, "sec-b")}).OwnAccess(); got != "" {
		t.Error(got)
	}
}

// One grant that is found for two targets is one step, for both; what is sent with a credential is another for each.
func TestOneRequestIsOneStep(t *testing.T) {
	grant := Step{Source: "forge", Action: ActionUninstall, Layer: LayerGrant, Target: "ast-1", Summary: "end it", Request: "DELETE /grants/7", Params: map[string]string{"path": "/grants/7"}, Breaks: "the bot"}
	other := grant
	other.Target, other.Breaks = "own-1", "the person"
	self := grant
	self.Layer, self.Request, self.Target = LayerCredential, "DELETE /self", "sec-1"
	self2 := self
	self2.Target = "sec-2"
	next := Step{ID: "next", Source: "forge", Action: ActionDelete, Layer: LayerPrincipal, Target: "ast-1", Summary: "then", After: []string{StepID(other)}}
	var want string
	for _, steps := range [][]Step{{grant, other, self, self2, next}, {next, self2, other, self, grant}} {
		p := NewPlan(at, 0, nil, nil, steps)
		if want = cmp.Or(want, p.Digest); p.Digest != want {
			t.Error("another order gives another plan")
		}
		i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Layer == LayerGrant })
		g := p.Steps[i]
		if len(p.Steps) != 4 || len(g.With) != 1 || g.With[0] == g.Target || !strings.Contains(g.Breaks, "the bot") || !strings.Contains(g.Breaks, "the person") {
			t.Errorf("%d steps, %+v", len(p.Steps), g)
		}
		if n := p.Steps[slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == "next" })]; !slices.Equal(n.After, []string{g.ID}) {
			t.Errorf("after %v, not %s", n.After, g.ID)
		}
	}
}

// What is not there any more because an earlier step of the run ended what it hangs on is done; without that it has failed.
func TestWhatEndedWithAnotherStepIsNoFailure(t *testing.T) {
	for _, c := range []struct {
		tied inventory.ID
		want string
	}{{"sec-1", StateDone}, {"sec-2", StateFailed}} {
		w := newWorld()
		w.fail["grant"] = fmt.Errorf("%w (no such thing)", ErrGone)
		w.done["grant"] = true // it is seen to be gone
		e := newExecutor(t.TempDir(), fullRevoker{plainRevoker{w}})
		p := NewPlan(at, 0, nil, nil, []Step{
			{ID: "end", Source: "fake", Action: ActionRevoke, Layer: LayerCredential, Target: "sec-1", Summary: "end it", Promises: Proven},
			{ID: "grant", Source: "fake", Action: ActionUninstall, Layer: LayerGrant, Target: "own-1", Summary: "its grant", Promises: Proven, Residual: "the token", Ties: Ties("the token", c.tied, "the token")},
		})
		run, err := e.Execute(t.Context(), p, Consent{By: "ana", Reason: "leaver", Word: p.Word()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := stepOf(t, run, "grant"); s.State != c.want || s.State == StateDone && (!s.Receipt.Already || s.Receipt.Detail != "it ended with step 1: end it") {
			t.Errorf("%+v", s)
		}
	}
}
