package ui

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// detailBuilder writes the lines of a detail page.
type detailBuilder struct {
	s     *inventory.Snapshot
	w     int
	lines []detailLine
}

func padPlain(s string, w int) string { return table.Fit(s, w, false, false) }

func (b *detailBuilder) add(id inventory.ID, cells ...table.Cell) {
	b.lines = append(b.lines, detailLine{styledLine: cells, id: id})
}

func (b *detailBuilder) head(text string) {
	if len(b.lines) > 0 {
		b.lines = append(b.lines, detailLine{head: true})
	}
	b.lines = append(b.lines, detailLine{styledLine: line(theme.Head, text), head: true})
}

// fact writes "label  value", the value wrapped under itself. An empty value is left out.
func (b *detailBuilder) fact(label, value string) { b.factTo("", label, value, theme.Plain) }

const labelWidth = 12

func (b *detailBuilder) factTo(id inventory.ID, label, value string, style theme.Style) {
	if value == "" {
		return
	}
	for i, l := range wrap(value, b.w-labelWidth-1) {
		if i > 0 {
			label = ""
		}
		b.add(id, table.Cell{Text: table.Fit(label, labelWidth, false, false) + " ", Style: theme.Dim}, table.Cell{Text: l, Style: style})
	}
}

func (b *detailBuilder) para(text string) {
	for _, l := range wrap(text, b.w) {
		b.add("", table.Cell{Text: l})
	}
}

// deciding says why the record's most urgent finding is what it is, and how its score came to be.
func (b *detailBuilder) deciding(id inventory.ID) {
	for _, l := range becauseAll(b.s, id, b.w) {
		b.add("", l...)
	}
	if f := urgent(b.s, id); f != nil {
		b.add(f.ID, scoreLine(f)...)
	}
}

func (b *detailBuilder) assistant(a *inventory.Assistant) {
	if a == nil {
		return
	}
	b.deciding(a.ID)
	for _, l := range lampLines(b.s, a, b.w) {
		b.add("", l...)
	}
	b.blast(a.ID, 5)
	b.head("WHO")
	b.fact("product", strings.TrimSpace(a.Name+" "+a.Version+", "+orUnknownWord(a.Vendor)+" ("+a.Kind+")"))
	b.fact("class", string(a.Class)+": "+a.ClassReason)
	b.fact("where", where(a)+onHost(a.Host))
	b.fact("account", a.Account)
	b.owners(a)
	b.fact("last used", stamp(a.LastUsed))
	if a.Guessed {
		b.fact("known by", "its name alone: a guess")
	}
	b.head("HOW FAR IT GOES ALONE")
	b.fact("autonomy", string(a.Autonomy)+reason(a.AutonomyReason))
	if a.Headless != "" {
		b.fact("headless", string(a.Headless)+reason(a.HeadlessReason))
	}
	b.fact("sandbox", string(a.Sandbox)+reason(a.SandboxReason))
	b.fact("network", orUnknownWord(a.Network))
	b.fact("trust", a.Trust)
	b.charter(a)
	b.job(a.Job)
	b.secrets("SECRETS IT HOLDS OR REACHES", a.Secrets)
	b.tools(b.s.ToolsOf(a.ID))
	b.capabilities(a)
	b.settings(a.Settings)
	b.references(b.s.ReferencesOf(a.ID))
}

// ownerNote is how it is known that an owner answers for an assistant.
func ownerNote(a *inventory.Assistant, o *inventory.Owner) string {
	switch note := firstNote(o.Evidence); {
	case o.Status == "departed":
		return "has left"
	case !asserted(a, o):
		return note
	case note == "":
		return "asserted; no source knows this person as active"
	default:
		return note + "; no source knows this person as active"
	}
}

