package risk

import (
	"fmt"

	"nhitop/inventory"
)

var auditRules = []row{
	{"LIF-01", inventory.NounAssistant, idleArmed},
	{"AUD-08", NounSource, staleSource},
}

func idleArmed(s Subject, pol Policy) []Hit {
	p := s.profile()
	if p.a.LastUsed.IsZero() || s.Now().Sub(p.a.LastUsed) <= pol.Idle || len(p.held)+len(p.grants) == 0 {
		return nil
	}
	h := Hit{Group: p.family(), Detail: fmt.Sprintf("%s was last used on %s and still holds %s.", p.name, p.a.LastUsed.Format("2006-01-02"),
		count(max(len(p.held), 1), "secret or right", "secrets or rights")), Evidence: p.a.Evidence,
		Changes: []Change{{Kind: "idle", Key: p.family(), Subject: p.a.ID, Title: "disarm " + p.name, Do: "Take its secrets away, and its logins with them."}}}
	return []Hit{h}
}

// unread are the ledger states that hide facts: what is absent, skipped by design or never opened by design is not among them.
var unread = []struct{ state, words string }{
	{inventory.LookedDenied, "no permission"}, {inventory.LookedTooLarge, "too large"}, {inventory.LookedUnparsed, "not understood"},
	{inventory.LookedVersion, "version not known"}, {inventory.LookedVanished, "vanished while reading"},
	{inventory.LookedFailed, "no answer"},
}

func staleSource(s Subject, pol Policy) []Hit {
	src := s.Source
	counts := map[string]int{}
	var evidence []inventory.Evidence
	for _, l := range src.Ledger {
		for _, u := range unread {
			if l.State == u.state {
				counts[l.State]++
				evidence = append(evidence, inventory.Evidence{Path: l.Path, Line: l.Line, Source: src.Name, Note: u.words})
			}
		}
	}
	var what []string
	for _, u := range unread {
		if n := counts[u.state]; n > 0 {
			what = append(what, fmt.Sprintf("%d %s", n, u.words))
		}
	}
	age := s.Now().Sub(src.StartedAt)
	switch {
	case src.Status == inventory.SourceFailed || src.Status == inventory.SourceStale:
		return []Hit{{Detail: fmt.Sprintf("Source %s is %s%s.", src.Name, src.Status, because(src.Reason)), Evidence: evidence, Changes: []Change{repairSource(src)}}}
	case !src.StartedAt.IsZero() && age > pol.Fresh:
		return []Hit{{Detail: fmt.Sprintf("The facts of source %s are %s old.", src.Name, days(age.Hours())), Evidence: evidence, Changes: []Change{repairSource(src)}}}
	case len(what) > 0:
		return []Hit{{Detail: fmt.Sprintf("Source %s could not read %s: %s.", src.Name, count(len(evidence), "place", "places"), list(what)), Evidence: evidence,
			Changes: []Change{repairSource(src)}}}
	}
	return nil
}
