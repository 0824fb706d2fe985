package store

import (
	"fmt"
	"strings"
	"testing"

	"nhitop/inventory"
)

func TestPast(t *testing.T) {
	f := open(t).Facts("x")
	for day, m := range []map[string]string{{"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"b": "2"}, {"a": "3", "c": "1"}} {
		save(t, f, day, m)
	}
	past := func(names ...string) string {
		var ids []inventory.ID
		for _, n := range names {
			ids = append(ids, inventory.ID("ast-"+n))
		}
		ds, err := f.Past(ids)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, d := range ds {
			day := int(d.To.At.Sub(at).Hours() / 24)
			text := fmt.Sprintf("%d: %v -> %v", day, told(d.Before.Assistants), told(d.After.Assistants))
			for id, when := range d.At {
				if !when.Equal(d.To.At) {
					t.Errorf("%s changed at %v in a collection of %v", id, when, d.To.At)
				}
				if d.Known[id] {
					text += " again " + string(id)
				}
			}
			out = append(out, text)
		}
		return strings.Join(out, "; ")
	}
	if got := past("a"); got != "0: map[] -> map[a:1]; 2: map[a:1] -> map[]; 3: map[] -> map[a:3] again ast-a" {
		t.Error(got)
	}
	if got := past("b", "c"); got != "0: map[] -> map[b:1]; 1: map[b:1] -> map[b:2] again ast-b; 3: map[b:2] -> map[c:1]" {
		t.Error(got)
	}
	if got := past("none"); got != "" {
		t.Error(got)
	}
}
