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
func noticed[T any](t *testing.T, same func(s *sightings, a, b *T) bool) {
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
		if got := same(s, a, b); got != want {
			t.Errorf("%T%s is another, and the two are held for the same: %v", a, at, got)
		}
	}
	if !same(&sightings{met: map[sighting]bool{}}, a, whole[T]()) || n < 7 {
		t.Errorf("%T: equal ones are told apart, or %d fields", a, n)
	}
}

// A field that is new in a record must be looked at.
func TestSinceLooksAtEveryField(t *testing.T) {
	noticed(t, (*sightings).assistant)
	noticed(t, (*sightings).owner)
	noticed(t, func(_ *sightings, a, b *Secret) bool { return sameSecret(a, b) })
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
		a, b := NewSnapshot(noon, shuffle(was, seed), false), NewSnapshot(noon, shuffle(is, seed+1), false)
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
	seen := func(at ...time.Time) *Snapshot {
		var r Records
		for i, x := range at {
			r.Tools = append(r.Tools, Tool{ID: ID(fmt.Sprint("tool-", i)), Evidence: []Evidence{{Path: "~/x", Source: "local", ObservedAt: x}, {Path: "~/y"}}})
		}
		return NewSnapshot(noon, r, false)
	}
	later := noon.Add(time.Hour)
	d := seen(later, later, later).Since(seen(noon, noon, noon))
	if !d.Same() || !d.Ordered() {
		t.Errorf("%+v", d)
	}
	if d.Still() || !d.Again("file", noon).Equal(noon) || !d.Again("local", noon).Equal(later) {
		t.Errorf("%+v", d)
	}
	if d = seen(later, noon, later).Since(seen(noon, noon, noon)); !slices.Equal(d.Tools.Changed, []int32{1}) {
		t.Errorf("one was not seen again: %+v", d.Tools)
	}
	if d = seen(noon, noon).Since(seen(noon, noon)); !d.Same() || !d.Still() || !d.Ordered() {
		t.Errorf("nothing is different: %+v", d)
	}
	between := noon.Add(time.Minute)
	if d = seen(later, later, later, between).Since(seen(noon, noon, noon, between)); !d.Same() || d.Ordered() {
		t.Errorf("one was overtaken: %+v, ordered %v", d, d.Ordered())
	}
}
