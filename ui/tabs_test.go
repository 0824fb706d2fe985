package ui

import (
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/ui/theme"
)

func TestTabsAreKeptForTheNextRecord(t *testing.T) {
	d := shown(t)
	d.keys("2", "enter")
	d.want("[facts]", "BLAST RADIUS", "WHO")
	d.keys("tab", "tab", "tab")
	d.want("[findings 2]", "Secret is committed to git", "in 24 h", "git tracks")
	first := d.m.detailInFront().id
	d.keys("]")
	if d.m.detailInFront().id == first || d.m.detailInFront().front() != tabFindings {
		t.Fatalf("] shows %s on %s", d.m.detailInFront().id, d.m.detailInFront().front())
	}
	d.keys("[")
	if d.m.detailInFront().id != first {
		t.Fatal("[ does not go back to the first")
	}
	d.keys("[")
	d.want("that is the first one")
	d.keys("]", "esc")
	if d.m.picked() == first {
		t.Error("the cursor of the list did not go with it")
	}
	d.keys("enter")
	d.want("[findings")
	d.keys("esc", "4", "enter")
	d.want("[findings")
	d.keys("7", "enter") // which has no such tab
	d.want("[facts]", "WHY IT MATTERS")
	d.keys("2", "enter")
	d.want("[findings")
}

func TestEachTabKeepsItsPlace(t *testing.T) {
	d := shown(t)
	d.keys("2", "enter", "j", "j", "j", "tab", "j")
	if got := d.m.detailInFront().cursor; got != 1 {
		t.Errorf("the second tab begins at line %d", got)
	}
	d.keys("tab", "tab", "tab", "tab", "tab")
	if got := d.m.detailInFront().cursor; got != 3 {
		t.Errorf("coming round, the cursor is on line %d", got)
	}
}

// The tree leads both ways: from an assistant to what its secret opens, and from a resource back to who comes to it.
func TestRelationsLeadBothWays(t *testing.T) {
	d := shown(t)
	d.keys("2", "x")
	d.want("[relations]", "- holds the secrets 1", "+ github-pat-classic …5wsT", "- reaches 2")
	d.until("github-pat-classic")
	d.keys("right")
	d.want("- github-pat-classic", "- opens 1", "held or reached by 1", "(above)")
	d.until("github.com (what the token reaches)")
	d.keys("enter")
	d.want("[relations]", "- reached by 1", "claude-code")
	if got := d.m.detailInFront().id.Noun(); got != inventory.NounResource {
		t.Fatalf("a %s was opened", got)
	}
	d.keys("-")
	d.want("- holds the secrets 1")
	d.until("opens 1")
	d.keys("left")
	d.want("+ opens 1")
	d.keys("left", "left")
	d.want("+ github-pat-classic")
	d.keys("esc")
	d.want("assistants 4")
}

func TestRelationsOfAnOwner(t *testing.T) {
	d := shown(t)
	d.keys("3", "/", "alice", "enter", "x")
	d.want("- answers for 2", "tabnine", "+ secrets in this name")
	d.until("secrets in this name")
	d.keys("right")
	d.want("none that was read")
}

func TestTheWorstWayIsDrawnFirst(t *testing.T) {
	r := company()
	prod := inventory.NewID(inventory.NounResource, "prod")
	claude, token := r.Assistants[0].ID, r.Secrets[0].ID
	r.Resources = append(r.Resources, inventory.Resource{ID: prod, Kind: "cloud-account", Name: "aws 052310077262", Environment: "production"})
	r.Entitlements = append(r.Entitlements,
		inventory.Entitlement{ID: "ent-p", Assistant: claude, Via: string(r.Secrets[1].ID), Capability: inventory.CloudAdmin, Resource: prod, Gate: inventory.GateAsks},
		inventory.Entitlement{ID: "ent-b", Assistant: claude, Via: string(token), Capability: inventory.AdminOrg, Resource: prod, Gate: inventory.GateBlocked})
	d := newDriver(t, snapshot(r), 100, 40)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.keys("2", "enter")
	d.want("BLAST RADIUS 3 ways, 1 into production; worst first", "└─> aws 052310077262  PRODUCTION  cloud-admin; asks; possible")
	d.lacks("admin-org")
	f := d.frame()
	if a, b := strings.Index(f, "aws-secret-key"), strings.Index(f, "its own rights"); a > b {
		t.Errorf("production does not come first:\n%s", f)
	}
	d.keys("esc", "4", "enter")
	d.want("BLAST RADIUS 1 way", "open-pr; possible")
}

func TestPathsProveEachCapability(t *testing.T) {
	d := shown(t)
	d.keys("2", "enter", "tab", "tab")
	d.want("[paths]", "EXEC-LOCAL: yes", "→ bypassPermissions", "OPEN-PR: possible, not known", "NOT KNOWN")
}

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{1: "1 way", 2: "2 ways"} {
		if got := plural(n, "way"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestEvidenceShowsTheLines(t *testing.T) {
	d := shown(t)
	d.keys("4", "enter", "tab", "tab", "tab", "tab", "tab")
	d.want("[evidence 2]", "> 14 |", `"GITHUB_PERSONAL_ACCESS_TOKEN": "[redacted]"`, "changed 2026-03-01", "the place is not in the file any more")
	// New facts are read anew, and what was shown stays until then.
	d.send(engineMsg(posture.Event{Snapshot: snapshot(company())}))
	d.want("> 14 |")
}

func TestHistoryTellsWhatHappened(t *testing.T) {
	d := shown(t)
	d.keys("2", "enter", "tab", "tab", "tab", "tab")
	d.want("[history]", "first seen", "90 d ago", "WHAT HAPPENED 4", "grown", "may now: deploy-prod", "flag by alice: looked into", "1 proven", "take it out of ~/.claude.json")
	f := d.frame()
	if strings.Index(f, "flag by alice") > strings.Index(f, "deploy-prod") {
		t.Errorf("the newest does not come first:\n%s", f)
	}
}

// Beside a list nothing is cut: what is wider than the pane is wrapped, each word in its style.
func TestThePaneBesideAListIsWrapped(t *testing.T) {
	l := styledLine{{Text: "private data "}, {Text: "●", Style: theme.Alarm}, {Text: "  way out "}, {Text: "●", Style: theme.Alarm}}
	out := wrapAll([]styledLine{l, line(theme.Plain, "short")}, 16)
	var text []string
	for _, x := range out {
		text = append(text, x.plain())
	}
	if got := strings.Join(text, "|"); got != "private data ●  |way out ●|short" {
		t.Errorf("%q", got)
	}
	if last := out[1][len(out[1])-1]; last.Style != theme.Alarm {
		t.Errorf("the style went: %+v", out[1])
	}
}