func orUnknownWord(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

func onHost(h string) string {
	if h == "" {
		return ""
	}
	return " on " + h
}

func paren(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func reason(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func (b *detailBuilder) job(j *inventory.Job) {
	if j == nil {
		return
	}
	b.head("THE JOB")
	b.fact("defined in", j.Workflow+" job "+j.Name)
	b.fact("starts on", strings.Join(j.Triggers, ", "))
	b.fact("outsiders", map[inventory.Answer]string{inventory.Yes: "CAN START IT", inventory.No: "cannot start it", inventory.Unknown: "unknown"}[j.Outsiders]+paren(j.ActorFilter))
	var perms []string
	for _, k := range inventory.SortedKeys(j.Permissions) {
		perms = append(perms, k+": "+j.Permissions[k])
	}
	b.fact("job token", strings.TrimSpace(strings.Join(perms, ", ")+paren(j.PermissionsSet)))
	b.fact("secrets", strings.Join(j.Secrets, ", "))
	b.fact("OIDC", yesNo(j.OIDC))
	b.fact("runner", j.Runner)
	b.fact("prompt takes", strings.Join(j.PromptInputs, ", "))
	for _, u := range j.Uses {
		pin := "not pinned"
		if u.Pinned {
			pin = "pinned"
		}
		b.fact("uses", u.Ref+" ("+pin+")")
	}
}

func (b *detailBuilder) secrets(title string, ids []inventory.ID) {
	if len(ids) == 0 {
		return
	}
	b.head(fmt.Sprintf("%s %d", title, len(ids)))
	var held, inherited []*inventory.Secret
	for _, id := range ids {
		if x := b.s.Secret(id); x != nil {
			if x.Ambient {
				inherited = append(inherited, x)
			} else {
				held = append(held, x)
			}
		}
	}
	for _, x := range append(held, inherited...) {
		mark := "  "
		if x.Ambient {
			mark = "~ "
		}
		b.add(x.ID, table.Cell{Text: mark}, table.Cell{Text: table.Fit(secretName(x), 34, false, false), Style: theme.Note},
			table.Cell{Text: " " + secretWhere(x)})
	}
	if len(inherited) > 0 {
		b.add("", table.Cell{Text: "~ inherited from the account that it runs as", Style: theme.Dim})
	}
}

func (b *detailBuilder) tools(ts []*inventory.Tool) {
	if len(ts) == 0 {
		return
	}
	b.head(fmt.Sprintf("TOOL SERVERS %d", len(ts)))
	for _, t := range ts {
		state := "off "
		if t.Enabled {
			state = "on  "
		}
		b.add(t.ID, table.Cell{Text: state}, table.Cell{Text: table.Fit(t.Name, 20, false, false), Style: theme.Note},
			table.Cell{Text: " " + table.Fit(t.Transport, 6, false, false) + toolRuns(t)})
	}
}

func (b *detailBuilder) capabilities(a *inventory.Assistant) {
	es := b.s.EntitlementsOf(a.ID)
	if len(a.Capabilities) == 0 && len(es) == 0 {
		return
	}
	b.head("WHAT IT MAY DO")
	for _, c := range inventory.Capabilities() {
		ans, ok := a.Capabilities[c]
		if !ok || ans == inventory.No {
			continue
		}
		sign := lamp(ans)
		b.add(capabilityProof(es, c), table.Cell{Text: sign.Text + " ", Style: sign.Style}, table.Cell{Text: table.Fit(string(c), 16, false, false)},
			table.Cell{Text: " " + table.Fit(string(ans), 8, false, false)}, table.Cell{Text: capabilityWords(es, c), Style: theme.Dim})
	}
}

func capabilityProof(es []*inventory.Entitlement, c inventory.Capability) inventory.ID {
	for _, e := range es {
		if e.Capability == c {
			return e.ID
		}
	}
	return ""
}

func capabilityWords(es []*inventory.Entitlement, c inventory.Capability) string {
	n, last := 0, ""
	for _, e := range es {
		if e.Capability == c {
			n++
			if last == "" {
				last = strings.Join(e.Path, " → ")
			}
		}
	}
	if n > 1 {
		return fmt.Sprintf("%s  (+%d ways)", last, n-1)
	}
	return last
}

func (b *detailBuilder) settings(ss []inventory.Setting) {
	if len(ss) == 0 {
		return
	}
	b.head(fmt.Sprintf("SETTINGS %d", len(ss)))
	for _, x := range ss {
		text := x.Name + " = " + x.Value
		style := theme.Plain
		if !x.Effective {
			text += "  (not in force" + reason(x.Why) + ")"
			style = theme.Dim
		}
		for i, l := range wrap(text, b.w-2) {
			if i > 0 {
				l = "  " + l
			}
			b.add("", table.Cell{Text: l, Style: style})
		}
		if x.Path != "" {
			b.add("", table.Cell{Text: "    " + place(x.Path, x.Line) + " " + x.Pointer, Style: theme.Dim})
		}
	}
}

func (b *detailBuilder) references(rs []*inventory.Reference) {
	if len(rs) == 0 {
		return
	}
	b.head(fmt.Sprintf("SECRETS KEPT ELSEWHERE %d", len(rs)))
	for _, r := range rs {
		b.add("", table.Cell{Text: table.Fit(r.Kind, 11, false, false)}, table.Cell{Text: r.Text, Style: theme.Note},
			table.Cell{Text: "  " + place(r.Path, r.Line), Style: theme.Dim})
	}
}

func (b *detailBuilder) heldBy(ids []inventory.ID, title string) {
	if len(ids) == 0 {
		return
	}
	b.head(title)
	for _, id := range slices.Compact(ids) {
		if a := b.s.Assistant(id); a != nil {
			c := autonomyCell(a.Autonomy)
			b.add(id, table.Cell{Text: table.Fit(short(a), 22, false, false), Style: theme.Note}, table.Cell{Text: " " + where(a) + "  "}, c)
		}
	}
}
