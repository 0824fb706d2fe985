package inventory

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// leaves calls f with every text, number, time and flag below v.
func leaves(v reflect.Value, path string, f func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			f(path, v)
			return
		}
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Pointer:
		leaves(v.Elem(), path, f)
	case reflect.Slice:
		leaves(v.Index(v.Len()-1), path, f)
	default:
		f(path, v)
	}
}

func alter(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("changed")
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Struct:
		v.Set(reflect.ValueOf(noon.Add(time.Hour)))
	case reflect.Map:
		k := v.MapKeys()[0]
		e := reflect.New(v.Type().Elem()).Elem()
		e.SetString("changed")
		v.SetMapIndex(k, e)
	default:
		panic(v.Kind())
	}
}

// whole is a record with something in every field.
func whole[T any]() *T {
	x := soiled[T]("plain")
	walk(reflect.ValueOf(&x), "", func(_ string, v reflect.Value) {
		if v.CanSet() && v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon))
		}
	})
	return &x
}

// noticed tries every field of a record of one noun.
func noticed[T any](t *testing.T, like func(s *sightings, now, before *T) bool) {
	a := whole[T]()
	n := 0
	leaves(reflect.ValueOf(a), "", func(string, reflect.Value) { n++ })
	for k := range n {
		b := whole[T]()
		i, at := 0, ""
		leaves(reflect.ValueOf(b), "", func(path string, v reflect.Value) {
			if i == k {
				at = path
				alter(v)
			}
			i++
		})
		s := &sightings{met: map[sighting]bool{}}
		want := strings.HasSuffix(at, ".FirstSeen") || strings.HasSuffix(at, ".LastSeen")
		if got := like(s, b, a); got != want {
			t.Errorf("%T%s is another, and the two are held for the same: %v", a, at, got)
		}
	}
	if !like(&sightings{met: map[sighting]bool{}}, a, whole[T]()) || n < 7 {
		t.Errorf("%T: equal ones are told apart, or %d fields", a, n)
	}
}

// A field that is new in a record must be looked at.
func TestSinceLooksAtEveryField(t *testing.T) {
	noticed(t, (*sightings).assistant)
	noticed(t, (*sightings).owner)
	noticed(t, func(_ *sightings, a, b *Secret) bool { return likeSecret(a, b) })
	noticed(t, (*sightings).entitlement)
	noticed(t, (*sightings).tool)
	noticed(t, (*sightings).resource)
}

func TestSinceTellsWhatMoved(t *testing.T) {
	for seed := range uint64(50) {
		g := rand.New(rand.NewPCG(seed, 5))
		was, is := company(30), company(30)
		gone, changed := map[ID]bool{}, map[ID]bool{}
		for range g.IntN(4) {
			at := g.IntN(len(is.Tools))
			gone[is.Tools[at].ID] = true
			is.Tools = slices.Delete(is.Tools, at, at+1)
		}
		for range g.IntN(4) {
			at := g.IntN(len(is.Tools))
			is.Tools[at].URL = "https://example.com"
			changed[is.Tools[at].ID] = true
		}
		for k := range g.IntN(3) {
			x := Tool{ID: ID(fmt.Sprint("tool-new-", k)), Name: "n1"}
			is.Tools = append(is.Tools, x)
			changed[x.ID] = true
		}
		a := NewSnapshot(noon, shuffle(was, seed), false)
		b := a.Next(noon, shuffle(is, seed+1), false)
		d := b.Since(a)
		if d.Same() != (len(gone)+len(changed) == 0) || d.Assistants.Some() || d.Secrets.Some() || d.Entitlements.Some() || d.Resources.Some() || d.Owners.Some() {
			t.Fatalf("seed %d: %+v", seed, d)
		}
		for i, to := range d.Tools.To {
			x := a.Records().Tools[i].ID
			if gone[x] != (to < 0) || to >= 0 && b.Records().Tools[to].ID != x || gone[x] != slices.Contains(d.Tools.Gone, int32(i)) {
				t.Fatalf("seed %d: %s went to %d", seed, x, to)
			}
		}
		for i, x := range b.Records().Tools {
			k := slices.Index(d.Tools.Changed, int32(i))
			if changed[x.ID] != (k >= 0) {
				t.Fatalf("seed %d: %s: changed %v", seed, x.ID, !changed[x.ID])
			}
			if at := slices.Index(d.Tools.To, int32(i)); k >= 0 && int(d.Tools.Before[k]) != at {
				t.Fatalf("seed %d: %s was at %d, told as %d", seed, x.ID, at, d.Tools.Before[k])
			}
		}
	}
}

