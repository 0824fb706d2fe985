package mode

import "nhitop/inventory"

// Cursor, editor and CLI, by its documentation of 2026-11. A deny rule wins over an allow rule.
var cursor = resolver{before: denyWins, server: cursorServer, shadow: true}

// denyWins switches off an allow rule that a deny rule takes back word for word.
func denyWins(s *state) {
	denied := map[string]string{}
	for _, it := range s.items {
		if it.rule && it.Kind == inventory.SettingDeny && it.Effective {
			denied[it.text] = it.Path
		}
	}
	for _, it := range s.items {
		if by, ok := denied[it.text]; ok && it.rule && it.Kind == inventory.SettingAllow && it.Effective {
			it.off("denied by the same rule in " + by)
		}
	}
}

func cursorServer(_ *state, at serverAt, st ServerState) ServerState {
	if at.repo() && st.Enabled {
		st.Approval, st.Reason = Pending, "needs an approval, which is kept under ~/.cursor/projects and was not read"
	}
	return st
}
