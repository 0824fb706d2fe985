package risk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/allowrule"
)

var autonomyRules = []row{
	{"AUT-01", inventory.NounAssistant, unattendedOpen},
	{"AUT-05", inventory.NounAssistant, shellAndNetwork},
	{"AUT-07", inventory.NounAssistant, wideAllowList},
	{"AUT-08", inventory.NounAssistant, untrustedReaches},
	{"AUT-11", inventory.NounAssistant, headlessLooser},
}

func unattendedOpen(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.a.Autonomy != inventory.AutonomyUnattended || !p.open {
		return nil
	}
	box := "nothing confines it"
	if p.a.Sandbox != inventory.SandboxNone {
		box = "no sandbox is known"
	}
	h := Hit{Group: p.cause(inventory.SettingMode), tell: func(h *Hit) {
		h.Detail = fmt.Sprintf("%s does everything without asking, and %s%s.", p.name, box, because(p.a.AutonomyReason))
		h.Evidence, h.Changes = p.evidence(inventory.SettingMode, inventory.SettingSandbox), []Change{askAgain(p), isolate(p)}
	}}
	if len(p.ambient) > 0 {
		h.Known = s1ngularity
	}
	return []Hit{h}
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + short(strings.TrimSuffix(reason, "."), maxReason) + ")"
}

// evidence points at the settings of some kinds, or, where there are none, at what shows the assistant at all.
func (p *profile) evidence(kinds ...string) []inventory.Evidence {
	var ss []*inventory.Setting
	for _, k := range kinds {
		ss = append(ss, p.settings(k)...)
	}
	if es := settingEvidence(ss...); len(es) > 0 {
		return es
	}
	return slices.Clip(p.a.Evidence)
}

func shellAndNetwork(s Subject, _ Policy) []Hit {
	p := s.profile()
	shell := p.may(inventory.ExecLocal)
	if shell != inventory.Yes && shell != inventory.Asks || p.a.Sandbox != inventory.SandboxNone || p.a.Network != "open" && p.a.Network != "" {
		return nil
	}
	asks := ""
	if shell == inventory.Asks {
		asks = ", after asking"
	}
	net := "reaches every host"
	if p.a.Network == "" {
		net = "reaches every host as far as known"
	}
	return []Hit{{Group: p.cause(inventory.SettingSandbox, inventory.SettingNetwork) + "|" + string(shell) + "|" + string(p.a.Autonomy),
		tell: func(h *Hit) {
			h.Detail = fmt.Sprintf("%s runs commands outside a sandbox%s, and %s.", p.name, asks, net)
			h.Evidence, h.Changes = p.evidence(inventory.SettingSandbox, inventory.SettingNetwork, inventory.SettingMode), []Change{isolate(p)}
		}}}
}

// wideAllowList is one finding for a file with wide rules, however many assistants read it.
func wideAllowList(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.acts() {
		return nil
	}
	type wide struct {
		rules, why []string
		settings   []*inventory.Setting
	}
	byFile := map[string]*wide{}
	for _, set := range p.settings(inventory.SettingAllow) {
		for _, rule := range rulesOf(set.Value) {
			if ok, why := allowrule.WideSetting(p.a.Kind, set.Name, rule); ok {
				f := byFile[set.Path]
				if f == nil {
					f = &wide{}
					byFile[set.Path] = f
				}
				f.rules, f.why, f.settings = append(f.rules, quote(rule)), append(f.why, why), append(f.settings, set)
			}
		}
	}
	var hits []Hit
	for _, path := range inventory.SortedKeys(byFile) {
		f := byFile[path]
		hits = append(hits, Hit{Key: path, Group: p.family() + "|" + path,
			Detail: fmt.Sprintf("%s lets %s run without asking in %s: %s (%s).", path, count(len(f.rules), "wide rule", "wide rules"), product(p.a),
				list(f.rules), f.why[0]),
			Evidence: settingEvidence(f.settings...), Changes: []Change{narrowList(p, path)}})
		if path == "" {
			hits[len(hits)-1].Detail = fmt.Sprintf("%s may run without asking what %s lets through: %s (%s).", p.name, count(len(f.rules), "wide rule", "wide rules"),
				list(f.rules), f.why[0])
			hits[len(hits)-1].Evidence = p.a.Evidence
		}
	}
	return hits
}

// rulesOf splits a setting's value: one rule, or a JSON list of them.
func rulesOf(value string) []string {
	if strings.HasPrefix(value, "[") {
		var rules []string
		if json.Unmarshal([]byte(value), &rules) == nil {
			return rules
		}
	}
	if value == "" {
		return nil
	}
	return []string{value}
}

func untrustedReaches(s Subject, _ Policy) []Hit {
	p := s.profile()
	if p.lamps.Untrusted != inventory.Yes || !p.acts() || p.gatedThroughout() {
		return nil
	}
	h := Hit{Group: p.cause(inventory.SettingMode) + "|" + p.lit.untrusted, Evidence: p.evidence(inventory.SettingMode),
		Detail: fmt.Sprintf("%s acts, and %s.", p.name, p.lit.untrusted)}
	if t := p.lit.server; t != nil {
		h.Evidence = append(h.Evidence, t.Evidence...)
		h.Changes = append(h.Changes, fixServer(Subject{Tool: t, w: s.w}, "Switch it off, or use it from an assistant that has no tools and no secrets."))
	}
	if p.a.Job != nil {
		h.Known = promptPwnd
		h.Changes = append(h.Changes, fixJob(p, "Keep outsiders' text out of the assistant's prompt."))
	}
	h.Changes = append(h.Changes, askAgain(p))
	return []Hit{h}
}

// gatedThroughout reports whether a person approves every act, with no way round that is known.
func (p *profile) gatedThroughout() bool {
	if p.a.Autonomy != inventory.AutonomySuggest && p.a.Autonomy != inventory.AutonomyAsk || p.may(inventory.ExecLocal) == inventory.Yes {
		return false
	}
	return !slices.ContainsFunc(p.tools, func(t *inventory.Tool) bool { return t.AutoApproved || len(t.ApprovedTools) > 0 })
}

var grades = []inventory.Autonomy{inventory.AutonomySuggest, inventory.AutonomyAsk, inventory.AutonomyAutoEdit, inventory.AutonomyAuto,
	inventory.AutonomyUnattended}

func headlessLooser(s Subject, _ Policy) []Hit {
	p := s.profile()
	with, without := slices.Index(grades, p.a.Autonomy), slices.Index(grades, p.a.Headless)
	if with < 0 || without <= with {
		return nil
	}
	return []Hit{{Group: p.cause(inventory.SettingMode) + "|" + string(p.a.Headless) + "|" + p.a.Trust,
		Detail:   fmt.Sprintf("%s is at %q with a terminal and at %q without one%s.", p.name, p.a.Autonomy, p.a.Headless, because(p.a.HeadlessReason)),
		Evidence: p.evidence(inventory.SettingMode, inventory.SettingTrust), Changes: []Change{{Kind: "headless", Key: p.family(), Subject: p.a.ID,
			Title: "make " + product(p.a) + " as strict without a terminal as with one", Do: "Pass the strict mode on the command line of scripts, or set it in managed settings."}}}}
}
