package metrics

import (
	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// rights counts the rights that nothing blocks; an empty answer leaves one out.
func (w *whole) rights(is func(*inventory.Entitlement, risk.Weight) inventory.Answer) tally {
	var t tally
	es := w.s.Records().Entitlements
	for i := range es {
		if es[i].Gate == inventory.GateBlocked {
			continue
		}
		if a := is(&es[i], w.weights[i]); a != "" {
			t.count(a)
		}
	}
	return t
}

func standingWrite(w *whole) tally {
	return w.rights(func(e *inventory.Entitlement, x risk.Weight) inventory.Answer {
		switch {
		case !x.Writes || !x.System || !x.Production:
			return ""
		case !e.Certain:
			return inventory.Unknown
		}
		return answer(w.p.Lasting(w.s, e, w.now))
	})
}

func privilegeGap(w *whole) tally {
	return w.rights(func(e *inventory.Entitlement, x risk.Weight) inventory.Answer {
		switch {
		case !e.Certain || !x.System:
			return ""
		case e.LastUsed.IsZero():
			return inventory.Unknown
		}
		return answer(w.now.Sub(e.LastUsed) > w.p.Idle)
	})
}

func verbsGated(w *whole) tally {
	return w.rights(func(e *inventory.Entitlement, x risk.Weight) inventory.Answer {
		switch {
		case !x.Controls:
			return ""
		case !e.Certain:
			return inventory.Unknown
		}
		return answer(e.Gate == inventory.GateAsks)
	})
}
