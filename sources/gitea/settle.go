package gitea

import (
	"cmp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/cijob"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/people"
	"nhitop/sources/internal/pipeline"
)

// settle delivers what stands in one repository, and adds what everybody may do there to the rights of each.
func (c *collection) settle(f *repoFacts) error {
	for _, m := range f.lost {
		if err := c.lose(m); err != nil {
			return err
		}
	}
	if len(f.lost) == 0 {
		f.reads = []string{f.at("")} // one line says it all
	}
	for _, p := range f.reads {
		c.read(p)
	}
	if f.oldRunners {
		c.skip(f.at("/actions/runners"), inventory.LookedVersion, "this server does not tell the runners of a repository")
	}
	c.repos++
	for _, u := range f.collaborators {
		if _, err := c.found(u); err != nil {
			return err
		}
	}
	name := c.s.host + "/" + f.Full
	c.stored(f.at("/actions/secrets"), name, f.secrets)
	c.machines(f.at("/actions/runners"), name, f.runners)
	r := c.forgeRepo(f)
	if w := ruleWords(r.Branches[0]); w != "none" {
		c.guards[f.Full] = w
	}
	if err := c.pipelines(f, r); err != nil {
		return err
	}
	for _, k := range f.keys {
		c.key(f, k, r)
	}
	c.people(f, r)
	return nil
}

// forgeRepo brings the repository into the common form. Gitea 1.25 has no deployment environments, and a CODEOWNERS file
// asks for reviews without demanding them.
func (c *collection) forgeRepo(f *repoFacts) *forge.Repo {
	r := &forge.Repo{
		Name: f.Full, Host: "Gitea", Archived: f.Archived, Public: !f.Private, Pipelines: inventory.No, OwnersCover: inventory.No, AutoMerge: inventory.Unknown,
		// A pipeline's token is a user of its own that may open pull requests; its approval is none that counts, for it has no
		// access to the repository by itself (services/issues of 1.25).
		RunsOpen: inventory.Yes, RunsApprove: inventory.No,
		Branches: branchesOf(f.rules, f.Branch, why(f.noRules)), WorkflowsUnknown: why(f.noFlows),
	}
	if f.branch != nil && f.noRules == nil {
		me := ""
		if c.me != nil {
			me = c.me.Login
		}
		r.Branches = []forge.Branch{f.branch.told(me)}
	}
	if f.Actions {
		r.Pipelines = inventory.Yes
		r.Secrets = len(f.secrets)
		if o := c.orgs[key(f.Owner.Login)]; o != nil && o.secrets >= 0 {
			r.Secrets += o.secrets
		} else if r.Secrets == 0 {
			r.Secrets = -1 // the secrets of a user, and of an organisation that could not be read, are told to nobody here
		}
		if f.noSecrets != nil && r.Secrets == 0 {
			r.Secrets = -1
		}
	}
	return r
}

// why says in a few words why something could not be read; "" for no error.
func why(err error) string {
	if err == nil {
		return ""
	}
	_, reason := missed{err: err}.state()
	return inventory.Clean(reason)
}

// pipelines delivers the assistants that run in the repository's workflows, and gathers the workflows.
func (c *collection) pipelines(f *repoFacts, r *forge.Repo) error {
	old := c.before(1, 26)
	var owners []ownerRule
	var ownersAt string
	asked := false
	return cijob.Collect(c.ctx, cijob.Repo{
		Catalogue: c.s.cat, Sink: c.sink, Name: c.s.host + "/" + f.Full, Where: c.s.host + "/" + f.Full, Shown: c.api.URL(f.at("/raw")),
		Read: func(file string) ([]byte, error) {
			data, err := c.file(f, file)
			if err != nil {
				state, reason := missed{err: err}.state()
				return nil, &cijob.NotRead{State: state, Reason: reason}
			}
			return data, nil
		},
		Tracked: func(string) inventory.Answer { return inventory.Yes },
		Idle: func(file, _ string) string {
			if f.off[file] {
				return "the workflow is switched off at the server"
			}
			return ""
		},
		Owners: func(file string) []people.Person {
			if !asked {
				asked = true
				owners, ownersAt = c.codeOwners(f)
			}
			return c.ownersFor(f, owners, ownersAt, file)
		},
		Outlined: func(o pipeline.Outline) {
			if !o.CallOnly {
				r.Workflows = append(r.Workflows, forge.Workflow{
					Name: cmp.Or(o.Name, o.File), Triggers: o.Triggers, Branches: o.Branches, Publishes: o.Publishes, Deploys: o.Deploys || len(o.Environments) > 0,
				})
			}
		},
		Settle: func(j *pipeline.Job) { settleJob(j, old) },
		Rights: func(j *pipeline.Job, _ map[string]string, _ string) []forge.Right {
			return forge.Effective(jobActor(j, old), *r)
		},
	}, slices.DeleteFunc(slices.Clone(f.flows), func(n string) bool { return f.files[n] == nil }))
}

// codeOwners reads the first CODEOWNERS file that is there.
func (c *collection) codeOwners(f *repoFacts) ([]ownerRule, string) {
	for _, name := range ownersFiles {
		if data, err := c.file(f, name); err == nil {
			return parseOwners(string(data)), name
		}
	}
	return nil, ""
}

// ownersFor are those whom CODEOWNERS names for a file, as the accounts that they are.
func (c *collection) ownersFor(f *repoFacts, rules []ownerRule, at, file string) []people.Person {
	names, line := ownersOf(rules, file)
	var out []people.Person
	for _, n := range names {
		proof := inventory.Evidence{Path: c.api.URL(f.at("/raw/" + escape(at))), Line: line, Note: "owns " + file}
		p, ok := people.CodeOwner(n, proof)
		if a := c.accounts[key(strings.TrimPrefix(n, "@"))]; a != nil {
			if q, known := a.person(c.userURL(a.Login)); known {
				p, ok = q, true
				p.Says, p.Proof = "CODEOWNERS", proof
			}
		}
		if ok {
			out = append(out, p)
		}
	}
	return out
}

