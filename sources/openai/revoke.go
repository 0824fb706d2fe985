package openai

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/handover"
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
		Source: s.name, Provider: "OpenAI", Client: s.http, As: func(string) httpx.Auth { return s.acting() }, Now: s.env.Now, May: s.may, Kinds: objectKinds, Changes: changes,
		Read: s.stand, Fits: s.fits, Try: s.try, Place: func(string) string { return "https://platform.openai.com/settings/organization" },
	}
}

// getObject reads an object with the key to act with.
func (s *Source) getObject(ctx context.Context, p string, into any) error {
	err := s.desk.Get(ctx, p, into)
	if httpx.Status(err) == http.StatusNotFound {
		return objects.ErrGone
	}
	return err
}

// stand reads an object back.
func (s *Source) stand(ctx context.Context, p, what string) (*objects.Object, error) {
	var x struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Email   string `json:"email"`
		Enabled *bool  `json:"enabled"`
	}
	if err := s.getObject(ctx, p, &x); err != nil {
		return nil, err
	}
	if x.ID != path.Base(p) {
		return nil, errors.New("OpenAI answers with another object than the one that was asked for")
	}
	o := &objects.Object{Name: cmp.Or(x.Email, x.Name), State: on}
	switch {
	case what == "key-read":
		o.State = s.scopes(ctx, x.ID)
	case x.Enabled != nil && !*x.Enabled:
		o.State = off
	}
	return o, nil
}

// scopes are those of a key as the audit log tells them: as they were set last. Where it is off, or too old, they are not
// known.
func (s *Source) scopes(ctx context.Context, key string) string {
	var p struct {
		Data []auditShape `json:"data"`
	}
	q := url.Values{"resource_ids[]": {key}, "event_types[]": {"api_key.created", "api_key.updated"}, "limit": {"100"}}
	if _, err := s.http.Do(ctx, httpx.Request{Path: pathAudit, Query: q, Into: &p, As: s.acting()}); err != nil {
		return objects.Unknown
	}
	for i := range p.Data { // the newest is first
		if scopes, ok := p.Data[i].scopes(key); ok {
			return standing(*scopes)
		}
	}
	return objects.Unknown
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
		_, err = b.Secret(snap.Secret(t.ID))
	case snap.Assistant(t.ID) != nil:
		err = s.planAssistant(b, snap.Assistant(t.ID))
	case snap.Owner(t.ID) != nil:
		for _, e := range snap.Owner(t.ID).Evidence {
			if p := b.Below(e.Path); strings.HasPrefix(p, pathUsers+"/") {
				_, e := b.Object(t.ID, p, "", nil)
				err = errors.Join(err, e)
			}
		}
	}
	return b.Steps, errors.Join(err, ctx.Err())
}

// planAssistant contains an assistant by what can be taken back, or with revoke.ActionAll ends all that it holds here; its
// service account goes last.
func (s *Source) planAssistant(b *objects.Planning, a *inventory.Assistant) error {
	var errs []error
	b.Contain = b.Want == ""
	for _, id := range a.Secrets {
		if x := b.Snap.Secret(id); x != nil && !x.Ambient {
			_, err := b.Secret(x)
			errs = append(errs, err)
		}
	}
	if b.Want != revoke.ActionAll && b.Want != revoke.ActionUninstall {
		return errors.Join(errs...)
	}
	for _, e := range a.Evidence {
		p := b.Below(e.Path)
		if k := b.KindOf(p); k != nil && k.Changes[0] == "account-delete" {
			behind := b.IDs()
			_, err := b.Object(a.ID, p, "", nil)
			errs = append(errs, err)
			b.PutBehind(p, behind)
		}
	}
	return errors.Join(errs...)
}

// Apply implements revoke.Revoker.
func (s *Source) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	if r, ok, err := s.rotate(ctx, step); ok {
		return r, err
	}
	return s.desk.Apply(ctx, step)
}

// Verify implements revoke.Revoker.
func (s *Source) Verify(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	if p, ok := s.verifyRotation(ctx, step); ok {
		handover.Told(&p, r)
		return p, nil
	}
	return s.desk.Verify(ctx, step, r)
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
	if r, state, ok, err := s.recoverRotation(ctx, step); ok {
		return r, state, err
	}
	return s.desk.Recover(ctx, step)
}
