package contract

import (
	"context"
	"net/http"
	"testing"
	"time"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"nhitop/sources"
	"nhitop/sources/openai"
	"nhitop/sources/openai/openaisim"
)

func openaiWorld() openaisim.World {
	return openaisim.World{
		Users: []openaisim.User{{Email: "ana@example.com", Name: "Ana", Role: "owner", Added: at}, {Email: "ben@example.com", Name: "Ben", Added: at}},
		Projects: []openaisim.Project{{Name: "web", Created: at, Accounts: []openaisim.Account{{Name: "ci", Created: at}, {Name: "batch", Created: at}}, Keys: []openaisim.Key{
			{Name: "one", Owner: "ana@example.com", Created: at, LastUsed: at}, {Name: "two", Owner: "ci", Created: at, Expires: at.AddDate(0, 1, 0)}, {Name: "three", Owner: "ben@example.com", Created: at, Orphan: true}}},
			{Name: "past", Created: at, Archived: true}},
		AdminKeys: []openaisim.AdminKey{{Name: "admin", Owner: "ana@example.com", Created: at}, {Name: "other", Owner: "ana@example.com", Created: at, Expires: at.AddDate(0, 1, 0)}, {Name: "nhitop", Owner: "ana@example.com", Created: at}},
		Providers: []openaisim.Provider{{Name: "github", Issuer: "https://token.example.com", Audience: "openai", Created: at, Rules: []openaisim.Rule{
			{Name: "deploy", Project: "web", Account: "ci", Matchers: map[string]string{"repository": "acme/web"}, Created: at}, {Name: "narrow", Project: "web", Account: "batch", Scopes: []string{"api.all.read"}, Created: at}}}},
	}
}

