package mode

import (
	"cmp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/allowrule"
	"nhitop/sources/internal/doc"
)

// override lets the strongest layer win where a setting has one value. Lists and objects add up. Files of one rank are
// different installations, or the order in which they are read is not known: none of them overrides the other.
func (s *state) override() {
	best := map[string]*item{}
	single := func(it *item) bool {
		return !it.rule && it.Effective && it.Kind != inventory.SettingHook && it.node.Kind != doc.Array && it.node.Kind != doc.Object
	}
	for _, it := range s.items {
		if !single(it) {
			continue
		}
		if b := best[it.Name]; b == nil || s.higher(it.layer, b.layer) < 0 {
			best[it.Name] = it
		}
	}
	for _, it := range s.items {
		if b := best[it.Name]; single(it) && b != nil && b.rank > it.rank {
			it.off("overridden by " + b.Path)
		}
	}
}

// saying returns the effective settings of one meaning, strongest layer first.
func (s *state) saying(means string) []*item {
	var its []*item
	for _, it := range s.items {
		if it.row != nil && it.row.Means == means && it.norm != "" && it.Effective && !it.rule {
			its = append(its, it)
		}
	}
	slices.SortFunc(its, func(a, b *item) int {
		return cmp.Or(s.higher(a.layer, b.layer), cmp.Compare(a.node.Start, b.node.Start), cmp.Compare(a.Name, b.Name))
	})
	return its
}

// normal brings the settings to the normal form: of several switches of one meaning the freest counts for autonomy and
// sandbox, the strongest layer for the rest. What nothing says is the product's default.
func (s *state) normal() {
	d := s.in.Entry.Default
	s.set(inventory.Autonomy(cmp.Or(d.Autonomy, string(inventory.AutonomyUnknown))), defaultReason(d.Why))
	s.confine(inventory.Sandbox(cmp.Or(d.Sandbox, string(inventory.SandboxUnknown))), defaultReason(""))
	s.res.Network = strings.TrimPrefix(d.Network, "unknown")
	if its := s.saying("autonomy"); len(its) > 0 {
		it := slices.MaxFunc(its, func(a, b *item) int {
			return cmp.Compare(grade(inventory.Autonomy(a.norm)), grade(inventory.Autonomy(b.norm)))
		})
		s.set(inventory.Autonomy(it.norm), it.reason())
		if it.norm == string(inventory.AutonomyUnknown) {
			s.set(inventory.AutonomyUnknown, it.reason()+", a value that is not known here")
		}
	}
	if its := s.saying("sandbox"); len(its) > 0 {
		it := slices.MinFunc(its, func(a, b *item) int { return cmp.Compare(walls(a.norm), walls(b.norm)) })
		s.confine(inventory.Sandbox(it.norm), it.reason())
	}
	if its := s.saying("network"); len(its) > 0 {
		s.res.Network = strings.TrimPrefix(its[0].norm, "unknown")
	}
	if its := s.saying("trust"); len(its) > 0 && !s.trusted.decided {
		s.trusted = trustState{state: its[0].norm}
		s.res.Trust = Trust{State: its[0].norm, Evidence: its[0].evidence()}
	}
}

// walls orders sandboxes by what they hold back; what is not known holds nothing back.
func walls(b string) int {
	return slices.Index([]string{"none", "unknown", "workspace", "container", "vm"}, b)
}

func defaultReason(why string) string {
	if why == "" {
		return "product default"
	}
	return "product default: " + why
}

// reason is one plain sentence with the file and the setting.
func (it *item) reason() string { return it.Path + " sets " + it.Name + " to " + it.Value }

func (it *item) evidence() inventory.Evidence {
	return inventory.Evidence{Path: it.Path, Pointer: it.Pointer, Line: it.Line, Note: it.Name + " = " + it.Value}
}

// ruleOf brings an allow, ask or deny rule to normal form.
func (s *state) ruleOf(it *item) allowrule.Rule {
	if of := [2]string{it.Name, it.text}; it.parsedOf != of {
		it.parsed, it.parsedOf = allowrule.ParseSetting(s.in.Entry.ID, it.Name, it.text), of
	}
	return it.parsed
}

