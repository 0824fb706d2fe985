package risk

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

var environmentRules = []row{
	{"ENV-02", inventory.NounSecret, productionHere},
	{"ENV-03", inventory.NounAssistant, productionData},
	{"ENV-04", inventory.NounAssistant, hostLogins},
	{"ENV-06", inventory.NounAssistant, openNetwork},
}

// onMachine is a place on a machine where people work: not a pipeline, not a provider.
func onMachine(l inventory.Location) bool {
	return l.Scope == inventory.ScopeUser || l.Scope == inventory.ScopeRepo
}

func productionHere(s Subject, _ Policy) []Hit {
	x, f := s.Secret, s.secretFacts()
	if f.prod == "" || !slices.ContainsFunc(x.Locations, onMachine) {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s is for production (%s) and stands in %s.", s.called(), f.prod, list(pathsOf(x, onMachine))),
		Evidence: placeEvidence(x, onMachine), Changes: []Change{s.replace()}}}
}

func productionData(s Subject, pol Policy) []Hit {
	p := s.profile()
	var stores []string
	var evidence []inventory.Evidence
	var es []*inventory.Entitlement
	for _, e := range p.grants {
		if e.Capability != inventory.DataRead && e.Capability != inventory.DataWrite || e.Gate == inventory.GateBlocked {
			continue
		}
		r := s.w.resource(e.Resource)
		store := "a data store"
		if r != nil {
			store = r.Kind + " " + quote(r.Name)
		}
		if pol.productionOf(e, r) == "" {
			continue
		}
		stores, evidence, es = append(stores, store), append(evidence, e.Evidence...), append(es, e)
	}
	if len(stores) == 0 {
		return nil
	}
	slices.Sort(stores)
	changes := []Change{narrowGrants(p, "access to production data")}
	ids := viaSecrets(es)
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 1 {
		if x := s.Snapshot().Secret(ids[0]); x != nil {
			changes = append(changes, replaceSecret(x))
		}
	}
	return []Hit{{Group: p.family() + "|" + strings.Join(stores, "|"), Detail: fmt.Sprintf("%s reaches %s in production.", p.name, list(slices.Compact(stores))), Evidence: evidence, Secrets: ids, Changes: changes}}
}

// logins are kinds of credential that a host holds for its user, and the word for them.
var logins = map[string]string{
	"aws-secret-key": "cloud profile", "aws-temporary-key": "cloud profile", "aws-session-token": "cloud profile", "aws-sso-access-token": "cloud profile",
	"aws-sso-refresh-token": "cloud profile", "gcp-service-account-key": "cloud profile", "google-oauth-refresh": "cloud profile",
	"google-oauth-access": "cloud profile", "azure-refresh-token": "cloud profile", "azure-access-token-jwt": "cloud profile",
	"kubernetes-sa-token-jwt": "kubeconfig", "kubernetes-client-key": "kubeconfig", "kubernetes-token": "kubeconfig",
	"docker-hub-pat": "container registry login", "ssh-private-key": "SSH key", "azure-client-secret": "cloud profile", "kubernetes-password": "kubeconfig",
	"docker-hub-password": "container registry login", "registry-password": "container registry login", "registry-token": "container registry login",
	"registry-identity-token": "container registry login", "vault-service-token": "vault login",
}

// hostLogins is one finding for a product and a person, as SEC-04 is; it holds for cloud, cluster, registry and SSH logins.
func hostLogins(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.open || !p.acts() {
		return nil
	}
	if !slices.ContainsFunc(p.ambient, func(x *inventory.Secret) bool { return login(x) != "" }) {
		return nil
	}
	return []Hit{{Group: p.family(), tell: func(h *Hit) {
		found := map[string]bool{}
		for _, x := range p.ambient {
			if word := login(x); word != "" {
				found[word] = true
				h.Evidence = append(h.Evidence, placeEvidence(x, everywhere)...)
			}
		}
		h.Detail = fmt.Sprintf("%s can use the host's own logins: %s.", p.name, list(inventory.SortedKeys(found)))
		h.Changes = []Change{isolate(p)}
	}}}
}

// login is the word for a credential that a host holds for its user, or "".
func login(x *inventory.Secret) string {
	if word := logins[x.Kind]; word != "" {
		return word
	}
	for _, l := range x.Locations {
		if strings.Contains(l.Path, "/.kube/") {
			return "kubeconfig"
		}
	}
	return ""
}

func openNetwork(s Subject, _ Policy) []Hit {
	p := s.profile()
	reach := len(p.inReach())
	if p.a.Job != nil {
		reach += len(p.a.Job.Secrets)
	}
	if p.a.Network != "open" || !p.acts() || reach == 0 {
		return nil
	}
	return []Hit{{Group: p.cause(inventory.SettingNetwork, inventory.SettingSandbox), tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s reaches every host, with %s in its reach.", p.name, count(reach, "secret", "secrets"))
		h.Evidence, h.Changes = p.evidence(inventory.SettingNetwork, inventory.SettingSandbox), []Change{limitNetwork(p), isolate(p)}
	}}}
}
