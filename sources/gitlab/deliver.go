package gitlab

import (
	"maps"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/self"
)

func sortedKeys[V any](m map[int]V) []int { return slices.Sorted(maps.Keys(m)) }

// deliver hands over credentials, what they may do, and the assistants that hold them.
func (c *collection) deliver() {
	for _, a := range c.actors {
		c.deliverActor(a)
	}
	c.deliverDuo()
	for _, a := range c.assistants {
		c.deliverAssistant(a)
	}
}

func (c *collection) deliverActor(a *actor) {
	if u := c.users[a.user]; u != nil && a.secret.Account == "" { // a later list has named it
		a.secret.Account = u.Username
	}
	worst := a.tally.Worst()
	for i := range worst {
		if len(worst[i].Path) > 0 {
			worst[i].Path[0] = a.name
		}
	}
	if a.self {
		c.deliverSelf(a, worst)
		return
	}
	x := a.secret
	x.Owners = a.owners
	if a.holder != nil {
		x.Assistants = []inventory.ID{a.holder.rec.ID}
		a.holder.rec.Secrets = union(a.holder.rec.Secrets, []inventory.ID{x.ID})
		a.holder.rec.Owners = union(a.holder.rec.Owners, a.owners)
		if a.secret.LastUsed.After(a.holder.rec.LastUsed) {
			a.holder.rec.LastUsed = a.secret.LastUsed
		}
	}
	c.sink.Secret(x, inventory.Value{})
	for _, w := range worst {
		c.entitle(a, w)
	}
	if strings.HasPrefix(a.key, "runner/") {
		c.entitleRunner(a)
	}
	if a.holder != nil {
		c.fill(a.holder, forge.Rights(worst))
	}
}

// fill puts what one credential may do into the matrix of its holder: the best of all that it holds.
func (c *collection) fill(h *assistant, rights []forge.Right) {
	for capability, answer := range forge.Matrix(rights, c.looks.bad == 0) {
		if rank[answer] > rank[h.caps[capability]] {
			h.caps[capability] = answer
		}
	}
}

var rank = map[inventory.Answer]int{"": 0, inventory.No: 1, inventory.Unknown: 2, inventory.Asks: 3, inventory.Yes: 4}

func (c *collection) entitle(a *actor, w forge.Worst) {
	holder := inventory.ID("")
	if a.holder != nil {
		holder = a.holder.rec.ID
	}
	res := c.repository(w.Repo)
	env := ""
	switch w.Capability {
	case inventory.AdminOrg:
		res = c.organisation(w.Repo)
	case inventory.DeployProd:
		env = "production"
	}
	c.sink.Entitlement(inventory.Entitlement{
		ID:        inventory.NewID(inventory.NounEntitlement, Kind, string(holder), string(a.secret.ID), string(w.Capability)),
		Assistant: holder, Via: string(a.secret.ID), Capability: w.Capability, Level: w.Level, Resource: res, Environment: env,
		Origin: c.origin(a), Gate: w.Gate, Certain: w.Certain, Expires: a.secret.Expires, LastUsed: a.secret.LastUsed, GrantedAt: a.secret.Created, Path: w.Path,
		Evidence: []inventory.Evidence{{Path: a.secret.Locations[0].Path, Note: a.name}},
	})
}

func (c *collection) origin(a *actor) string {
	if a.fixed != (place{}) || a.kind == forge.DeployKey {
		return inventory.OriginDirect
	}
	return "role"
}

// repository delivers a project as a resource, with what stands in the way to its default branch.
func (c *collection) repository(path string) inventory.ID {
	name := c.s.host() + "/" + path
	id := inventory.NewID(inventory.NounResource, "repository", name)
	if !c.fresh(id) {
		return id
	}
	r := inventory.Resource{ID: id, Kind: "repository", Name: name, Guardrails: map[string]string{}, Evidence: []inventory.Evidence{{Path: c.urls[path]}}}
	if g := c.guards[path]; g.branch != "" {
		r.Guardrails["default branch"] = g.branch
		r.Guardrails["visibility"] = g.visibility
	}
	c.sink.Resource(r)
	return id
}

// fresh reports whether a resource is delivered for the first time.
func (c *collection) fresh(id inventory.ID) bool {
	was := c.delivered[id]
	c.delivered[id] = true
	return !was
}

