package anthropic

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

func TestWhatIsRead(t *testing.T) {
	r := open(t, company())
	for _, c := range []struct {
		name, state, scopes, note, holder string
		long                              inventory.Answer
		used                              string
	}{
		{"backend", inventory.StateLive, "workspace:web", "it acts as nobody in particular", "", inventory.Yes, ""},
		{"claude_code_key_ben", inventory.StateLive, "acts-as:ben@example.com workspace:lab", "", "Claude Code", inventory.No, ""},
		{"laptop", inventory.StateLive, "workspace:lab", "", "Claude Code", inventory.Yes, "2026-11-22"},
		{"orphan", inventory.StateLive, "", "made by somebody who is no member any more", "", inventory.Yes, ""},
		{"legacy", inventory.StateLive, "organization", "who made it is not recorded", "", inventory.Yes, ""},
		{"runner", inventory.StateLive, "acts-as:ci-runner", "", "service account \"ci-runner\"", inventory.No, ""},
		{"off", inventory.StateDisabled, "", "", "", inventory.Yes, ""},
		{"over", inventory.StateExpired, "", "", "", inventory.No, ""},
		{"deploy", inventory.StateLive, "subject:repo:acme/* workspace:* audience:anthropic", "gives tokens of 1 h to whom github vouches for", "ci-runner", inventory.No, ""},
		{"review", inventory.StateLive, "workspace:developer workspace:web", "10 min", "claude-code-action", inventory.No, ""},
		{"boss", inventory.StateLive, "org:admin", "", "ci-runner", inventory.No, ""},
		{"github", inventory.StateLive, "", "2 rules trust it; a token of it can be shown twice", "", inventory.No, ""},
	} {
		x := r.secret(c.name)
		if x.State != c.state || !strings.Contains(x.Note, c.note) || x.LongLived != c.long {
			t.Errorf("%s: %+v", c.name, x)
		}
		for _, w := range strings.Fields(c.scopes) {
			if !slices.Contains(x.Scopes, w) {
				t.Errorf("%s: %v lacks %s", c.name, x.Scopes, w)
			}
		}
		if got := x.LastUsed.Format("2006-01-02"); c.used != "" && got != c.used {
			t.Errorf("%s: used %s", c.name, got)
		}
		if as := r.snap.AssistantsOf(x.ID); c.holder == "" && len(as) != 0 || c.holder != "" && (len(as) != 1 || !strings.Contains(as[0].Name, c.holder)) {
			t.Errorf("%s: held by %v", c.name, as)
		}
	}
	for _, x := range r.snap.Records().Secrets {
		for _, l := range x.Locations {
			if strings.Contains(l.Note, `"old"`) || strings.Contains(l.Note, `"past"`) {
				t.Errorf("what is archived is still there: %s", l.Note)
			}
		}
	}
	if x := r.secret("backend"); x.Hint != r.sim.Value("backend")[len(r.sim.Value("backend"))-4:] {
		t.Errorf("hint %q", x.Hint)
	}
}

func TestWhoAnswers(t *testing.T) {
	r := open(t, company())
	if o := r.owner("ben@example.com"); o.Status != "active" || !slices.Contains(r.secret("laptop").Owners, o.ID) {
		t.Errorf("%+v", o)
	}
	orphan := r.snap.Owner(r.secret("orphan").Owners[0])
	if orphan == nil || orphan.Status != "departed" {
		t.Errorf("%+v", orphan)
	}
	if len(r.secret("legacy").Owners) != 0 {
		t.Error("a key without a maker has an owner")
	}
	a := r.assistant("of ana@example.com")
	if a.Kind != claudeCode || a.Account != "ana@example.com" || a.LastUsed.IsZero() || len(a.Owners) != 1 {
		t.Errorf("%+v", a)
	}
	if a := r.assistant("ci-runner"); a.Class != inventory.ClassNHI || a.Purpose != "deploys" {
		t.Errorf("%+v", a)
	}
	if a := r.assistant("claude-code-action"); a.Kind != claudeCode || !a.Guessed {
		t.Errorf("%+v", a)
	}
}

func TestRights(t *testing.T) {
	r := open(t, company())
	got := map[string]string{}
	for _, e := range r.batch.Records.Entitlements {
		for _, name := range []string{"backend", "off", "boss", "deploy", "runner"} {
			if e.Via == string(r.secret(name).ID) {
				certain := ""
				if e.Certain {
					certain = "!"
				}
				got[name] += string(e.Capability) + ":" + e.Gate + certain + " "
			}
		}
	}
	for name, want := range map[string]string{
		"backend": "data-read:open! data-write:open! ", "off": "data-read:blocked! data-write:blocked! ", "runner": "data-read:open data-write:open ",
		"deploy": "data-read:open! data-write:open! admin-org:open ", "boss": "data-read:open! data-write:open! admin-org:open! mint-identity:open! ",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	for _, x := range r.snap.Records().Resources {
		if x.Name == host+"/ACME/web" && x.Environment != "production" {
			t.Errorf("%+v", x)
		}
	}
}

// What the credential may not read is unknown, and said so.
func TestWithoutAnAccessToken(t *testing.T) {
	r := open(t, company(), func(o *Options) { o.OAuth.Env = "" })
	st := r.again()
	if st.Status != inventory.SourcePartial {
		t.Error(st.Status)
	}
	n := 0
	for _, l := range st.Ledger {
		if l.State == inventory.LookedDenied && strings.Contains(l.Reason, "oauth_token") {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d of 3 lists are named: %+v", n, st.Ledger)
	}
	for _, a := range r.sim.Asked() {
		if strings.Contains(a, "service_accounts") || strings.Contains(a, "federation") {
			t.Errorf("an Admin API key was sent to %s", a)
		}
	}
	if as := r.snap.AssistantsOf(r.secret("runner").ID); len(as) != 0 {
		t.Errorf("the holder is made up: %v", as)
	}
	weak := open(t, company(), func(o *Options) { o.OAuth.Env = "LOGIN_weak" })
	if st := weak.again(); st.Status != inventory.SourcePartial || !strings.Contains(st.Reason, "403") {
		t.Errorf("%s %s", st.Status, st.Reason)
	}
}

// A name that two keys bear tells nothing of when either was used.
func TestTwoKeysOfOneName(t *testing.T) {
	w := company()
	w.Keys[0].Name = "laptop"
	r := open(t, w)
	for _, x := range r.batch.Records.Secrets {
		if x.Kind == kindKey && !x.LastUsed.IsZero() {
			t.Errorf("%+v", x)
		}
	}
}

// A rate limit is waited for, and all is read.
func TestRateLimit(t *testing.T) {
	w := company()
	w.RateLimit = 5
	r := open(t, w)
	if st := r.again(); st.Status != inventory.SourceOK || r.clock.now().Sub(at) < time.Minute {
		t.Errorf("%s %s after %s", st.Status, st.Reason, r.clock.now().Sub(at))
	}
}
