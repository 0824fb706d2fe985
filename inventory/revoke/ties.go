package revoke

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

// Tie says that one of what survives a step lives only as long as something else does: it is no longer told once another
// step has taken that away.
type Tie struct {
	What   string       `json:"what"`             // one of what [Step.Residual] names, as it stands there
	To     inventory.ID `json:"to"`               // the credential, or the account, with whose end it is over
	Copies bool         `json:"copies,omitempty"` // it is over with the last copy of it here instead
}

// Ties ties those of what a text names that are listed to the end of a record.
func Ties(residual string, to inventory.ID, whats ...string) []Tie {
	var out []Tie
	for _, what := range strings.Split(residual, Also) {
		if to != "" && slices.Contains(whats, what) {
			out = append(out, Tie{What: what, To: to})
		}
	}
	return out
}

// final reports whether a step is to end its target for good: a credential, or an account with all that it has.
func (s Step) final() bool {
	return !s.Reversible && (s.Layer == LayerCredential || s.Layer == LayerPrincipal) && !slices.Contains(endsNothing, s.Action)
}

// over is what comes to its end in a plan, or was seen to in a run.
type over struct{ ended, taken map[inventory.ID]bool }

// surviving lists what survives a step beside what is over.
func (s Step) surviving(o over) []string {
	var out []string
	for _, what := range strings.Split(s.Residual, Also) {
		gone := slices.ContainsFunc(s.Ties, func(t Tie) bool {
			return t.What == what && (t.Copies && o.taken[t.To] || !t.Copies && o.ended[t.To])
		})
		if !gone {
			out = add(out, what)
		}
	}
	if !o.ended[s.Target] {
		out = add(out, s.Unended)
	}
	return out
}

// over is what the plan ends when every step of it is done.
func (p *Plan) over() over {
	o := over{map[inventory.ID]bool{}, map[inventory.ID]bool{}}
	left := map[inventory.ID]bool{} // copies that only a person takes
	for _, s := range p.Steps {
		o.ended[s.Target] = o.ended[s.Target] || s.final()
		if s.Layer == LayerCopy {
			o.taken[s.Target] = true
			left[s.Target] = left[s.Target] || s.Action == ActionManual
		}
	}
	for id := range left {
		o.taken[id] = o.taken[id] && !left[id]
	}
	return o
}

// over is what was seen to be ended in the run. Where one source ends a credential in several places, all of them must be,
// unless the credential itself was seen to be refused.
func (r Run) over() over {
	o := over{map[inventory.ID]bool{}, map[inventory.ID]bool{}}
	proven, alive, left := map[inventory.ID]bool{}, map[inventory.ID]bool{}, map[inventory.ID]bool{}
	open := map[inventory.ID][]string{} // the sources of ends that were not seen
	seen := map[inventory.ID][]string{}
	for _, s := range r.Steps {
		done := s.State == StateDone && (s.Proof.Grade == Proven || s.Proof.Grade == Attested)
		switch {
		case s.Layer == LayerCopy:
			o.taken[s.Target] = o.taken[s.Target] || done
			left[s.Target] = left[s.Target] || !done
		case !s.final():
		case done:
			proven[s.Target] = proven[s.Target] || s.Proof.Grade == Proven
			seen[s.Target] = add(seen[s.Target], s.Source)
		default:
			alive[s.Target] = alive[s.Target] || s.Alive()
			open[s.Target] = add(open[s.Target], s.Source)
		}
	}
	for id, by := range seen {
		all := !slices.ContainsFunc(by, func(source string) bool { return slices.Contains(open[id], source) })
		o.ended[id] = !alive[id] && (proven[id] || all)
	}
	for id := range left {
		o.taken[id] = o.taken[id] && !left[id]
	}
	return o
}

// Survives lists what survives a step when every step of the plan is done, each with the bound where it ends by itself.
func (p *Plan) Survives(s Step) []string {
	var out []string
	for _, what := range s.surviving(p.over()) {
		out = append(out, s.survives(what))
	}
	return out
}

// Stays says what survives a step of a run that was done: what it says of itself, without what another step of the run was
// seen to end.
func (r Run) Stays(s StepRun) []string { return s.surviving(r.over()) }

// LivesOn names what was to end and was seen to live on: the first of what stays alive.
func (r Run) LivesOn() []string {
	var out []string
	for i, s := range r.Steps {
		if s.Alive() && r.Undoes == "" {
			out = append(out, fmt.Sprintf("%s STILL WORKS, though step %d was done", cmp.Or(s.TargetName, string(s.Target)), i+1))
		}
	}
	return out
}
