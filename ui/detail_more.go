package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

func (b *detailBuilder) secret(x *inventory.Secret) {
	if x == nil {
		return
	}
	b.deciding(x.ID)
	b.blast(x.ID, 6)
	b.head("WHAT")
	b.fact("kind", x.Kind)
	b.fact("issuer", x.Issuer)
	b.fact("account", x.Account)
	b.fact("key id", x.KeyID)
	b.fact("ends with", x.Hint)
	b.fact("fingerprint", x.Fingerprint)
	b.fact("stored", x.Storage)
	b.fact("exposure", x.Exposure)
	b.fact("inherited", yesNo(x.Ambient))
	b.fact("state", x.State)
	if !x.Leaked.IsZero() {
		b.fact("exposed", "since "+x.Leaked.Format("2006-01-02"))
	}
	b.fact("expires", day(x.Expires, x.LongLived))
	switch {
	case !x.LastUsed.IsZero():
		b.fact("last used", stamp(x.LastUsed))
	case x.Used == inventory.No:
		b.fact("last used", "never")
	}
	b.fact("checksum", x.Checksum)
	b.fact("scopes", strings.Join(x.Scopes, " "))
	b.fact("note", x.Note)
	for _, m := range x.Same {
		b.fact("same as", fmt.Sprintf("%s (%s, by %s: %s)", m.ID, m.Source, inventory.ClueWords(m.By), m.Confidence))
	}
	b.head(fmt.Sprintf("WHERE %d", len(x.Locations)))
	for _, l := range x.Locations {
		b.add("", table.Cell{Text: place(l.Path, l.Line), Style: theme.Note})
		b.add("", table.Cell{Text: "    " + locationFacts(l), Style: theme.Dim})
	}
	b.heldBy(x.Assistants, "HELD OR REACHED BY")
	b.tools(b.s.ToolsOf(x.ID))
}

func (b *detailBuilder) tool(t *inventory.Tool) {
	if t == nil {
		return
	}
	b.deciding(t.ID)
	b.head("WHAT")
	b.fact("name", t.Name)
	b.fact("known as", t.Known)
	b.fact("transport", t.Transport)
	b.fact("runs", toolRuns(t))
	b.fact("environment", strings.Join(t.EnvNames, " "))
	b.fact("headers", strings.Join(t.HeaderNames, " "))
	b.fact("scope", t.Scope)
	b.fact("on", yesNo(t.Enabled)+reason(t.EnabledReason))
	b.fact("approval", t.Approval)
	b.fact("pinned", string(t.Pinned)+reason(t.PinReason))
	switch {
	case t.AutoApproved:
		b.fact("asks", "never: every one of its tools runs without asking")
	case len(t.ApprovedTools) > 0:
		b.fact("asks", "not for "+strings.Join(t.ApprovedTools, ", "))
	}
	b.heldBy([]inventory.ID{t.Assistant}, "SERVES")
	b.secrets("SECRETS IT IS GIVEN", t.Secrets)
}

func (b *detailBuilder) owner(o *inventory.Owner) {
	if o == nil {
		return
	}
	b.head("WHO")
	b.fact("name", o.Name)
	b.fact("kind", o.Kind)
	b.fact("email", o.Email)
	b.fact("status", o.Status+paren(o.StatusReason))
	if !o.StatusSince.IsZero() {
		b.fact("since", o.StatusSince.Format(time.DateOnly))
	}
	b.fact("manager", o.Manager)
	b.fact("department", o.Department)
	b.fact("known by", evidenceNotes(o.Evidence))
	var ids []inventory.ID
	for _, a := range b.s.AssistantsOf(o.ID) {
		ids = append(ids, a.ID)
	}
	b.heldBy(ids, fmt.Sprintf("ASSISTANTS %d", len(ids)))
}

func (b *detailBuilder) finding(f *inventory.Finding) {
	if f == nil {
		return
	}
	b.add("", decisionCell(f.Decision), table.Cell{Text: " " + f.Title, Style: theme.Bold})
	b.para(risk.Because(f))
	if next := risk.WouldChange(f); next != "" {
		b.para("It becomes " + next)
	}
	b.para("Score: " + risk.Sum(f))
	if a := lampsOf(b.s, f); a != nil {
		for _, l := range lampLines(b.s, a, b.w) {
			b.add("", l...)
		}
	}
	b.head("WHAT WAS SEEN")
	b.para(f.Detail)
	b.factTo(f.Subject, "about", nameOf(b.s, f.Subject), theme.Note)
	for _, id := range f.Assistants {
		if id != f.Subject {
			b.factTo(id, "concerns", nameOf(b.s, id), theme.Note)
		}
	}
	b.fact("due", stamp(f.Due))
	b.fact("first seen", stamp(f.FirstSeen))
	b.fact("state", f.State)
	if !f.AcceptedUntil.IsZero() {
		b.fact("accepted", "by "+f.AcceptedBy+" until "+f.AcceptedUntil.Format(time.DateOnly))
	}
	b.fact("note", f.Note)
	b.head("WHY IT MATTERS")
	b.para(f.Why)
	b.head("FIX")
	b.para(f.Fix)
	b.head(fmt.Sprintf("SCORE %d", f.Score))
	for _, p := range f.ScoreParts {
		b.add("", table.Cell{Text: fmt.Sprintf("%+4d  %s", p.Points, p.Reason)})
	}
	b.head("RULE AND CONTROLS")
	b.fact("rule", f.Rule+paren(map[bool]string{true: "yours"}[f.Yours]))
	for _, c := range f.Controls {
		b.fact(c.ID, c.Framework+paren(c.Alias))
	}
}

