package report

import (
	"fmt"
	"strings"

	"nhitop/inventory"
)

// showPage is one record with all that is tied to it.
func showPage(s *inventory.Snapshot, id inventory.ID) *page {
	p := &page{}
	r := Select(s, id)
	ids := shorten(allIDs(s))
	p.title(Name(s, id))
	switch {
	case s.Assistant(id) != nil:
		assistantPage(p, s, s.Assistant(id))
	case s.Secret(id) != nil:
		secretPage(p, s, s.Secret(id))
	case s.Tool(id) != nil:
		toolPage(p, s, s.Tool(id))
	case s.Owner(id) != nil:
		o := s.Owner(id)
		p.facts(kv("id", c(string(o.ID))), kv("kind", t(o.Kind)), kv("email", c(o.Email)), kv("status", because(o.Status, o.StatusReason)),
			kv("since", t(date(o.StatusSince))), kv("manager", c(o.Manager)), kv("department", c(o.Department)), kv("on call", onCall(s, o)))
		evidence(p, o.Evidence)
	case s.Resource(id) != nil:
		x := s.Resource(id)
		p.facts(kv("id", c(string(x.ID))), kv("kind", t(x.Kind)), kv("environment", t(environment(x))), kv("sensitivity", t(x.Sensitivity)))
		evidence(p, x.Evidence)
	case s.Finding(id) != nil:
		findingPage(p, s, s.Finding(id))
	default:
		p.facts(kv("id", c(string(id))))
	}
	if s.Assistant(id) == nil {
		assistantTable(p, s, ids, r.Assistants)
		secretTable(p, s, ids, only(r.Secrets, func(x *inventory.Secret) bool { return x.ID != id }))
		toolTable(p, s, ids, only(r.Tools, func(x *inventory.Tool) bool { return x.ID != id }))
		entitlements(p, s, r.Entitlements)
	}
	if s.Finding(id) == nil {
		findings(p, s, ids, r.Findings)
	}
	issues(p, ids, r.Issues)
	return p
}

func assistantPage(p *page, s *inventory.Snapshot, a *inventory.Assistant) {
	ids := shorten(allIDs(s))
	p.facts(
		kv("id", c(string(a.ID))), kv("kind", c(strings.TrimSpace(a.Kind+" "+a.Version))), kv("vendor", c(a.Vendor)), kv("scope", t(a.Scope)),
		kv("account", c(a.Account)), kv("host", c(a.Host)), kv("path", c(a.Path)), kv("owner", ownersOf(s, a)), kv("answers by", c(answersBy(a))), kv("also named", alsoNamed(s, a)),
		kv("class", because(string(a.Class), a.ClassReason)), kv("autonomy", because(string(a.Autonomy), a.AutonomyReason)),
		kv("without a terminal", because(string(a.Headless), a.HeadlessReason)),
		kv("sandbox", because(string(a.Sandbox), a.SandboxReason)), kv("network", t(a.Network)), kv("trust", t(a.Trust)),
		kv("status", t(a.Status)), kv("first seen", t(date(a.FirstSeen))), kv("last used", t(date(a.LastUsed))),
	)
	charter(p, a)
	capabilities(p, s, a)
	r := Select(s, a.ID)
	secretTable(p, s, ids, r.Secrets)
	toolTable(p, s, ids, r.Tools)
	settings(p, a.Settings)
	job(p, a.Job)
	if len(r.References) > 0 {
		p.head("Secrets that stand elsewhere, only named here")
		g := grid{heads: []string{"KIND", "NAME", "WHERE"}, give: []int{2, 1}}
		for _, x := range r.References {
			g.rows = append(g.rows, []cell{t(x.Kind), c(x.Text), c(place(x.Path, x.Line))})
		}
		p.table(g)
	}
	evidence(p, a.Evidence)
}

func because(what, why string) cell {
	if what == "" || why == "" {
		return t(what)
	}
	return t(what + ": " + why)
}

// capabilities lists what it may do, each with the path that proves it. What it may not do is one line.
func capabilities(p *page, s *inventory.Snapshot, a *inventory.Assistant) {
	var is items
	var not, unknown []string
	for _, name := range inventory.Capabilities() {
		switch v := a.Capabilities[name]; v {
		case inventory.Yes, inventory.Asks:
			it := item{head: []cell{{string(name), strong}, t(word(v))}}
			for _, e := range s.EntitlementsOf(a.ID) {
				if e.Assistant == a.ID && e.Capability == name {
					it.under = append(it.under, proof(s, e))
				}
			}
			if len(it.under) == 0 {
				it.under = []cell{t("built into the product")}
			}
			is = append(is, it)
		case inventory.No:
			not = append(not, string(name))
		default:
			unknown = append(unknown, string(name))
		}
	}
	p.head("What it may do")
	p.list(is)
	if len(not) > 0 {
		p.say(t("Not: " + strings.Join(not, ", ") + "."))
	}
	if len(unknown) > 0 {
		p.say(t("Unknown: " + strings.Join(unknown, ", ") + "."))
	}
}

