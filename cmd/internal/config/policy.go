package config

import (
	"time"

	"nhitop/inventory/risk"
	"nhitop/inventory/strict"
)

// Policy is the table [policy].
type Policy struct {
	Off             map[string]string `toml:"off"`
	Weights         map[string]any    `toml:"weights"` // see readWeight
	Production      []string          `toml:"production"`
	ApprovedServers []string          `toml:"approved_servers"`
	ModelHosts      []string          `toml:"model_hosts"`
	MaxSecretAge    int               `toml:"max_secret_age_days"`
	MaxSecretTTL    int               `toml:"max_secret_ttl_days"`
	Idle            int               `toml:"idle_days"`
	Fresh           int               `toml:"fresh_days"`
	Fleet           int               `toml:"fleet"`
	ActNow          int               `toml:"act_now_hours"`
	Attend          int               `toml:"attend_days"`
	Track           int               `toml:"track_days"`

	places []risk.Place // of the tables [[resource]]
	custom []risk.Rule  // of the tables [[rule]]
}

const day = 24 * time.Hour

// defaultPolicy is risk's own, in the units of the file.
func defaultPolicy() Policy {
	p := risk.DefaultPolicy()
	return Policy{
		Production: p.Production, ApprovedServers: p.ApprovedServers,
		MaxSecretAge: int(p.MaxSecretAge / day), MaxSecretTTL: int(p.MaxSecretTTL / day), Idle: int(p.Idle / day), Fresh: int(p.Fresh / day),
		Fleet: p.Fleet, ActNow: int(p.ActNowWithin / time.Hour), Attend: int(p.AttendWithin / day), Track: int(p.TrackWithin / day),
	}
}

// Risk returns the policy as the judge takes it. model_hosts adds to the known hosts.
func (p Policy) Risk() risk.Policy {
	r := risk.DefaultPolicy()
	r.Off, r.Production, r.ApprovedServers, r.Places, r.Custom = p.Off, p.Production, p.ApprovedServers, p.places, p.custom
	r.Weights, r.Because = make(map[string]int, len(p.Weights)), make(map[string]string, len(p.Weights))
	for rule, v := range p.Weights {
		w, _, _ := readWeight(v) // check has read it
		r.Weights[rule], r.Because[rule] = w.points, w.why
	}
	r.ModelHosts = append(r.ModelHosts, p.ModelHosts...)
	r.MaxSecretAge, r.MaxSecretTTL = time.Duration(p.MaxSecretAge)*day, time.Duration(p.MaxSecretTTL)*day
	r.Idle, r.Fresh, r.Fleet = time.Duration(p.Idle)*day, time.Duration(p.Fresh)*day, p.Fleet
	r.ActNowWithin, r.AttendWithin, r.TrackWithin = time.Duration(p.ActNow)*time.Hour, time.Duration(p.Attend)*day, time.Duration(p.Track)*day
	return r
}

// check tells what is wrong with the values: rules that are not known, a rule that is off without a reason, numbers that
// mean nothing.
func (p Policy) check(name string, lines strict.Lines) []error {
	var errs []error
	var known []string
	for _, r := range append(risk.Rules(), p.custom...) {
		known = append(known, r.ID)
	}
	is := map[string]bool{}
	for _, k := range known {
		is[k] = true
	}
	bad := func(text string, path ...string) {
		errs = append(errs, lines.Error(name, append(strict.Path{"policy"}, path...), text))
	}
	for rule, why := range p.Off {
		if !is[rule] {
			bad("no such rule; "+advise(rule, known), "off", rule)
		} else if why == "" {
			bad("a rule is switched off with a reason; write it as the value", "off", rule)
		}
	}
	for rule, v := range p.Weights {
		if !is[rule] {
			bad("no such rule; "+advise(rule, known), "weights", rule)
			continue
		}
		path := []string{"weights", rule}
		if _, key, wrong := readWeight(v); wrong != "" {
			if key != "" {
				path = append(path, key)
			}
			bad(wrong, path...)
		}
	}
	for _, n := range []struct {
		key string
		v   int
	}{
		{"max_secret_age_days", p.MaxSecretAge}, {"max_secret_ttl_days", p.MaxSecretTTL}, {"idle_days", p.Idle}, {"fresh_days", p.Fresh},
		{"fleet", p.Fleet}, {"act_now_hours", p.ActNow}, {"attend_days", p.Attend}, {"track_days", p.Track},
	} {
		if n.v < 1 || n.v > 36500 {
			bad("must be from 1 to 36500", n.key)
		}
	}
	return errs
}

// advise names the nearest rule only: all of them would fill the screen.
func advise(word string, known []string) string {
	if near := strict.Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "the rules are those that findings name"
}
