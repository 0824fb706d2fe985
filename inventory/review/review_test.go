package review

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func id(n inventory.Noun, word string) inventory.ID { return inventory.NewID(n, word) }

// firm is a small inventory: an assistant of alice that is used, one of bob who left, one of nobody.
func firm() inventory.Records {
	alice, bob := id(inventory.NounOwner, "alice"), id(inventory.NounOwner, "bob")
	web, old, stray := id(inventory.NounAssistant, "web"), id(inventory.NounAssistant, "old"), id(inventory.NounAssistant, "stray")
	key, token := id(inventory.NounSecret, "key"), id(inventory.NounSecret, "token")
	repo := id(inventory.NounResource, "repo")
	grant := func(a inventory.ID, can inventory.Capability, via inventory.ID, used time.Time) inventory.Entitlement {
		return inventory.Entitlement{ID: id(inventory.NounEntitlement, string(a)+string(can)), Assistant: a, Via: string(via), Capability: can, Level: "write", Resource: repo, Gate: inventory.GateOpen, Certain: true, LastUsed: used, GrantedBy: "carol"}
	}
	return inventory.Records{
		Sources: []inventory.SourceStatus{{Name: "local", Kind: "local", Status: inventory.SourceOK, StartedAt: now}, {Name: "github", Kind: "github", Status: inventory.SourceFailed, Reason: "401"}},
		Owners: []inventory.Owner{{ID: alice, Kind: "person", Name: "Alice", Email: "alice@example.com", Status: inventory.OwnerActive, Department: "Platform"},
			{ID: bob, Kind: "person", Name: "Bob", Email: "bob@example.com", Status: inventory.OwnerDeparted, Manager: "Alice"}},
		Assistants: []inventory.Assistant{
			{ID: web, Name: "claude-code", Kind: "claude-code", Class: inventory.ClassNHI, Path: "~/web", Host: "dev-1", Owners: []inventory.ID{alice}, Secrets: []inventory.ID{token}, Autonomy: inventory.AutonomyAsk},
			{ID: old, Name: "codex", Kind: "codex", Class: inventory.ClassNHI, Path: "~/old", Owners: []inventory.ID{bob}, Secrets: []inventory.ID{key}, Autonomy: inventory.AutonomyUnattended},
			{ID: stray, Name: "cursor", Kind: "cursor", Class: inventory.ClassNHI, Path: "~/stray"},
			{ID: id(inventory.NounAssistant, "chat"), Name: "tabnine", Class: inventory.ClassTextOnly, Owners: []inventory.ID{alice}}},
		Secrets: []inventory.Secret{{ID: token, Kind: "github-pat", Fingerprint: "fa4e", Assistants: []inventory.ID{web}, LastUsed: now.AddDate(0, 0, -1)},
			{ID: key, Kind: "api-key", Assistants: []inventory.ID{old}, Used: inventory.No, Created: now.AddDate(-1, 0, 0)}},
		Entitlements: []inventory.Entitlement{grant(web, inventory.WriteSource, token, time.Time{}), grant(web, inventory.OpenPR, token, now.AddDate(0, -6, 0)), grant(old, inventory.WriteSource, key, time.Time{})},
		Resources:    []inventory.Resource{{ID: repo, Kind: "repository", Name: "=acme/web"}},
		Findings: []inventory.Finding{{ID: id(inventory.NounFinding, "1"), Rule: "OWN-02", Title: "Owner left", Subject: old, Assistants: []inventory.ID{old}, Decision: inventory.Attend, State: "open",
			Controls: []inventory.Control{{Framework: "owasp-nhi", ID: "NHI1:2025"}}}},
	}
}

func open(t *testing.T, sc Scope, past ...State) State {
	t.Helper()
	r, err := Open(inventory.NewSnapshot(now, firm(), false), Opening{Scope: sc, By: "alice@laptop", Now: now, Unused: 90 * day, Past: past,
		Weigh: func(e *inventory.Entitlement) (bool, bool) { return false, false }})
	if err != nil {
		t.Fatal(err)
	}
	return NewState(r, nil)
}

