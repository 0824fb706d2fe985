package contract

import (
	"strings"
	"testing"
	"time"
)

type anInstallation struct {
	ID        int64             `json:"id"`
	Slug      string            `json:"app_slug"`
	Rights    map[string]string `json:"permissions"`
	Suspended *time.Time        `json:"suspended_at"`
	Account   struct {
		Login string `json:"login"`
	} `json:"account"`
}

func TestFieldsThatAreRead(t *testing.T) {
	Known(t, "orgs/list-app-installations", "installations", anInstallation{})
	Known(t, "orgs/list-app-installations", "", struct {
		Total int              `json:"total_count"`
		List  []anInstallation `json:"installations"`
	}{})
	Known(t, "orgs/get-audit-log", "", struct {
		At   int64  `json:"@timestamp"`
		Hash string `json:"hashed_token"`
	}{})
	for _, c := range []struct {
		op, at string
		v      any
		want   string
	}{
		{"orgs/list-app-installations", "installations", struct {
			X string `json:"installer"`
		}{}, "no such field"},
		{"orgs/list-app-installations", "installations", struct {
			X string `json:"id"`
		}{}, "is [integer]"},
		{"orgs/list-app-installations", "installations", struct {
			X struct {
				Y bool `json:"login"`
			} `json:"account"`
		}{}, "account/login: is [string]"},
		{"orgs/list-app-installations", "apps", anInstallation{}, `no "apps"`},
		{"orgs/made-up", "", anInstallation{}, "no operation"},
		{"repos/delete-deploy-key", "", anInstallation{}, "no answer in JSON"},
	} {
		told := &told{}
		Known(told, c.op, c.at, c.v)
		if got := strings.Join(told.wrong, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s %s %T: %q, want %q", c.op, c.at, c.v, got, c.want)
		}
	}
}

func TestFieldsThatAreAskedFor(t *testing.T) {
	type org struct {
		Organization *struct {
			Login        string `json:"login"`
			Repositories struct {
				Nodes []struct {
					Name string `json:"name"`
				} `json:"nodes"`
			} `json:"repositories"`
		} `json:"organization"`
	}
	KnownGraph(t, `query($o:String!){organization(login:$o){...o}} fragment o on Organization{login repositories(first:1){nodes{name}}}`, org{})
	for query, want := range map[string]string{
		`{organization(login:"x"){login repositories(first:1){nodes{id}}}}`:     "data.organization.repositories.nodes.name is read",
		`{organization(login:"x"){login repositories(first:1){nodes{madeUp}}}}`: "madeUp",
	} {
		told := &told{}
		KnownGraph(told, query, org{})
		if got := strings.Join(told.wrong, "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
