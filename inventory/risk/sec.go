package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
)

var secretRules = []row{
	{"SEC-03", inventory.NounSecret, plainText},
	{"SEC-04", inventory.NounAssistant, withinReach},
	{"SEC-05", inventory.NounSecret, noExpiry},
	{"SEC-06", inventory.NounSecret, notRotated},
	{"SEC-07", inventory.NounSecret, tooLong},
	{"SEC-09", inventory.NounSecret, severalPlaces},
	{"SEC-10", inventory.NounAssistant, staticInCI},
	{"SEC-11", inventory.NounSecret, broadClass},
	{"SEC-13", inventory.NounSecret, inTranscript},
	{"SEC-14", inventory.NounSecret, secretWithoutOwner},
	{"SEC-16", inventory.NounSecret, weakForm},
	{"SEC-17", inventory.NounSecret, committedSecret},
	{"SEC-18", inventory.NounSecret, readableByOthers},
	{"SEC-19", inventory.NounSecret, oldCopy},
	{"SEC-20", inventory.NounSecret, derivableSeal},
}

func here(l inventory.Location) bool {
	return l.Scope == inventory.ScopeUser || l.Scope == inventory.ScopeRepo || l.Scope == inventory.ScopeCI || l.Scope == ""
}

// original is a place on this machine that is no backup.
func original(l inventory.Location) bool { return here(l) && !l.Backup }

func plainText(s Subject, _ Policy) []Hit {
	x := s.Secret
	ps := pathsOf(x, original)
	if x.Ambient || x.Storage != inventory.StoragePlaintext || len(ps) == 0 || derivable(x) {
		return nil
	}
	return []Hit{{
		Detail:   fmt.Sprintf("%s stands in plain text in %s.", s.called(), list(ps)),
		Evidence: placeEvidence(x, original),
		Changes:  []Change{s.replace()},
	}}
}

// withinReach is one finding for a product and a person, however many projects it is used in.
func withinReach(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.open || !p.acts() || len(p.ambient) == 0 {
		return nil
	}
	confines := "outside a sandbox"
	if p.a.Sandbox != inventory.SandboxNone {
		confines = "as far as known outside a sandbox"
	}
	h := Hit{Group: p.family(), tell: func(h *Hit) {
		h.Changes = []Change{isolate(p)}
		h.Detail = fmt.Sprintf("%s runs %s and can read %s that nobody gave it: %s.", p.name, confines,
			count(len(p.ambient), "credential", "credentials"), list(secretNames(p.ambient)))
		for _, x := range p.ambient {
			h.Evidence = append(h.Evidence, placeEvidence(x, everywhere)...)
		}
	}}
	if p.alone() && p.a.Sandbox == inventory.SandboxNone {
		h.Known = s1ngularity
	}
	return []Hit{h}
}

// noExpiry leaves inherited credentials that open nothing known to OWN-05 and SEC-04, which count the missing end.
func noExpiry(s Subject, _ Policy) []Hit {
	x := s.Secret
	if !forever(x) || x.Ambient && len(s.secretFacts().grants) == 0 {
		return nil
	}
	return []Hit{{Detail: s.placed() + " works until somebody revokes it.", Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}

func notRotated(s Subject, p Policy) []Hit {
	x := s.Secret
	since, what := x.Created, "created"
	if x.Rotated.After(since) {
		since, what = x.Rotated, "last changed"
	}
	if since.IsZero() || s.Now().Sub(since) <= p.MaxSecretAge {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s was %s on %s; the limit is %s.", s.placed(), what, since.Format("2006-01-02"), days(p.MaxSecretAge.Hours())),
		Evidence: s.places(), Changes: []Change{s.replace()}}}
}

func tooLong(s Subject, p Policy) []Hit {
	x := s.Secret
	if x.Created.IsZero() || x.Expires.IsZero() || x.Expires.Sub(x.Created) <= p.MaxSecretTTL {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s lives for %s, until %s; the limit is %s.", s.placed(), days(x.Expires.Sub(x.Created).Hours()),
		x.Expires.Format("2006-01-02"), days(p.MaxSecretTTL.Hours())), Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}

func days(hours float64) string { return count(int(hours/24), "day", "days") }

// severalPlaces leaves out what a CI keeps: it lies there once, and its places are references.
func severalPlaces(s Subject, _ Policy) []Hit {
	x := s.Secret
	if x.Storage == inventory.StorageCI {
		return nil
	}
	var places []string
	for _, l := range x.Locations {
		if original(l) && l.Path != "" {
			places = append(places, l.Path+l.Pointer)
		}
	}
	slices.Sort(places)
	if places = slices.Compact(places); len(places) < 2 {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s stands in %d places: %s.", s.called(), len(places), list(places)), Evidence: placeEvidence(x, original),
		Changes: []Change{revoke(x, "Keep it in one place (keyring or secrets manager) and refer to it from the others.")}}}
}

func broadClass(s Subject, _ Policy) []Hit {
	x := s.Secret
	if !x.Broad {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s is of a kind that cannot be narrowed to one task.", s.placed()), Evidence: s.places(),
		Changes: []Change{s.replace()}}}
}

// transcripts are words in a path or pointer that say: written down by the way.
var transcripts = []string{"transcript", "history", "/sessions/", "/logs/", ".log", ".jsonl", "/memory/", "/memories/", "/conversations/"}

// slipped says where a secret was written down by the way, or "".
func slipped(l inventory.Location) string {
	lower := strings.ToLower(l.Path + " " + l.Note)
	pointer := strings.ToLower(l.Pointer)
	for _, w := range []string{"/allow", "/deny", "/ask/", "allowedtools", "allowed_tools", "autoapprove", "/trustedcommands", "commandallowlist"} {
		if strings.Contains(pointer, w) || strings.Contains(lower, "allow rule") {
			return "an allow rule"
		}
	}
	for _, w := range transcripts {
		if strings.Contains(lower, w) || strings.Contains(pointer, "/history") {
			return "a transcript or log"
		}
	}
	return ""
}

