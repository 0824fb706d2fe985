package giteatest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"nhitop/sources/gitea/giteasim"
)

// Variables that name a real server.
const (
	Variable      = "NHITOP_TEST_GITEA"
	VariableAdmin = "NHITOP_TEST_GITEA_ADMIN"
)

// Server is a Gitea to test against, with an administrator.
type Server struct {
	Base     string
	Sim      *giteasim.Sim // nil: a real one
	Admin    string
	Password string
}

// Now is the time of the simulator.
var Now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

const base = "https://git.acme.example"

// Simulated starts a simulator that holds an administrator and what else the world has.
func Simulated(w giteasim.World) *Server {
	s := &Server{Base: base, Admin: "boss", Password: "FAKE-boss-password"}
	w.Base = base
	if w.Now == nil {
		w.Now = func() time.Time { return Now }
	}
	w.Users = append([]giteasim.User{{Name: s.Admin, Email: "boss@acme.example", Password: s.Password, Admin: true}}, w.Users...)
	s.Sim = giteasim.New(w)
	return s
}

// Each runs a test against the simulator and, where one is named, against a real server.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Run("simulated", func(t *testing.T) { test(t, Simulated(giteasim.World{})) })
	t.Run("real", func(t *testing.T) { test(t, Real(t)) })
}

// Real returns the real server, or skips the test.
func Real(t testing.TB) *Server {
	t.Helper()
	at := os.Getenv(Variable)
	if at == "" {
		t.Skipf("%s names no Gitea; set it to one on loopback (http://127.0.0.1:3000) to run this test against it", Variable)
	}
	at, err := onLoopback(at)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	name, password, ok := strings.Cut(os.Getenv(VariableAdmin), ":")
	if !ok {
		t.Fatalf("%s: must be NAME:PASSWORD of an administrator of %s", VariableAdmin, at)
	}
	return &Server{Base: at, Admin: name, Password: password}
}

// onLoopback refuses every address but one of the loopback.
func onLoopback(at string) (string, error) {
	u, err := url.Parse(strings.TrimRight(at, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("not an address")
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("%s is not an address of the loopback; the tests make and delete users there, so nothing else is used", u.Host)
	}
	return u.String(), nil
}

// As is how a request signs in. The zero value does not.
type As struct{ Name, Password, Token, Sudo string }

// Answer is what came back.
type Answer struct {
	Status  int
	Header  http.Header
	Body    []byte
	Message string
}

// Into decodes the answer.
func (a Answer) Into(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal(a.Body, into); err != nil {
		t.Fatalf("%d %s: %v", a.Status, a.Body, err)
	}
}

// Boss signs in as the administrator.
func (s *Server) Boss() As { return As{Name: s.Admin, Password: s.Password} }

// Do sends a request. path is below /api/v1.
func (s *Server) Do(t testing.TB, as As, method, path string, body any) Answer {
	t.Helper()
	var in io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	// Cleaning up comes after the test, and its context, has ended.
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, s.Base+"/api/v1"+path, in)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	switch {
	case as.Token != "" && as.Name != "":
		r.SetBasicAuth(as.Name, as.Token)
	case as.Token != "":
		r.Header.Set("Authorization", "token "+as.Token)
	case as.Name != "":
		r.SetBasicAuth(as.Name, as.Password)
	}
	if as.Sudo != "" {
		r.Header.Set("Sudo", as.Sudo)
	}
	a := s.send(t, r)
	var m struct{ Message string }
	_ = json.Unmarshal(a.Body, &m)
	a.Message = m.Message
	return a
}

func (s *Server) send(t testing.TB, r *http.Request) Answer {
	t.Helper()
	if s.Sim != nil {
		w := httptest.NewRecorder()
		s.Sim.ServeHTTP(w, r)
		return Answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}
}

// must sends a request of the administrator that has to go well.
func (s *Server) must(t testing.TB, as As, method, path string, body, into any) {
	t.Helper()
	a := s.Do(t, as, method, path, body)
	if a.Status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
	}
	if into != nil {
		a.Into(t, into)
	}
}

// Version is what the server says that it is.
func (s *Server) Version(t testing.TB) string {
	t.Helper()
	var v struct{ Version string }
	s.must(t, As{}, "GET", "/version", nil, &v)
	return v.Version
}

// User makes a user with a password, and takes it away after the test.
func (s *Server) User(t testing.TB, name string) As {
	t.Helper()
	drop := func() { s.Do(t, s.Boss(), "DELETE", "/admin/users/"+name+"?purge=true", nil) }
	drop()
	as := As{Name: name, Password: "FAKE-password-of-" + name}
	s.must(t, s.Boss(), "POST", "/admin/users", map[string]any{"username": name, "email": name + "@acme.example", "password": as.Password, "must_change_password": false}, nil)
	t.Cleanup(drop)
	return as
}

