package main

import (
	"github.com/spf13/cobra"

	"nhitop/inventory/report"
)

func (c *cli) runsVerb() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "runs [RUN]",
		Short: "Past runs, newest first, their steps and proofs",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format, report.ActFormats()); err != nil {
				return err
			}
			app, err := c.open()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				r, err := findRun(app.Service, args[0])
				if err != nil {
					return err
				}
				return report.Run(c.out, format, r, c.layout())
			}
			runs, err := app.Service.Runs()
			if err != nil {
				return err
			}
			return report.Runs(c.out, format, runs, c.layout())
		},
	}
	formatFlag(cmd, &format, report.ActFormats())
	return cmd
}
