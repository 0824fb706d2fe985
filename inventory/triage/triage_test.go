package triage

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func finding() inventory.Finding {
	return inventory.Finding{ID: "find-1", Rule: "SEC-03", Subject: "sec-1", State: StateOpen, Detail: "It stands there for 93 days.",
		Evidence: []inventory.Evidence{{Path: "~/a", Pointer: "/x", Line: 3, ObservedAt: now}, {Path: "~/b"}}}
}

func snapshot() *inventory.Snapshot {
	return inventory.NewSnapshot(now, inventory.Records{
		Assistants: []inventory.Assistant{{ID: "ast-1"}, {ID: "ast-2", Owners: []inventory.ID{"own-1"}}},
		Owners:     []inventory.Owner{{ID: "own-1", Name: "Kim", Email: "kim@example.com", Sources: []string{"local"}}},
		Secrets:    []inventory.Secret{{ID: "sec-1"}},
		Findings:   []inventory.Finding{finding()},
	}, false)
}

func TestDigestIsOfTheFacts(t *testing.T) {
	f := finding()
	want := Digest(&f)
	for name, c := range map[string]struct {
		change func(*inventory.Finding)
		same   bool
	}{
		"a line":              {func(f *inventory.Finding) { f.Evidence[0].Line = 9 }, true},
		"the time of reading": {func(f *inventory.Finding) { f.Evidence[0].ObservedAt = now.Add(time.Hour) }, true},
		"the order":           {func(f *inventory.Finding) { f.Evidence[0], f.Evidence[1] = f.Evidence[1], f.Evidence[0] }, true},
		"an age":              {func(f *inventory.Finding) { f.Detail = "It stands there for 94 days." }, true},
		"the score":           {func(f *inventory.Finding) { f.Score = 99 }, true},
		"the sentence":        {func(f *inventory.Finding) { f.Detail = "It stands elsewhere." }, false},
		"a further place":     {func(f *inventory.Finding) { f.Evidence = append(f.Evidence, inventory.Evidence{Path: "~/c"}) }, false},
		"another place":       {func(f *inventory.Finding) { f.Evidence[1].Path = "~/c" }, false},
		"what it shows":       {func(f *inventory.Finding) { f.Evidence[1].Note = "committed" }, false},
	} {
		g := finding()
		c.change(&g)
		if (Digest(&g) == want) != c.same {
			t.Errorf("%s: same is %v", name, !c.same)
		}
	}
}

