package risk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// gang is a made-up company in which everything that the rules' own cases show goes wrong somewhere, several things at
// once, and in which people share hosts, homes, owners, resources, files and secrets.
type gang struct {
	rnd    *rand.Rand
	at     time.Time // when its facts were seen
	people int       // so far: each has ids of their own
	inventory.Records
}

func gangPolicy() Policy {
	p := DefaultPolicy()
	p.Catalogue = &catalogue.Catalogue{Servers: []catalogue.Server{{ID: "web", Untrusted: true}, {ID: "files", Private: true}, {ID: "mail", Egress: true}}}
	p.ApprovedServers = []string{"other"}
	p.MaxOwned, p.Fleet = 4, 5
	return p
}

// ownRules adds two rules of the user's own, of which one stumbles.
func ownRules(t *testing.T, p Policy) Policy {
	a := yours("assistant", func(m *Matter) (bool, error) {
		if m.Assistant.Network == "open" {
			return false, errors.New("no such network")
		}
		return m.Assistant.Kind == "codex" && m.Now().Sub(m.Assistant.LastUsed) > 50*day, nil
	})
	b := yours("entitlement", func(m *Matter) (bool, error) { return m.Entitlement.Certain, nil })
	b.ID, b.Modifiers = "ACME-02", []string{"fleet", "prod", "gated"}
	p.Custom = []Rule{mustRule(t, a), mustRule(t, b)}
	p.Weights = map[string]int{"ACME-02": 5, "SEC-05": -10}
	p.Off = map[string]string{"AUT-05": "not now", "SEC-04": "not now"}
	return p
}

func newGang(seed uint64, n int) *gang {
	g := &gang{rnd: rand.New(rand.NewPCG(seed, 99)), at: now}
	for i := range 1 + n/4 {
		g.Owners = append(g.Owners, inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "gang", fmt.Sprint(i)), Kind: []string{"person", "team"}[g.rnd.IntN(2)],
			Name: fmt.Sprintf("owner-%d", i), Status: []string{"active", "departed", "unknown"}[g.rnd.IntN(3)], Sources: []string{pick(g.rnd, []string{"file", "asserted"})},
			Evidence: []inventory.Evidence{{Path: "CODEOWNERS", Line: i, Source: "file"}}})
	}
	g.Sources = []inventory.SourceStatus{{Name: "local", Status: inventory.SourceOK, StartedAt: now},
		{Name: "file", Status: pick(g.rnd, []string{inventory.SourceOK, inventory.SourceFailed}), Reason: "it crashed", StartedAt: now}}
	for range n {
		g.person()
	}
	g.stamp(now)
	return g
}

func pick[T any](r *rand.Rand, xs []T) T { return xs[r.IntN(len(xs))] }

func (g *gang) often(n int) bool { return g.rnd.IntN(n) == 0 }

// person adds one with some of the rules' cases.
func (g *gang) person() {
	s := calm()
	for range g.rnd.IntN(5) {
		for i := range s.Assistants {
			if s.Assistants[i].Capabilities == nil { // the case before took it
				s.Assistants[i].Capabilities = map[inventory.Capability]inventory.Answer{}
			}
		}
		if g.often(8) {
			pick(g.rnd, incidents).facts(s)
		} else {
			pick(g.rnd, cases).fires(s)
		}
	}
	once(&s.Assistants, func(x *inventory.Assistant) inventory.ID { return x.ID })
	once(&s.Tools, func(x *inventory.Tool) inventory.ID { return x.ID })
	once(&s.Resources, func(x *inventory.Resource) inventory.ID { return x.ID })
	g.people++
	host, home := fmt.Sprintf("host-%d", g.rnd.IntN(1+g.people/3)), fmt.Sprintf("/home/%d", g.rnd.IntN(1+g.people/2))
	own := func(n inventory.Noun, id inventory.ID) inventory.ID {
		if id == "" {
			return ""
		}
		return inventory.NewID(n, "gang", fmt.Sprint(g.people), string(id))
	}
	secret := map[inventory.ID]inventory.ID{}
	for i := range s.Secrets {
		x := s.Secrets[i]
		secret[x.ID] = own(inventory.NounSecret, x.ID)
		if len(g.Secrets) > 0 && g.often(4) {
			secret[x.ID] = pick(g.rnd, g.Secrets).ID // one that somebody else has too
			continue
		}
		x.ID, x.Assistants, x.Owners = secret[x.ID], nil, g.owners()
		for j := range x.Locations {
			if !g.often(3) {
				x.Locations[j].Path = home + "/" + x.Locations[j].Path
			}
			if g.often(6) {
				x.Locations[j].Mode = "0644"
			}
		}
		g.dates(&x)
		g.Secrets = append(g.Secrets, x)
	}
	ids := func(xs []inventory.ID) []inventory.ID {
		var out []inventory.ID
		for _, id := range xs {
			out = append(out, secret[id])
		}
		return out
	}
	for _, a := range s.Assistants {
		a.ID, a.Host, a.Secrets, a.Tools, a.Owners = own(inventory.NounAssistant, a.ID), host, ids(a.Secrets), nil, g.owners()
		if a.Job == nil && g.often(2) {
			a.Scope, a.Path = pick(g.rnd, []string{"user", "project"}), home
		}
		if g.often(3) {
			a.Kind = pick(g.rnd, []string{"claude-code", "codex", "cursor"})
		}
		if g.often(4) {
			a.LastUsed = now.AddDate(0, 0, -g.rnd.IntN(120))
		}
		g.Assistants = append(g.Assistants, a)
	}
	for _, t := range s.Tools {
		t.ID, t.Assistant, t.Secrets = own(inventory.NounTool, t.ID), own(inventory.NounAssistant, t.Assistant), ids(t.Secrets)
		g.Tools = append(g.Tools, t)
	}
	resource := map[inventory.ID]inventory.ID{}
	for _, x := range s.Resources {
		resource[x.ID] = own(inventory.NounResource, x.ID)
		if len(g.Resources) > 0 && g.often(2) {
			resource[x.ID] = pick(g.rnd, g.Resources).ID
			continue
		}
		x.ID = resource[x.ID]
		x.Name += fmt.Sprint("-", g.people)
		g.Resources = append(g.Resources, x)
	}
	for i, e := range s.Entitlements {
		e.ID, e.Assistant, e.Resource = inventory.NewID(inventory.NounEntitlement, "gang", fmt.Sprint(g.people, i), string(e.ID)), own(inventory.NounAssistant, e.Assistant), resource[e.Resource]
		if x := secret[inventory.ID(e.Via)]; x != "" {
			e.Via = string(x)
		}
		g.Entitlements = append(g.Entitlements, e)
	}
}

