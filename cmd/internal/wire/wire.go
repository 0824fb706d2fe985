package wire

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nhitop/cmd/internal/config"
	"nhitop/cmd/internal/demo"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
	"nhitop/inventory/strict"
	"nhitop/sources"
	"nhitop/sources/all"
	"nhitop/sources/managers"
)

// Options are what the command line says.
type Options struct {
	Config   string   // --config
	State    string   // --state
	Home     string   // --home
	Paths    []string // --path
	ReadOnly bool     // --read-only
	Sources  []string // --source: only these
	Log      *slog.Logger
	Now      func() time.Time
	Getenv   func(string) string
	Version  string    // of the program, for the services that it asks; "" for one that was built without
	Demo     bool      // --demo: the made-up company
	Stdin    io.Reader // for a file source that reads it; nil for none
	Operator string    // who acts; "": the account of the operating system

	paths []string // in place of the working folder
	scope string   // in place of what the facts are stored under

	transport func(service string) http.RoundTripper // in place of the network
}

// App is the program, put together.
type App struct {
	Service  *posture.Service
	Config   *config.Config
	Operator string
	Home     string   // absolute: what the local source scans by default
	Paths    []string // absolute: where it looks for projects

	program string           // name and version
	state   string           // the state folder, absolute
	company *demo.Company    // nil in real life
	player  *posture.Service // what the company's past is played with
}

// Open reads the configuration and makes the service. Nothing is collected yet. Every error is the operator's to mend:
// it names the file, the line and the key, or the flag.
func Open(o Options) (*App, error) {
	if o.Demo {
		return openDemo(o)
	}
	return open(o)
}

func open(o Options) (*App, error) {
	file, err := configFile(o)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(file, all.Factories())
	if err != nil {
		return nil, err
	}
	env, err := environment(o, cfg)
	if err != nil {
		return nil, err
	}
	if env.Places, err = cfg.BuildPlaces(env); err != nil {
		return nil, err
	}
	feeds, err := feeds(cfg, env)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(feeds, o.Sources)
	if err != nil {
		return nil, err
	}
	own, err := home(o)
	if err != nil {
		own = env.Home
	}
	to, key, err := cfg.OpenAudit(own)
	if err != nil {
		return nil, err
	}
	app := &App{Config: cfg, program: "nhitop " + cmp.Or(o.Version, "dev"), Operator: o.Operator, Home: env.Home, Paths: env.Paths, state: env.StateDir}
	if app.Operator == "" {
		app.Operator = operator(o.Getenv)
	}
	app.Service, err = posture.New(posture.Config{
		Feeds: chosen, StateDir: env.StateDir, Policy: cfg.Policy.Risk(), Charters: cfg.Charters, Ownership: cfg.Owner.Order, ReadOnly: env.ReadOnly, Operator: app.Operator,
		Scope: cmp.Or(o.scope, scope(env, cfg)), Narrow: len(chosen) < len(feeds), Now: o.Now, Log: o.Log, Protected: cfg.Revoke.Protected, SecondPerson: cfg.Revoke.SecondPerson,
		Syslog: to, SignKey: key, Places: env.Places, MaxSteps: cfg.Revoke.MaxSteps, ArmFor: time.Duration(cfg.Revoke.ArmMinutes) * time.Minute,
	})
	return app, err
}

// configFile is the configuration to read; "" if there is none. One that was named must be there.
func configFile(o Options) (string, error) {
	if o.Config != "" {
		return o.Config, nil
	}
	if f := o.Getenv("NHITOP_CONFIG"); f != "" {
		return f, nil
	}
	dir, err := folder(o, "XDG_CONFIG_HOME", ".config")
	if err != nil {
		return "", nil // without a home there is no file, and the defaults hold
	}
	f := filepath.Join(dir, "nhitop", "config.toml")
	if _, err := os.Lstat(f); err != nil {
		return "", nil
	}
	return f, nil
}

// StateDir is the state folder.
func StateDir(o Options) (string, error) {
	if o.State != "" {
		return o.State, nil
	}
	if d := o.Getenv("NHITOP_STATE"); d != "" {
		return d, nil
	}
	dir, err := folder(o, "XDG_STATE_HOME", filepath.Join(".local", "state"))
	if err != nil {
		return "", fmt.Errorf("no home folder is known for the state; name a folder with --state: %w", err)
	}
	return filepath.Join(dir, "nhitop"), nil
}

// folder is a folder of the XDG base directory specification (0.8), which asks to ignore a relative path.
func folder(o Options, variable, below string) (string, error) {
	if d := o.Getenv(variable); filepath.IsAbs(d) {
		return d, nil
	}
	dir, err := home(o)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, below), nil
}

