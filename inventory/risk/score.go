package risk

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// scene is one finding while it is judged: whom it concerns, which secrets count, what the hit says.
type scene struct {
	w       *world
	rule    *asked
	subject Subject
	hit     *Hit
	who     []*profile
	what    []*secretFacts
	me      *profile // of the assistant that the finding is about, or nil
	live    bool     // a leaked secret is still accepted
}

// set makes the scene of a hit, and fills in whom it concerns and which secrets count.
func (p *pen) set(r *asked, s Subject, h *Hit) {
	w, c := p.w, &p.c
	*c = scene{w: w, rule: r, subject: s, hit: h, who: c.who[:0], what: c.what[:0]}
	var own []inventory.ID
	switch {
	case s.Assistant != nil:
		c.me = s.profile()
		own = c.me.self
	case s.Tool != nil:
		c.me = s.profile()
		own = c.me.self
		h.Secrets = slices.Concat(h.Secrets, s.Tool.Secrets)
	case s.Secret != nil:
		own = s.secretFacts().who
		h.Secrets = append(slices.Clip(h.Secrets), s.Secret.ID)
	}
	switch {
	case len(h.Assistants) > 0:
		all := slices.Concat(own, h.Assistants)
		slices.Sort(all)
		h.Assistants = p.ids.copy(slices.Compact(all)...)
		for _, id := range h.Assistants {
			c.who = append(c.who, w.profile(id))
		}
	case c.me != nil:
		h.Assistants, c.who = own, append(c.who, c.me)
	case s.Secret != nil:
		h.Assistants, c.who = own, append(c.who, s.users()...)
	}
	slices.Sort(h.Secrets)
	h.Secrets = slices.Compact(h.Secrets)
	for _, id := range h.Secrets {
		if f := w.factsOf(id); f != nil {
			c.what = append(c.what, f)
			c.live = c.live || f.leaked() != "" && f.x.State == inventory.StateLive
		}
	}
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
			return f.called + ": " + why
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
			return p.name + ": " + why
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
			for _, f := range p.reach {
				if forever(f.x) {
					return f.called + " has no end date"
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
	fleetCode:  func(*scene) string { return "" }, // counted when all are asked
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

const limitCode = "limit"

// limited adds parts up: the score is clamp(base + min(40, what raises) - min(25, what lowers), 0, 100). Where a limit cuts, a
// part says so, so that the parts always add up to the score.
func limited(parts []inventory.ScorePart) (score int, limits []inventory.ScorePart) {
	total, raised, lowered := 0, 0, 0
	for i := range parts {
		switch x := &parts[i]; {
		case i == 0 || x.Code == "weight":
			total += x.Points
		case x.Points > 0:
			raised += x.Points
		default:
			lowered -= x.Points
		}
	}
	total += min(raised, maxRaise) - min(lowered, maxLower)
	if cut := min(raised, maxRaise) - raised + lowered - min(lowered, maxLower); cut != 0 {
		limits = append(limits, inventory.ScorePart{Code: limitCode, Points: cut, Reason: "modifiers raise a score by 40 at most and lower it by 25"})
	}
	clamped := max(0, min(100, total))
	if clamped != total {
		limits = append(limits, inventory.ScorePart{Code: limitCode, Points: clamped - total, Reason: "a score is between 0 and 100"})
	}
	return clamped, limits
}

// worse orders findings of one decision: higher score first, then rule, then id.
func worse(a, b *inventory.Finding) int {
	return cmp.Or(cmp.Compare(a.Decision.Rank(), b.Decision.Rank()), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
}
