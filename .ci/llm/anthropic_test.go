package contract

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/anthropic"
	"nhitop/sources/anthropic/anthropicsim"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func claudeWorld() anthropicsim.World {
	return anthropicsim.World{
		Organization: "ACME", Users: []anthropicsim.User{{Email: "ana@example.com", Name: "Ana", Role: "developer", Added: at}, {Email: "ben@example.com", Name: "Ben", Role: "user", Added: at}},
		Workspaces: []anthropicsim.Workspace{{Name: "web", Tags: map[string]string{"a": "b"}, Members: map[string]string{"ana@example.com": "workspace_developer", "ben@example.com": "workspace_user"},
			Accounts: map[string]string{"ci": "workspace_developer"}}},
		Keys: []anthropicsim.Key{{Name: "one", Workspace: "web", By: "ana@example.com", Created: at}, {Name: "two", By: "ci", As: "ci", Created: at, Expires: at.AddDate(0, 1, 0)},
			{Name: "three", As: "ana@example.com", Created: at}, {Name: "four", Workspace: "web", By: "ana@example.com", Created: at}},
		Accounts: []anthropicsim.Account{{Name: "ci", Description: "x", By: "ana@example.com", Created: at}, {Name: "past", Created: at, Archived: at}},
		Issuers:  []anthropicsim.Issuer{{Name: "github", URL: "https://token.example.com", By: "ana@example.com", Created: at}},
		Rules:    []anthropicsim.Rule{{Name: "deploy", Issuer: "github", Account: "ci", Subject: "repo:acme/*", Claims: map[string]string{"a": "b"}, Lifetime: time.Hour, Workspaces: []string{"web"}, Created: at}},
		Logins:   []anthropicsim.Login{{Name: "admin"}, {Name: "oauth", OAuth: true}},
	}
}

func claude(s *anthropicsim.Sim) (*tape, sdk.Client, sdk.Client) {
	t := &tape{next: sources.InProcess(s)}
	base := []option.RequestOption{option.WithBaseURL("https://api.example.com"), option.WithHTTPClient(&http.Client{Transport: t}), option.WithMaxRetries(0)}
	admin := sdk.NewClient(append(base, option.WithAPIKey(s.Value("admin")))...)
	oauth := sdk.NewClient(append(base, option.WithAuthToken(s.Value("oauth")), option.WithHeaderDel("x-api-key"), option.WithHeader("anthropic-beta", "oauth-2025-04-20"))...)
	return t, admin, oauth
}

