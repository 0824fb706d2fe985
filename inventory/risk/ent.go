package risk

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

var grantRules = []row{
	{"ENT-01", inventory.NounAssistant, administrator},
	{"ENT-02", inventory.NounAssistant, wildcard},
	{"ENT-06", inventory.NounAssistant, mergesOwn},
	{"ENT-07", inventory.NounAssistant, changesOwnRails},
	{"ENT-08", inventory.NounAssistant, readsSecrets},
	{"ENT-12", inventory.NounAssistant, mintsIdentities},
}

// certain returns the assistant's certain grants that nothing blocks and that are wanted.
func (p *profile) certain(want func(*inventory.Entitlement) bool) []*inventory.Entitlement {
	var es []*inventory.Entitlement
	for _, e := range p.grants {
		if e.Certain && e.Gate != inventory.GateBlocked && want(e) {
			es = append(es, e)
		}
	}
	return es
}

// granted makes the hit for capabilities that are held for certain: by a cell of the matrix, or by a grant.
func granted(s Subject, what string, caps []inventory.Capability, admin bool) []Hit {
	p := s.profile()
	es := p.certain(func(e *inventory.Entitlement) bool {
		if r := s.w.resource(e.Resource); r != nil && r.Kind == "machine" {
			return false // what lies on the machine itself is SEC-04's
		}
		return slices.Contains(caps, e.Capability) || admin && e.Level == "admin"
	})
	var how, rights []string
	var evidence []inventory.Evidence
	for _, c := range caps {
		granted := slices.ContainsFunc(p.grants, func(e *inventory.Entitlement) bool { return e.Capability == c })
		if p.may(c) == inventory.Yes && !granted { // known by the product itself
			rights = append(rights, doing(c))
			how = append(how, doing(c))
		}
	}
	for _, e := range es {
		text := doing(e.Capability) + " through " + via(e)
		if r := s.w.resource(e.Resource); r != nil {
			text += " on " + r.Kind + " " + quote(r.Name)
		}
		how, rights, evidence = append(how, text), append(rights, doing(e.Capability)), append(evidence, e.Evidence...)
	}
	if len(how) == 0 {
		return nil
	}
	if len(evidence) == 0 {
		evidence = p.a.Evidence
	}
	slices.Sort(how)
	slices.Sort(rights)
	sources, rights := len(how), slices.Compact(rights)
	return []Hit{{Group: p.family() + "|" + strings.Join(how, "|"), Detail: fmt.Sprintf("%s %s: %s.", p.name, what, list(slices.Compact(how))), Evidence: evidence,
		Secrets: viaSecrets(es), Changes: grantChanges(s, p, es, sources, rights)}}
}

func viaSecrets(es []*inventory.Entitlement) []inventory.ID {
	var ids []inventory.ID
	for _, e := range es {
		if id := inventory.ID(e.Via); id.Noun() == inventory.NounSecret {
			ids = append(ids, id)
		}
	}
	return ids
}

// grantChanges are: take the rights away, and, where they all come through one secret, replace that.
func grantChanges(s Subject, p *profile, es []*inventory.Entitlement, sources int, caps []string) []Change {
	changes := []Change{narrowGrants(p, "the right to "+strings.Join(caps, " or "))}
	ids := viaSecrets(es)
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 1 && len(es) == sources {
		if x := s.Snapshot().Secret(ids[0]); x != nil {
			changes = append(changes, replaceSecret(x))
		}
	}
	return changes
}

func administrator(s Subject, _ Policy) []Hit {
	return granted(s, "has administrator rights", []inventory.Capability{inventory.AdminRepo, inventory.AdminOrg, inventory.CloudAdmin}, true)
}

func readsSecrets(s Subject, _ Policy) []Hit {
	return granted(s, "may read a secrets store", []inventory.Capability{inventory.ReadSecrets}, false)
}

func mintsIdentities(s Subject, _ Policy) []Hit {
	return granted(s, "may create identities or keys", []inventory.Capability{inventory.MintIdentity}, false)
}

// wildcard holds where a grant that is certain comes through a secret whose scope covers everything.
func wildcard(s Subject, _ Policy) []Hit {
	p := s.profile()
	var hits []Hit
	for _, x := range p.inReach() {
		i := slices.IndexFunc(x.Scopes, wildScope)
		if i < 0 {
			continue
		}
		hits = append(hits, Hit{Key: string(x.ID), Group: p.family() + "|" + string(x.ID), Secrets: []inventory.ID{x.ID},
			Detail:   fmt.Sprintf("%s uses %s, whose scope %s covers everything.", p.name, placed(x), quote(x.Scopes[i])),
			Evidence: placeEvidence(x, everywhere), Changes: []Change{replaceSecret(x)}})
	}
	if p.acts() && p.may(inventory.AdminOrg) == inventory.Yes {
		hits = append(hits, Hit{Key: "org", Group: p.family(), Detail: p.name + " has rights over a whole organisation.", Evidence: p.a.Evidence,
			Changes: []Change{narrowGrants(p, "the right to "+doing(inventory.AdminOrg))}})
	}
	return hits
}

func mergesOwn(s Subject, _ Policy) []Hit {
	p := s.profile()
	has := func(caps ...inventory.Capability) string {
		for _, c := range caps {
			if p.may(c) == inventory.Yes || len(p.certain(func(e *inventory.Entitlement) bool { return e.Capability == c && e.Gate != inventory.GateAsks })) > 0 {
				return doing(c)
			}
		}
		return ""
	}
	writes, completes := has(inventory.WriteSource, inventory.OpenPR), has(inventory.ApprovePR, inventory.MergeProtected, inventory.BypassReview)
	if writes == "" || completes == "" {
		return nil
	}
	return []Hit{{Group: p.family() + "|" + writes + "|" + completes, Detail: fmt.Sprintf("%s may %s and also %s.", p.name, writes, completes), Evidence: p.a.Evidence,
		Changes: []Change{narrowGrants(p, "the right to "+completes)}}}
}

// changesOwnRails holds where the files that limit an assistant lie in the work tree that it writes without asking.
func changesOwnRails(s Subject, _ Policy) []Hit {
	p := s.profile()
	edits := p.a.Autonomy == inventory.AutonomyAutoEdit || p.alone()
	if !edits || p.may(inventory.WriteSource) != inventory.Yes || p.a.Job != nil || len(p.settings(inventory.SettingManaged)) > 0 {
		return nil
	}
	var own []*inventory.Setting
	var names []string
	for i := range p.a.Settings {
		set := &p.a.Settings[i]
		if set.Effective && set.Path != "" && (projectScoped(set.Scope) || set.Scope == "local") {
			own, names = append(own, set), append(names, set.Path)
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		return nil
	}
	h := Hit{Group: p.family(), Detail: fmt.Sprintf("%s writes in its work tree without asking, and its own limits are set there: %s.", p.name, list(names)),
		Evidence: settingEvidence(own...), Changes: []Change{manageSettings(p), askAgain(p)}}
	if p.lamps.Untrusted == inventory.Yes {
		h.Known = "CurXecute of July 2025 (CVE-2025-54135)"
	}
	return []Hit{h}
}
