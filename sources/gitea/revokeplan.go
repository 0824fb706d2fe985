package gitea

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// horizon is how long the end of a token may take to be seen. Gitea looks into its database at each request; a cache that
// stands before it may be slower.
const horizon = 10 * time.Second

// planning gathers the steps for one target.
type planning struct {
	*Source
	ctx   context.Context
	api   *api
	snap  *inventory.Snapshot
	me    userAnswer // whose the credential for revoking is
	mine  scopes     // its scopes; nil: not known, or a password
	down  error      // why the server could not be asked; what it holds is then for a person to end
	steps []revoke.Step
}

// Plan implements revoke.Revoker. It asks the server what stands at the places that the inventory names, with the
// credential for revoking, so that the plan shows what that one can do.
func (s *Source) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil {
		return nil, nil
	}
	b := &planning{Source: s, ctx: ctx, snap: snap}
	var err error
	switch x, a, r := snap.Secret(t.ID), snap.Assistant(t.ID), snap.Resource(t.ID); {
	case x != nil && (t.Action == "" || t.Action == revoke.ActionAll || t.Action == revoke.ActionRevoke || t.Action == revoke.ActionDelete):
		err = b.secret(x)
	case a != nil:
		err = b.assistant(a, t.Action)
	case r != nil && r.Kind == "runner" && (t.Action == "" || t.Action == revoke.ActionDelete):
		err = b.runner(r)
	}
	return b.steps, err
}

// begin asks whose credential will do it, once, when the first step is to be planned. That the server cannot be asked is no
// error of the plan: other sources have their part in it.
func (b *planning) begin() error {
	if b.api != nil {
		return b.ctx.Err()
	}
	var err error
	if b.api, err = b.revoking(); err != nil {
		return err
	}
	v, err := b.api.value(b.ctx)
	if err != nil {
		b.down = fmt.Errorf("the credential for revoking cannot be read: %w", err)
		return b.ctx.Err()
	}
	// With 403 it lacks read:user: whose it is stays unknown, and the server says what is missing when it is asked to act.
	if b.me, err = b.api.who(b.ctx); err != nil && httpx.Status(err) != http.StatusForbidden {
		b.down = fmt.Errorf("the server cannot be asked: %w", err)
		return b.ctx.Err()
	}
	if b.revokes.user != "" || b.me.Login == "" {
		return b.ctx.Err()
	}
	// What its scopes are is known where they may be read; where not, the server says what is missing when it is asked to act.
	list, _ := all[tokenAnswer](b.ctx, b.api, ask{path: httpx.Path("/users/%s/tokens", b.me.Login), basic: true})
	for _, t := range list {
		if endsIn(v, t.Tail) {
			b.mine = append(scopes{}, t.Scopes...)
		}
	}
	return b.ctx.Err()
}

// lacks says what the credential for revoking lacks; "" if nothing is known to be missing.
func (b *planning) lacks(admin bool, category string) string {
	switch {
	case b.down != nil:
		return b.down.Error()
	case b.mine != nil && !b.mine.has("write", category):
		return "its token lacks write:" + category
	case admin && b.me.Login != "" && !b.me.Admin:
		return b.me.Login + " is not an administrator of the instance"
	}
	return ""
}

