package report

import (
	"slices"

	"nhitop/inventory"
)

// Select returns a record with everything that is tied to it: for an assistant its owners, secrets, tool servers,
// entitlements with their resources, references, findings and the issues that close them; for any other record the
// assistants that it belongs to, and what lies between. Sources are all there: they say what was not read.
func Select(s *inventory.Snapshot, id inventory.ID) inventory.Records {
	k := keep{s: s, ids: map[inventory.ID]bool{}}
	k.record(id)
	all := s.Records()
	r := inventory.Records{
		Sources:      all.Sources,
		Assistants:   only(all.Assistants, func(x *inventory.Assistant) bool { return k.ids[x.ID] }),
		Owners:       only(all.Owners, func(x *inventory.Owner) bool { return k.ids[x.ID] }),
		Secrets:      only(all.Secrets, func(x *inventory.Secret) bool { return k.ids[x.ID] }),
		Entitlements: only(all.Entitlements, func(x *inventory.Entitlement) bool { return k.ids[x.ID] }),
		Tools:        only(all.Tools, func(x *inventory.Tool) bool { return k.ids[x.ID] }),
		Resources:    only(all.Resources, func(x *inventory.Resource) bool { return k.ids[x.ID] }),
		References:   only(all.References, func(x *inventory.Reference) bool { return k.ids[x.ID] }),
		Findings:     only(all.Findings, func(x *inventory.Finding) bool { return k.ids[x.ID] }),
	}
	r.Issues = only(all.Issues, func(x *inventory.Issue) bool {
		return k.ids[x.ID] || slices.ContainsFunc(x.Closes, func(f inventory.ID) bool { return k.ids[f] })
	})
	return r
}

func only[T any](xs []T, ok func(*T) bool) []T {
	out := []T{}
	for i := range xs {
		if ok(&xs[i]) {
			out = append(out, xs[i])
		}
	}
	return out
}

type keep struct {
	s   *inventory.Snapshot
	ids map[inventory.ID]bool
}

func (k keep) add(ids ...inventory.ID) {
	for _, id := range ids {
		if id != "" {
			k.ids[id] = true
		}
	}
}

// record adds a record and its surroundings.
func (k keep) record(id inventory.ID) {
	k.add(id)
	s := k.s
	if s.Assistant(id) != nil {
		k.assistant(id)
	}
	if x := s.Secret(id); x != nil {
		k.add(x.Owners...)
		k.add(x.Assistants...)
	}
	if o := s.Owner(id); o != nil {
		for _, a := range s.AssistantsOf(id) {
			k.assistant(a.ID)
		}
	}
	if t := s.Tool(id); t != nil {
		k.add(t.Assistant)
		k.add(t.Secrets...)
	}
	for _, e := range s.EntitlementsOf(id) {
		k.add(e.ID, e.Assistant, e.Resource)
	}
	if e := s.Entitlement(id); e != nil {
		k.add(e.Assistant, e.Resource, inventory.ID(e.Via))
	}
	for _, t := range s.ToolsOf(id) {
		k.add(t.ID, t.Assistant)
	}
	if f := s.Finding(id); f != nil {
		k.add(f.Subject)
		k.add(f.Assistants...)
	}
	for _, i := range s.Records().Issues {
		if i.ID == id {
			k.add(i.Subject)
			k.add(i.Closes...)
		}
	}
	for _, f := range s.FindingsOf(id) {
		k.add(f.ID)
	}
}

// assistant adds all that an assistant is, holds and may do.
func (k keep) assistant(id inventory.ID) {
	a := k.s.Assistant(id)
	k.add(a.ID)
	k.add(a.Owners...)
	if a.Ownership != nil {
		for _, x := range a.Ownership.Others {
			k.add(x.Owner)
		}
	}
	k.add(a.Secrets...)
	k.add(a.Tools...)
	for _, t := range k.s.ToolsOf(id) {
		k.add(t.ID)
	}
	for _, e := range k.s.EntitlementsOf(id) {
		k.add(e.ID, e.Resource)
	}
	for _, f := range k.s.FindingsOf(id) {
		k.add(f.ID)
	}
	for _, r := range k.s.ReferencesOf(id) {
		k.add(r.ID)
	}
}
