package issuers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/issuers/issuersim"
	"nhitop/sources/sourcetest"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// clockwork is a time that passes only by Add.
type clockwork struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clockwork) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clockwork) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// own are the addresses of the servers that everybody has for themselves.
var own = map[string]string{"okta": "https://okta.example.com", "vault": "https://vault.example.com", "npm": "https://npm.example.com"}

type bench struct {
	*Source
	sim *issuersim.Sim
	clk *clockwork
	rec *httpxtest.Recorder
}

func newBench(t *testing.T) bench {
	t.Helper()
	clk := &clockwork{t: noon}
	sim := issuersim.New(clk.now)
	rec := httpxtest.Record(httpx.InProcess(sim))
	s, err := build(Options{Revoke: true, URLs: own}, sources.Env{Now: clk.now, Transport: func(string) http.RoundTripper { return rec }}, httpxtest.NoSleep)
	if err != nil {
		t.Fatal(err)
	}
	return bench{s, sim, clk, rec}
}

// hold makes a credential of a kind that lives at its issuer.
func (b bench) hold(kind string) (context.Context, revoke.Held) {
	v := "FAKE-" + kind + "-0123456789abcdef"
	b.sim.Add(v, "alice")
	h := revoke.Held{ID: "sec-held", Kind: kind, Value: inventory.NewValue(v)}
	return revoke.WithHeld(context.Background(), h), h
}

func (b bench) step(t *testing.T, ctx context.Context, h revoke.Held) revoke.Step {
	t.Helper()
	steps, err := b.PlanHeld(ctx, h, nil)
	if err != nil || len(steps) != 1 {
		t.Fatalf("%s: %v, %v", h.Kind, steps, err)
	}
	return steps[0]
}

// Every row of the table, through its whole life at an honest issuer: alive, ended, proven, and found ended.
func TestEachIssuer(t *testing.T) {
	for _, r := range rows() {
		for _, kind := range r.Kinds {
			t.Run(kind, func(t *testing.T) {
				b := newBench(t)
				ctx, h := b.hold(kind)
				secret := h.Value.Reveal()
				st := b.step(t, ctx, h)
				if r.Ask != nil {
					a, err := b.Ask(ctx, h)
					if err != nil || a == nil || a.State != inventory.StateLive || r.Ask.Account != "" && a.Account != "alice" {
						t.Errorf("asked: %+v, %v", a, err)
					}
				}
				if r.Kill == nil {
					if st.Action != revoke.ActionManual || len(st.Summary) < 30 {
						t.Errorf("%+v", st)
					}
					if !strings.Contains(st.Summary, r.Service+" is asked with it") {
						t.Errorf("that it is shown to its issuer is not said: %s", st.Summary)
					}
					b.verify(t, ctx, st, revoke.Receipt{}, revoke.Alive)
					return
				}
				rec, err := b.Apply(ctx, st)
				if err != nil || rec.Already || b.sim.Alive(secret) {
					t.Fatalf("%+v, %v", rec, err)
				}
				b.verify(t, ctx, st, rec, st.Promises)
				if r.Ask != nil && !slices.Contains(r.Ask.Refused, http.StatusForbidden) {
					if rec, err := b.Apply(ctx, st); err != nil || !rec.Already {
						t.Errorf("the second time: %+v, %v", rec, err)
					}
				}
				if r.Ask != nil {
					want := inventory.StateUnknown // another's is refused alike
					if len(r.Ask.DeadIf.Is) > 0 {
						want = inventory.StateRevoked
					}
					if a, err := b.Ask(ctx, h); err != nil || a.State != want {
						t.Errorf("asked about the dead: %+v, %v", a, err)
					}
				}
				text, err := json.Marshal([]any{st, rec})
				if err != nil || strings.Contains(string(text), secret) || strings.Contains(fmt.Sprint(b.sim.Calls()), secret) {
					t.Errorf("the credential stands in what is written down: %v", err)
				}
				host := hostOf(b.base(rowFor(kind)))
				b.rec.OnlyTo(t, host, secret)
			})
		}
	}
}