// What a source sees again is no change; what it does not see again while it does see the rest is one.
func TestWhatIsSeenAgainIsNoChange(t *testing.T) {
	seen := func(before *Snapshot, at ...time.Time) *Snapshot {
		var r Records
		for i, x := range at {
			r.Tools = append(r.Tools, Tool{ID: ID(fmt.Sprint("tool-", i)), Evidence: []Evidence{{Path: "~/x", Source: "local", ObservedAt: x}, {Path: "~/y"}}})
		}
		return before.Next(noon, r, false)
	}
	differs := func(was []time.Time, is ...time.Time) *Delta {
		before := seen(nil, was...)
		return seen(before, is...).Since(before)
	}
	later, three := noon.Add(time.Hour), []time.Time{noon, noon, noon}
	d := differs(three, later, later, later)
	if !d.Same() || !d.Ordered() {
		t.Errorf("%+v", d)
	}
	if d.Still() || !d.Again("file", noon).Equal(noon) || !d.Again("local", noon).Equal(later) {
		t.Errorf("%+v", d)
	}
	if d = differs(three, later, noon, later); !slices.Equal(d.Tools.Changed, []int32{1}) {
		t.Errorf("one was not seen again: %+v", d.Tools)
	}
	if d = differs([]time.Time{noon, noon}, noon, noon); !d.Same() || !d.Still() || !d.Ordered() {
		t.Errorf("nothing is different: %+v", d)
	}
	between := noon.Add(time.Minute)
	if d = differs(append(three, between), later, later, later, between); !d.Same() || d.Ordered() {
		t.Errorf("one was overtaken: %+v, ordered %v", d, d.Ordered())
	}
}

// How two snapshots differ is known of those alone of which one was made from the other, or that have the same facts.
func TestSinceIsOfWhatFollows(t *testing.T) {
	first := NewSnapshot(noon, company(10), false)
	second := first.Next(noon, company(10), false)
	third := second.Next(noon, company(10), false)
	if second.Since(first) == nil || third.Since(second.Judged(nil, nil)) == nil || third.Judged(nil, nil).Since(second) == nil {
		t.Error("what follows is not told")
	}
	if third.Since(first) != nil || first.Since(second) != nil || NewSnapshot(noon, company(10), false).Since(first) != nil || first.Since(nil) != nil {
		t.Error("what does not follow is told")
	}
	d := second.Judged(nil, nil).Since(second)
	if d == nil || !d.Same() || !d.Still() || !d.Ordered() || len(d.Tools.To) != len(second.Records().Tools) || d.Tools.To[3] != 3 {
		t.Errorf("the same facts: %+v", d)
	}
	r := second.Records()
	r.Owners = nil
	if fourth := second.Next(noon, r, false); fourth.Since(second).Same() || &fourth.Records().Tools[0] != &r.Tools[0] {
		t.Error("the owners are gone, and the rest is as it was")
	}
}

// What is read ahead may be missing in a record.
func TestRecordsThatSayNothingFollow(t *testing.T) {
	bare := Records{Assistants: []Assistant{{}, {ID: "a", Evidence: []Evidence{{}}}}, Secrets: []Secret{{}, {ID: "s", Locations: []Location{{}}}},
		Tools: []Tool{{}, {ID: "t", Args: []string{"", "x"}}}, Entitlements: []Entitlement{{}, {ID: "e", Path: []string{""}}}, Owners: []Owner{{}}, Resources: []Resource{{}}}
	first := NewSnapshot(noon, bare, false)
	next := first.Next(noon, first.Records(), false).Next(noon, Records{}, false)
	if d := next.Next(noon, bare, false).Since(next); len(d.Tools.Changed) != 2 || len(d.Tools.Gone) != 0 {
		t.Errorf("%+v", d)
	}
}
