package risk

import (
	"cmp"
	"fmt"
	"slices"

	"nhitop/inventory"
)

// scene is one finding while it is judged: whom it concerns, which secrets count, what the hit says.
type scene struct {
	w       *world
	rule    *Rule
	subject Subject
	hit     *Hit
	who     []*profile
	what    []*secretFacts
	me      *profile // of the assistant that the finding is about, or nil
	live    bool     // a leaked secret is still accepted
}

func (w *world) scene(r *Rule, s Subject, h *Hit) *scene {
	c := &scene{w: w, rule: r, subject: s, hit: h}
	if s.Assistant != nil || s.Tool != nil {
		c.me = s.profile()
	}
	var who []inventory.ID
	switch {
	case s.Assistant != nil:
		who = append(who, s.Assistant.ID)
	case s.Tool != nil:
		who = append(who, s.Tool.Assistant)
		h.Secrets = slices.Concat(h.Secrets, s.Tool.Secrets)
	case s.Secret != nil:
		h.Secrets = append(slices.Clone(h.Secrets), s.Secret.ID)
		who = idsOf(s.secretFacts().holders)
	}
	switch users := s.f; {
	case c.me != nil && len(h.Assistants) == 0:
		h.Assistants, c.who = who, []*profile{c.me}
	case users != nil && len(h.Assistants) == 0:
		h.Assistants, c.who = who, users.users
	default:
		who = append(who, h.Assistants...)
		slices.Sort(who)
		h.Assistants = slices.Compact(who)
		c.who = make([]*profile, 0, len(h.Assistants))
		for _, id := range h.Assistants {
			c.who = append(c.who, w.profile(id))
		}
	}
	slices.Sort(h.Secrets)
	for _, id := range slices.Compact(h.Secrets) {
		if x := w.s.Secret(id); x != nil {
			f := w.secret(x)
			c.what = append(c.what, f)
			c.live = c.live || f.leaked() != "" && x.State == inventory.StateLive
		}
	}
	return c
}

// aboutSecret reports whether the finding is about credentials, not about how an assistant behaves.
func (c *scene) aboutSecret() bool { return c.subject.Secret != nil }

// self is the profile of the assistant that the finding is about, or nil.
func (c *scene) self() *profile { return c.me }

// fact returns the first reason that the secrets give, then the assistant.
func (c *scene) fact(ofSecret func(*secretFacts) string, ofSelf func(*profile) string) string {
	for _, f := range c.what {
		if why := ofSecret(f); why != "" {
			if c.aboutSecret() {
				return why
			}
			return called(f.x) + ": " + why
		}
	}
	if p := c.self(); p != nil && ofSelf != nil {
		return ofSelf(p)
	}
	return ""
}

// anyone returns the reason that the first assistant concerned gives.
func (c *scene) anyone(of func(*profile) string) string {
	if p := c.self(); p != nil {
		return of(p)
	}
	for _, p := range c.who {
		if why := of(p); why != "" {
			return name(p.a) + ": " + why
		}
	}
	return ""
}

func when(ok bool, why string) string {
	if ok {
		return why
	}
	return ""
}