func namesOf(st State) (out []string) {
	for _, x := range st.Review.Items {
		out = append(out, x.Name)
	}
	return out
}

func TestWhoIsInIt(t *testing.T) {
	for _, c := range []struct {
		scope Scope
		want  []string
	}{
		{Scope{}, []string{"codex", "claude-code", "cursor"}}, // what is to be acted on comes first, then by tier
		{Scope{Owner: "ALICE@example.com"}, []string{"claude-code"}},
		{Scope{Owner: "bob"}, []string{"codex"}},
		{Scope{Team: "Alice"}, []string{"codex", "claude-code"}}, // hers, and her people's
		{Scope{Team: "platform"}, []string{"claude-code"}},
	} {
		if got := namesOf(open(t, c.scope)); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.scope, got, c.want)
		}
	}
	_, err := Open(inventory.NewSnapshot(now, firm(), false), Opening{Scope: Scope{Owner: "nobody"}, Now: now})
	if !errors.Is(err, ErrEmpty) {
		t.Error(err)
	}
	p := open(t, Scope{}).Review.Population
	if p.Known != 4 || p.InScope != 3 || p.Orphans != 2 || p.NotRead != 1 {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsOffered(t *testing.T) {
	st := open(t, Scope{})
	for name, want := range map[string]string{"codex": Revoke, "claude-code": Reduce, "cursor": Transfer} {
		for i := range st.Review.Items {
			if x := &st.Review.Items[i]; x.Name == name {
				if got, why := x.Suggest(); got != want {
					t.Errorf("%s: %s for %s", name, got, why)
				}
			}
		}
	}
}

func TestPrepare(t *testing.T) {
	st := open(t, Scope{})
	web, old, stray := id(inventory.NounAssistant, "web"), id(inventory.NounAssistant, "old"), id(inventory.NounAssistant, "stray")
	for _, c := range []struct {
		d    Decision
		want error
	}{
		{Decision{Item: stray, Kind: Keep}, nil},
		{Decision{Item: web, Kind: Keep}, ErrNoReason}, // some of it is unused
		{Decision{Item: web, Kind: Keep, Reason: "needed"}, nil},
		{Decision{Item: stray, Kind: Revoke}, ErrNoReason},
		{Decision{Item: stray, Kind: "burn", Reason: "x"}, ErrKind},
		{Decision{Item: "ast-x", Kind: Keep}, ErrItem},
		{Decision{Item: old, Kind: Transfer, Reason: "x"}, ErrOwner},
		{Decision{Item: old, Kind: Exception, Reason: "x"}, ErrUntil},
		{Decision{Item: old, Kind: Exception, Reason: "x", Until: now.AddDate(3, 0, 0)}, ErrUntil},
		{Decision{Item: old, Kind: Exception, Reason: "x", Until: now.AddDate(0, 1, 0)}, nil},
	} {
		if _, err := st.Prepare(c.d, "dana@laptop", now); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c.d, err)
		}
	}
	d, err := st.Prepare(Decision{Item: web, Kind: Keep, Reason: "gh" + "p_FAKEaB3dE5gH7jK9mN1pQ3sT5vW7xY9zB2cD" + " \x1b[2J"}, "alice@laptop", now)
	if err != nil || strings.Contains(d.Reason, "aB3dE5gH7jK9") || strings.Contains(d.Reason, "\x1b") || d.Conflict != "the reviewer is its only owner" {
		t.Errorf("%+v %v", d, err)
	}
	if d, _ := st.Prepare(Decision{Item: web, Kind: Revoke, Reason: "x"}, "carol", now); d.Conflict != "the reviewer granted it" {
		t.Error(d.Conflict)
	}
	st.Review.Closed = now
	if _, err := st.Prepare(Decision{Item: stray, Kind: Keep}, "dana", now); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestStagesAndWhoIsLate(t *testing.T) {
	st := open(t, Scope{})
	for days, want := range map[int]string{0: "open", 7: "half", 12: "due soon", 14: "late", 21: "silent"} {
		if got := st.Review.Stage(now.AddDate(0, 0, days)); got != want {
			t.Errorf("after %d days: %s", days, got)
		}
	}
	st = NewState(st.Review, []Decision{{ID: "1", Item: id(inventory.NounAssistant, "web"), Kind: Keep, At: now}, {ID: "2", Item: id(inventory.NounAssistant, "old"), Kind: Keep, Undone: true}})
	p := st.Progress(now.AddDate(0, 0, 15))
	if p.Decided != 1 || p.Late != 2 || len(p.People) != 2 || p.People[0].Who != "Alice" && p.People[0].Who != "nobody" {
		t.Errorf("%+v", p)
	}
}

