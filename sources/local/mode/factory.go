package mode

import (
	"slices"

	"nhitop/inventory"
)

// Factory Droid, by the program 0.225.2 and the files that it writes. What a session starts with stands under
// sessionDefaultSettings; an older name at the top counts where that says nothing.
var factory = resolver{before: factoryBefore, after: factoryAfter, server: factoryServer, shadow: true}

const factorySession = "/sessionDefaultSettings"

// factoryLevels orders what maxAutonomyLevel bounds.
var factoryLevels = []string{"off", "low", "medium", "high"}

var factoryModes = map[string]inventory.Autonomy{
	"off": inventory.AutonomyAsk, "low": inventory.AutonomyAutoEdit, "medium": inventory.AutonomyAuto, "high": inventory.AutonomyUnattended,
}

// factoryOld are the words of autonomyMode, which says interaction and level in one.
var factoryOld = map[string]string{"normal": "off", "auto-low": "low", "auto-medium": "medium", "auto-high": "high"}

func factoryBefore(s *state) {
	s.factoryTrust()
	s.factoryPlugins()
	for _, it := range s.items {
		if it.Kind == inventory.SettingRule && (it.Scope == "project" || it.Scope == "local") && s.latent() {
			it.off("a project's permissionRules count only in a trusted folder")
		}
	}
}

// factoryTrust reads trustedFolders, an object keyed by folder in the user's settings.
func (s *state) factoryTrust() {
	if s.in.Project == "" {
		return
	}
	file := -1
	for i, l := range s.in.Layers {
		if l.Doc == nil || l.File == nil || l.File.ID != "user-settings" || l.Scope != "user" {
			continue
		}
		file = i
		if n := s.above(l.Doc.At("/trustedFolders")); n != nil {
			s.trust(isTrusted, found{i, n}, "trustedFolders")
			return
		}
	}
	s.unrecorded(file)
}

func factoryAfter(s *state) {
	f, level := s.factoryLevel()
	if level == "" {
		return
	}
	it := s.note(inventory.SettingMode, dotted(pointerOf(f.node)), f)
	a, known := factoryModes[level]
	if level == "spec" {
		a, known = inventory.AutonomySuggest, true
	}
	if !known {
		s.set(inventory.AutonomyUnknown, it.reason()+", a value that is not known here")
		return
	}
	s.set(a, it.reason())
	top := s.at("/maxAutonomyLevel", "managed")
	if most := slices.Index(factoryLevels, top.text()); most >= 0 && most < slices.Index(factoryLevels, level) {
		s.set(factoryModes[top.text()], it.reason()+"; "+s.path(top)+" allows "+top.text()+" at most (maxAutonomyLevel)")
	}
}

// factoryLevel returns the value that decides and the level that it comes to; "" where no file says anything.
func (s *state) factoryLevel() (found, string) {
	for _, pointer := range []string{factorySession + "/interactionMode", factorySession + "/autonomyLevel", factorySession + "/autonomyMode", "/autonomyMode", "/autonomyLevel"} {
		f := s.at(pointer)
		level := f.text()
		if now, ok := factoryOld[level]; ok {
			level = now
		}
		if level == "" || level == "auto" { // interactionMode auto leaves it to the level
			continue
		}
		return f, level
	}
	return found{}, ""
}

// factoryServer: the question about trust stands in the terminal's interface alone; droid exec and droid mcp start a
// repository's servers without it.
func factoryServer(s *state, at serverAt, st ServerState) ServerState {
	if at.repo() && st.Enabled {
		switch s.trusted.state {
		case isTrusted:
			st.approved("the folder is trusted")
		default:
			st.Approval, st.Reason = Pending, "waits for the folder's trust; droid exec starts it all the same"
		}
	}
	for _, f := range s.all("/persistentPermissions/servers") {
		if f.node.Get(at.name) != nil {
			st.approve("*")
		}
	}
	for _, f := range s.all("/persistentPermissions/tools") {
		if tools := f.node.Get(at.name); tools != nil {
			for _, t := range tools.Children {
				st.approve(t.Key)
			}
		}
	}
	return st
}
