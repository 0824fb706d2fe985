package npm

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/self"
)

// Keys of revoke.Step.Params.
const (
	paramBase = "base" // of the registry, so that a step is not carried out at another one
	paramKey  = "key"  // of the token; "" for a token that ends itself
	paramOwn  = "own"  // the key of our own configuration under which the value stands, where the token is nhitop's own
	paramFrom = "from" // "yes": the registry takes the token from some addresses only
)

// horizon is how long a registry may take until every part of it knows.
const horizon = 20 * time.Second

// Plan implements revoke.Revoker. A token is known by its address below this registry; one that stands in a file and is in
// no list (it was made by logging in) by the registry's name beside it.
func (s *Source) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil || !slices.Contains([]string{"", revoke.ActionRevoke, revoke.ActionAll}, t.Action) {
		return nil, nil
	}
	var steps []revoke.Step
	if x := snap.Secret(t.ID); x != nil {
		steps = s.steps(ctx, x, snap)
	}
	if a := snap.Assistant(t.ID); a != nil && t.Action == revoke.ActionAll {
		for _, id := range a.Secrets {
			// What it inherits belongs to the person, and is not its to lose.
			if x := snap.Secret(id); x != nil && !x.Ambient {
				steps = append(steps, s.steps(ctx, x, snap)...)
			}
		}
	}
	return steps, ctx.Err()
}

// keyOf returns the key of a token that this registry lists.
func (s *Source) keyOf(x *inventory.Secret) string {
	for _, l := range x.Locations {
		if key, ok := strings.CutPrefix(l.Path, s.o.URL+pathToken); ok && l.Scope == inventory.ScopeProvider && key != "" {
			return key
		}
	}
	return ""
}

// stands reports whether a token stands in a file for this registry: //host/path/:_authToken.
func (s *Source) stands(x *inventory.Secret) bool {
	u, err := url.Parse(s.o.URL)
	return err == nil && x.Kind == kind && slices.ContainsFunc(x.Locations, func(l inventory.Location) bool {
		p := strings.NewReplacer("~1", "/", "~0", "~").Replace(l.Pointer)
		return strings.HasPrefix(p, "///"+u.Host+strings.TrimRight(u.Path, "/")+"/:")
	})
}

// steps are what ends one token.
func (s *Source) steps(ctx context.Context, x *inventory.Secret, snap *inventory.Snapshot) []revoke.Step {
	own := s.own(x)
	_, err := s.held(ctx, x.ID, own)
	return s.end(x, snap, own, err == nil)
}

// end is the step that ends a token: by its key, or where it has none and is at hand, by itself.
func (s *Source) end(x *inventory.Secret, snap *inventory.Snapshot, own string, held bool) []revoke.Step {
	key := s.keyOf(x)
	if key == "" && !(held && s.stands(x)) {
		return nil
	}
	name := "npm token"
	if x.Hint != "" {
		name += " …" + x.Hint
	}
	if x.Account != "" {
		name += " of " + x.Account
	}
	st := revoke.Step{
		Source: s.name, Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: x.ID, TargetName: inventory.Clean(name),
		Summary: fmt.Sprintf("revoke %s at %s", inventory.Clean(name), s.host()), Request: "DELETE " + s.o.URL + pathToken + inventory.Clean(key),
		Effect: "the registry forgets the token; it cannot be brought back, only a new one can be made", Breaks: s.breaks(x, snap),
		Residual: "packages that were published with it stay published; look at them", Horizon: horizon, Promises: revoke.Attested,
		Params: map[string]string{paramBase: s.o.URL, paramKey: key},
	}
	if own != "" {
		st.Params[paramOwn] = own
	}
	if slices.ContainsFunc(x.Scopes, func(w string) bool { return strings.HasPrefix(w, scopeFrom) }) {
		st.Params[paramFrom] = "yes"
	}
	if key == "" {
		st.Request = "DELETE " + s.o.URL + strings.ReplaceAll(pathLogout, "{secret}", "$SECRET") + "\n# with the token itself"
		st.Effect = "the token logs itself out; a registry may say so and go on accepting it, so it is tried afterwards"
		st.Residual += revoke.Also + "the account's password, from which such a token is made"
	}
	if held {
		st.Promises = revoke.Proven
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{s.name, st.Request, string(x.ID)}, "\x00")))
	st.ID = hex.EncodeToString(sum[:8])
	return []revoke.Step{st}
}

