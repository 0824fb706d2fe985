package managers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/managers/vaultsim"
)

const (
	place = "secret/ci/token"
	token = "fa4e-vault-token-000001"
	was   = "FAKE-old-credential-0001"
	fresh = "FAKE-new-\"credential\"-0002"
)

// all is what a token may that rotates into the place.
var all = map[string][]string{"secret/data/ci/*": {"create", "read", "update", "patch"}, "secret/ci/*": {"create", "read", "update"}}

// bench is a Vault and the place in it.
type bench struct {
	t   *testing.T
	sim *vaultsim.Sim
	revoke.Manager
	mu   sync.Mutex
	sent []string // method and path of each request
}

// bench makes a Vault with the KV engine of a version. The secret has the key and another one, if there is one.
func newBench(t *testing.T, kv int, may map[string][]string, there bool) *bench {
	t.Helper()
	w := vaultsim.World{Mounts: map[string]int{"secret": kv, "transit": 0}, Tokens: map[string]map[string][]string{token: may}, Secrets: map[string]vaultsim.Data{}}
	if there {
		w.Secrets[place] = vaultsim.Data{"value": was, "user": "ci {secret}"}
	}
	b := &bench{t: t, sim: vaultsim.New(w)}
	b.Manager = b.make(Vault{Mount: "secret", Path: "ci/token", Key: "value"})
	return b
}

func (b *bench) make(o Vault) revoke.Manager {
	b.t.Helper()
	o.URL, o.Token = "https://vault.acme.example", credref.Ref{Env: "TOKEN"}
	m, err := NewVault(o, b.env())
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *bench) env() sources.Env {
	return sources.Env{
		Now: time.Now, Getenv: func(string) string { return token }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Transport: func(string) http.RoundTripper {
			return sources.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b.mu.Lock()
				b.sent = append(b.sent, r.Method+" "+r.URL.Path)
				b.mu.Unlock()
				b.sim.ServeHTTP(w, r)
			}))
		},
	}
}

// look looks, and fails the test where anything was changed by it.
func (b *bench) look() revoke.Slot {
	b.t.Helper()
	b.sent = nil
	s, err := b.Look(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range b.sent {
		if !strings.HasPrefix(r, "GET ") && r != "POST /v1/sys/capabilities-self" {
			b.t.Errorf("looking sent %s", r)
		}
	}
	return s
}

// shows reports whether a value is the one.
func shows(v inventory.Value, want string) bool { return v.Reveal() == want }

func (b *bench) stands(value string, versions int) {
	b.t.Helper()
	d, n := b.sim.Shows(place)
	if got, _ := d["value"].(string); got != value || n != versions || d["user"] != nil && d["user"] != "ci {secret}" {
		b.t.Errorf("it shows %v, version %d", d, n)
	}
}

func TestVault(t *testing.T) {
	for name, c := range map[string]struct {
		kv       int
		may      map[string][]string
		there    bool
		mark     string
		versions int
		effect   string
		request  string
		readable bool
		residual string
	}{
		"new":             {2, all, false, "version 1", 1, "version 1 of secret/ci/token under value; it is not made", `curl -X POST -H "X-Vault-Token: $VAULT_TOKEN"`, true, ""},
		"over an old one": {2, all, true, "version 2", 2, "its other keys stay: user", `curl -X PATCH`, true, "in version 1 of secret/ci/token"},
		"without patch":   {2, map[string][]string{"secret/data/ci/*": {"read", "update"}}, true, "version 2", 2, "its other keys stay: user", "# POST https://vault.acme.example/v1/secret/data/ci/token with its other keys", true, "in version 1"},
		"write alone": {2, map[string][]string{"secret/data/ci/*": {"patch"}, "secret/metadata/ci/*": {"read"}}, true, "version 2", 2, "may not read it back",
			`-d '{"options":{"cas":1},"data":{"value":"'"$NEW"'"}}'`, false, "in version 1"},
		"root":        {2, map[string][]string{"*": {"root"}}, true, "version 2", 2, "", "", true, "in version 1"},
		"kv1 new":     {1, all, false, markFirst, 1, "KV version 1 keeps no versions and has no check-and-set", "curl -X POST", true, ""},
		"kv1 another": {1, all, true, markOver, 1, "its other keys stay: user", "# POST https://vault.acme.example/v1/secret/ci/token with", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.kv, c.may, c.there)
			s := b.look()
			if s.Mark != c.mark || !strings.Contains(s.Effect, c.effect) || !strings.Contains(s.Request, c.request) || !strings.Contains(s.Residual, c.residual) || (s.Residual == "") != (c.residual == "") ||
				s.Where != "https://vault.acme.example, secret/ci/token, key value" {
				t.Errorf("%+v", s)
			}
			if _, err := b.Read(t.Context(), s.Mark); !errors.Is(err, revoke.ErrNotHeld) {
				t.Errorf("read before it was written: %v", err)
			}
			v, err := s.Write(t.Context(), "step", inventory.NewValue(fresh))
			if err != nil || shows(v, fresh) != c.readable || v.IsZero() == c.readable {
				t.Errorf("%v", err)
			}
			b.stands(fresh, c.versions)
			got, err := b.Read(t.Context(), s.Mark)
			if found := err == nil && shows(got, fresh); found != (c.readable && c.mark != markOver) {
				t.Errorf("after a crash: found %v, %v", found, err)
			}
		})
	}
}