// once drops records whose id another one has: cases that follow each other may add the same.
func once[T any](p *[]T, id func(*T) inventory.ID) {
	seen := map[inventory.ID]bool{}
	*p = slices.DeleteFunc(*p, func(x T) bool {
		twice := seen[id(&x)]
		seen[id(&x)] = true
		return twice
	})
}

func (g *gang) owners() []inventory.ID {
	var ids []inventory.ID
	for range max(0, g.rnd.IntN(5)-2) {
		ids = append(ids, pick(g.rnd, g.Owners).ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// dates sets some dates about which something is due within weeks.
func (g *gang) dates(x *inventory.Secret) {
	at := func() time.Time { return now.Add(time.Duration(g.rnd.IntN(200*24)-100*24) * time.Hour) }
	switch g.rnd.IntN(6) {
	case 0:
		x.Expires = at()
	case 1:
		x.Created = at()
	case 2:
		x.LastUsed = at()
	case 3:
		x.Created, x.Rotated, x.Expires = at(), at(), at()
	}
}

// stamp says when everything was seen. No list of the records is written to.
func (g *gang) stamp(at time.Time) {
	g.at = at
	seen := func(es []inventory.Evidence) []inventory.Evidence {
		es = slices.Clone(es)
		for i := range es {
			es[i].ObservedAt = at
			if es[i].Source == "" {
				es[i].Source = "local"
			}
		}
		return es
	}
	each(&g.Assistants, func(x *inventory.Assistant) { x.LastSeen, x.Evidence = at, seen(x.Evidence) })
	each(&g.Owners, func(x *inventory.Owner) { x.Evidence = seen(x.Evidence) })
	each(&g.Entitlements, func(x *inventory.Entitlement) { x.Evidence = seen(x.Evidence) })
	each(&g.Tools, func(x *inventory.Tool) { x.Evidence = seen(x.Evidence) })
	each(&g.Resources, func(x *inventory.Resource) { x.Evidence = seen(x.Evidence) })
	each(&g.Sources, func(x *inventory.SourceStatus) { x.StartedAt = at })
}

// each changes every record of a list of its own.
func each[T any](p *[]T, do func(*T)) {
	*p = slices.Clone(*p)
	for i := range *p {
		do(&(*p)[i])
	}
}

// snapshot takes the records in, in another order each time.
func (g *gang) snapshot() *inventory.Snapshot {
	r := shuffle(g.rnd, g.Records)
	r.Entitlements, r.Resources, r.Owners, r.Sources = slices.Clone(r.Entitlements), slices.Clone(r.Resources), slices.Clone(r.Owners), slices.Clone(r.Sources)
	g.rnd.Shuffle(len(r.Entitlements), func(i, j int) { r.Entitlements[i], r.Entitlements[j] = r.Entitlements[j], r.Entitlements[i] })
	return inventory.NewSnapshot(g.at, r, false)
}

func TestWeighingAllIsWeighingEach(t *testing.T) {
	for seed := range uint64(10) {
		g, p := newGang(seed, 60), gangPolicy()
		s := g.merged(nil)
		all, es := p.WeighAll(s), s.Records().Entitlements
		heavy := 0
		for i := range es {
			w := p.Weigh(s, &es[i])
			if all[i] != w {
				t.Errorf("seed %d: %+v weighs %+v, and among all %+v", seed, es[i], w, all[i])
			}
			if w.Production {
				heavy++
			}
		}
		if len(all) != len(es) || heavy == 0 || heavy == len(es) {
			t.Errorf("seed %d: %d weights of %d rights, %d of them in production", seed, len(all), len(es), heavy)
		}
	}
}
