package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/report"
)

var decisions = []string{string(inventory.ActNow), string(inventory.Attend), string(inventory.Track)}

func (c *cli) scanVerb() *cobra.Command {
	var format, output, failOn, from string
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Collect once and print what was found",
		Long: `Collects once and prints what was found, what to do first, and what was not looked at.

Formats: table for people, json and jsonl for programs, csv (one row a finding) for a spreadsheet, sarif (2.1.0) for
code scanning and CI, markdown for a ticket, html (one page that runs and loads nothing) for a lead or an auditor.
Exit code 3: there are findings at or above --fail-on. 4: a source was not read to its end; what was read is printed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if failOn != "" && !slices.Contains(decisions, failOn) {
				return usage(fmt.Errorf("--fail-on: choose %s", strings.Join(decisions, ", ")))
			}
			if err := checkFormat(format, report.Formats()); err != nil {
				return err
			}
			if from != "" {
				if err := checkSince(format, c.options.Sources); err != nil {
					return err
				}
			}
			if _, is := terminal(c.in); !is {
				c.options.Stdin = c.in
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			snap, err := c.collect(cmd.Context(), app.Service)
			if err != nil {
				return err
			}
			o := c.reportOptions(app, output != "")
			if from != "" {
				err = c.changes(app.Service, from, format, output, o)
			} else {
				err = c.write(output, "scan "+format, func(w io.Writer) error { return report.Scan(w, format, snap, o) })
			}
			if err != nil {
				return err
			}
			if failOn != "" && reaches(snap, inventory.Decision(failOn)) {
				return ended(exitFindings)
			}
			return complete(snap)
		},
	}
	formatFlag(cmd, &format, report.Formats())
	cmd.Flags().StringVar(&output, "output", "", "write the result to `FILE`, whole and 0600, instead of standard output")
	cmd.Flags().StringVar(&failOn, "fail-on", "", "exit 3 for findings of this `DECISION` or worse: "+strings.Join(decisions, ", "))
	cmd.Flags().StringVar(&from, "since", "", "print what changed since a stored collection `WHEN`: a span (7d, 12h), a day, or a collection's number; table or json")
	cmd.Flags().StringArrayVar(&c.options.Sources, "source", nil, "ask only the source of this `NAME`; may be repeated")
	return cmd
}

func formatFlag(cmd *cobra.Command, format *string, known []string) {
	cmd.Flags().StringVar(format, "format", "table", strings.Join(known, ", "))
}

func checkFormat(format string, known []string) error {
	if slices.Contains(known, format) {
		return nil
	}
	return usage(fmt.Errorf("--format: choose %s", strings.Join(known, ", ")))
}

// reaches reports whether an open finding is of this decision or worse.
func reaches(s *inventory.Snapshot, limit inventory.Decision) bool {
	return slices.ContainsFunc(s.Records().Findings, func(f inventory.Finding) bool {
		return f.State != "accepted" && f.State != "fixed" && f.Decision.Rank() <= limit.Rank()
	})
}
