package mode

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// maxItems bounds the settings of one assistant: a hostile file may hold hundreds of thousands of rules.
const maxItems = 5000

// notRules are lists beside the permission rules that hold no rules: folders, or the tools that are offered at all.
var notRules = map[string]bool{"permissions.additionalDirectories": true, "tools.core": true, "coreTools": true}

// gather finds every setting that a row of the catalogue names, in every layer.
func (s *state) gather() {
	for i := range s.in.Layers {
		l := &s.in.Layers[i]
		if l.Doc == nil || l.File == nil {
			continue
		}
		for j := range l.File.Settings {
			row := &l.File.Settings[j]
			for _, n := range s.match(i, row.Pointer) {
				s.take(i, row, n)
			}
		}
	}
}

// match is Doc.Match, without what belongs to other projects.
func (s *state) match(layer int, pattern string) []*doc.Node {
	l := &s.in.Layers[layer]
	ns := l.Doc.Match(pattern)
	for _, p := range l.File.Projects {
		if pattern != p.Pointer && !strings.HasPrefix(pattern, p.Pointer+"/") {
			continue
		}
		key := s.project(layer, p.Pointer)
		var mine []*doc.Node
		for _, n := range ns {
			if key != nil && (n.Pointer == key.Pointer || strings.HasPrefix(n.Pointer, key.Pointer+"/")) {
				mine = append(mine, n)
			}
		}
		return mine
	}
	return ns
}

// project returns this project's member of the object whose members are projects, or nil. pattern ends in "/*".
func (s *state) project(layer int, pattern string) *doc.Node {
	if s.in.Project == "" {
		return nil
	}
	object := s.in.Layers[layer].Doc.At(strings.TrimSuffix(pattern, "/*"))
	if object == nil {
		return nil
	}
	if s.in.ProjectKey != nil {
		return s.in.ProjectKey(object)
	}
	return object.Get(s.in.Project)
}

// take adds what one node says. Rules come one by one, so that each can be shown, judged and taken out alone.
func (s *state) take(layer int, row *catalogue.Setting, n *doc.Node) {
	name, kind := nameOf(row, n.Pointer), row.Kind
	if notRules[name] {
		kind = inventory.SettingOther
	}
	switch kind {
	case inventory.SettingAllow, inventory.SettingAsk, inventory.SettingDeny:
		switch n.Kind {
		case doc.Array:
			for _, c := range n.Children {
				s.rule(layer, row, kind, name, c, scalarOr(c))
			}
			return
		case doc.Object:
			s.takeMap(layer, row, name, n)
			return
		case doc.String:
			if row.Means == "" && actionKind(n) == "" {
				s.rule(layer, row, kind, name, n, n.Text)
				return
			}
		}
	}
	it := s.add(layer, kind, name, n, show(n))
	if it == nil {
		return
	}
	it.row, it.Why = row, row.Why
	if row.Means != "" {
		it.norm = row.Values[scalarOr(n)]
		if it.norm == "" {
			it.norm = row.Values["*"]
		}
	}
}

// takeMap reads rules written as an object: {"git push *": "deny"}, {"/.*/": true}.
func (s *state) takeMap(layer int, row *catalogue.Setting, name string, n *doc.Node) {
	if whole := s.add(layer, inventory.SettingMode, name, n, show(n)); whole != nil {
		whole.row, whole.Why = row, row.Why
	}
	for _, c := range n.Children {
		if kind := actionKind(c); kind != "" {
			s.rule(layer, row, kind, name, c, c.Key)
		}
	}
}

// actionKind reads what a map of rules says about one of them.
func actionKind(n *doc.Node) string {
	v := n
	if n.Kind == doc.Object {
		if v = n.Get("approve"); v == nil {
			v = n.Get("default")
		}
	}
	if v == nil {
		return ""
	}
	switch v.Text {
	case "allow", "true", "always_allow", "always":
		return inventory.SettingAllow
	case "ask", "false", "confirm", "ask_before", "prompt":
		return inventory.SettingAsk
	case "deny", "never_allow", "never", "reject":
		return inventory.SettingDeny
	}
	return ""
}

// rule adds one rule.
func (s *state) rule(layer int, row *catalogue.Setting, kind, name string, n *doc.Node, text string) *item {
	it := s.add(layer, kind, name, n, clean(text))
	if it == nil {
		return nil
	}
	it.row, it.rule, it.text = row, true, text
	if row != nil {
		it.Why = row.Why
	}
	return it
}

// add makes a setting of a node, or returns nil when there are too many.
func (s *state) add(layer int, kind, name string, n *doc.Node, value string) *item {
	if len(s.items) >= maxItems {
		return nil
	}
	l := s.in.Layers[layer]
	it := &item{layer: layer, rank: s.rank(layer), node: n, Setting: inventory.Setting{Kind: kind, Name: cleanName(name), Value: value, Scope: l.Scope,
		Effective: true, Path: l.Path, Pointer: pointerOf(n), Line: n.Line}}
	s.items = append(s.items, it)
	return it
}

// note finds the setting at a place, or adds it, for a resolver that has something to say about it.
func (s *state) note(kind, name string, f found) *item {
	for _, it := range s.items {
		if it.layer == f.layer && it.node == f.node && !it.rule {
			it.Name = name
			return it
		}
	}
	if it := s.add(f.layer, kind, name, f.node, show(f.node)); it != nil {
		return it
	}
	return &item{node: f.node} // beyond the bound: judged, not shown
}

// off marks a setting as without effect.
func (it *item) off(why string) { it.Effective, it.Why = false, why }

// ignore says that nothing in a layer counts.
func (s *state) ignore(layer int, why string) {
	if s.ignored[layer] == "" {
		s.ignored[layer] = why
	}
}

func (s *state) dropIgnored() {
	for _, it := range s.items {
		if why := s.ignored[it.layer]; why != "" {
			it.off(why)
		}
	}
}
