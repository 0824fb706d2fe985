package change

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"nhitop/inventory"
)

// Input is what two states differ in.
type Input struct {
	Before, After inventory.Records          // the records that differ, as they were and as they are
	At            map[inventory.ID]time.Time // when each came to be as it is, or went
	Known         map[inventory.ID]bool      // records of After only that were there at some earlier time
	Sources       map[string]string          // how each source ended in the later state, by name
	Look          *inventory.Snapshot        // for the names of what did not change; may be nil
	By            map[inventory.ID]string    // who took a record away, where a run says so
}

// Compare tells the differences: by time, newest first, then by kind, noun, name and id.
func Compare(in Input) []Change {
	in.At = maps.Clone(in.At)
	c := &comparer{Input: in, out: []Change{}, before: newSide(&in.Before), after: newSide(&in.After), more: map[inventory.ID][]string{}, less: map[inventory.ID][]string{}}
	compare(c, in.Before.Tools, in.After.Tools, func(x *inventory.Tool) inventory.ID { return x.ID }, c.tool)
	compare(c, in.Before.Entitlements, in.After.Entitlements, func(x *inventory.Entitlement) inventory.ID { return x.ID }, c.entitlement)
	compare(c, in.Before.Assistants, in.After.Assistants, func(x *inventory.Assistant) inventory.ID { return x.ID }, c.assistant)
	compare(c, in.Before.Secrets, in.After.Secrets, func(x *inventory.Secret) inventory.ID { return x.ID }, c.secret)
	compare(c, in.Before.Owners, in.After.Owners, func(x *inventory.Owner) inventory.ID { return x.ID }, c.owner)
	compare(c, in.Before.Resources, in.After.Resources, func(x *inventory.Resource) inventory.ID { return x.ID }, c.resource)
	compare(c, in.Before.Findings, in.After.Findings, func(x *inventory.Finding) inventory.ID { return x.ID }, c.finding)
	c.size()
	slices.SortFunc(c.out, func(a, b Change) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)),
			cmp.Compare(a.Noun, b.Noun), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return c.out
}

type comparer struct {
	Input
	before, after side
	out           []Change
	more, less    map[inventory.ID][]string // what a record that is there at both ends has more and less of
}

// side is one state, by id.
type side struct {
	assistants map[inventory.ID]*inventory.Assistant
	secrets    map[inventory.ID]*inventory.Secret
	tools      map[inventory.ID]*inventory.Tool
	owners     map[inventory.ID]*inventory.Owner
	resources  map[inventory.ID]*inventory.Resource
}

func newSide(r *inventory.Records) side {
	return side{
		index(r.Assistants, func(x *inventory.Assistant) inventory.ID { return x.ID }),
		index(r.Secrets, func(x *inventory.Secret) inventory.ID { return x.ID }),
		index(r.Tools, func(x *inventory.Tool) inventory.ID { return x.ID }),
		index(r.Owners, func(x *inventory.Owner) inventory.ID { return x.ID }),
		index(r.Resources, func(x *inventory.Resource) inventory.ID { return x.ID }),
	}
}

func index[T any](xs []T, id func(*T) inventory.ID) map[inventory.ID]*T {
	m := make(map[inventory.ID]*T, len(xs))
	for i := range xs {
		m[id(&xs[i])] = &xs[i]
	}
	return m
}

// compare calls f for every record with what it was and what it is; nil where it was not or is not there.
func compare[T any](c *comparer, before, after []T, id func(*T) inventory.ID, f func(old, now *T)) {
	was := index(before, id)
	for i := range after {
		f(was[id(&after[i])], &after[i])
		delete(was, id(&after[i]))
	}
	for _, k := range inventory.SortedKeys(was) {
		f(was[k], nil)
	}
}

func (c *comparer) add(kind string, id inventory.ID, name, what, by string) {
	c.out = append(c.out, Change{At: c.At[id], Kind: kind, Noun: nouns[id.Noun()], Name: name, ID: id, What: what, By: by})
}

var nouns = map[inventory.Noun]string{
	inventory.NounAssistant: "assistant", inventory.NounSecret: "secret", inventory.NounTool: "tool", inventory.NounOwner: "owner",
	inventory.NounResource: "resource", inventory.NounFinding: "finding",
}

// readAgain reports whether every one of the sources that had seen a record has read since what it can see.
func (c *comparer) readAgain(sources []string) bool {
	for _, s := range sources {
		switch c.Sources[s] {
		case inventory.SourceOK, inventory.SourcePartial, inventory.SourceStale:
		default:
			if s != asserted {
				return false
			}
		}
	}
	return true
}

// asserted is no source: what a person said, a person took back.
const asserted = "asserted"

func sourcesOf(es []inventory.Evidence) []string {
	var out []string
	for _, e := range es {
		if e.Source != "" && !slices.Contains(out, e.Source) {
			out = append(out, e.Source)
		}
	}
	return out
}

// grew and shrank note what a record that is there at both ends has more or less of.
func (c *comparer) grew(id inventory.ID, at inventory.ID, what string) {
	c.more[id] = append(c.more[id], what)
	c.touch(id, at)
}

func (c *comparer) shrank(id inventory.ID, at inventory.ID, what string) {
	c.less[id] = append(c.less[id], what)
	c.touch(id, at)
}

// touch gives a record the time of the newest part of it that changed.
func (c *comparer) touch(id, part inventory.ID) {
	if c.At[part].After(c.At[id]) {
		c.At[id] = c.At[part]
	}
}

// size tells what grew and shrank.
func (c *comparer) size() {
	for _, id := range inventory.SortedKeys(c.more) {
		c.add(Grown, id, c.name(id), list(c.more[id]), "")
	}
	for _, id := range inventory.SortedKeys(c.less) {
		c.add(Shrunk, id, c.name(id), list(c.less[id]), c.by(id))
	}
}

// by is who took something away, by the runs.
func (c *comparer) by(id inventory.ID) string { return c.By[id] }
