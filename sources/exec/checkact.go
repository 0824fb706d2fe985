package exec

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/sourcetest/suite"
)

// checkActs takes one record away: what is reversible first, twice with one key, and back again; then what is left.
func (s *Source) checkActs(ctx context.Context, name string, about []object, snap *inventory.Snapshot, report suite.Report) {
	kind, id, _ := strings.Cut(name, "/")
	i := slices.IndexFunc(about, func(o object) bool { return o.ref == ref{kind, id} })
	if i < 0 {
		report("it takes "+inventory.Clean(name)+" away", []string{"it did not tell of such a record: name one as TYPE/ID with the plugin's own id"})
		return
	}
	steps, err := s.Plan(ctx, revoke.Target{ID: about[i].target}, snap)
	if err != nil || len(steps) == 0 {
		report("it takes "+about[i].String()+" away", append(said(err), "it plans no step for it"))
		return
	}
	slices.SortStableFunc(steps, func(a, b revoke.Step) int { return order(a) - order(b) })
	for _, st := range steps {
		if st.Target != about[i].target || st.Action == revoke.ActionManual {
			continue
		}
		report(fmt.Sprintf("%s: %s, told twice, is done once and is seen", about[i], st.Action), s.checkAct(ctx, st))
		if st.Reversible {
			report(fmt.Sprintf("%s: %s is taken back", about[i], st.Action), s.checkUndo(ctx, st))
		}
	}
}

func order(st revoke.Step) int {
	if st.Reversible {
		return 0
	}
	return 1
}

func (s *Source) checkAct(ctx context.Context, st revoke.Step) []string {
	for _, time := range []string{"first", "second"} {
		if _, err := s.Apply(ctx, st); err != nil {
			return said(fmt.Errorf("told the %s time: %w", time, err))
		}
		p, err := s.Verify(ctx, st, revoke.Receipt{})
		switch {
		case err != nil:
			return said(fmt.Errorf("verify after it was told the %s time: %w", time, err))
		case !p.Grade.Reaches(st.Promises):
			return []string{fmt.Sprintf("after it was told the %s time: %s, and it promised %s: %s", time, p.Grade, st.Promises, p.Detail)}
		}
	}
	return nil
}

func (s *Source) checkUndo(ctx context.Context, st revoke.Step) []string {
	r := revoke.Receipt{Undo: map[string]string{keyUndo: st.Params[paramUndo]}}
	if _, err := s.Undo(ctx, st, r); err != nil {
		return said(err)
	}
	p, err := s.VerifyUndo(ctx, st, r)
	switch {
	case err != nil:
		return said(err)
	case p.Grade != revoke.Attested:
		return []string{"verify does not say that it works again: " + p.Detail}
	}
	return nil
}
