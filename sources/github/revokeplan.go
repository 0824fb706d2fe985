package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// planning gathers the steps for one target.
type planning struct {
	*Source
	h     *hands
	ctx   context.Context
	snap  *inventory.Snapshot
	want  string // action; "" or all: what fits
	seen  map[string]bool
	steps []revoke.Step
}

// organisation is the kind of the record that stands for all of it.
const organisation = "organisation"

// Plan implements revoke.Revoker: of a secret the objects that it is here, of an assistant its installation, seat, policy,
// workflow, membership, grants and keys. Each is looked at first; what this credential may not end is a step for a person.
func (s *Source) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil {
		return nil, nil
	}
	paths := s.paths(t, snap)
	logins := s.logins(t, snap)
	whole, files := s.isOrg(t, snap), s.files(t, snap)
	if len(paths) == 0 && len(logins) == 0 && len(files) == 0 && !whole {
		return nil, nil
	}
	h, err := s.hands()
	if err != nil {
		return nil, err
	}
	b := &planning{Source: s, h: h, ctx: ctx, snap: snap, want: t.Action, seen: map[string]bool{}}
	slices.SortStableFunc(paths, func(p, q held) int { return cmp.Compare(rank(p.path), rank(q.path)) })
	var errs []error
	for _, p := range paths {
		errs = append(errs, b.object(p.of, p.path))
	}
	for _, l := range files {
		b.copyIn(snap.Secret(t.ID), l)
	}
	for _, who := range logins {
		errs = append(errs, b.person(t.ID, who))
	}
	if whole {
		errs = append(errs, b.everybody(t.ID))
	}
	return b.steps, errors.Join(append(errs, ctx.Err())...)
}

// held is an object here, and the record that it is of: a secret that an assistant holds is that secret, whoever asks.
type held struct {
	path string
	of   inventory.ID
}

// paths are the objects of a target here. A workflow is an assistant's that runs in it; that a secret is named in one says
// nothing of it.
func (s *Source) paths(t revoke.Target, snap *inventory.Snapshot) []held {
	var paths []held
	add := func(of inventory.ID, address string, takes func(path string) bool) {
		p := s.below(address)
		if o, _ := objectOf(p); o != nil && s.own(p) && takes(p) && !slices.ContainsFunc(paths, func(h held) bool { return h.path == p }) {
			paths = append(paths, held{p, of})
		}
	}
	secret := func(id inventory.ID) {
		if x := snap.Secret(id); x != nil {
			for _, l := range x.Locations {
				add(id, l.Path, func(p string) bool { return !workflowPath.MatchString(p) })
			}
		}
	}
	switch t.ID.Noun() {
	case inventory.NounSecret:
		secret(t.ID)
	case inventory.NounAssistant:
		a := snap.Assistant(t.ID)
		if a == nil {
			return nil
		}
		for _, e := range a.Evidence {
			add(a.ID, e.Path, func(p string) bool {
				return (a.Job != nil || !workflowPath.MatchString(p)) && (t.Action != "" || len(a.Secrets) == 0 || !isMembership(p))
			})
		}
		for _, id := range a.Secrets {
			if t.Action == revoke.ActionAll {
				secret(id)
			}
		}
	case inventory.NounResource:
		if r := snap.Resource(t.ID); r != nil && r.Kind == "runner" {
			for _, e := range r.Evidence {
				add(t.ID, e.Path, func(string) bool { return true })
			}
		}
	}
	return paths
}

// isOrg reports whether a target is the record of the organisation itself.
func (s *Source) isOrg(t revoke.Target, snap *inventory.Snapshot) bool {
	r := snap.Resource(t.ID)
	return r != nil && r.Kind == organisation && slices.ContainsFunc(r.Evidence, func(e inventory.Evidence) bool {
		return strings.EqualFold(s.below(e.Path), httpx.Path("/orgs/%s", s.opt.Org))
	})
}

