package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/store"
	"nhitop/inventory/triage"
)

// A decision's verb: what it is called and says.
type decisionVerb struct {
	kind, short, long string
	reason            string // what --reason says here
}

var decisionVerbs = []decisionVerb{
	{triage.Flag, "Mark a finding as looked into", `Marks findings as looked into. ID is a finding, or an assistant, secret or tool server, whose open findings are then meant.`,
		"why, in your words: `TEXT`"},
	{triage.Accept, "Take the risk of a finding until a day", `Takes the risk of a finding until a day: it counts no longer as open. It comes back when the day is over, or when its facts are no
longer those that were accepted. --reason and --until are needed.`, "why it may stand: `TEXT`"},
	{triage.Assign, "Say who answers for an assistant", `Says who answers for an assistant. The owner is shown as asserted by you until a source says the same. ID is an assistant, or a
finding about one. --owner is an id, address or name; one that is known is taken, another is made.`, "how you know: `TEXT`"},
	{triage.Note, "Leave a remark on anything", `Leaves a remark on a record; --reason is its text. The newest remark is shown.`, "the remark: `TEXT`"},
}

type decisionFlags struct {
	reason, until, owner, format string
	undo                         bool
}

func (c *cli) decisionVerb(v decisionVerb) *cobra.Command {
	var k decisionFlags
	cmd := &cobra.Command{
		Use:   v.kind + " ID...",
		Short: v.short,
		Long: v.long + `

It is about what the last collection found, and collects only where there was none. Each decision is in the audit log.
With --undo the last such decision about each ID is taken back.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(k.format, report.ActFormats()); err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			snap, err := c.present(cmd.Context(), app.Service)
			if err != nil {
				return err
			}
			ids, err := decisionTargets(snap, v.kind, args)
			if err != nil {
				return err
			}
			if k.undo {
				return c.undoDecisions(cmd.Context(), app.Service, snap, v.kind, ids, k.format)
			}
			return c.decide(cmd.Context(), app.Service, snap, v.kind, ids, k)
		},
	}
	f := cmd.Flags()
	f.StringVar(&k.reason, "reason", "", v.reason)
	f.BoolVar(&k.undo, "undo", false, "take the last such decision back")
	formatFlag(cmd, &k.format, report.ActFormats())
	switch v.kind {
	case triage.Accept:
		f.StringVar(&k.until, "until", "", "the `DAY` on which it ends (2027-01-31), or a span (30d, 2w)")
	case triage.Assign:
		f.StringVar(&k.owner, "owner", "", "`WHO`: an id, address or name")
	}
	return cmd
}

// present is what is known without asking the sources; where nothing was collected yet they are asked.
func (c *cli) present(ctx context.Context, s *posture.Service) (*inventory.Snapshot, error) {
	snap, err := s.Previous()
	if err == nil && snap != nil {
		return snap, nil
	}
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		return nil, err
	}
	return c.collect(ctx, s)
}

// decisionTargets finds the records that words mean. An assignment of a finding is one of the assistant it is about.
func decisionTargets(snap *inventory.Snapshot, kind string, words []string) ([]inventory.ID, error) {
	var ids []inventory.ID
	for _, w := range words {
		id, err := resolve(snap, w)
		if err != nil {
			return nil, err
		}
		if f := snap.Finding(id); f != nil && kind == triage.Assign && snap.Assistant(f.Subject) != nil {
			id = f.Subject
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (c *cli) decide(ctx context.Context, s *posture.Service, snap *inventory.Snapshot, kind string, ids []inventory.ID, k decisionFlags) error {
	var end time.Time
	if k.until != "" {
		var err error
		if end, err = until(k.until, time.Now()); err != nil {
			return err
		}
	}
	before, err := s.Decisions("")
	if err != nil {
		return err
	}
	ds := make([]triage.Decision, len(ids))
	for i, id := range ids {
		ds[i] = triage.Decision{Kind: kind, Target: id, Reason: k.reason, Owner: k.owner, Until: end}
	}
	if err := s.Decide(ctx, ds); err != nil {
		return err
	}
	after, err := s.Decisions("")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, d := range before {
		known[d.ID] = true
	}
	made := slices.DeleteFunc(after, func(d triage.Decision) bool { return known[d.ID] })
	slices.SortFunc(made, func(a, b triage.Decision) int { return cmp.Compare(a.Target, b.Target) })
	return report.Decisions(c.out, k.format, cmp.Or(s.Snapshot(), snap), made, c.layout())
}

// undoDecisions takes back the last decision of a kind about each record.
func (c *cli) undoDecisions(ctx context.Context, s *posture.Service, snap *inventory.Snapshot, kind string, ids []inventory.ID, format string) error {
	var last []triage.Decision
	for _, id := range ids {
		about := []inventory.ID{id}
		if kind == triage.Flag && snap.Finding(id) == nil {
			for _, f := range snap.FindingsOf(id) {
				if f.Subject == id {
					about = append(about, f.ID)
				}
			}
		}
		n := len(last)
		for _, id := range about {
			ds, err := s.Decisions(id)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(ds, func(d triage.Decision) bool { return d.Kind == kind && !d.Undone }); i >= 0 {
				last = append(last, ds[i])
			}
		}
		if len(last) == n {
			return fmt.Errorf("%w: nobody decided %s about %s", triage.ErrGone, kind, id)
		}
	}
	for i := range last {
		if err := s.UndoDecision(ctx, last[i].ID); err != nil {
			return err
		}
		last[i].Undone = true
	}
	return report.Decisions(c.out, format, cmp.Or(s.Snapshot(), snap), last, c.layout())
}
