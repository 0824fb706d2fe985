package issuers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
)

var (
	_ revoke.Rotator      = (*Source)(nil)
	_ revoke.Undoer       = (*Source)(nil)
	_ revoke.UndoVerifier = (*Source)(nil)
)

// Keys of [revoke.Step.Params] of a rotation, besides those of the place and of the key.
const (
	paramWhat    = "what"
	paramAccount = "account" // whose key it is, as AWS says it

	makes  = "make"
	proves = "prove"
	ends   = "end" // of the old one, when the new one is proven
)

const seenNew = "new" // of [revoke.Receipt.Seen]: the id of the key that was made

// mostKeys is how many access keys a user of IAM may have. Source: "IAM and AWS STS quotas" of the IAM User Guide, read
// 2026-11-27; the quota cannot be raised.
const mostKeys = 2

// PlanRotate implements revoke.Rotator for long-lived access keys of AWS that may manage themselves: a second key for the same
// user, proven, and then the old one turned off, which can be taken back. It asks AWS whose the key is and whether there is
// room for another one, signed with the key, which is read where it stands.
func (s *Source) PlanRotate(ctx context.Context, id inventory.ID, to revoke.Place, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if err := to.Check(); err != nil {
		return nil, err
	}
	x := snap.Secret(id)
	if x == nil || x.Kind != kindAWS {
		return nil, nil
	}
	h, held := revoke.HeldFor(ctx, id)
	if credential.AWSKeyClass(x.KeyID) != "AKIA" || !held {
		return nil, fmt.Errorf("%w: an access key of AWS makes its successor by itself, and for that its id and the secret key must stand together in a file that nhitop can read again; make another one in IAM, then revoke this one", revoke.ErrNothing)
	}
	h.KeyID = x.KeyID
	got, err := s.askAWS(ctx, h.KeyID, h.Value)
	switch {
	case err != nil:
		return nil, err
	case got.verdict != live:
		return nil, fmt.Errorf("%w: %s: only a key that is accepted can make another one", revoke.ErrNothing, got.text)
	case awsUser(got.account) == anyUser:
		return nil, fmt.Errorf("%w: the key is that of %s, no user of IAM: give whatever uses it a user or a role of its own, then revoke it", revoke.ErrNothing, got.account)
	}
	keys, err := s.keysAWS(ctx, h.KeyID, h.Value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", revoke.ErrNothing, err)
	}
	if why := noRoom(keys, h.KeyID, awsUser(got.account)); why != "" {
		return nil, fmt.Errorf("%w: %s", revoke.ErrNothing, why)
	}
	return s.rotation(h, got.account, to), nil
}

// noRoom says why there can be no other key; "" if there is room.
func noRoom(keys []awsKeyOf, old, user string) string {
	if len(keys) < mostKeys {
		return ""
	}
	for _, k := range keys {
		if k.ID != old {
			return fmt.Sprintf("AWS allows a user %d access keys, and %s has them: %s is %s too. Delete the one that nothing uses: %s", mostKeys, user,
				inventory.Clean(k.ID), inventory.Clean(strings.ToLower(k.Status)), awsCommand("delete-access-key", inventory.Clean(k.ID), user))
		}
	}
	return fmt.Sprintf("AWS lists %d access keys of %s, and not this one", len(keys), user)
}

// rotation are the steps.
func (s *Source) rotation(h revoke.Held, account string, to revoke.Place) []revoke.Step {
	name, user := h.Kind, awsUser(account)
	if hint := h.Value.Hint(); hint != "" {
		name += " …" + hint
	}
	params := func(what string) map[string]string {
		return map[string]string{paramWhat: what, "kind": h.Kind, "issuer": aws.ID, paramKeyID: h.KeyID, paramAccount: account}
	}
	made := revoke.Step{
		Action: revoke.ActionRotate, Layer: revoke.LayerCredential, Target: h.ID, TargetName: name,
		Summary:  fmt.Sprintf("make a second access key of user %s in the place of %s, and hand it to %s", user, h.KeyID, to),
		Request:  awsSigned(h.KeyID) + "aws iam create-access-key",
		Effect:   "a key with the same rights, which are the user's. Id and secret key go there together, as JSON with AccessKeyId and SecretAccessKey: what a credential_process prints, and aws configure export-credentials --format process",
		Residual: "the new key, which is meant to live", Horizon: time.Duration(aws.Horizon), Promises: revoke.Attested, Params: params(makes),
	}
	to.Put(made.Params)
	made.ID = revoke.StepID(made)
	proof := handover.Prove(made, to, "aws sts get-caller-identity")
	for k, v := range params(proves) {
		proof.Params[k] = v
	}
	proof.ID = revoke.StepID(proof)
	off := planAWS(h, name)[0]
	off.Params, off.After = params(ends), []string{proof.ID}
	off.Params[handover.ParamMade] = made.ID
	to.Put(off.Params)
	off.Reversible = len(to.Command) == 0
	off.Effect = "the old key is refused from then on; nhitop can turn it on again with the new one"
	if !off.Reversible {
		off.Effect = "the old key is refused from then on; nhitop cannot read the new one back from a command, and so an administrator turns the old one on again: " + awsCommand("update-access-key", h.KeyID, user) + " --status Active"
	}
	off.Residual += revoke.Also + "the old key, turned off, is one of the two that a user may have: delete it when nothing misses it: " + awsCommand("delete-access-key", h.KeyID, user)
	return []revoke.Step{made, proof, off}
}

