package posture

import (
	"context"
	"errors"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// A machine that runs jobs can be taken off its forge, and protected by its name; no other resource is something to revoke.
func TestARunnerMayBeRevoked(t *testing.T) {
	sh := newShelf("a")
	more := func(ctx context.Context, sink inventory.Sink) error {
		for _, r := range []inventory.Resource{{ID: "res-runner", Kind: "runner", Name: "github.com/acme builder"}, {ID: "res-repo", Kind: "repository", Name: "github.com/acme/web"}, {ID: "res-org", Kind: "organisation", Name: "github.com/acme"}} {
			sink.Resource(r)
		}
		return sh.Collect(ctx, sink)
	}
	f := sh.feed(true)
	f.Collect = more
	s, _ := ready(t, sh, Config{Feeds: []Feed{f}})
	for id, want := range map[inventory.ID]bool{"res-runner": true, "res-org": true, "res-repo": false, "res-gone": false} {
		if ok, why := s.MayRevoke(id); ok != want || ok == (why != "") {
			t.Errorf("%s: %v %q", id, ok, why)
		}
	}
	s, _ = ready(t, sh, Config{Feeds: []Feed{f}, Protected: []string{"github.com/acme builder"}})
	if ok, why := s.MayRevoke("res-runner"); ok || !strings.HasPrefix(why, "protected") {
		t.Errorf("%v %q", ok, why)
	}
	if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "res-runner"}}); !errors.Is(err, revoke.ErrProtected) {
		t.Error(err)
	}
}
