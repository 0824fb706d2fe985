package report

import (
	"fmt"
	"strings"
	"time"

	"nhitop/inventory"
)

const firstThings = 3 // what leads the page; the rest is in the findings

// scanPage is the whole inventory: what to do first, how things stand, and what is not known.
func scanPage(s *inventory.Snapshot, part *Narrowed) *page {
	p := &page{}
	ids := shorten(allIDs(s))
	r := s.Records()
	p.title("nhitop " + s.At().UTC().Format("2006-01-02 15:04 UTC"))
	p.say(t(standing(s)))
	if part != nil {
		p.say(t(part.String()))
	}
	first(p, s, ids)
	numbers(p, s)
	assistantTable(p, s, ids, r.Assistants)
	secretTable(p, s, ids, r.Secrets)
	toolTable(p, s, ids, r.Tools)
	findingTable(p, s, ids, r.Findings)
	sourceTable(p, s)
	notRead(p, s)
	return p
}

// standing says in one sentence what the page is made of.
func standing(s *inventory.Snapshot) string {
	n := map[string]int{}
	for _, src := range s.Records().Sources {
		n[src.Status]++
	}
	var parts []string
	for _, st := range inventory.SortedKeys(n) {
		parts = append(parts, fmt.Sprintf("%s %s", plural(n[st], "source"), st))
	}
	text := strings.Join(parts, ", ")
	if not := s.Posture().NotRead; not > 0 {
		text += fmt.Sprintf("; %s not looked at, listed at the end", plural(not, "place"))
	}
	return text
}

// plural is a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func first(p *page, s *inventory.Snapshot, ids shortIDs) {
	issues := s.Records().Issues
	if len(issues) == 0 {
		return
	}
	p.head("Fix these first")
	var is items
	for i, x := range issues[:min(firstThings, len(issues))] {
		is = append(is, item{
			number: i + 1,
			head:   []cell{decision(x.Decision), {inventory.Clean(x.Title), strong}, faint("closes " + plural(len(x.Closes), "finding")), faint(ids[x.ID])},
			under:  []cell{t(x.Change), t(x.Why)},
		})
	}
	p.list(is)
	if rest := len(issues) - firstThings; rest > 0 {
		p.say(t(fmt.Sprintf("%s more after these.", plural(rest, "change"))))
	}
}

func decision(d inventory.Decision) cell {
	switch d {
	case inventory.ActNow:
		return cell{"ACT NOW", bad}
	case inventory.Attend:
		return cell{"ATTEND", warn}
	case inventory.Track:
		return cell{"TRACK", plainText}
	}
	return t(string(d))
}

func numbers(p *page, s *inventory.Snapshot) {
	q := s.Posture()
	p.head("How things stand")
	of := func(n, all int) cell {
		if all == 0 {
			return t("none")
		}
		return t(fmt.Sprintf("%d of %d", n, all))
	}
	facts := [][2]cell{
		kv("findings", t(fmt.Sprintf("%d act now, %d attend, %d track", q.Decisions[inventory.ActNow], q.Decisions[inventory.Attend], q.Decisions[inventory.Track]))),
		kv("assistants", t(fmt.Sprintf("%d act, %d text only, %d unknown", q.Assistants[inventory.ClassNHI], q.Assistants[inventory.ClassTextOnly], q.Assistants[inventory.ClassUnknown]))),
	}
	facts = append(facts, toRevoke(q.TimeToRevoke)...)
	if rows := measured(&q.Gauge); len(rows) > 0 {
		facts = append(facts, rows...)
	} else { // of a snapshot that nobody measured, what its records say
		facts = append(facts, kv("with an owner", of(q.OwnersKnown, q.OwnersOf)), kv("a person must approve", of(q.Gated, q.OwnersOf)),
			kv("secrets that expire", of(q.SecretsExpiring, q.SecretsOf)), kv("inherited secrets", of(q.Inherited, q.SecretsOf)),
			kv("tool servers not pinned", of(q.Unpinned, q.ToolsOf)), kv("unattended, no sandbox", of(q.UnattendedOpen, q.OwnersOf)))
	}
	facts = append(facts, kv("secrets in plain text", of(q.Plaintext, q.SecretsOf)))
	p.facts(append(facts, ruleNotes(&q.Gauge)...)...)
}

