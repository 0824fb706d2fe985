package risk

import (
	"cmp"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
)

// Place declares environment and sensitivity of the resources that it matches.
type Place struct {
	Environment string // "" declares none
	Sensitivity string // "" declares none
	name        func(string) bool
	kind        string
}

// Sensitivities are the grades that a resource may be given, least first. The last two raise scores.
func Sensitivities() []string { return []string{"public", "internal", "confidential", "restricted"} }

// The environments that a name is taken for, and the words that say so. Production's words are the policy's own.
const production = "production"

var zones = []struct {
	environment string
	words       []string
}{
	{"staging", []string{"staging", "stage", "stg", "preprod", "uat", "preview"}},
	{"dev", []string{"dev", "develop", "development", "sandbox"}},
	{"test", []string{"test", "testing", "qa"}},
}

const maxPattern = 1024

// NewPlace reads a pattern on the name of a resource: a glob (* any text, ? one character), or a regular expression
// between slashes. kind is a glob on its kind, "" for any. Both ignore case. The error says what is wrong, without the
// pattern.
func NewPlace(match, kind, environment, sensitivity string) (Place, error) {
	x := Place{Environment: environment, Sensitivity: sensitivity, kind: strings.ToLower(kind)}
	switch {
	case match == "":
		return x, errors.New("match is empty; write a glob, or a regular expression between slashes")
	case len(match) > maxPattern:
		return x, errors.New("match is longer than 1024 characters")
	case environment == "" && sensitivity == "":
		return x, errors.New("says nothing; set environment or sensitivity")
	case sensitivity != "" && !slices.Contains(Sensitivities(), sensitivity):
		return x, errors.New("sensitivity must be one of: " + strings.Join(Sensitivities(), " "))
	}
	text := "(?is)^" + globText(match) + "$"
	if len(match) > 2 && match[0] == '/' && match[len(match)-1] == '/' {
		text = "(?is)" + match[1:len(match)-1]
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return x, errors.New("match is no regular expression (RE2 syntax)")
	}
	if _, err := path.Match(x.kind, ""); err != nil {
		return x, errors.New("kind is no glob")
	}
	x.name = re.MatchString
	return x, nil
}

func globText(glob string) string {
	return strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(glob))
}

func (x Place) fits(r *inventory.Resource) bool {
	if x.kind != "" {
		if ok, _ := path.Match(x.kind, strings.ToLower(r.Kind)); !ok {
			return false
		}
	}
	return x.name(r.Name)
}

// Locate declares environment and sensitivity of each resource: by the first of the policy's places that matches and says
// so, else by what its source knows, else, for the environment, by a word of its name. That is marked as assumed. It
// changes the elements of rs.
func (p Policy) Locate(rs []inventory.Resource) {
	for i := range rs {
		r := &rs[i]
		var env, sens string
		for _, x := range p.Places {
			if (env == "" && x.Environment != "" || sens == "" && x.Sensitivity != "") && x.fits(r) {
				env, sens = cmp.Or(env, x.Environment), cmp.Or(sens, x.Sensitivity)
			}
		}
		r.Sensitivity = cmp.Or(sens, r.Sensitivity)
		switch {
		case env != "":
			r.Environment, r.EnvironmentAssumed = env, false
		case (r.Environment == "" || r.Environment == "unknown") && r.Kind != "repository" && r.Kind != "machine":
			if guess := p.guess(r.Name); guess != "" {
				r.Environment, r.EnvironmentAssumed = guess, true
			}
		}
	}
}

// guess tells the environment by the words of a name, production first, "" if none says so.
func (p *Policy) guess(name string) string {
	if p.production(name) != "" {
		return production
	}
	var words []string
	for w, rest := nextWord(small(name)); w != ""; w, rest = nextWord(rest) {
		words = append(words, w)
	}
	for _, z := range zones {
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(z.words, w) }) {
			return z.environment
		}
	}
	return ""
}

// environment returns the environment of a grant: its own, or that of its resource. assumed: only a name says so.
func environment(e *inventory.Entitlement, r *inventory.Resource) (env string, assumed bool) {
	env = e.Environment
	if env == "unknown" {
		env = ""
	}
	if env == "" && r != nil && r.Environment != "unknown" {
		return r.Environment, r.EnvironmentAssumed
	}
	return env, false
}

// productionOf says what of a grant is production, or "". What is declared to be something else is not, whatever its
// name says.
func (p *Policy) productionOf(e *inventory.Entitlement, r *inventory.Resource) string {
	env, _ := environment(e, r)
	switch {
	case env != "" && env != production && p.production(env) == "":
		return ""
	case r != nil && p.production(r.Name) != "":
		return r.Kind + " " + quote(r.Name)
	case env != "":
		return "environment " + quote(env)
	}
	return ""
}
