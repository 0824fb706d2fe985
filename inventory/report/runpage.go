package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
)

// ActFormats are the names that [Plan], [Runs] and [Sources] know.
func ActFormats() []string { return []string{"table", "json"} }

// AuditFormats are the names that [Audit] knows.
func AuditFormats() []string { return []string{"table", "json", "jsonl"} }

type planDocument struct {
	Schema string       `json:"schema"`
	Plan   *revoke.Plan `json:"plan"`
	Run    *revoke.Run  `json:"run"` // null: the plan was not carried out
}

// Plan writes a plan and, where run is not nil, what became of it.
func Plan(w io.Writer, format string, p *revoke.Plan, run *revoke.Run, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, planDocument{inventory.Schema, p, run})
	case "table":
		if run != nil {
			return runPage(*run).text(w, o)
		}
		return planPage(p).text(w, o)
	}
	return unknownFormat(format, ActFormats()...)
}

func planPage(p *revoke.Plan) *page {
	g := &page{}
	g.title(fmt.Sprintf("Plan %s: %s, good until %s", p.ID, plural(len(p.Steps), "step"), p.Expires.UTC().Format("15:04 UTC")))
	facts := [][2]cell{kv("takes away", c(strings.Join(p.Names, ", "))), kv("note", cell{inventory.Clean(p.OwnAccess()), warn})}
	if p.Second != "" {
		facts = append(facts, kv("needs", cell{"another operator's confirmation: " + inventory.Clean(p.Second), warn}))
	}
	g.facts(facts...)
	planSteps(g, p)
	return g
}

func planSteps(g *page, p *revoke.Plan) {
	g.head("Steps")
	var is items
	for i, st := range p.Steps {
		undo := cell{"can be undone", good}
		if !st.Reversible {
			undo = cell{"CANNOT BE UNDONE", bad}
		}
		it := item{number: i + 1, head: []cell{t("[" + string(st.Layer) + "]"), {inventory.Clean(st.Summary), strong}, undo, faint("proof: " + string(st.Promises))}}
		if st.Effect != "" {
			it.under = append(it.under, t(st.Effect))
		}
		if text := p.Waits(st); text != "" {
			it.under = append(it.under, t(text))
		}
		for line := range strings.Lines(st.Request) {
			it.under = append(it.under, cell{inventory.Clean(strings.TrimRight(line, "\n")), verbatim})
		}
		is = append(is, it)
	}
	g.list(is)
	bullets(g, "Cannot be taken back", p.Kept)
	bullets(g, "Breaks", p.Breaks)
	bullets(g, "Tells", p.Tells())
	bullets(g, "Stays alive when every step is done", p.Residual)
}

func bullets(g *page, head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	g.head(head)
	var is items
	for _, l := range lines {
		is = append(is, item{head: []cell{t(l)}})
	}
	g.list(is)
}

func runPage(r revoke.Run) *page {
	g := &page{}
	g.title("Run " + r.ID + ": " + runState(r).text)
	g.facts(kv("by", c(r.By)), kv("second", c(r.Second)), kv("reason", c(r.Reason)), kv("undoes", c(r.Undoes)), kv("started", t(day(r.Started))), kv("took", t(took(r.Started, r.Ended))), kv("proof", t(proofWords(r))))
	g.head("Steps")
	var is items
	for i, st := range r.Steps {
		it := item{number: i + 1, head: []cell{stepOutcome(r, st), {inventory.Clean(st.Summary), strong}, faint("proof: " + grade(st.Proof.Grade))}}
		if st.Receipt.Already {
			it.under = append(it.under, t("already so, before anything was done: "+st.Receipt.Detail))
		}
		it.under = append(it.under, t(st.Proof.Detail))
		if st.Error != "" {
			it.under = append(it.under, cell{inventory.Clean(st.Error), bad})
		}
		is = append(is, it)
	}
	g.list(is)
	bullets(g, "Stays alive", residuals(r))
	bullets(g, "Left to do", leftToDo(r))
	return g
}

