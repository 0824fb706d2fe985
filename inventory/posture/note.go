package posture

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// told writes an entry of the audit log about what was read or refused, which goes on where that cannot be written: the
// log file says so, and whatever would change something stops by itself then.
func (s *Service) told(action, subject, detail string) {
	if err := s.acts.note(action, subject, detail); err != nil {
		s.cfg.Log.Error("audit log", "err", err)
	}
}

// refused notes that something was not done. That a plan waits for another operator is noted where it is put down.
func (s *Service) refused(action, subject string, why error) {
	if errors.Is(why, revoke.ErrSecond) {
		return
	}
	s.told(action+" refused", subject, why.Error())
}

// collected notes a collection: which sources, and how each ended. What they found is not in the audit log.
func (s *Service) collected(ctx context.Context, ins []*intake, err error) {
	var parts []string
	for _, in := range ins {
		how := inventory.SourceOK
		switch {
		case in.err != nil && in.partial():
			how = inventory.SourcePartial
		case in.err != nil:
			how = inventory.SourceFailed
		}
		parts = append(parts, in.feed.Name+" "+how)
	}
	text := strings.Join(parts, ", ")
	switch {
	case ctx.Err() != nil:
		text = "stopped: " + text
	case err != nil:
		text = "not stored: " + text
	}
	s.told("collect", "", text)
}

// planned notes a plan, or why there is none.
func (s *Service) planned(action string, targets []revoke.Target, p *revoke.Plan, err error) {
	switch {
	case errors.Is(err, revoke.ErrNothing), errors.Is(err, context.Canceled):
	case err != nil:
		var ids []string
		for _, t := range targets {
			ids = append(ids, string(t.ID))
		}
		s.refused(action, strings.Join(ids, " "), err)
	default:
		s.told(action, p.ID, fmt.Sprintf("%d steps, digest %.16s: %s", len(p.Steps), p.Digest, strings.Join(p.Names, ", ")))
	}
}

// confirmed notes the operator's yes. It must stand before anything is done.
func (s *Service) confirmed(p *revoke.Plan, subject string, c revoke.Consent) error {
	how := "yes"
	if w := p.Word(); w != "" {
		how = fmt.Sprintf("%q", w)
	}
	if c.Second != "" {
		how += ", confirmed by " + c.Second
	}
	if _, err := s.acts.log.Append(c.By, "confirm", subject, fmt.Sprintf("%d steps, digest %.16s, with %s: %s", len(p.Steps), p.Digest, how, c.Reason)); err != nil {
		return fmt.Errorf("nothing is done: %w", err)
	}
	return nil
}

// Exported notes in the audit log that something left for a file. It is called when the file is there.
func (s *Service) Exported(what, file string) error {
	if err := s.acts.note("export", file, what); err != nil {
		return fmt.Errorf("%s is written, but not noted: %w", file, err)
	}
	return nil
}

// AuditTrouble says what of the audit log is not where the configuration wants it, or "": a syslog that cannot be reached,
// a key that cannot be read. It never stops anything.
func (s *Service) AuditTrouble() string { return s.acts.log.Trouble() }

// sign signs the audit log, where a key is configured.
func (s *Service) sign() { s.acts.log.Sign(s.cfg.Operator) }
