package forge

import (
	"cmp"
	"slices"

	"nhitop/inventory"
)

// Right is one thing that an actor may do in a repository.
type Right struct {
	Capability inventory.Capability
	Gate       string // inventory.GateOpen, GateAsks, GateBlocked
	Level      string // read, write, admin
	Certain    bool   // false: something that decides it could not be read; the gate is then the widest that is possible
	Path       []string
}

// gate orders the gates: a lower one lets more through.
type gate uint8

const (
	open gate = iota
	asks
	blocked
)

var gateWords = [...]string{inventory.GateOpen, inventory.GateAsks, inventory.GateBlocked}

// verdict is whether a way leads through: the widest gate that is possible. One that is blocked is certain.
type verdict struct {
	gate    gate
	certain bool
	path    []string
}

func pass(words ...string) verdict  { return verdict{open, true, words} }
func ask(words ...string) verdict   { return verdict{asks, true, words} }
func stop(words ...string) verdict  { return verdict{blocked, true, words} }
func maybe(words ...string) verdict { return verdict{open, false, words} }

// and is the way that leads through both.
func (v verdict) and(w verdict) verdict {
	g := max(v.gate, w.gate)
	return verdict{g, g == blocked || v.certain && w.certain, join(v.path, w.path)}
}

// or is the better of two ways.
func (v verdict) or(w verdict) verdict {
	if rank(w.gate, w.certain) < rank(v.gate, v.certain) {
		return w
	}
	return v
}

// rank orders verdicts by what they let through: a way that is known to be open before one that may be.
func rank(g gate, certain bool) int {
	r := 2 * int(g)
	if !certain {
		r++
	}
	return r
}

// join appends what is not said yet.
func join(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// question is one actor in one repository.
type question struct {
	a *Actor
	r *Repo
}

// Effective returns what the actor may do in the repository, in the order of [inventory.Capabilities]. A capability that
// no grant bears on is not in the list. A right that a grant would give and a rule takes away is blocked, with the rule in
// its path.
func Effective(a Actor, r Repo) []Right {
	q := question{&a, &r}
	var out []Right
	for _, row := range capabilities {
		if v, ok := row.judge(q); ok {
			out = append(out, q.right(row, v))
		}
	}
	return out
}

func (q question) right(row row, v verdict) Right {
	rt := Right{Capability: row.capability, Level: row.level, Gate: gateWords[v.gate], Certain: v.certain, Path: []string{q.a.Name}}
	rt.Path = join(rt.Path, v.path)
	if last := ending[v.gate]; v.certain && row.person {
		rt.Path = join(rt.Path, []string{last})
	}
	return rt
}

var ending = [...]string{"no person is needed", "a person must agree", "nothing leads around it"}

type row struct {
	capability inventory.Capability
	level      string
	person     bool // the path ends in whether a person is needed
	judge      func(question) (verdict, bool)
}

// capabilities are what a code host grants, in the order in which capabilities are shown.
var capabilities = []row{
	{inventory.ReadSource, "read", false, question.readSource},
	{inventory.WriteSource, "write", false, question.writeSource},
	{inventory.OpenPR, "write", false, question.openPR},
	{inventory.ApprovePR, "write", true, question.approvePR},
	{inventory.MergeProtected, "write", true, question.mergeProtected},
	{inventory.BypassReview, "write", true, question.bypassReview},
	{inventory.EditWorkflow, "write", false, question.editWorkflow},
	{inventory.RunCI, "write", false, question.runCI},
	{inventory.DeployProd, "write", true, question.deployProd},
	{inventory.PublishPackage, "write", true, question.publishPackage},
	{inventory.ReadSecrets, "read", true, question.readSecrets},
	{inventory.WriteSecrets, "write", false, question.writeSecrets},
	{inventory.MintIdentity, "admin", false, question.mintIdentity},
	{inventory.AdminRepo, "admin", false, question.adminRepo},
	{inventory.AdminOrg, "admin", false, question.adminOrg},
}

// Capabilities are those that [Effective] knows of.
func Capabilities() []inventory.Capability {
	out := make([]inventory.Capability, len(capabilities))
	for i, c := range capabilities {
		out[i] = c.capability
	}
	return out
}

// grant finds the best grant of a scope, certain ones first.
func (q question) grant(s Scope, need Access) (verdict, bool) {
	var best *Grant
	for i := range q.a.Grants {
		if g := &q.a.Grants[i]; g.Scope == s && g.Access >= need && (best == nil || g.Certain && !best.Certain) {
			best = g
		}
	}
	switch {
	case best != nil:
		return verdict{open, best.Certain, []string{cmp.Or(best.Words, string(s)), "on " + q.r.Name}}, true
	case q.a.Unknown != "":
		return maybe("what it was granted is not known: " + q.a.Unknown), true
	}
	return verdict{}, false
}

// writes is a grant whose use changes something: an archived repository takes none.
func (q question) writes(s Scope, need Access) (verdict, bool) {
	v, ok := q.grant(s, need)
	if ok && q.r.Archived {
		v = v.and(stop("the repository is archived and takes no change"))
	}
	return v, ok
}

func (q question) readSource() (verdict, bool) {
	if v, ok := q.grant(Contents, Read); ok {
		return v, true
	}
	if q.r.Public && len(q.a.Grants) > 0 {
		return pass("on "+q.r.Name, "everybody may read it"), true
	}
	return verdict{}, false
}

func (q question) writeSource() (verdict, bool) {
	v, ok := q.writes(Contents, Write)
	if !ok {
		return v, false
	}
	for i := range q.r.Branches {
		if b := &q.r.Branches[i]; b.Name == "*" {
			return v.and(q.into(b)), true
		}
	}
	return v, true
}

func (q question) openPR() (verdict, bool) {
	pr, ok := q.writes(PullRequests, Write)
	code, also := q.writes(Contents, Write)
	if !ok || !also || q.a.Kind == DeployKey {
		return verdict{}, false
	}
	if q.a.Kind == Job { // one switch of the host lets a pipeline's token open and approve
		return code.and(pr).and(q.runsMay("open")), true
	}
	return code.and(pr), true
}

// runsMay is whether a pipeline's own token may open or approve pull requests.
func (q question) runsMay(what string) verdict {
	may := q.r.RunsApprove
	if what == "open" {
		may = cmp.Or(q.r.RunsOpen, may)
	}
	switch may {
	case inventory.Yes:
		return pass("pipelines may " + what + " pull requests")
	case inventory.No:
		return stop("pipelines may not " + what + " pull requests")
	}
	return maybe("whether pipelines may " + what + " pull requests could not be read")
}

func (q question) writeSecrets() (verdict, bool) { return q.writes(SecretStore, Write) }

func (q question) adminRepo() (verdict, bool) { return q.grant(RepoAdmin, Write) }

func (q question) adminOrg() (verdict, bool) { return q.grant(OrgAdmin, Write) }

// mintIdentity: who administers a repository adds deploy keys and collaborators, who manages members invites them.
func (q question) mintIdentity() (verdict, bool) {
	var v verdict
	found := false
	for _, way := range []struct {
		scope Scope
		what  string
	}{{OrgAdmin, "creates tokens and installs apps in the organisation"}, {Members, "invites members"}, {RepoAdmin, "adds deploy keys and collaborators"}} {
		w, ok := q.grant(way.scope, Write)
		if way.scope == RepoAdmin {
			w, ok = q.writes(way.scope, Write)
		}
		if !ok {
			continue
		}
		w = w.and(pass(way.what))
		if !found {
			v, found = w, true
			continue
		}
		v = v.or(w)
	}
	return v, found
}
