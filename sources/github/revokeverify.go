package github

import (
	"context"
	"errors"
	"strings"

	"nhitop/inventory/revoke"
)

// Verify implements revoke.Revoker. GitHub is asked how the object stands: in a list that was read to its end, or by its
// path together with the place where it was. A 403, 429, 5xx or time-out proves nothing.
func (s *Source) Verify(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	if step.Params[paramWhat] == heldSelf {
		return s.verifyHeld(ctx, step, rec)
	}
	if step.Params[paramWhat] == heldByApp {
		return s.verifyByApp(ctx, step, rec)
	}
	if w := sweeps[step.Params[paramWhat]]; w != nil {
		return s.verifySweep(ctx, step, w)
	}
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	if step.Params[paramWhat] == copyInFile {
		p.Detail = "the file is not looked at here; the next collection shows what stands in it"
		return p, nil
	}
	h, o, m, x, err := s.begin(ctx, step)
	if o == nil {
		return p, err
	}
	if key := step.Params[paramWhat]; key != "" {
		c := changes[key]
		switch {
		case c == nil:
			return p, errNotKnown
		case errors.Is(err, errGone) && c.gone:
			s.verifyGone(ctx, h, m, &p)
		case errors.Is(err, errGone):
			p.Detail = "GitHub does not show it any more"
		case err != nil:
			p.Detail = refusedWords(err)
		case c.done(s, x.state):
			p.Grade, p.Detail = revoke.Attested, "read back: it is "+x.state
		default:
			p.Grade, p.Detail = revoke.Alive, "read back: it is "+x.state
		}
		return p, nil
	}
	switch {
	case errors.Is(err, errGone):
		s.verifyGone(ctx, h, m, &p)
	case err != nil:
		p.Detail = refusedWords(err)
	case step.Action == revoke.ActionManual && strings.HasPrefix(x.state, "suspended"):
		p.Grade, p.Detail = revoke.Attested, "read back: the installation is suspended"
	case step.Action == revoke.ActionManual && o.end == nil && contained(o, s, x):
		p.Grade, p.Detail = revoke.Attested, "read back: it is "+x.state
	default:
		p.Grade, p.Detail = revoke.Alive, "read back: it is still there"
	}
	return p, nil
}

// verifyGone says what "not found" is worth.
func (s *Source) verifyGone(ctx context.Context, h *hands, m []string, p *revoke.Proof) {
	if where, ok := s.placeShown(ctx, h, m); ok {
		p.Grade, p.Detail = revoke.Attested, "read back: GitHub shows it no more, and shows "+where
	} else {
		p.Detail = "GitHub does not show it, nor where it was: this proves nothing"
	}
}

// contained reports whether an object that can only be contained is.
func contained(o *object, s *Source, x *readBack) bool {
	for _, key := range o.contain {
		if changes[key].done(s, x.state) {
			return true
		}
	}
	return false
}

// placeShown is the control for "not found": the place of the object is still shown, so that its absence is told and not
// only hidden.
func (s *Source) placeShown(ctx context.Context, h *hands, m []string) (string, bool) {
	i := strings.LastIndexByte(m[0], '/')
	if i < 0 {
		return "", false
	}
	parent := m[0][:i]
	switch {
	case strings.HasSuffix(m[0], "/copilot"):
		parent = "/orgs/" + m[1] + "/copilot/billing"
	case workflowPath.MatchString(m[0]):
		parent = "/repos/" + m[1]
	case strings.Contains(m[0], "/memberships/"):
		parent = "/orgs/" + m[1] + "/members"
	}
	var any1 any
	if err := h.get(ctx, parent, nil, &any1); err != nil {
		return "", false
	}
	return "the rest of " + parent, true
}

// VerifyUndo implements revoke.UndoVerifier.
func (s *Source) VerifyUndo(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now().UTC()}
	_, _, _, x, err := s.begin(ctx, step)
	switch {
	case err != nil:
		p.Detail = refusedWords(err)
	case x.state == rec.Undo[undoWas]:
		p.Grade, p.Detail = revoke.Attested, "read back: it is "+x.state+" again"
	default:
		p.Detail = "read back: it is " + x.state
	}
	return p, nil
}
