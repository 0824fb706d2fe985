package risk

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

var leakRules = []row{
	{ruleLiveLeak, inventory.NounSecret, liveLeak},
	{"SEC-08", inventory.NounSecret, inEnvironment},
	{"ENV-01", inventory.NounSecret, bothEnvironments},
	{"REU-04", inventory.NounSecret, manyUsers},
}

// ruleLiveLeak is the rule of a secret that got out and still works: a change that ends it comes before others.
const ruleLiveLeak = "SEC-01"

func liveLeak(s Subject, _ Policy) []Hit {
	x, leaked := s.Secret, s.secretFacts().leaked()
	if leaked == "" || x.State != inventory.StateLive {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s is %s, and its provider still accepts it.", s.placed(), leaked), Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}

// inEnvironment leaves what stands in a file to SEC-03: this is what every program that is started gets with its
// environment.
func inEnvironment(s Subject, _ Policy) []Hit {
	x := s.Secret
	if x.Ambient || x.Storage != inventory.StorageEnv {
		return nil
	}
	return []Hit{{Detail: s.placed() + " is handed to every program that is started, and no secrets manager keeps it.", Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}

// testWords are words in a name that mean: not production.
var testWords = []string{"dev", "development", "test", "testing", "stage", "staging", "qa", "uat", "preview", "sandbox"}

func rehearsal(name string) string {
	for w, rest := nextWord(small(name)); w != ""; w, rest = nextWord(rest) {
		if slices.Contains(testWords, w) {
			return w
		}
	}
	return ""
}

// bothEnvironments goes by what the secret opens, else by the names of the places where it stands.
func bothEnvironments(s Subject, pol Policy) []Hit {
	x := s.Secret
	var prod, other string
	put := func(name string, r *inventory.Resource, what string) {
		switch {
		case name == "" || name == "unknown":
		case pol.production(name) != "":
			prod = least(prod, reached(r, what))
		case rehearsal(name) != "":
			other = least(other, reached(r, what))
		}
	}
	for _, e := range s.secretFacts().grants {
		r := s.w.resource(e.Resource)
		if r == nil || r.Kind == "machine" {
			continue
		}
		put(e.Environment, r, "")
		put(r.Environment, r, "")
	}
	if prod == "" && other == "" {
		for i := range x.Locations {
			if l := &x.Locations[i]; original(*l) {
				put(l.Path[strings.LastIndexByte(l.Path, '/')+1:], nil, l.Path)
			}
		}
	}
	if prod == "" || other == "" {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s is the same for production (%s) and for a test (%s).", s.called(), prod, other), Evidence: s.places(),
		Changes: []Change{revoke(x, "Issue one for each environment, and revoke this one"+at(x)+".")}}}
}

// reached names a resource, or, where there is none, a place.
func reached(r *inventory.Resource, place string) string {
	if r == nil {
		return place
	}
	return r.Kind + " " + quote(r.Name)
}

func manyUsers(s Subject, pol Policy) []Hit {
	x := s.Secret
	if x.Ambient || max(len(s.Holders()), len(s.w.s.ToolsOf(x.ID)), len(x.Locations)) <= pol.MaxUse {
		return nil
	}
	hosts, servers, repos := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, a := range s.Holders() {
		if a.Host != "" {
			hosts[a.Host] = true
		}
	}
	for _, t := range s.w.s.ToolsOf(x.ID) {
		servers[t.Name] = true
	}
	for _, l := range x.Locations {
		if l.Scope == inventory.ScopeRepo && original(l) {
			dir, _, _ := strings.Cut(l.Path, "/.")
			repos[dir] = true
		}
	}
	for _, c := range []struct {
		of   map[string]bool
		what string
	}{{hosts, "hosts"}, {servers, "tool servers"}, {repos, "repositories"}} {
		if len(c.of) > pol.MaxUse {
			return []Hit{{Detail: fmt.Sprintf("%s is used on %d %s: %s; the limit is %d.", s.called(), len(c.of), c.what, list(inventory.SortedKeys(c.of)), pol.MaxUse),
				Evidence: s.places(), Changes: []Change{revoke(x, "Issue one for each of those that use it.")}}}
		}
	}
	return nil
}
