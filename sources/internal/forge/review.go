package forge

import (
	"fmt"
	"slices"

	"nhitop/inventory"
)

// review is what a rule demands of others before the actor's own pull request may be merged.
func (q question) review(r *Rule) verdict {
	v := pass()
	if r.PullRequest && r.Approvals == 0 && !r.CodeOwners {
		v = pass(r.Name + " demands a pull request, and no approval")
	}
	if r.Approvals > 0 {
		v = v.and(q.approvals(r))
	}
	if r.CodeOwners {
		v = v.and(q.owners(r))
	}
	return v
}

func (q question) approvals(r *Rule) verdict {
	needs := fmt.Sprintf("%s demands %d approval%s of others", r.Name, r.Approvals, plural(r.Approvals))
	if r.AuthorMay {
		if r.Approvals == 1 {
			return pass(r.Name+" demands 1 approval", "an author's own approval counts")
		}
		return ask(needs, "an author's own approval counts, and is not enough")
	}
	words := []string{needs, "an author's own approval does not count"}
	if !r.Dismiss && !r.LastPush {
		words = append(words, "an approval holds although it pushes again")
	}
	if q.r.AutoMerge == inventory.Yes {
		words = append(words, "then it merges by itself (auto-merge)")
	}
	v := ask(words...)
	if r.Approvals == 1 && !r.CodeOwners {
		if by, ok := q.pipelineApproves(r); ok {
			v = by.or(v)
		}
	}
	return v
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// pipelineApproves is the way around one approval by a pipeline that the actor writes itself: its token is another
// account. A job cannot go it: its own token has opened the pull request.
func (q question) pipelineApproves(r *Rule) (verdict, bool) {
	if q.a.Kind == Job || q.r.RunsApprove == inventory.No {
		return verdict{}, false
	}
	edit, ok := q.editWorkflow()
	if !ok || edit.gate != open {
		return verdict{}, false
	}
	return edit.and(q.pipelines()).and(q.runsMay("approve")).and(pass("a workflow that it writes gives the approval that " + r.Name + " demands")), true
}

func (q question) owners(r *Rule) verdict {
	switch q.r.OwnersCover {
	case inventory.Yes:
		return ask(r.Name + " demands the approval of an owner of the code")
	case inventory.No:
		if r.Approvals > 0 {
			return pass() // the approvals are asked for in any case
		}
		return pass(r.Name+" demands the approval of an owner of the code", "files without an owner need none")
	}
	return maybe(r.Name+" demands the approval of an owner of the code", "whether every file has one could not be read")
}

// bypassReview holds only where a review is demanded: what a person must approve there, it gets in without.
func (q question) bypassReview() (verdict, bool) {
	code, ok := q.writes(Contents, Write)
	if !ok {
		return code, false
	}
	var v verdict
	found := false
	for _, b := range q.guarded() {
		if !demandsReview(b) {
			continue
		}
		w := q.into(b).at(b.Name)
		if w.gate == asks {
			w.gate, w.certain = blocked, true
		}
		if !found {
			v, found = w, true
			continue
		}
		v = v.or(w)
	}
	return v, found
}

func demandsReview(b *Branch) bool {
	return b.Unknown != "" || slices.ContainsFunc(b.Rules, func(r Rule) bool {
		return r.Enforced != inventory.No && (r.Approvals > 0 || r.CodeOwners)
	})
}

// approvePR is an approval that counts. Nobody approves what is their own, except where a rule lets authors.
func (q question) approvePR() (verdict, bool) {
	v, ok := q.writes(PullRequests, Write)
	if !ok || q.a.Kind == DeployKey {
		return verdict{}, false
	}
	if code, also := q.writes(Contents, Write); also {
		v = code.and(v)
	} else {
		v = v.and(maybe("whether an approval without write access to the code counts is not known"))
	}
	if q.a.Kind == Job {
		v = v.and(q.runsMay("approve"))
	}
	v = v.and(pass("approves what others have opened"))
	for _, b := range q.guarded() {
		if !b.Default {
			continue
		}
		if b.Unknown != "" {
			v = v.and(maybe("the rules of " + b.Name + " could not be read: " + b.Unknown))
		}
		for i := range b.Rules {
			v = v.and(q.enough(&b.Rules[i]))
		}
	}
	return v, true
}

func (q question) counts(r *Rule) inventory.Answer {
	is, _ := q.a.names(r.Approvers)
	return is
}

// enough is whether the actor's approval is all that a rule asks for.
func (q question) enough(r *Rule) verdict {
	switch {
	case r.Enforced == inventory.No:
		return pass()
	case r.Approvals > 0 && r.Approvers != nil && q.counts(r) != inventory.Yes:
		if q.counts(r) == inventory.Unknown {
			return maybe("whether " + r.Name + " counts its approval is not known")
		}
		return stop(r.Name + " does not count its approval")
	case r.CodeOwners && q.r.OwnersCover != inventory.No && q.a.CodeOwner != inventory.Yes:
		words := r.Name + " demands an owner of the code as well"
		if q.a.CodeOwner != inventory.No || q.r.OwnersCover != inventory.Yes {
			return maybe(words, "whether that is another than this one is not known")
		}
		return ask(words)
	case r.Approvals > 1:
		return ask(fmt.Sprintf("%s demands %d approvals, and it gives one", r.Name, r.Approvals))
	}
	return pass()
}
