package local

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/gitrepo"
)

// Keys of [revoke.Step.Params].
const (
	paramPath   = "path"   // absolute, links resolved
	paramRoot   = "root"   // the folder that it must still lie in
	paramFormat = "format" // doc.Format
	paramSum    = "sha256" // of the file when the plan was made
	paramMode   = "mode"   // octal
	paramUID    = "uid"
	paramGID    = "gid"
	paramChange = "change" // what to do, without any value
)

// Plan implements revoke.Revoker. A target that stands nowhere on this machine gives no steps.
func (r *Revoker) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil {
		return nil, nil
	}
	b := &planning{Revoker: r, ctx: ctx, snap: snap, dirs: r.within(snap), removed: map[string][]string{}}
	switch {
	case snap.Secret(t.ID) != nil:
		if t.Action == "" || t.Action == revoke.ActionRemoveSecret || t.Action == revoke.ActionDeleteFile || t.Action == revoke.ActionAll {
			b.secret(snap.Secret(t.ID), t.Action == revoke.ActionDeleteFile)
		}
	case snap.Tool(t.ID) != nil:
		if t.Action == "" || t.Action == revoke.ActionRemoveServer || t.Action == revoke.ActionAll {
			b.server(snap.Tool(t.ID))
		} else if t.Action == revoke.ActionDisableServer {
			b.disable(snap.Tool(t.ID))
		}
	case snap.Assistant(t.ID) != nil:
		a := snap.Assistant(t.ID)
		if t.Action == "" || t.Action == revoke.ActionSetMode || t.Action == revoke.ActionAll {
			b.mode(a)
		}
		if t.Action == revoke.ActionAll {
			b.all(a)
		}
	}
	b.otherNames()
	return b.steps, ctx.Err()
}

// planning gathers the steps for one target.
type planning struct {
	*Revoker
	ctx     context.Context
	snap    *inventory.Snapshot
	dirs    []string
	steps   []revoke.Step
	removed map[string][]string // by path: pointers that go as a whole

	standings map[string][]standing    // by path; nil until it is asked for
	trees     map[string]*gitrepo.Repo // by folder: the work tree that it lies in, nil where none
	linked    []linked
}

// all takes everything that an assistant holds here: its servers, then its own secrets. What it inherits belongs to the
// person, and is not its to lose.
func (b *planning) all(a *inventory.Assistant) {
	for _, t := range b.snap.ToolsOf(a.ID) {
		if t.Assistant == a.ID {
			b.server(t)
		}
	}
	for _, id := range a.Secrets {
		if s := b.snap.Secret(id); s != nil && !s.Ambient && b.ctx.Err() == nil {
			b.secret(s, false)
		}
	}
}

// draft is a step on its way.
type draft struct {
	action   string
	layer    revoke.Layer
	target   inventory.ID
	name     string
	summary  string
	effect   string
	known    string // added to effect: where else it stands
	breaks   string
	residual []string
	unended  string          // what stays unless the credential is ended
	ends     []revoke.Ending // of residual and unended, what ends by itself
	git      *revoke.InGit   // of a step for a person: where Git has the file
	ties     []revoke.Tie    // of residual, what lives as long as a secret does
}

// file adds a step that changes one file, or a note for a person where it cannot be done.
func (b *planning) file(p *onDisk, d *doc.Doc, c change, f draft) {
	step := revoke.Step{
		Source: Kind, Action: f.action, Layer: f.layer, Target: f.target, TargetName: inventory.Clean(f.name), Summary: inventory.Clean(f.summary), Effect: inventory.Clean(f.effect + f.known),
		Breaks: inventory.Clean(f.breaks), Reversible: true, Promises: revoke.Proven,
	}
	var after *doc.Doc
	if !c.Delete {
		out, already, err := c.apply(d, d)
		if err != nil || already {
			b.byHand(f, p.shown, c.pointers(), "it cannot be taken out without touching something else")
			return
		}
		if after, err = doc.ParseLimits(d.Format, out, docLimits); err != nil {
			b.byHand(f, p.shown, c.pointers(), "what would be left is not valid")
			return
		}
	}
	if step.Path, step.Git = p.path, b.inGit(p.path); step.Git != nil && f.layer != revoke.LayerCopy {
		step.Git.Says = "Turn back in " + step.Git.File + ": " + f.name
	}
	step.Request = preview(p.shown, d, after, c.values(d))
	f.residual = append(f.residual, "the file as it was is kept, readable for you alone, in "+b.tilde(b.backup.dir)+": that is what undo needs; delete it there when it is no longer wanted")
	step.Residual, step.Unended, step.Ends, step.Ties = inventory.Clean(strings.Join(f.residual, revoke.Also)), inventory.Clean(f.unended), f.ends, f.ties
	step.Holds = b.holds(p, d, after)
	step.Params = map[string]string{
		paramPath: p.path, paramRoot: p.root, paramFormat: string(d.Format), paramSum: p.sum, paramMode: fmt.Sprintf("%04o", p.mode.Perm()), paramChange: c.encode(),
	}
	if p.owner.known {
		step.Params[paramUID], step.Params[paramGID] = strconv.Itoa(p.owner.uid), strconv.Itoa(p.owner.gid)
	}
	step.ID = sumOf([]byte(strings.Join([]string{f.action, p.path, p.sum, step.Params[paramChange]}, "\x00")))[:16]
	if p.owner.links > 1 {
		b.linked = append(b.linked, linked{len(b.steps), p})
	}
	b.steps = append(b.steps, step)
}

