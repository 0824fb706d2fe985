package posture

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
)

// The names below the state folder.
const (
	journalDir = "journal"
	auditFile  = "audit.jsonl"
)

// acts is what carries plans out, and the log of it.
type acts struct {
	s    *Service
	exec *revoke.Executor
	log  *audit.Log
}

func openActs(s *Service) acts {
	log := audit.Open(filepath.Join(s.store.Dir(), auditFile), s.cfg.Now)
	log.Forward(s.cfg.Syslog, s.cfg.SignKey)
	revokers := map[string]revoke.Revoker{}
	for i := range s.cfg.Feeds {
		f := &s.cfg.Feeds[i]
		switch a, ok := f.Revoker.(revoke.Adviser); {
		case f.Revoker == nil || s.cfg.ReadOnly:
		case f.MayRevoke:
			revokers[f.Name] = f.Revoker
		case ok:
			revokers[f.Name] = looking{a}
		}
	}
	exec := &revoke.Executor{Journal: revoke.NewJournal(filepath.Join(s.store.Dir(), journalDir)), Audit: log, Revokers: revokers, Now: s.cfg.Now, Operator: s.cfg.Operator, May: s.mayGoOn}
	return acts{s, exec, log}
}

// looking is a source that may not revoke: it looks at what a person was to do.
type looking struct{ revoke.Revoker }

func (looking) Apply(context.Context, revoke.Step) (revoke.Receipt, error) {
	return revoke.Receipt{}, revoke.ErrReadOnly
}

// note writes one entry of the audit log.
func (a acts) note(action, subject, detail string) error {
	_, err := a.log.Append(a.s.cfg.Operator, action, subject, detail)
	return err
}

// plan asks each source that may revoke. What a source says that may not is told as what stays.
func (a acts) plan(ctx context.Context, snap *inventory.Snapshot, asked, targets []revoke.Target) (*revoke.Plan, error) {
	var names []string
	for _, t := range asked {
		names = append(names, nameOf(snap, t.ID))
	}
	steps, left, err := a.steps(ctx, snap, targets)
	if err != nil {
		return nil, err
	}
	more, also, err := a.ends(ctx, snap, targets)
	if err != nil {
		return nil, err
	}
	grantsFirst(steps, more)
	if steps = append(steps, more...); len(steps) > 0 {
		also = append(also, untaken(snap, targets, steps)...)
	}
	return a.made(targets, names, steps, append(left, also...))
}

// steps asks each source for its steps. left are those that a source could do and may not, in words.
func (a acts) steps(ctx context.Context, snap *inventory.Snapshot, targets []revoke.Target) (steps []revoke.Step, left []string, err error) {
	for i := range a.s.cfg.Feeds {
		f := &a.s.cfg.Feeds[i]
		if f.Revoker == nil {
			continue
		}
		n := 0
		for _, t := range targets {
			found, err := planOne(ctx, f, t, snap)
			if err != nil {
				return nil, nil, fmt.Errorf("source %s: %w", f.Name, err)
			}
			n += len(found)
			if f.MayRevoke {
				steps = append(steps, found...)
			}
		}
		if n > 0 && !f.MayRevoke {
			left = append(left, fmt.Sprintf("%d steps that source %s could do and may not: it has revoke = false", n, f.Name))
		}
	}
	return steps, left, nil
}

// made makes the plan of its steps.
func (a acts) made(targets []revoke.Target, names []string, steps []revoke.Step, left []string) (*revoke.Plan, error) {
	if len(steps) == 0 {
		if len(left) > 0 {
			return nil, fmt.Errorf("%w (%s)", revoke.ErrNothing, left[0])
		}
		return nil, revoke.ErrNothing
	}
	for i := range steps {
		if z, ok := a.revoker(steps[i].Source).(revoke.Authorizer); ok && steps[i].Auth == "" {
			steps[i].Auth = z.Authorization()
		}
	}
	a.own(a.s.Snapshot(), steps)
	return revoke.NewPlan(a.s.cfg.Now(), 0, targets, names, steps, left...), nil
}

// revoker is that of a source; nil where it has none.
func (a acts) revoker(source string) revoke.Revoker {
	for i := range a.s.cfg.Feeds {
		if f := &a.s.cfg.Feeds[i]; f.Name == source {
			return f.Revoker
		}
	}
	return nil
}

// planOne asks one source about one target. A step bears the name of the source that made it.
func planOne(ctx context.Context, f *Feed, t revoke.Target, snap *inventory.Snapshot) (steps []revoke.Step, err error) {
	defer func() {
		if p := recover(); p != nil {
			steps, err = nil, fmt.Errorf("it crashed (%T)", p)
		}
	}()
	steps, err = f.Revoker.Plan(ctx, t, snap)
	for i := range steps {
		steps[i].Source = f.Name
	}
	return steps, err
}

func nameOf(snap *inventory.Snapshot, id inventory.ID) string {
	if x := snap.Secret(id); x != nil {
		if x.Hint != "" {
			return x.Kind + " …" + x.Hint
		}
		return x.Kind
	}
	if t := snap.Tool(id); t != nil {
		return t.Name
	}
	if a := snap.Assistant(id); a != nil {
		if a.Path != "" {
			return a.Name + " on " + a.Path
		}
		return a.Name
	}
	if o := snap.Owner(id); o != nil {
		return "all that " + o.Name + " holds"
	}
	return string(id)
}

// Runs returns the past runs, newest first. Runs whose file cannot be read are told by the error and the others returned.
func (s *Service) Runs() ([]revoke.Run, error) { return s.acts.exec.Runs() }

// Audit returns the entries of the audit log, oldest first.
func (s *Service) Audit() ([]audit.Entry, error) { return s.acts.log.List() }

// VerifyAuditSigned checks the chain and every signature of a key in it. It returns how many entries there are and up to which
// the key has signed.
func (s *Service) VerifyAuditSigned(key ed25519.PublicKey) (entries, signed int, err error) {
	return s.acts.log.VerifySigned(key)
}

// VerifyAudit checks the chain of the audit log and returns how many entries it has. The error of a chain that does not
// hold is an [audit.Broken], which names the first broken entry.
func (s *Service) VerifyAudit() (int, error) {
	n, err := s.acts.log.Verify()
	var b *audit.Broken
	if err != nil && !errors.As(err, &b) {
		return n, fmt.Errorf("audit log: %w", err)
	}
	return n, err
}
