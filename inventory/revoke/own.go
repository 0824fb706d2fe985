package revoke

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nhitop/inventory"
)

// ownLast puts what ends nhitop's own access behind all that is done with it: every other step of the sources that work with
// it, but for those that wait for it themselves.
func ownLast(steps []Step) {
	for i := range steps {
		own := &steps[i]
		if len(own.Own) == 0 {
			continue
		}
		waiting := waitingFor(steps, own.ID)
		for _, s := range steps {
			if len(s.Own) == 0 && s.Action != ActionManual && slices.Contains(own.Own, s.Source) && !waiting[s.ID] {
				own.Behind = add(slices.Clone(own.Behind), s.ID)
			}
		}
	}
}

// waitingFor are a step and those that come after it by what they name, directly or not.
func waitingFor(steps []Step, id string) map[string]bool {
	after := map[string]bool{id: true}
	for grown := true; grown; {
		grown = false
		for _, s := range steps {
			if !after[s.ID] && slices.ContainsFunc(slices.Concat(s.After, s.Behind), func(id string) bool { return after[id] }) {
				after[s.ID], grown = true, true
			}
		}
	}
	return after
}

// OwnAccess says which steps end nhitop's own access, in one line; "": none does.
func (p *Plan) OwnAccess() string {
	var what []string
	for i, s := range p.Steps {
		if len(s.Own) > 0 && s.Action != ActionManual {
			what = append(what, fmt.Sprintf("%s (step %d, last of %s)", cmp.Or(s.TargetName, string(s.Target)), i+1, strings.Join(s.Own, ", ")))
		}
	}
	if len(what) == 0 {
		return ""
	}
	return "this also ends nhitop's own access: " + strings.Join(what, ", ")
}

// once makes one step of those that are one request, found for several targets. Requests about a credential may be sent with it:
// then equal ones are not the same.
func once(steps []Step) []Step {
	out := make([]Step, 0, len(steps))
	instead := map[string]string{}
	for _, s := range steps {
		s.ID = cmp.Or(s.ID, StepID(s))
		i := slices.IndexFunc(out, func(o Step) bool { return sameRequest(o, s) })
		if i < 0 {
			out = append(out, s)
			continue
		}
		o := out[i]
		if s.ID < o.ID { // whatever the order in which they were found
			o, s = s, o
		}
		if o.ID != s.ID {
			instead[s.ID] = o.ID
		}
		o.With = targetsOf(o, s)
		o.Breaks = strings.Join(add(nil, append(strings.Split(o.Breaks, Also), strings.Split(s.Breaks, Also)...)...), Also)
		o.After, o.Behind = add(slices.Clone(o.After), s.After...), add(slices.Clone(o.Behind), s.Behind...)
		o.Ties = append(slices.Clone(o.Ties), s.Ties...)
		out[i] = o
	}
	for i := range out {
		out[i].After, out[i].Behind = renamed(out[i].After, instead), renamed(out[i].Behind, instead)
	}
	return out
}

func sameRequest(a, b Step) bool {
	same := a.Source == b.Source && a.Action == b.Action && a.Layer == b.Layer && a.Request == b.Request && maps.Equal(a.Params, b.Params)
	return same && a.ID != b.ID && a.Request != "" && a.Action != ActionManual && slices.Contains([]Layer{LayerGrant, LayerPrincipal, LayerSession}, a.Layer)
}

// targetsOf are the targets of two steps beside the first one's own.
func targetsOf(o, s Step) []inventory.ID {
	var ids []inventory.ID
	for _, id := range slices.Concat(o.With, s.With, []inventory.ID{s.Target}) {
		if id != o.Target && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func renamed(ids []string, instead map[string]string) []string {
	if !slices.ContainsFunc(ids, func(id string) bool { return instead[id] != "" }) {
		return ids
	}
	var out []string
	for _, id := range ids {
		out = add(out, cmp.Or(instead[id], id))
	}
	return out
}

// wentWith names the step of the run with which what this one is about has ended; "" where none was seen to.
func (x *carrying) wentWith(s Step) string {
	if x.l.run.Undoes != "" {
		return ""
	}
	for i := range x.l.run.Steps {
		e := x.at(i)
		about := e.Target == s.Target || slices.ContainsFunc(s.Ties, func(t Tie) bool { return !t.Copies && t.To == e.Target })
		if e.ID != s.ID && about && e.final() && e.State == StateDone && (e.Proof.Grade == Proven || e.Proof.Grade == Attested) {
			return fmt.Sprintf("step %d: %s", i+1, e.Summary)
		}
	}
	return ""
}