// logins are the accounts of a person who has credentials here.
func (s *Source) logins(t revoke.Target, snap *inventory.Snapshot) []string {
	var out []string
	if t.ID.Noun() != inventory.NounOwner {
		return nil
	}
	r := snap.Records()
	for i := range r.Secrets {
		x := &r.Secrets[i]
		if !slices.Contains(x.Owners, t.ID) || x.Account == "" || slices.Contains(out, x.Account) {
			continue
		}
		for _, l := range x.Locations {
			if o, m := objectOf(s.below(l.Path)); o != nil && o.person && s.own(m[0]) {
				out = append(out, x.Account)
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

// isMembership reports whether a path is that of an account in the organisation, which is taken out where that is asked for
// or where nothing less is known of it.
func isMembership(path string) bool {
	return strings.Contains(path, "/memberships/") || strings.Contains(path, "/outside_collaborators/")
}

// rank puts an account behind what it holds.
func rank(path string) int {
	if isMembership(path) {
		return 1
	}
	return 0
}

func (b *planning) wants(action string) bool {
	return b.want == "" || b.want == revoke.ActionAll || b.want == action
}

// object plans what contains an object and what ends it.
func (b *planning) object(target inventory.ID, path string) error {
	o, m := objectOf(path)
	x, err := o.read(b.ctx, b.Source, b.h, m)
	switch st := httpx.Status(err); {
	case errors.Is(err, errGone):
		return nil // it is not there any more: the next collection shows that
	case st == http.StatusUnauthorized, st == http.StatusForbidden, st == http.StatusNotFound:
		b.byHand(target, o, m, nil, "this credential may not see it ("+said(err)+")")
		return nil
	case err != nil:
		return err
	case x.ended && o.end == nil:
		return nil // a seat that ends with the month
	}
	var first []string
	for _, key := range o.contain {
		if id := b.change(target, key, m, x); id != "" {
			first = append(first, id)
		}
	}
	if o.end == nil {
		if len(first) == 0 && !contained(o, b.Source, x) && slices.ContainsFunc(o.contain, func(k string) bool { return b.wants(changes[k].action) }) {
			b.byHand(target, o, m, x, handReason(o, x))
		}
		return nil
	}
	if !b.wants(o.action) {
		return nil
	}
	if isMembership(path) { // the account's tokens end first: with the account they are out of sight
		first = nil
		for _, st := range b.steps {
			first = append(first, st.ID)
		}
	}
	r := o.end(b.Source, m, x)
	if r == nil {
		b.byHand(target, o, m, x, handReason(o, x))
		return nil
	}
	b.add(revoke.Step{
		Source: b.name, Action: o.action, Layer: o.layer, Target: target, TargetName: x.name, Summary: verb(o.action) + " the " + o.name + " " + quoted(x.name) + " at " + b.host,
		Request: r.words(b.opt.URL), Effect: o.effect + "; this cannot be taken back", Breaks: b.breaks(target, x), Residual: o.residual, Horizon: horizon,
		Promises: revoke.Attested, Behind: first, Tells: o.tells, Params: params(m[0], x),
	})
	return nil
}

func params(path string, x *readBack) map[string]string {
	p := map[string]string{paramPath: path, paramName: x.name}
	if x.who != "" {
		p[paramWho] = x.who
	}
	return p
}

func handReason(o *object, x *readBack) string {
	switch {
	case x.team:
		return "the seat comes with a team: take the person out of the team, or the team from Copilot"
	case strings.HasPrefix(o.name, "installation"):
		return "GitHub lets an organisation end an app of somebody else on the web alone, or through an app on its enterprise"
	}
	return "there is no call for it"
}

var verbs = map[string]string{revoke.ActionUninstall: "end", revoke.ActionDelete: "delete"}

func verb(action string) string { return verbs[action] }

// change adds a step that can be taken back, unless things stand so already. It returns the step's id.
func (b *planning) change(target inventory.ID, key string, m []string, x *readBack) string {
	c := changes[key]
	if !b.wants(c.action) || x.state == "" || c.done(b.Source, x.state) || !c.can(b.Source, b.h, x) {
		return ""
	}
	if _, ok := c.back(b.Source, m, x.state); !ok {
		return "" // it could not be taken back: it is no containment
	}
	r := c.there(b.Source, m)
	return b.add(revoke.Step{
		Source: b.name, Action: c.action, Layer: c.layer, Target: target, TargetName: x.name, Summary: fmt.Sprintf(c.does, quoted(x.name)) + " at " + b.host,
		Request: r.words(b.opt.URL), Effect: c.effect, Residual: c.residual, Breaks: b.breaks(target, x), Reversible: true, Horizon: horizon, Promises: revoke.Attested,
		Params: map[string]string{paramPath: m[0], paramWhat: key, paramWas: x.state, paramName: x.name},
	})
}

// byHand adds a step for a person, who finds the page by its address. It is looked at again by reading back.
func (b *planning) byHand(target inventory.ID, o *object, m []string, x *readBack, why string) {
	name := m[len(m)-1]
	if x != nil {
		name = x.name
	}
	page := o.hand(b.Source, m)
	b.add(revoke.Step{
		Source: b.name, Action: revoke.ActionManual, Layer: layerOf(o), Target: target, TargetName: name,
		Summary: "end the " + o.name + " " + quoted(name) + " on " + page, Request: "# " + why + "\n# open " + page, Effect: o.effect, Residual: o.residual,
		Promises: revoke.Attested, Params: map[string]string{paramPath: m[0], paramName: name},
	})
}

func layerOf(o *object) revoke.Layer {
	if o.layer == "" {
		return revoke.LayerPrincipal
	}
	return o.layer
}

func (b *planning) add(st revoke.Step) string {
	key := st.Action + " " + st.Params[paramPath] + " " + st.Params[paramWhat]
	if b.seen[key] {
		return ""
	}
	b.seen[key] = true
	st.Ends, st.Ties = b.ends(st), ties(st)
	st.ID = revoke.StepID(st)
	b.steps = append(b.steps, st)
	return st.ID
}

// breaks names who else works with what is taken away.
func (b *planning) breaks(target inventory.ID, x *readBack) string {
	var who []string
	for _, a := range b.snap.AssistantsOf(target) {
		n := a.Name
		if !a.LastUsed.IsZero() {
			n += ", last seen at work " + a.LastUsed.UTC().Format("2006-01-02")
		}
		who = append(who, n)
	}
	if a := b.snap.Assistant(target); a != nil {
		who = append(who, a.Name+" stops working in "+b.opt.Org)
	}
	if x.also != "" {
		who = append(who, x.also)
	}
	return strings.Join(who, revoke.Also)
}
