package contract

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// told collects what a contract reports, where a test wants it to.
type told struct{ wrong []string }

func (*told) Helper() {}

func (x *told) Errorf(format string, args ...any) {
	x.wrong = append(x.wrong, fmt.Sprintf(format, args...))
}

func (x *told) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// The documents are sound by themselves, and the cut has the operations of the list and no more.
func TestDocuments(t *testing.T) {
	c := Load(t)
	none := "" // the cut has no prose, and an answer must have some
	for _, r := range c.doc.Components.Responses {
		r.Value.Description = &none
	}
	for _, op := range c.byID {
		for _, r := range op.Responses.Map() {
			r.Value.Description = &none
		}
	}
	if err := c.doc.Validate(context.Background()); err != nil {
		t.Error(err)
	}
	var have []string
	for path, item := range c.doc.Paths.Map() {
		for method := range item.Operations() {
			have = append(have, method+" "+strings.Replace(path, "{path:.+}", "{path}", 1))
		}
	}
	want := lines(t, operationsFile)
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the cut has\n%v\nthe list\n%v", have, want)
	}
	if n := len(openapi); n > 600_000 {
		t.Errorf("the cut has %d bytes", n)
	}
	if len(c.byID) != len(have) {
		t.Errorf("%d operations, %d ids", len(have), len(c.byID))
	}
}

const grant = `{"id":1,"owner":null,"repository_selection":"all","repositories_url":"x","permissions":{},"access_granted_at":"x","token_id":1,"token_name":"x","token_expired":false,"token_expires_at":null,"token_last_used_at":null}`

// What is wrong is found, each in its own place.
func TestWhatIsCaught(t *testing.T) {
	for _, c := range []struct {
		what, body string
		status     int
		answer     string
		want       string
	}{
		{"GET /orgs/acme/actions/permissions/workflow", "", 200, `{"default_workflow_permissions":"read","can_approve_pull_request_reviews":true}`, ""},
		{"GET /orgs/acme/actions/permissions/workflow", "", 200, `{"default_workflow_permissions":"read","can_approve_pull_request_reviews":true,"made_up":1}`, "made_up"},
		{"GET /orgs/acme/actions/permissions/workflow", "", 200, `{"default_workflow_permissions":"all","can_approve_pull_request_reviews":true}`, "default_workflow_permissions"},
		{"GET /orgs/acme/actions/permissions/workflow", "", 200, `{"default_workflow_permissions":"read"}`, "can_approve"},
		{"GET /orgs/acme/actions/permissions/workflow", "", 418, `{}`, "no answer 418"},
		{"GET /orgs/acme/actions/permissions/workflow", "", 403, `{"message":"no","documentation_url":"x","status":"403"}`, ""},
		{"GET /orgs/acme/actions/permissions/workflow", "", 403, `{"reason":"no"}`, "reason"},
		{"GET /orgs/acme/made/up", "", 404, `{"message":"Not Found"}`, "no such operation"},
		{"GET /orgs/acme/installations?per_page=abc", "", 404, `{"message":"Not Found"}`, "per_page"},
		{"GET /orgs/acme/installations?made_up=1", "", 404, `{"message":"Not Found"}`, "made_up"},
		{"GET /repos/acme/shop/contents/.github/workflows/a.yml", "", 404, `{"message":"Not Found"}`, ""},
		{"GET /repos/acme/shop/branches/a%2Fb/protection", "", 404, `{"message":"Not Found"}`, ""},
		{"GET /api/v3/repos/acme/shop/branches/a%2Fb/protection", "", 404, `{"message":"Not Found"}`, ""},
		{"GET /orgs/acme/personal-access-tokens", "", 200, `[` + grant + `]`, "owner"},
		{"GET /installation/repositories", "", 200, `{"total_count":0,"repositories":[],"repository_selection":"all"}`, ""},
		{"GET /orgs/acme/rulesets", "", 200, `[{"id":1,"name":"x","source":"acme","enforcement":"active","conditions":{"ref_name":{"include":[],"exclude":[]},"made_up":1}}]`, "conditions"},
		{"POST /orgs/acme/personal-access-tokens/7", `{"action":"revoke"}`, 204, "", ""},
		{"POST /orgs/acme/personal-access-tokens/7", `{"action":"nope"}`, 204, "", "action"},
		{"POST /orgs/acme/personal-access-tokens/x", `{"action":"revoke"}`, 204, "", "pat_id"},
		{"POST /credentials/revoke", `{"credentials":"x"}`, 202, "{}", "credentials"},
		{"POST /graphql", `{"query":"{viewer{login}}"}`, 200, `{"data":{"viewer":{"login":"x"}}}`, ""},
		{"POST /graphql", `{"query":"{viewer{login madeUp}}"}`, 200, `{"data":{"viewer":{"login":"x"}}}`, "madeUp"},
		{"POST /graphql", `{"query":"{viewer{login}}"}`, 200, `{"data":{"viewer":{"login":7}}}`, "data.viewer.login"},
		{"POST /graphql", `{"query":"{viewer{login}}"}`, 200, `{"data":{"viewer":{"login":"x","id":"y"}}}`, "was not asked for"},
		{"POST /graphql", `{"query":"{viewer{login id}}"}`, 200, `{"data":{"viewer":{"login":"x"}}}`, "is missing"},
		{"POST /graphql", `{"query":"{viewer{login}}"}`, 200, `{"data":{"viewer":null}}`, "is null"},
		{"POST /graphql", `{"query":"query($n:Int!){organization(login:\"a\"){repositories(first:$n){totalCount}}}","variables":{"n":"x"}}`, 200, `{"data":{"organization":null}}`, "variables"},
	} {
		told := &told{}
		h := Load(t).Wrap(told, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if c.answer != "" {
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
			}
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.answer))
		}))
		method, path, _ := strings.Cut(c.what, " ")
		r := httptest.NewRequest(method, "https://api.github.com"+path, strings.NewReader(c.body))
		if c.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || w.Body.String() != c.answer {
			t.Errorf("%s: the answer was changed: %d %s", c.what, w.Code, w.Body)
		}
		got := strings.Join(told.wrong, "\n")
		if c.want == "" && got != "" || c.want != "" && !strings.Contains(got, c.want) {
			t.Errorf("%s %s -> %d %s:\nhave %q\nwant %q", c.what, c.body, c.status, c.answer, got, c.want)
		}
	}
}

func TestOperationIDs(t *testing.T) {
	ids := slices.Sorted(maps.Keys(Load(t).byID))
	if !slices.Contains(ids, "orgs/list-app-installations") {
		t.Error(ids)
	}
}
