package suite

import (
	"encoding/json"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/revoke"
)

// mostPlans is how many records of a kind are planned for: a plan may ask a service many things.
const mostPlans = 25

var layers = []revoke.Layer{revoke.LayerPrincipal, revoke.LayerGrant, revoke.LayerCredential, revoke.LayerSession, revoke.LayerSetting, revoke.LayerCopy}

// plans asks a source that can take away what it would do about each record, and whether the world is as it was after that.
func (x *Subject) plans(f *faults) {
	r, ok := x.source.(revoke.Revoker)
	if !ok {
		return
	}
	snap := inventory.NewSnapshot(At, merge.Merge([]inventory.Batch{x.first.Batch}, nil), false)
	var all []revoke.Step
	for _, t := range targets(snap.Records()) {
		steps, err := r.Plan(x.ctx, t, snap)
		if err != nil {
			f.add("planning for %s: %v", t.ID, err)
			continue
		}
		again, err := r.Plan(x.ctx, t, snap)
		if a, b := ids(steps), ids(again); err != nil || !slices.Equal(a, b) {
			f.add("planning for %s twice gives other steps: %v and %v", t.ID, a, b)
		}
		for _, st := range steps {
			x.step(st, snap, f)
			st.Horizon, st.Ends = 0, slices.Clone(st.Ends) // a row of noughts in nanoseconds, as fake secrets have them
			for k := range st.Ends {
				st.Ends[k].Within = 0
			}
			all = append(all, st)
		}
	}
	for _, id := range []inventory.ID{"", inventory.NewID(inventory.NounSecret, "nobody knows it")} {
		if steps, err := r.Plan(x.ctx, revoke.Target{ID: id}, snap); err != nil || len(steps) > 0 {
			f.add("a record that nobody knows has %d steps (%v)", len(steps), err)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		f.add("a step cannot be written down: %v", err)
	}
	leaked(string(text), slices.Concat(x.Planted, x.Secrets), f)
	alike(x.first, collect(x.ctx, x.source), f)
}

func (x *Subject) step(st revoke.Step, snap *inventory.Snapshot, f *faults) {
	known := snap.Secret(st.Target) != nil || snap.Assistant(st.Target) != nil || snap.Tool(st.Target) != nil || snap.Entitlement(st.Target) != nil
	switch {
	case st.Action == "" || strings.TrimSpace(st.Summary) == "" || st.TargetName == "":
		f.add("a step that does not say what it does: %+v", st)
	case !known:
		f.add("a step for a record that is not there: %+v", st)
	case !slices.Contains(layers, st.Layer) || !slices.Contains(revoke.Grades(), st.Promises) || st.Promises == revoke.Alive:
		f.add("a step without a layer or without a grade that it promises: %+v", st)
	case inventory.Clean(st.Summary) != st.Summary || inventory.Clean(st.Effect) != st.Effect || inventory.Clean(st.Residual) != st.Residual:
		f.add("a step with text that a terminal would obey: %q", st.Summary)
	}
	for _, e := range st.Ends {
		if e.What == "" || e.What != st.Unended && !slices.Contains(strings.Split(st.Residual, revoke.Also), e.What) || e.Within < 0 || e.Within > 0 && !e.Until.IsZero() {
			f.add("a step with an end of what it does not leave, or with two ends of one thing: %+v", e)
		}
	}
	for _, t := range st.Ties {
		if t.To == "" || t.What == "" || !slices.Contains(strings.Split(st.Residual, revoke.Also), t.What) {
			f.add("a step that ties what it does not leave, or ties it to nothing: %+v", t)
		}
	}
	if slices.ContainsFunc(st.Holds, func(id inventory.ID) bool { return snap.Secret(id) == nil }) {
		f.add("a step that takes the place of a secret that is not there: %v", st.Holds)
	}
}

func ids(steps []revoke.Step) []string {
	var out []string
	for _, st := range steps {
		if st.ID == "" {
			st.ID = revoke.StepID(st)
		}
		out = append(out, st.ID)
	}
	return out
}

func targets(r inventory.Records) []revoke.Target {
	var out []revoke.Target
	for i := range r.Secrets[:min(len(r.Secrets), mostPlans)] {
		out = append(out, revoke.Target{ID: r.Secrets[i].ID})
	}
	for i := range r.Assistants[:min(len(r.Assistants), mostPlans)] {
		out = append(out, revoke.Target{ID: r.Assistants[i].ID, Action: revoke.ActionAll})
	}
	for i := range r.Tools[:min(len(r.Tools), mostPlans)] {
		out = append(out, revoke.Target{ID: r.Tools[i].ID})
	}
	for i := range r.Entitlements[:min(len(r.Entitlements), mostPlans)] {
		out = append(out, revoke.Target{ID: r.Entitlements[i].ID})
	}
	return out
}
