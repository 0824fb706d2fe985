package mode

import (
	"path"
	"strings"

	"nhitop/inventory"
)

// Claude Code, by code.claude.com of 2026-08-22 and files written by 2.1.197.
var claude = resolver{before: claudeBefore, after: claudeAfter, server: claudeServer, shadow: true}

// claudePerson are the scopes whose files a repository cannot bring.
var claudePerson = []string{"user", "local", "managed"}

func claudeBefore(s *state) {
	s.claudeManaged()
	s.claudeTrust()
	s.claudePlugins()
	managedOnly := s.at("/allowManagedPermissionRulesOnly", "managed").is("true")
	managedHooks := s.at("/allowManagedHooksOnly", "managed").is("true")
	noHooks := s.at("/disableAllHooks").is("true")
	for _, it := range s.items {
		switch {
		case it.rule && managedOnly && it.Scope != "managed":
			it.off("the managed settings let only managed rules count")
		case it.rule && it.Kind == inventory.SettingAllow && it.Scope == "project":
			s.claudeProjectRule(it)
		case it.Kind == inventory.SettingHook && noHooks && it.Name != "disableAllHooks":
			it.off("disableAllHooks is set")
		case it.Kind == inventory.SettingHook && managedHooks && it.Scope != "managed":
			it.off("the managed settings let only managed hooks run")
		case it.Name == "skipDangerousModePermissionPrompt" && it.Scope == "project":
			it.off("not read from a project file")
		case strings.HasPrefix(it.Name, "allowManaged") && it.Scope != "managed":
			it.off("read from managed settings only")
		}
		if it.Kind == inventory.SettingHook && it.Pointer != "" {
			it.Name = claudeHook(it)
		}
		if it.Name == "disabledMcpjsonServers" && it.Effective {
			it.Why = "a rejection wins over enableAll"
		}
		if it.Name == "apiKeyHelper" && it.Effective {
			it.Why = "its output is used in place of the stored login"
		}
		s.claudeCommand(it)
	}
}

// claudeCommand says when a command of a project that is not trusted runs: with claude -p it does.
func (s *state) claudeCommand(it *item) {
	if !s.latent() || !it.Effective || it.Scope != "project" || it.Kind != inventory.SettingHook && it.Kind != inventory.SettingHelper {
		return
	}
	if strings.HasSuffix(it.Pointer, "/headersHelper") {
		it.off("waits for trust, and the folder is not trusted")
		return
	}
	it.Why = "waits for trust in a terminal; claude -p runs it without"
}

// claudeHook names a hook by its event.
func claudeHook(it *item) string {
	if rest, ok := strings.CutPrefix(it.Pointer, "/hooks/"); ok {
		event, _, _ := strings.Cut(rest, "/")
		return "hooks." + event
	}
	return it.Name
}

func (s *state) claudeProjectRule(it *item) {
	switch s.trusted.state {
	case isTrusted:
		it.Why = "folder trusted"
	case isUntrusted:
		it.off("an allow rule of a project waits for trust, and the folder is not trusted")
	default:
		it.Why = "counts once the folder is trusted; whether it is, is not known here"
	}
}

// claudeManaged keeps the first managed source that sets anything: the server's before the files.
func (s *state) claudeManaged() {
	remote := -1
	for i, l := range s.in.Layers {
		if l.Scope == "managed" && path.Base(l.Path) == "remote-settings.json" && l.Doc != nil && l.Doc.Root != nil {
			for _, c := range l.Doc.Root.Children {
				if c.Key != "$schema" {
					remote = i
				}
			}
		}
	}
	if remote < 0 {
		return
	}
	for i, l := range s.in.Layers {
		if l.Scope == "managed" && i != remote && path.Base(l.Path) != "managed-mcp.json" {
			s.ignore(i, "the policy from the server comes first: "+s.in.Layers[remote].Path)
		}
	}
}

// claudeTrust reads the answer to the trust dialog, kept per project in the user's state file.
func (s *state) claudeTrust() {
	if s.in.Project == "" {
		return
	}
	file := -1
	for i, l := range s.in.Layers {
		if l.Doc == nil || l.File == nil || l.File.ID != "state" {
			continue
		}
		file = i
		key := s.project(i, "/projects/*")
		n := key.Get("hasTrustDialogAccepted")
		if n == nil {
			continue
		}
		state := isUntrusted
		if n.Text == "true" {
			state = isTrusted
		}
		s.trust(state, found{i, n}, "hasTrustDialogAccepted")
		return
	}
	s.unrecorded(file)
}

func claudeAfter(s *state) {
	s.claudeMode()
	s.claudeSandbox()
	s.claudeHeadless()
}

var claudeModes = map[string]inventory.Autonomy{"default": inventory.AutonomyAsk, "manual": inventory.AutonomyAsk, "plan": inventory.AutonomySuggest,
	"acceptEdits": inventory.AutonomyAutoEdit, "auto": inventory.AutonomyAuto, "dontAsk": inventory.AutonomyAsk,
	"bypassPermissions": inventory.AutonomyUnattended}

