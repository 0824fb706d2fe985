package anthropic

import (
	"path"
	"regexp"
	"strings"
	"time"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/objects"
)

// horizon is how long it may take until a key that was switched off is refused everywhere. Anthropic does not say; caches of
// such services follow within a minute or two.
const horizon = 2 * time.Minute

const live, archived = "live", "archived"

// Source of kinds and changes: anthropic-sdk-go 1.84.0 with its comments, 2026-11.
var objectKinds = []objects.Kind{
	{Path: regexp.MustCompile(`^/v1/organizations/api_keys/[^/]+$`), Name: "API key", Changes: []string{"key-off", "key-archive"}, Key: true},
	{Path: regexp.MustCompile(`^/v1/organizations/service_accounts/[^/]+$`), Name: "service account", Changes: []string{"account-archive"}},
	{Path: regexp.MustCompile(`^/v1/organizations/federation_rules/[^/]+$`), Name: "federation rule", Changes: []string{"rule-archive"}},
	{Path: regexp.MustCompile(`^/v1/organizations/federation_issuers/[^/]+$`), Name: "federation issuer", Changes: []string{"issuer-archive"}},
	{Path: regexp.MustCompile(`^/v1/organizations/service_accounts/[^/]+/workspaces/[^/]+$`), Name: "membership", Changes: []string{"account-out"}},
	{Path: regexp.MustCompile(`^/v1/organizations/workspaces/[^/]+/members/[^/]+$`), Name: "membership", Changes: []string{"member-out"}},
	{Path: regexp.MustCompile(`^/v1/organizations/users/[^/]+$`), Name: "member", Changes: []string{"user-out"}},
}

func parent(p string) string { return path.Dir(p) }

// memberBack makes a membership again, with the role that it had.
func memberBack(key string) func(p, was string) (map[string]any, bool) {
	return func(p, was string) (map[string]any, bool) {
		return map[string]any{key: path.Base(p), "workspace_role": was}, strings.HasPrefix(was, "workspace_")
	}
}

// longestToken bounds the lifetime that a rule may give its tokens: token_lifetime_seconds is 60 to 86,400 (API reference, 2026-11).
const longestToken = 24 * time.Hour

const (
	givenBefore = "access tokens that were given before"
	givenByRule = "access tokens that its rules have given"
	givenByIt   = "access tokens that it has given"
)

var (
	endsBefore = []revoke.Ending{{What: givenBefore, Within: longestToken}}
	endsByRule = []revoke.Ending{{What: givenByRule, Within: longestToken}}
)

const (
	leftOfKey = "files and batches that were made with it stay in the workspace"
	backOn    = "it can be switched on again by anybody who may manage keys"
)

var changes = map[string]*objects.Change{
	"key-off": {
		Action: revoke.ActionDisable, Layer: revoke.LayerCredential, Method: "POST", Body: map[string]any{"status": keyInactive}, To: keyInactive, Over: []string{keyArchived, keyExpired}, Ends: true,
		Does: "switch the %s off", Effect: "it is refused until it is switched on again", Residual: backOn + revoke.Also + leftOfKey, Tied: []string{backOn}, Horizon: horizon,
		Back: func(_, was string) (map[string]any, bool) {
			return map[string]any{"status": keyActive}, was == keyActive
		},
	},
	"key-archive": {
		Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Method: "POST", Body: map[string]any{"status": keyArchived}, To: keyArchived, Ends: true,
		Does: "archive the %s", Effect: "it is refused for good; whether it can be brought back Anthropic does not say, and nhitop takes it that it cannot", Residual: leftOfKey, Horizon: horizon,
	},
	"account-archive": {
		Action: revoke.ActionUninstall, Layer: revoke.LayerPrincipal, Method: "POST", Rest: "/archive", To: archived,
		Does: "archive the %s", Effect: "no rule gives tokens for it any more; this cannot be taken back",
		Residual: givenByRule + revoke.Also + "API keys that act as it, where they are not ended by themselves: Anthropic does not say what becomes of them", Lasts: endsByRule, Horizon: horizon,
	},
	"rule-archive": {
		Action: revoke.ActionRevoke, Layer: revoke.LayerGrant, Method: "POST", Rest: "/archive", To: archived,
		Does: "archive the %s", Effect: "no token of the issuer is exchanged by it any more; this cannot be taken back, a new rule can be made",
		Residual: "other rules of the same issuer and service account", Horizon: horizon,
	},
	"issuer-archive": {
		Action: revoke.ActionRevoke, Layer: revoke.LayerGrant, Method: "POST", Rest: "/archive", To: archived,
		Does: "archive the %s", Effect: "nobody whom it vouches for is given a token any more; this cannot be taken back",
		Residual: givenBefore, Lasts: endsBefore, Horizon: horizon,
	},
	"account-out": {
		Action: revoke.ActionNarrow, Layer: revoke.LayerGrant, Method: "DELETE", To: objects.Gone,
		Does: "end the %s", Effect: "its rules give no tokens for this workspace any more", Residual: givenBefore + revoke.Also + "its other workspaces", Lasts: endsBefore, Horizon: horizon,
		Back: memberBack("workspace_id"), BackPath: parent,
	},
	"member-out": {
		Action: revoke.ActionNarrow, Layer: revoke.LayerGrant, Method: "DELETE", To: objects.Gone,
		Does: "end the %s", Effect: "the person sees and uses this workspace no more", Residual: "API keys that the person made: they live on", Horizon: horizon,
		Back: memberBack("user_id"), BackPath: parent,
	},
	"user-out": {
		Action: revoke.ActionDelete, Layer: revoke.LayerPrincipal, Method: "DELETE", To: objects.Gone,
		Does: "remove the %s from the organisation", Effect: "the account ends here; it can only be invited again", Residual: "API keys that the person made: they live on", Horizon: horizon,
	},
}

// Authorization implements revoke.Authorizer.
func (s *Source) Authorization() string { return "header x-api-key" }
