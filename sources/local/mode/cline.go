package mode

import (
	"strings"

	"nhitop/inventory"
)

// Cline, by its source 21cb8d25 and the program 3.0.65. The program keeps one switch for all tools in
// global-settings.json; the extension keeps a set of them in globalState.json. All are on unless a file says otherwise.
var cline = resolver{after: clineAfter, server: clineServer}

func clineAfter(s *state) {
	if f := s.at("/yoloModeToggled"); f.is("true") {
		s.set(inventory.AutonomyUnattended, s.path(f)+" sets yoloModeToggled to true")
		return
	}
	actions := s.at("/autoApprovalSettings/actions")
	if actions.node == nil {
		s.clineProgram()
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

// clineProgram says what the program's own settings come to, where the extension's switches say nothing.
func (s *state) clineProgram() {
	all, plan := s.at("/toolAutoApprove"), s.at("/planActMode")
	if all.is("false") {
		s.answers[doShell], s.answers[doEdit] = inventory.Asks, inventory.Asks
		s.set(inventory.AutonomyAsk, s.path(all)+" sets toolAutoApprove to false")
		s.res.Headless = inventory.AutonomyAsk // it holds for a start without a terminal too
	}
	if plan.is("plan") {
		s.set(inventory.AutonomySuggest, s.path(plan)+" sets planActMode to plan")
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
