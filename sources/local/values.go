package local

import (
	"context"

	"nhitop/inventory"
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
	}
	return out
}
