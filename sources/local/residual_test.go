package local

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// A copy that is taken out says when the credential itself ends: on its own day, or after what all of its kind live at most.
func TestACopySaysWhenItsCredentialEnds(t *testing.T) {
	s := newStage(t)
	s.r.o.Now = func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		kind    string
		expires time.Time
		want    string // "": it does not end by itself
	}{
		{"github-pat-classic", time.Time{}, ""},
		{"github-pat-classic", time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), " (at most until 2026-12-01 00:00 UTC)"},
		{"github-pat-classic", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), ""}, // it is over: then it is not said to live on for a while
		{"github-app-installation", time.Time{}, " (at most 24 h)"},
		{"aws-temporary-key", time.Time{}, " (at most 36 h)"},
		{"of no known kind", time.Time{}, ""},
	} {
		b := planning{Revoker: s.r}
		x := inventory.Secret{Kind: c.kind, Expires: c.expires}
		text, ends := b.outlives(&x)
		p := revoke.NewPlan(s.r.o.Now(), 0, nil, nil, []revoke.Step{{ID: "a", Unended: text, Ends: ends}})
		if !slices.Equal(p.Residual, []string{text + c.want}) || !strings.Contains(text, "lives on") {
			t.Errorf("%s, %v: %q", c.kind, c.expires, p.Residual)
		}
	}
}

// A server that goes says of each token in its entry that it lives on, until another step of the plan ends that one.
func TestAServersTokensLiveOnUntilTheyAreEnded(t *testing.T) {
	s := newStage(t)
	s.write(".claude.json", `{"mcpServers":{"a":{"command":"x","env":{"T":"`+fakeToken(1)+`","U":"`+fakeToken(2)+`"}}}}`, 0o600)
	rec := inventory.Records{
		Tools: []inventory.Tool{{ID: "tool-1", Name: "a", Secrets: []inventory.ID{"sec-1", "sec-2"}, Evidence: []inventory.Evidence{{Path: "~/.claude.json", Pointer: "/mcpServers/a"}}}},
		Secrets: []inventory.Secret{
			{ID: "sec-1", Kind: "github-pat-classic", Hint: "one"}, {ID: "sec-2", Kind: "github-pat-classic", Hint: "two"},
		},
	}
	steps, err := s.r.Plan(t.Context(), revoke.Target{ID: "tool-1"}, inventory.NewSnapshot(testNow, rec, false))
	must(t, err)
	left := func(more ...revoke.Step) (one, two bool) {
		all := strings.Join(revoke.NewPlan(testNow, 0, nil, nil, append(slices.Clone(steps), more...)).Residual, "\n")
		return strings.Contains(all, "…one: "), strings.Contains(all, "…two: ")
	}
	if one, two := left(); !one || !two {
		t.Error("a token that nobody ends is not said to live on")
	}
	if one, two := left(revoke.Step{ID: "end", Layer: revoke.LayerCredential, Action: revoke.ActionRevoke, Target: "sec-2"}); !one || two {
		t.Errorf("the other is ended: %v %v", one, two)
	}
}
