package report

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory/revoke"
)

// A run says how long it took, from each moment that is known, in every format.
func TestRunSaysHowLongItTook(t *testing.T) {
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	r := revoke.Run{ID: "run1", By: "alice@laptop", Second: "bob@bastion", State: revoke.StateDone, Started: at, Ended: at.Add(7 * time.Second), Reach: []string{"merge to a protected branch: acme/web (production)"}, Since: at.Add(-5 * time.Second),
		Known: revoke.Known{FirstSeen: at.AddDate(0, 0, -41), Detected: at.Add(-3 * time.Hour)},
		Steps: []revoke.StepRun{{Step: revoke.Step{Promises: revoke.Proven}, State: revoke.StateDone, Proof: revoke.Proof{Grade: revoke.Proven, At: at.Add(6 * time.Second)}}}}
	for format, wants := range map[string][]string{
		"table":    {"11 s from hand", "3 h from detection", "41 d from first seen"},
		"json":     {`"in_hand_since": "2026-11-27T11:59:55Z"`, `"detected_at"`, `"first_seen"`, `"from_hand": 11`, `"from_detection": 10806`, `"from_start": 6`, `"confirmed_by": "bob@bastion"`, `"merge to a protected branch: acme/web (production)"`},
		"markdown": {"from hand to proof", "11s", "from detection to proof", "3h0m6s", "from first seen to proof", "bob@bastion", "Was in reach when the run began", "acme/web (production)", "first seen by a collection", "known to be leaked or urgent"},
	} {
		var b strings.Builder
		if err := Run(&b, format, r, nil, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, w := range wants {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s has no %q:\n%s", format, w, b.String())
			}
		}
	}
	r.Steps[0].Proof.Grade = revoke.Accepted
	var b strings.Builder
	if err := Run(&b, "json", r, nil, Options{}); err != nil || strings.Contains(b.String(), "seconds_to_proof") {
		t.Errorf("%v: what is not proven has a time to the proof: %s", err, b.String())
	}
}

// Every format names the time at which what survives ends by itself, as a time and not as a rest: a record is read later.
func TestRunSaysWhenWhatSurvivesEnds(t *testing.T) {
	at := time.Date(2026, 11, 27, 13, 31, 20, 0, time.UTC)
	st := revoke.StepRun{State: revoke.StateDone, Receipt: revoke.Receipt{At: at}, Proof: revoke.Proof{Grade: revoke.Attested, At: at}, Step: revoke.Step{ID: "a", Promises: revoke.Attested,
		Residual: "access tokens that it gave" + revoke.Also + "sessions" + revoke.Also + "what was read", Ends: []revoke.Ending{{What: "access tokens that it gave", Within: time.Hour}, {What: "sessions"}}}}
	r := revoke.Run{ID: "run1", By: "alice", State: revoke.StateDone, Started: at, Ended: at, Steps: []revoke.StepRun{st}}
	words := []string{"access tokens that it gave (ends by itself, by 2026-11-27 14:32 UTC at the latest, as far as its issuer's word goes)", "sessions (no end known)", "what was read"}
	for format, wants := range map[string][]string{
		"table": words, "markdown": words,
		"json": {`"residual": "access tokens that it gave · sessions · what was read"`, `"what": "access tokens that it gave",
              "by": "2026-11-27T14:31:20Z"`, `"what": "sessions"
            }`},
	} {
		var b strings.Builder
		if err := Run(&b, format, r, nil, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, w := range wants {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s has no %q:\n%s", format, w, b.String())
			}
		}
	}
}
