package sources

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/BurntSushi/toml"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Source reads facts from one place.
type Source interface {
	Info() Info
	// Collect streams what it finds to the sink. It may deliver a part and return an error: what was delivered stays.
	// An error that wraps ErrPartial says that only some scopes could not be read. It must return soon after ctx ends.
	Collect(ctx context.Context, sink inventory.Sink) error
}

// Directory is a source that knows people, not assistants. It is asked, when the other sources have ended, about those whom
// they named as owners, so that a company of any size costs what its assistants need.
type Directory interface {
	Source
	// Resolve delivers what is known of each: the owner's record with its status, under the same id or with that id among
	// its Same. Whom it does not know, it says nothing about. Otherwise it is as Collect, which asks about nobody.
	Resolve(ctx context.Context, who []inventory.Owner, sink inventory.Sink) error
}

// Excerpter is a source that can show what stands around a place that it has read.
type Excerpter interface {
	// Excerpt reads the place again and changes nothing. It masks every secret in what it shows: those that snap knows of
	// the file, and whatever looks like one. ok is false for a place that is none of its own.
	Excerpt(ctx context.Context, at inventory.Evidence, snap *inventory.Snapshot) (x inventory.Excerpt, ok bool)
}

// Info describes a source to the operator.
type Info struct {
	Name    string   // unique among the sources of a run: "local", "github:acme"
	Kind    string   // the factory's name: "local"
	Reads   []string // what it can read, in words
	Revokes []string // what it can take away, in words; empty if nothing
	Needs   []string // network, permissions, credentials
}

// ErrPartial marks an error after which the rest of what was delivered holds.
var ErrPartial = fmt.Errorf("read in part")

// Env is what every source gets from the program around it.
type Env struct {
	Now      func() time.Time
	Log      *slog.Logger
	StateDir string   // the state folder of nhitop
	Home     string   // --home, or the user's home
	Paths    []string // --path, or the working folder
	Explicit bool     // Home or Paths were given by the operator: what is scanned may come from another machine
	ReadOnly bool     // nothing may be changed, whatever the source's own table says

	// Transport gives the way to a service, by the host of the source's base URL ("api.github.com", "127.0.0.1:4873").
	// nil, or a nil answer: the network. The demo and tests hand in simulators that run in the process.
	Transport func(service string) http.RoundTripper
	Getenv    func(string) string                              // nil: os.Getenv. Credentials by { env = ".." } are read through it
	Sleep     func(ctx context.Context, d time.Duration) error // nil: a timer. What waits for a service waits through it
	UserAgent string                                           // "nhitop/VERSION"
	Stdin     io.Reader                                        // nil where there is none to be read: a terminal is none

	Places map[string]revoke.Manager // where a rotation may bring a new credential, by name
}

// Via returns the way to the host of a base URL: a transport of Env.Transport, or nil for the network.
func (e Env) Via(base string) http.RoundTripper {
	u, err := url.Parse(base)
	if e.Transport == nil || err != nil {
		return nil
	}
	return e.Transport(u.Host)
}

// Named returns the name of one of several accounts of a kind: "github", or "github:acme". The error begins with the key.
func Named(kind, name string) (string, error) {
	if name == "" {
		return kind, nil
	}
	const most = 40
	for _, r := range name {
		if len(name) > most || !(r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return "", fmt.Errorf("name: letters, digits, - _ and . only, at most %d", most)
		}
	}
	return kind + ":" + name, nil
}

// Factory makes sources of one kind from their table in the configuration.
type Factory struct {
	Kind    string
	Sample  string // the TOML that config.toml.example shows, with prose as ## and defaults as #
	Default bool   // runs when the configuration does not name it

	build func(md *toml.MetaData, table *toml.Primitive, env Env) (Source, error)
	keys  func() any
}

// Define ties a name, a sample and a typed option struct to a constructor. defaults is what the options are before the
// table of the configuration is read over them.
func Define[C any](kind, sample string, defaults C, build func(C, Env) (Source, error)) Factory {
	return Factory{
		Kind:   kind,
		Sample: sample,
		build: func(md *toml.MetaData, table *toml.Primitive, env Env) (Source, error) {
			c := defaults
			if table != nil {
				if err := md.PrimitiveDecode(*table, &c); err != nil {
					return nil, err
				}
			}
			return build(c, env)
		},
		keys: func() any { c := defaults; return &c },
	}
}

// OnByDefault returns the factory marked to run without being named in the configuration.
func (f Factory) OnByDefault() Factory { f.Default = true; return f }

// New makes a source. table is its table in the configuration, decoded with md, or nil for the defaults.
func (f Factory) New(md *toml.MetaData, table *toml.Primitive, env Env) (Source, error) {
	return f.build(md, table, env)
}

// Options returns a pointer to a fresh option struct with the defaults, for naming the nearest known key.
func (f Factory) Options() any { return f.keys() }
