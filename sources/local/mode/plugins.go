package mode

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"nhitop/sources/internal/doc"
)

// Plugins that are installed from a marketplace leave copies under plugins/cache/MARKETPLACE/PLUGIN/VERSION, also of
// versions that are no longer used. By files written by Claude Code 2.1.197, Codex 0.169.0 and droid 0.225.2.

// pluginCopy is one such copy, by the path of a file in it.
type pluginCopy struct{ name, version, dir string }

// cacheHash is what droid puts behind the names of folders.
var cacheHash = regexp.MustCompile(`-[0-9a-f]{12}$`)

// pluginLayers calls f for each layer that stands in a copy, and leaves out those for which it gives a reason.
func (s *state) pluginLayers(f func(layer int, c pluginCopy) string) {
	for i, l := range s.in.Layers {
		if l.File == nil || !strings.HasPrefix(l.File.ID, "cached-plugin") {
			continue
		}
		top, below, ok := strings.Cut(l.Path, "/plugins/cache/")
		parts := strings.SplitN(below, "/", 4)
		if !ok || len(parts) < 4 {
			continue
		}
		c := pluginCopy{parts[1] + "@" + parts[0], parts[2], top + "/plugins/cache/" + strings.Join(parts[:3], "/") + "/"}
		if why := f(i, c); why != "" {
			s.ignore(i, why)
		}
	}
}

// enabledPlugin says why enabledPlugins leaves a plugin out; "" when it does not.
func (s *state) enabledPlugin(name string) string {
	for _, f := range s.all("/enabledPlugins") {
		if n := f.node.Get(name); n != nil {
			if n.Text != "true" {
				return s.path(f) + " switches the plugin off in enabledPlugins"
			}
			return ""
		}
	}
	return "no settings enable the plugin in enabledPlugins"
}

// claudePlugins: enabled by settings, and of the version that installed_plugins.json names.
func (s *state) claudePlugins() {
	s.pluginLayers(func(_ int, c pluginCopy) string {
		if why := s.enabledPlugin(c.name); why != "" {
			return why
		}
		for _, l := range s.in.Layers {
			if l.Doc == nil || l.File == nil || l.File.ID != "installed-plugins" {
				continue
			}
			list := l.Doc.At("/plugins").Get(c.name)
			if list == nil || !slices.ContainsFunc(list.Children, func(n *doc.Node) bool { return installedAs(n, c.version) }) {
				return l.Path + " does not name this version of the plugin"
			}
		}
		return ""
	})
}

// factoryPlugins: enabled by settings; each plugin has a file of its own that names the version.
func (s *state) factoryPlugins() {
	s.pluginLayers(func(_ int, c pluginCopy) string {
		plugin, market, _ := strings.Cut(c.name, "@")
		name := cacheHash.ReplaceAllString(plugin, "") + "@" + cacheHash.ReplaceAllString(market, "")
		if why := s.enabledPlugin(name); why != "" {
			return why
		}
		for _, l := range s.in.Layers {
			if l.Doc != nil && l.File != nil && l.File.ID == "installed-plugins" && textOf(l.Doc.Root, "pluginId") == name &&
				!installedAs(l.Doc.Root.Get("entry"), c.version) {
				return l.Path + " does not name this version of the plugin"
			}
		}
		return ""
	})
}

// codexPlugins: switched on in config.toml. Where plugin.json names servers, .mcp.json beside it is not read.
func (s *state) codexPlugins() {
	s.pluginLayers(func(i int, c pluginCopy) string {
		on := s.at("/plugins/"+doc.Escape(c.name)+"/enabled", "user", "managed", "system")
		if !on.is("true") {
			return "no config.toml enables the plugin under plugins"
		}
		if path.Base(s.in.Layers[i].Path) != ".mcp.json" {
			return ""
		}
		for _, l := range s.in.Layers {
			if l.Doc != nil && l.Path != s.in.Layers[i].Path && strings.HasPrefix(l.Path, c.dir) && l.Doc.At("/mcpServers") != nil {
				return l.Path + " names the plugin's servers"
			}
		}
		return ""
	})
}

// installedAs reports whether an entry of a list of installed plugins is of this version.
func installedAs(n *doc.Node, version string) bool {
	return path.Base(strings.ReplaceAll(textOf(n, "installPath"), `\`, "/")) == version
}
