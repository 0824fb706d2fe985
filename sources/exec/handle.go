package exec

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
)

// ref names a record as its plugin does.
type ref struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// nouns are the records that can be taken away, by what a line calls them.
var nouns = map[string]inventory.Noun{
	"assistant": inventory.NounAssistant, "secret": inventory.NounSecret, "entitlement": inventory.NounEntitlement, "tool": inventory.NounTool,
}

// The plugin's own id of a record stands in the record itself, as a pointer below the program's path. It is believed only
// where the record's id is made of it, so that nobody else's record can point at one of this plugin.

var toPointer, fromPointer = strings.NewReplacer("~", "~0", "/", "~1"), strings.NewReplacer("~1", "/", "~0", "~")

func (f ref) pointer() string { return "/" + f.Type + "/" + toPointer.Replace(f.ID) }

func pointed(pointer string) (f ref, ok bool) {
	kind, id, ok := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return ref{kind, fromPointer.Replace(id)}, ok && nouns[kind] != "" && id != ""
}

// mark puts the plugin's id into a record. An id that may not be shown as it is cannot be asked about again.
func (x *collecting) mark(noun, id string, record any) {
	f := ref{noun, id}
	if nouns[noun] == "" || inventory.Clean(id) != id || credential.Redact(x.take.Mask(id)) != id {
		return
	}
	e := inventory.Evidence{Path: x.o.Command, Pointer: f.pointer()}
	switch r := record.(type) {
	case *inventory.Assistant:
		r.Evidence = append(r.Evidence, e)
	case *inventory.Entitlement:
		r.Evidence = append(r.Evidence, e)
	case *inventory.Tool:
		r.Evidence = append(r.Evidence, e)
	case *inventory.Secret:
		r.Locations = append(r.Locations, inventory.Location{Path: e.Path, Pointer: e.Pointer, Scope: inventory.ScopeProvider, Note: "as told there"})
	}
}

// object is one thing of the plugin that a plan is about.
type object struct {
	ref
	target inventory.ID
	name   string
	layer  revoke.Layer
	holds  []string // who stops working without it
}

// objects are what the plugin knows of a target.
func (s *Source) objects(t revoke.Target, snap *inventory.Snapshot) []object {
	var out []object
	if x := snap.Secret(t.ID); x != nil {
		out = append(out, s.secret(x, snap)...)
	}
	if a := snap.Assistant(t.ID); a != nil {
		out = s.own(out, object{target: a.ID, name: a.Name, layer: revoke.LayerPrincipal}, a.Evidence)
		for _, id := range a.Secrets {
			// What it inherits belongs to the person, and is not its to lose.
			if x := snap.Secret(id); t.Action == revoke.ActionAll && x != nil && !x.Ambient {
				out = append(out, s.secret(x, snap)...)
			}
		}
	}
	if e := snap.Entitlement(t.ID); e != nil {
		out = s.own(out, object{target: e.ID, name: string(e.Capability), layer: revoke.LayerGrant}, e.Evidence)
	}
	if x := snap.Tool(t.ID); x != nil {
		out = s.own(out, object{target: x.ID, name: x.Name, layer: revoke.LayerGrant}, x.Evidence)
	}
	return out
}

// own adds those objects that the evidence of a record points at, and that are the record.
func (s *Source) own(out []object, o object, evidence []inventory.Evidence, same ...inventory.ID) []object {
	for _, e := range evidence {
		f, ok := pointed(e.Pointer)
		if !ok || e.Path != s.o.Command || !slices.Contains(append(same, o.target), inventory.NewID(nouns[f.Type], Kind, s.name, f.ID)) {
			continue
		}
		o.ref = f
		if !slices.ContainsFunc(out, func(x object) bool { return x.ref == f && x.target == o.target }) {
			out = append(out, o)
		}
	}
	return out
}

func (s *Source) secret(x *inventory.Secret, snap *inventory.Snapshot) []object {
	o := object{target: x.ID, name: x.Kind, layer: revoke.LayerCredential}
	if x.Hint != "" {
		o.name += " …" + x.Hint
	}
	for _, a := range snap.AssistantsOf(x.ID) {
		o.holds = append(o.holds, a.Name)
	}
	var places []inventory.Evidence
	for _, l := range x.Locations {
		places = append(places, inventory.Evidence{Path: l.Path, Pointer: l.Pointer})
	}
	var same []inventory.ID
	for _, m := range x.Same {
		same = append(same, m.ID)
	}
	return s.own(nil, o, places, same...)
}

func (o object) String() string { return fmt.Sprintf("%s %s", o.Type, inventory.Clean(o.ID)) }
