package demo

import (
	"net/http"
	"time"

	"nhitop/sources/npm/npmsim"
)

// registry is the company's npm registry as it is written down. The simulator makes the tokens' values, the same ones in
// the same order, and so they are asked for by name.
type registry struct {
	Account string
	Token   []struct {
		Name     string
		Created  time.Time
		Readonly bool
		CIDR     []string
	}
}

// simulate makes the registry, and says the values of its tokens.
func (r registry) simulate(now func() time.Time) (*npmsim.Sim, map[string]string) {
	making := clock{real: now}
	sim := npmsim.New(npmsim.Options{Seed: "acme", Now: making.Now, Packages: map[string]map[string]string{
		r.Account: {"@acme/ui": "write", "@acme/tokens": "write", "@acme/eslint-config": "write"}, "acme": {"@acme/ui": "write"},
	}})
	sim.Login(r.Account, "FAKE-password-of-the-demo")
	values := map[string]string{}
	for _, t := range r.Token {
		making.set(t.Created)
		_, values[t.Name] = sim.Token(r.Account, t.Readonly, t.CIDR...)
	}
	making.set(time.Time{})
	return sim, values
}

func (c *Company) npm(ago time.Duration) (http.Handler, error) {
	var r registry
	if err := c.books.world(c.write, "npm", ago, &r); err != nil {
		return nil, err
	}
	sim, _ := r.simulate(c.Now)
	return sim, nil
}

// npmTokens are the values of all tokens of the registry, by name.
func (c *Company) npmTokens() (map[string]string, error) {
	var r registry
	if err := c.books.world(c.write, "npm", 0, &r); err != nil {
		return nil, err
	}
	_, values := r.simulate(c.Now)
	return values, nil
}
