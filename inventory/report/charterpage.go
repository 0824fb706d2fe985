package report

import (
	"strings"

	"nhitop/inventory"
)

// charter says how an assistant stands to what was declared for it; nothing where charters are not in use.
func charter(p *page, a *inventory.Assistant) {
	st := a.Standing
	if st == nil {
		return
	}
	p.head("Charter")
	if a.Charter == "" {
		why := "nobody has declared what it is meant to be and do"
		if st.Conflict != "" {
			why = st.Conflict
		}
		p.say(cell{inventory.Clean(why), warn})
	}
	warned := func(text string) cell { return cell{inventory.Clean(text), warn} }
	past := func(text string, is bool) cell {
		if is {
			return warned(text)
		}
		return t(text)
	}
	review := date(st.ReviewDue)
	if st.Overdue {
		review = strings.TrimSpace(review + " overdue")
		if st.ReviewDue.IsZero() {
			review = "none was ever noted"
		}
	}
	end := date(st.Expires)
	if st.Expired {
		end += ", over"
	}
	p.facts(kv("for", c(a.Charter)), kv("purpose", c(a.Purpose)), kv("owner", c(st.Owner)), kv("deputy", c(st.Deputy)),
		kv("drift", warned(joinNames(st.Drift))), kv("also reaches", warned(strings.Join(append(append([]string{}, st.Environments...), st.Repositories...), ", "))),
		kv("not used", t(joinNames(st.Excess))), kv("ends", past(end, st.Expired)), kv("review", past(review, st.Overdue)))
}

func joinNames(cs []inventory.Capability) string {
	names := make([]string, len(cs))
	for i, x := range cs {
		names[i] = string(x)
	}
	return strings.Join(names, ", ")
}

// environment is where a resource stands, and whether only its name says so.
func environment(x *inventory.Resource) string {
	if x.Environment != "" && x.EnvironmentAssumed {
		return x.Environment + " (assumed: only a word of its name says so)"
	}
	return x.Environment
}

// ownersOf names who answers for an assistant, and of whom only somebody's word says so.
func ownersOf(s *inventory.Snapshot, a *inventory.Assistant) cell {
	var names []string
	for _, id := range a.Owners {
		names = append(names, Name(s, id)+reserve(s, a, id))
	}
	if len(names) == 0 {
		return cell{"?", warn}
	}
	return c(strings.Join(names, ", "))
}

// reserve is what must be said behind the name of an owner: of whoever has left, or is only said to answer for an assistant,
// which may be nil.
func reserve(s *inventory.Snapshot, a *inventory.Assistant, id inventory.ID) string {
	o := s.Owner(id)
	switch {
	case o != nil && o.Status == inventory.OwnerDeparted:
		return " (left)"
	case o != nil && a != nil && o.Status != inventory.OwnerActive && onlyWords(a, o):
		return " (asserted)"
	}
	return ""
}

// onlyWords reports whether a decision or a charter alone says that an owner answers for an assistant.
func onlyWords(a *inventory.Assistant, o *inventory.Owner) bool {
	for _, id := range a.OwnersAsserted {
		if id == o.ID {
			return true
		}
	}
	for _, s := range o.Sources {
		if s != "asserted" && s != "config" {
			return false
		}
	}
	return len(o.Sources) > 0
}