func TestChangedSinceLastTime(t *testing.T) {
	first := open(t, Scope{})
	first.Review.Items = slices.DeleteFunc(first.Review.Items, func(x Item) bool { return x.Name == "cursor" })
	was := first.Review.Item(id(inventory.NounAssistant, "web"))
	was.Grants, was.Autonomy = slices.DeleteFunc(was.Grants, func(g Grant) bool { return g.Capability == inventory.OpenPR }), inventory.AutonomySuggest
	first = NewState(first.Review, []Decision{{ID: "1", Item: was.ID, Kind: Keep, At: now.AddDate(-1, 0, 0)}})
	st := open(t, Scope{}, first)
	x := st.Review.Item(was.ID)
	if got := strings.Join(x.Changed, "; "); got != "autonomy ask, was suggest; may now open-pr =acme/web" {
		t.Error(got)
	}
	if x.Last == nil || x.DueSince.IsZero() {
		t.Error("it is not due")
	}
	if got := st.Review.Item(id(inventory.NounAssistant, "stray")).Changed; len(got) != 1 || got[0] != "new since the last review" {
		t.Error(got)
	}
}

// A decision is done when the facts say so, and not before.
func TestOutcome(t *testing.T) {
	st := open(t, Scope{})
	old, web := st.Review.Item(id(inventory.NounAssistant, "old")), st.Review.Item(id(inventory.NounAssistant, "web"))
	later := func(change func(*inventory.Records)) *inventory.Snapshot {
		r := firm()
		change(&r)
		return inventory.NewSnapshot(now.AddDate(0, 0, 2), r, false)
	}
	same := later(func(*inventory.Records) {})
	dead := later(func(r *inventory.Records) { r.Secrets[1].State = inventory.StateRevoked })
	less := later(func(r *inventory.Records) { r.Entitlements = slices.Delete(r.Entitlements, 1, 2) })
	new := later(func(r *inventory.Records) { r.Secrets[0].Rotated = now.Add(time.Hour) })
	hers := later(func(r *inventory.Records) { r.Assistants[1].Owners = []inventory.ID{r.Owners[0].ID} })
	said := later(func(r *inventory.Records) {
		r.Assistants[1].Owners = []inventory.ID{r.Owners[0].ID}
		r.Assistants[1].OwnersAsserted = r.Assistants[1].Owners
	})
	for _, c := range []struct {
		x    *Item
		kind string
		s    *inventory.Snapshot
		done bool
	}{
		{old, Revoke, inventory.NewSnapshot(now, firm(), false), false},
		{old, Revoke, same, false}, {old, Revoke, dead, true}, {old, Suspend, dead, true},
		{web, Reduce, same, false}, {web, Reduce, less, true},
		{web, Rotate, same, false}, {web, Rotate, new, true},
		{old, Transfer, same, false}, {old, Transfer, said, false}, {old, Transfer, hers, true},
		{old, Keep, same, true},
	} {
		if got := OutcomeOf(c.x, Decision{Kind: c.kind, At: now, Owner: "alice"}, c.s, nil); got.Done != c.done {
			t.Errorf("%s %s: %+v", c.x.Name, c.kind, got)
		}
	}
	runs := []revoke.Run{{ID: "r1", Started: now.Add(time.Hour), Steps: []revoke.StepRun{{Step: revoke.Step{Target: old.Secrets[0].ID}, Proof: revoke.Proof{Grade: revoke.Proven}}, {Step: revoke.Step{Target: old.ID}, Proof: revoke.Proof{Grade: revoke.Accepted}}}}}
	if got := OutcomeOf(old, Decision{Kind: Revoke, At: now}, dead, runs); got.Run != "r1" || got.Proof != "accepted" || got.Days != 2 {
		t.Errorf("%+v", got)
	}
}

