package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
)

// Case is one source in one surrounding.
type Case struct {
	New     func() (sources.Source, error)
	Kind    string   // of its factory
	Planted []string // secret values that stand where the source reads; each must be found, and none may come out
	Secrets []string // further values that it knows, and that must not come out
	Whole   bool     // it must say that it read everything
}

// At is the time of every collection.
var At = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Subject is a source that was collected twice.
type Subject struct {
	Case
	ctx    context.Context
	source sources.Source
	first  Result
	again  Result
}

// Result is what came of one collection.
type Result struct {
	Batch  inventory.Batch
	Status inventory.SourceStatus
}

// Report takes the outcome of one check: its name, and what is wrong, nothing if all is well.
type Report func(check string, faults []string)

type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

var checks = []struct {
	name string
	run  func(*Subject, *faults)
}{
	{"it describes itself", (*Subject).info},
	{"two collections are alike", (*Subject).stable},
	{"the ledger says what was looked at", (*Subject).ledger},
	{"each record can be told apart and looked up", (*Subject).complete},
	{"no secret comes out", (*Subject).planted},
	{"it stops when it is told to", (*Subject).cancelled},
	{"it plans without changing anything", (*Subject).plans},
}

// Run checks a source. A source that cannot be collected is checked no further.
func Run(ctx context.Context, c Case, report Report) {
	x := &Subject{Case: c, ctx: ctx}
	var f faults
	x.collect(&f)
	report("it is collected", f)
	if len(f) > 0 {
		return
	}
	for _, check := range checks {
		var f faults
		check.run(x, &f)
		report(check.name, f)
	}
}

func (x *Subject) collect(f *faults) {
	for _, r := range []*Result{&x.first, &x.again} {
		s, err := x.New()
		if err != nil {
			f.add("it cannot be made: %v", err)
			return
		}
		x.source = s
		*r = collect(x.ctx, s)
		if st := r.Status; st.Status != inventory.SourceOK && (x.Whole || st.Status != inventory.SourcePartial) {
			f.add("status %s: %s", st.Status, st.Reason)
			for _, w := range st.Warnings {
				f.add("line %d: %s", w.Line, w.Text)
			}
			return
		}
	}
}

func collect(ctx context.Context, s sources.Source) Result {
	now := func() time.Time { return At }
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, now)
	st := sources.Collector{Now: now, Deadline: 5 * time.Minute}.Collect(ctx, s, sink)
	return Result{sink.Batch(), st}
}

// Text is everything that came out, as JSON.
func (r Result) Text() string {
	all, err := json.Marshal(struct {
		Records  inventory.Records
		Status   inventory.SourceStatus
		Progress string
	}{r.Batch.Records, r.Status, r.Batch.Progress})
	if err != nil {
		return err.Error()
	}
	return string(all)
}

func (x *Subject) info(f *faults) {
	i := x.source.Info()
	if i.Name == "" || i.Kind != x.Kind || len(i.Reads) == 0 || len(i.Needs) == 0 {
		f.add("Info leaves something out: %+v", i)
	}
}

func (x *Subject) stable(f *faults) { alike(x.first, x.again, f) }

func alike(a, b Result, f *faults) {
	if x, y := a.Text(), b.Text(); x != y {
		i := 0
		for i < min(len(x), len(y)) && x[i] == y[i] {
			i++
		}
		f.add("they differ from byte %d: …%s… and …%s…", i, x[max(0, i-80):min(len(x), i+80)], y[max(0, i-80):min(len(y), i+80)])
	}
}

var states = []string{
	inventory.LookedRead, inventory.LookedAbsent, inventory.LookedDenied, inventory.LookedTooLarge,
	inventory.LookedUnparsed, inventory.LookedVersion, inventory.LookedNotOpened, inventory.LookedLinkOut,
	inventory.LookedNotRegular, inventory.LookedVanished, inventory.LookedSkipped, inventory.LookedFailed,
}

