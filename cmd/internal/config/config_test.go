package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory/risk"
	"nhitop/sources"
	"nhitop/sources/all"
)

var update = flag.Bool("update", false, "write config.toml.example")

type localOptions struct {
	Homes  []string `toml:"homes"`
	Revoke bool     `toml:"revoke"`
	Depth  int      `toml:"depth"`
}

type forgeOptions struct {
	Name   string    `toml:"name"`
	Org    string    `toml:"org"`
	Token  reference `toml:"token"`
	Revoke bool      `toml:"revoke"`
}

// reference is a credential as sources have it.
type reference struct {
	Env     string   `toml:"env"`
	Command []string `toml:"command"`
}

func (reference) WantTOML(key string) string { return "never a value: " + key + " = { env = ... }" }

type fake struct {
	sources.Source
	options any
}

func factories() []sources.Factory {
	return []sources.Factory{
		sources.Define("local", "# homes = []", localOptions{Revoke: true, Depth: 9}, func(o localOptions, _ sources.Env) (sources.Source, error) {
			if o.Depth < 0 {
				return nil, errors.New("depth: must be 0 or more")
			}
			return fake{options: o}, nil
		}).OnByDefault(),
		sources.Define("forge", "# org = \"acme\"", forgeOptions{}, func(o forgeOptions, _ sources.Env) (sources.Source, error) {
			if o.Org == "" {
				return nil, errors.New("an org is needed")
			}
			if o.Token.Env == "BAD" {
				return nil, errors.New("token: the variable BAD is not set: set it")
			}
			return fake{options: o}, nil
		}),
	}
}

func load(t *testing.T, text string) (*Config, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, factories())
	return c, path, err
}