// Each effect is what another judgement says, here one that finds every assistant without an owner who is there, and every
// grant that was not used.
func TestEffects(t *testing.T) {
	judge := func(s *inventory.Snapshot) (out []inventory.Finding) {
		for _, a := range s.Records().Assistants {
			for _, o := range a.Owners {
				if s.Owner(o).Status == inventory.OwnerDeparted {
					out = append(out, inventory.Finding{ID: id(inventory.NounFinding, "own"+string(a.ID)), Subject: a.ID})
				}
			}
			for _, e := range s.EntitlementsOf(a.ID) {
				if unused(s, e, now, 90*day) {
					out = append(out, inventory.Finding{ID: id(inventory.NounFinding, string(e.ID)), Subject: e.ID, Assistants: []inventory.ID{a.ID}})
				}
			}
		}
		return out
	}
	s := inventory.NewSnapshot(now, firm(), false)
	s = s.Judged(judge(s), nil)
	st := open(t, Scope{})
	got := map[string]Effect{}
	for _, e := range Effects(s, st.Review.Item(id(inventory.NounAssistant, "old")), 90*day, judge) {
		got[e.Kind] = e
	}
	for kind, want := range map[string][2]int{Keep: {0, 2}, Reduce: {1, 1}, Transfer: {1, 1}, Suspend: {2, 0}, Revoke: {2, 0}, Exception: {0, 2}} {
		if e := got[kind]; e.Closes != want[0] || e.Left != want[1] {
			t.Errorf("%+v", e)
		}
	}
	if e := got[Reduce]; len(e.Cuts) != 1 || e.Words != "closes 1 of 2 findings; cuts write-source" {
		t.Errorf("%+v", e)
	}
	if r := s.Records(); len(r.Assistants) != 4 || len(r.Entitlements) != 3 || r.Secrets[1].State != "" {
		t.Error("the inventory was changed")
	}
}

func TestPack(t *testing.T) {
	st := open(t, Scope{})
	stray := id(inventory.NounAssistant, "stray")
	st = NewState(st.Review, []Decision{{ID: "1", Review: st.Review.ID, Item: stray, Kind: Exception, Reason: "=1+1", By: "dana", At: now, Until: now.AddDate(0, 1, 0), Conflict: "none seen"}})
	e := Evidence{State: st, Now: inventory.NewSnapshot(now.Add(time.Hour), firm(), false), At: now, By: "dana", Exporter: "nhitop test", Audit: AuditHead{3, "abc"}}
	files, err := Pack(e)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Pack(e)
	var names []string
	for i, f := range files {
		names = append(names, f.Name)
		if !bytes.Equal(f.Data, again[i].Data) {
			t.Errorf("%s is another the second time", f.Name)
		}
		if strings.HasSuffix(f.Name, ".csv") {
			rows, err := csv.NewReader(bytes.NewReader(f.Data)).ReadAll()
			if err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			for _, c := range slices.Concat(rows...) {
				if strings.HasPrefix(c, "=") {
					t.Errorf("%s: a spreadsheet would compute %q", f.Name, c)
				}
			}
		}
	}
	want := []string{"review.json", "population.csv", "sources.csv", "decisions.csv", "decisions.json", "exceptions.csv", "grants.csv", "proofs.json", "silent.csv", "reviewers.csv", "second_look.csv", "controls.csv", "manifest.json"}
	if !slices.Equal(names, want) {
		t.Error(names)
	}
	var m struct {
		Files []struct{ SHA256 string }
	}
	if err := json.Unmarshal(files[len(files)-1].Data, &m); err != nil || len(m.Files) != len(want)-1 || len(m.Files[0].SHA256) != 64 {
		t.Errorf("%+v %v", m, err)
	}
}