// proofWords says from where on how long it took to the proof of everything.
func proofWords(r revoke.Run) string {
	s, ok := r.Spans()
	if !ok {
		return ""
	}
	var out []string
	for _, x := range []struct {
		from string
		d    time.Duration
	}{{"first seen", s.Seen}, {"detection", s.Detected}, {"hand", s.Hand}} {
		if x.d > 0 {
			out = append(out, lasting(x.d.Seconds())+" from "+x.from)
		}
	}
	return strings.Join(out, ", ")
}

func grade(x revoke.Grade) string {
	switch x {
	case "":
		return string(revoke.Unproven)
	case revoke.Alive:
		return "STILL ALIVE"
	}
	return string(x)
}

// runState is the state of a run in words: one of which something still works is not done, whatever became of its requests.
func runState(r revoke.Run) cell {
	if r.Alive() {
		return cell{"STILL ALIVE", bad}
	}
	return stepState(r.State)
}

// stepOutcome is the state of a step in words: done is only what was not seen to have had no effect.
func stepOutcome(r revoke.Run, s revoke.StepRun) cell {
	if r.Undoes == "" && s.Alive() {
		return cell{"NO EFFECT", bad}
	}
	return stepState(s.State)
}

func stepState(st string) cell {
	switch st {
	case revoke.StateDone, revoke.StateUndone:
		return cell{st, good}
	case revoke.StateFailed, revoke.StateUnknown:
		return cell{strings.ToUpper(st), bad}
	}
	return cell{st, warn}
}

func took(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return to.Sub(from).Round(time.Millisecond).String()
}

type runStep struct {
	ID         string       `json:"id"`
	Source     string       `json:"source"`
	Action     string       `json:"action"`
	Layer      revoke.Layer `json:"layer"`
	Target     inventory.ID `json:"target"`
	TargetName string       `json:"target_name"`
	Summary    string       `json:"summary"`
	Reversible bool         `json:"reversible"`
	State      string       `json:"state"`
	Error      string       `json:"error,omitempty"`
	Proof      revoke.Proof `json:"proof"`
	Residual   string       `json:"residual"`
	Ends       []ending     `json:"residual_ends,omitempty"`
}

// ending is when one of the things of residual ends by itself.
type ending struct {
	What string    `json:"what"`
	By   time.Time `json:"by,omitzero"` // at the latest, by the word of who gave it out; absent: no end is known
}

func endings(left []revoke.Left) []ending {
	var out []ending
	for _, l := range left {
		if l.Ends {
			out = append(out, ending{l.What, l.By.UTC()})
		}
	}
	return out
}

type runRecord struct {
	ID        string    `json:"id"`
	State     string    `json:"state"`
	Reason    string    `json:"reason"`
	By        string    `json:"by"`
	Second    string    `json:"confirmed_by,omitempty"` // the other operator
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	FirstSeen time.Time `json:"first_seen,omitzero"`
	Detected  time.Time `json:"detected_at,omitzero"`
	Since     time.Time `json:"in_hand_since,omitzero"`
	ToProof   *toProof  `json:"seconds_to_proof,omitempty"` // absent: not all of it is proven
	Undoes    string    `json:"undoes,omitempty"`
	Reach     []string  `json:"reached"` // what was in reach when it began
	Steps     []runStep `json:"steps"`
}

// toProof are spans in seconds; absent: not known.
type toProof struct {
	Seen     float64 `json:"from_first_seen,omitempty"`
	Detected float64 `json:"from_detection,omitempty"`
	Hand     float64 `json:"from_hand,omitempty"`
	Begun    float64 `json:"from_start,omitempty"`
}

func toProofOf(r revoke.Run) *toProof {
	s, ok := r.Spans()
	if !ok {
		return nil
	}
	return &toProof{s.Seen.Seconds(), s.Detected.Seconds(), s.Hand.Seconds(), s.Begun.Seconds()}
}

type runsDocument struct {
	Schema string      `json:"schema"`
	Runs   []runRecord `json:"runs"`
}

