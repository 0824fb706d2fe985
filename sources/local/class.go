package local

import (
	"fmt"
	"slices"

	"nhitop/inventory"
)

// strength orders entitlements by what they come to: certain and open, certain and asking, possible, blocked.
func strength(e inventory.Entitlement) int {
	switch {
	case e.Gate == inventory.GateBlocked:
		return 0
	case !e.Certain:
		return 1
	case e.Gate == inventory.GateAsks:
		return 2
	}
	return 3
}

// classify fills in the matrix from the entitlements and says what makes the assistant an identity of its own.
func (b *builder) classify() {
	caps := map[inventory.Capability]inventory.Answer{}
	for c, a := range b.result.Capabilities {
		caps[c] = a
	}
	best := map[inventory.Capability]inventory.Entitlement{}
	for _, e := range b.grants {
		if old, ok := best[e.Capability]; !ok || strength(e) > strength(old) {
			best[e.Capability] = e
		}
	}
	answers := []inventory.Answer{inventory.No, inventory.Unknown, inventory.Asks, inventory.Yes}
	for c, e := range best {
		if a := answers[strength(e)]; slices.Index(answers, a) > slices.Index(answers, caps[c]) {
			caps[c] = a
		}
	}
	b.rec.Capabilities = caps
	b.rec.Class, b.rec.ClassReason = b.class(caps)
}

// deciding are the capabilities that make an assistant act, the plainest first.
var deciding = []inventory.Capability{inventory.ExecLocal, inventory.WriteSource}

func (b *builder) class(caps map[inventory.Capability]inventory.Answer) (inventory.Class, string) {
	how := map[inventory.Answer]string{inventory.Yes: "without asking", inventory.Asks: "when a person approves"}
	for _, c := range append(slices.Clone(deciding), inventory.Capabilities()...) {
		if h := how[caps[c]]; h != "" && !readOnlyAlone(c) {
			return inventory.ClassNHI, fmt.Sprintf("it can act: %s, %s", c, h)
		}
	}
	for _, sv := range b.servers {
		if sv.tool.Enabled {
			return inventory.ClassNHI, "it can act: it calls tool server " + sv.tool.Name
		}
	}
	switch {
	case how[caps[inventory.ReadSource]] != "":
		return inventory.ClassNHI, "it can act: it reads the source by itself"
	case caps[inventory.ExecLocal] == inventory.No && caps[inventory.WriteSource] == inventory.No:
		return inventory.ClassTextOnly, "it neither runs commands nor changes files, and calls no tool server"
	case b.entry.Acts:
		return inventory.ClassNHI, "it is made to act: it edits, runs commands or calls tools"
	}
	return inventory.ClassUnknown, "nothing that was read says whether it acts"
}

func readOnlyAlone(c inventory.Capability) bool { return c == inventory.ReadSource }
