package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Evidence is what a pack is made of.
type Evidence struct {
	State    State
	Now      *inventory.Snapshot // the newest facts; nil: none
	At       time.Time           // of the export
	By       string
	Exporter string // program and version
	Runs     []revoke.Run
	Audit    AuditHead
}

// AuditHead names the place in the audit log up to which the pack is covered.
type AuditHead struct {
	Entries int    `json:"entries"`
	Hash    string `json:"hash"` // of the last one
}

// File is one file of a pack.
type File struct {
	Name string
	Data []byte
}

// Pack makes the evidence of a review: what was reviewed and how completely it was known, each decision, what was there
// before and after, the proofs, the exceptions, who is late, who reviewed and whether independently, which controls the
// records bear on, and a list of hashes. CSV is for people, JSON for tools. No file holds a secret's value.
func Pack(e Evidence) ([]File, error) {
	p := packer{e: e}
	p.json("review.json", e.State.Review)
	p.population()
	p.decisions()
	p.grants()
	p.proofs()
	p.silent()
	p.reviewers()
	p.controls()
	if p.err != nil {
		return nil, p.err
	}
	p.manifest()
	return p.files, p.err
}

type packer struct {
	e     Evidence
	files []File
	err   error
}

func (p *packer) json(name string, v any) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		p.err = fmt.Errorf("%s: %w", name, err)
		return
	}
	p.files = append(p.files, File{name, append(b, '\n')})
}

// csv writes rows whose cells no spreadsheet takes for a formula (CWE-1236).
func (p *packer) csv(name string, head []string, rows [][]string) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(head) // a buffer takes everything
	for _, r := range rows {
		for i, c := range r {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				r[i] = "'" + c
			}
		}
		_ = w.Write(r)
	}
	w.Flush()
	p.files = append(p.files, File{name, b.Bytes()})
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func people(ps []Person) string {
	var out []string
	for _, o := range ps {
		out = append(out, fmt.Sprintf("%s <%s> %s", o.Name, o.Email, o.Status))
	}
	return strings.Join(out, "; ")
}

func (p *packer) population() {
	var rows [][]string
	for _, x := range p.e.State.Review.Items {
		rows = append(rows, []string{string(x.ID), x.Name, x.Kind, x.Version, x.Where, string(x.Class), x.Purpose, strconv.Itoa(x.Tier), x.TierWhy, people(x.Owners), x.Deputy, string(x.Autonomy), string(x.Sandbox),
			x.Network, stamp(x.LastUsed), strconv.Itoa(len(x.Grants)), strconv.Itoa(x.Unused), strconv.Itoa(len(x.Secrets)), strconv.Itoa(len(x.Findings)), string(x.Decision), strings.Join(x.Changed, "; "), stamp(x.DueSince)})
	}
	p.csv("population.csv", []string{"assistant", "name", "kind", "version", "where", "class", "purpose", "tier", "tier_why", "owners", "deputy", "autonomy", "sandbox", "network", "last_used", "grants", "unused_grants", "secrets", "findings", "worst", "changed", "due_since"}, rows)
	rows = nil
	for _, s := range p.e.State.Review.Sources {
		rows = append(rows, []string{s.Name, s.Kind, s.Status, s.Reason, stamp(s.Started), strconv.Itoa(s.Assistants)})
	}
	p.csv("sources.csv", []string{"source", "kind", "status", "reason", "started_at", "assistants"}, rows)
}

// Record is a decision with what became of it.
type Record struct {
	Decision
	Name    string  `json:"name"`
	Tier    int     `json:"tier"`
	Outcome Outcome `json:"outcome"`
}

// Records are all decisions with what became of those that stand.
func Records(st *State, s *inventory.Snapshot, runs []revoke.Run) []Record {
	out := make([]Record, 0, len(st.Decisions))
	for _, d := range st.Decisions {
		r := Record{Decision: d}
		if x := st.Review.Item(d.Item); x != nil {
			r.Name, r.Tier = x.Name, x.Tier
			if st.Standing[d.Item].ID == d.ID {
				r.Outcome = OutcomeOf(x, d, s, runs)
			} else {
				r.Outcome.Words = "another decision took its place"
				if d.Undone {
					r.Outcome.Words = "taken back"
				}
			}
		}
		out = append(out, r)
	}
	return out
}

func (p *packer) decisions() {
	recs := Records(&p.e.State, p.e.Now, p.e.Runs)
	var all, exceptions [][]string
	for _, r := range recs {
		done := "open"
		if r.Outcome.Done {
			done = "done"
		}
		row := []string{r.ID, string(r.Item), r.Name, strconv.Itoa(r.Tier), r.Kind, r.Reason, r.Owner, r.By, stamp(r.At), stamp(r.Until), r.Conflict, done, r.Outcome.Words, r.Outcome.Run, r.Outcome.Proof, strconv.Itoa(r.Outcome.Days)}
		all = append(all, row)
		if r.Kind == Exception && p.e.State.Standing[r.Item].ID == r.ID {
			exceptions = append(exceptions, []string{string(r.Item), r.Name, r.Reason, r.By, stamp(r.At), stamp(r.Until)})
		}
	}
	p.csv("decisions.csv", []string{"decision_id", "assistant", "name", "tier", "decision", "reason", "transferred_to", "by", "at", "until", "independence", "state", "what_became", "run", "weakest_proof", "days_to_effect"}, all)
	p.json("decisions.json", struct {
		Attestation string   `json:"attestation"` // what keeping says
		Decisions   []Record `json:"decisions"`
	}{fmt.Sprintf(Attestation, "the end of the decision"), recs})
	p.csv("exceptions.csv", []string{"assistant", "name", "reason", "approved_by", "at", "until"}, exceptions)
}