// Token makes a token of a user and returns its value and id.
func (s *Server) Token(t testing.TB, user, name string, scopes ...string) (value string, id int64) {
	t.Helper()
	var got struct {
		ID    int64
		Value string `json:"sha1"`
	}
	s.must(t, s.Boss(), "POST", "/users/"+user+"/tokens", map[string]any{"name": name, "scopes": scopes}, &got)
	return got.Value, got.ID
}

// Own makes a token of the administrator, and takes it away after the test.
func (s *Server) Own(t testing.TB, name string, scopes ...string) string {
	t.Helper()
	at := "/users/" + s.Admin + "/tokens/" + url.PathEscape(name)
	s.Do(t, s.Boss(), "DELETE", at, nil)
	value, _ := s.Token(t, s.Admin, name, scopes...)
	t.Cleanup(func() { s.Do(t, s.Boss(), "DELETE", at, nil) })
	return value
}

// Repo makes an organisation with a repository that has a first commit, and takes them away after the test.
func (s *Server) Repo(t testing.TB, org, name string) {
	t.Helper()
	drop := func() {
		s.Do(t, s.Boss(), "DELETE", "/repos/"+org+"/"+name, nil)
		s.Do(t, s.Boss(), "DELETE", "/orgs/"+org, nil)
	}
	drop()
	s.must(t, s.Boss(), "POST", "/orgs", map[string]any{"username": org}, nil)
	s.must(t, s.Boss(), "POST", "/orgs/"+org+"/repos", map[string]any{"name": name, "private": true, "auto_init": true, "default_branch": "main"}, nil)
	t.Cleanup(drop)
}

// Team makes a team that grants by units.
func (s *Server) Team(t testing.TB, org, name, permission string, members, repos []string) int64 {
	t.Helper()
	var got struct{ ID int64 }
	s.must(t, s.Boss(), "POST", "/orgs/"+org+"/teams", map[string]any{"name": name, "permission": permission, "units": []string{"repo.code", "repo.pulls", "repo.actions"}}, &got)
	at := "/teams/" + strconv.FormatInt(got.ID, 10)
	for _, m := range members {
		s.must(t, s.Boss(), "PUT", at+"/members/"+m, nil, nil)
	}
	for _, r := range repos {
		s.must(t, s.Boss(), "PUT", at+"/repos/"+org+"/"+r, nil, nil)
	}
	return got.ID
}

// Key puts a deploy key into a repository.
func (s *Server) Key(t testing.TB, repo, title, key string, readOnly bool) int64 {
	t.Helper()
	var got struct{ ID int64 }
	s.must(t, s.Boss(), "POST", "/repos/"+repo+"/keys", map[string]any{"title": title, "key": key, "read_only": readOnly}, &got)
	return got.ID
}

// File commits a file.
func (s *Server) File(t testing.TB, repo, path, text string) {
	t.Helper()
	s.must(t, s.Boss(), "POST", "/repos/"+repo+"/contents/"+path, map[string]any{"content": base64.StdEncoding.EncodeToString([]byte(text)), "message": "a file", "branch": "main"}, nil)
}

// Collaborator gives a user access to a repository.
func (s *Server) Collaborator(t testing.TB, repo, user, permission string) {
	t.Helper()
	s.must(t, s.Boss(), "PUT", "/repos/"+repo+"/collaborators/"+user, map[string]any{"permission": permission}, nil)
}

// Protect makes a rule for branches.
func (s *Server) Protect(t testing.TB, repo string, rule map[string]any) {
	t.Helper()
	s.must(t, s.Boss(), "POST", "/repos/"+repo+"/branch_protections", rule, nil)
}

// PublicKey gives a user an SSH key.
func (s *Server) PublicKey(t testing.TB, user, title, key string) int64 {
	t.Helper()
	var got struct{ ID int64 }
	s.must(t, s.Boss(), "POST", "/admin/users/"+user+"/keys", map[string]any{"title": title, "key": key}, &got)
	return got.ID
}

// App makes an OAuth application of a user.
func (s *Server) App(t testing.TB, user, name string) int64 {
	t.Helper()
	as := s.Boss()
	as.Sudo = user
	var got struct{ ID int64 }
	s.must(t, as, "POST", "/user/applications/oauth2", map[string]any{"name": name, "redirect_uris": []string{"http://127.0.0.1/callback"}, "confidential_client": true}, &got)
	return got.ID
}

// Set puts a secret of Actions into a repository.
func (s *Server) Set(t testing.TB, repo, name string) {
	t.Helper()
	s.must(t, s.Boss(), "PUT", "/repos/"+repo+"/actions/secrets/"+name, map[string]any{"data": "FAKE"}, nil)
}

// PublicKey makes a public key that nobody has the other half of.
func PublicKey(n int) string {
	raw := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), bytes.Repeat([]byte{byte(n)}, 32)...)
	return fmt.Sprintf("ssh-ed25519 %s key%d", base64.StdEncoding.EncodeToString(raw), n)
}
