package main

import (
	"io"

	"github.com/spf13/cobra"

	"nhitop/inventory/report"
	"nhitop/inventory/risk"
)

func (c *cli) rulesVerb() *cobra.Command {
	var format, output string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Every rule: on, switched off or re-weighted and why, yours too, and what it found",
		Long: `Prints every rule as it is in use: what it is about, its base score, whether the configuration switches it off or adds points
to it and why, and how many findings it made. Rules of your own ([[rule]]) are marked as yours.

Collects once. Exit code 4: a source was not read to its end.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.RuleFormats()); err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			snap, err := c.collect(cmd.Context(), app.Service)
			if err != nil {
				return err
			}
			o := c.layout()
			if output != "" {
				o = report.Options{}
			}
			states := risk.RuleStates(snap, app.Service.Policy())
			if err := c.write(output, "rules "+format, func(w io.Writer) error { return report.Rules(w, format, states, o) }); err != nil {
				return err
			}
			return complete(snap)
		},
	}
	formatFlag(cmd, &format, report.RuleFormats())
	cmd.Flags().StringVar(&output, "output", "", "write the result to `FILE`, whole and 0600, instead of standard output")
	return cmd
}