// modifierChecks say, for each modifier, which fact proves it; "" where none does.
var modifierChecks = map[string]func(*scene) string{
	"prod": func(c *scene) string {
		return c.fact(func(f *secretFacts) string { return f.prod }, func(p *profile) string { return p.prod })
	},
	"admin": func(c *scene) string {
		return c.fact(func(f *secretFacts) string { return f.admin }, func(p *profile) string { return p.admin })
	},
	"write": func(c *scene) string {
		return c.fact(func(f *secretFacts) string { return f.write }, func(p *profile) string { return p.write })
	},
	"orgwide": func(c *scene) string {
		return c.fact(func(f *secretFacts) string { return f.orgwide }, func(p *profile) string { return p.orgwide })
	},
	"leaked": func(c *scene) string {
		return c.fact(func(f *secretFacts) string { return f.leaked() }, nil)
	},
	"live": func(c *scene) string {
		return c.fact(func(f *secretFacts) string { return when(f.x.State == inventory.StateLive, "still accepted") }, nil)
	},
	"noexp": func(c *scene) string {
		return c.fact(func(f *secretFacts) string { return when(forever(f.x), "it has no end date") }, func(p *profile) string {
			for _, x := range p.inReach() {
				if forever(x) {
					return called(x) + " has no end date"
				}
			}
			return ""
		})
	},
	"noowner": func(c *scene) string {
		if c.aboutSecret() {
			return when(ownerless(c.subject), "neither it nor an assistant that uses it has an owner")
		}
		return c.anyone(func(p *profile) string { return when(len(p.a.Owners) == 0, "no owner is known") })
	},
	"shared": func(c *scene) string {
		return c.fact(func(f *secretFacts) string {
			return when(f.shared, count(len(identities(f.holders)), "identity holds it", "identities hold it"))
		}, nil)
	},
	"idle": func(c *scene) string {
		return c.fact(func(f *secretFacts) string {
			return when(!f.x.LastUsed.IsZero() && c.w.now.Sub(f.x.LastUsed) > c.w.p.Idle, "last used "+f.x.LastUsed.Format("2006-01-02"))
		}, func(p *profile) string {
			return when(!p.a.LastUsed.IsZero() && c.w.now.Sub(p.a.LastUsed) > c.w.p.Idle, "last used "+p.a.LastUsed.Format("2006-01-02"))
		})
	},
	"auto": func(c *scene) string {
		return c.anyone(func(p *profile) string { return when(p.alone(), "its mode is "+string(p.a.Autonomy)) })
	},
	"nosandbox": func(c *scene) string {
		return c.anyone(func(p *profile) string {
			return when(p.a.Sandbox == inventory.SandboxNone, "nothing confines its commands")
		})
	},
	"untrusted": func(c *scene) string { return c.anyone(func(p *profile) string { return p.lit.untrusted }) },
	"egress":    func(c *scene) string { return c.anyone(func(p *profile) string { return p.lit.wayOut }) },
	"restricted": func(c *scene) string {
		return c.fact(func(*secretFacts) string { return "" }, func(p *profile) string { return p.restricted })
	},
	"known": func(c *scene) string { return c.hit.Known },
	"aistep": func(c *scene) string {
		p := c.self()
		return when(p != nil && p.a.Job != nil, "an assistant reads what starts the job")
	},
	"fleet": func(c *scene) string {
		n := len(c.w.holds[c.rule.ID])
		return when(n >= c.w.p.Fleet, fmt.Sprintf("it holds for %d assistants", n))
	},
	"tox-prod": func(c *scene) string { return prodOf(c.self()) },
	"tox-live": func(c *scene) string { return when(c.live, "a secret of it is leaked and still accepted") },

	"gated": func(c *scene) string {
		p := c.self()
		asks := p != nil && (p.a.Autonomy == inventory.AutonomySuggest || p.a.Autonomy == inventory.AutonomyAsk) &&
			p.may(inventory.ExecLocal) != inventory.Yes && !(c.subject.Tool != nil && c.subject.Tool.AutoApproved)
		return when(asks, "a person approves each act")
	},
	"sandboxed": func(c *scene) string {
		p := c.self()
		return when(p != nil && p.isolated(), "it is isolated")
	},
	"allowlist": func(c *scene) string {
		p := c.self()
		return when(p != nil && p.a.Network == "allowlist", "it reaches named hosts only")
	},
	"shortlived": func(c *scene) string {
		for _, f := range c.what {
			if !f.shortLived(c.w.now, c.w.p.ShortLived) {
				return ""
			}
		}
		return when(len(c.what) > 0, "it ends within a day")
	},
	"nonprod": func(c *scene) string {
		return c.all(func(f *secretFacts) string { return f.nonprod }, func(p *profile) string { return p.nonprod })
	},
	"readonly": func(c *scene) string {
		return c.all(func(f *secretFacts) string { return f.readonly }, func(p *profile) string { return p.readonly })
	},
}

func prodOf(p *profile) string {
	if p == nil {
		return ""
	}
	return p.prod
}

// all returns a reason only where everything that counts gives one.
func (c *scene) all(ofSecret func(*secretFacts) string, ofSelf func(*profile) string) string {
	why := ""
	for _, f := range c.what {
		if why = ofSecret(f); why == "" {
			return ""
		}
	}
	if p := c.self(); p != nil {
		return ofSelf(p)
	}
	return why
}

const (
	maxRaise = 40
	maxLower = 25
)

// score is clamp(base + min(40, what raises) - min(25, what lowers), 0, 100), with its parts. Where a limit cuts, a part
// says so, so that the parts always add up to the score.
func (c *scene) score() (int, []inventory.ScorePart) {
	parts := make([]inventory.ScorePart, 1, 8)
	parts[0] = inventory.ScorePart{Code: "base", Points: c.rule.Base, Reason: c.rule.Title}
	total, raised, lowered := c.rule.Base, 0, 0
	if n := c.w.p.Weights[c.rule.ID]; n != 0 {
		parts, total = append(parts, inventory.ScorePart{Code: "weight", Points: n, Reason: "set in the policy" + because(c.w.p.Because[c.rule.ID])}), total+n
	}
	modifiers := shipped().modifiers
	for i := range len(c.rule.Mods) + len(c.rule.Reduce) {
		code := ""
		if i < len(c.rule.Mods) {
			code = c.rule.Mods[i]
		} else {
			code = c.rule.Reduce[i-len(c.rule.Mods)]
		}
		why := modifierChecks[code](c)
		if why == "" {
			continue
		}
		m := modifiers[code]
		parts = append(parts, inventory.ScorePart{Code: code, Points: m.Points, Reason: m.Reason + ": " + why})
		if m.Points > 0 {
			raised += m.Points
		} else {
			lowered -= m.Points
		}
	}
	total += min(raised, maxRaise) - min(lowered, maxLower)
	if cut := min(raised, maxRaise) - raised + lowered - min(lowered, maxLower); cut != 0 {
		parts = append(parts, inventory.ScorePart{Code: "limit", Points: cut, Reason: "modifiers raise a score by 40 at most and lower it by 25"})
	}
	clamped := max(0, min(100, total))
	if clamped != total {
		parts = append(parts, inventory.ScorePart{Code: "limit", Points: clamped - total, Reason: "a score is between 0 and 100"})
	}
	return clamped, parts
}

// worse orders findings of one decision: higher score first, then rule, then id.
func worse(a, b *inventory.Finding) int {
	return cmp.Or(cmp.Compare(a.Decision.Rank(), b.Decision.Rank()), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
}
