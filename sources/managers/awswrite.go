package managers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Look implements [revoke.Manager].
func (m *awsPlace) Look(ctx context.Context) (revoke.Slot, error) {
	s, err := m.look(ctx)
	if err != nil {
		return revoke.Slot{}, err
	}
	others := ""
	switch keys, err := m.keys(s); {
	case m.opt.Key == "":
	case s.blind:
		return revoke.Slot{}, fmt.Errorf("the key may not read %s, and its other keys would be lost: give it secretsmanager:GetSecretValue", inventory.Clean(m.opt.Secret))
	case err != nil:
		return revoke.Slot{}, err
	default:
		others = othersOf(keys, m.opt.Key)
	}
	secret := inventory.Clean(m.opt.Secret)
	t := revoke.Slot{Where: m.where(), Mark: s.next}
	t.Request = fmt.Sprintf("aws secretsmanager put-secret-value --region %s --secret-id %s --client-request-token %s --secret-string file:///dev/stdin", m.opt.Region, word(m.opt.Secret), s.next)
	t.Effect = fmt.Sprintf("The new one then stands in a version %.12s of %s%s, which becomes AWSCURRENT; it is not made if somebody else has written there by then", s.next, secret, others)
	if s.current != "" {
		t.Residual = fmt.Sprintf("what stands in %s now, as AWSPREVIOUS, until it is written once more", secret)
	}
	switch {
	case s.blind:
		t.Effect += ". The key may not read it back: that it stands there is accepted, not seen"
	case s.current != "" && !s.value.IsZero():
		t.Effect += ". Before, what stands there is written once more under its own version, which AWS ignores: that shows that the key may write"
		t.Try = func(ctx context.Context, step string) error { return m.put(ctx, step, s.current, s.value) }
	}
	t.Write = func(ctx context.Context, step string, v inventory.Value) (inventory.Value, error) {
		return m.write(ctx, step, s, v)
	}
	return t, nil
}

// keys are those of the JSON that the secret holds.
func (m *awsPlace) keys(s *awsStand) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if s.current == "" {
		return all, nil
	}
	if json.Unmarshal([]byte(s.value.Reveal()), &all) != nil || all == nil {
		return nil, fmt.Errorf("key: %s holds no JSON object; leave key out to replace the whole", inventory.Clean(m.opt.Secret))
	}
	return all, nil
}

// put writes a version.
func (m *awsPlace) put(ctx context.Context, step, version string, whole inventory.Value) error {
	var got struct {
		VersionId     string
		VersionStages []string
	}
	body := map[string]string{"SecretId": m.opt.Secret, "ClientRequestToken": version, "SecretString": placeholder}
	err := m.call(httpx.Armed(ctx, step), m.writes, "PutSecretValue", body, whole, &got)
	if err == nil && (got.VersionId != version || !slices.Contains(got.VersionStages, "AWSCURRENT")) {
		err = fmt.Errorf("%w: the version is not AWSCURRENT", httpx.ErrAnswer)
	}
	return err
}

// write writes the new credential, if the secret is as it was, and reads it back.
func (m *awsPlace) write(ctx context.Context, step string, s *awsStand, v inventory.Value) (inventory.Value, error) {
	none := inventory.Value{}
	now, err := m.look(ctx)
	if err != nil {
		return none, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	}
	if now.next != s.next {
		return none, fmt.Errorf("%w: somebody else has written %s since", revoke.ErrNotTaken, inventory.Clean(m.opt.Secret))
	}
	whole, err := m.with(now, v)
	if err != nil {
		return none, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	}
	err = m.put(ctx, step, s.next, whole)
	switch {
	case refused(err):
		return none, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	case s.blind:
		return none, err
	}
	for n := 1; ; n++ {
		shown, seen := m.Read(ctx, s.next)
		switch {
		case seen == nil:
			return shown, nil
		case n < looks && wait(ctx, m.env) == nil:
		case errors.Is(seen, revoke.ErrNotHeld) && (err == nil || httpx.Status(err) != 0):
			return none, fmt.Errorf("%w: %s", revoke.ErrNotTaken, answered(err, "AWS answered that it did, and shows no such version as AWSCURRENT"))
		default:
			return none, errors.Join(err, seen)
		}
	}
}

// with is what the secret is to hold: the new credential, or the JSON with it under its key.
func (m *awsPlace) with(s *awsStand, v inventory.Value) (inventory.Value, error) {
	if m.opt.Key == "" {
		return v, nil
	}
	all, err := m.keys(s)
	if err != nil {
		return v, err
	}
	own, err := json.Marshal(v.Reveal())
	if err != nil {
		return v, errors.New("the new credential is no text")
	}
	all = maps.Clone(all)
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	all[m.opt.Key] = own
	text, err := json.Marshal(all)
	if err != nil {
		return v, errors.New("what stands there cannot be written again")
	}
	return inventory.NewValue(string(text)), nil
}

// Read implements [revoke.Manager].
func (m *awsPlace) Read(ctx context.Context, mark string) (inventory.Value, error) {
	none := inventory.Value{}
	s, err := m.look(ctx)
	switch {
	case err != nil:
		return none, err
	case s.current != mark || s.blind:
		return none, fmt.Errorf("%w: AWSCURRENT of %s is another version", revoke.ErrNotHeld, inventory.Clean(m.opt.Secret))
	case m.opt.Key == "":
		return s.value, nil
	}
	all, err := m.keys(s)
	if err != nil {
		return none, fmt.Errorf("%w: %w", revoke.ErrNotHeld, err)
	}
	return held(all[m.opt.Key])
}
