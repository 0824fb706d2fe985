package gitlab

import (
	"fmt"

	"nhitop/inventory"
)

// duoKind is GitLab Duo's catalogue id.
const duoKind = "gitlab-duo"

// duoFacts is what GitLab tells of Duo in one top group.
type duoFacts struct {
	group   *group
	flows   int // projects in which Duo may run flows
	noFlows int
	example string // one of them
}

// readDuo notes that Duo is on in a top group. Where the API does not say (Free, or an older GitLab) nothing is claimed.
func (c *collection) readDuo(g *group) {
	if g.ParentID == 0 && g.Duo != nil && *g.Duo {
		c.duo[g.ID] = &duoFacts{group: g}
	}
}

// takeFlows counts the projects in which Duo's flows may run: there it pushes branches and opens merge requests by itself.
func (c *collection) takeFlows(p *project) {
	above := c.levels.above(p.Namespace.ID)
	if p.Flows == nil || len(above) == 0 {
		return
	}
	d := c.duo[above[len(above)-1].ID]
	switch {
	case d == nil:
	case !*p.Flows:
		d.noFlows++
	default:
		if d.flows++; d.example == "" {
			d.example = p.Path
		}
	}
}

// deliverDuo delivers Duo of each top group in which it is on.
func (c *collection) deliverDuo() {
	product, vendor := c.s.known.Product(duoKind)
	for _, id := range sortedKeys(c.duo) {
		d := c.duo[id]
		at := groupPath(id, "")
		a := inventory.Assistant{
			ID: inventory.NewID(inventory.NounAssistant, Kind, c.s.host(), "duo", number(id)), Kind: duoKind, Vendor: vendor,
			Name: product + " in " + c.s.host() + "/" + d.group.FullPath, Path: c.s.host() + "/" + d.group.FullPath, Scope: "forge", Class: inventory.ClassUnknown, ClassReason: "switched on; who uses it is not shown",
			Autonomy: inventory.AutonomyUnknown, AutonomyReason: "each person's client decides", Sandbox: inventory.SandboxUnknown, Status: "active",
			Owners: c.ownersOf(place{group: d.group}), Capabilities: map[inventory.Capability]inventory.Answer{}, Evidence: []inventory.Evidence{c.evidence(at, "duo_features_enabled is true")},
			Settings: []inventory.Setting{{Kind: inventory.SettingManaged, Name: "duo_features_enabled", Value: "true", Scope: "managed", Effective: true, Path: c.s.http.URL(at)}},
		}
		if d.flows > 0 {
			a.Class, a.ClassReason = inventory.ClassNHI, "its flows push branches and open merge requests"
			a.Autonomy, a.AutonomyReason = inventory.AutonomyUnattended, "a flow asks nobody until its merge request"
			a.Sandbox, a.SandboxReason = inventory.SandboxContainer, "a flow runs in a pipeline job"
			a.Settings = append(a.Settings, inventory.Setting{Kind: inventory.SettingMode, Name: "duo_remote_flows_enabled", Value: "true", Scope: "managed", Effective: true,
				Why: fmt.Sprintf("in %d of %d projects", d.flows, d.flows+d.noFlows), Path: c.s.http.URL(at)})
			for _, x := range []inventory.Capability{inventory.ReadSource, inventory.WriteSource, inventory.OpenPR} {
				level := "write"
				if x == inventory.ReadSource {
					level = "read"
				}
				a.Capabilities[x] = inventory.Yes
				c.sink.Entitlement(inventory.Entitlement{
					ID: inventory.NewID(inventory.NounEntitlement, string(a.ID), string(x)), Assistant: a.ID, Via: inventory.ViaDelegated, Capability: x, Level: level,
					Resource: c.repository(d.example), Origin: "role", Gate: inventory.GateOpen, Certain: true,
					Path:     []string{a.Name, "flows may run in the project", fmt.Sprintf("in %d of %d projects", d.flows, d.flows+d.noFlows), string(x)},
					Evidence: []inventory.Evidence{{Path: c.urls[d.example], Note: "duo_remote_flows_enabled is true"}},
				})
			}
		}
		c.sink.Assistant(a)
	}
}
