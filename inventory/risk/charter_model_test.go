package risk

import (
	"slices"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/charter"
)

// The five assistants that must be told apart, each by facts as sources give them and a charter.
func TestModelCases(t *testing.T) {
	yes, ask, no := inventory.Yes, inventory.Asks, inventory.No
	type caps = map[inventory.Capability]inventory.Answer
	for _, c := range []struct {
		name    string
		facts   func(*scenario)
		charter charter.Table
		rules   []string // of these, those that hold
	}{
		{"pair programming, a person approves", func(s *scenario) {
			s.a().Capabilities = caps{inventory.ReadSource: yes, inventory.WriteSource: ask, inventory.MergeProtected: no}
		}, charter.Table{Purpose: "pair programming", Capabilities: []string{"read-source", "asks:write-source"}}, nil},
		{"reads a monorepo", func(s *scenario) {
			s.a().Capabilities = caps{inventory.ReadSource: yes, inventory.DeployProd: no}
			s.grant(inventory.DeployProd, nil).Gate = inventory.GateBlocked
		}, charter.Table{Purpose: "answers questions", Capabilities: []string{"read-source"}}, nil},
		{"was to read, and may write", func(s *scenario) {
			s.a().Capabilities = caps{inventory.ReadSource: yes}
			s.grant(inventory.WriteSource, nil)
		}, charter.Table{Purpose: "answers questions", Capabilities: []string{"read-source"}}, []string{"CLS-04", "ENT-03"}},
		{"opens pull requests and cannot merge", func(s *scenario) {
			s.a().Capabilities = caps{inventory.ReadSource: yes, inventory.OpenPR: yes, inventory.MergeProtected: no, inventory.DataRead: no}
		}, charter.Table{Purpose: "refactoring", Capabilities: []string{"read-source", "open-pr"}}, nil},
		{"opens pull requests and merges them", func(s *scenario) {
			s.a().Capabilities = caps{inventory.ReadSource: yes, inventory.OpenPR: yes, inventory.MergeProtected: yes}
		}, charter.Table{Purpose: "refactoring", Capabilities: []string{"read-source", "open-pr"}}, []string{"CLS-04", "ENT-06"}},
		{"its secrets are exposed", func(s *scenario) {
			x := s.secret()
			x.Storage, x.Exposure, x.Locations[0].Committed = inventory.StoragePlaintext, inventory.ExposureCommitted, yes
		}, charter.Table{Purpose: "tests", Capabilities: []string{"read-source", "asks:write-source", "asks:exec-local"}}, []string{"SEC-03", "SEC-17"}},
		{"inherited credentials, nobody answers", func(s *scenario) {
			s.grant(inventory.CloudWrite, s.ambient())
			s.a().Sandbox, s.a().Owners, s.Secrets[0].Owners = inventory.SandboxNone, nil, nil
		}, charter.Table{Purpose: "tests", Capabilities: []string{"read-source", "asks:write-source", "asks:exec-local"}}, []string{"CLS-04", "OWN-01", "OWN-05"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := calm()
			c.facts(s)
			c.charter.ID = string(astID)
			set, bad := charter.New([]charter.Table{c.charter}, func(int) inventory.Evidence { return inventory.Evidence{Path: "config.toml", Line: 1} })
			if errs := charter.Apply(&s.Records, set, now); len(bad)+len(errs) > 0 {
				t.Fatal(bad, errs)
			}
			var held []string
			fs, _ := s.judge()
			for _, f := range fs {
				if slices.Contains([]string{"CLS-03", "CLS-04", "ENT-03", "ENT-06", "SEC-03", "SEC-17", "OWN-01", "OWN-05"}, f.Rule) {
					held = append(held, f.Rule)
				}
			}
			slices.Sort(held)
			if held = slices.Compact(held); !slices.Equal(held, c.rules) {
				t.Errorf("%v, want %v", held, c.rules)
			}
		})
	}
}
