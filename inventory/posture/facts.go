package posture

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// whole is the newest snapshot that is no part of one under way; what is there while the first is.
func (s *Service) whole() *inventory.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.Partial() && s.previous != nil {
		return s.previous
	}
	return s.current
}

// bind puts into a plan what it was made from, who stops working by it, and whether another operator must confirm it.
func (s *Service) bind(p *revoke.Plan) *revoke.Plan {
	s.guarded(p, "")
	snap := s.whole()
	if snap == nil {
		return p
	}
	facts := map[inventory.ID]string{}
	for _, id := range touched(p) {
		facts[id] = factsOf(snap, id)
	}
	for _, b := range breaks(snap, p, s.cfg.Now()) {
		if !slices.Contains(p.Breaks, b) {
			p.Breaks = append(p.Breaks, b)
		}
	}
	return p.From(facts)
}

// touched lists what a plan is about.
func touched(p *revoke.Plan) []inventory.ID {
	var ids []inventory.ID
	for _, t := range p.Targets {
		ids = append(ids, t.ID)
	}
	for _, st := range p.Steps {
		ids = append(ids, st.Target)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// unchanged refuses a plan whose facts are no longer those that it was made from, and names what changed.
func (s *Service) unchanged(p *revoke.Plan) error {
	snap := s.whole()
	if snap == nil || len(p.Facts) == 0 {
		return nil
	}
	var names []string
	for _, id := range inventory.SortedKeys(p.Facts) {
		switch now := factsOf(snap, id); {
		case now == p.Facts[id]:
		case now == factsOf(snap, ""):
			names = append(names, string(id)+" is not there any more")
		default:
			names = append(names, inventory.Clean(nameOf(snap, id))+": what it is, who holds it or what it reaches is another")
		}
	}
	if len(names) == 0 {
		return nil
	}
	if runs, _ := s.Runs(); slices.ContainsFunc(runs, func(r revoke.Run) bool { return r.ID == p.ID }) {
		return revoke.ErrUsed // the plan itself has changed them
	}
	const most = 3
	text := strings.Join(names[:min(most, len(names))], "; ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Errorf("%w (%s)", revoke.ErrChanged, text)
}

// facts is what a plan about a record builds on: the record, who holds it, and what it reaches. Times at which something was
// seen or used, and where that was read, are left out: they change without making another plan.
type facts struct {
	Secret       *secretFacts
	Assistant    *assistantFacts
	Tools        []toolFacts
	Holders      []assistantFacts
	Owner        []inventory.ID // of an owner: everything that is theirs
	Entitlements []entitlementFacts
}

type secretFacts struct {
	ID                                               inventory.ID
	Kind, Issuer, Account, Fingerprint, State, Store string
	Owners, Assistants                               []inventory.ID
	Places, Scopes                                   []string
	Rotated, Expires                                 string
}

type assistantFacts struct {
	ID                                inventory.ID
	Kind, Name, Account, Path, Status string
	Autonomy                          inventory.Autonomy
	Sandbox                           inventory.Sandbox
	Owners, Secrets, Tools            []inventory.ID
	Environment, Scope, Network       string
}

type toolFacts struct {
	ID, Assistant inventory.ID
	Name, Command string
	Enabled       bool
	Secrets       []inventory.ID
}

type entitlementFacts struct {
	Assistant, Resource inventory.ID
	Via, Level, Gate    string
	Capability          inventory.Capability
	Certain             bool
}

// factsOf is the digest of the facts about a record, in hex; that of nothing where it is not known.
func factsOf(snap *inventory.Snapshot, id inventory.ID) string {
	var f facts
	if x := snap.Secret(id); x != nil {
		f.Secret = secretFactsOf(x)
		for _, a := range snap.AssistantsOf(id) {
			f.Holders = append(f.Holders, assistantFactsOf(a))
		}
	}
	if a := snap.Assistant(id); a != nil {
		v := assistantFactsOf(a)
		f.Assistant = &v
	}
	if t := snap.Tool(id); t != nil {
		f.Tools = append(f.Tools, toolFactsOf(t))
	}
	for _, t := range snap.ToolsOf(id) {
		f.Tools = append(f.Tools, toolFactsOf(t))
	}
	if snap.Owner(id) != nil {
		for _, t := range allOf(snap, []revoke.Target{{ID: id}}) {
			f.Owner = append(f.Owner, t.ID)
		}
	}
	for _, e := range snap.EntitlementsOf(id) {
		f.Entitlements = append(f.Entitlements, entitlementFactsOf(e))
	}
	if e := snap.Entitlement(id); e != nil {
		f.Entitlements = append(f.Entitlements, entitlementFactsOf(e))
	}
	data, err := json.Marshal(f)
	if err != nil { // strings and lists of strings
		return ""
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func secretFactsOf(x *inventory.Secret) *secretFacts {
	f := &secretFacts{ID: x.ID, Kind: x.Kind, Issuer: x.Issuer, Account: x.Account, Fingerprint: x.Fingerprint, State: x.State, Store: x.Storage,
		Owners: x.Owners, Assistants: x.Assistants, Scopes: x.Scopes, Rotated: x.Rotated.UTC().String(), Expires: x.Expires.UTC().String()}
	for _, l := range x.Locations {
		f.Places = append(f.Places, l.Path+"\x00"+l.Pointer)
	}
	return f
}

func assistantFactsOf(a *inventory.Assistant) assistantFacts {
	return assistantFacts{ID: a.ID, Kind: a.Kind, Name: a.Name, Account: a.Account, Path: a.Path, Status: a.Status, Autonomy: a.Autonomy, Sandbox: a.Sandbox,
		Owners: a.Owners, Secrets: a.Secrets, Tools: a.Tools, Environment: a.Environment, Scope: a.Scope, Network: a.Network}
}

func toolFactsOf(t *inventory.Tool) toolFacts {
	return toolFacts{ID: t.ID, Assistant: t.Assistant, Name: t.Name, Command: t.Command + " " + strings.Join(t.Args, " ") + " " + t.URL, Enabled: t.Enabled, Secrets: t.Secrets}
}

func entitlementFactsOf(e *inventory.Entitlement) entitlementFacts {
	return entitlementFacts{Assistant: e.Assistant, Resource: e.Resource, Via: e.Via, Level: e.Level, Gate: e.Gate, Capability: e.Capability, Certain: e.Certain}
}