// applyRotation carries out the steps that make and prove.
func (s *Source) applyRotation(ctx context.Context, st revoke.Step) (rec revoke.Receipt, err error) {
	rec.At = s.env.Now().UTC()
	if st.Params[paramWhat] == proves {
		rec.Detail, err = s.proveAWS(ctx, st)
		return rec, err
	}
	h, place, err := s.rotating(ctx, st)
	if err != nil {
		return rec, err
	}
	keys, err := s.keysAWS(ctx, h.KeyID, h.Value)
	if err != nil {
		return rec, fmt.Errorf("%w: %w", revoke.ErrUntouched, err)
	}
	if why := noRoom(keys, h.KeyID, awsUser(st.Params[paramAccount])); why != "" {
		return rec, fmt.Errorf("%w: %s", revoke.ErrUntouched, why)
	}
	hand, err := handover.Open(ctx, s.env.Places, place, st.ID)
	if err != nil {
		return rec, fmt.Errorf("%w: %w", revoke.ErrUntouched, err)
	}
	defer hand.Drop()
	made, err := s.makeAWS(httpx.Armed(ctx, st.ID), h)
	if err != nil {
		return rec, s.leftover(ctx, h, st, err)
	}
	said, err := s.fresh.Give(ctx, hand, st.ID, made.pair(), func(ctx context.Context) error {
		return s.dropAWS(httpx.Armed(ctx, st.ID), h, made.ID)
	})
	if err != nil {
		return rec, err
	}
	rec.Detail, rec.Seen = "AWS made the key "+made.ID+", and "+said, map[string]string{seenNew: made.ID}
	return rec, nil
}

// rotating finds the old key and the place of a step.
func (s *Source) rotating(ctx context.Context, st revoke.Step) (revoke.Held, revoke.Place, error) {
	h, ok := revoke.HeldFor(ctx, st.Target)
	if !ok {
		return h, revoke.Place{}, revoke.ErrNotHeld
	}
	h.KeyID = st.Params[paramKeyID]
	place, err := revoke.PlaceOf(st)
	return h, place, err
}

// newPair is the new key of a step: as it was made, or read back from its place.
func (s *Source) newPair(ctx context.Context, st revoke.Step) (credential.Match, error) {
	v, err := s.fresh.Value(ctx, s.env.Places, st)
	if err != nil {
		return credential.Match{}, err
	}
	m, err := credential.Pasted(v)
	if err != nil || m.Kind != kindAWS || m.KeyID == "" || m.KeyID == st.Params[paramKeyID] {
		return credential.Match{}, fmt.Errorf("%w: the place does not hold the new key", revoke.ErrNotHeld)
	}
	return m, nil
}

// settling is how long AWS takes to know a new key everywhere, as it is tried again: IAM is eventually consistent.
var settling = []time.Duration{1, 2, 3, 5, 5, 5, 10, 10, 10}

// proveAWS tries the new key until AWS knows it. It must be of the same user. An error keeps the old one.
func (s *Source) proveAWS(ctx context.Context, st revoke.Step) (string, error) {
	m, err := s.newPair(ctx, st)
	if err != nil {
		return "", err
	}
	for i := 0; ; i++ {
		got, err := s.askAWS(ctx, m.KeyID, m.Value)
		switch {
		case err == nil && got.verdict == live && got.account != st.Params[paramAccount]:
			return "", fmt.Errorf("the new key is that of %s", got.account)
		case err == nil && got.verdict == live:
			return "the new key works: " + strings.Replace(got.text, "with it", "with "+m.KeyID, 1), nil
		case i == len(settling) && err != nil:
			return "", err
		case i == len(settling):
			return "", errors.New("the new key is not seen to work: " + got.text)
		}
		if err := s.pause(ctx, settling[i]*time.Second); err != nil {
			return "", err
		}
	}
}

