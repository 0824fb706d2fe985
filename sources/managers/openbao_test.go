package managers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/managers/vaultsim"
)

// server is an OpenBao or a Vault in which everything may be done: a real one, or the simulator.
type server struct {
	t   *testing.T
	url string
	own func(string) http.RoundTripper // nil: the network
	do  func(token, method, path string, body any) (int, map[string]any)
	// token makes a token that may do on paths what is said.
	token func(may map[string][]string) string
	mount map[int]string // the mount of KV version 1 and 2
}

// realServer is the one that NHITOP_TEST_OPENBAO names (a dev server: bao server -dev), with the root token of
// NHITOP_TEST_OPENBAO_TOKEN. Its two mounts are made for the test and taken away again.
func realServer(t *testing.T) *server {
	s := &server{t: t, url: os.Getenv("NHITOP_TEST_OPENBAO"), mount: map[int]string{}}
	root := os.Getenv("NHITOP_TEST_OPENBAO_TOKEN")
	if s.url == "" || root == "" {
		t.Skip("no real server: start one with bao server -dev, and set NHITOP_TEST_OPENBAO to its address and NHITOP_TEST_OPENBAO_TOKEN to its root token")
	}
	s.do = func(token, method, path string, body any) (int, map[string]any) {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+"/v1/"+path, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Vault-Token", cmp.Or(token, root))
		return answerOf(t, r, http.DefaultClient.Do)
	}
	name := fmt.Sprintf("nhitop-%d", time.Now().UnixNano())
	for kv := 1; kv <= 2; kv++ {
		m := fmt.Sprintf("%s/kv%d", name, kv)
		if status, got := s.do("", "POST", "sys/mounts/"+m, map[string]any{"type": "kv", "options": map[string]string{"version": fmt.Sprint(kv)}}); status >= 300 {
			t.Fatalf("mount: %d %v", status, got)
		}
		s.mount[kv] = m
		t.Cleanup(func() {
			r, err := http.NewRequest(http.MethodDelete, s.url+"/v1/sys/mounts/"+m, nil)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("X-Vault-Token", root)
			answerOf(t, r, http.DefaultClient.Do)
		})
	}
	n := 0
	s.token = func(may map[string][]string) string {
		n++
		policy, rules := fmt.Sprintf("%s-%d", name, n), ""
		for _, p := range slices.Sorted(maps.Keys(may)) {
			list, err := json.Marshal(may[p])
			if err != nil {
				t.Fatal(err)
			}
			rules += fmt.Sprintf("path %q { capabilities = %s }\n", p, list)
		}
		if status, got := s.do("", "PUT", "sys/policies/acl/"+policy, map[string]any{"policy": rules}); status >= 300 {
			t.Fatalf("policy: %d %v", status, got)
		}
		_, got := s.do("", "POST", "auth/token/create", map[string]any{"policies": []string{policy}, "ttl": "10m"})
		auth, _ := got["auth"].(map[string]any)
		token, _ := auth["client_token"].(string)
		if token == "" {
			t.Fatalf("no token: %v", got)
		}
		return token
	}
	return s
}

func answerOf(t *testing.T, r *http.Request, do func(*http.Request) (*http.Response, error)) (int, map[string]any) {
	t.Helper()
	resp, err := do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	_ = json.Unmarshal(text, &got) // a 204 has none
	return resp.StatusCode, got
}

func simServer(t *testing.T) *server {
	w := vaultsim.World{Mounts: map[string]int{"nhitop/kv1": 1, "nhitop/kv2": 2}, Tokens: map[string]map[string][]string{"root": {"*": {"root"}}}}
	sim := vaultsim.New(w)
	s := &server{t: t, url: "https://vault.acme.example", own: func(string) http.RoundTripper { return sources.InProcess(sim) }, mount: map[int]string{1: "nhitop/kv1", 2: "nhitop/kv2"}}
	s.do = func(token, method, path string, body any) (int, map[string]any) {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+"/v1/"+path, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Vault-Token", cmp.Or(token, "root"))
		return answerOf(t, r, sources.InProcess(sim).RoundTrip)
	}
	s.token = func(may map[string][]string) string {
		token := fmt.Sprintf("token-%d", len(w.Tokens))
		w.Tokens[token] = may // the simulator's own map, and nobody asks yet
		return token
	}
	return s
}

func (s *server) place(kv int, path, token string) revoke.Manager {
	s.t.Helper()
	m, err := NewVault(Vault{URL: s.url, Mount: s.mount[kv], Path: path, Key: "value", Token: credref.Ref{Env: "T"}}, sources.Env{Now: time.Now, Getenv: func(string) string { return token }, Transport: s.own})
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// put writes, and stands reads, with the root token.
func (s *server) put(kv int, path string, d map[string]any) {
	s.t.Helper()
	var body any = d
	at := s.mount[1] + "/" + path
	if kv == 2 {
		at, body = s.mount[2]+"/data/"+path, map[string]any{"data": d}
	}
	if status, got := s.do("", "POST", at, body); status >= 300 {
		s.t.Fatalf("%d %v", status, got)
	}
}

func (s *server) stands(kv int, path string) map[string]any {
	at := s.mount[1] + "/" + path
	if kv == 2 {
		at = s.mount[2] + "/data/" + path
	}
	_, got := s.do("", "GET", at, nil)
	data, _ := got["data"].(map[string]any)
	if kv == 2 {
		data, _ = data["data"].(map[string]any)
	}
	return data
}

// What is true of the simulator is true of a real server, by the same steps.
func TestVaultAgainstARealServer(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *server{"simulator": simServer, "real": realServer} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			for kv := 1; kv <= 2; kv++ {
				t.Run(fmt.Sprint("kv", kv), func(t *testing.T) { s.t = t; rotates(s, kv) })
			}
			t.Run("rights", func(t *testing.T) { s.t = t; rights(s) })
			t.Run("deleted", func(t *testing.T) { s.t = t; deleted(s) })
		})
	}
}

