package risk

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// town is an inventory with many things wrong: n products of one person, each used in several projects.
func town(n, projects int) inventory.Records {
	var r inventory.Records
	r.Owners = []inventory.Owner{{ID: ownID, Kind: "person", Name: "dana", Status: "active"}}
	var ambient []inventory.ID
	for i := range 12 {
		id := inventory.NewID(inventory.NounSecret, "ambient", fmt.Sprint(i))
		ambient = append(ambient, id)
		r.Secrets = append(r.Secrets, inventory.Secret{ID: id, Kind: "aws-secret-key", Issuer: "aws", Hint: fmt.Sprintf("fa%02d", i), Ambient: true,
			Storage: inventory.StoragePlaintext, State: inventory.StateUnknown, LongLived: inventory.Yes,
			Locations: []inventory.Location{{Path: "~/.aws/credentials", Pointer: fmt.Sprintf("/p%d/aws_secret_access_key", i), Scope: inventory.ScopeUser, Mode: "0644"}}})
	}
	for i := range n {
		for j := range projects + 1 {
			a := inventory.Assistant{ID: inventory.NewID(inventory.NounAssistant, fmt.Sprint(i), fmt.Sprint(j)), Kind: fmt.Sprintf("product-%03d", i), Host: "laptop",
				Scope: "user", Path: "~", Class: inventory.ClassNHI, Autonomy: inventory.AutonomyUnattended, Sandbox: inventory.SandboxNone, Network: "open",
				Owners: []inventory.ID{ownID}, Secrets: slices.Clone(ambient),
				Capabilities: map[inventory.Capability]inventory.Answer{inventory.ExecLocal: inventory.Yes, inventory.WriteSource: inventory.Yes},
				Settings:     []inventory.Setting{{Kind: inventory.SettingMode, Name: "mode", Value: "yolo", Effective: true, Scope: "user", Path: fmt.Sprintf("~/.p%d/settings.json", i), Pointer: "/mode"}},
				Evidence:     []inventory.Evidence{{Path: fmt.Sprintf("~/.p%d/settings.json", i)}}}
			if j > 0 {
				a.Scope, a.Path = "project", fmt.Sprintf("~/src/p%d", j)
			}
			if j == 0 {
				x := inventory.Secret{ID: inventory.NewID(inventory.NounSecret, "held", fmt.Sprint(i)), Kind: "github-pat-classic", Issuer: "github", Hint: "fa4e", Broad: true,
					Storage: inventory.StoragePlaintext, LongLived: inventory.Yes, State: inventory.StateUnknown, Assistants: []inventory.ID{a.ID},
					Locations: []inventory.Location{{Path: a.Evidence[0].Path, Pointer: "/env/T", Scope: inventory.ScopeUser, Mode: "0600"},
						{Path: "~/.env", Pointer: "/T", Scope: inventory.ScopeUser, Mode: "0600", Committed: inventory.Yes}}}
				t := inventory.Tool{ID: inventory.NewID(inventory.NounTool, fmt.Sprint(i)), Assistant: a.ID, Name: "gh", Transport: "stdio", Command: "npx", Args: []string{"pkg"},
					Pinned: inventory.No, Enabled: true, AutoApproved: true, Secrets: []inventory.ID{x.ID}, Evidence: []inventory.Evidence{{Path: a.Evidence[0].Path, Pointer: "/servers/gh"}}}
				r.Secrets, r.Tools = append(r.Secrets, x), append(r.Tools, t)
				a.Secrets, a.Tools = append(a.Secrets, x.ID), []inventory.ID{t.ID}
			}
			r.Assistants = append(r.Assistants, a)
		}
	}
	return r
}