func word(a inventory.Answer) string {
	if a == inventory.Asks {
		return "after asking a person"
	}
	return "without asking"
}

var gates = map[string]string{inventory.GateOpen: "nothing stands in the way", inventory.GateAsks: "a person is asked", inventory.GateBlocked: "blocked"}

// proof is the path of one entitlement: through what, onto what, and what stands in the way.
func proof(s *inventory.Snapshot, e *inventory.Entitlement) cell {
	text := strings.Join(e.Path, " → ")
	if text == "" {
		via := e.Via
		if x := s.Secret(inventory.ID(e.Via)); x != nil {
			via = secretName(x)
		}
		text = "by " + via
		if e.Resource != "" {
			text += " → " + Name(s, e.Resource)
		}
	}
	var notes []string
	if g := gates[e.Gate]; g != "" {
		notes = append(notes, g)
	}
	if !e.Certain {
		notes = append(notes, "possible by its kind, its real scope is not known here")
	}
	for _, ev := range e.Evidence[:min(1, len(e.Evidence))] {
		notes = append(notes, "seen in "+place(ev.Path, ev.Line))
	}
	if len(notes) > 0 {
		text += " (" + strings.Join(notes, "; ") + ")"
	}
	return c(text)
}

func entitlements(p *page, s *inventory.Snapshot, es []inventory.Entitlement) {
	if len(es) == 0 {
		return
	}
	p.head("What it opens")
	var is items
	for i := range es {
		e := &es[i]
		is = append(is, item{head: []cell{{string(e.Capability), strong}, c(Name(s, e.Assistant))}, under: []cell{proof(s, e)}})
	}
	p.list(is)
}

// lastUse is when a secret was used last: never, where its issuer says so.
func lastUse(x *inventory.Secret) string {
	if x.LastUsed.IsZero() && x.Used == inventory.No {
		return "never"
	}
	return date(x.LastUsed)
}

func secretPage(p *page, s *inventory.Snapshot, x *inventory.Secret) {
	p.facts(
		kv("id", c(string(x.ID))), kv("issuer", c(x.Issuer)), kv("account", c(x.Account)), kv("owner", ownersCell(s, x.Owners)),
		kv("stored", stored(x)), kv("exposure", t(x.Exposure)), kv("state", t(x.State)), kv("checksum", t(x.Checksum)),
		kv("scopes", c(strings.Join(x.Scopes, " "))), kv("long lived", t(string(x.LongLived))), kv("created", t(date(x.Created))), kv("expires", t(date(x.Expires))),
		kv("last used", t(lastUse(x))), kv("exposed since", t(date(x.Leaked))), kv("fingerprint", c(x.Fingerprint)), kv("note", t(x.Note)),
	)
	for _, m := range x.Same {
		p.facts(kv("same as", c(fmt.Sprintf("%s (%s, by %s: %s)", m.ID, m.Source, inventory.ClueWords(m.By), m.Confidence))))
	}
	p.head("Where it stands")
	g := grid{heads: []string{"PLACE", "POINTER", "MODE", "COMMITTED", "SCOPE", "NOTE"}, give: []int{5, 1, 0}, drop: []int{4, 5}}
	for _, l := range x.Locations {
		note := l.Note
		if l.Backup {
			note = strings.TrimPrefix(note+"; a backup that was left behind", "; ")
		}
		g.rows = append(g.rows, []cell{c(location(l)), c(l.Pointer), t(l.Mode), t(string(l.Committed)), t(l.Scope), t(note)})
	}
	p.table(g)
}

func toolPage(p *page, s *inventory.Snapshot, x *inventory.Tool) {
	on := "no"
	if x.Enabled {
		on = "yes"
	}
	asks := "asks"
	if x.AutoApproved {
		asks = "does not ask"
	} else if len(x.ApprovedTools) > 0 {
		asks = "does not ask for " + strings.Join(x.ApprovedTools, ", ")
	}
	p.facts(
		kv("id", c(string(x.ID))), kv("of", c(Name(s, x.Assistant))), kv("known as", c(x.Known)), kv("starts", c(starts(x))),
		kv("pinned", because(string(x.Pinned), x.PinReason)), kv("on", because(on, x.EnabledReason)), kv("approval", t(x.Approval)), kv("asks", c(asks)),
		kv("scope", t(x.Scope)), kv("environment", c(strings.Join(x.EnvNames, " "))), kv("headers", c(strings.Join(x.HeaderNames, " "))),
	)
	evidence(p, x.Evidence)
}

