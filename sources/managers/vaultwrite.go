package managers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// Marks of a place with KV version 1, which counts no versions.
const (
	markFirst = "kv1 first" // under the key stood nothing
	markOver  = "kv1 over"  // something stood there
)

// versionMark is the mark of a place with KV version 2: the version that writing makes.
func versionMark(n int) string { return "version " + strconv.Itoa(n) }

// versionOf reads it back; 0 for another mark.
func versionOf(mark string) int {
	digits, _ := strings.CutPrefix(mark, "version ")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// Look implements [revoke.Manager].
func (m *vault) Look(ctx context.Context) (revoke.Slot, error) {
	v, err := m.visit(ctx)
	if err != nil {
		return revoke.Slot{}, err
	}
	s, err := v.look(ctx)
	if err != nil {
		return revoke.Slot{}, err
	}
	req, err := v.request(s)
	if err != nil {
		return revoke.Slot{}, err
	}
	t := revoke.Slot{Where: m.where(), Mark: versionMark(s.version + 1)}
	if s.kv == 1 {
		if t.Mark = markFirst; s.data[m.opt.Key] != nil {
			t.Mark = markOver
		}
		t.Write = func(ctx context.Context, step string, x inventory.Value) (inventory.Value, error) {
			return m.write1(ctx, step, x, s, req)
		}
	} else {
		t.Write = func(ctx context.Context, step string, x inventory.Value) (inventory.Value, error) {
			return m.write2(ctx, step, x, s, req)
		}
	}
	t.Request, t.Effect, t.Residual = m.told(s, req)
	return t, nil
}

// request is the one request that puts a credential there and leaves the other keys as they are.
func (v visit) request(s *stand) (httpx.Request, error) {
	lacks := func(what string) (httpx.Request, error) {
		return httpx.Request{}, fmt.Errorf("the token may not write %s: give it %s there", v.secret(), what)
	}
	req := httpx.Request{Method: http.MethodPost, As: v.as, Path: v.at("data")}
	own := map[string]string{v.opt.Key: placeholder}
	body := map[string]any{"options": map[string]int{"cas": s.version}, "data": own}
	req.Body = body
	switch {
	case s.kv == 1 && s.there && !s.may["update"]:
		return lacks("update")
	case !s.there && s.version == 0 && !s.may["create"]:
		return lacks("create")
	case s.kv == 1:
		data, err := merged(s.data, v.opt.Key)
		req.Path, req.Body = v.at(""), data
		return req, err
	case !s.there && s.version > 0 && !s.may["update"]:
		return lacks("update")
	case !s.there:
		return req, nil
	case s.may["patch"]:
		req.Method, req.Header = http.MethodPatch, http.Header{"Content-Type": {"application/merge-patch+json"}}
		return req, nil
	case !s.may["update"]:
		return lacks("patch, or read and update")
	case !s.reads():
		return httpx.Request{}, fmt.Errorf("the token may write %s but neither patch nor read it, and the other keys would be lost: give it patch there", v.secret())
	}
	data, err := merged(s.data, v.opt.Key)
	body["data"] = data
	return req, err
}

// told says what a write does: its request, its effect, and what it leaves behind.
func (m *vault) told(s *stand, req httpx.Request) (request, effect, residual string) {
	others, was := m.others(s)
	url := m.http.URL(req.Path)
	switch own, err := json.Marshal(map[string]string{m.opt.Key: "$NEW"}); {
	case err != nil: // a text
	case s.there && req.Method == http.MethodPost && others != "": // a command could not hold what stands there
		request = fmt.Sprintf("# POST %s with its other keys as they are, and the new one in the place of $NEW: %s", url, own)
	case s.kv == 1:
		request = command(http.MethodPost, "application/json", string(own), url)
	default:
		request = command(req.Method, cmp.Or(req.Header.Get("Content-Type"), "application/json"), fmt.Sprintf(`{"options":{"cas":%d},"data":%s}`, s.version, own), url)
	}
	if s.kv == 1 {
		effect = fmt.Sprintf("The new one then stands in %s under %s%s. KV version 1 keeps no versions and has no check-and-set: what somebody else writes under that key by then is overwritten", m.secret(), inventory.Clean(m.opt.Key), others)
		return request, effect, ""
	}
	effect = fmt.Sprintf("The new one then stands in version %d of %s under %s%s; it is not made if somebody else has written there by then", s.version+1, m.secret(), inventory.Clean(m.opt.Key), others)
	if !s.reads() {
		effect += ". The token may not read it back: that it stands there is accepted, not seen"
	}
	if s.there && was {
		residual = fmt.Sprintf("what stands under %s now, in version %d of %s, for as long as the secrets manager keeps that version", inventory.Clean(m.opt.Key), s.version, m.secret())
	}
	return request, effect, residual
}

// others says which other keys the secret has; was, whether the key may have a value now.
func (m *vault) others(s *stand) (text string, was bool) {
	if s.there && !s.reads() {
		return "; its other keys stay", true
	}
	return othersOf(s.data, m.opt.Key), s.data[m.opt.Key] != nil
}

// command is a request as a person can paste it. $VAULT_TOKEN and $NEW stand for what no text holds.
func command(method, kind, body, url string) string {
	return fmt.Sprintf(`curl -X %s -H "X-Vault-Token: $VAULT_TOKEN" -H 'Content-Type: %s' -d %s %s`, method, kind, strings.ReplaceAll(word(body), "$NEW", `'"$NEW"'`), word(url))
}

// write2 writes with KV version 2.
func (m *vault) write2(ctx context.Context, step string, x inventory.Value, s *stand, req httpx.Request) (inventory.Value, error) {
	req.Secret = x
	_, err := m.http.Do(httpx.Armed(ctx, step), req)
	switch {
	case refused(err):
		return inventory.Value{}, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	case !s.reads():
		return inventory.Value{}, err
	}
	mark := versionMark(s.version + 1)
	for n := 1; ; n++ {
		shown, seen := m.Read(ctx, mark)
		switch {
		case seen == nil:
			return shown, nil // whatever was answered: it is there
		case n < looks && wait(ctx, m.env) == nil:
		case errors.Is(seen, revoke.ErrNotHeld) && (err == nil || httpx.Status(err) != 0):
			return shown, fmt.Errorf("%w: %s", revoke.ErrNotTaken, answered(err, "it answered that it did, and "+m.secret()+" does not show "+mark))
		default:
			return shown, errors.Join(err, seen)
		}
	}
}

// write1 writes with KV version 1, if the secret is as it was a moment ago.
func (m *vault) write1(ctx context.Context, step string, x inventory.Value, s *stand, req httpx.Request) (inventory.Value, error) {
	v, err := m.visit(ctx)
	if err != nil {
		return inventory.Value{}, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	}
	now, err := v.look(ctx)
	switch same := func(a, b json.RawMessage) bool { return string(a) == string(b) }; {
	case err != nil:
		return inventory.Value{}, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	case now.kv != 1 || now.there != s.there || !maps.EqualFunc(now.data, s.data, same):
		return inventory.Value{}, fmt.Errorf("%w: somebody else has written %s since", revoke.ErrNotTaken, m.secret())
	}
	req.Secret = x
	if _, err = m.http.Do(httpx.Armed(ctx, step), req); refused(err) {
		return inventory.Value{}, fmt.Errorf("%w: %w", revoke.ErrNotTaken, err)
	}
	for n := 1; ; n++ {
		now, seen := v.look(ctx)
		switch {
		case seen == nil && string(now.data[m.opt.Key]) != string(s.data[m.opt.Key]):
			if shown, err := held(now.data[m.opt.Key]); err == nil {
				return shown, nil
			}
			return inventory.Value{}, fmt.Errorf("%w: somebody else has written %s since", revoke.ErrNotTaken, m.secret())
		case n < looks && wait(ctx, m.env) == nil:
		case seen == nil && (err == nil || httpx.Status(err) != 0):
			return inventory.Value{}, fmt.Errorf("%w: %s", revoke.ErrNotTaken, answered(err, "it answered that it did, and "+m.secret()+" shows what it showed before"))
		default:
			return inventory.Value{}, errors.Join(err, seen)
		}
	}
}

// Read implements [revoke.Manager].
func (m *vault) Read(ctx context.Context, mark string) (inventory.Value, error) {
	v, err := m.visit(ctx)
	if err != nil {
		return inventory.Value{}, err
	}
	s, err := v.look(ctx)
	if err != nil {
		return inventory.Value{}, err
	}
	if s.kv == 1 {
		if mark != markFirst { // what stood there before cannot be told from the new one
			return inventory.Value{}, fmt.Errorf("%w: KV version 1 does not tell it from what stood there before", revoke.ErrNotHeld)
		}
		return held(s.data[m.opt.Key])
	}
	version := versionOf(mark)
	if version == 0 || s.version < version || !s.there {
		return inventory.Value{}, fmt.Errorf("%w: %s does not show %s", revoke.ErrNotHeld, m.secret(), mark)
	}
	if s.version > version { // somebody wrote since: another key, or this one
		var then stand
		if err := v.read(ctx, version, &then); err != nil {
			return inventory.Value{}, err
		}
		if string(then.data[m.opt.Key]) != string(s.data[m.opt.Key]) {
			return inventory.Value{}, fmt.Errorf("%w: somebody else has written it since %s", revoke.ErrNotHeld, mark)
		}
	}
	return held(s.data[m.opt.Key])
}