func must[T any](t *testing.T) func(T, error) T {
	return func(x T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

// askClaude makes every call of the SDK that nhitop makes, with every parameter.
func askClaude(t *testing.T, s *anthropicsim.Sim) *tape {
	t.Helper()
	rec, admin, oauth := claude(s)
	ctx := context.Background()
	id := s.ID
	a, o := admin.Organization, oauth.Organization
	whole(t, must[*sdk.OrganizationInfo](t)(a.Get(ctx)))
	u, err := a.Users.List(ctx, sdk.OrganizationUserListParams{Limit: sdk.Int(1)})
	check(t, err)
	whole(t, u)
	u, err = a.Users.List(ctx, sdk.OrganizationUserListParams{Limit: sdk.Int(1), AfterID: sdk.String(u.LastID)})
	check(t, err)
	if len(u.Data) != 1 || u.HasMore {
		t.Errorf("the second page of people: %+v", u.Data)
	}
	whole(t, must[*sdk.OrganizationUser](t)(a.Users.Get(ctx, id(anthropicsim.IDUser, "ana@example.com"))))
	w, err := a.Workspaces.List(ctx, sdk.OrganizationWorkspaceListParams{Limit: sdk.Int(50), IncludeDefault: sdk.Bool(true), AfterID: sdk.String(id(anthropicsim.IDWorkspace, "Default"))})
	check(t, err)
	whole(t, w)
	web := id(anthropicsim.IDWorkspace, "web")
	whole(t, must[*sdk.Workspace](t)(a.Workspaces.Get(ctx, web)))
	m, err := a.Workspaces.Members.List(ctx, web, sdk.OrganizationWorkspaceMemberListParams{Limit: sdk.Int(1), AfterID: sdk.String(id(anthropicsim.IDUser, "ana@example.com"))})
	check(t, err)
	whole(t, m)
	ben := id(anthropicsim.IDUser, "ben@example.com")
	whole(t, must[*sdk.WorkspaceMember](t)(a.Workspaces.Members.Get(ctx, ben, sdk.OrganizationWorkspaceMemberGetParams{WorkspaceID: web})))
	k, err := a.APIKeys.List(ctx, sdk.OrganizationAPIKeyListParams{Limit: sdk.Int(100), AfterID: sdk.String(id(anthropicsim.IDKey, "one"))})
	check(t, err)
	if len(k.Data) != 3 {
		t.Errorf("%d keys", len(k.Data))
	}
	whole(t, k)
	one := id(anthropicsim.IDKey, "four")
	whole(t, must[*sdk.APIKey](t)(a.APIKeys.Get(ctx, one)))
	for _, st := range []sdk.OrganizationAPIKeyUpdateParamsStatus{"inactive", "active", "archived"} {
		if got := must[*sdk.APIKey](t)(a.APIKeys.Update(ctx, one, sdk.OrganizationAPIKeyUpdateParams{Status: st})); string(got.Status) != string(st) {
			t.Errorf("%s: %s", st, got.Status)
		}
	}
	sa, err := o.ServiceAccounts.List(ctx, sdk.OrganizationServiceAccountListParams{Limit: sdk.Int(1), IncludeArchived: sdk.Bool(true)})
	check(t, err)
	whole(t, sa)
	sa, err = o.ServiceAccounts.List(ctx, sdk.OrganizationServiceAccountListParams{Limit: sdk.Int(1), IncludeArchived: sdk.Bool(true), Page: sdk.String(sa.NextPage)})
	check(t, err)
	if len(sa.Data) != 1 || sa.Data[0].ArchivedAt.IsZero() {
		t.Errorf("%+v", sa.Data)
	}
	ci := id(anthropicsim.IDAccount, "ci")
	whole(t, must[*sdk.ServiceAccount](t)(o.ServiceAccounts.Get(ctx, ci)))
	in, err := o.ServiceAccounts.Workspaces.List(ctx, ci, sdk.OrganizationServiceAccountWorkspaceListParams{Limit: sdk.Int(5), Page: sdk.String("page_0")})
	check(t, err)
	whole(t, in)
	whole(t, must[*sdk.ServiceAccountWorkspaceMember](t)(o.Workspaces.ServiceAccounts.Get(ctx, ci, sdk.OrganizationWorkspaceServiceAccountGetParams{WorkspaceID: web})))
	whole(t, must[*sdk.OrganizationServiceAccountWorkspaceRemoveResponse](t)(o.ServiceAccounts.Workspaces.Remove(ctx, web, sdk.OrganizationServiceAccountWorkspaceRemoveParams{ServiceAccountID: ci})))
	whole(t, must[*sdk.ServiceAccountWorkspaceMember](t)(o.ServiceAccounts.Workspaces.Add(ctx, ci, sdk.OrganizationServiceAccountWorkspaceAddParams{WorkspaceID: web, WorkspaceRole: "workspace_developer"})))
	fi, err := o.Federation.Issuers.List(ctx, sdk.OrganizationFederationIssuerListParams{Limit: sdk.Int(5), Page: sdk.String("page_0")})
	check(t, err)
	whole(t, fi)
	fr, err := o.Federation.Rules.List(ctx, sdk.OrganizationFederationRuleListParams{Limit: sdk.Int(5), Page: sdk.String("page_0"), IssuerID: sdk.String(id(anthropicsim.IDIssuer, "github"))})
	check(t, err)
	whole(t, fr)
	rule, issuer := id(anthropicsim.IDRule, "deploy"), id(anthropicsim.IDIssuer, "github")
	whole(t, must[*sdk.FederationRule](t)(o.Federation.Rules.Get(ctx, rule)))
	whole(t, must[*sdk.FederationIssuer](t)(o.Federation.Issuers.Get(ctx, issuer)))
	if _, err := o.Federation.Issuers.Archive(ctx, issuer); err == nil {
		t.Error("an issuer that a live rule names was archived")
	}
	whole(t, must[*sdk.FederationRule](t)(o.Federation.Rules.Archive(ctx, rule)))
	whole(t, must[*sdk.FederationIssuer](t)(o.Federation.Issuers.Archive(ctx, issuer)))
	whole(t, must[*sdk.ServiceAccount](t)(o.ServiceAccounts.Archive(ctx, ci)))
	whole(t, must[*sdk.OrganizationWorkspaceMemberRemoveResponse](t)(a.Workspaces.Members.Remove(ctx, ben, sdk.OrganizationWorkspaceMemberRemoveParams{WorkspaceID: web})))
	whole(t, must[*sdk.WorkspaceMember](t)(a.Workspaces.Members.Add(ctx, web, sdk.OrganizationWorkspaceMemberAddParams{UserID: ben, WorkspaceRole: "workspace_user"})))
	whole(t, must[*sdk.OrganizationUserRemoveResponse](t)(a.Users.Remove(ctx, ben)))
	if _, err := a.ServiceAccounts.List(ctx, sdk.OrganizationServiceAccountListParams{}); err == nil {
		t.Error("an Admin API key was shown service accounts")
	}
	return rec
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What nhitop sends is what the SDK sends.
func TestAnthropic(t *testing.T) {
	now := func() time.Time { return at }
	theirs := askClaude(t, anthropicsim.New(claudeWorld(), now))
	sim := anthropicsim.New(claudeWorld(), now)
	ours := &tape{next: sources.InProcess(sim)}
	o := anthropic.Defaults()
	o.URL, o.Token.Env, o.OAuth.Env, o.Revoke, o.UsageDays = "https://api.example.com", "admin", "oauth", true, 1
	s, err := anthropic.New(o, sources.Env{Now: now, Getenv: sim.Value, Transport: func(string) http.RoundTripper { return ours }})
	check(t, err)
	all(t, s, now, "")
	if sim.State(anthropicsim.IDAccount, "ci") != "archived" || sim.State(anthropicsim.IDKey, "one") != "archived" || sim.State(anthropicsim.IDUser, "ben@example.com") != "gone" {
		t.Error("not everything was taken away")
	}
	within(t, ours, theirs, "GET /v1/organizations/usage_report/claude_code")
}

// all reads everything, plans the end of everything but what bears a name, does it, and takes back what can be.
func all(t *testing.T, s sources.Source, now func() time.Time, but string) {
	t.Helper()
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, now)
	check(t, s.Collect(t.Context(), sink))
	snap := inventory.NewSnapshot(now(), merge.Merge([]inventory.Batch{sink.Batch()}, nil), false)
	r := s.(interface {
		revoke.Revoker
		revoke.Undoer
		revoke.Recoverer
	})
	var targets []revoke.Target
	for _, x := range snap.Records().Assistants {
		targets = append(targets, revoke.Target{ID: x.ID}, revoke.Target{ID: x.ID, Action: revoke.ActionAll})
	}
	for _, x := range snap.Records().Secrets {
		if but != "" && strings.Contains(x.Locations[0].Note, but) {
			continue
		}
		targets = append(targets, revoke.Target{ID: x.ID})
	}
	for _, x := range snap.Records().Owners {
		targets = append(targets, revoke.Target{ID: x.ID})
	}
	for _, target := range targets {
		steps, err := r.Plan(t.Context(), target, snap)
		check(t, err)
		done := map[string]bool{}
		plan := revoke.NewPlan(now(), 0, nil, nil, steps)
		for _, st := range plan.Steps {
			if st.Action == revoke.ActionManual {
				continue
			}
			got, err := r.Apply(t.Context(), st)
			check(t, err)
			p, err := r.Verify(t.Context(), st, got)
			check(t, err)
			if !p.Grade.Reaches(st.Promises) {
				t.Errorf("%s: %+v", st.Summary, p)
			}
			if len(got.Undo) > 0 && target.Action == "" && len(plan.Steps) == 1 {
				_, err := r.Undo(t.Context(), st, got)
				check(t, err)
			}
			done[st.ID] = true
		}
	}
}
