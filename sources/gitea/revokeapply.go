package gitea

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// undoWas is the key of [revoke.Receipt.Undo]: what was before.
const undoWas = "was"

// Apply implements revoke.Revoker. It looks at what it is about to change first, and refuses with revoke.ErrChanged where
// that is not what was planned any more. Everything that it sends may be sent twice.
func (s *Source) Apply(ctx context.Context, st revoke.Step) (revoke.Receipt, error) {
	if !s.opt.Revoke || s.env.ReadOnly {
		return revoke.Receipt{}, revoke.ErrReadOnly
	}
	a, err := s.revoking()
	if err != nil {
		return revoke.Receipt{}, err
	}
	if r, ok, err := s.rotate(ctx, a, st); ok {
		return r, err
	}
	x := applying{Source: s, api: a, st: st, p: placeIn(st), ctx: httpx.Armed(ctx, st.ID)}
	do, ok := map[string]func() (revoke.Receipt, error){
		aToken: x.token, aKey: x.key, aPublic: x.publicKey, anApp: x.app, aUser: x.suspend, aGrant: x.grant, aMember: x.leave, aSecret: x.listed, aRunner: x.listed,
	}[x.p.kind]
	if !ok {
		return revoke.Receipt{}, errors.New("the step says nothing that this source can do")
	}
	r, err := do()
	r.At = s.env.Now()
	return r, err
}

// applying is one step on its way.
type applying struct {
	*Source
	api *api
	ctx context.Context
	st  revoke.Step
	p   place
}

func done(detail string) (revoke.Receipt, error) { return revoke.Receipt{Detail: detail}, nil }

func already(detail string) (revoke.Receipt, error) {
	return revoke.Receipt{Detail: detail, Already: true}, nil
}

// send sends what changes something. gone says that the server answered 404: somebody else was first, for it was there a
// moment ago.
func (x applying) send(a *api, r httpx.Request) (gone bool, err error) {
	r.Idempotent = true
	_, err = a.Do(x.ctx, r)
	if httpx.Status(err) == http.StatusNotFound {
		return true, nil
	}
	if err != nil {
		return false, refusal(x.st.Summary, err)
	}
	return false, nil
}

