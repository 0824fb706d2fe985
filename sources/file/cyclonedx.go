package file

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

type bom struct {
	Components []component `json:"components"`
	Services   []service   `json:"services"`
}

type component struct {
	Name     string `json:"name"`
	Ref      string `json:"bom-ref"`
	Evidence struct {
		Occurrences []struct {
			Location string `json:"location"`
			Line     int    `json:"line"`
		} `json:"occurrences"`
	} `json:"evidence"`
	Crypto struct {
		AssetType string `json:"assetType"`
		Material  struct {
			Type       string `json:"type"`
			ID         string `json:"id"`
			State      string `json:"state"`
			Value      string `json:"value"`
			Creation   string `json:"creationDate"`
			Expiration string `json:"expirationDate"`
		} `json:"relatedCryptoMaterialProperties"`
	} `json:"cryptoProperties"`
	Components []component `json:"components"`
}

type service struct {
	Name     string `json:"name"`
	Ref      string `json:"bom-ref"`
	Provider struct {
		Name string `json:"name"`
	} `json:"provider"`
	Endpoints     []string  `json:"endpoints"`
	Authenticated *bool     `json:"authenticated"`
	Boundary      *bool     `json:"x-trust-boundary"`
	Services      []service `json:"services"`
}

// materials are the kinds of key material that are a credential of somebody (CycloneDX 1.7).
var materials = []string{"credential", "token", "password", "secret-key", "private-key", "shared-secret"}

// states say CycloneDX's states of key material, which are those of NIST SP 800-57, in ours.
var states = map[string]string{
	"active": inventory.StateLive, "pre-activation": inventory.StateDisabled, "suspended": inventory.StateDisabled,
	"deactivated": inventory.StateDisabled, "destroyed": inventory.StateRevoked, "compromised": inventory.StateUnknown,
}

const maxNested = 32

// cyclonedx reads services and credentials of a CycloneDX document.
func (x *reading) cyclonedx(data []byte) {
	var b bom
	if err := json.Unmarshal(data, &b); err != nil {
		x.wrong(lineOf(data, err), "is no CycloneDX: not JSON, or a field of another type")
		return
	}
	x.components(b.Components, 0)
	x.services(b.Services, 0)
}

func (x *reading) components(list []component, depth int) {
	for i := range list {
		c := &list[i]
		if slices.Contains(materials, c.Crypto.Material.Type) {
			x.material(c)
		} else {
			x.passed++
		}
		if depth < maxNested {
			x.components(c.Components, depth+1)
		}
	}
}

func (x *reading) material(c *component) {
	m := &c.Crypto.Material
	value := x.value(m.Value)
	name := credential.Without(credential.Redact(c.Name), value)
	s := inventory.Secret{Kind: unknownKind, State: inventory.StateUnknown, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone,
		Created: day(m.Creation), Expires: day(m.Expiration), Note: m.Type + " " + name}
	if st := states[m.State]; st != "" {
		s.State = st
	}
	if m.State == "compromised" {
		s.Exposure = inventory.ExposureLeaked
	}
	if v, ok := credential.Only(value); ok {
		s.Kind, s.Issuer, s.Account, s.Broad, value = v.Kind, v.Issuer, v.Account, v.Broad, v.Value
	}
	for _, o := range c.Evidence.Occurrences {
		path := x.place(credential.Without(fromURI(o.Location), value))
		s.Locations = append(s.Locations, inventory.Location{Path: path, Line: max(o.Line, 0), Scope: inventory.ScopeRepo, Note: cyclonedx + ": " + name})
		s.Storage = inventory.StoragePlaintext
		if s.Exposure == inventory.ExposureNone {
			s.Exposure = inventory.ExposureLocal
		}
	}
	if len(s.Locations) == 0 {
		s.Locations = []inventory.Location{{Path: x.file, Scope: inventory.ScopeProvider, Note: cyclonedx + ": " + name}}
	}
	if value.IsZero() {
		s.ID = inventory.NewID(inventory.NounSecret, Kind, x.name, cyclonedx, c.Ref, m.ID, c.Name)
	}
	x.sink.Secret(s, value)
}

// day reads a date of CycloneDX; what is none stays unknown.
func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func (x *reading) services(list []service, depth int) {
	for i := range list {
		v := &list[i]
		if v.Name == "" {
			x.wrong(1, fmt.Sprintf("services[%d].name: is missing", i))
			continue
		}
		r := inventory.Resource{ID: inventory.NewID(inventory.NounResource, Kind, x.name, "service", v.Ref, v.Name), Kind: "service",
			Name: credential.Redact(v.Name), Guardrails: map[string]string{}, Evidence: []inventory.Evidence{{Path: x.file, Note: cyclonedx}}}
		if v.Provider.Name != "" {
			r.Guardrails["provider"] = credential.Redact(v.Provider.Name)
		}
		if v.Authenticated != nil {
			r.Guardrails["authenticated"] = strconv.FormatBool(*v.Authenticated)
		}
		if v.Boundary != nil {
			r.Guardrails["crosses trust boundary"] = strconv.FormatBool(*v.Boundary)
		}
		for _, e := range v.Endpoints {
			r.Evidence = append(r.Evidence, inventory.Evidence{Path: credential.RedactURL(e), Note: "endpoint"})
		}
		x.sink.Resource(r)
		if depth < maxNested {
			x.services(v.Services, depth+1)
		}
	}
}
