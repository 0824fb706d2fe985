package npm_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
	"nhitop/sources/npm/npmsim"
)

// verdaccio names the folder in which the two registries are installed: testdata/verdaccio after npm ci there.
const verdaccio = "NHITOP_TEST_VERDACCIO"

// Both are the same program; the older one answers 200 to a revocation and goes on accepting the token.
var modules = []struct {
	module string
	late   bool
}{{"verdaccio-honest", false}, {"verdaccio-late", true}}

var (
	running  []*exec.Cmd
	starting = sync.OnceValues(startRegistries)
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, c := range running {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	os.Exit(code)
}

// real returns the real registries, or says why there are none.
func real(t *testing.T) []registry {
	t.Helper()
	if os.Getenv(verdaccio) == "" {
		t.Skip("no real registry here: " + verdaccio + " names the folder in which verdaccio is installed (npm ci in sources/npm/testdata/verdaccio)")
	}
	rs, err := starting()
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func startRegistries() ([]registry, error) {
	var out []registry
	for _, m := range modules {
		r, err := startRegistry(m.module)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.module, err)
		}
		r.late = m.late
		out = append(out, r)
	}
	return out, nil
}

const settings = `storage: %[1]s/storage
auth:
  htpasswd:
    file: %[1]s/htpasswd
uplinks: {}
packages:
  '**':
    access: $all
    publish: $authenticated
experiments:
  token: true
log: { type: stdout, format: pretty, level: error }
`

func startRegistry(module string) (registry, error) {
	program := filepath.Join(os.Getenv(verdaccio), "node_modules", module, "bin", "verdaccio")
	if _, err := os.Stat(program); err != nil {
		return registry{}, err
	}
	dir, err := os.MkdirTemp("", "nhitop-npm-")
	if err != nil {
		return registry{}, err
	}
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, settings, dir), 0o600); err != nil {
		return registry{}, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return registry{}, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return registry{}, err
	}
	cmd := exec.Command("node", program, "-c", config, "-l", address)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	if err := cmd.Start(); err != nil {
		return registry{}, err
	}
	running = append(running, cmd)
	return registry{name: module, base: "http://" + address}, await("http://" + address + "/-/ping")
}

