package records

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/schema"
)

// Taker takes records for one source. It may be used by one goroutine at a time.
type Taker struct {
	Sink inventory.Sink
	Kind string // of the source
	Name string // of the source
	// KeepIDs keeps ids of nhitop's own form: they stand in what nhitop itself wrote.
	KeepIDs bool
	// Mark is called with each record before it goes to the sink, with the id that its writer gave it.
	Mark func(noun, id string, record any)
	// Mask takes out of a text what the caller knows to be secret; nil for nothing.
	Mask func(text string) string

	path string
	seen map[string]int // line of each id of this file
}

// Begin says that what follows stands in this place. An id may stand there once for each kind of record.
func (t *Taker) Begin(path string) { t.path, t.seen = path, map[string]int{} }

// Take reads one record and delivers it. noun is what a line calls it: "assistant". It returns what is wrong; a record
// with a fault that is not Extra was not delivered.
func (t *Taker) Take(noun string, data []byte, line int) []schema.Fault {
	for _, n := range schema.Nouns() {
		if n.Line == noun {
			return t.take(n, data, line)
		}
	}
	return []schema.Fault{{Line: line, Field: "type", Text: "unknown kind of record: it is passed over", Extra: true}}
}

func (t *Taker) take(n schema.Noun, data []byte, line int) []schema.Fault {
	record := n.New()
	faults := schema.Decode(data, line, record, "type", "apiVersion")
	v := reflect.ValueOf(record).Elem()
	id := v.FieldByName("ID").String()
	key := n.Line + "\x00" + id
	if first, twice := t.seen[key]; twice && id != "" {
		faults = append(faults, schema.Fault{Line: line, Field: "id", Text: fmt.Sprintf("stood on line %d already: give each record its own", first)})
	}
	if schema.Refused(faults) {
		return faults
	}
	t.seen[key] = line
	return append(faults, t.deliver(n, v, id, line)...)
}

// Deliver takes a record that the caller made of something else, with ids as their writer gives them.
func (t *Taker) Deliver(record any, line int) []schema.Fault {
	v := reflect.ValueOf(record).Elem()
	for _, n := range schema.Nouns() {
		if n.Type == v.Type() {
			return t.deliver(n, v, v.FieldByName("ID").String(), line)
		}
	}
	return nil
}

func (t *Taker) deliver(n schema.Noun, v reflect.Value, id string, line int) []schema.Fault {
	c := cleaner{t: t, noun: nounOf[n.Line]}
	c.walk(v, "", 0)
	record := v.Addr().Interface()
	if t.Mark != nil {
		t.Mark(n.Line, id, record)
	}
	t.fill(record, line)
	switch x := record.(type) {
	case *inventory.Assistant:
		t.Sink.Assistant(*x)
	case *inventory.Owner:
		t.Sink.Owner(*x)
	case *inventory.Secret:
		t.Sink.Secret(*x, inventory.Value{})
	case *inventory.Entitlement:
		t.Sink.Entitlement(*x)
	case *inventory.Tool:
		t.Sink.Tool(*x)
	case *inventory.Resource:
		t.Sink.Resource(*x)
	case *inventory.Reference:
		t.Sink.Reference(*x)
	}
	if c.masked > 0 {
		return []schema.Fault{{Line: line, Text: "held what looks like a secret's value; it was taken out. Records never hold values", Extra: true}}
	}
	return nil
}

var nounOf = map[string]inventory.Noun{
	"assistant": inventory.NounAssistant, "owner": inventory.NounOwner, "secret": inventory.NounSecret, "entitlement": inventory.NounEntitlement,
	"tool": inventory.NounTool, "resource": inventory.NounResource, "reference": inventory.NounReference,
}

// links are the members that name other records, with what they name.
var links = map[string]inventory.Noun{
	"Owners": inventory.NounOwner, "Secrets": inventory.NounSecret, "Tools": inventory.NounTool, "Assistants": inventory.NounAssistant,
	"Assistant": inventory.NounAssistant, "Resource": inventory.NounResource,
}

var ownForm = regexp.MustCompile(`^(ast|own|sec|ent|tool|res|ref)-[a-z2-7]{16}$`)

// ID is the id that a writer's id becomes.
func (t *Taker) ID(n inventory.Noun, id string) inventory.ID {
	if id == "" {
		return ""
	}
	if t.KeepIDs && ownForm.MatchString(id) && inventory.ID(id).Noun() == n {
		return inventory.ID(id)
	}
	return inventory.NewID(n, t.Kind, t.Name, id)
}

// cleaner goes through a record: ids become ours, and what looks like a secret goes out of the texts.
type cleaner struct {
	t      *Taker
	noun   inventory.Noun
	masked int
}

var (
	idType    = reflect.TypeFor[inventory.ID]()
	printForm = regexp.MustCompile(`^[0-9a-f]{32}$`)
	aliasForm = regexp.MustCompile(`^[a-z0-9-]{1,12}:[a-z2-7]{16}$`)
)

func (c *cleaner) walk(v reflect.Value, name string, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				c.walk(v.Field(i), f.Name, depth+1)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			c.walk(v.Elem(), name, depth+1)
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.walk(v.Index(i), name, depth+1)
		}
	case reflect.Map:
		c.texts(v)
	case reflect.String:
		c.text(v, name, depth)
	}
}

func (c *cleaner) text(v reflect.Value, name string, depth int) {
	switch s := v.String(); {
	case s == "":
	case v.Type() == idType && name == "ID" && depth == 1:
		v.SetString(string(c.t.ID(c.noun, s)))
	case v.Type() == idType && links[name] != "":
		v.SetString(string(c.t.ID(links[name], s)))
	case v.Type() == idType:
		v.SetString("")
	case name == "Via" && s != inventory.ViaAmbient && s != inventory.ViaDelegated:
		v.SetString(string(c.t.ID(inventory.NounSecret, s)))
	case name == "Fingerprint":
		c.keep(v, printForm.MatchString(s))
	case name == "Aliases":
		c.keep(v, aliasForm.MatchString(s))
	case name == "Hint":
		c.keep(v, len(s) <= 4)
	default:
		if clean := c.t.masked(s); clean != s {
			v.SetString(clean)
			c.masked++
		}
	}
}

// masked is a text without what is, or looks like, a secret.
func (t *Taker) masked(s string) string {
	if t.Mask != nil {
		s = t.Mask(s)
	}
	return credential.Redact(s)
}

// keep drops a text that has not the form that nhitop gives it.
func (c *cleaner) keep(v reflect.Value, ok bool) {
	if !ok {
		v.SetString("")
		c.masked++
	}
}

func (c *cleaner) texts(v reflect.Value) {
	for _, k := range v.MapKeys() {
		e := v.MapIndex(k)
		if e.Kind() != reflect.String || k.Kind() != reflect.String {
			continue
		}
		key, text := c.t.masked(k.String()), c.t.masked(e.String())
		if key == k.String() && text == e.String() {
			continue
		}
		c.masked++
		v.SetMapIndex(k, reflect.Value{})
		v.SetMapIndex(reflect.ValueOf(key).Convert(k.Type()), reflect.ValueOf(text).Convert(e.Type()))
	}
}

// drop takes out what nhitop concludes itself.
func drop(record any) {
	switch x := record.(type) {
	case *inventory.Assistant:
		x.OwnersAsserted, x.Charter, x.Promised, x.Standing = nil, "", nil, nil
	case *inventory.Secret:
		x.Same, x.Clues = nil, nil
		x.Aliases = without(x.Aliases)
	}
}

func without(list []string) []string {
	var out []string
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}
