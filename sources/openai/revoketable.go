package openai

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/objects"
)

// horizon is how long it may take until a change is followed everywhere: OpenAI keeps what it knows of a key in caches, and
// does not say for how long.
const horizon = 5 * time.Minute

const (
	on, off  = "on", "off"
	readOnly = "api.all.read"
	allScope = "all" // no restriction of the key's own
)

// Source of kinds and changes: openai-go v3.99.0 with its comments, 2026-11.
var objectKinds = []objects.Kind{
	{Path: regexp.MustCompile(`^/v1/organization/projects/[^/]+/api_keys/[^/]+$`), Name: "key", Changes: []string{"key-read", "key-delete"}, Key: true},
	{Path: regexp.MustCompile(`^/v1/organization/projects/[^/]+/service_accounts/[^/]+$`), Name: "service account", Changes: []string{"account-delete"}},
	{Path: regexp.MustCompile(`^/v1/organization/admin_api_keys/[^/]+$`), Name: "admin key", Changes: []string{"admin-delete"}, Key: true},
	{Path: regexp.MustCompile(`^/v1/organization/workload_identity_providers/[^/]+$`), Name: "workload identity provider", Changes: []string{"provider-off"}},
	{Path: regexp.MustCompile(`^/v1/organization/workload_identity_providers/[^/]+/federation_rules/[^/]+$`), Name: "federation rule", Changes: []string{"rule-off"}},
	{Path: regexp.MustCompile(`^/v1/organization/users/[^/]+$`), Name: "member", Changes: []string{"user-out"}},
}

func enable(_, was string) (map[string]any, bool) { return map[string]any{"enabled": true}, was == on }

const (
	leftOfKey   = "files and answers that were made with it stay in the project"
	mayRead     = "what it may read: files, vector stores and stored answers of the project"
	leftOfTrust = "access tokens that were given before, until they end"
)

// endsOfTrust has no bound: how long its tokens last OpenAI does not show.
var endsOfTrust = []revoke.Ending{{What: leftOfTrust}}

var changes = map[string]*objects.Change{
	"key-read": {
		Action: revoke.ActionNarrow, Layer: revoke.LayerCredential, Method: "POST", Body: map[string]any{"scopes": []string{readOnly}}, To: readOnly, Late: true,
		Does: "leave the %s nothing but reading", Effect: "it lists and reads, and calls no model", Residual: mayRead, Tied: []string{mayRead}, Horizon: horizon,
		Back: func(_, was string) (map[string]any, bool) {
			if was == allScope {
				return map[string]any{"scopes": []string{}}, true
			}
			return map[string]any{"scopes": strings.Fields(was)}, true
		},
	},
	"key-delete": {
		Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Method: "DELETE", To: objects.Gone, Ends: true,
		Does: "delete the %s", Effect: "it is refused from now on; this cannot be taken back", Residual: leftOfKey, Horizon: horizon,
	},
	"account-delete": {
		Action: revoke.ActionUninstall, Layer: revoke.LayerPrincipal, Method: "DELETE", To: objects.Gone,
		Does: "delete the %s, with all its keys", Effect: "the account and its keys are refused from now on; this cannot be taken back", Residual: leftOfTrust + revoke.Also + leftOfKey, Lasts: endsOfTrust, Horizon: horizon,
	},
	"admin-delete": {
		Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Method: "DELETE", To: objects.Gone, Ends: true,
		Does: "delete the %s", Effect: "it is refused from now on; this cannot be taken back", Residual: "keys, service accounts and people that were let in with it: look at them", Horizon: horizon,
	},
	"provider-off": {
		Action: revoke.ActionDisable, Layer: revoke.LayerGrant, Method: "POST", Body: map[string]any{"enabled": false}, To: off,
		Does: "switch the %s off", Effect: "nobody whom it vouches for is given a token until it is switched on again", Residual: leftOfTrust, Lasts: endsOfTrust, Horizon: horizon, Back: enable,
	},
	"rule-off": {
		Action: revoke.ActionDisable, Layer: revoke.LayerGrant, Method: "POST", Body: map[string]any{"enabled": false}, To: off,
		Does: "switch the %s off", Effect: "no token is given by it until it is switched on again", Residual: leftOfTrust + revoke.Also + "other rules of the same provider and service account", Lasts: endsOfTrust, Horizon: horizon, Back: enable,
	},
	"user-out": {
		Action: revoke.ActionDelete, Layer: revoke.LayerPrincipal, Method: "DELETE", To: objects.Gone,
		Does: "remove the %s from the organisation", Effect: "the account ends here; it can only be invited again",
		Residual: "keys of the person: what becomes of them OpenAI does not say, end them by themselves" + revoke.Also + "service accounts that the person made", Horizon: horizon,
	},
}

// standing is how scopes read as one word for word.
func standing(scopes []string) string {
	if len(scopes) == 0 {
		return allScope
	}
	s := slices.Clone(scopes)
	slices.Sort(s)
	return strings.Join(s, " ")
}