// linked is a step about a file that has several names.
type linked struct {
	step int
	file *onDisk
}

// otherNames says of files with several names that the content stays under those that no step is about.
func (b *planning) otherNames() {
	for _, x := range b.linked {
		meant := map[string]bool{}
		for _, y := range b.linked {
			if x.file.owner.same(y.file.owner) {
				meant[y.file.path] = true
			}
		}
		if x.file.owner.links > uint64(len(meant)) {
			s := &b.steps[x.step]
			s.Residual = inventory.Clean(fmt.Sprintf("%s has %d names on this disk; the others keep the old content", x.file.shown, x.file.owner.links)) + revoke.Also + s.Residual
		}
	}
}

// byHand adds what a person must do.
func (b *planning) byHand(f draft, path string, pointers []string, why string) {
	at := path
	if len(pointers) > 0 && pointers[0] != "" {
		at += " at " + strings.Join(pointers, ", ")
	}
	b.manual(f, fmt.Sprintf("by hand: %s (%s)", f.summary, at), why)
}

func (b *planning) manual(f draft, summary, why string) {
	s := revoke.Step{
		Source: Kind, Action: revoke.ActionManual, Layer: f.layer, Target: f.target, TargetName: inventory.Clean(f.name), Summary: inventory.Clean(summary),
		Effect: inventory.Clean(why), Promises: revoke.Unproven, Residual: inventory.Clean(strings.Join(f.residual, revoke.Also)),
		Unended: inventory.Clean(f.unended), Ends: f.ends, Ties: f.ties, Git: f.git,
	}
	s.ID = sumOf([]byte(strings.Join([]string{s.Action, string(f.target), summary}, "\x00")))[:16]
	for _, have := range b.steps {
		if have.ID == s.ID {
			return
		}
	}
	b.steps = append(b.steps, s)
}

// unreadable adds a note about a file that cannot be changed from here; a file that is gone needs none.
func (b *planning) unreadable(f draft, path string, pointers []string, err error) {
	if errors.Is(err, errNoFile) {
		return
	}
	b.byHand(f, path, pointers, "nhitop leaves this file alone: "+err.Error())
}

// outlives is that a credential lives on, and when it ends by itself, as far as it says so or all of its kind do.
func (b *planning) outlives(s *inventory.Secret) (text string, ends []revoke.Ending) {
	e := revoke.Ending{What: inventory.Clean(secretName(s) + ": " + b.issuer(s))}
	switch k := b.kind(s.Kind); {
	case s.Expires.After(b.o.Now()):
		e.Until = s.Expires.UTC()
	case s.Expires.IsZero() && k != nil && k.Lifetime() > 0:
		e.Within = k.Lifetime() // it was made before
	default:
		return e.What, nil
	}
	return e.What, []revoke.Ending{e}
}

// issuer says that a credential outlives the removal of a copy, and where it is ended.
func (b *planning) issuer(s *inventory.Secret) string {
	name := s.Kind
	if k := b.kind(s.Kind); k != nil {
		if k.Name != "" {
			name = k.Name
		}
		if k.Revoke != "" {
			return "the credential itself lives on until it is ended at its issuer: " + k.Revoke
		}
	}
	at := s.Issuer
	if at == "" {
		at = "its issuer"
	}
	return fmt.Sprintf("the credential itself (%s) lives on until it is revoked at %s", name, at)
}
