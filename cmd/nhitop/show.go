package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/report"
)

func (c *cli) showVerb() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "One identity with everything tied to it, and the path that proves each capability",
		Long: `Collects once and prints one record with everything that is tied to it. ID is the id of an assistant, secret, tool
server, owner, resource or finding, a beginning of it that no other has, or a name.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, report.Formats()); err != nil {
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
			id, err := resolve(snap, args[0])
			if err != nil {
				return err
			}
			if err := report.Show(c.out, format, snap, id, c.reportOptions(app, false)); err != nil {
				return err
			}
			return complete(snap)
		},
	}
	formatFlag(cmd, &format, report.Formats())
	return cmd
}

const mostNamed = 8 // of several that a word can mean

// resolve finds the one record that a word means.
func resolve(s *inventory.Snapshot, word string) (inventory.ID, error) {
	ids := report.Find(s, word)
	switch len(ids) {
	case 0:
		return "", usage(fmt.Errorf("%s: nothing is known by that id or name; nhitop scan lists what is", shown(word)))
	case 1:
		return ids[0], nil
	}
	var lines []string
	for _, id := range ids[:min(len(ids), mostNamed)] {
		lines = append(lines, fmt.Sprintf("  %s  %s", id, report.Name(s, id)))
	}
	if more := len(ids) - mostNamed; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return "", usage(fmt.Errorf("%s: means more than one; give the id\n%s", shown(word), strings.Join(lines, "\n")))
}

// shown repeats a word of the command line in a message, unless it could be a secret that was pasted there.
func shown(word string) string {
	if inventory.ID(word).Noun() != "" && len(word) <= 24 || len(word) < 16 {
		return inventory.Clean(word)
	}
	return fmt.Sprintf("the word of %d characters (a secret is never given as an argument)", len(word))
}
