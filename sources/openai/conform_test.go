package openai

import (
	"strings"
	"testing"
	"time"

	"nhitop/sources"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/openai/openaisim"
	"nhitop/sources/sourcetest"
)

func still() time.Time { return at }

const both = "url = \"https://" + host + "\"\ntoken = { env = \"LOGIN_admin\" }\n"

func TestConformance(t *testing.T) {
	small := company()
	small.MaxPage = 2
	var cases []sourcetest.Case
	for _, c := range []struct {
		name, table string
		world       openaisim.World
		logins      []string
	}{
		{"everything", both, company(), []string{"admin"}},
		{"in small pages, the archived too", both + "archived = true\n", small, []string{"admin"}},
		{"with another key to revoke", both + "revoke = true\nrevoke_token = { env = \"LOGIN_admin2\" }\n", company(), []string{"admin", "admin2"}},
		{"nothing but the key", both, openaisim.World{AdminKeys: company().AdminKeys}, []string{"admin"}},
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
		Env: env(sim, nil, still), Table: both, Next: httpx.InProcess(sim), Host: host, Values: []string{sim.Value("admin")},
	})
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		says   string
	}{
		{func(o *Options) { o.Token.Env = "" }, "token: a credential is needed"},
		{func(o *Options) { o.URL = "https://api.openai.example/v1" }, "url: the address without /v1"},
		{func(o *Options) { o.URL = "http://api.openai.example" }, "url: plain http is for loopback alone"},
		{func(o *Options) { o.Name = "a b" }, "name: letters"},
		{func(o *Options) { o.Concurrency = 0 }, "concurrency: from 1 to 32"},
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
