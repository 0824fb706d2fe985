package demo

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/github/githubsim"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func clockAtNoon() time.Time { return noon }

// shapeless are forms that only their place gives away.
var shapeless = []string{"aws-secret-key", "aws-access-key-id", "datadog-api-key", "terraform-cloud-token", "password", "opaque", "hex", "uuid"}

func TestForms(t *testing.T) {
	for kind, f := range forms {
		s, err := mint(kind, "x")
		if err != nil {
			t.Fatal(err)
		}
		again, _ := mint(kind, "x")
		other, _ := mint(kind, "y")
		if s != again || s == other {
			t.Errorf("%s: not one secret for each name", kind)
		}
		if !strings.Contains(s, "FAKE") && !strings.Contains(s, "fa4e") {
			t.Errorf("%s: bears no mark", kind)
		}
		if slices.Contains(shapeless, kind) {
			continue
		}
		found := credential.Find(s, credential.Context{Key: "token", Position: credential.PositionConfig})
		if len(found) != 1 || found[0].Kind != kind {
			t.Errorf("%s (%s...): taken for %+v", kind, f.prefix, found)
		} else if f.sum && found[0].Checksum != "ok" {
			t.Errorf("%s: its checksum is %q", kind, found[0].Checksum)
		}
	}
	if _, err := mint("no such kind", "x"); err == nil {
		t.Error("a kind that nobody knows")
	}
	key := sshKey("dana@dev-1")
	found := credential.Find(key, credential.Context{Position: credential.PositionFile})
	if len(found) != 1 || found[0].Kind != "ssh-private-key" || strings.Contains(found[0].Note, "encrypted") {
		t.Errorf("%+v", found)
	}
	if !strings.HasPrefix(sshPublic("dana@dev-1"), "ssh-ed25519 AAAA") {
		t.Error(sshPublic("dana@dev-1"))
	}
}

