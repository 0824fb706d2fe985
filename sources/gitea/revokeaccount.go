package gitea

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// maxGrants bounds the repositories of one account that a plan looks at.
const maxGrants = 200

// assistant plans what fits an assistant: of one that is an account, its sign-in, its access and its tokens.
func (b *planning) assistant(a *inventory.Assistant, action string) error {
	p, account := b.accountOf(a)
	if account && slices.Contains([]string{"", revoke.ActionSuspend, revoke.ActionAll}, action) {
		if err := b.suspend(a, p); err != nil {
			return err
		}
	}
	if account && slices.Contains([]string{revoke.ActionNarrow, revoke.ActionUninstall, revoke.ActionAll}, action) {
		if err := b.access(a, p, action); err != nil {
			return err
		}
	}
	if action != revoke.ActionAll {
		return nil
	}
	for _, id := range a.Secrets {
		// What it inherits belongs to the person, and is not its to lose.
		if x := b.snap.Secret(id); x != nil && !x.Ambient {
			if err := b.secret(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// accountOf finds the account that an assistant is.
func (b *planning) accountOf(a *inventory.Assistant) (place, bool) {
	for _, e := range a.Evidence {
		if p, ok := b.placeOf(e.Path); ok && p.kind == aUser {
			return p, true
		}
	}
	return place{}, false
}

// suspend plans that an account may no longer sign in, which can be lifted again.
func (b *planning) suspend(a *inventory.Assistant, p place) error {
	if err := b.begin(); err != nil {
		return err
	}
	st := b.step(revoke.ActionSuspend, p, a.ID, a.Name)
	st.Request = "PATCH " + inventory.Clean(b.base+httpx.Path("/admin/users/%s", p.login)) + ` {"prohibit_login":true}`
	st.Layer, st.Reversible, st.Promises, st.Breaks = revoke.LayerPrincipal, true, revoke.Attested, a.Name
	st.Summary = inventory.Clean("suspend " + p.login + ": it may not sign in until that is lifted")
	st.Effect = "the server answers 403 to its password, keys and every token; that contains them and does not end them"
	st.Residual = inventory.Clean(strings.Join([]string{"its tokens, which work again when it is lifted", "deploy keys of repositories, which are nobody's", pipelineRunsOn}, revoke.Also))
	lack := b.lacks(true, "admin")
	var u userAnswer
	err := b.down
	if err == nil {
		u, err = b.api.account(b.ctx, p.login)
	}
	switch {
	case b.ctx.Err() != nil:
		return b.ctx.Err()
	case httpx.Status(err) == http.StatusNotFound || err == nil && u.Prohibit:
		return nil // gone, or suspended already
	case err != nil && lack == "":
		lack = err.Error()
	case strings.EqualFold(p.login, b.me.Login):
		lack = "it is the account that nhitop revokes with"
	}
	b.add(st, lack, b.webURL("/-/admin/users"))
	return nil
}

// access plans that an account loses what it may do in repositories of others: first narrowed to reading, then taken, and
// its places in teams. All of that can be given back.
func (b *planning) access(a *inventory.Assistant, p place, action string) error {
	if err := b.begin(); err != nil {
		return err
	}
	var u userAnswer
	err := b.down
	if err == nil {
		_, err = b.api.Get(b.ctx, p.path(), nil, &u)
	}
	if err != nil {
		if httpx.Status(err) != http.StatusNotFound {
			b.note(a, p, "take the access of "+p.login+" away by hand: "+err.Error())
		}
		return b.ctx.Err()
	}
	n := 0
	orgs := map[string]bool{}
	for r, err := range list[repoAnswer](b.ctx, b.api, ask{path: "/repos/search", key: "data", uid: u.ID}) {
		if err != nil {
			b.note(a, p, "take what access of "+p.login+" is left away by hand: "+err.Error())
			return b.ctx.Err()
		}
		if strings.EqualFold(r.Owner.Login, p.login) {
			continue
		}
		if n++; n > maxGrants {
			b.note(a, p, fmt.Sprintf("more than %d repositories: what else %s may reach was not looked at; plan again afterwards", maxGrants, p.login))
			break
		}
		held, err := b.teams(a, p, r, orgs, action)
		if err != nil {
			return err
		}
		if err := b.collaborator(a, place{kind: aGrant, login: p.login, owner: r.Owner.Login, repo: r.Name}, held, action); err != nil {
			return err
		}
	}
	return b.ctx.Err()
}

// note adds something that a person must know and do.
func (b *planning) note(a *inventory.Assistant, p place, text string) {
	st := b.step(revoke.ActionManual, p, a.ID, a.Name)
	st.Layer, st.Summary, st.Request, st.Promises = revoke.LayerGrant, inventory.Clean(text), "", revoke.Unproven
	st.Params = nil
	b.steps = append(b.steps, st)
}

// teams plans the places of an account in the teams that bring it to a repository, each team once. held names those that
// give it everything there.
func (b *planning) teams(a *inventory.Assistant, p place, r repoAnswer, orgs map[string]bool, action string) (held string, err error) {
	teams, err := whole[teamAnswer](b.ctx, b.api, httpx.Path("/repos/%s/%s/teams", r.Owner.Login, r.Name))
	if err != nil {
		return "", b.ctx.Err() // of a person's own repository, which has none, or not to be seen
	}
	for _, t := range teams {
		m := place{kind: aMember, id: itoa(t.ID), login: p.login, owner: r.Owner.Login}
		key := m.path()
		if !orgs[key] {
			in, err := b.member(m)
			if err != nil || !in {
				continue
			}
			orgs[key] = true
			b.leave(a, m, t, action)
		}
		if levels[t.Permission] > levels["write"] {
			held = t.Name
		}
	}
	return held, b.ctx.Err()
}

func (a *api) isMember(p place, list []userAnswer) bool {
	return slices.ContainsFunc(list, func(u userAnswer) bool { return strings.EqualFold(u.Login, p.login) })
}

func (b *planning) member(p place) (bool, error) {
	list, err := all[userAnswer](b.ctx, b.api, ask{path: httpx.Path("/teams/%s/members", p.id)})
	return b.api.isMember(p, list), err
}

func (b *planning) leave(a *inventory.Assistant, p place, t teamAnswer, action string) {
	if action == revoke.ActionUninstall {
		return
	}
	st := b.step(revoke.ActionNarrow, p, a.ID, a.Name)
	st.Layer, st.Reversible, st.Promises = revoke.LayerGrant, true, revoke.Attested
	st.Request = "DELETE " + inventory.Clean(b.base+p.path())
	st.Params[paramName] = t.Name
	st.Summary = inventory.Clean(fmt.Sprintf("take %s out of team %s of %s", p.login, t.Name, p.owner))
	st.Effect, st.Breaks, st.Residual = "what the team gives, it has no longer", inventory.Clean(a.Name), "its tokens live, and open less"
	b.add(st, b.lacks(false, "organization"), b.webURL("/org/"+p.owner+"/teams"))
}

// collaborator plans the access of an account to one repository of another. held names a team that gives it all the same.
func (b *planning) collaborator(a *inventory.Assistant, p place, held, action string) error {
	_, err := b.api.Get(b.ctx, p.path(), nil, nil)
	if httpx.Status(err) == http.StatusNotFound || httpx.Status(err) == http.StatusUnprocessableEntity {
		return nil
	}
	var level permissionAnswer
	if err == nil {
		_, err = b.api.Get(b.ctx, p.path()+"/permission", nil, &level)
	}
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	lack := b.lacks(false, "repository")
	if err != nil && lack == "" {
		lack = "the server does not tell it who may do what in " + p.where()
	}
	page := b.webURL("/" + p.where() + "/settings/collaboration")
	var after []string
	// A level that a team or the whole instance gives hides the collaborator's own: it could not be put back as it was.
	own := held == "" && (level.Permission == "write" || level.Permission == "admin")
	if own && action != revoke.ActionUninstall {
		st := b.grant(a, p, revoke.ActionNarrow, "read")
		st.Reversible = true
		st.Params[paramWas] = level.Permission
		st.Request = "PUT " + inventory.Clean(b.base+p.path()) + ` {"permission":"read"}`
		st.Summary = inventory.Clean(fmt.Sprintf("narrow the access of %s to %s from %s to read", p.login, p.where(), level.Permission))
		st.Effect = "it may read there, and change nothing"
		b.add(st, lack, page)
		after = []string{b.steps[len(b.steps)-1].ID}
	}
	if action == revoke.ActionNarrow {
		return nil
	}
	st := b.grant(a, p, revoke.ActionUninstall, "")
	st.Summary = inventory.Clean(fmt.Sprintf("take the access of %s to %s away", p.login, p.where()))
	st.Effect, st.Behind = "it is no collaborator there any more; what it was assigned to and watched there is lost", after
	if own {
		st.Reversible = true
		st.Params[paramWas] = level.Permission
	}
	b.add(st, lack, page)
	return nil
}

func (b *planning) grant(a *inventory.Assistant, p place, action, level string) revoke.Step {
	st := b.step(action, p, a.ID, a.Name)
	st.Layer, st.Promises, st.Breaks = revoke.LayerGrant, revoke.Attested, inventory.Clean(a.Name)
	st.Params[paramLevel] = level
	st.ID = stepID(action, p, level)
	st.Residual = inventory.Clean(strings.Join([]string{"its tokens live, and open less", "what a team gives it", "copies that were made of " + p.where()}, revoke.Also))
	return st
}
