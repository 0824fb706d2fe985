package forge

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

// pipelines is whether pipelines run at all.
func (q question) pipelines() verdict {
	switch q.r.Pipelines {
	case inventory.Yes:
		return pass()
	case inventory.No:
		return stop("pipelines are switched off")
	}
	return maybe("whether pipelines are switched on could not be read")
}

// editWorkflow is a changed pipeline definition on some branch: pipelines run from there. A host that tells definitions
// from other files wants a right of its own for it.
func (q question) editWorkflow() (verdict, bool) {
	code, ok := q.writes(Contents, Write)
	if !ok {
		return code, false
	}
	flow, also := q.writes(Workflows, Write)
	if !also {
		return code.and(stop("a pipeline definition is not changed without a right of its own (workflows)")), true
	}
	v := code.and(flow)
	for i := range q.r.Branches {
		b := &q.r.Branches[i]
		if b.Name == "*" {
			v = v.and(q.all(b, false, keepsFiles)).and(q.into(b))
		}
	}
	return v, true
}

// keepsFiles is what a rule says to a push that changes a pipeline definition.
func keepsFiles(r *Rule) verdict {
	for _, p := range r.Files {
		if strings.HasPrefix(p, "**") || strings.HasPrefix(p, ".github/") || strings.HasPrefix(p, ".gitlab-ci") || strings.HasPrefix(p, ".gitea/") || strings.HasPrefix(p, ".forgejo/") {
			return stop(r.Name + " keeps " + p + " from being changed by a push")
		}
	}
	return pass()
}

// runs is whether a pipeline that the actor starts runs without being let by a person. The host starts none for what a
// pipeline's own token does.
func (q question) runs() verdict {
	if q.a.Kind == Job {
		return stop("what a pipeline's own token does starts no pipeline")
	}
	switch q.a.AsksForRuns {
	case inventory.Yes:
		return q.pipelines().and(ask("a person lets its pipelines run"))
	case inventory.Unknown:
		return q.pipelines().and(maybe("whether a person must let its pipelines run could not be read"))
	}
	return q.pipelines()
}

func (q question) runCI() (verdict, bool) {
	v, found := q.starts(func(*Workflow) bool { return true })
	if edit, ok := q.editWorkflow(); ok && edit.gate == open {
		v, found = either(v, found, edit.and(q.runs()).and(pass("a workflow that it writes runs when it is pushed")))
	}
	return v, found
}

func either(v verdict, found bool, w verdict) (verdict, bool) {
	if !found {
		return w, true
	}
	return v.or(w), true
}

// byHand are triggers that a call of the API sets off.
var byHand = []string{"workflow_dispatch", "repository_dispatch", "web", "api", "trigger", "schedule"}

// starts is the best way to start one of the workflows that are wanted.
func (q question) starts(want func(*Workflow) bool) (verdict, bool) {
	v, found := verdict{}, false
	runs, mayRun := q.writes(Runs, Write)
	for i := range q.r.Workflows {
		w := &q.r.Workflows[i]
		if !want(w) {
			continue
		}
		if mayRun {
			by := runs.and(q.pipelines()).and(pass("may start workflow " + w.Name + " again"))
			if t := common(w.Triggers, byHand); t != "" {
				by = runs.and(q.pipelines()).and(pass("may start workflow " + w.Name + " (" + t + ")"))
			}
			v, found = either(v, found, by)
		}
		if by, ok := q.pushes(w); ok {
			v, found = either(v, found, by)
		}
	}
	if q.r.WorkflowsUnknown != "" {
		if mayRun {
			v, found = either(v, found, runs.and(maybe("its workflows could not be read: "+q.r.WorkflowsUnknown)))
		}
		if code, ok := q.writes(Contents, Write); ok && q.a.Kind != Job {
			v, found = either(v, found, code.and(maybe("its workflows could not be read: "+q.r.WorkflowsUnknown)))
		}
	}
	return v, found
}

func common(a, b []string) string {
	for _, s := range a {
		if slices.Contains(b, s) {
			return s
		}
	}
	return ""
}

// pulls are triggers of a pull request.
var pulls = []string{"pull_request", "pull_request_target", "merge_request_event"}

// pushes is whether the actor's own push or pull request starts the workflow.
func (q question) pushes(w *Workflow) (verdict, bool) {
	code, ok := q.writes(Contents, Write)
	if !ok {
		return verdict{}, false
	}
	v, found := verdict{}, false
	if slices.Contains(w.Triggers, "push") {
		if b := q.onlyInto(w.Branches); b != nil {
			v, found = q.lands(b).and(q.runs()).and(pass("the push starts workflow "+w.Name)), true
		} else {
			v, found = code.and(q.runs()).and(pass("a push starts workflow "+w.Name)), true
		}
	}
	if pr, may := q.openPR(); may && common(w.Triggers, pulls) != "" {
		v, found = either(v, found, pr.and(q.runs()).and(pass("a pull request starts workflow "+w.Name)))
	}
	return v, found
}