// rotates brings a credential into a new secret, over it again, and beside another key; and not over another's write.
func rotates(s *server, kv int) {
	t := s.t
	at := s.mount[kv] + "/ci/*"
	if kv == 2 {
		at = s.mount[kv] + "/data/ci/*"
	}
	m := s.place(kv, "ci/token", s.token(map[string][]string{at: {"create", "read", "update", "patch"}}))
	for i, beside := range []map[string]any{nil, {"user": "ci {secret}", "n": 12345.0}} {
		if beside != nil {
			beside["value"] = was
			s.put(kv, "ci/token", beside)
		}
		slot, err := m.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		next := fmt.Sprintf("%s-%d", fresh, i)
		v, err := slot.Write(t.Context(), "step", inventory.NewValue(next))
		if err != nil || !shows(v, next) {
			t.Fatalf("%v", err)
		}
		got := s.stands(kv, "ci/token")
		if got["value"] != next || beside != nil && (got["user"] != beside["user"] || got["n"] != beside["n"]) {
			t.Errorf("it holds %v", got)
		}
		if v, err := m.Read(t.Context(), slot.Mark); (err == nil && shows(v, next)) != (slot.Mark != markOver) {
			t.Errorf("%s after a crash: %v", slot.Mark, err)
		}
		s.put(kv, "ci/token", map[string]any{"value": "another's"})
		if _, err := slot.Write(t.Context(), "step", inventory.NewValue(fresh)); !errors.Is(err, revoke.ErrNotTaken) {
			t.Errorf("over another's write: %v", err)
		}
		if got := s.stands(kv, "ci/token"); got["value"] != "another's" {
			t.Errorf("it holds %v", got)
		}
	}
}

// rights are what tokens lack, and what is done with little.
func rights(s *server) {
	t := s.t
	s.put(2, "some/token", map[string]any{"value": was, "user": "ci"})
	data, metadata := s.mount[2]+"/data/some/*", s.mount[2]+"/metadata/some/*"
	for _, c := range []struct {
		may  map[string][]string
		path string
		want string
	}{
		{map[string][]string{data: {"read"}}, "some/token", "give it patch, or read and update"},
		{map[string][]string{data: {"update", "patch"}}, "some/token", "may see neither"},
		{map[string][]string{data: {"update"}, metadata: {"read"}}, "some/token", "the other keys would be lost"},
		{map[string][]string{data: {"read", "update", "patch"}}, "some/other", "give it create"},
		{map[string][]string{"sys/health": {"read"}}, "some/token", "may do nothing in the mount"},
		{map[string][]string{s.mount[1] + "/some/*": {"update"}}, "", "would be lost; give it read"},
	} {
		kv := 2
		if c.path == "" {
			kv, c.path = 1, "some/token"
		}
		if _, err := s.place(kv, c.path, s.token(c.may)).Look(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %s", c.may, err, c.want)
		}
	}
	if _, err := s.place(2, "some/token", "fa4e-no-such-token").Look(t.Context()); err == nil || !strings.Contains(err.Error(), "403") {
		t.Error(err)
	}
	m := s.place(2, "some/token", s.token(map[string][]string{data: {"patch"}, metadata: {"read"}}))
	slot, err := m.Look(t.Context())
	if err != nil || slot.Mark != "version 2" || !strings.Contains(slot.Effect, "may not read it back") {
		t.Fatalf("%+v %v", slot, err)
	}
	if v, err := slot.Write(t.Context(), "step", inventory.NewValue(fresh)); err != nil || !v.IsZero() {
		t.Errorf("%v", err)
	}
	if got := s.stands(2, "some/token"); got["value"] != fresh || got["user"] != "ci" {
		t.Errorf("it holds %v", got)
	}
}

// deleted writes above a version that was deleted.
func deleted(s *server) {
	t := s.t
	s.put(2, "gone/token", map[string]any{"value": was, "user": "ci"})
	if status, got := s.do("", "DELETE", s.mount[2]+"/data/gone/token", nil); status >= 300 {
		t.Fatalf("%d %v", status, got)
	}
	m := s.place(2, "gone/token", s.token(map[string][]string{s.mount[2] + "/data/gone/*": {"create", "read", "update", "patch"}}))
	slot, err := m.Look(t.Context())
	if err != nil || slot.Mark != "version 2" || slot.Residual != "" {
		t.Fatalf("%+v %v", slot, err)
	}
	if v, err := slot.Write(t.Context(), "step", inventory.NewValue(fresh)); err != nil || !shows(v, fresh) {
		t.Errorf("%v", err)
	}
}
