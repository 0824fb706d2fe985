package npm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/npm"
	"nhitop/sources/npm/npmsim"
	"nhitop/sources/sourcetest"
)

// company is a registry with an account that has tokens of all sorts, as npm's own answers.
func company(t *testing.T) (rt http.RoundTripper, session, value string) {
	t.Helper()
	s := npmsim.New(npmsim.Options{
		Seed: "company", Now: func() time.Time { return start }, PageSize: 2,
		Packages: map[string]map[string]string{"ana": {"shop": "write", "tools": "read"}, "acme": {"@acme/core": "write", "@acme/ui": "read-write"}},
	})
	session = s.Login("ana", password)
	s.Token("ana", true)
	s.Token("ana", false, "10.0.0.0/8")
	_, value = s.Token("ana", false)
	s.Token("ana", false)
	s.Token("ana", true)
	return httpx.InProcess(s), session, value
}

const table = `
url = "https://npm.example/registry"
token = { env = "NPM_TOKEN" }
orgs = ["acme"]
`

// below serves a registry below a path.
func below(prefix string, rt http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Path = strings.TrimPrefix(r.URL.Path, prefix)
		return rt.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func surrounding(t *testing.T) (sources.Env, http.RoundTripper, []string) {
	rt, session, value := company(t)
	rt = below("/registry", rt)
	return sources.Env{
		Getenv:    func(n string) string { return map[string]string{"NPM_TOKEN": value}[n] },
		Transport: func(string) http.RoundTripper { return rt },
	}, rt, []string{value, session}
}

func TestConformance(t *testing.T) {
	env, _, values := surrounding(t)
	sourcetest.Run(t, npm.Factory, sourcetest.Case{Name: "company", Env: env, Table: table, Planted: values[:1]})
}

func TestEveryFaultOfEveryCall(t *testing.T) {
	env, rt, values := surrounding(t)
	sourcetest.Faults(t, npm.Factory, sourcetest.HTTP{
		Env: env, Table: table, Next: rt, Host: "npm.example", Values: values,
		Optional: func(path string) bool {
			return strings.HasSuffix(path, "/-/npm/v1/user") || strings.HasSuffix(path, "/package")
		},
	})
}

func TestWhatIsRead(t *testing.T) {
	rt, _, value := company(t)
	r := registry{base: "https://npm.example", rt: rt}
	b := newBench(t, r, value, func(o *npm.Options, _ *sources.Env) { o.Orgs = []string{"acme"} })
	s := b.snapshot()
	rec := s.Records()
	if len(rec.Secrets) != 5 { // one of the five is nhitop's own
		t.Fatalf("%d tokens", len(rec.Secrets))
	}
	var gates []string
	for _, e := range rec.Entitlements {
		gates = append(gates, fmt.Sprint(e.Capability, " ", e.Gate, " ", e.Certain, ": ", strings.Join(e.Path[1:], " > ")))
	}
	slices.Sort(gates)
	for _, want := range []string{
		"publish-package open true: its credential for the npm registry npm.example (env NPM_TOKEN) > token ", "> may write > publish-package: @acme/core, @acme/ui, shop",
		"publish-package blocked true: read-only > publish-package: refused by the registry", "> only from 10.0.0.0/8 >",
	} {
		if !strings.Contains(strings.Join(gates, "\n"), want) {
			t.Errorf("%q is not in\n%s", want, strings.Join(gates, "\n"))
		}
	}
	if len(rec.Entitlements) != 5 {
		t.Errorf("%d entitlements", len(rec.Entitlements))
	}
	if o := rec.Owners; len(o) != 1 || o[0].Name != "ana" || o[0].Status != "unknown" {
		t.Errorf("%+v", o)
	}
	batch, err := b.batch()
	if err != nil {
		t.Fatal(err)
	}
	var looked []string
	for _, l := range batch.Ledger {
		looked = append(looked, l.State+" "+strings.TrimPrefix(l.Path, r.base))
	}
	want := []string{"read /-/whoami", "read /-/npm/v1/user", "read /-/user/ana/package", "read /-/org/acme/package", "read /-/npm/v1/tokens"}
	if !slices.Equal(looked, want) {
		t.Errorf("%v", looked)
	}
}

// granular is what npm's own registry says of tokens (npm 11.19.1: what "npm token create" sends and "npm token list" reads).
const granular = `{"objects":[
 {"key":"` + key1 + `","token":"npm_FA","id":"aa","name":"release","created":"2026-03-01T10:00:00.000Z","expires":"2026-12-24T00:00:00.000Z","readonly":false,"cidr_whitelist":null,"bypass_2fa":true,"packages":["@acme/core","@acme/ui","a","b"],"packages_and_scopes_permission":"read-write","orgs":[],"last_used":"2026-11-20"},
 {"key":"bbbb","token":"npm_FB","name":"reader","created":"2026-03-01T10:00:00.000Z","packages_all":true,"packages_and_scopes_permission":"read-only","scopes":[{"name":"@acme"}]},
 {"key":"cccc","token":"npm_FC","created":1767225600000,"expires":1767312000000,"readonly":false},
 {"key":"dddd","token":"npm_FD","created":"yesterday","cidr_whitelist":"10.0.0.0/8","token_type":"automation"}
],"urls":{}}`

const key1 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// canned is a registry that answers what it is told to.
func canned(answers map[string]any) registry {
	return registry{base: "https://npm.example", rt: httpx.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch a := answers[r.Method+" "+r.URL.Path].(type) {
		case string:
			_, _ = w.Write([]byte(a))
		case int:
			w.WriteHeader(a)
		case func(http.ResponseWriter, *http.Request):
			a(w, r)
		default:
			w.WriteHeader(404)
		}
	}))}
}

