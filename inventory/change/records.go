package change

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

func (c *comparer) assistant(old, now *inventory.Assistant) {
	switch {
	case old == nil:
		c.add(New, now.ID, assistantName(now), summary(now), "")
		return
	case now == nil:
		if c.readAgain(old.Sources) {
			c.add(Gone, old.ID, assistantName(old), "", c.by(old.ID))
		}
		return
	}
	grade(c, now.ID, "autonomy", old.Autonomy, now.Autonomy, autonomies)
	grade(c, now.ID, "without a terminal", old.Headless, now.Headless, autonomies)
	grade(c, now.ID, "sandbox", old.Sandbox, now.Sandbox, sandboxes)
	for _, k := range inventory.Capabilities() {
		a, b := cmp.Or(old.Capabilities[k], inventory.Unknown), cmp.Or(now.Capabilities[k], inventory.Unknown)
		grade(c, now.ID, string(k), a, b, answers)
	}
	more, less := differ(old.Secrets, now.Secrets)
	for _, id := range more {
		c.grew(now.ID, id, "reaches "+c.name(id))
	}
	for _, id := range less {
		c.shrank(now.ID, id, "no longer reaches "+c.name(id))
		if c.By[id] != "" && c.By[now.ID] == "" {
			c.note(now.ID, c.By[id])
		}
	}
}

// note remembers who it was, without changing the caller's map.
func (c *comparer) note(id inventory.ID, by string) {
	m := make(map[inventory.ID]string, len(c.By)+1)
	for k, v := range c.By {
		m[k] = v
	}
	m[id] = by
	c.By = m
}

