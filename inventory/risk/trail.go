package risk

import (
	"fmt"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/allowrule"
)

var trailRules = []row{
	{"AUT-04", inventory.NounAssistant, irreversible},
	{"AUD-01", inventory.NounAssistant, noTrail},
	{"AUD-04", inventory.NounAssistant, shortTrail},
	{"MCP-10", inventory.NounAssistant, updatesItself},
}

// destructive are command lines that cannot be taken back.
var destructive = []string{"rm -rf x", "terraform destroy -auto-approve", "terraform apply -auto-approve", "tofu destroy -auto-approve", "pulumi destroy --yes",
	"kubectl delete namespace x", "helm uninstall x", "git push --force", "git push -f origin main", "dropdb x", "aws s3 rm s3://x --recursive",
	"aws ec2 terminate-instances --instance-ids x", "gcloud projects delete x", "az group delete --name x", "docker volume rm x", "gh repo delete x --yes"}

// destroying are the first words of tools of servers that cannot be taken back.
var destroying = []string{"delete", "drop", "destroy", "purge", "truncate", "terminate", "remove"}

func destroys(tool string) bool {
	for _, w := range destroying {
		if rest, ok := strings.CutPrefix(strings.ToLower(tool), w); ok && (rest == "" || rest[0] == '_' || rest[0] == '-') {
			return true
		}
	}
	return false
}

// lets returns the first destructive command that settings of a kind name, or "".
func (p *profile) names(kind, command string) bool {
	for _, set := range p.settings(kind) {
		for _, rule := range rulesOf(set.Value) {
			if allowrule.ParseSetting(p.a.Kind, set.Name, rule).Lets(command) {
				return true
			}
		}
	}
	return false
}

// irreversible looks at what runs without asking: rules, tools of servers, and, for what asks nothing, rights in
// production.
func irreversible(s Subject, pol Policy) []Hit {
	p := s.profile()
	if !p.acts() {
		return nil
	}
	for _, set := range p.settings(inventory.SettingAllow) {
		for _, rule := range rulesOf(set.Value) {
			parsed := allowrule.ParseSetting(p.a.Kind, set.Name, rule)
			for _, c := range destructive {
				if parsed.Lets(c) && !p.names(inventory.SettingDeny, c) && !p.names(inventory.SettingAsk, c) {
					h := Hit{Key: set.Path, Group: p.family() + "|" + set.Path, Evidence: settingEvidence(set), Changes: []Change{narrowList(p, set.Path)},
						Detail: fmt.Sprintf("%s may run %q without asking: rule %s.", p.name, c, quote(rule))}
					if len(h.Evidence) == 0 {
						h.Evidence = p.a.Evidence
					}
					return []Hit{h}
				}
			}
		}
	}
	for _, t := range p.tools {
		for _, n := range t.ApprovedTools {
			if destroys(n) {
				server := Subject{Tool: t, w: s.w}
				return []Hit{{Group: serverKey(server), Detail: fmt.Sprintf("%s may use %s without asking.", server.entry(), quote(n)), Evidence: t.Evidence,
					Changes: []Change{fixServer(server, "Take what deletes off the list of approved tools.")}}}
			}
		}
	}
	if !p.alone() || p.isolated() {
		return nil
	}
	es := p.certain(func(e *inventory.Entitlement) bool {
		switch e.Capability {
		case inventory.DataWrite, inventory.CloudWrite, inventory.CloudAdmin, inventory.ClusterWrite:
			return e.Gate == inventory.GateOpen && s.inProduction(e, pol) != ""
		}
		return false
	})
	return rightsHit(s, es, func(what string) string {
		return fmt.Sprintf("%s runs without asking and may %s, deleting included.", p.name, what)
	})
}

// shipsTrail reports whether the record of its acts goes elsewhere, where it may be kept for longer.
func (p *profile) shipsTrail() bool {
	for _, set := range p.settings(inventory.SettingLog) {
		if n := strings.ToLower(set.Name); (strings.Contains(n, "otlp") || strings.Contains(n, "otel")) && set.Value != "" && set.Value != "none" {
			return true
		}
	}
	return false
}

// trailOff are the settings that switch the record of sessions off (facts of 2026-11-22): Codex, Claude Code.
var trailOff = map[string]string{"history.persistence": "none", "cleanupPeriodDays": "0"}

func noTrail(s Subject, _ Policy) []Hit {
	p := s.profile()
	if !p.acts() || p.shipsTrail() {
		return nil
	}
	for _, set := range p.settings(inventory.SettingLog) {
		if off, ok := trailOff[set.Name]; ok && set.Value == off {
			return []Hit{{Group: p.cause(inventory.SettingLog), Detail: fmt.Sprintf("%s keeps no record of what it does: %s is %s.", p.name, set.Name, quote(set.Value)),
				Evidence: settingEvidence(set), Changes: []Change{fixSetting(p, set, "Switch the record of its sessions on, and send it to where it cannot change it.")}}}
		}
	}
	return nil
}

func shortTrail(s Subject, pol Policy) []Hit {
	p := s.profile()
	if !p.acts() || p.shipsTrail() {
		return nil
	}
	for _, set := range p.settings(inventory.SettingLog) {
		n, err := strconv.Atoi(set.Value)
		if set.Name != "cleanupPeriodDays" || err != nil || n <= 0 || float64(n) >= pol.KeepTrail.Hours()/24 {
			continue
		}
		return []Hit{{Group: p.cause(inventory.SettingLog), Detail: fmt.Sprintf("%s deletes the record of its sessions after %s; the least is %s.", p.name,
			count(n, "day", "days"), days(pol.KeepTrail.Hours())), Evidence: settingEvidence(set),
			Changes: []Change{fixSetting(p, set, "Keep it for longer, or send it to where it is kept.")}}}
	}
	return nil
}

// updates are the settings that let a product replace itself as soon as there is something new (facts of 2026-11-22).
var updates = map[string]string{"autoUpdates": "true", "autoupdate": "true", "autoUpdatesChannel": "latest", "autoUpdate": "true", "auto_update": "true",
	"general.enableAutoUpdate": "true", "general.disableAutoUpdate": "false", "disableAutoUpdate": "false"}

func updatesItself(s Subject, _ Policy) []Hit {
	p := s.profile()
	for _, set := range p.settings(inventory.SettingUpdate) {
		if on, ok := updates[set.Name]; ok && set.Value == on && p.acts() {
			return []Hit{{Group: p.cause(inventory.SettingUpdate), Detail: fmt.Sprintf("%s replaces itself as soon as a release is out (%s = %s).", p.name, set.Name,
				quote(set.Value)), Evidence: settingEvidence(set), Changes: []Change{fixSetting(p, set, "Pin its version, and update after a few days.")}}}
		}
	}
	return nil
}