// onlyInto returns the guarded branch to which the patterns limit a push, or nil where they let a branch through that
// nothing guards.
func (q question) onlyInto(patterns []string) *Branch {
	var only *Branch
	for _, p := range patterns {
		b := q.branchOf(p)
		if b == nil {
			return nil // any other branch of that pattern is the actor's to make
		}
		if only == nil {
			only = b
		}
	}
	return only
}

// branchOf is the branch that a pattern without wildcards names, where it is guarded.
func (q question) branchOf(pattern string) *Branch {
	for _, b := range q.guarded() {
		if b.Name == pattern {
			return b
		}
	}
	return nil
}

// deployProd is the best way into an environment that is production.
func (q question) deployProd() (verdict, bool) {
	v, found := verdict{}, false
	for i := range q.r.Environments {
		e := &q.r.Environments[i]
		if !e.Production {
			continue
		}
		if by, ok := q.deploys(e); ok {
			v, found = either(v, found, by)
		}
	}
	if by, ok := q.starts(func(w *Workflow) bool { return w.Deploys && len(w.Environments) == 0 }); ok {
		v, found = either(v, found, by.and(pass("it deploys in no environment that a person could guard")))
	}
	if q.r.EnvUnknown != "" {
		if by, ok := q.runCI(); ok {
			v, found = either(v, found, by.and(maybe("its environments could not be read: "+q.r.EnvUnknown)))
		}
	}
	if d, ok := q.writes(Deployments, Write); ok && !found {
		v, found = d.and(maybe("reports deployments; what follows is decided elsewhere")), true
	}
	return v, found
}

// deploys is the best way into one environment: a workflow that is there, or one that the actor writes on a branch from
// which the environment may be deployed to.
func (q question) deploys(e *Environment) (verdict, bool) {
	v, found := q.starts(func(w *Workflow) bool { return slices.Contains(w.Environments, e.Name) })
	if edit, ok := q.editWorkflow(); ok && edit.gate == open {
		v, found = either(v, found, edit.and(q.runs()).and(q.from(e)).and(pass("a workflow that it writes deploys")))
	}
	if !found {
		return v, false
	}
	return v.and(q.keeps(e)), true
}

// from is whether the actor has a branch from which the environment may be deployed to.
func (q question) from(e *Environment) verdict {
	name := "environment " + e.Name
	into := func() verdict {
		bs := q.guarded()
		if len(bs) == 0 {
			return maybe("its branches could not be read")
		}
		return q.lands(bs[0])
	}
	switch e.Reach {
	case AnyBranch:
		return pass(name + " takes every branch")
	case ProtectedBranch:
		return into().and(pass(name + " takes protected branches only"))
	case NamedBranches:
		if b := q.onlyInto(e.Branches); b != nil {
			return q.lands(b).and(pass(name + " takes " + strings.Join(e.Branches, ", ") + " only"))
		}
		if len(e.Branches) == 0 {
			return stop(name + " takes no branch")
		}
		return q.loose(e)
	}
	return maybe("from which branches " + name + " may be deployed to could not be read")
}

// loose is a pattern with room for a branch that no rule guards.
func (q question) loose(e *Environment) verdict {
	for _, p := range e.Branches {
		if q.branchOf(p) != nil {
			continue
		}
		sample := strings.NewReplacer("**/*", "x", "**", "x", "*", "x", "?", "x").Replace(p)
		if !slices.ContainsFunc(q.guarded(), func(b *Branch) bool { return !b.Default && matches(b.Name, sample) && len(b.Rules) > 0 }) {
			return pass("environment " + e.Name + " takes " + p + ", and a branch of that name is not protected")
		}
	}
	return stop("environment " + e.Name + " takes protected branches only")
}

// adminPast is the way of an administrator past the reviewers of an environment.
func (q question) adminPast(e *Environment) (verdict, bool) {
	if e.AdminsFree == inventory.No || q.a.RepoAdminRole == inventory.No {
		return verdict{}, false
	}
	if e.AdminsFree == inventory.Yes && q.a.RepoAdminRole == inventory.Yes {
		return pass("administrators go past the reviewers of environment " + e.Name + ", and it acts as one"), true
	}
	return maybe("whether it may go past the reviewers of environment " + e.Name + " as an administrator is not known"), true
}

// keeps is who must agree before a job of the environment runs.
func (q question) keeps(e *Environment) verdict {
	name := "environment " + e.Name
	v := pass(name + " has no reviewers")
	switch {
	case e.Unknown != "":
		v = maybe("what protects " + name + " could not be read: " + e.Unknown)
	case e.Reviewers > 0:
		v = ask(fmt.Sprintf("%s has %d reviewer%s, one must approve", name, e.Reviewers, plural(e.Reviewers)))
		if past, ok := q.adminPast(e); ok {
			v = past
		}
	}
	if e.Deployers != nil {
		switch is, who := q.a.names(e.Deployers); is {
		case inventory.Yes:
			v = v.and(pass(name + " lets " + who + " deploy"))
		case inventory.No:
			v = v.and(stop(name + " does not let this one deploy"))
		default:
			v = v.and(maybe("whether " + name + " lets this one deploy is not known"))
		}
	}
	if e.Other != "" {
		v = v.and(pass(name + " also waits for " + e.Other))
	}
	return v
}
