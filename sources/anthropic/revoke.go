package anthropic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/objects"
)

var _ interface {
	revoke.HeldRevoker
	revoke.Undoer
	revoke.UndoVerifier
	revoke.Recoverer
	revoke.Paralleler
} = (*Source)(nil)

// Parallel implements revoke.Paralleler.
func (s *Source) Parallel() int { return s.opt.Concurrency }

func (s *Source) newDesk() *objects.Desk {
	return &objects.Desk{
		Source: s.name, Provider: "Anthropic", Client: s.http, As: func(string) httpx.Auth { return s.auth(acting) }, Now: s.env.Now, May: s.may,
		Kinds: objectKinds, Changes: changes, Read: s.stand, Fits: s.fits, Try: s.try, Place: place,
	}
}

// place is where a person does it.
func place(p string) string {
	switch {
	case strings.HasPrefix(p, pathKeys):
		return "https://platform.claude.com/settings/keys"
	case strings.HasPrefix(p, pathUsers), strings.HasPrefix(p, pathWorkspaces):
		return "https://platform.claude.com/settings/members"
	}
	return "https://platform.claude.com/settings/workload-identity"
}

// configured reports whether a credential is there that is shown a path.
func (s *Source) configured(p string) error {
	admin, oauth := s.refs(acting)
	if oauthOnly(p) && oauth.IsZero() {
		return fmt.Errorf("%w: set revoke_oauth_token, or oauth_token", objects.ErrMayNot)
	}
	if admin.IsZero() && oauth.IsZero() {
		return objects.ErrMayNot
	}
	return nil
}

// getObject reads an object with the credential to act with.
func (s *Source) getObject(ctx context.Context, p string, into any) error {
	if err := s.configured(p); err != nil {
		return err
	}
	err := s.desk.Get(ctx, p, into)
	if httpx.Status(err) == http.StatusNotFound {
		return objects.ErrGone
	}
	return err
}

// stand reads an object back.
func (s *Source) stand(ctx context.Context, p, _ string) (*objects.Object, error) {
	switch {
	case strings.HasPrefix(p, pathKeys):
		var k keyShape
		if err := s.getObject(ctx, p, &k); err != nil {
			return nil, err
		}
		return &objects.Object{Name: k.Name, State: k.Status}, nil
	case strings.HasPrefix(p, pathRules):
		return s.standRule(ctx, p)
	case strings.HasPrefix(p, pathIssuers):
		var x issuerShape
		if err := s.getObject(ctx, p, &x); err != nil {
			return nil, err
		}
		return &objects.Object{Name: x.Name, State: liveness(x.ArchivedAt), Breaks: "every workload that logs in through " + x.URL}, nil
	case strings.HasPrefix(p, pathUsers):
		var u userShape
		if err := s.getObject(ctx, p, &u); err != nil {
			return nil, err
		}
		return &objects.Object{Name: u.Email, State: u.Role}, nil
	case strings.HasPrefix(p, pathWorkspaces):
		return s.standMember(ctx, p)
	case strings.Contains(p, "/workspaces/"):
		return s.standAccountMember(ctx, p)
	}
	var a accountShape
	if err := s.getObject(ctx, p, &a); err != nil {
		return nil, err
	}
	return &objects.Object{Name: a.Name, State: liveness(a.ArchivedAt)}, nil
}

func liveness(at time.Time) string {
	if at.IsZero() {
		return live
	}
	return archived
}

func (s *Source) standRule(ctx context.Context, p string) (*objects.Object, error) {
	var r ruleShape
	if err := s.getObject(ctx, p, &r); err != nil {
		return nil, err
	}
	o := &objects.Object{
		Name: r.Name, State: liveness(r.ArchivedAt), Residual: givenByIt, Lasts: []revoke.Ending{{What: givenByIt, Within: r.lifetime()}},
		Breaks: "workloads that log in through " + r.IssuerName + " as " + r.Target.AccountName,
	}
	if !r.managed() {
		o.ByHand = "a rule that grants " + r.Scope + " is managed in the Console alone"
	}
	return o, nil
}

