package scim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/people"
	"nhitop/sources/scim/scimsim"
	"nhitop/sources/sourcetest"
)

const (
	token = "scim-FAKE-token-1234567890"
	table = "url = \"https://idp.example.com/scim/v2\"\ntoken = { env = \"SCIM_TOKEN\" }\npage = 4\nlogins = { github = \"nickName\" }\ndomains = [\"example.com\"]\n"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// staff are people in every state, and so many more.
func staff(more int) []scimsim.User {
	us := []scimsim.User{
		{ID: "1", UserName: "alice@example.com", Display: "Alice Example", Nick: "al-ice", Emails: []string{"alice@example.com", "a.example@example.com"}, Active: true, Department: "Payments", Manager: "9", Modified: "2026-01-02T03:04:05Z"},
		{ID: "2", UserName: "bob", Display: "Bob", Emails: []string{"bob@example.com"}, Active: false, Manager: "9", Modified: "2026-10-02T03:04:05Z"},
		{ID: "3", UserName: "carol", Display: "Carol", Emails: []string{"carol@example.com"}},
		{ID: "4", UserName: "dora@example.com", Display: "Dora", Active: "False", Manager: "77", ManagerName: "The Boss"},
		{ID: "5", UserName: "erin", Display: "Erin", Emails: []string{"erin@example.com"}, Active: "maybe"},
	}
	for i := range more {
		us = append(us, scimsim.User{ID: fmt.Sprint("m", i), UserName: fmt.Sprintf("m%d", i), Display: fmt.Sprint("More ", i), Emails: []string{fmt.Sprintf("m%d@example.com", i)}, Active: true})
	}
	return append(us, scimsim.User{ID: "9", UserName: "boss", Display: "Boss", Emails: []string{"boss@example.com"}, Active: true})
}

func asked(t testing.TB, source, name, mail string) inventory.Owner {
	t.Helper()
	p, ok := people.New(name, mail, "", inventory.Evidence{Path: "x"})
	if !ok {
		t.Fatal(name)
	}
	o := p.Owner("")
	o.Sources = []string{source}
	return o
}

func everybody(t testing.TB) []inventory.Owner {
	return []inventory.Owner{asked(t, "gitlab", "Alice", "alice@example.com"), asked(t, "gitlab", "A", "A.Example@example.com"), asked(t, "github:acme", "al-ice", ""),
		asked(t, "gitlab", "Bob", "bob@example.com"), asked(t, "gitlab", "Carol", "carol@example.com"), asked(t, "gitlab", "Dora", "dora@example.com"),
		asked(t, "gitlab", "Erin", "erin@example.com"), asked(t, "gitlab", "Nobody", "nobody@example.com"), asked(t, "gitlab", "Other", "o@elsewhere.example")}
}

func env(h http.Handler) sources.Env {
	return sources.Env{Now: func() time.Time { return today }, Getenv: func(string) string { return token }, Transport: func(string) http.RoundTripper { return httpx.InProcess(h) }}
}

func options() Options {
	o := Defaults()
	o.URL, o.Token.Env, o.Page, o.Logins, o.Domains = "https://idp.example.com/scim/v2", "SCIM_TOKEN", 4, map[string]string{"github": "nickName"}, []string{"example.com"}
	return o
}

func resolve(t testing.TB, h http.Handler, o Options, who ...inventory.Owner) (map[string]inventory.Owner, inventory.Batch, error) {
	t.Helper()
	s, err := New(o, env(h))
	if err != nil {
		t.Fatal(err)
	}
	sink := inventory.NewSink("scim", inventory.Key{1}, func() time.Time { return today })
	err = s.(sources.Directory).Resolve(t.Context(), who, sink)
	out := map[string]inventory.Owner{}
	for _, x := range sink.Batch().Records.Owners {
		out[x.Name] = x
	}
	return out, sink.Batch(), err
}

// However the service gives its users, the answer is the same.
func TestWhoIsStillThere(t *testing.T) {
	for name, c := range map[string]struct {
		o        scimsim.Options
		requests int
	}{
		"filtered":         {scimsim.Options{Users: staff(60)}, 1 + 1 + 2 + 1}, // what it can; a page; two whom that does not hold; a leaver's manager
		"listed by index":  {scimsim.Options{Users: staff(60), NoFilter: true}, 1 + 17},
		"listed by cursor": {scimsim.Options{Users: staff(60), NoFilter: true, Cursor: true}, 1 + 17},
		"refuses filters":  {scimsim.Options{Users: staff(60), Refuses: true}, 1 + 1 + 1 + 16},
		"tells nothing":    {scimsim.Options{Users: staff(60), Silent: true}, 1 + 17},
		"a short list":     {scimsim.Options{Users: staff(0)}, 1 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Token = token
			sim := scimsim.New(c.o)
			got, b, err := resolve(t, sim, options(), everybody(t)...)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string][3]string{
				"Alice Example": {"active", "active is true", ""}, "Bob": {"departed", "active is false; last changed on 2026-10-02", "boss@example.com"},
				"Carol": {"unknown", "active is not told", ""}, "Dora": {"departed", "active is false", "The Boss"}, "Erin": {"unknown", "active is not told", ""},
				"Nobody": {"unknown", "is not in the directory", ""},
			} {
				o := got[name]
				if o.Status != want[0] || o.StatusReason != want[1] || want[2] != "" && o.Manager != want[2] || len(o.Evidence) == 0 {
					t.Errorf("%s: %+v, want %v", name, o, want)
				}
			}
			if a := got["Alice Example"]; len(got) != 6 || len(a.Same) != 2 || a.Department != "Payments" || a.Email != "alice@example.com" {
				t.Errorf("%d people; alice is %+v", len(got), a)
			}
			if n := len(sim.Asked()); n != c.requests {
				t.Errorf("%d requests, not %d: %q", n, c.requests, sim.Asked())
			}
			if len(b.Records.Secrets) != 1 || b.Records.Secrets[0].Assistants[0] == "" {
				t.Errorf("nhitop's own token: %+v", b.Records.Secrets)
			}
		})
	}
}

