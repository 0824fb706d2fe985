package credential

import (
	"maps"
	"slices"
)

// Kinds returns every kind that [Find] may give by itself, in order; a declared kind comes from the caller.
func Kinds() []string {
	all := map[string]bool{kindGeneric: true, kindPassword: true, kindBearer: true, kindBasic: true, kindURL: true, kindJWT: true,
		"copilot-session-token": true, "kubernetes-sa-token-jwt": true}
	for _, s := range table {
		all[s.kind] = true
	}
	for _, n := range namedKinds {
		all[n.kind] = true
	}
	for _, t := range tokenIssuers {
		all[t.kind] = true
	}
	for _, k := range connKinds {
		all[k] = true
	}
	for _, k := range pemKinds {
		all[k] = true
	}
	return slices.Sorted(maps.Keys(all))
}
