package report

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"nhitop/inventory"
)

const (
	firstOnPage = 10 // changes that lead the page
	mostPlaces  = 5  // of one finding or secret; the rest is in the other forms
)

// hypertext is the whole inventory as a page to be read, printed and kept.
type hypertext struct {
	s   *inventory.Snapshot
	r   inventory.Records
	ids shortIDs
	o   Options
}

// section is a part of the page that the list at its head leads to.
type section struct {
	id, name string
	fill     func(*page)
	empty    bool
}

func scanHTML(w io.Writer, s *inventory.Snapshot, o Options) error {
	h := &hypertext{s, s.Records(), shorten(allIDs(s)), o}
	name := "AI code assistants, " + s.At().UTC().Format("2006-01-02 15:04 UTC")
	parts := h.sections()
	return writeHTML(w, name, footer(o), func(yield func(*page) bool) {
		p := &page{}
		h.head(p, name)
		var nav links
		for _, x := range parts {
			nav = append(nav, title{ID: x.id, Text: x.name})
		}
		p.blocks = append(p.blocks, nav)
		if !yield(p) {
			return
		}
		for _, x := range parts {
			p := &page{blocks: []block{title{2, x.id, x.name}}}
			if x.fill(p); !yield(p) {
				return
			}
		}
	})
}

// showHTML is one record with all that is tied to it, and what was not read.
func showHTML(w io.Writer, s *inventory.Snapshot, id inventory.ID, o Options) error {
	return writeHTML(w, Name(s, id), footer(o), func(yield func(*page) bool) {
		p := showPage(s, id)
		_ = yield(p) && yield(apart(func(p *page) { unread(p, s) }))
	})
}

func apart(fill func(*page)) *page {
	p := &page{}
	fill(p)
	return p
}

func footer(o Options) string {
	return strings.TrimSpace("Written by nhitop "+o.Version) + ". This page holds no secret: of one it shows at most the last four characters. It runs nothing and loads nothing."
}

func (h *hypertext) sections() []section {
	all := []section{
		{"first", "Fix these first", h.first, len(h.r.Issues) == 0},
		{"standing", "How things stand", h.standing, false},
		{"assistants", fmt.Sprintf("Assistants (%d)", len(h.r.Assistants)), h.assistants, len(h.r.Assistants) == 0},
		{"findings", fmt.Sprintf("Findings (%d)", len(h.r.Findings)), h.findings, len(h.r.Findings) == 0},
		{"secrets", fmt.Sprintf("Secrets (%d)", len(h.r.Secrets)), h.secrets, len(h.r.Secrets) == 0},
		{"tools", fmt.Sprintf("Tool servers (%d)", len(h.r.Tools)), func(p *page) { tail(p, func(p *page) { toolTable(p, h.s, h.ids, h.r.Tools) }) }, len(h.r.Tools) == 0},
		{"sources", "Sources", func(p *page) { tail(p, func(p *page) { sourceTable(p, h.s) }) }, false},
		{"unread", "Not looked at, or not understood", func(p *page) { tail(p, func(p *page) { notRead(p, h.s) }) }, !h.leftOut()},
		{"words", "What the words mean", words, false},
	}
	return slices.DeleteFunc(all, func(x section) bool { return x.empty })
}

// tail adds what a function writes, without the heading that it begins with.
func tail(p *page, write func(*page)) {
	q := &page{}
	write(q)
	if len(q.blocks) > 0 {
		p.blocks = append(p.blocks, q.blocks[1:]...)
	}
}

func (h *hypertext) leftOut() bool {
	return h.s.Posture().NotRead > 0 || slices.ContainsFunc(h.r.Sources, func(x inventory.SourceStatus) bool { return len(x.Warnings) > 0 })
}

func (h *hypertext) head(p *page, name string) {
	q := h.s.Posture()
	p.title(name)
	p.say(t(fmt.Sprintf("%s: %d act (they are identities), %d only text, %d not known. %s. Findings: %d to act on now, %d to attend to, %d to track.",
		plural(len(h.r.Assistants), "assistant"), q.Assistants[inventory.ClassNHI], q.Assistants[inventory.ClassTextOnly], q.Assistants[inventory.ClassUnknown],
		plural(len(h.r.Secrets), "secret"), q.Decisions[inventory.ActNow], q.Decisions[inventory.Attend], q.Decisions[inventory.Track])))
	if h.o.Filter != nil {
		p.blocks = append(p.blocks, note{Text: h.o.Filter.String()})
	}
	unread(p, h.s)
}