// own returns under which of our keys a token stands that is nhitop's own; "" for any other.
func (s *Source) own(x *inventory.Secret) string {
	if !slices.Contains(x.Assistants, self.ID) {
		return ""
	}
	for _, r := range []struct {
		key string
		ref credref.Ref
	}{{"token", s.o.Token}, {"revoke_token", s.o.RevokeToken}} {
		if !r.ref.IsZero() && slices.ContainsFunc(x.Locations, func(l inventory.Location) bool { return l == self.Place(r.ref) }) {
			return r.key
		}
	}
	return ""
}

// held returns the value of a token: the one in hand, or for nhitop's own what the configuration leads to.
func (s *Source) held(ctx context.Context, id inventory.ID, own string) (inventory.Value, error) {
	h, ok := revoke.HeldFor(ctx, id)
	switch {
	case ok:
		return h.Value, nil
	case own == "token":
		return s.o.Token.Read(ctx, s.lookup)
	case own != "":
		return s.o.RevokeToken.Read(ctx, s.lookup)
	}
	return inventory.Value{}, revoke.ErrNotHeld
}

// breaks names who stops working.
func (s *Source) breaks(x *inventory.Secret, snap *inventory.Snapshot) string {
	var names []string
	for _, a := range snap.AssistantsOf(x.ID) {
		if !slices.Contains(names, a.Name) {
			names = append(names, inventory.Clean(a.Name))
		}
	}
	for _, l := range x.Locations {
		if l.Scope == inventory.ScopeCI {
			names = append(names, "jobs that use "+inventory.Clean(l.Path))
		}
	}
	const most = 6
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return cmp.Or(strings.Join(names, revoke.Also), "whoever publishes with it: who that is, the registry does not tell")
}

// acting makes a client with the credential that may end tokens.
func (s *Source) acting(ctx context.Context, step revoke.Step) (*httpx.Client, error) {
	if step.Params[paramBase] != s.o.URL {
		return nil, fmt.Errorf("%w: the step is for another registry", revoke.ErrChanged)
	}
	ref := s.o.RevokeToken
	if ref.IsZero() {
		ref = s.o.Token
	}
	v, err := ref.Read(ctx, s.lookup)
	if err != nil {
		return nil, fmt.Errorf("the credential of %s: %w", s.host(), err)
	}
	return s.client(httpx.Held(v), nil)
}

// Words of Receipt.Seen.
const (
	beforeToken    = revoke.SeenBefore // what the registry said to the token itself before the act
	beforeAccepted = revoke.SeenAccepted
	beforeRefused  = "refused"
)

// Apply implements revoke.Revoker.
func (s *Source) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	if err := s.mayRevoke(); err != nil {
		return revoke.Receipt{}, err
	}
	if step.Action != revoke.ActionRevoke {
		return revoke.Receipt{}, fmt.Errorf("%s does not know how to %s", s.name, inventory.Clean(step.Action))
	}
	c, err := s.acting(ctx, step)
	if err != nil {
		return revoke.Receipt{}, err
	}
	r := revoke.Receipt{At: s.now()}
	held, heldErr := s.held(ctx, step.Target, step.Params[paramOwn])
	if heldErr == nil {
		switch what, _ := s.try(ctx, c, held); what {
		case accepted:
			r.Seen = map[string]string{beforeToken: beforeAccepted}
			if err := revoke.SawAccepted(ctx); err != nil {
				return revoke.Receipt{}, errors.Join(err, revoke.ErrUntouched)
			}
		case refused:
			r.Seen = map[string]string{beforeToken: beforeRefused}
		}
	}
	if step.Params[paramKey] == "" {
		if heldErr != nil {
			return revoke.Receipt{}, heldErr
		}
		return s.logout(ctx, c, step, held, r)
	}
	return s.remove(ctx, c, step, r)
}

