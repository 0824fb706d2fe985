package ui

import (
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/ownership"
	"nhitop/inventory/revoke"
)

func TestDetailSaysWhoAnswersAndWhoElseIsNamed(t *testing.T) {
	r := inventory.Records{
		Owners: []inventory.Owner{
			{ID: "own-a", Kind: "person", Name: "alice", Status: "departed", StatusReason: "the account is disabled (userAccountControl 514)"},
			{ID: "own-b", Kind: "person", Name: "bob", Status: "active"}, {ID: "own-c", Kind: "person", Name: "carol", Status: "active"},
			{ID: "own-t", Kind: "team", Name: "acme/pay", Status: "unknown", OnCall: []inventory.ID{"own-c"}},
		},
		Assistants: []inventory.Assistant{{ID: "ast-1", Kind: "codex", Name: "codex", Owners: []inventory.ID{"own-a", "own-b", "own-t"}, OwnerSigns: []inventory.OwnerSign{
			{Owner: "own-a", Sign: inventory.SignAccount}, {Owner: "own-a", Sign: inventory.SignGit}, {Owner: "own-b", Sign: inventory.SignCreator}, {Owner: "own-t", Sign: inventory.SignCodeowners}}}},
	}
	ownership.Decide(&r, nil)
	s := inventory.NewSnapshot(time.Unix(0, 0), r, false)
	b := detailBuilder{s: s, w: 200}
	b.owners(s.Assistant("ast-1"))
	var out []string
	for _, l := range b.lines {
		text := ""
		for _, c := range l.styledLine {
			text += c.Text
		}
		out = append(out, strings.Join(strings.Fields(text), " "))
	}
	want := []string{
		"owner alice (account in the config, git; agree; has left; next is bob (named by the provider); confidence medium)",
		"the account is disabled (userAccountControl 514)",
		"conflict bob (named by the provider)", "also acme/pay (CODEOWNERS)", "also carol (on call)", "on call carol",
	}
	if got := strings.Join(out, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// R and A on an owner plan all that the owner holds, as the owner's name does on the command line: from the list and from
// the record.
func TestPlanForAnOwner(t *testing.T) {
	for _, keys := range [][]string{{"3", "R"}, {"3", "A"}, {"3", "enter", "R"}, {"3", "enter", "A"}} {
		d := shown(t)
		d.keys(keys[0])
		owner := d.m.picked()
		d.keys(keys[1:]...)
		if len(d.e.planned) != 1 || d.e.planned[0] != (revoke.Target{ID: owner}) || owner.Noun() != inventory.NounOwner {
			t.Errorf("%v on %s: planned %v", keys, owner, d.e.planned)
		}
		if _, ok := d.m.page.(*planPage); !ok {
			t.Errorf("%v: %T is in front", keys, d.m.page)
		}
	}
}