func shuffle(rnd *rand.Rand, r inventory.Records) inventory.Records {
	mix := func(n int, swap func(i, j int)) { rnd.Shuffle(n, swap) }
	r.Assistants, r.Secrets, r.Tools = slices.Clone(r.Assistants), slices.Clone(r.Secrets), slices.Clone(r.Tools)
	mix(len(r.Assistants), func(i, j int) { r.Assistants[i], r.Assistants[j] = r.Assistants[j], r.Assistants[i] })
	mix(len(r.Secrets), func(i, j int) { r.Secrets[i], r.Secrets[j] = r.Secrets[j], r.Secrets[i] })
	mix(len(r.Tools), func(i, j int) { r.Tools[i], r.Tools[j] = r.Tools[j], r.Tools[i] })
	for i := range r.Secrets {
		ls := slices.Clone(r.Secrets[i].Locations)
		mix(len(ls), func(a, b int) { ls[a], ls[b] = ls[b], ls[a] })
		r.Secrets[i].Locations = ls
	}
	for i := range r.Assistants {
		ids := slices.Clone(r.Assistants[i].Secrets)
		mix(len(ids), func(a, b int) { ids[a], ids[b] = ids[b], ids[a] })
		r.Assistants[i].Secrets = ids
	}
	return r
}

func TestOrderOfFactsDoesNotMatter(t *testing.T) {
	r := town(4, 3)
	for i := range cases { // and everything that the rules' own cases show, in one inventory
		s := calm()
		cases[i].fires(s)
		for j := range s.Assistants {
			s.Assistants[j].ID = inventory.NewID(inventory.NounAssistant, cases[i].rule, fmt.Sprint(j))
			s.Assistants[j].Path = "~/" + cases[i].rule
		}
		r.Assistants = append(r.Assistants, s.Assistants...)
		r.Tools = append(r.Tools, s.Tools...)
	}
	p := DefaultPolicy()
	wantF, wantI := Judge(inventory.NewSnapshot(now, shuffle(rand.New(rand.NewPCG(0, 0)), r), false), p, now)
	for seed := range uint64(10) {
		gotF, gotI := Judge(inventory.NewSnapshot(now, shuffle(rand.New(rand.NewPCG(seed, 1)), r), false), p, now)
		for i := range wantF {
			if i < len(gotF) && !reflect.DeepEqual(gotF[i], wantF[i]) {
				t.Fatalf("seed %d, finding %d:\n%+v\n%+v", seed, i, gotF[i], wantF[i])
			}
		}
		if len(gotF) != len(wantF) || !reflect.DeepEqual(gotI, wantI) {
			t.Fatalf("seed %d: %d findings and %d issues, then %d and %d, or other issues", seed, len(wantF), len(wantI), len(gotF), len(gotI))
		}
	}
}

// A person with six products in forty projects reads tens of findings, not thousands.
func TestOneCauseIsOneFinding(t *testing.T) {
	few, _ := Judge(inventory.NewSnapshot(now, town(6, 2), false), DefaultPolicy(), now)
	many, _ := Judge(inventory.NewSnapshot(now, town(6, 40), false), DefaultPolicy(), now)
	if len(few) != len(many) {
		t.Errorf("%d findings with 2 projects, %d with 40", len(few), len(many))
	}
	i := slices.IndexFunc(many, func(f inventory.Finding) bool { return f.Rule == "AUT-01" })
	if i < 0 || len(many[i].Assistants) != 41 || !strings.Contains(many[i].Detail, "37 more") {
		t.Errorf("the finding does not name those that it concerns: %+v", many[i])
	}
	for _, f := range many {
		if f.Rule == "SEC-18" && !strings.Contains(f.Detail, "12 secrets") {
			t.Errorf("one file: %s", f.Detail)
		}
	}
}

func TestIssuesCoverEachFindingOnce(t *testing.T) {
	fs, is := Judge(inventory.NewSnapshot(now, town(5, 3), false), DefaultPolicy(), now)
	at := map[inventory.ID]inventory.Finding{}
	for _, f := range fs {
		at[f.ID] = f
	}
	if len(at) != len(fs) {
		t.Error("two findings share an id")
	}
	seen := map[inventory.ID]bool{}
	ids := map[inventory.ID]bool{}
	for n, i := range is {
		if i.Title == "" || i.Change == "" || i.Why == "" || len(i.Closes) == 0 || ids[i.ID] {
			t.Errorf("issue is not whole: %+v", i)
		}
		ids[i.ID] = true
		worst := inventory.Track
		for _, id := range i.Closes {
			if seen[id] {
				t.Errorf("%s stands in two issues", id)
			}
			seen[id] = true
			if d := at[id].Decision; d.Rank() < worst.Rank() {
				worst = d
			}
		}
		if i.Decision != worst {
			t.Errorf("issue %q is %s, its worst finding %s", i.Title, i.Decision, worst)
		}
		if n > 0 && is[n-1].Decision.Rank() > i.Decision.Rank() {
			t.Errorf("issue %d is more urgent than the one before it", n)
		}
	}
	if len(seen) != len(fs) {
		t.Errorf("%d of %d findings are closed by an issue", len(seen), len(fs))
	}
	if len(is) >= len(fs) {
		t.Errorf("%d issues for %d findings", len(is), len(fs))
	}
}

