package main

import (
	"io"

	"github.com/spf13/cobra"

	"nhitop/inventory/report"
	"nhitop/inventory/risk"
)

func (c *cli) controlsVerb() *cobra.Command {
	var format, output string
	cmd := &cobra.Command{
		Use:   "controls",
		Short: "How the controls of published frameworks stand: met, broken and by whom, or not to be told",
		Long: `Collects once and says of each control of the OWASP lists for non-human identities, agents, MCP and LLM, NIST CSF 2.0 and
800-53, ATLAS, ATT&CK, CIS, ISO 27001 and others whether it is met, broken (and by whom), or cannot be told.

Met says no more than that every rule that bears on the control was asked of facts that could answer, and none holds.
Exit code 4: a source was not read to its end; nothing is called met then.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.ControlFormats()); err != nil {
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
			states := risk.ByControl(snap, app.Service.Policy())
			if err := c.write(output, "controls "+format, func(w io.Writer) error { return report.Controls(w, format, snap, states, o) }); err != nil {
				return err
			}
			return complete(snap)
		},
	}
	formatFlag(cmd, &format, report.ControlFormats())
	cmd.Flags().StringVar(&output, "output", "", "write the result to `FILE`, whole and 0600, instead of standard output")
	return cmd
}
