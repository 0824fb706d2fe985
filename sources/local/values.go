package local

import (
	"context"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

// Values implements revoke.Keeper.
func (s *Source) Values(ctx context.Context, x *inventory.Secret, snap *inventory.Snapshot) []inventory.Value {
	return s.revoker().Values(ctx, x, snap)
}

var _ revoke.Keeper = (*Source)(nil)

// Values reads what stands now in the places of a secret, in files alone.
func (r *Revoker) Values(ctx context.Context, x *inventory.Secret, snap *inventory.Snapshot) []inventory.Value {
	var out []inventory.Value
	dirs := r.within(snap)
	for _, l := range x.Locations {
		if ctx.Err() != nil {
			return nil
		}
		if l.Scope != inventory.ScopeUser && l.Scope != inventory.ScopeRepo && l.Scope != "" {
			continue
		}
		if _, ok := r.resolve(l.Path); !ok {
			continue
		}
		p, err := r.open(l.Path, dirs)
		if err != nil {
			continue
		}
		d, n := r.read(p, l.Pointer, l.Line)
		if n == nil {
			continue
		}
		for _, m := range matches(d, n, x, l) {
			out = append(out, m.Value)
		}
		if d.Format != doc.Text && n.Text != "" {
			out = append(out, inventory.NewValue(n.Text))
		}
		if d.Format == doc.Text && l.Line > 0 { // a script's variable, which only its name tells
			out = append(out, valuesOfLine(n, l.Line)...)
		}
	}
	return out
}

func valuesOfLine(n *doc.Node, line int) (out []inventory.Value) {
	at := lineStart(n.Text, line-n.Line)
	if at < 0 {
		return nil
	}
	text, _, _ := strings.Cut(n.Text[at:], "\n")
	for _, m := range credential.Find(text, credential.Context{Position: credential.PositionConfig}) {
		out = append(out, m.Value)
	}
	return out
}
