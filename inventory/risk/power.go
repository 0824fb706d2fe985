package risk

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// The grades of power.
const (
	powerRead uint8 = iota
	powerWrite
	powerControl
)

// capabilities are all of them, in the order in which they are shown: numbers are their places.
var capabilities = inventory.Capabilities()

// number is the place of a capability, -1 for one that is not known. It is asked for all the time: a switch is quicker than
// a map.
func number(c inventory.Capability) int {
	switch c {
	case inventory.ReadSource:
		return 0
	case inventory.WriteSource:
		return 1
	case inventory.OpenPR:
		return 2
	case inventory.ApprovePR:
		return 3
	case inventory.MergeProtected:
		return 4
	case inventory.BypassReview:
		return 5
	case inventory.EditWorkflow:
		return 6
	case inventory.RunCI:
		return 7
	case inventory.DeployProd:
		return 8
	case inventory.PublishPackage:
		return 9
	case inventory.ReadSecrets:
		return 10
	case inventory.WriteSecrets:
		return 11
	case inventory.MintIdentity:
		return 12
	case inventory.AdminRepo:
		return 13
	case inventory.AdminOrg:
		return 14
	case inventory.CloudRead:
		return 15
	case inventory.CloudWrite:
		return 16
	case inventory.CloudAdmin:
		return 17
	case inventory.ClusterRead:
		return 18
	case inventory.ClusterWrite:
		return 19
	case inventory.DataRead:
		return 20
	case inventory.DataWrite:
		return 21
	case inventory.TicketWrite:
		return 22
	case inventory.ChatPost:
		return 23
	case inventory.ExecLocal:
		return 24
	case inventory.NetworkOut:
		return 25
	}
	return -1
}

const numbered = 26 // capabilities

// powers grades the capabilities by their numbers.
var powers = func() (grades [numbered]uint8) {
	for _, c := range []inventory.Capability{inventory.WriteSource, inventory.OpenPR, inventory.RunCI, inventory.CloudWrite, inventory.ClusterWrite,
		inventory.DataWrite, inventory.TicketWrite, inventory.ChatPost, inventory.ExecLocal} {
		grades[number(c)] = powerWrite
	}
	for _, c := range []inventory.Capability{inventory.ApprovePR, inventory.MergeProtected, inventory.BypassReview, inventory.EditWorkflow,
		inventory.DeployProd, inventory.PublishPackage, inventory.ReadSecrets, inventory.WriteSecrets, inventory.MintIdentity, inventory.AdminRepo,
		inventory.AdminOrg, inventory.CloudAdmin} {
		grades[number(c)] = powerControl
	}
	return grades
}()

func powerOf(c inventory.Capability, level string) uint8 {
	if level == "admin" {
		return powerControl
	}
	if n := number(c); n >= 0 {
		return powers[n]
	}
	return powerRead
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

// mays are sentences about the capabilities, by their numbers.
var mays = func() (says [numbered]string) {
	for i, c := range capabilities {
		says[i] = "it may " + doing(c)
	}
	return says
}()

// mayDo says that a capability is had.
func mayDo(c inventory.Capability) string {
	if n := number(c); n >= 0 {
		return mays[n]
	}
	return "it may " + doing(c)
}

// cells are the answers of a matrix's row, by the numbers of the capabilities.
type cells [numbered]uint8

var answerCodes = [...]inventory.Answer{"", inventory.No, inventory.Asks, inventory.Yes, inventory.Unknown}

func answerCode(v inventory.Answer) uint8 { return uint8(max(0, slices.Index(answerCodes[:], v))) }

func newCells(m map[inventory.Capability]inventory.Answer) (row cells) {
	for c, v := range m {
		if n := number(c); n >= 0 {
			row[n] = answerCode(v)
		}
	}
	return row
}

// strongest keeps the highest grade and the reason for it.
type strongest struct {
	grade uint8
	why   string
	set   bool
}

func (g *strongest) put(grade uint8, why string) {
	if g.takes(grade) {
		g.grade, g.why, g.set = grade, why, true
	}
}

// takes reports whether a grade would be kept.
func (g *strongest) takes(grade uint8) bool { return !g.set || grade > g.grade }
