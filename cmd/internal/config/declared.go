package config

import (
	"nhitop/inventory"
	"nhitop/inventory/charter"
	"nhitop/inventory/customrule"
	"nhitop/inventory/risk"
	"nhitop/inventory/strict"
)

// Resource is one [[resource]]: environment and sensitivity of what it matches.
type Resource struct {
	Match       string `toml:"match"`
	Kind        string `toml:"kind"`
	Environment string `toml:"environment"`
	Sensitivity string `toml:"sensitivity"`
}

// charters checks the tables [[charter]].
func (c *Config) charters(tables []charter.Table, lines strict.Lines) []error {
	at := func(i int, key string) strict.Path {
		path := strict.Path{"charter", strict.Elem(i)}
		if key != "" {
			path = path.With(key)
		}
		return path
	}
	set, bad := charter.New(tables, func(i int) inventory.Evidence {
		return inventory.Evidence{Path: c.File, Line: lines.Of(at(i, ""))}
	})
	var errs []error
	for _, p := range bad {
		errs = append(errs, lines.Error(c.File, at(p.Table, p.Key), p.Text))
	}
	for i, t := range tables {
		if t.Tier == 0 && lines.Has(at(i, "tier")) {
			errs = append(errs, lines.Error(c.File, at(i, "tier"), "must be 1 (critical), 2 or 3"))
		}
	}
	c.Charters = set
	return errs
}

// resources checks the tables [[resource]].
func (c *Config) resources(tables []Resource, lines strict.Lines) []error {
	var errs []error
	for i, t := range tables {
		x, err := risk.NewPlace(t.Match, t.Kind, t.Environment, t.Sensitivity)
		if err != nil {
			errs = append(errs, lines.Error(c.File, strict.Path{"resource", strict.Elem(i)}, err.Error()))
		}
		c.Policy.places = append(c.Policy.places, x)
	}
	return errs
}

// rules checks the tables [[rule]].
func (c *Config) rules(tables []customrule.Table, lines strict.Lines) []error {
	at := func(i int) strict.Path { return strict.Path{"rule", strict.Elem(i)} }
	rules, bad := customrule.New(tables, func(i int) inventory.Evidence {
		return inventory.Evidence{Path: c.File, Line: lines.Of(at(i))}
	})
	var errs []error
	for _, p := range bad {
		errs = append(errs, lines.Error(c.File, at(p.Table).With(p.Key), p.Text))
	}
	c.Policy.custom = rules
	return errs
}
