package httpx

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// resolve makes the address of a request: below the base, or an absolute one of the same host.
func (c *Client) resolve(path string, q url.Values) (*url.URL, error) {
	full := path
	switch {
	case strings.HasPrefix(path, "/"):
		full = c.base.String() + strings.Replace(path, placeholder, url.PathEscape(placeholder), 1)
	case !strings.Contains(path, "://"):
		return nil, errors.New("a path begins with a slash")
	}
	u, err := url.Parse(full)
	if err != nil {
		return nil, fmt.Errorf("%w: not an address", ErrAnswer)
	}
	if !c.own(u) {
		return nil, fmt.Errorf("%w: it is not of %s", ErrRedirect, c.base.Host)
	}
	if len(q) > 0 {
		all := u.Query()
		for k, v := range q {
			all[k] = v
		}
		u.RawQuery = all.Encode()
	}
	u.Fragment = ""
	return u, nil
}

// own reports whether an address is of the base's own scheme, host and port.
func (c *Client) own(u *url.URL) bool {
	return u.User == nil && strings.EqualFold(u.Scheme, c.base.Scheme) && hostPort(u) == hostPort(c.base)
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow returns where a redirect leads, if it may be followed: a request that only reads, on the same host with its
// credential, or elsewhere if it had none. The name of the other host is not repeated in full: it is text from outside.
func (f *flight) follow(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	switch {
	case err != nil || to.User != nil:
		return nil, fmt.Errorf("%w: not an address", ErrRedirect)
	case f.req.Method != http.MethodGet && f.req.Method != http.MethodHead:
		return nil, fmt.Errorf("%w: a %s is sent once, to one place", ErrRedirect, f.req.Method)
	case f.c.own(to):
		return to, nil
	case !f.req.Anonymous || f.req.As != nil || !f.req.Secret.IsZero():
		return nil, fmt.Errorf("%w: to another host, and the request carries a credential", ErrRedirect)
	case to.Scheme == "https" && net.ParseIP(to.Hostname()) == nil && !loopback(to.Hostname()):
		return to, nil
	case loopback(to.Hostname()) && loopback(f.c.base.Hostname()):
		return to, nil
	}
	return nil, fmt.Errorf("%w: to an address inside, or without TLS", ErrRedirect)
}
