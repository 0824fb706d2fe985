package gitlab

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// actor is one credential with what it is known to reach.
type actor struct {
	key    string // of its kind and id: one credential is one actor, however many lists show it
	name   string // begins every path
	kind   forge.Kind
	secret inventory.Secret
	scopes []string
	user   int          // the account that it acts as; 0: none
	fixed  place        // an access token's own place, with level; none: by the account's memberships
	level  int          // on fixed
	admin  bool         // an administrator's: everything
	keys   map[int]bool // a deploy key: projects that it opens, true where it may push
	owners []inventory.ID
	holder *assistant
	self   bool // nhitop's own
	tally  forge.Tally
}

// assistant is an account, token or key that names say is an assistant's.
type assistant struct {
	rec  inventory.Assistant
	caps map[inventory.Capability]inventory.Answer
}

// add takes a credential in, or puts what another list says of it to what is known, and returns what is known now.
func (c *collection) add(a *actor) *actor {
	if have := c.byKey[a.key]; have != nil {
		for _, l := range a.secret.Locations {
			if !slices.ContainsFunc(have.secret.Locations, func(x inventory.Location) bool { return x.Path == l.Path }) {
				have.secret.Locations = append(have.secret.Locations, l)
			}
		}
		if have.fixed == (place{}) && a.fixed != (place{}) { // a list that tells its place and role, after one that does not
			have.fixed, have.level = a.fixed, a.level
			have.secret.Note, have.name = a.secret.Note, a.name
		}
		return have
	}
	a.secret.ID = inventory.NewID(inventory.NounSecret, Kind, c.s.host(), a.key)
	a.secret.Issuer = cmp.Or(a.secret.Issuer, Kind)
	a.secret.Storage, a.secret.Exposure = inventory.StorageProvider, inventory.ExposureNone
	c.byKey[a.key] = a
	c.actors = append(c.actors, a)
	return a
}

// at is where a credential stands at the provider; by this address it is found again when it is to be revoked.
func (c *collection) at(path string, note string) inventory.Location {
	return inventory.Location{Path: c.s.http.URL(path), Scope: inventory.ScopeProvider, Note: note}
}

func (c *collection) evidence(path, note string) inventory.Evidence {
	return inventory.Evidence{Path: c.s.http.URL(path), Note: note}
}

// hold makes an assistant of an account, token or key, if its names say so, and returns it.
func (c *collection) hold(account string, key string, status string, at string, names ...string) *assistant {
	kind, how := c.s.known.Kind(names...)
	if kind == "" {
		return nil
	}
	if a := c.byAccount[key]; a != nil {
		if e := c.evidence(at, how); !slices.Contains(a.rec.Evidence, e) && len(a.rec.Evidence) < mostEvidence {
			a.rec.Evidence = append(a.rec.Evidence, e)
		}
		return a
	}
	product, vendor := c.s.known.Product(kind)
	shown := names[0]
	for _, n := range names {
		if strings.TrimSpace(n) != "" {
			shown = n
			break
		}
	}
	if product != "" {
		product += " as "
	}
	a := &assistant{caps: map[inventory.Capability]inventory.Answer{}}
	a.rec = inventory.Assistant{
		ID: inventory.NewID(inventory.NounAssistant, Kind, c.s.host(), key), Kind: kind, Vendor: vendor,
		Name: product + shown + " at " + c.s.host(), Scope: "forge", Class: inventory.ClassUnknown,
		Autonomy: inventory.AutonomyUnknown, AutonomyReason: "GitLab does not show how it is run", Sandbox: inventory.SandboxUnknown,
		Account: account, Status: cmp.Or(status, "unknown"), Evidence: []inventory.Evidence{c.evidence(at, how)},
	}
	c.byAccount[key] = a
	c.assistants = append(c.assistants, a)
	return a
}

// where says of an assistant which group or project of the server it was made for.
func (c *collection) where(a *assistant, p place) {
	if a != nil && a.rec.Path == "" && (p.group != nil || p.project != nil) {
		a.rec.Path = c.s.host() + "/" + p.String()
	}
}

