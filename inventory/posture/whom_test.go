package posture

import (
	"context"
	"errors"
	"slices"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/charter"
	"nhitop/inventory/revoke"
)

// company delivers one assistant of each login, and its owner.
func company(logins ...string) Feed {
	return feed("forge", func(_ context.Context, s inventory.Sink) error {
		for _, l := range logins {
			own := inventory.NewID(inventory.NounOwner, "person", "", l)
			s.Owner(inventory.Owner{ID: own, Kind: "person", Name: l, Status: "unknown", Evidence: []inventory.Evidence{{Path: "https://forge.example.com/" + l}}})
			s.Secret(inventory.Secret{ID: inventory.ID("sec-" + l), Kind: "github-pat-classic", Owners: []inventory.ID{own}, State: "live", Storage: "provider", Exposure: "none",
				Locations: []inventory.Location{{Path: "https://forge.example.com/" + l, Scope: "provider"}}}, inventory.Value{})
			s.Assistant(inventory.Assistant{ID: inventory.ID("ast-" + l), Kind: "codex", Name: l, Class: inventory.ClassNHI, Owners: []inventory.ID{own}, Secrets: []inventory.ID{inventory.ID("sec-" + l)},
				Evidence: []inventory.Evidence{{Path: "https://forge.example.com/" + l}}})
		}
		s.Looked(inventory.Looked{Path: "https://forge.example.com", State: inventory.LookedRead, Whole: true})
		return nil
	})
}

// directory answers that a login is a person with an address and a status. err is what it ends with.
func directory(name string, asked *[]string, err *error, status map[string]string) Feed {
	f := feed(name, nil)
	f.Collect = func(context.Context, inventory.Sink) error { return errors.New("a directory is asked about people") }
	f.Resolve = func(_ context.Context, who []inventory.Owner, s inventory.Sink) error {
		if *err != nil {
			return *err
		}
		*asked = nil
		for _, o := range who {
			*asked = append(*asked, o.Name)
			if is := status[o.Name]; is != "" {
				mail := o.Name + "@example.com"
				s.Owner(inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "person", mail), Kind: "person", Name: o.Name, Email: mail, Status: is, Same: []inventory.ID{o.ID},
					Evidence: []inventory.Evidence{{Path: name + "://dir.example.com/" + o.Name}}})
			}
		}
		s.Looked(inventory.Looked{Path: name + "://dir.example.com", State: inventory.LookedRead, Whole: true})
		return nil
	}
	return f
}

func TestDirectoriesAreAskedAboutWhomTheOthersName(t *testing.T) {
	var a, b []string
	var down, up error
	down = errors.New("no answer")
	set, bad := charter.New([]charter.Table{{Name: "dora's", Owner: "dora@example.com"}}, func(int) inventory.Evidence { return inventory.Evidence{Path: "config.toml"} })
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	s := service(t, Config{Charters: set, Feeds: []Feed{
		directory("ldap", &a, &up, map[string]string{"alice": "departed", "bob": "active"}),
		company("alice", "bob", "carol"),
		directory("down", &b, &down, nil),
	}})
	snap := collect(t, s)
	slices.Sort(a)
	if want := []string{"alice", "bob", "carol", "dora@example.com"}; !slices.Equal(a, want) {
		t.Errorf("asked about %v, not %v", a, want)
	}
	for _, st := range snap.Records().Sources {
		if want := map[string]string{"ldap": inventory.SourceOK, "forge": inventory.SourceOK, "down": inventory.SourceFailed}[st.Name]; st.Status != want {
			t.Errorf("%s is %s, not %s: %s", st.Name, st.Status, want, st.Reason)
		}
	}
	alice := snap.Owner(inventory.NewID(inventory.NounOwner, "person", "alice@example.com"))
	if alice == nil || alice.Status != "departed" || len(alice.Same) != 1 || !slices.Equal(alice.Sources, []string{"forge", "ldap"}) {
		t.Fatalf("login and address are not one person who has left: %+v", alice)
	}
	if got := snap.Assistant("ast-alice").Owners; !slices.Contains(got, alice.ID) || slices.Contains(got, alice.Same[0]) {
		t.Errorf("the assistant's owners: %v", got)
	}
	if !slices.ContainsFunc(snap.Records().Findings, func(f inventory.Finding) bool { return f.Rule == "LIF-03" && f.Subject == "sec-alice" }) {
		t.Error("the leaver's secret is no finding")
	}
	hers := snap.Assistant("ast-alice")
	if hers.Ownership == nil || hers.Ownership.Owner != alice.ID || !slices.ContainsFunc(snap.Records().Findings, func(f inventory.Finding) bool { return f.Rule == "OWN-02" && f.Subject == hers.ID }) {
		t.Errorf("the leaver's assistant is no orphan: %+v", hers.Ownership)
	}
	var all []string
	for _, x := range allOf(snap, []revoke.Target{{ID: alice.ID}}) {
		all = append(all, string(x.ID)+" "+string(x.Action))
	}
	want := []string{string(alice.ID) + " ", string(alice.Same[0]) + " ", "ast-alice " + string(revoke.ActionAll), "sec-alice "}
	if !slices.Equal(all, want) {
		t.Errorf("all that the leaver holds is %q, not %q", all, want)
	}
	if carol := snap.Owner(inventory.NewID(inventory.NounOwner, "person", "", "carol")); carol == nil || carol.Status != "unknown" {
		t.Errorf("nobody knows of carol: %+v", carol)
	}
	// A directory that fails later leaves what it said.
	up = errors.New("down too")
	snap = collect(t, s)
	if o := snap.Owner(alice.ID); o == nil || o.Status != "departed" {
		t.Errorf("the last good answer is forgotten: %+v", o)
	}
}