// secret plans the end of a secret at each place of this server where it stands.
func (b *planning) secret(x *inventory.Secret) error {
	for _, l := range x.Locations {
		p, ok := b.placeOf(l.Path)
		if !ok {
			continue
		}
		if err := b.begin(); err != nil {
			return err
		}
		var err error
		switch p.kind {
		case aToken:
			err = b.token(x, p)
		case aKey:
			err = b.key(x, p)
		case anApp:
			err = b.app(x, p)
		case aPublic:
			err = b.publicKey(x, p)
		case aSecret:
			b.delete(x.ID, secretName(x), p, "the stored secret "+p.id+" of "+p.where(), "repository", "workflows that use it run without it", revoke.LayerCopy,
				storedLives+revoke.Also+"what jobs already got of it")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p place) where() string {
	if p.repo == "" {
		return p.owner
	}
	return p.owner + "/" + p.repo
}

// token plans the end of a token.
func (b *planning) token(x *inventory.Secret, p place) error {
	var t *tokenAnswer
	err := b.down
	if err == nil {
		t, err = b.api.token(b.ctx, p)
	}
	name := "token " + p.id + " of " + p.login
	st := b.step(revoke.ActionRevoke, p, x.ID, secretName(x))
	st.Layer, st.Promises, st.Horizon, st.Auth = revoke.LayerCredential, revoke.Attested, horizon, "basic"
	st.Effect, st.Breaks = "the server refuses the token (401)", b.users(x)
	if err == nil && t != nil {
		name = fmt.Sprintf("token %q of %s", t.Name, p.login)
		st.Params[paramName] = t.Name
		b.mark(&st, t)
	}
	if err == nil && t == nil {
		st.Breaks = ""
		name += ", which the server does not list any more"
	}
	st.Residual = residualOf(x, p.login)
	if !(append(scopes{}, x.Scopes...)).has("write", "user") {
		st.Params[paramSelf] = "no"
	}
	st.Summary = inventory.Clean("revoke the " + name)
	lack := b.lacks(!strings.EqualFold(p.login, b.me.Login), "user")
	if httpx.Status(err) == http.StatusForbidden && lack == "" {
		lack = "the server does not let it see the tokens of " + p.login
	}
	b.add(st, lack, b.webURL("/user/settings/applications")+" of "+p.login)
	return b.ctx.Err()
}

const (
	storedLives = "the credential that was stored lives on at its issuer"
	privateKey  = "the private key, which may open other servers"
)

const pipelineRunsOn = "a pipeline that it started runs to its end"

// endings have no bound: how long a pipeline lasts is for its runner and its file to say.
var endings = []revoke.Ending{{What: pipelineRunsOn}}

// residualOf is what outlives a token.
func residualOf(x *inventory.Secret, login string) string {
	out := []string{"other tokens, keys and the password of " + login}
	if (append(scopes{}, x.Scopes...)).has("write", "user") {
		out = append(out, "tokens that it made itself: with write:user it can make some with every scope")
	}
	return inventory.Clean(strings.Join(append(out, pipelineRunsOn), revoke.Also))
}

// mark notes that a token is one of nhitop's own, so that its end can be proven with it.
func (b *planning) mark(st *revoke.Step, t *tokenAnswer) {
	for _, own := range []struct {
		name string
		l    login
	}{{"revokes", b.revokes}, {"reads", b.reads}} {
		if own.l.user != "" {
			continue
		}
		a, err := b.client(own.l, nil)
		if err != nil {
			continue
		}
		if v, err := a.value(b.ctx); err == nil && endsIn(v, t.Tail) {
			st.Params[paramHeld], st.Promises = own.name, revoke.Proven
			st.Breaks = inventory.Clean(strings.Join([]string{"nhitop itself, which " + own.name + " with it", st.Breaks}, revoke.Also))
			return
		}
	}
}

// users names who stops working.
func (b *planning) users(x *inventory.Secret) string {
	var names []string
	for _, a := range b.snap.AssistantsOf(x.ID) {
		if !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	const most = 6
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return inventory.Clean(strings.Join(names, revoke.Also))
}

// key plans the removal of a deploy key from one repository.
func (b *planning) key(x *inventory.Secret, p place) error {
	var k keyAnswer
	err := b.down
	if err == nil {
		_, err = b.api.Get(b.ctx, p.path(), nil, &k)
	}
	st := b.step(revoke.ActionDelete, p, x.ID, secretName(x))
	st.Layer, st.Promises = revoke.LayerCredential, revoke.Attested
	st.Summary = inventory.Clean(fmt.Sprintf("delete the deploy key %q of %s", cmp.Or(k.Title, p.id), p.where()))
	st.Effect, st.Breaks = "the key opens "+p.where()+" no longer", b.users(x)
	if k.Title != "" {
		st.Params[paramName] = k.Title
	}
	if n := len(x.Locations); n > 1 {
		st.Effect += fmt.Sprintf("; the same key stands in %d places in all, each has a step of its own", n)
	}
	lack := b.lacks(false, "repository")
	if httpx.Status(err) == http.StatusForbidden && lack == "" {
		lack = b.me.Login + " does not administer " + p.where()
	}
	b.add(st, lack, b.webURL("/"+p.where()+"/settings/keys"))
	return b.ctx.Err()
}

// publicKey plans the removal of an SSH key from an account.
func (b *planning) publicKey(x *inventory.Secret, p place) error {
	var k *publicKeyAnswer
	err := b.down
	if err == nil {
		k, err = b.api.publicKey(b.ctx, p)
	}
	st := b.step(revoke.ActionDelete, p, x.ID, secretName(x))
	st.Layer, st.Promises = revoke.LayerCredential, revoke.Attested
	st.Summary = inventory.Clean(fmt.Sprintf("delete the %s of %s", secretName(x), p.login))
	st.Effect, st.Breaks = "the key opens nothing of "+inventory.Clean(p.login)+" any more", b.users(x)
	st.Residual = inventory.Clean("other keys, tokens and the password of " + p.login + revoke.Also + privateKey)
	if err == nil && k != nil {
		st.Params[paramName] = k.Title
	}
	own := strings.EqualFold(p.login, b.me.Login)
	lack, page := b.lacks(true, "admin"), b.webURL("/-/admin/users")
	if own {
		lack, page = b.lacks(false, "user"), b.webURL("/user/settings/keys")
		st.Params[paramSelf] = "yes"
		st.Request = "DELETE " + inventory.Clean(b.base+httpx.Path("/user/keys/%s", p.id))
	}
	b.add(st, lack, page)
	return b.ctx.Err()
}

// app plans the deletion of an OAuth application.
func (b *planning) app(x *inventory.Secret, p place) error {
	st := b.step(revoke.ActionDelete, p, x.ID, secretName(x))
	st.Layer, st.Promises = revoke.LayerPrincipal, revoke.Attested
	st.Summary = inventory.Clean("delete the " + secretName(x))
	st.Effect, st.Breaks = "its client and every access that users gave it end at once", b.users(x)
	lack := b.lacks(p.login != "" && !strings.EqualFold(p.login, b.me.Login), "user")
	if strings.EqualFold(p.login, b.me.Login) {
		delete(st.Params, paramLogin)
	}
	b.add(st, lack, b.webURL("/user/settings/applications")+" of "+cmp.Or(p.login, b.me.Login))
	return b.ctx.Err()
}

func (b *planning) runner(r *inventory.Resource) error {
	for _, e := range r.Evidence {
		p, ok := b.placeOf(e.Path)
		if !ok || p.kind != aRunner {
			continue
		}
		if err := b.begin(); err != nil {
			return err
		}
		b.delete(r.ID, r.Name, p, "the runner "+r.Name, "repository", "jobs that wait for it wait on", revoke.LayerPrincipal, "the machine goes on running; a job that it has taken runs to its end")
	}
	return nil
}

// delete plans the deletion of something that is known by its place alone.
func (b *planning) delete(target inventory.ID, name string, p place, what, category, breaks string, layer revoke.Layer, residual string) {
	st := b.step(revoke.ActionDelete, p, target, name)
	st.Layer, st.Promises, st.Residual = layer, revoke.Attested, inventory.Clean(residual)
	st.Summary, st.Effect, st.Breaks = inventory.Clean("delete "+what), "it stands in the list no longer", breaks
	page := b.webURL("/" + p.where() + "/settings/actions/" + p.kind + "s")
	switch {
	case p.owner == "":
		category, page = "admin", b.webURL("/-/admin/actions/runners")
	case p.repo == "":
		category, page = "organization", b.webURL("/org/"+p.owner+"/settings/actions/"+p.kind+"s")
	}
	b.add(st, b.lacks(p.owner == "", category), page)
}

// step begins a step.
func (b *planning) step(action string, p place, target inventory.ID, name string) revoke.Step {
	method := map[string]string{revoke.ActionSuspend: "PATCH", revoke.ActionNarrow: "PUT"}[action]
	st := revoke.Step{
		ID: stepID(action, p), Source: b.name, Action: action, Target: target, TargetName: inventory.Clean(name), Params: p.params(),
		Request: cmp.Or(method, "DELETE") + " " + inventory.Clean(b.base+p.path()),
	}
	if h := p.header(); h != nil {
		st.Request += " in the name of " + inventory.Clean(p.login)
	}
	return st
}

// add takes a step into the plan, or what a person must do where the credential lacks something.
func (b *planning) add(st revoke.Step, lack, page string) {
	if lack != "" {
		st.Summary = "by hand: " + st.Summary + " (" + inventory.Clean(page) + ")"
		st.Effect = inventory.Clean("nhitop cannot do it: " + lack)
		st.Action, st.Promises, st.Request, st.Reversible = revoke.ActionManual, revoke.Attested, "", false
		st.ID = stepID(st.Action, placeIn(st), st.Params[paramLevel])
	}
	st.Ends, st.Ties = revoke.Endings(st.Residual, endings), revoke.Ties(st.Residual, st.Target, storedLives)
	for _, t := range revoke.Ties(st.Residual, st.Target, privateKey) {
		t.Copies = true // it is over with its copies
		st.Ties = append(st.Ties, t)
	}
	b.steps = append(b.steps, st)
}
