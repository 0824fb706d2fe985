package anthropic

import (
	"strings"
	"testing"
	"time"

	"nhitop/sources"
	"nhitop/sources/anthropic/anthropicsim"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/sourcetest"
)

func still() time.Time { return at }

const both = "url = \"https://" + host + "\"\ntoken = { env = \"LOGIN_admin\" }\noauth_token = { env = \"LOGIN_oauth\" }\nusage_days = 2\n"

func TestConformance(t *testing.T) {
	small := company()
	small.MaxPage = 2
	var cases []sourcetest.Case
	for _, c := range []struct {
		name, table string
		world       anthropicsim.World
		logins      []string
	}{
		{"everything", both, company(), []string{"admin", "oauth"}},
		{"in small pages", both, small, []string{"admin"}},
		{"with other credentials to revoke", both + "revoke = true\nrevoke_token = { env = \"LOGIN_admin2\" }\n", company(), []string{"admin", "admin2"}},
		{"an Admin API key alone", "url = \"https://" + host + "\"\ntoken = { env = \"LOGIN_admin\" }\n", company(), []string{"admin"}},
		{"an access token alone", "url = \"https://" + host + "\"\noauth_token = { env = \"LOGIN_oauth\" }\n", company(), []string{"oauth"}},
		{"nothing but the organisation", both, anthropicsim.World{Organization: "ACME", Logins: company().Logins}, []string{"admin"}},
	} {
		sim := simOf(c.world)
		x := sourcetest.Case{Name: c.name, Env: env(sim, httpx.InProcess(sim), still), Table: c.table}
		for _, l := range c.logins {
			x.Planted = append(x.Planted, sim.Value(l))
		}
		cases = append(cases, x)
	}
	sourcetest.Run(t, Factory, cases...)
}

func TestFaultsOnEveryCall(t *testing.T) {
	sim := simOf(company())
	sourcetest.Faults(t, Factory, sourcetest.HTTP{
		Env: env(sim, nil, still), Table: both, Next: httpx.InProcess(sim), Host: host, Values: []string{sim.Value("admin"), sim.Value("oauth")},
	})
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		says   string
	}{
		{func(o *Options) { o.Token.Env = "" }, "token: a credential is needed"},
		{func(o *Options) { o.OAuth.File, o.OAuth.Env = "x", "y" }, "oauth_token: one place only"},
		{func(o *Options) { o.URL = "https://api.anthropic.example/v1" }, "url: the address without /v1"},
		{func(o *Options) { o.URL = "http://api.anthropic.example" }, "url: plain http is for loopback alone"},
		{func(o *Options) { o.Name = "a b" }, "name: letters"},
		{func(o *Options) { o.Concurrency = 0 }, "concurrency: from 1 to 32"},
		{func(o *Options) { o.UsageDays = 91 }, "usage_days: from 0 to 90"},
		{func(o *Options) { o.Assistants = map[string]string{"x": "no-such"} }, "assistants: "},
		{func(o *Options) { o.CAFile = "/nowhere/ca.pem" }, "ca_file: "},
		{func(o *Options) { o.RevokeToken.Env, o.RevokeToken.File = "x", "y" }, "revoke_token: one place only"},
	} {
		o := Defaults()
		o.Token.Env = "LOGIN_admin"
		c.change(&o)
		if _, err := New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("want %q, got %v", c.says, err)
		}
	}
}