func summary(a *inventory.Assistant) string {
	var parts []string
	if a.Class == inventory.ClassNHI {
		parts = append(parts, "autonomy "+string(a.Autonomy))
	}
	if n := len(a.Tools); n > 0 {
		parts = append(parts, plural(n, "tool server"))
	}
	if n := len(a.Secrets); n > 0 {
		parts = append(parts, plural(n, "secret"))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// The grades from little to much. What is not in its list is unknown.
var (
	autonomies = []inventory.Autonomy{inventory.AutonomySuggest, inventory.AutonomyAsk, inventory.AutonomyAutoEdit, inventory.AutonomyAuto, inventory.AutonomyUnattended}
	sandboxes  = []inventory.Sandbox{inventory.SandboxVM, inventory.SandboxContainer, inventory.SandboxWorkspace, inventory.SandboxNone}
	answers    = []inventory.Answer{inventory.No, inventory.Asks, inventory.Yes}
	exposures  = []string{inventory.ExposureNone, inventory.ExposureLocal, inventory.ExposureShared, inventory.ExposureCommitted, inventory.ExposureLeaked}
)

// grade tells a step up or down. From unknown to something is told as growth, with the word; to unknown nothing is told.
func grade[T ~string](c *comparer, id inventory.ID, what string, old, now T, order []T) {
	a, b := slices.Index(order, old), slices.Index(order, now)
	switch {
	case old == now || b < 0:
	case a < 0 && b == 0: // unknown before, and the least there is
	case a < 0:
		c.grew(id, id, fmt.Sprintf("%s %s (was unknown)", what, now))
	case b > a:
		c.grew(id, id, fmt.Sprintf("%s %s -> %s", what, old, now))
	default:
		c.shrank(id, id, fmt.Sprintf("%s %s -> %s", what, old, now))
	}
}

func (c *comparer) secret(old, now *inventory.Secret) {
	switch {
	case old == nil:
		c.add(New, now.ID, secretName(now), strings.Join(slices.DeleteFunc([]string{now.Storage, now.Exposure, held(now)}, func(s string) bool { return s == "" || s == "none" }), ", "), "")
		return
	case now == nil:
		if c.readAgain(old.Sources) {
			c.add(Gone, old.ID, secretName(old), "no place that was read holds it any more", c.by(old.ID))
		}
		return
	}
	more, less := differ(old.Scopes, now.Scopes)
	for _, s := range more {
		c.grew(now.ID, now.ID, "scope "+s)
	}
	for _, s := range less {
		c.shrank(now.ID, now.ID, "scope "+s)
	}
	placed := func(x *inventory.Secret) []string {
		var ps []string
		for _, l := range x.Locations {
			ps = append(ps, l.Path)
		}
		return ps
	}
	more, less = differ(placed(old), placed(now))
	for _, s := range more {
		c.grew(now.ID, now.ID, "also in "+s)
	}
	for _, s := range less {
		c.shrank(now.ID, now.ID, "no longer in "+s)
	}
	grade(c, now.ID, "exposure", old.Exposure, now.Exposure, exposures)
	if old.State != now.State && (now.State == inventory.StateDisabled || now.State == inventory.StateRevoked || now.State == inventory.StateExpired) {
		c.shrank(now.ID, now.ID, "state "+now.State)
	} else if old.State != now.State && now.State == inventory.StateLive && old.State != inventory.StateUnknown {
		c.grew(now.ID, now.ID, "state "+old.State+" -> live")
	}
	if now.Broad && !old.Broad {
		c.grew(now.ID, now.ID, "cannot be narrowed")
	}
}

func held(x *inventory.Secret) string {
	if len(x.Assistants) == 0 {
		return ""
	}
	return "of " + plural(len(x.Assistants), "assistant")
}

// tool tells a server as growth of its assistant where that was there before, and as part of it where it is new or gone.
func (c *comparer) tool(old, now *inventory.Tool) {
	switch {
	case old == nil:
		if c.lasts(now.Assistant) {
			c.grew(now.Assistant, now.ID, "server "+now.Name)
		}
	case now == nil:
		if c.lasts(old.Assistant) && c.readAgain(sourcesOf(old.Evidence)) {
			c.shrank(old.Assistant, old.ID, "server "+old.Name)
			if by := c.By[old.ID]; by != "" && c.By[old.Assistant] == "" {
				c.note(old.Assistant, by)
			}
		}
	default:
		if !old.Enabled && now.Enabled {
			c.grew(now.ID, now.ID, "is switched on")
		} else if old.Enabled && !now.Enabled {
			c.shrank(now.ID, now.ID, "is switched off")
		}
		more, less := differ(old.ApprovedTools, now.ApprovedTools)
		for _, t := range more {
			c.grew(now.ID, now.ID, "runs "+t+" without asking")
		}
		for _, t := range less {
			c.shrank(now.ID, now.ID, "asks before "+t)
		}
		if !old.AutoApproved && now.AutoApproved {
			c.grew(now.ID, now.ID, "starts without asking")
		}
		if old.Pinned == inventory.Yes && now.Pinned == inventory.No {
			c.grew(now.ID, now.ID, "is no longer pinned")
		} else if old.Pinned == inventory.No && now.Pinned == inventory.Yes {
			c.shrank(now.ID, now.ID, "is pinned")
		}
	}
}

// entitlement tells a grant as growth of its assistant, where that was there before.
func (c *comparer) entitlement(old, now *inventory.Entitlement) {
	switch {
	case old == nil && now.Gate != inventory.GateBlocked && now.Resource != "" && c.lasts(now.Assistant):
		c.grew(now.Assistant, now.ID, "may "+string(now.Capability)+" on "+c.name(now.Resource)+grantedBy(now))
	case now == nil && old.Gate != inventory.GateBlocked && old.Resource != "" && c.lasts(old.Assistant) && c.readAgain(sourcesOf(old.Evidence)):
		c.shrank(old.Assistant, old.ID, "may no longer "+string(old.Capability)+" on "+c.name(old.Resource))
	case old != nil && now != nil && c.lasts(now.Assistant):
		gates := []string{inventory.GateBlocked, inventory.GateAsks, inventory.GateOpen}
		a, b := slices.Index(gates, old.Gate), slices.Index(gates, now.Gate)
		if a >= 0 && b > a {
			c.grew(now.Assistant, now.ID, fmt.Sprintf("%s is %s, was %s", now.Capability, now.Gate, old.Gate))
		} else if b >= 0 && b < a {
			c.shrank(now.Assistant, now.ID, fmt.Sprintf("%s is %s, was %s", now.Capability, now.Gate, old.Gate))
		}
	}
}

func grantedBy(e *inventory.Entitlement) string {
	if e.GrantedBy == "" {
		return ""
	}
	return ", granted by " + e.GrantedBy
}

func (c *comparer) owner(old, now *inventory.Owner) {
	switch {
	case old == nil:
		c.add(New, now.ID, now.Name, "", "")
	case now == nil:
		if c.readAgain(old.Sources) {
			c.add(Gone, old.ID, old.Name, "", "")
		}
	case old.Status != now.Status && now.Status == "departed":
		c.add(Gone, now.ID, now.Name, "departed", "")
	}
}

func (c *comparer) resource(old, now *inventory.Resource) {
	switch {
	case old == nil:
		c.add(New, now.ID, now.Name, now.Kind, "")
	case now == nil:
		if c.readAgain(sourcesOf(old.Evidence)) {
			c.add(Gone, old.ID, old.Name, old.Kind, "")
		}
	}
}

func (c *comparer) finding(old, now *inventory.Finding) {
	about := func(f *inventory.Finding) string { return f.Title + ": " + c.name(f.Subject) }
	switch {
	case old == nil && c.Known[now.ID]:
		c.add(Reopened, now.ID, about(now), string(now.Decision), "")
	case old == nil:
		c.add(New, now.ID, about(now), string(now.Decision), "")
	case now == nil:
		if c.readAgain(c.saw(old)) {
			c.add(Fixed, old.ID, about(old), "", c.by(old.Subject))
		}
	}
}

// saw lists the sources that a finding rests on: those of its evidence and, where it went too, of its subject.
func (c *comparer) saw(f *inventory.Finding) []string {
	sources := sourcesOf(f.Evidence)
	if a := c.before.assistants[f.Subject]; a != nil && c.after.assistants[f.Subject] == nil {
		sources = append(sources, a.Sources...)
	}
	if x := c.before.secrets[f.Subject]; x != nil && c.after.secrets[f.Subject] == nil {
		sources = append(sources, x.Sources...)
	}
	return sources
}