func (s *Source) pause(ctx context.Context, d time.Duration) error {
	if s.sleep != nil {
		return s.sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// verifyRotation looks at the steps that make and prove.
func (s *Source) verifyRotation(ctx context.Context, st revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	if st.Params[paramWhat] == proves {
		detail, err := s.proveAWS(ctx, st)
		if err != nil {
			p.Detail = inventory.Clean(err.Error())
			return p, nil
		}
		p.Grade, p.Detail = revoke.Proven, detail
		s.fresh.Drop(st)
		return p, nil
	}
	h, _, err := s.rotating(ctx, st)
	if err != nil {
		return p, err
	}
	keys, err := s.keysAWS(ctx, h.KeyID, h.Value)
	switch {
	case err != nil:
		p.Detail = "it could not be read back: " + inventory.Clean(err.Error())
	case slices.ContainsFunc(keys, func(k awsKeyOf) bool {
		return k.ID != h.KeyID && (rec.Seen[seenNew] == "" || k.ID == rec.Seen[seenNew])
	}):
		p.Grade, p.Detail = revoke.Attested, "read back: AWS lists the new key"
		handover.Told(&p, rec)
	default:
		p.Detail = "read back: AWS does not list the new key"
	}
	return p, nil
}

// recoverRotation says what became of a step of a rotation that was cut off; ok is false where that is to be told as of any
// other step.
func (s *Source) recoverRotation(ctx context.Context, st revoke.Step) (rec revoke.Receipt, state string, ok bool, err error) {
	rec.At = s.env.Now().UTC()
	switch st.Params[paramWhat] {
	case proves:
		return rec, revoke.StatePlanned, true, nil // it changes nothing
	case ends:
		m, err := s.newPair(ctx, st)
		if err != nil {
			return rec, "", false, nil //nolint:nilerr // the old key tells
		}
		if status, err := s.statusAWS(ctx, m, st.Params[paramKeyID]); err == nil && status == inactive {
			rec.Detail, rec.Undo, rec.Already = "found turned off after nhitop had been cut off", undoOf(st), true
			return rec, revoke.StateDone, true, nil
		}
		return rec, "", false, nil
	case makes:
	default:
		return rec, "", false, nil
	}
	h, _, err := s.rotating(ctx, st)
	if err != nil {
		return rec, "", true, err
	}
	keys, err := s.keysAWS(ctx, h.KeyID, h.Value)
	switch {
	case err != nil:
		return rec, revoke.StateUnknown, true, err
	case !slices.ContainsFunc(keys, func(k awsKeyOf) bool { return k.ID != h.KeyID }):
		return rec, revoke.StatePlanned, true, nil
	}
	m, err := s.newPair(ctx, st)
	if err == nil && slices.ContainsFunc(keys, func(k awsKeyOf) bool { return k.ID == m.KeyID }) {
		rec.Detail, rec.Seen, rec.Already = "found made and handed over after nhitop had been cut off: "+m.KeyID, map[string]string{seenNew: m.KeyID}, true
		return rec, revoke.StateDone, true, nil
	}
	return rec, revoke.StateUnknown, true, lost(keys, st)
}

// undoOf is what turns the old key on again.
func undoOf(st revoke.Step) map[string]string {
	if !st.Reversible {
		return nil
	}
	return map[string]string{"Status": active}
}

// Undo implements revoke.Undoer: the old key of a rotation is turned on again, signed with the new one.
func (s *Source) Undo(ctx context.Context, st revoke.Step, rec revoke.Receipt) (revoke.Receipt, error) {
	if st.Params[paramWhat] != ends || rec.Undo["Status"] != active {
		return revoke.Receipt{}, errors.New("this step cannot be taken back")
	}
	user := awsUser(st.Params[paramAccount])
	m, err := s.newPair(ctx, st)
	if err != nil {
		return revoke.Receipt{}, fmt.Errorf("%w: the new key is not where it was handed to; an administrator runs: %s --status Active", revoke.ErrUntouched, awsCommand("update-access-key", st.Params[paramKeyID], user))
	}
	form := action("UpdateAccessKey", iamVersion)
	form.Set("AccessKeyId", st.Params[paramKeyID])
	form.Set("Status", active)
	if err := s.changeAWS(httpx.Armed(ctx, st.ID), form, m.KeyID, m.Value, user); err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{At: s.env.Now().UTC(), Detail: "iam UpdateAccessKey Status=Active, signed with " + m.KeyID + ": 200"}, nil
}

// VerifyUndo implements revoke.UndoVerifier: with the old key where it can be read, else by what AWS lists.
func (s *Source) VerifyUndo(ctx context.Context, st revoke.Step, _ revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	if h, ok := revoke.HeldFor(ctx, st.Target); ok {
		if got, err := s.askAWS(ctx, st.Params[paramKeyID], h.Value); err == nil && got.verdict == live {
			p.Grade, p.Detail = revoke.Proven, got.text+": it is accepted again"
			return p, nil
		}
	}
	m, err := s.newPair(ctx, st)
	if err != nil {
		return p, err
	}
	switch status, err := s.statusAWS(ctx, m, st.Params[paramKeyID]); {
	case err != nil:
		p.Detail = "it could not be read back: " + inventory.Clean(err.Error())
	case status == active:
		p.Grade, p.Detail = revoke.Attested, "read back: AWS lists the old key as active"
	default:
		p.Detail = "read back: AWS lists the old key as " + inventory.Clean(strings.ToLower(status))
	}
	return p, nil
}
