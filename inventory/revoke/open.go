package revoke

import (
	"context"
	"fmt"

	"nhitop/inventory"
	"nhitop/inventory/audit/linelog"
)

// CutOff reports whether a run is not at its end and nobody was carrying it out when it was read: its process ended, or it
// waits for its credential. See [Executor.Resume].
func (r Run) CutOff() bool { return r.State == StateRunning && !r.UnderWay }

// standing says of a run that is not at its end whether somebody is carrying it out now: whoever does has its file open.
func (j *Journal) standing(r Run) Run {
	if r.State != StateRunning {
		return r
	}
	path, err := j.path(r.ID)
	if err != nil {
		return r
	}
	if is, err := linelog.Locked(path); is && err == nil {
		r.UnderWay = true
		return r
	}
	if l, err := j.read(r.ID); err == nil { // perhaps it has come to its end since it was read
		return l.run
	}
	return r
}

// busy is [ErrBusy] with the run that is being carried out, where the journal tells it.
func (j *Journal) busy() error {
	runs, _ := j.Runs() // those that can be read
	for i := range runs {
		if r := &runs[i]; r.UnderWay {
			return fmt.Errorf("%w: run %s of %s, since %s", ErrBusy, r.ID, inventory.Clean(r.By), r.Started.UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	return ErrBusy
}

// ResumeRun is [Executor.Resume] for one run. The error is an [ErrNoRun] where there is none of that id, and [ErrEnded] where
// it is at its end.
func (e *Executor) ResumeRun(ctx context.Context, id string, on func(Event)) (Run, error) {
	unlock, err := e.Journal.lock()
	if err != nil {
		return Run{}, err
	}
	defer func() { _ = unlock() }()
	run, err := e.resumeOne(ctx, id, on)
	if err == nil && run.ID == "" {
		err = ErrEnded
	}
	return run, err
}
