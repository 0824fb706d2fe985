package inventory

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// dirty sets every text, time, list and map below v to one that must not stay as it is.
func dirty(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon.In(time.FixedZone("x", 3600))))
			return
		}
		for i := range v.NumField() {
			dirty(v.Field(i), text)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		dirty(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			dirty(v.Index(i), text)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		dirty(k, text)
		dirty(e, text)
		v.SetMapIndex(k, e)
	}
}

// walk calls f with every text and time below v, and with the path to it.
func walk(v reflect.Value, path string, f func(path string, v reflect.Value)) {
	f(path, v)
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			walk(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), path, f)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			walk(it.Key(), path, f)
			walk(it.Value(), path, f)
		}
	}
}

func soiled[T any](text string) T {
	var x T
	dirty(reflect.ValueOf(&x).Elem(), text)
	return x
}

// A field that is new in a record must not come in past the door.
func TestEveryFieldIsCleaned(t *testing.T) {
	const hostile = "a\x1b[31m\u202eb"
	s := NewSink("local", Key{}, clock)
	in := Records{Assistants: []Assistant{soiled[Assistant](hostile)}, Owners: []Owner{soiled[Owner](hostile)}, Secrets: []Secret{soiled[Secret](hostile)},
		Entitlements: []Entitlement{soiled[Entitlement](hostile)}, Tools: []Tool{soiled[Tool](hostile)}, Resources: []Resource{soiled[Resource](hostile)},
		References: []Reference{soiled[Reference](hostile)}}
	s.Assistant(in.Assistants[0])
	s.Owner(in.Owners[0])
	s.Secret(in.Secrets[0], Value{})
	s.Entitlement(in.Entitlements[0])
	s.Tool(in.Tools[0])
	s.Resource(in.Resources[0])
	s.Reference(in.References[0])
	s.Looked(soiled[Looked](hostile))
	s.Warn(soiled[Warning](hostile))
	b := s.Batch()
	n := 0
	walk(reflect.ValueOf(b), "", func(path string, v reflect.Value) {
		switch x := v.Interface().(type) {
		case time.Time:
			if x.Location() != time.UTC {
				t.Errorf("%s is not UTC", path)
			}
		default:
			if v.Kind() == reflect.String {
				n++
				if strings.ContainsAny(v.String(), "\x1b\u202e") {
					t.Errorf("%s came through as it was", path)
				}
			}
		}
	})
	if n < 100 {
		t.Errorf("%d texts", n)
	}
	// What the caller handed over is still the caller's.
	walk(reflect.ValueOf(in), "", func(path string, v reflect.Value) {
		if v.Kind() == reflect.String && v.String() != hostile {
			t.Errorf("the caller's %s was changed to %q", path, v)
		}
	})
}

// alias fails where a list or map of one is also one of the other.
func TestNothingOfTheCallerIsKept(t *testing.T) {
	s := NewSink("local", Key{}, clock)
	a, x, tl := soiled[Assistant]("plain"), soiled[Secret]("plain"), soiled[Tool]("plain")
	s.Assistant(a)
	s.Secret(x, Value{})
	s.Tool(tl)
	for _, v := range []reflect.Value{reflect.ValueOf(&a), reflect.ValueOf(&x), reflect.ValueOf(&tl)} {
		dirtyBelow(v.Elem())
	}
	walk(reflect.ValueOf(s.Batch()), "", func(path string, v reflect.Value) {
		if v.Kind() == reflect.String && v.String() == "changed" {
			t.Errorf("%s is shared with the caller", path)
		}
	})
}

// dirtyBelow writes into what lists, maps and pointers of a record lead to.
func dirtyBelow(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Slice:
			for k := range f.Len() {
				dirty(f.Index(k), "changed")
			}
		case reflect.Pointer:
			dirty(f.Elem(), "changed")
		case reflect.Map:
			k, e := reflect.New(f.Type().Key()).Elem(), reflect.New(f.Type().Elem()).Elem()
			k.SetString("changed")
			e.SetString("changed")
			f.SetMapIndex(k, e)
		}
	}
}

// A list that is new in a record must not be null in the interface.
func TestEveryListIsFilled(t *testing.T) {
	r := Records{
		Assistants: []Assistant{{Job: &Job{}}}, Owners: []Owner{{}}, Secrets: []Secret{{}}, Entitlements: []Entitlement{{}}, Tools: []Tool{{}},
		Resources: []Resource{{}}, References: []Reference{{}}, Findings: []Finding{{}}, Issues: []Issue{{}}, Sources: []SourceStatus{{}},
	}
	job := r.Assistants[0].Job
	var check func(v reflect.Value, path string)
	check = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() && !strings.Contains(f.Tag.Get("json"), ",omitempty") && f.Tag.Get("json") != "-" || f.Name == "Job" {
					check(v.Field(i), path+"."+f.Name)
				}
			}
		case reflect.Pointer:
			check(v.Elem(), path)
		case reflect.Slice:
			if v.IsNil() {
				t.Errorf("%s is null", path)
			}
			for i := range v.Len() {
				check(v.Index(i), path)
			}
		case reflect.Map:
			if v.IsNil() {
				t.Errorf("%s is null", path)
			}
		}
	}
	for _, x := range []Records{r, {}} {
		check(reflect.ValueOf(NewSnapshot(noon, x, false).Records()), "")
	}
	if job.Triggers != nil || job.Permissions != nil {
		t.Error("what a pointer leads to is shared, and was written to")
	}
}
