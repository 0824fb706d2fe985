package risk

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// The table holds every row of four answers, and a worse answer never gives a milder decision.
func TestTable(t *testing.T) {
	table := shipped().table
	if len(table) != 81 {
		t.Fatalf("%d rows", len(table))
	}
	counts := map[inventory.Decision]int{}
	for a, d := range table {
		counts[d]++
		for _, worse := range []answers{{a.evidence + 1, a.reach, a.power, a.gate}, {a.evidence, a.reach + 1, a.power, a.gate}, {a.evidence, a.reach, a.power + 1, a.gate}, {a.evidence, a.reach, a.power, a.gate + 1}} {
			if w, ok := table[worse]; ok && w.Rank() > d.Rank() {
				t.Errorf("%v is %s, and the worse %v is %s", a, d, worse, w)
			}
		}
	}
	if counts[inventory.ActNow] != 28 || counts[inventory.Attend] != 26 || counts[inventory.Track] != 27 {
		t.Errorf("%v", counts)
	}
}

func TestDecisions(t *testing.T) {
	for _, c := range []struct {
		name string
		rule string
		set  func(*scenario)
		want inventory.Decision
		says []string
	}{
		{"leaked and still accepted", "SEC-17", func(s *scenario) {
			x := s.secret()
			x.Exposure, x.State = inventory.ExposureCommitted, inventory.StateLive
		}, inventory.ActNow, []string{"committed and still accepted"}},
		{"committed, cannot be narrowed", "SEC-17", func(s *scenario) {
			x := s.secret()
			x.Exposure, x.Broad = inventory.ExposureCommitted, true
			s.grant(inventory.AdminRepo, x).Certain = false
		}, inventory.ActNow, []string{"nobody has shown that it is dead", "all that its owner can", "It becomes ATTEND when"}},
		{"committed, what it may do is not known", "SEC-17", func(s *scenario) { s.secret().Exposure = inventory.ExposureCommitted },
			inventory.Attend, []string{"what it may do is not known", "inside the company is assumed"}},
		{"only reads, owner alone can read the file, assistant asks", "SEC-03", func(s *scenario) {
			x := s.secret()
			x.Storage = inventory.StoragePlaintext
			s.grant(inventory.DataRead, x)
		}, inventory.Track, []string{"it may read data"}},
		{"production, administrator, nobody asked", "ENT-01", func(s *scenario) {
			s.bare()
			s.grant(inventory.CloudAdmin, nil).Environment = "production"
		}, inventory.ActNow, []string{"reaches production", "administer a cloud account", "acts without asking", "It becomes ATTEND when"}},
		{"the mode is not known: the worst gate", "AUT-05", func(s *scenario) {
			a := s.a()
			a.Sandbox, a.Autonomy, a.Network = inventory.SandboxNone, inventory.AutonomyUnknown, "open"
		}, inventory.Attend, []string{"not known, so the worst is assumed"}},
		{"a person approves", "AUT-05", func(s *scenario) { a := s.a(); a.Sandbox, a.Network = inventory.SandboxNone, "open" },
			inventory.Track, []string{"a person approves each act, but nothing confines it"}},
		{"a combination is never below attend", "TOX-01", func(s *scenario) { s.secret(); s.tool().Known = "web"; s.a().Network = "open" }, inventory.Attend, nil},
		{"a combination that reaches production", "TOX-01", func(s *scenario) {
			s.secret().Account = "deploy@prod-db"
			s.tool().Known = "web"
			s.a().Network = "open"
		}, inventory.ActNow, []string{"production"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := calm()
			c.set(s)
			f := s.of(c.rule)
			if f == nil {
				t.Fatal("the rule does not hold")
			}
			if f.Decision != c.want {
				t.Errorf("%s: %s", f.Decision, f.DecisionWhy)
			}
			for _, w := range c.says {
				if !strings.Contains(f.DecisionWhy, w) {
					t.Errorf("%q does not say %q", f.DecisionWhy, w)
				}
			}
		})
	}
}

// What would make a decision milder must really be what the table says.
func TestChangeIsTrue(t *testing.T) {
	c := &scene{rule: &asked{Rule: &Rule{}}}
	for a, d := range shipped().table {
		next := c.change(a, d)
		if d == inventory.Track {
			if next != "" {
				t.Errorf("%v is TRACK and would become %s", a, next)
			}
			continue
		}
		if next == "" {
			continue // no change of one answer is enough: shown as nothing, not as a guess
		}
		if !strings.HasPrefix(next, "ATTEND when") && !strings.HasPrefix(next, "TRACK when") {
			t.Errorf("%v: %q", a, next)
		}
	}
	if got := c.change(answers{0, 2, 2, 2}, inventory.ActNow); !strings.HasPrefix(got, "ATTEND when a person approves") {
		t.Errorf("%q", got)
	}
}

func TestDeadlines(t *testing.T) {
	p := DefaultPolicy()
	for d, want := range map[inventory.Decision]time.Duration{inventory.ActNow: day, inventory.Attend: 14 * day, inventory.Track: 60 * day} {
		if got := p.Due(d, now); got.Sub(now) != want {
			t.Errorf("%s: %v", d, got.Sub(now))
		}
	}
	if !p.Due(inventory.ActNow, time.Time{}).IsZero() {
		t.Error("a deadline from nowhere")
	}
}

