package npm

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// Paths of the registry's interface.
const (
	pathWho     = "/-/whoami"
	pathUser    = "/-/npm/v1/user"
	pathTokens  = "/-/npm/v1/tokens"
	pathToken   = "/-/npm/v1/tokens/token/" // KEY: DELETE ends the token
	pathLogout  = "/-/user/token/{secret}"  // DELETE ends the token itself
	pathPing    = "/-/ping"
	userPackage = "/-/user/%s/package"
	orgPackage  = "/-/org/%s/package"
)

// token is one entry of the list. What another registry leaves out stays empty.
type token struct {
	Key      string `json:"key"`
	Mask     string `json:"token"` // a part of it: verdaccio the first and last five characters, npm the first few
	Name     string `json:"name"`
	User     string `json:"user"`
	Created  stamp  `json:"created"`
	Expires  stamp  `json:"expires"`
	Expiry   stamp  `json:"expiry"`
	LastUsed stamp  `json:"last_used"`
	Readonly *bool  `json:"readonly"`
	CIDR     words  `json:"cidr"`           // verdaccio
	List     words  `json:"cidr_whitelist"` // npm
	Kind     string `json:"token_type"`
	Automate *bool  `json:"automation"`
	Bypass   *bool  `json:"bypass_2fa"`
	Packages words  `json:"packages"`
	Scopes   words  `json:"scopes"`
	Orgs     words  `json:"orgs"`
	All      *bool  `json:"packages_all"`
	Right    string `json:"packages_and_scopes_permission"` // read-only, read-write, no-access
	OrgRight string `json:"orgs_permission"`
}

// stamp is a time as registries write it: RFC 3339, a day, or milliseconds since 1970. Anything else is not known.
type stamp struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler. It does not fail: one odd date is no reason to lose a list.
func (s *stamp) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 0 && ms < 1<<48 {
		s.Time = time.UnixMilli(ms).UTC()
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1970 {
			s.Time = t.UTC()
			return nil
		}
	}
	return nil
}

// words is a list of strings; null, one string, and a list of objects with a name are taken too.
type words []string

// UnmarshalJSON implements json.Unmarshaler. It does not fail.
func (w *words) UnmarshalJSON(b []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(b, &list) != nil {
		list = []json.RawMessage{b}
	}
	for _, e := range list {
		var s string
		var o struct{ Name string }
		if bytes.Equal(e, []byte("null")) {
			continue
		}
		if json.Unmarshal(e, &s) != nil && json.Unmarshal(e, &o) == nil {
			s = o.Name
		}
		if s != "" {
			*w = append(*w, s)
		}
	}
	return nil
}

// publishes says whether a token can publish, and whether the registry tells so.
func (t *token) publishes() (can, told bool) {
	switch {
	case t.Readonly != nil && *t.Readonly:
		return false, true
	case t.Right == "read-write":
		return true, true
	case t.Right == "read-only" || t.Right == "no-access":
		return false, true
	case t.Kind == "readonly" || t.Kind == "read-only":
		return false, true
	}
	return true, t.Readonly != nil
}

// bound says that a token can only read.
func (t *token) bound() bool {
	can, _ := t.publishes()
	return !can
}

// automates says that a token publishes where an account's second factor would be asked for.
func (t *token) automates() bool {
	return t.Automate != nil && *t.Automate || t.Bypass != nil && *t.Bypass || t.Kind == "automation"
}

func (t *token) addresses() []string { return slices.Concat(t.CIDR, t.List) }

func (t *token) expires() time.Time {
	if !t.Expires.IsZero() {
		return t.Expires.Time
	}
	return t.Expiry.Time
}

// scopeFrom begins the word for an address that a token is bound to.
const scopeFrom = "from:"

// scopes are the words of Secret.Scopes.
func (t *token) scopes() []string {
	var out []string
	switch can, told := t.publishes(); {
	case !can:
		out = append(out, "read-only")
	case told:
		out = append(out, "publish")
	}
	if t.automates() {
		out = append(out, "automation")
	}
	for _, l := range []struct {
		word string
		list []string
	}{{"package:", t.Packages}, {"scope:", t.Scopes}, {"org:", t.Orgs}, {scopeFrom, t.addresses()}} {
		for _, x := range l.list {
			out = append(out, l.word+x)
		}
	}
	return out
}

// clues tell the token again where its value is found. npm's keys are SHA-512 and those of old verdaccios MD5 of the token;
// newer verdaccios make keys at random.
func (t *token) clues() []inventory.Clue {
	var out []inventory.Clue
	const sha512, md5 = 128, 32
	if strings.Trim(t.Key, "0123456789abcdef") == "" {
		switch len(t.Key) {
		case sha512:
			out = append(out, inventory.Clue{By: inventory.ClueSHA512, Text: t.Key})
		case md5:
			out = append(out, inventory.Clue{By: inventory.ClueMD5, Text: t.Key})
		}
	}
	const shown = 5
	if a, b, ok := strings.Cut(t.Mask, "..."); ok && len(a) == shown && len(b) == shown {
		out = append(out, inventory.Clue{By: inventory.ClueEnds5, Text: a + b})
	}
	return out
}

// label names a token for people, by nothing that is secret.
func (t *token) label() string {
	const short = 6
	return cmp.Or(t.Name, "token "+t.Key[:min(len(t.Key), short)])
}

// who asks whose credential it is that the client has. An answer without a name is errNobody.
func who(ctx context.Context, c *httpx.Client, r httpx.Request) (string, error) {
	var me struct {
		Username string `json:"username"`
	}
	r.Path, r.Into = pathWho, &me
	_, err := c.Do(ctx, r)
	if err == nil && me.Username == "" {
		err = errNobody
	}
	return me.Username, err
}

// tokens lists what the account of the client holds.
func tokens(ctx context.Context, c *httpx.Client) iter.Seq2[token, error] {
	next := func(data []byte) string {
		var p struct {
			URLs struct {
				Next string `json:"next"`
			} `json:"urls"`
		}
		if json.Unmarshal(data, &p) != nil {
			return ""
		}
		return p.URLs.Next
	}
	return func(yield func(token, error) bool) {
		for t, err := range httpx.Pages[token](ctx, c, pathTokens, nil, httpx.BodyPager(next).In("objects")) {
			if err == nil && t.Key == "" {
				err = fmt.Errorf("%s: %w: a token without a key", c.Service(), httpx.ErrAnswer)
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// find looks for a key in the list.
func find(ctx context.Context, c *httpx.Client, key string) (*token, error) {
	for t, err := range tokens(ctx, c) {
		if err != nil {
			return nil, err
		}
		if t.Key == key {
			return &t, nil
		}
	}
	return nil, nil
}

// mayPublish lists the packages to which an account or an organisation has write access. told is false where the registry
// does not answer such a question.
func mayPublish(ctx context.Context, c *httpx.Client, path string) (names []string, told bool, err error) {
	var all map[string]string
	_, err = c.Get(ctx, path, nil, &all)
	var se *httpx.StatusError
	if errors.As(err, &se) && (se.Status == 404 || se.Status == 501) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	for name, right := range all {
		if right == "write" || right == "read-write" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, true, nil
}
