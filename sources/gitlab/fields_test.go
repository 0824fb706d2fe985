package gitlab

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"nhitop/sources/gitlab/gitlabsim"
)

// Every field that is read is one that the simulator gives, which in turn is held to GitLab's own client (.ci/gitlab).
func TestFieldsThatAreRead(t *testing.T) {
	w := company()
	w.SaaS = true
	w.Tokens[8].CreatedBy = "cem"
	w.SSHKeys = []gitlabsim.SSHKey{{Title: "x", User: "ana"}}
	w.Projects[0].Protected = []gitlabsim.ProtectedEnvironment{{Name: "production", Deploy: maintainers, Approvals: maintainers}}
	w.Projects[0].Variables = []gitlabsim.Variable{{Key: "K"}}
	w.Projects[0].SharedWith = map[string]gitlabsim.Access{"acme": gitlabsim.Guest}
	w.Projects[0].CIConfigPath = ".gitlab-ci.yml"
	saas := gitlabsim.New(w, func() time.Time { return at })
	w.SaaS = false
	own := gitlabsim.New(w, func() time.Time { return at })
	for _, c := range []struct {
		sim         *gitlabsim.Sim
		token, path string
		into        any
	}{
		{own, "admin", "/users", userShape{}},
		{own, "admin", "/metadata", metadataShape{}},
		{own, "admin", "/projects/301/members", memberShape{}},
		{own, "admin", "/projects/301/access_tokens", tokenShape{}},
		{own, "admin", "/groups/201/service_accounts", serviceShape{}},
		{own, "admin", "/groups/202", groupShape{}},
		{own, "admin", "/projects/301", projectShape{}},
		{own, "admin", "/projects/303/deploy_tokens", deployTokenShape{}},
		{own, "admin", "/projects/301/triggers", triggerShape{}},
		{own, "admin", "/runners/all", runnerShape{}},
		{own, "admin", "/projects/301/protected_branches", branchShape{}},
		{own, "admin", "/projects/301/protected_environments", protectedEnvShape{}},
		{own, "admin", "/projects/301/environments", environmentShape{}},
		{own, "admin", "/projects/301/approvals", approvalsShape{}},
		{own, "admin", "/projects/301/approval_rules", ruleShape{}},
		{own, "admin", "/projects/301/variables", variableShape{}},
		{own, "admin", "/applications", applicationShape{}},
		{own, "admin", "/projects/301/cluster_agents", agentShape{}},
		{own, "admin", "/projects/301/cluster_agents/" + number(own.ID("prod-cluster")) + "/tokens/" + number(own.ID("in the cluster")), agentTokenShape{}},
		{saas, "ana-read", "/groups/201/manage/ssh_keys", sshKeyShape{}},
		{saas, "ana-read", "/groups/201/manage/resource_access_tokens", tokenShape{}},
	} {
		r := httptest.NewRequest(http.MethodGet, "https://"+host+"/api/v4"+c.path, nil)
		r.Header.Set("PRIVATE-TOKEN", c.sim.Value(c.token))
		rec := httptest.NewRecorder()
		c.sim.ServeHTTP(rec, r)
		var items []map[string]any
		if json.Unmarshal(rec.Body.Bytes(), &items) != nil {
			var one map[string]any
			if err := json.Unmarshal(rec.Body.Bytes(), &one); err != nil {
				t.Fatalf("%s: %d %v", c.path, rec.Code, err)
			}
			items = append(items, one)
		}
		given := map[string]bool{}
		for _, x := range items {
			for k := range x {
				given[k] = true
			}
		}
		for _, name := range fieldsOf(reflect.TypeOf(c.into)) {
			onlyOfUsers := c.path == "/projects/301/members" && (name == "bot" || name == "is_admin") // read of /users alone
			if !given[name] && !onlyOfUsers {
				t.Errorf("%s gives no %q", c.path, name)
			}
		}
	}
}

func fieldsOf(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			out = append(out, fieldsOf(f.Type)...)
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			out = append(out, name)
		}
	}
	return out
}
