package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/review"
)

func (c *cli) reviewVerb() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "review",
		Short: "An ownership review: open, decide, close, export the evidence",
		Long: `Reviews of who answers for which assistant, and whether it still needs what it holds. Without more, those that there are.

  nhitop review open --team platform           freeze what is known of the team's assistants
  nhitop review show REVIEW                    what is asked of whom, what was decided, what became of it
  nhitop review decide REVIEW ID... reduce --reason "..."
  nhitop review export REVIEW --output DIR     the evidence, for an auditor

Decisions are keep, reduce, rotate, transfer, suspend, revoke and exception. Reduce, rotate, suspend and revoke change nothing
by themselves: nhitop revoke and nhitop rotate do. A decision is shown as done when a source was read again and says so.
REVIEW may be "last".`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.ReviewFormats()); err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			all, err := app.Service.Reviews(cmd.Context())
			if err != nil {
				return err
			}
			return report.Reviews(c.out, format, all, time.Now(), c.layout())
		},
	}
	formatFlag(cmd, &format, report.ReviewFormats())
	cmd.AddCommand(c.reviewOpen(), c.reviewShow(), c.reviewDecide(), c.reviewUndo(), c.reviewClose(), c.reviewExport())
	return cmd
}

// withReview finds the review that a word means, with the facts of the last collection at hand.
func (c *cli) withReview(cmd *cobra.Command, word string) (*posture.Service, review.State, error) {
	var none review.State
	app, err := c.open(cmd.Context())
	if err != nil {
		return nil, none, err
	}
	if _, err := c.present(cmd.Context(), app.Service); err != nil {
		return nil, none, err
	}
	all, err := app.Service.Reviews(cmd.Context())
	if err != nil {
		return nil, none, err
	}
	var found []review.State
	for _, st := range all {
		if st.Review.ID == word || word == "last" && len(found) == 0 || word != "" && word != "last" && strings.HasPrefix(st.Review.ID, word) {
			found = append(found, st)
		}
	}
	if len(found) != 1 {
		return nil, none, usage(fmt.Errorf("%w %s; nhitop review lists them", review.ErrGone, shown(word)))
	}
	return app.Service, found[0], nil
}

func (c *cli) reviewOpen() *cobra.Command {
	var scope review.Scope
	var due, format string
	cmd := &cobra.Command{
		Use:   "open",
		Short: "Open a review of what is known now",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.ReviewFormats()); err != nil {
				return err
			}
			if scope.Owner != "" && scope.Team != "" {
				return usage(errors.New("give --owner or --team, not both"))
			}
			var end time.Time
			if due != "" {
				var err error
				if end, err = until(due, time.Now()); err != nil {
					return err
				}
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			if _, err := c.collect(cmd.Context(), app.Service); err != nil { // what is frozen must be as it is now
				return err
			}
			st, err := app.Service.OpenReview(cmd.Context(), scope, end)
			if err != nil {
				return err
			}
			return report.Review(c.out, format, st, nil, time.Now(), c.layout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&scope.Owner, "owner", "", "assistants of one owner: `WHO`, an id, name or address")
	f.StringVar(&scope.Team, "team", "", "assistants of a `TEAM`: a team, a department, or a manager and their people")
	f.StringVar(&due, "due", "", fmt.Sprintf("the `DAY` of the review (2027-01-31), or a span (2w); %d days from now where it is not given", review.DefaultDays))
	formatFlag(cmd, &format, report.ReviewFormats())
	return cmd
}

func (c *cli) reviewShow() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show REVIEW",
		Short: "What is asked of whom, what was decided, what became of it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, report.ReviewFormats()); err != nil {
				return err
			}
			s, st, err := c.withReview(cmd, args[0])
			if err != nil {
				return err
			}
			return c.reviewPage(cmd, s, st.Review.ID, format)
		},
	}
	formatFlag(cmd, &format, report.ReviewFormats())
	return cmd
}

func (c *cli) reviewPage(cmd *cobra.Command, s *posture.Service, id, format string) error {
	st, recs, err := s.ReviewRecords(cmd.Context(), id)
	if err != nil {
		return err
	}
	return report.Review(c.out, format, st, recs, time.Now(), c.layout())
}

