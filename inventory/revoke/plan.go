package revoke

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
)

// Errors that callers tell apart.
var (
	ErrChanged   = errors.New("what the plan was made for has changed since; make a new plan")
	ErrExpired   = errors.New("the plan has expired; make a new one")
	ErrUsed      = errors.New("the plan was already carried out; make a new one")
	ErrReadOnly  = errors.New("read-only: nothing is changed")
	ErrNotArmed  = errors.New("not armed")
	ErrProtected = errors.New("protected by the configuration")
	ErrConfirm   = errors.New("not confirmed")
	ErrNoReason  = errors.New("a reason is required")
	ErrGone      = fmt.Errorf("not found: %w", ErrChanged) // what the step is about is not there any more
	ErrNotHeld   = errors.New("the credential itself is needed for this step and is not at hand; paste it again")
	ErrNotOfPlan = errors.New("it is not the credential that the plan is about")
	ErrNotOfRun  = errors.New("it is not the credential of a run that was cut off")
	ErrUntouched = errors.New("nothing was changed")
	ErrByHand    = errors.New("a person must do this")
	ErrNothing   = errors.New("nothing to do: no source can take this away")
	ErrSecond    = errors.New("another operator must confirm it first")
)

// Plan is an ordered list of steps, made from one state of the inventory. It is not changed after it is made.
type Plan struct {
	ID       string    `json:"id"`
	Digest   string    `json:"digest"` // SHA-256 over targets, steps and facts, in hex
	Created  time.Time `json:"created_at"`
	Expires  time.Time `json:"expires_at"`
	Targets  []Target  `json:"targets"`
	Names    []string  `json:"target_names"`
	Steps    []Step    `json:"steps"`
	Residual []string  `json:"residual"` // what stays alive when every step is done; the last lines of a plan
	Breaks   []string  `json:"breaks"`
	Kept     []string  `json:"kept,omitempty"` // of an undo: the steps that it cannot take back, and why
	// Second says why another operator must confirm the plan before it is carried out; "": nobody must.
	Second string `json:"second_person,omitempty"`
	// Facts are digests, in hex, of what was known of each record that the plan is about when it was made; empty where
	// nobody put them in. A plan whose facts are others now is not to be carried out.
	Facts map[inventory.ID]string `json:"facts,omitempty"`
}

// From puts the facts that a plan was made from into it, before anybody sees it: digest and id are made anew.
func (p *Plan) From(facts map[inventory.ID]string) *Plan {
	p.Facts = facts
	p.Digest = digest(p)
	p.ID = planID(p.Digest, p.Created)
	return p
}

// Word is what the operator must type to carry the plan out when it has steps that cannot be undone: "revoke N", or "rotate N"
// of a rotation, where N counts the steps but those of a person. For a plan whose steps can all be undone it is "".
func (p *Plan) Word() string { return planWord(p) }

// Rotates reports whether the plan makes a new credential in the place of one that it ends.
func (p *Plan) Rotates() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Action == ActionRotate })
}

// Consent is the operator's yes.
type Consent struct {
	By     string // who
	Reason string
	Word   string    // what was typed; compared with Plan.Word
	Yes    bool      // y to a reversible plan, or --yes
	Since  time.Time // when the credential came into hand; the zero value where it did not
	Known  Known     // what the inventory knows of before
	Reach  []string  // what was in reach until then, in lines
	Second string    // the other operator who confirmed it, where [Plan.Second] asks for one
}

// State of a run and of a step.
const (
	StatePlanned = "planned"
	StateRunning = "running" // intent written, result not known
	StateDone    = "done"
	StateFailed  = "failed"
	StateWaiting = "waiting" // for a person (manual step)
	StateUndone  = "undone"
	StateUnknown = "unknown" // was running when the process ended and cannot be told
	StateSkipped = "skipped" // a step that it depends on failed, or the run was cancelled
	StatePartial = "partial" // of a run: some steps failed
)

// StepRun is a step with what became of it.
type StepRun struct {
	Step
	State   string    `json:"state"`
	Error   string    `json:"error,omitempty"`
	Started time.Time `json:"started_at,omitzero"`
	Ended   time.Time `json:"ended_at,omitzero"`
	Receipt Receipt   `json:"receipt"`
	Proof   Proof     `json:"proof"`
}

// Run is one carrying out of a plan.
type Run struct {
	ID      string    `json:"id"`
	Plan    string    `json:"plan"`
	Digest  string    `json:"digest"`
	State   string    `json:"state"`
	Reason  string    `json:"reason"`
	By      string    `json:"by"`
	Second  string    `json:"confirmed_by,omitempty"` // the other operator who confirmed it
	Started time.Time `json:"started_at"`
	Ended   time.Time `json:"ended_at,omitzero"`
	Since   time.Time `json:"since,omitzero"`   // when the credential came into hand: the time to the proof counts from here
	Known   Known     `json:"known,omitzero"`   // what the inventory knew of what the run is about
	Reach   []string  `json:"reach,omitempty"`  // what was in reach when it began, in lines, worst first
	Undoes  string    `json:"undoes,omitempty"` // the run that this one takes back
	// UnderWay says of a run that is not at its end that this process or another was carrying it out when it was read; one
	// that nobody carries out was cut off. It is of that moment, and not written down.
	UnderWay bool      `json:"-"`
	Steps    []StepRun `json:"steps"`
}

// Known is since when the inventory knew of what a run is about; zero where it did not. Of several targets it is the
// earliest.
type Known struct {
	FirstSeen time.Time `json:"first_seen,omitzero"` // a collection saw it
	Detected  time.Time `json:"detected,omitzero"`   // it was known to be leaked, or urgent
}

// Event is one change of a run while it goes on.
type Event struct {
	Run  Run    // a copy of the whole state
	Step string // the step that changed, "" for the run itself
}

// TargetOf names the record that a run's steps are about.
func (r Run) TargetOf() []inventory.ID {
	var ids []inventory.ID
	seen := map[inventory.ID]bool{}
	for _, s := range r.Steps {
		for _, id := range append([]inventory.ID{s.Target}, s.With...) {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// Tells lists whom providers write to of their own accord because of the plan.
func (p *Plan) Tells() []string {
	var out []string
	for _, s := range p.Steps {
		out = add(out, strings.Split(s.Tells, Also)...)
	}
	return out
}

// Waits says, by their numbers, after which steps of the plan one of its steps comes; "" if after none.
func (p *Plan) Waits(s Step) string {
	numbers := func(ids []string, which func(Step) bool) string {
		var out []string
		for i, x := range p.Steps {
			if slices.Contains(ids, x.ID) && which(x) {
				out = append(out, strconv.Itoa(i+1))
			}
		}
		return strings.Join(out, ", ")
	}
	var parts []string
	all := func(Step) bool { return true }
	if n := numbers(s.After, all); n != "" {
		parts = append(parts, "after step "+n+", and only if that is done")
	}
	behind := slices.DeleteFunc(slices.Clone(s.Behind), func(id string) bool { return slices.Contains(s.After, id) })
	if n := numbers(behind, func(x Step) bool { return ends(x, s) }); n != "" {
		what := "the credential is"
		if len(s.takes()) > 1 {
			what = "the credentials in it are"
		}
		parts = append(parts, "after step "+n+", and only if "+what+" seen to be ended")
	}
	if n := numbers(behind, func(x Step) bool { return !ends(x, s) }); n != "" {
		parts = append(parts, "after step "+n)
	}
	return strings.Join(parts, "; ")
}