// A service that contradicts itself is not believed: nobody has left because a list is short.
func TestListsThatLie(t *testing.T) {
	o := options()
	o.Absent = "departed"
	for name, sim := range map[string]scimsim.Options{
		"the same page again": {Users: staff(20), Repeats: true, NoFilter: true}, "fewer than it says": {Users: staff(2), Shrinks: true, NoFilter: true},
	} {
		sim.Token = token
		got, b, err := resolve(t, scimsim.New(sim), o, asked(t, "gitlab", "Nobody", "nobody@example.com"))
		if err == nil || len(got) != 0 || !slices.ContainsFunc(b.Ledger, func(l inventory.Looked) bool { return l.State == inventory.LookedUnparsed }) {
			t.Errorf("%s: %v, %+v, %+v", name, err, got, b.Ledger)
		}
	}
	if got, _, err := resolve(t, scimsim.New(scimsim.Options{Token: token, Users: staff(2)}), o, asked(t, "gitlab", "Nobody", "nobody@example.com")); err != nil || got["Nobody"].Status != "departed" {
		t.Errorf("a list that holds everybody: %v %+v", err, got)
	}
}

// What is asked for comes from outside: it must find what it names and nothing else.
func TestFiltersAreEscaped(t *testing.T) {
	for _, hostile := range []string{`x" or userName pr or userName eq "`, `"`, `\`, `a\" or active eq true`, "\x00", "*"} {
		who := inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "person", hostile), Kind: "person", Name: "x", Email: hostile + "@example.com"}
		sim := scimsim.New(scimsim.Options{Token: token, Users: staff(60)})
		got, b, err := resolve(t, sim, options(), who)
		if err != nil || len(got) != 1 || got["x"].Status != "unknown" || slices.ContainsFunc(b.Ledger, func(l inventory.Looked) bool { return l.State == inventory.LookedSkipped }) {
			t.Errorf("%q: %v finds %+v; %+v", hostile, err, got, b.Ledger)
		}
	}
}

func TestConformance(t *testing.T) {
	sim := scimsim.New(scimsim.Options{Token: token, Users: staff(10)})
	sourcetest.Run(t, Factory, sourcetest.Case{Name: "sim", Env: env(sim), Table: table, Who: everybody(t), Planted: []string{token}})
}