// claudeMode finds the mode that a session starts in. It is not the strongest file alone: a repository may not choose
// auto, and may choose bypassPermissions only where the folder is trusted.
func (s *state) claudeMode() {
	const pointer, name = "/permissions/defaultMode", "permissions.defaultMode"
	d := s.in.Entry.Default
	s.set(inventory.AutonomyAsk, defaultReason(d.Why))
	decided := ""
	for _, f := range s.all(pointer) {
		it, scope := s.note(inventory.SettingMode, name, f), s.in.Layers[f.layer].Scope
		switch {
		case decided != "":
			it.off("overridden by " + decided)
		case scope != "user" && scope != "managed" && f.is("auto"):
			it.off("auto is ignored in a project's files")
		case scope == "project" && s.latent():
			it.off("the folder is not trusted; it counts with claude -p, which asks for no trust")
			s.claudeLatent(it, f)
		default:
			decided = it.Path
			s.claudeChosen(it, f, scope)
		}
	}
}

// claudeLatent notes what an untrusted project's mode comes to without a terminal.
func (s *state) claudeLatent(it *item, f found) {
	a, ok := claudeModes[f.text()]
	if ok && !(a == inventory.AutonomyUnattended && s.claudeNoBypass() != nil) {
		s.res.Headless, s.res.HeadlessReason = a, "claude -p asks for no trust, and "+it.reason()
	}
}

// claudeNoBypass returns the setting that forbids bypassPermissions, or nil.
func (s *state) claudeNoBypass() *item {
	f := s.at("/permissions/disableBypassPermissionsMode")
	if !f.is("disable") {
		return nil
	}
	return s.note(inventory.SettingManaged, "permissions.disableBypassPermissionsMode", f)
}

func (s *state) claudeChosen(it *item, f found, scope string) {
	it.Effective = true
	a, known := claudeModes[f.text()]
	switch {
	case !known:
		s.set(inventory.AutonomyUnknown, it.reason()+", a mode that is not known here")
		return
	case a != inventory.AutonomyUnattended:
		s.set(a, it.reason())
		if f.is("dontAsk") {
			s.set(a, it.reason()+": what no rule allows is refused without a question")
		}
		return
	}
	if no := s.claudeNoBypass(); no != nil {
		it.off(no.Path + " forbids bypassPermissions")
		s.set(inventory.AutonomyAsk, no.Path+" sets "+no.Name+", so bypassPermissions of "+it.Path+" does not count")
		return
	}
	reason := it.reason()
	if scope == "project" {
		it.Why = "project beats user; bypassPermissions (unlike auto) may come from project settings; deny/ask rules still apply"
		if s.trusted.state == "" {
			reason += " (counts once the folder is trusted, which is not known here)"
		}
	}
	skip := s.at("/skipDangerousModePermissionPrompt", claudePerson...)
	if !skip.is("true") {
		skip = s.at("/bypassPermissionsModeAccepted", "user")
	}
	if skip.is("true") {
		reason += ", and its warning was accepted for good in " + s.path(skip)
	} else {
		reason += "; the CLI shows a warning first"
	}
	s.set(inventory.AutonomyUnattended, reason+"; ask and deny rules still act")
}

// claudeSandbox joins the sandbox with the mode: by default its commands need no approval.
func (s *state) claudeSandbox() {
	on := s.at("/sandbox/enabled")
	if !on.is("true") {
		s.confine(inventory.SandboxNone, "product default")
		if on.node != nil {
			s.confine(inventory.SandboxNone, s.path(on)+" sets sandbox.enabled to false")
		}
		s.res.Network = "open"
		return
	}
	reason := s.path(on) + " sets sandbox.enabled to true"
	out := s.at("/sandbox/allowUnsandboxedCommands")
	if s.res.Autonomy == inventory.AutonomyUnattended && !out.is("false") {
		reason += "; commands may still leave it without asking, because allowUnsandboxedCommands is not false"
	}
	s.confine(inventory.SandboxWorkspace, reason)
	s.res.Network = "allowlist"
	for _, f := range s.all("/sandbox/network/allowedDomains") {
		for _, host := range f.node.Strings() {
			if host == "*" {
				s.res.Network = "open"
			}
		}
	}
	if s.at("/sandbox/autoAllowBashIfSandboxed").is("false") || s.res.Autonomy == inventory.AutonomySuggest {
		return
	}
	if grade(s.res.Autonomy) < grade(inventory.AutonomyAuto) {
		s.set(inventory.AutonomyAuto, s.res.AutonomyReason+"; commands in the sandbox run without asking (sandbox.autoAllowBashIfSandboxed is not false)")
	}
}

// claudeHeadless says what claude -p does without trust: servers, hooks, env and helpers of the project run.
func (s *state) claudeHeadless() {
	if s.in.Project == "" || s.res.HeadlessReason != "" {
		return
	}
	var what []string
	for _, f := range s.all("/mcpServers", "project") {
		if len(f.node.Children) > 0 {
			what = append(what, "every server of "+s.path(f))
			break
		}
	}
	for _, w := range []struct{ kind, text string }{{inventory.SettingHook, "project hooks"}, {inventory.SettingHelper, "helper commands"}} {
		for _, it := range s.items {
			if it.Kind == w.kind && it.Effective && it.Scope == "project" && !strings.HasSuffix(it.Pointer, "/headersHelper") {
				what = append(what, w.text)
				break
			}
		}
	}
	if len(what) > 0 {
		s.res.HeadlessReason = "claude -p starts " + strings.Join(what, ", ") + " without trust or approval"
	}
}
