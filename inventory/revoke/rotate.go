package revoke

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"

	"nhitop/inventory"
)

// Actions of a rotation.
const (
	ActionRotate = "rotate" // make a new credential and hand it to the place that the operator named
	ActionProve  = "prove"  // make sure that the new credential works; until it does the old one stays
)

// Place is where a new credential goes: a file that is made for it (0600, never one that is there), or the standard input
// of a command. It never goes to a screen, a log, a journal or a command line.
type Place struct {
	File    string   // absolute
	Command []string // argv, without a shell
}

// Check says whether a place is one.
func (p Place) Check() error {
	switch {
	case (p.File == "") == (len(p.Command) == 0):
		return errors.New("name one place for the new credential: a file or a command")
	case p.File != "" && !filepath.IsAbs(p.File):
		return errors.New("the file for the new credential needs an absolute path")
	case p.File == "" && p.Command[0] == "":
		return errors.New("the command for the new credential is empty")
	}
	return nil
}

// String is for texts.
func (p Place) String() string {
	if p.File != "" {
		return "file " + p.File
	}
	return "command " + strings.Join(p.Command, " ")
}

// Keys of [Step.Params] that hold a place.
const (
	paramFile    = "to-file"
	paramCommand = "to-command"
)

// Put writes a place into a step's params.
func (p Place) Put(params map[string]string) {
	if p.File != "" {
		params[paramFile] = p.File
		return
	}
	if data, err := json.Marshal(p.Command); err == nil { // a list of strings
		params[paramCommand] = string(data)
	}
}

// PlaceOf reads it back.
func PlaceOf(s Step) (Place, error) {
	p := Place{File: s.Params[paramFile]}
	if c := s.Params[paramCommand]; c != "" {
		if err := json.Unmarshal([]byte(c), &p.Command); err != nil {
			return Place{}, errors.New("the step names no place")
		}
	}
	return p, p.Check()
}

// Rotator is a [Revoker] that can make a new credential in the place of an old one.
type Rotator interface {
	Revoker
	// PlanRotate returns the steps: make the new one and hand it over, prove that it works, end the old one, each after the
	// one before it. It only reads. A secret that the source knows nothing of gives no steps and no error; one that it
	// cannot rotate an error that says what can be done instead.
	PlanRotate(ctx context.Context, id inventory.ID, to Place, s *inventory.Snapshot) ([]Step, error)
}
