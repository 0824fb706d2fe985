package github

import (
	"net/http"
	"testing"
	"time"

	"nhitop/sources"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/github/githubsim/contract"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	table := `
org = "acme"
token = { env = "TOKEN" }
revoke = true
revoke_token = { env = "OTHER" }
`
	env := func(w githubsim.World) sources.Env {
		sim := githubsim.New(w)
		contract.Hold(t, sim)
		rt := httpx.InProcess(sim)
		return sources.Env{
			Now: func() time.Time { return noon }, Sleep: httpxtest.NoSleep, Transport: func(string) http.RoundTripper { return rt },
			Getenv: func(name string) string { return map[string]string{"TOKEN": ownerToken, "OTHER": agentToken}[name] },
		}
	}
	sourcetest.Run(t, Factory,
		sourcetest.Case{Name: "a company with one of everything", Env: env(full()), Table: table, Planted: []string{ownerToken, agentToken, literalKey}},
		sourcetest.Case{Name: "an organisation with nothing", Env: env(company(func(*githubsim.Org) {})), Table: "org = \"acme\"\ntoken = { env = \"TOKEN\" }", Planted: []string{ownerToken}},
	)
}
