package metrics

import (
	"fmt"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// each counts the acting assistants by an answer.
func (w *whole) each(is func(*risk.Trait) inventory.Answer) tally {
	var t tally
	for i := range w.acts {
		t.count(is(&w.acts[i]))
	}
	return t
}

// secrets counts those that may still be accepted; an empty answer leaves one out.
func (w *whole) secrets(is func(*inventory.Secret) inventory.Answer) tally {
	var t tally
	xs := w.s.Records().Secrets
	for i := range xs {
		if risk.Alive(&xs[i], w.now) {
			if a := is(&xs[i]); a != "" {
				t.count(a)
			}
		}
	}
	return t
}

// words are the sources that only repeat what a person said.
var words = []string{"asserted", "config"}

func ownerKnown(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		said := false
		for _, id := range t.Assistant.Owners {
			o := w.s.Owner(id)
			if o == nil || o.Status == "departed" {
				continue
			}
			asserted := slices.Contains(t.Assistant.OwnersAsserted, id) ||
				len(o.Sources) > 0 && !slices.ContainsFunc(o.Sources, func(s string) bool { return !slices.Contains(words, s) })
			if !asserted || o.Status == "active" {
				return inventory.Yes
			}
			said = true
		}
		if said {
			return inventory.Unknown
		}
		return inventory.No
	})
}

func ownerActive(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		best := inventory.No
		for _, id := range t.Assistant.Owners {
			o := w.s.Owner(id)
			switch {
			case o == nil || o.Kind == "team" || o.Status == "departed":
			case o.Status == "active":
				return inventory.Yes
			default:
				best = inventory.Unknown
			}
		}
		return best
	})
}

func registered(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		if t.Assistant.Standing == nil {
			return inventory.Unknown
		}
		return answer(t.Assistant.Charter != "")
	})
}

func reviewed(w *whole) tally {
	var t tally
	for i := range w.acts {
		st := w.acts[i].Assistant.Standing
		switch {
		case st == nil || w.acts[i].Assistant.Charter == "":
		case st.Overdue:
			t.count(inventory.No)
		case st.ReviewDue.IsZero():
			t.count(inventory.Unknown)
		default:
			t.count(inventory.Yes)
		}
	}
	return t
}

func approval(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		switch t.Assistant.Autonomy {
		case inventory.AutonomySuggest, inventory.AutonomyAsk:
			return inventory.Yes
		case inventory.AutonomyUnknown, "":
			return inventory.Unknown
		}
		return inventory.No
	})
}

func autoOpen(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		a := t.Assistant
		unsure := a.Autonomy == inventory.AutonomyUnknown || a.Autonomy == ""
		switch {
		case !t.Alone && !unsure:
			return inventory.No
		case a.Sandbox == inventory.SandboxUnknown || a.Sandbox == "", unsure && a.Sandbox == inventory.SandboxNone:
			return inventory.Unknown
		}
		return answer(a.Sandbox == inventory.SandboxNone)
	})
}

// all is the answer to whether several things are so at once: one that is not settles it.
func all(as ...inventory.Answer) inventory.Answer {
	switch {
	case slices.Contains(as, inventory.No):
		return inventory.No
	case slices.ContainsFunc(as, func(a inventory.Answer) bool { return a != inventory.Yes }):
		return inventory.Unknown
	}
	return inventory.Yes
}

// unasked takes what a person must approve each time for no: the leg does not stand by itself.
func unasked(a inventory.Answer) inventory.Answer {
	if a == inventory.Asks {
		return inventory.No
	}
	return a
}

func trifecta(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		return all(unasked(t.Lamps.Private), unasked(t.Lamps.Untrusted), unasked(t.Lamps.WayOut))
	})
}

func ruleOfTwo(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		private, out := unasked(t.Lamps.Private), unasked(t.Lamps.WayOut)
		if t.Production || t.Restricted {
			private = inventory.Yes
		}
		if t.Writes {
			out = inventory.Yes
		}
		alone := answer(t.Alone)
		if a := t.Assistant.Autonomy; a == inventory.AutonomyUnknown || a == "" {
			alone = inventory.Unknown
		}
		return all(unasked(t.Lamps.Untrusted), private, out, alone)
	})
}

func idleArmed(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		switch {
		case !t.Armed:
			return inventory.No
		case t.Assistant.LastUsed.IsZero():
			return inventory.Unknown
		}
		return answer(w.now.Sub(t.Assistant.LastUsed) > w.p.Idle)
	})
}

