package objects

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Planning gathers the steps for one target.
type Planning struct {
	*Desk
	Ctx  context.Context
	Snap *inventory.Snapshot
	Want string // action; "" or revoke.ActionAll: what fits
	Held bool   // for a credential in hand
	// Contain leaves out what cannot be taken back.
	Contain bool
	Steps   []revoke.Step
}

// Wants reports whether a step of this action was asked for.
func (b *Planning) Wants(action string) bool {
	return b.Want == "" || b.Want == revoke.ActionAll || b.Want == action
}

// Paths are the objects of a secret at this provider.
func (b *Planning) Paths(x *inventory.Secret) []string {
	var out []string
	for _, l := range x.Locations {
		if p := b.Below(l.Path); p != "" && b.KindOf(p) != nil && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// Secret plans the end of a credential: of each object that it is here. It returns the ids of the steps.
func (b *Planning) Secret(x *inventory.Secret) ([]string, error) {
	var ids []string
	var errs []error
	for _, path := range b.Paths(x) {
		done, err := b.Object(x.ID, path, b.Breaks(x), nil)
		ids, errs = append(ids, done...), append(errs, err)
	}
	return ids, errors.Join(errs...)
}

// Object plans every change of an object that is asked for and not so already, each behind the one before it, and all
// after the steps that must be done first. It is looked at before: what this credential may not see, a person must do. It
// returns the ids of the steps.
func (b *Planning) Object(target inventory.ID, path, breaks string, after []string) ([]string, error) {
	k := b.KindOf(path)
	if k == nil {
		return nil, nil
	}
	var ids []string
	for _, what := range k.Changes {
		c := b.Changes[what]
		if !b.Wants(c.Action) {
			continue
		}
		o, err := b.Read(b.Ctx, path, what)
		switch status := httpx.Status(err); {
		case errors.Is(err, ErrGone):
			return ids, nil // it is gone already, and what is gone needs no step
		case errors.Is(err, ErrMayNot), status == http.StatusUnauthorized, status == http.StatusForbidden:
			return append(ids, b.byHand(target, path, k, c, breaks, "nhitop's credential may not see it ("+clean(err)+")", after)), nil
		case err != nil:
			return ids, err
		}
		switch {
		case c.done(o.State):
			continue
		case b.Contain && !takenBack(c, path, o.State), b.Want != c.Action && c.Back != nil && o.State == Unknown:
			continue // a containment of which nobody knows the way back is done when it is asked for, and not by the way
		case o.ByHand != "":
			return append(ids, b.byHand(target, path, k, c, breaks, o.ByHand, after)), nil
		}
		ids = append(ids, b.Add(b.step(target, path, what, fmt.Sprintf("%s %q", k.Name, o.Name), o, breaks, after, ids)))
	}
	return ids, nil
}

// Known plans the changes of an object from what the inventory knows of it, without asking: its label for people, and how
// it stands. It is for a credential in hand, which [Desk.Fits] holds against the object before the act.
func (b *Planning) Known(target inventory.ID, path, label, state, breaks string) {
	k := b.KindOf(path)
	if k == nil {
		return
	}
	var ids []string
	for _, what := range k.Changes {
		c := b.Changes[what]
		if !b.Wants(c.Action) || c.done(state) {
			continue
		}
		ids = append(ids, b.Add(b.step(target, path, what, label, &Object{State: state}, breaks, nil, ids)))
	}
}

func (b *Planning) step(target inventory.ID, path, what, name string, o *Object, breaks string, after, behind []string) revoke.Step {
	k, c := b.KindOf(path), b.Changes[what]
	_, back := c.back(path, o.State)
	s := revoke.Step{
		Action: c.Action, Layer: c.Layer, Target: target, TargetName: name, Summary: fmt.Sprintf(c.Does, name) + " at " + b.Provider,
		Request: c.Method + " " + b.Client.URL(path+c.Rest) + shown(c.Body), Effect: c.Effect, Breaks: joined(breaks, o.Breaks), Reversible: back,
		Residual: joined(c.Residual, o.Residual), Ends: slices.Concat(c.Lasts, o.Lasts), Ties: revoke.Ties(c.Residual, target, c.Tied...), Horizon: c.Horizon, Promises: revoke.Attested, After: slices.Clone(after), Behind: slices.Clone(behind),
		Params: map[string]string{ParamPath: path, ParamWhat: what, ParamWas: o.State, ParamName: o.Name},
	}
	switch {
	case k.Key && c.Ends && b.Held:
		s.Promises = revoke.Proven
	case o.State == Unknown:
		s.Promises = revoke.Accepted
	}
	if b.Held {
		s.Params[ParamHeld] = "yes"
	}
	return s
}

func takenBack(c *Change, path, was string) bool {
	_, ok := c.back(path, was)
	return ok
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), revoke.Also)
}