// What a place cannot take is said before there is anything to take.
func TestVaultThatCannot(t *testing.T) {
	for name, c := range map[string]struct {
		kv    int
		may   map[string][]string
		there bool
		fault vaultsim.Fault
		want  string
	}{
		"no rights":         {2, map[string][]string{}, true, vaultsim.Fault{}, "may do nothing in the mount secret"},
		"reads alone":       {2, map[string][]string{"secret/data/ci/*": {"read"}}, true, vaultsim.Fault{}, "may not write secret/ci/token: give it patch, or read and update"},
		"may not create":    {2, map[string][]string{"secret/data/ci/*": {"read", "update", "patch"}}, false, vaultsim.Fault{}, "give it create"},
		"would lose keys":   {2, map[string][]string{"secret/data/ci/*": {"update"}, "secret/metadata/ci/*": {"read"}}, true, vaultsim.Fault{}, "the other keys would be lost"},
		"sees nothing":      {2, map[string][]string{"secret/data/ci/*": {"update", "create", "patch"}}, true, vaultsim.Fault{}, "give it read on secret/metadata/ci/token"},
		"kv1 blind":         {1, map[string][]string{"secret/ci/*": {"update", "create"}}, true, vaultsim.Fault{}, "its other keys would be lost; give it read"},
		"kv1 no update":     {1, map[string][]string{"secret/ci/*": {"read", "create"}}, true, vaultsim.Fault{}, "give it update"},
		"another engine":    {0, map[string][]string{"secret/*": {"update"}}, false, vaultsim.Fault{}, "no KV secrets engine but transit"},
		"sealed":            {2, all, true, vaultsim.Fault{Sealed: true}, "503 Service Unavailable: Vault is sealed"},
		"no JSON":           {2, all, true, vaultsim.Fault{Strange: true}, "not JSON"},
		"kv1 rights on kv2": {2, map[string][]string{"secret/ci/*": {"read", "update"}}, true, vaultsim.Fault{}, "give it read on"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.kv, c.may, c.there)
			b.sim.Break(c.fault)
			if _, err := b.Look(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), token) {
				t.Errorf("%v; want %s", err, c.want)
			}
			if c.there {
				b.stands(was, 1)
			}
		})
	}
	b := newBench(t, 2, map[string][]string{"*": {"root"}}, true)
	if _, err := b.make(Vault{Mount: "secret/ci", Path: "token", Key: "value"}).Look(t.Context()); err == nil || !strings.Contains(err.Error(), "secret/ci/token is in the mount secret") {
		t.Error(err)
	}
	if _, err := b.make(Vault{Mount: "secret", Path: "ci/token", Key: "value", Namespace: "team"}).Look(t.Context()); err == nil {
		t.Error("another namespace")
	}
}

// What goes wrong with the write itself: either the place shows what it was given, or it is said that it has nothing of it, or
// that this cannot be known.
func TestVaultWriteThatFails(t *testing.T) {
	const taken, not, unsure = "taken", "not taken", "unsure"
	blind := map[string][]string{"secret/data/ci/*": {"patch"}, "secret/metadata/ci/*": {"read"}}
	for name, c := range map[string]struct {
		kv    int
		may   map[string][]string
		fault vaultsim.Fault
		want  string
	}{
		"refused":                {2, all, vaultsim.Fault{Status: 403}, not},
		"kv1 refused":            {1, all, vaultsim.Fault{Status: 403}, not},
		"sealed":                 {2, all, vaultsim.Fault{Sealed: true}, not},
		"kv1 sealed":             {1, all, vaultsim.Fault{Sealed: true}, not},
		"lies":                   {2, all, vaultsim.Fault{Lies: true}, not},
		"kv1 lies":               {1, all, vaultsim.Fault{Lies: true}, not},
		"breaks down":            {2, all, vaultsim.Fault{Status: 500}, not},
		"kv1 breaks down":        {1, all, vaultsim.Fault{Status: 500}, not},
		"cut before":             {2, all, vaultsim.Fault{Before: true}, unsure},
		"kv1 cut before":         {1, all, vaultsim.Fault{Before: true}, unsure},
		"cut after":              {2, all, vaultsim.Fault{After: true}, taken},
		"kv1 cut after":          {1, all, vaultsim.Fault{After: true}, taken},
		"late":                   {2, all, vaultsim.Fault{Late: 3}, taken},
		"blind and cut after":    {2, blind, vaultsim.Fault{After: true}, unsure},
		"blind and breaks down":  {2, blind, vaultsim.Fault{Status: 500}, unsure},
		"blind and refused":      {2, blind, vaultsim.Fault{Status: 400}, not},
		"no JSON after a write":  {2, all, vaultsim.Fault{Strange: true}, unsure},
		"kv1 no JSON afterwards": {1, all, vaultsim.Fault{Strange: true}, not}, // it cannot be looked at again before
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.kv, c.may, true)
			s := b.look()
			b.sim.Break(c.fault)
			v, err := s.Write(t.Context(), "step", inventory.NewValue(fresh))
			got := taken
			switch {
			case errors.Is(err, revoke.ErrNotTaken):
				got = not
			case err != nil:
				got = unsure
			case !shows(v, fresh):
				t.Error("it is said to be taken, and another is shown")
			}
			if got != c.want || err != nil && strings.Contains(err.Error(), fresh[:8]) {
				t.Errorf("%s: %v", got, err)
			}
			if got == not {
				b.stands(was, 1)
			}
		})
	}
}

