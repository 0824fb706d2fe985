package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/report"
)

var decisions = []string{string(inventory.ActNow), string(inventory.Attend), string(inventory.Track)}

// scanFlags are what scan was asked for.
type scanFlags struct {
	format, output, failOn, since string
	filter                        string
	filtered                      bool // --filter was given, be it empty
}

func (c *cli) scanVerb() *cobra.Command {
	var x scanFlags
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Collect once and print what was found",
		Long: `Collects once and prints what was found, what to do first, and what was not looked at.

Formats: table for people, json and jsonl for programs, csv (one row a finding) for a spreadsheet, sarif (2.1.0) for
code scanning and CI, markdown for a ticket, html (one page that runs and loads nothing) for a lead or an auditor.

--filter prints a part: the findings for which it holds, with the records that they are about. It is written as in the
dashboard's lists: risk>=attend owner=alice !rule:SEC path:.github/ due<7d "free words". --fail-on then looks at these alone.

Exit code 3: there are findings at or above --fail-on. 4: a source was not read to its end; what was read is printed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x.filtered = cmd.Flags().Changed("filter")
			if err := x.check(c.options.Sources); err != nil {
				return err
			}
			return c.scan(cmd.Context(), &x)
		},
	}
	formatFlag(cmd, &x.format, report.Formats())
	cmd.Flags().StringVar(&x.output, "output", "", "write the result to `FILE`, whole and 0600, instead of standard output")
	cmd.Flags().StringVar(&x.failOn, "fail-on", "", "exit 3 for findings of this `DECISION` or worse: "+strings.Join(decisions, ", "))
	cmd.Flags().StringVar(&x.filter, "filter", "", "print only findings for which `EXPR` holds; keys: "+strings.Join(report.FilterKeys(), ", "))
	cmd.Flags().StringVar(&x.since, "since", "", "print what changed since a stored collection `WHEN`: a span (7d, 12h), a day, or a collection's number; table or json")
	cmd.Flags().StringArrayVar(&c.options.Sources, "source", nil, "ask only the source of this `NAME`; may be repeated")
	return cmd
}

// check refuses what cannot be done before anything is collected.
func (x *scanFlags) check(sources []string) error {
	if x.failOn != "" && !slices.Contains(decisions, x.failOn) {
		return usage(fmt.Errorf("--fail-on: choose %s", strings.Join(decisions, ", ")))
	}
	if err := checkFormat(x.format, report.Formats()); err != nil {
		return err
	}
	if x.filtered {
		if err := x.checkFilter(); err != nil {
			return err
		}
	}
	if x.since != "" {
		return checkSince(x.format, sources)
	}
	return nil
}

func (x *scanFlags) checkFilter() error {
	if x.since != "" {
		return usage(errors.New("--filter chooses findings, and --since prints changes; give one of them"))
	}
	if !slices.Contains(report.FilterFormats(), x.format) {
		return usage(fmt.Errorf("--filter: --format %s is always whole, for its readers take what is absent for gone; choose %s, or filter it with jq", x.format, strings.Join(report.FilterFormats(), ", ")))
	}
	if _, err := report.ParseFilter(x.filter, time.Now()); err != nil {
		return usage(fmt.Errorf("--filter: %w", err))
	}
	return nil
}

func (c *cli) scan(ctx context.Context, x *scanFlags) error {
	if _, is := terminal(c.in); !is {
		c.options.Stdin = c.in
	}
	app, err := c.open(ctx)
	if err != nil {
		return err
	}
	whole, err := c.collect(ctx, app.Service)
	if err != nil {
		return err
	}
	o, snap := c.reportOptions(app, x.output != ""), whole
	if x.filtered {
		q, err := report.ParseFilter(x.filter, whole.At())
		if err != nil {
			return usage(fmt.Errorf("--filter: %w", err))
		}
		snap, o.Filter = report.Filter(whole, q)
	}
	if x.since != "" {
		err = c.changes(app.Service, x.since, x.format, x.output, o)
	} else {
		err = c.write(x.output, "scan "+x.format, func(w io.Writer) error { return report.Scan(w, x.format, snap, o) })
	}
	if err != nil {
		return err
	}
	if x.failOn != "" && reaches(snap, inventory.Decision(x.failOn)) {
		return ended(exitFindings)
	}
	return complete(whole)
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