// options builds every source and returns what it was given.
func options(t *testing.T, c *Config) []any {
	t.Helper()
	var out []any
	for _, s := range c.Sources {
		src, err := c.Build(s, sources.Env{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, src.(fake).options)
	}
	return out
}

func TestWithoutAFile(t *testing.T) {
	c, err := Load("", factories())
	if err != nil {
		t.Fatal(err)
	}
	if got := options(t, c); len(got) != 1 || got[0].(localOptions).Depth != 9 || !c.Sources[0].Revoke {
		t.Errorf("%+v %+v", got, c.Sources)
	}
	if p, d := c.Policy.Risk(), risk.DefaultPolicy(); p.MaxSecretAge != d.MaxSecretAge || p.TrackWithin != d.TrackWithin || p.Fleet != d.Fleet || len(p.ModelHosts) != len(d.ModelHosts) {
		t.Errorf("%+v is not the default policy", p)
	}
}

func TestSourcesOfAFile(t *testing.T) {
	c, _, err := load(t, `
profile = "acme"
read_only = true
[sources.local]
homes = ["/home/*"]
revoke = false
[[sources.forge]]
name = "one"
org = "acme"
[[sources.forge]]
org = "other"
token = { command = ["op", "read", "x"] }
revoke = true
[policy]
max_secret_age_days = 30
model_hosts = ["models.example.com"]
[revoke]
protected = ["break-glass"]
max_steps = 3
arm_minutes = 5
`)
	if err != nil {
		t.Fatal(err)
	}
	got := options(t, c)
	if len(got) != 3 || got[0].(localOptions).Homes[0] != "/home/*" || got[0].(localOptions).Depth != 9 || got[1].(forgeOptions).Org != "acme" || got[2].(forgeOptions).Org != "other" || len(got[2].(forgeOptions).Token.Command) != 3 {
		t.Errorf("%+v", got)
	}
	if c.Sources[0].Revoke || c.Sources[1].Revoke || !c.Sources[2].Revoke {
		t.Errorf("%+v", c.Sources)
	}
	if !c.ReadOnly || c.Profile != "acme" || c.Revoke.MaxSteps != 3 || c.Revoke.ArmMinutes != 5 || c.Revoke.Protected[0] != "break-glass" {
		t.Errorf("%+v", c)
	}
	p := c.Policy.Risk()
	if p.MaxSecretAge != 30*24*time.Hour || !slices.Contains(p.ModelHosts, "models.example.com") || p.Idle != risk.DefaultPolicy().Idle {
		t.Errorf("%+v", p)
	}
}

// planted is a credential that stands where a reference should.
var planted = "ghp_" + "FAKE0123456789"

func TestErrorsNameFileLineAndKey(t *testing.T) {
	rule := risk.Rules()[0].ID
	for name, c := range map[string]struct{ text, line, want string }{
		"unknown key":           {"read_olny = true", "1", `read_olny: unknown key; did you mean "read_only"?`},
		"unknown source":        {"\n[sources.locl]", "2", `sources.locl: unknown key; did you mean "local"?`},
		"key of a source":       {"[sources.local]\nhoems = []", "2", `sources.local.hoems: unknown key; did you mean "homes"?`},
		"key of the second":     {"[[sources.forge]]\norg='a'\n[[sources.forge]]\nogr='b'", "4", `sources.forge[2].ogr: unknown key; did you mean "org"?`},
		"type":                  {"[sources.local]\ndepth = 'x'", "2", "sources.local.depth: the value is a string; write a whole number"},
		"not TOML":              {"a = 1\nb = ]", "2", "b: not TOML"},
		"source says no, key":   {"[sources.local]\nhomes = []\ndepth = -1", "3", "sources.local.depth: must be 0 or more"},
		"source says no":        {"\n[[sources.forge]]\nname = 'x'", "2", "sources.forge[1]: an org is needed"},
		"rule that is not":      {"[policy.off]\n" + rule + "X = 'why'", "2", "policy.off." + rule + "X: no such rule; did you mean " + rule},
		"rule without a reason": {"[policy.off]\n" + rule + " = ''", "2", "policy.off." + rule + ": a rule is switched off with a reason"},
		"weight of no rule":     {"[policy.weights]\nnothing = 3", "2", "policy.weights.nothing: no such rule"},
		"weight in words":       {"[policy.weights]\n" + rule + " = 'ten'", "2", "policy.weights." + rule + ": must be a whole number of points"},
		"weight by half":        {"[policy.weights]\n" + rule + " = 1.5", "2", "policy.weights." + rule + ": must be a whole number of points"},
		"weight of no points":   {"[policy.weights]\n" + rule + " = { why = 'x' }", "2", "policy.weights." + rule + ": says no points"},
		"weight with a mistake": {"[policy.weights." + rule + "]\npoints = 1\nwyh = 'x'", "3", "policy.weights." + rule + `.wyh: unknown key; did you mean "why"?`},
		"reason of no words":    {"[policy.weights]\n" + rule + " = { points = 1, why = 3 }", "2", "policy.weights." + rule + ".why: must be a string"},
		"weight beyond all":     {"[policy.weights]\n" + rule + " = 101", "2", "policy.weights." + rule + ": must be from -100 to 100"},
		"own rule's condition":  {"[[rule]]\nid = 'ACME-01'\ntitle = 't'\nwhy = 'w'\nfix = 'f'\nof = 'assistant'\nwhen = 'autonmy == \"ask\"'", "7", `rule[1].when: column 1: unknown name "autonmy"; did you mean "autonomy"?`},
		"own rule's noun":       {"[[rule]]\nid = 'ACME-01'\ntitle = 't'\nwhy = 'w'\nfix = 'f'\nof = 'asistant'\nwhen = 'true'", "6", `rule[1].of: must be a noun; did you mean "assistant"?`},
		"own rule's title":      {"\n[[rule]]\nid = 'ACME-01'\nwhy = 'w'\nfix = 'f'\nof = 'assistant'\nwhen = 'true'", "2", "rule[1].title: is missing"},
		"own rule's key":        {"[[rule]]\nidd = 'x'", "2", `rule[1].idd: unknown key; did you mean "id"?`},
		"own rule's base":       {"[[rule]]\nid = 'ACME-01'\ntitle = 't'\nwhy = 'w'\nfix = 'f'\nof = 'assistant'\nwhen = 'true'\nbase = 200", "8", "rule[1].base: must be from 0 to 100"},
		"days":                  {"[policy]\nidle_days = 0", "2", "policy.idle_days: must be from 1"},
		"a syslog of no kind":   {"[audit]\nsyslog = \"tls:log:6514\"", "2", "audit.syslog: give unix:/dev/log"},
		"a key nowhere":         {"[audit]\nsign_key = \"key\"", "2", "audit.sign_key: must be an absolute path"},
		"arming for hours":      {"[revoke]\narm_minutes = 600", "2", "revoke.arm_minutes: must be from 1 to 60"},
		"negative steps":        {"[revoke]\nmax_steps = -1", "2", "revoke.max_steps: must be 1 or more"},
		"empty protection":      {"[revoke]\nprotected = ['']", "2", "revoke.protected: an empty name"},
		"credential, value":     {"[[sources.forge]]\norg='a'\n[[sources.forge]]\norg='b'\ntoken = '" + planted + "'", "5", "sources.forge[2].token: the value is a string; never a value: token = { env = ... }"},
		"credential, list":      {"[sources.forge]\norg='a'\ntoken = ['" + planted + "']", "3", "sources.forge.token: the value is a list; never a value"},
		"credential, wrong key": {"[sources.forge]\norg='a'\ntoken = { value = '" + planted + "' }", "3", "sources.forge.token.value: unknown key; take it out, or use one of: env command"},
		"credential, bad":       {"[sources.forge]\norg='a'\n[sources.forge.token]\nenv = 'BAD'", "3", "sources.forge.token: the variable BAD is not set: set it"},
		"value for a source":    {"[sources]\nlocal = 3", "2", "sources.local"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, path, err := load(t, c.text)
			if err == nil {
				for _, s := range cfg.Sources {
					if _, e := cfg.Build(s, sources.Env{}); e != nil {
						err = e
					}
				}
			}
			if err == nil || !strings.Contains(err.Error(), path+":"+c.line+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want line %s, %s", err, c.line, c.want)
			}
			if err != nil && strings.Contains(err.Error(), planted[4:]) {
				t.Errorf("the value is shown: %v", err)
			}
		})
	}
}

