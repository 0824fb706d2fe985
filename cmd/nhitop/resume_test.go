package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// selfEnding is a GitLab at which one token can be asked about and ended by itself.
type selfEnding struct {
	mu     sync.Mutex
	secret string
	dead   bool
	denies bool
	kills  int
}

func (g *selfEnding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case !strings.HasSuffix(r.URL.Path, "/personal_access_tokens/self"):
		_, _ = w.Write([]byte("[]"))
	case g.dead || r.Header.Get("PRIVATE-TOKEN") != g.secret:
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodDelete && g.denies:
		w.WriteHeader(http.StatusForbidden)
	case r.Method == http.MethodDelete:
		g.dead = true
		g.kills++
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = w.Write([]byte(`{"name":"ci"}`))
	}
}

// cutOff takes everything from the journal of the only run that came after its steps' intents: as if nhitop had been killed
// there, before anything was done.
func (d *desk) cutOff() {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.state, "*", "*.jsonl"))
	if err != nil {
		d.t.Fatal(err)
	}
	cut := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			d.t.Fatal(err)
		}
		lines := bytes.SplitAfter(text, []byte("\n"))
		if !bytes.HasPrefix(lines[0], []byte(`{"type":"run"`)) || !bytes.HasPrefix(lines[1], []byte(`{"type":"intent"`)) {
			continue
		}
		cut++
		if err := os.WriteFile(f, bytes.Join(lines[:2], nil), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
	if cut != 1 {
		d.t.Fatalf("%d runs in %v", cut, files)
	}
}

// A run about a pasted secret that was cut off goes on with the secret from where it stands or, where it stands nowhere,
// when it is pasted again; another one is refused.
func TestACutOffRunGoesOnWithItsSecret(t *testing.T) {
	secret := "glpat-" + "fa4eR7xKq2Wn9ZtL3bVh"
	const alice = "alice@laptop"
	for _, stands := range []bool{true, false} {
		g := &selfEnding{secret: secret}
		srv := httptest.NewServer(g)
		defer srv.Close()
		d := newDesk(t, "[[sources.issuers]]\nrevoke = true\nurls = { gitlab = \""+srv.URL+"\" }\n")
		file := filepath.Join(d.repo, ".mcp.json")
		text := []byte(`{"mcpServers":{"lab":{"command":"npx","args":["lab"],"env":{"GITLAB_TOKEN":"` + secret + `"}}}}`)
		if stands {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d.run(exitDone, alice, secret, "revoke", "--stdin", "--yes", "--reason", "leaked")
		if g.kills != 1 {
			t.Fatalf("ended %d times", g.kills)
		}
		d.cutOff()
		g.dead = false
		if stands {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			d.run(exitDone, alice, "", "scan") // as it was before the run
			d.run(exitDone, alice, "", "revoke", "--resume", "--yes")
		} else {
			out, said := d.run(exitNoProof, alice, "", "revoke", "--resume", "--yes")
			if g.kills != 1 || !strings.Contains(said, "nhitop revoke --resume --stdin --yes") || !regexp.MustCompile(`running`).MatchString(out) {
				t.Errorf("%d, %s\n%s", g.kills, out, said)
			}
			d.run(exitRefused, alice, "glpat-"+"fa4eM5pTj8Yc2HsQ6wGd", "revoke", "--resume", "--stdin", "--yes")
			d.run(exitUsage, alice, secret, "revoke", "--resume", "--stdin", "--without", "--yes")
			d.run(exitDone, alice, secret, "revoke", "--resume", "--stdin", "--yes")
		}
		now, err := os.ReadFile(file)
		if g.kills != 2 || !g.dead || err != nil || bytes.Contains(now, []byte(secret)) {
			t.Errorf("stands %v: ended %d times, %v", stands, g.kills, err)
		}
		d.run(exitRefused, alice, secret, "revoke", "--resume", "--stdin", "--yes") // there is no such run any more
	}
}

// A token that is not ended when its run is resumed stays in its file, and that is said.
func TestACutOffRunKeepsTheCopiesOfWhatLives(t *testing.T) {
	secret := "glpat-" + "fa4eR7xKq2Wn9ZtL3bVh"
	g := &selfEnding{secret: secret}
	srv := httptest.NewServer(g)
	defer srv.Close()
	d := newDesk(t, "[[sources.issuers]]\nrevoke = true\nurls = { gitlab = \""+srv.URL+"\" }\n")
	file := filepath.Join(d.repo, ".mcp.json")
	text := []byte(`{"mcpServers":{"lab":{"command":"npx","args":["lab"],"env":{"GITLAB_TOKEN":"` + secret + `"}}}}`)
	put := func() {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put()
	d.run(exitDone, "alice@laptop", secret, "revoke", "--stdin", "--yes", "--reason", "leaked")
	d.cutOff()
	put()
	g.dead, g.denies = false, true
	d.run(exitDone, "alice@laptop", "", "scan")
	_, said := d.run(exitNoProof, "alice@laptop", secret, "revoke", "--resume", "--stdin", "--yes")
	if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, text) || !strings.Contains(said, "kept: the credential may still be alive") {
		t.Errorf("%v\n%s\n%s", err, now, said)
	}
}

// A run's file that cannot be read keeps no other run from its end, which is told beside it.
func TestACutOffRunGoesOnBesideADamagedOne(t *testing.T) {
	secret := "glpat-" + "fa4eR7xKq2Wn9ZtL3bVh"
	g := &selfEnding{secret: secret}
	srv := httptest.NewServer(g)
	defer srv.Close()
	d := newDesk(t, "[[sources.issuers]]\nrevoke = true\nurls = { gitlab = \""+srv.URL+"\" }\n")
	const alice = "alice@laptop"
	d.run(exitDone, alice, secret, "revoke", "--stdin", "--yes", "--reason", "leaked")
	d.cutOff()
	g.dead = false
	if err := os.WriteFile(filepath.Join(d.state, "journal", "damaged.jsonl"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said := d.run(exitPartial, alice, "", "revoke", "--resume"); !strings.Contains(said, "journal of run damaged") {
		t.Error(said)
	}
	out, said := d.run(exitPartial, alice, secret, "revoke", "--resume", "--stdin", "--yes")
	if g.kills != 2 || !strings.Contains(out, "done") || !strings.Contains(said, "journal of run damaged") {
		t.Errorf("ended %d times: %s\n%s", g.kills, out, said)
	}
}
