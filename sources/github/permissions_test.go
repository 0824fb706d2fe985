package github

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/github/githubsim"
)

// accepted notes which permission each request takes, as GitHub tells it with its answer.
type accepted struct {
	mu   sync.Mutex
	need map[string]string // permission:level to one request that takes it
}

// note looks at the requests to a simulator that an app makes.
func note(sim *githubsim.Sim) *accepted {
	a := &accepted{need: map[string]string{}}
	sim.Within(func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			if p := w.Header().Get("X-Accepted-GitHub-Permissions"); p != "" {
				a.mu.Lock()
				defer a.mu.Unlock()
				a.need[strings.Replace(p, "=", ":", 1)] = r.Method + " " + r.URL.Path
			}
		})
	})
	return a
}

// permissionKey is how the API spells a permission that the README names.
func permissionKey(name, of string) string {
	key := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(name))
	switch {
	case name == "Members":
		return "members"
	case name == "GitHub Copilot Business":
		return "organization_copilot_seat_management"
	case strings.HasPrefix(name, "Enterprise "):
		return key
	case of == "organisation":
		return "organization_" + key
	}
	return key
}

// ofReadme are the permissions that the README asks for, to read and to revoke.
func ofReadme(t *testing.T) (reads, writes map[string]bool) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(text), "### GitHub\n")
	part, _, _ = strings.Cut(part, "\n### ")
	reads, writes = map[string]bool{}, map[string]bool{}
	row := regexp.MustCompile(`(?m)^ +\| (repository|organisation) \| ([^|]+) \|`)
	for _, m := range row.FindAllStringSubmatch(part, -1) {
		for name := range strings.SplitSeq(m[2], ",") {
			reads[permissionKey(strings.TrimSpace(name), m[1])] = true
		}
	}
	_, table, _ := strings.Cut(part, "| to do this | it takes |")
	group := regexp.MustCompile(`([A-Z][A-Za-z, -]+) \((repository|organisation)`)
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range group.FindAllStringSubmatch(cells[2], -1) {
			for name := range strings.SplitSeq(m[1], ",") {
				if name = strings.TrimSpace(name); name != "" {
					writes[permissionKey(name, m[2])] = true
				}
			}
		}
	}
	return reads, writes
}

// What is read takes the permissions that the README asks for, each of them, and no other; and the app of the tests has no
// more than those.
func TestReadingTakesWhatTheReadmeAsksFor(t *testing.T) {
	reads, _ := ofReadme(t)
	s := scene{world: full(), opt: options()}
	o := &s.world.Orgs[0]
	o.Requests = []githubsim.Grant{{ID: 65, TokenID: 75, TokenName: "wish", Owner: "max", Granted: ago(1)}}
	asApp(t, &s)
	a := note(s.simulate(t))
	if b, err := s.read(t); err != nil {
		t.Fatalf("%v\n%s", err, ledgerText(b))
	}
	for need, by := range a.need {
		name, level, _ := strings.Cut(need, ":")
		if strings.HasSuffix(by, "/rulesets") && level == "write" {
			continue // who gets past them is shown to nobody else: the README says so, and that it can be done without
		}
		if !reads[name] || level != "read" {
			t.Errorf("%s takes %s, of which the README says nothing", by, need)
		}
	}
	for name := range readerPermissions {
		if !reads[name] {
			t.Errorf("the app of the tests has %s, which the README does not ask for", name)
		}
	}
	byGraph := map[string]bool{"metadata": true, "contents": true} // of GraphQL, which does not tell
	for name := range reads {
		if readerPermissions[name] == "" {
			t.Errorf("the README asks for %s, and the app of the tests has it not", name)
		}
		if a.need[name+":read"] == "" && !byGraph[name] {
			t.Errorf("the README asks for %s, and nothing that is read takes it", name)
		}
	}
}

// What is revoked takes the permissions that the README names for it.
func TestRevokingTakesWhatTheReadmeNames(t *testing.T) {
	_, writes := ofReadme(t)
	w := machines()
	o := &w.Orgs[0]
	o.Requests = []githubsim.Grant{{ID: 65, TokenID: 75, TokenName: "wish", Owner: "max", Granted: ago(1), Repository: perms{"contents": "read"}}}
	o.Repos[0].AgentSecrets = []githubsim.Secret{{Name: "MCP_KEY", Created: ago(2), Updated: ago(2)}}
	o.Secrets = []githubsim.Secret{{Name: "ALL", Visibility: "all", Created: ago(2), Updated: ago(2)}}
	o.Repos[0].Runners = []githubsim.Runner{{ID: 811, Name: "of web"}}
	s := newStage(t, w, ofMachines)
	a := note(s.sim)
	r := s.snap.Records()
	var ids []inventory.ID
	for i := range r.Secrets {
		ids = append(ids, r.Secrets[i].ID)
	}
	for i := range r.Resources {
		ids = append(ids, r.Resources[i].ID)
	}
	for i := range r.Owners {
		ids = append(ids, r.Owners[i].ID)
	}
	for i := range r.Assistants {
		ids = append(ids, r.Assistants[i].ID)
	}
	for _, id := range ids {
		steps, err := s.src.Plan(t.Context(), revoke.Target{ID: id}, s.snap)
		if err != nil {
			t.Errorf("%s: %v", id, err)
		}
		for _, st := range steps {
			if st.Action != revoke.ActionManual {
				_, _ = s.src.Apply(t.Context(), st) // one that another has ended fails
			}
		}
	}
	var seen []string
	for need, by := range a.need {
		name, level, _ := strings.Cut(need, ":")
		if level != "write" {
			continue
		}
		seen = append(seen, name)
		if !writes[name] {
			t.Errorf("%s takes %s, of which the README says nothing", by, need)
		}
	}
	slices.Sort(seen)
	want := []string{"actions", "administration", "agent_secrets", "environments", "members", "organization_administration", "organization_agent_secrets",
		"organization_copilot_agent_settings", "organization_copilot_seat_management", "organization_personal_access_token_requests", "organization_personal_access_tokens",
		"organization_secrets", "organization_self_hosted_runners", "secrets"}
	if missing := slices.DeleteFunc(slices.Clone(want), func(p string) bool { return slices.Contains(seen, p) }); len(missing) > 0 {
		t.Errorf("nothing was revoked that takes %v; so it is not known whether the README is right: %v", missing, seen)
	}
}