// token ends a token: by itself where it is in hand and may, else with the credential for revoking.
func (x applying) token() (revoke.Receipt, error) {
	if h, ok := revoke.HeldFor(x.ctx, x.st.Target); ok && x.st.Params[paramSelf] != "no" {
		r, err := x.itself(h)
		if err == nil || x.p.id == "" || x.ctx.Err() != nil {
			return r, err
		}
	}
	t, err := x.api.token(x.ctx, x.p)
	switch {
	case err != nil:
		return revoke.Receipt{}, refusal("looking for the token", err)
	case t == nil:
		return already("the server lists it no more")
	case x.st.Params[paramName] != "" && t.Name != x.st.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	gone, err := x.send(x.api, httpx.Request{Method: http.MethodDelete, Path: x.p.path(), As: x.api.basic})
	if err != nil {
		return revoke.Receipt{}, err
	}
	if gone {
		return already("somebody else had deleted it")
	}
	return done("204: deleted")
}

const textUnknown = "the server does not know it: it is dead, or of another server"

var errNotItself = errors.New("the token may not end itself: it lacks write:user; an administrator can")

// itself lets a token delete itself. Gitea wants HTTP Basic for that, with the token as the password.
func (x applying) itself(h revoke.Held) (revoke.Receipt, error) {
	a, err := x.holding(h.Value)
	if err != nil {
		return revoke.Receipt{}, err
	}
	me, err := a.who(x.ctx)
	switch httpx.Status(err) {
	case http.StatusUnauthorized:
		return already(textUnknown)
	case http.StatusForbidden:
		return revoke.Receipt{}, errNotItself
	}
	if err != nil {
		return revoke.Receipt{}, refusal("asking whose it is", err)
	}
	list, err := all[tokenAnswer](x.ctx, a, ask{path: httpx.Path("/users/%s/tokens", me.Login), basic: true})
	i := slices.IndexFunc(list, func(t tokenAnswer) bool { return endsIn(h.Value, t.Tail) && (x.p.id == "" || itoa(t.ID) == x.p.id) })
	if err != nil || i < 0 {
		return revoke.Receipt{}, cmp.Or(err, revoke.ErrChanged)
	}
	_, err = x.send(a, httpx.Request{Method: http.MethodDelete, Path: httpx.Path("/users/%s/tokens/%s", me.Login, itoa(list[i].ID)), As: a.basic})
	if httpx.Status(err) == http.StatusForbidden {
		return revoke.Receipt{}, errNotItself
	}
	if err != nil && httpx.Status(err) != http.StatusUnauthorized { // sent twice, the second time it knows itself no more
		return revoke.Receipt{}, err
	}
	return done("deleted by itself")
}

// holding makes a client that signs in with a token that is in hand.
func (s *Source) holding(v inventory.Value) (*api, error) { return s.open("", httpx.Held(v), nil) }

func (x applying) key() (revoke.Receipt, error) {
	var k keyAnswer
	_, err := x.api.Get(x.ctx, x.p.path(), nil, &k)
	switch {
	case httpx.Status(err) == http.StatusNotFound:
		return already("the server knows no such key")
	case err != nil:
		return revoke.Receipt{}, refusal("looking for the key", err)
	case x.st.Params[paramName] != "" && k.Title != x.st.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	if _, err := x.send(x.api, httpx.Request{Method: http.MethodDelete, Path: x.p.path()}); err != nil {
		return revoke.Receipt{}, err
	}
	return done("204, which Gitea answers to a key that is not there too")
}

func (x applying) publicKey() (revoke.Receipt, error) {
	k, err := x.api.publicKey(x.ctx, x.p)
	switch {
	case err != nil:
		return revoke.Receipt{}, refusal("looking for the key", err)
	case k == nil:
		return already("the server lists it no more")
	case x.st.Params[paramName] != "" && k.Title != x.st.Params[paramName]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	at := x.p.path()
	if x.st.Params[paramSelf] == "yes" {
		at = httpx.Path("/user/keys/%s", x.p.id)
	}
	gone, err := x.send(x.api, httpx.Request{Method: http.MethodDelete, Path: at})
	switch {
	case err != nil:
		return revoke.Receipt{}, err
	case gone:
		return already("somebody else had deleted it")
	}
	return done("204: deleted")
}

func (x applying) app() (revoke.Receipt, error) {
	gone, err := x.send(x.api, httpx.Request{Method: http.MethodDelete, Path: x.p.path(), Header: x.p.header()})
	switch {
	case err != nil:
		return revoke.Receipt{}, err
	case gone:
		return already("there was no such application")
	}
	return done("204: deleted")
}

// prohibit says whether an account may sign in. Gitea wants login_name with every change: it is sent as it is, and where
// it is empty, as it is for accounts of the server itself, the login, which means nothing there.
func (x applying) prohibit(u userAnswer, on bool) error {
	body := map[string]any{"source_id": u.Source, "login_name": cmp.Or(u.LoginName, u.Login), "prohibit_login": on}
	_, err := x.send(x.api, httpx.Request{Method: http.MethodPatch, Path: httpx.Path("/admin/users/%s", u.Login), Body: body})
	return err
}

func (x applying) suspend() (revoke.Receipt, error) {
	u, err := x.api.account(x.ctx, x.p.login)
	switch {
	case err != nil:
		return revoke.Receipt{}, refusal("looking at the account", err)
	case u.Prohibit:
		return already("it may not sign in as it is")
	}
	if err := x.prohibit(u, true); err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{Detail: "200: suspended", Undo: map[string]string{undoWas: "signs in"}}, nil
}

// collaborates tells whether the account is a collaborator, and its level.
func (a *api) collaborates(ctx context.Context, p place) (level string, is bool, err error) {
	_, err = a.Get(ctx, p.path(), nil, nil)
	if httpx.Status(err) == http.StatusNotFound {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	var l permissionAnswer
	_, err = a.Get(ctx, p.path()+"/permission", nil, &l)
	return l.Permission, true, err
}

func (x applying) grant() (revoke.Receipt, error) {
	level, is, err := x.api.collaborates(x.ctx, x.p)
	want := x.st.Params[paramLevel]
	switch {
	case err != nil:
		return revoke.Receipt{}, refusal("looking at the access", err)
	case !is || want != "" && level == want:
		return already("it had no more than that")
	case want != "" && level != x.st.Params[paramWas]:
		return revoke.Receipt{}, revoke.ErrChanged
	}
	if want == "" {
		_, err = x.send(x.api, httpx.Request{Method: http.MethodDelete, Path: x.p.path()})
		if err != nil {
			return revoke.Receipt{}, err
		}
		r := revoke.Receipt{Detail: "204: taken away"}
		if was := x.st.Params[paramWas]; was != "" {
			r.Undo = map[string]string{undoWas: was}
		}
		return r, nil
	}
	if _, err = x.send(x.api, httpx.Request{Method: http.MethodPut, Path: x.p.path(), Body: map[string]string{"permission": want}}); err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{Detail: "204: " + want, Undo: map[string]string{undoWas: level}}, nil
}

func (x applying) leave() (revoke.Receipt, error) {
	list, err := all[userAnswer](x.ctx, x.api, ask{path: httpx.Path("/teams/%s/members", x.p.id)})
	if err != nil {
		return revoke.Receipt{}, refusal("looking at the team", err)
	}
	if !x.api.isMember(x.p, list) {
		return already("it was not in the team")
	}
	if _, err := x.send(x.api, httpx.Request{Method: http.MethodDelete, Path: x.p.path()}); err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{Detail: "204: out of the team", Undo: map[string]string{undoWas: "member"}}, nil
}

// stands tells whether a secret or a runner of Actions is in its list.
func (a *api) stands(ctx context.Context, p place) (bool, error) {
	if p.kind == aRunner {
		rs, err := a.runners(ctx, p.list())
		return slices.ContainsFunc(rs, func(r runnerAnswer) bool { return itoa(r.ID) == p.id }), err
	}
	names, err := all[secretAnswer](ctx, a, ask{path: p.list()})
	return slices.ContainsFunc(names, func(n secretAnswer) bool { return strings.EqualFold(n.Name, p.id) }), err
}

func (x applying) listed() (revoke.Receipt, error) {
	is, err := x.api.stands(x.ctx, x.p)
	if err != nil {
		return revoke.Receipt{}, refusal("looking for it", err)
	}
	if !is {
		return already("it stood in the list no more")
	}
	gone, err := x.send(x.api, httpx.Request{Method: http.MethodDelete, Path: x.p.path()})
	if err != nil {
		return revoke.Receipt{}, err
	}
	if gone {
		return already("somebody else had deleted it")
	}
	return done("204: deleted")
}

// Undo implements revoke.Undoer: it lifts a suspension, gives back an access that was narrowed or taken, and puts back into
// a team.
func (s *Source) Undo(ctx context.Context, st revoke.Step, r revoke.Receipt) (revoke.Receipt, error) {
	if !s.opt.Revoke || s.env.ReadOnly {
		return revoke.Receipt{}, revoke.ErrReadOnly
	}
	a, err := s.revoking()
	if err != nil {
		return revoke.Receipt{}, err
	}
	x := applying{Source: s, api: a, st: st, p: placeIn(st), ctx: httpx.Armed(ctx, "undo "+st.ID)}
	was := r.Undo[undoWas]
	out := revoke.Receipt{At: s.env.Now(), Detail: "put back"}
	switch {
	case was == "":
		return revoke.Receipt{}, errors.New("the step left nothing to put back")
	case x.p.kind == aUser:
		u, err := a.account(ctx, x.p.login)
		if err != nil {
			return revoke.Receipt{}, refusal("looking at the account", err)
		}
		if !u.Prohibit {
			out.Already = true
			return out, nil
		}
		return out, x.prohibit(u, false)
	case x.p.kind == aMember:
		_, err := x.send(a, httpx.Request{Method: http.MethodPut, Path: x.p.path()})
		return out, err
	case x.p.kind == aGrant:
		level, is, err := a.collaborates(ctx, x.p)
		switch {
		case err != nil:
			return revoke.Receipt{}, refusal("looking at the access", err)
		case is && level == was:
			out.Already = true
			return out, nil
		case is != (x.st.Params[paramLevel] != "") || level != x.st.Params[paramLevel]:
			return revoke.Receipt{}, fmt.Errorf("%w: it is %s now", revoke.ErrChanged, cmp.Or(level, "no collaborator"))
		}
		_, err = x.send(a, httpx.Request{Method: http.MethodPut, Path: x.p.path(), Body: map[string]string{"permission": was}})
		return out, err
	}
	return revoke.Receipt{}, errors.New("the step cannot be taken back")
}