// key delivers a deploy key.
func (c *collection) key(f *repoFacts, k keyAnswer, r *forge.Repo) {
	print := cmp.Or(k.Fingerprint, f.Full+" "+itoa(k.ID))
	d := c.keys[print]
	if d == nil {
		d = &deployKey{title: k.Title, repo: f.Full}
		d.secret = inventory.Secret{
			ID: inventory.NewID(inventory.NounSecret, "deploy-key", c.s.host, print), Kind: "deploy-key", Issuer: Kind, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone,
			State: inventory.StateLive, LongLived: inventory.Yes, Created: k.Created, Note: "deploy key " + credential.Redact(k.Title),
		}
		if k.Fingerprint != "" {
			d.secret.Clues = []inventory.Clue{{By: inventory.ClueSSH, Text: k.Fingerprint}}
		}
		c.keys[print] = d
		c.order = append(c.order, print)
	}
	mode, level := "writes", forge.Write
	if k.ReadOnly {
		mode, level = "reads", forge.Read
	}
	d.secret.Scopes = add(d.secret.Scopes, mode)
	if !k.Created.IsZero() && k.Created.Before(d.secret.Created) {
		d.secret.Created = k.Created
	}
	d.secret.Locations = append(d.secret.Locations, inventory.Location{Path: c.api.URL(f.at("/keys/" + itoa(k.ID))), Scope: inventory.ScopeProvider, Note: mode + " " + f.Full})
	actor := forge.Actor{
		Kind: forge.DeployKey, Name: "deploy key " + credential.Redact(k.Title), As: []forge.Principal{{Kind: forge.ByDeployKey, ID: itoa(k.ID)}}, RepoAdminRole: inventory.No, CodeOwner: inventory.No,
		Grants: []forge.Grant{{Scope: forge.Contents, Access: level, Words: "the key " + mode, Certain: true}},
	}
	if !k.ReadOnly {
		actor.Grants = append(actor.Grants, forge.Grant{Scope: forge.Workflows, Access: level, Words: "the key " + mode, Certain: true})
	}
	d.tally.Add(f.Full, forge.Effective(actor, *r))
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// people adds what each account may do here to its rights.
func (c *collection) people(f *repoFacts, r *forge.Repo) {
	o := c.orgs[key(f.Owner.Login)]
	logins := append(o.membersAt(f.ID), key(f.Owner.Login))
	for _, u := range f.collaborators {
		logins = append(logins, key(u.Login))
	}
	if c.me != nil {
		logins = append(logins, key(c.me.Login))
	}
	logins = append(logins, c.admins...)
	slices.Sort(logins)
	for _, login := range slices.Compact(logins) {
		a := c.accounts[login]
		if a == nil || !a.holds() && a != c.me {
			continue
		}
		x, unknown := c.accessOf(a, f, o)
		for _, s := range a.sets(a == c.me) {
			actor := c.actorOf(a, a.Login, s, x, o, f)
			actor.Unknown = unknown
			a.tally(s.id()).Add(f.Full, forge.Effective(actor, *r))
		}
		if len(a.keys) > 0 {
			actor := c.actorOf(a, a.Login, nil, x, o, f)
			actor.Kind, actor.Unknown, actor.Grants = forge.DeployKey, unknown, overSSH(x)
			a.tally(byKey).Add(f.Full, forge.Effective(actor, *r))
		}
	}
}

// byKey is where the rights of an account's SSH keys are gathered.
const byKey = "ssh"

func (a *account) tally(of string) *forge.Tally {
	t := a.rights[of]
	if t == nil {
		t = &forge.Tally{}
		a.rights[of] = t
	}
	return t
}

// sets are the different scopes of an account's tokens; with none, or where itself asks for it, those of the account.
func (a *account) sets(itself bool) []scopes {
	var out []scopes
	if itself || len(a.tokens) == 0 {
		out = append(out, nil)
	}
	seen := map[string]bool{}
	for _, t := range a.tokens {
		if s := append(scopes{}, t.Scopes...); !seen[s.id()] {
			seen[s.id()] = true
			out = append(out, s)
		}
	}
	return out
}

// accessOf is what an account may do in a repository. unknown says why that could not be read.
func (c *collection) accessOf(a *account, f *repoFacts, o *org) (x access, unknown string) {
	switch {
	case a.Admin && a.told:
		x.grant("owner", a.Login+" is an administrator of the instance", true)
	case key(f.Owner.Login) == key(a.Login):
		x.grant("owner", a.Login+" owns it", true)
	}
	for _, t := range o.teamsOf(a.Login, f.ID) {
		x.ofTeam(o, t)
	}
	if l, ok := f.levels[key(a.Login)]; ok {
		x.grant(l, "collaborator ("+l+")", false)
	} else if slices.ContainsFunc(f.collaborators, func(u userAnswer) bool { return key(u.Login) == key(a.Login) }) && a != c.me {
		unknown = "it is a collaborator, and what it may do is not told to this credential"
	}
	if a == c.me && !c.admin {
		level := ""
		switch m := f.Mine; {
		case m.Admin:
			level = "admin"
		case m.Push:
			level = "write"
		case m.Pull && f.Private:
			level = "read"
		}
		x.grant(level, "the server says so ("+level+")", false)
	}
	return x, unknown
}
