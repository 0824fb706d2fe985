package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/handover"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/pipeline"
)

// Verify implements revoke.Revoker. With the token at hand it is tried; without, GitLab is asked how the object stands.
// Time-outs, 429, 5xx and a 403 that says nothing prove nothing. A rotation is never asked for to find out: of a revoked token
// it would end its successors.
func (s *Source) Verify(ctx context.Context, step revoke.Step, rec revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now()}
	switch what := step.Params[paramWhat]; {
	case what == heldSelf, what == heldAdmin:
		return s.verifyHeld(ctx, step, rec)
	case what == rotates, what == proves:
		s.verifyRotation(ctx, step, &p)
		handover.Told(&p, rec)
	case step.Params[paramJob] != "":
		s.verifyJob(ctx, step, &p)
	case what == copyInFile:
		p.Detail = "the file is not looked at here; the next collection shows what stands in it"
	case what != "":
		s.verifyChange(ctx, step, changes[what], &p)
	default:
		s.verifyEnd(ctx, step, &p)
	}
	return p, nil
}

func (s *Source) verifyEnd(ctx context.Context, step revoke.Step, p *revoke.Proof) {
	if h, ok := revoke.HeldFor(ctx, step.Target); ok {
		if got := s.probe(ctx, h.Value); got.sure() {
			p.Grade, p.Detail = got.grade(), got.detail
			return
		}
	}
	st, as, err := s.seen(ctx, step.Params[paramPath])
	switch {
	case errors.Is(err, errGone) && s.parentShown(ctx, step.Params[paramPath], as):
		p.Grade, p.Detail = revoke.Attested, "read back: GitLab shows it no more, and shows where it was"
	case errors.Is(err, errGone):
		p.Detail = "GitLab does not show it, nor where it was: this proves nothing"
	case err != nil:
		p.Detail = "it could not be read back: " + clean(err)
	case st.Revoked:
		p.Grade, p.Detail = revoke.Attested, "read back: GitLab says that it is revoked"
	default:
		p.Grade, p.Detail = revoke.Alive, "read back: GitLab says that it is not revoked"
	}
}

// parentShown is the control for "not found": the same credential still sees the place of the object. What is not below a
// group or project is shown to administrators only; to others a missing runner and one that they may not see differ.
func (s *Source) parentShown(ctx context.Context, path string, as httpx.Auth) bool {
	parent := path[:strings.LastIndexByte(path, '/')]
	switch parent {
	case "/runners", "/personal_access_tokens", "/users":
		var me userShape
		_, err := s.http.Do(ctx, httpx.Request{Path: "/user", Into: &me, As: as})
		return err == nil && (me.IsAdmin || parent == "/runners")
	}
	resp, err := s.http.Do(ctx, httpx.Request{Path: parent, As: as})
	return err == nil && resp.Status == http.StatusOK
}

func (s *Source) verifyChange(ctx context.Context, step revoke.Step, c *change, p *revoke.Proof) {
	if c == nil {
		p.Detail = "this step is not known"
		return
	}
	st, _, err := s.seen(ctx, step.Params[paramPath])
	if err != nil {
		p.Detail = "it could not be read back: " + clean(err)
		return
	}
	was, done := c.now(st)
	if !done {
		p.Grade, p.Detail = revoke.Alive, "read back: it is "+was
		return
	}
	p.Grade, p.Detail = revoke.Attested, "read back: it is "+was
	if h, ok := revoke.HeldFor(ctx, step.Target); ok && c == changes["block"] {
		if got := s.probe(ctx, h.Value); got.blocked {
			p.Detail += "; and its token is refused for that reason"
		} else if got.alive {
			p.Grade, p.Detail = revoke.Alive, got.detail
		}
	}
}

// VerifyUndo implements revoke.UndoVerifier.
func (s *Source) VerifyUndo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	p := revoke.Proof{Grade: revoke.Unproven, At: s.env.Now()}
	c := changes[step.Params[paramWhat]]
	if c == nil {
		p.Detail = "this step is not known"
		return p, nil
	}
	st, _, err := s.seen(ctx, step.Params[paramPath])
	if err != nil {
		p.Detail = "it could not be read back: " + clean(err)
		return p, nil
	}
	if was, _ := c.now(st); was == r.Undo[undoWas] {
		p.Grade, p.Detail = revoke.Attested, "read back: it is "+was+" again"
	} else {
		p.Detail = "read back: it is " + was
	}
	return p, nil
}

// verifyJob reads a pipeline again and looks whether the job still runs the assistant.
func (s *Source) verifyJob(ctx context.Context, step revoke.Step, p *revoke.Proof) {
	name, kind, file := step.Params[paramJob], step.Params[paramKind], step.Params[paramFile]
	var project projectShape
	if _, err := s.http.Get(ctx, step.Params[paramPath], nil, &project); err != nil {
		p.Detail = "it could not be read back: " + clean(err)
		return
	}
	read := func(file string) ([]byte, error) {
		var data []byte
		_, err := s.http.Get(ctx, projectPath(project.ID, httpx.Path("/repository/files/%s/raw", file)), map[string][]string{"ref": {project.DefaultBranch}}, &data)
		return data, err
	}
	data, err := read(file)
	switch {
	case httpx.Status(err) == http.StatusNotFound:
		p.Grade, p.Detail = revoke.Attested, "read back: the pipeline is gone from the default branch"
		return
	case err != nil:
		p.Detail = "it could not be read back: " + clean(err)
		return
	}
	jobs, _, err := pipeline.Read(pipeline.GitLab, file, data, read, s.cat)
	if err != nil {
		p.Detail = "the pipeline is not understood any more"
		return
	}
	for _, j := range jobs {
		if j.Name == name && j.Kind == kind {
			p.Grade, p.Detail = revoke.Alive, "read back: the job still runs it"
			return
		}
	}
	p.Grade, p.Detail = revoke.Attested, fmt.Sprintf("read back: no job %q of the default branch runs %s", name, kind)
}
