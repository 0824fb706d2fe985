package report

import (
	"iter"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// Name returns what people call a record, or its id where it is not known.
func Name(s *inventory.Snapshot, id inventory.ID) string {
	if id == "" {
		return "whoever holds it" // of an entitlement whose secret nobody is known to hold
	}
	if a := s.Assistant(id); a != nil {
		return assistantName(a)
	}
	if x := s.Secret(id); x != nil {
		return secretName(x)
	}
	if t := s.Tool(id); t != nil {
		return t.Name
	}
	if o := s.Owner(id); o != nil {
		return o.Name
	}
	if r := s.Resource(id); r != nil {
		return r.Name
	}
	if f := s.Finding(id); f != nil {
		return f.Title
	}
	if e := s.Entitlement(id); e != nil {
		return string(e.Capability)
	}
	for _, i := range s.Records().Issues {
		if i.ID == id {
			return i.Title
		}
	}
	if id == risk.ConfigurationID() {
		return "the configuration"
	}
	return string(id)
}

func assistantName(a *inventory.Assistant) string {
	switch {
	case a.Scope == "ci" && a.Job != nil:
		return a.Name + " in CI job " + a.Job.Name
	case a.Path != "":
		return a.Name + " on " + a.Path
	}
	return a.Name
}

// product is what an assistant is, in a column: one of no known product goes by its name.
func product(a *inventory.Assistant) string {
	if a.Kind == "" || a.Kind == "custom" {
		return a.Name
	}
	return a.Kind
}

func secretName(x *inventory.Secret) string {
	if x.Hint == "" {
		return x.Kind
	}
	return x.Kind + " …" + x.Hint
}

// ownerNames lists who answers for what a finding concerns, each once.
func ownerNames(s *inventory.Snapshot, f *inventory.Finding) []string {
	var names []string
	for id := range ownersAbout(s, f) {
		if n := Name(s, id); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// ownersAbout yields the owners of what a finding concerns, each with the assistant that it answers for; nil for a secret.
func ownersAbout(s *inventory.Snapshot, f *inventory.Finding) iter.Seq2[inventory.ID, *inventory.Assistant] {
	return func(yield func(inventory.ID, *inventory.Assistant) bool) {
		for i := range len(f.Assistants) + 1 {
			id := f.Subject
			if i > 0 {
				id = f.Assistants[i-1]
			}
			var owners []inventory.ID
			a := s.Assistant(id)
			if a != nil {
				owners = a.Owners
			} else if x := s.Secret(id); x != nil {
				owners = x.Owners
			}
			for _, o := range owners {
				if !yield(o, a) {
					return
				}
			}
		}
	}
}

// shortIDs gives for each id the shortest beginning that no other id has, with at least 6 characters behind the noun.
type shortIDs map[inventory.ID]string

func shorten(ids []inventory.ID) shortIDs {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	m := make(shortIDs, len(ids))
	for i, id := range ids {
		n := len(id.Noun()) + 1 + 6
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < len(ids) {
				n = max(n, shared(string(id), string(ids[j]))+1)
			}
		}
		m[id] = string(id)[:min(n, len(id))]
	}
	return m
}

func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// allIDs lists every id that a person can name.
func allIDs(s *inventory.Snapshot) []inventory.ID {
	var ids []inventory.ID
	r := s.Records()
	for i := range r.Assistants {
		ids = append(ids, r.Assistants[i].ID)
	}
	for i := range r.Owners {
		ids = append(ids, r.Owners[i].ID)
	}
	for i := range r.Secrets {
		ids = append(ids, r.Secrets[i].ID)
	}
	for i := range r.Entitlements {
		ids = append(ids, r.Entitlements[i].ID)
	}
	for i := range r.Tools {
		ids = append(ids, r.Tools[i].ID)
	}
	for i := range r.Resources {
		ids = append(ids, r.Resources[i].ID)
	}
	for i := range r.Findings {
		ids = append(ids, r.Findings[i].ID)
	}
	for i := range r.Issues {
		ids = append(ids, r.Issues[i].ID)
	}
	return ids
}

// Find returns the ids that a person can mean by a word: the id itself, else all ids that begin with it, else all
// assistants, secrets, tool servers, owners and resources of that name (or kind, account or end of a secret), whatever
// the case. More than one is an ambiguity that the caller tells.
func Find(s *inventory.Snapshot, word string) []inventory.ID {
	ids := allIDs(s)
	if slices.Contains(ids, inventory.ID(word)) {
		return []inventory.ID{inventory.ID(word)}
	}
	var found []inventory.ID
	if noun, rest, ok := strings.Cut(word, "-"); ok && noun != "" && rest != "" {
		for _, id := range ids {
			if strings.HasPrefix(string(id), word) {
				found = append(found, id)
			}
		}
	}
	if len(found) == 0 {
		found = byName(s, word)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func byName(s *inventory.Snapshot, word string) []inventory.ID {
	var found []inventory.ID
	add := func(id inventory.ID, names ...string) {
		for _, n := range names {
			if n != "" && strings.EqualFold(n, word) {
				found = append(found, id)
				return
			}
		}
	}
	r := s.Records()
	for i := range r.Assistants {
		a := &r.Assistants[i]
		add(a.ID, a.Name, a.Kind, assistantName(a))
		if slug, ok := strings.CutSuffix(a.Account, "[bot]"); ok { // an app, by its slug or its account
			add(a.ID, slug, a.Account)
		}
	}
	for i := range r.Secrets {
		x := &r.Secrets[i]
		add(x.ID, secretName(x), x.Kind, x.Fingerprint)
		if x.Hint != "" {
			add(x.ID, x.Hint, "…"+x.Hint)
		}
	}
	for i := range r.Tools {
		add(r.Tools[i].ID, r.Tools[i].Name)
	}
	for i := range r.Owners {
		add(r.Owners[i].ID, r.Owners[i].Name, r.Owners[i].Email)
	}
	for i := range r.Resources {
		add(r.Resources[i].ID, r.Resources[i].Name)
	}
	return found
}

// Cut shortens text to a number of columns of a terminal.
func Cut(s string, columns int) string {
	return cells.Truncate(inventory.Clean(s), columns, "…")
}
