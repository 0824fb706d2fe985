package charter

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func place(i int) inventory.Evidence {
	return inventory.Evidence{Path: "~/.config/nhitop/config.toml", Pointer: "/charter/" + string(rune('0'+i)), Line: 10 * (i + 1)}
}

func mustSet(t *testing.T, tables ...Table) Set {
	t.Helper()
	set, bad := New(tables, place)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	return set
}

const (
	one inventory.ID = "ast-one"
	two inventory.ID = "ast-two"
)

func facts1() inventory.Records {
	cap := func(c inventory.Capability, v inventory.Answer) map[inventory.Capability]inventory.Answer {
		return map[inventory.Capability]inventory.Answer{inventory.ReadSource: inventory.Yes, c: v}
	}
	return inventory.Records{
		Assistants: []inventory.Assistant{
			{ID: one, Kind: "claude-code", Name: "Claude Code", Path: "~/work/shop/api", Capabilities: cap(inventory.OpenPR, inventory.Asks)},
			{ID: two, Kind: "codex", Name: "Codex", Path: "~/play", Capabilities: cap(inventory.WriteSource, inventory.Yes)},
		},
		Owners:    []inventory.Owner{{ID: "own-dana", Kind: "person", Name: "Dana", Email: "dana@example.com"}},
		Resources: []inventory.Resource{{ID: "res-repo", Kind: "repository", Name: "acme/vault"}, {ID: "res-prod", Kind: "cloud-account", Name: "acme", Environment: "production"}},
		Entitlements: []inventory.Entitlement{
			{ID: "ent-1", Assistant: one, Via: "delegated", Capability: inventory.ReadSource, Resource: "res-repo", Gate: inventory.GateOpen, Certain: true},
			{ID: "ent-2", Assistant: one, Via: "sec-old", Capability: inventory.CloudWrite, Resource: "res-prod", Gate: inventory.GateOpen, Certain: true},
			{ID: "ent-3", Assistant: one, Via: "sec-old", Capability: inventory.DataWrite, Gate: inventory.GateOpen},
			{ID: "ent-4", Assistant: one, Via: "delegated", Capability: inventory.ChatPost, Gate: inventory.GateBlocked, Certain: true},
		},
		Secrets: []inventory.Secret{{ID: "sec-old", LastUsed: now.Add(-91 * day)}},
	}
}

func TestMostSpecificCharterHolds(t *testing.T) {
	a := facts1().Assistants[0]
	rows := []Table{{Kind: "claude-code"}, {Match: "~/work/**"}, {Match: "~/work/shop/*"}, {Match: "~/work/shop/*", Kind: "claude-code"}, {Name: "Claude Code"}, {ID: string(one)}}
	for n := 1; n <= len(rows); n++ {
		for _, turned := range []bool{false, true} {
			ts := slices.Clone(rows[:n])
			if turned {
				slices.Reverse(ts)
			}
			c, err := mustSet(t, ts...).For(&a)
			if err != nil || c == nil || c.selector() != (&Charter{Table: rows[n-1]}).selector() {
				t.Errorf("%d tables, turned %v: %+v, %v", n, turned, c, err)
			}
		}
	}
	for _, no := range []Table{{Kind: "codex"}, {Match: "~/work/*"}, {Match: "work"}, {Name: "claude code"}, {Kind: "claude-code", Match: "~/play"}, {ID: string(two)}} {
		if c, err := mustSet(t, no).For(&a); c != nil || err != nil {
			t.Errorf("%+v fits", no)
		}
	}
}

func TestATieNamesBoth(t *testing.T) {
	r := facts1()
	errs := Apply(&r, mustSet(t, Table{Match: "~/work/sho*/api"}, Table{Match: "~/work/shop/?pi"}), now)
	a := r.Assistants[0]
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "sho*/api") || !strings.Contains(errs[0].Error(), "shop/?pi") || !strings.Contains(errs[0].Error(), "line 20") {
		t.Fatal(errs)
	}
	if a.Charter != "" || a.Promised != nil || a.Standing.Conflict != errs[0].Error() {
		t.Errorf("%+v", a.Standing)
	}
}

