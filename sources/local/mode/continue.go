package mode

import (
	"nhitop/inventory"
	"nhitop/inventory/allowrule"
)

// Continue, by its source d0a3c0b6: without a terminal every tool is allowed that permissions.yaml does not exclude.
var continueDev = resolver{after: continueAfter, shadow: true}

func continueAfter(s *state) {
	shell, edit := s.general(inventory.SettingDeny, allowrule.Shell), s.general(inventory.SettingDeny, allowrule.Edit)
	switch {
	case shell != nil && edit != nil:
		s.res.Headless, s.res.HeadlessReason = s.res.Autonomy, shell.Path+" excludes commands and edits"
	case shell != nil:
		s.res.Headless, s.res.HeadlessReason = inventory.AutonomyAutoEdit, "product default: without a terminal every tool is allowed; "+shell.Path+" excludes "+shell.Value
	}
}
