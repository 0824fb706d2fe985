package local

import (
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

// autonomyRank orders the normal form of modes.
var autonomyRank = map[string]int{"suggest": 1, "ask": 2, "auto-edit": 3, "auto": 4, "unattended": 5}

// mode adds the steps that turn an assistant back to asking.
func (b *planning) mode(a *inventory.Assistant) {
	if b.o.Catalogue == nil {
		return
	}
	entry := b.o.Catalogue.Assistant(a.Kind)
	if entry == nil {
		return
	}
	seen := map[string]bool{}
	for _, s := range a.Settings {
		if s.Path == "" || s.Pointer == "" || seen[s.Path+" "+s.Pointer] {
			continue
		}
		seen[s.Path+" "+s.Pointer] = true
		if row := b.rowOf(entry, s); row != nil {
			b.turnBack(a, s, row)
		}
	}
	if len(b.steps) == 0 && autonomyRank[string(a.Autonomy)] > autonomyRank["auto-edit"] {
		b.sayIt(a, entry)
	}
}

// sayIt adds the setting that asks to a file that leaves it at a default which does not ask.
func (b *planning) sayIt(a *inventory.Assistant, entry *catalogue.Assistant) {
	for _, e := range a.Evidence {
		path, ok := b.resolve(e.Path)
		if !ok {
			continue
		}
		for i := range entry.Files {
			if !matchesPlace(entry.Files[i].AllPaths(), path) {
				continue
			}
			for j := range entry.Files[i].Settings {
				row := &entry.Files[i].Settings[j]
				if row.Means == "autonomy" && row.Safe != "" && autonomyRank[row.Values[row.Safe]] == autonomyRank["ask"] && !strings.Contains(row.Pointer, "*") && b.insert(a, e.Path, row) {
					return
				}
			}
		}
	}
}

func (b *planning) insert(a *inventory.Assistant, shown string, row *catalogue.Setting) bool {
	p, err := b.open(shown, b.dirs)
	if err != nil {
		return false
	}
	above := row.Pointer[:max(strings.LastIndexByte(row.Pointer, '/'), 0)]
	var d *doc.Doc
	for _, f := range b.formats(p.path)[:1] { // what the catalogue says of the place
		if d, err = doc.ParseLimits(f, p.data, docLimits); err != nil {
			return false
		}
	}
	if d == nil || d.At(above) == nil || d.At(above).Kind != doc.Object || d.At(row.Pointer) != nil {
		return false
	}
	f := modeDraft(a)
	f.summary = fmt.Sprintf("set %s to %s in %s, which leaves it at a default that does not ask", strings.ReplaceAll(row.Pointer[1:], "/", "."), row.Safe, shown)
	kind := doc.String
	if row.Safe == "true" || row.Safe == "false" {
		kind = doc.Bool
	}
	b.file(p, d, change{Set: &setting{Pointer: row.Pointer, Kind: kind, Text: row.Safe}}, f)
	return true
}

const keepsMode = "a session that runs keeps its mode until it is started again"

func modeDraft(a *inventory.Assistant) draft {
	return draft{
		action: revoke.ActionSetMode, layer: revoke.LayerSetting, target: a.ID, name: a.Name,
		effect:   a.Name + " asks a person again where this setting let it act alone",
		breaks:   "what runs " + a.Name + " without a person waits for one",
		residual: []string{"what it already did stays done", keepsMode}, ends: []revoke.Ending{{What: keepsMode}},
	}
}

// rowOf finds what the catalogue says of a setting, if it can be turned back.
func (b *planning) rowOf(entry *catalogue.Assistant, s inventory.Setting) *catalogue.Setting {
	path, ok := b.resolve(s.Path)
	if !ok {
		return nil
	}
	for i := range entry.Files {
		f := &entry.Files[i]
		if !matchesPlace(f.AllPaths(), path) {
			continue
		}
		for j := range f.Settings {
			row := &f.Settings[j]
			if (row.Safe != "" || row.Ask && row.Kind == inventory.SettingMode) && matchesPointer(row.Pointer, s.Pointer) &&
				(row.Kind == inventory.SettingMode || row.Kind == inventory.SettingAllow) {
				return row
			}
		}
	}
	return nil
}

func matchesPointer(pattern, pointer string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(pointer, "/")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != have[i] {
			return false
		}
	}
	return true
}

// turnBack adds the step for one setting, unless it already asks at least as much.
func (b *planning) turnBack(a *inventory.Assistant, s inventory.Setting, row *catalogue.Setting) {
	f := modeDraft(a)
	f.summary = fmt.Sprintf("set %s to %s in %s", s.Name, row.Safe, s.Path)
	if row.Safe == "" {
		f.summary = fmt.Sprintf("take %s out of %s, so that it asks", s.Name, s.Path)
	}
	p, err := b.open(s.Path, b.dirs)
	if err != nil {
		b.unreadable(f, s.Path, []string{s.Pointer}, err)
		return
	}
	d, n := b.read(p, s.Pointer, s.Line)
	if n == nil || n.Kind == doc.Object || n.Kind == doc.Array && row.Safe != "" {
		return
	}
	if n.Text == row.Safe && row.Safe != "" {
		return
	}
	if have, safe := autonomyRank[row.Values[n.Text]], autonomyRank[row.Values[row.Safe]]; have != 0 && have <= max(safe, autonomyRank["ask"]) {
		return
	}
	if len(row.Values) == 0 && n.Kind != doc.Bool { // what its values mean is not known
		return
	}
	if row.Safe == "" {
		b.file(p, d, change{Remove: []string{n.Pointer}}, f)
		return
	}
	kind := doc.String
	if n.Kind == doc.Bool && (row.Safe == "true" || row.Safe == "false") {
		kind = doc.Bool
	}
	b.file(p, d, change{Set: &setting{Pointer: n.Pointer, Kind: kind, Text: row.Safe}}, f)
}
