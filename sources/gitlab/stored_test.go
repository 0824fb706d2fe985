package gitlab

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitlab/gitlabsim"
	"nhitop/sources/internal/httpx"
)

// variableValue is what the API sends along with a variable.
var variableValue = "FAKE" + strings.Repeat("fa4e", 9)

// stores is a company with CI/CD variables, and a plain account that is an assistant's.
func stores() gitlabsim.World {
	w := company()
	w.Groups[0].Variables = []gitlabsim.Variable{{Key: "DEPLOY_TOKEN", Value: variableValue, Masked: true, Protected: true}, {Key: "REGION", Value: variableValue}}
	w.Projects[0].Variables = []gitlabsim.Variable{
		{Key: "ANTHROPIC_API_KEY", Value: variableValue}, {Key: "NODE_ENV", Value: variableValue}, {Key: "LICENCE", Value: variableValue, Hidden: true},
		{Key: "KUBE_TOKEN", Value: variableValue, Environment: "production"}, {Key: "KUBE_TOKEN", Value: variableValue, Environment: "staging", Masked: true},
	}
	w.Users = append(w.Users, gitlabsim.User{Username: "svc-refactor", Name: "Refactoring"})
	w.Groups[0].Members["svc-refactor"] = gitlabsim.Developer
	w.Tokens = append(w.Tokens, gitlabsim.Token{Name: "refactor", Title: "nightly", User: "svc-refactor", Scopes: []string{"api"}, Created: days(-9), LastUsed: days(-1)})
	return w
}

func storing(o *Options) {
	o.Variables, o.Assistants = true, map[string]string{"svc-refactor*": "custom"}
}

// The names of CI/CD variables are read, and how they are guarded; their values go nowhere.
func TestVariablesWithoutTheirValues(t *testing.T) {
	sim := gitlabsim.New(stores(), func() time.Time { return at })
	o := open(t, sim, "admin", nil, storing)
	for range 2 { // the second time from what a cache would have kept
		b, st := o.read()
		if st.Status != inventory.SourceOK {
			t.Fatal(st.Status, st.Reason)
		}
		got := map[string]string{}
		for _, x := range b.Records.Secrets {
			if x.Kind == "ci-secret" && x.Locations[0].Scope == inventory.ScopeProvider {
				got[x.Note] = x.Locations[0].Note
			}
		}
		for name, says := range map[string]string{
			"DEPLOY_TOKEN":      "CI/CD variable of acme, for protected branches, masked, read by Maintainers",
			"ANTHROPIC_API_KEY": "CI/CD variable of acme/core/api, for all branches, shown in logs of jobs, read by Maintainers",
			"LICENCE":           "masked, hidden",
			"KUBE_TOKEN":        "shown in logs of jobs, read by Maintainers, environment production; for all branches, masked, read by Maintainers, environment staging",
		} {
			if !strings.Contains(got[name], says) {
				t.Errorf("%s: %q", name, got[name])
			}
		}
		if len(got) != 4 {
			t.Errorf("what is no secret is one: %v", got)
		}
		text, err := json.Marshal(b)
		if err != nil || strings.Contains(string(text), variableValue[:9]) {
			t.Errorf("a value came out: %v", err)
		}
	}
	kept := unstored{httpx.NewCache(1 << 20)}
	for path, want := range map[string]bool{"/groups/201/variables?page=1": false, "/projects/301/variables/KEY": false, "/groups/201/members": true} {
		kept.Put("GET "+o.http.URL(path), httpx.Entry{Body: []byte("{}")})
		if _, ok := kept.Get("GET " + o.http.URL(path)); ok != want {
			t.Errorf("%s: an answer is kept: %v", path, ok)
		}
	}
	if b, _ := open(t, sim, "admin", nil).read(); strings.Contains(b.Records.Secrets[0].Note, "TOKEN") || line(b, "/projects/301/variables").Path != "" {
		t.Error("read without being asked for")
	}
}

// A job's variable is the one that the project keeps.
func TestAVariableIsTheOneOfTheJob(t *testing.T) {
	o := open(t, gitlabsim.New(stores(), func() time.Time { return at }), "admin", nil, storing)
	b, _ := o.read()
	for _, x := range b.Records.Secrets {
		if x.Note == "ANTHROPIC_API_KEY" && x.Kind == "ci-secret" && len(x.Assistants) > 0 {
			return
		}
	}
	t.Error("no assistant is known to get ANTHROPIC_API_KEY")
}

func TestVariablesAreDeleted(t *testing.T) {
	sim := gitlabsim.New(stores(), func() time.Time { return at })
	r := unread(t, sim, "admin", "admin-api")
	storing(&r.opt)
	r.again()
	for name, says := range map[string]string{"DEPLOY_TOKEN": "delete=done,attested", "LICENCE": "delete=done,attested", "KUBE_TOKEN": "manual=waiting"} {
		p := r.plan(r.secret(name).ID, "")
		if got := r.do(p); said(got) != says || p.Steps[0].Layer != revoke.LayerCopy || strings.Contains(p.Steps[0].Effect, "refuses") {
			t.Errorf("%s: %s %+v", name, said(got), got.Steps)
		}
	}
	if sim.State("DEPLOY_TOKEN") != "gone" || sim.State("LICENCE") != "gone" || sim.State("KUBE_TOKEN") != "there" {
		t.Error("what is left")
	}
}

// A plain account that is an assistant's is blocked and unblocked by an administrator.
func TestAPlainAccountIsBlocked(t *testing.T) {
	sim := gitlabsim.New(stores(), func() time.Time { return at })
	for _, c := range []struct{ revokes, says string }{{"admin-api", "suspend=done,attested"}, {"ana-api", ""}} {
		r := unread(t, sim, "admin", c.revokes)
		o := open(t, sim, "admin", nil, storing, func(o *Options) { o.Revoke, o.RevokeToken.Env = true, "TOKEN_"+c.revokes })
		r.opened, r.exec.Revokers = o, map[string]revoke.Revoker{o.name: o.Source}
		r.again()
		p := r.plan(r.assistant("svc-refactor").ID, "")
		if len(p.Steps) == 0 {
			if c.says != "" {
				t.Errorf("%s: nothing is planned", c.revokes)
			}
			continue
		}
		got := r.do(p)
		if said(got) != c.says || sim.Works("refactor") {
			t.Errorf("%s: %s %+v", c.revokes, said(got), got.Steps)
		}
		if _, err := r.exec.Undo(r.held, got.ID, revoke.Consent{By: "test", Reason: "test", Yes: true}, nil); err != nil || !sim.Works("refactor") {
			t.Errorf("not unblocked: %v", err)
		}
	}
}
