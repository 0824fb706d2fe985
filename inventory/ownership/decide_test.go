package ownership

import (
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func owner(name, kind, status string, onCall ...inventory.ID) inventory.Owner {
	return inventory.Owner{ID: inventory.ID("own-" + name), Kind: kind, Name: name, Status: status, OnCall: onCall, Sources: []string{"forge"}}
}

var people = []inventory.Owner{
	owner("alice", "person", "active"), owner("bob", "person", "active"), owner("carol", "person", "unknown"), owner("left", "person", "departed"), owner("gone", "person", "departed"),
	owner("team", "team", "unknown", "own-oscar"), owner("oscar", "person", "active"), owner("bot", "service", "unknown"),
	{ID: "own-cmdb", Kind: "person", Name: "cmdb", Status: "unknown", Sources: []string{"cmdb"}},
}

// signs are "name sign" pairs.
func signs(pairs ...string) []inventory.OwnerSign {
	var out []inventory.OwnerSign
	for _, p := range pairs {
		name, sign, _ := strings.Cut(p, " ")
		s := inventory.OwnerSign{Owner: inventory.ID("own-" + name), Sign: sign, Source: "local"}
		switch sign {
		case inventory.SignDecision:
			s.Source = "asserted"
		case inventory.SignCharter:
			s.Source = "config"
		case "forged":
			s.Sign = inventory.SignDecision
		}
		out = append(out, s)
	}
	return out
}

func decide(order []string, owners []string, ss []inventory.OwnerSign) *inventory.Ownership {
	a := inventory.Assistant{ID: "ast-1", Sources: []string{"forge", "cmdb"}, OwnerSigns: ss}
	for _, o := range owners {
		a.Owners = append(a.Owners, inventory.ID("own-"+o))
	}
	for _, s := range ss {
		if !slices.Contains(a.Owners, s.Owner) {
			a.Owners = append(a.Owners, s.Owner)
		}
	}
	slices.Sort(a.Owners)
	before := slices.Clone(a.Owners)
	r := inventory.Records{Assistants: []inventory.Assistant{a}, Owners: people, Sources: []inventory.SourceStatus{{Name: "forge", Kind: "gitlab"}, {Name: "cmdb", Kind: "file"}}}
	list := a.Owners
	Decide(&r, order)
	if !slices.Equal(list, before) {
		panic("the list of the batch was written to")
	}
	got := r.Assistants[0]
	if o := got.Ownership; o != nil && slices.Contains(got.Owners, o.Owner) && got.Owners[0] != o.Owner {
		panic("who answers is not first")
	}
	return got.Ownership
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name       string
		order      []string
		owners     []string // named without a sign
		signs      []inventory.OwnerSign
		is         string // "": nobody
		confidence string
		why        string
		conflicts  []string
	}{
		{name: "nobody"},
		{name: "two signs agree", signs: signs("carol account", "carol git", "bob os-user"), is: "carol", confidence: "high", why: "account in the config, git; agree"},
		{name: "a charter goes before an account", signs: signs("alice account", "carol charter"), is: "carol", confidence: "low", why: "charter", conflicts: []string{"alice"}},
		{name: "a decision goes before a charter", signs: signs("alice charter", "bob decision"), is: "bob", confidence: "medium", why: "assigned here", conflicts: []string{"alice"}},
		{name: "a source cannot decide for the operator", signs: signs("bob forged", "alice account"), is: "alice", confidence: "medium", why: "account in the config", conflicts: []string{"bob"}},
		{name: "who left is not hidden by a weaker sign", signs: signs("left account", "bob codeowners"), is: "left", confidence: "medium", why: "account in the config; has left; next is bob (CODEOWNERS)"},
		{name: "who left and was named by a weaker sign hides nobody", signs: signs("alice account", "left git"), is: "alice", confidence: "high", why: "account in the config"},
		{name: "of two code owners the one who is there", signs: signs("left codeowners", "bob codeowners"), is: "bob", confidence: "medium", why: "CODEOWNERS"},
		{name: "a person goes before a team", signs: signs("team codeowners", "carol codeowners"), is: "carol", confidence: "low", why: "CODEOWNERS"},
		{name: "a team alone", signs: signs("team codeowners"), is: "team", confidence: "low", why: "CODEOWNERS"},
		{name: "nobody else", signs: signs("left account", "gone git"), is: "left", confidence: "medium", why: "account in the config; has left; nobody else is known"},
		{name: "the provider's word without a sign", owners: []string{"alice"}, is: "alice", confidence: "high", why: "named by the provider"},
		{name: "a system of record goes before the provider", owners: []string{"alice", "cmdb"}, is: "cmdb", confidence: "low", why: "system of record", conflicts: []string{"alice"}},
		{name: "an order of one's own", order: []string{"git", "account"}, signs: signs("alice account", "bob git"), is: "bob", confidence: "low", why: "git", conflicts: []string{"alice"}},
		{name: "a sign that is left out never decides", order: []string{"charter"}, signs: signs("alice account")},
		{name: "on call before code owners", order: []string{"on-call", "codeowners"}, signs: signs("team codeowners"), is: "oscar", confidence: "medium", why: "on call"},
		{name: "an account that no person is comes last", signs: signs("bot account", "bob account"), is: "bob", confidence: "high", why: "account in the config"},
		{name: "somebody whom no record tells of", owners: []string{"nobody"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := decide(c.order, c.owners, c.signs)
			if c.is == "" {
				if got != nil {
					t.Fatalf("%+v", got)
				}
				return
			}
			if got == nil {
				t.Fatal("nobody")
			}
			var conflicts []string
			for _, id := range got.Conflicts {
				conflicts = append(conflicts, strings.TrimPrefix(string(id), "own-"))
			}
			if got.Owner != inventory.ID("own-"+c.is) || got.Confidence != c.confidence || got.Why != c.why || !slices.Equal(conflicts, c.conflicts) {
				t.Errorf("%+v, want %s %s %q conflicts %v", got, c.is, c.confidence, c.why, c.conflicts)
			}
		})
	}
}

