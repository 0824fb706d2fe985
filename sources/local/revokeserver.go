package local

import (
	"fmt"

	"nhitop/inventory"
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
			text, ends := b.outlives(s)
			f.residual, f.ends, f.ties = append(f.residual, text), append(f.ends, ends...), append(f.ties, revoke.Tie{What: text, To: id})
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
