package posture

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/charter"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

// Feed is one source, as the service sees it.
type Feed struct {
	Name    string   // unique: "local", "github:acme"
	Kind    string   // "local", "github"
	Reads   []string // what it can read, in words
	Revokes []string // what it can take away, in words
	Needs   []string // network, permissions, credentials

	// Collect streams facts to the sink. What it delivered stays when it returns an error; an error that Partial accepts
	// says that only some places could not be read.
	Collect func(ctx context.Context, s inventory.Sink) error
	Partial func(error) bool // nil: no error is partial

	// Resolve, where it is not nil, is called in place of Collect when the sources without it have ended, with the owners
	// that they, the charters and decisions name.
	Resolve func(ctx context.Context, who []inventory.Owner, s inventory.Sink) error

	// Excerpt shows what stands around a place that the source has read, secrets masked; false for a place that is none of
	// its own. nil: it cannot.
	Excerpt func(ctx context.Context, at inventory.Evidence, snap *inventory.Snapshot) (inventory.Excerpt, bool)

	Revoker   revoke.Revoker // nil: it cannot
	MayRevoke bool           // its own configuration says revoke = true
}

// Config is what a [Service] is made of.
type Config struct {
	Feeds    []Feed
	StateDir string // created 0700 where it is missing
	Policy   risk.Policy
	Charters charter.Set // what assistants are meant to be and do; empty: charters are not in use
	// Ownership is the order in which signs decide who answers for an assistant; empty: that of inventory.Signs.
	Ownership []string
	Scope     string // what is looked at (home, folders, accounts): facts of another scope are kept apart
	Narrow    bool   // only some of the configured sources are asked: the stored snapshot is left as it is
	ReadOnly  bool
	Operator  string // who acts, for journal and audit log
	Now       func() time.Time
	Log       *slog.Logger // nil: nothing is logged

	Syslog  *audit.Syslog // takes each entry of the audit log too; nil: none does
	SignKey *audit.Key    // signs the audit log at the end of each run; nil: it is not signed

	Places map[string]revoke.Manager // where rotations may bring new credentials, by name

	Protected []string // ids, names, accounts and paths that no run may touch
	MaxSteps  int      // most steps in one run; 0: 50

	// SecondPerson are the plans that another operator must confirm: see [SecondPersons]. Who is another is told by the
	// account in Operator, before its "@".
	SecondPerson []string
	ArmFor       time.Duration // 0: 10 minutes
	Deadline     time.Duration // for one collection from one source; 0: 10 minutes
	Every        time.Duration // least time between two partial snapshots; 0: 200 ms
}

// Defaults of [Config].
const (
	DefaultMaxSteps = 50
	DefaultArmFor   = 10 * time.Minute
	DefaultDeadline = 10 * time.Minute
	DefaultEvery    = 200 * time.Millisecond
)

// ErrTooMany is returned for a plan of more steps than [Config.MaxSteps].
var ErrTooMany = errors.New("more steps than max_steps allows in one run")

// ErrNoSnapshot is returned where a plan is asked for before anything was collected.
var ErrNoSnapshot = errors.New("nothing is collected yet")

// Event is one change. Events are latest-wins: a slow reader misses steps in between, never the last state.
type Event struct {
	Snapshot   *inventory.Snapshot // nil if only progress changed
	Collecting bool
	Progress   map[string]string // by source, while it collects; must not be changed
	Err        error
}
