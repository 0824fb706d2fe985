package exec

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// What a plugin says of one target that it was told to act on.
const (
	saidDone        = "done"
	saidAlready     = "already"
	saidAccepted    = "accepted"
	saidNotFound    = "not_found"
	saidChanged     = "changed"
	saidManual      = "manual"
	saidDenied      = "denied"
	saidUnsupported = "unsupported"
	saidPartial     = "partial"
	saidError       = "error"
)

// failures are the words for what was not done, or not wholly.
var failures = map[string]string{
	saidDenied: "its service does not allow it", saidUnsupported: "cannot do this", saidPartial: "did it in part", saidError: "could not do it",
}

// actionResult is a plugin's answer to revoke.
type actionResult struct {
	Target     ref      `json:"target"`
	Status     string   `json:"status"`
	Detail     string   `json:"detail"`
	URL        string   `json:"url"` // manual: where a person does it
	RequestID  string   `json:"providerRequestId"`
	RetryAfter int      `json:"retryAfter"` // seconds
	Residual   []string `json:"residual"`
}

var errMayNot = fmt.Errorf("%w: set revoke = true in the table of this plugin", revoke.ErrReadOnly)

func (s *Source) mayRevoke() error {
	switch {
	case s.env.ReadOnly:
		return revoke.ErrReadOnly
	case !s.o.Revoke:
		return errMayNot
	}
	return nil
}

// keyUndo is the key of revoke.Receipt.Undo.
const keyUndo = "action"

// Apply implements revoke.Revoker. What was begun is finished when the run is cancelled: a plugin that is ended in the
// middle leaves more to find out than one that ends.
func (s *Source) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	return s.act(ctx, step, step.Action, "")
}

// Undo implements revoke.Undoer.
func (s *Source) Undo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Receipt, error) {
	name := r.Undo[keyUndo]
	if name == "" || name != step.Params[paramUndo] {
		return revoke.Receipt{}, fmt.Errorf("%w: the step names no way back", revoke.ErrUntouched)
	}
	return s.act(ctx, step, name, "undo")
}

// act starts the plugin to change something, if it declares that it does such things.
func (s *Source) act(ctx context.Context, step revoke.Step, name, mark string) (revoke.Receipt, error) {
	if err := s.mayRevoke(); err != nil {
		return revoke.Receipt{}, err
	}
	q, err := s.about(step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	if err := s.declared(ctx, step); err != nil {
		return revoke.Receipt{}, err
	}
	q.Verb, q.Action, q.Key = verbRevoke, name, key(s.name, step, mark)
	a, err := s.order(context.WithoutCancel(ctx), q)
	if err != nil {
		return revoke.Receipt{}, err
	}
	return s.receipt(step, a, mark)
}

// about is the request for one step.
func (s *Source) about(step revoke.Step) (request, error) {
	q := request{Targets: []ref{{step.Params[paramType], step.Params[paramID]}}}
	if nouns[step.Params[paramType]] == "" || step.Params[paramID] == "" {
		return q, fmt.Errorf("%w: the step names no record of a plugin", revoke.ErrUntouched)
	}
	if a := step.Params[paramArgs]; a != "" && json.Unmarshal([]byte(a), &q.Args) != nil {
		return q, fmt.Errorf("%w: the step's args cannot be read", revoke.ErrUntouched)
	}
	return q, nil
}

// declared refuses a step that this program did not plan, or no longer says that it does.
func (s *Source) declared(ctx context.Context, step revoke.Step) error {
	if !strings.EqualFold(step.Params[paramDigest], s.o.SHA256) {
		return fmt.Errorf("%w: another program planned this step", revoke.ErrChanged)
	}
	info, err := s.describe(ctx)
	if err != nil {
		return fmt.Errorf("%w: the plugin %w", revoke.ErrUntouched, err)
	}
	a := info.action(step.Action)
	if a == nil || a.Layer != string(step.Layer) || a.Reversible != step.Reversible || a.Undo != step.Params[paramUndo] {
		return fmt.Errorf("%w: the plugin does not declare that it does this", revoke.ErrUntouched)
	}
	return nil
}

// key is the same for the same step of the same plan, however often it is tried.
func key(name string, step revoke.Step, mark string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{name, step.ID, step.Params[paramAt], mark}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// order has the plugin act. An answer counts even if the plugin came to a bad end after it; what is true is looked for then.
func (s *Source) order(ctx context.Context, q request) (a actionResult, err error) {
	n := 0
	err = s.call(ctx, q, func(r *run, line []byte) error {
		var m struct {
			message
			actionResult
		}
		e := json.Unmarshal(line, &m)
		switch {
		case m.APIVersion != "" && !understood(m.APIVersion):
			return errVersion
		case e != nil:
			return errors.New("answers with a line that is no JSON, or has a field of another type")
		case m.Kind != "ActionResult":
			return nil
		case m.Target != q.Targets[0]:
			return errors.New("speaks of what it was not told to act on")
		}
		n++
		a = m.actionResult
		a.Detail, a.URL, a.RequestID, a.Residual = r.text(a.Detail), r.text(a.URL), r.text(a.RequestID), r.list(a.Residual)
		return nil
	})
	switch {
	case n == 1 && err != nil:
		a.Detail = strings.TrimPrefix(a.Detail+"; after that the plugin "+inventory.Clean(err.Error()), "; ")
		return a, nil
	case err != nil:
		return a, fmt.Errorf("the plugin %w", err)
	case n != 1:
		return a, fmt.Errorf("the plugin answers with %d lines of kind ActionResult where one is due", n)
	}
	return a, nil
}

// receipt makes of the plugin's word what the run writes down.
func (s *Source) receipt(step revoke.Step, a actionResult, mark string) (revoke.Receipt, error) {
	r := revoke.Receipt{At: s.now(), Detail: "the plugin says: " + a.Status}
	for _, more := range []struct{ sep, text string }{{": ", a.Detail}, {"; request ", a.RequestID}, {"; stays: ", strings.Join(a.Residual, revoke.Also)}} {
		if more.text != "" {
			r.Detail += more.sep + more.text
		}
	}
	switch a.Status {
	case saidDone, saidAccepted:
		if u := step.Params[paramUndo]; u != "" && mark == "" {
			r.Undo = map[string]string{keyUndo: u}
		}
		return r, nil
	case saidAlready, saidNotFound:
		r.Already = true
		return r, nil
	case saidChanged:
		return revoke.Receipt{}, fmt.Errorf("%w (%s)", revoke.ErrChanged, r.Detail)
	case saidManual:
		return revoke.Receipt{}, fmt.Errorf("%w: %s", revoke.ErrByHand, strings.TrimSpace(a.Detail+" "+a.URL))
	}
	words := failures[a.Status]
	if words == "" {
		words = "answers with a status that is not known"
	}
	if a.Detail != "" {
		words += ": " + a.Detail
	}
	if a.RetryAfter > 0 {
		words += fmt.Sprintf("; it may be tried again in %d s", a.RetryAfter)
	}
	return revoke.Receipt{}, errors.New("the plugin " + words)
}
