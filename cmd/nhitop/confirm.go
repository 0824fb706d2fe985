package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
)

func (c *cli) confirmVerb() *cobra.Command {
	var yes bool
	var format string
	cmd := &cobra.Command{
		Use:   "confirm [PLAN]",
		Short: "Plans that wait for another operator; with --yes, confirm one of somebody else",
		Long: `Prints the plans that wait for a second person, where the configuration asks for one ([revoke] second_person); with PLAN,
what that plan does, who asks for it and why. With --yes you confirm it: for fifteen minutes, for this plan alone, once. It
changes nothing by itself; the one who asked carries it out with nhitop revoke --plan PLAN --yes (with --stdin, the pasted secret
that it is about), or in the dashboard.

You cannot confirm what you asked for yourself. Who you are is told by your account: see the README.
Exit code 5: refused.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, report.ActFormats()); err != nil {
				return err
			}
			if len(args) == 0 && yes {
				return usage(errors.New("name the PLAN that you confirm; nhitop confirm lists them"))
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			if len(args) == 0 {
				ws, err := app.Service.Waiting()
				if err != nil {
					return err
				}
				return report.Waiting(c.out, format, ws, c.layout())
			}
			return c.confirm(cmd.Context(), app.Service, args[0], yes, format)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "confirm it; without it the plan is printed")
	formatFlag(cmd, &format, report.ActFormats())
	return cmd
}

func (c *cli) confirm(ctx context.Context, s *posture.Service, word string, yes bool, format string) error {
	w, err := findWaiting(s, word)
	if err != nil {
		return err
	}
	if yes {
		if w, err = s.Confirm(ctx, w.Plan.ID, w.Plan.Word()); err != nil {
			return err
		}
	}
	return report.OneWaiting(c.out, format, w, c.layout())
}

// findWaiting finds a plan that waits, by its id or a beginning of it that no other has.
func findWaiting(s *posture.Service, word string) (posture.Waiting, error) {
	ws, err := s.Waiting()
	if err != nil {
		return posture.Waiting{}, err
	}
	var found []posture.Waiting
	for _, w := range ws {
		if w.Plan.ID == word {
			return w, nil
		}
		if word != "" && strings.HasPrefix(w.Plan.ID, word) {
			found = append(found, w)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return posture.Waiting{}, usage(errors.New("no such plan waits; nhitop confirm lists them"))
	}
	return posture.Waiting{}, usage(fmt.Errorf("%d plans begin like that; give more of the id", len(found)))
}

// revokePlan carries out a plan that another operator has confirmed. One about a pasted secret needs that again.
func (c *cli) revokePlan(ctx context.Context, id string, stdin, dryRun bool, k consent) error {
	var v inventory.Value
	var err error
	if stdin {
		if v, err = c.readSecret(); err != nil {
			return err
		}
	}
	app, err := c.open(ctx)
	if err != nil {
		return err
	}
	w, err := findWaiting(app.Service, id)
	if err != nil {
		return err
	}
	switch {
	case w.Undoes != "":
		return usage(fmt.Errorf("that plan takes run %s back: nhitop undo %s --yes", w.Undoes, w.Undoes))
	case !k.yes || dryRun:
		return report.OneWaiting(c.out, k.format, w, c.layout())
	}
	if _, err := c.collect(ctx, app.Service); err != nil {
		return err
	}
	var in *posture.Incident
	if stdin {
		if in, err = app.Service.Identify(v); err != nil {
			return usage(err)
		}
		in.At = w.At // it was in hand when this was asked for
	}
	if k.reason == "" {
		k.reason = w.Reason
	}
	return c.carryOut(ctx, app.Service, in, w.Plan, k)
}

// carryOut executes a plan, for a credential in hand where there is one, armed for this one run: --yes is the operator's
// arming.
func (c *cli) carryOut(ctx context.Context, s *posture.Service, in *posture.Incident, plan *revoke.Plan, k consent) error {
	if err := s.Arm("arm"); err != nil {
		return err
	}
	defer s.Disarm()
	yes := revoke.Consent{By: c.app.Operator, Reason: k.reason, Word: plan.Word(), Yes: true}
	var run revoke.Run
	var err error
	if in != nil {
		run, err = s.ExecuteIncident(ctx, in, plan, yes, c.say)
	} else {
		run, err = s.Execute(ctx, plan, yes, c.say)
	}
	return c.ended(plan, run, err, k.format)
}
