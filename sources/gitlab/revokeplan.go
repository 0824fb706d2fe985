package gitlab

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// planning gathers the steps for one target.
type planning struct {
	*Source
	ctx   context.Context
	snap  *inventory.Snapshot
	want  string // action; "" or all: what fits
	admin *bool
	steps []revoke.Step
}

// Plan implements revoke.Revoker. A target that this GitLab knows nothing of gives no steps.
func (s *Source) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil {
		return nil, nil
	}
	b := &planning{Source: s, ctx: ctx, snap: snap, want: t.Action}
	var err error
	switch {
	case snap.Secret(t.ID) != nil:
		err = b.secret(snap.Secret(t.ID))
	case snap.Assistant(t.ID) != nil:
		err = b.assistant(snap.Assistant(t.ID))
	}
	return b.steps, errors.Join(err, ctx.Err())
}

// wants reports whether a step of this kind was asked for.
func (b *planning) wants(action string) bool {
	return b.want == "" || b.want == revoke.ActionAll || b.want == action
}

// secret plans the end of a credential at this provider: of each object that it is, the first that can be seen; a deploy
// key is one object in each project.
func (b *planning) secret(x *inventory.Secret) error {
	var done bool
	var errs []error
	for _, path := range b.paths(x) {
		k := kindOf(path)
		if k.token && done {
			continue // one token in several lists
		}
		ok, err := b.object(x, path, k)
		done = done || ok
		errs = append(errs, err)
	}
	b.copies(x)
	return errors.Join(errs...)
}

// paths are the objects of a secret here, those first by which most may revoke.
func (b *planning) paths(x *inventory.Secret) []string {
	var out []string
	for _, l := range x.Locations {
		if p := b.below(l.Path); p != "" && kindOf(p) != nil && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, c string) int {
		return strings.Count(c, "/") - strings.Count(a, "/") // that of a group or project before that of the instance
	})
	return out
}

// object plans what contains an object and what ends it. It is looked at first: what this credential may not see, a person
// must do.
func (b *planning) object(x *inventory.Secret, path string, k *objectKind) (bool, error) {
	st, err := b.stand(b.ctx, path)
	switch {
	case errors.Is(err, errGone), httpx.Status(err) == http.StatusUnauthorized, httpx.Status(err) == http.StatusForbidden:
		if k.token && len(b.paths(x)) > 1 && path != b.paths(x)[len(b.paths(x))-1] {
			return false, nil // another list may show it
		}
		b.byHand(x, path, k, err)
		return true, nil
	case httpx.Status(err) == http.StatusConflict: // a variable of several environments: GitLab does not tell which
		b.byHand(x, path, k, err)
		return true, nil
	case err != nil:
		return false, err
	case st.Revoked:
		return true, nil // it is
	}
	name := secretName(x, st)
	var first []string
	if c := changes[k.contain]; c != nil && b.wants(c.action) {
		if id := b.change(x.ID, name, path, k.contain, c, st); id != "" {
			first = append(first, id)
		}
	}
	if b.wants(k.action) {
		b.end(x, name, path, k, st, first)
	}
	return true, nil
}

func secretName(x *inventory.Secret, st *standing) string {
	if n := st.called(); n != "" {
		return x.Kind + " " + n
	}
	return x.Kind
}

// end adds the step that ends an object for good.
func (b *planning) end(x *inventory.Secret, name, path string, k *objectKind, st *standing, behind []string) {
	step := revoke.Step{
		Source: b.name, Action: k.action, Layer: k.layer, Target: x.ID, TargetName: inventory.Clean(name),
		Summary: fmt.Sprintf("%s the %s %q at %s", k.action, k.name, st.called(), b.host()), Request: "DELETE " + b.http.URL(path),
		Effect: cmp.Or(k.effect, "GitLab refuses it from now on") + "; this cannot be taken back", Breaks: b.breaks(x), Residual: k.residual,
		Horizon: horizon, Promises: revoke.Attested, Behind: behind, Params: map[string]string{paramPath: path, paramName: st.called()},
	}
	if k.token {
		step.Tells = mailsOwner
	}
	b.add(step)
}

