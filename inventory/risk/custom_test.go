package risk

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func yours(of string, when func(*Matter) (bool, error)) Custom {
	return Custom{ID: "ACME-01", Title: "As it should not be", Why: "We agreed so.", Fix: "Change it. Then tell us.", Of: of, Base: 40, Text: "something\n is so",
		Place: inventory.Evidence{Path: "config.toml", Line: 7}, When: when}
}

func mustRule(t *testing.T, c Custom) Rule {
	t.Helper()
	r, bad := NewRule(c)
	if len(bad) > 0 {
		t.Fatalf("%+v", bad)
	}
	return r
}

// full has something of each noun.
func full() *scenario {
	s := calm()
	s.secret()
	s.tool()
	s.grant(inventory.DeployProd, nil)
	s.Owners[0].Evidence = []inventory.Evidence{{Path: "CODEOWNERS", Line: 1}}
	s.Sources = []inventory.SourceStatus{{Name: "local", Status: inventory.SourceOK, StartedAt: now}}
	return s
}

func TestYourOwnRules(t *testing.T) {
	for of, c := range map[string]struct {
		is      func(*Matter) bool
		subject inventory.ID
		says    string
	}{
		"assistant":   {func(m *Matter) bool { return m.Assistant.Kind == "claude-code" && m.Lamps().WayOut == inventory.No }, astID, "claude-code is as your rule says: something is so."},
		"secret":      {func(m *Matter) bool { return m.Secret.Issuer == "example" }, secID, "opaque-bearer …fa4e in ~/.claude.json"},
		"tool":        {func(m *Matter) bool { return m.Tool.Name == "server" }, toolID, "server of claude-code"},
		"owner":       {func(m *Matter) bool { return m.Owner.Name == "dana" && m.Production("acme-prod") }, ownID, "dana"},
		"entitlement": {func(m *Matter) bool { return m.Entitlement.Capability == inventory.DeployProd }, astID, "the right of claude-code to deploy to production"},
		"resource":    {func(m *Matter) bool { return m.Resource.Name == "acme" }, astID, "cloud-account acme, reached by claude-code"},
		"source":      {func(m *Matter) bool { return m.Source.Name == "local" }, SourceID("local"), "local"},
	} {
		for _, fires := range []bool{true, false} {
			s := full()
			r := mustRule(t, yours(of, func(m *Matter) (bool, error) { return c.is(m) == fires, nil }))
			s.policy.Custom = []Rule{r}
			f := s.of("ACME-01")
			if (f != nil) != fires {
				t.Fatalf("%s: holds: %v, want %v", of, f != nil, fires)
			}
			if f == nil {
				continue
			}
			if f.Subject != c.subject || !strings.HasPrefix(f.Detail, c.says) || f.Title == "" || f.ScoreParts[0].Points != 40 || f.DecisionWhy == "" {
				t.Errorf("%s: %+v", of, f)
			}
			if of != "source" && len(f.Evidence) == 0 {
				t.Errorf("%s: points at no fact", of)
			}
			_, is := s.judge()
			if !slices.ContainsFunc(is, func(x inventory.Issue) bool {
				return slices.Contains(x.Closes, f.ID) && strings.Contains(x.Change, "Change it.")
			}) {
				t.Errorf("%s: nothing closes it: %+v", of, is)
			}
			p := s.policy
			p.Off = map[string]string{"ACME-01": "not now"}
			s.policy = p
			if s.of("ACME-01") != nil {
				t.Errorf("%s: switched off, and it holds", of)
			}
		}
	}
}

// A secret that ends closes what a rule of the user's own says of it, together with all else about it.
func TestYoursIsClosedWithTheOthers(t *testing.T) {
	s := full()
	s.Secrets[0].Broad = true
	s.policy.Custom = []Rule{mustRule(t, yours("secret", func(*Matter) (bool, error) { return true, nil }))}
	f := s.of("ACME-01")
	_, is := s.judge()
	for _, x := range is {
		for _, id := range x.Closes {
			if id == f.ID && len(x.Closes) < 2 {
				t.Errorf("closed alone by %q", x.Title)
			}
		}
	}
}

