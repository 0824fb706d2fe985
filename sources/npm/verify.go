package npm

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// What a registry says to a token.
const (
	accepted = "accepted" // it answers with the account's name
	refused  = "refused"  // 401, 403, or an answer as to nobody
	unclear  = "unclear"  // it is not reached, or has other troubles
)

// try asks the registry with the token itself who it is. It changes nothing.
func (s *Source) try(ctx context.Context, c *httpx.Client, v inventory.Value) (string, error) {
	_, err := who(ctx, c, httpx.Request{As: httpx.Bearer(httpx.Held(v))})
	return outcome(err), err
}

func outcome(err error) string {
	switch status := httpx.Status(err); {
	case err == nil:
		return accepted
	case errors.Is(err, errNobody), status == http.StatusUnauthorized, status == http.StatusForbidden:
		return refused
	}
	return unclear
}

// control shows that the question is fair: the registry answers another credential by name, or, where that is the one that
// was ended, is there at all.
func (s *Source) control(ctx context.Context, c *httpx.Client) (string, bool) {
	if _, err := who(ctx, c, httpx.Request{}); err == nil {
		return "and the control was accepted", true
	}
	if _, err := c.Do(ctx, httpx.Request{Path: pathPing, Anonymous: true}); err == nil {
		return "and the registry answers others", true
	}
	return "and nothing else is answered either", false
}

// Verify implements revoke.Revoker.
func (s *Source) Verify(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{At: s.now()}
	c, err := s.acting(ctx, step)
	if err != nil {
		return p, err
	}
	listed, listErr := s.listed(ctx, c, step.Params[paramKey])
	v, err := s.held(ctx, step.Target, step.Params[paramOwn])
	if err != nil {
		p.Grade, p.Detail = byList(listed, listErr)
		return p, nil
	}
	what, tryErr := s.try(ctx, c, v)
	fair, ok := s.control(ctx, c)
	switch {
	case what == accepted && listed == gone:
		p.Grade, p.Detail = revoke.Alive, "STILL ALIVE: the registry answered the revocation and lists the token no more, and it still accepts it"
	case what == accepted:
		p.Grade, p.Detail = revoke.Alive, "STILL ALIVE: the registry still accepts the token"
	case what == unclear:
		p.Grade, p.Detail = byList(listed, listErr)
		p.Detail += "; the token itself could not be tried: " + inventory.Clean(tryErr.Error())
	case !ok:
		p.Grade, p.Detail = revoke.Unproven, "the token is refused "+fair
	case listed == there:
		p.Grade, p.Detail = revoke.Alive, "STILL ALIVE: the registry still lists the token, though it refuses it from here"
	case r.Seen[beforeToken] == beforeAccepted, step.Params[paramKey] != "" && httpx.Status(tryErr) != http.StatusForbidden, listed == gone && step.Params[paramFrom] == "":
		p.Grade, p.Detail = revoke.Proven, "the token is refused ("+said(tryErr)+") "+fair
	default: // 403 is said to a token that is bound to other addresses as well, while it lives
		p.Grade, p.Detail = byList(listed, listErr)
		p.Detail += "; the token is refused, but it was refused before as well, so that proves nothing"
	}
	return p, nil
}

// said is the registry's answer in words.
func said(err error) string {
	switch status := httpx.Status(err); {
	case status != 0:
		return strconv.Itoa(status) + " " + http.StatusText(status)
	case errors.Is(err, errNobody):
		return "answered as nobody"
	}
	return inventory.Clean(err.Error())
}

// What the list says of a token.
const (
	there   = "there"
	gone    = "gone"
	unknown = "unknown"
)

// listed looks for a key in the list. A token without a key is in no list.
func (s *Source) listed(ctx context.Context, c *httpx.Client, key string) (string, error) {
	if key == "" {
		return unknown, nil
	}
	t, err := find(ctx, c, key)
	switch {
	case err != nil:
		return unknown, err
	case t != nil:
		return there, nil
	}
	return gone, nil
}

// byList is what the list alone proves.
func byList(listed string, err error) (revoke.Grade, string) {
	switch {
	case listed == there:
		return revoke.Alive, "STILL ALIVE: the registry still lists the token"
	case listed == gone:
		return revoke.Attested, "the registry lists the token no more"
	case err != nil:
		return revoke.Unproven, "the list cannot be read: " + inventory.Clean(err.Error())
	}
	return revoke.Accepted, "the registry took the request; nothing shows the effect"
}

// Recover implements revoke.Recoverer: ending a token by its key can be asked again, and the list says whether it was done.
func (s *Source) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	c, err := s.acting(ctx, step)
	if err != nil {
		return revoke.Receipt{}, "", err
	}
	switch listed, err := s.listed(ctx, c, step.Params[paramKey]); {
	case err != nil:
		return revoke.Receipt{}, "", err
	case listed == there:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	case listed == gone:
		return revoke.Receipt{At: s.now(), Detail: "found done: the registry lists it no more"}, revoke.StateDone, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}