func TestFaultsOnEveryCall(t *testing.T) {
	for _, o := range []scimsim.Options{{Users: staff(60)}, {Users: staff(10), NoFilter: true}, {Users: staff(10), NoFilter: true, Cursor: true}} {
		o.Token = token
		sim := scimsim.New(o)
		sourcetest.Faults(t, Factory, sourcetest.HTTP{Env: env(sim), Table: table, Who: everybody(t), Next: httpx.InProcess(sim), Host: "idp.example.com", Values: []string{token},
			Optional: func(path string) bool {
				return strings.HasSuffix(path, "/ServiceProviderConfig") || strings.HasSuffix(path, "/Users/9")
			}})
	}
}

func TestOptions(t *testing.T) {
	for key, change := range map[string]func(*Options){
		"name": func(o *Options) { o.Name = "a b" }, "token": func(o *Options) { o.Token.Env = "" }, "url": func(o *Options) { o.URL = "http://idp.example.com" },
		"logins": func(o *Options) { o.Logins = map[string]string{"github": "x eq 1"} }, "page": func(o *Options) { o.Page = 0 },
		"absent": func(o *Options) { o.Domains, o.Absent = nil, "departed" },
	} {
		o := options()
		change(&o)
		if _, err := New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), key+":") {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// The simulator's answers have what the RFCs ask for: RFC 7643 3 and 5, RFC 7644 3.4.2 and 3.12, RFC 9865.
func TestTheSimulatorKeepsToTheRFCs(t *testing.T) {
	get := func(o scimsim.Options, path string) map[string]any {
		o.Token = token
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/scim/v2"+path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		scimsim.New(o).ServeHTTP(w, r)
		var m map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Header().Get("Content-Type") != "application/scim+json" {
			t.Fatalf("%s: %v %q", path, err, w.Header().Get("Content-Type"))
		}
		m["HTTP"] = w.Code
		return m
	}
	us := staff(5)
	for path, want := range map[string]map[string]any{
		"/Users?startIndex=3&count=2":  {"HTTP": 200, "totalResults": 11.0, "itemsPerPage": 2.0, "startIndex": 3.0},
		"/Users?startIndex=-1&count=0": {"HTTP": 200, "totalResults": 11.0, "itemsPerPage": 0.0, "startIndex": 1.0},
		"/Users?cursor=&count=2":       {"HTTP": 200, "totalResults": 11.0, "nextCursor": "c2"},
		"/Users?cursor=c10&count=2":    {"HTTP": 200, "itemsPerPage": 1.0, "nextCursor": nil},
		"/Users?filter=userName+pr":    {"HTTP": 400, "status": "400", "scimType": "invalidFilter"},
		"/Users/nobody":                {"HTTP": 404, "status": "404"},
		"/Users/1":                     {"HTTP": 200, "id": "1", "userName": "alice@example.com", "active": true},
		"/ServiceProviderConfig":       {"HTTP": 200},
	} {
		got := get(scimsim.Options{Users: us}, path)
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %v, not %v", path, k, got[k], v)
			}
		}
		if s, ok := got["schemas"].([]any); !ok || len(s) == 0 || !strings.HasPrefix(fmt.Sprint(s[0]), "urn:ietf:params:scim:") {
			t.Errorf("%s: schemas %v", path, got["schemas"])
		}
	}
	for _, key := range []string{"patch", "bulk", "filter", "changePassword", "sort", "etag", "authenticationSchemes"} {
		if get(scimsim.Options{}, "/ServiceProviderConfig")[key] == nil {
			t.Errorf("the configuration lacks %s (RFC 7643 5)", key)
		}
	}
}

// FuzzUsers gives the source what a service might say of users.
func FuzzUsers(f *testing.F) {
	for _, seed := range []string{
		`{"schemas":["` + listSchema + `"],"totalResults":1,"Resources":[{"id":"1","userName":"alice@example.com","active":true,"emails":[{"value":"alice@example.com","primary":true}]}]}`,
		`{"schemas":["` + listSchema + `"],"totalResults":1,"Resources":[{"id":"1","active":"False","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"2"}}]}`,
		`{"totalResults":0}`, `[]`, `null`, `{"schemas":["` + listSchema + `"],"totalResults":-1,"Resources":null}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		_, b, _ := resolve(t, h, options(), asked(t, "gitlab", "Alice", "alice@example.com"))
		for _, o := range b.Records.Owners {
			if o.Status == "" || len(o.Evidence) == 0 {
				t.Errorf("%+v", o)
			}
		}
	})
}