func TestPrepare(t *testing.T) {
	secret := "ghp_" + "FAKE" + strings.Repeat("Zq81", 8)
	good := Decision{Kind: Accept, Target: "find-1", Reason: " a test \x1b[31mmachine ", Until: now.Add(time.Hour), Owner: "nobody", Undone: true}
	for name, c := range map[string]struct {
		change func(*Decision)
		want   error
	}{
		"good":                {func(*Decision) {}, nil},
		"no reason":           {func(d *Decision) { d.Reason = " " }, ErrNoReason},
		"no day":              {func(d *Decision) { d.Until = time.Time{} }, ErrUntil},
		"a day of the past":   {func(d *Decision) { d.Until = now }, ErrUntil},
		"an unknown finding":  {func(d *Decision) { d.Target = "find-2" }, ErrTarget},
		"an assistant":        {func(d *Decision) { d.Target = "ast-1" }, ErrTarget},
		"owner of a finding":  {func(d *Decision) { d.Kind = Assign }, ErrTarget},
		"owner, nobody":       {func(d *Decision) { d.Kind, d.Target, d.Owner = Assign, "ast-1", "" }, ErrNoOwner},
		"owner":               {func(d *Decision) { d.Kind, d.Target = Assign, "ast-1" }, nil},
		"flag without reason": {func(d *Decision) { d.Kind, d.Reason = Flag, "" }, nil},
		"note without text":   {func(d *Decision) { d.Kind, d.Reason = Note, "" }, ErrNoReason},
		"note on a secret":    {func(d *Decision) { d.Kind, d.Target = Note, "sec-1" }, nil},
		"note on nothing":     {func(d *Decision) { d.Kind, d.Target = Note, "sec-2" }, ErrTarget},
		"another kind":        {func(d *Decision) { d.Kind = "forget" }, ErrKind},
	} {
		d := good
		c.change(&d)
		if _, err := Prepare(d, snapshot(), "kim", now); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, err := Prepare(good, snapshot(), "kim", now)
	f := finding()
	if err != nil || d.ID == "" || d.By != "kim" || d.Reason != "a test machine" || d.Owner != "" || d.Undone || d.Digest != Digest(&f) || !d.At.Equal(now) {
		t.Errorf("%+v %v", d, err)
	}
	good.Reason = "the token is " + secret + strings.Repeat(" long", 1000)
	if d, err := Prepare(good, snapshot(), "kim", now); err != nil || strings.Contains(d.Reason, "Zq81") || len(d.Reason) > maxText+len("…") {
		t.Errorf("%q %v", d.Reason, err)
	}
}

func judged(t *testing.T, f inventory.Finding, when time.Time, ds ...Decision) inventory.Finding {
	t.Helper()
	fs := []inventory.Finding{f}
	Judged(fs, Stand(ds), when)
	back := []inventory.Finding{f}
	for i, j := 0, len(ds)-1; i < j; i, j = i+1, j-1 {
		ds[i], ds[j] = ds[j], ds[i]
	}
	if Judged(back, Stand(ds), when); !reflect.DeepEqual(fs, back) {
		t.Errorf("the order of decisions matters: %+v, %+v", fs, back)
	}
	return fs[0]
}

func TestStates(t *testing.T) {
	f := finding()
	accept := Decision{ID: "dec-2", At: now, By: "kim", Kind: Accept, Target: "find-1", Reason: "a test machine", Until: now.Add(time.Hour), Digest: Digest(&f)}
	flag := Decision{ID: "dec-1", At: now.Add(-time.Hour), By: "lee", Kind: Flag, Target: "find-1", Reason: "on it"}
	note := Decision{ID: "dec-3", At: now.Add(-time.Minute), By: "lee", Kind: Note, Target: "find-1", Reason: "ask kim"}
	if got := judged(t, f, now); got.State != StateOpen || got.Note != "" {
		t.Errorf("%+v", got)
	}
	if got := judged(t, f, now, flag); got.State != StateFlagged || got.Note != "on it" {
		t.Errorf("%+v", got)
	}
	got := judged(t, f, now, flag, accept)
	if got.State != StateAccepted || got.AcceptedBy != "kim" || !got.AcceptedUntil.Equal(accept.Until) || got.Note != "a test machine" {
		t.Errorf("%+v", got)
	}
	if got := judged(t, f, now, note, accept, flag); got.State != StateAccepted || got.Note != "ask kim" {
		t.Errorf("%+v", got)
	}
	if got := judged(t, f, accept.Until, accept); got.State != StateOpen || got.AcceptedBy != "" || !strings.Contains(got.Note, "ended: it ran until 2026-11-23") {
		t.Errorf("after its day: %+v", got)
	}
	other := finding()
	other.Detail = "It is committed."
	if got := judged(t, other, now, accept); got.State != StateOpen || !strings.Contains(got.Note, "facts are no longer") {
		t.Errorf("with other facts: %+v", got)
	}
	accept.Undone = true
	if got := judged(t, f, now, flag, accept); got.State != StateFlagged {
		t.Errorf("undone: %+v", got)
	}
	f.State, f.AcceptedBy = StateAccepted, "somebody"
	if got := judged(t, f, now); got.State != StateOpen || got.AcceptedBy != "" {
		t.Errorf("a state that nobody decided stays: %+v", got)
	}
}

func TestOwners(t *testing.T) {
	assign := func(to string, owner string) Decision {
		return Decision{ID: "dec-" + to, At: now, By: "lee", Kind: Assign, Target: inventory.ID(to), Owner: owner, Reason: "told me"}
	}
	r := snapshot().Records()
	before := snapshot().Records()
	standing := Stand([]Decision{assign("ast-1", "Kim"), assign("ast-2", "KIM@example.com"), assign("ast-3", "gone")})
	if !Owners(&r, standing, "audit.jsonl") {
		t.Error("nothing changed")
	}
	a := r.Assistants[0]
	if len(r.Owners) != 1 || !reflect.DeepEqual(a.Owners, []inventory.ID{"own-1"}) || !reflect.DeepEqual(a.OwnersAsserted, a.Owners) {
		t.Errorf("%+v", a)
	}
	if ev := a.Evidence[0]; ev.Path != "audit.jsonl" || ev.Note != "asserted by lee: told me" || ev.Source != Asserted {
		t.Errorf("%+v", ev)
	}
	if b := r.Assistants[1]; len(b.OwnersAsserted) != 0 || len(b.Owners) != 1 {
		t.Errorf("a source says so too, and it is shown as asserted: %+v", b)
	}
	if !reflect.DeepEqual(before.Assistants, snapshot().Records().Assistants) {
		t.Error("the records that it was given are changed")
	}

	Owners(&r, Stand([]Decision{assign("ast-1", "@acme/platform")}), "audit.jsonl")
	if len(r.Owners) != 2 || r.Owners[1].Kind != "team" || r.Owners[1].Status != "unknown" || len(r.Assistants[0].Owners) != 1 || r.Assistants[0].Owners[0] != r.Owners[1].ID || len(r.Assistants[0].Evidence) != 1 {
		t.Errorf("%+v %+v", r.Owners, r.Assistants[0])
	}
	again := r
	if Owners(&again, Stand([]Decision{assign("ast-1", "@acme/platform")}), "audit.jsonl"); !reflect.DeepEqual(again, r) {
		t.Errorf("done twice it is another: %+v", again)
	}
	if !Owners(&r, nil, "") || len(r.Owners) != 1 || len(r.Assistants[0].Owners) != 0 || len(r.Assistants[0].Evidence) != 0 || r.Assistants[0].OwnersAsserted != nil {
		t.Errorf("not withdrawn: %+v %+v", r.Owners, r.Assistants[0])
	}
	if Owners(&r, nil, "") {
		t.Error("nothing to do is a change")
	}
}