func (c *cli) reviewDecide() *cobra.Command {
	var reason, owner, end, format string
	cmd := &cobra.Command{
		Use:   "decide REVIEW ID... DECISION",
		Short: "Decide about items: " + strings.Join(review.Kinds(), ", "),
		Long: `Decides about items of a review; the last word is the decision. An item is an assistant's id, or its name where only one has it.

Keeping needs a --reason for what is of tier 1, ACT NOW or unused; every other decision needs one always. A transfer needs --owner,
an exception --until.`,
		Args: cobra.MinimumNArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, report.ReviewFormats()); err != nil {
				return err
			}
			var last time.Time
			if end != "" {
				var err error
				if last, err = until(end, time.Now()); err != nil {
					return err
				}
			}
			s, st, err := c.withReview(cmd, args[0])
			if err != nil {
				return err
			}
			var ds []review.Decision
			for _, word := range args[1 : len(args)-1] {
				id, err := reviewItem(&st, word)
				if err != nil {
					return err
				}
				ds = append(ds, review.Decision{Item: id, Kind: args[len(args)-1], Reason: reason, Owner: owner, Until: last})
			}
			if err := s.DecideReview(cmd.Context(), st.Review.ID, ds); err != nil {
				return err
			}
			return c.reviewPage(cmd, s, st.Review.ID, format)
		},
	}
	f := cmd.Flags()
	f.StringVar(&reason, "reason", "", "why: `TEXT`")
	f.StringVar(&owner, "owner", "", "to whom it is transferred: `WHO`")
	f.StringVar(&end, "until", "", "the `DAY` on which an exception ends, or a span (30d)")
	formatFlag(cmd, &format, report.ReviewFormats())
	return cmd
}

// reviewItem finds an item by id or name.
func reviewItem(st *review.State, word string) (inventory.ID, error) {
	var found []inventory.ID
	for _, x := range st.Review.Items {
		if string(x.ID) == word {
			return x.ID, nil
		}
		if strings.EqualFold(x.Name, word) {
			found = append(found, x.ID)
		}
	}
	if len(found) != 1 {
		return "", usage(fmt.Errorf("%s: %d items of %s are called that; give the id", shown(word), len(found), st.Review.ID))
	}
	return found[0], nil
}

func (c *cli) reviewUndo() *cobra.Command {
	return &cobra.Command{
		Use:   "undo REVIEW ID",
		Short: "Take the decision about an item back",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, st, err := c.withReview(cmd, args[0])
			if err != nil {
				return err
			}
			id, err := reviewItem(&st, args[1])
			if err != nil {
				return err
			}
			if err := s.UndoReviewDecision(cmd.Context(), st.Review.ID, id); err != nil {
				return err
			}
			return c.reviewPage(cmd, s, st.Review.ID, "table")
		},
	}
}

func (c *cli) reviewClose() *cobra.Command {
	var silent bool
	cmd := &cobra.Command{
		Use:   "close REVIEW",
		Short: "End a review",
		Long:  `Ends a review: nothing can be decided in it any more. While something is undecided it is refused (exit 5), unless --silent says that it stays on record as silent.`,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, st, err := c.withReview(cmd, args[0])
			if err != nil {
				return err
			}
			if _, err := s.CloseReview(cmd.Context(), st.Review.ID, silent); err != nil {
				return err
			}
			return c.reviewPage(cmd, s, st.Review.ID, "table")
		},
	}
	cmd.Flags().BoolVar(&silent, "silent", false, "even where something is undecided")
	return cmd
}

func (c *cli) reviewExport() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "export REVIEW --output DIR",
		Short: "Write the evidence of a review into a new folder",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return usage(errors.New("--output: name a folder that is not there yet"))
			}
			s, st, err := c.withReview(cmd, args[0])
			if err != nil {
				return err
			}
			v, commit := buildInfo()
			files, err := s.ExportReview(cmd.Context(), st.Review.ID, dir, "nhitop "+v+" "+commit)
			if err != nil {
				return err
			}
			for _, f := range files {
				if _, err := fmt.Fprintf(c.out, "%8d  %s\n", len(f.Data), f.Name); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "output", "", "the new folder: `DIR`")
	return cmd
}
