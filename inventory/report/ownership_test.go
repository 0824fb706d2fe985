package report

import (
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/ownership"
)

func TestWhoElseIsNamed(t *testing.T) {
	r := inventory.Records{
		Owners: []inventory.Owner{{ID: "own-a", Kind: "person", Name: "alice", Status: "active"}, {ID: "own-b", Kind: "person", Name: "bob", Status: "active"},
			{ID: "own-t", Kind: "team", Name: "acme/pay", OnCall: []inventory.ID{"own-b"}}},
		Assistants: []inventory.Assistant{{ID: "ast-1", Owners: []inventory.ID{"own-a", "own-b", "own-t"}, OwnerSigns: []inventory.OwnerSign{
			{Owner: "own-a", Sign: inventory.SignAccount}, {Owner: "own-b", Sign: inventory.SignCreator}, {Owner: "own-t", Sign: inventory.SignCodeowners}}}, {ID: "ast-2"}},
	}
	ownership.Decide(&r, nil)
	s := inventory.NewSnapshot(time.Unix(0, 0), r, false)
	a := s.Assistant("ast-1")
	if got, want := answersBy(a), "account in the config; confidence medium"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	got := alsoNamed(s, a)
	if want := "bob (named by the provider, on call; agree; contradicts), acme/pay (CODEOWNERS)"; got.text != want || got.style != warn {
		t.Errorf("%q, not %q", got.text, want)
	}
	if got := onCall(s, s.Owner("own-t")); got.text != "bob" {
		t.Errorf("on call: %q", got.text)
	}
	for _, x := range []cell{alsoNamed(s, s.Assistant("ast-2")), onCall(s, s.Owner("own-a"))} {
		if x.text != "" {
			t.Errorf("%q where there is nobody", x.text)
		}
	}
}