func TestGranularTokens(t *testing.T) {
	r := canned(map[string]any{
		"GET /-/whoami": `{"username":"ana"}`, "GET /-/npm/v1/user": `{"email":"ana@example.com","email_verified":true}`, "GET /-/npm/v1/tokens": granular,
	})
	b := newBench(t, r, "npm_"+"FAKE0123456789", nil)
	s := b.snapshot()
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	for key, want := range map[string]inventory.Secret{
		key1: {Scopes: []string{"automation", "package:@acme/core", "package:@acme/ui", "package:a", "package:b", "publish"}, Created: day("2026-03-01").Add(10 * time.Hour), Expires: day("2026-12-24"),
			LastUsed: day("2026-11-20"), State: inventory.StateLive, LongLived: inventory.No, Note: "publishes without a second factor"},
		"bbbb": {Scopes: []string{"read-only", "scope:@acme"}, Created: day("2026-03-01").Add(10 * time.Hour), State: inventory.StateLive},
		"cccc": {Scopes: []string{"publish"}, Created: day("2026-01-01"), Expires: day("2026-01-02"), State: inventory.StateExpired, LongLived: inventory.No},
		"dddd": {Scopes: []string{"automation", "from:10.0.0.0/8"}, State: inventory.StateLive, Note: "publishes without a second factor"},
	} {
		x := b.find(s, key)
		slices.Sort(x.Scopes)
		got := inventory.Secret{Scopes: x.Scopes, Created: x.Created, Expires: x.Expires, LastUsed: x.LastUsed, State: x.State, LongLived: x.LongLived, Note: x.Note}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%.4s:\n got %v\nwant %v", key, got, want)
		}
		e := s.EntitlementsOf(x.ID)
		if len(e) != 1 {
			t.Fatalf("%.4s: %d entitlements", key, len(e))
		}
		last := e[0].Path[len(e[0].Path)-1]
		wantGate := map[string]string{key1: "open true publish-package: @acme/core, @acme/ui, a and 1 more", "bbbb": "blocked true publish-package: refused by the registry",
			"cccc": "blocked true publish-package: refused by the registry", "dddd": "open false publish-package: every package that ana may publish; the registry does not list them"}[key]
		if got := fmt.Sprint(e[0].Gate, " ", e[0].Certain, " ", last); got != wantGate {
			t.Errorf("%.4s: %s; want %s", key, got, wantGate)
		}
	}
	if o := s.Records().Owners; len(o) != 1 || o[0].Email != "ana@example.com" {
		t.Errorf("%+v", o)
	}
}

