package ui

import (
	"context"
	"io"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
)

// Engine is what the dashboard needs of the service. Its methods may take time, except Snapshot, ReadOnly, Armed and
// MayRevoke, which answer at once.
type Engine interface {
	Previous() (*inventory.Snapshot, error)
	Snapshot() *inventory.Snapshot
	Subscribe() (<-chan posture.Event, func())
	Collect(ctx context.Context) (*inventory.Snapshot, error)
	Plan(ctx context.Context, targets []revoke.Target) (*revoke.Plan, error)
	Execute(ctx context.Context, p *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error)
	UndoPlan(ctx context.Context, run string) (*revoke.Plan, error)
	Undo(ctx context.Context, run string, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error)
	LookAgain(ctx context.Context, run string, done []string, on func(revoke.Event)) (revoke.Run, error)
	Runs() ([]revoke.Run, error)
	Audit() ([]audit.Entry, error)
	ReadOnly() bool
	Arm(word string) error
	Disarm()
	Armed() (time.Time, bool)
	MayRevoke(id inventory.ID) (bool, string)
}

// auditor is an Engine that knows whether the audit log is also where the configuration wants it.
type auditor interface {
	AuditTrouble() string // "" if it is; answers at once
}

// Seconder is an Engine whose plans may need another operator.
type Seconder interface {
	Waiting() ([]posture.Waiting, error)
	Confirm(ctx context.Context, plan, word string) (posture.Waiting, error)
}

// Options say how the dashboard shows itself.
type Options struct {
	Profile  string // shown in the header
	Operator string // who is at the keyboard, for the journal
	NoColor  bool
	Theme    string              // see theme.Names; "" is by the terminal
	Mouse    bool                // the wheel moves, a click puts the cursor; the terminal selects no text then
	ASCII    bool                // nothing is drawn but ASCII
	Keys     map[string][]string // of actions, by id, in place of their own; see CheckKeys
	Demo     bool
	Stdin    io.Reader // nil: the terminal
	Stdout   io.Writer
	Now      func() time.Time
	Program  string // name and version, for what is exported
	Keep     Keeper // nil: what is chosen for the screen is forgotten at the end
}