// A credential that its issuer never issued, of another server or mistyped, is refused as a dead one is. That proves nothing,
// nor does it when nhitop was cut off before it saw it alive.
func TestAStrangerIsNeverProvenDead(t *testing.T) {
	for _, r := range rows() {
		for _, kind := range r.Kinds {
			if r.Ask == nil {
				continue
			}
			t.Run(kind, func(t *testing.T) {
				b := newBench(t)
				h := revoke.Held{ID: "sec-held", Kind: kind, Value: inventory.NewValue("FAKE-stranger-0123456789abcdef")}
				ctx := revoke.WithHeld(t.Context(), h)
				if a, err := b.Ask(ctx, h); err != nil || a.State != inventory.StateUnknown {
					t.Errorf("asked: %+v, %v", a, err)
				}
				st := b.step(t, ctx, h)
				var rec revoke.Receipt
				if r.Kill != nil {
					got, err := b.Apply(ctx, st)
					if err == nil && got.Accepted() {
						t.Errorf("%+v", got)
					}
					rec = got
				}
				for _, rec := range []revoke.Receipt{rec, {}} {
					if p, err := b.Verify(ctx, st, rec); !errors.Is(err, revoke.ErrNeverAccepted) || p.Grade == revoke.Proven || p.Grade == revoke.Attested {
						t.Errorf("%+v %v", p, err)
					}
				}
			})
		}
	}
}

func hostOf(base string) string {
	_, rest, _ := strings.Cut(base, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

func (b bench) verify(t *testing.T, ctx context.Context, st revoke.Step, rec revoke.Receipt, want revoke.Grade) {
	t.Helper()
	p, err := b.Verify(ctx, st, rec)
	if err != nil {
		p = revoke.Proof{Grade: revoke.Unproven, Detail: err.Error()}
	}
	if p.Grade != want || p.Detail == "" {
		t.Errorf("proof %s (%s), want %s", p.Grade, p.Detail, want)
	}
}

// An issuer that lies, is late, or cannot be asked never makes a proof.
func TestNeverDeadWhenItIsNot(t *testing.T) {
	for _, kind := range []string{"github-pat-classic", "gitlab-pat", "slack-bot-token", "okta-api-token", "vault-service-token", "npm-token"} {
		host := hostOf(newBench(t).base(rowFor(kind)))
		for name, c := range map[string]struct {
			mode issuersim.Mode
			then issuersim.Mode // when the proof is looked for
			want revoke.Grade
		}{
			"lies":            {issuersim.Lies, issuersim.Lies, revoke.Alive},
			"late":            {issuersim.Late, issuersim.Late, revoke.Alive},
			"forbids after":   {issuersim.Lies, issuersim.Forbids, ""},
			"unknown after":   {issuersim.Lies, issuersim.Unknown, revoke.Unproven},
			"down after":      {issuersim.Lies, issuersim.Down, revoke.Unproven},
			"limits after":    {issuersim.Lies, issuersim.Limits, revoke.Unproven},
			"without control": {issuersim.Honest, issuersim.NoControl, revoke.Unproven},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				b := newBench(t)
				b.sim.Lag = time.Minute
				ctx, h := b.hold(kind)
				st := b.step(t, ctx, h)
				b.sim.Set(host, c.mode)
				rec, err := b.Apply(ctx, st)
				if err != nil {
					t.Fatal(err)
				}
				b.sim.Set(host, c.then)
				if c.want == "" { // 403 to all: alive or unknown by what the row says, never proven
					if p, err := b.Verify(ctx, st, rec); err == nil && (p.Grade == revoke.Proven || p.Grade == revoke.Attested) {
						t.Errorf("%+v", p)
					}
					return
				}
				b.verify(t, ctx, st, rec, c.want)
				if c.mode == issuersim.Late {
					b.clk.add(time.Hour)
					b.verify(t, ctx, st, rec, revoke.Proven)
				}
			})
		}
	}
}