// unread is the box that says how much of what was to be read was read.
func unread(p *page, s *inventory.Snapshot) {
	n := note{Text: "Every source was read to its end: " + standing(s) + "."}
	if !Complete(s) {
		n.Open, n.Text = true, "Not everything was read: "+standing(s)+". What is not listed here is not known to be absent."
	} else if s.Posture().NotRead > 0 {
		n.Open = true
	}
	if s.Partial() {
		n.Lines = append(n.Lines, cell{"The collection was still running.", warn})
	}
	for _, x := range s.Records().Sources {
		if x.Status != inventory.SourceOK {
			n.Lines = append(n.Lines, t("Source "+x.Name+": "+because(x.Status, x.Reason).text))
		}
	}
	p.blocks = append(p.blocks, n)
}

func (h *hypertext) first(p *page) {
	var is items
	for i, x := range h.r.Issues[:min(firstOnPage, len(h.r.Issues))] {
		who := cell{"Nobody is known to answer for it.", warn}
		if cs := h.owners(x.Subject); len(cs) > 0 && cs[0] != nobody {
			who = t("Who answers for it: " + joinedBy(cs, cell.Text) + ".")
		}
		is = append(is, item{
			number: i + 1,
			head:   []cell{decision(x.Decision), {inventory.Clean(x.Title), strong}, faint("closes " + plural(len(x.Closes), "finding") + ", " + h.ids[x.ID])},
			under:  []cell{t(x.Change), t(x.Why), who},
		})
	}
	p.list(is)
	if rest := len(h.r.Issues) - firstOnPage; rest > 0 {
		p.say(t(fmt.Sprintf("Further changes after these: %d. nhitop scan --format json lists them all.", rest)))
	}
}

// standing is the numbers about the whole, each with what it means.
func (h *hypertext) standing(p *page) {
	q := h.s.Posture()
	if len(q.Metrics) == 0 {
		tail(p, func(p *page) { numbers(p, h.s) })
		return
	}
	p.facts(append(toRevoke(q.TimeToRevoke), ruleNotes(&q.Gauge)...)...)
	p.blocks = append(p.blocks, table{Heads: []string{"What is measured", "How it stands", "What it means", "Wanted"}, Rows: func(yield func([][]cell) bool) {
		for i := range q.Metrics {
			m := &q.Metrics[i]
			if m.Of == 0 {
				continue
			}
			if !yield([][]cell{one(cell{inventory.Clean(m.Title), strong}), one(metricCell(&q.Gauge, m)), one(t(m.Meaning)), one(because(m.Better, m.Target))}) {
				return
			}
		}
	}})
}

// owners are those who answer for a record: for a tool server those of its assistant, for a secret those of its holders too.
func (h *hypertext) owners(id inventory.ID) []cell {
	f := inventory.Finding{Subject: id}
	if x := h.s.Tool(id); x != nil {
		f.Subject = x.Assistant
	}
	if x := h.s.Secret(id); x != nil {
		f.Assistants = x.Assistants
	}
	return h.answerable(&f)
}

// worst is the decision of the most urgent finding of a record that is still open.
func worst(s *inventory.Snapshot, id inventory.ID) inventory.Decision {
	d := inventory.Decision("")
	for _, f := range s.FindingsOf(id) {
		if !closed(f) && f.Decision.Rank() < d.Rank() {
			d = f.Decision
		}
	}
	return d
}

// urgent yields the places of records, the most urgent first.
func urgent(s *inventory.Snapshot, n int, id func(int) inventory.ID) iter.Seq2[int, inventory.Decision] {
	ds, at := make([]inventory.Decision, n), make([]int, n)
	for i := range at {
		at[i], ds[i] = i, worst(s, id(i))
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(ds[a].Rank(), ds[b].Rank()) })
	return func(yield func(int, inventory.Decision) bool) {
		for _, i := range at {
			if !yield(i, ds[i]) {
				return
			}
		}
	}
}

func one(c cell) []cell { return said([]cell{c}) }

// known is a text, or the word for what nobody can tell.
func known(s string) cell {
	if s == "" || s == "unknown" {
		return cell{"not known", warn}
	}
	return t(s)
}

func concluded(d inventory.Decision) cell {
	if d == "" {
		return faint("no open finding")
	}
	return decision(d)
}

var nobody = cell{"nobody is known", warn}

// answerable are those who answer for what a finding concerns, each with what must be said behind the name.
func (h *hypertext) answerable(f *inventory.Finding) []cell {
	var out []cell
	var names []string
	for id, a := range ownersAbout(h.s, f) {
		n := Name(h.s, id)
		if slices.Contains(names, n) {
			continue
		}
		names = append(names, n)
		x := c(n + reserve(h.s, a, id))
		if o := h.s.Owner(id); o != nil && o.Status == inventory.OwnerDeparted {
			x.style = bad
		}
		out = append(out, x)
	}
	if len(out) == 0 {
		return []cell{nobody}
	}
	return out
}
