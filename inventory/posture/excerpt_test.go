package posture

import (
	"context"
	"testing"
	"time"

	"nhitop/inventory"
)

func TestExcerptsAreOfPlacesThatTheSnapshotNames(t *testing.T) {
	a := inventory.Assistant{ID: "ast-1", Name: "x", Kind: "codex", Settings: []inventory.Setting{{Name: "mode", Path: "~/a", Line: 3}}}
	a.Evidence = []inventory.Evidence{{Path: "~/b", Line: 1}, {Path: "~/boom"}, {Path: "~/new"}, {Path: "https://git.example/x"}}
	f := feed("x", func(_ context.Context, s inventory.Sink) error { s.Assistant(a); return nil })
	f.Excerpt = func(_ context.Context, at inventory.Evidence, s *inventory.Snapshot) (inventory.Excerpt, bool) {
		x := inventory.Excerpt{At: at, State: inventory.LookedRead, Lines: []string{"mode = \x1b[31mauto"}, First: 3, Line: 3, Modified: s.At().Add(-time.Hour)}
		switch at.Path {
		case "~/boom":
			panic("a value")
		case "~/new":
			x.Modified = s.At().Add(time.Hour)
		case "https://git.example/x":
			return x, false
		}
		return x, true
	}
	other := feed("y", give())
	other.Excerpt = func(context.Context, inventory.Evidence, *inventory.Snapshot) (inventory.Excerpt, bool) {
		return inventory.Excerpt{}, false
	}
	s := service(t, Config{Feeds: []Feed{other, f}})
	if _, err := s.Excerpts(t.Context(), a.ID); err == nil {
		t.Error("places are shown before anything was collected")
	}
	if _, err := s.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	xs, err := s.Excerpts(t.Context(), s.Snapshot().Records().Assistants[0].ID)
	if err != nil || len(xs) != 5 {
		t.Fatalf("%v, %v", xs, err)
	}
	if x := xs[0]; x.At.Path != "~/a" || x.Lines[0] != "mode = auto" || x.Changed {
		t.Errorf("%+v", x)
	}
	by := map[string]inventory.Excerpt{}
	for _, x := range xs {
		by[x.At.Path] = x
	}
	if x := by["~/boom"]; x.State != inventory.LookedFailed || x.Reason != "source x crashed (string)" {
		t.Errorf("%+v", x)
	}
	if x := by["~/new"]; !x.Changed {
		t.Errorf("a file that is newer than what was read: %+v", x)
	}
	if x := by["https://git.example/x"]; x.State != inventory.LookedSkipped || len(x.Lines) > 0 {
		t.Errorf("%+v", x)
	}
	if xs, err := s.Excerpts(t.Context(), "ast-none"); err != nil || len(xs) > 0 {
		t.Errorf("of nothing: %v, %v", xs, err)
	}
}