func home(o Options) (string, error) {
	if dir := o.Getenv("HOME"); dir != "" {
		return dir, nil
	}
	return os.UserHomeDir()
}

// environment is what every source gets.
func environment(o Options, cfg *config.Config) (sources.Env, error) {
	state, err := StateDir(o)
	if err != nil {
		return sources.Env{}, err
	}
	if state, err = filepath.Abs(state); err != nil {
		return sources.Env{}, err
	}
	env := sources.Env{Now: o.Now, Log: o.Log, StateDir: state, Home: o.Home, Explicit: o.Home != "" || len(o.Paths) > 0, ReadOnly: o.ReadOnly || cfg.ReadOnly,
		Getenv: o.Getenv, Transport: o.transport, Stdin: o.Stdin, UserAgent: "nhitop/" + cmp.Or(o.Version, "dev")}
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	if env.Home == "" {
		if env.Home, err = home(o); err != nil {
			return env, fmt.Errorf("no home folder is known; name one with --home: %w", err)
		}
	}
	env.Paths = o.Paths
	if len(env.Paths) == 0 {
		env.Paths = o.paths
	}
	if len(env.Paths) == 0 {
		wd, err := os.Getwd()
		if err != nil {
			return env, fmt.Errorf("the working folder is not known; name one with --path: %w", err)
		}
		env.Paths = []string{wd}
	}
	dirs := append([]string{env.Home}, env.Paths...)
	for i, d := range dirs {
		if dirs[i], err = filepath.Abs(d); err != nil {
			return env, err
		}
		flag := "--path"
		if i == 0 {
			flag = "--home"
		}
		// A path that is not there is a line of the ledger: the home may be worth reading without it.
		if st, err := os.Stat(d); env.Explicit && (err != nil && i == 0 || err == nil && !st.IsDir()) {
			return env, fmt.Errorf("%s %s: no such folder", flag, d)
		}
	}
	env.Home, env.Paths = dirs[0], dirs[1:]
	return env, nil
}

// feeds makes every source of the configuration.
func feeds(cfg *config.Config, env sources.Env) ([]posture.Feed, error) {
	var out []posture.Feed
	var errs []error
	names := map[string]bool{}
	for _, s := range cfg.Sources {
		src, err := cfg.Build(s, env)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		info := src.Info()
		if names[info.Name] {
			errs = append(errs, cfg.Wrong(s, "name", fmt.Sprintf("another table has the name %q; give each its own: name = \"...\"", info.Name)))
			continue
		}
		names[info.Name] = true
		f := posture.Feed{
			Name: info.Name, Kind: info.Kind, Reads: info.Reads, Revokes: info.Revokes, Needs: info.Needs,
			Collect: src.Collect, Partial: func(err error) bool { return errors.Is(err, sources.ErrPartial) }, MayRevoke: s.Revoke,
		}
		f.Revoker, _ = src.(revoke.Revoker)
		if d, ok := src.(sources.Directory); ok {
			f.Resolve = d.Resolve
		}
		if x, ok := src.(sources.Excerpter); ok {
			f.Excerpt = x.Excerpt
		}
		out = append(out, f)
	}
	if len(env.Places) > 0 {
		out = append(out, posture.Feed{
			Name: managers.Source, Kind: managers.Source, Reads: []string{"nhitop's own credentials for places in secrets managers"}, Needs: []string{"the credentials of [places]"},
			Collect: managers.Own(env.Places, env),
		})
	}
	return out, errors.Join(errs...)
}

// choose keeps the sources that were named, by name or kind.
func choose(feeds []posture.Feed, names []string) ([]posture.Feed, error) {
	if len(names) == 0 {
		return feeds, nil
	}
	var known []string
	for _, f := range feeds {
		known = append(known, f.Name)
	}
	var out []posture.Feed
	for _, n := range names {
		if !slices.ContainsFunc(feeds, func(f posture.Feed) bool { return f.Name == n || f.Kind == n }) {
			return nil, fmt.Errorf("--source %s: no such source in the configuration; %s", n, strict.Advise(n, known))
		}
	}
	for _, f := range feeds {
		if slices.Contains(names, f.Name) || slices.Contains(names, f.Kind) {
			out = append(out, f)
		}
	}
	return out, nil
}

// scope names what is looked at, so that the facts of one home are never taken for those of another.
func scope(env sources.Env, cfg *config.Config) string {
	file, err := filepath.Abs(cfg.File)
	if cfg.File == "" || err != nil {
		file = ""
	}
	return strings.Join(append([]string{file, env.Home}, env.Paths...), "\x00")
}