// reachProduction is unknown where no right is known at all: then nobody can say that there is none.
func reachProduction(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		if t.Production || t.Restricted {
			return inventory.Yes
		}
		if t.Armed && !slices.ContainsFunc(w.s.EntitlementsOf(t.Assistant.ID), func(e *inventory.Entitlement) bool { return !e.Certain }) {
			return inventory.No
		}
		return inventory.Unknown
	})
}

func controls(w *whole) tally {
	es := w.s.Records().Entitlements
	may := map[inventory.ID]bool{}
	for i := range es {
		if e := &es[i]; w.weights[i].Controls && !e.Certain && e.Gate != inventory.GateBlocked {
			may[e.Assistant] = true
		}
	}
	return w.each(func(t *risk.Trait) inventory.Answer {
		switch {
		case t.Controls:
			return inventory.Yes
		case may[t.Assistant.ID]:
			return inventory.Unknown
		}
		return inventory.No
	})
}

// wide is unknown where the credentials' real scopes are.
func wide(w *whole) tally {
	return w.each(func(t *risk.Trait) inventory.Answer {
		if t.Wide {
			return inventory.Yes
		}
		if slices.ContainsFunc(t.Assistant.Secrets, func(id inventory.ID) bool {
			x := w.s.Secret(id)
			return x != nil && risk.Alive(x, w.now) && len(x.Scopes) == 0
		}) {
			return inventory.Unknown
		}
		return inventory.No
	})
}

// trailRules say that the record is not kept, or not for long enough.
var trailRules = []string{"AUD-01", "AUD-04"}

func logged(w *whole) tally {
	fs := w.s.Records().Findings
	not := map[inventory.ID]bool{}
	for i := range fs {
		f := &fs[i]
		if !slices.Contains(trailRules, f.Rule) || f.State == "fixed" {
			continue
		}
		not[f.Subject] = true
		for _, id := range f.Assistants {
			not[id] = true
		}
	}
	return w.each(func(t *risk.Trait) inventory.Answer {
		switch {
		case not[t.Assistant.ID]:
			return inventory.No
		case slices.ContainsFunc(t.Assistant.Settings, func(x inventory.Setting) bool { return x.Kind == inventory.SettingLog && x.Effective }):
			return inventory.Yes
		}
		return inventory.Unknown
	})
}

func (w *whole) servers(is func(*inventory.Tool) inventory.Answer) tally {
	var t tally
	ts := w.s.Records().Tools
	for i := range ts {
		if ts[i].Enabled && ts[i].Transport != "builtin" {
			t.count(is(&ts[i]))
		}
	}
	return t
}

func pinned(w *whole) tally {
	return w.servers(func(t *inventory.Tool) inventory.Answer { return t.Pinned })
}

func approved(w *whole) tally { return w.servers(w.p.Approved) }

func outsiders(w *whole) tally {
	var t tally
	as := w.s.Records().Assistants
	for i := range as {
		if j := as[i].Job; j != nil {
			t.count(j.Outsiders)
		}
	}
	return t
}

func actionsPinned(w *whole) tally {
	var t tally
	as := w.s.Records().Assistants
	for i := range as {
		if j := as[i].Job; j != nil {
			for _, u := range j.Uses {
				t.count(answer(u.Pinned))
			}
		}
	}
	return t
}

func overdue(w *whole) tally {
	var t tally
	fs := w.s.Records().Findings
	for i := range fs {
		switch f := &fs[i]; {
		case f.State == "accepted" || f.State == "fixed":
		case f.Due.IsZero():
			t.count(inventory.Unknown)
		default:
			t.count(answer(w.now.After(f.Due)))
		}
	}
	return t
}

func fresh(w *whole) tally {
	var t tally
	oldest := ""
	for _, src := range w.s.Records().Sources {
		switch {
		case src.Status == inventory.SourceRunning:
			t.count(inventory.Unknown)
		case src.Status != inventory.SourceOK:
			t.count(inventory.No)
		case src.StartedAt.IsZero():
			t.count(inventory.Unknown)
		default:
			t.count(answer(w.now.Sub(src.StartedAt) <= w.p.Fresh))
		}
		if at := src.StartedAt.UTC().Format("2006-01-02 15:04"); !src.StartedAt.IsZero() && (oldest == "" || at < oldest) {
			oldest = at
		}
	}
	if oldest != "" {
		t.details = fmt.Sprintf("the oldest facts are of %s UTC", oldest)
	}
	return t
}