func TestWeights(t *testing.T) {
	rules := risk.Rules()
	c, _, err := load(t, "[policy.off]\n"+rules[2].ID+" = 'not here'\n[policy.weights]\n"+rules[0].ID+" = -5\n"+rules[1].ID+" = { points = 7, why = 'seen twice' }")
	if err != nil {
		t.Fatal(err)
	}
	p := c.Policy.Risk()
	if p.Weights[rules[0].ID] != -5 || p.Because[rules[0].ID] != "" || p.Weights[rules[1].ID] != 7 || p.Because[rules[1].ID] != "seen twice" || p.Off[rules[2].ID] != "not here" {
		t.Errorf("%+v %+v %+v", p.Weights, p.Because, p.Off)
	}
}

func TestRulesOfYourOwn(t *testing.T) {
	c, path, err := load(t, `
[policy.off]
ACME-02 = "not yet"
[policy.weights]
ACME-01 = 5
[[rule]]
id = "ACME-01"
title = "t"
why = "w"
fix = "f"
of = "secret"
when = 'state == "live"'
[[rule]]
id = "ACME-02"
title = "t"
why = "w"
fix = "f"
of = "tool"
when = "true"
`)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Policy.Risk()
	if len(p.Custom) != 2 || p.Custom[1].Custom.Place.Path != path || p.Custom[1].Custom.Place.Line != 13 || p.Off["ACME-02"] == "" || p.Weights["ACME-01"] != 5 {
		t.Errorf("%+v", p.Custom)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big.toml")
	if err := os.WriteFile(big, make([]byte, maxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none.toml"), t.TempDir(), os.DevNull, big} {
		if _, err := Load(path, factories()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The example is generated: go test ./cmd/internal/config -update writes it.
func TestExampleIsUpToDate(t *testing.T) {
	const path = "../../../config.toml.example"
	want := Example(all.Factories())
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("config.toml.example is stale; write it with: go test ./cmd/internal/config -update")
	}
}

// Taken as it is, and with every default written out, the example is a configuration; and what it shows as a default is one.
func TestExampleIsAConfiguration(t *testing.T) {
	for name, text := range map[string]string{"as it is": Example(all.Factories()), "every line on": uncomment(Example(all.Factories()))} {
		c, err := parse("config.toml.example", []byte(text), all.Factories())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range keys() {
			if !strings.Contains(text, want) {
				t.Errorf("the example does not show %s", want)
			}
		}
		if d := defaultPolicy(); c.Policy.Idle != d.Idle || c.Policy.MaxSecretAge != d.MaxSecretAge || c.Policy.MaxSecretTTL != d.MaxSecretTTL || c.Policy.Fresh != d.Fresh ||
			c.Policy.Fleet != d.Fleet || c.Policy.ActNow != d.ActNow || c.Policy.Attend != d.Attend || c.Policy.Track != d.Track || !slices.Equal(c.Policy.Production, d.Production) {
			t.Errorf("%s: the defaults that it shows are others: %+v", name, c.Policy)
		}
	}
}

// keys are those that the program itself reads.
func keys() []string {
	return []string{"profile", "read_only", "production", "approved_servers", "model_hosts", "max_secret_age_days", "max_secret_ttl_days", "idle_days", "fresh_days",
		"fleet", "act_now_hours", "attend_days", "track_days", "[policy.off]", "[policy.weights]", "[[rule]]", "protected", "max_steps", "arm_minutes", "[audit]", "syslog", "sign_key"}
}

// uncomment switches every default on, except the rules, which are examples of a name that does not exist.
func uncomment(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "# "); ok && !strings.Contains(line, "RULE-ID") {
			line = rest
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}

func TestScreenIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"[screen]\ntheme = \"neon\"":                                 "must be one of auto, dark, light",
		"[screen.keys]\ncollect = [\"q\"]":                           "quit has the key",
		"[screen.keys]\ncolect = [\"f5\"]":                           "the nearest is \"collect\"",
		"[screen]\ntheme = \"light\"\n[screen.keys]\nquit = [\"Q\"]": "",
	} {
		c, err := parse("c.toml", []byte(text), nil)
		switch {
		case want == "" && (err != nil || c.Screen.Theme != "light" || len(c.Screen.Keys["quit"]) != 1):
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "c.toml:2")):
			t.Errorf("%s: %v", text, err)
		}
	}
}