func TestFindingsCarryOver(t *testing.T) {
	s := calm()
	s.secret().Broad = true
	fs, _ := s.judge()
	first := now.Add(-100 * day)
	for i := range fs {
		fs[i].FirstSeen, fs[i].State = first, "accepted"
	}
	s.Findings = fs
	again, issues := s.judge()
	if len(again) != len(fs) || !again[0].FirstSeen.Equal(first) || again[0].State != "accepted" {
		t.Errorf("not carried over: %+v", again)
	}
	if want := s.policy.Due(again[0].Decision, first); !again[0].Due.Equal(want) {
		t.Errorf("due %v, want %v", again[0].Due, want)
	}
	if len(issues) != 0 {
		t.Errorf("accepted findings still make issues: %+v", issues)
	}
	s.Findings[0].State = stateFixed
	if again, _ = s.judge(); again[0].State != stateOpen {
		t.Error("a finding that is there again is open again")
	}
}

func TestPolicySwitchesAndWeighs(t *testing.T) {
	s := calm()
	s.secret().Broad = true
	before := s.of("SEC-11").Score
	s.policy.Weights = map[string]int{"SEC-11": -7}
	if got := s.of("SEC-11").Score; got != before-7 {
		t.Errorf("weighed %d, before %d", got, before)
	}
	s.policy.Off = map[string]string{"SEC-11": "we have no narrower kind"}
	if s.of("SEC-11") != nil {
		t.Error("a rule that is switched off still holds")
	}
}

func TestDeadSecretsAreQuiet(t *testing.T) {
	s := calm()
	x := s.secret()
	x.Broad, x.Storage, x.Expires = true, inventory.StoragePlaintext, now.Add(-time.Hour)
	if fs, _ := s.judge(); len(fs) != 0 {
		t.Errorf("an expired secret is judged: %+v", fs)
	}
}

// A snapshot is shared: judging it must leave it, spare capacity of its lists included, as it is.
func TestJudgeOnlyReads(t *testing.T) {
	for _, c := range cases {
		s := calm()
		c.fires(s)
		spare := make([]inventory.Evidence, 1, 8)
		spare[0] = inventory.Evidence{Path: "~/x"}
		for i := range s.Assistants {
			s.Assistants[i].Evidence = spare
		}
		for i := range s.Tools {
			s.Tools[i].Evidence = spare
		}
		s.judge()
		for _, e := range spare[:cap(spare)][1:] {
			if e != (inventory.Evidence{}) {
				t.Fatalf("%s wrote into a record: %+v", c.rule, e)
			}
		}
	}
}

func TestHostileRecordsDoNotPanic(t *testing.T) {
	id := inventory.ID("ast-x")
	r := inventory.Records{
		Assistants: []inventory.Assistant{{}, {ID: id, Secrets: []inventory.ID{"sec-none", "sec-x"}, Tools: []inventory.ID{"tool-none"}, Owners: []inventory.ID{"own-none"},
			Job: &inventory.Job{}, Settings: []inventory.Setting{{Kind: inventory.SettingAllow, Value: "[", Effective: true}, {Kind: inventory.SettingEndpoint, Value: "http://[::", Effective: true}}}},
		Secrets:      []inventory.Secret{{}, {ID: "sec-x", Assistants: []inventory.ID{"ast-none"}, Locations: []inventory.Location{{Mode: "zz"}, {Path: "p", Mode: "0777777"}}}},
		Tools:        []inventory.Tool{{Enabled: true, Transport: "stdio", Pinned: inventory.No, Args: []string{"--host"}}, {ID: "tool-x", Assistant: "ast-none", Enabled: true, URL: "://"}},
		Entitlements: []inventory.Entitlement{{Certain: true, Level: "admin", Assistant: id, Resource: "res-none"}},
		Sources:      []inventory.SourceStatus{{}},
	}
	fs, _ := Judge(inventory.NewSnapshot(now, r, true), DefaultPolicy(), now)
	for _, f := range fs {
		if strings.Contains(f.Detail, "%!") {
			t.Errorf("%s", f.Detail)
		}
	}
}

