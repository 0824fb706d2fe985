package config

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory/strict"
	"nhitop/ui"
	"nhitop/ui/theme"
)

// Screen is the table [screen]: how the dashboard is drawn and which keys it has.
type Screen struct {
	Theme string              `toml:"theme"` // auto, dark, light, colour-blind, high-contrast
	ASCII bool                `toml:"ascii"`
	Mouse bool                `toml:"mouse"`
	Keys  map[string][]string `toml:"keys"` // by action
}

func (s Screen) check(name string, lines strict.Lines) []error {
	var errs []error
	if names := append([]string{"auto"}, theme.Names()...); s.Theme != "" && !slices.Contains(names, s.Theme) {
		errs = append(errs, lines.Error(name, strict.Path{"screen", "theme"}, fmt.Sprintf("must be one of %s", strings.Join(names, ", "))))
	}
	bad := ui.CheckKeys(s.Keys)
	ids := make([]string, 0, len(bad))
	for id := range bad {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		errs = append(errs, lines.Error(name, strict.Path{"screen", "keys", id}, bad[id].Error()))
	}
	return errs
}
