package gitlab

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

var (
	servicePath = regexp.MustCompile(`^(/(groups|projects)/\d+)/service_accounts/(\d+)(?:/|$)`)
	userOnly    = regexp.MustCompile(`^/users/\d+$`)
	groupOnly   = regexp.MustCompile(`^/groups/\d+$`)
)

// assistant plans to contain an assistant, and with revoke.ActionAll to end all that it holds here.
func (b *planning) assistant(a *inventory.Assistant) error {
	var errs []error
	var place, user string
	for _, e := range a.Evidence {
		p := b.below(e.Path)
		m := servicePath.FindStringSubmatch(p)
		switch {
		case groupOnly.MatchString(p) && a.Kind == duoKind:
			errs = append(errs, b.duo(a, p))
		case userOnly.MatchString(p):
			errs = append(errs, b.account(a, p))
		case m != nil && user == "":
			place, user = m[1], m[3]
			errs = append(errs, b.service(a, place, user))
		case a.Job != nil && strings.HasPrefix(e.Path, strings.TrimRight(b.opt.URL, "/")+"/") && strings.Contains(e.Path, "/-/blob/"):
			b.job(a, e)
		}
	}
	for _, id := range a.Secrets {
		if x := b.snap.Secret(id); b.want == revoke.ActionAll && x != nil && !x.Ambient && b.ctx.Err() == nil {
			errs = append(errs, b.secret(x))
		}
	}
	if user != "" {
		errs = append(errs, b.deleteService(a, place, user))
	}
	return errors.Join(errs...)
}

func (b *planning) duo(a *inventory.Assistant, path string) error {
	c := changes["duo-off"]
	if !b.wants(c.action) {
		return nil
	}
	st, err := b.stand(b.ctx, path)
	if err != nil {
		return b.unlessHidden(err)
	}
	b.change(a.ID, a.Name, path, "duo-off", c, st)
	return nil
}

