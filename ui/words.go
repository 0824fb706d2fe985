package ui

import (
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/inventory/triage"
	"nhitop/ui/table"
	"nhitop/ui/theme"
)

// The words of the screen for what the records say.

func decisionCell(d inventory.Decision) table.Cell {
	switch d {
	case inventory.ActNow:
		return table.Cell{Text: "ACT NOW", Style: theme.Alarm}
	case inventory.Attend:
		return table.Cell{Text: "ATTEND", Style: theme.Warn}
	case inventory.Track:
		return table.Cell{Text: "TRACK", Style: theme.Plain}
	}
	return table.Cell{Text: "", Style: theme.Dim}
}

// queueCell is the decision of a finding that asks for something; one that was accepted or fixed says that instead.
func queueCell(f *inventory.Finding) table.Cell {
	if !isOpen(f) {
		return dim(f.State)
	}
	return decisionCell(f.Decision)
}

var decisionRanks = []string{"track|low", "attend|medium", "act-now|high|critical"}

// worst is the most urgent decision among the open findings about a record.
func worst(fs []*inventory.Finding) inventory.Decision {
	var d inventory.Decision
	for _, f := range fs {
		if isOpen(f) && f.Decision.Rank() < d.Rank() {
			d = f.Decision
		}
	}
	return d
}

// isOpen reports whether a finding asks for something: it is neither accepted nor fixed.
func isOpen(f *inventory.Finding) bool {
	return f.State != triage.StateAccepted && f.State != "fixed"
}

var autonomyRanks = []string{"suggest", "ask", "auto-edit", "auto", "unattended"}

func autonomyCell(a inventory.Autonomy) table.Cell {
	c := table.Cell{Text: string(a)}
	switch a {
	case inventory.AutonomyUnattended:
		c.Style = theme.Alarm
	case inventory.AutonomyAuto:
		c.Style = theme.Warn
	case inventory.AutonomyUnknown, "":
		c = table.Cell{Text: "?", Style: theme.Dim}
	}
	return c
}

func sandboxCell(s inventory.Sandbox) table.Cell {
	switch s {
	case inventory.SandboxNone:
		return table.Cell{Text: "none", Style: theme.Warn}
	case inventory.SandboxUnknown, "":
		return table.Cell{Text: "?", Style: theme.Dim}
	}
	return table.Cell{Text: string(s), Style: theme.Good}
}

// power lists the capabilities from the one that weighs most.
var power = []inventory.Capability{
	inventory.AdminOrg, inventory.AdminRepo, inventory.MintIdentity, inventory.CloudAdmin, inventory.DeployProd,
	inventory.MergeProtected, inventory.BypassReview, inventory.PublishPackage, inventory.ClusterWrite,
	inventory.CloudWrite, inventory.DataWrite, inventory.WriteSecrets, inventory.ReadSecrets, inventory.EditWorkflow,
	inventory.RunCI, inventory.ApprovePR, inventory.ExecLocal, inventory.OpenPR, inventory.WriteSource,
	inventory.ChatPost, inventory.TicketWrite, inventory.ClusterRead, inventory.CloudRead, inventory.DataRead,
	inventory.NetworkOut, inventory.ReadSource,
}

// may names the strongest thing that an assistant does without asking, else the strongest that it asks for.
func may(a *inventory.Assistant) table.Cell {
	for _, c := range power {
		if a.Capabilities[c] == inventory.Yes {
			return table.Cell{Text: string(c)}
		}
	}
	for _, c := range power {
		if a.Capabilities[c] == inventory.Asks {
			return table.Cell{Text: "asks " + string(c)}
		}
	}
	if a.Class == inventory.ClassTextOnly {
		return table.Cell{Text: "text only", Style: theme.Dim}
	}
	return table.Cell{Text: "?", Style: theme.Dim}
}

// where says where an assistant is: a folder, a repository and its job, an organisation, a host.
func where(a *inventory.Assistant) string {
	p := homely(a.Path)
	switch {
	case a.Job != nil:
		return p + " ci " + a.Job.Name
	case a.Scope == "user" && p != "" && (p[0] != '~' || strings.Contains(p, "/")):
		return p + " (user)"
	case p != "":
		return p
	}
	return a.Host
}

// homely writes the home of an account as shells do: ~alice.
func homely(path string) string {
	for _, homes := range []string{"/home/", "/Users/"} {
		if rest, ok := strings.CutPrefix(path, homes); ok && rest != "" {
			return "~" + rest
		}
	}
	return path
}