func TestCollectionsThatFail(t *testing.T) {
	who := `{"username":"ana"}`
	for name, c := range map[string]struct {
		answers map[string]any
		want    string
		partial bool
	}{
		"as nobody":      {map[string]any{"GET /-/whoami": `{}`}, "does not know the credential", false},
		"401":            {map[string]any{"GET /-/whoami": 401}, "401 Unauthorized", false},
		"no tokens":      {map[string]any{"GET /-/whoami": who}, "npm.example lists no tokens: which there are is not known", true},
		"may not list":   {map[string]any{"GET /-/whoami": who, "GET /-/npm/v1/tokens": 403}, "403 Forbidden", true},
		"no key":         {map[string]any{"GET /-/whoami": who, "GET /-/npm/v1/tokens": `{"objects":[{"token":"x"}]}`}, "a token without a key", true},
		"no list":        {map[string]any{"GET /-/whoami": who, "GET /-/npm/v1/tokens": `{"tokens":[]}`}, `"objects" is missing`, true},
		"list elsewhere": {map[string]any{"GET /-/whoami": who, "GET /-/npm/v1/tokens": `{"objects":[],"urls":{"next":"https://evil.example/-/npm/v1/tokens"}}`}, "not of npm.example", true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, canned(c.answers), "npm_"+"FAKE0123456789", nil)
			_, err := b.batch()
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, sources.ErrPartial) != c.partial {
				t.Errorf("%v", err)
			}
			b.rec.OnlyTo(t, "npm.example")
		})
	}
	b := newBench(t, canned(nil), "", nil)
	if _, err := b.batch(); err == nil || !strings.Contains(err.Error(), "token: env NPM_TOKEN: the variable is not set") {
		t.Errorf("%v", err)
	}
}

func TestOptions(t *testing.T) {
	ref := credref.Ref{Env: "T"}
	for want, o := range map[string]npm.Options{
		"":                                     {URL: "https://npm.example/", Token: ref, Name: "acme"},
		"name: ":                               {URL: "https://npm.example", Token: ref, Name: "a b"},
		"url: is needed":                       {Token: ref},
		"url: plain http":                      {URL: "http://npm.example", Token: ref},
		"token: a credential is needed":        {URL: "https://npm.example"},
		"revoke_token: one place only":         {URL: "https://npm.example", Token: ref, RevokeToken: credref.Ref{Env: "A", File: "/b"}},
		"otp: command begins":                  {URL: "https://npm.example", Token: ref, OTP: credref.Ref{Command: []string{""}}},
		"ca_file: /nowhere.pem cannot be read": {URL: "https://npm.example", Token: ref, CAFile: "/nowhere.pem"},
	} {
		s, err := npm.New(o, sources.Env{})
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
		if err == nil && (s.Info().Name != "npm:acme" || len(s.Info().Revokes) != 0) {
			t.Errorf("%+v", s.Info())
		}
	}
}

func TestPlan(t *testing.T) {
	r := simulated(npmsim.Options{})
	session := r.login(t, "ana")
	key, value := r.token(t, session, false)
	b := newBench(t, r, session, nil)
	s := b.snapshot(value)
	x := b.find(s, key)
	plan := func(target revoke.Target) int {
		t.Helper()
		steps, err := b.src.Plan(t.Context(), target, s)
		if err != nil {
			t.Fatal(err)
		}
		return len(steps)
	}
	assistant := x.Assistants[0]
	for name, c := range map[string]struct {
		target revoke.Target
		want   int
	}{
		"token": {revoke.Target{ID: x.ID}, 1}, "by name": {revoke.Target{ID: x.ID, Action: revoke.ActionRevoke}, 1}, "another act": {revoke.Target{ID: x.ID, Action: revoke.ActionRemoveSecret}, 0},
		"nobody": {revoke.Target{ID: "sec-none"}, 0}, "inherited": {revoke.Target{ID: assistant, Action: revoke.ActionAll}, 0},
		"nhitop's own": {revoke.Target{ID: s.Records().Assistants[1].ID, Action: revoke.ActionAll}, 0}, // made by logging in, stands in no file
	} {
		if got := plan(c.target); got != c.want {
			t.Errorf("%s: %d steps", name, got)
		}
	}
	steps, err := b.src.Plan(t.Context(), revoke.Target{ID: x.ID}, s)
	if err != nil {
		t.Fatal(err)
	}
	st := steps[0]
	if st.Layer != revoke.LayerCredential || st.Reversible || st.Promises != revoke.Attested || st.Breaks != "Claude Code" || st.Residual == "" || st.Horizon == 0 ||
		st.Request != "DELETE https://npm.example/-/npm/v1/tokens/token/"+key {
		t.Errorf("%+v", st)
	}
	text, err := json.Marshal(st)
	if err != nil || strings.Contains(string(text), value[:12]) {
		t.Errorf("the step holds the value (%v)", err)
	}
	b.rec.ReadsOnly(t)
}

