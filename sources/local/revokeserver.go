package local

import (
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

// server adds the step that takes a tool server out of its file.
func (b *planning) server(t *inventory.Tool) {
	f := b.serverDraft(t)
	f.action, f.summary, f.effect = revoke.ActionRemoveServer, "take tool server "+t.Name+" out of ", "the assistant starts it no more; its entry and its settings are gone"
	b.eachPlace(t, f, func(p *onDisk, d *doc.Doc, n *doc.Node, f draft) {
		b.removed[p.path] = append(b.removed[p.path], n.Pointer)
		c := change{Remove: []string{n.Pointer}}
		if d.Format == doc.Lines || n == d.Root {
			b.byHand(f, p.shown, []string{n.Pointer}, "its entry cannot be told from the rest")
			return
		}
		b.file(p, d, c, f)
	})
}

// offSwitches is how products that have a switch in a server's entry spell it, by catalogue id (facts of 2026-11-22).
// Others keep the list of what is switched off elsewhere, or have none: for them only removing is offered.
var offSwitches = map[string]setting{
	"codex": enabledOff, "opencode": enabledOff, "goose": enabledOff, "zed": enabledOff,
	"cline": disabledOn, "roo-code": disabledOn, "kilo-code": disabledOn, "windsurf": disabledOn, "amazon-q": disabledOn, "kiro": disabledOn,
	"crush": disabledOn, "factory-droid": disabledOn,
}

var (
	enabledOff = setting{Pointer: "/enabled", Kind: doc.Bool, Text: "false"}
	disabledOn = setting{Pointer: "/disabled", Kind: doc.Bool, Text: "true"}
)

// disable adds the step that switches a tool server off and keeps its entry.
func (b *planning) disable(t *inventory.Tool) {
	f := b.serverDraft(t)
	f.action, f.summary, f.effect = revoke.ActionDisableServer, "switch tool server "+t.Name+" off in ", "the assistant starts it no more; its entry stays, with the secrets in it"
	b.eachPlace(t, f, func(p *onDisk, d *doc.Doc, n *doc.Node, f draft) {
		off, ok := b.offSwitch(t, n)
		if !ok || d.Format != doc.JSON && d.Format != doc.JSONC && d.Format != doc.TOML && d.Format != doc.YAML {
			return
		}
		off.Pointer = n.Pointer + off.Pointer
		if have := d.At(off.Pointer); have != nil && have.Text == off.Text {
			return // it is off
		}
		f.summary += fmt.Sprintf(" (%s: %s)", off.Pointer, off.Text)
		b.file(p, d, change{Set: &off}, f)
	})
}

// offSwitch finds the switch in an entry: the one that stands there, or the one that the product knows.
func (b *planning) offSwitch(t *inventory.Tool, n *doc.Node) (setting, bool) {
	if n.Kind != doc.Object {
		return setting{}, false
	}
	for _, s := range []setting{enabledOff, disabledOn} {
		if _, ok := n.Get(s.Pointer[1:]).Bool(); ok {
			return s, true
		}
	}
	a := b.snap.Assistant(t.Assistant)
	if a == nil {
		return setting{}, false
	}
	s, ok := offSwitches[a.Kind]
	return s, ok
}

func (b *planning) serverDraft(t *inventory.Tool) draft {
	f := draft{layer: revoke.LayerSetting, target: t.ID, name: t.Name}
	if a := b.snap.Assistant(t.Assistant); a != nil {
		f.breaks = a.Name + " loses the tools of " + t.Name
	}
	for _, id := range t.Secrets {
		if s := b.snap.Secret(id); s != nil {
			f.residual = append(f.residual, secretName(s)+": "+b.issuer(s))
		}
	}
	return f
}

// eachPlace reads the places where a server's entry stands.
func (b *planning) eachPlace(t *inventory.Tool, f draft, do func(*onDisk, *doc.Doc, *doc.Node, draft)) {
	for _, e := range t.Evidence {
		if _, ok := b.resolve(e.Path); !ok || e.Pointer == "" {
			continue
		}
		f := f
		f.summary += e.Path
		p, err := b.open(e.Path, b.dirs)
		if err != nil {
			b.unreadable(f, e.Path, []string{e.Pointer}, err)
			continue
		}
		d, n := b.read(p, e.Pointer, e.Line)
		if n == nil {
			b.byHand(f, e.Path, []string{e.Pointer}, "its place in the file cannot be told")
			continue
		}
		do(p, d, n, f)
	}
}

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
	f := draft{
		action: revoke.ActionSetMode, layer: revoke.LayerSetting, target: a.ID, name: a.Name,
		effect:   a.Name + " asks a person again where this setting let it act alone",
		breaks:   "what runs " + a.Name + " without a person waits for one",
		residual: []string{"what it already did stays done; a session that runs keeps its mode until it is started again"},
	}
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
