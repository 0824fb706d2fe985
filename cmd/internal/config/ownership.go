package config

import (
	"nhitop/inventory/ownership"
	"nhitop/inventory/strict"
)

// Ownership is the table [ownership]: what decides who answers for an assistant.
type Ownership struct {
	Order []string `toml:"order"` // of signs, what decides first
}

func (o Ownership) check(name string, lines strict.Lines) []error {
	if bad := ownership.Check(o.Order); bad != "" {
		return []error{lines.Error(name, strict.Path{"ownership", "order"}, bad)}
	}
	return nil
}
