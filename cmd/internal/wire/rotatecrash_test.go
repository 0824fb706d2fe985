package wire

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitea/giteasim"
	"nhitop/sources/managers/vaultsim"
)

// bank is a Gitea with one token, and a Vault where it stands.
type bank struct {
	tea, vault *httptest.Server
	mu         sync.Mutex
	sim        http.Handler
	kept       *vaultsim.Sim
}

var (
	oldToken   = strings.Repeat("fa4e", 9) + "0001"
	vaultToken = "hv" + "s.FAKE00000000000000000000"
)

const inTheVault = "secret/ci/token"

func newBank(t *testing.T) *bank {
	b := &bank{}
	server := func(h func() http.Handler) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b.mu.Lock()
			now := h()
			b.mu.Unlock()
			now.ServeHTTP(w, r)
		}))
		t.Cleanup(s.Close)
		return s
	}
	b.tea, b.vault = server(func() http.Handler { return b.sim }), server(func() http.Handler { return b.kept })
	b.renew()
	return b
}

func (b *bank) renew() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sim = giteasim.New(giteasim.World{Now: time.Now, Base: b.tea.URL, Users: []giteasim.User{
		{Name: "root", Admin: true, Tokens: []giteasim.Token{{Name: "own", Value: teaToken, Scopes: []string{"all"}}}},
		{Name: "ann", Tokens: []giteasim.Token{{Name: "claude-ci", Value: oldToken, Scopes: []string{"read:repository", "read:user"}}}},
	}})
	b.kept = vaultsim.New(vaultsim.World{
		Mounts: map[string]int{"secret": 2}, Secrets: map[string]vaultsim.Data{inTheVault: {"token": oldToken, "user": "ann"}},
		Tokens: map[string]map[string][]string{vaultToken: {"secret/data/ci/*": {"read", "patch"}}},
	})
}

// works asks the Gitea.
func (b *bank) works(t *testing.T, token string) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.tea.URL+"/api/v1/user", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "token "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (b *bank) plan(t *testing.T, o Options) *revoke.Plan {
	t.Helper()
	app, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	snap, err := app.Service.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range snap.Records().Secrets {
		if x.Storage != inventory.StorageProvider || !strings.Contains(x.Account+x.Note, "ann") {
			continue
		}
		p, err := app.Service.PlanRotate(t.Context(), x.ID, revoke.Place{Manager: "ci"})
		if err != nil {
			t.Fatal(err)
		}
		p.Expires = p.Created.Add(time.Hour)
		return p
	}
	t.Fatal("the token is not found")
	return nil
}

// Wherever the process dies in a rotation into a secrets manager, what stands in the manager works when the run was resumed, the
// old token has ended only if the new one stands there, and a run that could not be brought to its end says so.
func TestEveryCrashOfARotation(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	b := newBank(t)
	o := options(t, fmt.Sprintf(`
[sources.local]
revoke = false
ambient = false
[[sources.gitea]]
url = "%s"
token = { env = "TEA" }
revoke = true
[places.ci]
kind = "vault"
url = "%s"
mount = "secret"
path = "ci/token"
key = "token"
token = { env = "VAULT" }
`, b.tea.URL, b.vault.URL))
	env := map[string]string{"HOME": o.Home, "TEA": teaToken, "VAULT": vaultToken}
	o.Getenv = func(name string) string { return env[name] }
	p := b.plan(t, o)
	if len(p.Steps) != 3 {
		t.Fatalf("%+v", p.Steps)
	}
	fresh := func() Options { x := o; x.State = t.TempDir(); b.renew(); return x }
	total := die(t, fresh(), p, env, 0)
	if b.works(t, oldToken) || total < 30 {
		t.Fatalf("it was not rotated, in %d events", total)
	}
	ends := map[string]int{}
	for at := int64(1); at <= total; at++ {
		x := fresh()
		if die(t, x, p, env, at) == 0 {
			ends[b.resumed(t, x, at)]++
		}
	}
	t.Logf("%d events: %v", total, ends)
	if ends["done"] < 20 || ends["unknown"] == 0 {
		t.Errorf("the test shows little: %v", ends)
	}
}

// resumed resumes, and says how the step that makes the new token ended.
func (b *bank) resumed(t *testing.T, o Options, at int64) string {
	t.Helper()
	o.transport = func(string) http.RoundTripper { return http.DefaultTransport }
	e, done, err := executor(o)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if _, err := e.Resume(t.Context(), nil); err != nil {
		t.Fatalf("event %d: %v", at, err)
	}
	held, version := b.kept.Shows(inTheVault)
	token, _ := held["token"].(string)
	if !b.works(t, token) || held["user"] != "ann" {
		t.Errorf("event %d: what stands in the manager does not work: version %d, %d keys", at, version, len(held))
	}
	if over := !b.works(t, oldToken); over && token == oldToken {
		t.Errorf("event %d: the old one has ended, and the place has it", at)
	}
	runs, err := e.Runs()
	if err != nil || len(runs) == 0 {
		return "nothing"
	}
	made, last := runs[0].Steps[0], runs[0].Steps[2]
	if runs[0].State == revoke.StateRunning || (last.State == revoke.StateDone) == b.works(t, oldToken) || made.State == revoke.StateDone && version != 2 {
		t.Errorf("event %d: %s: made %s, version %d, ended %s", at, runs[0].State, made.State, version, last.State)
	}
	return made.State
}
