package github

import (
	"testing"
	"time"

	"nhitop/sources"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/sourcetest"
)

// What every source must keep; TestFaultsAtEachRequest fails each request in turn.
func TestSourceFaults(t *testing.T) {
	w := full()
	w.Limits = githubsim.Limits{User: 1 << 20, GraphQL: 1 << 20, AuditLog: 1 << 20}
	sourcetest.Faults(t, Factory, sourcetest.HTTP{
		Env:   sources.Env{Now: func() time.Time { return noon }, Getenv: func(string) string { return ownerToken }},
		Table: "org = \"acme\"\ntoken = { env = \"TOKEN\" }\nskip = [\"tokens\", \"requests\"]",
		Next:  httpx.InProcess(githubsim.New(w)), Host: apiHost, Values: []string{ownerToken, agentToken, literalKey}, ReadPosts: []string{"/graphql"}, Calls: 10,
	})
}