func TestYoursIsScoredLikeTheRest(t *testing.T) {
	s := full()
	c := yours("assistant", func(*Matter) (bool, error) { return true, nil })
	c.Modifiers, c.Controls, c.Known = []string{"egress", "nosandbox", "gated"}, []string{"NHI5:2025", "NHI-02"}, "CVE-2026-0001"
	c.Say = func(m *Matter) (string, error) { return "It says\x1b[31m so.", nil }
	s.policy.Custom = []Rule{mustRule(t, c)}
	s.policy.Weights, s.policy.Because = map[string]int{"ACME-01": 7}, map[string]string{"ACME-01": "we mean it"}
	f := s.of("ACME-01")
	if Sum(f) != "40 base + 7 weight - 10 gated = 37" || !strings.Contains(f.ScoreParts[1].Reason, "we mean it") {
		t.Errorf("%s %+v", Sum(f), f.ScoreParts)
	}
	if strings.Contains(f.Detail, "\x1b") || !strings.HasPrefix(f.Detail, "It says") {
		t.Errorf("%q", f.Detail)
	}
	if !strings.Contains(f.DecisionWhy, "CVE-2026-0001") || len(f.Controls) != 2 {
		t.Errorf("%s %+v", f.DecisionWhy, f.Controls)
	}
}

func TestAFaultIsToldAndEndsNothing(t *testing.T) {
	s := full()
	s.second()
	bad := mustRule(t, yours("assistant", func(m *Matter) (bool, error) { return false, errors.New("no such thing\x1b[2J") }))
	c := yours("secret", func(*Matter) (bool, error) { return true, nil })
	c.ID, c.Say = "ACME-02", func(*Matter) (string, error) { return "", errors.New("no word for it") }
	s.policy.Custom = []Rule{bad, mustRule(t, c)}
	fs, is := s.judge()
	var told []string
	for _, f := range fs {
		if f.Rule == "RUL-01" {
			told = append(told, f.Detail)
			if f.Subject != ConfigurationID() || f.Decision != inventory.Track || len(f.Evidence) != 1 || f.Evidence[0].Line != 7 || strings.Contains(f.Detail, "\x1b") {
				t.Errorf("%+v", f)
			}
		}
		if f.Rule == "ACME-01" || f.Rule == "ACME-02" {
			t.Errorf("holds, and nobody could tell: %+v", f)
		}
	}
	if len(told) != 2 || !strings.Contains(strings.Join(told, "\n"), "for 1 more") || !strings.Contains(strings.Join(told, "\n"), "no word for it") {
		t.Errorf("%q", told)
	}
	if len(is) == 0 {
		t.Error("nothing says what to do about it")
	}
	s.policy.Off = map[string]string{"RUL-01": "known"}
	if f := s.of("RUL-01"); f != nil {
		t.Errorf("switched off: %+v", f)
	}
}