func inTranscript(s Subject, _ Policy) []Hit {
	x, where := s.Secret, ""
	written := func(l inventory.Location) bool { return slipped(l) != "" }
	for _, l := range sortedPlaces(x) {
		if where == "" {
			where = slipped(l)
		}
	}
	if where == "" {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s was written into %s: %s.", s.called(), where, list(pathsOf(x, written))), Evidence: placeEvidence(x, written),
		Changes: []Change{s.replace()}}}
}

// ownerless reports whether neither the secret nor any assistant that uses it has an owner.
func ownerless(s Subject) bool {
	if s.Secret == nil || len(s.Secret.Owners) > 0 {
		return false
	}
	return !slices.ContainsFunc(s.Holders(), func(a *inventory.Assistant) bool { return len(a.Owners) > 0 })
}

func secretWithoutOwner(s Subject, _ Policy) []Hit {
	x := s.Secret
	if !ownerless(s) || x.Ambient && len(s.Holders()) == 0 {
		return nil
	}
	h := Hit{Detail: "Nobody is known to answer for " + s.placed() + ".", Evidence: s.places(), Changes: []Change{s.replace()}}
	for _, p := range s.users() {
		h.Changes = append(h.Changes, nameOwner(p, parent(p.a)))
	}
	return []Hit{h}
}

func weakForm(s Subject, _ Policy) []Hit {
	x := s.Secret
	query := func(l inventory.Location) bool { return l.Form == "url-query" }
	switch {
	case slices.ContainsFunc(x.Locations, query):
		return []Hit{{Detail: fmt.Sprintf("%s is a part of a URL in %s.", s.called(), list(pathsOf(x, query))), Evidence: placeEvidence(x, query),
			Changes: []Change{revoke(x, "Send the new one in a header, not in a URL.")}}}
	case x.Kind == "basic-auth" && !x.Ambient:
		return []Hit{{Detail: s.placed() + " is a user name and password sent with every request.", Evidence: s.places(),
			Changes: []Change{s.replace()}}}
	}
	return nil
}

func committedSecret(s Subject, _ Policy) []Hit {
	x := s.Secret
	if x.Exposure != inventory.ExposureCommitted && !slices.ContainsFunc(x.Locations, committed) {
		return nil
	}
	want := committed
	if !slices.ContainsFunc(x.Locations, committed) {
		want = everywhere
	}
	return []Hit{{Detail: fmt.Sprintf("%s is committed: %s.", s.called(), list(pathsOf(x, want))), Evidence: placeEvidence(x, want),
		Changes: []Change{s.replace()}}}
}

// worldReadable reports whether permission bits let every account read.
func worldReadable(mode string) bool {
	if mode == "" || mode[len(mode)-1] < '4' { // the last digit is about everybody
		return false
	}
	bits, err := strconv.ParseUint(strings.TrimPrefix(mode, "0o"), 8, 32)
	return err == nil && mode != "" && bits&0o004 != 0
}

// readableByOthers is one finding for a file, however many secrets stand in it.
func readableByOthers(s Subject, _ Policy) []Hit {
	var hits []Hit
	x := s.Secret
	for _, path := range pathsOf(x, func(l inventory.Location) bool { return here(l) && worldReadable(l.Mode) }) {
		there := func(l inventory.Location) bool { return l.Path == path && worldReadable(l.Mode) }
		mode := ""
		for _, l := range x.Locations {
			if there(l) && l.Mode > mode {
				mode = l.Mode
			}
		}
		in := s.w.byFile[path]
		hits = append(hits, Hit{Key: path, Group: path, Detail: fmt.Sprintf("%s has mode %s: every account of this machine can read %s in it, unless a folder above it is closed: %s.",
			path, mode, count(len(in), "secret", "secrets"), list(callNames(in))), Evidence: placeEvidence(x, there), Changes: []Change{closeFile(x, path)}})
	}
	return hits
}

func oldCopy(s Subject, _ Policy) []Hit {
	x := s.Secret
	backup := func(l inventory.Location) bool { return l.Backup }
	ps := pathsOf(x, backup)
	if len(ps) == 0 {
		return nil
	}
	gone := ""
	if len(pathsOf(x, original)) == 0 {
		gone = ", and no longer in the file itself"
	}
	h := Hit{Detail: fmt.Sprintf("%s is still in the old copy %s%s.", s.called(), list(ps), gone), Evidence: placeEvidence(x, backup),
		Changes: []Change{s.replace()}}
	if len(ps) == 1 {
		h.Changes = append(h.Changes, deleteBackup(x, ps[0]))
	}
	return []Hit{h}
}

// derivable reports whether a secret is sealed with a key that any program of the same user can work out.
func derivable(x *inventory.Secret) bool {
	says := func(note string) bool { return strings.Contains(strings.ToLower(note), "deriv") }
	return x.Storage != inventory.StorageEncrypted && x.Storage != inventory.StorageKeyring && x.Kind == "encrypted-keychain-file" ||
		says(x.Note) || slices.ContainsFunc(x.Locations, func(l inventory.Location) bool { return says(l.Note) })
}

func derivableSeal(s Subject, _ Policy) []Hit {
	x := s.Secret
	if !derivable(x) {
		return nil
	}
	return []Hit{{Detail: fmt.Sprintf("%s holds credentials under a key that any program of this user can derive or read.", list(pathsOf(x, everywhere))),
		Evidence: s.places(), Changes: []Change{s.replace()}}}
}
