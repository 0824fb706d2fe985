package ui

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rebind gives actions the keys that the operator wants: by action id, all of its keys anew. The table must have passed
// [CheckKeys].
func rebind(table []action, keys map[string][]string) []action {
	for i := range table {
		if ks, ok := keys[table[i].id]; ok {
			table[i].keys = slices.Clone(ks)
		}
	}
	return table
}

// fixedKeys cannot be taken for something else: they lead out of everything.
var fixedKeys = map[string]string{"esc": "back", "ctrl+c": "quit"}

// CheckKeys says what is wrong with keys that a configuration gives to actions, by action id, in the order of the ids. A key
// that two actions want is an error that names both, unless one of them is for certain pages only: it goes first there.
func CheckKeys(keys map[string][]string) map[string]error {
	table := actionTable()
	errs := map[string]error{}
	known := map[string]bool{}
	for i := range table {
		known[table[i].id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if !known[id] {
			errs[id] = fmt.Errorf("no action is called that; the nearest is %q", nearest(id, table))
			continue
		}
		if len(keys[id]) == 0 {
			errs[id] = errors.New("give it a key at least")
		}
		for _, k := range keys[id] {
			if k == "" || strings.ContainsFunc(k, func(r rune) bool { return r < ' ' }) {
				errs[id] = fmt.Errorf("%q is no key; write x, X, ctrl+x, enter, tab, space as \" \", pgdown, f5", k)
			}
			if of := fixedKeys[k]; of != "" && of != id {
				errs[id] = fmt.Errorf("%s is for %s alone: it leads out of everything", k, of)
			}
		}
	}
	if len(errs) > 0 {
		return errs
	}
	owner := map[string]string{}
	for _, a := range rebind(table, keys) {
		if contextual[a.id] {
			continue
		}
		for _, k := range a.keys {
			if other := owner[k]; other != "" && other != a.id {
				id := a.id
				if _, ours := keys[id]; !ours {
					id, other = other, id
				}
				errs[id] = fmt.Errorf("%s has the key %q too; give one of them another", other, k)
				continue
			}
			owner[k] = a.id
		}
	}
	return errs
}

// nearest is the action whose name shares most with a word.
func nearest(word string, table []action) string {
	best, name := -1, ""
	for i := range table {
		n := 0
		for n < min(len(word), len(table[i].id)) && word[n] == table[i].id[n] {
			n++
		}
		if score := 4*n - abs(len(word)-len(table[i].id)); score > best || name == "" {
			best, name = score, table[i].id
		}
	}
	return name
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
