package ui

import (
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/ownership"
	"nhitop/ui/theme"
)

// owners says who answers for an assistant, how sure that is, and who else is named.
func (b *detailBuilder) owners(a *inventory.Assistant) {
	told := map[inventory.ID]bool{}
	if w := a.Ownership; w != nil {
		if o := b.s.Owner(w.Owner); o != nil {
			told[o.ID] = true
			style := theme.Note
			if o.Status == inventory.OwnerDeparted {
				style = theme.Alarm
			}
			why := w.Why
			if asserted(a, o) {
				why += "; no source knows this person as active"
			}
			b.factTo(o.ID, "owner", o.Name+paren(why+"; confidence "+w.Confidence), style)
			b.fact("", o.StatusReason)
		}
		for _, c := range w.Others {
			o := b.s.Owner(c.Owner)
			if o == nil {
				continue
			}
			told[o.ID] = true
			label, text, style := "also", ownership.Words(c.Signs), theme.Plain
			if slices.Contains(w.Conflicts, o.ID) {
				label, style = "conflict", theme.Warn
			}
			if o.Status == inventory.OwnerDeparted {
				text += "; has left"
			}
			b.factTo(o.ID, label, o.Name+paren(text), style)
		}
		for _, id := range w.OnCall {
			if o := b.s.Owner(id); o != nil {
				b.factTo(id, "on call", o.Name+paren(firstNote(o.Evidence)), theme.Plain)
			}
		}
	}
	for _, id := range a.Owners {
		if o := b.s.Owner(id); o != nil && !told[id] {
			b.factTo(id, "owner", o.Name+paren(ownerNote(a, o)), theme.Note)
		}
	}
	if len(a.Owners) == 0 {
		b.fact("owner", "none known")
	}
}

// canRevokeAll says why all that something holds cannot be planned away.
func canRevokeAll(m *Model) string {
	if p, ok := m.page.(*incidentPage); ok && len(p.in.With) > 0 {
		return canRevoke(m)
	}
	if noun := m.picked().Noun(); noun != inventory.NounAssistant && noun != inventory.NounOwner {
		return "only for an assistant or an owner"
	}
	return canRevoke(m)
}
