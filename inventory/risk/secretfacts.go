package risk

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// secretFacts is what the modifiers and the four questions ask of a secret. A reason is empty where the fact is not proven.
type secretFacts struct {
	x        *inventory.Secret
	holders  []*inventory.Assistant
	who      []inventory.ID // the holders
	grants   []*inventory.Entitlement
	shared   bool // several assistants hold it on purpose
	prod     string
	admin    string
	write    string
	orgwide  string
	nonprod  string
	readonly string
	power    strongest
	vague    bool // what it may do is not known at all

	called string // see called
	placed string // see placed

	// What its own rules say again and again; see Subject.places and Subject.replace.
	evidence []inventory.Evidence
	change   *Change
}

func newSecretFacts(w *world, x *inventory.Secret) *secretFacts {
	f := w.desk.secretFacts.one()
	*f = secretFacts{x: x, holders: w.holders(x), grants: w.s.EntitlementsOf(x.ID), called: called(x)}
	if f.placed = f.called; len(x.Locations) > 0 {
		f.placed = placed(x)
	}
	if f.who = x.Assistants; !slices.EqualFunc(f.holders, f.who, func(a *inventory.Assistant, id inventory.ID) bool { return a.ID == id }) {
		f.who = idsOf(f.holders)
	}
	f.who = slices.Clip(f.who)
	f.shared = !x.Ambient && len(f.holders) > 1 && len(identities(f.holders)) > 1
	f.reach(w)
	certainRead := len(f.grants) > 0
	for _, e := range f.grants {
		grade := powerOf(e.Capability, e.Level)
		if e.Certain {
			f.power.put(grade, mayDo(e.Capability))
		}
		certainRead = certainRead && e.Certain && grade == powerRead
		if !e.Certain {
			continue
		}
		if grade == powerControl && f.admin == "" {
			f.admin = mayDo(e.Capability)
		}
		if grade >= powerWrite && f.write == "" {
			f.write = mayDo(e.Capability)
		}
	}
	if certainRead {
		f.readonly = "it only reads"
	}
	f.possible(w)
	if wild := slices.IndexFunc(x.Scopes, wildScope); wild >= 0 {
		f.orgwide = "scope " + quote(x.Scopes[wild])
	} else if x.Broad {
		f.orgwide = "a " + x.Kind + " cannot be narrowed"
	}
	return f
}

// possible adds what the credential may do by its class alone. A class that cannot be narrowed counts in full, any other
// as writing at most: what it was really given is not known here.
func (f *secretFacts) possible(w *world) {
	grade, any := uint8(0), false
	for _, e := range f.grants {
		grade, any = max(grade, powerOf(e.Capability, e.Level)), true
	}
	if !any {
		kind := w.p.known().Kind(f.x.Kind)
		if kind == nil || len(kind.Grants) == 0 && kind.Resource == "" || derivable(f.x) {
			f.power.put(powerWrite, "what it may do is not known")
			f.vague = true
			return
		}
		if len(kind.Grants) == 0 {
			f.power.put(powerRead, "by its kind it opens only "+cmp.Or(map[string]string{"model": "a model"}[kind.Resource], "its own service"))
			return
		}
		for _, g := range kind.Grants {
			grade = max(grade, powerOf(inventory.Capability(g.Capability), g.Level))
		}
	}
	if !f.x.Broad {
		grade = min(grade, powerWrite)
	}
	words := [3]string{"by its kind it only reads", "by its kind it can write; its real scope is not known here",
		"by its kind it can do all that its owner can"}
	f.power.put(grade, words[grade])
}

// reach looks for production, and for proof of the contrary.
func (f *secretFacts) reach(w *world) {
	other := 0
	for _, e := range f.grants {
		r := w.resource(e.Resource)
		env, assumed := environment(e, r)
		switch prod := w.productionOf(e, r); {
		case prod != "":
			f.prod = cmp.Or(f.prod, prod)
		case env != "" && !assumed:
			other++
		}
	}
	if word := w.p.production(f.x.Account, f.x.Kind); f.prod == "" && word != "" {
		f.prod = fmt.Sprintf("its name says %q", word)
	}
	if f.prod == "" {
		for _, l := range sortedPlaces(f.x) {
			if word := w.p.production(path.Base(l.Path), l.Pointer); word != "" {
				f.prod = fmt.Sprintf("%s says %q", quote(path.Base(l.Path)+l.Pointer), word)
				break
			}
		}
	}
	if f.prod == "" && other > 0 && other == len(f.grants) {
		f.nonprod = "all that it opens is outside production"
	}
}

// leaked says how the secret got out of its home, or "". That others on the machine can read its file is SEC-18.
func (f *secretFacts) leaked() string {
	switch f.x.Exposure {
	case inventory.ExposureCommitted, inventory.ExposureLeaked:
		return f.x.Exposure
	}
	if slices.ContainsFunc(f.x.Locations, committed) {
		return inventory.ExposureCommitted
	}
	return ""
}

func (f *secretFacts) shortLived(now time.Time, limit time.Duration) bool {
	return f.x.Expires.After(now) && f.x.Expires.Sub(now) <= limit
}

func committed(l inventory.Location) bool { return l.Committed == inventory.Yes }

// wildScope reports whether a scope covers everything of an organisation or account.
func wildScope(s string) bool {
	s = strings.ToLower(s)
	return s == "*" || s == "admin:org" || s == "org:*" || s == "api" || strings.HasSuffix(s, ":*") || strings.HasSuffix(s, "/*")
}

// identities tells how many identities several assistants are: those of one product for one person are one.
func identities(as []*inventory.Assistant) []string {
	var ids []string
	for _, a := range as {
		id := product(a)
		if a.Host != "" {
			id += " on " + a.Host
		}
		if a.Job != nil {
			id = name(a)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// sortedPlaces are the places of a secret, by path and pointer.
func sortedPlaces(x *inventory.Secret) []inventory.Location {
	by := func(a, b inventory.Location) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Pointer, b.Pointer))
	}
	if slices.IsSortedFunc(x.Locations, by) {
		return x.Locations
	}
	ls := slices.Clone(x.Locations)
	slices.SortFunc(ls, by)
	return ls
}