func (x *Subject) ledger(f *faults) {
	if len(x.first.Status.Ledger) == 0 {
		f.add("it says nothing")
	}
	for _, l := range x.first.Status.Ledger {
		if l.Path == "" || !slices.Contains(states, l.State) {
			f.add("a line without a place or with an unknown state: %+v", l)
		}
		if l.State != inventory.LookedRead && l.State != inventory.LookedAbsent && l.Reason == "" {
			f.add("%s is %s, and nobody says why", l.Path, l.State)
		}
	}
}

func (x *Subject) complete(f *faults) {
	r := x.first.Batch.Records
	for _, a := range r.Assistants {
		if a.ID.Noun() != inventory.NounAssistant || a.Kind == "" || a.Class == "" || a.Autonomy == "" || a.Sandbox == "" || len(a.Evidence) == 0 {
			f.add("an assistant that is not complete: %+v", a)
		}
	}
	for _, s := range r.Secrets {
		if s.ID.Noun() != inventory.NounSecret || s.Kind == "" || s.Storage == "" || s.Exposure == "" || s.State == "" || len(s.Locations) == 0 {
			f.add("a secret that is not complete: %+v", s)
		}
	}
	for _, t := range r.Tools {
		if t.ID.Noun() != inventory.NounTool || t.Assistant == "" || t.Name == "" || t.Transport == "" || t.Pinned == "" || len(t.Evidence) == 0 {
			f.add("a tool server that is not complete: %+v", t)
		}
	}
	for _, e := range r.Entitlements {
		if e.ID.Noun() != inventory.NounEntitlement || e.Assistant == "" && inventory.ID(e.Via).Noun() != inventory.NounSecret || e.Via == "" || e.Capability == "" || e.Gate == "" || e.Origin == "" || len(e.Path) == 0 {
			f.add("an entitlement that is not complete: %+v", e)
		}
	}
	for _, o := range r.Owners {
		if o.ID.Noun() != inventory.NounOwner || o.Name == "" || len(o.Evidence) == 0 {
			f.add("an owner that is not complete: %+v", o)
		}
	}
}

// planted checks that each value was found and that no piece of it came out.
func (x *Subject) planted(f *faults) {
	prints := map[string]bool{}
	for _, s := range x.first.Batch.Records.Secrets {
		prints[s.Fingerprint] = true
	}
	for i, v := range x.Planted {
		if !prints[inventory.Key{1}.Fingerprint(inventory.NewValue(v))] {
			f.add("planted value %d was not found", i)
		}
	}
	leaked(x.first.Text(), slices.Concat(x.Planted, x.Secrets), f)
}

func leaked(out string, values []string, f *faults) {
	for i, v := range values {
		if from := Leaks(out, v); from >= 0 {
			f.add("a piece of secret %d came out, from its character %d on", i, from)
		}
	}
}

// part is the length of a piece of a secret that must not come out: one more than the longest hint.
const part = 5

// Leaks returns where a piece of the value begins that stands in the text, or -1. Pieces that say nothing, such as a
// prefix that every token of the kind has, are told by what comes before the first digit or after the marker FAKE.
func Leaks(out, v string) int {
	start := 0
	if i := strings.Index(v, "FAKE"); i >= 0 {
		start = i
	}
	for from := start; from+2*part <= len(v); from++ {
		if strings.Contains(out, v[from:from+2*part]) {
			return from
		}
	}
	return -1
}

func (x *Subject) cancelled(f *faults) {
	ctx, cancel := context.WithCancel(x.ctx)
	cancel()
	sink := inventory.NewSink(x.source.Info().Name, inventory.Key{1}, func() time.Time { return At })
	done := make(chan error, 1)
	go func() { done <- x.source.Collect(ctx, sink) }()
	select {
	case err := <-done:
		if err == nil {
			f.add("it says that all is well although its time was over")
		}
	case <-time.After(10 * time.Second):
		f.add("it did not return after its time was over")
	}
}
