package mode

import (
	"path"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// OpenAI Codex, by its source (single files of 2026) and files written by 0.169.0. Approval policy and sandbox mode are two
// axes: what the sandbox lets through is not asked for.
var codex = resolver{before: codexBefore, after: codexAfter, server: codexServer, shadow: true}

// codexNotProject are the keys that a project's file may not set.
var codexNotProject = []string{"openai_base_url", "chatgpt_base_url", "model_provider", "model_providers", "notify", "profile", "profiles", "otel",
	"projects", "forced_login_method", "forced_chatgpt_workspace_id", "cli_auth_credentials_store", "mcp_oauth_credentials_store"}

func codexBefore(s *state) {
	s.codexTrust()
	s.codexPlugins()
	profile := s.codexProfile()
	for i, l := range s.in.Layers {
		name, isProfile := strings.CutSuffix(path.Base(l.Path), ".config.toml")
		switch {
		case l.Scope == "project" && s.latent():
			s.ignore(i, "a project's files count only in a trusted folder")
		case isProfile && l.Scope == "user" && name != profile:
			s.ignore(i, "the profile "+clean(name)+" is not chosen")
		}
	}
	for _, it := range s.items {
		key, _, _ := strings.Cut(strings.TrimPrefix(it.Pointer, "/"), "/")
		if it.Scope == "project" && slices.Contains(codexNotProject, key) {
			it.off("not read from a project's file")
		}
		if rest, ok := strings.CutPrefix(it.Pointer, "/profiles/"); ok && rest != profile && !strings.HasPrefix(rest, doc.Escape(profile)+"/") {
			it.off("this profile is not chosen")
		}
	}
}

// codexProfile is the profile that the user's files choose, or "".
func (s *state) codexProfile() string { return s.at("/profile", "user", "system", "managed").text() }

func (s *state) codexTrust() {
	if s.in.Project == "" {
		return
	}
	file := -1
	for i, l := range s.in.Layers {
		if l.Scope != "user" || l.Doc == nil || path.Base(l.Path) != "config.toml" {
			continue
		}
		file = i
		if n := s.above(l.Doc.At("/projects")).Get("trust_level"); n != nil {
			s.trust(n.Text, found{i, n}, "projects.trust_level")
			return
		}
	}
	s.unrecorded(file)
}

// codexKey returns the strongest value of a key: that of the chosen profile goes before the rest of its file.
func (s *state) codexKey(key string) found {
	best := s.at("/" + key)
	p := s.codexProfile()
	if p == "" {
		return best
	}
	in := s.at("/profiles/"+doc.Escape(p)+"/"+key, "user")
	if in.node != nil && (best.node == nil || s.rank(best.layer) <= s.rank(in.layer)) {
		return in
	}
	return best
}

// codexAxis is one of the two settings with what bounds it.
type codexAxis struct {
	value, reason string
	layer         int
}

// codexBound takes a value, or the default, and holds it against the list of what an administrator allows. What is not
// allowed falls back.
func (s *state) codexBound(key, list, fallback, why string, kind string) codexAxis {
	a := codexAxis{value: fallback, reason: why, layer: -1}
	if f := s.codexKey(key); f.node != nil {
		it := s.note(kind, dotted(f.node.Pointer), f)
		a = codexAxis{scalarOr(f.node), it.reason(), f.layer}
		if f.node.Kind == doc.Object {
			a.value = "granular"
		}
	}
	allowed := s.at("/"+list, "managed")
	if allowed.node == nil {
		return a
	}
	values := allowed.node.Strings()
	if slices.Contains(values, a.value) || len(values) == 0 {
		return a
	}
	next := values[0]
	if key == "sandbox_mode" {
		next = "read-only"
	}
	limit := s.path(allowed) + " does not allow " + key + " " + a.value + " (" + list + "), so it is " + clean(next)
	if a.layer >= 0 {
		f := s.codexKey(key)
		s.note(kind, dotted(f.node.Pointer), f).off(limit)
	}
	return codexAxis{value: next, reason: limit, layer: allowed.layer}
}

func codexAfter(s *state) {
	approvalDefault, sandboxDefault := "on-request", "read-only"
	why := "not set: product default for a folder that nobody decided about"
	switch {
	case s.in.Project == "":
		why = "not set: product default; each project's trust decides"
	case s.trusted.state == isTrusted || s.res.Trust.Assumed && s.trusted.state == "":
		sandboxDefault, why = "workspace-write", "not set: product default for a trusted folder"
	case s.trusted.state == isUntrusted && !s.res.Trust.Assumed:
		approvalDefault, sandboxDefault, why = "untrusted", "workspace-write", "not set: product default for an untrusted folder"
	}
	approval := s.codexBound("approval_policy", "allowed_approval_policies", approvalDefault, "approval_policy is "+why, inventory.SettingMode)
	sandbox := s.codexBound("sandbox_mode", "allowed_sandbox_modes", sandboxDefault, "sandbox_mode is "+why, inventory.SettingSandbox)
	sandbox = s.codexPermissions(sandbox)
	s.codexCombine(approval, sandbox)
	s.codexNetwork(sandbox)
	s.codexReviewer()
	s.codexHeadless(sandbox)
}

// codexPermissions reads the newer permission profiles, which stand in for sandbox_mode.
func (s *state) codexPermissions(sandbox codexAxis) codexAxis {
	f := s.codexKey("default_permissions")
	if f.node == nil || sandbox.layer >= 0 && s.rank(sandbox.layer) > s.rank(f.layer) {
		return sandbox
	}
	reason := s.path(f) + " sets default_permissions to " + show(f.node)
	switch name := strings.TrimPrefix(f.text(), ":"); {
	case strings.Contains(name, "danger") || strings.Contains(name, "full-access"):
		return codexAxis{"danger-full-access", reason, f.layer}
	case strings.Contains(name, "read-only"):
		return codexAxis{"read-only", reason, f.layer}
	}
	return codexAxis{"workspace-write", reason, f.layer}
}

// codexOutcome says what the two axes come to: what the sandbox lets through is done without asking, and the approval
// policy decides about what it does not.
var codexOutcome = map[string]map[string]struct {
	autonomy inventory.Autonomy
	words    string
}{
	"danger-full-access": {
		"never":      {inventory.AutonomyUnattended, "nothing is asked and nothing confined"},
		"on-request": {inventory.AutonomyAuto, "nothing is confined, so the assistant itself decides what to ask"},
		"untrusted":  {inventory.AutonomyAsk, "all but known harmless commands are asked for"},
	},
	"workspace-write": {
		"never":      {inventory.AutonomyUnattended, "nothing is asked; commands stay in the sandbox"},
		"on-request": {inventory.AutonomyAuto, "it edits the workspace and runs commands in the sandbox without asking, and asks to leave it"},
		"untrusted":  {inventory.AutonomyAsk, "all but known harmless commands are asked for"},
	},
	"read-only": {
		"never":      {inventory.AutonomySuggest, "nothing is asked and nothing may be written"},
		"on-request": {inventory.AutonomyAsk, "it reads, and asks before it writes"},
		"untrusted":  {inventory.AutonomyAsk, "all but known harmless commands are asked for"},
	},
}

func (s *state) codexCombine(approval, sandbox codexAxis) {
	policy := approval.value
	if policy == "on-failure" || policy == "granular" {
		policy = "on-request"
	}
	box, known := codexOutcome[sandbox.value]
	if !known {
		s.confine(inventory.SandboxUnknown, sandbox.reason+", a value that is not known here")
		s.set(inventory.AutonomyUnknown, sandbox.reason+", a value that is not known here")
		return
	}
	s.confine(inventory.SandboxWorkspace, sandbox.reason)
	if sandbox.value == "danger-full-access" {
		s.confine(inventory.SandboxNone, sandbox.reason)
	}
	out, known := box[policy]
	if !known {
		s.set(inventory.AutonomyUnknown, approval.reason+", a value that is not known here")
		return
	}
	s.set(out.autonomy, approval.reason+"; "+sandbox.reason+": "+out.words)
	if sandbox.value == "read-only" {
		// A command that only reads needs no approval, one that writes does.
		s.answers[doEdit], s.answers[doFetch] = inventory.Asks, inventory.Asks
		if policy == "never" {
			s.answers[doEdit], s.answers[doFetch], s.answers[doShell] = inventory.No, inventory.No, inventory.Yes
		}
	}
}

func (s *state) codexNetwork(sandbox codexAxis) {
	s.res.Network = "none"
	switch {
	case sandbox.value == "danger-full-access":
		s.res.Network = "open"
	case sandbox.value == "workspace-write" && s.codexKey("sandbox_workspace_write/network_access").is("true"):
		s.res.Network = "open"
	}
	p := s.codexKey("default_permissions").text()
	if p == "" {
		return
	}
	net := "/permissions/" + doc.Escape(p) + "/network/"
	if s.at(net + "enabled").is("true") {
		s.res.Network = "open"
		if d := s.at(net + "domains"); d.node != nil && d.node.Get("*") == nil {
			s.res.Network = "allowlist"
		}
	}
}

// codexReviewer: where a model answers the approval requests, nobody is asked.
func (s *state) codexReviewer() {
	f := s.codexKey("approvals_reviewer")
	if f.node == nil || f.is("user") || grade(s.res.Autonomy) < grade(inventory.AutonomyAsk) || grade(s.res.Autonomy) >= grade(inventory.AutonomyAuto) {
		return
	}
	s.set(inventory.AutonomyAuto, s.path(f)+" sets approvals_reviewer to "+show(f.node)+": a model, not a person, answers what is asked")
}

// codexHeadless: codex exec asks nobody, unless an administrator forbids that policy.
func (s *state) codexHeadless(sandbox codexAxis) {
	allowed := s.at("/allowed_approval_policies", "managed")
	if allowed.node != nil && !slices.Contains(allowed.node.Strings(), "never") {
		s.res.Headless = s.res.Autonomy
		return
	}
	if out, ok := codexOutcome[sandbox.value]["never"]; ok && grade(out.autonomy) > grade(s.res.Autonomy) {
		s.res.Headless, s.res.HeadlessReason = out.autonomy, "codex exec asks nobody (approval policy never); "+sandbox.reason
	} else {
		s.res.Headless = s.res.Autonomy
	}
}

// codexServer applies the administrator's list of servers and the approval modes of an entry.
func codexServer(s *state, at serverAt, st ServerState) ServerState {
	if at.repo() {
		switch s.trusted.state {
		case isTrusted:
			st.approved("the folder is trusted")
		default:
			st.Approval = Pending
		}
	}
	if at.node.Get("default_tools_approval_mode") != nil && at.node.Get("default_tools_approval_mode").Text == "approve" {
		st.approve("*")
	}
	if tools := at.node.Get("tools"); tools != nil {
		for _, t := range tools.Children {
			if m := t.Get("approval_mode"); m != nil && m.Text == "approve" {
				st.approve(t.Key)
			}
		}
	}
	for _, f := range s.all("/mcp_servers", "managed") {
		if path.Base(s.path(f)) != "requirements.toml" {
			continue
		}
		id := f.node.Get(at.name).Get("identity")
		if id == nil {
			st.disable(s.path(f) + " does not list it")
			continue
		}
		for _, key := range []string{"url", "command"} {
			if want := id.Get(key); want != nil && (at.node.Get(key) == nil || at.node.Get(key).Text != want.Text) {
				st.disable(s.path(f) + " lists another server of that name")
			}
		}
	}
	return st
}
