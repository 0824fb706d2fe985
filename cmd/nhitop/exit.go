package main

import (
	"errors"

	"nhitop/inventory/posture"
	"nhitop/inventory/review"
	"nhitop/inventory/revoke"
	"nhitop/inventory/store"
	"nhitop/inventory/triage"
)

// The exit codes of the interface.
const (
	exitDone     = 0
	exitInternal = 1
	exitUsage    = 2
	exitFindings = 3
	exitPartial  = 4
	exitRefused  = 5
	exitNoProof  = 6
)

// failure is an error with the exit code that it ends the program with.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(err error) error        { return with(exitUsage, err) }
func with(code int, e error) error { return &failure{code, e} }

// errSaid ends the program with a code and without another word: everything was said.
var errSaid = errors.New("said")

func ended(code int) error { return with(code, errSaid) }

var refusals = []error{revoke.ErrReadOnly, revoke.ErrNotArmed, revoke.ErrProtected, revoke.ErrConfirm, revoke.ErrNoReason, revoke.ErrNothing,
	revoke.ErrChanged, revoke.ErrExpired, revoke.ErrUsed, revoke.ErrTampered, revoke.ErrBusy, revoke.ErrOpenRun, revoke.ErrNotOfRun, revoke.ErrNotOfPlan, revoke.ErrNotHeld, revoke.ErrEnded, revoke.ErrSecond, posture.ErrTooMany, posture.ErrSamePerson, triage.ErrNoReason,
	review.ErrNoReason, review.ErrClosed, review.ErrOpen, review.ErrOneByOne}

var mendable = []error{store.ErrNewer, store.ErrExposed, store.ErrDamaged, store.ErrNoCollection, store.ErrNotWaiting, revoke.ErrNoRun, revoke.ErrPlace,
	triage.ErrUntil, triage.ErrNoOwner, triage.ErrTarget, triage.ErrGone, triage.ErrUndone,
	review.ErrKind, review.ErrItem, review.ErrUntil, review.ErrOwner, review.ErrEmpty, review.ErrGone, review.ErrFolder}

// exitCode is the code that an error ends the program with.
func exitCode(err error) int {
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &f):
		return f.code
	case isOne(err, refusals):
		return exitRefused
	case isOne(err, mendable):
		return exitUsage
	}
	return exitInternal
}

func isOne(err error, of []error) bool {
	for _, e := range of {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
