package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nhitop/cmd/internal/wire"
	"nhitop/inventory"
	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
)

// consent is what the flags of an act say.
type consent struct {
	yes    bool
	reason string
	format string
}

func (k *consent) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&k.yes, "yes", false, "carry the plan out; without it the plan is printed and nothing is done")
	cmd.Flags().StringVar(&k.reason, "reason", "", "why, in your words: `TEXT` for the journal and the audit log")
	formatFlag(cmd, &k.format, report.ActFormats())
}

var actions = []string{revoke.ActionRemoveSecret, revoke.ActionRemoveServer, revoke.ActionDisableServer, revoke.ActionSetMode, revoke.ActionDeleteFile}

func (c *cli) revokeVerb() *cobra.Command {
	var k consent
	var assistants []string
	var action, kind, waiting string
	var dryRun, resume, stdin, together, without bool
	cmd := &cobra.Command{
		Use:   "revoke [TARGET...]",
		Short: "Print the plan to take something away; do it with --yes --reason TEXT",
		Long: `Prints the plan: each step, what it kills, whether it can be undone, and what stays alive after it. With --yes and
--reason it is carried out, verified and written to the journal and the audit log.

TARGET is a secret, a tool server, an assistant or an owner (all that they hold), by id, by a beginning of the id that no
other has, or by name. --stdin reads one secret from standard input: it is ended by itself at its issuer, and wherever it
was found. --plan carries out a plan that another operator has confirmed (nhitop confirm).
--resume goes on with runs that were cut off. A step that needs the pasted secret waits for it, and the copies stay until it is
seen to be ended: give it again with --resume --stdin, or end the run without it with --resume --without.
Exit code 5: refused, nothing was changed. 6: it ended without the proof that the plan promised.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(k.format, report.ActFormats()); err != nil {
				return err
			}
			if action != "" && !slices.Contains(actions, action) {
				return usage(fmt.Errorf("--action: choose %s", strings.Join(actions, ", ")))
			}
			stdin = stdin || together
			if err := oneWay(len(args)+len(assistants) > 0, resume, stdin && waiting == "" && !resume, waiting != ""); err != nil {
				return err
			}
			if without && (!resume || stdin) || together && resume {
				return usage(errors.New("--without goes with --resume alone; --resume takes --stdin, and not --together: it goes on with what was planned"))
			}
			if resume {
				return c.resume(cmd.Context(), stdin, without, k)
			}
			if waiting != "" {
				return c.revokePlan(cmd.Context(), waiting, stdin, dryRun, k)
			}
			if stdin {
				return c.revokeHeld(cmd.Context(), kind, together, dryRun, k)
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			return c.revoke(cmd.Context(), app, args, assistants, action, dryRun, k)
		},
	}
	k.flags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&assistants, "assistant", nil, "all that the assistant of this `ID` holds here; may be repeated")
	f.StringVar(&action, "action", "", "only this kind of step: "+strings.Join(actions, ", "))
	f.BoolVar(&dryRun, "dry-run", false, "print the plan and do nothing, even with --yes")
	f.BoolVar(&stdin, "stdin", false, "read one secret from standard input, and end it")
	f.BoolVar(&together, "together", false, "like --stdin, and end the other secrets too that stand in the files that it leaked with")
	f.StringVar(&waiting, "plan", "", "carry out the `PLAN` that another operator has confirmed; with --stdin where it is about a pasted secret")
	kindFlag(cmd, &kind)
	f.BoolVar(&resume, "resume", false, "bring runs that were cut off to an end; with --stdin where one needs its pasted secret again")
	f.BoolVar(&without, "without", false, "with --resume: end runs though you do not have their secret any more; copies of what may be alive are kept")
	return cmd
}

// oneWay says that the command line must say in exactly one way what to take away.
func oneWay(ways ...bool) error {
	n := 0
	for _, way := range ways {
		if way {
			n++
		}
	}
	if n != 1 {
		return usage(errors.New("name a TARGET or --assistant, or --stdin, --plan or --resume alone"))
	}
	return nil
}

func (c *cli) revoke(ctx context.Context, app *wire.App, words, assistants []string, action string, dryRun bool, k consent) error {
	snap, err := c.collect(ctx, app.Service)
	if err != nil {
		return err
	}
	targets, err := targets(snap, words, assistants, action)
	if err != nil {
		return err
	}
	plan, err := app.Service.Plan(ctx, targets)
	if err != nil {
		return err
	}
	if !k.yes || dryRun {
		return report.Plan(c.out, k.format, plan, nil, c.layout())
	}
	return c.carryOut(ctx, app.Service, nil, plan, k)
}

// ended prints what a run came to and chooses the exit code. An error of a run that began is told with the run.
func (c *cli) ended(plan *revoke.Plan, run revoke.Run, err error, format string) error {
	if run.ID == "" {
		return err
	}
	if e := report.Plan(c.out, format, plan, &run, c.layout()); e != nil {
		return e
	}
	if err != nil {
		return with(exitNoProof, err)
	}
	if !report.ProofReached(run) {
		return ended(exitNoProof)
	}
	return nil
}

// say tells each step as it ends, on standard error where a person reads it.
func (c *cli) say(e revoke.Event) {
	if _, ok := terminal(c.err); !ok {
		return
	}
	for _, s := range e.Run.Steps {
		if s.ID == e.Step {
			fmt.Fprintf(c.err, "%s: %s\n", standing(s), inventory.Clean(s.Summary))
		}
	}
}

// standing is how a step stands: done is only what was looked at.
func standing(s revoke.StepRun) string {
	switch {
	case s.State != revoke.StateDone:
		return s.State
	case s.Proof.Grade == "" && s.Horizon > 0:
		return "accepted, looking until " + s.LookedUntil().UTC().Format("15:04 UTC")
	case s.Proof.Grade == "":
		return "accepted"
	case s.Alive():
		return "STILL ALIVE"
	}
	return "done, " + string(s.Proof.Grade)
}

func targets(snap *inventory.Snapshot, words, assistants []string, action string) ([]revoke.Target, error) {
	var ts []revoke.Target
	add := func(id inventory.ID, action string) {
		if t := (revoke.Target{ID: id, Action: action}); !slices.Contains(ts, t) {
			ts = append(ts, t)
		}
	}
	for _, w := range words {
		id, err := resolve(snap, w)
		if err != nil {
			return nil, err
		}
		if f := snap.Finding(id); f != nil {
			id = f.Subject
		}
		add(id, action)
	}
	for _, w := range assistants {
		id, err := resolve(snap, w)
		if err != nil {
			return nil, err
		}
		if snap.Assistant(id) == nil {
			return nil, usage(fmt.Errorf("--assistant %s: is no assistant", id))
		}
		if action == "" {
			add(id, revoke.ActionAll)
			continue
		}
		add(id, action)
	}
	return ts, nil
}

// resume ends what was cut off. The consent was given when it began; --yes says that it may go on.
func (c *cli) resume(ctx context.Context, stdin, without bool, k consent) error {
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
	s := app.Service
	if !k.yes {
		runs, damaged := s.Runs()
		open := slices.DeleteFunc(runs, func(r revoke.Run) bool { return r.State != revoke.StateRunning })
		return beside(report.Runs(c.out, k.format, open, c.layout()), damaged)
	}
	if err := s.Arm("arm"); err != nil {
		return err
	}
	defer s.Disarm()
	if without {
		ctx = revoke.WithoutHeld(ctx)
	}
	var runs []revoke.Run
	if stdin {
		runs, err = s.ResumeHeld(ctx, v, c.say)
	} else {
		runs, err = s.Resume(ctx, c.say)
	}
	if err != nil && len(runs) == 0 && !errors.Is(err, revoke.ErrNotHeld) {
		return err
	}
	if e := report.Runs(c.out, k.format, runs, c.layout()); e != nil {
		return e
	}
	for _, r := range runs {
		for _, st := range r.Steps {
			if st.State == revoke.StateSkipped && st.Layer == revoke.LayerCopy {
				fmt.Fprintf(c.err, "run %s: %s: %s\n", r.ID, inventory.Clean(st.Summary), inventory.Clean(st.Error))
			}
		}
	}
	short := slices.ContainsFunc(runs, func(r revoke.Run) bool { return r.State == revoke.StateRunning || !report.ProofReached(r) })
	switch {
	case err != nil && (short || errors.Is(err, revoke.ErrNotHeld)):
		return with(exitNoProof, err)
	case err != nil: // of runs that nothing was done with
		return with(exitPartial, err)
	case short:
		return ended(exitNoProof)
	}
	return nil
}