func assistantTable(p *page, s *inventory.Snapshot, ids shortIDs, as []inventory.Assistant) {
	if len(as) == 0 {
		return
	}
	p.head(fmt.Sprintf("Assistants (%d)", len(as)))
	g := grid{heads: []string{"DECISION", "ASSISTANT", "WHERE", "OWNER", "AUTONOMY", "SANDBOX", "SECRETS", "TOOLS", "ID"}, give: []int{2, 3, 1}, drop: []int{7, 6, 5, 3}}
	for i := range as {
		a := &as[i]
		g.rows = append(g.rows, []cell{decision(worst(s, a.ID)), c(product(a)), c(where(a)), ownersOf(s, a), autonomy(a), t(string(a.Sandbox)),
			t(fmt.Sprint(len(a.Secrets))), t(fmt.Sprint(len(a.Tools))), faint(ids[a.ID])})
	}
	p.table(g)
}

func where(a *inventory.Assistant) string {
	if a.Scope == "ci" && a.Job != nil {
		return a.Job.Workflow + " job " + a.Job.Name
	}
	return strings.TrimSpace(a.Host + " " + a.Path)
}

func autonomy(a *inventory.Assistant) cell {
	switch a.Autonomy {
	case inventory.AutonomyUnattended:
		return cell{"unattended", bad}
	case inventory.AutonomyAuto:
		return cell{"auto", warn}
	}
	return t(string(a.Autonomy))
}

func ownersCell(s *inventory.Snapshot, owners []inventory.ID) cell {
	var names []string
	for _, o := range owners {
		names = append(names, Name(s, o))
	}
	if len(names) == 0 {
		return cell{"?", warn}
	}
	return c(strings.Join(names, ", "))
}

func secretTable(p *page, s *inventory.Snapshot, ids shortIDs, xs []inventory.Secret) {
	if len(xs) == 0 {
		return
	}
	p.head(fmt.Sprintf("Secrets (%d)", len(xs)))
	g := grid{heads: []string{"SECRET", "WHERE", "STORED", "HELD BY", "REACH", "ID"}, give: []int{1, 3, 0}, drop: []int{4, 3}}
	for i := range xs {
		x := &xs[i]
		held := make([]string, 0, len(x.Assistants))
		for _, a := range x.Assistants {
			if a := s.Assistant(a); a != nil {
				held = append(held, product(a))
			}
		}
		place := ""
		if len(x.Locations) > 0 {
			place = location(x.Locations[0])
		}
		if more := len(x.Locations) - 1; more > 0 {
			place += fmt.Sprintf(" and %d more", more)
		}
		reach := "held"
		if x.Ambient {
			reach = "inherited"
		}
		g.rows = append(g.rows, []cell{c(secretName(x)), c(place), stored(x), c(strings.Join(distinct(held), ", ")), t(reach), faint(ids[x.ID])})
	}
	p.table(g)
}

func stored(x *inventory.Secret) cell {
	text := x.Storage
	if x.Exposure == inventory.ExposureCommitted || x.Exposure == inventory.ExposureShared || x.Exposure == inventory.ExposureLeaked {
		return cell{text + ", " + x.Exposure, bad}
	}
	if x.Storage == inventory.StoragePlaintext {
		return cell{text, warn}
	}
	return t(text)
}

func location(l inventory.Location) string { return place(l.Path, l.Line) }

func place(path string, line int) string {
	if line > 0 {
		return fmt.Sprintf("%s:%d", path, line)
	}
	return path
}

