package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// The versions of the REST API, newest first. An Enterprise Server before 3.21 knows the second alone.
const (
	newVersion = "2026-03-10"
	oldVersion = "2022-11-28"
)

// version is the API version that is asked for.
type version struct{ v atomic.Pointer[string] }

func (v *version) get() string {
	if p := v.v.Load(); p != nil {
		return *p
	}
	return newVersion
}

func (v *version) fallBack() { old := oldVersion; v.v.Store(&old) }

// login is one way to authenticate: a token, or an app that mints tokens of an hour.
type login struct {
	src   *Source
	token credref.Ref
	app   App
	reads bool   // the minted token gets the app's permissions to read alone
	on    string // slug of the enterprise that the app is installed on; "": the organisation
	vers  *version

	mu      sync.Mutex
	held    inventory.Value // the token, or the app's private key
	minted  inventory.Value
	expires time.Time
	install int64
	perms   map[string]string // of the installation
}

func (l *login) lookup() credref.Lookup {
	return credref.Lookup{Getenv: l.src.env.Getenv}
}

// ref is where the credential stands.
func (l *login) ref() credref.Ref {
	if l.app.isZero() {
		return l.token
	}
	return l.app.PrivateKey
}

// secret reads the credential once for a collection.
func (l *login) secret(ctx context.Context) (inventory.Value, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read(ctx)
}

func (l *login) read(ctx context.Context) (inventory.Value, error) {
	if !l.held.IsZero() {
		return l.held, nil
	}
	v, err := l.ref().Read(ctx, l.lookup())
	if err == nil {
		l.held = v
	}
	return v, err
}

// get is the credential for the next request.
func (l *login) get(ctx context.Context) (inventory.Value, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held, err := l.read(ctx)
	if err != nil || l.app.isZero() {
		return held, err
	}
	const early = 5 * time.Minute
	if now := l.src.env.Now(); l.minted.IsZero() || !now.Before(l.expires.Add(-early)) {
		if err := l.mint(ctx, held); err != nil {
			return inventory.Value{}, err
		}
	}
	return l.minted, nil
}

// authorize adds the credential and the version of the API.
func (l *login) authorize(ctx context.Context, r *http.Request) error {
	r.Header.Set("X-GitHub-Api-Version", l.vers.get())
	return httpx.Bearer(l.get)(ctx, r)
}

// mint gets a token of the installation. A reading login asks for no more than the app's permissions to read.
func (l *login) mint(ctx context.Context, key inventory.Value) error {
	jwt, err := signJWT(key, l.app.ID, l.src.env.Now())
	if err != nil {
		return err
	}
	as := func(ctx context.Context, r *http.Request) error {
		r.Header.Set("X-GitHub-Api-Version", l.vers.get())
		return httpx.Bearer(httpx.Held(jwt))(ctx, r)
	}
	c, err := l.src.client(as, nil)
	if err != nil {
		return err
	}
	inst, err := l.installation(ctx, c)
	if err != nil {
		return fmt.Errorf("app: its installation could not be read: %w", err)
	}
	body := map[string]any{}
	if l.reads {
		body["permissions"] = readOnly(inst.Permissions, l.src.opt.SeeBypass)
	}
	var got struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires_at"`
	}
	mintPath := "/app/installations/" + strconv.FormatInt(inst.ID, 10) + "/access_tokens"
	if c, err = l.src.client(as, []string{mintPath}); err != nil {
		return err
	}
	if _, err := c.Do(ctx, httpx.Request{Method: http.MethodPost, Path: mintPath, Body: body, Into: &got}); err != nil {
		return fmt.Errorf("app: no token for its installation: %w", err)
	}
	if got.Token == "" {
		return errors.New("app: GitHub gave no token for its installation")
	}
	l.minted, l.expires, l.install, l.perms = inventory.NewValue(got.Token), got.Expires, inst.ID, inst.Permissions
	return nil
}

// ownInstallation is an installation as the app itself sees it.
type ownInstallation struct {
	ID          int64             `json:"id"`
	Permissions map[string]string `json:"permissions"`
}

// installation finds the one to act for.
func (l *login) installation(ctx context.Context, c *httpx.Client) (inst ownInstallation, err error) {
	find := httpx.Path("/orgs/%s/installation", l.src.opt.Org)
	switch {
	case l.on != "":
		find = httpx.Path("/enterprises/%s/installation", l.on)
	case l.app.Installation > 0:
		find = "/app/installations/" + strconv.FormatInt(l.app.Installation, 10)
	}
	if _, err = c.Get(ctx, find, nil, &inst); l.vers.refused(err) {
		_, err = c.Get(ctx, find, nil, &inst)
	}
	return inst, err
}

// readOnly are the permissions at the level of reading. Those that only exist to write are left out. Bypass lists of rulesets
// are shown to those alone who may change them: where they are wanted, what that takes is left as it was granted.
func readOnly(granted map[string]string, bypass bool) map[string]string {
	out := maps.Clone(granted)
	for k := range out {
		if bypass && (k == "administration" || k == "organization_administration") {
			continue
		}
		out[k] = "read"
		if writeOnly[k] {
			delete(out, k)
		}
	}
	return out
}

// writeOnly are permissions without a level to read (OpenAPI document of GitHub, app-permissions, 2026-03-10).
var writeOnly = map[string]bool{"workflows": true, "profile": true}

// signJWT makes the token by which an app shows that it holds its key: RS256 (RFC 7518), valid for nine minutes, begun a
// minute ago, for clocks differ (docs.github.com, "Generating a JSON Web Token for a GitHub App", 2026-11).
func signJWT(key inventory.Value, app int64, now time.Time) (inventory.Value, error) {
	private, err := parseKey(key)
	if err != nil {
		return inventory.Value{}, err
	}
	part := func(v any) string {
		data, _ := json.Marshal(v) // maps of texts and numbers
		return base64.RawURLEncoding.EncodeToString(data)
	}
	text := part(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." + part(map[string]any{
		"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(9 * time.Minute).Unix(), "iss": strconv.FormatInt(app, 10),
	})
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:])
	if err != nil {
		return inventory.Value{}, errors.New("private_key: it cannot sign")
	}
	return inventory.NewValue(text + "." + base64.RawURLEncoding.EncodeToString(signature)), nil
}

// parseKey reads an RSA key, as GitHub gives it out (PKCS #1) or converted (PKCS #8). Its errors quote nothing.
func parseKey(v inventory.Value) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.TrimSpace(v.Reveal()) + "\n"))
	if block == nil {
		return nil, errors.New("private_key: not a PEM file; take the one that GitHub gave out for the app")
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if private, ok := k.(*rsa.PrivateKey); err == nil && ok {
		return private, nil
	}
	return nil, errors.New("private_key: not an RSA key without a passphrase")
}

// refused reports whether the service does not know the API version, and falls back to the older one.
func (v *version) refused(err error) bool {
	var se *httpx.StatusError
	if !errors.As(err, &se) || se.Status != http.StatusBadRequest || v.get() == oldVersion {
		return false
	}
	v.fallBack()
	return true
}

// permissions are those of the app's installation; nil for a token.
func (l *login) permissions() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.perms
}
