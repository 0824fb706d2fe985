package pipeline

import (
	"fmt"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

const maxShown = 2000

// shown makes a value fit to be shown: without credentials, and not without end.
func shown(s string) string {
	if len(s) > maxShown {
		s = s[:maxShown] + "…"
	}
	return credential.Redact(s)
}

// merits collects what the settings say about autonomy, sandbox and network, and settles it.
type merits struct {
	entry    *known
	said     []merit
	around   inventory.Sandbox // what the job's machine is
	aroundOf string
}

type merit struct {
	means, value, why string
	place             Place
}

func (m *merits) add(means, value, why string, p Place) {
	if value != "" {
		m.said = append(m.said, merit{means, value, why, p})
	}
}

// surrounding notes what the job's machine is; the first says most.
func (m *merits) surrounding(s inventory.Sandbox, why string) {
	if m.around == "" {
		m.around, m.aroundOf = s, why
	}
}

// rank orders values of one meaning by how much they let happen.
var rank = map[string]map[string]int{
	"autonomy": {"suggest": 1, "ask": 2, "auto-edit": 3, "auto": 4, "unattended": 5},
	"sandbox":  {"vm": 1, "container": 2, "workspace": 3, "none": 4},
	"network":  {"none": 1, "allowlist": 2, "open": 3},
}

// most returns what was said of one meaning that lets the most happen.
func (m *merits) most(means string) (merit, bool) {
	var best merit
	for _, x := range m.said {
		if x.means == means && (best.value == "" || rank[means][x.value] > rank[means][best.value]) {
			best = x
		}
	}
	return best, best.value != ""
}

// settle writes down what it comes to. Flags and inputs go before the product's own default.
func (m *merits) settle(job *Job) {
	d := m.entry.entry.CI.Default
	job.Autonomy, job.AutonomyReason = inventory.Autonomy(d.Autonomy), d.Why
	if job.Autonomy == "" || job.Autonomy == inventory.AutonomyUnknown {
		job.Autonomy, job.AutonomyReason = inventory.AutonomyUnattended, "a pipeline job has nobody to ask"
	}
	if x, ok := m.most("headless"); ok {
		job.Autonomy, job.AutonomyReason = inventory.Autonomy(x.value), because(x)
	}
	if x, ok := m.most("autonomy"); ok {
		job.Autonomy, job.AutonomyReason = inventory.Autonomy(x.value), because(x)
	}
	switch x, ok := m.most("sandbox"); {
	case ok:
		job.Sandbox, job.SandboxReason = inventory.Sandbox(x.value), because(x)
	case m.around != "" && (d.Sandbox == "" || d.Sandbox == "unknown"):
		job.Sandbox, job.SandboxReason = m.around, m.aroundOf
	case d.Sandbox != "":
		job.Sandbox, job.SandboxReason = inventory.Sandbox(d.Sandbox), d.Why
	default:
		job.Sandbox, job.SandboxReason = inventory.SandboxUnknown, "the machine that runs the job is not known"
	}
	switch x, ok := m.most("network"); {
	case ok:
		job.Network, job.NetworkReason = x.value, because(x)
	case d.Network != "" && job.Sandbox != inventory.SandboxNone:
		job.Network, job.NetworkReason = d.Network, d.Why
	default:
		job.Network, job.NetworkReason = "open", "nothing in the job limits it"
	}
}

func because(x merit) string {
	if x.place.Line == 0 {
		return x.why
	}
	return fmt.Sprintf("%s (%s:%d)", x.why, x.place.File, x.place.Line)
}
