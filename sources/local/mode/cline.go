package mode

import (
	"strings"

	"nhitop/inventory"
)

// Cline, by its source 21cb8d25: what may run without asking is a set of switches, and all are on unless a file says
// otherwise.
var cline = resolver{after: clineAfter, server: clineServer}

func clineAfter(s *state) {
	if f := s.at("/yoloModeToggled"); f.is("true") {
		s.set(inventory.AutonomyUnattended, s.path(f)+" sets yoloModeToggled to true")
		return
	}
	actions := s.at("/autoApprovalSettings/actions")
	if actions.node == nil {
		return
	}
	on := func(action string) bool { n := actions.node.Get(action); return n == nil || n.Text == "true" }
	say := func(action string) string {
		if actions.node.Get(action) == nil {
			return s.path(actions) + " leaves autoApprovalSettings.actions." + action + " at its default, which is on"
		}
		return s.path(actions) + " sets autoApprovalSettings.actions." + action + " to " + show(actions.node.Get(action))
	}
	s.answers[doShell], s.answers[doEdit] = yesIf(on("executeAllCommands")), yesIf(on("editFiles"))
	switch {
	case on("executeAllCommands"):
		s.set(inventory.AutonomyAuto, say("executeAllCommands")+": every command runs without asking")
	case on("editFiles"):
		s.set(inventory.AutonomyAutoEdit, say("editFiles"))
	default:
		s.set(inventory.AutonomyAsk, say("executeAllCommands"))
	}
}

func yesIf(on bool) inventory.Answer {
	if on {
		return inventory.Yes
	}
	return inventory.Asks
}

// clineServer: the tools that an entry approves run without asking only while the switch for tool servers is on.
func clineServer(s *state, _ serverAt, st ServerState) ServerState {
	if f := s.at("/autoApprovalSettings/actions/useMcp"); f.is("false") && len(st.ApprovedTools) > 0 {
		st.ApprovedTools, st.AutoApproved = nil, false
		st.Reason = strings.TrimSpace(st.Reason + " " + s.path(f) + " switches useMcp off, so its tools ask")
	}
	return st
}