// unlessHidden passes an error on that is not of this credential's rights: what it may not see, it cannot change.
func (b *planning) unlessHidden(err error) error {
	if err == nil {
		return nil
	}
	switch httpx.Status(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return nil
	}
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// mayBlock reports whether the credential to revoke with is an administrator's. An error is not taken for a no: that would
// quietly plan the weaker way.
func (b *planning) mayBlock() (bool, error) {
	if b.admin == nil {
		var me userShape
		_, err := b.http.Do(b.ctx, httpx.Request{Path: "/user", Into: &me, As: b.withRevoke()})
		if err := b.unlessHidden(err); err != nil {
			return false, err
		}
		b.admin = &me.IsAdmin
	}
	return *b.admin, nil
}

// service plans to block a service account, as an administrator, or else to lower its role where it was made.
func (b *planning) service(a *inventory.Assistant, place, user string) error {
	may, err := b.mayBlock()
	if err != nil {
		return err
	}
	if may && b.wants(revoke.ActionSuspend) {
		st, err := b.stand(b.ctx, "/users/"+user)
		if err != nil {
			return b.unlessHidden(err)
		}
		b.change(a.ID, a.Name, "/users/"+user, "block", changes["block"], st)
	} else if b.wants(revoke.ActionNarrow) {
		path := place + "/members/" + user
		st, err := b.stand(b.ctx, path)
		if err == nil && st.AccessLevel > guest {
			b.change(a.ID, a.Name, path, "narrow", changes["narrow"], st)
		} else if err := b.unlessHidden(err); err != nil {
			return err
		}
	}
	return nil
}

// account plans to block an account that is an assistant's and no service account, as an administrator.
func (b *planning) account(a *inventory.Assistant, path string) error {
	may, err := b.mayBlock()
	if err != nil || !may || !b.wants(revoke.ActionSuspend) {
		return err
	}
	st, err := b.stand(b.ctx, path)
	if err != nil {
		return b.unlessHidden(err)
	}
	b.change(a.ID, a.Name, path, "block", changes["block"], st)
	return nil
}

// deleteService plans to delete a service account, behind everything else that is planned for it.
func (b *planning) deleteService(a *inventory.Assistant, place, user string) error {
	if b.want != revoke.ActionAll && b.want != revoke.ActionUninstall {
		return nil
	}
	path := place + "/service_accounts/" + user
	st, err := b.stand(b.ctx, path)
	if err != nil {
		return b.unlessHidden(err)
	}
	var behind []string
	for _, s := range b.steps {
		behind = append(behind, s.ID)
	}
	k := kindOf(path)
	b.add(revoke.Step{
		Source: b.name, Action: k.action, Layer: k.layer, Target: a.ID, TargetName: inventory.Clean(a.Name), Summary: fmt.Sprintf("delete the service account %q at %s, with all its tokens", st.called(), b.host()),
		Request: "DELETE " + b.http.URL(path), Effect: "the account and every token of it end; this cannot be taken back", Residual: k.residual, Horizon: horizon, Promises: revoke.Attested, Behind: behind,
		Params: map[string]string{paramPath: path, paramName: st.called()},
	})
	return nil
}

// job adds the note that a pipeline is changed by a commit, which nhitop does not make. Whether it was is read back.
func (b *planning) job(a *inventory.Assistant, e inventory.Evidence) {
	project, file, ok := b.blobOf(e.Path)
	if !ok || !b.wants(revoke.ActionManual) {
		return
	}
	b.add(revoke.Step{
		Source: b.name, Action: revoke.ActionManual, Layer: revoke.LayerSetting, Target: a.ID, TargetName: inventory.Clean(a.Name),
		Summary: fmt.Sprintf("by hand: take job %q, which runs %s, out of %s", a.Job.Name, a.Kind, e.Path), Effect: "a pipeline is changed by a commit on the default branch; nhitop makes none",
		Residual: "branches that still have the job; schedules and triggers that start it there; the variables that it got", Promises: revoke.Attested,
		Params: map[string]string{paramPath: httpx.Path("/projects/%s", project), paramJob: a.Job.Name, paramKind: a.Kind, paramFile: file},
		Git:    &revoke.InGit{Clone: b.cloneOf(project), File: file, Says: fmt.Sprintf("Take job %s out of %s", a.Job.Name, file)},
	})
}

func (s *Source) cloneOf(project string) string {
	return strings.TrimRight(s.opt.URL, "/") + "/" + project + ".git"
}

// copies adds what a person does about the files of this GitLab that a secret stands in.
func (b *planning) copies(x *inventory.Secret) {
	if x.Storage != inventory.StoragePlaintext || !b.wants(revoke.ActionRemoveSecret) {
		return
	}
	for _, l := range x.Locations {
		project, file, ok := b.blobOf(l.Path)
		if !ok || l.Scope != inventory.ScopeRepo {
			continue
		}
		b.add(revoke.Step{
			Source: b.name, Action: revoke.ActionManual, Layer: revoke.LayerCopy, Target: x.ID, TargetName: inventory.Clean(x.Kind),
			Summary: fmt.Sprintf("by hand: take the %s out of %s (line %d), where it still stands there", x.Kind, l.Path, l.Line),
			Effect:  "a file of a repository is changed by a commit; nhitop makes none", Residual: "what was committed stays in the history, and in every clone and fork",
			Promises: revoke.Unproven, Params: map[string]string{paramPath: httpx.Path("/projects/%s", project), paramFile: file, paramWhat: copyInFile},
			Git: &revoke.InGit{Clone: b.cloneOf(project), File: file},
		})
	}
}

// copyInFile is the value of paramWhat of a step about a secret that stands in a file of a repository.
const copyInFile = "file"

// blobOf splits the address of a file of this GitLab.
func (s *Source) blobOf(address string) (project, file string, ok bool) {
	rest, ok := strings.CutPrefix(address, strings.TrimRight(s.opt.URL, "/")+"/")
	if !ok {
		return "", "", false
	}
	project, rest, ok = strings.Cut(rest, "/-/blob/")
	if !ok {
		return "", "", false
	}
	_, file, ok = strings.Cut(rest, "/") // behind the branch; one with a slash in its name is not told apart
	return project, file, ok
}
