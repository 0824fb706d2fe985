package pagerduty

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/people"
	"nhitop/sources/pagerduty/pagerdutysim"
	"nhitop/sources/sourcetest"
)

const (
	token = "pd-FAKE-key-1234567890"
	table = "token = { env = \"PAGERDUTY_TOKEN\" }\non_call = { \"@acme/pay\" = \"service:S1\", \"acme/sched\" = \"schedule:H1\", \"acme/pol\" = \"policy:P3\" }\n"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func account() pagerdutysim.World {
	return pagerdutysim.World{
		Token: token, Teams: map[string]string{"T1": "Payments", "T2": "Platform", "T3": "Twice", "T4": "twice", "T5": "Idle"}, Services: map[string]string{"S1": "P1"},
		Policies: map[string]string{"P1": "T1", "P2": "T2", "P2b": "T2", "P3": "T1"},
		Users:    map[string]string{"U1": "Oscar Call <oscar@example.com>", "U2": "Second <second@example.com>", "U3": "Third <third@example.com>"},
		Calls: []pagerdutysim.Call{{User: "U2", Policy: "P1", Level: 2}, {User: "U1", Policy: "P1", Level: 1, Schedule: "H1", End: "2026-11-27T09:00:00Z"}, {User: "U3", Policy: "P1", Level: 3},
			{User: "U1", Policy: "P2", Level: 1}, {User: "U3", Policy: "P2b", Level: 1}, {User: "U2", Policy: "P3", Level: 1}},
	}
}

func team(name string) inventory.Owner {
	p, _ := people.CodeOwner("@"+name, inventory.Evidence{Path: "x"})
	return p.Owner("")
}

func teams() []inventory.Owner {
	return []inventory.Owner{team("acme/pay"), team("acme/sched"), team("acme/pol"), team("acme/platform"), team("acme/twice"), team("acme/idle"), team("acme/none"),
		{ID: inventory.NewID(inventory.NounOwner, "person", "x"), Kind: "person", Name: "platform"}}
}

func env(h http.Handler) sources.Env {
	return sources.Env{Now: func() time.Time { return today }, Getenv: func(string) string { return token }, Transport: func(string) http.RoundTripper { return httpx.InProcess(h) }}
}

func resolve(t *testing.T, w pagerdutysim.World) (map[string]inventory.Owner, []string, error) {
	t.Helper()
	o := Defaults()
	o.Token.Env, o.OnCall = "PAGERDUTY_TOKEN", map[string]string{"@acme/pay": "service:S1", "acme/sched": "schedule:H1", "acme/pol": "policy:P3"}
	sim := pagerdutysim.New(w)
	s, err := New(o, env(sim))
	if err != nil {
		t.Fatal(err)
	}
	sink := inventory.NewSink("pagerduty", inventory.Key{1}, func() time.Time { return today })
	err = s.(sources.Directory).Resolve(t.Context(), teams(), sink)
	out := map[string]inventory.Owner{}
	for _, x := range sink.Batch().Records.Owners {
		out[x.Name] = x
	}
	return out, sim.Asked(), err
}

func TestWhoIsOnCall(t *testing.T) {
	id := func(mail string) inventory.ID { return inventory.NewID(inventory.NounOwner, "person", mail) }
	oscar, second, third := id("oscar@example.com"), id("second@example.com"), id("third@example.com")
	for name, change := range map[string]func(*pagerdutysim.World){
		"as it is": func(*pagerdutysim.World) {}, "in pages of one": func(w *pagerdutysim.World) { w.Most = 1 }, "users by reference": func(w *pagerdutysim.World) { w.Bare = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := account()
			change(&w)
			got, _, err := resolve(t, w)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string][]inventory.ID{"acme/pay": {oscar, second}, "acme/sched": {oscar}, "acme/pol": {second}, "acme/platform": {oscar, third}} {
				if o := got[name]; !slices.Equal(o.OnCall, want) || o.Kind != "team" || o.ID != team(name).ID || len(o.Evidence) != len(want) {
					t.Errorf("%s: %+v, want %v", name, o, want)
				}
			}
			if o := got["Oscar Call"]; o.Status != "active" || o.ID != oscar || len(o.Evidence) != 3 || !strings.Contains(got["acme/sched"].Evidence[0].Note, "until 2026-11-27 09:00 UTC") {
				t.Errorf("%+v; %+v", o, got["acme/sched"].Evidence)
			}
			if len(got) != 4+3 {
				t.Errorf("%d owners: a name that two teams have, a team without a policy and one that is not there are nobody's", len(got))
			}
		})
	}
}

// Teams are looked up once, and users of the list are not asked for again.
func TestRequests(t *testing.T) {
	_, asked, err := resolve(t, account())
	if err != nil || len(asked) != 1+2+1+1+2+1 { // teams; a service and its list; a schedule; a policy; a team and its list; an idle team
		t.Errorf("%v: %d requests: %q", err, len(asked), asked)
	}
}

func TestConformance(t *testing.T) {
	sim := pagerdutysim.New(account())
	sourcetest.Run(t, Factory, sourcetest.Case{Name: "sim", Env: env(sim), Table: table, Who: teams(), Planted: []string{token}})
}

func TestFaultsOnEveryCall(t *testing.T) {
	for _, bare := range []bool{false, true} {
		w := account()
		w.Bare = bare
		sim := pagerdutysim.New(w)
		sourcetest.Faults(t, Factory, sourcetest.HTTP{Env: env(sim), Table: table, Who: teams(), Next: httpx.InProcess(sim), Host: "api.pagerduty.com", Values: []string{token}})
	}
}

func TestOptions(t *testing.T) {
	for key, change := range map[string]func(*Options){
		"name": func(o *Options) { o.Name = "a b" }, "token": func(o *Options) { o.Token.Env = "" }, "url": func(o *Options) { o.URL = "http://pd.example.com" },
		"on_call": func(o *Options) { o.OnCall = map[string]string{"a": "service:../x"} }, "levels": func(o *Options) { o.Levels = 0 },
	} {
		o := Defaults()
		o.Token.Env = "X"
		change(&o)
		if _, err := New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), key+":") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
