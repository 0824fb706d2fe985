package sources

import (
	"net/http"
	"strings"
	"testing"
)

func TestNamed(t *testing.T) {
	for name, want := range map[string]string{"": "npm", "acme": "npm:acme", "a.b-C_1": "npm:a.b-C_1"} {
		if got, err := Named("npm", name); err != nil || got != want {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
	for _, name := range []string{"a b", "a:b", "\x1b[2J", "é", strings.Repeat("x", 41), "a/b"} {
		if got, err := Named("npm", name); err == nil || !strings.HasPrefix(err.Error(), "name: ") || got != "" {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
}

type way struct{ http.RoundTripper }

func TestVia(t *testing.T) {
	here := &way{}
	e := Env{Transport: func(host string) http.RoundTripper {
		if host == "forge.example:8443" {
			return here
		}
		return nil
	}}
	if e.Via("https://forge.example:8443/api") != here || e.Via("https://forge.example/api") != nil || (Env{}).Via("https://forge.example:8443") != nil {
		t.Error("not the way to that host")
	}
}