// change adds a step that can be taken back, unless things stand so already. It returns the step's id.
func (b *planning) change(target inventory.ID, name, path, key string, c *change, st *standing) string {
	was, done := c.now(st)
	if done || was == "" {
		return ""
	}
	step := revoke.Step{
		Source: b.name, Action: c.action, Layer: c.layer, Target: target, TargetName: inventory.Clean(name),
		Summary: fmt.Sprintf(c.does, fmt.Sprintf("%q", st.called())) + " at " + b.host(), Request: c.method + " " + b.http.URL(path+c.rest) + shown(c.body),
		Effect: c.effect, Residual: c.residual, Reversible: true, Horizon: horizon, Promises: revoke.Attested,
		Params: map[string]string{paramPath: path, paramWhat: key, paramWas: was, paramName: st.called()},
	}
	return b.add(step)
}

func shown(body map[string]any) string {
	for k, v := range body {
		return fmt.Sprintf(" {%q: %v}", k, v)
	}
	return ""
}

func (b *planning) add(step revoke.Step) string {
	step.Summary, step.Effect, step.Residual = inventory.Clean(step.Summary), inventory.Clean(step.Effect), inventory.Clean(step.Residual)
	step.Ends, step.Ties = revoke.Endings(step.Residual, endings), revoke.Ties(step.Residual, step.Target, stored, stillReads, itsToken)
	h := sha256.Sum256([]byte(strings.Join([]string{step.Source, step.Action, step.Params[paramPath], step.Params[paramWhat], step.Params[paramWas], step.Params[paramJob] + step.Params[paramFile]}, "\x00")))
	step.ID = hex.EncodeToString(h[:8])
	if !slices.ContainsFunc(b.steps, func(x revoke.Step) bool { return x.ID == step.ID }) {
		b.steps = append(b.steps, step)
	}
	return step.ID
}

// breaks names who stops working.
func (b *planning) breaks(x *inventory.Secret) string {
	var out []string
	for _, id := range x.Assistants {
		if a := b.snap.Assistant(id); a != nil {
			out = append(out, a.Name+" stops working with it")
		}
	}
	if !x.LastUsed.IsZero() {
		out = append(out, "it was used last on "+x.LastUsed.UTC().Format("2006-01-02"))
	}
	return inventory.Clean(strings.Join(out, revoke.Also))
}

var placeNumber = regexp.MustCompile(`^/(groups|projects)/(\d+)/`)

// byHand adds what a person must do, because the credential to revoke with may not. It is seen done by reading back.
func (b *planning) byHand(x *inventory.Secret, path string, k *objectKind, why error) {
	page := k.page
	if m := placeNumber.FindStringSubmatch(path); m != nil && strings.Contains(page, "%s") {
		at := &standing{}
		if _, err := b.http.Do(b.ctx, httpx.Request{Path: "/" + m[1] + "/" + m[2], Into: at}); err != nil {
			page = "/" + m[1]
		} else {
			page = fmt.Sprintf(page, orText(at.FullPath, at.Path))
		}
	}
	words := fmt.Sprintf("by hand: end the %s of %s: as its owner or an administrator on %s", k.name, b.host(), strings.TrimRight(b.opt.URL, "/")+page)
	reason := "the token to revoke with may not see it"
	switch {
	case httpx.Status(why) == http.StatusConflict:
		reason = "there are several of that name, for different environments"
	case !errors.Is(why, errGone):
		reason += " (" + clean(why) + ")"
	}
	b.add(revoke.Step{
		Source: b.name, Action: revoke.ActionManual, Layer: k.layer, Target: x.ID, TargetName: inventory.Clean(x.Kind), Summary: words, Effect: reason,
		Breaks: b.breaks(x), Residual: k.residual, Promises: revoke.Attested, Params: map[string]string{paramPath: path},
	})
}
