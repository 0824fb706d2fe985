package managers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// Vault is a place in HashiCorp Vault or OpenBao: one key of one secret of a KV secrets engine, of version 1 or 2. Sources:
// the API pages "KV secrets engine" (versions 1 and 2), "/sys/capabilities-self" and "/sys/internal/ui/mounts" of Vault and
// OpenBao, and OpenBao's own code, read 2026-11-27.
type Vault struct {
	Kind      string      `toml:"kind"`
	URL       string      `toml:"url"` // without /v1
	Namespace string      `toml:"namespace"`
	Mount     string      `toml:"mount"`
	Path      string      `toml:"path"`
	Key       string      `toml:"key"`
	Token     credref.Ref `toml:"token"`
	CAFile    string      `toml:"ca_file"`
}

type vault struct {
	opt  Vault
	env  sources.Env
	http *httpx.Client
}

const capabilities = "/v1/sys/capabilities-self"

// NewVault makes the place. It sends nothing. The error begins with the key that is wrong.
func NewVault(o Vault, env sources.Env) (revoke.Manager, error) {
	o.Mount, o.Path, o.URL = strings.Trim(o.Mount, "/"), strings.Trim(o.Path, "/"), strings.TrimRight(o.URL, "/")
	if err := needed("url", o.URL, "mount", o.Mount, "path", o.Path, "key", o.Key); err != nil {
		return nil, err
	}
	for _, k := range []struct{ key, v string }{{"mount", o.Mount}, {"path", o.Path}} {
		for part := range strings.SplitSeq(k.v, "/") {
			if part == "" || part == "." || part == ".." {
				return nil, fmt.Errorf("%s: names between single slashes; . and .. are none", k.key)
			}
		}
	}
	switch {
	case strings.HasSuffix(o.URL, "/v1"):
		return nil, errors.New("url: the address without /v1")
	case strings.Contains(o.Mount+o.Path+o.Key, placeholder):
		return nil, errors.New("key: not with " + placeholder)
	case strings.HasPrefix(o.Path, "data/"):
		return nil, errors.New("path: as vault kv get takes it, without data/")
	}
	if err := o.Token.Check("token"); err != nil {
		return nil, err
	}
	header := http.Header{"X-Vault-Request": {"true"}} // an agent may ask for it
	if o.Namespace != "" {
		header.Set("X-Vault-Namespace", o.Namespace)
	}
	c, err := httpx.New(httpx.Config{
		Service: "Vault", Base: o.URL, Header: header, CAFile: expand(o.CAFile, env.Home), Transport: env.Via(o.URL), Now: env.Now, Sleep: env.Sleep, Log: env.Log, UserAgent: env.UserAgent,
		ReadPosts: []string{capabilities},
	})
	if err != nil {
		return nil, err
	}
	return &vault{o, env, c}, nil
}

// secret is the path of the secret as people write it.
func (m *vault) secret() string { return inventory.Clean(m.opt.Mount + "/" + m.opt.Path) }

func (m *vault) where() string {
	in := ""
	if m.opt.Namespace != "" {
		in = ", namespace " + m.opt.Namespace
	}
	return inventory.Clean(fmt.Sprintf("%s%s, %s, key %s", m.opt.URL, in, m.secret(), m.opt.Key))
}

// at is the path of the API for a part of the engine: "" with version 1, else data or metadata.
func (m *vault) at(part string) string {
	all := m.opt.Mount + "/" + m.opt.Path
	if part != "" {
		all = m.opt.Mount + "/" + part + "/" + m.opt.Path
	}
	parts := strings.Split(all, "/")
	return httpx.Path("/v1"+strings.Repeat("/%s", len(parts)), parts...)
}

// visit is one visit with the token.
type visit struct {
	*vault
	as httpx.Auth
}

func (m *vault) visit(ctx context.Context) (visit, error) {
	get, err := once(ctx, "token", m.opt.Token, m.env)
	return visit{m, httpx.Header("X-Vault-Token", "", get)}, err
}

// get reads a path. What is not there is no error: the answer says so.
func (v visit) get(ctx context.Context, path string, q url.Values, into any) (found bool, err error) {
	var failed []byte
	_, err = v.http.Do(ctx, httpx.Request{Path: path, Query: q, Into: into, Failed: &failed, As: v.as})
	if httpx.Status(err) == http.StatusNotFound {
		_ = json.Unmarshal(failed, into) // of a version that was deleted the metadata stand there
		return false, nil
	}
	return err == nil, err
}

// stand is what is to be seen of the place.
type stand struct {
	kv      int             // version of the engine
	may     map[string]bool // what the token may on the secret
	version int             // the newest of the secret; 0: none. With KV version 1: always 0
	there   bool            // there is a secret, and its newest version is not deleted
	data    map[string]json.RawMessage
}

func (s *stand) reads() bool { return s.may["read"] }

// look looks at the place.
func (v visit) look(ctx context.Context) (*stand, error) {
	kv, err := v.engine(ctx)
	if err != nil {
		return nil, err
	}
	part := map[int]string{2: "data"}[kv]
	may, err := v.capabilities(ctx, part)
	if err != nil {
		return nil, err
	}
	s := &stand{kv: kv, may: may[0]}
	switch {
	case kv == 1 && !s.reads():
		return nil, fmt.Errorf("the token may not read %s: its other keys would be lost; give it read there", v.secret())
	case kv == 1:
		var got struct{ Data map[string]json.RawMessage }
		s.there, err = v.get(ctx, v.at(""), nil, &got)
		s.data = got.Data
	case s.reads():
		err = v.read(ctx, 0, s)
	case may[1]["read"]:
		err = v.metadata(ctx, s)
	default:
		return nil, fmt.Errorf("the token may see neither %s nor its metadata: which version comes next is not known; give it read on %s/metadata/%s", v.secret(), v.opt.Mount, v.opt.Path)
	}
	return s, err
}