func TestWithoutTheCredentialNothingIsDone(t *testing.T) {
	b := newBench(t)
	ctx, h := b.hold("gitlab-pat")
	st := b.step(t, ctx, h)
	for name, ctx := range map[string]context.Context{"none": t.Context(), "another": revoke.WithHeld(t.Context(), revoke.Held{ID: "sec-other", Value: h.Value})} {
		if _, err := b.Apply(ctx, st); !errors.Is(err, revoke.ErrNotHeld) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := b.Verify(ctx, st, revoke.Receipt{}); !errors.Is(err, revoke.ErrNotHeld) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calls := b.sim.Calls(); len(calls) != 0 {
		t.Errorf("%v", calls)
	}
}

func TestRecover(t *testing.T) {
	b := newBench(t)
	ctx, h := b.hold("gitlab-pat")
	st := b.step(t, ctx, h)
	if _, state, err := b.Recover(ctx, st); err != nil || state != revoke.StatePlanned {
		t.Errorf("alive: %s, %v", state, err)
	}
	if _, err := b.Apply(ctx, st); err != nil {
		t.Fatal(err)
	}
	if rec, state, err := b.Recover(ctx, st); err != nil || state != revoke.StateDone || !rec.Already {
		t.Errorf("dead: %s, %v", state, err)
	}
	b.sim.Set("gitlab.com", issuersim.Down)
	if _, state, err := b.Recover(ctx, st); err != nil || state != revoke.StateUnknown {
		t.Errorf("down: %s, %v", state, err)
	}
	if _, _, err := b.Recover(t.Context(), st); !errors.Is(err, revoke.ErrNotHeld) {
		t.Errorf("not held: %v", err)
	}
}

// refusing is a network that nobody may use.
type refusing struct{ t *testing.T }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) {
	r.t.Error("something was asked")
	return nil, errors.New("no network")
}

// A server of one's own whose address nobody named is not asked, and the plan says what to set.
func TestAnAddressThatIsNotKnown(t *testing.T) {
	s, err := build(Options{}, sources.Env{Transport: func(string) http.RoundTripper { return refusing{t} }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := revoke.Held{ID: "sec-held", Kind: "vault-service-token", Value: inventory.NewValue("FAKE-" + strings.Repeat("v", 30))}
	if a, err := s.Ask(t.Context(), h); a != nil || err != nil {
		t.Errorf("%v %v", a, err)
	}
	steps, err := s.PlanHeld(t.Context(), h, nil)
	if err != nil || len(steps) != 1 || steps[0].Action != revoke.ActionManual || !strings.Contains(steps[0].Summary, "urls.vault") {
		t.Errorf("%+v %v", steps, err)
	}
	for _, o := range []Options{{URLs: map[string]string{"vaullt": "https://x.example.com"}}, {URLs: map[string]string{"vault": "http://x.example.com"}}} {
		if _, err := New(o, sources.Env{}); err == nil {
			t.Errorf("%v is taken", o)
		}
	}
}

// Each row is about kinds that exist, and each kind has one row.
func TestTable(t *testing.T) {
	cat, err := catalogue.Load("")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows() {
		for _, k := range r.Kinds {
			if seen[k] {
				t.Errorf("%s has two rows", k)
			}
			seen[k] = true
			if cat.Kind(k) == nil && !slices.Contains(credential.Kinds(), k) {
				t.Errorf("%s is no kind of credential", k)
			}
		}
	}
	for _, bad := range []string{"[[issuer]]\nid = 'x'", "[[issuer]]\nid='x'\nservice='X'\nkinds=['k']\nauth='magic'", "nonsense = 1",
		"[[issuer]]\nid='x'\nservice='X'\nkinds=['k']\nauth='bearer'\nask={path='/x',live=[200]}", "[[issuer]]\nid='x'\nservice='X'\nkinds=['k']\nauth='bearer'\nkill={path='/x'}"} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestSource(t *testing.T) {
	sourcetest.Run(t, Factory, sourcetest.Case{Name: "defaults"}, sourcetest.Case{Name: "own servers", Table: "revoke = true\nurls = { gitlab = \"https://gitlab.example.com\" }"})
}

// answering is an issuer that says the same to everything.
type answering string

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(string(a))), Request: r}, nil
}

// Slack answers 200 to everything: what it says of the token counts.
func TestAnAnswerThatEndsNothingIsNoEnd(t *testing.T) {
	for body, done := range map[string]bool{`{"ok":true,"revoked":true}`: true, `{"ok":true,"revoked":false}`: false, `{"ok":true}`: false, `{}`: false, `no JSON`: false} {
		s, err := build(Options{Revoke: true}, sources.Env{Transport: func(string) http.RoundTripper { return answering(body) }}, nil)
		if err != nil {
			t.Fatal(err)
		}
		h := revoke.Held{ID: "sec-held", Kind: "slack-bot-token", Value: inventory.NewValue("FAKE-" + strings.Repeat("x", 30))}
		ctx := revoke.WithHeld(t.Context(), h)
		st := bench{Source: s}.step(t, ctx, h)
		if _, err := s.Apply(ctx, st); (err == nil) != done {
			t.Errorf("%s: %v", body, err)
		}
	}
}
