package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
	"nhitop/inventory/strict"
)

func (c *cli) rotateVerb() *cobra.Command {
	var k consent
	var file, name string
	var command bool
	cmd := &cobra.Command{
		Use:   "rotate SECRET --to-file PATH | rotate SECRET --to NAME | rotate SECRET --to-command -- CMD [ARG...]",
		Short: "Print the plan to replace a credential; do it with --yes --reason TEXT",
		Long: `Prints the plan: a new credential is made and handed to the place that you name, it is proven to work, and only then the
old one is ended. With --yes and --reason it is carried out, verified and written to the journal and the audit log.

SECRET is an id, or a beginning of the id that no other has. --to-file makes a file that nobody else may read, and never
writes over one; --to brings it to the place in a secrets manager that [places.NAME] of the configuration describes, and reads
it back there; --to-command gives it to the standard input of what stands behind --. It is shown nowhere.
Exit code 5: refused, nothing was changed. 6: it ended without the proof that the plan promised.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(k.format, report.ActFormats()); err != nil {
				return err
			}
			to, err := placeOf(args, file, name, command)
			if err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			if err := known(app.Service.Places(), to); err != nil {
				return err
			}
			snap, err := c.collect(cmd.Context(), app.Service)
			if err != nil {
				return err
			}
			id, err := resolve(snap, args[0])
			if err != nil {
				return err
			}
			plan, err := app.Service.PlanRotate(cmd.Context(), id, to)
			if err != nil {
				return err
			}
			if !k.yes {
				return report.Plan(c.out, k.format, plan, nil, c.layout())
			}
			return c.carryOut(cmd.Context(), app.Service, nil, plan, k)
		},
	}
	k.flags(cmd)
	cmd.Flags().StringVar(&file, "to-file", "", "make the file `PATH`, which nobody else may read, and put the new credential into it")
	cmd.Flags().StringVar(&name, "to", "", "bring the new credential to the place `NAME` of the configuration, in a secrets manager")
	cmd.Flags().BoolVar(&command, "to-command", false, "give the new credential to the standard input of the command behind --")
	return cmd
}

// placeOf is the place that the flags name; what stands behind the secret is the command.
func placeOf(args []string, file, name string, command bool) (revoke.Place, error) {
	named := 0
	for _, is := range []bool{file != "", name != "", command} {
		if is {
			named++
		}
	}
	switch {
	case named != 1, command != (len(args) > 1):
		return revoke.Place{}, usage(errors.New("name one place for the new credential: --to-file PATH, --to NAME (a place of the configuration), or --to-command -- CMD [ARG...]"))
	case command:
		return revoke.Place{Command: args[1:]}, nil
	case name != "":
		return revoke.Place{Manager: name}, nil
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return revoke.Place{}, usage(errors.New("--to-file: not a path"))
	}
	return revoke.Place{File: abs}, nil
}

// known refuses the name of a place that the configuration does not have, before anything is read.
func known(places []string, to revoke.Place) error {
	switch {
	case to.Manager == "" || slices.Contains(places, to.Manager):
		return nil
	case len(places) == 0:
		return usage(fmt.Errorf("--to %s: the configuration names no places; write a table [places.%s], as config.toml.example shows it", to.Manager, to.Manager))
	}
	return usage(fmt.Errorf("--to %s: no such place in the configuration; %s", to.Manager, strict.Advise(to.Manager, places)))
}
