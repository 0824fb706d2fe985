package mode

import (
	"nhitop/inventory"
	"nhitop/inventory/allowrule"
)

// capabilities turns the built-in capabilities of the product into what they come to in this mode.
func (s *state) capabilities() {
	d := s.in.Entry.Default
	caps := make(map[inventory.Capability]inventory.Answer, len(d.Capabilities))
	for name, answer := range d.Capabilities {
		c := inventory.Capability(name)
		caps[c] = s.capability(c, inventory.Answer(answer))
	}
	shell := caps[inventory.ExecLocal]
	// A shell writes files and reaches the network whatever the tools for that are denied.
	if a, ok := caps[inventory.WriteSource]; ok && a != inventory.Unknown && s.res.Sandbox != inventory.SandboxContainer {
		caps[inventory.WriteSource] = s.stronger(a, shell, doEdit)
	}
	if a, ok := caps[inventory.NetworkOut]; ok && a != inventory.Unknown {
		caps[inventory.NetworkOut] = s.stronger(a, shell, doFetch)
		if s.res.Network == "none" && s.res.Sandbox != inventory.SandboxNone {
			caps[inventory.NetworkOut] = inventory.No
		}
	}
	s.res.Capabilities = caps
}

// stronger is what an action comes to that has a tool of its own and can also be done in a shell.
func (s *state) stronger(own, shell inventory.Answer, do answerOf) inventory.Answer {
	if s.answers[do] == inventory.No && do == doEdit && s.res.Sandbox == inventory.SandboxWorkspace {
		return inventory.No // the sandbox holds the shell back too
	}
	if own == inventory.Yes || shell == inventory.Yes {
		return inventory.Yes
	}
	if own == inventory.Asks || shell == inventory.Asks {
		return inventory.Asks
	}
	return own
}

func (s *state) capability(c inventory.Capability, built inventory.Answer) inventory.Answer {
	if built != inventory.Asks && built != inventory.Yes {
		return built
	}
	switch c {
	case inventory.ExecLocal:
		return s.answer(doShell, allowrule.Shell, inventory.AutonomyAuto, built)
	case inventory.WriteSource:
		return s.answer(doEdit, allowrule.Edit, inventory.AutonomyAutoEdit, built)
	case inventory.NetworkOut:
		return s.answer(doFetch, allowrule.Fetch, inventory.AutonomyAuto, built)
	case inventory.ReadSource:
		return s.answer(doRead, allowrule.Read, inventory.AutonomyAuto, built)
	}
	return s.follow(built, inventory.AutonomyAuto)
}

// answer is what one class of action comes to: what a resolver found, a denial for good, or the mode.
func (s *state) answer(do answerOf, class allowrule.Class, from inventory.Autonomy, built inventory.Answer) inventory.Answer {
	if a, ok := s.answers[do]; ok {
		return a
	}
	if s.general(inventory.SettingDeny, class) != nil {
		return inventory.No
	}
	if built == inventory.Yes && do == doRead {
		return built
	}
	a := s.follow(built, from)
	if a == inventory.Yes && s.general(inventory.SettingAsk, class) != nil {
		return inventory.Asks
	}
	return a
}

// follow is the mode's answer: "asks" turns to "yes" from a grade on, and "yes" to "asks" where a file sets a mode below
// the product's default.
func (s *state) follow(built inventory.Answer, from inventory.Autonomy) inventory.Answer {
	g, d := grade(s.res.Autonomy), grade(inventory.Autonomy(s.in.Entry.Default.Autonomy))
	switch {
	case g >= grade(from):
		return inventory.Yes
	case built == inventory.Yes && g >= 0 && g < d:
		return inventory.Asks
	}
	return built
}