func distinct(xs []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, x := range xs {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}

func toolTable(p *page, s *inventory.Snapshot, ids shortIDs, ts []inventory.Tool) {
	if len(ts) == 0 {
		return
	}
	p.head(fmt.Sprintf("Tool servers (%d)", len(ts)))
	g := grid{heads: []string{"SERVER", "OF", "STARTS", "PINNED", "ON", "ASKS", "ID"}, give: []int{2, 0}, drop: []int{4, 5, 1}}
	for i := range ts {
		x := &ts[i]
		of := ""
		if a := s.Assistant(x.Assistant); a != nil {
			of = product(a)
		}
		on, asks := "yes", "yes"
		if !x.Enabled {
			on = "no"
		}
		if x.AutoApproved {
			asks = "no"
		} else if len(x.ApprovedTools) > 0 {
			asks = "some"
		}
		g.rows = append(g.rows, []cell{c(x.Name), c(of), c(starts(x)), t(string(x.Pinned)), t(on), t(asks), faint(ids[x.ID])})
	}
	p.table(g)
}

func starts(x *inventory.Tool) string {
	if x.URL != "" {
		return x.Transport + " " + x.URL
	}
	return strings.TrimSpace(x.Transport + " " + x.Command + " " + strings.Join(x.Args, " "))
}

func findingTable(p *page, s *inventory.Snapshot, ids shortIDs, fs []inventory.Finding) {
	if len(fs) == 0 {
		return
	}
	p.head(fmt.Sprintf("Findings (%d)", len(fs)))
	g := grid{heads: []string{"DECISION", "SCORE", "RULE", "WHAT", "ABOUT", "DUE", "ID"}, give: []int{4, 3}, drop: []int{5, 1, 2}}
	for i := range fs {
		f := &fs[i]
		g.rows = append(g.rows, []cell{decision(f.Decision), t(fmt.Sprint(f.Score)), t(f.Rule), t(f.Title + decided(f)), c(Name(s, f.Subject)), t(date(f.Due)), faint(ids[f.ID])})
	}
	p.table(g)
}

func date(x time.Time) string {
	if x.IsZero() {
		return ""
	}
	return x.UTC().Format("2006-01-02")
}

func sourceTable(p *page, s *inventory.Snapshot) {
	p.head("Sources")
	g := grid{heads: []string{"SOURCE", "STATUS", "FOUND", "WHY"}, give: []int{3}, drop: []int{2}}
	for _, x := range s.Records().Sources {
		g.rows = append(g.rows, []cell{c(x.Name), status(x.Status), t(found(x.Counts)), t(x.Reason)})
	}
	p.table(g)
}

func status(st string) cell {
	switch st {
	case inventory.SourceOK:
		return cell{st, good}
	case inventory.SourceFailed:
		return cell{strings.ToUpper(st), bad}
	case inventory.SourceStale, inventory.SourcePartial:
		return cell{strings.ToUpper(st), warn}
	}
	return t(st)
}

func found(counts map[string]int) string {
	var parts []string
	for _, k := range []string{"assistant", "secret", "tool"} {
		parts = append(parts, plural(counts[k+"s"], k))
	}
	return strings.Join(parts, ", ")
}

// notRead lists what a source set out to look at and did not, and what it stumbled over.
func notRead(p *page, s *inventory.Snapshot) {
	g := grid{heads: []string{"PLACE", "WHY", "OF"}, give: []int{1, 0}, drop: []int{2}}
	for _, src := range s.Records().Sources {
		for _, l := range src.Ledger {
			if l.State == inventory.LookedRead || l.State == inventory.LookedAbsent {
				continue
			}
			why := l.State
			if l.Reason != "" {
				why += ": " + l.Reason
			}
			g.rows = append(g.rows, []cell{c(place(l.Path, l.Line)), t(why), c(l.Assistant)})
		}
		for _, w := range src.Warnings {
			g.rows = append(g.rows, []cell{c(place(w.Path, w.Line)), t(w.Text), c(src.Name)})
		}
	}
	if len(g.rows) > 0 {
		p.head("Not looked at, or not understood")
		p.table(g)
	}
}