// askOpenAI makes every call of the SDK that nhitop makes, with every parameter.
func askOpenAI(t *testing.T, s *openaisim.Sim) *tape {
	t.Helper()
	rec := &tape{next: sources.InProcess(s)}
	c := sdk.NewClient(option.WithBaseURL("https://api.example.com/v1"), option.WithHTTPClient(&http.Client{Transport: rec}), option.WithMaxRetries(0), option.WithAdminAPIKey(s.Value("admin")), option.WithAPIKey(s.Value("one")))
	ctx, o, id := context.Background(), c.Admin.Organization, s.ID
	check(t, err2(c.Models.List(ctx)))
	us, err := o.Users.List(ctx, sdk.AdminOrganizationUserListParams{Limit: sdk.Int(1), After: sdk.String(id(openaisim.IDUser, "ana@example.com"))})
	check(t, err)
	whole(t, us)
	if len(us.Data) != 1 || us.HasMore {
		t.Errorf("%+v", us.Data)
	}
	whole(t, must[*sdk.OrganizationUser](t)(o.Users.Get(ctx, id(openaisim.IDUser, "ana@example.com"))))
	ps, err := o.Projects.List(ctx, sdk.AdminOrganizationProjectListParams{Limit: sdk.Int(100), IncludeArchived: sdk.Bool(true), After: sdk.String("x")})
	check(t, err)
	ps, err = o.Projects.List(ctx, sdk.AdminOrganizationProjectListParams{Limit: sdk.Int(100), IncludeArchived: sdk.Bool(true)})
	check(t, err)
	whole(t, ps)
	web := id(openaisim.IDProject, "web")
	whole(t, must[*sdk.Project](t)(o.Projects.Get(ctx, web)))
	ks, err := o.Projects.APIKeys.List(ctx, web, sdk.AdminOrganizationProjectAPIKeyListParams{Limit: sdk.Int(100), OwnerProjectAccess: "any", After: sdk.String("x")})
	check(t, err)
	ks, err = o.Projects.APIKeys.List(ctx, web, sdk.AdminOrganizationProjectAPIKeyListParams{Limit: sdk.Int(100), OwnerProjectAccess: "any"})
	check(t, err)
	whole(t, ks, owners...)
	if len(ks.Data) != 3 {
		t.Errorf("%d keys", len(ks.Data))
	}
	one := id(openaisim.IDKey, "one")
	whole(t, must[*sdk.ProjectAPIKey](t)(o.Projects.APIKeys.Get(ctx, web, one)), owners...)
	whole(t, must[*sdk.ProjectAPIKey](t)(o.Projects.APIKeys.Update(ctx, web, one, sdk.AdminOrganizationProjectAPIKeyUpdateParams{Scopes: []string{"api.all.read"}})), owners...)
	logs, err := o.AuditLogs.List(ctx, sdk.AdminOrganizationAuditLogListParams{Limit: sdk.Int(100), ResourceIDs: []string{one}, EventTypes: []string{"api_key.created", "api_key.updated"}})
	check(t, err)
	if len(logs.Data) != 2 || logs.Data[0].APIKeyUpdated.ChangesRequested.Scopes[0] != "api.all.read" {
		t.Errorf("%+v", logs.Data)
	}
	sas, err := o.Projects.ServiceAccounts.List(ctx, web, sdk.AdminOrganizationProjectServiceAccountListParams{Limit: sdk.Int(100), After: sdk.String(id(openaisim.IDAccount, "ci"))})
	check(t, err)
	whole(t, sas)
	ci := id(openaisim.IDAccount, "ci")
	whole(t, must[*sdk.ProjectServiceAccount](t)(o.Projects.ServiceAccounts.Get(ctx, web, ci)))
	made := must[*sdk.AdminOrganizationProjectServiceAccountAPIKeyNewResponse](t)(o.Projects.ServiceAccounts.APIKeys.New(ctx, web, ci, sdk.AdminOrganizationProjectServiceAccountAPIKeyNewParams{Name: sdk.String("new"), ExpiresInSeconds: sdk.Int(60), Scopes: []string{"api.all.read"}}))
	whole(t, made)
	if !s.Works(made.Value) {
		t.Error("the new key does not work")
	}
	whole(t, must[*sdk.AdminOrganizationProjectAPIKeyDeleteResponse](t)(o.Projects.APIKeys.Delete(ctx, web, one)))
	whole(t, must[*sdk.AdminOrganizationProjectServiceAccountDeleteResponse](t)(o.Projects.ServiceAccounts.Delete(ctx, web, ci)))
	as, err := o.AdminAPIKeys.List(ctx, sdk.AdminOrganizationAdminAPIKeyListParams{Limit: sdk.Int(100), After: sdk.String(id(openaisim.IDKey, "admin"))})
	check(t, err)
	whole(t, as)
	other := id(openaisim.IDKey, "other")
	whole(t, must[*sdk.AdminAPIKey](t)(o.AdminAPIKeys.Get(ctx, other)))
	whole(t, must[*sdk.AdminOrganizationAdminAPIKeyDeleteResponse](t)(o.AdminAPIKeys.Delete(ctx, other)))
	ws, err := o.WorkloadIdentityProviders.List(ctx, sdk.AdminOrganizationWorkloadIdentityProviderListParams{Limit: sdk.Int(100), After: sdk.String("x")})
	check(t, err)
	ws, err = o.WorkloadIdentityProviders.List(ctx, sdk.AdminOrganizationWorkloadIdentityProviderListParams{Limit: sdk.Int(100)})
	check(t, err)
	whole(t, ws)
	github := id(openaisim.IDProvider, "github")
	whole(t, must[*sdk.WorkloadIdentityProvider](t)(o.WorkloadIdentityProviders.Get(ctx, github)))
	whole(t, must[*sdk.WorkloadIdentityProvider](t)(o.WorkloadIdentityProviders.Update(ctx, github, sdk.AdminOrganizationWorkloadIdentityProviderUpdateParams{Enabled: sdk.Bool(false)})))
	rs, err := o.WorkloadIdentityProviders.FederationRules.List(ctx, github, sdk.AdminOrganizationWorkloadIdentityProviderFederationRuleListParams{Limit: sdk.Int(100), After: sdk.String("x")})
	check(t, err)
	rs, err = o.WorkloadIdentityProviders.FederationRules.List(ctx, github, sdk.AdminOrganizationWorkloadIdentityProviderFederationRuleListParams{Limit: sdk.Int(100)})
	check(t, err)
	whole(t, rs)
	rule := id(openaisim.IDRule, "deploy")
	whole(t, must[*sdk.FederationRule](t)(o.WorkloadIdentityProviders.FederationRules.Get(ctx, github, rule)))
	whole(t, must[*sdk.FederationRule](t)(o.WorkloadIdentityProviders.FederationRules.Update(ctx, github, rule, sdk.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParams{Enabled: sdk.Bool(false)})))
	whole(t, must[*sdk.AdminOrganizationUserDeleteResponse](t)(o.Users.Delete(ctx, id(openaisim.IDUser, "ben@example.com"))))
	return rec
}

// owners are the fields of which a key has one: it is a person's or a service account's.
var owners = []string{"ProjectAPIKeyOwner.ServiceAccount", "ProjectAPIKeyOwner.User"}

func err2[T any](_ T, err error) error { return err }

// What nhitop sends is what the SDK sends.
func TestOpenAI(t *testing.T) {
	now := func() time.Time { return at }
	theirs := askOpenAI(t, openaisim.New(openaiWorld(), now))
	sim := openaisim.New(openaiWorld(), now)
	ours := &tape{next: sources.InProcess(sim)}
	o := openai.Defaults()
	o.URL, o.Token.Env, o.RevokeToken.Env, o.Revoke, o.Archived = "https://api.example.com", "nhitop", "nhitop", true, true
	s, err := openai.New(o, sources.Env{Now: now, Getenv: sim.Value, Transport: func(string) http.RoundTripper { return ours }})
	check(t, err)
	all(t, s, now, "nhitop")
	if sim.Key("one") != nil || !sim.On("github") || sim.On("deploy") {
		t.Error("the keys are to be gone, the rule off, and the provider, taken back, on")
	}
	within(t, ours, theirs)
}