// placeOf says where the subject of a fix or a finding is, with its machine: what its title leaves out.
func placeOf(s *inventory.Snapshot, id inventory.ID) string {
	if t := s.Tool(id); t != nil {
		id = t.Assistant
	}
	if a := s.Assistant(id); a != nil {
		w := where(a)
		if a.Host != "" && (strings.HasPrefix(w, "/") || strings.HasPrefix(w, "~")) { // of a machine, not of a forge
			return a.Host + " " + w
		}
		return w
	}
	if x := s.Secret(id); x != nil {
		return secretWhere(x)
	}
	return ""
}

// short names an assistant by its product, as the configuration and the filters do.
func short(a *inventory.Assistant) string {
	if a.Kind == "" || a.Kind == "custom" {
		return a.Name
	}
	return a.Kind
}

// secretCell names a secret with what tells it apart first, so that a narrow column keeps it.
func secretCell(x *inventory.Secret) string {
	if x.Hint != "" {
		return "…" + x.Hint + " " + x.Kind
	}
	return secretName(x)
}

// secretName names a secret without saying more of it than its hint.
func secretName(x *inventory.Secret) string {
	if x.Hint != "" {
		return x.Kind + " …" + x.Hint
	}
	if x.Note != "" && x.Fingerprint == "" {
		return x.Kind + " (" + x.Note + ")"
	}
	return x.Kind
}

func secretWhere(x *inventory.Secret) string {
	if len(x.Locations) == 0 {
		return ""
	}
	p := place(homely(x.Locations[0].Path), x.Locations[0].Line)
	if n := len(x.Locations) - 1; n > 0 {
		p += fmt.Sprintf(" +%d", n)
	}
	return p
}

func place(path string, line int) string {
	if line > 0 {
		return fmt.Sprintf("%s:%d", path, line)
	}
	return path
}

// nameOf names any record of the snapshot.
func nameOf(s *inventory.Snapshot, id inventory.ID) string {
	if id == "" {
		return "whoever holds it" // of an entitlement whose secret nobody is known to hold
	}
	switch id.Noun() {
	case inventory.NounAssistant:
		if a := s.Assistant(id); a != nil {
			return joined(" · ", short(a), where(a))
		}
	case inventory.NounSecret:
		if x := s.Secret(id); x != nil {
			return secretName(x)
		}
	case inventory.NounTool:
		if t := s.Tool(id); t != nil {
			return "server " + t.Name
		}
	case inventory.NounOwner:
		if o := s.Owner(id); o != nil {
			return o.Name
		}
	case inventory.NounResource:
		if r := s.Resource(id); r != nil {
			return r.Name
		}
	case inventory.NounFinding:
		if f := s.Finding(id); f != nil {
			return f.Title
		}
	case inventory.NounEntitlement:
		if e := s.Entitlement(id); e != nil {
			return string(e.Capability)
		}
	}
	if id == risk.ConfigurationID() {
		return "the configuration"
	}
	for _, src := range s.Records().Sources {
		if risk.SourceID(src.Name) == id {
			return "source " + src.Name
		}
	}
	return string(id)
}

// summary counts what is behind a list of ids without naming more than two; those of one name are told together.
func summary(s *inventory.Snapshot, ids []inventory.ID) string {
	var names []string
	n := map[string]int{}
	for _, id := range ids {
		name := nameOf(s, id)
		if a := s.Assistant(id); a != nil {
			name = short(a)
		}
		if n[name]++; n[name] == 1 {
			names = append(names, name)
		}
	}
	more := len(ids)
	for i, name := range names {
		if i == 2 {
			return fmt.Sprintf("%s, %s +%d", names[0], names[1], more)
		}
		more -= n[name]
		if n[name] > 1 {
			names[i] = fmt.Sprintf("%s (%d)", name, n[name])
		}
	}
	return strings.Join(names, ", ")
}

func answerCell(a inventory.Answer, yesIsBad bool) table.Cell {
	switch a {
	case inventory.Yes:
		if yesIsBad {
			return table.Cell{Text: "yes", Style: theme.Warn}
		}
		return table.Cell{Text: "yes", Style: theme.Good}
	case inventory.No:
		if yesIsBad {
			return table.Cell{Text: "no"}
		}
		return table.Cell{Text: "NO", Style: theme.Warn}
	case inventory.Asks:
		return table.Cell{Text: "asks"}
	}
	return table.Cell{Text: "?", Style: theme.Dim}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