func TestWhatIsWrongWithYourRule(t *testing.T) {
	ok := yours("secret", nil)
	for name, c := range map[string]struct {
		change func(*Custom)
		key    string
		text   string
	}{
		"no id":           {func(c *Custom) { c.ID = "" }, "id", "must be a letter"},
		"a blank in it":   {func(c *Custom) { c.ID = "ACME 01" }, "id", "must be a letter"},
		"a built-in one":  {func(c *Custom) { c.ID = "sec-05" }, "id", "built-in"},
		"no title":        {func(c *Custom) { c.Title = " " }, "title", "missing"},
		"no reason":       {func(c *Custom) { c.Why = "" }, "why", "missing"},
		"no fix":          {func(c *Custom) { c.Fix = "" }, "fix", "missing"},
		"a noun nearby":   {func(c *Custom) { c.Of = "secrets" }, "of", `"secret"`},
		"base":            {func(c *Custom) { c.Base = 101 }, "base", "0 to 100"},
		"modifier":        {func(c *Custom) { c.Modifiers = []string{"write", "prodd"} }, "modifiers", `entry 2 is no modifier; did you mean "prod"?`},
		"modifier twice":  {func(c *Custom) { c.Modifiers = []string{"prod", "prod"} }, "modifiers", "twice"},
		"of combinations": {func(c *Custom) { c.Modifiers = []string{"tox-live"} }, "modifiers", "entry 1"},
		"control":         {func(c *Custom) { c.Controls = []string{"NHI5:2026"} }, "controls", `did you mean "NHI5:2025"?`},
		"control unknown": {func(c *Custom) { c.Controls = []string{"something else"} }, "controls", "nhitop controls"},
	} {
		x := ok
		c.change(&x)
		_, bad := NewRule(x)
		if len(bad) != 1 || bad[0].Key != c.key || !strings.Contains(bad[0].Text, c.text) {
			t.Errorf("%s: %+v", name, bad)
		}
	}
	if _, bad := NewRule(ok); len(bad) != 0 {
		t.Errorf("%+v", bad)
	}
}

func TestRuleStates(t *testing.T) {
	s := full()
	s.Secrets[0].Broad = true
	s.policy.Custom = []Rule{mustRule(t, yours("secret", func(*Matter) (bool, error) { return true, nil }))}
	s.policy.Off = map[string]string{"SEC-05": "we rotate"}
	s.policy.Weights, s.policy.Because = map[string]int{"SEC-11": 5, "SEC-05": 9}, map[string]string{"SEC-11": "seen twice"}
	snap := inventory.NewSnapshot(now, s.Records, false)
	snap = snap.Judged(Judge(snap, s.policy, now))
	got := map[string]RuleState{}
	for _, x := range RuleStates(snap, s.policy) {
		got[x.ID] = x
	}
	if n := len(Rules()) + 1; len(got) != n {
		t.Errorf("%d rules, want %d", len(got), n)
	}
	if x := got["SEC-05"]; x.State != RuleOff || x.Reason != "we rotate" || x.Findings != 0 {
		t.Errorf("%+v", x)
	}
	if x := got["SEC-11"]; x.State != RuleWeighted || x.Points != 5 || x.Reason != "seen twice" || x.Findings != 1 || x.Of != "secret" {
		t.Errorf("%+v", x)
	}
	if x := got["ACME-01"]; !x.Yours || x.State != RuleOn || x.Findings != 1 || x.Line != 7 || x.When == "" {
		t.Errorf("%+v", x)
	}
	if x := got["SEC-01"]; x.Silent == "" || x.Findings != 0 {
		t.Errorf("whether secrets still work is not known, and it says nothing: %+v", x)
	}
	if len(RuleStates(nil, DefaultPolicy())) != len(Rules()) {
		t.Error("without a snapshot")
	}
}

// A control that only rules of the user's own bear on is broken by them, and never met.
func TestYoursAndControls(t *testing.T) {
	s := full()
	s.Sources[0].Status = inventory.SourceOK
	free := ""
	bears := map[string]bool{}
	for _, r := range Rules() {
		for _, c := range r.Controls {
			bears[c.ID] = true
		}
	}
	for _, f := range Frameworks() {
		if !bears[f.ID] {
			free = f.ID
			break
		}
	}
	for _, fires := range []bool{true, false} {
		c := yours("secret", func(*Matter) (bool, error) { return fires, nil })
		c.Controls = []string{free}
		s.policy.Custom = []Rule{mustRule(t, c)}
		snap := inventory.NewSnapshot(now, s.Records, false)
		snap = snap.Judged(Judge(snap, s.policy, now))
		for _, x := range ByControl(snap, s.policy) {
			if x.ID == free && (x.State == ControlBroken) != fires || x.ID == free && x.State == ControlMet {
				t.Errorf("%s: %s, %s", free, x.State, x.Why)
			}
		}
	}
}
