package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"nhitop/inventory/audit"
	"nhitop/inventory/posture"
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
	cmd.AddCommand(c.auditVerify(), c.auditList())
	return cmd
}

func (c *cli) auditVerify() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that no entry was changed, taken out or put in; exit 1 and the first broken entry if one was",
		Long: `Checks the chain of the audit log: exit 1, and the first entry that was changed, taken out or put in.

The chain alone does not show that somebody who may write the state folder has computed it anew. With --key the signatures
of that key in it are checked too ([audit] sign_key in the configuration makes them, at the end of each run).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return c.verifyChain(cmd)
			}
			key, err := audit.PublicKey(file)
			if err != nil {
				return usage(fmt.Errorf("--key: %w", err))
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			n, signed, err := app.Service.VerifyAuditSigned(key)
			if err == nil {
				err = hasRuns(app.Service)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.out, "ok: %d entries, the chain is whole; signed up to entry %d\n", n, signed)
			return err
		},
	}
	cmd.Flags().StringVar(&file, "key", "", "check the signatures of this key too: `PUB` is the file of a public ed25519 key (OpenSSH or PEM)")
	return cmd
}

func (c *cli) verifyChain(cmd *cobra.Command) error {
	app, err := c.open(cmd.Context())
	if err != nil {
		return err
	}
	n, err := app.Service.VerifyAudit()
	if err == nil {
		err = hasRuns(app.Service)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "ok: %d entries, the chain is whole\n", n)
	return err
}

// hasRuns holds the log against the journal: a run is written to the log before it begins, so that a log without it is not the
// one that was written.
func hasRuns(s *posture.Service) error {
	entries, err := s.Audit()
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, e := range entries {
		told[e.Subject] = true
	}
	runs, damaged := s.Runs()
	for i := range runs {
		if !told[runs[i].ID] {
			return fmt.Errorf("audit log: the journal has run %s, and the log's %d entries do not: the log was taken away, or begun anew", runs[i].ID, len(entries))
		}
	}
	if len(entries) == 0 && damaged != nil {
		return with(exitInternal, fmt.Errorf("audit log: it is empty, and the journal has a run: %w", damaged))
	}
	return nil
}

func (c *cli) auditList() *cobra.Command {
	var format, output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Print the audit log, oldest first; as jsonl, the lines as they stand in it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.AuditFormats()); err != nil {
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
			o := c.layout()
			if output != "" {
				o = report.Options{}
			}
			return c.write(output, "audit "+format, func(w io.Writer) error { return report.Audit(w, format, entries, o) })
		},
	}
	formatFlag(cmd, &format, report.AuditFormats())
	cmd.Flags().StringVar(&output, "output", "", "write it to `FILE`, whole and 0600, instead of standard output")
	return cmd
}