func TestApplyRefuses(t *testing.T) {
	r := simulated(npmsim.Options{})
	session := r.login(t, "ana")
	key, _ := r.token(t, session, false)
	for name, change := range map[string]func(*npm.Options, *sources.Env){
		"read-only": func(_ *npm.Options, e *sources.Env) { e.ReadOnly = true }, "not allowed": func(o *npm.Options, _ *sources.Env) { o.Revoke = false },
	} {
		b := newBench(t, r, session, change)
		s := b.snapshot()
		steps, err := b.src.Plan(t.Context(), revoke.Target{ID: b.find(s, key).ID}, s)
		if err != nil || len(steps) != 1 {
			t.Fatal(err)
		}
		b.rec.Reset()
		if _, err := b.src.Apply(t.Context(), steps[0]); !errors.Is(err, revoke.ErrReadOnly) || len(b.rec.Sent()) != 0 {
			t.Errorf("%s: %v, sent %v", name, err, b.rec.Sent())
		}
	}
	b := newBench(t, r, session, nil)
	if _, err := b.src.Apply(t.Context(), revoke.Step{Action: revoke.ActionRevoke, Params: map[string]string{"base": "https://other.example", "key": key}}); !errors.Is(err, revoke.ErrChanged) {
		t.Errorf("another registry: %v", err)
	}
	if _, err := b.src.Apply(t.Context(), revoke.Step{Action: revoke.ActionNarrow, Params: map[string]string{"base": r.base, "key": key}}); err == nil {
		t.Error("it narrowed a token")
	}
	b.rec.ReadsOnly(t)
}

// A registry may ask for a one-time password, or refuse the credential that only reads.
func TestSecondFactorAndSecondCredential(t *testing.T) {
	list := `{"objects":[{"key":"aaaa","token":"x","readonly":false}],"urls":{}}`
	deleted := false
	answers := map[string]any{
		"GET /-/whoami": `{"username":"ana"}`,
		"GET /-/npm/v1/tokens": func(w http.ResponseWriter, _ *http.Request) {
			if deleted {
				list = `{"objects":[],"urls":{}}`
			}
			_, _ = w.Write([]byte(list))
		},
		"DELETE /-/npm/v1/tokens/token/aaaa": func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Header.Get("Authorization") != "Bearer "+"npm_"+"FAKEwriter":
				w.WriteHeader(403)
			case r.Header.Get("Npm-Otp") != "123456":
				w.WriteHeader(401)
			default:
				deleted = true
				w.WriteHeader(204)
			}
		},
	}
	step := func(b *bench) revoke.Step {
		s := b.snapshot()
		steps, err := b.src.Plan(t.Context(), revoke.Target{ID: b.find(s, "aaaa").ID}, s)
		if err != nil || len(steps) != 1 {
			t.Fatal(err)
		}
		return steps[0]
	}
	writer := func(o *npm.Options, _ *sources.Env) { o.RevokeToken = credref.Ref{Env: "WRITER"} }
	both := func(o *npm.Options, e *sources.Env) { writer(o, e); o.OTP = credref.Ref{Env: "OTP"} }
	for _, c := range []struct {
		change func(*npm.Options, *sources.Env)
		want   string
	}{{nil, "set revoke_token to one that may write"}, {writer, "set otp = "}, {both, ""}} {
		b := newBench(t, canned(answers), "npm_"+"FAKEreader", c.change)
		b.values["WRITER"], b.values["OTP"] = "npm_"+"FAKEwriter", "123456"
		st := step(b)
		r, err := b.src.Apply(t.Context(), st)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %s", err, c.want)
			}
			continue
		}
		p, perr := b.src.Verify(t.Context(), st, r)
		if err != nil || perr != nil || p.Grade != revoke.Attested || r.Detail != "the registry answered 204" {
			t.Errorf("%+v %v, %+v %v", r, err, p, perr)
		}
		if _, state, err := b.src.Recover(t.Context(), st); state != revoke.StateDone || err != nil {
			t.Errorf("%s %v", state, err)
		}
	}
}

