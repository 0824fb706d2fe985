package gitea

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
)

// Verify implements revoke.Revoker. A token is proven dead by itself: the server answers 401 to it, with another text than
// it has for nobody at all, and is seen to be up. Everything else is attested by what the server says when it is asked
// again. 403 is never death: the server gives it to a living token without the scope, and to every token of an account that
// is suspended.
func (s *Source) Verify(ctx context.Context, st revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	if proof, ok := s.verifyRotation(ctx, st); ok {
		handover.Told(&proof, r)
		return proof, ctx.Err()
	}
	p := placeIn(st)
	proof := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now()}
	if p.kind == "" {
		proof.Detail = "nobody can see that from here"
		return proof, nil
	}
	if p.kind == aToken {
		proof.Grade, proof.Detail = s.tokenGone(ctx, st, p, r)
		return proof, ctx.Err()
	}
	a, err := s.revoking()
	if err != nil {
		return proof, err
	}
	look := map[string]func(context.Context, *api, place, revoke.Step) (revoke.Grade, string){
		aKey: keyGone, aPublic: publicKeyGone, anApp: appGone, aUser: suspended, aGrant: granted, aMember: left, aSecret: unlisted, aRunner: unlisted,
	}[p.kind]
	proof.Grade, proof.Detail = look(ctx, a, p, st)
	return proof, ctx.Err()
}

// unclear words an answer from which nothing follows.
func unclear(what string, err error) (revoke.Grade, string) {
	return revoke.Unproven, inventory.Clean(what + ": " + err.Error())
}

// tokenGone looks whether a token is dead: by itself where nhitop has it, else by whether it is listed.
func (s *Source) tokenGone(ctx context.Context, st revoke.Step, p place, r revoke.Receipt) (revoke.Grade, string) {
	v, ok := s.held(ctx, st)
	if !ok {
		return s.unlistedToken(ctx, p)
	}
	grade, detail := s.probe(ctx, v)
	if grade == revoke.Proven && p.id == "" && r.Already {
		return revoke.Unproven, textUnknown
	}
	if grade == revoke.Unproven && p.id != "" {
		if g, d := s.unlistedToken(ctx, p); g == revoke.Attested {
			return g, d + "; " + detail
		}
	}
	return grade, detail
}