// engine is the version of the KV engine that is mounted, found as Vault's own command line does it.
func (v visit) engine(ctx context.Context) (int, error) {
	parts := strings.Split(v.opt.Mount+"/"+v.opt.Path, "/")
	var got struct {
		Data struct {
			Path, Type string
			Options    map[string]any
		}
	}
	_, err := v.http.Do(ctx, httpx.Request{Path: httpx.Path("/v1/sys/internal/ui/mounts"+strings.Repeat("/%s", len(parts)), parts...), Into: &got, As: v.as})
	switch {
	case httpx.Status(err) == http.StatusForbidden:
		return 0, fmt.Errorf("the token is refused, or may do nothing in the mount %s: %w", inventory.Clean(v.opt.Mount), err)
	case err != nil:
		return 0, err
	case strings.Trim(got.Data.Path, "/") != v.opt.Mount:
		return 0, fmt.Errorf("mount: there is no mount %s; %s is in the mount %s", inventory.Clean(v.opt.Mount), v.secret(), inventory.Clean(got.Data.Path))
	case got.Data.Type != "kv" && got.Data.Type != "generic":
		return 0, fmt.Errorf("mount: %s is no KV secrets engine but %s", inventory.Clean(v.opt.Mount), inventory.Clean(got.Data.Type))
	}
	switch version, _ := got.Data.Options["version"].(string); version {
	case "", "1":
		return 1, nil
	case "2":
		return 2, nil
	}
	return 0, errors.New("the KV secrets engine is of a version that is not known")
}

// capabilities is what the token may on the secret and on its metadata.
func (v visit) capabilities(ctx context.Context, part string) (may [2]map[string]bool, err error) {
	plain := func(part string) string { return path(v.opt.Mount, part, v.opt.Path) }
	paths := []string{plain(part), plain("metadata")}
	var got map[string]json.RawMessage
	if _, err := v.http.Do(ctx, httpx.Request{Method: http.MethodPost, Path: capabilities, Body: map[string]any{"paths": paths}, Into: &got, As: v.as}); err != nil {
		return may, fmt.Errorf("what the token may do cannot be asked (update on sys/capabilities-self, which the policy default gives): %w", err)
	}
	for i, p := range paths {
		var list []string
		if err := json.Unmarshal(got[p], &list); err != nil {
			return may, fmt.Errorf("%w: it does not say what the token may do", httpx.ErrAnswer)
		}
		may[i] = map[string]bool{}
		for _, c := range []string{"create", "update", "patch", "read"} {
			may[i][c] = slices.Contains(list, c) || slices.Contains(list, "root")
		}
	}
	return may, nil
}

func path(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "/")
}

// read reads a version of a secret of KV version 2; 0 is the newest.
func (v visit) read(ctx context.Context, version int, s *stand) error {
	var got struct {
		Data struct {
			Data     map[string]json.RawMessage
			Metadata struct{ Version int }
		}
	}
	var q url.Values
	if version > 0 {
		q = url.Values{"version": {strconv.Itoa(version)}}
	}
	found, err := v.get(ctx, v.at("data"), q, &got)
	if err == nil && found && got.Data.Metadata.Version < 1 {
		err = fmt.Errorf("%w: it tells no version", httpx.ErrAnswer)
	}
	s.version, s.there, s.data = got.Data.Metadata.Version, found && got.Data.Data != nil, got.Data.Data
	return err
}

// metadata reads which version is the newest.
func (v visit) metadata(ctx context.Context, s *stand) error {
	var got struct {
		Data struct {
			Current  int `json:"current_version"`
			Versions map[string]struct {
				Deleted   string `json:"deletion_time"`
				Destroyed bool   `json:"destroyed"`
			}
		}
	}
	found, err := v.get(ctx, v.at("metadata"), nil, &got)
	if err != nil || !found {
		return err
	}
	newest := got.Data.Versions[strconv.Itoa(got.Data.Current)]
	ends, err := time.Parse(time.RFC3339, newest.Deleted)
	deleted := newest.Deleted != "" && (err != nil || !v.env.Now().Before(ends)) // it may lie ahead
	s.version, s.there = got.Data.Current, got.Data.Current > 0 && !deleted && !newest.Destroyed
	return nil
}

// merged is the body that puts the new credential beside what stands there.
func merged(data map[string]json.RawMessage, key string) (json.RawMessage, error) {
	rest := make(map[string]json.RawMessage, len(data))
	for k, v := range data {
		if k != key {
			rest[k] = v
		}
	}
	body, err := json.Marshal(rest)
	if err != nil {
		return nil, errors.New("what stands there cannot be written again")
	}
	name, err := json.Marshal(key)
	if err != nil {
		return nil, errors.New("key: not a text")
	}
	// What stands there may hold the text that the credential takes the place of when the request is sent.
	body = bytes.ReplaceAll(body, []byte(placeholder), []byte(`\u007b`+placeholder[1:]))
	body = body[:len(body)-1]
	if len(rest) > 0 {
		body = append(body, ',')
	}
	return append(append(body, name...), `:"`+placeholder+`"}`...), nil
}

// placeholder is what [httpx.Request] puts its secret in the place of.
const placeholder = "{secret}"
