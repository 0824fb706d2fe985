package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"nhitop/cmd/internal/wire"
)

// cli is one run of the program: its streams, and the flags that every verb has.
type cli struct {
	in       io.Reader
	out, err io.Writer
	options  wire.Options
	noColor  bool
	plain    bool // the dashboard line by line
	logFile  string
	closeLog io.Closer
	app      *wire.App
}

func newCLI(in io.Reader, out, err io.Writer) *cli {
	return &cli{in: in, out: out, err: err, options: wire.Options{Getenv: os.Getenv, Version: version}}
}

func (c *cli) execute(ctx context.Context, args []string) error {
	root := c.root()
	root.SetArgs(args)
	root.SetOut(c.out)
	root.SetErr(c.err)
	started := false
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		started = true
		log, closer, err := wire.Log(c.logFile)
		if err != nil {
			return usage(err)
		}
		c.options.Log, c.closeLog = log, closer
		return nil
	}
	err := errors.Join(root.ExecuteContext(ctx), c.close())
	if err != nil && !started {
		return usage(err) // an unknown verb or flag
	}
	return err
}

// close ends what was begun, once: also after a panic, for the demo's folder must not stay.
func (c *cli) close() error {
	var err error
	if app := c.app; app != nil {
		c.app = nil
		err = app.Close()
		if text := app.Service.AuditTrouble(); text != "" {
			fmt.Fprintln(c.err, "nhitop: "+text)
		}
	}
	if log := c.closeLog; log != nil {
		c.closeLog = nil
		err = errors.Join(err, log.Close())
	}
	return err
}

func (c *cli) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "nhitop",
		Short: "AI code assistants as identities: who they are, what they hold, what they may do, and a way to take it away",
		Long: `nhitop shows the AI code assistants of this machine and these repositories as non-human identities: who they are, who
answers for them, which secrets they hold, what they may do; and takes that away, with proof.

Without a verb it opens the dashboard. It reads, and changes nothing unless it is armed.`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return c.dashboard(cmd.Context()) },
	}
	cmd.CompletionOptions.DisableDefaultCmd = true
	f := cmd.PersistentFlags()
	f.StringVar(&c.options.Config, "config", "", "configuration `FILE` (default $NHITOP_CONFIG, else nhitop/config.toml in the XDG config folder)")
	f.StringVar(&c.options.State, "state", "", "state `DIR` (default $NHITOP_STATE, else nhitop in the XDG state folder)")
	f.StringVar(&c.options.Home, "home", "", "home `DIR` that the local source reads (default your own)")
	f.StringArrayVar(&c.options.Paths, "path", nil, "`DIR` where the local source looks for projects; may be repeated (default the working folder)")
	f.BoolVar(&c.options.ReadOnly, "read-only", false, "change nothing, whatever else is asked")
	cmd.Flags().BoolVar(&c.plain, "plain", false, "the dashboard line by line, for screen readers: nothing is redrawn")
	f.BoolVar(&c.noColor, "no-color", false, "no colour (also $NO_COLOR)")
	f.BoolVar(&c.options.Demo, "demo", false, "a made-up company: everything works, and nothing outside a temporary folder is read or changed (--state keeps it)")
	f.StringVar(&c.logFile, "log-file", "", "write a log to `FILE`; it never holds a secret's value")
	cmd.AddCommand(c.scanVerb(), c.showVerb(), c.identifyVerb(), c.revokeVerb(), c.rotateVerb(), c.confirmVerb(), c.undoVerb(), c.runsVerb(), c.sourcesVerb(), c.controlsVerb(), c.rulesVerb(), c.auditVerb(), c.charterVerb(), c.reviewVerb(), c.schemaVerb(), c.pluginVerb(), c.versionVerb())
	for _, v := range decisionVerbs {
		cmd.AddCommand(c.decisionVerb(v))
	}
	return cmd
}

// start puts the program together. What is wrong then is the operator's to mend.
func (c *cli) start() (*wire.App, error) {
	app, err := wire.Open(c.options)
	if err != nil {
		return nil, usage(err)
	}
	c.app = app
	return app, nil
}

// open is start, and waits until there is something to be read.
func (c *cli) open(ctx context.Context) (*wire.App, error) {
	app, err := c.start()
	if err != nil {
		return nil, err
	}
	say := func(string) {}
	if f, ok := terminal(c.err); ok {
		say = func(text string) { fmt.Fprint(f, "\r\x1b[K"+text) }
		defer fmt.Fprint(f, "\r\x1b[K")
	}
	if err := app.Ready(ctx, say); err != nil {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		return nil, err
	}
	return app, nil
}

var errInterrupted = errors.New("interrupted")
