package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/query"
)

// Narrowed says that a snapshot holds no more than the findings that a filter is about.
type Narrowed struct {
	Text      string // the filter
	Shown, Of int    // findings
}

func (n *Narrowed) String() string {
	return fmt.Sprintf("Filter %s: %s of %d, and the records that they are about. Numbers are of these; what else there is, is not shown.", inventory.Clean(n.Text), plural(n.Shown, "finding"), n.Of)
}

// FilterFormats are the names of forms that [Scan] writes of a part of the findings. The JSON interface is always whole: its
// readers take what is absent for gone.
func FilterFormats() []string { return []string{"table", "csv", "sarif", "markdown", "html"} }

// filterColumn is a key of the filter: those of the list of findings in the dashboard, and more.
type filterColumn struct {
	query.Field
	text func(s *inventory.Snapshot, f *inventory.Finding) string
}

var filterColumns = []filterColumn{
	{query.Field{Key: "risk", Kind: query.Rank, Ranks: []string{"track|low", "attend|medium", "act-now|high|critical"}}, func(_ *inventory.Snapshot, f *inventory.Finding) string {
		if closed(f) {
			return f.State
		}
		return string(f.Decision)
	}},
	{query.Field{Key: "score", Kind: query.Number}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return fmt.Sprint(f.Score) }},
	{query.Field{Key: "rule"}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return f.Rule }},
	{query.Field{Key: "title"}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return f.Title }},
	{query.Field{Key: "subject"}, func(s *inventory.Snapshot, f *inventory.Finding) string { return Name(s, f.Subject) }},
	{query.Field{Key: "state"}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return f.State }},
	{query.Field{Key: "due", Kind: query.Time, Ahead: true}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return localTime(f.Due) }},
	{query.Field{Key: "owner"}, func(s *inventory.Snapshot, f *inventory.Finding) string {
		if names := ownerNames(s, f); len(names) > 0 {
			return strings.Join(names, ", ")
		}
		return "?"
	}},
	{query.Field{Key: "age", Kind: query.Time}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return localTime(f.FirstSeen) }},
	{query.Field{Key: "assistant"}, func(s *inventory.Snapshot, f *inventory.Finding) string {
		return joinedBy(f.Assistants, func(id inventory.ID) string { return Name(s, id) })
	}},
	{query.Field{Key: "source"}, func(_ *inventory.Snapshot, f *inventory.Finding) string {
		return joinedBy(f.Evidence, func(e inventory.Evidence) string { return e.Source })
	}},
	{query.Field{Key: "path"}, func(_ *inventory.Snapshot, f *inventory.Finding) string {
		return joinedBy(f.Evidence, func(e inventory.Evidence) string { return e.Path })
	}},
	{query.Field{Key: "control"}, func(_ *inventory.Snapshot, f *inventory.Finding) string {
		return joinedBy(f.Controls, func(c inventory.Control) string { return strings.TrimSpace(c.ID + " " + c.Alias) })
	}},
	{query.Field{Key: "detail"}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return f.Detail }},
	{query.Field{Key: "id"}, func(_ *inventory.Snapshot, f *inventory.Finding) string { return string(f.ID) }},
}

// FilterKeys are the keys that a filter may name.
func FilterKeys() []string {
	var keys []string
	for _, c := range filterColumns {
		keys = append(keys, c.Key)
	}
	return keys
}

func joinedBy[T any](xs []T, text func(T) string) string {
	var parts []string
	for _, x := range xs {
		if t := text(x); t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(distinct(parts), ", ")
}

// localTime is a time as the language reads one: in the zone of the reader.
func localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

// ParseFilter reads a filter of findings. now is what ages count from. An error says which part is wrong and what to write.
func ParseFilter(text string, now time.Time) (query.Query, error) {
	fields := make([]query.Field, len(filterColumns))
	for i := range filterColumns {
		fields[i] = filterColumns[i].Field
	}
	q, err := query.Parse(text, fields, now)
	if err != nil {
		return q, err
	}
	if len(q.Terms) == 0 {
		return q, fmt.Errorf("nothing is asked for; write terms such as risk=act-now, owner=alice or path:.github/; the keys are %s", strings.Join(FilterKeys(), ", "))
	}
	at := 0
	for _, t := range append(q.Terms, query.Term{From: len(text), To: len(text)}) { // what no term is made of asks for nothing
		if left := strings.TrimSpace(text[at:t.From]); left != "" {
			return q, fmt.Errorf("%s is not finished, or one term too many: write a value behind it, or less", inventory.Clean(left))
		}
		at = t.To
	}
	return q, nil
}

// Filter returns a snapshot of the findings for which a filter holds, with the records that they are about, who answers for
// those, and all sources; and how many findings there are.
func Filter(s *inventory.Snapshot, q query.Query) (*inventory.Snapshot, *Narrowed) {
	all := s.Records()
	k := keep{s: s, ids: map[inventory.ID]bool{}}
	var found []inventory.Finding
	for i := range all.Findings {
		f := &all.Findings[i]
		if q.Holds(len(filterColumns), func(c int) string { return filterColumns[c].text(s, f) }) {
			found = append(found, *f)
			k.add(f.ID, f.Subject)
			k.add(f.Assistants...)
			k.holders(f.Subject)
		}
	}
	for _, a := range all.Assistants {
		if k.ids[a.ID] {
			k.add(a.Owners...)
		}
	}
	r := inventory.Records{
		Sources:    slices.Clone(all.Sources),
		Assistants: only(all.Assistants, func(x *inventory.Assistant) bool { return k.ids[x.ID] }),
		Owners:     only(all.Owners, func(x *inventory.Owner) bool { return k.ids[x.ID] }),
		Secrets:    only(all.Secrets, func(x *inventory.Secret) bool { return k.ids[x.ID] }),
		Tools:      only(all.Tools, func(x *inventory.Tool) bool { return k.ids[x.ID] }),
		Resources:  only(all.Resources, func(x *inventory.Resource) bool { return k.ids[x.ID] }),
		Findings:   found,
		Issues:     only(all.Issues, func(x *inventory.Issue) bool { return k.any(x.Closes) }),
	}
	return inventory.NewSnapshot(s.At(), r, s.Partial()), &Narrowed{q.Text, len(found), len(all.Findings)}
}

// holders adds the assistants and owners of a secret or tool server.
func (k keep) holders(id inventory.ID) {
	if x := k.s.Secret(id); x != nil {
		k.add(x.Assistants...)
		k.add(x.Owners...)
	}
	if x := k.s.Tool(id); x != nil {
		k.add(x.Assistant)
	}
}

func (k keep) any(ids []inventory.ID) bool {
	for _, id := range ids {
		if k.ids[id] {
			return true
		}
	}
	return false
}