func words(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d min", int((d + time.Minute - 1).Minutes()))
}

// standMember reads a person's membership: /v1/organizations/workspaces/W/members/U.
func (s *Source) standMember(ctx context.Context, p string) (*objects.Object, error) {
	var m memberShape
	if err := s.getObject(ctx, p, &m); err != nil {
		return nil, err
	}
	var u userShape
	if err := s.getObject(ctx, pathUsers+"/"+path.Base(p), &u); err != nil {
		return nil, err
	}
	return s.inWorkspace(ctx, u.Email, path.Dir(path.Dir(p)), m.Role)
}

// standAccountMember reads a service account's membership: /v1/organizations/service_accounts/A/workspaces/W. It is shown
// from the side of the workspace.
func (s *Source) standAccountMember(ctx context.Context, p string) (*objects.Object, error) {
	account, workspace := path.Dir(path.Dir(p)), pathWorkspaces+"/"+path.Base(p)
	var m memberShape
	if err := s.getObject(ctx, workspace+"/service_accounts/"+path.Base(account), &m); err != nil {
		return nil, err
	}
	var a accountShape
	if err := s.getObject(ctx, account, &a); err != nil {
		return nil, err
	}
	return s.inWorkspace(ctx, a.Name, workspace, m.Role)
}

func (s *Source) inWorkspace(ctx context.Context, who, workspace, role string) (*objects.Object, error) {
	var w workspaceShape
	if err := s.getObject(ctx, workspace, &w); err != nil {
		return nil, err
	}
	return &objects.Object{Name: who + " in workspace " + w.Name, State: role}, nil
}

// Plan implements revoke.Revoker. A target that this organisation knows nothing of gives no steps.
func (s *Source) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil {
		return nil, nil
	}
	b := &objects.Planning{Desk: s.desk, Ctx: ctx, Snap: snap, Want: t.Action}
	var err error
	switch {
	case snap.Secret(t.ID) != nil:
		_, err = s.planSecret(b, snap.Secret(t.ID))
	case snap.Assistant(t.ID) != nil:
		err = s.planAssistant(b, snap.Assistant(t.ID))
	case snap.Owner(t.ID) != nil:
		err = s.planOwner(b, snap.Owner(t.ID))
	}
	return b.Steps, errors.Join(err, ctx.Err())
}

// planSecret plans the end of a key, a rule or an issuer. An issuer ends after the rules that trust it: while one lives,
// Anthropic refuses to archive it.
func (s *Source) planSecret(b *objects.Planning, x *inventory.Secret) ([]string, error) {
	if x.Kind != kindIssuer {
		return b.Secret(x)
	}
	var ids []string
	for _, p := range b.Paths(x) {
		first, err := s.planRules(b, x.ID, url.Values{"issuer_id": {path.Base(p)}}, func(r *ruleShape) bool { return r.IssuerID == path.Base(p) })
		if err != nil {
			return nil, err
		}
		done, err := b.Object(x.ID, p, "", first)
		if err != nil {
			return nil, err
		}
		ids = append(append(ids, first...), done...)
	}
	return ids, nil
}

