package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
)

func (c *cli) runsVerb() *cobra.Command {
	var format, output string
	var look, stdin bool
	var done []string
	cmd := &cobra.Command{
		Use:   "runs [RUN]",
		Short: "Past runs, newest first, their steps and proofs",
		Long: `Prints the past runs, newest first, or one with its steps and proofs. --look looks again at what was not proven, and at
what waits for a person; --done STEP says that you did such a step. Neither changes anything at a source.
As markdown a run is the record of the incident: timeline, steps with their exact requests and proofs, what stays alive, what
was in reach, what is left to do.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			formats := report.ActFormats()
			if len(args) == 1 {
				formats = report.RunFormats()
			}
			if err := checkFormat(format, formats); err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			if len(args) == 1 {
				r, damaged, err := findRun(app.Service, args[0])
				if err != nil {
					return err
				}
				if !look && len(done) == 0 {
					o := c.layout()
					if output != "" {
						o = report.Options{}
					}
					err := c.write(output, "run "+r.ID+" "+format, func(w io.Writer) error { return report.Run(w, format, r, lastKnown(app.Service), o) })
					return beside(err, damaged)
				}
				ctx := cmd.Context()
				if stdin {
					if ctx, err = c.holding(ctx, app.Service); err != nil {
						return err
					}
				}
				return beside(c.lookAgain(ctx, app.Service, r, done, format), damaged)
			}
			if look || len(done) > 0 || output != "" {
				return usage(errors.New("--look, --done and --output are about one run: name it"))
			}
			runs, damaged := app.Service.Runs()
			return beside(report.Runs(c.out, format, runs, c.layout()), damaged)
		},
	}
	formatFlag(cmd, &format, report.RunFormats())
	cmd.Flags().StringVar(&output, "output", "", "write the run to `FILE`, whole and 0600, instead of standard output")
	cmd.Flags().BoolVar(&look, "look", false, "look again at what was not proven")
	cmd.Flags().BoolVar(&stdin, "stdin", false, "with --look: read the secret that the run was about from standard input, and try it again")
	cmd.Flags().StringSliceVar(&done, "done", nil, "`STEP` (its number or id) that you have done; repeatable")
	return cmd
}

// holding reads a secret for the steps that are about it: that a credential ended itself is proven with the credential.
func (c *cli) holding(ctx context.Context, s *posture.Service) (context.Context, error) {
	v, err := c.readSecret()
	if err != nil {
		return nil, err
	}
	in, err := s.Identify(v)
	if err != nil {
		return nil, usage(err)
	}
	return revoke.WithHeld(ctx, in.Held), nil
}

// lastKnown is what was collected last, nil where there is nothing.
func lastKnown(s *posture.Service) *inventory.Snapshot {
	snap, err := s.Previous()
	if err != nil {
		return nil
	}
	return snap
}

// lookAgain looks again at a run and prints it. The exit code says whether all of it is proven now.
func (c *cli) lookAgain(ctx context.Context, s *posture.Service, r revoke.Run, words []string, format string) error {
	var done []string
	for _, w := range words {
		i := slices.IndexFunc(r.Steps, func(st revoke.StepRun) bool { return st.ID == w })
		if n, err := strconv.Atoi(w); i < 0 && err == nil {
			i = n - 1
		}
		if i < 0 || i >= len(r.Steps) || r.Steps[i].State != revoke.StateWaiting {
			return usage(fmt.Errorf("--done %s: no step of run %s that waits for you; nhitop runs %s lists them", shown(w), r.ID, r.ID))
		}
		done = append(done, r.Steps[i].ID)
	}
	again, err := s.LookAgain(ctx, r.ID, done, nil)
	if err != nil && !errors.Is(err, revoke.ErrNothing) {
		return err
	}
	if again.ID == "" {
		again = r // nothing was left to look at
	}
	if err := report.Run(c.out, format, again, lastKnown(s), c.layout()); err != nil {
		return err
	}
	if !report.ProofReached(again) {
		return ended(exitNoProof)
	}
	return nil
}
