package pipeline

import (
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

const maxFilterText = 400

// outsiders answers whether somebody without write access can start the assistant with their text, and quotes the check
// that keeps them from it.
func (j *ghJob) outsiders(job *Job, u *unit, steps []*step) {
	job.Outsiders = inventory.No
	var filters []string
	open := func(a inventory.Answer) {
		if a == inventory.Yes || a == inventory.Unknown && job.Outsiders == inventory.No {
			job.Outsiders = a
		}
	}
	for _, t := range j.start.triggers {
		rule, ok := events[t.event]
		if !ok {
			continue
		}
		if f, closed := j.closed(t, u, steps); closed {
			filters = append(filters, f)
			continue
		}
		answer, f := actionCheck(t.event, u)
		if f != "" {
			filters = append(filters, f)
		}
		if answer == inventory.Yes {
			answer = rule.outsiders
		}
		open(answer)
		if answer != inventory.No {
			job.evidence(j.start.at(t.node), rule.note)
		}
	}
	if len(j.start.triggers) == 0 {
		job.Outsiders = inventory.Unknown
	}
	job.ActorFilter = strings.Join(unique(filters), "; ")
}

// closed tells whether an "if:", the event's types or a step before keep outsiders from the assistant, and how.
func (j *ghJob) closed(t trigger, u *unit, steps []*step) (string, bool) {
	if strings.HasPrefix(t.event, "pull_request") && len(t.types) > 0 {
		all := true
		for _, ty := range t.types {
			all = all && labelled[ty]
		}
		if all {
			return "types: " + strings.Join(t.types, ", "), true
		}
	}
	f := &filter{event: t.event}
	for c := j; c != nil; c = c.caller {
		f.checked = c.checks(nil)
		if text, ok := c.neverRuns(f, map[string]string{}); ok {
			return text, true
		}
	}
	f.checked = j.checks(steps)
	first := u.steps[0]
	for s := first; s != nil; s = s.outer {
		if s.cond != nil && f.value(parseExpr(s.cond.Text)) == never {
			return "if: " + oneLine(s.cond.Text), true
		}
	}
	// A step before that asks for the actor's rights and ends the job.
	for _, s := range steps {
		if s == first {
			break
		}
		if code := s.code(); permissionCheck.MatchString(code) && (stops.MatchString(code) || s.uses != "" && permissionCheck.MatchString(s.uses)) && s.cond == nil {
			return "step: " + s.id, true
		}
	}
	return "", false
}

// neverRuns tells whether the job's own condition, or that of a job it needs, keeps it from running. known holds the
// answers for the jobs of the file; a job that is asked about while its answer is sought counts as one that runs.
func (j *ghJob) neverRuns(f *filter, known map[string]string) (string, bool) {
	needs := j.node.Get("needs").Strings()
	f.skipped = func(name string) bool {
		return slices.ContainsFunc(needs, func(n string) bool { return strings.EqualFold(n, name) && j.needNeverRuns(n, f.event, known) != "" })
	}
	keepsOn := false
	if cond := j.node.Get("if"); cond != nil {
		if f.value(parseExpr(cond.Text)) == never {
			return "if: " + oneLine(cond.Text), true
		}
		low := strings.ToLower(cond.Text)
		keepsOn = strings.Contains(low, "always()") || strings.Contains(low, "failure()") || strings.Contains(low, "cancelled()")
	}
	if keepsOn {
		return "", false
	}
	for _, name := range needs {
		if text := j.needNeverRuns(name, f.event, known); text != "" {
			return text, true
		}
	}
	return "", false
}

// needNeverRuns quotes what keeps a job of the same file from running, or returns "".
func (j *ghJob) needNeverRuns(name, event string, known map[string]string) string {
	if text, ok := known[name]; ok {
		return text
	}
	n := j.here.doc.Root.Get("jobs").Get(name)
	if n == nil {
		return ""
	}
	known[name] = ""
	need := &ghJob{r: j.r, start: j.start, here: j.here, node: n, name: name}
	text, _ := need.neverRuns(&filter{event: event, checked: need.checks(nil)}, known)
	known[name] = text
	return text
}

var (
	needsOutput = regexp.MustCompile(`^needs\.([a-z0-9_-]+)\.outputs\.`)
	needsResult = regexp.MustCompile(`^needs\.([a-z0-9_-]+)\.result$`)
	stepsOutput = regexp.MustCompile(`^steps\.([a-z0-9_-]+)\.outputs\.`)
)

// checks returns a test for outputs that tell the result of a permission check, of the jobs that this one needs and of
// the given steps.
func (j *ghJob) checks(steps []*step) func(string) bool {
	return func(path string) bool {
		if m := needsOutput.FindStringSubmatch(path); m != nil {
			for _, c := range j.jobNodes() {
				if strings.EqualFold(c.Key, m[1]) {
					return j.r.checkedIn(c)
				}
			}
			return false
		}
		if m := stepsOutput.FindStringSubmatch(path); m != nil {
			for _, s := range steps {
				if strings.EqualFold(text(s.node.Get("id")), m[1]) && permissionCheck.MatchString(s.code()) {
					return true
				}
			}
		}
		return false
	}
}

// checkedIn tells whether a step of a job asks for the actor's rights.
func (r *reader) checkedIn(job *doc.Node) bool {
	if known, ok := r.checks[job]; ok {
		return known
	}
	found := false
	if steps := job.Get("steps"); steps != nil {
		for _, n := range steps.Children {
			s := &step{node: n, uses: text(n.Get("uses")), run: n.Get("run"), with: n.Get("with"), env: n.Get("env")}
			found = found || permissionCheck.MatchString(s.code())
		}
	}
	r.checks[job] = found
	return found
}

// code is everything of a step that may hold a check.
func (s *step) code() string {
	var b strings.Builder
	b.WriteString(s.uses)
	for _, n := range []string{text(s.run), text(s.with.Get("script"))} {
		b.WriteByte('\n')
		b.WriteString(n)
	}
	for _, c := range children(s.env) {
		b.WriteByte('\n')
		b.WriteString(c.Key)
		b.WriteByte('=')
		b.WriteString(text(c))
	}
	return b.String()
}

// actionCheck says what an action's own check of the actor comes to, with the inputs that loosen it.
func actionCheck(event string, u *unit) (inventory.Answer, string) {
	for _, rule := range actorRules {
		if u.action == "" || !oneOfActions(u.action, []string{rule.action}) {
			continue
		}
		if rule.events != nil && !rule.events[event] {
			return inventory.Yes, ""
		}
		with := u.steps[0].with
		for _, name := range rule.opens {
			v := strings.TrimSpace(inputText(with, name))
			switch {
			case v == "" || strings.HasPrefix(v, "${{ vars."):
			case strings.Contains(v, "*"):
				return inventory.Yes, name + ": " + oneLine(v)
			case strings.Contains(v, "${{"):
				return inventory.Unknown, name + ": " + oneLine(v)
			}
		}
		for _, name := range rule.bots {
			v := strings.TrimSpace(inputText(with, name))
			if strings.Contains(v, "*") || strings.EqualFold(v, "true") {
				return inventory.Yes, name + ": " + oneLine(v)
			}
		}
		return inventory.No, rule.action + " checks by itself that the actor may write"
	}
	return inventory.Yes, ""
}

// oneLine makes a condition fit to be shown.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxFilterText {
		s = s[:maxFilterText] + "…"
	}
	return s
}