func TestApply(t *testing.T) {
	r := facts1()
	set := mustSet(t, Table{Match: "~/work/**", Purpose: " pair programming\x1b[31m ", Owner: "dana@example.com", Deputy: "erin", Repositories: []string{"acme/shop-*"},
		Environments: []string{"dev"}, Capabilities: []string{"read-source", "asks:write-source"}, Expires: "2026-11-22", Review: "4w", Reviewed: "2026-10-27", Tier: 1},
		Table{Kind: "codex", Owner: "@acme/tools", Expires: "2026-11-23", Capabilities: []string{"read-source", "network-out"}, Review: "90d"})
	if errs := Apply(&r, set, now); errs != nil {
		t.Fatal(errs)
	}
	a, st := r.Assistants[0], r.Assistants[0].Standing
	if a.Charter != "match ~/work/**" || strings.ContainsRune(a.Purpose, '\x1b') || !strings.HasPrefix(a.Purpose, "pair programming") || a.Promised[inventory.WriteSource] != inventory.Asks ||
		a.Promised[inventory.ReadSource] != inventory.Yes || a.Promised[inventory.ChatPost] != inventory.No {
		t.Errorf("%+v", a)
	}
	want := inventory.Standing{Tier: 1, Owner: "dana@example.com", Deputy: "erin", Drift: []inventory.Capability{inventory.OpenPR, inventory.CloudWrite},
		Excess: []inventory.Capability{inventory.CloudWrite}, Environments: []string{"production"}, Repositories: []string{"acme/vault"},
		Expires: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Expired: true, ReviewDue: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}
	if !reflect.DeepEqual(*st, want) {
		t.Errorf("\n%+v\n%+v", *st, want)
	}
	if !slices.Equal(a.Owners, []inventory.ID{"own-dana"}) || a.Evidence[0].Source != "config" || a.Evidence[0].Line != 10 {
		t.Errorf("%+v", a)
	}
	b, st := r.Assistants[1], r.Assistants[1].Standing
	if st.Expired || !st.Overdue || !st.ReadOnly || !slices.Equal(st.Drift, []inventory.Capability{inventory.WriteSource}) || st.Tier != 0 {
		t.Errorf("%+v", *st)
	}
	if i := slices.IndexFunc(r.Owners, func(o inventory.Owner) bool { return o.ID == b.Owners[0] }); r.Owners[i].Kind != "team" || r.Owners[i].Evidence[0].Note != "asserted by a charter" {
		t.Errorf("%+v", r.Owners[i])
	}
}

func TestNothingDeclaredIsNoDrift(t *testing.T) {
	r := facts1()
	Apply(&r, mustSet(t, Table{Kind: "claude-code"}), now)
	if a := r.Assistants[0]; len(a.Standing.Drift)+len(a.Standing.Environments)+len(a.Standing.Repositories) > 0 || a.Promised != nil {
		t.Errorf("%+v", a.Standing)
	}
	if a := r.Assistants[1]; a.Charter != "" || a.Standing == nil {
		t.Errorf("without a charter: %+v", a)
	}
	r = facts1()
	Apply(&r, mustSet(t, Table{Kind: "claude-code", Capabilities: []string{}}), now)
	if a := r.Assistants[0]; !slices.Contains(a.Standing.Drift, inventory.ReadSource) {
		t.Errorf("a charter that allows nothing: %+v", a.Standing)
	}
	r = facts1()
	if Apply(&r, Set{}, now); !reflect.DeepEqual(r, facts1()) {
		t.Error("no charters, and something changed")
	}
}

