package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
)

func (c *cli) undoVerb() *cobra.Command {
	var k consent
	cmd := &cobra.Command{
		Use:   "undo RUN",
		Short: "Print what can be taken back of a run; do it with --yes",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(k.format, report.ActFormats()); err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			run, damaged, err := findRun(app.Service, args[0])
			if err != nil {
				return err
			}
			plan, err := app.Service.UndoPlan(cmd.Context(), run.ID)
			if err != nil {
				return err
			}
			if !k.yes {
				return beside(report.Plan(c.out, k.format, plan, nil, c.layout()), damaged)
			}
			if err := app.Service.Arm("arm"); err != nil {
				return err
			}
			defer app.Service.Disarm()
			done, err := app.Service.Undo(cmd.Context(), run.ID, revoke.Consent{By: app.Operator, Reason: k.reason, Word: plan.Word(), Yes: true}, c.say)
			return beside(c.ended(plan, done, err, k.format), damaged)
		},
	}
	k.flags(cmd)
	return cmd
}

// beside adds to how a verb ended what of the other runs cannot be read: it is told, and what could be done was done.
func beside(err, damaged error) error {
	switch {
	case damaged == nil:
		return err
	case err == nil:
		return with(exitPartial, damaged)
	case errors.Is(err, errSaid):
		return with(exitCode(err), damaged)
	}
	return with(exitCode(err), errors.Join(err, damaged))
}

// findRun finds a run by its id or a beginning of it that no other has. damaged says what of the others cannot be read.
func findRun(s *posture.Service, word string) (run revoke.Run, damaged, err error) {
	runs, damaged := s.Runs()
	var found []revoke.Run
	for _, r := range runs {
		if r.ID == word {
			return r, damaged, nil
		}
		if word != "" && strings.HasPrefix(r.ID, word) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], damaged, nil
	case len(found) == 0 && damaged != nil:
		return run, damaged, with(exitPartial, fmt.Errorf("no such run among those that can be read: %w", damaged))
	case len(found) == 0:
		return run, nil, usage(errors.New("no such run; nhitop runs lists them"))
	}
	return run, damaged, usage(fmt.Errorf("%d runs begin like that; give more of the id", len(found)))
}