// The largest needs NHITOP_SCALE=1: it takes a while.
func BenchmarkJudge(b *testing.B) {
	sizes := []int{100, 1000, 10000}
	if os.Getenv("NHITOP_SCALE") != "" {
		sizes = append(sizes, 100000)
	}
	for _, n := range sizes {
		s := inventory.NewSnapshot(now, town(n/10, 9), false)
		p := DefaultPolicy()
		b.Run(fmt.Sprintf("assistants=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Judge(s, p, now)
			}
		})
	}
}

// What a CI keeps lies there once, however often a workflow refers to it, and is called by its name.
func TestSecretsOfACI(t *testing.T) {
	s := calm()
	x := s.secret()
	x.Kind, x.Hint, x.Storage, x.Note, x.Owners = "ci-secret", "", inventory.StorageCI, "DEPLOY_TOKEN", nil
	s.a().Owners = nil
	x.Locations = append(x.Locations, inventory.Location{Path: ".github/workflows/x.yml", Pointer: "/jobs/a/env/T", Scope: inventory.ScopeCI})
	findings, _ := s.judge()
	named := false
	for _, f := range findings {
		if f.Rule == "SEC-09" {
			t.Errorf("references to one secret are called copies: %s", f.Detail)
		}
		named = named || strings.Contains(f.Detail, "ci-secret DEPLOY_TOKEN")
	}
	if !named {
		t.Error("no finding calls the secret by its name")
	}
}

// The words name what is fetched, also where it is not the first argument.
func TestWhatAServerStarts(t *testing.T) {
	for _, c := range []struct {
		command string
		args    []string
		want    string
	}{
		{"npx", []string{"-y", "@scope/server@latest"}, "npx @scope/server@latest"},
		{"docker", []string{"run", "-i", "--rm", "--mount", "type=bind,src=/a,dst=/b", "example/server", "/b"}, "docker example/server"},
		{"docker run --rm --env-file /home/dana/.env example/server", nil, "docker example/server"},
		{"uvx", []string{"--from", "some-server", "serve"}, "uvx some-server"},
		{`C:\Program Files\nodejs\npx.cmd`, []string{"-y", "server"}, `C:\Program Files\nodejs\npx.cmd server`},
	} {
		if got := started(&inventory.Tool{Command: c.command, Args: c.args}); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.command, c.args, got, c.want)
		}
	}
}

// What ends a leak that still works comes first, whatever else closes more.
func TestLeakComesFirst(t *testing.T) {
	s := calm()
	a := s.a()
	a.Autonomy, a.Sandbox, a.Network = inventory.AutonomyUnattended, inventory.SandboxNone, "open"
	for range 3 {
		s.ambient().Account = "acme-prod"
	}
	_, is := s.judge()
	if len(is) == 0 || is[0].Decision != inventory.ActNow || len(is[0].Closes) < 5 {
		t.Fatalf("%+v", is)
	}
	was := is[0].ID
	x := s.secret()
	x.Kind, x.Issuer, x.Exposure, x.State = "github-pat-classic", "github", inventory.ExposureLeaked, inventory.StateLive
	fs, is := s.judge()
	if is[0].Subject != x.ID || is[1].ID != was || len(is[0].Closes) >= len(is[1].Closes) {
		t.Errorf("first %q, then %q, of %d findings", is[0].Title, is[1].Title, len(fs))
	}
}
