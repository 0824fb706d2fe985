package risk

import (
	"cmp"

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

// doings are the capabilities in words that follow "may".
var doings = map[inventory.Capability]string{
	inventory.ReadSource: "read source code", inventory.WriteSource: "change source code", inventory.OpenPR: "open pull requests",
	inventory.ApprovePR: "approve pull requests", inventory.MergeProtected: "merge into protected branches", inventory.BypassReview: "bypass reviews",
	inventory.EditWorkflow: "change workflow files", inventory.RunCI: "start pipelines", inventory.DeployProd: "deploy to production",
	inventory.PublishPackage: "publish packages", inventory.ReadSecrets: "read stored secrets", inventory.WriteSecrets: "change stored secrets",
	inventory.MintIdentity: "create identities or keys", inventory.AdminRepo: "administer a repository", inventory.AdminOrg: "administer an organisation",
	inventory.CloudRead: "read in the cloud", inventory.CloudWrite: "change things in the cloud", inventory.CloudAdmin: "administer a cloud account",
	inventory.ClusterRead: "read in a cluster", inventory.ClusterWrite: "change things in a cluster", inventory.DataRead: "read data",
	inventory.DataWrite: "change data", inventory.TicketWrite: "write tickets", inventory.ChatPost: "post in chats", inventory.ExecLocal: "run commands",
	inventory.NetworkOut: "reach the network",
}

// doing is a capability in words that follow "may".
func doing(c inventory.Capability) string { return cmp.Or(doings[c], string(c)) }

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
