package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/charter"
)

func (c *cli) charterVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "charter",
		Short: "What an assistant is meant to be and do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage(errors.New("charter: say what to do: charter suggest [ID...]"))
		},
	}
	cmd.AddCommand(c.charterSuggestVerb())
	return cmd
}

func (c *cli) charterSuggestVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "suggest [ID...]",
		Short: "Print a first charter from what is observed, to paste into the configuration",
		Long: `Collects once and prints a [[charter]] table for each assistant that is named, or for each that acts and has none: what it
may do for certain, less what is known not to be used, its owner and where it reaches by the evidence. What is not known is
a comment. Read it before you paste it: what is observed is not yet what is meant.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			snap, err := c.collect(cmd.Context(), app.Service)
			if err != nil {
				return err
			}
			ids, err := toCharter(snap, args)
			if err != nil {
				return err
			}
			text := charter.Suggest(snap, ids, app.Config.Policy.Risk().Idle)
			if _, err := io.WriteString(c.out, cmp.Or(text, "# Every assistant that acts has a charter.\n")); err != nil {
				return err
			}
			return complete(snap)
		},
	}
}

// toCharter returns the assistants that the words mean; without words those that act and have no charter.
func toCharter(snap *inventory.Snapshot, words []string) ([]inventory.ID, error) {
	var ids []inventory.ID
	if len(words) == 0 {
		rs := snap.Records().Assistants
		for i := range rs {
			if rs[i].Class == inventory.ClassNHI && rs[i].Charter == "" {
				ids = append(ids, rs[i].ID)
			}
		}
		return ids, nil
	}
	for _, w := range words {
		id, err := resolve(snap, w)
		if err != nil {
			return nil, err
		}
		if snap.Assistant(id) == nil {
			return nil, usage(fmt.Errorf("%s: is no assistant; a charter is for one", shown(w)))
		}
		ids = append(ids, id)
	}
	return ids, nil
}
