package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"nhitop/inventory/report"
)

func (c *cli) auditVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Check the chain of the audit log, or print it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage(fmt.Errorf("choose audit verify or audit list"))
		},
	}
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Check that no entry was changed, taken out or put in; exit 1 and the first broken entry if one was",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			n, err := app.Service.VerifyAudit()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.out, "ok: %d entries, the chain is whole\n", n)
			return err
		},
	}
	var format string
	list := &cobra.Command{
		Use:   "list",
		Short: "Print the audit log, oldest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.ActFormats()); err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			entries, err := app.Service.Audit()
			if err != nil {
				return err
			}
			return report.Audit(c.out, format, entries, c.layout())
		},
	}
	formatFlag(list, &format, report.ActFormats())
	cmd.AddCommand(verify, list)
	return cmd
}
