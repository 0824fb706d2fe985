package schema

import (
	"reflect"
	"slices"
	"strings"

	"nhitop/inventory"
)

// rule is what a type asks for beyond its Go type.
type rule struct {
	required []string            // must be there and not empty
	words    map[string][]string // the words that a field may hold; none of them "" unless listed
}

var (
	answers     = words(inventory.No, inventory.Asks, inventory.Yes, inventory.Unknown)
	autonomies  = words(inventory.AutonomySuggest, inventory.AutonomyAsk, inventory.AutonomyAutoEdit, inventory.AutonomyAuto, inventory.AutonomyUnattended, inventory.AutonomyUnknown)
	environs    = []string{"dev", "ci", "staging", "production", "unknown"}
	grades      = []string{"read", "write", "admin"}
	placeScopes = []string{inventory.ScopeUser, inventory.ScopeRepo, inventory.ScopeCI, inventory.ScopeProvider, inventory.ScopeVault}
)

// rules are those of the records that others write. Required is what a record is no use without; the rest is unknown where
// it is left out.
var rules = map[reflect.Type]rule{
	reflect.TypeFor[inventory.Assistant](): {required: []string{"id", "kind", "name"}, words: map[string][]string{
		"class":    words(inventory.ClassTextOnly, inventory.ClassNHI, inventory.ClassUnknown),
		"autonomy": autonomies, "headless": autonomies,
		"sandbox":     words(inventory.SandboxNone, inventory.SandboxWorkspace, inventory.SandboxContainer, inventory.SandboxVM, inventory.SandboxUnknown),
		"environment": environs, "status": {"active", "idle", "suspended", "retired", "unknown"},
		"network": {"open", "allowlist", "none"}, "trust": {"trusted", "untrusted"},
	}},
	reflect.TypeFor[inventory.Owner](): {required: []string{"id", "kind", "name"}, words: map[string][]string{
		"kind": {"person", "team", "service"}, "status": {"active", "departed", "unknown"},
	}},
	reflect.TypeFor[inventory.OwnerSign](): {required: []string{"owner", "sign"}, words: map[string][]string{"sign": inventory.Signs()}},
	reflect.TypeFor[inventory.Secret](): {required: []string{"id", "kind"}, words: map[string][]string{
		"storage": {inventory.StoragePlaintext, inventory.StorageEnv, inventory.StorageKeyring, inventory.StorageManager, inventory.StorageCI,
			inventory.StorageProvider, inventory.StorageEncrypted},
		"exposure":   {inventory.ExposureNone, inventory.ExposureLocal, inventory.ExposureCommitted, inventory.ExposureShared, inventory.ExposureLeaked},
		"state":      {inventory.StateLive, inventory.StateDisabled, inventory.StateRevoked, inventory.StateExpired, inventory.StateUnknown},
		"long_lived": answers, "used": answers, "checksum": {"ok", "bad"},
	}},
	reflect.TypeFor[inventory.Location](): {required: []string{"path"}, words: map[string][]string{"scope": placeScopes, "committed": answers}},
	reflect.TypeFor[inventory.Entitlement](): {required: []string{"id", "via", "capability"}, words: map[string][]string{
		"capability": words(inventory.Capabilities()...), "level": grades, "environment": environs,
		"origin": {inventory.OriginDirect, inventory.OriginInherited, "role", "group", inventory.OriginTool},
		"gate":   {inventory.GateOpen, inventory.GateAsks, inventory.GateBlocked},
	}},
	reflect.TypeFor[inventory.Tool](): {required: []string{"id", "assistant", "name"}, words: map[string][]string{
		"transport": {"stdio", "http", "sse", "builtin"}, "pinned": answers, "approval": {"approved", "rejected", "pending"},
	}},
	reflect.TypeFor[inventory.Resource]():  {required: []string{"id", "kind", "name"}, words: map[string][]string{"environment": environs}},
	reflect.TypeFor[inventory.Reference](): {required: []string{"kind", "text"}},
	reflect.TypeFor[inventory.Evidence]():  {required: []string{"path"}},
	reflect.TypeFor[inventory.Setting]():   {required: []string{"kind", "name"}},
}

// mapWords are the words that keys and values of maps may be.
var mapWords = map[reflect.Type][2][]string{
	reflect.TypeFor[map[inventory.Capability]inventory.Answer](): {words(inventory.Capabilities()...), answers},
}

// Noun is one kind of record, as the lists of a document and the lines of a stream call it.
type Noun struct {
	List string // "assistants"
	Line string // "assistant"
	Type reflect.Type
}

// Nouns lists the records that others may write, in the order of the document.
func Nouns() []Noun {
	return []Noun{
		{"assistants", "assistant", reflect.TypeFor[inventory.Assistant]()},
		{"owners", "owner", reflect.TypeFor[inventory.Owner]()},
		{"secrets", "secret", reflect.TypeFor[inventory.Secret]()},
		{"entitlements", "entitlement", reflect.TypeFor[inventory.Entitlement]()},
		{"tools", "tool", reflect.TypeFor[inventory.Tool]()},
		{"resources", "resource", reflect.TypeFor[inventory.Resource]()},
		{"references", "reference", reflect.TypeFor[inventory.Reference]()},
	}
}

// Derived are the records that nhitop makes itself: they stand in its documents and are not taken from others.
func Derived() []Noun {
	return []Noun{
		{"sources", "source", reflect.TypeFor[inventory.SourceStatus]()},
		{"findings", "finding", reflect.TypeFor[inventory.Finding]()},
		{"issues", "issue", reflect.TypeFor[inventory.Issue]()},
	}
}

func words[T ~string](ws ...T) []string {
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = string(w)
	}
	return out
}

// field is a member of a record.
type field struct {
	name  string
	index []int
	typ   reflect.Type
}

// fields are the members of a struct as encoding/json writes them.
func fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case name == "" && f.Anonymous && f.Type.Kind() == reflect.Struct:
			for _, in := range fields(f.Type) {
				out = append(out, field{in.name, append([]int{i}, in.index...), in.typ})
			}
		case name != "":
			out = append(out, field{name, []int{i}, f.Type})
		}
	}
	return out
}

// Fields returns the names of a record's members, in order.
func (n Noun) Fields() []string {
	var out []string
	for _, f := range fields(n.Type) {
		out = append(out, f.name)
	}
	return out
}

// Required returns the members that a record is no use without.
func (n Noun) Required() []string { return slices.Clone(rules[n.Type].required) }

// New returns a pointer to an empty record.
func (n Noun) New() any { return reflect.New(n.Type).Interface() }

// TypeOf returns the Go type of a member; nil for one that is not there.
func (n Noun) TypeOf(name string) reflect.Type {
	for _, f := range fields(n.Type) {
		if f.name == name {
			return f.typ
		}
	}
	return nil
}
