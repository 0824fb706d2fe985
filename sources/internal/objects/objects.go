package objects

import (
	"context"
	"errors"
	"regexp"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Words of [Object.State] that mean the same everywhere. All others are the provider's own.
const (
	Gone    = "gone"    // it is not shown any more
	Unknown = "unknown" // it is there, and the provider does not show how it stands
)

// ErrGone is what reading an object back ends with where the provider answers that there is none.
var ErrGone = errors.New("the provider shows no such thing")

// ErrMayNot is what reading an object back ends with where no credential is configured that may see it.
var ErrMayNot = errors.New("no credential for it is configured")

// Object is how a thing stands at its provider.
type Object struct {
	Name     string          // by which it is known again
	State    string          // how it stands, as far as the change is concerned for which it was read
	Residual string          // what survives the end of this one, besides what its kind leaves
	Lasts    []revoke.Ending // of it, what ends by itself
	Breaks   string          // who stops working, as far as the object tells
	ByHand   string          // why only a person may do it; "": the API may
}

// Kind is a kind of object, told by its path below the API's base.
type Kind struct {
	Path    *regexp.Regexp
	Name    string   // for people: API key
	Changes []string // keys of [Desk.Changes], in the order in which they are done
	Key     bool     // a credential, which can be tried by itself where it is at hand
}

// Change is one way to change an object.
type Change struct {
	Action   string
	Layer    revoke.Layer
	Method   string
	Rest     string // behind the object's path
	Body     map[string]any
	To       string   // the state that it makes
	Over     []string // other states in which there is nothing left to do
	Ends     bool     // a credential is refused afterwards
	Late     bool     // the read-back may follow late: that it is not seen yet is no sign that it did not take effect
	Does     string   // for the summary, with %s for kind and name
	Effect   string
	Residual string
	Tied     []string        // of it, what is over when another change ends the target for good
	Lasts    []revoke.Ending // of it, what ends by itself
	Horizon  time.Duration
	// Back is the way back to a state; nil, or ok false: there is none.
	Back func(path, was string) (body map[string]any, ok bool)
	// BackPath is where Back is sent, by POST; nil: as the change itself.
	BackPath func(path string) string
}

func (c *Change) done(state string) bool {
	if state == c.To {
		return true
	}
	for _, s := range c.Over {
		if s == state {
			return true
		}
	}
	return false
}

// back is the body of the way back; ok is false where there is none.
func (c *Change) back(path, was string) (map[string]any, bool) {
	if c.Back == nil || was == "" || was == Unknown {
		return nil, false
	}
	return c.Back(path, was)
}

// Tried is what trying a credential by itself came to. At most one of Alive and Dead is true.
type Tried struct {
	Alive, Dead bool
	Detail      string
}

// Desk is one account at one provider, through which things are taken away. It is plain data and functions, made once;
// its methods may be called from several goroutines where its functions may.
type Desk struct {
	Source   string // the name of the source, for steps
	Provider string // for people: Anthropic
	Client   *httpx.Client
	As       func(path string) httpx.Auth // the credential to act with on a path; a nil answer: the client's own
	Now      func() time.Time
	May      func() error // nil while acting is allowed
	Kinds    []Kind
	Changes  map[string]*Change
	// Read reads an object back, for a change; it ends with [ErrGone] where there is none.
	Read func(ctx context.Context, path, what string) (*Object, error)
	// Fits reports whether a value may be that of the key at a path, as far as the provider shows it.
	Fits func(ctx context.Context, path string, v inventory.Value) error
	// Try tries a credential by a call that changes nothing, and makes sure by a control that a refusal is meant for it.
	Try func(ctx context.Context, v inventory.Value) Tried
	// Place is where a person does it, for a path.
	Place func(path string) string
}

// Keys of [revoke.Step.Params]. None holds a value.
const (
	ParamPath = "path" // of the object, below the API's base
	ParamWhat = "what" // a key of the changes
	ParamWas  = "was"  // how it stood when the plan was made
	ParamName = "name" // of the object when the plan was made
	ParamHeld = "held" // "yes": planned for a credential in hand, which must be that of the object
)

// KindOf tells what an object is by its path.
func (d *Desk) KindOf(path string) *Kind {
	for i := range d.Kinds {
		if d.Kinds[i].Path.MatchString(path) {
			return &d.Kinds[i]
		}
	}
	return nil
}

// Below returns the path of an address below the API's base, or "".
func (d *Desk) Below(address string) string {
	base := d.Client.Base()
	if len(address) <= len(base)+1 || address[:len(base)] != base || address[len(base)] != '/' {
		return ""
	}
	return address[len(base):]
}

func (d *Desk) as(path string) httpx.Auth {
	if d.As == nil {
		return nil
	}
	return d.As(path)
}

// Get reads a path with the credential to act with.
func (d *Desk) Get(ctx context.Context, path string, into any) error {
	_, err := d.Client.Do(ctx, httpx.Request{Path: path, Into: into, As: d.as(path)})
	return err
}

// act sends what a step asks for. What it does twice is the same as once, so that it may be repeated.
func (d *Desk) act(ctx context.Context, step revoke.Step, method, path string, body map[string]any) (*httpx.Response, error) {
	r := httpx.Request{Method: method, Path: path, As: d.as(path), Idempotent: true}
	if body != nil {
		r.Body = body
	}
	return d.Client.Do(httpx.Armed(ctx, step.ID), r)
}

func clean(err error) string { return inventory.Clean(err.Error()) }