func TestOnCallIsTold(t *testing.T) {
	got := decide(nil, nil, signs("team codeowners"))
	if !slices.Equal(got.OnCall, []inventory.ID{"own-oscar"}) || len(got.Others) != 1 || got.Others[0].Signs[0] != inventory.SignOnCall {
		t.Errorf("%+v", got)
	}
}

// The same facts in any order give the same answer.
func TestOrderOfSignsDoesNotMatter(t *testing.T) {
	ss := signs("carol account", "alice creator", "bob codeowners", "left git", "carol git", "team codeowners")
	want := decide(nil, nil, ss)
	slices.Reverse(ss)
	got := decide(nil, nil, ss)
	if got.Owner != want.Owner || got.Why != want.Why || len(got.Others) != len(want.Others) {
		t.Fatalf("%+v and %+v", got, want)
	}
	for i := range got.Others {
		if got.Others[i].Owner != want.Others[i].Owner || !slices.Equal(got.Others[i].Signs, want.Others[i].Signs) {
			t.Errorf("%+v and %+v", got.Others[i], want.Others[i])
		}
	}
}

func TestCheck(t *testing.T) {
	for order, bad := range map[string]bool{"": false, "charter git": false, "charter charter": true, "vibes": true} {
		if got := Check(strings.Fields(order)); (got != "") != bad {
			t.Errorf("%q: %q", order, got)
		}
	}
}

func TestHolds(t *testing.T) {
	a := inventory.Assistant{Owners: []inventory.ID{"own-alice", "own-bob", "own-left"}, OwnerSigns: signs("left account", "alice creator", "bob git")}
	if !Holds(&a, "own-bob") || Holds(&a, "own-carol") {
		t.Error("without a decision every owner holds it, and nobody else")
	}
	r := inventory.Records{Assistants: []inventory.Assistant{a}, Owners: people}
	Decide(&r, nil)
	for id, holds := range map[inventory.ID]bool{"own-left": true, "own-alice": true, "own-bob": false, "own-carol": false} {
		if Holds(&r.Assistants[0], id) != holds {
			t.Errorf("%s holds it: %v", id, !holds)
		}
	}
}
