package customrule

import (
	"fmt"
	"math"
	"reflect"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// extra is a name of an expression that is no plain field of the record: the records behind ids, and what follows from many.
type extra struct {
	name string
	typ  reflect.Type
	fill func(to reflect.Value, m *risk.Matter, names map[string]bool)
}

// many gives records in place of their ids.
func many[T any](name string, get func(*risk.Matter) []*T) extra {
	in := viewOf(reflect.TypeFor[T]())
	typ := reflect.SliceOf(in.typ)
	return extra{name, typ, func(to reflect.Value, m *risk.Matter, names map[string]bool) {
		xs := get(m)
		to.Set(reflect.MakeSlice(typ, len(xs), len(xs)))
		for i, x := range xs {
			in.fill(to.Index(i), reflect.ValueOf(x).Elem(), names)
		}
	}}
}

// one gives a record in place of its id, an empty one where it is not known.
func one[T any](name string, get func(*risk.Matter) *T) extra {
	in := viewOf(reflect.TypeFor[T]())
	return extra{name, in.typ, func(to reflect.Value, m *risk.Matter, names map[string]bool) {
		if x := get(m); x != nil {
			in.fill(to, reflect.ValueOf(x).Elem(), names)
		}
	}}
}

func word(name string, get func(*risk.Matter) inventory.Answer) extra {
	return extra{name, reflect.TypeFor[string](), func(to reflect.Value, m *risk.Matter, _ map[string]bool) { to.SetString(string(get(m))) }}
}

// records follows ids.
func records[T any](ids []inventory.ID, get func(inventory.ID) *T) []*T {
	var xs []*T
	for _, id := range ids {
		if x := get(id); x != nil {
			xs = append(xs, x)
		}
	}
	return xs
}

type (
	assistant   = inventory.Assistant
	owner       = inventory.Owner
	secret      = inventory.Secret
	tool        = inventory.Tool
	entitlement = inventory.Entitlement
	resource    = inventory.Resource
	reference   = inventory.Reference
	status      = inventory.SourceStatus
)

// noun is what an expression about one kind of record can name.
type noun struct {
	record reflect.Type
	get    func(*risk.Matter) any // a pointer to the record
	extras []extra
}

func theAssistant(m *risk.Matter) *assistant { return m.Assistant }

var nouns = map[string]noun{
	"assistant": {reflect.TypeFor[assistant](), func(m *risk.Matter) any { return m.Assistant }, []extra{
		many("owners", func(m *risk.Matter) []*owner { return records(m.Assistant.Owners, m.Snapshot().Owner) }),
		many("secrets", func(m *risk.Matter) []*secret { return records(m.Assistant.Secrets, m.Snapshot().Secret) }),
		many("tools", func(m *risk.Matter) []*tool { return m.Snapshot().ToolsOf(m.Assistant.ID) }),
		many("entitlements", func(m *risk.Matter) []*entitlement { return m.Snapshot().EntitlementsOf(m.Assistant.ID) }),
		many("references", func(m *risk.Matter) []*reference { return m.Snapshot().ReferencesOf(m.Assistant.ID) }),
		word("private_data", func(m *risk.Matter) inventory.Answer { return m.Lamps().Private }),
		word("untrusted_input", func(m *risk.Matter) inventory.Answer { return m.Lamps().Untrusted }),
		word("way_out", func(m *risk.Matter) inventory.Answer { return m.Lamps().WayOut }),
	}},
	"secret": {reflect.TypeFor[secret](), func(m *risk.Matter) any { return m.Secret }, []extra{
		many("assistants", func(m *risk.Matter) []*assistant { return m.Holders() }),
		many("owners", func(m *risk.Matter) []*owner { return records(m.Secret.Owners, m.Snapshot().Owner) }),
		many("tools", func(m *risk.Matter) []*tool { return m.Snapshot().ToolsOf(m.Secret.ID) }),
		many("entitlements", func(m *risk.Matter) []*entitlement { return m.Snapshot().EntitlementsOf(m.Secret.ID) }),
	}},
	"tool": {reflect.TypeFor[tool](), func(m *risk.Matter) any { return m.Tool }, []extra{
		one("assistant", func(m *risk.Matter) *assistant { return m.Snapshot().Assistant(m.Tool.Assistant) }),
		many("secrets", func(m *risk.Matter) []*secret { return records(m.Tool.Secrets, m.Snapshot().Secret) }),
	}},
	"owner": {reflect.TypeFor[owner](), func(m *risk.Matter) any { return m.Owner }, []extra{
		many("assistants", func(m *risk.Matter) []*assistant { return m.Snapshot().AssistantsOf(m.Owner.ID) }),
	}},
	"entitlement": {reflect.TypeFor[entitlement](), func(m *risk.Matter) any { return m.Entitlement }, []extra{
		one("assistant", theAssistant),
		one("resource", func(m *risk.Matter) *resource { return m.Snapshot().Resource(m.Entitlement.Resource) }),
		one("secret", func(m *risk.Matter) *secret { return m.Snapshot().Secret(inventory.ID(m.Entitlement.Via)) }),
	}},
	"resource": {reflect.TypeFor[resource](), func(m *risk.Matter) any { return m.Resource }, []extra{
		one("assistant", theAssistant),
		many("entitlements", func(m *risk.Matter) []*entitlement {
			var es []*entitlement
			for _, e := range m.Snapshot().EntitlementsOf(m.Assistant.ID) {
				if e.Resource == m.Resource.ID {
					es = append(es, e)
				}
			}
			return es
		}),
	}},
	"source": {reflect.TypeFor[status](), func(m *risk.Matter) any { return m.Source }, nil},
}

// maxSteps bounds one evaluation: how often the conditions inside any(), all(), filter() and the like are asked.
const maxSteps = 20_000

var errSteps = fmt.Errorf("takes more than %d steps", maxSteps)

// function is one that expressions may call; make binds it to what it is asked about.
type function struct {
	name string
	make func(*risk.Matter) any
}

const stepName = "step__" // counts the steps; put into expressions, not written in them

var functions = []function{
	{"days_since", func(m *risk.Matter) any {
		return func(t Time) float64 {
			if t.at.IsZero() {
				return math.NaN()
			}
			return m.Now().Sub(t.at).Hours() / 24
		}
	}},
	{"days_until", func(m *risk.Matter) any {
		return func(t Time) float64 {
			if t.at.IsZero() {
				return math.NaN()
			}
			return t.at.Sub(m.Now()).Hours() / 24
		}
	}},
	{"is_known", func(*risk.Matter) any { return isKnown }},
	{"production", func(m *risk.Matter) any { return m.Production }},
	{stepName, func(*risk.Matter) any {
		n := 0
		return func() (bool, error) {
			if n++; n > maxSteps {
				return false, errSteps
			}
			return true, nil
		}
	}},
}

// isKnown reports whether a fact is there: a time, a text that is neither empty nor "unknown", a list or map with something
// in it.
func isKnown(x any) bool {
	switch x := x.(type) {
	case nil:
		return false
	case Time:
		return !x.at.IsZero()
	case string:
		return x != "" && x != string(inventory.Unknown)
	}
	v := reflect.ValueOf(x)
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map {
		return v.Len() > 0
	}
	return true
}

// env is the type of all that an expression about one noun can name, and the way to fill it.
type env struct {
	noun
	typ    reflect.Type
	fields []field // plain fields of the record
	first  int     // of the extras in typ
	funcs  int     // of the functions in typ
}

func newEnv(n noun) *env {
	replaced := map[string]bool{}
	for _, x := range n.extras {
		replaced[x.name] = true
	}
	e := &env{noun: n}
	var sf []reflect.StructField
	for _, f := range fieldsOf(n.record) {
		if !replaced[f.name] {
			e.fields = append(e.fields, f)
			sf = append(sf, structField(f.name, f.in.typ))
		}
	}
	e.first = len(sf)
	for _, x := range n.extras {
		sf = append(sf, structField(x.name, x.typ))
	}
	e.funcs = len(sf)
	for _, f := range functions {
		sf = append(sf, structField(f.name, reflect.TypeOf(f.make(nil))))
	}
	e.typ = reflect.StructOf(sf)
	return e
}

// of makes what an expression is evaluated on, with the names that it uses filled in.
func (e *env) of(m *risk.Matter, names map[string]bool) any {
	to := reflect.New(e.typ)
	v := to.Elem()
	from := reflect.ValueOf(e.get(m)).Elem()
	for i, f := range e.fields {
		if names[f.name] {
			f.in.fill(v.Field(i), from.Field(f.at), names)
		}
	}
	for i, x := range e.extras {
		if names[x.name] {
			x.fill(v.Field(e.first+i), m, names)
		}
	}
	for i, f := range functions {
		if names[f.name] {
			v.Field(e.funcs + i).Set(reflect.ValueOf(f.make(m)))
		}
	}
	return to.Interface()
}
