package risk

import (
	"nhitop/inventory"
)

// The grades of power.
const (
	powerRead uint8 = iota
	powerWrite
	powerControl
)

// powers grades the capabilities; one that is not listed only reads.
var powers = map[inventory.Capability]uint8{
	inventory.WriteSource: powerWrite, inventory.OpenPR: powerWrite, inventory.RunCI: powerWrite, inventory.CloudWrite: powerWrite,
	inventory.ClusterWrite: powerWrite, inventory.DataWrite: powerWrite, inventory.TicketWrite: powerWrite,
	inventory.ChatPost: powerWrite, inventory.ExecLocal: powerWrite,

	inventory.ApprovePR: powerControl, inventory.MergeProtected: powerControl, inventory.BypassReview: powerControl,
	inventory.EditWorkflow: powerControl, inventory.DeployProd: powerControl, inventory.PublishPackage: powerControl,
	inventory.ReadSecrets: powerControl, inventory.WriteSecrets: powerControl, inventory.MintIdentity: powerControl,
	inventory.AdminRepo: powerControl, inventory.AdminOrg: powerControl, inventory.CloudAdmin: powerControl,
}

func powerOf(c inventory.Capability, level string) uint8 {
	if level == "admin" {
		return powerControl
	}
	return powers[c]
}

// system reports whether a capability acts on a system beyond this machine's files: what an assistant should be given
// on purpose.
func system(c inventory.Capability) bool {
	switch c {
	case inventory.ExecLocal, inventory.NetworkOut, inventory.ReadSource, inventory.WriteSource:
		return false
	}
	return true
}

var gradeWords = [3]string{"can read", "can write", "has control (administer, merge, deploy, publish or hand out access)"}

// strongest keeps the highest grade and the reason for it.
type strongest struct {
	grade uint8
	why   string
	set   bool
}

func (g *strongest) put(grade uint8, why string) {
	if !g.set || grade > g.grade {
		g.grade, g.why, g.set = grade, why, true
	}
}
