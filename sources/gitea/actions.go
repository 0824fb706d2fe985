package gitea

import (
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// stored delivers the names of the secrets that pipelines get. Workflows that use one name the same record.
func (c *collection) stored(at, of string, names []secretAnswer) {
	for _, n := range names {
		c.sink.Secret(inventory.Secret{
			ID: inventory.NewID(inventory.NounSecret, "ci-secret", of, n.Name), Kind: "ci-secret", Storage: inventory.StorageCI, Exposure: inventory.ExposureNone,
			State: inventory.StateUnknown, Created: n.Created, Note: n.Name,
			Locations: []inventory.Location{{Path: c.api.URL(at + httpx.Path("/%s", n.Name)), Scope: inventory.ScopeCI, Note: "Actions secret of " + of}},
		}, inventory.Value{})
	}
}

// machines delivers runners: what runs there is in the hands of every workflow that may use them.
func (c *collection) machines(at, of string, rs []runnerAnswer) {
	for _, m := range rs {
		if c.runners[m.ID] {
			continue
		}
		c.runners[m.ID] = true
		var labels []string
		for _, l := range m.Labels {
			labels = append(labels, l.Name)
		}
		keeps := "kept between jobs"
		if m.Ephemeral {
			keeps = "thrown away after a job"
		}
		url := c.api.URL(at + "/" + itoa(m.ID))
		c.sink.Resource(inventory.Resource{
			ID: inventory.NewID(inventory.NounResource, "runner", c.s.host, itoa(m.ID)), Kind: "runner", Name: m.Name + " of " + of,
			Guardrails: map[string]string{"labels": strings.Join(labels, " "), "status": m.Status, "life": keeps}, Evidence: []inventory.Evidence{{Path: url, Note: "runner of Actions"}},
		})
	}
}
