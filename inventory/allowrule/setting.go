package allowrule

import "strings"

// ParseSetting is [Parse] with the name of the setting that the rule stands in: a "*" in a list of commands is another
// thing than in the list of a tool server.
func ParseSetting(kind, name, rule string) Rule {
	s := strings.TrimSpace(rule)
	lower := strings.ToLower(name)
	if srv := serverList(name); srv != "" {
		return server(srv, s)
	}
	if _, tool, ok := strings.Cut("."+name, ".permission."); ok && kind != "" {
		if strings.HasPrefix(s, tool+"(") || s == tool {
			return Parse(kind, s)
		}
		return Parse(kind, tool+"("+s+")")
	}
	switch {
	case name == "mcpAllowlist":
		srv, tool, _ := strings.Cut(s, ":")
		return server(srv, tool)
	case strings.Contains(lower, "services") || strings.HasSuffix(lower, "dirs"):
		return Rule{Class: Other, Pattern: s}
	case strings.HasSuffix(lower, "read.allowedpaths"):
		return Rule{Class: Read, Pattern: s, Any: anything(s)}
	case strings.Contains(lower, "edits.") || strings.Contains(lower, "guardedfiles") || strings.Contains(lower, "allowedpaths"):
		return Rule{Class: Edit, Pattern: s, Any: anything(s)}
	case (strings.Contains(lower, "command") || strings.Contains(lower, "terminal")) && call.FindString(s) == "":
		return command("", s, isRegexp(kind, s), false)
	}
	return Parse(kind, s)
}

// serverList returns the tool server whose own list of tools a setting is, or "".
func serverList(name string) string {
	for _, box := range []string{"mcpServers.", "mcp.", "servers.", "context_servers."} {
		if rest, ok := strings.CutPrefix(name, box); ok {
			for _, list := range []string{".alwaysAllow", ".autoApprove", ".approvedTools"} {
				if srv, ok := strings.CutSuffix(rest, list); ok {
					return srv
				}
			}
		}
	}
	return ""
}

// WideSetting is [Wide] with the name of the setting that the rule stands in.
func WideSetting(kind, name, rule string) (bool, string) {
	return ParseSetting(kind, name, rule).wide()
}
