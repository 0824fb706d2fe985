package exec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// How a target stands, as a plugin says it.
const (
	standDead      = "dead"      // ended
	standContained = "contained" // is there and cannot be used
	standAlive     = "alive"
	standUnknown   = "unknown"
)

// verdict is a plugin's answer to verify.
type verdict struct {
	Target   ref    `json:"target"`
	State    string `json:"state"`
	Grade    string `json:"grade"` // what the plugin takes it for; the host gives no more than was shown
	Observed struct {
		Detail  string `json:"detail"` // what was seen: "the row is gone"
		Refused bool   `json:"refused"`
	} `json:"observed"`
	Control struct {
		Detail   string `json:"detail"` // what shows that the question was fair
		Accepted bool   `json:"accepted"`
	} `json:"control"`
}

// look asks the plugin how a step's target stands. A plugin that comes to a bad end is believed only where it says that the
// target lives.
func (s *Source) look(ctx context.Context, step revoke.Step, action string) (verdict, error) {
	var v verdict
	q, err := s.about(step)
	if err != nil {
		return v, err
	}
	q.Verb, q.Action, q.Seconds = verbVerify, action, min(s.o.Timeout, lookSeconds)
	n := 0
	err = s.call(ctx, q, func(r *run, line []byte) error {
		var m struct {
			message
			verdict
		}
		e := json.Unmarshal(line, &m)
		switch {
		case m.APIVersion != "" && !understood(m.APIVersion):
			return errVersion
		case e != nil:
			return errors.New("answers verify with a line that is no JSON, or has a field of another type")
		case m.Kind != "Verdict":
			return nil
		case m.Target != q.Targets[0]:
			return errors.New("speaks of what it was not asked about")
		}
		n++
		if n == 1 || m.State == standAlive {
			v = m.verdict
		}
		v.Observed.Detail, v.Control.Detail = r.text(v.Observed.Detail), r.text(v.Control.Detail)
		return nil
	})
	switch {
	case n > 0 && v.State == standAlive:
		return v, nil
	case err != nil:
		return verdict{}, fmt.Errorf("the plugin %w", err)
	case n != 1:
		return verdict{}, fmt.Errorf("the plugin answers verify with %d lines of kind Verdict where one is due", n)
	}
	return v, nil
}

// Verify implements revoke.Revoker.
func (s *Source) Verify(ctx context.Context, step revoke.Step, _ revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.now()}
	v, err := s.look(ctx, step, step.Action)
	if err != nil {
		return p, err
	}
	p.Grade, p.Detail = v.proof(step.Reversible || step.Action == revoke.ActionManual)
	return p, nil
}

// proof is what a verdict comes to. A plugin's word alone is that the request was accepted; that it looked, and what it saw,
// is a read-back; a proof shows the refusal, and that the same question is answered to somebody else. enough says that
// to be contained is what the step is for.
func (v verdict) proof(enough bool) (revoke.Grade, string) {
	saw := "the plugin says " + v.State
	if v.Observed.Detail != "" {
		saw += ": " + v.Observed.Detail
	}
	switch v.State {
	case standAlive:
		return revoke.Alive, "STILL ALIVE: " + saw
	case standUnknown:
		return revoke.Unproven, saw
	case standDead:
	case standContained:
		if !enough {
			return revoke.Unproven, saw + "; it cannot be used, and is not ended"
		}
	default:
		return revoke.Unproven, "the plugin answers verify with a state that is not known"
	}
	shown := v.Observed.Refused && v.Control.Accepted && v.Observed.Detail != "" && v.Control.Detail != ""
	switch {
	case v.Observed.Detail == "":
		return revoke.Accepted, saw + ", and not what it saw"
	case v.Grade == string(revoke.Accepted):
		return revoke.Accepted, saw
	case v.Grade == string(revoke.Proven) && shown:
		return revoke.Proven, saw + "; control: " + v.Control.Detail
	case v.Grade == string(revoke.Proven):
		return revoke.Attested, saw + "; it says proven, and shows no refusal with a control"
	}
	return revoke.Attested, saw
}

// VerifyUndo implements revoke.UndoVerifier.
func (s *Source) VerifyUndo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.now()}
	v, err := s.look(ctx, step, r.Undo[keyUndo])
	if err != nil {
		return p, err
	}
	p.Detail = "the plugin says " + v.State
	if v.Observed.Detail != "" {
		p.Detail += ": " + v.Observed.Detail
	}
	switch {
	case v.State == standAlive && v.Observed.Detail != "":
		p.Grade = revoke.Attested
	case v.State == standAlive:
		p.Grade = revoke.Accepted
	}
	return p, nil
}

// Recover implements revoke.Recoverer. A plugin bears being told twice, by the same key, so that what is seen to live may
// be tried again.
func (s *Source) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	v, err := s.look(ctx, step, step.Action)
	if err != nil {
		return revoke.Receipt{}, "", err
	}
	grade, detail := v.proof(step.Reversible)
	switch {
	case grade == revoke.Alive, v.State == standContained && !step.Reversible && v.Observed.Detail != "":
		return revoke.Receipt{}, revoke.StatePlanned, nil
	case grade == revoke.Proven, grade == revoke.Attested:
		r := revoke.Receipt{At: s.now(), Detail: "found done: " + inventory.Clean(detail)}
		if u := step.Params[paramUndo]; u != "" {
			r.Undo = map[string]string{keyUndo: u}
		}
		return r, revoke.StateDone, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}

var _ interface {
	revoke.Revoker
	revoke.Undoer
	revoke.UndoVerifier
	revoke.Recoverer
} = (*Source)(nil)
