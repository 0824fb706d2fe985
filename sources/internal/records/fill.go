package records

import (
	"cmp"
	"reflect"

	"nhitop/inventory"
)

// fill says unknown where nothing is said, and gives each record a place where it can be looked up.
func (t *Taker) fill(record any, line int) {
	drop(record)
	stamp := []inventory.Evidence{{Path: t.path, Line: line}}
	switch x := record.(type) {
	case *inventory.Assistant:
		or(&x.Class, inventory.ClassUnknown)
		or(&x.Autonomy, inventory.AutonomyUnknown)
		or(&x.Sandbox, inventory.SandboxUnknown)
		evidence(&x.Evidence, stamp)
	case *inventory.Owner:
		or(&x.Status, "unknown")
		evidence(&x.Evidence, stamp)
	case *inventory.Secret:
		or(&x.Storage, inventory.StorageProvider)
		or(&x.Exposure, inventory.ExposureNone)
		or(&x.State, inventory.StateUnknown)
		if len(x.Locations) == 0 {
			x.Locations = []inventory.Location{{Path: t.path, Line: line, Scope: inventory.ScopeProvider, Note: "as told there"}}
		}
		for i := range x.Locations {
			or(&x.Locations[i].Scope, inventory.ScopeProvider)
		}
	case *inventory.Entitlement:
		or(&x.Origin, inventory.OriginDirect)
		or(&x.Gate, inventory.GateOpen)
		if len(x.Path) == 0 {
			x.Path = []string{"as " + t.Name + " tells it", string(x.Capability)}
		}
		evidence(&x.Evidence, stamp)
	case *inventory.Tool:
		or(&x.Transport, "stdio")
		or(&x.Pinned, inventory.Unknown)
		evidence(&x.Evidence, stamp)
	case *inventory.Resource:
		evidence(&x.Evidence, stamp)
	case *inventory.Reference:
		x.Path = cmp.Or(x.Path, t.path)
	}
	dropEmpty(record)
}

func or[T ~string](p *T, to T) {
	if *p == "" {
		*p = to
	}
}

func evidence(p *[]inventory.Evidence, stamp []inventory.Evidence) {
	if len(*p) == 0 {
		*p = stamp
	}
}

// dropEmpty drops empty links: an id that named nothing.
func dropEmpty(record any) {
	v := reflect.ValueOf(record).Elem()
	for i := range v.NumField() {
		if ids, ok := v.Field(i).Interface().([]inventory.ID); ok {
			var out []inventory.ID
			for _, id := range ids {
				if id != "" {
					out = append(out, id)
				}
			}
			v.Field(i).Set(reflect.ValueOf(out))
		}
	}
}
