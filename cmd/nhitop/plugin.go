package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/exec"
	"nhitop/sources/exec/starter"
)

func (c *cli) pluginVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "Write, check and pin a source of your own, in any language",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage(errors.New("plugin: say what to do: plugin new LANGUAGE PATH, plugin check PATH or plugin pin PATH"))
		},
	}
	cmd.AddCommand(c.pluginNewVerb(), c.pluginCheckVerb(), c.pluginPinVerb())
	return cmd
}

func (c *cli) pluginNewVerb() *cobra.Command {
	langs := strings.Join(starter.Languages(), "|")
	return &cobra.Command{
		Use:   "new " + langs + " PATH",
		Short: "Write a first plugin that works, to go on from",
		Long: `Writes a plugin that lists, suspends and resumes the service accounts of a text file: PATH, PATH.toml (what it gets and
may do) and PATH.accounts. Put your own system in the place of the file. In go it writes PATH.go, to be built.`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if c.options.ReadOnly {
				return revoke.ErrReadOnly
			}
			files, err := starter.Write(args[0], args[1])
			if err != nil {
				return usage(err)
			}
			for _, f := range files {
				if _, err := fmt.Fprintln(c.out, f); err != nil {
					return err
				}
			}
			if strings.HasSuffix(files[0], ".go") {
				fmt.Fprintf(c.err, "build it: go build -o %s %s\n", args[1], files[0])
			}
			fmt.Fprintf(c.err, "then: nhitop plugin check %s\n", args[1])
			return nil
		},
	}
}

// tableFlag names the file with a plugin's table.
func tableFlag(cmd *cobra.Command, table *string) {
	cmd.Flags().StringVar(table, "table", "", "`FILE` with the plugin's table of the configuration, without command and sha256 (default PATH.toml, if there is one)")
}

func (c *cli) pluginCheckVerb() *cobra.Command {
	var table, act string
	var yes bool
	cmd := &cobra.Command{
		Use:   "check PATH",
		Short: "Run the conformance suite over a plugin; print what fails and why",
		Long: `Starts the plugin as nhitop would, with the limits, the environment and the secrets of its table, and holds it to what
every source must keep and to the protocol. Nothing is taken away, unless --act names a record: then that one is, twice with one
key, and back again where the plugin says that this can be.

Ends with 3 where a check failed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case act != "" && c.options.ReadOnly:
				return revoke.ErrReadOnly
			case act != "" && !yes:
				return fmt.Errorf("%w: --act %s really takes it away; add --yes", revoke.ErrConfirm, inventory.Clean(act))
			}
			o, err := exec.Beside(args[0], table)
			if err != nil {
				return usage(err)
			}
			n, failed := 0, 0
			var broken error
			exec.Check(cmd.Context(), exec.Checking{Options: o, Env: sources.Env{Now: time.Now, Getenv: c.options.Getenv, Log: c.options.Log, Home: c.options.Home}, Act: act},
				func(check string, faults []string) {
					n++
					if len(faults) > 0 {
						failed++
					}
					broken = errors.Join(broken, printCheck(c.out, check, faults))
				})
			if broken != nil {
				return broken
			}
			if cmd.Context().Err() != nil {
				return errInterrupted
			}
			if failed > 0 {
				fmt.Fprintf(c.err, "%d of %d checks failed\n", failed, n)
				return ended(exitFindings)
			}
			fmt.Fprintf(c.err, "all %d checks hold; for the configuration: nhitop plugin pin %s\n", n, args[0])
			return nil
		},
	}
	tableFlag(cmd, &table)
	cmd.Flags().StringVar(&act, "act", "", "really take this record away, by the plugin's own id: `TYPE/ID`, as assistant/ci-bot")
	cmd.Flags().BoolVar(&yes, "yes", false, "yes to what --act does")
	return cmd
}

func printCheck(w io.Writer, check string, faults []string) error {
	word := "ok   "
	if len(faults) > 0 {
		word = "FAIL "
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", word, check)
	for _, f := range faults {
		for line := range strings.Lines(f) {
			b.WriteString("      " + inventory.Clean(strings.TrimRight(line, "\n")) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *cli) pluginPinVerb() *cobra.Command {
	var table string
	cmd := &cobra.Command{
		Use:   "pin PATH",
		Short: "Print the table of the configuration that pins a plugin as it is now",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := exec.Pinned(args[0], table)
			if err != nil {
				return usage(err)
			}
			_, err = io.WriteString(c.out, text)
			return err
		},
	}
	tableFlag(cmd, &table)
	return cmd
}
