package ui

import (
	"fmt"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// charter writes how an assistant stands to what was declared for it.
func (b *detailBuilder) charter(a *inventory.Assistant) {
	st := a.Standing
	if st == nil {
		b.fact("purpose", a.Purpose)
		return
	}
	b.head("CHARTER")
	switch {
	case st.Conflict != "":
		b.factTo("", "none holds", st.Conflict, theme.Warn)
	case a.Charter == "":
		b.factTo("", "none", "nobody has declared what it is meant to be and do", theme.Warn)
	default:
		b.fact("for", a.Charter)
	}
	b.fact("purpose", a.Purpose)
	b.fact("owner", st.Owner)
	b.fact("deputy", st.Deputy)
	if st.Tier > 0 {
		b.fact("tier", fmt.Sprint(st.Tier))
	}
	b.factTo("", "drift", capabilityNames(st.Drift), theme.Warn)
	b.factTo("", "also reaches", strings.Join(append(append([]string{}, st.Environments...), st.Repositories...), ", "), theme.Warn)
	b.fact("not used", capabilityNames(st.Excess))
	b.dated("ends", st.Expires, st.Expired, "it is over")
	b.dated("review due", st.ReviewDue, st.Overdue, "it is overdue")
	if st.ReviewDue.IsZero() && st.Overdue {
		b.factTo("", "review", "none was ever noted", theme.Warn)
	}
}

// dated writes a day, and what it means that it is past.
func (b *detailBuilder) dated(label string, t time.Time, past bool, say string) {
	if t.IsZero() {
		return
	}
	if past {
		b.factTo("", label, t.Format(time.DateOnly)+": "+say, theme.Warn)
		return
	}
	b.fact(label, t.Format(time.DateOnly))
}

func capabilityNames(cs []inventory.Capability) string {
	names := make([]string, len(cs))
	for i, c := range cs {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

// environmentWords is where something stands, and whether only its name says so.
func environmentWords(r *inventory.Resource) string {
	if r.Environment != "" && r.EnvironmentAssumed {
		return r.Environment + " (assumed: only a word of its name says so)"
	}
	return r.Environment
}

// grantEnvironment is where a right counts: its own environment, or that of its resource, with a question mark where that is
// only assumed.
func grantEnvironment(s *snap, e *inventory.Entitlement) string {
	if e.Environment != "" && e.Environment != "unknown" {
		return e.Environment
	}
	r := s.Resource(e.Resource)
	if r == nil {
		return ""
	}
	if r.EnvironmentAssumed {
		return r.Environment + "?"
	}
	return r.Environment
}

// aliasWords says what a label of the mission means, and how sure that is.
func aliasWords(label string) string {
	for _, a := range risk.Aliases() {
		if a.Label == label {
			return fmt.Sprintf("%s: %s (%s)", label, strings.Join(a.Controls, ", "), a.Confidence)
		}
	}
	return label
}

// ownerCell names who answers for an assistant: somebody whom a source knows before one who was only named, and one who has
// left last.
func ownerCell(s *snap, a *inventory.Assistant) table.Cell {
	best, rank := table.Cell{Text: "?", Style: theme.Warn}, 3
	for _, id := range a.Owners {
		o := s.Owner(id)
		if o == nil {
			continue
		}
		name := o.Name
		if name == "" {
			name = o.Email
		}
		c, r := table.Cell{Text: name}, 0
		switch {
		case o.Status == "departed":
			c, r = table.Cell{Text: name + " (left)", Style: theme.Alarm}, 2
		case asserted(a, o):
			c, r = table.Cell{Text: name + " (asserted)", Style: theme.Warn}, 1
		}
		if r < rank {
			best, rank = c, r
		}
	}
	return best
}

// asserted reports whether only a person's word, or a charter's, says that an owner answers for an assistant.
func asserted(a *inventory.Assistant, o *inventory.Owner) bool {
	if o.Status == "active" {
		return false
	}
	for _, id := range a.OwnersAsserted {
		if id == o.ID {
			return true
		}
	}
	for _, s := range o.Sources {
		if s != "asserted" && s != "config" {
			return false
		}
	}
	return len(o.Sources) > 0
}
