package posture

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/metrics"
	"nhitop/inventory/risk"
	"nhitop/inventory/triage"
)

// What is measured is there after a collection, after a start, and as a trend; exposures are followed from the first sight to
// the end.
func TestMeasuredOverTime(t *testing.T) {
	place := "~/config"
	leaked := false
	give := bare(&place)
	collectLeak := func(ctx context.Context, sink inventory.Sink) error {
		if leaked {
			sink.Secret(inventory.Secret{Kind: "github-pat-classic", Issuer: "github", Assistants: []inventory.ID{"ast-1"}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted,
				Locations: []inventory.Location{{Path: "~/p/.mcp.json", Pointer: "/x", Line: 3, Committed: inventory.Yes}}}, inventory.NewValue("ghp_"+"FAKE0123456789abcdefghijklmnopqrstuv"))
		}
		sink.Looked(inventory.Looked{Path: "~/p/.mcp.json", State: inventory.LookedRead})
		return give(ctx, sink)
	}
	dir := filepath.Join(t.TempDir(), "state")
	c := &clock{t: noon}
	again := func() *Service {
		return service(t, Config{StateDir: dir, Now: c.now, Feeds: []Feed{feed("x", collectLeak)}})
	}
	s := again()
	g := collect(t, s).Posture().Gauge
	if m := g.Metric(metrics.OwnerKnown); m == nil || m.Value != 0 || m.Of != 1 || len(g.Trend) != 1 || g.TimeToRevoke.Open != 0 {
		t.Fatalf("%+v", g)
	}
	c.move(24 * time.Hour)
	leaked = true
	if g = collect(t, s).Posture().Gauge; g.TimeToRevoke.Open != 1 || len(g.Trend) != 2 || g.Trend[0].Collection == 0 || g.Trend[1].Collection != 0 {
		t.Fatalf("%+v %+v", g.TimeToRevoke, g.Trend)
	}
	c.move(6 * time.Hour)
	prev, err := again().Previous()
	if err != nil {
		t.Fatal(err)
	}
	if g = prev.Posture().Gauge; g.TimeToRevoke.Open != 1 || g.TimeToRevoke.OldestOpen != (6*time.Hour).Seconds() || g.Metric(metrics.OwnerKnown) == nil || len(g.Trend) != 2 || g.Trend[1].Values[metrics.OpenExposures] != 1 {
		t.Errorf("after a start: %+v %+v", g.TimeToRevoke, g.Trend)
	}
	s = again()
	leaked = false
	snap := collect(t, s)
	if g = snap.Posture().Gauge; g.TimeToRevoke.Open != 0 || g.TimeToRevoke.TakenOut != 1 || g.TimeToRevoke.Dead != 0 || g.TimeToRevoke.Median != (6*time.Hour).Seconds() {
		t.Errorf("it is gone: %+v", g.TimeToRevoke)
	}
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Assign, Target: "ast-1", Owner: "kim@example.com"}}); err != nil {
		t.Fatal(err)
	}
	after := s.Snapshot().Posture().Gauge
	if m := after.Metric(metrics.OwnerKnown); m.Value != 0 || m.Unknown != 1 || after.TimeToRevoke.TakenOut != 1 || len(after.Trend) != len(g.Trend) {
		t.Errorf("decided: %+v %+v", m, after)
	}
}

// What one of the sources said by itself ends nothing and is no point of the trend.
func TestANarrowCollectionEndsNothing(t *testing.T) {
	place := "~/config"
	dir := filepath.Join(t.TempDir(), "state")
	c := &clock{t: noon}
	leak := func(_ context.Context, sink inventory.Sink) error {
		sink.Secret(inventory.Secret{Kind: "github-pat-classic", Issuer: "github", Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted,
			Locations: []inventory.Location{{Path: "~/p/.mcp.json", Pointer: "/x", Line: 3, Committed: inventory.Yes}}}, inventory.NewValue("ghp_"+"FAKE0123456789abcdefghijklmnopqrstuv"))
		return nil
	}
	collect(t, service(t, Config{StateDir: dir, Now: c.now, Feeds: []Feed{feed("x", bare(&place)), feed("y", leak)}}))
	c.move(24 * time.Hour)
	g := collect(t, service(t, Config{StateDir: dir, Now: c.now, Narrow: true, Feeds: []Feed{feed("x", bare(&place))}})).Posture().Gauge
	if g.TimeToRevoke.Open != 1 || g.TimeToRevoke.Ended != 0 || len(g.Trend) != 1 || len(g.Metrics) == 0 {
		t.Errorf("%+v %+v", g.TimeToRevoke, g.Trend)
	}
}

func TestRulesOfThePolicyAreInThePosture(t *testing.T) {
	place := "~/config"
	s, err := New(Config{StateDir: filepath.Join(t.TempDir(), "state"), Now: (&clock{t: noon}).now, Feeds: []Feed{feed("x", bare(&place))}, Policy: func() risk.Policy {
		p := risk.DefaultPolicy()
		p.Off = map[string]string{"OWN-01": "a lab"}
		p.Weights, p.Because = map[string]int{"AUT-01": 5}, map[string]string{"AUT-01": "seen twice"}
		r, bad := risk.NewRule(risk.Custom{ID: "ACME-01", Title: "t", Why: "w", Fix: "f", Of: "assistant", When: func(*risk.Matter) (bool, error) { return true, nil }})
		if len(bad) > 0 {
			t.Fatal(bad)
		}
		p.Custom = []risk.Rule{r}
		return p
	}()})
	if err != nil {
		t.Fatal(err)
	}
	g := collect(t, s).Posture().Gauge
	if len(g.RulesOff) != 1 || g.RulesOff[0] != (inventory.RuleNote{Rule: "OWN-01", Reason: "a lab"}) || len(g.RulesWeighted) != 1 || g.RulesWeighted[0].Points != 5 || len(g.RulesYours) != 1 {
		t.Errorf("%+v", g)
	}
}
