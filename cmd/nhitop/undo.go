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
			run, err := findRun(app.Service, args[0])
			if err != nil {
				return err
			}
			plan, err := app.Service.UndoPlan(cmd.Context(), run.ID)
			if err != nil {
				return err
			}
			if !k.yes {
				return report.Plan(c.out, k.format, plan, nil, c.layout())
			}
			if err := app.Service.Arm("arm"); err != nil {
				return err
			}
			defer app.Service.Disarm()
			done, err := app.Service.Undo(cmd.Context(), run.ID, revoke.Consent{By: app.Operator, Reason: k.reason, Word: plan.Word(), Yes: true}, c.say)
			return c.ended(plan, done, err, k.format)
		},
	}
	k.flags(cmd)
	return cmd
}

// findRun finds a run by its id or a beginning of it that no other has.
func findRun(s *posture.Service, word string) (revoke.Run, error) {
	runs, err := s.Runs()
	if err != nil {
		return revoke.Run{}, err
	}
	var found []revoke.Run
	for _, r := range runs {
		if r.ID == word {
			return r, nil
		}
		if word != "" && strings.HasPrefix(r.ID, word) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return revoke.Run{}, usage(errors.New("no such run; nhitop runs lists them"))
	}
	return revoke.Run{}, usage(fmt.Errorf("%d runs begin like that; give more of the id", len(found)))
}