// The examples that the facts give.
func TestScores(t *testing.T) {
	for _, c := range []struct {
		name string
		rule string
		set  func(*scenario)
		want int
	}{
		{"unattended without a sandbox", "AUT-01", func(s *scenario) { s.bare(); s.a().Network = "none" }, 70},
		{"with strangers' text and an open network", "AUT-01", func(s *scenario) { s.bare(); s.tool().Known = "web" }, 70 + 10 + 8},
		{"what raises is limited to 40", "SEC-17", func(s *scenario) {
			x := s.secret()
			x.Exposure, x.State, x.Broad, x.LongLived, x.Expires, x.Account = inventory.ExposureCommitted, inventory.StateLive, true, inventory.Yes, time.Time{}, "prod"
		}, 100},
		{"what lowers counts too", "ENT-08", func(s *scenario) {
			s.a().Sandbox = inventory.SandboxContainer
			s.grant(inventory.ReadSecrets, nil)
		}, 65 - 10 - 8},
		{"nothing raises it", "SEC-11", func(s *scenario) { s.secret().Broad = true }, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := calm()
			c.set(s)
			f := s.of(c.rule)
			if f == nil || f.Score != c.want {
				t.Fatalf("want %d, got %+v", c.want, f)
			}
			checkText(t, f)
		})
	}
}

func TestProductionIsAWord(t *testing.T) {
	p := DefaultPolicy()
	for _, n := range []string{"prod", "acme-prod", "/prod/key", ".env.production", "db.PRD.example.com", "stripe live key", "user@prod-db"} {
		if p.production(n) == "" {
			t.Errorf("%q is not taken for production", n)
		}
	}
	for _, n := range []string{"", "product", "reproduce", "productivity", "non-prod", "pre_prod", "nonprod", "delivery", "LIVEKIT_API_KEY", "alive"} {
		if w := p.production(n); w != "" {
			t.Errorf("%q is taken for production because of %q", n, w)
		}
	}
}

func TestModelHosts(t *testing.T) {
	p := DefaultPolicy()
	for _, h := range []string{"api.anthropic.com", "api.openai.com", "acme.openai.azure.com", "bedrock-runtime.eu-west-1.amazonaws.com"} {
		if !p.modelHost(h) {
			t.Errorf("%s is a vendor's", h)
		}
	}
	for _, h := range []string{"anthropic.com.evil.net", "evilanthropic.com", "bucket.s3.amazonaws.com", "evil.example.com", ""} {
		if p.modelHost(h) {
			t.Errorf("%s is not a vendor's", h)
		}
	}
}

func TestControls(t *testing.T) {
	alias := map[string]string{"NHI2:2025": "NHI-02", "NHI5:2025": "NHI-02", "ASI02": "AGENT-04", "PR.AA-05": "PR.AC-4"}
	used := map[string]bool{}
	for _, r := range Rules() {
		for _, c := range r.Controls {
			used[c.ID] = true
			if c.Framework == "" || c.Alias != alias[c.ID] {
				t.Errorf("%s: %+v", r.ID, c)
			}
		}
	}
	for _, f := range Frameworks() {
		if f.Title == "" || !strings.HasPrefix(f.URL, "https://") {
			t.Errorf("%+v", f)
		}
		delete(used, f.ID)
	}
	for id := range used {
		t.Errorf("%s is referred to and not described", id)
	}
}

func TestLamps(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*scenario)
		want [3]inventory.Answer
		cut  string
	}{
		{"nothing", func(*scenario) {}, [3]inventory.Answer{inventory.Unknown, inventory.No, inventory.No}, ""},
		{"all three", func(s *scenario) { s.secret(); s.tool().Known = "web"; s.a().Network = "open" }, [3]inventory.Answer{inventory.Yes, inventory.Yes, inventory.Yes}, "way out (let it reach named hosts only)"},
		{"the only bringer", func(s *scenario) {
			s.secret()
			s.tool().Known = "web"
			s.a().Network, s.a().Capabilities[inventory.ChatPost] = "allowlist", inventory.Yes
		}, [3]inventory.Answer{inventory.Yes, inventory.Yes, inventory.Yes}, "untrusted input (switch tool server server off, or use it from an assistant without secrets)"},
		{"a server that is switched off brings nothing", func(s *scenario) { x := s.tool(); x.Known, x.Enabled = "web", false }, [3]inventory.Answer{inventory.Unknown, inventory.No, inventory.No}, ""},
		{"a sandboxed one does not reach what it inherits", func(s *scenario) { s.ambient() }, [3]inventory.Answer{inventory.Unknown, inventory.No, inventory.No}, ""},
		{"a job for everybody", func(s *scenario) { j := s.job(); j.Outsiders, j.Secrets = inventory.Yes, []string{"KEY"} },
			[3]inventory.Answer{inventory.Yes, inventory.Yes, inventory.Yes}, "untrusted input (let only members start the job)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := calm()
			c.set(s)
			w := newWorld(inventory.NewSnapshot(now, s.Records, false), s.policy, now)
			l := w.profile(astID).lampSet()
			if got := [3]inventory.Answer{l.Private, l.Untrusted, l.WayOut}; got != c.want || l.Cut != c.cut {
				t.Errorf("%v, cut %q", got, l.Cut)
			}
		})
	}
	s := calm()
	s.bare()
	s.ambient()
	snap := inventory.NewSnapshot(now, s.Records, false)
	if l := Lamps(snap, snap.Assistant(astID)); l.Private != inventory.Yes || l.WayOut != inventory.Yes {
		t.Errorf("%+v", l)
	}
}