// No whole secret stands in the data: what they hold is made when they are written out.
func TestDataHoldNoSecret(t *testing.T) {
	err := fs.WalkDir(data, "company", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(data, p)
		for i, line := range strings.Split(string(text), "\n") {
			for _, m := range credential.Find(line, credential.Context{Position: credential.PositionFile}) {
				if m.Sure {
					t.Errorf("%s:%d holds a %s", p, i+1, m.Kind)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryDayOfTheCalendar(t *testing.T) {
	b, err := load()
	if err != nil {
		t.Fatal(err)
	}
	stops, err := b.calendar()
	if err != nil {
		t.Fatal(err)
	}
	if stops[0].ago != 90*day || stops[len(stops)-1].ago > 2*day {
		t.Errorf("from %s to %s", stops[0].ago, stops[len(stops)-1].ago)
	}
	t.Setenv("TMPDIR", t.TempDir())
	c, err := New("", clockAtNoon)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := c.write
	holds := func(ago time.Duration, secret string) bool {
		files, err := b.files(w, ago)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.Contains(f.text, secret) {
				return true
			}
		}
		return false
	}
	for i, s := range stops {
		if i > 0 && s.ago > stops[i-1].ago {
			t.Errorf("%s comes after %s", s.ago, stops[i-1].ago)
		}
		if s.incident == nil {
			continue
		}
		for _, x := range s.incident.Secrets {
			v, err := mint(x[0], x[1])
			if err != nil {
				t.Fatal(err)
			}
			if !holds(s.ago, v) || holds(0, v) {
				t.Errorf("%s of the incident of %s ago: there then %v, there now %v", x, s.ago, holds(s.ago, v), holds(0, v))
			}
		}
	}
	if leak, _ := mint("github-pat-fine-grained", "alice-web"); !holds(0, leak) {
		t.Error("this morning's leak is not there")
	}
}

func TestArchives(t *testing.T) {
	got, err := parseArchive("x", "a comment\n-- a/b from=3d to=1h mode=0640 untracked --\n<<ago \"1d\">>\n-- c --\n")
	if err != nil || len(got) != 2 || got[0] != (section{"a/b", 72 * time.Hour, time.Hour, 0o640, true, "<<ago \"1d\">>\n", 2}) || got[1].text != "" {
		t.Errorf("%+v %v", got, err)
	}
	for ago, want := range map[time.Duration]bool{73 * time.Hour: false, 72 * time.Hour: true, 2 * time.Hour: true, time.Hour: false, 0: false} {
		if got[0].lives(ago) != want {
			t.Errorf("%s: %v", ago, !want)
		}
	}
	for _, bad := range []string{"--  --", "-- ../a --", "-- /a --", "-- a from= --", "-- a from=3x --", "-- a mode=9 --", "-- a tracked --"} {
		if _, err := parseArchive("x", bad+"\n"); err == nil || !strings.HasPrefix(err.Error(), "x:1: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{`<<secret "no" "x">>`, `<<ago "long">>`, `<<nothing>>`, `<<`} {
		if _, err := newWriter(noon).fill("x", bad); err == nil {
			t.Errorf("%q: filled", bad)
		}
	}
}

func TestTree(t *testing.T) {
	tr := tree{root: t.TempDir(), have: map[string]file{}}
	at := func(name string) string { return filepath.Join(tr.root, name) }
	become := func(files map[string]file) {
		t.Helper()
		if err := tr.become(files); err != nil {
			t.Fatal(err)
		}
	}
	become(map[string]file{"a/b": {"one", 0o600}, "c": {"two", 0o644}})
	if err := os.WriteFile(at("a/b"), []byte("taken out"), 0o600); err != nil {
		t.Fatal(err)
	}
	become(map[string]file{"a/b": {"one", 0o600}})
	if text, err := os.ReadFile(at("a/b")); err != nil || string(text) != "taken out" {
		t.Errorf("what a revocation left is gone: %q %v", text, err)
	}
	if _, err := os.Lstat(at("c")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("c is still there")
	}
	become(map[string]file{"a/b": {"three", 0o640}})
	if st, err := os.Stat(at("a/b")); err != nil || st.Size() != 5 || st.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", st, err)
	}
}

func TestFolders(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c, err := New("", clockAtNoon)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(c.State()); err != nil || st.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v %v", st, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	kept := filepath.Join(t.TempDir(), "state")
	for range 2 {
		c, err := New(kept, clockAtNoon)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(kept, "config.toml")); err != nil {
		t.Error("what was to be kept is gone")
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "nhitop.db"), []byte("of something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(other, clockAtNoon); !errors.Is(err, ErrOtherState) {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(other); len(left) != 1 {
		t.Errorf("written beside it: %v", left)
	}
}

func TestClock(t *testing.T) {
	c := clock{real: clockAtNoon}
	c.set(noon.Add(-day))
	if !c.Now().Equal(noon.Add(-day)) {
		t.Error(c.Now())
	}
	c.set(time.Time{})
	if !c.Now().Equal(noon) {
		t.Error(c.Now())
	}
}

func TestSecretIDs(t *testing.T) {
	c := &Company{key: inventory.Key{1}, write: newWriter(noon)}
	v, _ := mint("npm-token", "x")
	want := inventory.NewSink("x", c.key, clockAtNoon).SecretID(inventory.NewValue(v))
	if got, err := c.SecretID("npm-token", "x"); err != nil || got != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}

// Every world is understood by its simulator on every day, and grows.
func TestWorlds(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c, err := New("", clockAtNoon)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stops, err := c.books.calendar()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(stops, stop{}) {
		if err := c.serve(s.ago); err != nil {
			t.Fatalf("%s ago: %v", s.ago, err)
		}
	}
	var then, now githubsim.World
	if err := errors.Join(c.books.world(c.write, "github", 90*day, &then), c.books.world(c.write, "github", 0, &now)); err != nil {
		t.Fatal(err)
	}
	a, b := then.Orgs[0], now.Orgs[0]
	if len(a.Installations) >= len(b.Installations) || len(a.Grants) >= len(b.Grants) || len(a.Repos[0].Alerts) != 0 || len(b.Repos[0].Alerts) != 1 {
		t.Errorf("%d apps, then %d; %d grants, then %d", len(a.Installations), len(b.Installations), len(a.Grants), len(b.Grants))
	}
	if len(b.Members) >= len(a.Members) || len(now.Tokens) >= len(then.Tokens)+3 {
		t.Errorf("%d members, then %d: nobody left", len(a.Members), len(b.Members))
	}
	if b.Repos[0].Name != "web" {
		t.Error(b.Repos[0].Name)
	}
	files, err := c.books.checkedOut(c.write, "web", 0)
	if err != nil || files[".mcp.json"] == "" || files["CODEOWNERS"] == "" || files[".env"] != "" || files[".git/index"] != "" {
		t.Errorf("%v %v", inventory.SortedKeys(files), err)
	}
	if r, err := c.Transport("elsewhere.example").RoundTrip(httptest.NewRequest("GET", "https://elsewhere.example/", nil)); err != nil || r.StatusCode != http.StatusBadGateway {
		t.Errorf("a host that nobody simulates: %v %v", r, err)
	}
}

func TestIssuers(t *testing.T) {
	ask := func(i *issuer, method, path, credential string) (int, string) {
		r := httptest.NewRequest(method, "https://"+i.host+path, nil)
		r.Header.Set(i.header, credential)
		w := httptest.NewRecorder()
		i.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	slack := issuers()[0]
	token, err := mint("slack-bot-token", "x")
	if err != nil {
		t.Fatal(err)
	}
	for n, c := range []struct{ path, credential, want string }{
		{"/api/api.test", "", `"ok":true`}, {"/api/auth.test", token, `"user"`}, {"/api/auth.test", "Bearer " + token, `"user"`}, {"/api/auth.test", token[:20], "invalid_auth"},
		{"/api/auth.revoke", "nobody's", "invalid_auth"}, {"/api/auth.revoke", token, `"revoked":true`}, {"/api/auth.test", token, "invalid_auth"}, {"/api/auth.revoke", token, "invalid_auth"},
	} {
		if status, body := ask(slack, "POST", c.path, c.credential); status != http.StatusOK || !strings.Contains(body, c.want) {
			t.Errorf("%d: %s: %d %s", n, c.path, status, body)
		}
	}
	if _, body := ask(issuers()[0], "POST", "/api/auth.test", token); !strings.Contains(body, `"user"`) {
		t.Error("another company's token is dead too")
	}
	if status, _ := ask(slack, "GET", "/api/auth.test", token); status != http.StatusNotFound {
		t.Errorf("%d to a call that it does not know", status)
	}
}

// What was done to a provider is done again when a company that was kept is opened again, at its time.
func TestDeedsAreToldAgain(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "state")
	token, err := mint("slack-bot-token", "x")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(c *Company, path string) string {
		r := httptest.NewRequest("POST", "https://slack.com"+path, strings.NewReader("a=b"))
		r.Header.Set("Authorization", "Bearer "+token)
		a, err := c.Transport("slack.com").RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for i, want := range []string{`"user"`, "invalid_auth"} {
		c, err := New(kept, clockAtNoon)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.deeds.again(c.set, c.at); err != nil {
			t.Fatal(err)
		}
		if got := ask(c, "/api/auth.test"); !strings.Contains(got, want) {
			t.Errorf("opening %d: %s", i, got)
		}
		c.deeds.pause(i > 0)
		ask(c, "/api/auth.revoke")
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(kept, "providers.jsonl"))
	if err != nil || bytes.Count(text, []byte("auth.revoke")) != 1 {
		t.Errorf("%s %v", text, err)
	}
}
