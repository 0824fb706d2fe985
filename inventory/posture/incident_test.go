package posture

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory/revoke"
)

// adviser is an issuer whose source may not end anything, and knows what a person does.
type adviser struct{ alone }

func (a adviser) ByHand(h revoke.Held) []revoke.Step {
	return []revoke.Step{{Action: revoke.ActionManual, Layer: revoke.LayerCredential, Target: h.ID, Summary: "end it by hand: on its page", Promises: revoke.Proven, Params: map[string]string{}}}
}

// A credential in hand that nothing may end is not done with: its end waits for a person, and nothing is sent but questions.
func TestWhatMayNotBeEndedWaitsForAPerson(t *testing.T) {
	a := adviser{newAlone()}
	f := a.feed()
	f.Revoker, f.MayRevoke = a, false
	s, _ := ready(t, nil, Config{Feeds: []Feed{f}})
	in, p := held(t, s, pastedToken)
	if len(p.Steps) != 1 || p.Steps[0].Action != revoke.ActionManual || len(p.Residual) == 0 || !strings.Contains(p.Residual[len(p.Residual)-1], "revoke = false") {
		t.Fatalf("%+v", p)
	}
	run, err := s.ExecuteIncident(t.Context(), in, p, with(p), nil)
	if err != nil || run.State != revoke.StateWaiting || a.ended.Load() != 0 {
		t.Errorf("%v %s, ended %d times", err, run.State, a.ended.Load())
	}
	if _, err := s.acts.exec.Revokers["issuer"].Apply(revoke.WithHeld(t.Context(), in.Held), p.Steps[0]); err == nil || a.ended.Load() != 0 {
		t.Error("a source that may not revoke does")
	}
}

// The reason is written down everywhere. No credential stays in it.
func TestAReasonHoldsNoSecret(t *testing.T) {
	a := newAlone()
	s, _ := ready(t, nil, Config{Feeds: []Feed{a.feed()}})
	in, p := held(t, s, pastedToken)
	c := with(p)
	c.Reason = "leaked " + pastedToken + " and " + otherToken + " in chat"
	run, err := s.ExecuteIncident(t.Context(), in, p, c, nil)
	if err != nil || run.Reason != "leaked [redacted] and [redacted] in chat" {
		t.Errorf("%q %v", run.Reason, err)
	}
	err = filepath.WalkDir(s.store.Dir(), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if text, err := os.ReadFile(path); err != nil || strings.Contains(string(text), pastedToken) || strings.Contains(string(text), otherToken) {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
