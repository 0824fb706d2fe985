package revoke

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// prove looks at the effect of a step that is done, until it is as good as was promised or the step's horizon is over.
func (x *carrying) prove(ctx context.Context, i int, slots chan struct{}) error {
	s := x.at(i)
	patience := x.Patience
	if patience <= 0 {
		patience = defaultPatience
	}
	until := s.Receipt.At.Add(min(s.Horizon, patience))
	pause := firstPause
	p, err := x.proof(ctx, s)
	// Without the credential, or of one that was perhaps never alive, no later look sees more.
	for !errors.Is(err, ErrNotHeld) && !errors.Is(err, ErrNeverAccepted) && !p.Grade.Reaches(s.Promises) && ctx.Err() == nil && !x.halted() && x.now().Before(until) {
		<-slots // others may work meanwhile
		x.sleep(ctx, min(pause, max(until.Sub(x.now()), 0)))
		slots <- struct{}{}
		pause = min(2*pause, longestPause)
		s.Proof = p
		p, err = x.proof(ctx, s)
	}
	if errors.Is(err, ErrNotHeld) && x.wants(ctx, s.ID) {
		return nil
	}
	if p.Grade == "" {
		p.Grade = Unproven
	}
	if p.At.IsZero() {
		p.At = x.now()
	}
	if left := s.Receipt.At.Add(s.Horizon).Sub(p.At).Round(time.Second); left > 0 && !p.Grade.Reaches(s.Promises) {
		p.Detail = strings.TrimSuffix(p.Detail, ".") + fmt.Sprintf("; it may take %s more: look again", left)
	}
	return x.write(record{Type: recProof, Step: s.ID, Proof: &p})
}

// LookedUntil is until when a run looks whether a step took effect, at the latest, where nothing else was set.
func (s StepRun) LookedUntil() time.Time { return s.Receipt.At.Add(min(s.Horizon, defaultPatience)) }

// Pauses between two looks at an effect that is not there yet.
const (
	firstPause      = 500 * time.Millisecond
	longestPause    = 15 * time.Second
	defaultPatience = 15 * time.Minute
)

func (x *carrying) sleep(ctx context.Context, d time.Duration) {
	if x.Sleep != nil {
		x.Sleep(ctx, d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-x.halt:
	case <-t.C:
	}
}

// proof looks once. The error is that of the source; the proof says it too.
func (x *carrying) proof(ctx context.Context, s StepRun) (p Proof, err error) {
	defer func() {
		if recover() != nil {
			p, err = Proof{Grade: Unproven, Detail: "the source broke down while it looked"}, nil
		}
	}()
	rev := x.Revokers[s.Source]
	if rev == nil {
		return Proof{Grade: Unproven, Detail: "the source is not there"}, nil
	}
	ctx, stop := x.look(ctx)
	defer stop()
	if x.l.run.Undoes == "" {
		if s.Proof.Grade == Alive {
			s.Receipt = s.Receipt.seenAlive()
		}
		p, err = rev.Verify(ctx, s.Step, s.Receipt)
	} else if v, ok := rev.(UndoVerifier); ok {
		p, err = v.VerifyUndo(ctx, s.Step, x.l.undo[s.ID])
	} else {
		p = Proof{Grade: Accepted, Detail: "put back; the source cannot look"}
	}
	if err != nil {
		return Proof{Grade: Unproven, Detail: cleanError(err)}, err
	}
	return p, nil
}