func (b *detailBuilder) entitlement(e *inventory.Entitlement) {
	if e == nil {
		return
	}
	b.head("WHAT")
	b.fact("may", string(e.Capability))
	b.fact("level", e.Level)
	b.fact("gate", e.Gate)
	b.fact("origin", e.Origin)
	b.fact("environment", grantEnvironment(b.s, e))
	if e.Certain {
		b.fact("certain", "yes")
	} else {
		b.fact("certain", "no: possible by the kind of credential; what it really may do only its issuer knows")
	}
	b.heldBy([]inventory.ID{e.Assistant}, "WHO")
	if e.Resource != "" {
		b.factTo(e.Resource, "on", nameOf(b.s, e.Resource), theme.Note)
	}
	if x := b.s.Secret(inventory.ID(e.Via)); x != nil {
		b.secrets("VIA", []inventory.ID{x.ID})
	} else {
		b.fact("via", e.Via)
	}
	b.head("PROOF")
	for _, l := range proofPath(e.Path, b.w) {
		b.add("", l...)
	}
}

// proof lists every way in which an assistant comes to a capability.
func (b *detailBuilder) proof(a *inventory.Assistant, c inventory.Capability) {
	if a == nil {
		return
	}
	answer := cmp.Or(a.Capabilities[c], inventory.Unknown)
	b.add(a.ID, table.Cell{Text: nameOf(b.s, a.ID), Style: theme.Note}, table.Cell{Text: " › " + string(c) + ": " + string(answer), Style: theme.Bold})
	if len(a.Promised) > 0 {
		b.fact("charter", string(cmp.Or(a.Promised[c], inventory.No)))
	}
	es := withCapability(b.s, a.ID, c)
	if len(es) == 0 {
		b.para("Nothing that was read gives it this; that is not proof that it cannot.")
	}
	for i, e := range es {
		certain := "possible by the kind of credential; what it really may do only its issuer knows"
		if e.Certain {
			certain = "certain"
		}
		b.head(fmt.Sprintf("WAY %d  %s, %s", i+1, e.Gate, certain))
		for _, l := range proofPath(e.Path, b.w) {
			b.add(e.ID, l...)
		}
		for _, ev := range e.Evidence {
			b.add(e.ID, table.Cell{Text: "    " + place(ev.Path, ev.Line), Style: theme.Dim})
		}
	}
}

func (b *detailBuilder) resource(r *inventory.Resource) {
	if r == nil {
		return
	}
	b.head("WHAT")
	b.fact("name", r.Name)
	b.fact("kind", r.Kind)
	b.fact("environment", environmentWords(r))
	b.fact("sensitivity", r.Sensitivity)
	var ids []inventory.ID
	seen := map[inventory.ID]bool{}
	for _, e := range b.s.EntitlementsOf(r.ID) {
		if !seen[e.Assistant] {
			seen[e.Assistant] = true
			ids = append(ids, e.Assistant)
		}
	}
	b.heldBy(ids, "REACHED BY")
}

func (b *detailBuilder) issue(id inventory.ID) {
	for _, i := range b.s.Records().Issues {
		if i.ID != id {
			continue
		}
		b.add("", decisionCell(i.Decision), table.Cell{Text: " " + i.Title, Style: theme.Bold})
		b.para(i.Why)
		b.head("THE CHANGE")
		b.para(i.Change)
		b.factTo(i.Subject, "about", nameOf(b.s, i.Subject), theme.Note)
		b.head(fmt.Sprintf("CLOSES %d", len(i.Closes)))
		for _, f := range i.Closes {
			if x := b.s.Finding(f); x != nil {
				d := decisionCell(x.Decision)
				d.Text = table.Fit(d.Text, 8, false, false)
				b.add(x.ID, d, table.Cell{Text: x.Title})
			}
		}
	}
}
