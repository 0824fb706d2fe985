package mode

import (
	"path"
	"slices"
	"strings"

	"nhitop/sources/internal/doc"
)

// claudePlugins leaves out the copies of plugins that do not count: those that no settings enable, and versions that
// installed_plugins.json does not name. By files written by 2.1.197.
func (s *state) claudePlugins() {
	for i, l := range s.in.Layers {
		if l.File == nil || !strings.HasPrefix(l.File.ID, "cached-plugin") {
			continue
		}
		if why := s.claudePlugin(l.Path); why != "" {
			s.ignore(i, why)
		}
	}
}

// claudePlugin says why the plugin of .../plugins/cache/MARKETPLACE/PLUGIN/VERSION/... does not count; "" when it does.
func (s *state) claudePlugin(file string) string {
	_, below, ok := strings.Cut(file, "/plugins/cache/")
	parts := strings.SplitN(below, "/", 4)
	if !ok || len(parts) < 4 {
		return ""
	}
	name, version := parts[1]+"@"+parts[0], parts[2]
	on := false
	for _, f := range s.all("/enabledPlugins") {
		if n := f.node.Get(name); n != nil {
			if on = n.Text == "true"; !on {
				return s.path(f) + " switches the plugin off in enabledPlugins"
			}
			break
		}
	}
	if !on {
		return "no settings enable the plugin in enabledPlugins"
	}
	for _, l := range s.in.Layers {
		if l.Doc == nil || l.File == nil || l.File.ID != "installed-plugins" {
			continue
		}
		list := l.Doc.At("/plugins").Get(name)
		if list == nil || !slices.ContainsFunc(list.Children, func(n *doc.Node) bool {
			return path.Base(strings.ReplaceAll(textOf(n, "installPath"), `\`, "/")) == version
		}) {
			return l.Path + " does not name this version of the plugin"
		}
	}
	return ""
}
