package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
)

// maxStdin bounds what is read as one credential.
const maxStdin = 64 << 10

func (c *cli) identifyVerb() *cobra.Command {
	var format, kind string
	var ask, fresh bool
	cmd := &cobra.Command{
		Use:   "identify",
		Short: "Read one secret from standard input: what it is, whose, where it was seen, what it reaches; keeps nothing",
		Long: `Reads one secret from standard input, never from the command line, and says what it is, whose, where it was seen, who holds
it and what it opens. Nothing is asked over the network and nothing is kept. On a terminal the secret is typed or pasted
unseen.

--ask shows the secret to its issuer, by a call that changes nothing there: is it still accepted, and whose is it.`,
		Args: noSecretArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.ActFormats()); err != nil {
				return err
			}
			look := lastFacts
			if fresh {
				look = newFacts
			}
			in, s, err := c.inHand(cmd.Context(), kind, look)
			if err != nil {
				return err
			}
			var answers []revoke.Answer
			if ask {
				if answers, err = s.Ask(cmd.Context(), in); err != nil {
					fmt.Fprintln(c.err, inventory.Clean(err.Error()))
				}
				if len(answers) == 0 && err == nil {
					fmt.Fprintln(c.err, "no source can ask the issuer of this kind; where it is a server of your own, name it under urls in [sources.issuers]")
				}
			}
			return report.Identity(c.out, format, in, answers, s.Snapshot(), c.layout())
		},
	}
	formatFlag(cmd, &format, report.ActFormats())
	kindFlag(cmd, &kind)
	cmd.Flags().BoolVar(&ask, "ask", false, "show the secret to its issuer: is it still accepted, and whose is it")
	cmd.Flags().BoolVar(&fresh, "collect", false, "collect first, instead of looking at what was collected last")
	return cmd
}

func kindFlag(cmd *cobra.Command, kind *string) {
	cmd.Flags().StringVar(kind, "kind", "", "what `KIND` of credential it is, where its form does not tell: okta-api-token, vault-service-token ...")
}

// noSecretArgs refuses words on the command line: they would stand in the shell's history and in the list of processes.
func noSecretArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return errors.New("the secret comes on standard input, never on the command line, where history and other users see it")
	}
	return nil
}

// What a credential in hand is held against.
type facts int

const (
	lastFacts   facts = iota // what was collected last; where nothing was, it is collected now
	newFacts                 // what is collected now, however long it takes
	soonFacts                // what can be collected within soonIs, unless what was collected last is as good as new
	soonIs      = 10 * time.Second
	asGoodAsNew = 5 * time.Minute
)

// inHand reads a credential from standard input and finds out what it is. It says of when the facts are.
func (c *cli) inHand(ctx context.Context, kind string, look facts) (*posture.Incident, *posture.Service, error) {
	v, err := c.readSecret()
	if err != nil {
		return nil, nil, err
	}
	app, err := c.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	prev, err := app.Service.Previous()
	if err != nil {
		fmt.Fprintln(c.err, inventory.Clean(err.Error()))
		err = nil
	}
	if kind != "" {
		if err := checkKind(kind, v, prev); err != nil {
			return nil, nil, usage(err)
		}
	}
	if prev == nil && look == lastFacts {
		look = newFacts
	}
	if look == soonFacts && (prev == nil || time.Since(prev.At()) > asGoodAsNew) {
		err = c.collectSoon(ctx, app.Service)
	} else if look == newFacts {
		_, err = c.collect(ctx, app.Service)
	}
	if err != nil {
		return nil, nil, err
	}
	c.sayWhen(app.Service.Snapshot())
	in, err := app.Service.Identify(v)
	if err != nil {
		return nil, nil, usage(err)
	}
	if kind != "" {
		in.Held.Kind = kind
	}
	return in, app.Service, nil
}

// collectSoon collects for as long as somebody can wait who has a leaked credential in hand. Of sources that take longer, what
// they said last stands; after the run they are asked again.
func (c *cli) collectSoon(ctx context.Context, s *posture.Service) error {
	soon, cancel := context.WithTimeout(ctx, soonIs)
	defer cancel()
	_, err := c.collect(soon, s)
	if err != nil && ctx.Err() == nil && soon.Err() != nil && s.Snapshot() != nil {
		fmt.Fprintf(c.err, "nhitop: not all sources have answered within %s; of the others stands what they said last\n", soonIs)
		return nil
	}
	return err
}

// sayWhen says of when the facts are.
func (c *cli) sayWhen(snap *inventory.Snapshot) {
	if snap == nil {
		return
	}
	age, more := time.Since(snap.At()), ""
	if age > time.Hour {
		more = "; OLD: collect anew (nhitop scan, or --collect)"
	}
	fmt.Fprintf(c.err, "facts of %s%s\n", snap.At().UTC().Format("2006-01-02 15:04 UTC"), more)
}

// readSecret reads standard input to its end; on a terminal one line, unseen.
func (c *cli) readSecret() (inventory.Value, error) {
	if f, ok := c.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(c.err, "Paste the secret (it is not shown), then enter: ")
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.err)
		if err != nil {
			return inventory.Value{}, usage(errors.New("nothing was read from the terminal"))
		}
		defer clear(b)
		return inventory.NewValue(string(b)), nil
	}
	b, err := io.ReadAll(io.LimitReader(c.in, maxStdin+1))
	defer clear(b)
	switch {
	case err != nil:
		return inventory.Value{}, usage(errors.New("standard input cannot be read"))
	case len(b) > maxStdin:
		return inventory.Value{}, usage(fmt.Errorf("standard input is larger than %d KiB; give one secret", maxStdin>>10))
	}
	return inventory.NewValue(string(b)), nil
}

// revokeHeld ends a credential that comes on standard input.
func (c *cli) revokeHeld(ctx context.Context, kind string, together, dryRun bool, k consent) error {
	in, s, err := c.inHand(ctx, kind, soonFacts)
	if err != nil {
		return err
	}
	if together {
		in = in.Together()
	}
	plan, err := s.PlanIncident(ctx, in)
	if err != nil {
		return err
	}
	if !k.yes || dryRun {
		return report.Plan(c.out, k.format, plan, nil, c.layout())
	}
	return c.carryOut(ctx, s, in, plan, k)
}
