package risk

import (
	"sync"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// LampSet is the lethal trifecta of one assistant: three legs, and the cheapest one to cut. An assistant with all three
// can be made to send private data away by text from a stranger.
type LampSet struct {
	Private   inventory.Answer
	Untrusted inventory.Answer
	WayOut    inventory.Answer
	Cut       string // in words; "" while a leg is missing
}

// lampWhy is the fact behind each lit lamp.
type lampWhy struct {
	private, untrusted, wayOut string
	server                     *inventory.Tool // the only bringer of strangers' text, if there is just one
}

// traits are the tool servers of the catalogue that light a lamp, by id.
type traits struct{ untrusted, private, egress map[string]bool }

func traitsOf(c *catalogue.Catalogue) traits {
	t := traits{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, k := range c.Servers {
		t.untrusted[k.ID], t.private[k.ID], t.egress[k.ID] = k.Untrusted, k.Private, k.Egress
	}
	return t
}

var (
	embeddedTraits = sync.OnceValue(func() traits { return traitsOf(catalogue.Embedded()) })
	defaultPolicy  = sync.OnceValue(DefaultPolicy)
)

// Lamps works out the three legs of an assistant with the embedded catalogue of tool servers.
func Lamps(s *inventory.Snapshot, a *inventory.Assistant) LampSet {
	w := &world{s: s, r: s.Records(), p: defaultPolicy(), now: s.At(), traits: embeddedTraits(), stage: &stage{}, desk: &desk{}}
	return newProfile(w, a).lampSet()
}

func lampsOf(w *world, p *profile) (LampSet, lampWhy) {
	var l LampSet
	var y lampWhy
	l.Private, y.private = privateLamp(w, p)
	l.Untrusted, y.untrusted, y.server = untrustedLamp(w, p)
	l.WayOut, y.wayOut = wayOutLamp(w, p)
	return l, y
}

// lampSet is the three legs with the cheapest one to cut, which few ask for.
func (p *profile) lampSet() LampSet {
	l := p.lamps
	if l.Private == inventory.Yes && l.Untrusted == inventory.Yes && l.WayOut != inventory.No {
		l.Cut = cheapestCut(p, p.lit)
	}
	return l
}

func privateLamp(w *world, p *profile) (inventory.Answer, string) {
	for _, t := range p.tools {
		if w.traits.private[t.Known] {
			return inventory.Yes, "tool server " + quote(t.Name) + " reads private data"
		}
	}
	if p.open && len(p.ambient) > 0 {
		return inventory.Yes, count(len(p.ambient), "inherited credential", "inherited credentials") + " in its reach"
	}
	for _, c := range []inventory.Capability{inventory.DataRead, inventory.CloudRead, inventory.ReadSecrets, inventory.ClusterRead} {
		if p.may(c) == inventory.Yes {
			return inventory.Yes, mayDo(c)
		}
	}
	if len(p.held) > 0 {
		return inventory.Yes, "it holds " + called(p.held[0])
	}
	if p.a.Job != nil && len(p.a.Job.Secrets) > 0 {
		return inventory.Yes, "its job gets " + count(len(p.a.Job.Secrets), "secret", "secrets")
	}
	if p.may(inventory.ReadSource) == inventory.No && len(p.tools) == 0 {
		return inventory.No, ""
	}
	return inventory.Unknown, ""
}

func untrustedLamp(w *world, p *profile) (inventory.Answer, string, *inventory.Tool) {
	if j := p.a.Job; j != nil && (len(j.PromptInputs) > 0 || j.Outsiders == inventory.Yes) {
		if len(j.PromptInputs) > 0 {
			return inventory.Yes, "outsiders' text is put into its prompt: " + quote(j.PromptInputs[0]), nil
		}
		return inventory.Yes, "outsiders can start its job with their text", nil
	}
	var bringers []*inventory.Tool
	for _, t := range p.tools {
		if w.traits.untrusted[t.Known] {
			bringers = append(bringers, t)
		}
	}
	switch {
	case len(bringers) == 1:
		return inventory.Yes, "tool server " + quote(bringers[0].Name) + " brings strangers' text", bringers[0]
	case len(bringers) > 1:
		return inventory.Yes, count(len(bringers), "tool server", "tool servers") + " bring strangers' text, " + quote(bringers[0].Name) + " among them", nil
	case p.a.Network == "none" && len(p.tools) == 0 && p.a.Job == nil:
		return inventory.No, "", nil
	}
	return inventory.Unknown, "", nil
}

func wayOutLamp(w *world, p *profile) (inventory.Answer, string) {
	if p.a.Network == "open" {
		return inventory.Yes, "its network is open"
	}
	for _, t := range p.tools {
		if w.traits.egress[t.Known] {
			return inventory.Yes, "tool server " + quote(t.Name) + " can post outside"
		}
	}
	switch {
	case p.may(inventory.NetworkOut) == inventory.Yes:
		return inventory.Yes, "it may reach the network"
	case p.a.Network == "" && p.a.Sandbox == inventory.SandboxNone && p.may(inventory.ExecLocal) == inventory.Yes:
		return inventory.Yes, "its commands run outside a sandbox"
	}
	for _, c := range []inventory.Capability{inventory.ChatPost, inventory.TicketWrite, inventory.OpenPR} {
		if p.may(c) == inventory.Yes {
			return inventory.Yes, mayDo(c)
		}
	}
	if p.may(inventory.NetworkOut) == inventory.Asks {
		return inventory.Asks, ""
	}
	if p.a.Network == "none" && p.a.Job == nil {
		return inventory.No, ""
	}
	return inventory.Unknown, ""
}

func cheapestCut(p *profile, y lampWhy) string {
	switch {
	case p.a.Job != nil:
		return "untrusted input (let only members start the job)"
	case p.a.Network == "open":
		return "way out (let it reach named hosts only)"
	case y.server != nil:
		return "untrusted input (switch tool server " + quote(y.server.Name) + " off, or use it from an assistant without secrets)"
	case y.wayOut == "":
		return "way out (let it reach named hosts only)"
	}
	return "way out (" + y.wayOut + ")"
}
