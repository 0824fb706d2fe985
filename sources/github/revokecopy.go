package github

import (
	"fmt"
	"regexp"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// copyInFile is the value of paramWhat of a step about a secret that stands in a file of a repository.
const copyInFile = "file"

var filePath = regexp.MustCompile(`^/repos/([^/]+/[^/]+)/contents/(.+)$`)

// files are where a secret was seen in files of this organisation's repositories.
func (s *Source) files(t revoke.Target, snap *inventory.Snapshot) []inventory.Location {
	x := snap.Secret(t.ID)
	if x == nil || x.Storage != inventory.StoragePlaintext {
		return nil
	}
	var out []inventory.Location
	for _, l := range x.Locations {
		if p := s.below(l.Path); l.Scope == inventory.ScopeRepo && filePath.MatchString(p) && s.own(p) {
			out = append(out, l)
		}
	}
	return out
}

// copyIn adds what a person does about a file of a repository: it is changed by a commit, which nhitop does not make.
func (b *planning) copyIn(x *inventory.Secret, l inventory.Location) {
	if !b.wants(revoke.ActionRemoveSecret) {
		return
	}
	path := b.below(l.Path)
	m := filePath.FindStringSubmatch(path)
	at := inventory.Clean(m[2])
	if l.Line > 0 {
		at += fmt.Sprintf(" (line %d)", l.Line)
	}
	b.add(revoke.Step{
		Source: b.name, Action: revoke.ActionManual, Layer: revoke.LayerCopy, Target: x.ID, TargetName: inventory.Clean(x.Kind),
		Summary: fmt.Sprintf("by hand: take the %s out of %s of %s at %s, where it still stands there", inventory.Clean(x.Kind), at, inventory.Clean(m[1]), b.host),
		Effect:  "a file of a repository is changed by a commit; nhitop makes none", Residual: "what was committed stays in the history, and in every clone and fork",
		Promises: revoke.Unproven, Params: map[string]string{paramPath: path, paramWhat: copyInFile},
		Git: &revoke.InGit{Clone: b.web() + "/" + m[1] + ".git", File: m[2]},
	})
}