// What a registry in trouble says is no proof of anything.
func TestGrades(t *testing.T) {
	gone, there := `{"objects":[],"urls":{}}`, `{"objects":[{"key":"aaaa","token":"x"}],"urls":{}}`
	held := "npm_" + "FAKEheld01234567"
	before := map[string]string{revoke.SeenBefore: revoke.SeenAccepted}
	for name, c := range map[string]struct {
		list  any
		token int // what whoami answers to the token; 200 with its name
		other int // and to nhitop
		ping  int
		seen  map[string]string
		from  string
		want  revoke.Grade
	}{
		"refused, and was accepted":          {gone, 403, 200, 200, before, "", revoke.Proven},
		"unknown to it":                      {gone, 401, 200, 200, nil, "yes", revoke.Proven},
		"accepted, not listed":               {gone, 200, 200, 200, before, "", revoke.Alive},
		"accepted, listed":                   {there, 200, 200, 200, before, "", revoke.Alive},
		"refused, listed":                    {there, 403, 200, 200, before, "", revoke.Alive},
		"refused, as before, bound":          {gone, 403, 200, 200, nil, "yes", revoke.Attested},
		"refused, as before, not bound":      {gone, 403, 200, 200, nil, "", revoke.Proven},
		"everybody is refused":               {gone, 403, 403, 503, before, "", revoke.Unproven},
		"nhitop is refused, others are not":  {403, 403, 403, 200, before, "", revoke.Proven},
		"the token meets 500, not listed":    {gone, 500, 200, 200, before, "", revoke.Attested},
		"the token meets 429, list is broke": {500, 429, 200, 200, before, "", revoke.Unproven},
		"refused, list is broken, not seen":  {500, 403, 200, 200, nil, "", revoke.Unproven},
	} {
		t.Run(name, func(t *testing.T) {
			r := canned(map[string]any{
				"GET /-/npm/v1/tokens": c.list, "GET /-/ping": c.ping,
				"GET /-/whoami": func(w http.ResponseWriter, r *http.Request) {
					status := c.other
					if r.Header.Get("Authorization") == "Bearer "+held {
						status = c.token
					}
					if status == 429 {
						w.Header().Set("Retry-After", "7200")
					}
					w.WriteHeader(status)
					_, _ = w.Write([]byte(`{"username":"ana"}`))
				},
			})
			b := newBench(t, r, "npm_"+"FAKEown", nil)
			st := revoke.Step{Action: revoke.ActionRevoke, Target: "sec-a", Params: map[string]string{"base": r.base, "key": "aaaa", "from": c.from}}
			p, err := b.src.Verify(b.holding("sec-a", held), st, revoke.Receipt{Seen: c.seen})
			if err != nil || p.Grade != c.want || p.Detail == "" || strings.Contains(p.Detail, "STILL ALIVE") != (c.want == revoke.Alive) {
				t.Errorf("%+v %v, want %s", p, err, c.want)
			}
			b.rec.ReadsOnly(t)
		})
	}
}

func TestAsk(t *testing.T) {
	r := simulated(npmsim.Options{})
	session := r.login(t, "ana")
	key, value := r.token(t, session, false)
	b := newBench(t, r, session, nil)
	ask := func(h revoke.Held) *revoke.Answer {
		t.Helper()
		a, err := b.src.Ask(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	h := revoke.Held{ID: "sec-a", Kind: "npm-token", Issuer: "npm", Value: inventory.NewValue(value)}
	if a := ask(h); a == nil || a.State != inventory.StateLive || a.Account != "ana" || !slices.Contains(a.Scopes, "publish") || len(a.Reaches) != 1 {
		t.Errorf("%+v", a)
	}
	stranger := h
	stranger.Value = inventory.NewValue("npm_" + "FAKEofAnotherRegistry")
	b.rec.Reset()
	if a := ask(stranger); a != nil {
		t.Errorf("%+v", a)
	}
	for _, sent := range b.rec.Sent() {
		if sent.Path != "/-/npm/v1/tokens" {
			t.Errorf("%s: the registry was told a token that may be of another one", sent)
		}
	}
	if a := ask(revoke.Held{Kind: "github-pat-classic", Issuer: "github", Value: h.Value}); a != nil {
		t.Errorf("%+v", a)
	}
	r.call(t, "DELETE", "/-/npm/v1/tokens/token/"+key, session, nil, nil)
	h.Account = "ana@npm.example"
	if a := ask(h); a == nil || a.State != inventory.StateRevoked {
		t.Errorf("%+v", a)
	}
	steps, err := b.src.PlanHeld(t.Context(), h, b.snapshot())
	if err != nil || len(steps) != 0 {
		t.Errorf("a token that is not known here: %+v %v", steps, err)
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{granular, `{"objects":[{"key":"a","cidr":[1,{"name":"x"},null],"created":{},"readonly":null}],"urls":{"next":7}}`, `{"objects":null}`, `{"objects":[[]]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := newBench(t, canned(map[string]any{"GET /-/whoami": `{"username":"ana"}`, "GET /-/npm/v1/tokens": s}), "npm_"+"FAKE0123456789", nil)
		batch, err := b.batch()
		if err == nil && !json.Valid([]byte(s)) {
			t.Errorf("%q is taken for a list", s)
		}
		for _, x := range batch.Records.Secrets {
			if x.ID == "" || x.Kind == "" {
				t.Errorf("%+v", x)
			}
		}
	})
}
