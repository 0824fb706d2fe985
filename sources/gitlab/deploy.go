package gitlab

import (
	"fmt"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
)

// readDeployTokens reads the deploy tokens of a group or project, unless all that the instance has are found already.
func (c *collection) readDeployTokens(l *looks, p place) {
	if !c.deployLeft() {
		return
	}
	list := p.path("/deploy_tokens")
	ts, _ := all[deployTokenShape](c.ctx, c, l, list, map[string][]string{"active": {"true"}})
	for _, t := range ts {
		c.deployToken(t, p, list)
	}
}

// deployLeft reports whether there are deploy tokens whose place is not found yet.
func (c *collection) deployLeft() bool {
	c.deployMu.Lock()
	defer c.deployMu.Unlock()
	return c.deploy == nil || len(c.deploy) > 0
}

func (c *collection) deployToken(t deployTokenShape, p place, list string) {
	c.deployMu.Lock()
	delete(c.deploy, t.ID)
	c.deployMu.Unlock()
	at := list + "/" + number(t.ID)
	a := &actor{key: "deploytoken/" + number(t.ID), kind: forge.Bot, scopes: t.Scopes, fixed: p, level: deployLevel, secret: inventory.Secret{
		Kind: "gitlab-deploy-token", Account: t.Username, Scopes: t.Scopes, Expires: t.Expires.Time, State: inventory.StateLive, LongLived: inventory.Yes,
		Note: fmt.Sprintf("deploy token %q of %s; GitLab tells neither when it was made nor when it was used", t.Name, p), Locations: []inventory.Location{c.at(at, t.Name)},
	}}
	if !t.Expires.IsZero() {
		a.secret.LongLived = inventory.No
	}
	a.name = "deploy token " + strconv.Quote(t.Name)
	a.owners = c.ownersOf(p)
	a.holder = c.hold(t.Username, a.key, "active", at, t.Name, t.Username)
	c.where(a.holder, p)
	c.add(a)
}

// deployKey is a deploy key, with the projects that it opens: from the instance's list, or from that of one project.
func (c *collection) deployKey(k deployKeyShape, p *project) {
	key := "deploykey/" + number(k.ID)
	a := c.byKey[key]
	if a == nil {
		a = &actor{key: key, kind: forge.DeployKey, keys: map[int]bool{}, name: "deploy key " + strconv.Quote(k.Title), secret: inventory.Secret{
			Kind: "ssh-private-key", Created: k.Created.Time, Expires: k.Expires.Time, LastUsed: k.LastUsed.Time, State: inventory.StateLive, LongLived: inventory.Yes,
			Note: "deploy key " + strconv.Quote(k.Title),
		}}
		if k.Fingerprint != "" {
			a.secret.Clues = []inventory.Clue{{By: inventory.ClueSSH, Text: k.Fingerprint}}
		}
		if !k.Expires.IsZero() {
			a.secret.LongLived = inventory.No
			if !c.now.Before(k.Expires.Time) {
				a.secret.State = inventory.StateExpired
			}
		}
		c.add(a)
	}
	open := func(id int, path string, push bool) {
		a.keys[id] = push
		at := projectPath(id, "/deploy_keys/"+number(k.ID))
		note := path + ": read"
		if push {
			note = path + ": read and push"
		}
		a.secret.Locations = append(a.secret.Locations, c.at(at, note))
		if a.holder == nil {
			a.holder = c.hold("", key, "active", at, k.Title)
		}
	}
	if p != nil {
		open(p.ID, p.Path, k.CanPush)
		a.owners = union(a.owners, c.ownersOf(place{project: p}))
		return
	}
	for _, x := range k.Read {
		open(x.ID, x.Path, false)
	}
	for _, x := range k.Write {
		open(x.ID, x.Path, true)
	}
	if len(a.keys) == 0 { // a key that opens nothing is none
		delete(c.byKey, key)
		c.actors = c.actors[:len(c.actors)-1]
	}
}

// trigger is a pipeline trigger token. GitLab shows its whole value to who made it; nhitop does not read it.
func (c *collection) trigger(t triggerShape, p *project, list string) {
	at := list + "/" + number(t.ID)
	a := &actor{key: "trigger/" + number(t.ID), kind: triggerKind, user: t.Owner.ID, fixed: place{project: p}, secret: inventory.Secret{
		Kind: "gitlab-trigger-token", Account: t.Owner.Username, Created: t.Created.Time, Expires: t.Expires.Time, LastUsed: t.LastUsed.Time, State: inventory.StateLive,
		LongLived: inventory.Yes, Note: fmt.Sprintf("trigger %q of %s; its pipelines run as %s", t.Description, p.Path, t.Owner.Username), Locations: []inventory.Location{c.at(at, t.Description)},
	}}
	if !t.Expires.IsZero() {
		a.secret.LongLived = inventory.No
	}
	a.name = "trigger " + strconv.Quote(t.Description)
	if u := c.users[t.Owner.ID]; u != nil || t.Owner.ID != 0 {
		a.owners = []inventory.ID{c.owner(c.know(t.Owner), at, "made the trigger; its pipelines run with this account")}
	}
	a.holder = c.hold(t.Owner.Username, a.key, "active", at, t.Description)
	c.add(a)
}

// readRunners takes runners in that are the company's own. Those of the instance are, where nhitop reads the whole
// instance; on gitlab.com they are GitLab's.
func (c *collection) readRunners(rs []runnerShape) {
	for _, r := range rs {
		if c.seenRunner[r.ID] || r.Type == "instance_type" && !c.whole() {
			continue
		}
		c.seenRunner[r.ID] = true
		at := "/runners/" + number(r.ID)
		full := one[runnerFullShape](c.ctx, c, c.looks, at, nil)
		if full == nil {
			full = &runnerFullShape{runnerShape: r}
		}
		c.runners[r.ID] = full
		c.runner(full, at)
	}
}

// runner is the token that a runner asks for jobs with: who has it gets the jobs, with their tokens and variables.
func (c *collection) runner(r *runnerFullShape, at string) {
	kind := strings.TrimSuffix(r.Type, "_type")
	a := &actor{key: "runner/" + number(r.ID), kind: forge.Bot, secret: inventory.Secret{
		Kind: "gitlab-runner-token", Created: r.Created.Time, LastUsed: r.Contacted.Time, State: inventory.StateLive, LongLived: inventory.Yes,
		Note: fmt.Sprintf("token of the %s runner %q: who has it gets its jobs, with their tokens and variables", kind, r.Description), Locations: []inventory.Location{c.at(at, r.Description)},
	}}
	a.name = "runner " + strconv.Quote(r.Description)
	if r.Paused {
		a.secret.State = inventory.StateDisabled
		a.secret.Note += "; it is paused"
	}
	a.holder = c.hold("", a.key, "active", at, r.Description)
	c.add(a)
}
