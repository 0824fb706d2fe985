package gitlab

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/cijob"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// variables delivers the CI/CD variables of a place that hold a secret, as far as GitLab or their names say so: masked,
// hidden or protected ones, files, and those that are called like one. One of a key for several environments is one.
func (c *collection) variables(list []variableShape, p place) {
	of := c.s.host() + "/" + p.String()
	byKey := map[string][]variableShape{}
	var keys []string
	for _, v := range list {
		if !v.secret() {
			continue
		}
		if byKey[v.Key] == nil {
			keys = append(keys, v.Key)
		}
		byKey[v.Key] = append(byKey[v.Key], v)
	}
	slices.Sort(keys)
	for _, key := range keys {
		var hows []string
		for _, v := range byKey[key] {
			hows = append(hows, v.words())
		}
		at := p.path(httpx.Path("/variables/%s", key))
		c.sink.Secret(inventory.Secret{
			ID: cijob.SecretID(of, key), Kind: "ci-secret", Storage: inventory.StorageCI, Exposure: inventory.ExposureNone, State: inventory.StateUnknown, Note: key,
			Owners: c.ownersOf(p), Locations: []inventory.Location{c.at(at, fmt.Sprintf("%s: CI/CD variable of %s, %s", key, p, strings.Join(hows, "; ")))},
		}, inventory.Value{})
	}
}

// secret reports whether a variable is one that should not be read by everybody.
func (v *variableShape) secret() bool {
	return v.Masked || v.Hidden || v.Protected || v.Type == "file" || credential.SecretName(v.Key)
}

// words say who gets a variable, and who may read it.
func (v *variableShape) words() string {
	out := []string{"for all branches", "shown in logs of jobs", "read by Maintainers"}
	if v.Protected {
		out[0] = "for protected branches"
	}
	if v.Masked {
		out[1] = "masked"
	}
	if v.Hidden {
		out[2] = "hidden"
	}
	if v.Environment != "" && v.Environment != "*" {
		out = append(out, "environment "+v.Environment)
	}
	return strings.Join(out, ", ")
}

// fetchAgents asks for the agents that connect clusters to a project, with their tokens.
func (c *collection) fetchAgents(ctx context.Context, p *project) {
	if p.Infrastructure == "disabled" {
		return
	}
	list := projectPath(p.ID, "/cluster_agents")
	p.agents, _ = all[agentShape](ctx, c, p.part, list, nil)
	for i := range p.agents {
		a := &p.agents[i]
		at := list + "/" + number(a.ID) + "/tokens"
		a.tokens, _ = all[agentTokenShape](ctx, c, p.part, at, nil)
		for j := range a.tokens { // when it was used last is told of one token alone
			if full := one[agentTokenShape](ctx, c, p.part, at+"/"+number(a.tokens[j].ID), nil); full != nil {
				a.tokens[j] = *full
			}
		}
	}
}

// agent takes the tokens in by which the agents of a project sign in from their clusters: who has one gets what GitLab sends
// to the cluster, the jobs' requests to it among them.
func (c *collection) agent(a *agentShape, p *project) {
	for _, t := range a.tokens {
		at := projectPath(p.ID, fmt.Sprintf("/cluster_agents/%d/tokens/%d", a.ID, t.ID))
		x := &actor{key: "agenttoken/" + number(t.ID), kind: forge.Bot, fixed: place{project: p}, secret: inventory.Secret{
			Kind: "gitlab-agent-token", Created: t.Created.Time, LastUsed: t.LastUsed.Time, State: inventory.StateLive, LongLived: inventory.Yes,
			Note: fmt.Sprintf("token %q of the cluster agent %q of %s", t.Name, a.Name, p.Path), Locations: []inventory.Location{c.at(at, t.Name)},
		}}
		if t.Status == "revoked" {
			x.secret.State = inventory.StateRevoked
		}
		x.name = "token of the cluster agent " + strconv.Quote(a.Name)
		x.owners = c.ownersOf(place{project: p})
		if u := c.users[t.CreatedBy]; u != nil {
			x.owners = []inventory.ID{c.owner(u, at, "made the token")}
		}
		c.add(x)
	}
}

// application takes an OAuth application of the instance in. What its users let it do GitLab tells nobody.
func (c *collection) application(a applicationShape) {
	at := "/applications/" + number(a.ID)
	kind := "public"
	if a.Confidential {
		kind = "confidential"
	}
	x := &actor{key: "application/" + number(a.ID), kind: forge.App, secret: inventory.Secret{
		Kind: "gitlab-oauth-app-secret", Account: a.Client, Scopes: a.Scopes, State: inventory.StateLive, LongLived: inventory.Yes,
		Note: fmt.Sprintf("OAuth application %q of the instance, a %s client; whom it acts for is not told", a.Name, kind), Locations: []inventory.Location{c.at(at, a.Name)},
	}}
	x.name = "OAuth application " + strconv.Quote(a.Name)
	x.holder = c.hold("", x.key, "active", at, a.Name)
	c.add(x)
}
