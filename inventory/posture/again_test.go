package posture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/triage"
)

// judgements is a log that keeps how many subjects each judgement of a whole collection asked about.
type judgements struct {
	slog.Handler
	all      []judgement
	from, to func() // called at the beginning and at the end of each, where they are not nil
}

type judgement struct{ asked, of int64 }

func (j *judgements) Enabled(context.Context, slog.Level) bool { return true }

func (j *judgements) Handle(_ context.Context, r slog.Record) error {
	var x judgement
	partial := false
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "asked":
			x.asked = a.Value.Int64()
		case "of":
			x.of = a.Value.Int64()
		case "partial":
			partial = a.Value.Bool()
		}
		return true
	})
	if partial {
		return nil
	}
	switch r.Message {
	case "judging":
		if j.from != nil {
			j.from()
		}
	case "judged":
		if j.all = append(j.all, x); j.to != nil {
			j.to()
		}
	}
	return nil
}

func (j *judgements) last() judgement { return j.all[len(j.all)-1] }

// A service that goes on and one that is started for each collection say the same, whatever changes, fails or is decided.
func TestWhatGoesOnSaysWhatIsStartedAgainSays(t *testing.T) {
	c := &clock{t: noon}
	step, fails := 0, false
	place := "~/config"
	feeds := []Feed{
		fleet(60, func(i int) bool { return step > 0 && i%20 == step }),
		feed("forge", func(ctx context.Context, s inventory.Sink) error {
			if fails {
				return errors.New("no answer")
			}
			s.Owner(inventory.Owner{ID: "own-kim", Kind: "person", Name: "Kim", Email: "kim@example.com", Status: []string{"active", "departed"}[step/3%2]})
			return bare(&place)(ctx, s)
		}),
	}
	log := &judgements{Handler: slog.DiscardHandler}
	on := service(t, Config{StateDir: filepath.Join(t.TempDir(), "on"), Now: c.now, Log: slog.New(log), Feeds: feeds})
	dir := filepath.Join(t.TempDir(), "again")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	copyKey(t, on.cfg.StateDir, dir)
	records := func(s *Service, x *inventory.Snapshot) string {
		b, err := json.Marshal(x.Records())
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(b), s.cfg.StateDir, "state") + lookups(x)
	}
	for step = range 8 {
		fails = step == 4 || step == 5
		place = []string{"~/config", "~/other"}[step/2%2]
		again := service(t, Config{StateDir: dir, Now: c.now, Feeds: feeds})
		a, b := collect(t, on), collect(t, again)
		if x, y := records(on, a), records(again, b); x != y {
			t.Fatalf("step %d: one says\n%s\n\nand the other\n%s", step, x, y)
		}
		var ds []triage.Decision
		switch step {
		case 1:
			ds = []triage.Decision{{Kind: triage.Accept, Target: a.Records().Findings[3].ID, Reason: "a test", Until: noon.Add(5 * time.Hour)}}
		case 2:
			ds = []triage.Decision{{Kind: triage.Assign, Target: "ast-1", Owner: "kim@example.com"}, {Kind: triage.Flag, Target: a.Records().Findings[0].ID, Reason: "look"}}
		}
		for _, s := range []*Service{on, again} {
			if len(ds) > 0 {
				if err := s.Decide(t.Context(), ds); err != nil {
					t.Fatal(err)
				}
			}
		}
		if x, y := records(on, on.Snapshot()), records(again, again.Snapshot()); x != y {
			t.Fatalf("decided in step %d: one says\n%s\n\nand the other\n%s", step, x, y)
		}
		c.move([]time.Duration{time.Hour, 26 * time.Hour, time.Minute}[step%3])
	}
	few := 0
	for _, j := range log.all {
		if 3*j.asked < j.of {
			few++
		}
	}
	if few < 5 {
		t.Errorf("only %d judgements took over most of the one before: %+v", few, log.all)
	}
}

// lookups tells what a snapshot gives for the ids in it, and what it counts.
func lookups(x *inventory.Snapshot) string {
	var b strings.Builder
	fmt.Fprintln(&b, x.Posture().Decisions)
	r := x.Records()
	of := func(id inventory.ID) {
		fmt.Fprintln(&b, id)
		for _, f := range x.FindingsOf(id) {
			fmt.Fprintln(&b, f.ID, f.State, x.Place(inventory.NounFinding, f.ID), f == x.Finding(f.ID))
		}
	}
	for i := range r.Assistants {
		of(r.Assistants[i].ID)
	}
	for i := range r.Secrets {
		of(r.Secrets[i].ID)
	}
	for i := range r.Tools {
		of(r.Tools[i].ID)
	}
	return b.String()
}

// copyKey lets the second state folder make the same fingerprints.
func copyKey(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(from, "key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "key"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What is collected again is judged for what is another, and for what hangs together with that on its host: at most a tenth
// of all. No machine's speed bears on the count.
func TestACollectionAgainAsksFew(t *testing.T) {
	c := &clock{t: noon}
	changed := false
	log := &judgements{Handler: slog.DiscardHandler}
	s := service(t, Config{Now: c.now, Log: slog.New(log), Feeds: []Feed{fleet(1000, func(i int) bool { return changed && i%100 == 7 })}})
	collect(t, s)
	if j := log.last(); j.asked != j.of {
		t.Errorf("the first collection: %+v", j)
	}
	changed = true
	c.move(time.Hour)
	collect(t, s)
	if j := log.last(); j.asked == 0 || 10*j.asked > j.of {
		t.Errorf("of %d subjects, of which one in a hundred is another, %d were asked about", j.of, j.asked)
	}
}