// grants is each grant as it was frozen and as it is now.
func (p *packer) grants() {
	var rows [][]string
	for _, x := range p.e.State.Review.Items {
		for _, g := range x.Grants {
			now := "not looked at since"
			if s := p.e.Now; s != nil && s.At().After(p.e.State.Review.Facts) {
				now = "gone"
				if e := s.Entitlement(g.ID); e != nil {
					now = e.Gate
					if e.Level != g.Level {
						now += ", " + e.Level
					}
				}
			}
			rows = append(rows, []string{string(x.ID), x.Name, string(g.ID), string(g.Capability), g.Level, g.Resource, g.Environment, g.Sensitivity, g.Via, g.Origin, stamp(g.GrantedAt), g.GrantedBy, stamp(g.Expires), stamp(g.LastUsed), strconv.FormatBool(g.Unused), g.Gate, now})
		}
	}
	p.csv("grants.csv", []string{"assistant", "name", "grant", "capability", "level", "resource", "environment", "sensitivity", "via", "origin", "granted_at", "granted_by", "expires", "last_used", "unused", "before", "after"}, rows)
}

// proofs are the runs about what was reviewed, since it was opened.
func (p *packer) proofs() {
	runs := []revoke.Run{}
	for _, r := range p.e.Runs {
		if r.Started.Before(p.e.State.Review.Opened) {
			continue
		}
		if slices.ContainsFunc(r.Steps, func(st revoke.StepRun) bool {
			return slices.ContainsFunc(p.e.State.Review.Items, func(x Item) bool { return x.touches(st.Target) })
		}) {
			runs = append(runs, r)
		}
	}
	p.json("proofs.json", runs)
}

func (p *packer) silent() {
	var rows [][]string
	late := !p.e.State.Review.Due.After(p.e.At)
	for _, x := range p.e.State.Open() {
		asked := "suspend is due after the grace of a week"
		if x.Tier > 2 {
			asked = "ask again"
		}
		rows = append(rows, []string{string(x.ID), x.Name, strconv.Itoa(x.Tier), x.Responsible(), stamp(p.e.State.Review.Due), strconv.FormatBool(late), asked})
	}
	p.csv("silent.csv", []string{"assistant", "name", "tier", "asked", "due", "late", "what_follows"}, rows)
}

func (p *packer) reviewers() {
	type sum struct{ n, self int }
	by := map[string]sum{}
	for _, d := range p.e.State.Standing {
		s := by[d.By]
		s.n++
		if d.Conflict != "none seen" {
			s.self++
		}
		by[d.By] = s
	}
	var rows [][]string
	for _, who := range slices.Sorted(maps.Keys(by)) {
		rows = append(rows, []string{who, strconv.Itoa(by[who].n), strconv.Itoa(by[who].self)})
	}
	p.csv("reviewers.csv", []string{"reviewer", "decisions", "not_independent"}, rows)
	p.csv("second_look.csv", []string{"assistant", "name", "decision", "by"}, p.sample())
}

// sample are the keeps that somebody else should look at again: a tenth of them, ten at least, the most critical first.
func (p *packer) sample() [][]string {
	var kept []Item
	for _, x := range p.e.State.Review.Items {
		if p.e.State.Standing[x.ID].Kind == Keep {
			kept = append(kept, x)
		}
	}
	slices.SortStableFunc(kept, before)
	var rows [][]string
	for _, x := range kept[:min(len(kept), max(10, len(kept)/10))] {
		rows = append(rows, []string{string(x.ID), x.Name, Keep, p.e.State.Standing[x.ID].By})
	}
	return rows
}

// controls says which records bear on which control.
func (p *packer) controls() {
	on := map[string][]string{}
	for _, x := range p.e.State.Review.Items {
		for _, f := range x.Findings {
			for _, c := range f.Controls {
				on[c] = append(on[c], string(x.ID)+" "+f.Rule)
			}
		}
	}
	var rows [][]string
	for _, c := range slices.Sorted(maps.Keys(on)) {
		slices.Sort(on[c])
		rows = append(rows, []string{c, strings.Join(slices.Compact(on[c]), "; ")})
	}
	p.csv("controls.csv", []string{"control", "records"}, rows)
}

// manifest lists what the pack holds, with hashes, and where the audit log stood.
func (p *packer) manifest() {
	type sum struct {
		Name   string `json:"name"`
		Bytes  int    `json:"bytes"`
		SHA256 string `json:"sha256"`
	}
	var files []sum
	for _, f := range p.files {
		h := sha256.Sum256(f.Data)
		files = append(files, sum{f.Name, len(f.Data), hex.EncodeToString(h[:])})
	}
	p.json("manifest.json", struct {
		Schema   string    `json:"schema"`
		Review   string    `json:"review"`
		Exported time.Time `json:"exported_at"`
		By       string    `json:"by"`
		Exporter string    `json:"exporter"`
		Audit    AuditHead `json:"audit_log"`
		Files    []sum     `json:"files"`
	}{inventory.Schema, p.e.State.Review.ID, p.e.At.UTC(), p.e.By, p.e.Exporter, p.e.Audit, files})
}
