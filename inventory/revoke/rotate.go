package revoke

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nhitop/inventory"
)

// Actions of a rotation.
const (
	ActionRotate = "rotate" // make a new credential and hand it to the place that the operator named
	ActionProve  = "prove"  // make sure that the new credential works; until it does the old one stays
)

// Place is where a new credential goes: a file that is made for it (0600, never one that is there), the standard input of a
// command, or a place in a secrets manager. It never goes to a screen, a log, a journal or a command line.
type Place struct {
	File    string   // absolute
	Command []string // argv, without a shell
	Manager string   // the name that the configuration gives it

	// Where and Mark are what the manager said when the plan was made: see [Slot].
	Where, Mark string
}

// Check says whether a place is one.
func (p Place) Check() error {
	named := 0
	for _, is := range []bool{p.File != "", len(p.Command) > 0, p.Manager != ""} {
		if is {
			named++
		}
	}
	switch {
	case named != 1:
		return errors.New("name one place for the new credential: a file, a command, or a place of the configuration")
	case p.File != "" && !filepath.IsAbs(p.File):
		return errors.New("the file for the new credential needs an absolute path")
	case len(p.Command) > 0 && p.Command[0] == "":
		return errors.New("the command for the new credential is empty")
	}
	return nil
}

// ErrPlace says that a new credential cannot go where it is to go.
var ErrPlace = errors.New("the new credential cannot go there")

// Free says, by looking alone, whether the file of a place can be made. It is an [ErrPlace] where one is there already, and
// where its folder is not.
func (p Place) Free() error {
	if p.File == "" {
		return nil
	}
	if _, err := os.Lstat(p.File); !errors.Is(err, os.ErrNotExist) {
		if err == nil {
			return fmt.Errorf("%w: %s is there already: name a file that is not", ErrPlace, inventory.Clean(p.File))
		}
		return fmt.Errorf("%w: %s cannot be looked at: %s", ErrPlace, inventory.Clean(p.File), cleanError(err))
	}
	if info, err := os.Stat(filepath.Dir(p.File)); err != nil || !info.IsDir() {
		return fmt.Errorf("%w: the folder %s is not there: make it, or name another", ErrPlace, inventory.Clean(filepath.Dir(p.File)))
	}
	return nil
}

// String is for texts.
func (p Place) String() string {
	switch {
	case p.File != "":
		return "file " + p.File
	case p.Manager != "" && p.Where != "":
		return "place " + p.Manager + " (" + p.Where + ")"
	case p.Manager != "":
		return "place " + p.Manager
	}
	return "command " + strings.Join(p.Command, " ")
}

// Keys of [Step.Params] that hold a place.
const (
	paramFile    = "to-file"
	paramCommand = "to-command"
	paramPlace   = "to-place"
	paramWhere   = "to-where"
	paramMark    = "to-mark"
)

// Put writes a place into a step's params.
func (p Place) Put(params map[string]string) {
	switch {
	case p.File != "":
		params[paramFile] = p.File
	case p.Manager != "":
		params[paramPlace], params[paramWhere], params[paramMark] = p.Manager, p.Where, p.Mark
	default:
		if data, err := json.Marshal(p.Command); err == nil { // a list of strings
			params[paramCommand] = string(data)
		}
	}
}

// PlaceOf reads it back.
func PlaceOf(s Step) (Place, error) {
	p := Place{File: s.Params[paramFile], Manager: s.Params[paramPlace], Where: s.Params[paramWhere], Mark: s.Params[paramMark]}
	if c := s.Params[paramCommand]; c != "" {
		if err := json.Unmarshal([]byte(c), &p.Command); err != nil {
			return Place{}, errors.New("the step names no place")
		}
	}
	return p, p.Check()
}

// Manager is a place in a secrets manager, for one credential. Its methods may be called from several goroutines.
type Manager interface {
	// Look makes sure, by reading alone, that the place can take a credential, and says what writing it will do there.
	Look(ctx context.Context) (Slot, error)
	// Read returns what was written into the slot with that mark. It is an [ErrNotHeld] where the place has nothing that can
	// be told to be that: the credential that stood there before is not taken for the new one.
	Read(ctx context.Context, mark string) (inventory.Value, error)
}

// Slot is what writing a credential to a place will do. Its texts hold no value of a secret.
type Slot struct {
	Where    string // in words, exact
	Mark     string // the same for as long as nobody else writes there; tells what was written from what was there before
	Request  string // see [Step.Request]
	Effect   string
	Residual string

	// Try makes sure that the place can be written to, by a request that changes nothing and yet is one that writes; step asks for
	// it. nil: Look has seen it.
	Try func(ctx context.Context, step string) error

	// Write writes the credential and reads it back. step asks for it. It returns what the place shows now, or nothing where it
	// may not be read. An [ErrNotTaken] says that the place has nothing of it; any other error that this is not known.
	Write func(ctx context.Context, step string, v inventory.Value) (inventory.Value, error)
}

// ErrNotTaken says that a place has nothing of a credential that it was given.
var ErrNotTaken = errors.New("the place did not take the new credential")

// At finds a place of the configuration among all of them.
func At(all map[string]Manager, name string) (Manager, error) {
	if m := all[name]; m != nil {
		return m, nil
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no place %q: the configuration names none; see [places.NAME] in config.toml.example", inventory.Clean(name))
	}
	return nil, fmt.Errorf("no place %q in the configuration; there is: %s", inventory.Clean(name), strings.Join(slices.Sorted(maps.Keys(all)), ", "))
}

// Into says in a step of a rotation what its slot says of itself. A step that hands nothing over stays as it is.
func (t Slot) Into(s *Step) {
	if s.Action != ActionRotate || s.Params[paramPlace] == "" {
		return
	}
	join := func(a, b, by string) string {
		if a == "" || b == "" {
			return cmp.Or(a, b)
		}
		return a + by + b
	}
	s.Request, s.Effect, s.Residual = join(s.Request, t.Request, "\n"), join(s.Effect, t.Effect, ". "), join(s.Residual, t.Residual, Also)
}

// Rotator is a [Revoker] that can make a new credential in the place of an old one.
type Rotator interface {
	Revoker
	// PlanRotate returns the steps: make the new one and hand it over, prove that it works, end the old one, each after the
	// one before it. It only reads. A secret that the source knows nothing of gives no steps and no error; one that it
	// cannot rotate an error that says what can be done instead.
	PlanRotate(ctx context.Context, id inventory.ID, to Place, s *inventory.Snapshot) ([]Step, error)
}