// What somebody else writes in between is not written over.
func TestVaultWithAnother(t *testing.T) {
	for kv := 1; kv <= 2; kv++ {
		b := newBench(t, kv, all, true)
		s := b.look()
		b.sim.Put(place, vaultsim.Data{"value": "another's"})
		if again := b.look(); kv == 2 && again.Mark == s.Mark {
			t.Errorf("kv %d: the mark is the same", kv)
		}
		if _, err := s.Write(t.Context(), "step", inventory.NewValue(fresh)); !errors.Is(err, revoke.ErrNotTaken) {
			t.Errorf("kv %d: %v", kv, err)
		}
		b.stands("another's", kv)
	}
	b := newBench(t, 2, all, true)
	s := b.look()
	b.sim.Before(func() { b.sim.Put(place, vaultsim.Data{"value": "another's"}) })
	if _, err := s.Write(t.Context(), "step", inventory.NewValue(fresh)); !errors.Is(err, revoke.ErrNotTaken) || !strings.Contains(err.Error(), "check-and-set") {
		t.Error(err)
	}
	b.stands("another's", 2)
}

// After the write another key may be written, or this one again: only what is the same is taken for the new one.
func TestVaultReadLater(t *testing.T) {
	b := newBench(t, 2, all, true)
	s := b.look()
	if _, err := s.Write(t.Context(), "step", inventory.NewValue(fresh)); err != nil {
		t.Fatal(err)
	}
	b.sim.Put(place, vaultsim.Data{"value": fresh, "user": "other"})
	if v, err := b.Read(t.Context(), s.Mark); err != nil || !shows(v, fresh) {
		t.Errorf("another key was written: %v", err)
	}
	for _, d := range []vaultsim.Data{{"value": "another's"}, {"user": "other"}, {"value": 3}} {
		b.sim.Put(place, d)
		if _, err := b.Read(t.Context(), s.Mark); !errors.Is(err, revoke.ErrNotHeld) {
			t.Errorf("%v: %v", d, err)
		}
	}
	for _, mark := range []string{"", "version x", markFirst, "version 99"} {
		if _, err := b.Read(t.Context(), mark); !errors.Is(err, revoke.ErrNotHeld) {
			t.Errorf("%q: %v", mark, err)
		}
	}
}

// A secret whose newest version was deleted is written again, above that version.
func TestVaultDeleted(t *testing.T) {
	for name, may := range map[string]map[string][]string{"reads": all, "metadata": {"secret/data/ci/*": {"update", "patch"}, "secret/metadata/ci/*": {"read"}}} {
		b := newBench(t, 2, may, true)
		b.sim.Delete(place)
		s := b.look()
		if s.Mark != "version 2" || s.Residual != "" {
			t.Errorf("%s: %+v", name, s)
		}
		if _, err := s.Write(t.Context(), "step", inventory.NewValue(fresh)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.stands(fresh, 2)
	}
}

func TestVaultOptions(t *testing.T) {
	good := Vault{URL: "https://vault.acme.example", Mount: "/secret/", Path: "ci/token", Key: "value", Token: credref.Ref{Env: "T"}}
	if _, err := NewVault(good, sources.Env{}); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Vault){
		"url: is needed":         func(o *Vault) { o.URL = "" },
		"url: plain http":        func(o *Vault) { o.URL = "http://vault.acme.example" },
		"url: the address":       func(o *Vault) { o.URL += "/v1/" },
		"mount: is needed":       func(o *Vault) { o.Mount = "/" },
		"mount: names":           func(o *Vault) { o.Mount = "a//b" },
		"path: is needed":        func(o *Vault) { o.Path = "" },
		"path: names":            func(o *Vault) { o.Path = "a/../b" },
		"path: as vault kv get":  func(o *Vault) { o.Path = "data/ci/token" },
		"key: is needed":         func(o *Vault) { o.Key = "" },
		"key: not with":          func(o *Vault) { o.Path = "a{secret}" },
		"token: a credential is": func(o *Vault) { o.Token = credref.Ref{} },
		"ca_file":                func(o *Vault) { o.CAFile = "/nowhere/ca.pem" },
	} {
		o := good
		change(&o)
		if _, err := NewVault(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	m, err := NewVault(good, sources.Env{Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Look(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "token: env T") {
		t.Error(err)
	}
}
