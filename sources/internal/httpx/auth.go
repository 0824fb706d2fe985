package httpx

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"nhitop/inventory"
)

// Getter reads a credential when it is needed.
type Getter func(context.Context) (inventory.Value, error)

// Held returns a getter of a value that is at hand.
func Held(v inventory.Value) Getter {
	return func(context.Context) (inventory.Value, error) { return v, nil }
}

// Bearer sends a credential as Authorization: Bearer.
func Bearer(get Getter) Auth { return Header("Authorization", "Bearer ", get) }

// Header sends a credential in a header, behind a prefix: PRIVATE-TOKEN, or Authorization with "token ".
func Header(name, prefix string, get Getter) Auth {
	return func(ctx context.Context, r *http.Request) error {
		v, err := get(ctx)
		if err != nil {
			return err
		}
		r.Header.Set(name, prefix+v.Reveal())
		note(ctx, v)
		return nil
	}
}

// Basic sends a name and a password.
func Basic(user string, get Getter) Auth {
	return func(ctx context.Context, r *http.Request) error {
		v, err := get(ctx)
		if err != nil {
			return err
		}
		r.SetBasicAuth(user, v.Reveal())
		note(ctx, v)
		return nil
	}
}

// BasicUser sends a credential as the name, with no password.
func BasicUser(get Getter) Auth {
	return func(ctx context.Context, r *http.Request) error {
		v, err := get(ctx)
		if err != nil {
			return err
		}
		r.SetBasicAuth(v.Reveal(), "")
		note(ctx, v)
		return nil
	}
}

// note keeps what was sent for as long as the request lives, so that no message repeats it.
func note(ctx context.Context, v inventory.Value) {
	if f := flightOf(ctx); f != nil {
		f.mu.Lock()
		f.sent = append(f.sent, v)
		f.mu.Unlock()
	}
}

// texts are the credentials that a request carries, as they may be repeated in an answer.
func (f *flight) texts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, v := range append(f.sent[:len(f.sent):len(f.sent)], f.req.Secret) {
		if s := v.Reveal(); s != "" {
			out = append(out, s)
			if e := url.PathEscape(s); e != s {
				out = append(out, e)
			}
		}
	}
	return out
}

// placeholder stands in Request.Path and in the strings of Request.Body for Request.Secret.
const placeholder = "{secret}"

// withSecret puts the secret of a request into its path.
func (f *flight) withSecret(u *url.URL) (*url.URL, error) {
	if f.req.Secret.IsZero() {
		return u, nil
	}
	full := strings.Replace(u.String(), url.PathEscape(placeholder), url.PathEscape(f.req.Secret.Reveal()), 1)
	v, err := url.Parse(full)
	if err != nil {
		return nil, errSecretPath // the error of the parser would quote it
	}
	return v, nil
}

// bodyWithSecret puts the secret of a request into its body.
func (f *flight) bodyWithSecret() []byte {
	if f.req.Secret.IsZero() {
		return f.body
	}
	quoted, err := json.Marshal(f.req.Secret.Reveal())
	if err != nil { // a string
		return f.body
	}
	return []byte(strings.ReplaceAll(string(f.body), placeholder, string(quoted[1:len(quoted)-1])))
}

// Path fills the parts into a format with %s for each, escaped so that no part can leave its place in the path.
func Path(format string, parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		before, after, _ := strings.Cut(format, "%s")
		b.WriteString(before)
		format = after
		switch e := url.PathEscape(p); e {
		case ".", "..":
			b.WriteString(strings.ReplaceAll(e, ".", "%2E"))
		default:
			b.WriteString(e)
		}
	}
	b.WriteString(format)
	return b.String()
}
