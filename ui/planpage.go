package ui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// planPage shows a plan before anything is done: who, where, the steps with their layer and proof, what stays alive and
// what breaks. Confirming is the root's prompt; the page only draws.
type planPage struct {
	plan  *revoke.Plan
	undo  string            // the run that the plan takes back, "" for a revocation
	in    *posture.Incident // the credential in hand that it ends; nil: none
	wait  *posture.Waiting  // that it waits for another operator; nil: it does not, or not yet
	th    *theme.Theme
	now   func() time.Time
	snap  *inventory.Snapshot
	diffs bool
	pager
}

// pager scrolls lines.
type pager struct{ top, height, total int }

func (p *pager) Move(n int) { p.top = max(0, min(p.top+n, max(0, p.total-p.height))) }
func (p *pager) Page(n int) { p.Move(n * max(1, p.height-2)) }
func (p *pager) Home()      { p.top = 0 }
func (p *pager) End()       { p.Move(p.total) }

// position says which lines are shown, where there are more.
func (p *pager) position() []string {
	if p.total <= p.height || p.height <= 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d-%d of %d lines", p.top+1, min(p.total, p.top+p.height), p.total)}
}

func (p *pager) cut(lines []styledLine, h int) []styledLine {
	p.total, p.height = len(lines), h
	p.Move(0)
	return lines[p.top:min(len(lines), p.top+h)]
}

func (p *planPage) Title() string { return "plan " + p.plan.ID }

func (p *planPage) Show(s *inventory.Snapshot) tea.Cmd { p.snap = s; return nil }
func (p *planPage) Update(tea.Msg) tea.Cmd             { return nil }

func (p *planPage) Actions() []string {
	if p.wait != nil && !p.wait.Confirmed(p.now()) {
		return []string{"second", "go", "diff", "copy", "back"}
	}
	return []string{"go", "diff", "copy", "back"}
}

func (p *planPage) Crumb() (left, right string) {
	what := "revoke"
	switch {
	case p.undo != "":
		what = "undo " + p.undo
	case p.plan.Rotates():
		what = "rotate"
	}
	return what + " › " + strings.Join(p.plan.Names, ", "), strings.Join(p.Rights(), " · ")
}

// Rights are the plan, the time since its credential came into hand, until when it is good, and where in it one is.
func (p *planPage) Rights() []string {
	out := []string{p.Title()}
	if p.in != nil {
		out = append(out, clock(p.now().Sub(p.in.At))+" since paste")
	}
	if p.expired() {
		out = append(out, "EXPIRED "+p.plan.Expires.UTC().Format("15:04 UTC"))
	} else if p.wait == nil {
		out = append(out, "good until "+p.plan.Expires.UTC().Format("15:04 UTC"))
	}
	return append(out, p.position()...)
}

// expired reports whether the plan is too old; of one that waits for another operator that is another question.
func (p *planPage) expired() bool { return p.wait == nil && p.now().After(p.plan.Expires) }

// Copy gives each step as a command of a shell, without the secret. What several steps would say alike is said once.
func (p *planPage) Copy() string {
	var b strings.Builder
	said := map[string]int{}
	for i, s := range p.plan.Steps {
		command := s.Command()
		if n, ok := said[command]; ok {
			command = revoke.Comment(fmt.Sprintf("as for step %d", n))
		} else {
			said[command] = i + 1
		}
		b.WriteString(revoke.Comment(fmt.Sprintf("%d [%s] %s", i+1, s.Source, s.Summary)) + command + "\n")
	}
	head := ""
	if strings.Contains(b.String(), "$TOKEN") {
		head = revoke.Comment("TOKEN is the credential that may do a step, of the source in brackets; IFS= read -rs TOKEN takes it unseen.")
	}
	if strings.Contains(b.String(), "$SECRET") {
		head += revoke.Comment("SECRET is the credential that a step is about; IFS= read -rs SECRET takes it unseen.")
	}
	return head + b.String()
}

func (p *planPage) View(w, h int) string {
	b := p.lines(w, false)
	if len(b) > h {
		b = p.lines(w, true)
	}
	return strings.Join(drawStyled(p.th, p.cut(b, h), w, h), "\n")
}