// mostEvidence bounds the places that are named for one assistant.
const mostEvidence = 20

// levelOn is the role that a credential acts with on a project; 0: none.
func (c *collection) levelOn(a *actor, p *project) int {
	switch {
	case a.admin:
		return owner
	case a.kind == triggerKind:
		if a.fixed.project.ID != p.ID {
			return 0
		}
		return max(c.levels.ofProject(a.user, p), guest) // its pipelines run as who made it
	case a.fixed.project != nil:
		if a.fixed.project.ID == p.ID {
			return a.level
		}
		return 0
	case a.fixed.group != nil:
		if c.levels.within(p.Namespace.ID, a.fixed.group.ID) {
			return a.level
		}
		return 0
	case a.user != 0:
		return c.levels.ofProject(a.user, p)
	}
	return 0
}

// forProject is a credential as an actor on one project, and whether it has anything to do there.
func (c *collection) forProject(a *actor, p *project) (forge.Actor, bool) {
	f := forge.Actor{Kind: a.kind, Name: "\x00", RepoAdminRole: inventory.No, CodeOwner: inventory.Unknown}
	if a.kind == forge.DeployKey {
		push, ok := a.keys[p.ID]
		if !ok {
			return f, false
		}
		f.Grants = []forge.Grant{{Scope: forge.Contents, Access: forge.Read, Words: "read", Certain: true}}
		if push {
			f.Grants = []forge.Grant{{Scope: forge.Contents, Access: forge.Write, Words: "may push", Certain: true}, {Scope: forge.Workflows, Access: forge.Write, Words: "may push", Certain: true}}
		}
		f.As = []forge.Principal{{Kind: forge.ByDeployKey, ID: strconv.Itoa(a.secretNumber())}}
		return f, true
	}
	level := c.levelOn(a, p)
	hidden := a.user != 0 && (a.fixed == (place{}) || a.kind == triggerKind) && !a.admin && level < owner && (p.membersUnread || c.levels.unknown(p.Namespace.ID))
	if level == 0 && !hidden {
		return f, false
	}
	if hidden {
		f.Unknown = "not all members of " + p.Path + " could be read"
		f.AsUnknown = []forge.PrincipalKind{forge.ByRole, forge.ByTeam}
	}
	if level >= maintainer {
		f.RepoAdminRole = inventory.Yes
	}
	f.Grants = grants(a.scopes, level)
	if a.kind == triggerKind {
		f.Kind, f.Grants = forge.Bot, []forge.Grant{{Scope: forge.Runs, Access: forge.Write, Words: "starts pipelines", Certain: true}}
	}
	as := level
	if a.admin {
		as = admins
	}
	f.As = principals(as, p.rules.named(a.user), c.teamsOf(a, p))
	return f, true
}

// triggerKind marks a trigger token, which starts pipelines and does nothing else.
const triggerKind forge.Kind = "trigger"

// secretNumber is the provider's number of the credential.
func (a *actor) secretNumber() int {
	_, n, _ := strings.Cut(a.key, "/")
	id, _ := strconv.Atoi(n)
	return id
}

// teamsOf are the groups that the rules of a project name and the account is in.
func (c *collection) teamsOf(a *actor, p *project) []int {
	var out []int
	for _, g := range p.rules.teams {
		if a.user != 0 && c.levels.on(a.user, g) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// judge works out what every credential may do on a project. Credentials that are alike there are judged once.
func (c *collection) judge(p *project, repo forge.Repo) {
	memo := map[string][]forge.Right{}
	for _, a := range c.actors {
		f, ok := c.forProject(a, p)
		if !ok {
			continue
		}
		key := string(a.kind) + "|" + f.Unknown + "|" + string(f.RepoAdminRole) + "|" + principalsKey(f.As)
		for _, g := range f.Grants {
			key += "|" + g.Words + string(g.Scope) + strconv.Itoa(int(g.Access))
		}
		rights, known := memo[key]
		if !known {
			rights = forge.Effective(f, repo)
			memo[key] = rights
		}
		a.tally.Add(p.Path, rights)
	}
}
