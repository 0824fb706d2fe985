package mode

import (
	"slices"
	"strings"

	"nhitop/inventory"
)

// GitHub Copilot CLI, by its help, documentation and files written by 1.0.102.
var copilot = resolver{before: copilotBefore, after: copilotAfter, server: copilotServer, shadow: true}

// copilotRepo are the settings that a repository may set: those that limit, and hooks.
var copilotRepo = []string{"model", "deniedUrls", "disabledMcpServers", "disableAllHooks"}

func copilotBefore(s *state) {
	s.copilotTrust()
	for _, it := range s.items {
		if it.Scope != "project" && it.Scope != "local" {
			continue
		}
		name, _, _ := strings.Cut(it.Name, ".")
		switch {
		case s.latent():
			it.off("a project's files count only in a trusted folder")
		case it.Kind == inventory.SettingMode || it.Kind == inventory.SettingAllow || it.Kind == inventory.SettingSandbox || it.Kind == inventory.SettingTrust,
			it.Kind == inventory.SettingNetwork && !slices.Contains(copilotRepo, name):
			it.off("a repository may set only what limits the assistant")
		}
	}
}

func (s *state) copilotTrust() {
	if s.in.Project == "" {
		return
	}
	file := -1
	for i, l := range s.in.Layers {
		if l.Doc == nil || l.Scope != "user" {
			continue
		}
		n := l.Doc.At("/trustedFolders")
		if n == nil {
			if strings.HasSuffix(l.Path, "/config.json") {
				file = i
			}
			continue
		}
		file = i
		if s.above(n) != nil {
			s.trust(isTrusted, found{i, n}, "trustedFolders")
			return
		}
	}
	s.unrecorded(file)
}

func copilotAfter(s *state) {
	perm := s.at("/defaultPermissionMode", "user", "managed", "system")
	mode := s.at("/defaultMode", "user", "managed", "system")
	bar := s.at("/permissions/disableBypassPermissionsMode", "managed")
	s.barred = bar.is("disable")
	if perm.node != nil {
		s.copilotMode(perm, mode, bar)
	} else if mode.is("plan") {
		s.set(inventory.AutonomySuggest, s.path(mode)+" sets defaultMode to plan")
	}
	s.res.Network = "open" // the lists of addresses bind the tool that fetches, not the shell
	box := s.at("/sandbox/enabled", "user", "managed", "system")
	if box.is("true") {
		s.confine(inventory.SandboxWorkspace, s.path(box)+" sets sandbox.enabled to true")
		s.res.Network = ""
		if net := s.at("/sandbox/userPolicy/network", "user", "managed", "system"); net.node == nil {
			s.res.Network = "open"
		} else if len(net.node.Get("allowedHosts").Strings()) > 0 {
			s.res.Network = "allowlist"
		}
	}
}

func (s *state) copilotMode(perm, mode, bar found) {
	it := s.note(inventory.SettingMode, "defaultPermissionMode", perm)
	if !it.Effective {
		return
	}
	switch perm.text() {
	case "allow-all":
		if bar.is("disable") {
			it.off(s.path(bar) + " forbids it")
			s.set(inventory.AutonomyAsk, s.path(bar)+" sets permissions.disableBypassPermissionsMode, so allow-all of "+it.Path+" does not count")
			return
		}
		reason := it.reason()
		if mode.is("autopilot") {
			reason += " and defaultMode to autopilot: it goes on by itself and asks nothing"
		}
		s.set(inventory.AutonomyUnattended, reason)
	case "assisted":
		s.set(inventory.AutonomyAuto, it.reason()+": a model, not a person, answers most of what is asked")
	case "manual":
		s.set(inventory.AutonomyAsk, it.reason())
		if mode.is("plan") {
			s.set(inventory.AutonomySuggest, s.path(mode)+" sets defaultMode to plan")
		}
	default:
		s.set(inventory.AutonomyUnknown, it.reason()+", a mode that is not known here")
	}
}

func copilotServer(s *state, at serverAt, st ServerState) ServerState {
	for _, f := range s.all("/disabledMcpServers") {
		if slices.Contains(f.node.Strings(), at.name) {
			st.disable(s.path(f) + " lists it in disabledMcpServers")
		}
	}
	if at.repo() {
		switch s.trusted.state {
		case isTrusted:
			st.approved("the folder is trusted")
		case isUntrusted:
			st.Approval = Pending
			st.disable("a project's servers are loaded only in a trusted folder")
		default:
			st.Approval = Pending
			if st.Enabled {
				st.Reason = "waits for the folder's trust, which is not known here"
			}
		}
	}
	return st
}
