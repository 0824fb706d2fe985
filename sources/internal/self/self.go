package self

import (
	"cmp"
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/credref"
)

// Kind is the catalogue id of nhitop.
const Kind = "nhitop"

// ID is the assistant that stands for nhitop, in all sources and on all machines.
var ID = inventory.NewID(inventory.NounAssistant, Kind)

// Credential is one that nhitop holds.
type Credential struct {
	Service string // as people read it: GitHub
	URL     string // what stands for it at the provider, or the provider's base
	Use     string // what nhitop does with it: reads, revokes
	Ref     credref.Ref
	Value   inventory.Value
	// Secret is what is known of it: kind, issuer, account, scopes, dates, state. Value, place and holder are added.
	Secret inventory.Secret
	Rights []Right
}

// Right is one thing that the credential may do.
type Right struct {
	Capability  inventory.Capability
	Level       string       // read, write, admin
	Resource    inventory.ID // "": none is named
	Environment string
	Gate        string // "": open
	Certain     bool   // false: possible by the class of the credential, its real scope is not known
	Path        []string
}

// Deliver puts nhitop, the credential and its rights into the inventory and returns the secret's id. Without a value
// (it could not be read) only nhitop itself is delivered, and the id is "".
func Deliver(sink inventory.Sink, c Credential) inventory.ID {
	evidence := []inventory.Evidence{{Path: c.URL, Note: fmt.Sprintf("nhitop %s %s with it", cmp.Or(c.Use, "reads"), c.Service)}}
	a := inventory.Assistant{
		ID: ID, Kind: Kind, Name: "nhitop", Vendor: "nhitop", Scope: "user",
		Class: inventory.ClassNHI, ClassReason: "it holds credentials of providers and revokes with them",
		Autonomy: inventory.AutonomyAsk, AutonomyReason: "it changes nothing that a person has not confirmed",
		Sandbox: inventory.SandboxNone, SandboxReason: "it runs as the person who starts it",
		Status: "active", Purpose: "reads what assistants hold and may do, and takes it away when it is told to",
		Capabilities: map[inventory.Capability]inventory.Answer{}, Evidence: evidence,
	}
	if c.Value.IsZero() {
		sink.Assistant(a)
		return ""
	}
	x := c.Secret
	x.Kind, x.Storage = cmp.Or(x.Kind, "opaque"), c.Ref.Storage()
	x.Exposure = cmp.Or(x.Exposure, inventory.ExposureLocal)
	x.State = cmp.Or(x.State, inventory.StateUnknown)
	x.Assistants = append(x.Assistants[:len(x.Assistants):len(x.Assistants)], ID)
	x.Locations = append(x.Locations[:len(x.Locations):len(x.Locations)], Place(c.Ref))
	id := sink.Secret(x, c.Value)
	a.Secrets = []inventory.ID{id}
	for _, r := range c.Rights {
		gate := cmp.Or(r.Gate, inventory.GateOpen)
		a.Capabilities[r.Capability] = better(a.Capabilities[r.Capability], answer(r, gate))
		sink.Entitlement(inventory.Entitlement{
			ID:        inventory.NewID(inventory.NounEntitlement, string(ID), string(id), string(r.Capability), string(r.Resource)),
			Assistant: ID, Via: string(id), Capability: r.Capability, Level: r.Level, Resource: r.Resource, Environment: r.Environment,
			Origin: inventory.OriginDirect, Gate: gate, Certain: r.Certain, Expires: x.Expires,
			Path:     append([]string{"nhitop", fmt.Sprintf("its credential for %s (%s)", c.Service, c.Ref)}, r.Path...),
			Evidence: evidence,
		})
	}
	sink.Assistant(a)
	return id
}

// Place is where a credential of nhitop stands, as far as its reference tells.
func Place(r credref.Ref) inventory.Location {
	switch {
	case r.Env != "":
		return inventory.Location{Path: "environment", Pointer: "/" + r.Env, Scope: inventory.ScopeUser, Form: "whole"}
	case r.File != "":
		return inventory.Location{Path: r.File, Scope: inventory.ScopeUser, Form: "whole"}
	}
	return inventory.Location{Path: strings.TrimSpace(r.String()), Scope: inventory.ScopeVault, Form: "whole"}
}

func answer(r Right, gate string) inventory.Answer {
	switch {
	case gate == inventory.GateBlocked:
		return inventory.No
	case !r.Certain:
		return inventory.Unknown
	case gate == inventory.GateAsks:
		return inventory.Asks
	}
	return inventory.Yes
}

// better keeps the answer that allows more.
func better(a, b inventory.Answer) inventory.Answer {
	rank := map[inventory.Answer]int{"": 0, inventory.No: 1, inventory.Unknown: 2, inventory.Asks: 3, inventory.Yes: 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
