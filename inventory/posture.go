package inventory

// summarise counts what the overview shows.
func summarise(s *Snapshot) Posture {
	p := Posture{Assistants: map[Class]int{}, Decisions: decisions(s.records.Findings), Gauge: s.posture.Gauge}
	if p.Metrics == nil {
		p.Gauge = Gauge{Metrics: []Metric{}, Trend: []TrendPoint{}, RulesOff: []RuleNote{}, RulesWeighted: []RuleNote{}, RulesYours: []string{}}
	}
	for i := range s.records.Assistants {
		a := &s.records.Assistants[i]
		p.Assistants[a.Class]++
		if a.Class != ClassNHI {
			continue
		}
		p.OwnersOf++
		if len(a.Owners) > 0 {
			p.OwnersKnown++
		}
		switch a.Autonomy {
		case AutonomySuggest, AutonomyAsk:
			p.Gated++
		case AutonomyUnattended:
			if a.Sandbox == SandboxNone || a.Sandbox == SandboxUnknown {
				p.UnattendedOpen++
			}
		}
	}
	for i := range s.records.Secrets {
		x := &s.records.Secrets[i]
		p.SecretsOf++
		if !x.Expires.IsZero() {
			p.SecretsExpiring++
		}
		if x.Storage == StoragePlaintext {
			p.Plaintext++
		}
		if x.Ambient {
			p.Inherited++
		}
	}
	for i := range s.records.Tools {
		p.ToolsOf++
		if s.records.Tools[i].Pinned == No {
			p.Unpinned++
		}
	}
	for i := range s.records.Sources {
		for _, l := range s.records.Sources[i].Ledger {
			if l.State != LookedRead && l.State != LookedAbsent {
				p.NotRead++
			}
		}
	}
	return p
}

// decisions counts what is to be done. Findings are in the order of their decisions.
func decisions(fs []Finding) map[Decision]int {
	counts := map[Decision]int{}
	for i := 0; i < len(fs); {
		d, n := fs[i].Decision, 0
		for ; i < len(fs) && fs[i].Decision == d; i++ {
			if f := &fs[i]; f.State == "open" || f.State == "flagged" {
				n++
			}
		}
		if n > 0 {
			counts[d] += n
		}
	}
	return counts
}