// organisation delivers the top group of a project as a resource.
func (c *collection) organisation(path string) inventory.ID {
	top, _, _ := strings.Cut(path, "/")
	name := c.s.host() + "/" + top
	id := inventory.NewID(inventory.NounResource, "organization", name)
	if !c.fresh(id) {
		return id
	}
	c.sink.Resource(inventory.Resource{ID: id, Kind: "organization", Name: name, Guardrails: map[string]string{}, Evidence: []inventory.Evidence{{Path: c.s.http.URL("/groups")}}})
	return id
}

// entitleRunner says what the token of a runner opens: the variables of the jobs that it gets.
func (c *collection) entitleRunner(a *actor) {
	r := c.runners[a.secretNumber()]
	if r == nil {
		return
	}
	where := inventory.Resource{Kind: "organization", Name: c.s.host(), Guardrails: map[string]string{}, Evidence: []inventory.Evidence{{Path: a.secret.Locations[0].Path}}}
	if len(r.Projects) > 0 {
		where.Kind, where.Name = "repository", c.s.host()+"/"+r.Projects[0].Path
	}
	where.ID = inventory.NewID(inventory.NounResource, where.Kind, where.Name)
	c.sink.Resource(where)
	words := []string{a.name, strings.TrimSuffix(r.Type, "_type") + " runner", "gets jobs with their variables and job tokens"}
	if r.Access == "ref_protected" {
		words = append(words, "of protected branches only")
	}
	holder := inventory.ID("")
	if a.holder != nil {
		holder = a.holder.rec.ID
	}
	gate := inventory.GateOpen
	if r.Paused {
		gate, words = inventory.GateBlocked, append(words, "it is paused and gets none")
	}
	c.sink.Entitlement(inventory.Entitlement{
		ID:        inventory.NewID(inventory.NounEntitlement, Kind, string(holder), string(a.secret.ID), string(inventory.ReadSecrets)),
		Assistant: holder, Via: string(a.secret.ID), Capability: inventory.ReadSecrets, Level: "read", Resource: where.ID, Origin: inventory.OriginDirect, Gate: gate, Certain: true,
		LastUsed: a.secret.LastUsed, Path: append(words, string(inventory.ReadSecrets)), Evidence: []inventory.Evidence{{Path: a.secret.Locations[0].Path, Note: a.name}},
	})
}

// deliverAssistant says what an assistant may do in the end, and what that makes it.
func (c *collection) deliverAssistant(a *assistant) {
	a.rec.Capabilities = a.caps
	can := inventory.Capability("")
	for _, x := range inventory.Capabilities() {
		if v := a.caps[x]; v == inventory.Yes || v == inventory.Asks {
			can = x
		}
	}
	switch {
	case can != "":
		a.rec.Class, a.rec.ClassReason = inventory.ClassNHI, "it can act: its credential opens "+string(can)
	case len(a.rec.Secrets) == 0:
		a.rec.ClassReason = "no credential of it is in sight"
	default:
		a.rec.ClassReason = "what its credential opens is not known"
	}
	c.sink.Assistant(a.rec)
}

// deliverSelf puts nhitop's own credential into the inventory.
func (c *collection) deliverSelf(a *actor, worst []forge.Worst) {
	use, ref, value := "reads", c.s.opt.Token, c.token
	if a.key == c.revokeKey {
		use, ref, value = "revokes", c.s.opt.RevokeToken, c.revokeValue
	} else if c.s.mayRevoke() && c.s.opt.RevokeToken.IsZero() {
		use = "reads and revokes"
	}
	x := self.Credential{Service: "GitLab", URL: c.s.http.URL(selfPath), Use: use, Ref: ref, Value: value, Secret: a.secret}
	x.Secret.ID, x.Secret.Owners = "", a.owners
	for _, w := range worst {
		res := c.repository(w.Repo)
		if w.Capability == inventory.AdminOrg {
			res = c.organisation(w.Repo)
		}
		x.Rights = append(x.Rights, self.Right{Capability: w.Capability, Level: w.Level, Resource: res, Gate: w.Gate, Certain: w.Certain, Path: w.Path})
	}
	self.Deliver(c.sink, x)
}