// general returns the first effective rule of a kind that leaves a whole class through.
func (s *state) general(kind string, class allowrule.Class) *item {
	for _, it := range s.items {
		if !it.rule || it.Kind != kind || !it.Effective || aboutAddresses(it.Name) {
			continue
		}
		if r := s.ruleOf(it); r.Any && (r.Class == class || r.Class == allowrule.All) {
			return it
		}
	}
	return nil
}

// aboutAddresses tells a list of hosts, whose "*" means something else.
func aboutAddresses(name string) bool {
	n := strings.ToLower(name)
	return strings.Contains(n, "url") || strings.Contains(n, "domain") || strings.Contains(n, "host")
}

// raise lets wide allow rules count: whoever may run any command without asking is on auto, whatever the mode is called.
func (s *state) raise() {
	if s.res.Autonomy == inventory.AutonomySuggest {
		return
	}
	for _, c := range []struct {
		class allowrule.Class
		do    answerOf
		to    inventory.Autonomy
		what  string
	}{
		{allowrule.Shell, doShell, inventory.AutonomyAuto, "every command"},
		{allowrule.Edit, doEdit, inventory.AutonomyAutoEdit, "every edit"},
		{allowrule.Fetch, doFetch, inventory.AutonomySuggest, "every address"},
	} {
		allow := s.general(inventory.SettingAllow, c.class)
		if allow == nil || s.takenBack(allow, c.class) {
			continue
		}
		if _, known := s.answers[c.do]; !known {
			s.answers[c.do] = inventory.Yes
		}
		whole := s.general(inventory.SettingDeny, c.class) == nil && s.general(inventory.SettingAsk, c.class) == nil
		if whole && s.answers[c.do] == inventory.Yes && grade(s.res.Autonomy) < grade(c.to) {
			s.set(c.to, allow.Path+" allows "+c.what+" without asking ("+allow.Name+": "+allow.Value+")")
		}
	}
}

// takenBack reports whether a deny or ask rule speaks of the same tool, or of all: it goes first.
func (s *state) takenBack(allow *item, class allowrule.Class) bool {
	a := s.ruleOf(allow)
	for _, it := range s.items {
		if !it.rule || !it.Effective || it.Kind != inventory.SettingDeny && it.Kind != inventory.SettingAsk || aboutAddresses(it.Name) {
			continue
		}
		r := s.ruleOf(it)
		if r.Any && (r.Class == allowrule.All || r.Class == class && strings.EqualFold(r.Tool, a.Tool)) {
			return true
		}
	}
	return false
}

// headless says what a start without a terminal comes to where that goes further.
func (s *state) headless() {
	if s.res.Headless == "" {
		h, why := inventory.Autonomy(s.in.Entry.Default.Headless), defaultReason(s.in.Entry.Default.Why)
		if its := s.saying("headless"); len(its) > 0 {
			h, why = inventory.Autonomy(its[0].norm), its[0].reason()
		}
		if shell := s.general(inventory.SettingDeny, allowrule.Shell); shell != nil && grade(h) > grade(inventory.AutonomyAutoEdit) {
			h, why = inventory.AutonomyAutoEdit, why+"; "+shell.Path+" takes commands away ("+shell.Name+": "+shell.Value+")"
			if s.general(inventory.SettingDeny, allowrule.Edit) != nil {
				h = inventory.AutonomySuggest
			}
		}
		if grade(h) > grade(s.res.Autonomy) {
			s.res.Headless, s.res.HeadlessReason = h, why
		}
	}
	if s.res.Headless == s.res.Autonomy {
		s.res.Headless = ""
	}
}

// defaults shows the product's own value of a mode that no file sets.
func (s *state) defaults() {
	set := map[string]bool{}
	for _, it := range s.items {
		set[it.Name] = true
	}
	for i := range s.in.Entry.Files {
		for j := range s.in.Entry.Files[i].Settings {
			row := &s.in.Entry.Files[i].Settings[j]
			if row.Default == "" || strings.Contains(row.Pointer, "*") {
				continue
			}
			name := nameOf(row, row.Pointer)
			if set[name] {
				continue
			}
			set[name] = true
			s.items = append(s.items, &item{layer: -1, rank: -1, row: row, Setting: inventory.Setting{Kind: row.Kind, Name: name, Value: row.Default,
				Scope: "default", Effective: true, Why: "not set: product default"}})
		}
	}
}