// lines is the whole page; where it is longer than the screen, who is told of the plan stands above the steps, and what stands
// below them is announced.
func (p *planPage) lines(w int, long bool) pageLines {
	var b pageLines
	if text := p.below(); long && text != "" {
		b.add(line(theme.Warn, " "+text))
		if p.undo != "" {
			b.add(nil)
		}
	}
	if p.undo == "" {
		p.who(&b, w)
	}
	if own := p.plan.OwnAccess(); own != "" {
		b.add(paragraphHead("OWN", own, w)...)
		b.add(nil)
	}
	p.second(&b, w)
	if long && len(p.plan.Tells()) > 0 {
		section(&b, "TELLS", p.plan.Tells(), "", w)
		b.add(nil)
	}
	p.steps(&b, w)
	b.add(nil)
	if len(p.plan.Kept) > 0 {
		section(&b, "STAYS DONE", p.plan.Kept, "", w)
	}
	section(&b, "BREAKS", p.plan.Breaks, "nothing that this plan knows of", w)
	if tells := p.plan.Tells(); len(tells) > 0 && !long {
		section(&b, "TELLS", tells, "", w)
	}
	section(&b, "STAYS ALIVE", p.plan.Residual, "nothing that this plan knows of", w) // the last thing that is read
	return b
}

// steps is the table of what is done, in order.
func (p *planPage) steps(b *pageLines, w int) {
	b.add(styledLine{{Text: "    " + table.Fit("LAYER", 10, false, false) + " " + table.Fit("STEP", max(10, w-36), false, false) + " UNDO   PROOF", Style: theme.Head}})
	for i, s := range p.plan.Steps {
		undo, style := "yes", theme.Plain
		if !s.Reversible {
			undo, style = "NO", theme.Alarm
		}
		if s.Action == revoke.ActionManual {
			undo = "manual"
		}
		for j, l := range wrap(s.Summary, max(10, w-36)) {
			text := table.Fit(l, max(10, w-36), false, false)
			if j > 0 {
				b.add(line(theme.Plain, strings.Repeat(" ", 15)+text))
				continue
			}
			b.add(styledLine{{Text: fmt.Sprintf("%2d  ", i+1), Style: theme.Bold}, {Text: table.Fit(string(s.Layer), 10, false, false) + " "},
				{Text: text + " "}, {Text: table.Fit(undo, 6, false, false), Style: style}, {Text: " " + string(s.Promises)}})
		}
		if text := p.plan.Waits(s); text != "" {
			b.add(paragraphAt(15, text, w)...)
		}
		p.more(b, s, w)
		if p.diffs {
			for _, l := range strings.Split(strings.TrimRight(s.Request, "\n"), "\n") {
				b.add(diffLine("      " + inventory.Clean(l)))
			}
		}
	}
}

func section(b *pageLines, title string, items []string, none string, w int) {
	if len(items) == 0 {
		items = []string{none}
	}
	for i, it := range items {
		head := title
		if i > 0 {
			head = ""
		}
		b.add(paragraphHead(table.Fit(head, 11, false, false), it, w)...)
	}
}

func paragraphHead(head, text string, w int) []styledLine {
	n := table.Width(head) + 2
	var out []styledLine
	for i, l := range wrap(text, w-n-1) {
		if i > 0 {
			head = strings.Repeat(" ", n-2)
		}
		out = append(out, styledLine{{Text: " " + head + " ", Style: theme.Bold}, {Text: l}})
	}
	return out
}

func paragraphAt(indent int, text string, w int) []styledLine {
	var out []styledLine
	for _, l := range wrap(text, w-indent) {
		out = append(out, line(theme.Dim, strings.Repeat(" ", indent)+l))
	}
	return out
}

func diffLine(l string) styledLine {
	t := strings.TrimLeft(l, " ")
	switch {
	case strings.HasPrefix(t, "-"):
		return line(theme.Alarm, l)
	case strings.HasPrefix(t, "+"):
		return line(theme.Good, l)
	}
	return line(theme.Dim, l)
}