func await(url string) error {
	deadline := time.Now().Add(2 * time.Minute)
	for {
		resp, err := http.Get(url)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("it does not answer: %w", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// each runs a test against the simulated registries and the real ones.
func each(t *testing.T, test func(t *testing.T, r registry)) {
	for _, late := range []bool{false, true} {
		r := simulated(npmsim.Options{Late: late})
		t.Run(r.name, func(t *testing.T) { test(t, r) })
	}
	t.Run("real", func(t *testing.T) {
		for _, r := range real(t) {
			t.Run(r.name, func(t *testing.T) { test(t, r) })
		}
	})
}

func TestTokensAreMadeListedAndRevoked(t *testing.T) {
	each(t, func(t *testing.T, r registry) {
		session := r.login(t, "ana")
		key, value := r.token(t, session, false)
		reader, _ := r.token(t, session, true)
		b := newBench(t, r, session, nil)
		s := b.snapshot(value)
		x := b.find(s, key)
		if x.Fingerprint == "" || len(x.Same) != 1 || len(x.Assistants) != 1 || !slices.Equal(x.Scopes, []string{"publish"}) || x.State != inventory.StateLive || x.Account != "ana" || x.Created.IsZero() {
			t.Errorf("the token of the file and that of the list are not one: %+v", x)
		}
		if y := b.find(s, reader); !slices.Equal(y.Scopes, []string{"read-only"}) || len(y.Assistants) != 0 {
			t.Errorf("%+v", y)
		}
		b.rec.ReadsOnly(t)
		may := s.Assistant(x.Assistants[0]).Capabilities[inventory.PublishPackage]
		if may != inventory.Yes {
			t.Errorf("who holds the token may publish: %q", may)
		}

		done := b.revoke(b.holding(x.ID, value), s, x.ID)
		want := revoke.Proven
		if r.late {
			want = revoke.Alive
		}
		if done.State != revoke.StateDone || done.Receipt.Already || done.Proof.Grade != want || done.Promises != revoke.Proven {
			t.Errorf("first: %s, %+v, %+v", done.State, done.Receipt, done.Proof)
		}
		if loud := strings.Contains(done.Proof.Detail, "STILL ALIVE"); loud != r.late {
			t.Errorf("%s", done.Proof.Detail)
		}
		if !r.late && !strings.Contains(done.Proof.Detail, "control was accepted") {
			t.Errorf("without a control: %s", done.Proof.Detail)
		}
		run := revoke.Run{Steps: []revoke.StepRun{done}}
		if report.ProofReached(run) == r.late {
			t.Errorf("the proof was reached: %v", !r.late)
		}
		if alive := r.call(t, "GET", "/-/npm/v1/tokens", value, nil, nil) == 200; alive != r.late {
			t.Errorf("the registry itself accepts it: %v", alive)
		}

		again := b.revoke(b.holding(x.ID, value), s, x.ID)
		if again.State != revoke.StateDone || !again.Receipt.Already || again.Proof.Grade != want {
			t.Errorf("second: %s, %+v, %+v", again.State, again.Receipt, again.Proof)
		}
		unseen := b.revoke(t.Context(), s, b.find(s, reader).ID)
		if unseen.Proof.Grade != revoke.Attested || unseen.Promises != revoke.Attested {
			t.Errorf("without the value: %+v", unseen.Proof)
		}
		if left := b.snapshot(); len(left.Records().Secrets) != 1 { // nhitop's own
			t.Errorf("%d are left", len(left.Records().Secrets))
		}
	})
}

// A token that was made by logging in is in no list. It can only end itself, and no verdaccio means that: it must be said.
func TestLoggingOutIsNotBelieved(t *testing.T) {
	each(t, func(t *testing.T, r registry) {
		session := r.login(t, "berta")
		held := r.again(t, "berta", session)
		b := newBench(t, r, session, nil)
		s := b.snapshot(held)
		id := inventory.NewSink("x", inventory.Key{1}, time.Now).SecretID(inventory.NewValue(held))
		if steps, err := b.src.Plan(t.Context(), revoke.Target{ID: id}, s); err != nil || len(steps) != 0 {
			t.Errorf("planned without the value: %+v %v", steps, err)
		}
		done := b.revoke(b.holding(id, held), s, id)
		if done.State != revoke.StateDone || done.Proof.Grade != revoke.Alive || !strings.Contains(done.Proof.Detail, "STILL ALIVE") {
			t.Errorf("%s %+v", done.State, done.Proof)
		}
		journal, err := os.ReadDir(filepath.Join(b.dir, "journal"))
		if err != nil || len(journal) == 0 {
			t.Fatal(err)
		}
		for _, f := range journal {
			data, err := os.ReadFile(filepath.Join(b.dir, "journal", f.Name()))
			if err != nil || strings.Contains(string(data), held[:12]) {
				t.Errorf("%s holds the value (%v)", f.Name(), err)
			}
		}
	})
}

// nhitop ends the token that it reads with: the registry then refuses nhitop, and that is the proof.
func TestOwnToken(t *testing.T) {
	each(t, func(t *testing.T, r registry) {
		session := r.login(t, "carla")
		key, value := r.token(t, session, false)
		b := newBench(t, r, value, nil)
		s := b.snapshot()
		x := b.find(s, key)
		if len(x.Assistants) != 1 || s.Assistant(x.Assistants[0]).Kind != "nhitop" || s.Assistant(x.Assistants[0]).Capabilities[inventory.PublishPackage] != inventory.Yes {
			t.Fatalf("nhitop's own token is not judged: %+v", x)
		}
		done := b.revoke(t.Context(), s, x.ID)
		want := revoke.Proven
		if r.late {
			want = revoke.Alive
		}
		if done.Proof.Grade != want {
			t.Errorf("%+v", done.Proof)
		}
	})
}

// A live token that is bound to other addresses gets the answer of a dead one: that is no proof.
func TestRefusedIsNotDead(t *testing.T) {
	each(t, func(t *testing.T, r registry) {
		session := r.login(t, "dora")
		key, value := r.token(t, session, false, "203.0.113.0/24")
		b := newBench(t, r, session, nil)
		s := b.snapshot(value)
		x := b.find(s, key)
		if !slices.Contains(x.Scopes, "from:203.0.113.0/24") {
			t.Errorf("%v", x.Scopes)
		}
		ctx := b.holding(x.ID, value)
		steps, err := b.src.Plan(ctx, revoke.Target{ID: x.ID}, s)
		if err != nil {
			t.Fatal(err)
		}
		p, err := b.src.Verify(ctx, steps[0], revoke.Receipt{})
		if err != nil || p.Grade != revoke.Alive {
			t.Errorf("it is in the list: %+v %v", p, err)
		}
		done := b.revoke(ctx, s, x.ID)
		want := revoke.Attested
		if r.late { // which takes no notice of addresses
			want = revoke.Alive
		}
		if done.Proof.Grade != want {
			t.Errorf("%+v", done.Proof)
		}
	})
}

// The simulated registry answers as the real one: status, and the names and types of what it says.
func TestSimulatedAsReal(t *testing.T) {
	for i, r := range real(t) {
		t.Run(r.name, func(t *testing.T) {
			a, b := answers(t, r, "emil"), answers(t, simulated(npmsim.Options{Late: modules[i].late}), "emil")
			for k := range a {
				if a[k] != b[k] {
					t.Errorf("real: %s\n simulated: %s", a[k], b[k])
				}
			}
		})
	}
}

// answers are what a registry says to one sequence of requests.
func answers(t *testing.T, r registry, name string) []string {
	t.Helper()
	session := r.login(t, name)
	key, value := r.token(t, session, false)
	_, reader := r.token(t, session, true)
	_, away := r.token(t, session, false, "203.0.113.0/24")
	make := map[string]any{"password": password, "readonly": false, "cidr_whitelist": []string{}}
	var out []string
	ask := func(method, path, token string, body any) {
		var v any
		status := r.call(t, method, path, token, body, &v)
		out = append(out, fmt.Sprintf("%s %s: %d %s", method, strings.NewReplacer(key, "KEY", value, "VALUE").Replace(path), status, shape(v)))
	}
	for _, token := range []string{session, value, reader, away, "unknown", ""} {
		for _, path := range []string{"/-/whoami", "/-/ping", "/-/npm/v1/user", "/-/npm/v1/tokens", "/-/user/emil/package", "/-/org/emil/package"} {
			ask("GET", path, token, nil)
		}
	}
	ask("PUT", "/-/user/org.couchdb.user:"+name, "", map[string]string{"name": name, "password": password})
	ask("PUT", "/-/user/org.couchdb.user:"+name, session, map[string]string{"name": name, "password": "other" + password})
	ask("PUT", "/-/user/org.couchdb.user:"+name, session, map[string]string{"name": name, "password": password})
	ask("POST", "/-/npm/v1/tokens", reader, make)
	ask("POST", "/-/npm/v1/tokens", session, make)
	ask("POST", "/-/npm/v1/tokens", session, map[string]any{"password": "wrong", "readonly": false, "cidr_whitelist": []string{}})
	ask("POST", "/-/npm/v1/tokens", "", make)
	ask("DELETE", "/-/npm/v1/tokens/token/"+key, reader, nil)
	ask("DELETE", "/-/npm/v1/tokens/token/"+key, "", nil)
	for range 2 {
		ask("DELETE", "/-/npm/v1/tokens/token/"+key, session, nil)
	}
	for _, path := range []string{"/-/whoami", "/-/ping", "/-/npm/v1/tokens"} {
		ask("GET", path, value, nil)
	}
	ask("DELETE", "/-/npm/v1/tokens/token/none", session, nil)
	ask("DELETE", "/-/user/token/"+value, session, nil)
	ask("GET", "/-/npm/v1/tokens", session, nil)
	return out
}

// shape is JSON without what differs from registry to registry.
func shape(v any) string {
	switch x := v.(type) {
	case map[string]any:
		var parts []string
		for _, k := range inventory.SortedKeys(x) {
			s := shape(x[k])
			if k == "error" || k == "next" || k == "username" || k == "ok" {
				b, _ := json.Marshal(x[k])
				s = string(b)
			}
			parts = append(parts, k+":"+s)
		}
		return "{" + strings.Join(parts, " ") + "}"
	case []any:
		var parts []string
		for _, e := range x {
			parts = append(parts, shape(e))
		}
		return fmt.Sprintf("%d[%s]", len(x), strings.Join(slices.Compact(parts), " "))
	}
	return fmt.Sprintf("%T", v)
}