// Runs writes past runs in the order given; as text, one line each.
func Runs(w io.Writer, format string, runs []revoke.Run, o Options) error {
	switch format {
	case "json":
		d := runsDocument{inventory.Schema, []runRecord{}}
		for _, r := range runs {
			d.Runs = append(d.Runs, record(r))
		}
		return writeJSON(w, d)
	case "table":
		return runsPage(runs).text(w, o)
	}
	return unknownFormat(format, ActFormats()...)
}

// Run writes one run with its steps and proofs; as markdown, the record of the incident. s, which may be nil, is what is
// known now of what the run was about.
func Run(w io.Writer, format string, r revoke.Run, s *inventory.Snapshot, o Options) error {
	switch format {
	case "table":
		return runPage(r).text(w, o)
	case "markdown":
		return incidentPage(r, s).markdown(w)
	}
	return Runs(w, format, []revoke.Run{r}, o)
}

func record(r revoke.Run) runRecord {
	x := runRecord{ID: r.ID, State: r.State, Reason: r.Reason, By: r.By, Second: r.Second, StartedAt: r.Started.UTC(), EndedAt: r.Ended.UTC(), FirstSeen: r.Known.FirstSeen, Detected: r.Known.Detected, Since: r.Since, ToProof: toProofOf(r), Undoes: r.Undoes, Reach: filled(r.Reach), Steps: []runStep{}}
	for _, s := range r.Steps {
		p := s.Proof
		p.Grade = revoke.Grade(grade(p.Grade))
		x.Steps = append(x.Steps, runStep{s.ID, s.Source, s.Action, s.Layer, s.Target, s.TargetName, s.Summary, s.Reversible, s.State, s.Error, p, strings.Join(r.Stays(s), revoke.Also), endings(r.Left(s))})
	}
	return x
}

func runsPage(runs []revoke.Run) *page {
	g := &page{}
	if len(runs) == 0 {
		g.say(t("No runs yet."))
		return g
	}
	list := grid{heads: []string{"STARTED", "RUN", "STATE", "STEPS", "PROOF", "BY", "REASON"}, give: []int{6, 5}, drop: []int{3, 5}}
	for _, r := range runs {
		list.rows = append(list.rows, []cell{t(day(r.Started)), c(r.ID), runState(r), t(fmt.Sprint(len(r.Steps))), t(weakest(r)), c(r.By), c(r.Reason)})
	}
	g.table(list)
	return g
}

// weakest is the worst grade of a run's steps: a run is proven as far as its weakest step.
func weakest(r revoke.Run) string {
	at, grades := 0, revoke.Grades()
	for _, s := range r.Steps {
		i := slices.Index(grades, cmp.Or(s.Proof.Grade, revoke.Unproven))
		at = max(at, i)
	}
	return grade(grades[at])
}

// ProofReached reports whether every step of a run ended with the proof that it promised.
func ProofReached(r revoke.Run) bool {
	for _, s := range r.Steps {
		if s.State != revoke.StateDone && s.State != revoke.StateUndone || !s.Proof.Grade.Reaches(s.Promises) {
			return false
		}
	}
	return true
}

// Audit writes the entries of the audit log; as jsonl, each line as it stands there.
func Audit(w io.Writer, format string, entries []audit.Entry, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, struct {
			Schema  string        `json:"schema"`
			Entries []audit.Entry `json:"entries"`
		}{inventory.Schema, filled(entries)})
	case "jsonl":
		e := json.NewEncoder(w)
		e.SetEscapeHTML(true) // as in the log: the lines are the same
		for i := range entries {
			if err := e.Encode(entries[i]); err != nil {
				return err
			}
		}
		return nil
	case "table":
		g := &page{}
		if len(entries) == 0 {
			g.say(t("The audit log is empty."))
			return g.text(w, o)
		}
		list := grid{heads: []string{"SEQ", "AT", "BY", "ACTION", "SUBJECT", "DETAIL"}, give: []int{5}, drop: []int{2}}
		for _, e := range entries {
			list.rows = append(list.rows, []cell{t(fmt.Sprint(e.Seq)), t(day(e.At)), c(e.By), t(e.Action), c(e.Subject), c(e.Detail)})
		}
		g.table(list)
		return g.text(w, o)
	}
	return unknownFormat(format, AuditFormats()...)
}
