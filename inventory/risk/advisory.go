package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"nhitop/inventory"
)

var advisoryRules = []row{
	{"CLS-06", inventory.NounAssistant, vulnerable},
	{"MCP-08", inventory.NounAssistant, knownBad},
}

// advisory is one published flaw of a product or component (data/advisories.json).
type advisory struct {
	Name  string   `json:"name"`  // catalogue id, package, or owner/action
	Below string   `json:"below"` // flawed before this version
	Exact []string `json:"exact"` // flawed in these versions only
	All   bool     `json:"all"`   // malicious in every version that is to be had
	ID    string   `json:"id"`
	What  string   `json:"what"`
	URL   string   `json:"url"`
}

type advisories struct {
	Assistants []advisory `json:"assistants"`
	Components []advisory `json:"components"`
}

var flaws = sync.OnceValue(func() *advisories {
	var d advisories
	if err := readJSON("data/advisories.json", &d); err != nil {
		panic("risk: " + err.Error())
	}
	return &d
})

// hits reports whether a version is one of the flawed ones. An unknown version is not known to be.
func (a *advisory) hits(version string) bool {
	if a.All {
		return true
	}
	v := numbers(version)
	if v == nil {
		return false
	}
	if a.Below != "" && slices.Compare(v, numbers(a.Below)) < 0 {
		return true
	}
	return slices.ContainsFunc(a.Exact, func(x string) bool { return slices.Equal(v, numbers(x)) })
}

// numbers are those of a dotted version, nil where it is none. What follows a hyphen or plus does not count.
func numbers(version string) []int {
	version, _, _ = strings.Cut(strings.TrimLeft(strings.TrimSpace(version), "vV="), "-")
	version, _, _ = strings.Cut(version, "+")
	if version == "" || len(version) > 40 {
		return nil
	}
	var ns []int
	for p := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return nil
		}
		ns = append(ns, n)
	}
	return ns
}

func (a *advisory) fixed() string {
	if a.Below != "" {
		return "Update it to " + a.Below + " or later, and replace the keys that it had."
	}
	return "Remove this version, and replace the keys that it had."
}

func vulnerable(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Version == "" {
		return nil
	}
	for i := range flaws().Assistants {
		a := &flaws().Assistants[i]
		if a.Name == p.a.Kind && a.hits(p.a.Version) {
			return []Hit{{Group: p.family() + "|" + a.ID, Detail: fmt.Sprintf("%s is of version %s: %s (%s).", p.name, quote(p.a.Version), a.What, a.ID),
				Known: a.ID, Evidence: p.a.Evidence, Changes: []Change{{Kind: "update", Key: p.family(), Subject: p.a.ID, Title: "update " + product(p.a), Do: a.fixed()}}}}
		}
	}
	return nil
}

// component splits what names a package or action with its version: name@1.2.3, name==1.2.3.
func component(s string) (name, version string) {
	if i := strings.Index(s, "=="); i > 0 {
		return s[:i], s[i+2:]
	}
	if i := strings.LastIndexByte(s, '@'); i > 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

func knownFlaw(s string) *advisory {
	name, version := component(s)
	for i := range flaws().Components {
		if a := &flaws().Components[i]; a.Name == name && a.hits(version) {
			return a
		}
	}
	return nil
}

// knownBad looks at what starts servers and at what the job runs.
func knownBad(s Subject, _ Policy) []Hit {
	p := s.profile()
	var hits []Hit
	for _, t := range p.tools {
		for _, arg := range append([]string{t.Command}, t.Args...) {
			a := knownFlaw(arg)
			if a == nil {
				continue
			}
			server := Subject{Tool: t, w: s.w}
			hits = append(hits, Hit{Key: string(t.ID), Group: serverKey(server), Detail: fmt.Sprintf("%s starts %s: %s (%s).", server.entry(), quote(arg), a.What, a.ID),
				Known: a.ID, Secrets: slices.Clone(t.Secrets), Evidence: t.Evidence, Changes: []Change{fixServer(server, a.fixed())}})
			break
		}
	}
	if p.a.Job == nil {
		return hits
	}
	for _, u := range p.a.Job.Uses {
		if a := knownFlaw(u.Ref); a != nil {
			h := jobHit(p, fmt.Sprintf("%s runs %s: %s (%s).", p.name, quote(u.Ref), a.What, a.ID), a.fixed())
			h.Key, h.Known = u.Ref, a.ID
			hits = append(hits, h)
		}
	}
	return hits
}
