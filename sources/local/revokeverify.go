package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

// VerifyUndo implements revoke.UndoVerifier.
func (r *Revoker) VerifyUndo(_ context.Context, s revoke.Step, receipt revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: r.o.Now()}
	m := r.backup.load(receipt.Undo[undoBackup])
	if m == nil {
		p.Detail = "the backup is not there any more"
		return p, nil
	}
	h, err := r.hold(s)
	switch {
	case err != nil:
		p.Detail = "the file cannot be read"
	case h.sum != m.Before:
		p.Detail = "the file is not as it was"
	case h.mode != m.Mode:
		p.Detail = "the content is as it was, the mode is not"
	default:
		p.Grade, p.Detail = revoke.Proven, "read again: the file is byte for byte as it was, with its mode"
	}
	return p, nil
}

// Verify implements revoke.Revoker: it reads the file again. Proven means that what was to go stands nowhere in it any
// more, and as the control that the file is there and is understood.
func (r *Revoker) Verify(_ context.Context, s revoke.Step, receipt revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: r.o.Now()}
	if s.Action == revoke.ActionManual && s.Params[paramChange] == "" {
		p.Detail = "cannot be seen from here"
		return p, nil
	}
	c, err := decodeChange(s.Params[paramChange])
	if err != nil {
		return p, err
	}
	h, err := r.hold(s)
	if c.Delete {
		r.verifyGone(&p, s, err)
		return p, nil
	}
	if err != nil {
		p.Detail = "the file cannot be read again"
		return p, nil
	}
	cur, err := doc.ParseLimits(doc.Format(s.Params[paramFormat]), h.data, docLimits)
	if err != nil {
		p.Detail = "the file is not understood any more"
		return p, nil
	}
	m := r.backup.load(receipt.Undo[undoBackup])
	var before *doc.Doc
	if m != nil {
		before, _ = doc.ParseLimits(cur.Format, r.backup.content(m), docLimits)
	} else if data, err := r.planned(s, h); err == nil && h.sum != s.Params[paramSum] {
		before, _ = doc.ParseLimits(cur.Format, data, docLimits)
	}
	if left := c.left(before, cur); left != "" {
		p.Detail = left
		return p, nil
	}
	p.Grade, p.Detail = revoke.Proven, c.shown()
	if m != nil && h.sum == m.After {
		p.Detail += "; everything else in it is as it was"
	} else if m != nil {
		p.Detail += "; something else in it was changed since"
	}
	return p, nil
}

func (r *Revoker) verifyGone(p *revoke.Proof, s revoke.Step, err error) {
	_, folderErr := os.Stat(filepath.Dir(s.Params[paramPath]))
	switch {
	case folderErr != nil:
		p.Detail = "its folder cannot be looked into"
	case errors.Is(err, errNoFile):
		p.Grade, p.Detail = revoke.Proven, "looked again: the file is gone, its folder is there"
	default:
		p.Detail = "the file is still there"
	}
}

// shown says what was seen when nothing is left.
func (c change) shown() string {
	switch {
	case len(c.Secrets) > 0:
		return "read again: the file is understood, and the secret stands nowhere in it"
	case c.Set != nil:
		return "read again: the file is understood, and " + c.Set.Pointer + " is " + c.Set.Text
	}
	return "read again: the file is understood, and " + strings.Join(c.Remove, ", ") + " is gone"
}

// left says what of the change cannot be seen in the file; "" if all can. before is the file that it was made in, nil if
// that is not known any more.
func (c change) left(before, cur *doc.Doc) string {
	if c.Set != nil {
		if n := cur.At(c.Set.Pointer); n == nil || n.Text != c.Set.Text {
			return c.Set.Pointer + " has another value"
		}
	}
	if before == nil || before.Root == nil {
		if len(c.Secrets) > 0 || strings.ContainsAny(strings.Join(c.Remove, ""), "0123456789") {
			return "what stood there before is not known any more, so it cannot be compared"
		}
		for _, p := range c.Remove {
			if cur.At(p) != nil {
				return p + " is there"
			}
		}
		return ""
	}
	for _, v := range c.values(before) {
		if contains(cur, v) {
			return "the secret still stands in the file"
		}
	}
	for _, p := range c.Remove {
		was := before.At(p)
		if was == nil {
			return "what stood at " + p + " is not known"
		}
		if still, err := moved(before, cur, p); err != nil || still != "" {
			return p + " is still there"
		}
	}
	return ""
}

// contains looks for a value in the file as it is written and in every value as it reads.
func contains(d *doc.Doc, value string) bool {
	if strings.Contains(string(d.Data), value) {
		return true
	}
	found := false
	d.Root.Walk(func(n *doc.Node) bool {
		found = found || strings.Contains(n.Text, value) || strings.Contains(n.Key, value)
		return !found
	})
	return found
}