// The records that Apply is given share what is in them with batches: only the elements are its own.
func TestApplyKeepsWhatIsShared(t *testing.T) {
	base := facts1()
	base.Assistants[0].Owners = append(make([]inventory.ID, 0, 4), "own-x")
	base.Assistants[0].Evidence = make([]inventory.Evidence, 0, 4)
	base.Owners[0].Evidence = make([]inventory.Evidence, 0, 4)
	r := base
	r.Assistants = slices.Clone(base.Assistants)
	Apply(&r, mustSet(t, Table{Kind: "claude-code", Owner: "Dana"}), now)
	if base.Assistants[0].Owners[:2][1] != "" || base.Assistants[0].Evidence[:1][0].Line != 0 || len(base.Owners[0].Evidence) != 0 || base.Owners[0].Evidence[:1][0].Line != 0 {
		t.Error("written into what is shared")
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	set := mustSet(t, Table{Kind: "claude-code", Owner: "new", Capabilities: []string{"read-source"}}, Table{Kind: "codex", Owner: "new", Environments: []string{"dev"}})
	result := func(seed uint64) inventory.Records {
		r := facts1()
		rnd := rand.New(rand.NewPCG(seed, 1))
		rnd.Shuffle(len(r.Assistants), func(i, j int) { r.Assistants[i], r.Assistants[j] = r.Assistants[j], r.Assistants[i] })
		rnd.Shuffle(len(r.Entitlements), func(i, j int) { r.Entitlements[i], r.Entitlements[j] = r.Entitlements[j], r.Entitlements[i] })
		slices.SortFunc(set.Charters, func(a, b Charter) int { return rnd.IntN(3) - 1 })
		Apply(&r, set, now)
		for i := range r.Owners {
			slices.SortFunc(r.Owners[i].Evidence, func(a, b inventory.Evidence) int { return a.Line - b.Line })
		}
		return inventory.NewSnapshot(now, r, false).Records()
	}
	want := result(0)
	for seed := range uint64(20) {
		if got := result(seed); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n%+v\n%+v", seed, got, want)
		}
	}
}

func TestBadTables(t *testing.T) {
	for _, c := range []struct {
		table Table
		key   string
		text  string
	}{
		{Table{}, "", "for nobody"},
		{Table{Kind: "x", Capabilities: []string{"read-sorce"}}, "capabilities", `did you mean "read-source"`},
		{Table{Kind: "x", Capabilities: []string{"open-pr", "asks:open-pr"}}, "capabilities", "stands twice"},
		{Table{Kind: "x", Expires: "31.1.2027"}, "expires", "2027-01-31"},
		{Table{Kind: "x", Reviewed: "2027-02-30"}, "reviewed", "must be a day"},
		{Table{Kind: "x", Review: "90"}, "review", "90d"},
		{Table{Kind: "x", Review: "-3d"}, "review", "90d"},
		{Table{Kind: "x", Tier: 4}, "tier", "1 (critical)"},
		{Table{Kind: "x", Repositories: []string{""}}, "repositories", "is empty"},
		{Table{Kind: "x", Environments: []string{" "}}, "environments", "is empty"},
		{Table{Match: strings.Repeat("*", 2000)}, "match", "longer"},
	} {
		_, bad := New([]Table{c.table}, place)
		if len(bad) != 1 || bad[0].Key != c.key || !strings.Contains(bad[0].Text, c.text) {
			t.Errorf("%+v: %v", c.table, bad)
		}
	}
	if _, bad := New([]Table{{Kind: "x"}, {Kind: "y"}, {Kind: "x", Tier: 1}}, place); len(bad) != 1 || bad[0].Table != 2 || !strings.Contains(bad[0].Text, "charter[1]") {
		t.Errorf("the same selector twice: %v", bad)
	}
}

func FuzzTable(f *testing.F) {
	f.Add("~/work/**", "asks:open-pr", "2027-01-31", "90d", "~/work/a")
	f.Add("a?[(\\", "asks:", "", "d", "a")
	f.Fuzz(func(t *testing.T, match, capability, expires, review, path string) {
		set, bad := New([]Table{{Match: match, Capabilities: []string{capability}, Expires: expires, Review: review, Repositories: []string{match}}}, place)
		if len(bad) > 0 {
			return
		}
		r := inventory.Records{Assistants: []inventory.Assistant{{ID: one, Path: path}}}
		Apply(&r, set, now)
	})
}
