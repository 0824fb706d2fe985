package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"nhitop/inventory"
)

// link is a connection on which the account of the configuration has signed in.
type link struct {
	s    *Source
	conn *ldap.Conn
	stop func() bool
	asks int // searches that were sent

	password inventory.Value // that it signed in with
}

// open connects, asks for TLS and signs in. The connection ends with ctx.
func (s *Source) open(ctx context.Context) (*link, error) {
	var password inventory.Value
	if s.o.BindDN != "" {
		var err error
		if password, err = s.o.Password.Read(ctx, s.lookup); err != nil {
			return nil, fmt.Errorf("password: %w", err)
		}
	}
	trust, err := s.trust()
	if err != nil {
		return nil, err
	}
	raw, u, err := s.dial(ctx, trust)
	if err != nil {
		return nil, s.failed(ctx, "connect", err)
	}
	l := &link{s: s, password: password, conn: ldap.NewConn(raw, u.Scheme == "ldaps"), stop: context.AfterFunc(ctx, func() { _ = raw.Close() })}
	l.conn.SetTimeout(s.patience())
	l.conn.Start()
	if u.Scheme == "ldap" && s.o.StartTLS {
		// The library waits for the handshake without an end.
		_ = raw.SetDeadline(time.Now().Add(s.patience()))
		if err := l.conn.StartTLS(trust); err != nil {
			l.close()
			return nil, s.failed(ctx, "StartTLS", err)
		}
		_ = raw.SetDeadline(time.Time{})
	}
	if s.o.BindDN != "" {
		err = l.conn.Bind(s.o.BindDN, password.Reveal())
	}
	if err != nil {
		l.close()
		return nil, s.failed(ctx, "sign in as "+s.o.BindDN, err)
	}
	return l, nil
}

func (s *Source) patience() time.Duration { return time.Duration(s.o.Timeout) * time.Second }

func (l *link) close() {
	l.stop()
	_ = l.conn.Close()
}

// trust is how the server's certificate is checked.
func (s *Source) trust() (*tls.Config, error) {
	u, err := url.Parse(s.o.URL)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}
	if s.o.CAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(expandTilde(s.o.CAFile, s.env.Home))
	if err != nil {
		return nil, errors.New("ca_file: cannot be read")
	}
	if c.RootCAs, err = x509.SystemCertPool(); err != nil {
		c.RootCAs = x509.NewCertPool()
	}
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("ca_file: no certificate in PEM stands there")
	}
	return c, nil
}

func (s *Source) dial(ctx context.Context, trust *tls.Config) (net.Conn, *url.URL, error) {
	u, err := url.Parse(s.o.URL)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	port := u.Port()
	if port == "" {
		port = map[string]string{"ldap": "389", "ldaps": "636"}[u.Scheme]
	}
	at := net.JoinHostPort(u.Hostname(), port)
	if u.Scheme == "ldaps" {
		conn, err := (&tls.Dialer{Config: trust}).DialContext(ctx, "tcp", at)
		return conn, u, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at)
	return conn, u, err
}

// Errors that callers tell apart.
var (
	errSize = errors.New("the server gives no more entries for one search")
	errTime = errors.New("no answer in time")
	errMany = errors.New("the server sends more than was asked for")
)

// untrusted begins the error of crypto/tls about a certificate.
const untrusted = "failed to verify certificate"

// failed puts an error into words: what was done and what came of it. What a server says in its own words is not quoted
// where the password was sent.
func (s *Source) failed(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var le *ldap.Error
	if errors.As(err, &le) && le.ResultCode < ldap.ErrorNetwork {
		what := ldap.LDAPResultCodeMap[le.ResultCode]
		if le.ResultCode == ldap.LDAPResultInvalidCredentials {
			what = "the name or the password is wrong, or the account is locked"
		}
		return fmt.Errorf("%s: %s: %s (result %d)", s.host, doing, what, le.ResultCode)
	}
	switch {
	case strings.Contains(err.Error(), untrusted): // of StartTLS the library keeps the text alone
		_, why, _ := strings.Cut(err.Error(), untrusted)
		return fmt.Errorf("%s: %s: the server's certificate is not trusted%s; a certificate authority of your own is named in ca_file", s.host, doing, inventory.Clean(strings.TrimRight(why, ")")))
	case errors.Is(err, errSize), errors.Is(err, errTime), errors.Is(err, errMany):
		return fmt.Errorf("%s: %s: %w", s.host, doing, err)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), libraryTimeout(err):
		return fmt.Errorf("%s: %s: %w", s.host, doing, errTime)
	}
	return fmt.Errorf("%s: %s: %s", s.host, doing, inventory.Clean(err.Error()))
}

// libraryTimeout reports whether the library's own clock (go-ldap v3.4.15, conn.go) was the first to run out: it has no error
// value of its own for that.
func libraryTimeout(err error) bool {
	var e *ldap.Error
	return errors.As(err, &e) && e.ResultCode == ldap.ErrorNetwork && e.Err != nil && e.Err.Error() == "ldap: connection timed out"
}