// remove ends a token by its key.
func (s *Source) remove(ctx context.Context, c *httpx.Client, step revoke.Step, r revoke.Receipt) (revoke.Receipt, error) {
	key := step.Params[paramKey]
	t, err := find(ctx, c, key)
	if err != nil {
		return revoke.Receipt{}, err
	}
	if t == nil {
		r.Already, r.Detail = true, "the registry did not list it any more"
		return r, nil
	}
	h, err := s.otp(ctx)
	if err != nil {
		return revoke.Receipt{}, err
	}
	resp, err := c.Do(httpx.Armed(ctx, step.ID), httpx.Request{Method: http.MethodDelete, Path: httpx.Path(pathToken+"%s", key), Header: h, Idempotent: true})
	if err != nil {
		return s.refusal(ctx, c, key, r, err)
	}
	r.Detail = fmt.Sprintf("the registry answered %d", resp.Status)
	return r, nil
}

// refusal tells why a token was not ended. One that is gone meanwhile was ended by somebody else, or by an attempt of ours
// whose answer was lost.
func (s *Source) refusal(ctx context.Context, c *httpx.Client, key string, r revoke.Receipt, err error) (revoke.Receipt, error) {
	var se *httpx.StatusError
	if !errors.As(err, &se) {
		return revoke.Receipt{}, err
	}
	switch se.Status {
	case http.StatusNotFound, http.StatusGone:
		if t, e := find(ctx, c, key); e == nil && t == nil {
			r.Already, r.Detail = true, "the registry did not know it any more"
			return r, nil
		}
	case http.StatusUnauthorized:
		if s.o.OTP.IsZero() {
			return revoke.Receipt{}, fmt.Errorf(`%w (it may ask for a one-time password: set otp = { command = [...] } in its table, or end the token on the registry's site)`, err)
		}
	case http.StatusForbidden:
		return revoke.Receipt{}, fmt.Errorf("%w (the credential may not end tokens: set revoke_token to one that may write)", err)
	}
	return revoke.Receipt{}, err
}

// otp is the header with a one-time password, where one is configured.
func (s *Source) otp(ctx context.Context) (http.Header, error) {
	if s.o.OTP.IsZero() {
		return nil, nil
	}
	v, err := s.o.OTP.Read(ctx, s.lookup)
	if err != nil {
		return nil, fmt.Errorf("otp: %w", err)
	}
	r := &http.Request{Header: http.Header{}}
	err = httpx.Header("Npm-Otp", "", httpx.Held(v))(ctx, r)
	return r.Header, err
}

// logout has a token end itself.
func (s *Source) logout(ctx context.Context, c *httpx.Client, step revoke.Step, v inventory.Value, r revoke.Receipt) (revoke.Receipt, error) {
	if r.Seen[beforeToken] == beforeRefused {
		r.Already, r.Detail = true, "the registry did not accept it any more"
		return r, nil
	}
	resp, err := c.Do(httpx.Armed(ctx, step.ID), httpx.Request{Method: http.MethodDelete, Path: pathLogout, Secret: v, As: httpx.Bearer(httpx.Held(v)), Idempotent: true})
	if s := httpx.Status(err); err != nil && s != http.StatusUnauthorized && s != http.StatusNotFound {
		return revoke.Receipt{}, err
	}
	r.Detail = fmt.Sprintf("the registry answered %d", resp.Status)
	return r, nil
}
