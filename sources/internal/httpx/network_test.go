package httpx

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// The certificate of httptest is for example.com and 127.0.0.1.
func tlsServer(t *testing.T, change func(*httptest.Server)) (s *httptest.Server, ca string) {
	t.Helper()
	s = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"id":7}`)
	}))
	s.Config.ErrorLog = nil
	if change != nil {
		change(s)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, ca
}

func real(t *testing.T, c Config) *Client {
	t.Helper()
	c.Service, c.Authorize = "Forge", Bearer(Held(inventory.NewValue(token)))
	c.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	cl, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

func TestTLS(t *testing.T) {
	s, ca := tlsServer(t, nil)
	old, oldCA := tlsServer(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} // what must be refused
	})
	other := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // a name that is not in the certificate
	for name, c := range map[string]struct {
		base, ca, want string
	}{
		"authority of one's own": {s.URL, ca, ""},
		"unknown authority":      {s.URL, "", "certificate"},
		"another name":           {other, ca, "localhost"},
		"old TLS":                {old.URL, oldCA, "tls: "},
	} {
		t.Run(name, func(t *testing.T) {
			var it item
			_, err := real(t, Config{Base: c.base, CAFile: c.ca}).Get(t.Context(), "/x", nil, &it)
			if c.want == "" {
				if err != nil || it.ID != 7 {
					t.Errorf("%v", err)
				}
				return
			}
			contains(t, err, c.want)
		})
	}
	for file, want := range map[string]string{
		"/nowhere/ca.pem": "ca_file: /nowhere/ca.pem cannot be read", os.Args[0]: "holds no certificate",
	} {
		if _, err := New(Config{Base: s.URL, CAFile: file}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
	}
}

// A server that shuts the connection in the middle of an answer, over a real socket.
func TestCutConnection(t *testing.T) {
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n < 3 {
			c, buf, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"")
			_ = buf.Flush()
			_ = c.Close()
			return
		}
		_, _ = io.WriteString(w, `{"id":9}`)
	}))
	defer s.Close()
	var it item
	if _, err := real(t, Config{Base: s.URL}).Get(t.Context(), "/x", nil, &it); err != nil || it.ID != 9 || n != 3 {
		t.Errorf("%v after %d", err, n)
	}
}

func TestPackedAnswersAreBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("answers are not asked for packed")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
		_ = z.Close()
	}))
	defer s.Close()
	var raw []byte
	if _, err := real(t, Config{Base: s.URL, MaxBody: 1 << 16}).Do(t.Context(), Request{Path: "/x", Into: &raw}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v, %d bytes", err, len(raw))
	}
}

// The library that finds the proxy reads the environment once, so another process does it.
func TestProxyOfTheEnvironment(t *testing.T) {
	if os.Getenv("HTTPX_TEST_BASE") != "" {
		var it item
		_, err := real(t, Config{Base: os.Getenv("HTTPX_TEST_BASE"), CAFile: os.Getenv("HTTPX_TEST_CA")}).Get(t.Context(), "/x", nil, &it)
		if err != nil || it.ID != 7 {
			t.Errorf("%v", err)
		}
		return
	}
	s, ca := tlsServer(t, nil)
	connects := make(chan string, 9)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Header.Get("Authorization") != "" {
			t.Errorf("the proxy got %s with %v", r.Method, r.Header)
		}
		connects <- r.Host
		to, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(to, c); _ = to.Close() }()
		go func() { _, _ = io.Copy(c, to); _ = c.Close() }()
	}))
	defer proxy.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestProxyOfTheEnvironment$")
	cmd.Env = append(os.Environ(), "HTTPX_TEST_BASE=https://example.com", "HTTPX_TEST_CA="+ca, "HTTPS_PROXY="+proxy.URL, "https_proxy=", "NO_PROXY=", "no_proxy=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	select {
	case host := <-connects:
		if host != "example.com:443" {
			t.Errorf("the proxy was asked for %s", host)
		}
	default:
		t.Error("the proxy was not used")
	}
}