// probe asks the server for the account of a token, which changes nothing, and for the same without any credential as the
// control.
func (s *Source) probe(ctx context.Context, v inventory.Value) (revoke.Grade, string) {
	a, err := s.holding(v)
	if err != nil {
		return unclear("the token cannot be tried", err)
	}
	_, err = a.who(ctx)
	var se *httpx.StatusError
	switch {
	case err == nil:
		return revoke.Alive, "the server accepts it: 200"
	case !errors.As(err, &se):
		return unclear("the token was tried", err)
	case se.Status == http.StatusForbidden && strings.Contains(se.Message, "prohibited from signing in"):
		return revoke.Alive, "the server still knows it: 403, for its account may not sign in; it works again when that is lifted"
	case se.Status == http.StatusForbidden:
		return revoke.Alive, "the server still knows it: 403 says what it may not do, and that is no death"
	case se.Status != http.StatusUnauthorized:
		return unclear("the token was tried", err)
	}
	var up struct {
		Version string `json:"version"`
	}
	if _, err := a.Do(ctx, httpx.Request{Path: "/version", Into: &up, Anonymous: true}); err != nil || up.Version == "" {
		return revoke.Unproven, "401, and the server is not seen to be up: " + inventory.Clean(cmp.Or(text(err), "it tells no version"))
	}
	_, err = a.Do(ctx, httpx.Request{Path: "/user", Anonymous: true})
	var nobody *httpx.StatusError
	if !errors.As(err, &nobody) || nobody.Status != http.StatusUnauthorized {
		return revoke.Unproven, "401, and the server does not answer nobody as it should"
	}
	if nobody.Message == se.Message {
		// Something between here and the server takes the credential off.
		return revoke.Unproven, fmt.Sprintf("401 %q, which is what it answers without any credential: the token did not reach it", se.Message)
	}
	return revoke.Proven, fmt.Sprintf("tried: 401 %q; the server is up, and answers nobody at all %q", se.Message, nobody.Message)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// unlistedToken looks whether the list of its user's tokens, read to its end, is without it.
func (s *Source) unlistedToken(ctx context.Context, p place) (revoke.Grade, string) {
	var last error
	for _, l := range []login{s.revokes, s.reads} {
		a, err := s.client(l, nil)
		if err == nil {
			var t *tokenAnswer
			t, err = a.token(ctx, p)
			switch {
			case err == nil && t == nil:
				return revoke.Attested, fmt.Sprintf("asked again: the server lists the tokens of %s without it", inventory.Clean(p.login))
			case err == nil:
				return revoke.Alive, "asked again: the server still lists it"
			}
		}
		last = cmp.Or(last, err)
		if !s.apart {
			break
		}
	}
	return unclear("the list of tokens cannot be read", last)
}

// there is the control of a place in a repository: that the repository itself is to be seen.
func there(ctx context.Context, a *api, p place) error {
	if p.repo == "" {
		return nil
	}
	_, err := a.Get(ctx, httpx.Path("/repos/%s/%s", p.owner, p.repo), nil, nil)
	return err
}

func keyGone(ctx context.Context, a *api, p place, _ revoke.Step) (revoke.Grade, string) {
	_, err := a.Get(ctx, p.path(), nil, nil)
	if err == nil {
		return revoke.Alive, "asked again: the server still has the key"
	}
	if httpx.Status(err) != http.StatusNotFound {
		return unclear("the key cannot be asked for", err)
	}
	if err := there(ctx, a, p); err != nil {
		return unclear("the key is not there, and the repository is not to be seen either", err)
	}
	return revoke.Attested, "asked again: 404 for the key, and the repository is there"
}

func publicKeyGone(ctx context.Context, a *api, p place, _ revoke.Step) (revoke.Grade, string) {
	k, err := a.publicKey(ctx, p)
	switch {
	case err != nil:
		return unclear("the keys cannot be asked for", err)
	case k != nil:
		return revoke.Alive, "asked again: the server still lists the key"
	}
	return revoke.Attested, "asked again: the server lists the keys of " + inventory.Clean(p.login) + " without it"
}

func appGone(ctx context.Context, a *api, p place, _ revoke.Step) (revoke.Grade, string) {
	_, err := a.Do(ctx, httpx.Request{Path: p.path(), Header: p.header()})
	if err == nil {
		return revoke.Alive, "asked again: the server still has the application"
	}
	if httpx.Status(err) != http.StatusNotFound {
		return unclear("the application cannot be asked for", err)
	}
	if _, err := a.Do(ctx, httpx.Request{Path: "/user/applications/oauth2", Header: p.header()}); err != nil {
		return unclear("the application is not there, and the list of them is not to be read", err)
	}
	return revoke.Attested, "asked again: 404 for the application, and the list of them is read"
}

// suspended: the read-back of the server, told by an administrator, for to others every account looks inactive.
func suspended(ctx context.Context, a *api, p place, _ revoke.Step) (revoke.Grade, string) {
	u, err := a.account(ctx, p.login)
	switch {
	case httpx.Status(err) == http.StatusNotFound:
		return revoke.Attested, "asked again: there is no such account"
	case err != nil:
		return unclear("the account cannot be asked for", err)
	case u.Prohibit:
		return revoke.Attested, "asked again: the server says that " + inventory.Clean(p.login) + " may not sign in; its tokens are contained, not dead"
	}
	return revoke.Alive, "asked again: the server says that " + inventory.Clean(p.login) + " may sign in"
}

func granted(ctx context.Context, a *api, p place, st revoke.Step) (revoke.Grade, string) {
	level, is, err := a.collaborates(ctx, p)
	want := st.Params[paramLevel]
	switch {
	case err != nil:
		return unclear("the access cannot be asked for", err)
	case !is:
		if err := there(ctx, a, p); err != nil {
			return unclear("it is no collaborator, and the repository is not to be seen either", err)
		}
		return revoke.Attested, "asked again: it is no collaborator, and the repository is there"
	case want != "" && levels[level] <= levels[want]:
		return revoke.Attested, "asked again: it may " + inventory.Clean(level)
	}
	return revoke.Alive, "asked again: it is a collaborator that may " + inventory.Clean(level)
}

func left(ctx context.Context, a *api, p place, _ revoke.Step) (revoke.Grade, string) {
	list, err := all[userAnswer](ctx, a, ask{path: httpx.Path("/teams/%s/members", p.id)})
	switch {
	case err != nil:
		return unclear("the team cannot be asked for", err)
	case a.isMember(p, list):
		return revoke.Alive, "asked again: it is in the team"
	}
	return revoke.Attested, "asked again: the team is without it"
}

func unlisted(ctx context.Context, a *api, p place, _ revoke.Step) (revoke.Grade, string) {
	is, err := a.stands(ctx, p)
	switch {
	case err != nil:
		return unclear("the list cannot be read", err)
	case is:
		return revoke.Alive, "asked again: it still stands in the list"
	}
	return revoke.Attested, "asked again: the list is without it"
}

// VerifyUndo implements revoke.UndoVerifier.
func (s *Source) VerifyUndo(ctx context.Context, st revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	proof := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now(), Detail: "nothing was to be put back"}
	was, p := r.Undo[undoWas], placeIn(st)
	if was == "" {
		return proof, nil
	}
	a, err := s.revoking()
	if err != nil {
		return proof, err
	}
	back, said := false, ""
	switch p.kind {
	case aUser:
		var u userAnswer
		u, err = a.account(ctx, p.login)
		back, said = !u.Prohibit, "the server says that it may sign in"
	case aGrant:
		var level string
		level, _, err = a.collaborates(ctx, p)
		back, said = level == was, "it may "+level
	case aMember:
		var list []userAnswer
		list, err = all[userAnswer](ctx, a, ask{path: httpx.Path("/teams/%s/members", p.id)})
		back, said = a.isMember(p, list), "it is in the team"
	}
	switch {
	case err != nil:
		proof.Grade, proof.Detail = unclear("it cannot be asked for", err)
	case back:
		proof.Grade, proof.Detail = revoke.Attested, inventory.Clean("asked again: "+said)
	default:
		proof.Detail = "asked again: it is not as it was"
	}
	return proof, nil
}

// Recover implements revoke.Recoverer: it looks whether what the step was to do is so, and leaves the receipt that Apply
// would have given.
func (s *Source) Recover(ctx context.Context, st revoke.Step) (revoke.Receipt, string, error) {
	if r, state, ok, err := s.recoverRotation(ctx, st); ok {
		return r, state, err
	}
	p, err := s.Verify(ctx, st, revoke.Receipt{})
	if err != nil {
		return revoke.Receipt{}, revoke.StateUnknown, err
	}
	r := revoke.Receipt{At: s.env.Now(), Detail: "found done"}
	switch p.Grade {
	case revoke.Proven, revoke.Attested:
		switch at := placeIn(st); {
		case at.kind == aUser:
			r.Undo = map[string]string{undoWas: "signs in"} // it did when the step was planned
		case at.kind == aMember:
			r.Undo = map[string]string{undoWas: "member"}
		case at.kind == aGrant && st.Reversible:
			r.Undo = map[string]string{undoWas: st.Params[paramWas]}
		}
		return r, revoke.StateDone, nil
	case revoke.Alive:
		return revoke.Receipt{}, revoke.StatePlanned, nil
	}
	return revoke.Receipt{}, revoke.StateUnknown, nil
}