func shown(body map[string]any) string {
	if len(body) == 0 {
		return ""
	}
	data, err := json.Marshal(body)
	if err != nil {
		return ""
	}
	return " " + string(data)
}

// Add takes a step in, under the source's name and with an id of its own, and returns the id.
func (b *Planning) Add(step revoke.Step) string {
	step.Source = b.Source
	step.TargetName, step.Summary, step.Effect = inventory.Clean(step.TargetName), inventory.Clean(step.Summary), inventory.Clean(step.Effect)
	step.Residual, step.Breaks, step.Request = inventory.Clean(step.Residual), inventory.Clean(step.Breaks), inventory.Clean(step.Request)
	if step.ID == "" {
		parts := []string{step.Source, step.Action, string(step.Target)}
		for _, k := range inventory.SortedKeys(step.Params) {
			parts = append(parts, k, step.Params[k])
		}
		h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
		step.ID = hex.EncodeToString(h[:8])
	}
	if !slices.ContainsFunc(b.Steps, func(x revoke.Step) bool { return x.ID == step.ID }) {
		b.Steps = append(b.Steps, step)
	}
	return step.ID
}

// IDs are those of the steps so far.
func (b *Planning) IDs() []string {
	var out []string
	for _, s := range b.Steps {
		out = append(out, s.ID)
	}
	return out
}

// PutBehind lets the steps about an object wait until others have ended, well or not.
func (b *Planning) PutBehind(path string, ids []string) {
	for i := range b.Steps {
		if s := &b.Steps[i]; s.Params[ParamPath] == path {
			s.Behind = append(s.Behind, ids...)
		}
	}
}

// byHand adds what a person must do, because the credential to act with may not. It is seen done by reading back.
func (b *Planning) byHand(target inventory.ID, path string, k *Kind, c *Change, breaks, why string, after []string) string {
	place := b.Provider
	if b.Place != nil {
		place = cmp.Or(b.Place(path), place)
	}
	return b.Add(revoke.Step{
		Action: revoke.ActionManual, Layer: c.Layer, Target: target, TargetName: k.Name, Summary: fmt.Sprintf("by hand: %s on %s", fmt.Sprintf(c.Does, "the "+k.Name+" of "+path), place),
		Effect: why, Breaks: breaks, After: slices.Clone(after), Residual: c.Residual, Ends: c.Lasts, Ties: revoke.Ties(c.Residual, target, c.Tied...), Promises: revoke.Attested,
		Params: map[string]string{ParamPath: path, ParamWhat: ""},
	})
}

// Breaks names who stops working with a secret.
func (b *Planning) Breaks(x *inventory.Secret) string {
	var out []string
	if b.Snap != nil {
		for _, a := range b.Snap.AssistantsOf(x.ID) {
			if line := a.Name + " stops working with it"; !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	const most = 6
	if len(out) > most {
		out = append(out[:most], fmt.Sprintf("%d more", len(out)-most))
	}
	if !x.LastUsed.IsZero() {
		out = append(out, "it was used last on "+x.LastUsed.UTC().Format("2006-01-02"))
	}
	return strings.Join(out, revoke.Also)
}

// Note is what a secret's place at this provider is called.
func (b *Planning) Note(x *inventory.Secret, path string) string {
	for _, l := range x.Locations {
		if b.Below(l.Path) == path {
			return l.Note
		}
	}
	return ""
}

// ByHint finds, for a credential in hand that the inventory does not know by its value, the one secret of its kind at this
// provider that ends as it does; nil where none or several do. Whether it really is that one is looked at before the act.
func (b *Planning) ByHint(h revoke.Held, issuer string) *inventory.Secret {
	if b.Snap == nil || h.Issuer != issuer || h.Value.Hint() == "" {
		return nil
	}
	var found []*inventory.Secret
	r := b.Snap.Records()
	for i := range r.Secrets {
		if x := &r.Secrets[i]; x.Issuer == issuer && x.Hint != "" && strings.HasSuffix(h.Value.Hint(), x.Hint) && x.Kind == h.Kind && len(b.Paths(x)) > 0 {
			found = append(found, x)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}
