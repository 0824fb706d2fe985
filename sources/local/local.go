package local

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources"
)

// Kind is the name of this source in the configuration.
const Kind = "local"

//go:embed sample.toml
var sample string

// Options is the table [sources.local] of the configuration.
type Options struct {
	Homes               []string `toml:"homes"`                 // home folders, globs allowed; empty: the user's own
	Paths               []string `toml:"paths"`                 // folders to walk for projects; empty: the working folder
	Catalogue           string   `toml:"catalogue"`             // folder with catalogue entries of one's own
	Revoke              bool     `toml:"revoke"`                // may change files of this machine, in an armed plan
	MaxFileBytes        int64    `toml:"max_file_bytes"`        // a larger file is not read
	MaxDepth            int      `toml:"max_depth"`             // folders deeper below a path are not walked
	Root                string   `toml:"root"`                  // where managed and system files are looked for
	Host                string   `toml:"host"`                  // the machine whose disk stands at root; "" for this one
	Skip                []string `toml:"skip"`                  // folders that are not walked
	Ambient             bool     `toml:"ambient"`               // read the credentials that an assistant inherits
	FollowKnownProjects bool     `toml:"follow_known_projects"` // look at projects that an assistant's own files name
	History             bool     `toml:"history"`               // who added and last changed a committed configuration
}

// Defaults are the options when the configuration says nothing.
func Defaults() Options {
	return Options{
		Revoke:              true,
		MaxFileBytes:        16 << 20,
		MaxDepth:            64,
		Root:                string(filepath.Separator),
		Skip:                []string{"node_modules", ".hg", ".svn", "__pycache__"},
		Ambient:             true,
		FollowKnownProjects: true,
		History:             true,
	}
}

// Factory makes the source. It runs without being named in the configuration.
var Factory = sources.Define(Kind, sample, Defaults(), New).OnByDefault()

// Source reads this machine. Its methods may be called from several goroutines.
type Source struct {
	opt       Options
	env       sources.Env
	catalogue *catalogue.Catalogue
	log       *slog.Logger
}

// New makes the source. It reads the catalogue and nothing else. The error names what is wrong with an option.
func New(o Options, env sources.Env) (sources.Source, error) {
	var errs []error
	if o.MaxFileBytes <= 0 {
		errs = append(errs, errors.New("max_file_bytes: must be more than 0"))
	}
	if o.MaxDepth <= 0 {
		errs = append(errs, errors.New("max_depth: must be more than 0"))
	}
	if o.Root == "" {
		o.Root = Defaults().Root
	}
	for _, p := range slices.Concat(o.Skip, o.Homes) {
		if _, err := filepath.Match(p, ""); err != nil {
			errs = append(errs, fmt.Errorf("skip, homes: %q is not a pattern: %w", inventory.Clean(p), err))
		}
	}
	if o.Host != "" && filepath.Clean(o.Root) == string(filepath.Separator) {
		errs = append(errs, errors.New("host: names another machine, so root must say where its disk is mounted"))
	}
	c, err := catalogue.Load(expandTilde(o.Catalogue, env.Home))
	if err != nil {
		errs = append(errs, fmt.Errorf("catalogue: %w", err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	return &Source{opt: o, env: env, catalogue: c, log: env.Log}, nil
}

// Info describes the source.
func (s *Source) Info() sources.Info {
	i := sources.Info{
		Name: Kind,
		Kind: Kind,
		Reads: []string{
			"the settings, logins and tool servers of every assistant of the catalogue, in homes and projects",
			"credentials that an assistant without a sandbox inherits",
			"pipeline definitions in the projects",
		},
		Needs: []string{"to read the homes and the project folders; no network"},
	}
	if s.opt.Revoke && !s.env.ReadOnly {
		i.Revokes = []string{
			"a secret in a file of this machine (the credential lives on at its issuer)",
			"a tool server", "an unattended mode", "a credential file",
		}
	}
	return i
}

// Collect reads everything once. It returns an error that wraps [sources.ErrPartial] when some roots could not be read.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	c, err := s.begin(ctx, sink)
	if err != nil {
		return err
	}
	defer c.finish()
	return c.run()
}

// homes returns the home folders to read, absolute, sorted and without doubles.
func (s *Source) homes() []string {
	if s.env.Explicit || len(s.opt.Homes) == 0 {
		return absolute([]string{s.env.Home})
	}
	var dirs []string
	for _, p := range s.opt.Homes {
		p = expandTilde(p, s.env.Home)
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			found = []string{p} // so that the ledger says that it is not there
		}
		for _, d := range found {
			if st, err := os.Stat(d); err == nil && !st.IsDir() {
				continue
			}
			dirs = append(dirs, d)
		}
	}
	return absolute(dirs)
}

// paths returns the folders to walk, absolute, sorted and without doubles.
func (s *Source) paths() []string {
	if s.env.Explicit || len(s.opt.Paths) == 0 {
		return absolute(s.env.Paths)
	}
	var dirs []string
	for _, p := range s.opt.Paths {
		p = expandTilde(p, s.env.Home)
		if found, err := filepath.Glob(p); err == nil && len(found) > 0 {
			dirs = append(dirs, found...)
			continue
		}
		dirs = append(dirs, p)
	}
	return absolute(dirs)
}

func absolute(dirs []string) []string {
	var out []string
	for _, d := range dirs {
		if d == "" {
			continue
		}
		if abs, err := filepath.Abs(d); err == nil {
			out = append(out, abs)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func expandTilde(p, home string) string {
	if p == "~" {
		return home
	}
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return filepath.Join(home, filepath.FromSlash(rest))
	}
	return p
}

// machine is what is known of the machine that the facts are from.
type machine struct {
	own  bool   // the one that runs this program
	host string // "" where it is not that one and no other is named
	goos string
}

// machineOf tells whether a home is that of the user who runs this program, on this machine. A folder that the operator
// pointed at may come from anywhere.
func (s *Source) machineOf(home string) machine {
	m := machine{goos: runtime.GOOS, host: inventory.Clean(s.opt.Host)}
	if filepath.Clean(s.opt.Root) != string(filepath.Separator) {
		return m
	}
	own := !s.env.Explicit
	if u, err := user.Current(); err == nil && filepath.Clean(u.HomeDir) == home {
		own = true
	}
	if own {
		m.own = true
		if h, err := os.Hostname(); err == nil {
			m.host = h
		}
	}
	return m
}

// ownProcess reports whether the environment of this process is what an assistant started from this home would get.
func (s *Source) ownProcess(home string) bool {
	if s.env.Explicit || !s.machineOf(home).own {
		return false
	}
	u, err := user.Current()
	return err == nil && filepath.Clean(u.HomeDir) == home
}