// planRules plans the end of the live rules that fit.
func (s *Source) planRules(b *objects.Planning, target inventory.ID, q url.Values, fits func(*ruleShape) bool) ([]string, error) {
	if s.configured(pathRules) != nil || !b.Wants(revoke.ActionRevoke) {
		return nil, nil
	}
	var ids []string
	rules, err := s.live(b.Ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range rules {
		if !fits(&rules[i]) {
			continue
		}
		done, err := b.Object(target, httpx.Path(pathRules+"/%s", rules[i].ID), "", nil)
		if err != nil {
			return nil, err
		}
		ids = append(ids, done...)
	}
	return ids, nil
}

// live lists the rules that are not archived, with the credential to act with.
func (s *Source) live(ctx context.Context, q url.Values) ([]ruleShape, error) {
	var all []ruleShape
	q = url.Values{"issuer_id": q["issuer_id"], "limit": {fmt.Sprint(pageSize)}}
	if len(q["issuer_id"]) == 0 {
		q.Del("issuer_id")
	}
	const most = 1000
	for range most {
		var p struct {
			Data []ruleShape `json:"data"`
			Next string      `json:"next_page"`
		}
		if _, err := s.http.Do(ctx, httpx.Request{Path: pathRules, Query: q, Into: &p, As: s.auth(acting)}); err != nil {
			return nil, err
		}
		for _, r := range p.Data {
			if r.ArchivedAt.IsZero() {
				all = append(all, r)
			}
		}
		if p.Next == "" || p.Next == q.Get("page") {
			return all, nil
		}
		q.Set("page", p.Next)
	}
	return nil, errors.New("the list of federation rules does not end")
}

// planAssistant contains an assistant, by what can be taken back, or with revoke.ActionAll ends all that it holds here.
func (s *Source) planAssistant(b *objects.Planning, a *inventory.Assistant) error {
	want, all := b.Want, b.Want == revoke.ActionAll
	var errs []error
	var account string
	for _, e := range a.Evidence {
		p := b.Below(e.Path)
		switch k := b.KindOf(p); {
		case k == nil:
		case k.Changes[0] == "account-archive":
			account = p
		case k.Changes[0] == "account-out":
			_, err := b.Object(a.ID, p, "", nil)
			errs = append(errs, err)
		}
	}
	if b.Want == "" {
		b.Want = revoke.ActionDisable
	}
	for _, id := range a.Secrets {
		if x := b.Snap.Secret(id); x != nil && !x.Ambient && x.Kind == kindKey {
			_, err := b.Secret(x)
			errs = append(errs, err)
		}
	}
	b.Want = want
	if account == "" || !all && want != revoke.ActionUninstall {
		return errors.Join(errs...)
	}
	b.Want = revoke.ActionAll
	rules, err := s.planRules(b, a.ID, nil, func(r *ruleShape) bool { return r.Target.AccountID == path.Base(account) })
	errs = append(errs, err)
	behind := slices.DeleteFunc(b.IDs(), func(id string) bool { return slices.Contains(rules, id) })
	_, err = b.Object(a.ID, account, "", rules)
	b.PutBehind(account, behind)
	return errors.Join(append(errs, err)...)
}

// planOwner takes a person out of the workspaces, and then out of the organisation.
func (s *Source) planOwner(b *objects.Planning, o *inventory.Owner) error {
	var errs []error
	user := ""
	for _, e := range o.Evidence {
		p := b.Below(e.Path)
		switch k := b.KindOf(p); {
		case k == nil:
		case k.Changes[0] == "user-out":
			user = p
		case k.Changes[0] == "member-out":
			_, err := b.Object(o.ID, p, "", nil)
			errs = append(errs, err)
		}
	}
	if user != "" {
		behind := b.IDs()
		_, err := b.Object(o.ID, user, "", nil)
		errs = append(errs, err)
		b.PutBehind(user, behind)
	}
	return errors.Join(errs...)
}

// Apply implements revoke.Revoker.
func (s *Source) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	return s.desk.Apply(ctx, step)
}

// Undo implements revoke.Undoer.
func (s *Source) Undo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Receipt, error) {
	return s.desk.Undo(ctx, step, r)
}

// VerifyUndo implements revoke.UndoVerifier.
func (s *Source) VerifyUndo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	return s.desk.VerifyUndo(ctx, step, r)
}

// Recover implements revoke.Recoverer.
func (s *Source) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	return s.desk.Recover(ctx, step)
}