func findingPage(p *page, s *inventory.Snapshot, f *inventory.Finding) {
	var sum, controls []string
	for _, x := range f.ScoreParts {
		sum = append(sum, fmt.Sprintf("%+d %s (%s)", x.Points, x.Code, x.Reason))
	}
	for _, x := range f.Controls {
		controls = append(controls, strings.TrimSpace(x.Framework+" "+x.ID))
	}
	p.facts(kv("id", c(string(f.ID))), kv("rule", t(f.Rule)), kv("about", c(Name(s, f.Subject))), kv("decision", decision(f.Decision)),
		kv("because", t(f.DecisionWhy)), kv("due", t(date(f.Due))), kv("score", t(fmt.Sprintf("%d: %s", f.Score, strings.Join(sum, ", ")))),
		kv("state", t(f.State)), kv("accepted", c(acceptance(f))), kv("note", c(f.Note)), kv("what", c(f.Detail)), kv("why", t(f.Why)), kv("fix", t(f.Fix)), kv("controls", t(strings.Join(controls, ", "))),
		kv("first seen", t(date(f.FirstSeen))))
	evidence(p, f.Evidence)
}

func findings(p *page, s *inventory.Snapshot, ids shortIDs, fs []inventory.Finding) {
	if len(fs) == 0 {
		return
	}
	p.head(fmt.Sprintf("Findings (%d)", len(fs)))
	var is items
	for i := range fs {
		f := &fs[i]
		it := item{head: []cell{decision(f.Decision), {inventory.Clean(f.Title), strong}, c(Name(s, f.Subject)), faint(ids[f.ID])}, under: []cell{c(f.Detail)}}
		if f.Fix != "" {
			it.under = append(it.under, t("Fix: "+f.Fix))
		}
		is = append(is, it)
	}
	p.list(is)
}

func issues(p *page, ids shortIDs, xs []inventory.Issue) {
	if len(xs) == 0 {
		return
	}
	p.head("What to change")
	var is items
	for i, x := range xs {
		is = append(is, item{number: i + 1, head: []cell{decision(x.Decision), {inventory.Clean(x.Title), strong},
			faint("closes " + plural(len(x.Closes), "finding")), faint(ids[x.ID])}, under: []cell{t(x.Change)}})
	}
	p.list(is)
}

func settings(p *page, xs []inventory.Setting) {
	if len(xs) == 0 {
		return
	}
	p.head("Settings that bear on it")
	g := grid{heads: []string{"SETTING", "VALUE", "SCOPE", "HOLDS", "WHERE", "WHY"}, give: []int{5, 1, 4, 0}, drop: []int{2, 5}}
	for _, x := range xs {
		holds := "no"
		if x.Effective {
			holds = "yes"
		}
		g.rows = append(g.rows, []cell{c(x.Name), c(x.Value), t(x.Scope), t(holds), c(place(x.Path, x.Line)), t(x.Why)})
	}
	p.table(g)
}

func job(p *page, j *inventory.Job) {
	if j == nil {
		return
	}
	p.head("The job it runs in")
	var perms []string
	for _, k := range inventory.SortedKeys(j.Permissions) {
		perms = append(perms, k+": "+j.Permissions[k])
	}
	p.facts(kv("workflow", c(j.Workflow)), kv("job", c(j.Name)), kv("triggers", c(strings.Join(j.Triggers, ", "))), kv("outsiders can start it", t(string(j.Outsiders))),
		kv("who may start it", c(j.ActorFilter)), kv("job token", c(strings.Join(perms, ", "))), kv("permissions set by", t(j.PermissionsSet)),
		kv("secrets given", c(strings.Join(j.Secrets, ", "))), kv("environment", c(j.Environment)), kv("runner", c(j.Runner)))
}

func evidence(p *page, es []inventory.Evidence) {
	if len(es) == 0 {
		return
	}
	p.head("Seen in")
	g := grid{heads: []string{"PLACE", "POINTER", "SOURCE", "WHAT"}, give: []int{3, 1, 0}, drop: []int{2, 3}}
	for _, e := range es {
		g.rows = append(g.rows, []cell{c(place(e.Path, e.Line)), c(e.Pointer), c(e.Source), t(e.Note)})
	}
	p.table(g)
}
